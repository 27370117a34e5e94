"""Papers of a wage claim as plain data: the worksheet, the letter to the employer, proof of sending, values for forms.

Data for the templates of letters.py, in words of the packs. Nothing here knows of anybody's papers: it reads the
claim, the advocate's choices and the facts that wage packs have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date

from jornada.domain import calendars
from jornada.domain.enclosures import envelope, framed
from jornada.domain.facts import UNSURE, Source
from jornada.domain.names import full_name
from jornada.domain.packets import document
from jornada.domain.packparts import RulePack, needs_review
from jornada.domain.wages.worksheet import Line, Worksheet, merged
from jornada.gateways import wagelaws, wagewords
from jornada.gateways.wagelaws import Reckoned

Data = Mapping[str, Any]

LANGUAGES = ("en", "es")
"""Languages that the wage packs' papers come in."""
USUAL_DAYS = 14
"""Days to answer a letter: a usual span and no law (notes on wages, section 6)."""
MOST_ROWS = 24
"""Lines in a letter before it gives sums by kind and leaves the rest to the worksheet."""
_KINDS = {
    "regular": ("agreed_wages", "agreed_extras", "uncovered_hours", "minimum_wage"),
    "overtime": ("overtime_straight", "overtime", "double_time", "bonus_overtime"),
    "meal": ("meal_premium",),
    "rest": ("rest_premium",),
    "split_shift": ("split_shift",),
    "reporting": ("call_in",),
    "vacation": ("supplement",),
    "expense": ("expense",),
    "deductions": ("deductions",),
    "sick_leave": ("sick_leave",),
    "waiting_time": ("waiting_time",),
    "liquidated": ("liquidated_damages", "treble_damages"),
}
"""Rows of the agencies' forms and the components that belong to them."""
_DAMAGES = ("waiting_time", "liquidated")


@dataclass(frozen=True, slots=True)
class Taken:
    """What goes into the papers: the chosen count, without what nobody has verified unless the advocate takes it in."""

    sheet: Worksheet
    lines: tuple[Line, ...]
    damages: tuple[Line, ...]
    left_out: Decimal

    @property
    def wages(self) -> Decimal:
        return _sum(self.lines)


def taken(found: Reckoned, choices: Mapping[str, Any]) -> Taken:
    """The lines for the papers by the advocate's choices; the careful count where none is chosen."""
    low, high = found.sheets
    sheet = high if choices.get("count") == "high" else low
    both = choices.get("include_unverified") == "yes"
    lines = tuple(line for line in sheet.lines if not line.late and (both or not line.unverified))
    damages = tuple(line for line in sheet.damages if both or not line.unverified)
    return Taken(sheet, lines, damages, Decimal(0) if both else sheet.unverified)


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


# ── Values for the agencies' forms ────────────────────────────────────────────────────────────────────────


