"""The command line: each command parses, calls one use case, renders."""

from autograder.cli.main import main

__all__ = ["main"]
