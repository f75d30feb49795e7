"""Where a submission runs: a Docker container, or a child process where there is no engine."""
