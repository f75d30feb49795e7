"""Real databases: an SQLite file, and a private PostgreSQL cluster where its server is installed."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_names = itertools.count()


def _server_binary(name: str) -> str | None:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The socket folder of a running private cluster, whose superuser is `grader`."""
    initdb, pg_ctl, psql = (_server_binary(name) for name in ("initdb", "pg_ctl", "psql"))
    if not (initdb and pg_ctl and psql):
        pytest.skip("no PostgreSQL server: install it (Debian: apt-get install postgresql)")
    # The server refuses to run as root. A Unix socket's path must be short.
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            stdout=subprocess.DEVNULL,
        ) if os.geteuid() == 0 else subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL
        )

    data = str(folder / "data")
    try:
        run(initdb, "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
        server = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run(pg_ctl, "-D", data, "-o", server, "-l", str(folder / "log"), "-w", "start")
        try:
            yield str(folder)
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path}/grades.db"


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """A new, empty database of the private cluster."""
    name = f"grades{next(_names)}"
    subprocess.run(
        [
            str(_server_binary("psql")),
            *("-h", postgresql, "-U", "grader", "-d", "postgres", "-qc", f"CREATE DATABASE {name}"),
        ],
        check=True,
    )
    return f"postgresql://grader@/{name}?host={postgresql}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))
