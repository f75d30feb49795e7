"""The card as NVML sees it, read only; and a stand-in where there is none."""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MIB = 2**20


class Card:
    """The first GPU; nothing of it is ever changed."""

    def __init__(self) -> None:
        import pynvml

        self._nvml: Any = pynvml
        pynvml.nvmlInit()
        self._handle = pynvml.nvmlDeviceGetHandleByIndex(0)

    def name(self) -> str:
        """As NVML calls it."""
        name = self._nvml.nvmlDeviceGetName(self._handle)
        return name.decode() if isinstance(name, bytes) else str(name)

    def total(self) -> int:
        """Bytes of memory."""
        return int(self._nvml.nvmlDeviceGetMemoryInfo(self._handle).total)

    def used(self) -> int:
        """Bytes of memory in use, by whomever."""
        return int(self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used)

    def busy(self) -> float:
        """Percent of the last sample period in which some kernel was running."""
        return float(self._nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu)

    def processes(self) -> int:
        """How many processes have a context."""
        return len(self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle))


class StandIn:
    """For machines without a card: no memory, and the processor's load as the card's."""

    def __init__(self) -> None:
        self._before = _processor_times()

    def name(self) -> str:
        """Says what it is."""
        return "a stand-in for a card"

    def total(self) -> int:
        """None."""
        return 0

    def used(self) -> int:
        """None."""
        return 0

    def busy(self) -> float:
        """Percent of the processors' time that was not idle since the last question."""
        (idle, everything), before = _processor_times(), self._before
        self._before = (idle, everything)
        return 100.0 * (1.0 - (idle - before[0]) / max(everything - before[1], 1))

    def processes(self) -> int:
        """None."""
        return 0


class Sampler:
    """Asks the card ten times a second while a block runs."""

    def __init__(self, card: Card | StandIn) -> None:
        self._card = card
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._samples: list[tuple[float, float, int]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def busy(self, begin: float = 0.0) -> float:
        """Mean percent since `begin` (of time.monotonic)."""
        values = [busy for at, busy, _ in self._samples if at >= begin]
        return sum(values) / len(values) if values else 0.0

    def most_memory(self) -> int:
        """Bytes."""
        return max((used for _, _, used in self._samples), default=0)

    def _sample(self) -> None:
        while not self._stop.wait(0.1):
            self._samples.append((time.monotonic(), self._card.busy(), self._card.used()))


def settled(card: Card | StandIn, baseline: int, seconds: float = 8.0) -> int:
    """MiB above the baseline, once they are under 64 or the seconds are over."""
    end = time.monotonic() + seconds
    while (above := (card.used() - baseline) // MIB) > 64 and time.monotonic() < end:
        time.sleep(0.1)
    return int(above)


def _processor_times() -> tuple[int, int]:
    numbers = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return numbers[3] + numbers[4], sum(numbers)
