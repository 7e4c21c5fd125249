"""/api/docs/: the OpenAPI document as a page to read, made on the server: no script from elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.settings import spectacular_settings

METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 4
"""How deep an example goes into objects within objects."""
SAMPLES = {
    "date-time": "2026-03-10T12:00:00+08:00",
    "date": "2026-03-10",
    "time": "12:00:00",
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "uri": "https://city.example/",
    "email": "name@city.example",
    "decimal": "0.00",
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
}
Schema = dict[str, Any]


@dataclass(frozen=True)
class FieldRow:
    """One field of an object, or one parameter."""

    name: str
    kind: str
    shape: str
    """Name of the shape it refers to, empty for plain values."""
    required: bool
    text: str
    choices: list[Any]
    place: str = ""


@dataclass
class Operation:
    method: str
    path: str
    anchor: str
    summary: str
    text: str
    parameters: list[FieldRow] = field(default_factory=list)
    body: list[FieldRow] = field(default_factory=list)
    example: str = ""
    answers: list[dict[str, str]] = field(default_factory=list)


@login_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    generator = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    document = generator.get_schema(public=True)
    reader = Reader(document.get("components", {}).get("schemas", {}))
    context = {
        "info": document["info"],
        "groups": reader.groups(document["paths"]),
        "shapes": reader.shapes(),
    }
    return render(request, "apidocs.html", context)


class Reader:
    """Turns an OpenAPI document into rows for a template. `components`: its schemas by name."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self.components = components

    def groups(self, paths: dict[str, dict[str, Any]]) -> dict[str, list[Operation]]:
        """Operations by tag, tags and paths in alphabetical order."""
        found: dict[str, list[Operation]] = {}
        for path, methods in sorted(paths.items()):
            for method in METHODS:
                if method in methods:
                    tag = (methods[method].get("tags") or [_("Other")])[0]
                    found.setdefault(tag, []).append(self.operation(path, method, methods[method]))
        return dict(sorted(found.items()))

    def operation(self, path: str, method: str, entry: dict[str, Any]) -> Operation:
        text = entry.get("description", "").strip()
        summary = entry.get("summary") or text.split("\n")[0]
        text = text.removeprefix(summary).strip()
        row = Operation(method.upper(), path, entry["operationId"], summary, text)
        row.parameters = [self.parameter(one) for one in entry.get("parameters", [])]
        if body := first_schema(entry.get("requestBody", {})):
            row.body = list(self.rows(body, sending=True))
            row.example = pretty(self.sample(body, sending=True))
        row.answers = [self.answer(code, one) for code, one in sorted(entry.get("responses", {}).items())]
        return row

    def parameter(self, entry: dict[str, Any]) -> FieldRow:
        row = self.row(entry["name"], entry.get("schema", {}), entry.get("required", False))
        return FieldRow(**{**vars(row), "text": entry.get("description", row.text), "place": entry["in"]})

    def answer(self, code: str, entry: dict[str, Any]) -> dict[str, str]:
        schema = first_schema(entry)
        kind, shape = self.kind(schema) if schema else ("", "")
        example = pretty(self.sample(schema)) if schema else ""
        return {
            "code": code,
            "text": entry.get("description", ""),
            "kind": kind,
            "shape": shape,
            "example": example,
        }

    def shapes(self) -> dict[str, list[FieldRow]]:
        """Every named object with its fields. Lists of choices stand where they are used."""
        named = {name: list(self.rows(schema)) for name, schema in sorted(self.components.items())}
        return {name: rows for name, rows in named.items() if rows}

    def rows(self, schema: Schema, *, sending: bool = False) -> Iterator[FieldRow]:
        """The fields of an object, following references and allOf; `sending` as for `sample`."""
        schema = self.resolved(schema)
        for part in schema.get("allOf", []):
            yield from self.rows(part, sending=sending)
        if schema.get("type") == "array":
            yield from self.rows(schema["items"], sending=sending)
        required = schema.get("required", [])
        for name, one in schema.get("properties", {}).items():
            if not (sending and one.get("readOnly")):
                yield self.row(name, one, name in required)

    def row(self, name: str, schema: Schema, required: bool) -> FieldRow:
        kind, shape = self.kind(schema)
        text = schema.get("description") or self.resolved(schema).get("description", "")
        choices = self.choices(schema)
        if choices:  # drf-spectacular repeats them in the text, one line each
            text = "\n".join(line for line in text.split("\n") if not line.startswith("* `")).strip()
        return FieldRow(name, kind, shape if shape in self.components else "", required, text, choices)

    def resolved(self, schema: Schema) -> Schema:
        return self.components.get(reference(schema), {}) if "$ref" in schema else schema

    def choices(self, schema: Schema) -> list[Any]:
        schema = self.resolved(schema)
        if schema.get("type") == "array":
            return self.choices(schema["items"])
        parts = [schema, *schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])]
        values = [value for part in parts for value in self.resolved(part).get("enum", [])]
        return [value for value in values if value not in (None, "")]

    def kind(self, schema: Schema) -> tuple[str, str]:
        """(words for the type, name of the object it refers to or "")."""
        if "$ref" in schema:
            name, target = reference(schema), self.resolved(schema)
            return (self.kind(target)[0], "") if "enum" in target else (name, name)
        for key in ("allOf", "oneOf", "anyOf"):
            if key in schema:
                return self.kind(schema[key][0])
        if schema.get("type") == "array":
            kind, shape = self.kind(schema.get("items", {}))
            return _("list of %(kind)s") % {"kind": kind}, shape
        kind = schema.get("type", "any")
        kind = " / ".join(kind) if isinstance(kind, list) else kind
        return (f"{kind} ({schema['format']})", "") if "format" in schema else (kind, "")

    def sample(self, schema: Schema, depth: int = 0, *, sending: bool = False) -> Any:
        """An example value. `sending` leaves out what only an answer holds."""
        if "example" in schema or "default" in schema:
            return schema.get("example", schema.get("default"))
        schema = self.resolved(schema)
        for key in ("allOf", "oneOf", "anyOf"):
            if key in schema:
                return self.sample(schema[key][0], depth, sending=sending)
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "array":
            return (
                [] if depth >= DEEPEST else [self.sample(schema.get("items", {}), depth + 1, sending=sending)]
            )
        if "properties" in schema:
            return self.sample_object(schema, depth, sending=sending)
        return {} if schema.get("type") == "object" else sample_value(schema)

    def sample_object(self, schema: Schema, depth: int, *, sending: bool) -> dict[str, Any]:
        if depth >= DEEPEST:
            return {}
        return {
            name: self.sample(one, depth + 1, sending=sending)
            for name, one in schema["properties"].items()
            if not (sending and one.get("readOnly"))
        }


def sample_value(schema: Schema) -> Any:
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    return SAMPLES.get(schema.get("format", ""), SAMPLES.get(kind))


def reference(schema: Schema) -> str:
    return schema["$ref"].rsplit("/", 1)[-1]


def first_schema(entry: dict[str, Any]) -> Schema | None:
    """The schema of the first media type of a body or an answer."""
    for media in entry.get("content", {}).values():
        return media.get("schema")
    return None


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
