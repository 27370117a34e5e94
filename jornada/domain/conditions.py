"""The condition language of rule packs: read once into closures, three-valued, with its facts known.

`condition(raw)` reads what stands in YAML; `.holds(scope)` says yes, no or not
yet known. Inside, `True`, `False` and `None` stand for the three. A missing
answer is never no; an approximate date that straddles the day compared with is
not yet known; a value not in force is not yet known and noted in the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Protocol

from jornada.domain import calendars
from jornada.domain.calendars import Calendar, NotAShift
from jornada.domain.facts import UNSURE, Answers, Circumstances, Finding, NotADate, Outcome, PartialDate
from jornada.domain.located import Path

Truth = bool | None
Test = Callable[["Scope"], Truth]
Trace = Callable[["Scope", list[str]], None]
Getter = Callable[["Scope"], Any]
Span = tuple[date, date]

UNKNOWN = "unknown"
"""A parameter's value that nobody knows: it compares as not yet known with all but itself."""

_COMBINED = ("all", "any", "not")
_SUBJECTS = ("fact", "entry", "parameter", "day", "finding", "level", "gate", "known", "answered",
             "any_entry", "every_entry", "count", "function", "always")  # fmt: skip
_NUMBERS = ("at_least", "at_most", "more_than", "less_than")
_DATES = ("on_or_after", "after", "before", "on_or_before")
_COMPARISONS = ("is", "in", "has", "has_any", *_NUMBERS, *_DATES)


class NotInForce(LookupError):
    """A dated value was asked for on a day on which nobody has confirmed it."""

    def __init__(self, parameter: str, on: date, last_confirmed: date | None, first: date | None = None) -> None:
        if first is not None and on < first:
            known = f"its history begins on {first}"
        elif last_confirmed is None:
            known = "it has no value"
        else:
            known = f"it was last confirmed for {last_confirmed}"
        super().__init__(
            f"{parameter} is not in force on {on}: {known}. "
            "Check the value against its source, then move confirmed_until or add to its history in parameters.yaml."
        )
        self.parameter, self.on, self.last_confirmed = parameter, on, last_confirmed


class ParameterReader(Protocol):
    """What a condition needs of the pack's dated values."""

    def __call__(self, name: str, on: date) -> Any: ...


