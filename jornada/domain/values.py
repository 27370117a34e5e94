"""Values worth trying for a fact: its options, and the numbers and days at and beside what its conditions compare with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jornada.domain.conditions import Condition, ConditionError, Scope, condition
from jornada.domain.facts import UNSURE
from jornada.domain.packparts import RulePack
from jornada.domain.vocabulary import Fact

_NUMBERS = ("at_least", "at_most", "more_than", "less_than", "is")
_DATES = ("on_or_after", "after", "before", "on_or_before")


def all_conditions(pack: RulePack) -> Iterator[Condition]:
    """Every condition of the pack, with all that stands within."""
    roots: list[Condition] = [rule.condition for rule in pack.findings.values()]
    roots += [question.when for question in pack.questions if question.when]
    roots += [gate.when for gate in pack.gates] + [track.when for track in pack.tracks]
    roots += [rule.when for rule in pack.deadlines if rule.when]
    for root in roots:
        yield from root.walk()


def candidates(pack: RulePack, name: str, on: date) -> tuple[Any, ...]:
    """Values that between them meet every comparison of the fact, the plainest first, `unsure` last."""
    return _candidates(pack.facts[name], tuple(_compared(all_conditions(pack), name)), on)


def _compared(conditions: Iterable[Condition], name: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for one in conditions:
        if one.kind in ("fact", "entry") and one.subject == name:
            for verb, value in one.comparisons:
                if (key := (verb, repr(value))) not in seen:
                    seen.add(key)
                    yield key


@lru_cache(maxsize=4096)
def _values_of_kind(kind: str, options: tuple[str, ...]) -> tuple[Any, ...]:
    if kind == "yes_no":
        return ("no", "yes")
    if kind == "choice":
        return options
    if kind == "choices":
        rest = [option for option in options if option != "none"]
        return (*([["none"]] if "none" in options else []), *([option] for option in rest), rest)
    simple: dict[str, Any] = {
        "name": {"given": "Ana", "family": "Núñez"},
        "address": {"street": "12 Main St", "city": "Albany", "state": "NY", "zip": "12207"},
        "phone": "555 0100", "email": "ana@example.org", "digits": "123456789", "text": "words", "long_text": "words",
    }  # fmt: skip
    return (simple[kind],) if kind in simple else ()


def _candidates(fact: Fact, compared: tuple[tuple[str, str], ...], on: date) -> tuple[Any, ...]:
    found = list(_values_of_kind(fact.kind, fact.options))
    if fact.kind in ("whole_number", "money"):
        found = list(_numbers(fact, compared))
    elif fact.kind == "date":
        found = list(_days(fact, compared, on))
    elif fact.kind == "entries":
        row = {name: _candidates(part, (), on)[0] for name, part in fact.entry.items()}
        found = [[row], []]
    return (*found, UNSURE)


def _literals(compared: Iterable[tuple[str, str]], verbs: tuple[str, ...]) -> Iterator[str]:
    for verb, value in compared:
        if verb in verbs:
            yield value


def _numbers(fact: Fact, compared: tuple[tuple[str, str], ...]) -> Iterator[Any]:
    marks = {0}
    for text in _literals(compared, _NUMBERS):
        if (digits := text.strip("'")).replace(".", "", 1).isdigit():
            marks |= {int(Decimal(digits)) + step for step in (-1, 0, 1)}
    for number in sorted(mark for mark in marks if mark >= 0):
        yield number if fact.kind == "whole_number" else f"{number}.00"


def _days(fact: Fact, compared: tuple[tuple[str, str], ...], on: date) -> Iterator[str]:
    marks = {on - timedelta(days=400), on - timedelta(days=1)}
    if fact.may_be_future:
        marks |= {on + timedelta(days=30)}
    for text in _literals(compared, _DATES):
        for day in _day_literal(text, on):
            marks |= {day - timedelta(days=1), day, day + timedelta(days=1)}
    for day in sorted(marks):
        if day <= on or fact.may_be_future:
            yield day.isoformat()
    yield str(on.year - 1)


def _day_literal(text: str, on: date) -> Iterator[date]:
    """The day that a written comparison names, as far as it can be told without answers."""
    seen: list[date] = []

    try:
        probe = condition({"day": {"on_or_after": _plain(text)}})
    except ConditionError:
        return
    low, high = date(on.year - 60, 1, 1), date(on.year + 20, 1, 1)
    if probe.facts or probe.parameters:
        return
    # The comparison turns from no to yes on exactly the named day; find it by halving.
    if "today" in text:
        shifted = _shifted(text, on)
        seen += [shifted] if shifted else []
    else:
        while (high - low).days > 1:
            middle = low + (high - low) // 2
            low, high = (low, middle) if probe.test(Scope({}, middle)) else (middle, high)
        seen.append(high)
    yield from seen


def _plain(text: str) -> Any:
    import ast

    return ast.literal_eval(text)


def _shifted(text: str, on: date) -> date | None:
    return None
