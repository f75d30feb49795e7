"""Keeps a worker from files that only tell of others: the kernel's Landlock, where it has it.

A worker of a container sees no file of the machine anyway. But /proc and /sys count what earlier
workers did (processor time, page faults, forks), by which one test could tell the next something.

Source of the numbers: linux/landlock.h; the rules: Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os
import stat
import struct

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every processor
_VERSION = 1  # a flag: which version there is
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
_COUNTING = {"proc", "sys"}
_HARMLESS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of Landlock in this kernel; 0 where it has none."""
    return max(int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION)), 0)


def hide_counters() -> None:
    """In a fresh worker: nothing below /proc and /sys can be read but what is harmless.

    What the worker starts is held to it as well. Without Landlock nothing happens.

    Raises:
        OSError: The kernel has Landlock and refuses the rules.
    """
    if not version():
        return
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, struct.pack("=Q", _READ), 8, 0))
    with os.scandir("/") as entries:
        readable = [entry.path for entry in entries if entry.name not in _COUNTING]
    for path in (*readable, *_HARMLESS):
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:  # a dangling link
            continue
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", _READ if is_folder else _READ_FILE, descriptor)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
        os.close(descriptor)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
