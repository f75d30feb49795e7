"""The ledger in real databases: what is appended stays, once, in order, whatever happens."""

import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path

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


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str) -> None:
    Repository.open(url).close()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"schema 9999 is newer than .*; upgrade autograder"):
        Repository.open(url)
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert version.scalar_one() == "9999"
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
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look at " * 10)
    with pytest.raises(StoreError, match=r"notes\.txt: file is not a database; check"):
        Repository.open(f"sqlite:///{tmp_path}/notes.txt")


def test_missing_folders_are_created(tmp_path: Path) -> None:
    Repository.open(f"sqlite:///{tmp_path}/results/2025/grades.db").close()
    assert (tmp_path / "results" / "2025" / "grades.db").is_file()


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
