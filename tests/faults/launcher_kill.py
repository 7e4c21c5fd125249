"""Kill the launcher with -9, idle and in the middle of tasks: nothing of it is left after ten seconds.

    .venv/bin/python tests/faults/launcher_kill.py [--port N] [--rounds N]

Linux only. It starts a Hotline of its own in a temporary data folder and touches nothing else. Prints one
line a kill; exit code 1 if a process was left."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 10.0
KINDS = {"idle": None, "sleeping task": "nap", "computing task": "burn"}
TASKS = """
import time
from celery import shared_task

@shared_task(name="nap")
def nap(): time.sleep(300)

@shared_task(name="burn")
def burn():
    end = time.monotonic() + 300
    while time.monotonic() < end: pass
"""
"""Python reads a file sitecustomize.py at every start: so the worker knows two tasks that Hotline has not."""


def processes() -> dict[int, int]:
    """Every living process and its parent."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found


def descendants(pid: int) -> set[int]:
    parents, found, fresh = processes(), set(), {pid}
    while fresh := {child for child, parent in parents.items() if parent in fresh}:
        found |= fresh
    return found


def wait_for_site(launcher: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and launcher.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("Hotline does not start: see above.")


def run_round(data: Path, port: int, task: str | None, env: dict[str, str]) -> tuple[float, set[int]]:
    """One start and one kill: the seconds until everything was gone, and what was left at the limit."""
    command = [sys.executable, str(ROOT / "run"), "--data", str(data), "--no-demo"]
    began = time.monotonic()
    launcher = subprocess.Popen([*command, "--port", str(port)], env=env, stdout=subprocess.DEVNULL)
    wait_for_site(launcher, port)
    print(f"  started in {time.monotonic() - began:.1f} s")
    if task:
        send = f"from hotline.celery import app; [app.send_task('{task}') for _ in range(4)]"
        subprocess.run([*command, "manage", "shell", "-v", "0", "-c", send], env=env, check=True)
        time.sleep(3)  # the worker has them by now
    mine = descendants(launcher.pid)
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    killed = time.monotonic()
    while (left := mine & set(processes())) and time.monotonic() - killed < LIMIT:
        time.sleep(0.1)
    return time.monotonic() - killed, left


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="hotline-kill-") as home:
        Path(home).chmod(0o711)  # as root, the database's user must pass through
        (Path(home) / "tasks").mkdir()
        (Path(home) / "tasks" / "sitecustomize.py").write_text(TASKS, encoding="utf-8")
        env = os.environ | {"PYTHONPATH": f"{home}/tasks"}
        for _ in range(options.rounds):
            for kind, task in KINDS.items():
                seconds, left = run_round(Path(home) / "data", options.port, task, env)
                print(f"{kind}: {len(left)} processes left after {seconds:.1f} s")
                failed |= bool(left)
    sys.exit(failed)


if __name__ == "__main__":
    main()
