"""./run [--host A] [--port N] [--data DIR] [--no-demo] [manage … | test … | stop]"""

import argparse
import contextlib
import errno
import os
import signal
import socket
import time
from pathlib import Path
from typing import NoReturn

from . import assets, environment, supervisor
from .environment import PYTHON, ROOT, tell
from .errors import CannotStart
from .folder import DataFolder, given

IN_ENVIRONMENT = "HOTLINE_IN_ENVIRONMENT"
"""Set for the moment in which the launcher replaces itself by the same launcher under `.venv`'s Python."""
COMMANDS = ("manage", "test", "stop")
WITH_VALUE = ("--host", "--port", "--data")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Options come first; everything after the command belongs to the command. Exits with 2 on nonsense."""
    end = 0
    while end < len(arguments) and arguments[end].startswith("-"):
        end += 2 if arguments[end] in WITH_VALUE else 1
    parser = argparse.ArgumentParser(prog="./run", usage=__doc__, description="Start Hotline.")
    parser.add_argument("--host", default="127.0.0.1", metavar="A", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", default=8000, type=_port, metavar="N", help="port to listen on (8000)")
    parser.add_argument("--data", default=ROOT / "var", type=Path, metavar="DIR", help="data folder (var/)")
    parser.add_argument("--no-demo", action="store_true", help="make no demo month on the first start")
    options = parser.parse_args(arguments[:end])
    options.command, options.rest = (
        (arguments[end], arguments[end + 1 :]) if end < len(arguments) else ("", [])
    )
    if options.command and options.command not in COMMANDS:
        parser.error(f"there is no command '{options.command}'; the commands are {', '.join(COMMANDS)}")
    if options.command == "stop" and options.rest:
        parser.error("stop takes no arguments")
    return options


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: write a number from 1 to 65535")
    return int(text)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    folder = DataFolder(options.data)
    try:
        if options.command == "stop":
            return stop(folder)
        if options.command == "test":
            test(options.rest)
        return start(options, folder, arguments)
    except CannotStart as refusal:
        tell(str(refusal))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        tell(str(folder.refusal(error)))
    except KeyboardInterrupt:
        return 130
    return 1


def start(options: argparse.Namespace, folder: DataFolder, arguments: list[str]) -> int:
    """`./run` and `./run manage …`."""
    serving = options.command == ""
    folder.check()
    if serving:
        refuse_second_start(folder)
        check_port(options.host, options.port)
    environment.ensure()
    if not environment.is_current():
        replace_ourselves(arguments)
    assets.compile_translations()
    if serving:
        if not folder.open():
            refuse_second_start(folder)
        with contextlib.closing(folder):
            check_port(options.host, options.port)
            demo = not options.no_demo
            return supervisor.serve(folder, surroundings(), host=options.host, port=options.port, demo=demo)
    while not folder.open():
        code = supervisor.manage_beside(folder, surroundings(), options.rest)
        if code is not None:
            return code
    with contextlib.closing(folder):
        return supervisor.manage(folder, surroundings(), options.rest)


def stop(folder: DataFolder) -> int:
    """`./run stop`: ask the launcher that has the folder to end, and wait until it has."""
    pid = folder.state().get("pid")
    if not folder.is_taken() or not pid:
        tell(f"Hotline is not running on {folder.path}.")
        return 1
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise CannotStart("Hotline was started by another user: stop it as that user or as root.") from None
    deadline = time.monotonic() + 60
    while folder.is_taken() and time.monotonic() < deadline:
        time.sleep(0.1)
    if folder.is_taken():
        raise CannotStart(f"Hotline on {folder.path} has not stopped within a minute (process {pid}).")
    tell("Hotline has stopped.")
    return 0


def test(arguments: list[str]) -> NoReturn:
    """`./run test …`: this process becomes pytest, which starts its own services (tests/services.py)."""
    environment.ensure(development=True)
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *arguments])


def replace_ourselves(arguments: list[str]) -> NoReturn:
    """Go on as the same launcher under `.venv`'s Python."""
    if os.environ.get(IN_ENVIRONMENT):
        raise CannotStart(f"The environment {environment.HOME} is damaged: delete it and start again.")
    os.environ[IN_ENVIRONMENT] = "1"
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "run"), *arguments])


def surroundings() -> dict[str, str]:
    """The environment for our children: without our own mark, and with `set to nothing` meaning not set."""
    env = {name: value for name, value in os.environ.items() if name != IN_ENVIRONMENT}
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY"):
        if not given(env, name):
            env.pop(name, None)
    return env


def refuse_second_start(folder: DataFolder) -> None:
    if folder.is_taken():
        pid = folder.state().get("pid", "unknown")
        raise CannotStart(
            f"Hotline is already running on {folder.path} (process {pid}): stop it with ./run stop,"
            " or start a second one with its own --data and --port."
        )


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when nobody can listen on host and port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except socket.gaierror:
        raise CannotStart(f"{host} is no address of this machine; choose another with --host.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"Port {port} on {host} is taken by another program; choose another with --port."
        elif error.errno == errno.EACCES:
            words = f"Port {port} is only for root; choose one above 1023 with --port."
        else:
            words = (
                f"Nothing can listen on {host}, port {port} ({error.strerror}); choose another with --host."
            )
        raise CannotStart(words) from None
