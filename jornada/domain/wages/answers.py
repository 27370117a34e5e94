"""A claim from what a worker answered in the wage interview, whichever wage pack asked.

Nothing is guessed: what was not answered leaves its part of the claim out, and `missing` names it. The only facts
read are those of the contact and wage vocabularies; no immigration fact can reach a claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from jornada.domain.facts import UNSURE, NotADate, PartialDate
from jornada.domain.vocabulary import ONGOING
from jornada.domain.wages import Fraction
from jornada.domain.wages.claimfile import SIZES, WEEKDAYS, hours_of, minutes_of
from jornada.domain.wages.hours import HoursWrong, Pattern, Shift, Span, Timesheet, WorkDay, day_of, shift_at
from jornada.domain.wages.lawbook import Place
from jornada.domain.wages.pay import ALWAYS, During, Extra, Money, Other, Pay, Promise, Receipt
from jornada.domain.wages.worksheet import Claim

PLACE = "p"
_ASIDE = {"clock": ("hours_a_day",), "length": ("start_time", "end_time")}
REGIONS = ("ny_region", "ca_place", "il_place")
"""The facts in which a state's pack asks for its own regions; at most one is answered."""


@dataclass(frozen=True, slots=True)
class Told:
    """The claim that answers make, what they still lack to make one, and the entries that cannot be."""

    claim: Claim | None
    employer: str
    state: str = ""
    missing: tuple[str, ...] = ()
    wrong: tuple[HoursWrong, ...] = ()


def claim_of(answers: Mapping[str, Any], state: str, zone: str = "") -> Told:
    """The claim in these answers, for work in that state (empty: as the job says)."""
    reader = _Answers(answers, state, zone)
    missing = reader.missing()
    return Told(
        None if missing else reader.claim(), reader.employer, reader.state, missing, tuple(reader.wrong)
    )


