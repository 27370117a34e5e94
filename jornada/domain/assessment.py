"""From answers to findings, with their reasons; what would change them; what is due and when.

Everything is worked out for a day that is given. An assessment keeps the
pack's fingerprint and the day, so that it can be understood later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from jornada.domain import calendars
from jornada.domain.candidates import candidates
from jornada.domain.conditions import NotInForce, Scope, Truth, span_of
from jornada.domain.facts import UNSURE, YES, Answers, Circumstances, Finding, Outcome, Source, Statement
from jornada.domain.functions import decider, grant_end, matches_statement
from jornada.domain.packparts import DeadlineRule, RulePack, needs_review

__all__ = [
    "Assessment",
    "Change",
    "Circumstances",
    "DeadlineDue",
    "Event",
    "Statement",
    "assess",
    "assess_all",
    "deadlines",
    "decider",
    "grant_end",
    "matches_statement",
    "what_would_change",
]


@dataclass(frozen=True)
class Assessment:
    """What the rules say about one person's answers on a day."""

    pack: str
    fingerprint: str
    on: date
    findings: tuple[Finding, ...]
    tasks: tuple[str, ...]
    lapsed: tuple[NotInForce, ...] = ()
    gates: Mapping[str, Truth] = field(default_factory=dict)
    scope: Scope | None = field(default=None, repr=False, compare=False)

    @cached_property
    def by_name(self) -> Mapping[str, Finding]:
        return {finding.name: finding for finding in self.findings}

    @cached_property
    def level_by_finding(self) -> Mapping[str, str]:
        """The level of each finding that counts: it holds, or an unsure answer leaves it open."""
        return {finding.name: finding.level for finding in self.findings if finding.level}

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The facts that open findings still miss, each once."""
        return tuple(dict.fromkeys(fact for finding in self.findings for fact in finding.missing))

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of all findings together, such as who decides and when a grant ends."""
        return {
            key: value
            for finding in self.findings
            for key, value in finding.values.items()
            if key != "lapsed"
        }

    def finding(self, name: str) -> Finding:
        return self.by_name[name]


def assess(
    answers: Answers | Mapping[str, Any], pack: RulePack, on: date, circumstances: Circumstances | None = None
) -> Assessment:
    """What the pack finds in these answers on that day, in the pack's order.

    A dated value that is not in force leaves open what hangs on it and is listed
    in `lapsed`; it never stands for another. Tasks are those of findings that hold.
    """
    scope = pack.scope(answers, on, circumstances)
    findings = scope.all_findings()
    rules = pack.findings
    tasks = dict.fromkeys(
        task for found in findings if found.outcome is YES for task in rules[found.name].tasks
    )
    gates = {gate.name: gate.when.test(scope) for gate in pack.gates}
    return Assessment(
        pack.name, pack.fingerprint, on, findings, tuple(tasks), tuple(scope.lapsed.values()), gates, scope
    )


def assess_all(
    files: Iterable[tuple[str, Answers | Mapping[str, Any], Circumstances | None]], pack: RulePack, on: date
) -> Iterator[tuple[str, Assessment]]:
    """Re-screening after a change: each (id, answers, circumstances) to (id, assessment)."""
    for number, answers, circumstances in files:
        yield number, assess(answers, pack, on, circumstances)


_NOT_TRIED = ("entries", "name", "address", "phone", "email", "digits", "long_text")


# --- what would change this -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Another answer to one fact, and what the finding would then be."""

    fact: str
    to: Any
    outcome: Outcome


def what_would_change(
    assessment: Assessment,
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    on: date,
    finding_name: str,
    circumstances: Circumstances | None = None,
) -> tuple[Change, ...]:
    """Each single other answer that turns the finding, among the facts that decided it or are missing.

    Numbers, days and texts are tried with those that the pack's conditions tell
    apart; names, addresses and lists are not tried, as any would be made up. Not
    advice: it says what the rules read, never what to answer.
    """
    found = assessment.by_name[finding_name]
    given = dict(answers)
    changes: list[Change] = []
    for fact in (*found.turning, *found.missing):
        if fact not in pack.facts or pack.facts[fact].kind in _NOT_TRIED:
            continue
        for value in candidates(pack, fact, on):
            if value == given.get(fact):
                continue
            outcome = pack.scope({**given, fact: value}, on, circumstances).finding(finding_name).outcome
            if outcome is not found.outcome and (outcome.known or value == UNSURE):
                changes.append(Change(fact, value, outcome))
    return tuple(changes)


# --- deadlines ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, recorded by staff or worker; `printed` is the date on its notice."""

    name: str
    on: date
    printed: date | None = None


@dataclass(frozen=True, slots=True)
class DeadlineDue:
    """A day by which something is due, how firm it is, and the days to remind.

    `due_on` is None where only the notice can say and its date is not recorded
    yet. `approximate` marks a day counted from a date that is only roughly known
    (the earliest is taken).
    """

    key: str
    due_on: date | None
    firmness: str
    remind_on: tuple[date, ...]
    sources: tuple[Source, ...]
    needs_review: bool
    began_on: date
    approximate: bool = False


def deadlines(
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    events: Sequence[Event],
    on: date,
    circumstances: Circumstances | None = None,
) -> tuple[DeadlineDue, ...]:
    """What is due after these events and dated facts, soonest first; past days are kept, as perhaps missed.

    A rule whose `when` is "no" is left out; one that is not yet known counts, since
    a deadline that may apply must be watched. Never computes a date that only a
    notice can give. CalendarNotSure past the span of a calendar.
    """
    scope = pack.scope(answers, on, circumstances)
    found: list[DeadlineDue] = []
    for rule in pack.deadlines:
        if rule.when is not None and rule.when.test(scope) is False:
            continue
        found.extend(_due(rule, pack, scope, start) for start in _starts(rule, scope, events))
    return tuple(sorted(found, key=lambda due: (due.due_on or date.max, due.key)))


@dataclass(frozen=True, slots=True)
class _Start:
    on: date
    approximate: bool = False
    printed: date | None = None


def _starts(rule: DeadlineRule, scope: Scope, events: Sequence[Event]) -> Iterator[_Start]:
    kind, name, value = rule.start
    if kind == "event":
        yield from (_Start(event.on, printed=event.printed) for event in events if event.name == name)
        return
    span = span_of(scope.get(name) if kind == "fact" else scope.finding(name).values.get(value), scope.on)
    if span is not None:
        yield _Start(span[0], span[0] != span[1])


def _due(rule: DeadlineRule, pack: RulePack, scope: Scope, start: _Start) -> DeadlineDue:
    calendar = pack.calendars.get(rule.calendar, pack.calendar)
    due_on = start.printed if rule.on_notice else calendars.shift(rule.due).after(start.on, calendar)
    remind = tuple(calendars.shift(text).after(due_on, calendar) for text in rule.remind) if due_on else ()
    return DeadlineDue(
        rule.key,
        due_on,
        rule.firmness,
        tuple(sorted(remind)),
        rule.sources,
        needs_review(rule.sources),
        start.on,
        start.approximate,
    )
