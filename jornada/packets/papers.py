"""Every part of a packet as PDF, in the order that the plan gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jornada.domain import packets as rules
from jornada.domain.enclosures import Enclosure, enclosures
from jornada.domain.packets import Filled, PacketPlan, Piece
from jornada.gateways import letters, pdf


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the packet: a form, an answer sheet, a letter or an exhibit's separator."""

    kind: str
    key: str
    title: str
    data: bytes
    pages: int


def parts(
    plan: PacketPlan, filled: Filled, made: Mapping[str, bytes], more: Iterable[Enclosure] = ()
) -> list[Part]:
    """The packet's parts in order. Forms without a PDF come as answer sheets, exhibits as separator pages.

    `made` holds the drawn forms, `more` the letters that the packet itself cannot compose. A form that is
    filled by hand has no part here; the report says so.
    """
    written: dict[Piece, list[Enclosure]] = {}
    for one in (*enclosures(plan, filled), *more):
        if one.piece is not None:
            written.setdefault(one.piece, []).append(one)
    found = []
    for piece in rules.assembled(plan, filled):
        if piece.kind == "form" and piece.key in made:
            found.append(_sized("form", piece.key, f"Form {piece.key}", made[piece.key]))
        found.extend(_composed(piece, one) for one in written.get(piece, ()))
    return found


def _composed(piece: Piece, one: Enclosure) -> Part:
    kind = "sheet" if one.kind == "answer_sheet" else piece.kind
    return _sized(kind, piece.key, str(one.data["title"]), letters.compose(one.kind, one.language, one.data))


def _sized(kind: str, key: str, title: str, data: bytes) -> Part:
    return Part(kind, key, title, data, pdf.inspect(data).pages)