class _Answers:
    def __init__(self, answers: Mapping[str, Any], state: str, zone: str) -> None:
        self.answers, self.zone = answers, zone
        self.job = self._job()
        self.state = state or str(self.said("work_state") or self.job.get("state") or "").upper()
        self.wrong: list[HoursWrong] = []

    @property
    def employer(self) -> str:
        return str(self.job.get("employer") or "")

    def said(self, fact: str) -> Any:
        """The answer, None where there is none or "I am not sure".

        Clock times that were given before she said that she knows only about how long are left aside, and the other
        way round.
        """
        value = self.answers.get(fact)
        aside = _ASIDE.get(str(self.answers.get("hours_how")), ())
        return None if value == UNSURE or fact in aside else value

    def rows(self, fact: str) -> list[Mapping[str, Any]]:
        given = self.said(fact)
        return (
            [{k: v for k, v in row.items() if v != UNSURE} for row in given]
            if isinstance(given, list)
            else []
        )

    def _job(self) -> Mapping[str, Any]:
        """The job that the claim is about: the one chosen, else the first."""
        jobs = self.rows("jobs")
        number = self.said("job_number") or 1
        return (
            jobs[number - 1]
            if isinstance(number, int) and 0 < number <= len(jobs)
            else (jobs[0] if jobs else {})
        )

    def missing(self) -> tuple[str, ...]:
        """What a claim cannot do without: a job with a beginning, hours, and what was promised."""
        found = []
        if not self.job.get("from"):
            found.append("jobs")
        if not self._lengths() and not self.rows("hours_diary"):
            found.append("hours_a_day" if self.said("hours_how") != "clock" else "start_time")
        elif self._lengths() and not self.said("work_days"):
            found.append("work_days")
        if self.said("promised_amount") is None or self.said("paid_per") is None:
            found.append("promised_amount")
        return tuple(found)

    def _lengths(self) -> bool:
        return bool((self.said("start_time") and self.said("end_time")) or self.said("hours_a_day"))

    def claim(self) -> Claim:
        return Claim(
            self.facts(),
            {PLACE: Place(self.state, str(self.said("work_county") or ""), self.city(), self.region())},
            Timesheet(tuple(self.patterns()), tuple(self.diary())),
            self.pay(),
            SIZES.get(str(self.said("employees_band")), (None, None)),
        )

    def facts(self) -> dict[str, Any]:
        """What rules may ask for; the day the work ended comes from the job."""
        found = {name: value for name, value in self.answers.items() if value is not None}
        if (ended := self.job.get("to")) and ended != ONGOING:
            found["work_ended_on"] = ended
        return found

    def region(self) -> str:
        return next((str(self.said(fact)) for fact in REGIONS if self.said(fact)), "")

    def city(self) -> str:
        return "" if self.region() else str(self.job.get("city") or "")

    # --- hours -------------------------------------------------------------------------------------------

    def patterns(self) -> Iterator[Pattern]:
        """The usual weeks, without the days for which other hours were given; then each of those times."""
        if _partial(self.job.get("from")) is None or not self._lengths():
            return
        usual = {
            "days": self.said("work_days"),
            "start": self.said("start_time"),
            "end": self.said("end_time"),
            "hours": self.said("hours_a_day"),
            "meal": self.said("meal_minutes"),
        }
        changes = [row for row in self.rows("work_changes") if _partial(row.get("from"))]
        main = self.pattern({**usual, "from": self.job.get("from"), "to": self.job.get("to")}, "work_days")
        if main is not None:
            weeks_off = int(self.said("weeks_off") or 0)
            yield replace(main, weeks_off=weeks_off, days_off=_days_of(changes, main))
        for number, row in enumerate(changes, start=1):
            made = self.pattern({**usual, **row}, f"work_changes {number}")
            if made is not None:
                yield made

    def pattern(self, told: Mapping[str, Any], entry: str) -> Pattern | None:
        """One time with the same hours each week; None, and a complaint, where its times cannot be."""
        begins = _partial(told.get("from"))
        assert begins is not None
        weekdays = frozenset(WEEKDAYS.index(day) for day in told["days"] or ())
        try:
            shifts, span = self._day(told, entry)
        except HoursWrong as wrong:
            self.wrong.append(wrong)
            return None
        other = self.said("other_work_hours")
        return Pattern(
            begins,
            _partial(told.get("to")),
            weekdays,
            shifts,
            span,
            PLACE,
            meals_missed=self.broken("meal_break", "meals_missed", weekdays),
            rests_missed=self.broken("rest_break", "rests_missed", weekdays),
            untipped=hours_of(str(other)).high if other else 0,
            entry=entry,
        )

    def _day(self, told: Mapping[str, Any], entry: str) -> tuple[tuple[Shift, ...], Span | None]:
        """Shift and length of a usual day. A meal break that came on some days only counts fully in the careful
        reading and not at all in the full one."""
        given = self.said("meal_break")
        most = int(told["meal"] or 0) if given in ("always", "sometimes") else 0
        least = 0 if given == "sometimes" else most
        if told["start"] and told["end"]:
            shift = shift_at(minutes_of(told["start"]), minutes_of(told["end"]), most, entry)
            return (shift,), None if least == most else Span(shift.minutes, shift.minutes + most)
        length = hours_of(str(told["hours"]))
        return (), Span(max(0, length.low - most), max(0, length.high - least))

    def broken(self, given: str, number: str, weekdays: frozenset[int]) -> frozenset[int]:
        """The weekdays without the break: all of them, or as many as were said."""
        said = self.said(given)
        if said == "never":
            return weekdays
        many = self.said(number) if said == "sometimes" else 0
        return frozenset(sorted(weekdays)[: int(many or 0)])

    def diary(self) -> Iterator[WorkDay]:
        """Days noted one by one, and days on which they were sent home early."""
        noted = self._noted()
        sent = {day: row for row in self.rows("sent_home") if (day := _exact(row.get("day"))) is not None}
        for day in sorted({*noted, *sent}):
            planned = hours_of(str(sent[day].get("planned") or "0")).low if day in sent else 0
            try:
                if day in noted:
                    yield day_of(day, noted[day], place=PLACE, zone=self.zone, scheduled=planned)
                elif planned:
                    worked = hours_of(str(sent[day].get("worked") or "0")).low
                    yield WorkDay(day, worked, place=PLACE, scheduled=planned)
            except HoursWrong as wrong:
                self.wrong.append(wrong)

    def _noted(self) -> dict[date, list[Shift]]:
        found: dict[date, list[Shift]] = {}
        for row in self.rows("hours_diary"):
            day = _exact(row.get("day"))
            if day is None or not row.get("start") or not row.get("end"):
                continue
            try:
                meal = int(row.get("meal") or 0)
                shift = shift_at(minutes_of(row["start"]), minutes_of(row["end"]), meal, str(day))
            except HoursWrong as wrong:
                self.wrong.append(wrong)
                continue
            found.setdefault(day, []).append(shift)
        return found

    # --- pay ---------------------------------------------------------------------------------------------

    def pay(self) -> Pay:
        per, amount = str(self.said("paid_per")), Fraction(str(self.said("promised_amount")))
        hours, pieces = self.said("salary_hours"), Fraction(self.said("pieces_a_week") or 0)
        promises = [Promise(per, amount, covers=int(hours) * 60 if hours else None, pieces=pieces)]
        receipts = []
        everything = self.said("paid_all")
        if everything == "part" and (paid := self._received()) is not None:
            receipts.append(Receipt(per, paid))
        for row in self.rows("work_changes"):
            self._changed(row, per, promises, receipts)
        as_agreed = everything == "all" and not receipts
        return Pay(tuple(promises), tuple(receipts), tuple(self.extras()), tuple(self.others()), as_agreed)

    def _received(self) -> Money | None:
        ends = [self.said("received_least"), self.said("received_most")]
        known = [Fraction(str(end)) for end in ends if end is not None]
        return Money(min(known), max(known)) if known else None

    def _changed(
        self, row: Mapping[str, Any], usual: str, promises: list[Promise], receipts: list[Receipt]
    ) -> None:
        """Pay of another time: what differs is taken, the rest stays."""
        during = During(_partial(row.get("from")), _partial(row.get("to")))
        per = str(row.get("paid_per") or usual)
        if row.get("promised"):
            promises.append(Promise(per, Fraction(str(row["promised"])), during))
        if row.get("received"):
            receipts.append(Receipt(per, Money.exactly(Fraction(str(row["received"]))), during))

    def extras(self) -> Iterator[Extra]:
        if self.said("tipped") == "yes" and self.said("tips_a_week") is not None:
            yield Extra("tips", "week", Fraction(str(self.said("tips_a_week"))))

    def others(self) -> Iterator[Other]:
        kept = Fraction(str(self.said("tips_kept") or 0))
        if kept:
            yield Other("tips_taken", "week", kept)
        for row in self.rows("deductions"):
            agreed = {"yes": True, "no": False}.get(str(row.get("agreed")))
            yield from _other("deduction", row, _EACH.get(str(row.get("per")), "week"), agreed)
        for row in self.rows("owed_besides"):
            yield from _other(str(row.get("kind") or "supplement"), row, "total", None)


