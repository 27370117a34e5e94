"""Single comparisons of the condition language as closures: their two sides, and which value comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from jornada.domain import calendars
from jornada.domain.calendars import NotAShift
from jornada.domain.facts import UNSURE, NotADate, PartialDate
from jornada.domain.located import Path
from jornada.domain.scope import Scope, Truth

Test = Callable[[Scope], Truth]
Getter = Callable[[Scope], Any]
Span = tuple[date, date]
Verdict = Callable[[Any, Any, Scope], Truth]

UNKNOWN = "unknown"
"""A parameter's value that nobody knows: it compares as not yet known with all but itself."""

NUMBERS = ("at_least", "at_most", "more_than", "less_than")
DATES = ("on_or_after", "after", "before", "on_or_before")
COMPARISONS = ("is", "in", "has", "has_any", *NUMBERS, *DATES)


class ConditionError(ValueError):
    """A condition that cannot be read: what is wrong, where within it, and the mend."""

    def __init__(self, problem: str, mend: str, path: Path = ()) -> None:
        super().__init__(f"{problem}. {mend}")
        self.problem, self.mend, self.path = problem, mend, path


def only(raw: Mapping[str, Any], path: Path, *keys: str) -> None:
    if unknown := [key for key in raw if key not in keys]:
        raise ConditionError(
            f"unknown key {unknown[0]!r} in a condition",
            f"Known here: {', '.join(keys)}",
            (*path, unknown[0]),
        )


@lru_cache(maxsize=8192)
def _partial(text: str) -> Span:
    day = PartialDate.parse(text)
    return day.earliest, day.latest


def span_of(value: Any, on: date) -> Span | None:
    """First and last day that a stored date can mean, None if none. "ongoing" is from today without end."""
    if isinstance(value, date):
        return value, value
    if not isinstance(value, str) or value == UNSURE:
        return None
    if value == "ongoing":
        return on, date.max
    try:
        return _partial(value)
    except NotADate:
        return None


def _number(value: Any) -> Decimal | int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class Operand:
    """The right side of a comparison: how to get it, and what it depends on."""

    get: Getter
    facts: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    fixed: Any = None


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain_operand(value: Any, path: Path) -> Operand:
    """A value written out, a list of values, or {parameter: p}."""
    if isinstance(value, Mapping):
        if set(value) != {"parameter"}:
            raise ConditionError(
                f"{dict(value)!r} is no value to compare with", "Write a value or {parameter: name}", path
            )
        name = str(value["parameter"])
        return Operand(lambda scope: scope.parameter(name), parameters=frozenset({name}))
    if any(not isinstance(one, str | int) or isinstance(one, bool) for one in _each(value)):
        raise ConditionError(
            f"{value!r} is no value to compare with", 'Write it in quotes: "yes", "no"', path
        )
    return Operand(lambda scope: value, fixed=value)


def _date_operand(value: Any, path: Path) -> Operand:
    """DATE: "2025-02-05", today, {today: shift}, or {fact: f, plus: shift} (entry, parameter likewise)."""
    if isinstance(value, str):
        return _fixed_date(value, path)
    if not isinstance(value, Mapping):
        raise ConditionError(
            f"{value!r} is no date", 'Write "2025-02-05", today or {fact: name, plus: "1 year"}', path
        )
    if "today" in value:
        only(value, path, "today")
        moved = _shift(value["today"], (*path, "today"))
        return Operand(lambda scope: _moved((scope.on, scope.on), moved, scope))
    kind = next((name for name in ("fact", "entry", "parameter") if name in value), None)
    if kind is None:
        raise ConditionError(f"{dict(value)!r} is no date", 'Write {fact: name, plus: "1 year"}', path)
    only(value, path, kind, "plus")
    name = str(value[kind])
    shift = _shift(value["plus"], (*path, "plus")) if "plus" in value else calendars.Shift()
    get = getter(kind, name)
    names = frozenset({name})
    return Operand(
        lambda scope: _moved(span_of(get(scope), scope.on), shift, scope),
        facts=names if kind == "fact" else frozenset(),
        parameters=names if kind == "parameter" else frozenset(),
    )


def _fixed_date(text: str, path: Path) -> Operand:
    if text == "today":
        return Operand(lambda scope: (scope.on, scope.on))
    try:
        day = PartialDate.parse(text)
    except NotADate as wrong:
        raise ConditionError(str(wrong), 'Write a day: "2025-02-05"', path) from None
    if not day.exact:
        raise ConditionError(f"{text} is not a whole day", 'Write a day: "2025-02-05"', path)
    span = (day.earliest, day.latest)
    return Operand(lambda scope: span, fixed=day.earliest)


def _shift(text: Any, path: Path) -> calendars.Shift:
    try:
        return calendars.shift(str(text))
    except NotAShift as wrong:
        raise ConditionError(str(wrong), 'Write for example "-1 year"', path) from None


