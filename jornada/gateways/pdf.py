"""Filled forms and packets: fill, merge, look into the result, and show a page.

An edition is compiled once (`editions.py`); filling then writes one content stream a page and a new table
of objects around the same bytes. `fill_slowly` does the same with pikepdf, field by field; tests compare the
two as pictures.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf

from jornada.gateways import boxes, typeface
from jornada.gateways.boxes import Box, LeftForInk, Problem, TooLong, UnknownField, UnknownState, Unprintable
from jornada.gateways.editions import (
    FONT,
    UNWANTED_ON_PAGES,
    CompiledForm,
    NotAForm,
    Widget,
    box_of,
    compile_edition,
    opened,
    widgets_of,
)
from jornada.gateways.typeface import Typeface, composed, font_path

__all__ = [
    "Box",
    "CannotFill",
    "CompiledForm",
    "Inspection",
    "LeftForInk",
    "NotAForm",
    "Problem",
    "TooLong",
    "UnknownField",
    "UnknownState",
    "Unprintable",
    "compile_edition",
    "fill",
    "fill_slowly",
    "fits",
    "font_path",
    "inspect",
    "measure",
    "merge",
    "page_image",
    "problems",
    "unprintable",
    "wrap",
]


class CannotFill(ValueError):
    """Nothing was written; `problems` lists every value that stands in the way."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def measure(compiled: CompiledForm, text: str, size: float = 10.0) -> float:
    """How wide the text prints, in points; `CannotFill` names characters without a glyph."""
    if strange := compiled.face.unprintable(text):
        raise CannotFill([boxes.Unprintable("text", f"cannot print {' '.join(strange)}.")])
    return compiled.face.width(composed(text)) * size / 1000


def unprintable(compiled: CompiledForm, text: str) -> tuple[str, ...]:
    """The characters of a text that no form can show, each once; for the report before printing."""
    return compiled.face.unprintable(text)


def fits(compiled: CompiledForm, name: str, text: str) -> bool:
    """Whether the text fits its box at a readable size. `CannotFill` for an unknown field or character."""
    box = compiled.fields.get(name)
    placed = _placed_value(compiled, box, text) if box else _unknown(compiled, name)
    if isinstance(placed, boxes.TooLong):
        return False
    if isinstance(placed, Problem):
        raise CannotFill([placed])
    return True


def wrap(compiled: CompiledForm, name: str, text: str) -> tuple[list[str], str]:
    """The lines that fit the field's box, and the rest for the additional-information page."""
    fits(compiled, name, text)  # an unknown field or character is an error here too
    return boxes.split_at_capacity(compiled.fields[name], text, compiled.face)


