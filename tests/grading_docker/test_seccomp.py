"""The seccomp profile on its own: every other protection of a container would let these through."""

import json
import platform
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import ImageMissing
from autograder.sandbox.images import TARGETS, find_image, seccomp_profile

PROBES = Path(__file__).with_name("probes.py").read_text()
NUMERICS = Path(__file__).with_name("numerics.py").read_text()

DENIED = (
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "bpf",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "perf_event_open",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "personality",
    "open_by_handle_at",
    "pidfd_getfd",
    "open_tree",
    "fsopen",
    "clone NEWUSER",
    "clone NEWNS",
    "clone NEWPID",
    "clone NEWNET",
    "clone NEWIPC",
    "clone NEWUTS",
    "clone NEWCGROUP",
    "mknod of a device",
    "mknodat of a device",
    "socket INET",
    "socket INET6",
    "socket NETLINK",
    "socket PACKET",
    "socket ALG",
    "socket VSOCK",
    "setpriority of a user",
    "setpriority of another",
    "sched_setaffinity of another",
    "preadv2 NOWAIT",
    "cachestat",
)
# What gets through where no profile stands in the way: here a failing test would be noticed.
OPEN_WITHOUT_PROFILE = ("ptrace", "personality", "socket INET", "socket NETLINK")
EPERM, ENOSYS = 1, 38


def run(client: Any, image: str, program: str, *options: str) -> str:
    output: bytes = client.containers.run(
        image,
        ["-c", program],
        entrypoint=["python3"],
        remove=True,
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": "size=64m,mode=1777"},
        cap_drop=["ALL"],
        ipc_mode="none",
        security_opt=["no-new-privileges", *options],
    )
    return output.decode()


@pytest.fixture(scope="module")
def confined(client: Any, numpy_image: str) -> dict[str, int]:
    probed = run(client, numpy_image, PROBES, f"seccomp={seccomp_profile()}")
    return dict(json.loads(probed))


@pytest.fixture(scope="module")
def unconfined(client: Any, numpy_image: str) -> dict[str, int]:
    return dict(json.loads(run(client, numpy_image, PROBES, "seccomp=unconfined")))


x86_only = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the probes know the system call numbers of x86-64"
)


@pytest.mark.docker
@x86_only
@pytest.mark.parametrize("call", DENIED)
def test_a_dangerous_system_call_is_refused(confined: dict[str, int], call: str) -> None:
    assert confined[call] == EPERM


@pytest.mark.docker
@x86_only
def test_clone3_seems_not_to_exist_so_that_the_c_library_takes_clone(
    confined: dict[str, int],
) -> None:
    assert confined["clone3"] == ENOSYS


@pytest.mark.docker
@x86_only
@pytest.mark.parametrize("door", ["32-bit getpid", "x32 getpid"])
def test_other_calling_conventions_do_not_lead_around_the_profile(
    confined: dict[str, int], door: str
) -> None:
    assert confined[door] != 0


@pytest.mark.docker
@x86_only
@pytest.mark.parametrize("call", OPEN_WITHOUT_PROFILE)
def test_the_probe_notices_when_no_profile_is_there(unconfined: dict[str, int], call: str) -> None:
    assert unconfined[call] == 0


@pytest.mark.docker
def test_numerics_threads_and_processes_work_in_every_image_that_is_built(
    client: Any, numpy_image: str
) -> None:
    images = [numpy_image]
    for target in TARGETS[1:]:
        try:
            images.append(find_image(client, target))
        except ImageMissing:
            continue
    for image in images:
        assert run(client, image, NUMERICS, f"seccomp={seccomp_profile()}") == "fine\n"


def test_the_profile_denies_what_it_does_not_name() -> None:
    assert json.loads(seccomp_profile())["defaultAction"] == "SCMP_ACT_ERRNO"


def test_no_system_call_is_both_allowed_without_condition_and_denied() -> None:
    rules = json.loads(seccomp_profile())["syscalls"]
    allowed = [
        n for r in rules if r["action"] == "SCMP_ACT_ALLOW" and "args" not in r for n in r["names"]
    ]
    conditional = {n for r in rules if "args" in r for n in r["names"]}
    denied = {n for r in rules if r["action"] == "SCMP_ACT_ERRNO" for n in r["names"]}
    assert len(allowed) == len(set(allowed))
    assert set(allowed).isdisjoint(conditional | denied)
    assert conditional.isdisjoint(denied)
