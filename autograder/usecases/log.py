"""The log of a batch: one JSON line per event, for machines that watch."""

import logging
from pathlib import Path

import structlog
from structlog.typing import Processor

from autograder.errors import ConfigurationError
from autograder.reports.text import to_json


def log_to(path: Path) -> None:
    """Append every event of this program to the file; raises ConfigurationError if it cannot be.

    The modules that have something to say use `logging`, which stays silent without this.
    """
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as problem:
        raise ConfigurationError(f"--log-file {path}: {problem}") from problem
    before: list[Processor] = [
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(
        formatter(
            foreign_pre_chain=before,
            processors=[
                formatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=to_json),
            ],
        )
    )
    logger = logging.getLogger("autograder")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