def computed(found: Reckoned, answers: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the packs' packet.yaml names under `computed`, by name."""
    if found.claim is None:
        return {}
    papers = taken(found, choices)
    return {
        "owed": _owed(papers),
        "owed_lines": [_grid_row(line) for line in merged(papers.lines)],
        "owed_sums": [
            {"what": wagewords.what(name), "owed": str(amount)}
            for name, amount in _by_kind(papers.lines).items()
        ],
        "week_grid": list(_week(answers)),
        "violations": "; ".join(wagewords.what(name) for name in _by_kind(papers.lines)) or "unpaid wages",
        "employer": found.employer,
        "places": _places(answers),
        **_job(answers),
    }


def _owed(papers: Taken) -> dict[str, str]:
    """Sums by the rows of the agencies' forms, as text; a row with nothing in it is absent."""
    by_kind = _by_kind((*papers.lines, *papers.damages))
    sums = {
        row: sum((by_kind.pop(name, Decimal(0)) for name in names), Decimal(0))
        for row, names in _KINDS.items()
    }
    sums["other"] = sum(
        (amount for name, amount in by_kind.items() if name not in {one.component for one in papers.damages}),
        Decimal(0),
    )
    paid = sum((month.paid for month in papers.sheet.months), Decimal(0))
    found = {row: str(amount) for row, amount in sums.items() if amount}
    days = [*(line.first for line in papers.lines), *(line.last for line in papers.lines)]
    if days:
        found |= {"first": f"{min(days):%m/%d/%Y}", "last": f"{max(days):%m/%d/%Y}"}
    return {
        **found,
        "wages": str(papers.wages),
        "paid": str(paid),
        "earned": str(papers.wages + paid),
        "damages": str(_sum(papers.damages)),
        "total": str(papers.wages),
    }


def _by_kind(lines: Iterable[Line]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in lines:
        found[line.component] = found.get(line.component, Decimal(0)) + line.amount
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _grid_row(line: Line) -> dict[str, str]:
    row = wagewords.row(line)
    mark = f" ({', '.join(row.marks)})" if row.marks else ""
    return {
        "from": f"{line.first:%m/%d/%Y}", "to": f"{line.last:%m/%d/%Y}", "what": row.what + mark,
        "count": row.count, "rate": row.rate, "owed": str(line.amount),
    }  # fmt: skip


def _week(answers: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """A usual week as the forms ask for it, day by day."""
    days = answers.get("work_days")
    for day in days if isinstance(days, list) else ():
        yield {
            "day": day.capitalize(),
            "start": _plain(answers.get("start_time")),
            "end": _plain(answers.get("end_time")),
            "meal": _plain(answers.get("meal_minutes")),
            "hours": _plain(answers.get("hours_a_day")),
        }


def _job(answers: Mapping[str, Any]) -> dict[str, str]:
    job = _job_of(answers)
    there = job.get("to") == "ongoing" or answers.get("how_ended") == "still"
    found = {"work_from": _formed(job.get("from")), "still_there": "Yes" if there else "No"}
    return {**found, "work_to": "" if there else _formed(job.get("to"))}


def _job_of(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    jobs, number = answers.get("jobs"), answers.get("job_number")
    listed: Sequence[Mapping[str, Any]] = jobs if isinstance(jobs, list) else []
    place = number - 1 if isinstance(number, int) and 0 < number <= len(listed) else 0
    return listed[place] if listed else {}


def _formed(value: Any) -> str:
    """A remembered day as forms write it: 03/2024, 03/15/2024, 2024."""
    parts = str(value or "").split("-")
    if parts == [""]:
        return ""
    return "/".join([*parts[1:], parts[0]])


def _places(answers: Mapping[str, Any]) -> list[Mapping[str, str]]:
    given = answers.get("work_address")
    if isinstance(given, Mapping):
        return [given]
    job = _job_of(answers)
    at = {"street": job.get("worksite"), "city": job.get("city"), "state": job.get("state")}
    return [{name: str(value or "") for name, value in at.items()}] if job else []


def _plain(value: Any) -> str:
    return "" if value in (None, UNSURE) else str(value)


# ── The worksheet ─────────────────────────────────────────────────────────────────────────────────────────


def worksheet(
    pack: RulePack, found: Reckoned, worker: str, on: date, forum: str, language: str = "en"
) -> Data:
    """The worksheet that a judge could follow: both counts line by line, sources, what is assumed, what is left out."""
    words = _Words(pack, language)
    low, high = found.sheets
    one = low.total == high.total and low.lines == high.lines
    sheets = [high] if one else [low, high]
    return framed(words, words("worksheet.title"), {
        "heading": words("worksheet.title"),
        "about": words(
            "worksheet.about", worker=worker or words.open("name"), employer=found.employer,
            date=wagewords.day(on, language), forum=words(f"worksheet.forum.{forum}"),
        ),
        "summary": words.sum_line(low, high),
        "notes": list(_notes(words, high)),
        "review": "" if pack.approved else words("worksheet.needs_review"),
        "counts": [_count(words, sheet, language, one) for sheet in sheets],
        "head": [words(f"worksheet.head.{key}") for key in ("what", "span", "sum", "amount")],
        "months_title": words("worksheet.months"),
        "months_head": [words(f"worksheet.{key}") for key in ("month", "paid", "owed")],
        "months": [_month(month, language) for month in high.months],
        "sections": [section for section in _sections(words, high, found, language) if section["lines"]],
        "rounding": words("worksheet.rounding"),
    })  # fmt: skip


def _notes(words: _Words, high: Worksheet) -> Iterator[str]:
    if high.unverified:
        yield words("worksheet.unverified", amount=wagewords.money(high.unverified, words.language))
    if high.late:
        yield words("worksheet.late", amount=wagewords.money(high.late, words.language))


def _count(words: _Words, sheet: Worksheet, language: str, alone: bool) -> Data:
    hours = wagewords.number(Decimal(sheet.minutes) / 60, language)
    title = "" if alone else wagelaws.text(f"marks.{sheet.end.value}", language)
    return {
        "title": title,
        "hours": words("worksheet.hours", weeks=sheet.weeks, hours=hours),
        "rows": [_row(row) for row in wagewords.rows(sheet, language)],
        "total": [words("worksheet.total"), wagewords.money(sheet.total, language)],
    }


def _row(row: wagewords.Row) -> Data:
    return {
        "what": row.what, "law": row.law, "rule": row.rule, "span": row.span, "sum": row.sum,
        "amount": row.amount, "marks": list(row.marks), "steps": list(row.steps), "late": row.line.late,
    }  # fmt: skip


def _month(month: Any, language: str) -> Data:
    return {
        "name": format_date(month.first, "MMM yyyy", locale=language),
        "paid": wagewords.money(month.paid, language), "owed": wagewords.money(month.owed, language),
        "paid_size": float(month.paid), "owed_size": float(month.owed),
    }  # fmt: skip


def _sections(words: _Words, high: Worksheet, found: Reckoned, language: str) -> Iterator[dict[str, Any]]:
    """What stands below the count: assumptions, what is left out, what may come on top, open facts, sources."""
    left = [wagewords.left_out(one, language) for one in high.not_computed]
    left += [wagewords.wrong(one, language) for one in found.wrong]
    possible = [wagewords.row(line, language) for line in high.possible]
    listed = {
        "assumed": [wagewords.assumed(one, language) for one in high.assumptions],
        "not_counted": left,
        "possible": [
            f"{row.what}: {row.amount} ({', '.join(row.marks)})".replace(" ()", "") for row in possible
        ],
        "open": [fact_words(words.pack, name, language) for name in high.open_facts],
        "sources": list(_sources((*high.lines, *high.damages))),
    }
    for key, lines in listed.items():
        yield {"title": words(f"worksheet.{key}"), "lines": lines}


def _sources(lines: Iterable[Line]) -> Iterator[str]:
    """Each source once, with its code and address."""
    found: dict[tuple[str, str], Source] = {}
    for line in lines:
        for source in line.sources:
            found.setdefault((source.title, source.certainty), source)
    for source in found.values():
        yield f"{source.title} ({source.certainty}){' ' + source.url if source.url else ''}"


# ── The letter ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sending:
    """Who writes to whom: facts and choices that a letter needs, besides the claim."""

    pack: RulePack
    answers: Mapping[str, Any]
    choices: Mapping[str, Any]
    mail: Mapping[str, Any] | None
    on: date

    def said(self, fact: str) -> str:
        return _plain(self.answers.get(fact))

    @property
    def worker(self) -> str:
        return full_name(self.answers.get("legal_name"))

    @property
    def to(self) -> list[str]:
        """The employer's names and address, as on an envelope."""
        names = [self.said("employer_legal"), str(_job_of(self.answers).get("employer") or "")]
        address = envelope(self.answers.get("employer_address"))
        lines = [*dict.fromkeys(names), self.said("person_in_charge"), *address]
        return [line for line in lines if line]


def demand(sending: Sending, found: Reckoned, language: str = "en") -> Data:
    """The letter to the employer. What is still open shows as such; nothing is filled in."""
    words = _Words(sending.pack, language)
    papers = taken(found, sending.choices)
    total = wagewords.money(papers.wages, language)
    return framed(words, words("demand.title"), {
        "date": wagewords.day(sending.on, language),
        "copy": words("demand.copy", spoken=words.own_name) if language != "en" else "",
        "from": _from(sending, words),
        "delivery": words("demand.delivery", how=_how(sending, words)),
        "to": sending.to or [words.open("employer")],
        "re": words("demand.re", worker=sending.worker or words.open("name")),
        "greeting": _greeting(sending, words),
        "opening": [*_work(sending, found, words), words("demand.owed", total=total)],
        "head": [words(f"demand.head.{key}") for key in ("what", "span", "amount")],
        "rows": _letter_rows(papers, language),
        "total": [words("demand.total"), total],
        "mark": words("demand.mark") if any(line.unverified for line in papers.lines) else "",
        "paragraphs": list(_paragraphs(sending, papers, words, total)),
        "closing": words("demand.close"),
        "sign": words("demand.sign"),
        "signers": [_signed(sending, words)],
    })  # fmt: skip


def joint_demand(writers: Sequence[tuple[Sending, Reckoned]]) -> Data:
    """One letter from several workers of one employer, in English: a row for each, one sum, every signature."""
    first, found = writers[0]
    words = _Words(first.pack, "en")
    each = [(sending, taken(one, sending.choices)) for sending, one in writers]
    total = wagewords.money(sum((papers.wages for _, papers in each), Decimal(0)))
    whole = Taken(
        each[0][1].sheet, tuple(line for _, papers in each for line in papers.lines),
        tuple(line for _, papers in each for line in papers.damages), Decimal(0),
    )  # fmt: skip
    names = [sending.worker or words.open("name") for sending, _ in each]
    return framed(words, words("demand.title"), {
        "date": wagewords.day(first.on),
        "copy": "",
        "from": names,
        "delivery": words("demand.delivery", how=_how(first, words)),
        "to": first.to or [words.open("employer")],
        "re": words("demand.re_all"),
        "greeting": _greeting(first, words),
        "opening": [words("demand.work_all", employer=found.employer), words("demand.owed_all", total=total)],
        "head": [words("demand.head.who"), words("demand.head.span"), words("demand.head.amount")],
        "rows": [_writer_row(sending, papers) for sending, papers in each],
        "total": [words("demand.total"), total],
        "mark": "",
        "paragraphs": list(_paragraphs(first, whole, words, total, together=True)),
        "closing": words("demand.close"),
        "sign": words("demand.sign"),
        "signers": names,
    })  # fmt: skip


def _writer_row(sending: Sending, papers: Taken) -> list[str]:
    """One worker's name, time and sum."""
    first = min((line.first for line in papers.lines), default=sending.on)
    last = max((line.last for line in papers.lines), default=sending.on)
    return [sending.worker, wagewords.span(first, last), wagewords.money(papers.wages)]


def agency(pack: RulePack) -> str:
    """The agency that takes claims under this pack."""
    return str(document(pack)["agency"])


def _signed(sending: Sending, words: _Words) -> str:
    """Under the signature: the worker, or the lawyer for the worker."""
    if sending.choices.get("sender") != "lawyer":
        return sending.worker or words.open("name")
    lawyer = full_name(sending.choices.get("rep_name")) or words.open("rep_name")
    return f"{lawyer} · {words('demand.for_worker', worker=sending.worker)}"


def _paragraphs(
    sending: Sending, papers: Taken, words: _Words, total: str, together: bool = False
) -> Iterator[str]:
    """What stands below the table; `together` in the words of several."""

    def said(key: str, **values: Any) -> str:
        return words(f"demand.{key}_all" if together else f"demand.{key}", **values)

    yield " ".join([said("estimate"), *notices(sending, words, "records")])
    yield said("sheet")
    named = (source for line in papers.lines for source in line.sources)
    law = "; ".join(dict.fromkeys(one.title for one in named if one.certainty != "C"))
    if law:
        yield words("demand.law", law=law)
    more = dict.fromkeys(line.component for line in (*papers.damages, *papers.sheet.possible))
    if more:
        yield said("more", what="; ".join(wagewords.what(name, words.language) for name in more))
    how = str(sending.choices.get("pay_how") or "")
    yield said("ask", total=total, date=_answer_day(sending, words), how=how).strip()
    yield said("records")
    yield from notices(sending, words, "retaliation")
    yield " ".join([*notices(sending, words, "next"), said("answer")])
    org = _plain(sending.choices.get("rep_org"))
    if org and sending.choices.get("sender") != "lawyer" and sending.choices.get("represented") == "yes":
        yield words("demand.prepared", org=org)


def notices(sending: Sending, words: _Words, part: str) -> list[str]:
    """What a pack says of the law in one part of the letter: only what somebody has read, unless taken in."""
    everything = sending.choices.get("include_unverified") == "yes"
    return [
        words(f"notice.{key}")
        for key, given in _notices(sending.pack).items()
        if given["part"] == part and (everything or not _unread(sending.pack, given))
    ]


def left_out_of_letter(pack: RulePack, choices: Mapping[str, Any]) -> list[str]:
    """The pack's notices for the letter that stay out of it because nobody has verified them."""
    if choices.get("include_unverified") == "yes":
        return []
    words = _Words(pack, "en")
    listed = _notices(pack).items()
    return [
        words(f"notice.{key}")
        for key, given in listed
        if given["part"] != "settling" and _unread(pack, given)
    ]


def _notices(pack: RulePack) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = document(pack).get("notices", {})
    return found


def _unread(pack: RulePack, given: Mapping[str, Any]) -> bool:
    named = ((pack.sources[one["source"]], one["sure"]) for one in given.get("sources", ()))
    return needs_review(tuple(Source(source.title, source.url, sure) for source, sure in named))


def settling(sending: Sending, language: str) -> Data:
    """A page for the worker before she takes money or signs; what nobody has verified carries its mark."""
    words = _Words(sending.pack, language)
    mark = f" [{wagelaws.text('marks.needs_review', language)}]"
    law = [
        words(f"notice.{key}") + (mark if _unread(sending.pack, given) else "")
        for key, given in _notices(sending.pack).items()
        if given["part"] == "settling"
    ]
    own = [words(f"settling.{key}") for key in ("part", "release", "to_you")]
    title = words("settling.title")
    return framed(words, title, {"heading": title, "intro": words("settling.intro"), "lines": [*own, *law]})


def service(sending: Sending) -> Data:
    """Proof of sending, in English: what was sent to whom and how; the rest is written by hand."""
    words = _Words(sending.pack, "en")
    title = words("service.title")
    fields = ("sent_on", "number", "name", "signature")
    employer = (sending.to or [words.open("employer")])[0]
    return framed(words, title, {
        "heading": title,
        "body": words("service.body", employer=employer, date=wagewords.day(sending.on), how=_how(sending, words)),
        "to_title": words("service.to"),
        "to": sending.to,
        "fields": [words(f"service.fields.{field}") for field in fields],
        "keep": words("service.keep"),
    })  # fmt: skip


def answer_day(on: date, calendar: calendars.Calendar | None, days: int = USUAL_DAYS) -> date:
    """The day to ask an answer by: so many days on, or the next working day."""
    return next_working_day(on + timedelta(days=days), calendar)


def next_working_day(day: date, calendar: calendars.Calendar | None) -> date:
    """That day or the first working day after it; CalendarNotSure past what the calendar is sure of."""
    while calendar is not None and not calendar.open_on(day):
        day += timedelta(days=1)
    return day


def _from(sending: Sending, words: _Words) -> list[str]:
    name = sending.worker or words.open("name")
    care = _plain(sending.choices.get("rep_org")) if sending.choices.get("mail_to") == "helper" else ""
    return [name, *([f"c/o {care}"] if care else []), *envelope(sending.mail)]


def _greeting(sending: Sending, words: _Words) -> str:
    to = sending.said("person_in_charge") or (sending.to or [""])[0]
    return words("demand.greeting", to=to) if to else words("demand.greeting_open")


def _work(sending: Sending, found: Reckoned, words: _Words) -> Iterator[str]:
    job = _job_of(sending.answers)
    still = job.get("to") == "ongoing"
    places = _places(sending.answers)
    parts = [str(places[0].get(key) or "") for key in ("street", "city", "state")] if places else []
    place = ", ".join(filter(None, parts))
    values = {
        "employer": found.employer or words.open("employer"), "place": place or words.open("place"),
        "from": words.remembered(job.get("from")), "to": words.remembered(job.get("to")),
        "job": str(job.get("job_title") or "") or sending.said("work_done") or words.open("job"),
    }  # fmt: skip
    yield words("demand.work_still" if still else "demand.work", **values)
    amount, per = sending.answers.get("promised_amount"), sending.said("paid_per")
    if amount not in (None, UNSURE) and per:
        each = sending.pack.text(f"options.paid_per.{per}", words.language).lower()
        yield words("demand.agreed", pay=wagewords.money(Decimal(str(amount)), words.language), per=each)


def _letter_rows(papers: Taken, language: str) -> list[list[str]]:
    """Period by period; by kind where the periods are too many for a letter."""
    listed = merged(papers.lines)
    if len(listed) > MOST_ROWS:
        return [_kind_row(papers, name, amount, language) for name, amount in _by_kind(papers.lines).items()]
    rows = [wagewords.row(line, language) for line in listed]
    return [[row.what + ("*" if row.line.unverified else ""), row.span, row.amount] for row in rows]


def _kind_row(papers: Taken, name: str, amount: Decimal, language: str) -> list[str]:
    lines = [line for line in papers.lines if line.component == name]
    span = wagewords.span(min(line.first for line in lines), max(line.last for line in lines), language)
    mark = "*" if any(line.unverified for line in lines) else ""
    return [wagewords.what(name, language) + mark, span, wagewords.money(amount, language)]


def _how(sending: Sending, words: _Words) -> str:
    chosen = sending.choices.get("send_by")
    return words(f"demand.how.{chosen}") if chosen else words.open("send_by")


def _answer_day(sending: Sending, words: _Words) -> str:
    chosen = sending.choices.get("answer_by")
    return (
        wagewords.day(date.fromisoformat(str(chosen)), words.language) if chosen else words.open("answer_by")
    )


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────


def fact_words(pack: RulePack, name: str, language: str = "en") -> str:
    """What a fact is called: its own words or those of the question that asks for it."""
    if pack.has_text(f"facts.{name}", language):
        return pack.text(f"facts.{name}", language)
    asked = next((one.id for one in pack.questions if name in one.asks), "")
    return pack.text(f"questions.{asked}.ask", language) if asked else name.replace("_", " ")


def value_words(pack: RulePack, name: str, value: Any, language: str = "en") -> str:
    """An answer of a few in words."""
    key = f"options.{name}.{value}"
    return pack.text(key, language) if pack.has_text(key, language) else str(value).replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Words:
    pack: RulePack
    language: str

    def __call__(self, key: str, **values: Any) -> str:
        return self.pack.text(f"letters.{key}", self.language, **values)

    @property
    def own_name(self) -> str:
        return self.pack.text(f"options.letter_copy.{self.language}", self.language)

    def open(self, what: str) -> str:
        """A place in a paper that nobody has filled."""
        key = f"choices.{what}"
        named = self.pack.text(key, self.language) if self.pack.has_text(key, self.language) else what
        return self("demand.open", what=named)

    def sum_line(self, low: Worksheet, high: Worksheet) -> str:
        if low.total == high.total:
            return self("worksheet.one", total=wagewords.money(low.total, self.language))
        values = {
            "low": wagewords.money(low.total, self.language),
            "high": wagewords.money(high.total, self.language),
        }
        return self("worksheet.both", **values)

    def remembered(self, value: Any) -> str:
        """A day as exactly as it is remembered."""
        text = str(value or "")
        if not text or text == UNSURE:
            return self.open("date")
        parts = [int(part) for part in text.split("-")]
        if len(parts) == 1:
            return text
        pattern = "long" if len(parts) == 3 else "MMMM yyyy"
        return str(format_date(date(*[*parts, 1][:3]), pattern, locale=self.language))
