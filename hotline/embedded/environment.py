"""The Python environment `.venv` in the checkout: made once, renewed when the requirements change."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .children import bound_step
from .errors import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
HALF_DONE = HOME / "half-done"
"""Exists while pip installs: found at a start, pip was cut off and the environment is made anew."""


def is_current() -> bool:
    """Whether this very process runs in `.venv`."""
    return Path(sys.prefix).resolve() == HOME.resolve()


@contextmanager
def checkout_locked() -> Iterator[None]:
    """One launcher at a time installs into the checkout; the others wait, then find the work done."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ensure(*, development: bool = False) -> None:
    """Make `.venv` and install what the requirements say. Raises CannotStart."""
    name = "requirements-dev.txt" if development else "requirements.txt"
    with checkout_locked():
        _make_home()
        wanted = fingerprint(ROOT / "requirements.txt", *([ROOT / name] if development else []))
        stamp = HOME / f"{name}.sha256"
        if _text(stamp) == wanted:
            return
        tell(f"Installing the Python packages of {name} (about a minute, once) …")
        HALF_DONE.touch()
        install("-r", str(ROOT / name))
        HALF_DONE.unlink()
        stamp.write_text(wanted, encoding="utf-8")


def install(*what: str, python: Path = PYTHON) -> None:
    """pip, because it honours a site's mirror and certificate settings. Raises CannotStart."""
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "-qq",
        "--no-input",
        "--disable-pip-version-check",
        *what,
    ]
    if bound_step(command, output=sys.stderr).returncode != 0:
        if shutil.disk_usage(ROOT).free < 100 * 1024 * 1024:
            raise CannotStart(f"The disk of {ROOT} is full: the Python packages need about 600 MB.")
        raise CannotStart("The Python packages cannot be installed: pip says why above.")


def fingerprint(*files: Path) -> str:
    """SHA-256 of the files' contents and of the Python version."""
    whole = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()


def tell(sentence: str) -> None:
    """To the person at the terminal, on standard error: standard output belongs to the commands."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _make_home() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    is_whole = _text(HOME / "python-version") == version and PYTHON.exists() and not HALF_DONE.exists()
    if is_current() or is_whole:
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotStart(
            "This Python cannot make an environment, its module ensurepip is missing:"
            " on Debian and Ubuntu install it with: apt install python3-venv"
        )
    tell(f"Making the Python environment {HOME} …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(HOME)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        words = (made.stderr or made.stdout).strip().splitlines() or ["no reason given"]
        raise CannotStart(f"The Python environment {HOME} cannot be made: {words[-1]}")
    (HOME / "python-version").write_text(version, encoding="utf-8")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
