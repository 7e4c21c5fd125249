"""The launcher: what can be tried in seconds. The slow part is tests/faults/launcher_kill.py."""

import base64
import errno
import importlib.machinery
import importlib.util
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotline.embedded import assets, commandline, environment, reaper, supervisor
from hotline.embedded.children import spawn, stop
from hotline.embedded.errors import CannotStart
from hotline.embedded.folder import DataFolder
from hotline.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
NAP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def folder(tmp_path):
    folder = DataFolder(tmp_path / "data")
    yield folder
    folder.close()


@pytest.fixture
def run_script():
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("run_script", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


# --- Python --------------------------------------------------------------------------------------------
def test_an_old_python_is_refused_in_one_sentence(run_script):
    assert run_script.version_refusal((3, 10, 2)) == (
        "Hotline needs Python 3.11 or newer, and this is Python 3.10."
        " Install a newer one and start it by name, for example: python3.11 run"
    )


def test_a_new_python_is_welcome(run_script):
    assert run_script.version_refusal((3, 11, 0)) is None
    assert run_script.version_refusal((4, 0, 0)) is None


def test_old_pythons_can_read_the_launcher():
    source = (ROOT / "run").read_text(encoding="utf-8")

    compile(source, "run", "exec", dont_inherit=True)
    import ast

    ast.parse(source, feature_version=(3, 4))
    assert source.isascii()  # Python 2 refuses other letters


def test_a_python_without_ensurepip_names_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "HOME", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(CannotStart, match="apt install python3-venv"):
        environment.ensure()


# --- Arguments -----------------------------------------------------------------------------------------
def test_options_come_before_the_command():
    options = commandline.parse(["--port", "9000", "--data=/x", "manage", "shell", "--port", "1"])

    assert (options.port, options.data, options.command) == (9000, Path("/x"), "manage")
    assert options.rest == ["shell", "--port", "1"]


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "many"], ["dance"], ["stop", "now"], ["--fast"]]
)
def test_nonsense_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        commandline.parse(arguments)

    assert ended.value.code == 2
    assert "./run: error: " in capsys.readouterr().err


# --- Ports ---------------------------------------------------------------------------------------------
def test_a_taken_port_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"^Port {port} on 127.0.0.1 is taken by another program;"):
            commandline.check_port("127.0.0.1", port)


def test_a_free_port_is_fine():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    commandline.check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_sentence():
    with pytest.raises(CannotStart, match="Nothing can listen on 192.0.2.1, port 8000"):
        commandline.check_port("192.0.2.1", 8000)


def test_all_addresses_are_reached_through_this_machine():
    assert supervisor.reachable("0.0.0.0") == "127.0.0.1"


def test_an_address_given_is_an_allowed_host():
    assert supervisor.allowed_hosts("10.1.2.3") == "localhost,127.0.0.1,[::1],10.1.2.3"


# --- The data folder -----------------------------------------------------------------------------------
def test_a_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(
        CannotStart, match=r"^The data folder .*/file/data cannot be written \(Not a directory\);"
    ):
        DataFolder(tmp_path / "file" / "data").check()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(
        CannotStart, match=r"cannot be written \(Permission denied\); choose another with --data"
    ):
        DataFolder(tmp_path / "data").check()


def test_a_full_disk_is_one_sentence(folder, monkeypatch):
    usage = type("Usage", (), {"free": 10 * 1024 * 1024})
    monkeypatch.setattr("hotline.embedded.folder.shutil.disk_usage", lambda path: usage)

    with pytest.raises(CannotStart, match=r"^The disk of .* is full: 10 MB are free"):
        folder.open()


def test_a_disk_that_fills_up_on_the_way_is_one_sentence(folder):
    refusal = folder.refusal(OSError(errno.ENOSPC, "No space left on device"))

    assert str(refusal).startswith("The disk of ")


def test_a_folder_has_one_launcher(folder):
    assert folder.open()

    other = DataFolder(folder.path)
    assert other.is_taken()
    assert not other.open()


