"""Answers written into the boxes of a form.

Nothing is invented: a missing answer, an approximate date or an answer for which the form has no box leaves
the box blank and is listed. Signatures and their dates are never written. What does not fit moves to the
form's page for additional information with page, part and item, and from there to an attached sheet.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from jornada.domain.conditions import Scope
from jornada.domain.facts import UNSURE, NotADate, Outcome, PartialDate
from jornada.domain.formmaps import Boxes, FormMap, Printed

SHEET = "sheet"
"""Where an overflow goes when the form itself has no room left."""

_EXTENSION = re.compile(r"(?i)\s*(?:x|ext\.?)\s*\d+$")


# --- measuring --------------------------------------------------------------------------------------


class Paper(Protocol):
    """Measures text against the boxes of one edition; the compiled PDF does it exactly."""

    def wrap(self, name: str, text: str) -> tuple[Sequence[str], str]:
        """The lines that fit the field, and the rest."""
        ...

    def unprintable(self, text: str) -> Sequence[str]:
        """The characters that no font at hand can print."""
        ...


@dataclass(frozen=True, slots=True)
class CountedPaper:
    """A `Paper` that counts characters at 10 points, for when the form's PDF is not at hand."""

    boxes: Boxes

    def wrap(self, name: str, text: str) -> tuple[Sequence[str], str]:
        """Lines by counting; a field that the map does not measure takes anything."""
        if name in self.boxes.ruled:
            rows, width = self.boxes.ruled[name]
            wrapped = [line for part in text.split("\n") for line in textwrap.wrap(part, width) or [""]]
            return wrapped[:rows], " ".join(wrapped[rows:])
        room = min(self.boxes.lines.get(name, len(text)), self.boxes.limits.get(name, len(text)))
        return ((text,), "") if len(text) <= room else ((), text)

    def unprintable(self, text: str) -> Sequence[str]:
        """Nothing: only a font can tell."""
        return ()


