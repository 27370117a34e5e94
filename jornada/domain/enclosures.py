"""What stands in a packet's letters and sheets: plain data for the templates of gateways/letters.py.

Words come from the pack's wording; what people said is passed on as they said it. What is not known is shown
as still open, never filled in. Letters to the agency and answer sheets are in English; the worker's statement
is in the worker's language, with an English page that waits for its translation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from jornada.domain.conditions import UNKNOWN
from jornada.domain.facts import UNSURE, NotADate, Outcome, PartialDate, Reason
from jornada.domain.formfill import Blank, SheetRow
from jornada.domain.formmaps import Printed
from jornada.domain.names import full_name
from jornada.domain.packets import Exhibit, Filled, PacketPlan, Piece, assembled
from jornada.domain.packparts import RulePack
from jornada.domain.printchecks import Check, sentence

Data = Mapping[str, Any]

STATEMENT = (
    "statement_work",
    "statement_events",
    "statement_agency",
    "statement_roots",
    "statement_why_stay",
)


class Said(Protocol):
    """The words of the pack in one language."""

    def __call__(self, key: str, **values: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One letter or sheet to compose: its template, its language, its data, and the piece it belongs to."""

    kind: str
    language: str
    data: Data
    piece: Piece | None = None


def enclosures(plan: PacketPlan, filled: Filled) -> tuple[Enclosure, ...]:
    """What is to be composed for a packet, in order: letters, answer sheets, a page before each exhibit."""
    return tuple(_enclosed(plan, filled, assembled(plan, filled)))


def _enclosed(plan: PacketPlan, filled: Filled, pieces: Sequence[Piece]) -> Iterator[Enclosure]:
    for piece in pieces:
        if piece.kind == "exhibit":
            yield Enclosure("separator", "en", separator(plan, piece), piece)
        elif piece.kind == "form" and piece.key in filled.sheets:
            yield Enclosure("answer_sheet", "en", answer_sheet(plan, filled, piece.key), piece)
        elif piece.key == "cover":
            yield Enclosure("cover", "en", cover(plan, filled), piece)
        elif piece.key == "statement":
            yield Enclosure("statement", _written(plan), statement(plan), piece)
        elif piece.key == "translation":
            yield Enclosure("translation", "en", translation(plan), piece)
        elif piece.key == "attached_sheet":
            for form in dict.fromkeys(over.form for over in filled.attached):
                yield Enclosure("attached_sheet", "en", attached_sheet(plan, filled, form), piece)


# --- words --------------------------------------------------------------------------------------


def _words(pack: RulePack, language: str) -> Said:
    def said(key: str, **values: Any) -> str:
        return pack.text(f"letters.{key}", language, **values)

    return said


def framed(words: Said, title: str, data: Data) -> Data:
    """The data with a title for the file (never a person's name) and the footer around the page number."""
    before, _, after = words("footer", title=title, page="\0", pages="").partition("\0")
    return {"title": title, "footer": [before, after], **data}


def _plain(value: Any) -> str:
    return "" if value in (None, UNSURE, UNKNOWN) else str(value)


def _day(value: Any) -> str:
    """A date as forms write it, as exactly as it is known: 01/20/2023, 03/2021, 2021."""
    if value == "ongoing":
        return "today"
    try:
        known = PartialDate.parse(_plain(value))
    except NotADate:
        return _plain(value)
    parts = (known.month, known.day)
    return "/".join([*(f"{part:02}" for part in parts if part is not None), f"{known.year:04}"])


def envelope(address: Any) -> list[str]:
    """An address as on an envelope."""
    parts = address if isinstance(address, Mapping) else {}
    unit = " ".join(filter(None, (parts.get("unit_kind", "").capitalize(), parts.get("unit"))))
    street = ", ".join(filter(None, (parts.get("street"), unit)))
    town = " ".join(filter(None, (parts.get("state"), parts.get("zip"))))
    care = f"c/o {parts['in_care_of']}" if parts.get("in_care_of") else ""
    return [line for line in (care, street, ", ".join(filter(None, (parts.get("city"), town)))) if line]


