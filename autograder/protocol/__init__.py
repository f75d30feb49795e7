"""What crosses the trust border: typed messages, plain data, framed bytes. Never pickle."""
