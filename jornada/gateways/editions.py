"""One edition of a form, compiled once: its blank pages as PDF objects, its boxes, its own marks.

Compiling flattens the blank pages (barcodes kept; XFA, scripts, usage rights, widgets, tags and metadata
gone), embeds one typeface and writes down every object and every box, so that filling has nothing to parse.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, ObjectStreamMode, Pdf, Stream

from jornada.gateways import boxes, typeface
from jornada.gateways.boxes import Box
from jornada.gateways.typeface import Typeface

FORMAT = b"jornada-form-2\n"
"""The first line of a compiled form. Raise the number when what follows changes: old files are made anew."""

UNWANTED_ON_PAGES = ("/StructParents", "/Tabs", "/AA", "/Metadata", "/PieceInfo", "/LastModified")
"""What no printed page needs: links to tags that are gone, actions, words about the maker and the day."""

FONT = "/JrnadaFont"
_SLOT = "/JrnadaPage"
_MULTILINE, _COMB, _READ_ONLY = 1 << 12, 1 << 24, 1
_PUSH_BUTTON = 1 << 16
_BARCODE_VALUE = re.compile(r"^([A-Z][A-Z0-9-]*)\|(\d\d/\d\d/\d\d)\|(\d+)$")
_SIGNATURE_NAME = re.compile(r"signature", re.IGNORECASE)
_SIGNATURE_DATE = re.compile(r"date of (your )?signature", re.IGNORECASE)


class NotAForm(ValueError):
    """The file cannot be compiled; the message says why and what to do."""


Drawing = tuple[str, str, int]


@dataclass(frozen=True)
class CompiledForm:
    """One edition, ready to fill: its boxes, and its blank pages as numbered PDF objects.

    `drawings` says for a checkbox and on-state: the form's own mark, the matrix that places it, its page.
    """

    form: str
    edition: str
    sha256: str
    pages: int
    fields: Mapping[str, Box]
    drawings: Mapping[str, Mapping[str, Drawing]]
    face: Typeface
    body: bytes = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    slots: tuple[int, ...] = field(repr=False)
    root: int = field(repr=False)
    table: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        entries = (b"%010d 00000 n \n" % offset for offset in self.offsets)
        object.__setattr__(self, "table", (b"0000000000 65535 f \n", *entries))

    def to_bytes(self) -> bytes:
        """The compiled form as one file: a format line, a header in JSON, the blank PDF objects."""
        fields = [asdict(box) for box in self.fields.values()]
        header = vars(self) | {"fields": fields, "face": self.face.letters, "size": len(self.body)}
        for left_out in ("body", "table"):
            del header[left_out]
        data = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        return FORMAT + struct.pack(">I", len(data)) + data + self.body

    @classmethod
    def from_bytes(cls, data: bytes) -> CompiledForm:
        """What `to_bytes` wrote; `NotAForm` if it is of another format or cut short."""
        start = len(FORMAT) + 4
        if not data.startswith(FORMAT) or len(data) < start:
            raise NotAForm("This was not compiled by this version of Jornada. Run `jornada forms compile`.")
        length = struct.unpack_from(">I", data, len(FORMAT))[0]
        body = data[start + length :]
        try:
            header: dict[str, Any] = json.loads(data[start : start + length])
        except ValueError:
            header = {"size": -1}
        if header.pop("size") != len(body):
            raise NotAForm("The compiled form is cut short. Run `jornada forms compile`.")
        header["fields"] = MappingProxyType({raw["name"]: _box_from_json(raw) for raw in header["fields"]})
        header["face"] = Typeface(tuple((code, glyph, advance) for code, glyph, advance in header["face"]))
        header["drawings"] = {
            name: {state: tuple(drawing) for state, drawing in states.items()}
            for name, states in header["drawings"].items()
        }
        for numbers in ("offsets", "slots"):
            header[numbers] = tuple(header[numbers])
        return cls(body=body, **header)


def _without_looks(marks: _Marks) -> dict[str, dict[str, Drawing]]:
    return {name: {state: mark[:3] for state, mark in states.items()} for name, states in marks.items()}


def _box_from_json(raw: dict[str, Any]) -> Box:
    lists: dict[str, Any] = {key: tuple(raw[key]) for key in ("rect", "on_states", "options")}
    return Box(**(raw | lists | {"copies": tuple(map(_box_from_json, raw["copies"]))}))


@dataclass(frozen=True)
class Widget:
    """A field where it stands on a page; `annotation` is the field itself, or one of its kids."""

    annotation: Any
    name: str
    page: int

    def inherited(self, key: str) -> Any:
        node = self.annotation
        while node is not None:
            if key in node:
                return node[key]
            node = node.get("/Parent")
        return None

    @property
    def flags(self) -> int:
        return int(self.inherited("/Ff") or 0)

    @property
    def value(self) -> str:
        value = self.inherited("/V")
        return str(value) if isinstance(value, pikepdf.String) else ""

    @property
    def is_barcode(self) -> bool:
        """Known by its fixed value or its picture, never by its name: some forms call it TextField1."""
        return bool(_BARCODE_VALUE.match(self.value)) or self._only_an_image()

    def _only_an_image(self) -> bool:
        look = self.annotation.get("/AP", Dictionary()).get("/N")
        if self.inherited("/FT") != "/Tx" or not isinstance(look, Stream):
            return False
        drawn = look.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        return (
            any(one.get("/Subtype") == "/Image" for one in drawn.values()) and b"Tj" not in look.read_bytes()
        )

    @property
    def is_printed(self) -> bool:
        """Part of the blank page rather than a question: a barcode, a button with a link."""
        return self.is_barcode or (self.inherited("/FT") == "/Btn" and bool(self.flags & _PUSH_BUTTON))


def opened(data: bytes) -> Pdf:
    try:
        return pikepdf.open(io.BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise NotAForm("The PDF is locked with a password. Download it from the agency.") from error
    except pikepdf.PdfError as error:
        raise NotAForm("This is not a whole PDF: it is cut short or damaged. Download it again.") from error


def widgets_of(pdf: Pdf) -> Iterator[Widget]:
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in page.get("/Annots", Array()):
            if annotation.get("/Subtype") == "/Widget":
                yield Widget(annotation, _full_name(annotation), number)


def _full_name(node: Any) -> str:
    parts: list[str] = []
    while node is not None:
        if "/T" in node:
            parts.append(str(node["/T"]))
        node = node.get("/Parent")
    return ".".join(reversed(parts))


def box_of(widget: Widget) -> Box:
    rect = tuple(float(number) for number in widget.annotation["/Rect"])
    x0, x1, y0, y1 = min(rect[::2]), max(rect[::2]), min(rect[1::2]), max(rect[1::2])
    kind: boxes.Kind = {"/Btn": "checkbox", "/Ch": "dropdown"}.get(str(widget.inherited("/FT")), "text")  # type: ignore[assignment]
    lines, ruled = _lines(widget, y1 - y0) if kind == "text" else (1, False)
    length = widget.inherited("/MaxLen")
    tooltip = str(widget.inherited("/TU") or "").strip()
    return Box(
        name=widget.name,
        page=widget.page,
        rect=(x0, y0, x1, y1),
        kind=kind,
        tooltip=tooltip,
        max_length=int(length) if length is not None else None,
        comb=kind == "text" and bool(widget.flags & _COMB) and length is not None,
        lines=lines,
        ruled=ruled,
        align=int(widget.inherited("/Q") or 0),
        size=_type_size(str(widget.inherited("/DA") or "")),
        on_states=_on_states(widget) if kind == "checkbox" else (),
        options=_options(widget) if kind == "dropdown" else (),
        read_only=bool(widget.flags & _READ_ONLY),
        signature=_is_signature(widget.name, tooltip) if kind == "text" else False,
        preset=widget.value if kind == "text" else "",
    )


def _lines(widget: Widget, height: float) -> tuple[int, bool]:
    """How many lines a box has, and whether the form rules them."""
    if not widget.flags & _MULTILINE:
        return 1, False
    rules = round(height / boxes.RULE)
    if rules and abs(height - rules * boxes.RULE) < 1:
        return rules, True
    return max(1, int(height / 12)), False


def _type_size(appearance: str) -> float:
    asked = re.search(r"([\d.]+)\s+Tf", appearance)
    return round(float(asked[1]), 1) or 10.0 if asked else 10.0


def _on_states(widget: Widget) -> tuple[str, ...]:
    looks = widget.annotation.get("/AP", Dictionary())
    if not isinstance(looks.get("/N", Dictionary()), Dictionary):
        return ()
    names = [key[1:] for look in ("/N", "/D") for key in dict(looks.get(look, Dictionary())) if key != "/Off"]
    return tuple(dict.fromkeys(names))


def _options(widget: Widget) -> tuple[str, ...]:
    offered = widget.inherited("/Opt") or ()
    return tuple(str(option[0] if isinstance(option, Array) else option) for option in offered)


def _is_signature(name: str, tooltip: str) -> bool:
    last = name.rpartition(".")[2]
    return bool(_SIGNATURE_NAME.search(last)) or ("Date" in last and bool(_SIGNATURE_DATE.search(tooltip)))


def compile_edition(pdf_bytes: bytes, *, form: str = "", edition: str = "") -> CompiledForm:
    """The edition ready to fill, named by its barcodes, or as the caller says where it has none.

    `NotAForm` for a damaged or locked PDF and for one without fields.
    """
    pdf = opened(pdf_bytes)
    widgets = list(widgets_of(pdf))
    fields = _one_box_a_field(box_of(widget) for widget in widgets if not widget.is_printed)
    if not fields:
        raise NotAForm("The PDF has no fields to fill: a scan or a flat print. Download the fillable form.")
    barcodes = [match for widget in widgets if (match := _BARCODE_VALUE.match(widget.value))]
    marks = _take_marks(pdf, widgets)
    _flatten_blank(pdf, widgets)
    _prepare_pages(pdf, marks)
    body, offsets, root, slots = _as_objects(pdf)
    return CompiledForm(
        form=barcodes[0][1] if barcodes else form,
        edition=barcodes[0][2] if barcodes else edition,
        sha256=hashlib.sha256(pdf_bytes).hexdigest(),
        pages=len(pdf.pages),
        fields=MappingProxyType(fields),
        drawings=_without_looks(marks),
        face=typeface.subset_font()[1],
        body=body,
        offsets=offsets,
        slots=slots,
        root=root,
    )


def _one_box_a_field(found: Iterator[Box]) -> dict[str, Box]:
    """The boxes by name. A field in several places is its first box, the rest being copies or on-states."""
    fields: dict[str, Box] = {}
    for box in found:
        first = fields.get(box.name)
        if first is None:
            fields[box.name] = box
        elif box.kind == "checkbox":
            fields[box.name] = replace(first, on_states=tuple(dict.fromkeys(first.on_states + box.on_states)))
        else:
            fields[box.name] = replace(first, copies=(*first.copies, box))
    return fields


_Marks = dict[str, dict[str, tuple[str, str, int, Any]]]


def _take_marks(pdf: Pdf, widgets: Sequence[Widget]) -> _Marks:
    """Each checkbox's own crosses by on-state: resource name, where it is drawn, page, the drawing itself."""
    names: dict[bytes, tuple[str, Any]] = {}
    marks: _Marks = {}
    for widget in widgets:
        if widget.inherited("/FT") != "/Btn" or widget.is_printed:
            continue
        box = box_of(widget)
        for state in box.on_states:
            look = _look(widget.annotation, state)
            key = look.read_bytes() + repr(look.get("/BBox")).encode() + repr(look.get("/Matrix")).encode()
            name, drawing = names.setdefault(key, (f"/JrnadaMark{len(names)}", look))
            marks.setdefault(widget.name, {})[state] = (name, _placed(box, drawing), box.page, drawing)
    return marks


