"""Runs the parts of the GPU kit, each in a process of its own and within its time; prints a table.

Started by run.sh, which makes the environment. A part that fails, hangs or runs out of time stops
no other one; what it had found until then is kept.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rows import NOT_RUN, OK, RED, Record, read_rows, table

HERE = Path(__file__).parent
PARTS = {
    "facts": 75.0,
    "course": 170.0,
    "memory": 60.0,
    "faults": 70.0,
    "attacks": 130.0,
    "sharing": 100.0,
    "settings": 40.0,
}
"""In the order of their value, with the most seconds of each."""
_PRINTED = 11_500
_TAIL = 900


def main() -> int:
    """Run, print, exit with 1 if a row is red or a part has failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--only", default="", help="parts, by commas")
    parser.add_argument("--skip", default="", help="parts, by commas")
    parser.add_argument("--budget", type=float, default=460.0, help="seconds for all parts")
    parser.add_argument("--stretch", type=float, default=1.0, help="times the seconds of each part")
    parser.add_argument("--mutants", type=int, default=10, help="of each assignment of the course")
    parser.add_argument(
        "--cases", default="", help="of course, memory, faults and attacks only these, by commas"
    )
    options = parser.parse_args()
    only, skip = (set(filter(None, names.split(","))) for names in (options.only, options.skip))
    if unknown := (only | skip) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}; parts: {', '.join(PARTS)}")
    out = Path(os.environ["OUT"])
    for name in ("results.jsonl", "log.txt", "table.txt"):
        (out / name).unlink(missing_ok=True)
    began = time.monotonic()
    told = []
    for part, most in PARTS.items():
        if part in skip or (only and part not in only):
            continue
        left = options.budget - (time.monotonic() - began)
        seconds = min(most * options.stretch, left)
        if seconds < 10.0:
            Record(out / "results.jsonl", part).skip("the part", "no time was left")
            continue
        arguments = ["--device", options.device, "--mutants", str(options.mutants)]
        arguments += ["--cases", options.cases]
        told.append(_run(part, [*arguments, "--out", str(out)], seconds, out))
        print(f"{time.monotonic() - began:6.1f} s  {told[-1][0]}", flush=True)
    rows = read_rows(out / "results.jsonl")
    reds = sum(row["status"] == RED for row in rows)
    tails = [f"── {line} ──\n{tail}" for line, tail in told if tail]
    summary = [line for line, _ in told]
    counts = ", ".join(
        f"{sum(row['status'] == status for row in rows)} {status}" for status in (OK, RED, NOT_RUN)
    )
    summary.append(f"{counts}; {time.monotonic() - began:.0f} s in all on {options.device}")
    text = "\n".join([*tails, table(rows), "", *summary])
    (out / "table.txt").write_text(text + "\n")
    print(text if len(text) <= _PRINTED else "…" + text[-_PRINTED:])
    return int(reds > 0 or bool(tails))


def _run(part: str, arguments: list[str], seconds: float, out: Path) -> tuple[str, str]:
    """A line about how the part ended, and the end of what it said if it did not end well."""
    began = time.monotonic()
    log = out / "log.txt"
    start = log.stat().st_size if log.exists() else 0
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, HERE / f"{part}.py", *arguments, "--seconds", str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            how = f"ended with {process.returncode}" if process.returncode else ""
        except subprocess.TimeoutExpired:
            how = f"stopped after {seconds:.0f} s"
            _stop(process)
    took = time.monotonic() - began
    with log.open("rb") as stream:
        stream.seek(start)
        said = stream.read().decode(errors="replace").strip()
    line = f"{part}: {took:.1f} s{', ' if how else ''}{how}"
    return line, said[-_TAIL:] if how and said else ("(it said nothing)" if how else "")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Its agents and its examiner end with their sockets."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(3.0)
            return
        except (subprocess.TimeoutExpired, ProcessLookupError):
            continue


if __name__ == "__main__":
    sys.exit(main())