def _moved(span: Span | None, shift: calendars.Shift, scope: Scope) -> Span | None:
    if span is None:
        return None
    first = shift.after(span[0], scope.calendar)
    return first, first if span[0] == span[1] else (
        shift.after(span[1], scope.calendar) if span[1] < date.max else date.max
    )


def _equal(value: Any, other: Any, scope: Scope) -> Truth:
    return bool(value == other)


def _member(value: Any, others: Any, scope: Scope) -> Truth:
    return value in others if not isinstance(others, str) else None


def _has(value: Any, other: Any, scope: Scope) -> Truth:
    return other in value


def _has_any(value: Any, others: Any, scope: Scope) -> Truth:
    return any(item in value for item in others)


def _numeric(compare: Callable[[Any, Any], bool]) -> Verdict:
    def outcome(value: Any, other: Any, scope: Scope) -> Truth:
        left, right = _number(value), _number(other)
        return None if left is None or right is None else compare(left, right)

    return outcome


def _dated(surely: Callable[[Span, Span], bool], never: Callable[[Span, Span], bool]) -> Verdict:
    def outcome(value: Any, other: Any, scope: Scope) -> Truth:
        left = span_of(value, scope.on)
        if left is None or other is None:
            return None
        return True if surely(left, other) else (False if never(left, other) else None)

    return outcome


VERDICTS: dict[str, Verdict] = {
    "is": _equal,
    "in": _member,
    "has": _has,
    "has_any": _has_any,
    "at_least": _numeric(lambda a, b: a >= b),
    "at_most": _numeric(lambda a, b: a <= b),
    "more_than": _numeric(lambda a, b: a > b),
    "less_than": _numeric(lambda a, b: a < b),
    "on_or_after": _dated(lambda a, b: a[0] >= b[1], lambda a, b: a[1] < b[0]),
    "after": _dated(lambda a, b: a[0] > b[1], lambda a, b: a[1] <= b[0]),
    "before": _dated(lambda a, b: a[1] < b[0], lambda a, b: a[0] >= b[1]),
    "on_or_before": _dated(lambda a, b: a[1] <= b[0], lambda a, b: a[0] > b[1]),
}


def operand(name: str, raw: Any, path: Path) -> Operand:
    if name in DATES:
        return _date_operand(raw, path)
    operand = _plain_operand(raw, path)
    if name in ("in", "has_any") and operand.fixed is not None and not isinstance(operand.fixed, list):
        raise ConditionError(f"{name} needs a list", f"Write {name}: [ … ]", path)
    if name in NUMBERS and operand.fixed is not None and _number(operand.fixed) is None:
        raise ConditionError(f"{name} needs a number", f"Write {name}: 2", path)
    return operand


def getter(kind: str, name: str) -> Getter:
    if kind == "fact":
        return lambda scope: scope.get(name)
    if kind == "entry":
        return lambda scope: scope.entry.get(name)
    if kind == "day":
        return lambda scope: scope.on
    return lambda scope: scope.parameter(name)


def _unsure(name: str, operand: Any) -> Truth:
    """What an unsure answer makes of a comparison: yes where it names `unsure`, else not yet known."""
    if name == "is":
        return True if operand == UNSURE else None
    return True if name in ("in", "has_any") and isinstance(operand, list) and UNSURE in operand else None


def comparison(get: Getter, name: str, operand: Operand) -> Test:
    """One comparison as a closure; the frequent ones without a detour."""
    when_unsure = _unsure(name, operand.fixed)
    fixed, read, outcome = operand.fixed, operand.get, VERDICTS[name]
    if name == "in" and isinstance(fixed, list):
        listed = frozenset(fixed)

        def member(scope: Scope) -> Truth:
            value = get(scope)
            if value is None:
                return None
            return when_unsure if value == UNSURE else value in listed

        return member

    def test(scope: Scope) -> Truth:
        value = get(scope)
        if value is None:
            return None
        if value == UNSURE:
            return when_unsure
        other = read(scope)
        if other is None or (other == UNKNOWN and value != UNKNOWN):
            return None
        return outcome(value, other, scope)

    return test


def value_test(get: Getter, name: str, operand: Operand) -> Test:
    """A comparison with a dated value on the left: `unknown` is not yet known unless it is asked for."""
    inner = comparison(get, name, operand)
    asks_unknown = operand.fixed == UNKNOWN or (isinstance(operand.fixed, list) and UNKNOWN in operand.fixed)

    def test(scope: Scope) -> Truth:
        if get(scope) == UNKNOWN:
            return True if asks_unknown else None
        return inner(scope)

    return test


def together(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(scope: Scope) -> Truth:
        truths = [one(scope) for one in tests]
        return False if False in truths else (None if None in truths else True)

    return test


def compared(raw: Mapping[str, Any], path: Path, *skip: str) -> list[tuple[str, Operand]]:
    only(raw, path, *skip, *COMPARISONS)
    found = [(name, operand(name, raw[name], (*path, name))) for name in raw if name not in skip]
    if not found:
        raise ConditionError("nothing is compared", f"Add one of {', '.join(COMPARISONS)}", path)
    return found