# --- filling ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """An item of a form, as a report or a reviewer points to it."""

    form: str
    part: str
    item: str
    page: int
    label: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A box left blank: why is signature, missing, unsure, approximate, undecided or depends.

    `name` is the fact (or the advocate's choice) that would fill it.
    """

    place: Place
    why: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that could not be written: `key` names why, `values` what the sentence about it needs."""

    place: Place
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overflow:
    """Text that did not fit and where it goes: the item number of a block, or SHEET."""

    form: str
    page: int
    part: str
    item: str
    text: str
    goes_to: str = SHEET


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the answer sheet and of the reviewer's list: item, what it asks, what is written."""

    part: str
    item: str
    page: int
    label: str
    value: str
    name: str = ""
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class FilledForm:
    """The field values of one form (full name to text or on-state), and everything to be said about it."""

    form: str
    edition: str
    values: dict[str, str] = field(default_factory=dict)
    rows: list[SheetRow] = field(default_factory=list)
    blanks: list[Blank] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    overflow: list[Overflow] = field(default_factory=list)

    @property
    def signatures(self) -> tuple[Blank, ...]:
        return tuple(blank for blank in self.blanks if blank.why == "signature")


Words = Callable[[str, str], str]
"""The English words for an option of a fact, as forms print them."""


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that an item may take: answers, the advocate's choices, and values worked out from both."""

    scope: Scope
    choices: Mapping[str, Any]
    values: Mapping[str, Any]
    words: Words

    def take(self, item: Printed) -> Any:
        """The value of the item's fact, choice or value; None if there is none, UNSURE if nobody is sure."""
        name, _, piece = str(item.name).partition(".")
        held = {"choice": self.choices, "value": self.values}.get(item.source, self.scope.answers)
        value = held.get(name)
        if piece and isinstance(value, Mapping):
            return value.get(piece) or None
        return None if value in ("", []) else value


def fill_form(form: FormMap, said: Said, paper: Paper | None = None) -> FilledForm:
    """The form filled. `paper` measures with the real font; without it characters are counted."""
    filler = _Filler(form, said, paper or CountedPaper(form.boxes))
    for item in form.items:
        filler.item(item)
    filler.place_overflow()
    return filler.out


class _CannotWrite(Exception):
    """Why a value is not written: the name of a Blank, or (with `trouble`) of a Trouble."""

    def __init__(self, why: str, trouble: bool = False, **values: Any) -> None:
        self.why, self.trouble, self.values = why, trouble, values


class _Filler:
    """Fills one form; keeps what it wrote and what it could not write in `out`."""

    def __init__(self, form: FormMap, said: Said, paper: Paper) -> None:
        self.form, self.said, self.paper = form, said, paper
        self.out = FilledForm(form.form, form.edition)

    def item(self, item: Printed) -> None:
        needed = item.when.holds(self.said.scope) if item.when else Outcome.YES
        if needed is Outcome.NO:
            return
        if item.source == "never":
            self._blank(item, "signature")
        elif needed is Outcome.NOT_YET_KNOWN:
            self._blank(item, "depends")
        else:
            self._attempt(item)

    def _attempt(self, item: Printed) -> None:
        try:
            if item.columns:
                self._rows(item)
            elif item.mark is not None:
                self._mark(item)
            else:
                self._write(item, self._text_of(item))
        except _CannotWrite as why:
            if why.trouble:
                self.out.troubles.append(Trouble(self._place(item), why.why, why.values))
            else:
                self._blank(item, why.why)

    def _place(self, item: Printed) -> Place:
        return Place(self.form.form, item.part, item.item, item.page, item.label)

    def _blank(self, item: Printed, why: str) -> None:
        if why == "missing" and item.if_any:
            return
        if why == "missing" and item.source == "choice":
            why = "undecided"
        name = ", ".join(item.name) if isinstance(item.name, list) else str(item.name).partition(".")[0]
        self.out.blanks.append(Blank(self._place(item), why, "" if why == "signature" else name))

    def _row(self, item: Printed, value: str, fields: Sequence[str]) -> None:
        name = item.name if isinstance(item.name, str) else ""
        row = SheetRow(item.part, item.item, item.page, item.label, value, name, tuple(fields))
        self.out.rows.append(row)

    # values as text

    def _text_of(self, item: Printed) -> str:
        if item.source == "text":
            return str(item.name)
        if item.source in ("total", "total_of"):
            return self._total(item)
        value = _answered(self.said.take(item))
        if item.words is not None:
            return self._worded(item, value)
        return written(value, item.format)

    def _worded(self, item: Printed, value: str) -> str:
        if value == "other" and item.other:
            other = _answered(self.said.scope.answers.get(item.other))
            return str(other)
        if item.words == "options":
            return self.said.words(str(item.name), value)
        if not isinstance(item.words, Mapping) or value not in item.words:
            raise _CannotWrite("no_word", trouble=True, answer=value)
        return item.words[value]

    def _total(self, item: Printed) -> str:
        answers = self.said.scope.answers
        if item.source == "total":
            amounts = [_answered(answers.get(name)) for name in item.name]
        else:
            fact, _, piece = item.name.partition(".")
            amounts = [_answered(row.get(piece)) for row in _answered(answers.get(fact))]
        return written(str(sum((Decimal(amount) for amount in amounts), Decimal(0))), "money")

    # writing

    def _write(self, item: Printed, text: str) -> None:
        self._row(item, text, (*item.fields, *item.also))
        if item.fields:  # an answer sheet has none
            self._check(item, text)
            self._place_text(item, text)

    def _place_text(self, item: Printed, text: str) -> None:
        kept, rest = self._flow(item.fields, text)
        if rest and len(item.fields) == 1 and item.fields[0] not in self.form.boxes.ruled:
            kept, rest = {}, text  # never half a name
        if rest:
            self.out.overflow.append(Overflow(self.form.form, item.page, item.part, item.item, rest))
            kept = kept or self._pointer(item.fields[0])
        self.out.values.update(kept)
        for copy in item.also:
            self.out.values.update(self._copy(copy, text))

    def _check(self, item: Printed, text: str) -> None:
        """Refuses characters that no font prints and text of another length than the cells of a comb."""
        if strange := self.paper.unprintable(text):
            raise _CannotWrite("unprintable", trouble=True, characters=" ".join(strange))
        cells = self.form.boxes.combs.get(item.fields[0])
        if cells is not None and len(text) != cells:
            raise _CannotWrite("wrong_length", trouble=True, cells=cells, length=len(text))
        if item.format == "phone" and len(text) > self.form.boxes.limits.get(item.fields[0], len(text)):
            raise _CannotWrite("foreign_phone", trouble=True)

    def _flow(self, fields: Sequence[str], text: str) -> tuple[dict[str, str], str]:
        """The text over one or several boxes, and what is left over."""
        kept: dict[str, str] = {}
        for name in fields:
            if not text:
                break
            if name in self.form.boxes.lists:
                return {name: self.form.boxes.lists[name] + text}, ""
            lines, text = self.paper.wrap(name, text)
            if lines:
                kept[name] = "\n".join(lines)
        return kept, text

    def _copy(self, name: str, text: str) -> dict[str, str]:
        kept, rest = self._flow((name,), text)
        return self._pointer(name) if rest else kept

    def _pointer(self, name: str) -> dict[str, str]:
        to = f"See Part {self.form.additional_part}" if self.form.blocks else "See attached"
        kept, rest = self._flow((name,), to)
        return {} if rest else kept

    def _mark(self, item: Printed) -> None:
        answer = _answered(self.said.take(item))
        ticked = answer if isinstance(answer, list) else [answer]
        mark = item.mark or {}
        if strange := [one for one in ticked if one not in mark]:
            raise _CannotWrite("no_box", trouble=True, answer=", ".join(strange))
        boxes = [name for one in ticked if (name := mark[one])]
        self.out.values.update({name: self.form.boxes.marks.get(name, "") for name in boxes})
        self._row(item, ", ".join(self._option(item, one) for one in ticked), boxes)

    def _option(self, item: Printed, answer: str) -> str:
        if answer in ("yes", "no"):
            return answer.capitalize()
        return self.said.words(str(item.name).partition(".")[0], answer)

    # tables

    def _rows(self, item: Printed) -> None:
        rows = _answered(self.said.scope.answers.get(str(item.name)))
        room = max((len(cells) for cells in item.columns.values()), default=0)
        for number, row in enumerate(rows):
            cells = {name: _cell(row.get(name), item.formats.get(name, "")) for name in item.columns}
            fields = [column[number] for column in item.columns.values() if number < len(column)]
            self._row(replace(item, label=f"{item.label}, {number + 1}"), _joined(item, cells), fields)
            if number < room:
                cells = self._cells(item, number, cells)
            if any(cells.values()):
                self._overflow_row(item, cells)

    def _cells(self, item: Printed, number: int, cells: Mapping[str, str]) -> dict[str, str]:
        """Writes the cells of one printed row; gives back those that did not fit."""
        left: dict[str, str] = {}
        for name, text in cells.items():
            target = item.columns[name][number]
            if strange := self.paper.unprintable(text):
                values = {"characters": " ".join(strange)}
                self.out.troubles.append(Trouble(self._place(item), "unprintable", values))
                continue
            kept, rest = self._flow((target,), text)
            if rest:
                left[name] = text
                kept = self._pointer(target)
            self.out.values.update(kept)
        return left

    def _overflow_row(self, item: Printed, cells: Mapping[str, str]) -> None:
        text, over = _joined(item, cells), self.out.overflow
        if over and (over[-1].part, over[-1].item) == (item.part, item.item):
            over[-1] = replace(over[-1], text=f"{over[-1].text}\n{text}")
        else:
            over.append(Overflow(self.form.form, item.page, item.part, item.item, text))

    # additional information

    def place_overflow(self) -> None:
        """Each overflow into the first free block that holds it whole; the others to an attached sheet."""
        free, placed = list(self.form.blocks), []
        for over in self.out.overflow:
            block = next((one for one in free if not self.paper.wrap(one.text, over.text)[1]), None)
            if block is None:
                placed.append(over)
                continue
            free.remove(block)
            placed.append(replace(over, goes_to=block.item))
            lines = self.paper.wrap(block.text, over.text)[0]
            self.out.values[block.page], self.out.values[block.part] = str(over.page), over.part
            self.out.values[block.number], self.out.values[block.text] = over.item, "\n".join(lines)
        self.out.overflow = placed


def _answered(value: Any) -> Any:
    if value is None or value == "" or value == []:
        raise _CannotWrite("missing")
    if value == UNSURE:
        raise _CannotWrite("unsure")
    return value


def _joined(item: Printed, cells: Mapping[str, str]) -> str:
    return "; ".join(f"{item.headings.get(name, name)}: {text}" for name, text in cells.items() if text)


def _cell(value: Any, form: str) -> str:
    try:
        return written(_answered(value), form)
    except _CannotWrite:
        return str(value) if form == "date" and isinstance(value, str) and value != UNSURE else ""


# --- values as the form prints them --------------------------------------------------------------------


def written(value: Any, form: str = "") -> str:
    """The value in a format of the forms: mm/dd/yyyy, digits without dashes, money without its sign.

    Raises inside a fill (an approximate date leaves the box blank; a wrong number is a trouble).
    """
    return _WRITERS[form](value)


def _date(value: Any) -> str:
    if value == "ongoing":
        return "present"
    try:
        day = PartialDate.parse(str(value))
    except NotADate:
        raise _CannotWrite("not_a_date", trouble=True, answer=str(value)) from None
    if not day.exact:
        raise _CannotWrite("approximate")
    return f"{day.month:02}/{day.day:02}/{day.year:04}"


def _money(value: Any) -> str:
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        raise _CannotWrite("not_an_amount", trouble=True, answer=str(value)) from None


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", str(value), flags=re.ASCII)


def _letters_digits(value: Any) -> str:
    return re.sub(r"[^0-9A-Z]", "", str(value).upper())


def _phone(value: Any) -> str:
    """Ten digits of a number in the United States; other numbers keep all their digits."""
    digits = _digits(_EXTENSION.sub("", str(value)))
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def _state(value: Any) -> str:
    letters = str(value).strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", letters):
        raise _CannotWrite("state_in_full", trouble=True, answer=str(value))
    return letters


def _full_name(value: Any) -> str:
    return " ".join(filter(None, (value.get(part) for part in ("given", "middle", "family"))))


_WRITERS: dict[str, Callable[[Any], str]] = {
    "": str,
    "date": _date,
    "money": _money,
    "digits": _digits,
    "letters_digits": _letters_digits,
    "phone": _phone,
    "zip": lambda value: _digits(value)[:5],
    "state": _state,
    "full_name": _full_name,
}