class Scope:
    """Everything a condition can see: answers, the day, findings, dated values, circumstances.

    Findings are worked out when first asked for and kept. `lapsed` collects the
    values that were asked for and not in force.
    """

    __slots__ = ("_findings", "_parameter", "_rules", "answers", "calendar", "circumstances", "entry",
                 "gates", "get", "lapsed", "level", "levels", "on")  # fmt: skip

    def __init__(
        self,
        answers: Answers | Mapping[str, Any],
        on: date,
        *,
        rules: Mapping[str, Callable[[Scope], Finding]] | None = None,
        parameter: ParameterReader | None = None,
        circumstances: Circumstances | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        self.answers: Mapping[str, Any] = answers.plain if isinstance(answers, Answers) else answers
        self.get = self.answers.get
        self.on = on
        self._rules = rules if rules is not None else {}
        self._parameter = parameter
        self._findings: dict[str, Finding] = {}
        self.circumstances = circumstances if circumstances is not None else Circumstances()
        self.calendar = calendar
        self.entry: Mapping[str, Any] = {}
        self.lapsed: dict[str, NotInForce] = {}
        self.levels: Sequence[str] = ()
        self.level = ""
        self.gates: Mapping[str, bool] = {}

    def finding(self, name: str) -> Finding:
        """The finding of that name, worked out on first use."""
        found = self._findings.get(name)
        if found is None:
            found = self._findings[name] = self._rules[name](self)
        return found

    def remember(self, found: Finding) -> None:
        """Takes a finding as already worked out."""
        self._findings[found.name] = found

    def parameter(self, name: str) -> Any:
        """The value in force on the scope's day, or None (noted in `lapsed`) if none is."""
        return self.parameter_on(name, self.on)

    def parameter_on(self, name: str, on: date) -> Any:
        if self._parameter is None:
            return None
        try:
            return self._parameter(name, on)
        except NotInForce as lapsed:
            self.lapsed[name] = lapsed
            return None

    def truth(self, name: str) -> Truth:
        outcome = self.finding(name).outcome
        return None if outcome is Outcome.NOT_YET_KNOWN else outcome is Outcome.YES


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, read. The names in `facts`, `findings`, `parameters` and `functions` are all it can depend on.

    `kind`, `subject`, `comparisons` and `parts` say what was written, for static checks.
    """

    kind: str
    subject: str
    test: Test = field(repr=False, compare=False)
    trace: Trace = field(repr=False, compare=False)
    facts: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    comparisons: tuple[tuple[str, Any], ...] = ()
    parts: tuple[Condition, ...] = ()
    path: Path = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, scope: Scope) -> Outcome:
        """Yes, no or not yet known in that scope."""
        return Outcome.of(self.test(scope))

    def turning(self, scope: Scope) -> tuple[str, ...]:
        """The facts that made it what it is, in order, each once."""
        names: list[str] = []
        self.trace(scope, names)
        return tuple(dict.fromkeys(names))

    def walk(self) -> Iterator[Condition]:
        """This condition and all within it."""
        yield self
        for part in self.parts:
            yield from part.walk()


class ConditionError(ValueError):
    """A condition that cannot be read: what is wrong, where within it, and the mend."""

    def __init__(self, problem: str, mend: str, path: Path = ()) -> None:
        super().__init__(f"{problem}. {mend}")
        self.problem, self.mend, self.path = problem, mend, path


def condition(raw: Any, path: Path = (), in_entry: bool = False) -> Condition:
    """The condition written as plain data (see docs/guides/write-a-rule-pack.md); ConditionError if it is none."""
    if not isinstance(raw, Mapping) or not raw:
        raise ConditionError(f"{raw!r} is no condition", 'Write for example {fact: court_ever, is: "yes"}', path)
    for kind in (*_COMBINED, *_SUBJECTS):
        if kind in raw:
            return _MAKERS[kind](kind, raw, path, in_entry)
    raise ConditionError(
        f"a condition begins with one of {', '.join((*_COMBINED, *_SUBJECTS))}, not {', '.join(map(str, raw))}",
        "See the table of conditions in docs/guides/write-a-rule-pack.md", path,
    )  # fmt: skip


# --- all, any, not, always ------------------------------------------------------------------------


def _only(raw: Mapping[str, Any], path: Path, *keys: str) -> None:
    if unknown := [key for key in raw if key not in keys]:
        raise ConditionError(f"unknown key {unknown[0]!r} in a condition", f"Known here: {', '.join(keys)}", (*path, unknown[0]))


def _of(parts: Sequence[Condition], attribute: str) -> frozenset[str]:
    return frozenset().union(*(getattr(part, attribute) for part in parts))


def _combined(kind: str, subject: str, parts: tuple[Condition, ...], test: Test, trace: Trace, path: Path) -> Condition:
    return Condition(kind, subject, test, trace, _of(parts, "facts"), _of(parts, "findings"), _of(parts, "parameters"),
                     parts=parts, path=path)  # fmt: skip


def _junction(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`all` (stops at the first no) or `any` (stops at the first yes)."""
    _only(raw, path, kind)
    listed = raw[kind]
    if not isinstance(listed, list) or not listed:
        raise ConditionError(f"{kind} needs a list of conditions", f"Write {kind}: [ {{…}}, {{…}} ]", (*path, kind))
    parts = tuple(condition(item, (*path, kind, place), in_entry) for place, item in enumerate(listed))
    decisive = kind == "any"
    tests = tuple(part.test for part in parts)

    def test(scope: Scope) -> Truth:
        known = True
        for one in tests:
            truth = one(scope)
            if truth is decisive:
                return decisive
            if truth is None:
                known = False
        return (not decisive) if known else None

    def trace(scope: Scope, names: list[str]) -> None:
        truths = [one(scope) for one in tests]
        outcome: Truth = decisive if decisive in truths else (None if None in truths else not decisive)
        for part, truth in zip(parts, truths, strict=True):
            if truth is outcome:
                part.trace(scope, names)

    return _combined(kind, "", parts, test, trace, path)


def _negation(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind)
    part = condition(raw[kind], (*path, kind), in_entry)
    inner = part.test

    def test(scope: Scope) -> Truth:
        truth = inner(scope)
        return None if truth is None else not truth

    return _combined(kind, "", (part,), test, part.trace, path)


def _no_facts(scope: Scope, names: list[str]) -> None:
    return None


def _always(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind)
    if raw[kind] is not True:
        raise ConditionError("always takes true only", "Write {always: true} or leave the condition out", path)
    return Condition(kind, "", lambda scope: True, _no_facts, path=path)


# --- reading values and comparing them ------------------------------------------------------------


@lru_cache(maxsize=8192)
def _partial(text: str) -> Span:
    day = PartialDate.parse(text)
    return day.earliest, day.latest


def span_of(value: Any, on: date) -> Span | None:
    """First and last day that a stored date can mean; None for none. "ongoing" lasts from today without end."""
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
class _Operand:
    """The right side of a comparison: how to get it, and what it depends on."""

    get: Getter
    facts: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    fixed: Any = None


def _plain_operand(value: Any, path: Path) -> _Operand:
    """A value written out, a list of values, or {parameter: p}."""
    if isinstance(value, Mapping):
        if set(value) != {"parameter"}:
            raise ConditionError(f"{dict(value)!r} is no value to compare with", "Write a value or {parameter: name}", path)
        name = str(value["parameter"])
        return _Operand(lambda scope: scope.parameter(name), parameters=frozenset({name}))
    if value is None or isinstance(value, bool):
        raise ConditionError(f"{value!r} is no value to compare with", 'Write it in quotes: "yes", "no"', path)
    return _Operand(lambda scope: value, fixed=value)


def _date_operand(value: Any, path: Path) -> _Operand:
    """DATE: "2025-02-05", today, {today: shift}, {fact: f, plus: shift}, {entry: f, …} or {parameter: p, …}."""
    if isinstance(value, str):
        return _fixed_date(value, path)
    if not isinstance(value, Mapping):
        raise ConditionError(f"{value!r} is no date", 'Write "2025-02-05", today or {fact: name, plus: "1 year"}', path)
    if "today" in value:
        _only(value, path, "today")
        moved = _shift(value["today"], (*path, "today"))
        return _Operand(lambda scope: _moved((scope.on, scope.on), moved, scope))
    kind = next((name for name in ("fact", "entry", "parameter") if name in value), None)
    if kind is None:
        raise ConditionError(f"{dict(value)!r} is no date", 'Write {fact: name, plus: "1 year"}', path)
    _only(value, path, kind, "plus")
    name = str(value[kind])
    shift = _shift(value["plus"], (*path, "plus")) if "plus" in value else calendars.Shift()
    get = _getter(kind, name)
    names = frozenset({name})
    return _Operand(
        lambda scope: _moved(span_of(get(scope), scope.on), shift, scope),
        facts=names if kind == "fact" else frozenset(),
        parameters=names if kind == "parameter" else frozenset(),
    )


def _fixed_date(text: str, path: Path) -> _Operand:
    if text == "today":
        return _Operand(lambda scope: (scope.on, scope.on))
    try:
        day = PartialDate.parse(text)
    except NotADate as wrong:
        raise ConditionError(str(wrong), 'Write a day: "2025-02-05"', path) from None
    if not day.exact:
        raise ConditionError(f"{text} is not a whole day", 'Write a day: "2025-02-05"', path)
    span = (day.earliest, day.latest)
    return _Operand(lambda scope: span, fixed=day.earliest)


def _shift(text: Any, path: Path) -> calendars.Shift:
    try:
        return calendars.shift(str(text))
    except NotAShift as wrong:
        raise ConditionError(str(wrong), 'Write for example "-1 year"', path) from None


def _moved(span: Span | None, shift: calendars.Shift, scope: Scope) -> Span | None:
    if span is None:
        return None
    first = shift.after(span[0], scope.calendar)
    return first, first if span[0] == span[1] else (shift.after(span[1], scope.calendar) if span[1] < date.max else date.max)


def _equal(value: Any, other: Any, scope: Scope) -> Truth:
    return bool(value == other)


def _member(value: Any, others: Any, scope: Scope) -> Truth:
    return value in others if not isinstance(others, str) else None


def _has(value: Any, other: Any, scope: Scope) -> Truth:
    return other in value


def _has_any(value: Any, others: Any, scope: Scope) -> Truth:
    return any(item in value for item in others)


def _numeric(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Scope], Truth]:
    def outcome(value: Any, other: Any, scope: Scope) -> Truth:
        left, right = _number(value), _number(other)
        return None if left is None or right is None else compare(left, right)

    return outcome


