"""The condition language of rule packs: read once into closures, three-valued, with its facts known.

`condition(raw)` reads what stands in YAML; `.holds(scope)` says yes, no or not
yet known. Inside, `True`, `False` and `None` stand for the three. A missing
answer is never no; an approximate date that straddles the day compared with is
not yet known; a value not in force is not yet known and noted in the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jornada.domain.comparisons import (
    DATES,
    NUMBERS,
    UNKNOWN,
    VERDICTS,
    ConditionError,
    Operand,
    Span,
    Test,
    Verdict,
    compared,
    comparison,
    getter,
    only,
    operand,
    span_of,
    together,
    value_test,
)
from jornada.domain.facts import OPEN, UNSURE, YES, Finding, Outcome
from jornada.domain.located import Path
from jornada.domain.scope import NotInForce, Scope, Truth

__all__ = [
    "FUNCTIONS",
    "UNKNOWN",
    "Condition",
    "ConditionError",
    "NamedFunction",
    "NotInForce",
    "Scope",
    "Span",
    "Truth",
    "Weighed",
    "condition",
    "named",
    "span_of",
]

Weighed = tuple[Truth, tuple[str, ...]]
"""How it came out, and the facts that made it so."""

Weigh = Callable[[Scope], Weighed]

_COMBINED = ("all", "any", "not")
_SUBJECTS = (
    "fact",
    "entry",
    "parameter",
    "day",
    "finding",
    "level",
    "gate",
    "known",
    "answered",
    "any_entry",
    "every_entry",
    "count",
    "function",
    "always",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, read. `facts`, `findings` and `parameters` name all that it can depend on.

    `kind`, `subject`, `comparisons` and `parts` say what was written, for static checks.
    """

    kind: str
    subject: str
    test: Test = field(repr=False, compare=False)
    weigh: Weigh = field(repr=False, compare=False)
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
        return self.weigh(scope)[1]

    def walk(self) -> Iterator[Condition]:
        """This condition and all within it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def condition(raw: Any, path: Path = (), in_entry: bool = False) -> Condition:
    """The condition written as plain data (see the guide on rule packs); ConditionError if it is none."""
    if not isinstance(raw, Mapping) or not raw:
        raise ConditionError(
            f"{raw!r} is no condition", 'Write for example {fact: court_ever, is: "yes"}', path
        )
    for kind in (*_COMBINED, *_SUBJECTS):
        if kind in raw:
            return _MAKERS[kind](kind, raw, path, in_entry)
    raise ConditionError(
        f"{', '.join(map(str, raw))} begins no condition; known are {', '.join((*_COMBINED, *_SUBJECTS))}",
        "See the table of conditions in docs/guides/write-a-rule-pack.md",
        path,
    )


# --- all, any, not, always ------------------------------------------------------------------------


def _of(parts: Sequence[Condition], attribute: str) -> frozenset[str]:
    return frozenset().union(*(getattr(part, attribute) for part in parts))


def _combined(
    kind: str, subject: str, parts: tuple[Condition, ...], test: Test, weigh: Weigh, path: Path
) -> Condition:
    return Condition(
        kind,
        subject,
        test,
        weigh,
        _of(parts, "facts"),
        _of(parts, "findings"),
        _of(parts, "parameters"),
        parts=parts,
        path=path,
    )


def _junction(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`all` (stops at the first no) or `any` (stops at the first yes)."""
    only(raw, path, kind)
    listed = raw[kind]
    if not isinstance(listed, list) or not listed:
        raise ConditionError(
            f"{kind} needs a list of conditions", f"Write {kind}: [ {{…}}, {{…}} ]", (*path, kind)
        )
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

    weigh = (_weigh_any if decisive else _weigh_all)(tuple(part.weigh for part in parts))
    return _combined(kind, "", parts, test, weigh, path)


def _weigh_all(weighers: tuple[Weigh, ...]) -> Weigh:
    """The first part that is no decides alone; else all that are open, else all."""

    def weigh(scope: Scope) -> Weighed:
        held: list[tuple[str, ...]] = []
        unsettled: list[tuple[str, ...]] = []
        for one in weighers:
            truth, names = one(scope)
            if truth is False:
                return False, names
            (held if truth else unsettled).append(names)
        return (None, _once(unsettled)) if unsettled else (True, _once(held))

    return weigh


def _weigh_any(weighers: tuple[Weigh, ...]) -> Weigh:
    """Every part that is yes is told, since each is a reason of its own; else all that are open, else all."""

    def weigh(scope: Scope) -> Weighed:
        by_truth: dict[Truth, list[tuple[str, ...]]] = {True: [], None: [], False: []}
        for one in weighers:
            truth, names = one(scope)
            by_truth[truth].append(names)
        outcome: Truth = True if by_truth[True] else (None if by_truth[None] else False)
        return outcome, _once(by_truth[outcome])

    return weigh


