"""Letters and sheets of a packet as tagged PDF (PDF/UA-1), composed by Typst from data.

The templates lie in letters/. Data goes in as JSON and is never spliced into markup, so nothing that a
person wrote can act as a command. The result holds no date, host, user or tool name, and equal data gives
equal bytes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

from jornada.gateways import typeface

TEMPLATES = Path(__file__).with_name("letters")
KINDS = tuple(sorted(path.stem for path in TEMPLATES.glob("*.typ") if path.stem != "paper"))

_TOOL = re.compile(rb"Typst \d+(?:\.\d+)*")
_ONE_AT_A_TIME = threading.Lock()  # a compiler keeps the inputs of its last run


class CannotCompose(ValueError):
    """A letter that cannot be made; the message names the letter, what is wrong and the mend."""


def compose(kind: str, language: str, data: Mapping[str, Any], *, fonts: Path | None = None) -> bytes:
    """The letter as PDF bytes. `kind` is one of KINDS, `data` what its template reads, `language` say "es".

    `fonts` is a folder of TrueType files to use in place of the installed typeface. Raises CannotCompose for
    an unknown kind, for data that the template misses, and for characters that the typeface cannot show.
    """
    if kind not in KINDS:
        raise CannotCompose(f"there is no letter {kind!r}; there are {', '.join(KINDS)}")
    folder = str(fonts or typeface.font_path().parent)
    if strange := sorted({char for text in _texts(data) for char in text} - _shown(folder)):
        shown = " ".join(strange)
        problem = f"the letter {kind!r} has characters that cannot be shown: {shown}"
        raise CannotCompose(f"{problem}. Write them otherwise.")
    given = {"data": json.dumps({"language": language, **data}, ensure_ascii=False, sort_keys=True)}
    try:
        with _ONE_AT_A_TIME:
            made = _compiler(kind, folder).compile(format="pdf", pdf_standards="ua-1", sys_inputs=given)
    except typst.TypstError as wrong:
        mend = f"Compare its data with {kind}.typ."
        raise CannotCompose(f"the letter {kind!r} cannot be composed: {wrong.message}. {mend}") from None
    if not isinstance(made, bytes):
        raise CannotCompose(f"the letter {kind!r} came out in pieces; compose one document at a time")
    return _anonymous(made)


@lru_cache(maxsize=32)
def _compiler(kind: str, folder: str) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / f"{kind}.typ", root=TEMPLATES, font_paths=_fonts(folder), ignore_system_fonts=True
    )


@lru_cache(maxsize=4)
def _fonts(folder: str) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@lru_cache(maxsize=4)
def _shown(folder: str) -> frozenset[str]:
    """The characters of the typeface, and line breaks."""
    with TTFont(Path(folder) / typeface.FILE_NAME, lazy=True) as font:
        return frozenset({*map(chr, font.getBestCmap()), "\n"})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _anonymous(pdf: bytes) -> bytes:
    """The same file without the composing program's name; of equal length, so that all offsets hold."""
    return _TOOL.sub(lambda name: b" " * len(name[0]), pdf)