def test_a_second_start_is_one_sentence(folder):
    folder.open()
    folder.note(pid=4711)

    with pytest.raises(CannotStart, match=r"already running on .* \(process 4711\)"):
        commandline.refuse_second_start(DataFolder(folder.path))


def test_a_folder_left_is_free_again(folder):
    folder.open()
    folder.close()

    assert not folder.is_taken()


def test_secrets_are_made_once_and_are_private(folder):
    folder.open()

    first, second = folder.keys({}), folder.keys({})

    assert first == second
    assert len(base64.b64decode(first["FIELD_KEY"])) == 32
    for name in ("secret_key", "field_key"):
        assert stat.S_IMODE((folder.path / "secrets" / name).stat().st_mode) == 0o600


def test_keys_of_the_environment_are_not_made(folder):
    folder.open()

    assert folder.keys({"SECRET_KEY": "given", "FIELD_KEY_FILE": "/run/secrets/key"}) == {}


def test_sockets_lie_in_a_short_folder_however_deep_the_data_is(tmp_path):
    deep = DataFolder(tmp_path.joinpath(*["a-rather-long-name-of-a-folder"] * 8))

    sockets = deep.run_folder()
    try:
        assert len(str(deep.path)) > 200
        assert len(str(sockets / "s" / ".s.PGSQL.5432")) < 100
        assert stat.S_IMODE(sockets.stat().st_mode) in (0o700, 0o711)
    finally:
        sockets.rmdir()


def test_a_long_socket_path_is_refused(tmp_path):
    with pytest.raises(CannotStart, match="too long for a socket"):
        Postgres(tmp_path, tmp_path / ("x" * 100), tmp_path / "log", copies=tmp_path)


def test_two_folders_have_two_run_folders(tmp_path):
    assert DataFolder(tmp_path / "a").mark != DataFolder(tmp_path / "b").mark


# --- Stopping ------------------------------------------------------------------------------------------
def test_stop_says_when_nothing_runs(folder, capsys):
    assert commandline.main(["--data", str(folder.path), "stop"]) == 1

    assert capsys.readouterr().err == f"Hotline is not running on {folder.path}.\n"


def test_services_stop_in_the_opposite_order(folder):
    folder.open()
    site, order = supervisor.Site(folder, dict(os.environ)), []

    class Pretended:
        child = None

        def __init__(self, name):
            self.name = name

        def stop(self):
            order.append(self.name)

    site.running = [Pretended(name) for name in ("PostgreSQL", "Valkey", "worker", "web")]
    site.stop()

    assert order == ["web", "worker", "Valkey", "PostgreSQL"]


def test_a_child_that_does_not_listen_is_killed():
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); {NAP[2]}"
    child = spawn([sys.executable, "-c", stubborn], on_death=signal.SIGKILL, output=subprocess.PIPE)
    child.stdout.readline()

    stop(child, signal.SIGTERM, patience=0.2)

    assert child.returncode == -signal.SIGKILL
    child.stdout.close()


def test_the_reaper_ends_the_sessions_of_a_dead_launcher():
    child = spawn(NAP, on_death=signal.SIGKILL, output=subprocess.DEVNULL)
    assert reaper.members([child.pid]) == [child.pid]

    reaper.end([child.pid], grace=0)

    assert child.wait(5) == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")