def problems(compiled: CompiledForm, values: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything that would make `fill` refuse these values."""
    unknown = [_unknown(compiled, name) for name in values if name not in compiled.fields]
    placed = (_placed_value(compiled, box, values.get(name, "")) for name, box in compiled.fields.items())
    return (*unknown, *(one for one in placed if isinstance(one, Problem)))


def fill(compiled: CompiledForm, values: Mapping[str, str]) -> bytes:
    """The filled, flattened PDF; equal input gives equal bytes.

    A checkbox takes its on-state, a dropdown one of its choices; an empty value leaves the box blank.
    `CannotFill` lists every problem, and then nothing is written.
    """
    refused: list[Problem] = [_unknown(compiled, name) for name in values if name not in compiled.fields]
    pages: list[list[str]] = [[] for _ in range(compiled.pages)]
    sizes = [0.0] * compiled.pages
    for name, box in compiled.fields.items():
        placed = _placed_value(compiled, box, values.get(name, box.preset))
        if isinstance(placed, Problem):
            refused.append(placed)
            continue
        for page, what in placed:
            sizes[page - 1] = _draw(pages[page - 1], what, sizes[page - 1])
    if refused:
        raise CannotFill(refused)
    return _assembled(compiled, [_content(page) for page in pages])


def _unknown(compiled: CompiledForm, name: str) -> Problem:
    return UnknownField(name, f"is no field of {compiled.form} {compiled.edition}. Correct the form's map.")


_Placed = Sequence[tuple[int, boxes.Layout | str]]


def _placed_value(compiled: CompiledForm, box: Box, value: str) -> _Placed | Problem:
    """By page: the runs of a text, or the operators that draw a checkbox's mark; or the problem."""
    if not value:
        return ()
    if box.signature:
        return LeftForInk(box.name, "is a signature or its date. It stays blank; the person signs in ink.")
    if box.kind == "checkbox":
        return _mark(compiled, box, value)
    if box.options and value not in box.options:
        return UnknownState(box.name, f"has no choice {value!r}. It takes {_listed(box.options)}.")
    placed: list[tuple[int, boxes.Layout | str]] = []
    for where in (box, *box.copies):
        layout = boxes.laid_out(where, value, compiled.face)
        if isinstance(layout, Problem):
            return layout
        placed.append((where.page, layout))
    return placed


def _mark(compiled: CompiledForm, box: Box, state: str) -> _Placed | Problem:
    drawing = compiled.drawings.get(box.name, {}).get(state)
    if drawing is None:
        return UnknownState(box.name, f"has no on-state {state!r}. It takes {_listed(box.on_states)}.")
    return [(drawing[2], f"q {drawing[1]} {drawing[0]} Do Q\n")]


def _listed(choices: Sequence[str]) -> str:
    shown = ", ".join(repr(choice) for choice in choices[:12])
    return shown + (f" and {len(choices) - 12} more" if len(choices) > 12 else "")


def _draw(page: list[str], placed: boxes.Layout | str, size: float) -> float:
    """Add the operators to the page's one text object (see `_content`); the type size then in force."""
    if isinstance(placed, str):
        page.append(f"ET {placed}BT\n")
        return size
    for run in placed:
        if run.size != size:
            size = run.size
            page.append(f"{FONT} {size:g} Tf\n")
        if run.says:  # cells are far apart: say what they spell, so that it can be searched and copied
            spelt = f"/Span <</ActualText <FEFF{run.says.encode('utf-16-be').hex()}>>> BDC"
            page.append(f"{spelt} 1 0 0 1 {run.x:.3f} {run.y:.3f} Tm {run.shows} EMC\n")
        else:
            page.append(f"1 0 0 1 {run.x:.3f} {run.y:.3f} Tm {run.shows}\n")
    return size


def _content(operators: list[str]) -> bytes:
    return f"q 0 g BT\n{''.join(operators)}ET Q\n".encode("ascii") if operators else b""


def _assembled(compiled: CompiledForm, contents: Sequence[bytes]) -> bytes:
    """The precompiled objects, the filled streams behind them, one table of contents around both."""
    parts, table, at = [compiled.body], list(compiled.table), len(compiled.body)
    for number, content in zip(compiled.slots, contents, strict=True):
        part = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(content), content)
        table[number] = b"%010d 00000 n \n" % at
        parts.append(part)
        at += len(part)
    digest = hashlib.md5(b"".join(contents), usedforsecurity=False).hexdigest().encode()
    parts.append(b"xref\n0 %d\n%s" % (len(table), b"".join(table)))
    parts.append(
        b"trailer\n<</Size %d /Root %d 0 R /ID [<%s> <%s>]>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(table), compiled.root, compiled.sha256[:32].encode(), digest, at)
    )
    return b"".join(parts)


def fill_slowly(pdf_bytes: bytes, values: Mapping[str, str]) -> bytes:
    """The same result by pikepdf alone: an appearance for each field of the original PDF, then flattened.

    The values are taken as checked by `problems`.
    """
    pdf = opened(pdf_bytes)
    font, face = typeface.embed(pdf), typeface.subset_font()[1]
    for widget in list(widgets_of(pdf)):
        if widget.is_printed:
            continue
        value = values.get(widget.name, widget.value)
        if widget.inherited("/FT") == "/Btn":
            state = value if value in box_of(widget).on_states else "Off"
            widget.annotation["/V"] = widget.annotation["/AS"] = Name(f"/{state}")
        elif value:
            _set_appearance(pdf, widget, value, font, face)
    _strip_form(pdf)
    _flatten(pdf)
    out = io.BytesIO()
    pdf.save(out, static_id=True)
    return out.getvalue()


