"""Can a condition ever come out yes (or no)? Tried with values that tell its comparisons apart.

The condition is unfolded into alternatives (each a set of single comparisons
that must come out one way); an alternative is possible if, for each fact, dated
value or finding in it, one value satisfies all its comparisons. Comparisons
between two facts are taken as possible. So a rule said to be impossible is
impossible; one not found so may still be.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from jornada.domain.candidates import values_for
from jornada.domain.conditions import UNKNOWN, Condition, Scope
from jornada.domain.facts import Finding, Outcome
from jornada.domain.packparts import RulePack
from jornada.domain.scope import ParameterReader

Wanted = tuple[Condition, bool]
"""A single comparison and how it must come out."""

_MOST_ALTERNATIVES = 4000


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like it, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return found[0] if found else ""


class Solver:
    """Answers for one pack; keeps what it found about findings."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self._findings: dict[tuple[str, bool], bool] = {}

    def can(self, one: Condition, truth: bool) -> bool:
        """Whether the condition can come out so."""
        alternatives = itertools.islice(self._alternatives(one, truth), _MOST_ALTERNATIVES)
        tried = 0
        for alternative in alternatives:
            tried += 1
            if self._possible(alternative):
                return True
        return tried >= _MOST_ALTERNATIVES

    def _alternatives(self, one: Condition, truth: bool) -> Iterator[tuple[Wanted, ...]]:
        if one.kind == "not":
            yield from self._alternatives(one.parts[0], not truth)
        elif one.kind in ("all", "any") and (one.kind == "any") == truth:
            for part in one.parts:
                yield from self._alternatives(part, truth)
        elif one.kind in ("all", "any"):
            for chosen in itertools.product(
                *(list(itertools.islice(self._alternatives(part, truth), 60)) for part in one.parts)
            ):
                yield tuple(itertools.chain.from_iterable(chosen))
        elif one.kind == "finding" and (behind := self._behind(one, truth)) is not None:
            rule, wanted = behind
            yield from self._alternatives(rule, wanted)
        else:
            yield ((one, truth),)

    def _behind(self, one: Condition, truth: bool) -> tuple[Condition, bool] | None:
        """The condition of a finding that must be yes or no, to be unfolded in its place."""
        [(verb, value)] = one.comparisons
        rule = self.pack.findings.get(one.subject)
        if verb != "is" or value not in ("yes", "no") or rule is None or rule.condition.kind == "function":
            return None
        return rule.condition, (value == "yes") == truth

    def _possible(self, alternative: tuple[Wanted, ...]) -> bool:
        grouped: dict[tuple[str, str], list[Wanted]] = {}
        for one, truth in alternative:
            if not self._alone(one, truth):
                return False
            grouped.setdefault(_about(one), []).append((one, truth))
        return all(self._together(kind, name, wanted) for (kind, name), wanted in grouped.items())

    def _alone(self, one: Condition, truth: bool) -> bool:
        if one.kind == "always":
            return truth
        if one.kind in ("any_entry", "every_entry"):
            # An empty list makes any_entry no and every_entry yes; else some entry must do it.
            empty = one.kind == "every_entry"
            return truth == empty or self.can(one.parts[0], truth)
        return True

    def _together(self, kind: str, name: str, wanted: list[Wanted]) -> bool:
        """Whether one value of the fact (or dated value, or day) makes all of these come out as wanted."""
        tryable = [(one, truth) for one, truth in wanted if _single(one)]
        if len(tryable) < len(wanted) or not tryable or kind in ("level", "gate"):
            return _no_contradiction(wanted)
        scopes = self._scopes(kind, name, [one for one, _ in tryable])
        return scopes is None or any(
            all(one.test(scope) is truth for one, truth in tryable) for scope in scopes
        )

    def _scopes(self, kind: str, name: str, conditions: list[Condition]) -> Iterator[Scope] | None:
        """Scopes with each value worth trying; None where there is nothing to try with."""
        compared = tuple(pair for one in conditions for pair in one.comparisons)
        today = self._today()
        if kind == "fact" and name in self.pack.facts:
            values: Iterable[Any] = (
                *values_for(self.pack.facts[name], compared, today),
                *_pairs(self.pack, name),
                None,
            )
            return (Scope({name: value}, today, parameter=self._parameter) for value in values)
        if kind == "parameter" and name in self.pack.parameters:
            history = self.pack.parameters[name].history
            if any(entry.value == UNKNOWN for entry in history):
                return None
            return (Scope({}, today, parameter=_fixed(entry.value)) for entry in history)
        if kind == "day":
            marks = [date.fromisoformat(v) for _, v in compared if isinstance(v, str) and v != "today"]
            days = {today, *(mark + timedelta(days=step) for mark in marks for step in (-1, 0, 1))}
            return (Scope({}, day) for day in sorted(days))
        if kind == "finding":
            return (Scope({}, today, rules={name: _as_found(name, outcome)}) for outcome in Outcome)
        return None

    def _parameter(self, name: str, on: date) -> Any:
        history = self.pack.parameters[name].history
        return history[-1].value

    def _today(self) -> date:
        """A day on which the pack's values were confirmed, without asking any clock."""
        return max((one.confirmed_until for one in self.pack.parameters.values()), default=date(2026, 1, 1))


def _about(one: Condition) -> tuple[str, str]:
    """What a comparison speaks of: facts share one value however they are asked about."""
    kind = (
        "fact" if one.kind in ("fact", "known", "answered", "any_entry", "every_entry", "count") else one.kind
    )
    return kind, one.subject


def _single(one: Condition) -> bool:
    """Whether it can be tried by itself: nothing on its right side hangs on other answers."""
    if one.kind in ("any_entry", "every_entry", "count", "value", "function", "entry"):
        return False
    return len(one.facts | one.findings) <= 1 and not (one.kind != "parameter" and one.parameters)


def _no_contradiction(wanted: list[Wanted]) -> bool:
    """Not the same comparison wanted both ways."""
    seen: dict[str, bool] = {}
    for one, truth in wanted:
        key = repr(
            (one.kind, one.subject, one.comparisons, [(p.kind, p.subject, p.comparisons) for p in one.walk()])
        )
        if seen.setdefault(key, truth) is not truth:
            return False
    return True


def _pairs(pack: RulePack, name: str) -> Iterator[list[str]]:
    """Two options at once, for facts of which several can be chosen."""
    fact = pack.facts[name]
    if fact.kind == "choices":
        yield from (
            list(pair) for pair in itertools.combinations([o for o in fact.options if o != "none"], 2)
        )


def _fixed(value: Any) -> ParameterReader:
    def reader(name: str, on: date) -> Any:
        return value

    return reader


def _as_found(name: str, outcome: Outcome) -> Callable[[Scope], Finding]:
    return lambda scope: Finding(name, outcome)
