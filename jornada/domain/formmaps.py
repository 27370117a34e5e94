"""Printed forms as data: which fact each printed item takes, and the boxes of one edition.

A form map (`forms/<form>-<edition>.yaml` of a pack) belongs to one edition. `read_map` turns it into a
`FormMap` and finds what is wrong with it: every field of the edition is filled, left for ink, or left
blank for a stated reason. How answers get into the boxes is in formfill.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jornada.domain.conditions import Condition, ConditionError, condition

_SOURCES = ("fact", "choice", "value", "text", "rows", "total", "total_of", "never")
_KEYS = {*_SOURCES, "part", "item", "page", "label", "field", "also", "mark", "format", "words", "other",
         "when", "if_any", "signer", "columns", "headings", "formats"}  # fmt: skip
_FORMATS = ("", "date", "money", "digits", "letters_digits", "phone", "zip", "state", "full_name")


class MapError(ValueError):
    """A form map that cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"{name}: " + "; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The fields of one edition by full name: room for text, cells, ruled lines, on-states, state lists."""

    lines: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    combs: Mapping[str, int] = field(default_factory=dict)
    ruled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(self.lines, self.combs, self.ruled, self.marks, self.lists)


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed item: where it stands, what it takes, the field or fields that hold it."""

    part: str
    item: str
    page: int
    label: str
    source: str
    name: Any
    fields: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    mark: Mapping[str, str | None] | None = None
    format: str = ""
    words: Mapping[str, str] | str | None = None
    other: str = ""
    when: Condition | None = None
    if_any: bool = False
    signer: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)

    @property
    def written(self) -> tuple[str, ...]:
        """Every field that this item can write, or leaves for ink."""
        marks = (name for name in (self.mark or {}).values() if name)
        cells = (name for column in self.columns.values() for name in column)
        return (*self.fields, *self.also, *dict.fromkeys(marks), *cells)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the page for additional information."""

    item: str
    page: str
    part: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftBlank:
    """Fields that are left blank on purpose, and why."""

    reason: str
    part: str
    item: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormMap:
    """One edition of one form. `sheet_only`: its PDF was never read, so it becomes an answer sheet.

    `used_as` is form, call (questions that an agency asks by telephone) or portal (typed into a web page).
    """

    form: str
    edition: str
    title: str
    agency: str
    pages: int
    sha256: str
    items: tuple[Printed, ...]
    blocks: tuple[Block, ...] = ()
    additional_part: str = ""
    additional_page: int = 0
    left_blank: tuple[LeftBlank, ...] = ()
    boxes: Boxes = field(default_factory=Boxes)
    sheet_only: bool = False
    used_as: str = "form"

    @property
    def accounted(self) -> frozenset[str]:
        """Every field that the map fills, leaves for ink or leaves blank with a reason."""
        written = {name for item in self.items for name in item.written}
        blocks = {name for b in self.blocks for name in (b.page, b.part, b.number, b.text)}
        return frozenset(written | blocks | {name for left in self.left_blank for name in left.fields})


# --- reading a map ----------------------------------------------------------------------------------


def read_map(raw: Mapping[str, Any]) -> FormMap:
    """The map as written in YAML; MapError with all that is wrong: keys, formats, fields, conditions."""
    prefix, wrong = str(raw.get("prefix", "")), list[str]()
    named = (raw.get("conditions") or {}).items()
    conditions = {name: _condition(name, given, {}, wrong) for name, given in named}
    items = tuple(_printed(given, prefix, conditions, wrong) for given in raw["items"])
    extra = raw.get("additional_information") or {}
    made = FormMap(
        form=raw["form"], edition=raw["edition"], title=raw["title"], agency=raw["agency"],
        pages=raw["pages"], sha256=raw.get("sha256", ""), items=items,
        blocks=tuple(_block(given, prefix) for given in extra.get("blocks", ())),
        additional_part=str(extra.get("part", "")), additional_page=extra.get("page", 0),
        left_blank=tuple(_left_blank(given, prefix) for given in raw.get("left_blank", ())),
        boxes=_boxes(raw.get("boxes") or {}, prefix), sheet_only=bool(raw.get("sheet_only")),
        used_as=str(raw.get("used_as", "form")),
    )  # fmt: skip
    wrong.extend(() if made.sheet_only else _unaccounted(made))
    if wrong:
        raise MapError(f"{made.form} {made.edition}", wrong)
    return made


