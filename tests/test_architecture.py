"""The three hard rules of the house, and what keeps its languages apart."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("hotline", "workorders", "dispatch", "analytics")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_imports_run_downwards_only():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


def writes_state(tree: ast.AST) -> list[int]:
    """Lines that write an attribute `state` of something, or pass state= to update(), or update_fields
    with it."""
    lines = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            lines += [
                node.lineno
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr == "state"
            ]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names = {keyword.arg for keyword in node.keywords}
            if node.func.attr in ("update", "update_or_create") and "state" in names:
                lines.append(node.lineno)
            if node.func.attr == "bulk_update" and any(
                isinstance(leaf, ast.Constant) and leaf.value == "state" for leaf in ast.walk(node)
            ):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", sources(*APPS), ids=lambda path: str(path.relative_to(ROOT)))
def test_an_orders_state_is_written_in_one_module_only(path):
    allowed = {"workorders/actions.py", "dispatch/bulk.py"}
    if str(path.relative_to(ROOT)) in allowed or "migrations" in path.parts:
        return

    assert writes_state(ast.parse(path.read_text(encoding="utf-8"))) == []


UNSCOPED = re.compile(r"WorkOrder\.objects\.(?!visible_to\b)")


@pytest.mark.parametrize(
    "path",
    [path for path in sources(*APPS) if {"views", "api"} & set(path.relative_to(ROOT).parts)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_pages_and_api_reach_orders_through_the_access_scope(path):
    assert UNSCOPED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path",
    [p for p in sources(*APPS) if "migrations" not in p.parts] + sorted((ROOT / "templates").rglob("*.html")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_sources_are_english_so_that_every_text_is_translated(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = without_docstrings(text)

    found = [line for line in text.splitlines() if CHINESE.search(line)]
    assert [line for line in found if not allowed_chinese(line)] == []


def without_docstrings(text: str) -> str:
    """Docstrings may name the Chinese term of the trade; what people read on a page may not be written
    there."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            for number in range(node.lineno - 1, node.end_lineno):
                lines[number] = ""
    return "\n".join(line.split("  # ")[0] if "  # " in line else line for line in lines)


def allowed_chinese(line: str) -> bool:
    """The name of the Chinese language is written in Chinese in every language; comments may name a term."""
    return "LANGUAGES" in line or line.lstrip().startswith("#")


def test_templates_hold_no_inline_style_script_or_handler():
    bad = re.compile(r"\sstyle=|\son[a-z]+=|<script(?![^>]*(\ssrc=|application/json))", re.IGNORECASE)

    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if bad.search(line)
    ]

    assert found == []