def _look(annotation: Any, state: str) -> Any:
    looks = annotation["/AP"]
    return looks["/N"].get(f"/{state}") or looks["/D"][f"/{state}"]


def _placed(box: Box, drawing: Any) -> str:
    """The matrix that puts a drawing's own box onto the field's (ISO 32000-1, 12.5.5); no mark is turned."""
    x0, y0, x1, y1 = (float(number) for number in drawing["/BBox"])
    across, up = box.width / (x1 - x0), box.height / (y1 - y0)
    return f"{across:.5f} 0 0 {up:.5f} {box.rect[0] - x0 * across:.4f} {box.rect[1] - y0 * up:.4f} cm"


def _flatten_blank(pdf: Pdf, widgets: Sequence[Widget]) -> None:
    """Draw what belongs to the blank page; drop annotations, form, scripts, tags, words about its maker."""
    for widget in widgets:
        if not widget.is_printed and "/AP" in widget.annotation:
            del widget.annotation["/AP"]
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        for key in ("/Annots", "/Thumb", *UNWANTED_ON_PAGES):
            if key in page:
                del page[key]
    for key in list(pdf.Root.keys()):
        if key not in ("/Type", "/Pages", "/Lang"):
            del pdf.Root[key]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def _prepare_pages(pdf: Pdf, marks: _Marks) -> None:
    """Give each page the typeface, its marks and, after the blank, an empty stream for what is filled in."""
    font = typeface.embed(pdf)
    for number, page in enumerate(pdf.pages, start=1):
        page.contents_coalesce()
        base = b"q\n" + page.Contents.read_bytes() + b"\nQ\n"
        slot = pdf.make_stream(b" ", {_SLOT: number})
        page.Contents = pdf.make_indirect(Array([pdf.make_stream(base), slot]))
        resources = page.obj["/Resources"] = Dictionary(
            dict(page.Resources)
        )  # a page's own, before adding to it
        resources["/Font"] = Dictionary({**dict(resources.get("/Font", Dictionary())), FONT: font})
        all_marks = [mark for states in marks.values() for mark in states.values()]
        own = {name: drawing for name, _, where, drawing in all_marks if where == number}
        resources["/XObject"] = Dictionary({**dict(resources.get("/XObject", Dictionary())), **own})


def _as_objects(pdf: Pdf) -> tuple[bytes, tuple[int, ...], int, tuple[int, ...]]:
    """The PDF as plain numbered objects: bytes, offset of each, number of the catalog, of the page slots."""
    out = io.BytesIO()
    pdf.save(out, static_id=True, object_stream_mode=ObjectStreamMode.disable, recompress_flate=True)
    written = pikepdf.open(out)
    body, offsets, found = io.BytesIO(), [], {}
    body.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number in range(1, len(written.objects) + 1):
        thing = written.get_object((number, 0))
        offsets.append(body.tell())
        if isinstance(thing, Stream) and _SLOT in thing:
            found[int(thing[_SLOT])] = number
        else:
            body.write(_serialised(number, thing))
    slots = tuple(found[page] for page in sorted(found))
    return body.getvalue(), tuple(offsets), written.Root.objgen[0], slots


def _serialised(number: int, thing: Any) -> bytes:
    if not isinstance(thing, Stream):
        return b"%d 0 obj\n%s\nendobj\n" % (number, thing.unparse(resolved=True))
    data = thing.read_raw_bytes()
    head = Dictionary({key: value for key, value in thing.items()})
    head["/Length"] = len(data)
    return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, head.unparse(), data)
