"""`python -m shared.sheets.child`: reads one file that somebody has sent, in a process that may die of it.

Without the service's environment, and with as much memory and time as it is told. Standard input: the
limits, a newline, the file. Standard output: the rows, or the code of the refusal.
"""

import resource
import sys
from contextlib import suppress
from dataclasses import asdict

import msgspec

from shared.errors import Problem
from shared.sheets.decoding import read_csv
from shared.sheets.limits import Limits
from shared.sheets.workbook import OLE, ZIP, read_workbook


class Wanted(msgspec.Struct):
    """What is asked for."""

    limits: Limits
    charset: str | None = None


def main() -> None:
    """Read standard input."""
    wanted = msgspec.json.decode(sys.stdin.buffer.readline(), type=Wanted)
    limits = wanted.limits
    for kind, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, limits.seconds)):
        with suppress(ValueError, OSError):  # where the system does not know it, time alone is bounded
            resource.setrlimit(kind, (most, most))
    raw = sys.stdin.buffer.read()
    try:
        if raw.startswith((ZIP, OLE)):
            rows = read_workbook(raw, limits)
        else:
            rows = read_csv(raw, limits, charset=wanted.charset)
        answer = asdict(rows)
    except Problem as problem:
        answer = {"code": problem.message.code, "parameters": problem.parameters}
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()
