"""Changes of one value in a scenario's text. All else stays as it was written: comments, order, line ends.

A value is named by its place, keys and positions from the top joined by slashes: `regions/0/has/attorney_time`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import yaml

from jornada.domain.located import Path

NUMBERS = "numbers"
_WHOLE = re.compile(r"0|[1-9]\d*")
_PLAIN = frozenset({"true", "false"})


class NoSuchValue(LookupError):
    """The text holds no single value at that place; the message says what to do."""

    def __init__(self, where: str) -> None:
        super().__init__(f"There is no single value at {where}. Change it in the text of the scenario.")


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it stands in the text."""

    path: Path
    written: str
    line: int

    @property
    def where(self) -> str:
        return "/".join(map(str, self.path))


def values(text: str) -> tuple[Value, ...]:
    """Every single value of the text in order; none of a text that is no YAML."""
    top = _top(text)
    return () if top is None else tuple(_leaves(top, ()))


def with_value(text: str, where: str, written: str) -> str:
    """The text with another value at that place; NoSuchValue where no single value stands there."""
    node = _at(_top(text), where)
    if not isinstance(node, yaml.ScalarNode):
        raise NoSuchValue(where)
    return _replaced(text, node, scalar(written))


def with_number(text: str, name: str, written: str, *, who: str, why: str, on: date) -> str:
    """The text in which that number of the pack gives way to this one, with who and why."""
    said = {"is": written, "who": who, "why": why, "day": on.isoformat()}
    entry = (
        "{" + ", ".join(f"{key}: {json.dumps(one, ensure_ascii=False)}" for key, one in said.items()) + "}"
    )
    top = _top(text)
    numbers = _child(top, NUMBERS)
    there = _child(numbers, name)
    if there is not None:
        return _replaced(text, there, entry)
    if isinstance(numbers, yaml.MappingNode) and numbers.value:
        return _before_the_first(text, numbers, f"{name}: {entry}")
    if numbers is not None:
        return _replaced(text, numbers, f" {{{name}: {entry}}}")
    return f"{text.rstrip()}\n\n{NUMBERS}:\n  {name}: {entry}\n"


def without_number(text: str, name: str) -> str:
    """The text in which the pack's own number counts again; NoSuchValue where it was not overwritten."""
    numbers = _child(_top(text), NUMBERS)
    block = isinstance(numbers, yaml.MappingNode) and not numbers.flow_style
    for key, value in numbers.value if block and numbers is not None else ():
        if key.value == name:
            begins = key.start_mark.index - key.start_mark.column
            ends = text.find("\n", value.end_mark.index)
            return text[:begins] + (text[ends + 1 :] if ends >= 0 else "")
    raise NoSuchValue(f"{NUMBERS}/{name}")


def scalar(written: str) -> str:
    """As YAML reads it back as this text, or as a whole number or yes/no where it is one."""
    plain = written.strip()
    return plain if _WHOLE.fullmatch(plain) or plain in _PLAIN else json.dumps(plain, ensure_ascii=False)


def _top(text: str) -> yaml.Node | None:
    try:
        found: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    return found


def _leaves(node: yaml.Node, path: Path) -> Iterator[Value]:
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield from _leaves(child, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for place, child in enumerate(node.value):
            yield from _leaves(child, (*path, place))
    elif isinstance(node, yaml.ScalarNode):
        yield Value(path, str(node.value), node.start_mark.line + 1)


def _at(node: yaml.Node | None, where: str) -> yaml.Node | None:
    for part in where.split("/"):
        node = _child(node, part)
    return node


def _child(node: yaml.Node | None, part: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((child for key, child in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and _WHOLE.fullmatch(part) and int(part) < len(node.value):
        found: yaml.Node = node.value[int(part)]
        return found
    return None


def _replaced(text: str, node: yaml.Node, written: str) -> str:
    return text[: node.start_mark.index] + written + text[node.end_mark.index :]


def _before_the_first(text: str, mapping: yaml.MappingNode, entry: str) -> str:
    mark = mapping.value[0][0].start_mark
    if mapping.flow_style:
        return f"{text[: mark.index]}{entry}, {text[mark.index :]}"
    begins = mark.index - mark.column
    return f"{text[:begins]}{' ' * mark.column}{entry}\n{text[begins:]}"
