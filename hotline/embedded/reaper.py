"""The last safety: a small process that ends what is left when the launcher was killed.

It runs as a script of its own (`python reaper.py`) and reads the numbers of the launcher's children, one
a line, until the pipe closes: that happens however the launcher ends. By then the kernel has asked them to
end (children.py); a worker in a task or a web server with a slow request does not always follow."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

GRACE = 6.0
"""Seconds between the launcher's death and SIGKILL: PostgreSQL is down long before."""


def members(sessions: Iterable[int]) -> list[int]:
    """The living processes of these sessions (a session has the number of the child that opened it)."""
    wanted, found = {str(number) for number in sessions}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            line = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:  # it ended while we looked
            continue
        state, _parent, _group, session = line.rpartition(")")[2].split()[:4]
        if session in wanted and state != "Z":
            found.append(int(stat.parent.name))
    return found


def end(sessions: Iterable[int], *, grace: float = GRACE) -> None:
    """Wait until the sessions are empty, and kill what is left after `grace` seconds."""
    sessions, deadline = set(sessions), time.monotonic() + grace
    while sessions and (left := members(sessions)):
        if time.monotonic() > deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end({int(line) for line in sys.stdin if line.strip().isdecimal()})


if __name__ == "__main__":
    main()
