"""Drawing a state table as a mermaid diagram."""

from collections.abc import Iterable, Mapping


def state_diagram(moves: Iterable[tuple[str, str, str]], names: Mapping[str, str]) -> str:
    """`moves` are (from, label, to); several labels between the same two states share one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, label, after in moves:
        labels = arrows.setdefault((before, after), [])
        if label not in labels:
            labels.append(label)
    lines = ["stateDiagram-v2"]
    lines += [f"    {code}: {name}" for code, name in names.items()]
    lines += [f"    {before} --> {after}: {', '.join(labels)}" for (before, after), labels in arrows.items()]
    return "\n".join(lines)
