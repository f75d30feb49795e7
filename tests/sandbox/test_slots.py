"""Which submission gets which GPU, and who waits."""

import threading

import pytest

from autograder.core.assignment import Limits, Resources
from autograder.errors import SandboxFailed
from autograder.sandbox.base import Launcher, Sandbox
from autograder.sandbox.local import LocalLauncher, bubblewrap_arguments, environment
from autograder.sandbox.slots import Slot, SlotLauncher, cut


@pytest.mark.parametrize(
    ("devices", "gpus", "slots"),
    [
        ("01", 1.0, (("0",), ("1",))),
        ("01", 0.5, (("0",), ("1",), ("0",), ("1",))),
        ("0", 0.1, (("0",),) * 10),
        ("0", 0.3, (("0",),) * 3),
        ("0", 0.7, (("0",),)),
        ("0123", 2.0, (("0", "1"), ("2", "3"))),
        ("012", 2.0, (("0", "1"),)),
        ("0", 2.0, ()),
        ("", 0.5, ()),
    ],
)
def test_devices_are_exclusive_unless_a_fraction_is_asked_for(
    devices: str, gpus: float, slots: tuple[Slot, ...]
) -> None:
    assert cut(tuple(devices), gpus) == slots


class Failing(LocalLauncher):
    """Starts nothing the first time."""

    failed = False

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        if not self.failed:
            self.failed = True
            raise SandboxFailed("no sandbox today")
        return super().start(limits, resources)


def start(launcher: Launcher) -> Sandbox:
    return launcher.start(Limits(), Resources())


def test_whoever_finds_no_free_slot_waits_for_one() -> None:
    launcher = SlotLauncher([LocalLauncher()])
    first, second = start(launcher), []
    waiting = threading.Thread(target=lambda: second.append(start(launcher)))
    waiting.start()
    waiting.join(0.2)
    assert not second
    first.close()
    waiting.join()
    second[0].close()


def test_a_slot_comes_back_once_however_often_its_sandbox_is_closed() -> None:
    launcher = SlotLauncher([LocalLauncher()])
    sandbox = start(launcher)
    sandbox.close()
    sandbox.close()
    assert launcher._free.qsize() == 1


def test_a_sandbox_that_does_not_start_leaves_its_slot() -> None:
    launcher = SlotLauncher([Failing()])
    with pytest.raises(SandboxFailed):
        start(launcher)
    start(launcher).close()


def test_a_local_sandbox_sees_the_devices_of_its_slot_and_a_cpu_one_sees_none() -> None:
    assert environment(("1", "GPU-8f3c"))["CUDA_VISIBLE_DEVICES"] == "1,GPU-8f3c"
    assert environment(())["CUDA_VISIBLE_DEVICES"] == ""
    arguments = bubblewrap_arguments(Limits(), "/scratch", "cuda", ("1",))
    assert arguments[arguments.index("CUDA_VISIBLE_DEVICES") + 1] == "1"