def _flatten(pdf: Pdf) -> None:
    pdf.flatten_annotations("all")
    for page in pdf.pages:  # qpdf leaves the widgets that had nothing to draw
        if "/Annots" in page:
            page["/Annots"] = Array([one for one in page["/Annots"] if one.get("/Subtype") != "/Widget"])


def _set_appearance(pdf: Pdf, widget: Widget, value: str, font: Any, face: Typeface) -> None:
    box = box_of(widget)
    layout = boxes.laid_out(box, value, face)
    if isinstance(layout, Problem):
        raise CannotFill([layout])
    runs = [replace(run, x=run.x - box.rect[0], y=run.y - box.rect[1]) for run in layout]
    operators: list[str] = []
    _draw(operators, tuple(runs), 0.0)
    look = pdf.make_stream(
        _content(operators),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, box.width, box.height],
        Resources=Dictionary(Font=Dictionary({FONT: font})),
    )
    widget.annotation["/V"] = pikepdf.String(value)
    widget.annotation["/AP"] = Dictionary(N=look)


def _strip_form(pdf: Pdf) -> None:
    for key in ("/XFA", "/SigFlags", "/NeedAppearances"):
        if key in pdf.Root.AcroForm:
            del pdf.Root.AcroForm[key]
    for key in ("/Perms", "/Metadata", "/OpenAction", "/AA"):
        if key in pdf.Root:
            del pdf.Root[key]
    if "/Names" in pdf.Root and "/JavaScript" in pdf.Root.Names:
        del pdf.Root.Names["/JavaScript"]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def merge(parts: Sequence[bytes], *, separators: Sequence[bytes] = (), titles: Sequence[str] = ()) -> bytes:
    """One packet of all the parts in order; `separators[n]` goes before part n, `titles[n]` is its bookmark.

    Parts with fields (an exhibit, say) are flattened, links inside a letter still lead there, our typeface is
    kept once, and nothing about who made the parts is carried over. `NotAForm` names the part that is not
    a whole PDF.
    """
    packet = pikepdf.new()
    starts, font = [], None
    for number, part in enumerate(parts):
        starts.append(len(packet.pages))
        for piece in (*separators[number : number + 1], part):
            packet.add_pages_from(_ready_to_merge(piece, number + 1), forms="strip")
        font = _share_font(packet, starts[-1], font)
    if titles:
        with packet.open_outline() as outline:
            for title, start in zip(titles, starts, strict=True):
                outline.root.append(pikepdf.OutlineItem(title, start))
    if "/Info" in packet.trailer:
        del packet.trailer["/Info"]
    out = io.BytesIO()
    packet.save(out, deterministic_id=True, compress_streams=False)  # they are compressed already
    return out.getvalue()


def _ready_to_merge(part: bytes, number: int) -> Pdf:
    try:
        source = opened(part)
    except NotAForm as error:
        raise NotAForm(f"Part {number} of the packet: {error}") from error
    if "/AcroForm" in source.Root:
        _flatten(source)
    for page in source.pages:
        for key in UNWANTED_ON_PAGES:
            if key in page:
                del page[key]
    return source


def _share_font(packet: Pdf, start: int, font: Any) -> Any:
    """Point the pages from `start` on to the typeface that the packet already has, if theirs is the same."""
    fonts = [page.get("/Resources", Dictionary()).get("/Font", Dictionary()) for page in packet.pages[start:]]
    ours = [one for one in fonts if FONT in one]  # one typeface a part: its pages share it
    if not ours:
        return font
    if font is None:
        return ours[0][FONT]
    if _program(ours[0][FONT]) == _program(font):
        for one in ours:
            one[FONT] = font
    return font


