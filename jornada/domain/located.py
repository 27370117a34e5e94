"""YAML text to plain data that remembers its lines, with YAML's traps refused.

A rule pack is written by lawyers and translators, so everything that YAML would
quietly turn into something else (`no` into false, a date into a date object,
`1.50` into a float, the same key twice into the last one) is an error that
names the line and the mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""Where a value stands in a file: keys and positions from the top."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRAPS = re.compile(r"(?i:yes|no|on|off|y|n)")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class PackError:
    """One thing wrong with a pack: where it stands and how to mend it."""

    file: str
    line: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}. {self.mend}"


class PackErrors(ValueError):
    """A pack that cannot be used; `errors` holds everything that was found, in order."""

    def __init__(self, errors: tuple[PackError, ...]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(slots=True)
class Located:
    """The data of one file and the line of every part of it."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path = ()) -> int:
        """The line of the part, or of the nearest part around it that is there; 1 for the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(file: str, text: str, errors: list[PackError]) -> Located:
    """The file's data with lines. What is wrong is added to `errors`; the rest is still read."""
    located = Located(file)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = mark.line + 1 if mark else 1
        errors.append(
            PackError(
                file,
                line,
                f"not YAML: {wrong.problem or wrong.context}",
                "Mend the indentation or quoting here",
            )
        )
        return located
    except yaml.YAMLError as wrong:
        errors.append(
            PackError(file, 1, f"not YAML: {wrong}", "Save the file as UTF-8 text without control characters")
        )
        return located
    if node is not None:
        located.data = _Reader(located, errors).value(node, ())
    return located


class _Reader:
    """Turns YAML's nodes into plain data, noting lines and complaints on the way."""

    def __init__(self, located: Located, errors: list[PackError]) -> None:
        self.located = located
        self.errors = errors

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.located.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, position)) for position, child in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, child in node.value:
            key = self.key(key_node)
            if key in data:
                self.complain(key_node, f"the key {key!r} stands twice", "Keep one of them")
            self.located.lines[(*path, key)] = key_node.start_mark.line + 1
            data[key] = self.value(child, (*path, key))
        return data

    def key(self, node: yaml.Node) -> str:
        if node.tag == _TAG + "merge":
            self.complain(node, "merge keys (<<) are not part of the pack language", "Write the keys out")
        return str(self.scalar(node)) if isinstance(node, yaml.ScalarNode) else repr(node.value)

    def scalar(self, node: yaml.Node) -> Any:
        text: str = node.value
        tag = node.tag.removeprefix(_TAG)
        if tag == "bool" and not _TRAPS.fullmatch(text):
            return text.lower() == "true"
        if tag == "null":
            return None
        if tag == "int" and _WHOLE.fullmatch(text):
            return int(text)
        if tag != "str":
            self.trap(node, tag, text)
        return text

    def trap(self, node: yaml.Node, tag: str, text: str) -> None:
        made = {
            "bool": "true or false",
            "timestamp": "a date object",
            "float": "a floating number",
            "int": "another number",
        }
        problem = f"{text} without quotes is read by YAML as {made.get(tag, tag)}"
        self.complain(node, problem, f'Write "{text}"')

    def complain(self, node: yaml.Node, problem: str, mend: str) -> None:
        self.errors.append(PackError(self.located.file, node.start_mark.line + 1, problem, mend))


def flat(data: Any, path: Path = ()) -> Iterator[tuple[str, Any, Path]]:
    """The leaves of nested mappings as (dotted key, value, path); `{a: {b: x}}` and `{a.b: x}` are one."""
    if not isinstance(data, Mapping):
        yield ".".join(str(part) for part in path), data, path
        return
    for key, value in data.items():
        yield from flat(value, (*path, key))
