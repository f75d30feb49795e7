# ruff: noqa: F401 (what the ways use)
import ctypes
import errno
import fcntl
import os
import re
import socket
import struct
import threading
import time
from pathlib import Path

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NOTHING = [None] * 64


def number(bits, count):
    """The first bits as an integer."""
    return int("".join(str(int(bit)) for bit in bits[:count]), 2)


def bits_of(value, count):
    """`number` undone; nothing is known of the others."""
    return [int(bit) for bit in f"{value:0{count}b}"[-count:]] + [None] * (64 - count)


def areas():
    """All memory of this process that can be written to."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
        if found and not line.endswith(("[vvar]", "[vsyscall]")):
            start, end = (int(text, 16) for text in found.groups())
            yield ctypes.string_at(start, end - start)


def search(mark):
    """64 bits behind the mark, as doubles, wherever they lie in this process's memory."""
    needle = struct.pack("d", mark)
    for memory in areas():
        at = memory.find(needle)
        while at >= 0:
            values = np.frombuffer(memory[at + 8 : at + 8 + 512].ljust(512), float)
            if np.isin(values, (0.0, 1.0)).all():
                return [int(value) for value in values]
            at = memory.find(needle, at + 1)
    return NOTHING


def refused(action, *arguments):
    """Whether the system does not let it be done."""
    try:
        action(*arguments)
    except (OSError, ValueError):
        return True
    return False
