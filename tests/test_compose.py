"""docker-compose.yml, held to its word: its very commands run here against the services of the test run.

What only Docker can do (images, volumes, secrets as mounts) is checked as text."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]

pytestmark = pytest.mark.services


def command_of(name):
    """The command as the container gets it: compose writes $ as $$."""
    return [part.replace("$$", "$") for part in SERVICES[name]["command"]]


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """What the containers' environment says, with the services and programs of this run."""
    data = tmp_path_factory.mktemp("data")
    (data / "beat").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATA_DIR": str(data),
        "HOSTNAME": f"compose-{os.getpid()}",
        "WORKERS": "1",
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        "ALLOWED_HOSTS": "hotline.example.org,127.0.0.1",
    }


@pytest.fixture(scope="module")
def migrated(surroundings):
    """`migrate` has run, as every other container waits for."""
    command = command_of("migrate")
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return surroundings


@pytest.fixture
def start(migrated, tmp_path):
    """Start a container's command; everything it started is gone after the test."""
    children = []

    def start(name):
        log = tmp_path / f"{name}.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                command_of(name), cwd=ROOT, env=migrated, stdout=output, stderr=output, start_new_session=True
            )
        children.append(child)
        return child, log

    yield start
    for child in children:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def eventually(condition, child, log, seconds=60):
    """Poll until the condition holds; fail with the child's own words when it ended or time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        words = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        assert child.poll() is None, f"it ended with {child.returncode}: {words}"
        assert time.monotonic() < deadline, f"not within {seconds} s: {words}"
        time.sleep(0.2)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_web_answers_healthz(start, surroundings):
    child, log = start("web")

    eventually(lambda: answers(f"http://127.0.0.1:{surroundings['GRANIAN_PORT']}/healthz"), child, log)


def test_the_worker_passes_its_health_check(start, surroundings):
    kind, check = SERVICES["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    ask = ["sh", "-c", check.replace("$$", "$")]

    child, log = start("worker")

    def is_healthy():
        return (
            subprocess.run(ask, cwd=ROOT, env=surroundings, capture_output=True, check=False).returncode == 0
        )

    eventually(is_healthy, child, log)


def test_beat_writes_its_schedule_and_passes_its_health_check(start, surroundings):
    kind, check = SERVICES["beat"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    ask = ["sh", "-c", check.replace("$$", "$")]
    assert subprocess.run(ask, env=surroundings, check=False).returncode != 0

    child, log = start("beat")

    eventually(lambda: subprocess.run(ask, env=surroundings, check=False).returncode == 0, child, log)


def test_every_server_has_a_health_check():
    lasting = set(SERVICES) - {"migrate"}

    assert {name for name in lasting if "healthcheck" in SERVICES[name]} == lasting


def test_only_the_web_port_is_published():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["${WEB_PORT:-8000}:8000"]
    }


def test_secrets_come_as_files():
    for name in ("migrate", "web", "worker", "beat"):
        service = SERVICES[name]
        assert set(service["secrets"]) == {"db", "secret_key", "field_key"}
        for key in ("DATABASE_PASSWORD", "SECRET_KEY", "FIELD_KEY"):
            assert key not in service["environment"]
            assert service["environment"][f"{key}_FILE"].startswith("/run/secrets/")


def test_the_programs_wait_for_the_migration():
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_database_is_made_so_that_chinese_text_has_trigrams():
    made_with = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]

    assert made_with == "--encoding=UTF8 --locale=C.UTF-8"


def test_what_must_last_lies_in_named_volumes():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert used == set(COMPOSE["volumes"])


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file():
    command = ["docker-compose", "--project-directory", str(ROOT), "-f", str(ROOT / "docker-compose.yml")]

    done = subprocess.run([*command, "config", "-q"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
