"""The data folder: who uses it, its secrets, where its sockets lie."""

import base64
import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from . import reaper
from .children import can_enter, service_account
from .environment import tell
from .errors import CannotStart

MEGABYTE = 1024 * 1024
FIRST_START_BYTES, LATER_START_BYTES = 250 * MEGABYTE, 50 * MEGABYTE
PRIVATE = ("secrets", "logs", "beat", "attachments")
ELSEWHERE = Path("/var/lib/hotline")


class DataFolder:
    """`path` with everything Hotline keeps. Nothing in it is touched before `open`."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))
        self._lock: IO[str] | None = None

    # --- Opening -----------------------------------------------------------------------------------
    def check(self) -> None:
        """Create the folder if need be. Raises CannotStart when it cannot be written or its disk is full."""
        try:
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path) as trial:
                trial.write(b"x")
        except OSError as error:
            raise self.refusal(error) from error
        self.check_space()

    def check_space(self) -> None:
        """Raises CannotStart when the disk is (nearly) full."""
        needed = LATER_START_BYTES if (self.path / "postgres").exists() else FIRST_START_BYTES
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise CannotStart(
                f"The disk of {self.path} is full: {free // MEGABYTE} MB are free and Hotline needs"
                f" {needed // MEGABYTE} MB; make room, or choose another folder with --data."
            )

    def refusal(self, error: OSError) -> CannotStart:
        """The error of a file operation as one sentence."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return CannotStart(
                f"The disk of {self.path} is full; make room, or choose another folder with --data."
            )
        return CannotStart(
            f"The data folder {self.path} cannot be written ({error.strerror}); choose another with --data."
        )

    def open(self) -> bool:
        """Take the folder for this process. False when another process has it."""
        self.check()
        lock = (self.path / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        self._wait_for_leftovers(self.state())
        for name in PRIVATE:
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        return True

    def close(self) -> None:
        if self._lock:
            self.note()
            self._lock.close()
            self._lock = None

    def is_taken(self) -> bool:
        """Whether a process has the folder. Nothing is created."""
        try:
            with (self.path / "lock").open("r", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    # --- What the holder says about itself ----------------------------------------------------------
    def note(self, **state: Any) -> None:
        """Replace what other commands read in the lock file (in place: the lock belongs to the file)."""
        assert self._lock
        self._lock.seek(0)
        self._lock.truncate()
        json.dump(state | {"boot": boot()}, self._lock)
        self._lock.flush()

    def state(self) -> dict[str, Any]:
        """What the holder noted; empty when there is none, or in the instant of its writing."""
        try:
            return dict(json.loads((self.path / "lock").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def _wait_for_leftovers(self, state: Mapping[str, Any]) -> None:
        """Let the children of a killed launcher end (they do within seconds) before starting new ones."""
        children = state.get("children", []) if state.get("boot") == boot() else []
        reaper.end((int(pid) for pid in children), grace=12)

    # --- Its parts -------------------------------------------------------------------------------------
    def log(self, name: str) -> Path:
        """The log file of a child; a big one is put aside first."""
        path = self.path / "logs" / f"{name}.log"
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > 10 * MEGABYTE:
                path.replace(path.with_suffix(".log.1"))
        return path

    def keys(self, environment: Mapping[str, str]) -> dict[str, str]:
        """SECRET_KEY and FIELD_KEY, where the environment does not give them: made once, mode 0600."""
        makers = {
            "SECRET_KEY": lambda: secrets.token_urlsafe(48),
            "FIELD_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        missing = [name for name in makers if not given(environment, name)]
        return {name: self.secret(f"secrets/{name.lower()}", makers[name]()) for name in missing}

    def secret(self, name: str, fresh: str) -> str:
        """The text kept in the file `name`, which is created with `fresh` when it does not exist."""
        path = self.path / name
        if not path.exists():
            # A half-written key would be worse than none: it appears whole, and never replaces another.
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(fresh + "\n")
                file.flush()
                os.fsync(handle)
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            os.unlink(draft)
        return path.read_text(encoding="utf-8").strip()

    def database(self) -> Path:
        """Where the cluster lies: `postgres` in this folder.

        As root the server runs as `nobody`. If nobody cannot come here (below root's home, say), the cluster
        lies in /var/lib/hotline and `postgres` links to it: opening other people's folders is not ours."""
        home = self.path / "postgres"
        account = service_account()
        if not account or home.is_symlink():
            return home.resolve()
        if self.path.stat().st_mode & 0o001 == 0:
            self.path.chmod(self.path.stat().st_mode & 0o777 | 0o011)  # to pass through, not to look
        home.mkdir(mode=0o700, exist_ok=True)
        os.chown(home, account["user"], account["group"])
        if can_enter(account, home):
            return home
        if any(home.iterdir()):
            raise CannotStart(
                f"The database in {home} cannot be reached by the user nobody, as which it must run:"
                " open the folders above it, or move it."
            )
        home.rmdir()
        target = ELSEWHERE / f"{self.mark}-{secrets.token_hex(4)}"
        for folder in (ELSEWHERE, target):
            folder.mkdir(mode=0o711, exist_ok=True)
            folder.chmod(0o711)
        home.symlink_to(target / "postgres")
        tell(f"The database runs as nobody, who cannot reach {self.path}; its files are in {target}.")
        return target / "postgres"

    @property
    def mark(self) -> str:
        """A short name that only this folder has."""
        return hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:12]

    def run_folder(self) -> Path:
        """A short folder for sockets, ours alone. Raises CannotStart when somebody else made it."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        place = Path("/tmp") if os.access("/tmp", os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
        folder = place / f"hotline-{os.getuid()}-{self.mark}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=mode)
        facts = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or facts.st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to somebody else; remove it and start again.")
        folder.chmod(mode)
        return folder


def given(environment: Mapping[str, str], name: str) -> bool:
    """Whether the environment names the value, directly or as NAME_FILE."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def boot() -> str:
    """Names this start of the machine (and this container): process numbers mean nothing beyond it."""
    try:
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{machine} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
