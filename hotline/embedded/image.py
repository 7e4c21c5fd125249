"""Build what a container image holds besides the code: `python -m hotline.embedded.image` in the Dockerfile.

The packages of npm are there already (the image has no Node); needs no database and no secret."""

import base64
import os
from pathlib import Path

from . import assets
from .environment import ROOT


def main() -> None:
    data = Path(os.environ["DATA_DIR"])
    assets.compile_translations()
    assets.place(ROOT / "node_modules", data / "assets")
    key = base64.b64encode(os.urandom(32)).decode()  # used for nothing and forgotten
    unused = {"SECRET_KEY": key, "FIELD_KEY": key, "DATABASE_URL": "postgres://-", "REDIS_URL": "redis://-"}
    assets.collect(data, os.environ | unused)


if __name__ == "__main__":
    main()