def _unaccounted(made: FormMap) -> Iterator[str]:
    for name in sorted(made.accounted - made.boxes.names):
        yield f"{name} is no field of this edition; take the name from its list of fields"
    for name in sorted(made.boxes.names - made.accounted):
        yield f"{name} is not accounted for; give it an item or a reason under left_blank"
    for item in made.items:
        for name in filter(None, (item.mark or {}).values()):
            if name not in made.boxes.marks:
                yield f"{name} is no checkbox; item {item.part} {item.item} marks it"


def _condition(name: str, given: Any, named: Mapping[str, Condition], wrong: list[str]) -> Condition:
    if isinstance(given, str) and given in named:
        return named[given]
    try:
        return condition(given)
    except ConditionError as error:
        wrong.append(f"{name}: {error}")
        return condition({"always": True})


def _printed(
    given: Mapping[str, Any], prefix: str, named: Mapping[str, Condition], wrong: list[str]
) -> Printed:
    place = f"part {given.get('part')} item {given.get('item')}"
    sources = [source for source in _SOURCES if source in given]
    if len(sources) != 1:
        wrong.append(f"{place}: says {' and '.join(sources) or 'nothing'}; name one of {', '.join(_SOURCES)}")
    if unknown := set(given) - _KEYS:
        wrong.append(f"{place}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}")
    if given.get("format", "") not in _FORMATS:
        wrong.append(f"{place}: there is no format {given['format']!r}; known are {', '.join(_FORMATS[1:])}")
    source = sources[0] if sources else "text"
    return Printed(
        part=given["part"], item=given["item"], page=given.get("page", 0), label=given["label"],
        source=source, name=given.get(source, ""),
        fields=tuple(prefix + name for name in _listed(given.get("field"))),
        also=tuple(prefix + name for name in given.get("also", ())),
        mark=_marks(given["mark"], prefix) if "mark" in given else None,
        format=given.get("format", ""), words=given.get("words"), other=given.get("other", ""),
        when=_condition(place, given["when"], named, wrong) if "when" in given else None,
        if_any=bool(given.get("if_any")), signer=given.get("signer", ""),
        columns={
            name: tuple(prefix + cell for cell in cells) for name, cells in given.get("columns", {}).items()
        },
        headings=given.get("headings", {}), formats=given.get("formats", {}),
    )  # fmt: skip


def _marks(given: Mapping[str, str | None], prefix: str) -> dict[str, str | None]:
    """The box that each answer marks; None where the form has none and needs none."""
    return {answer: prefix + name if name else None for answer, name in given.items()}


def _listed(given: Any) -> Sequence[str]:
    return () if given is None else [given] if isinstance(given, str) else given


def _block(given: Mapping[str, str], prefix: str) -> Block:
    return Block(given["item"], *(prefix + given[key] for key in ("page", "part", "number", "text")))


def _left_blank(given: Mapping[str, Any], prefix: str) -> LeftBlank:
    fields = tuple(prefix + name for name in given["fields"])
    return LeftBlank(given["reason"], given["part"], given["item"], fields)


def _boxes(given: Mapping[str, Mapping[str, Any]], prefix: str) -> Boxes:
    named = {kind: {prefix + name: value for name, value in fields.items()} for kind, fields in given.items()}
    named["ruled"] = {name: (value[0], value[1]) for name, value in named.get("ruled", {}).items()}
    return Boxes(**named)