def _dated(surely: Callable[[Span, Span], bool], never: Callable[[Span, Span], bool]) -> Callable[[Any, Any, Scope], Truth]:
    def outcome(value: Any, other: Any, scope: Scope) -> Truth:
        left = span_of(value, scope.on)
        if left is None or other is None:
            return None
        return True if surely(left, other) else (False if never(left, other) else None)

    return outcome


_OUTCOMES: dict[str, Callable[[Any, Any, Scope], Truth]] = {
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


def _operand(name: str, raw: Any, path: Path) -> _Operand:
    if name in _DATES:
        return _date_operand(raw, path)
    operand = _plain_operand(raw, path)
    if name in ("in", "has_any") and operand.fixed is not None and not isinstance(operand.fixed, list):
        raise ConditionError(f"{name} needs a list", f"Write {name}: [ … ]", path)
    if name in _NUMBERS and operand.fixed is not None and _number(operand.fixed) is None:
        raise ConditionError(f"{name} needs a number", f"Write {name}: 2", path)
    return operand


# --- facts, entries, parameters, the day ----------------------------------------------------------


def _getter(kind: str, name: str) -> Getter:
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


def _comparison(get: Getter, name: str, operand: _Operand) -> Test:
    """One comparison as a closure; the frequent ones without a detour."""
    when_unsure = _unsure(name, operand.fixed)
    fixed, read, outcome = operand.fixed, operand.get, _OUTCOMES[name]
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


def _value_test(get: Getter, name: str, operand: _Operand) -> Test:
    """A comparison with a dated value on the left: `unknown` is not yet known unless it is asked for."""
    inner = _comparison(get, name, operand)
    asks_unknown = operand.fixed == UNKNOWN or (isinstance(operand.fixed, list) and UNKNOWN in operand.fixed)

    def test(scope: Scope) -> Truth:
        if get(scope) == UNKNOWN:
            return True if asks_unknown else None
        return inner(scope)

    return test


def _together(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(scope: Scope) -> Truth:
        truths = [one(scope) for one in tests]
        return False if False in truths else (None if None in truths else True)

    return test


def _compared(raw: Mapping[str, Any], path: Path, *skip: str) -> list[tuple[str, _Operand]]:
    _only(raw, path, *skip, *_COMPARISONS)
    found = [(name, _operand(name, raw[name], (*path, name))) for name in raw if name not in skip]
    if not found:
        raise ConditionError("nothing is compared", f"Add one of {', '.join(_COMPARISONS)}", path)
    return found


def _subject(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """A fact, an entry's field, a dated value, compared."""
    if kind == "entry" and not in_entry:
        raise ConditionError("entry stands outside any_entry, every_entry and count", "Use fact here", path)
    name = str(raw[kind])
    compared = _compared(raw, path, kind)
    make = _value_test if kind == "parameter" else _comparison
    test = _together([make(_getter(kind, name), verb, operand) for verb, operand in compared])
    facts = frozenset({name}) if kind == "fact" else frozenset()
    right = [fact for _, operand in compared for fact in operand.facts]
    return Condition(
        kind, name, test, _naming((*facts, *right)),
        facts.union(right),
        parameters=(frozenset({name}) if kind == "parameter" else frozenset()).union(*(o.parameters for _, o in compared)),
        comparisons=tuple((verb, raw[verb]) for verb, _ in compared), path=path,
    )  # fmt: skip


def _naming(names: Sequence[str]) -> Trace:
    fixed = tuple(names)
    if not fixed:
        return _no_facts
    return lambda scope, out: out.extend(fixed)


def _day(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind)
    inner = raw[kind]
    if not isinstance(inner, Mapping) or not set(inner) <= set(_DATES):
        raise ConditionError("day is compared with a date", 'Write {day: {on_or_after: "2025-02-05"}}', path)
    made = _subject("day", {"day": "day", **inner}, path, in_entry)
    return Condition(kind, "", made.test, made.trace, made.facts, parameters=made.parameters, comparisons=made.comparisons, path=path)


def _known(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`known`: has an answer other than unsure. `answered`: has any. Never open."""
    _only(raw, path, kind)
    name = str(raw[kind])
    if kind == "answered":
        test: Test = lambda scope: scope.get(name) is not None  # noqa: E731
    else:
        test = lambda scope: scope.get(name) not in (None, UNSURE)  # noqa: E731
    return Condition(kind, name, test, _naming((name,)), frozenset({name}), path=path)


# --- findings, levels, gates ----------------------------------------------------------------------

_OUTCOME_NAMES = {outcome.value: outcome for outcome in Outcome}


def _finding(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    name = str(raw[kind])
    test = _finding_value(name, raw, path) if "value" in raw else _finding_outcome(name, raw, path)

    def trace(scope: Scope, names: list[str]) -> None:
        found = scope.finding(name)
        names.extend(found.turning)
        names.extend(found.missing)

    verbs = tuple((verb, raw[verb]) for verb in raw if verb not in (kind, "value"))
    parameters = frozenset(
        str(value["parameter"]) for _, value in verbs if isinstance(value, Mapping) and "parameter" in value
    )
    subject = "value" if "value" in raw else kind
    return Condition(subject, name, test, trace, findings=frozenset({name}), parameters=parameters, comparisons=verbs, path=path)


def _finding_outcome(name: str, raw: Mapping[str, Any], path: Path) -> Test:
    _only(raw, path, "finding", "is", "in")
    wanted = raw["in"] if "in" in raw else [raw.get("is")]
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(_OUTCOME_NAMES):
        raise ConditionError("a finding is yes, no or not yet known", 'Write {finding: name, is: "yes"}', path)
    outcomes = tuple(_OUTCOME_NAMES[word] for word in wanted)
    open_counts = Outcome.NOT_YET_KNOWN in outcomes

    def test(scope: Scope) -> Truth:
        outcome = scope.finding(name).outcome
        if outcome is Outcome.NOT_YET_KNOWN:
            return True if open_counts else (False if not outcomes else None)
        return any(outcome is one for one in outcomes)

    if outcomes == (Outcome.NOT_YET_KNOWN,):
        return lambda scope: scope.finding(name).outcome is Outcome.NOT_YET_KNOWN
    return test


def _finding_value(name: str, raw: Mapping[str, Any], path: Path) -> Test:
    key = str(raw["value"])
    compared = _compared(raw, path, "finding", "value")

    def get(scope: Scope) -> Any:
        return scope.finding(name).values.get(key)

    return _together([_comparison(get, verb, operand) for verb, operand in compared])


def _level(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`{level: COMPLEX}` or `{level: {at_least: ATTY}}`; only triage knows the level."""
    _only(raw, path, kind)
    wanted = raw[kind]
    at_least = isinstance(wanted, Mapping)
    if at_least and set(wanted) != {"at_least"}:
        raise ConditionError("level takes a level or at_least", "Write {level: {at_least: ATTY}}", path)
    name = str(wanted["at_least"] if at_least else wanted)

    def test(scope: Scope) -> Truth:
        if not scope.level:
            return None
        return scope.levels.index(scope.level) >= scope.levels.index(name) if at_least else scope.level == name

    return Condition(kind, name, test, _no_facts, path=path)


def _gate(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind)
    name = str(raw[kind])
    return Condition(kind, name, lambda scope: scope.gates.get(name), _no_facts, path=path)


# --- lists of entries -----------------------------------------------------------------------------


def _where(raw: Mapping[str, Any], path: Path) -> Condition:
    if "where" not in raw:
        return condition({"always": True}, path)
    return condition(raw["where"], (*path, "where"), in_entry=True)


def _each(scope: Scope, rows: Any, test: Test) -> list[Truth]:
    around = scope.entry
    truths: list[Truth] = []
    for row in rows:
        scope.entry = row
        truths.append(test(scope))
    scope.entry = around
    return truths


def _rows(scope: Scope, name: str) -> Any:
    rows = scope.get(name)
    return None if rows is None or rows == UNSURE else rows


def _list_condition(kind: str, name: str, where: Condition, test: Test, path: Path, compared: Any = ()) -> Condition:
    facts = frozenset({name}) | where.facts
    return Condition(kind, name, test, _naming((name, *sorted(where.facts))), facts, where.findings, where.parameters,
                     comparisons=compared, parts=(where,), path=path)  # fmt: skip


def _some_entries(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind, "where")
    name, where, decisive = str(raw[kind]), _where(raw, path), kind == "any_entry"

    def test(scope: Scope) -> Truth:
        rows = _rows(scope, name)
        if rows is None:
            return None
        truths = _each(scope, rows, where.test)
        return decisive if decisive in truths else (None if None in truths else not decisive)

    return _list_condition(kind, name, where, test, path)


def _count(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """The number of entries for which `where` holds; those still open make it a range."""
    name, where = str(raw[kind]), _where(raw, path)
    verbs = [verb for verb in raw if verb not in (kind, "where")]
    _only(raw, path, kind, "where", "is", *_NUMBERS)
    if not verbs:
        raise ConditionError("nothing is compared", "Add at_least, at_most, more_than, less_than or is", path)
    compared = [(_OUTCOMES[verb], _operand(verb, raw[verb], (*path, verb))) for verb in verbs]

    def test(scope: Scope) -> Truth:
        rows = _rows(scope, name)
        if rows is None:
            return None
        truths = _each(scope, rows, where.test)
        low = sum(truth is True for truth in truths)
        results = {_all_of(compared, number, scope) for number in range(low, low + truths.count(None) + 1)}
        return results.pop() if len(results) == 1 else None

    return _list_condition(kind, name, where, test, path, tuple((verb, raw[verb]) for verb in verbs))


def _all_of(compared: Sequence[tuple[Callable[[Any, Any, Scope], Truth], _Operand]], number: int, scope: Scope) -> Truth:
    truths = []
    for outcome, operand in compared:
        other = operand.get(scope)
        truths.append(None if other is None else outcome(number, other, scope))
    return False if False in truths else (None if None in truths else True)


# --- named functions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A Python function that packs may name: what it takes and what it does.

    `takes` says for each argument whether it is a fact, a parameter or a
    condition; a "?" at the end makes it optional, "=name" gives its default.
    """

    name: str
    takes: Mapping[str, str]
    call: Callable[[Scope, Mapping[str, Any]], Finding]


FUNCTIONS: dict[str, NamedFunction] = {}


def named(**takes: str) -> Callable[[Callable[[Scope, Mapping[str, Any]], Finding]], Callable[[Scope, Mapping[str, Any]], Finding]]:
    """Registers a function under its own name, so that packs can call it."""

    def register(call: Callable[[Scope, Mapping[str, Any]], Finding]) -> Callable[[Scope, Mapping[str, Any]], Finding]:
        FUNCTIONS[call.__name__] = NamedFunction(call.__name__, takes, call)
        return call

    return register


def _function(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    _only(raw, path, kind, "with")
    name = str(raw[kind])
    function = FUNCTIONS.get(name)
    if function is None:
        raise ConditionError(f"there is no function {name!r}", f"Known: {', '.join(sorted(FUNCTIONS))}", (*path, kind))
    given = raw.get("with") or {}
    if not isinstance(given, Mapping):
        raise ConditionError("with takes a mapping of arguments", "See *Functions* in the guide", (*path, "with"))
    _only(given, (*path, "with"), *function.takes)
    arguments = {
        argument: made
        for argument, kind_of in function.takes.items()
        if (made := _argument(argument, kind_of, given, path)) is not None
    }
    facts = {arguments[a] for a, k in function.takes.items() if k.startswith("fact") and a in arguments}
    parameters = {arguments[a] for a, k in function.takes.items() if k.startswith("parameter") and a in arguments}
    parts = tuple(part for part in arguments.values() if isinstance(part, Condition))

    def test(scope: Scope) -> Truth:
        outcome = function.call(scope, arguments).outcome
        return None if outcome is Outcome.NOT_YET_KNOWN else outcome is Outcome.YES

    def trace(scope: Scope, names: list[str]) -> None:
        found = function.call(scope, arguments)
        names.extend((*found.turning, *found.missing))

    return Condition(
        kind, name, test, trace, _of(parts, "facts") | facts, _of(parts, "findings"), _of(parts, "parameters") | parameters,
        parts=parts, path=path, arguments=arguments,
    )  # fmt: skip


def _argument(argument: str, takes: str, given: Mapping[str, Any], path: Path) -> Any:
    kind, _, default = takes.partition("=")
    if argument not in given:
        if default or kind.endswith("?"):
            return default or None
        raise ConditionError(f"the argument {argument!r} is missing", f"Add {argument}: under with", (*path, "with"))
    if kind.startswith("condition"):
        return condition(given[argument], (*path, "with", argument))
    if not isinstance(given[argument], str):
        raise ConditionError(f"{argument} takes the name of a {kind.rstrip('?')}", "Write the name", (*path, "with", argument))
    return given[argument]


_MAKERS: dict[str, Callable[[str, Mapping[str, Any], Path, bool], Condition]] = {
    "all": _junction,
    "any": _junction,
    "not": _negation,
    "always": _always,
    "fact": _subject,
    "entry": _subject,
    "parameter": _subject,
    "day": _day,
    "known": _known,
    "answered": _known,
    "finding": _finding,
    "level": _level,
    "gate": _gate,
    "any_entry": _some_entries,
    "every_entry": _some_entries,
    "count": _count,
    "function": _function,
}
