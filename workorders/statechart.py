"""docs/states.md, rendered from the transition table. A test compares it with the file."""

from __future__ import annotations

from django.utils.translation import override

from hotline.lib.mermaid import state_diagram
from workorders.lifecycle import FINAL, TRANSITIONS, VERBS, State

HEAD = """# The life of an order

Rendered from `workorders/lifecycle.py` by `./run manage render_states`; a test fails when the two differ.
`create` makes an order in `draft` or `pending`. A row without a target records a fact and stays in its state.
"""


def render() -> str:
    """The whole page: the diagram of moves, then every step with who may take it."""
    with override("en"):
        moves = [
            (at.value, verb, target.value)
            for (at, verb), move in TRANSITIONS.items()
            for target in move.to
            if target is not None
        ]
        names = {state.value: f"{state.label}{' (end)' if state in FINAL else ''}" for state in State}
        rows = [
            f"| `{at}` | `{verb}` | {VERBS[verb]} | {targets(move.to)} | {', '.join(sorted(move.by))} |"
            for (at, verb), move in sorted(
                TRANSITIONS.items(), key=lambda item: (list(State).index(item[0][0]), item[0][1])
            )
        ]
    table = "\n".join(["| state | verb | in words | to | by |", "|---|---|---|---|---|", *rows])
    return f"{HEAD}\n```mermaid\n{state_diagram(moves, names)}\n```\n\n{table}\n"


def targets(to: tuple[State | None, ...]) -> str:
    return " · ".join(f"`{state}`" if state else "stays" for state in to)
