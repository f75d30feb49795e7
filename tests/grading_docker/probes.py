"""Runs in a container: tries system calls on x86-64 and prints the errno of each, 0 for success."""

import ctypes
import errno
import json
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
DEVICE = 0o020600  # a character device
NULL_DEVICE = 1 << 8 | 3

CALLS = {
    "io_uring_setup": (425, 1, 0),
    "io_uring_enter": (426, -1, 0, 0, 0),
    "io_uring_register": (427, -1, 0, 0, 0),
    "ptrace": (101, 0, 0, 0, 0),  # PTRACE_TRACEME
    "process_vm_readv": (310, os.getpid(), 0, 0, 0, 0, 0),
    "process_vm_writev": (311, os.getpid(), 0, 0, 0, 0, 0),
    "bpf": (321, 0, 0, 0),
    "keyctl": (250, 0, -3, 0, 0, 0),
    "add_key": (248, b"user", b"name", b"x", 1, -3),
    "request_key": (249, b"user", b"name", 0, -3),
    "userfaultfd": (323, 1),
    "perf_event_open": (298, 0, 0, -1, -1, 0),
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "umount2": (166, b"/tmp", 0),
    "pivot_root": (155, b"/tmp", b"/tmp"),
    "chroot": (161, b"/tmp"),
    "unshare": (272, 0x10000000),
    "setns": (308, 0, 0),
    "kexec_load": (246, 0, 0, 0, 0),
    "kexec_file_load": (320, -1, -1, 0, 0, 0),
    "init_module": (175, 0, 0, b""),
    "finit_module": (313, -1, b"", 0),
    "delete_module": (176, b"nothing", 0),
    "personality": (135, 0xFFFFFFFF),
    "open_by_handle_at": (304, 0, 0, 0),
    "pidfd_getfd": (438, -1, 0, 0),
    "open_tree": (428, AT_FDCWD, b"/tmp", 0),
    "fsopen": (430, b"tmpfs", 0),
    "clone3": (435, 0, 0),
    "clone NEWUSER": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone NEWNS": (56, 0x00020000 | 17, 0, 0, 0, 0),
    "clone NEWPID": (56, 0x20000000 | 17, 0, 0, 0, 0),
    "clone NEWNET": (56, 0x40000000 | 17, 0, 0, 0, 0),
    "clone NEWIPC": (56, 0x08000000 | 17, 0, 0, 0, 0),
    "clone NEWUTS": (56, 0x04000000 | 17, 0, 0, 0, 0),
    "clone NEWCGROUP": (56, 0x02000000 | 17, 0, 0, 0, 0),
    "mknod of a device": (133, b"/tmp/device", DEVICE, NULL_DEVICE),
    "mknodat of a device": (259, AT_FDCWD, b"/tmp/device", DEVICE, NULL_DEVICE),
    "socket INET": (41, 2, 1, 0),
    "socket INET6": (41, 10, 1, 0),
    "socket NETLINK": (41, 16, 3, 0),
    "socket PACKET": (41, 17, 3, 0),
    "socket ALG": (41, 38, 5, 0),
    "socket VSOCK": (41, 40, 1, 0),
    "setpriority of a user": (141, 2, 0, 19),
    "setpriority of another": (141, 0, 1, 19),
    "sched_setaffinity of another": (203, 1, 8, b"\1" + bytes(7)),
    "preadv2 NOWAIT": (327, 0, 0, 0, 0, 0, 8),
    "cachestat": (451, 0, 0, 0, 0),
    "x32 getpid": (0x40000000 | 39,),
}
# mov eax, 20 (getpid); int 0x80; ret
ENTER_32_BIT_KERNEL = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"


def outcome(number: int, *arguments: int | bytes) -> int:
    """The errno in a child of its own, which may be killed for asking."""
    typed = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    child = os.fork()
    if child == 0:
        result = libc.syscall(ctypes.c_long(number), *typed)
        os._exit(ctypes.get_errno() if result == -1 else 0)
    return ended(child)


def call_32_bit() -> int:
    child = os.fork()
    if child == 0:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(ENTER_32_BIT_KERNEL)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        os._exit(0 if result > 0 else min(-result, 255))
    return ended(child)


def ended(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else errno.EPERM  # killed by a signal


print(json.dumps({**{k: outcome(*v) for k, v in CALLS.items()}, "32-bit getpid": call_32_bit()}))
