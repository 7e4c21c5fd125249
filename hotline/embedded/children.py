"""Child processes that never outlive the launcher; as root it can give them to an unprivileged user."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Account = Mapping[str, Any]
"""Keyword arguments of subprocess that choose who a child runs as; empty: the same user."""


def service_account() -> Account:
    """Who the database runs as: `nobody` when we are root (PostgreSQL refuses root), else ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account can reach and use the folder (asked of the kernel, so ACLs count)."""
    question = ["/bin/sh", "-c", 'cd -- "$1" && [ -r . ]', "sh", str(folder)]
    return subprocess.run(question, cwd="/", capture_output=True, check=False, **account).returncode == 0


def bound_to_us(on_death: signal.Signals, *, own_session: bool = True) -> Callable[[], None]:
    """What the child does before exec: leave our terminal's group, ask the kernel for `on_death` when we die.

    subprocess calls it after the change of user, which would clear the request. The kernel watches the
    *thread* that forked, so children are started from the main thread. Without prctl (macOS) only the
    orderly stop is left."""
    launcher = os.getpid()

    def prepare() -> None:
        if own_session:
            os.setsid()
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(on_death), 0, 0, 0)
        if os.getppid() != launcher:  # we died between fork and prctl
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    on_death: signal.Signals,
    output: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    account: Account | None = None,
    umask: int = -1,
) -> subprocess.Popen[bytes]:
    """Start a long-lived child in its own session; it gets `on_death` however the launcher ends."""
    return subprocess.Popen(  # type: ignore[return-value]  # the account's keywords hide that it is bytes
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        cwd=cwd,
        umask=umask,
        preexec_fn=bound_to_us(on_death),
        **(account or {}),
    )


def bound_step(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[str] | int = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, away from our terminal; it does not outlive us either."""
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        env=None if env is None else dict(env),
        cwd=cwd,
        preexec_fn=bound_to_us(signal.SIGTERM),
        check=False,
    )


def stop(child: subprocess.Popen[bytes], polite: signal.Signals, *, patience: float = 10.0) -> None:
    """Ask the child to end, wait, and after `patience` seconds kill its whole session."""
    if child.poll() is None:
        child.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    kill_session(child)


def kill_session(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child and of the processes it started. Quiet when nothing is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


class Reaper:
    """The process of reaper.py: it ends the watched sessions when we are gone and they are not."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py"))]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/", start_new_session=True
        )

    def watch(self, pid: int) -> None:
        assert self._child.stdin
        with contextlib.suppress(BrokenPipeError):  # somebody killed it: the kernel's signal is left
            self._child.stdin.write(b"%d\n" % pid)
            self._child.stdin.flush()

    def close(self) -> None:
        """Call when everything has been stopped."""
        with contextlib.suppress(BrokenPipeError):
            self._child.communicate(timeout=10)


def wait_until(
    ready: Callable[[], bool], *, seconds: float, alive: Callable[[], bool] = lambda: True
) -> bool:
    """Poll `ready` until it is true. False when time is up or `alive` turned false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if not alive():
            return False
        time.sleep(0.05)
    return ready()
