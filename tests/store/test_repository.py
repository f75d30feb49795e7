"""The ledger in real databases: what is appended stays, once, in order, whatever happens."""

import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from autograder.core.ledger import ExamMark, Graded, graded_key, key
from autograder.core.results import Provenance, SubmissionResult
from autograder.errors import StoreError
from autograder.store import Repository
from autograder.store.engine import connect
from autograder.store.schema import metadata

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from autograder.core.ledger import ExamMark
from autograder.store import Repository

url, who, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Repository.open(url) as ledger:
    for i in range(first, last):
        at = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(seconds=i)
        if ledger.append(ExamMark(at=at, by="owner", student=who, mark=i % 11)):
            print(i, flush=True)
"""

ASKER = """
import sys
from autograder.store import Repository
with Repository.open(sys.argv[1]) as ledger:
    print(ledger.secret().hex())
"""


def mark(i: int = 0, student: str = "kim") -> ExamMark:
    return ExamMark(at=NOON + timedelta(seconds=i), by="owner", student=student, mark=5.0)


def graded(student: str = "kim", digest: str = "d", **fields: object) -> Graded:
    result = SubmissionResult(
        assignment="p1",
        student=student,
        digest=digest,
        provenance=Provenance(isolation="docker", suite_digest="s", image_digest="i"),
        **fields,  # type: ignore[arg-type]
    )
    return Graded(at=NOON, by="autograder", attempt=1, result=result)


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_events_come_back_in_the_order_they_were_written(url: str) -> None:
    events = [mark(3), graded(), mark(1), mark(2, student="ada")]
    with Repository.open(url) as ledger:
        assert [ledger.append(event) for event in events] == [True] * 4
        assert list(ledger.events()) == events
    with Repository.open(url) as ledger:
        assert list(ledger.events()) == events
        assert list(ledger.events(student="ada")) == [events[3]]
        assert list(ledger.events(assignment="p1")) == [events[1]]


def test_more_events_than_a_page_come_back_in_order(sqlite_url: str) -> None:
    events = [mark(i) for i in range(450)]
    with Repository.open(sqlite_url) as ledger:
        for event in events:
            ledger.append(event)
        assert list(ledger.events()) == events


def test_a_second_delivery_is_absorbed(url: str) -> None:
    late = Graded(at=NOON + timedelta(days=1), by="other", attempt=7, result=graded().result)
    with Repository.open(url) as ledger:
        assert ledger.append(graded())
        assert not ledger.append(late)
        assert list(ledger.events()) == [graded()]


def test_the_retry_of_an_ungraded_submission_is_not_absorbed(url: str) -> None:
    real = graded()
    with Repository.open(url) as ledger:
        assert ledger.append(graded(fault="engine down"))
        assert not ledger.has(key(real))
        assert ledger.append(real)


def test_work_that_is_in_the_ledger_is_known_before_it_is_done_again(url: str) -> None:
    wanted = graded_key(
        assignment="p1", student="kim", digest="d", suite_digest="s", image_digest="i"
    )
    with Repository.open(url) as ledger:
        assert not ledger.has(wanted)
        ledger.append(graded())
        assert ledger.has(wanted)


def test_names_and_messages_that_no_database_likes_are_kept(url: str) -> None:
    """NUL and lone surrogates, as a student's file name or exception may hold."""
    event = graded(student="caf\udce9\0", rejection="bad \ud800 and \0 and '; DROP TABLE events")
    with Repository.open(url) as ledger:
        assert ledger.append(event)
        assert not ledger.append(event)
        [kept] = ledger.events(student="caf\udce9\0")
        assert key(kept) == key(event)


def test_an_event_that_could_not_be_read_again_is_refused_and_the_ledger_stays_readable(
    url: str,
) -> None:
    with Repository.open(url) as ledger:
        ledger.append(mark())
        with pytest.raises(StoreError, match=r"Graded event of kim: .*it was not written"):
            ledger.append(graded(seconds=nan))
        assert list(ledger.events()) == [mark()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "UPDATE course_secret SET value = ''",
        "DELETE FROM course_secret",
    ],
)
def test_what_is_written_cannot_be_changed_or_removed(url: str, statement: str) -> None:
    with Repository.open(url) as ledger:
        ledger.append(mark())
        secret = ledger.secret()
        engine = connect(url)
        with pytest.raises(DBAPIError, match="is append-only"), engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        assert list(ledger.events()) == [mark()]
        assert ledger.secret() == secret


def test_sqlite_cannot_be_made_to_replace_a_row(sqlite_url: str, tmp_path: Path) -> None:
    """INSERT OR REPLACE fires no DELETE trigger."""
    with Repository.open(sqlite_url) as ledger:
        ledger.append(mark())
        secret = ledger.secret()
        with sqlite3.connect(tmp_path / "grades.db") as connection:
            connection.execute(f"REPLACE INTO events VALUES (9, '{key(mark())}', 'x', 'x', '{{}}')")
            connection.execute("REPLACE INTO events VALUES (1, 'other', 'x', 'x', '{}')")
            connection.execute("REPLACE INTO course_secret VALUES (1, x'00')")
        connection.close()
        assert list(ledger.events()) == [mark()]
        assert ledger.secret() == secret


