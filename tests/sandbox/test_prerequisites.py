import msgspec
import pytest

from autograder.sandbox.prerequisites import Check, Engine, Machine, check_prerequisites, judge

ENGINE = Engine(
    version="28.0.1",
    runc="1.2.5",
    cgroup="2",
    seccomp=True,
    missing_limits=(),
    nvidia=False,
    images={"numpy": "sha256:" + "a" * 64},
)
GOOD = Machine(engine=ENGINE, bubblewrap="", landlock=7, free_bytes={"/tmp": 50 * 10**9})


def check(machine: Machine, name: str, required: tuple[str, ...] = ("numpy",)) -> Check:
    return next(c for c in judge(machine, required) if c.name == name)


def with_engine(**changes: object) -> Machine:
    return msgspec.structs.replace(GOOD, engine=msgspec.structs.replace(ENGINE, **changes))


def test_nothing_is_wrong_with_a_good_machine() -> None:
    assert [c for c in judge(GOOD) if c.ok is False] == []


BAD = [
    ("Docker engine", msgspec.structs.replace(GOOD, engine=None, engine_problem="refused")),
    ("container limits", with_engine(missing_limits=("memory", "swap"))),
    ("seccomp", with_engine(seccomp=False)),
    ("image numpy", with_engine(images={})),
    ("seccomp profile", msgspec.structs.replace(GOOD, profile_problem="line 3: no comma")),
    ("disk /tmp", msgspec.structs.replace(GOOD, free_bytes={"/tmp": 10**6})),
]


@pytest.mark.parametrize(("name", "machine"), BAD)
def test_what_is_wrong_is_named_once_with_its_remedy(name: str, machine: Machine) -> None:
    wrong = [c for c in judge(machine) if c.ok is False]
    assert [c.name for c in wrong] == [name]
    assert wrong[0].remedy


@pytest.mark.parametrize("machine", [GOOD, *(machine for _, machine in BAD)])
def test_what_is_good_needs_no_remedy_and_names_are_unique(machine: Machine) -> None:
    checks = list(judge(machine))
    assert all(not c.remedy for c in checks if c.ok)
    assert len({c.name for c in checks}) == len(checks)
    assert all(c.found for c in checks)


def test_an_image_that_no_assignment_names_is_only_reported() -> None:
    assert check(GOOD, "image torch-cpu").ok is None
    assert check(GOOD, "image torch-cpu", ("numpy", "torch-cpu")).ok is False
    assert check(GOOD, "image torch-cpu").remedy == "make images TARGETS=torch-cpu"


def test_the_cuda_image_is_mentioned_only_where_it_could_run_or_is_asked_for() -> None:
    def mentioned(machine: Machine, required: tuple[str, ...] = ()) -> bool:
        return "image torch-cuda" in [c.name for c in judge(machine, required)]

    assert not mentioned(GOOD)
    assert mentioned(with_engine(nvidia=True))
    assert mentioned(GOOD, ("torch-cuda",))


def test_a_missing_gpu_runtime_is_no_fault() -> None:
    assert check(GOOD, "GPU runtime").ok is None
    assert check(with_engine(nvidia=True), "GPU runtime").ok is True


@pytest.mark.parametrize(
    ("version", "ok"),
    [("1.1.5+ds1", None), ("1.1.11", None), ("1.1.12", True), ("1.2.0-rc.1", True), ("", None)],
)
def test_a_runc_with_the_known_leak_is_reported(version: str, ok: bool | None) -> None:
    """Distributions mend old versions without a new number: no ground to refuse."""
    assert check(with_engine(runc=version), "runc").ok is ok


@pytest.mark.parametrize(("seen", "ok"), [(None, None), ("not permitted", None), ("", True)])
def test_bubblewrap_is_wanted_but_not_needed(seen: str | None, ok: bool | None) -> None:
    machine = msgspec.structs.replace(GOOD, bubblewrap=seen)
    assert check(machine, "bubblewrap").ok is ok


@pytest.mark.parametrize(("version", "ok"), [(0, None), (1, True)])
def test_landlock_is_wanted_but_not_needed(version: int, ok: bool | None) -> None:
    machine = msgspec.structs.replace(GOOD, landlock=version)
    assert check(machine, "Landlock").ok is ok


def test_without_an_engine_the_remedy_starts_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    first, *others = check_prerequisites()
    assert first.name == "Docker engine"
    assert first.ok is False
    assert "engine.sh" in first.remedy
    assert {c.name for c in others} >= {"seccomp profile", "bubblewrap"}


@pytest.mark.docker
@pytest.mark.usefixtures("client")
def test_this_machine_can_grade_in_docker() -> None:
    checks = {c.name: c for c in check_prerequisites()}
    for name in ("Docker engine", "container limits", "seccomp", "seccomp profile"):
        assert checks[name].ok, checks[name]
