"""Places where a submission runs: Docker containers, or child processes where there is no engine."""