def test_postgresql_cannot_be_truncated(postgresql_url: str) -> None:
    with Repository.open(postgresql_url) as ledger:
        ledger.append(mark())
        engine = connect(postgresql_url)
        with pytest.raises(DBAPIError, match="is append-only"), engine.begin() as connection:
            connection.execute(text("TRUNCATE events"))
        engine.dispose()


def test_a_ledger_is_for_its_owner_alone_to_read(sqlite_url: str, tmp_path: Path) -> None:
    with Repository.open(sqlite_url) as ledger:
        ledger.append(mark())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes["grades.db"] == 0o600
        assert set(modes.values()) == {0o600}


def test_processes_that_append_the_same_events_at_once_write_each_once(url: str) -> None:
    """They also race to create the schema."""
    writers = [start(WRITER, url, "kim", 0, 100) for _ in range(3)]
    outputs = [writer.communicate()[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sorted(int(i) for output in outputs for i in output) == list(range(100))
    with Repository.open(url) as ledger:
        assert len(list(ledger.events())) == 100


def test_processes_that_ask_for_the_secret_at_once_get_one(url: str) -> None:
    askers = [start(ASKER, url) for _ in range(4)]
    secrets = {asker.communicate()[0].strip() for asker in askers}
    assert len(secrets) == 1
    assert len(bytes.fromhex(secrets.pop())) == 32


def test_what_a_killed_writer_was_told_is_saved_is_saved(url: str) -> None:
    """SIGKILL in the middle of a stream of appends; then the next writer goes on."""
    writer = start(WRITER, url, "kim", 0, 5_000)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.communicate()[0].splitlines()]
    assert writer.returncode == -signal.SIGKILL
    with Repository.open(url) as ledger:
        saved = [round((event.at - NOON).total_seconds()) + 12 * 3600 for event in ledger.events()]
        # At most the one append under way may be there without having been acknowledged.
        assert saved in (acknowledged, [*acknowledged, len(acknowledged)])
        assert ledger.append(mark(-1))


def test_sqlite_reaches_the_disk_at_every_commit(sqlite_url: str) -> None:
    with Repository.open(sqlite_url):
        engine = connect(sqlite_url)
        with engine.connect() as connection:
            pragmas = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def test_the_migrations_lead_to_the_schema_in_the_code(url: str) -> None:
    Repository.open(url).close()
    engine = connect(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("revision", ["9999", "0000"])
def test_a_database_of_another_schema_is_refused_and_left_alone(url: str, revision: str) -> None:
    """Whether a newer version or a mishap made it, nobody can tell."""
    Repository.open(url).close()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    with pytest.raises(StoreError, match=f"schema '{revision}' is none .* upgrade this one; else"):
        Repository.open(url)
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert version.scalar_one() == revision
    engine.dispose()


def test_an_event_that_this_version_does_not_know_is_named(url: str) -> None:
    with Repository.open(url) as ledger:
        engine = connect(url)
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO events (key, student, payload) VALUES ('k', 's', :p)"),
                {"p": msgspec.json.encode({"event": "leaderboard"}).decode()},
            )
        engine.dispose()
        with pytest.raises(StoreError, match="event 1 cannot be read"):
            list(ledger.events())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look at " * 20)
    with pytest.raises(StoreError, match=r"notes\.txt: file is not a database; check"):
        Repository.open(f"sqlite:///{tmp_path}/notes.txt")


def test_missing_folders_are_created(tmp_path: Path) -> None:
    Repository.open(f"sqlite:///{tmp_path}/results/2025/grades.db").close()
    assert (tmp_path / "results" / "2025" / "grades.db").is_file()


def test_nothing_but_a_complete_ledger_ever_stands_at_its_path(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Several processes make it at once; none of their own files is left."""
    makers = [start(ASKER, sqlite_url) for _ in range(4)]
    path = tmp_path / "grades.db"
    while any(maker.poll() is None for maker in makers):
        if path.exists():
            assert path.stat().st_size >= 4096
    assert len({maker.communicate()[0] for maker in makers}) == 1
    assert [left.name for left in tmp_path.iterdir()] == ["grades.db"]


@pytest.mark.parametrize("content", [b"", b"S"])
def test_a_file_that_was_cut_off_is_no_new_ledger(
    sqlite_url: str, tmp_path: Path, content: bytes
) -> None:
    """A new secret and an empty gradebook would take the place of the course's."""
    (tmp_path / "grades.db").write_bytes(content)
    with pytest.raises(StoreError, match=f"a file of {len(content)} bytes is no ledger: .*remove"):
        Repository.open(sqlite_url)
    assert (tmp_path / "grades.db").read_bytes() == content


def test_a_ledger_that_is_removed_or_replaced_in_the_middle_is_noticed(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Nothing is written into a file that nobody will find again, nor into the wrong one."""
    path = tmp_path / "grades.db"
    with Repository.open(sqlite_url) as ledger:
        ledger.append(mark(1))
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreError, match=r"was removed while .*\. Nothing was written"):
            ledger.append(mark(2))
        with pytest.raises(StoreError, match=r"is gone, but not grades\.db-wal"):
            Repository.open(sqlite_url)
        assert not path.exists(), "no new one is begun"
        path.touch()
        with pytest.raises(StoreError, match="was replaced while"):
            ledger.append_all([mark(2), mark(3)])
        path.unlink()
        (tmp_path / "away.db").rename(path)
        assert ledger.append(mark(2)), "it is back"
        assert list(ledger.events()) == [mark(1), mark(2)]


def test_a_ledger_that_goes_while_it_is_written_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "grades.db"
    with Repository.open(sqlite_url) as ledger:
        ledger.append(mark(1))
        raw = ledger._engine.raw_connection()
        raw.create_function("gone", 0, path.unlink)
        raw.execute("CREATE TRIGGER t BEFORE INSERT ON events BEGIN SELECT gone(); END")
        raw.close()
        with pytest.raises(StoreError, match=r"removed while .*\. What was written last is lost"):
            ledger.append(mark(2))


def test_several_events_are_written_together_or_not_at_all(url: str) -> None:
    with Repository.open(url) as ledger:
        ledger.append(mark(1))
        assert ledger.append_all([mark(1), mark(2), mark(3)]) == 2
        with pytest.raises(StoreError, match="Graded event of kim"):
            ledger.append_all([mark(4), graded(seconds=nan)])
        engine = connect(url)
        guard = "CREATE UNIQUE INDEX one_ada ON events (student) WHERE student = 'ada'"
        with engine.begin() as connection:
            connection.execute(text(guard))
        engine.dispose()
        with pytest.raises(StoreError):
            ledger.append_all([mark(5), mark(6, "ada"), mark(7, "ada"), mark(8)])
        assert list(ledger.events()) == [mark(1), mark(2), mark(3)]


def test_on_a_full_disk_all_events_are_written_or_none(disk: Any) -> None:
    """And it is said which."""
    with Repository.open(f"sqlite:///{disk.folder}/grades.db") as ledger:
        ledger.append(mark())
        disk.fill()
        with pytest.raises(StoreError, match=r"disk is full.*; nothing was written"):
            ledger.append_all([mark(i, "x" * 1000) for i in range(1, 300)])
        disk.free()
        assert list(ledger.events()) == [mark()]


def test_a_secret_that_is_gone_is_not_renewed_once_something_was_graded(url: str) -> None:
    """Another secret gives everybody other hidden inputs; a roster alone needs none yet."""
    with Repository.open(url) as ledger:
        ledger.append(mark())
        secret = ledger.secret()
        ledger.append(graded())
        assert ledger.secret() == secret
        engine = connect(url)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.execute(text("DROP TRIGGER course_secret_no_delete"))
            else:
                connection.execute(text("ALTER TABLE course_secret DISABLE TRIGGER ALL"))
            connection.execute(text("DELETE FROM course_secret"))
        engine.dispose()
        with pytest.raises(StoreError, match="secret is gone"):
            ledger.secret()


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_the_file_alone_holds_everything_once_no_command_runs(
    sqlite_url: str, tmp_path: Path, end: str
) -> None:
    """After a killed command, once another one has opened the ledger."""
    writer = start(WRITER, sqlite_url, "kim", 0, 40 if end == "closed" else 10**6)
    assert writer.stdout is not None
    for _ in range(40):
        writer.stdout.readline()
    if end == "killed":
        writer.kill()
    writer.communicate()
    with Repository.open(sqlite_url) as ledger:
        written = list(ledger.events())
    assert [path.name for path in tmp_path.iterdir()] == ["grades.db"]
    (tmp_path / "copy.db").write_bytes((tmp_path / "grades.db").read_bytes())
    with Repository.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert list(copy.events()) == written
        assert len(written) >= 40


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be created: "):
        Repository.open(f"sqlite:///{tmp_path}/file/grades.db")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("mysql://localhost/grades", "cannot be kept in mysql; give sqlite:///path"),
        ("grades.db", "'grades.db' is not a database URL; give sqlite:///path"),
    ],
)
def test_other_urls_are_refused_with_the_remedy(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Repository.open(url)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check that the database runs") as refusal:
        Repository.open(f"postgresql://kim:s3cret@/grades?host={tmp_path}")
    assert "s3cret" not in str(refusal.value)
    assert "kim:***@" in str(refusal.value)
