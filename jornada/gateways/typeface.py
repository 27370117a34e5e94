"""The one typeface that prints in form boxes: where it is, which letters it has, how it is embedded.

Government forms name a Courier that they do not carry and that knows only Western European letters.
DejaVu Sans Condensed has Vietnamese, Polish, Turkish, Greek and Cyrillic letters, is narrow, and may be
embedded freely. The subset is made once, when an edition is compiled.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont

FILE_NAME = "DejaVuSansCondensed.ttf"
POSTSCRIPT_NAME = "/JRNADA+DejaVuSansCondensed"
CAP_HEIGHT = 0.729  # of the type size; capitals are centred in one-line boxes by it

_PROJECT = Path(__file__).resolve().parents[2]
_PLACES = (
    Path(__file__).resolve().parents[1] / "web" / "static" / "built" / "fonts",
    _PROJECT / "node_modules" / "dejavu-fonts-ttf" / "ttf",
    Path("/usr/share/fonts/truetype/dejavu"),  # Debian's package fonts-dejavu-core
)

_RANGES = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x00AC),  # Latin-1 without the soft hyphen, which a form would print
    (0x00AE, 0x024F),  # Latin-1, Latin Extended-A and -B
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x0482),  # Cyrillic, without combining signs: nothing here places them
    (0x048A, 0x052F),
    (0x1E00, 0x1EFF),  # Latin Extended Additional: Vietnamese
    (0x2010, 0x2027),  # dashes, quotation marks, ellipsis
    (0x2030, 0x205E),
    (0x20A0, 0x20C0),  # currency signs
    (0x2116, 0x2116),  # numero sign
    (0x2122, 0x2122),
)


class FontMissing(LookupError):
    """The typeface is nowhere to be found."""


@dataclass(frozen=True)
class Typeface:
    """Glyphs and advances of one embedded subset; `letters` is (code point, glyph, thousandths of an em)."""

    letters: tuple[tuple[int, int, int], ...]
    hex_by_code: dict[int, str] = field(init=False, repr=False, compare=False)
    advances: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hex_by_code", {code: f"{glyph:04X}" for code, glyph, _ in self.letters})
        object.__setattr__(self, "advances", {chr(code): advance for code, _, advance in self.letters})

    def encoded(self, text: str) -> str:
        """The text as hexadecimal glyph numbers, for a Tj; every character must be printable."""
        return text.translate(self.hex_by_code)

    def width(self, text: str) -> int:
        """How wide the text is, in thousandths of the type size."""
        return sum(map(self.advances.__getitem__, text))

    def unprintable(self, text: str) -> tuple[str, ...]:
        """The characters of a text that have no glyph here, each once, in order; line breaks do not count."""
        known = self.advances
        return tuple(dict.fromkeys(c for c in composed(text) if c not in known and c != "\n"))


def composed(text: str) -> str:
    """The text in composed form (a letter and its combining accent are one), with plain breaks and blanks."""
    if text.isprintable() and text.isascii():
        return text
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def runs_right_to_left(character: str) -> bool:
    """Whether a character belongs to a script written from the right, or steers the direction of text."""
    return unicodedata.bidirectional(character) in {"R", "AL", "AN", "RLE", "RLO", "RLI"}


def font_path() -> Path:
    """Where the typeface is; `FontMissing` says how to get it."""
    for place in _PLACES:
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    raise FontMissing(
        f"{FILE_NAME} was not found in {' or '.join(_shown(place) for place in _PLACES)}. "
        "Run `make setup`, which installs the npm package dejavu-fonts-ttf, and try again."
    )


def _shown(place: Path) -> str:
    return str(place.relative_to(_PROJECT)) if place.is_relative_to(_PROJECT) else str(place)


@lru_cache(maxsize=1)
def subset_font() -> tuple[bytes, Typeface, tuple[int, ...]]:
    """The TrueType file with only the letters of `_RANGES`, its typeface, and the advance of every glyph."""
    font = TTFont(font_path(), recalcTimestamp=False)  # equal input, equal bytes: no date of today
    options = subset.Options(
        hinting=False,
        layout_features=[],
        name_IDs=[],
        notdef_outline=True,
        glyph_names=False,
        recalc_timestamp=False,
        drop_tables=["GSUB", "GPOS", "GDEF", "kern", "FFTM", "OS/2", "gasp", "post"],
    )
    maker = subset.Subsetter(options)
    maker.populate(unicodes=[code for first, last in _RANGES for code in range(first, last + 1)])
    maker.subset(font)
    scale = 1000 / font["head"].unitsPerEm
    glyphs = {name: number for number, name in enumerate(font.getGlyphOrder())}
    advances = tuple(round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder())
    by_code = {code: glyphs[name] for code, name in sorted(font.getBestCmap().items())}
    letters = tuple((code, glyph, advances[glyph]) for code, glyph in by_code.items())
    out = io.BytesIO()
    font.save(out)
    return out.getvalue(), Typeface(letters), advances


def embed(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The typeface as a Type0 font of this PDF, Identity-H, with ToUnicode so that text can be copied."""
    file, typeface, advances = subset_font()
    program = pdf.make_stream(file, Length1=len(file))
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(POSTSCRIPT_NAME),
        Flags=4,
        FontBBox=[-918, -415, 1513, 1167],
        ItalicAngle=0,
        Ascent=939,
        Descent=-236,
        CapHeight=729,
        StemV=80,
        FontFile2=program,
    )
    cid_font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name(POSTSCRIPT_NAME),
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        CIDToGIDMap=pikepdf.Name.Identity,
        DW=600,
        W=[0, list(advances)],
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name(POSTSCRIPT_NAME),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(cid_font)],
            ToUnicode=pdf.make_stream(_to_unicode(typeface)),
        )
    )


def _to_unicode(typeface: Typeface) -> bytes:
    """The CMap from glyphs back to letters; where two letters share a glyph, the first one stands."""
    first: dict[int, int] = {}
    for code, glyph, _ in typeface.letters:
        first.setdefault(glyph, code)
    pairs = [f"<{glyph:04X}> <{code:04X}>" for glyph, code in sorted(first.items())]
    blocks = (f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar\n" for some in _hundreds(pairs))
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{''.join(blocks)}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _hundreds(pairs: list[str]) -> Iterable[list[str]]:
    return (pairs[start : start + 100] for start in range(0, len(pairs), 100))
