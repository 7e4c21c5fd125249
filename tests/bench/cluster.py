"""PostgreSQL and Valkey for benchmarks, durable, in a folder that is kept: one database per size."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.embedded.postgres import Postgres
from hotline.embedded.valkey import Valkey


@contextmanager
def running(folder: Path, orders: int) -> Iterator[Postgres]:
    """Start both, and point the environment at the database of this size. Stops them at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    database = Postgres(folder / "pg", folder / "s", folder / "pg.log", copies=folder / "copies")
    broker = Valkey(folder / "valkey", folder / "v", folder / "valkey.log", durable=False)
    try:
        database.start()
        broker.start()
        name = f"bench_{orders}"
        database.tool("createdb", name)  # refused where it exists, which is fine
        os.environ.update(
            DATABASE_URL=database.url.rsplit("/", 1)[0] + f"/{name}",
            REDIS_URL=broker.url,
            DATA_DIR=str(folder / "data"),
            STATIC_MANIFEST="no",
            LOG_LEVEL="WARNING",
            STATEMENT_TIMEOUT_MS="0",
            DJANGO_SETTINGS_MODULE="tests.bench.settings",
            **kept_secrets(folder / "secrets.json"),
        )
        (folder / "data" / "static").mkdir(parents=True, exist_ok=True)
        yield database
    finally:
        broker.stop()
        database.stop()


def kept_secrets(path: Path) -> dict[str, str]:
    """Keys of this folder: sealed callers must open again on the next run."""
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        path.write_text(json.dumps({"SECRET_KEY": secrets.token_urlsafe(48), "FIELD_KEY": key}))
    return json.loads(path.read_text())
