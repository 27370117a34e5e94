"""Values worth trying for a fact: its options, and numbers and days beside what conditions compare with.

Used where every way must be tried: walking the interview, asking whether a
rule can ever fire, and asking what would change a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jornada.domain import calendars
from jornada.domain.conditions import Condition
from jornada.domain.facts import UNSURE
from jornada.domain.packparts import RulePack
from jornada.domain.vocabulary import Fact

Compared = tuple[tuple[str, Any], ...]
"""Comparisons as written: verb and right side."""

_PLAIN: dict[str, Any] = {
    "name": {"given": "Ana", "family": "Núñez"},
    "address": {"street": "12 Main St", "city": "Albany", "state": "NY", "zip": "12207"},
    "phone": "555 010 0100",
    "email": "ana@example.org",
    "digits": "123456789",
    "time": "07:00",
    "hours": "10-12",
    "text": "words",
    "long_text": "words",
}


def all_conditions(pack: RulePack) -> Iterator[Condition]:
    """Every condition of the pack and all that stands within each."""
    roots = [rule.condition for rule in pack.findings.values()]
    roots += [question.when for question in pack.questions if question.when]
    roots += [gate.when for gate in pack.gates] + [track.when for track in pack.tracks]
    roots += [rule.when for rule in pack.deadlines if rule.when]
    for root in roots:
        yield from root.walk()


def comparisons_of(conditions: Iterable[Condition], name: str, kind: str = "fact") -> Compared:
    """How the fact (or entry field, or parameter) of that name is compared, each way once."""
    found = {
        (verb, repr(value)): value
        for one in conditions
        if one.kind == kind and one.subject == name
        for verb, value in one.comparisons
    }
    return tuple((verb, value) for (verb, _), value in found.items())


def candidates(pack: RulePack, name: str, on: date) -> tuple[Any, ...]:
    """Values that between them meet every comparison with the fact, the plainest first, "unsure" last."""
    conditions = list(all_conditions(pack))
    fact = pack.facts[name]
    fields = {part: comparisons_of(conditions, part, "entry") for part in fact.entry}
    return values_for(fact, comparisons_of(conditions, name), on, fields)


def values_for(
    fact: Fact, compared: Compared, on: date, fields: Mapping[str, Compared] | None = None
) -> tuple[Any, ...]:
    """The same, for comparisons given."""
    if fact.kind == "entries":
        found: Iterable[Any] = _rows(fact, fields or {}, on)
    elif fact.kind in ("whole_number", "money"):
        found = _numbers(fact, compared)
    elif fact.kind == "date":
        found = _days(fact, compared, on)
    else:
        found = _listed(fact, compared)
    return (*found, UNSURE)


def _listed(fact: Fact, compared: Compared) -> Iterator[Any]:
    if fact.kind == "yes_no":
        yield from ("no", "yes")
    elif fact.kind == "choice":
        yield from fact.options
    elif fact.kind == "choices":
        rest = [option for option in fact.options if option != "none"]
        yield from [["none"]] if "none" in fact.options else []
        yield from ([option] for option in rest)
        yield rest
    else:
        yield _PLAIN.get(fact.kind, "words")
        yield from (word for verb, value in compared for word in _words(verb, value) if word != UNSURE)


def _words(verb: str, value: Any) -> Iterable[str]:
    listed = value if isinstance(value, list) else [value]
    return (word for word in listed if isinstance(word, str)) if verb in ("is", "in") else ()


def _rows(fact: Fact, fields: Mapping[str, Compared], on: date) -> Iterator[list[dict[str, Any]]]:
    plain = {name: values_for(part, (), on)[0] for name, part in fact.entry.items()}
    yield [plain]
    yield []
    for name, compared in fields.items():
        for value in values_for(fact.entry[name], compared, on):
            yield [{**plain, name: value}]


def _numbers(fact: Fact, compared: Compared) -> Iterator[Any]:
    marks = {0, 1}
    for verb, value in compared:
        if (
            verb not in ("has", "has_any")
            and isinstance(value, int | str)
            and str(value).replace(".", "", 1).isdecimal()
        ):
            marks |= {int(Decimal(str(value))) + step for step in (-1, 0, 1)}
    for number in sorted(mark for mark in marks if mark >= (fact.at_least or 0)):
        yield number if fact.kind == "whole_number" else f"{number}.00"


def _days(fact: Fact, compared: Compared, on: date) -> Iterator[str]:
    """Beside each day compared with; a year alone as well, which often straddles."""
    marks = {on - timedelta(days=400), on}
    if fact.may_be_future:
        marks.add(on + timedelta(days=30))
    for _, value in compared:
        day = _literal(value, on)
        marks |= {day + timedelta(days=step) for step in (-1, 0, 1)} if day else set()
    yield from (day.isoformat() for day in sorted(marks) if day <= on or fact.may_be_future)
    yield str(on.year - 1)
    if fact.may_be:
        yield fact.may_be


def _literal(value: Any, on: date) -> date | None:
    """The day that the right side of a comparison names, where it needs no answer to tell."""
    if value == "today":
        return on
    if isinstance(value, Mapping) and "today" in value:
        shift = calendars.shift(str(value["today"]))
        return shift.after(on) if not shift.working_days else on
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
