"""The boxes of a form and how text sits in them: one line, comb cells, ruled lines, a cross.

Everything here is measured once for both ways of filling (`pdf.fill` and the slow way it is checked against).
Lengths are PDF points from the lower left corner. Nothing is drawn that does not fit: `laid_out` returns the
problem instead, so that long text can go to the additional-information page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jornada.gateways.typeface import CAP_HEIGHT, Typeface, composed, runs_right_to_left

Kind = Literal["text", "checkbox", "dropdown"]

RULE = 18.0  # the forms rule their boxes every 18 points
ABOVE_RULE = 4.5  # where type stands above a rule
PADDING = 2.0  # left and right inside a box
SMALLEST = 7.0  # below this the agency's scanner and people's eyes fail; longer text overflows
COURIER_10 = 6.0  # width of a character in the type the form itself asks for


@dataclass(frozen=True, slots=True)
class Box:
    """One field of one edition: where it is and what it takes. `page` counts from 1.

    `copies` are the other places where the form repeats the same field.
    """

    name: str
    page: int
    rect: tuple[float, float, float, float]
    kind: Kind
    tooltip: str = ""
    max_length: int | None = None
    comb: bool = False
    lines: int = 1
    ruled: bool = False
    align: int = 0
    size: float = 10.0
    on_states: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    read_only: bool = False
    signature: bool = False
    preset: str = ""
    copies: tuple[Box, ...] = ()

    @property
    def width(self) -> float:
        return self.rect[2] - self.rect[0]

    @property
    def height(self) -> float:
        return self.rect[3] - self.rect[1]

    @property
    def usable(self) -> float:
        """The width that text may take."""
        return self.width - 2 * PADDING

    @property
    def line_capacity(self) -> int:
        """Characters in a line of the form's own type (Courier 10 point), where nothing can measure."""
        return self.max_length or 0 if self.comb else int(self.usable / COURIER_10)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be written; `str()` names the field and the mend."""

    field: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"


class UnknownField(Problem):
    """The edition has no field of this name."""


class UnknownState(Problem):
    """A checkbox without this on-state, or a list without this choice."""


class TooLong(Problem):
    """More than the box holds: it belongs on the additional-information page."""


class Unprintable(Problem):
    """A character that the embedded typeface cannot print."""


class LeftForInk(Problem):
    """A signature or its date, which a person writes by hand."""


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs in a row. `shows` is the operator; `says` is the text, where spacing would break it up."""

    x: float
    y: float
    size: float
    shows: str
    says: str = ""


Layout = tuple[Run, ...]


def unprintable(box: Box, text: str, face: Typeface) -> Problem | None:
    """The problem with characters that no glyph exists for, naming each one."""
    strange = face.unprintable(text)
    if not strange:
        return None
    shown = ", ".join(f"“{c}” (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}" for c in strange)
    if any(map(runs_right_to_left, strange)):
        return Unprintable(box.name, f"cannot print right-to-left letters: {shown}. Use Latin letters.")
    return Unprintable(box.name, f"cannot print {shown}. Use Latin, Greek or Cyrillic letters.")


def laid_out(box: Box, value: str, face: Typeface) -> Layout | Problem:
    """The value placed in a text box, or why it cannot be; an empty value is an empty layout."""
    text = composed(value).strip()
    if not text:
        return ()
    try:
        if box.comb:
            return _in_cells(box, text, face)
        if box.lines > 1:
            return _on_lines(box, text, face)
        return _on_one_line(box, text, face)
    except KeyError:  # no advance, hence no glyph: say which
        return unprintable(box, text, face) or TooLong(box.name, "has line breaks but is one line high")


def _in_cells(box: Box, text: str, face: Typeface) -> Layout | Problem:
    cells = box.max_length or len(text)
    if len(text) > cells:
        return TooLong(
            box.name, f"has {cells} cells, the value {len(text)} characters. No dashes, no spaces."
        )
    cell = box.width / cells * 1000 / box.size
    halves = [face.advances[c] / 2 for c in text]
    steps = (f"{half + after - cell:.1f}" for half, after in zip(halves, [*halves[1:], 0.0], strict=True))
    shows = "".join(f"<{face.encoded(c)}>{step}" for c, step in zip(text, steps, strict=True))
    x = box.rect[0] + (cell / 2 - halves[0]) * box.size / 1000
    return (Run(x, _baseline(box, box.size), box.size, f"[{shows}] TJ", text),)


