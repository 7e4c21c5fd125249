"""The Chinese interface is complete: every text of the sources is in the catalogue, and nothing else is."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "hotline" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = ("hotline", "workorders", "dispatch", "analytics")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
PLURAL_WITH_CONTEXT = {"npgettext", "npgettext_lazy"}

Key = tuple[str | None, str]
"""Context and text."""


def key_of(function: str, arguments: list[str]) -> Key | None:
    if function in PLAIN | PLURAL:
        return None, arguments[0]
    if function in WITH_CONTEXT | PLURAL_WITH_CONTEXT:
        return arguments[0], arguments[1]
    return None


def of_python(path: Path) -> set[Key]:
    """Texts handed to gettext, also under the local names of `from … import gettext as _`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name: name for name in PLAIN | WITH_CONTEXT | PLURAL | PLURAL_WITH_CONTEXT}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names |= {t.id: names[node.value.id] for t in node.targets if isinstance(t, ast.Name)}
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in names:
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if texts and (key := key_of(names[node.func.id], texts)):
            found.add(key)
    return found


CALL = re.compile(
    r"\b(_|gettext|ngettext|pgettext|npgettext)\(((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*)\)"
)
STRING = re.compile(r"u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")")


def of_template(path: Path) -> set[Key]:
    """Texts of a template, by way of the pseudo code that makemessages reads, too."""
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    found = set()
    for call in CALL.finditer(code):
        texts = [ast.literal_eval(text) for text in STRING.findall(call[2])]
        if texts and (key := key_of(call[1], texts)):
            found.add(key)
    return found


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


@pytest.fixture(scope="module")
def sources() -> set[Key]:
    texts: set[Key] = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            texts |= of_python(path)
    for path in (ROOT / "templates").rglob("*.html"):
        texts |= of_template(path)
    return {key for key in texts if key[1]}


def test_every_text_is_in_the_catalogue(catalogue, sources):
    assert sorted(sources - {(entry.msgctxt, entry.msgid) for entry in catalogue}, key=str) == []


def test_the_catalogue_holds_nothing_that_is_not_used(catalogue, sources):
    assert sorted({(entry.msgctxt, entry.msgid) for entry in catalogue} - sources, key=str) == []


def test_every_entry_is_translated(catalogue):
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []


def test_no_entry_is_fuzzy_or_obsolete(catalogue):
    assert [entry.msgid for entry in catalogue if "fuzzy" in entry.flags or entry.obsolete] == []


def test_a_translation_keeps_the_placeholders(catalogue):
    mark = re.compile(r"%\(\w+\)[sd]")
    wrong = []
    for entry in catalogue:
        wanted = set(mark.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            if set(mark.findall(text)) != wanted:
                wrong.append(entry.msgid)

    assert wrong == []
