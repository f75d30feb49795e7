"""Real databases: an SQLite file, and a private PostgreSQL cluster where a server is installed."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # as which the server refuses to run
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)

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