def _on_one_line(box: Box, text: str, face: Typeface) -> Layout | Problem:
    if box.max_length and len(text) > box.max_length:
        return TooLong(box.name, f"takes {box.max_length} characters and the value has {len(text)}.")
    width = face.width(text) / 1000
    size = min(box.size, math.floor(2 * box.usable / width) / 2) if width else box.size
    if size < min(SMALLEST, box.size):
        needed = width * SMALLEST
        return TooLong(
            box.name, f"is {box.usable:.0f} points wide; at {SMALLEST:g} point the value needs {needed:.0f}."
        )
    x = box.rect[0] + PADDING + (box.usable - width * size) * box.align / 2
    return (Run(x, _baseline(box, size), size, _shown(text, face)),)


def _on_lines(box: Box, text: str, face: Typeface) -> Layout | Problem:
    size = box.size
    while True:
        lines = list(wrapped(text, box.usable * 1000 / size, face))
        if len(lines) <= box.lines:
            return _stacked(box, lines, size, face)
        if size - 1 < SMALLEST:
            return TooLong(box.name, f"has {box.lines} lines; the smallest type needs {len(lines)}.")
        size -= 1


def _stacked(box: Box, lines: list[str], size: float, face: Typeface) -> Layout:
    leading = RULE if box.ruled else box.height / box.lines
    top = box.rect[3] + (ABOVE_RULE if box.ruled else leading * 0.3)
    return tuple(
        Run(
            box.rect[0] + PADDING + (box.usable - face.width(line) * size / 1000) * box.align / 2,
            top - leading * number,
            size,
            _shown(line, face),
        )
        for number, line in enumerate(lines, start=1)
        if line
    )


def _shown(text: str, face: Typeface) -> str:
    return f"<{face.encoded(text)}> Tj"


def _baseline(box: Box, size: float) -> float:
    return box.rect[1] + (box.height - CAP_HEIGHT * size) / 2


def wrapped(text: str, width: float, face: Typeface) -> Iterator[str]:
    """The text in lines of at most `width` thousandths of the type size; words break only where they must."""
    for paragraph in text.split("\n"):
        line, room = "", width
        for word in paragraph.split(" "):
            for piece in _pieces(word, width, face):
                needed = face.width(piece) + (face.advances[" "] if line else 0)
                if line and needed > room:
                    yield line
                    line, room, needed = "", width, face.width(piece)
                line = f"{line} {piece}" if line else piece
                room -= needed
        yield line


def _pieces(word: str, width: float, face: Typeface) -> Iterator[str]:
    """The word, cut only if it alone is wider than a line."""
    while face.width(word) > width and len(word) > 1:
        cut = len(word) - 1
        while cut > 1 and face.width(word[:cut]) > width:
            cut -= 1
        yield word[:cut]
        word = word[cut:]
    yield word


def split_at_capacity(box: Box, value: str, face: Typeface) -> tuple[list[str], str]:
    """The lines that fit at the box's own type size, and the rest of the text; no word is lost between."""
    text = composed(value).strip()
    if isinstance(layout := laid_out(box, text, face), tuple):
        size = layout[0].size if layout else box.size
        return list(wrapped(text, box.usable * 1000 / size, face)) if box.lines > 1 else [text], ""
    if box.lines == 1:
        return _split_one_line(box, text, face)
    kept = list(wrapped(text, box.usable * 1000 / box.size, face))[: box.lines]
    return kept, _after(text, kept)


def _split_one_line(box: Box, text: str, face: Typeface) -> tuple[list[str], str]:
    limit = box.max_length or len(text)
    words, kept = text.partition("\n")[0].split(" "), ""
    for word in words:
        longer = f"{kept} {word}" if kept else word
        if len(longer) > limit or face.width(longer) * SMALLEST > box.usable * 1000:
            break
        kept = longer
    return ([kept] if kept else []), _after(text, [kept])


def _after(text: str, kept: list[str]) -> str:
    """What follows the kept lines in the text, without the blank between."""
    at = 0
    for line in kept:
        at = text.index(line, at) + len(line)
    return text[at:].lstrip(" \n")