def _once(lists: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The names of all lists in order, each once."""
    if len(lists) == 1:
        return lists[0]
    return tuple(dict.fromkeys([name for names in lists for name in names]))


def _negation(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind)
    part = condition(raw[kind], (*path, kind), in_entry)
    inner = part.test

    def test(scope: Scope) -> Truth:
        truth = inner(scope)
        return None if truth is None else not truth

    def weigh(scope: Scope) -> Weighed:
        truth, names = part.weigh(scope)
        return None if truth is None else not truth, names

    return _combined(kind, "", (part,), test, weigh, path)


def _naming(test: Test, *names: str) -> Weigh:
    """Weighs a single comparison: it hangs on these facts whatever comes out."""
    return lambda scope: (test(scope), names)


def _always(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind)
    if raw[kind] is not True:
        raise ConditionError(
            "always takes true only", "Write {always: true} or leave the condition out", path
        )
    return Condition(kind, "", lambda scope: True, lambda scope: (True, ()), path=path)


# --- facts, entries, parameters, the day ----------------------------------------------------------


def _subject(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """A fact, an entry's field, a dated value, compared."""
    if kind == "entry" and not in_entry:
        raise ConditionError("entry stands outside any_entry, every_entry and count", "Use fact here", path)
    name = str(raw[kind])
    pairs = compared(raw, path, kind)
    make = value_test if kind == "parameter" else comparison
    test = together([make(getter(kind, name), verb, right) for verb, right in pairs])
    facts = frozenset({name}) if kind == "fact" else frozenset()
    others = [fact for _, right in pairs for fact in right.facts]
    return Condition(
        kind,
        name,
        test,
        _naming(test, *dict.fromkeys((*facts, *others))),
        facts.union(others),
        parameters=(frozenset({name}) if kind == "parameter" else frozenset()).union(
            *(o.parameters for _, o in pairs)
        ),
        comparisons=tuple((verb, raw[verb]) for verb, _ in pairs),
        path=path,
    )


def _day(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind)
    inner = raw[kind]
    if not isinstance(inner, Mapping) or not set(inner) <= set(DATES):
        raise ConditionError("day is compared with a date", 'Write {day: {on_or_after: "2025-02-05"}}', path)
    made = _subject("day", {"day": "day", **inner}, path, in_entry)
    return Condition(
        kind,
        "",
        made.test,
        made.weigh,
        made.facts,
        parameters=made.parameters,
        comparisons=made.comparisons,
        path=path,
    )


def _known(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`known`: has an answer other than unsure. `answered`: has any. Never open."""
    only(raw, path, kind)
    name = str(raw[kind])
    if kind == "answered":
        test: Test = lambda scope: scope.get(name) is not None
    else:
        test = lambda scope: scope.get(name) not in (None, UNSURE)
    return Condition(kind, name, test, _naming(test, name), frozenset({name}), path=path)


# --- findings, levels, gates ----------------------------------------------------------------------

_OUTCOME_NAMES = {outcome.value: outcome for outcome in Outcome}


def _finding(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    name = str(raw[kind])
    test = _finding_value(name, raw, path) if "value" in raw else _finding_outcome(name, raw, path)

    def weigh(scope: Scope) -> Weighed:
        found = scope.finding(name)
        return test(scope), found.turning + found.missing

    verbs = tuple((verb, raw[verb]) for verb in raw if verb not in (kind, "value"))
    parameters = frozenset(
        str(value["parameter"]) for _, value in verbs if isinstance(value, Mapping) and "parameter" in value
    )
    subject = "value" if "value" in raw else kind
    return Condition(
        subject,
        name,
        test,
        weigh,
        findings=frozenset({name}),
        parameters=parameters,
        comparisons=verbs,
        path=path,
    )


def _finding_outcome(name: str, raw: Mapping[str, Any], path: Path) -> Test:
    only(raw, path, "finding", "is", "in")
    wanted = raw["in"] if "in" in raw else [raw.get("is")]
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(_OUTCOME_NAMES):
        raise ConditionError(
            "a finding is yes, no or not yet known", 'Write {finding: name, is: "yes"}', path
        )
    outcomes = tuple(_OUTCOME_NAMES[word] for word in wanted)
    if outcomes == (OPEN,):
        return lambda scope: scope.finding(name).outcome is OPEN
    when_open = True if OPEN in outcomes else None

    def test(scope: Scope) -> Truth:
        outcome = scope.finding(name).outcome
        return when_open if outcome is OPEN else outcome in outcomes

    return test


def _finding_value(name: str, raw: Mapping[str, Any], path: Path) -> Test:
    key = str(raw["value"])
    pairs = compared(raw, path, "finding", "value")

    def get(scope: Scope) -> Any:
        return scope.finding(name).values.get(key)

    return together([comparison(get, verb, right) for verb, right in pairs])


def _level(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    """`{level: COMPLEX}` or `{level: {at_least: ATTY}}`; only triage knows the level."""
    only(raw, path, kind)
    wanted = raw[kind]
    at_least = isinstance(wanted, Mapping)
    if at_least and set(wanted) != {"at_least"}:
        raise ConditionError("level takes a level or at_least", "Write {level: {at_least: ATTY}}", path)
    name = str(wanted["at_least"] if at_least else wanted)

    def test(scope: Scope) -> Truth:
        if not scope.level:
            return None
        return (
            scope.levels.index(scope.level) >= scope.levels.index(name) if at_least else scope.level == name
        )

    return Condition(kind, name, test, _naming(test), path=path)


def _gate(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind)
    name = str(raw[kind])
    test: Test = lambda scope: scope.gates.get(name)
    return Condition(kind, name, test, _naming(test), path=path)


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


def _list_condition(
    kind: str, name: str, where: Condition, test: Test, path: Path, compared: Any = ()
) -> Condition:
    facts = frozenset({name}) | where.facts
    return Condition(
        kind,
        name,
        test,
        _naming(test, name, *sorted(where.facts)),
        facts,
        where.findings,
        where.parameters,
        comparisons=compared,
        parts=(where,),
        path=path,
    )


def _some_entries(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind, "where")
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
    only(raw, path, kind, "where", "is", *NUMBERS)
    if not verbs:
        raise ConditionError("nothing is compared", "Add at_least, at_most, more_than, less_than or is", path)
    pairs = [(VERDICTS[verb], operand(verb, raw[verb], (*path, verb))) for verb in verbs]

    def test(scope: Scope) -> Truth:
        rows = _rows(scope, name)
        if rows is None:
            return None
        truths = _each(scope, rows, where.test)
        low = sum(truth is True for truth in truths)
        results = {_all_of(pairs, number, scope) for number in range(low, low + truths.count(None) + 1)}
        return results.pop() if len(results) == 1 else None

    return _list_condition(kind, name, where, test, path, tuple((verb, raw[verb]) for verb in verbs))


def _all_of(pairs: Sequence[tuple[Verdict, Operand]], number: int, scope: Scope) -> Truth:
    truths = []
    for verdict, right in pairs:
        other = right.get(scope)
        truths.append(None if other is None else verdict(number, other, scope))
    return False if False in truths else (None if None in truths else True)


# --- named functions ------------------------------------------------------------------------------


Call = Callable[[Scope, Mapping[str, Any]], Finding]


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A Python function that packs may name: what it takes and what it does.

    `takes` says for each argument whether it is a fact, a parameter or a
    condition; a "?" at the end makes it optional, "=name" gives its default.
    `from_answers` is false where it also reads what is on file about the dispute.
    """

    name: str
    takes: Mapping[str, str]
    call: Call
    from_answers: bool = True


FUNCTIONS: dict[str, NamedFunction] = {}


def named(*, from_answers: bool = True, **takes: str) -> Callable[[Call], Call]:
    """Registers a function under its own name, so that packs can call it."""

    def register(call: Call) -> Call:
        FUNCTIONS[call.__name__] = NamedFunction(call.__name__, takes, call, from_answers)
        return call

    return register


def _function(kind: str, raw: Mapping[str, Any], path: Path, in_entry: bool) -> Condition:
    only(raw, path, kind, "with")
    name = str(raw[kind])
    function = FUNCTIONS.get(name)
    if function is None:
        raise ConditionError(
            f"there is no function {name!r}", f"Known: {', '.join(sorted(FUNCTIONS))}", (*path, kind)
        )
    given = raw.get("with") or {}
    if not isinstance(given, Mapping):
        raise ConditionError(
            "with takes a mapping of arguments", "See *Functions* in the guide", (*path, "with")
        )
    only(given, (*path, "with"), *function.takes)
    arguments = {
        argument: made
        for argument, kind_of in function.takes.items()
        if (made := _argument(argument, kind_of, given, path)) is not None
    }
    facts = {arguments[a] for a, k in function.takes.items() if k.startswith("fact") and a in arguments}
    parameters = {
        arguments[a] for a, k in function.takes.items() if k.startswith("parameter") and a in arguments
    }
    parts = tuple(part for part in arguments.values() if isinstance(part, Condition))

    def test(scope: Scope) -> Truth:
        outcome = function.call(scope, arguments).outcome
        return None if outcome is OPEN else outcome is YES

    def weigh(scope: Scope) -> Weighed:
        found = function.call(scope, arguments)
        truth = None if found.outcome is OPEN else found.outcome is YES
        return truth, (*found.turning, *found.missing)

    return Condition(
        kind,
        name,
        test,
        weigh,
        _of(parts, "facts") | facts,
        _of(parts, "findings"),
        _of(parts, "parameters") | parameters,
        parts=parts,
        path=path,
        arguments=arguments,
    )


def _argument(argument: str, takes: str, given: Mapping[str, Any], path: Path) -> Any:
    kind, _, default = takes.partition("=")
    if argument not in given:
        if default or kind.endswith("?"):
            return default or None
        raise ConditionError(
            f"the argument {argument!r} is missing", f"Add {argument}: under with", (*path, "with")
        )
    if kind.startswith("condition"):
        return condition(given[argument], (*path, "with", argument))
    if not isinstance(given[argument], str):
        raise ConditionError(
            f"{argument} takes the name of a {kind.rstrip('?')}", "Write the name", (*path, "with", argument)
        )
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