def _written(plan: PacketPlan) -> str:
    """The language of the worker's words where the pack has it, else English."""
    language = plan.facts.get("written_language")
    return language if language in plan.pack.languages else "en"


# --- the cover letter -----------------------------------------------------------------------------


def cover(plan: PacketPlan, filled: Filled, job: int = 0) -> Data:
    """The letter on top: what is asked, under which statement of interest, and the numbered index.

    `job` is the place in the worker's jobs of the one that the statement covers: an advocate's choice.
    """
    words, facts = _words(plan.pack, "en"), plan.facts
    name = full_name(facts.get("legal_name")) or words("cover.open", what="name")
    filing = _plain(plan.choices.get("filing"))
    request = words(f"cover.request.{filing}") if filing else words("cover.open", what="filing")
    matter = _plain(plan.choices.get("matter_ref"))
    where = [line.strip() for line in _plain(plan.file_at).split(", ", 2)] if _plain(plan.file_at) else []
    return framed(words, words("cover.title"), {
        "date": f"{plan.on:%m/%d/%Y}",
        "from": [name, *envelope(plan.values.get("mail"))],
        "to": where or [words("cover.open", what="address")],
        "re_label": words("cover.re"),
        "re": [line for line in (request, matter) if line],
        "greeting": words("cover.greeting"),
        "paragraphs": list(_paragraphs(plan, words, name, filing, job)),
        "index_title": words("cover.index"),
        "index_head": ["#", words("checklist.letter"), words("checklist.paper")],
        "index": _index(plan, filled),
        "closing": words("cover.respectfully"),
        "sign": words("cover.sign"),
        "signer": full_name(plan.choices.get("rep_name")) if plan.choices.get("represented") == "yes" else name,
    })  # fmt: skip


def _paragraphs(plan: PacketPlan, words: Said, name: str, filing: str, job: int) -> Iterator[str]:
    if filing in ("initial", "subsequent", "extension"):
        yield _scope_paragraph(plan, words, name, job)
    asks = [words(f"cover.asks.{filing}", name=name)] if filing else []
    if plan.choices.get("work_permit") == "yes" and filing != "stand_alone":
        asks.append(words("cover.permit"))
    if plan.facts.get("ssn_card_wanted") == "yes" and plan.form("G-325A"):
        asks.append(words("cover.card"))
    yield " ".join(asks)
    proceedings = plan.choices.get("in_proceedings")
    if proceedings in ("yes", "no"):
        yield words(f"cover.proceedings.{proceedings}", name=name)
    else:
        yield words("cover.open", what=plan.pack.text("choices.in_proceedings", "en"))
    yield _fee_line(plan, words)
    if plan.form("G-28"):
        representative = full_name(plan.choices.get("rep_name")) or words("cover.open", what="representative")
        yield words("cover.represented", representative=representative)


def _scope_paragraph(plan: PacketPlan, words: Said, name: str, job: int) -> str:
    held = plan.facts.get("jobs")
    worked = held[job] if isinstance(held, list) and job < len(held) else {}
    chosen = plan.choices
    town = ", ".join(filter(None, (_plain(worked.get("city")), _plain(worked.get("state")))))
    values = {
        "agency": _plain(chosen.get("labor_agency")), "date": _day(chosen.get("statement_on")),
        "matter": _plain(chosen.get("matter_ref")), "employer": _plain(worked.get("employer")),
        "worksite": _plain(worked.get("worksite")), "place": town, "start": _day(worked.get("from")),
        "end": _day(worked.get("to")), "job": _plain(worked.get("job_title")),
    }  # fmt: skip
    shown = {key: value or words("cover.open", what=key) for key, value in values.items()}
    return words("cover.scope", name=name, **shown)


def _fee_line(plan: PacketPlan, words: Said) -> str:
    amount, paid_by = plan.fee.amount, plan.fee.paid_by
    if amount is None or amount == UNKNOWN:
        return words("cover.open", what="fee")
    if float(amount) == 0:
        return words("cover.fee.none")
    return words(f"cover.fee.{paid_by}", amount=amount) if paid_by else words("cover.open", what="fee")


