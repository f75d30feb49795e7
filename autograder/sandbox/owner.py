"""Names processes for good, so that what a killed one leaves is told from what a living one has."""

import socket
from pathlib import Path


def owner_of(pid: int) -> str:
    """`host:pid:start`, by the process's start time; `host:pid:dead` once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return f"{socket.gethostname()}:{pid}:dead"
    return f"{socket.gethostname()}:{pid}:{fields[19]}"


def is_gone(owner: str) -> bool:
    """The process of this name was one of this host, and has ended."""
    host, pid, _ = owner.rsplit(":", 2)
    return host == socket.gethostname() and owner_of(int(pid)) != owner