def test_a_child_does_not_outlive_its_launcher():
    launch = (
        "import os, signal, subprocess, sys; from hotline.embedded.children import spawn\n"
        f"child = spawn({NAP!r}, on_death=signal.SIGTERM, output=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", launch], capture_output=True, text=True, cwd=ROOT, check=False
    )

    session, deadline = int(done.stdout), time.monotonic() + 5
    while reaper.members([session]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert reaper.members([session]) == []


class Dying:
    """A service whose every life is over at once."""

    name, child, lives = "worker", None, 0

    def __init__(self, log):
        self.log = log

    def start(self):
        self.lives += 1

    def stop(self): ...


def test_a_child_that_dies_is_started_again_five_times(folder, monkeypatch):
    folder.open()
    monkeypatch.setattr(supervisor.time, "sleep", lambda seconds: None)
    site, service = supervisor.Site(folder, dict(os.environ)), Dying(folder.log("worker"))
    site._start(service)

    with pytest.raises(CannotStart, match="^worker died again after 5 tries"):
        site.watch()

    assert service.lives == 1 + 5
    site.stop()


# --- ./run manage --------------------------------------------------------------------------------------
def test_manage_passes_output_and_exit_code_through(folder):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from hotline.embedded.supervisor import run_manage;"
            " import os; sys.exit(run_manage(os.environ, ['no_such_command']))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "no_such_command" in done.stderr


def test_manage_uses_the_services_of_a_running_launcher(folder, monkeypatch):
    folder.open()
    folder.note(pid=os.getpid(), ready=True, database_url="postgres://theirs", redis_url="unix:///theirs")
    used = []
    monkeypatch.setattr(supervisor, "run_manage", lambda env, arguments: used.append((env, arguments)) or 7)

    code = supervisor.manage_beside(DataFolder(folder.path), {"REDIS_URL": "redis://mine"}, ["check"])

    assert code == 7
    env, arguments = used[0]
    assert (env["DATABASE_URL"], env["REDIS_URL"], arguments) == (
        "postgres://theirs",
        "redis://mine",
        ["check"],
    )


def test_manage_alone_when_the_launcher_is_gone(folder):
    assert supervisor.manage_beside(folder, {}, ["check"]) is None


def test_the_lock_file_can_be_read_by_programs(folder):
    folder.open()
    folder.note(pid=12, children=[])

    assert json.loads((folder.path / "lock").read_text())["pid"] == 12


# --- The demo ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "cut_off", "wanted"),
    [("", False, True), ("users", False, False), ("users", True, True), ("orders users", True, False)],
)
def test_a_demo_is_made_in_an_empty_database_or_finished(folder, monkeypatch, found, cut_off, wanted):
    folder.open()
    site = supervisor.Site(folder, dict(os.environ))
    monkeypatch.setattr(site, "_step", lambda *what: f"{found}\n")
    if cut_off:
        (folder.path / "demo-unfinished").touch()

    assert site.prepare() is wanted
    site.stop()


def test_a_demo_that_fails_is_made_again_next_time(folder, monkeypatch):
    folder.open()
    site = supervisor.Site(folder, dict(os.environ))

    def fail(*what):
        raise CannotStart("The demo cannot be made: see above.")

    monkeypatch.setattr(site, "_step", fail)
    with pytest.raises(CannotStart):
        site.load_demo()
    monkeypatch.setattr(site, "_step", lambda *what: "users\n")

    assert site.prepare()
    site.stop()


# --- Assets --------------------------------------------------------------------------------------------
DRAWING = '<!--\ntags: [time]\n-->\n<svg width="24"\n  fill="none">\n  <path d="M1 1" />\n</svg>\n'


def test_icons_keep_their_stroke_and_have_no_fill(tmp_path):
    (tmp_path / "clock.svg").write_text(DRAWING)

    sprite = assets.sprite(["clock"], tmp_path).decode()

    assert (
        '<symbol id="clock" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"' in sprite
    )
    assert '<path d="M1 1" /></symbol>' in sprite


def test_an_icon_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(CannotStart, match="names the icon 'clokc'"):
        assets.sprite(["clokc"], tmp_path)


def test_only_listed_files_and_their_maps_are_copied(tmp_path):
    for name in assets.VENDOR:
        (tmp_path / "packages" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "packages" / name).write_text("/* */")
    (tmp_path / "packages" / f"{assets.VENDOR[0]}.map").touch()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "left-from-before.js").touch()

    assets.copy_vendor(tmp_path / "packages", tmp_path / "vendor")

    wanted = {Path(name).name for name in assets.VENDOR} | {"tabler.min.css.map"}
    assert {path.name for path in (tmp_path / "vendor").iterdir()} == wanted


def test_translations_are_compiled_without_gettext(tmp_path):
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Order"\nmsgstr "工单"\n'
    )

    assets.compile_translations(tmp_path)

    import gettext

    with source.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Order") == "工单"


def test_a_demo_password_passes_the_rules():
    from django.contrib.auth.password_validation import validate_password

    validate_password(supervisor.fresh_password())