def _program(font: Any) -> bytes:
    program: bytes = font.DescendantFonts[0].FontDescriptor.FontFile2.read_raw_bytes()
    return program


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a PDF really holds, for the report before printing; `printed` is (form, edition) by page."""

    pages: int
    printed: tuple[tuple[str, str] | None, ...]
    has_xfa: bool
    has_scripts: bool
    has_widgets: bool
    metadata: Mapping[str, str]
    text: tuple[str, ...]

    @property
    def editions(self) -> Mapping[str, frozenset[str]]:
        """Every form in the file and the editions printed on its pages; more than one is a mistake."""
        found: dict[str, set[str]] = {}
        for one in self.printed:
            if one:
                found.setdefault(one[0], set()).add(one[1])
        return {form: frozenset(editions) for form, editions in found.items()}


_PRINTED = re.compile(r"Form\s+([A-Z]+-\d+[A-Z]*)\s+(?:Edition\s+|\(Rev\.\s*)?(\d\d/\d\d/\d\d)\b")
_PDFIUM = threading.Lock()  # PDFium keeps global state: one thread at a time


def inspect(data: bytes) -> Inspection:
    """Pages, printed editions, text, anything active or telling that is left. `NotAForm` if unreadable."""
    pdf = opened(data)
    text = _texts(data)
    form = pdf.Root.get("/AcroForm", Dictionary())
    return Inspection(
        pages=len(pdf.pages),
        printed=tuple((found[1], found[2]) if (found := _PRINTED.search(page)) else None for page in text),
        has_xfa="/XFA" in form,
        has_scripts=_has_scripts(pdf),
        has_widgets=any(True for _ in widgets_of(pdf)),
        metadata=_metadata(pdf),
        text=text,
    )


def _texts(data: bytes) -> tuple[str, ...]:
    try:
        with _PDFIUM, pypdfium2.PdfDocument(data) as document:
            return tuple(page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document)
    except pypdfium2.PdfiumError as error:
        raise NotAForm("This is not a whole PDF: its pages cannot be read. Download it again.") from error


def _has_scripts(pdf: Pdf) -> bool:
    return any(
        isinstance(thing, Dictionary)
        and ("/JS" in thing or "/JavaScript" in thing or "/AA" in thing or thing.get("/S") == "/JavaScript")
        for thing in _everything(pdf.objects)
    )


def _everything(things: Iterable[Any]) -> Iterable[Any]:
    """Every object and what stands directly inside it; references are met where they are defined."""
    waiting = list(things)
    while waiting:
        thing = waiting.pop()
        yield thing
        if isinstance(thing, Array | Dictionary):
            inside = thing.values() if isinstance(thing, Dictionary) else thing
            waiting.extend(
                one for one in inside if isinstance(one, Array | Dictionary) and not one.is_indirect
            )


def _metadata(pdf: Pdf) -> dict[str, str]:
    found = {str(key): str(value) for key, value in pdf.docinfo.items()} if "/Info" in pdf.trailer else {}
    if "/Metadata" in pdf.Root:
        found["/Metadata"] = pdf.Root.Metadata.read_bytes().decode("utf-8", "replace")
    return found


def page_image(data: bytes, page: int, dpi: int = 100) -> bytes:
    """One page (from 1) as a PNG, for review beside the answers; `IndexError` where there is no such page."""
    try:
        with _PDFIUM, pypdfium2.PdfDocument(data) as document:
            if not 1 <= page <= len(document):
                raise IndexError(f"There is no page {page}: the file has {len(document)}.")
            picture = document[page - 1].render(scale=dpi / 72).to_pil()
    except pypdfium2.PdfiumError as error:
        raise NotAForm("This is not a whole PDF: it cannot be shown. Make it again.") from error
    out = io.BytesIO()
    picture.save(out, format="PNG", compress_level=3)
    return out.getvalue()