def _index(plan: PacketPlan, filled: Filled) -> list[list[str]]:
    listed = [piece for piece in assembled(plan, filled) if piece.key != "cover"]
    return [
        [str(number), piece.letter, _called(plan.pack, piece, "en")] for number, piece in enumerate(listed, 1)
    ]


def _called(pack: RulePack, piece: Piece, language: str) -> str:
    if piece.kind == "form":
        return pack.text("letters.separator.form", language, form=piece.key)
    return pack.text(f"{'exhibits' if piece.kind == 'exhibit' else 'packet_parts'}.{piece.key}", language)


# --- the statement and its translation ----------------------------------------------------------------


def statement(plan: PacketPlan) -> Data:
    """A scaffold around the worker's own words: nothing is added to them and nothing left out."""
    language = _written(plan)
    words, english = _words(plan.pack, language), _words(plan.pack, "en")
    name = full_name(plan.facts.get("legal_name"))
    agency = _plain(plan.choices.get("labor_agency"))
    sections = [
        {"heading": words(f"statement.{fact}"), "text": _plain(plan.facts.get(fact))} for fact in STATEMENT
    ]
    return framed(words, plan.pack.text("packet_parts.statement", language), {
        "draft": words("statement.draft"),
        "heading": words("statement.title", name=name),
        "opening": words("statement.opening", name=name),
        "sections": sections,
        "nothing": words("statement.nothing"),
        "request": words("statement.request", agency=agency) if agency else "",
        "sign": words("statement.sign"),
        "date": words("statement.date"),
        "english": _english_page(english, name) if plan.facts.get("written_language") != "en" else None,
    })  # fmt: skip


def _english_page(english: Said, name: str) -> Data:
    return {
        "needed": english("statement.translation_needed"),
        "heading": english("statement.title", name=name),
        "note": english("statement.translation_note"),
        "sections": [english(f"statement.{fact}") for fact in STATEMENT],
    }


def translation(plan: PacketPlan) -> Data:
    """The translator's certificate: complete, accurate, competent; the rest is written by hand."""
    words = _words(plan.pack, "en")
    language = plan.facts.get("written_language")
    spoken = (
        ""
        if language in (None, UNSURE, "other", "en")
        else plan.pack.text(f"options.written_language.{language}", "en")
    )
    papers = [
        _called(plan.pack, Piece("exhibit", one.key), "en")
        for one in plan.exhibits
        if one.letter and not one.english
    ]
    if Piece("letter", "statement") in plan.pieces and language != "en":
        papers.insert(0, plan.pack.text("packet_parts.statement", "en"))
    fields = ("signature", "name", "date", "address", "phone", "email")
    return framed(words, words("translation.title"), {
        "heading": words("translation.title"),
        "body": words("translation.body", spoken=spoken or "____________________"),
        "papers_title": words("translation.papers"),
        "papers": papers,
        "fields": [words(f"translation.fields.{field}") for field in fields],
    })  # fmt: skip


# --- for the worker and the staff -----------------------------------------------------------------------


def checklist(plan: PacketPlan, language: str) -> Data:
    """What the worker brings, in the worker's language: only what this packet takes."""
    pack, words = plan.pack, _words(plan.pack, language)
    taken = sorted((one for one in plan.exhibits if one.outcome is not Outcome.NO), key=_lettered_first)
    rows = [_brought(pack, one, language) for one in taken]
    return framed(words, words("checklist.title"), {
        "heading": words("checklist.title"),
        "intro": words("checklist.intro"),
        "head": [words(f"checklist.{column}") for column in ("have", "letter", "paper", "need")],
        "rows": rows,
        "translate": words("checklist.translate"),
        "safe": words("checklist.safe"),
    })  # fmt: skip


def _lettered_first(one: Exhibit) -> tuple[bool, int, str]:
    return not one.letter, len(one.letter), one.letter


def _brought(pack: RulePack, one: Exhibit, language: str) -> Data:
    return {
        "have": one.on_hand, "letter": one.letter,
        "paper": pack.text(f"exhibits.{one.key}", language),
        "hint": pack.text(f"exhibit_hints.{one.key}", language),
        "need": pack.text(f"needs.{one.need}", language),
    }  # fmt: skip


