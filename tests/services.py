"""Early pytest plugin (`-p tests.services`): every test run gets a PostgreSQL and a Valkey of its own.

It runs before pytest-django reads the settings. A DATABASE_URL or REDIS_URL that is set already is used as
it is, so the suite also runs on servers of one's own; the workers of pytest-xdist share what their controller
started."""

import atexit
import base64
import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from hotline.embedded.assets import compile_translations
from hotline.embedded.postgres import Postgres
from hotline.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
PREFIX = f"hotline-test-{os.getuid()}-"


def _locked(folder: Path) -> IO[str] | None:
    """The folder's lock file, held; None when another run holds it."""
    try:
        handle = (folder / "lock").open("w")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    return handle


def _place() -> Path:
    """Where temporary folders go: short, because sockets live there, and open to the database's user."""
    return Path("/tmp") if os.access("/tmp", os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _sweep(place: Path) -> None:
    """Remove the folders of runs that were killed before they could."""
    for folder in place.glob(f"{PREFIX}*"):
        if (folder / "lock").exists() and (handle := _locked(folder)):
            shutil.rmtree(folder, ignore_errors=True)
            handle.close()


def start() -> None:
    """Start what the environment does not name, and say so in the environment."""
    place = _place()
    _sweep(place)
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    lock = _locked(home)
    home.chmod(0o711)  # the database's user must pass through, and see nothing else
    running: list[Postgres | Valkey] = []

    def finish() -> None:
        for service in reversed(running):
            service.stop()
        shutil.rmtree(home, ignore_errors=True)
        if lock:
            lock.close()

    atexit.register(finish)
    if not os.environ.get("DATABASE_URL"):
        database = Postgres(home / "pg", home / "s", home / "pg.log", copies=home / "copies", durable=False)
        running.append(database)
        database.start()
        os.environ["DATABASE_URL"] = database.url
    if not os.environ.get("REDIS_URL"):
        broker = Valkey(home / "valkey", home / "v", home / "valkey.log", durable=False)
        running.append(broker)
        broker.start()
        os.environ["REDIS_URL"] = broker.url
    data = home / "data"
    for folder in ("assets", "static"):  # settings list them when they exist; browser tests fill them
        (data / folder).mkdir(parents=True)
    os.environ["DATA_DIR"] = str(data)


if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hotline.settings"
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    os.environ.setdefault("FIELD_KEY", base64.b64encode(secrets.token_bytes(32)).decode())
    os.environ.setdefault("STATIC_MANIFEST", "no")  # pages in tests need no collected files
    compile_translations()
    start()
