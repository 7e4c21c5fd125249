"""Build what a container image holds besides the code: `python -m hotline.embedded.image` in the Dockerfile.

The packages of npm are there already (the image has no Node); needs no database and no secret."""

import os
from pathlib import Path

from . import assets
from .environment import ROOT


def main() -> None:
    data = Path(os.environ["DATA_DIR"])
    assets.compile_translations()
    assets.place(ROOT / "node_modules", data / "assets")
    unused = {"SECRET_KEY": "-", "FIELD_KEY": "-", "DATABASE_URL": "postgres://-", "REDIS_URL": "redis://-"}
    assets.collect(data, os.environ | unused)


if __name__ == "__main__":
    main()
