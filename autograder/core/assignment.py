"""What an assignment asks for and what its submissions may use."""

from pathlib import Path

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one submission may use; all of it enforced outside the student's reach.

    Times are wall-clock seconds in which the student's code was running; those of the processor
    are the sum over all cores and processes, and without a limit of their own they are bounded by
    wall-clock seconds times `cpus`.
    """

    test_seconds: float = 10.0
    submission_seconds: float = 60.0
    test_cpu_seconds: float | None = None
    submission_cpu_seconds: float | None = None
    memory_mb: int = 1024
    cpus: float = 1.0
    processes: int = 64
    open_files: int = 256
    scratch_mb: int = 64
    scratch_files: int = 1024
    reply_mb: int = 64
    upload_mb: int = 20
    gpu_memory_mb: int | None = None
    """Of each GPU; None: the share that `Resources.gpus` is."""


class Resources(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The image a submission runs in and the GPUs it gets (fractions share a GPU)."""

    image: str = "numpy"
    gpus: float = 0.0

    @property
    def gpu_share(self) -> float:
        """The part of each of its GPUs that a submission has."""
        return min(self.gpus, 1.0)


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One homework: its folder holds `assignment.toml`, `master.py`, `hidden/`, `mutants.toml`."""

    slug: str
    title: str
    component: str
    folder: Path
    requires: tuple[str, ...]
    """Names a submission must define; the ones it lacks fail their tests."""
    main: str = ""
    """The module that is graded where it is not the notebook: `reproduce.py`."""
    limits: Limits = Limits()
    resources: Resources = Resources()

    @property
    def suite(self) -> Path:
        """The folder of hidden tests."""
        return self.folder / "hidden"
