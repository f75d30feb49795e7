"""Making an assignment and proving its hidden suite."""
