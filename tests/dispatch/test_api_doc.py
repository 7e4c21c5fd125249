"""The session in docs/api.md works, line by line, against a running server."""

import os
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from dispatch.api.verbs import OFFERED
from hotline.accounts.models import Role, Unit
from hotline.accounts.tokens import issue_token
from tests.makers import make_user
from workorders.lifecycle import State
from workorders.models import WorkOrder

DOC = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
ROLES = {
    "OPERATOR": Role.OPERATOR,
    "DISPATCHER": Role.DISPATCHER,
    "SUPERVISOR": Role.SUPERVISOR,
    "CALLBACK": Role.CALLBACK,
}


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
def test_the_session_of_the_manual_closes_an_order(live_server):
    market = Unit.objects.get(code="370102-MARKET")
    tokens = {name: issue_token(make_user(role)) for name, role in ROLES.items()}
    tokens["UNIT"] = issue_token(make_user(Role.UNIT, market))
    script = "\n".join(re.findall(r"```sh session\n(.*?)```", DOC, re.S))

    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        env={**os.environ, **tokens, "API": f"{live_server.url}/api/v1", "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert WorkOrder.objects.get().state == State.CLOSED
    assert "13812345678" in done.stdout  # what the unit had revealed


def test_the_manual_names_every_verb():
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", DOC.split("## Verbs")[1], re.M)
    named = {verb for row in rows for verb in re.findall(r"`([a-z-]+)`", row)}
    assert named == OFFERED