def separator(plan: PacketPlan, piece: Piece) -> Data:
    """The page before an exhibit or a form."""
    words = _words(plan.pack, "en")
    called = _called(plan.pack, piece, "en")
    heading = words("separator.exhibit", letter=piece.letter) if piece.letter else called
    return framed(words, heading, {"heading": heading, "text": called if piece.letter else ""})


def answer_sheet(plan: PacketPlan, filled: Filled, form: str, language: str = "en") -> Data:
    """Every item of a form in its order, with what to copy onto it and what stays blank, and why."""
    words, done = _words(plan.pack, language), filled.forms[form]
    made = next(one.map for one in plan.included if one.form == form and one.map)
    rows = [row for item in made.items for row in _sheet_rows(words, item, done.rows, done.blanks)]
    kind = "" if made.used_as == "form" else f".{made.used_as}"
    title = words(f"sheet{kind}.title", form=form, edition=done.edition, title=made.title)
    return framed(words, title, {
        "heading": title,
        "intro": words(f"sheet{kind}.intro"),
        "unnumbered": words("sheet.unnumbered") if not kind and any(not row["item"] for row in rows) else "",
        "head": [words(f"sheet.{column}") for column in ("part", "item", "asks", "answer")],
        "rows": rows,
    })  # fmt: skip


def _sheet_rows(
    words: Said, item: Printed, rows: Sequence[SheetRow], blanks: Sequence[Blank]
) -> Iterator[dict[str, Any]]:
    told = {"signature": "sheet.sign", "undecided": "sheet.decide"}
    place = {"part": item.part, "item": item.item}
    for row in rows:
        same = (row.part, row.item) == (item.part, item.item)
        if same and (row.label == item.label or (item.columns and row.label.startswith(f"{item.label}, "))):
            yield {**place, "label": row.label, "value": row.value, "note": False}
    for blank in blanks:
        if (blank.place.part, blank.place.item, blank.place.label) == (item.part, item.item, item.label):
            yield {
                **place,
                "label": item.label,
                "value": words(told.get(blank.why, "sheet.blank")),
                "note": True,
            }


def attached_sheet(plan: PacketPlan, filled: Filled, form: str) -> Data:
    """What did not fit a form: name and number on top, page, part and item beside each text."""
    words = _words(plan.pack, "en")
    about = [[words("attached.name"), full_name(plan.facts.get("legal_name"))]]
    if number := _plain(plan.facts.get("a_number")):
        about.append([words("attached.a_number"), number])
    entries = [
        {"where": words("attached.where", page=one.page, part=one.part, item=one.item), "text": one.text}
        for one in filled.attached
        if one.form == form
    ]
    title = words("attached.title", form=form)
    data = {"heading": title, "about": about, "entries": entries}
    return framed(words, title, {**data, "sign": words("statement.sign"), "date": words("statement.date")})


def report_page(plan: PacketPlan, checks: Sequence[Check], language: str) -> Data:
    """The report before printing as a page for staff; never filed."""
    pack, words = plan.pack, _words(plan.pack, language)
    told = partial(_told, pack, language)
    rows = [
        {
            "outcome": one.outcome.value, "state": pack.text(f"outcomes.{one.outcome.value}", language),
            "check": pack.text(f"report.{one.key}", language), "details": told(one.detail),
        }
        for one in checks
    ]  # fmt: skip
    day = words("report.on", date=f"{plan.on:%m/%d/%Y}")
    return framed(words, words("report.title"), {
        "heading": words("report.title"),
        "about": f"{words('report.for', name=full_name(plan.facts.get('legal_name')))}. {day}.",
        "review": "" if pack.approved else words("report.review"),
        "head": [words("report.state"), words("report.check")],
        "rows": rows,
    })  # fmt: skip


def _told(pack: RulePack, language: str, details: Sequence[Reason]) -> list[str]:
    return [sentence(pack, reason, language) for reason in details]