_EACH = {"day": "day", "week": "week", "two_weeks": "two_weeks", "month": "month", "once": "total"}


def _other(kind: str, row: Mapping[str, Any], per: str, agreed: bool | None) -> Iterator[Other]:
    if row.get("amount"):
        on = _partial(row.get("day"))
        during = During(None, on) if on is not None and per == "total" else ALWAYS
        amount = Fraction(str(row["amount"]))
        yield Other(kind, per, amount, during, authorised=agreed, what=str(row.get("what") or ""))


def _partial(text: Any) -> PartialDate | None:
    try:
        return PartialDate.parse(str(text)) if text and text not in (ONGOING, UNSURE) else None
    except NotADate:
        return None


def _exact(text: Any) -> date | None:
    found = _partial(text)
    return found.earliest if found is not None and found.exact else None


def _days_of(changes: list[Mapping[str, Any]], main: Pattern) -> frozenset[date]:
    """The days for which other hours were given."""
    off: set[date] = set()
    for row in changes:
        first, last = _partial(row.get("from")), _partial(row.get("to")) or main.ends
        if first is not None:
            end = last.latest if last is not None else first.earliest + _LONGEST
            off |= {first.earliest + timedelta(days=n) for n in range((end - first.earliest).days + 1)}
    return frozenset(off)


_LONGEST = timedelta(days=366 * 10)
