"""A rule pack once read: dated values, questions, findings, gates, tracks, deadlines, wording, examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from jornada.domain.calendars import Calendar
from jornada.domain.conditions import FUNCTIONS, Condition, NotInForce, Scope, Truth
from jornada.domain.facts import (
    NO,
    OPEN,
    YES,
    Answers,
    Circumstances,
    Finding,
    Outcome,
    Reason,
    Source,
    Statement,
)
from jornada.domain.located import Located, Path
from jornada.domain.vocabulary import Fact

STAGES = ("screening", "preparation", "renewal")
FINDING_KINDS = ("element", "danger", "complication", "relief", "jurisdiction", "urgency", "note", "level")
TRACKS = ("representation", "limited_scope", "clinic", "self_help", "ask_more", "refer_out", "decline")
LEVELS_OF_SERVICE = ("legal_information", "counsel_and_advice", "limited_action", "extended_service")
FIRMNESS = ("law", "hard", "filing_rule", "policy", "soft")


def needs_review(sources: tuple[Source, ...]) -> bool:
    """Whether an attorney must look: there is no source, or one that is no text read and no guide."""
    return not sources or any(source.needs_review for source in sources)


# --- dated values ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InForce:
    """A dated value on a day: the value, whence, since when, until when confirmed."""

    value: Any
    sources: tuple[Source, ...]
    start: date
    end: date | None
    confirmed_until: date

    @property
    def needs_review(self) -> bool:
        return needs_review(self.sources)


@dataclass(frozen=True, slots=True)
class Dated:
    """One entry of a parameter's history; it holds from `start` to `end` (or to the next start)."""

    value: Any
    start: date
    end: date | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the law or an agency changes: its history and the last day somebody confirmed it for."""

    name: str
    describe: str
    history: tuple[Dated, ...]
    confirmed_until: date
    kind: str = ""
    unit: str = ""
    _known: dict[date, InForce] = field(default_factory=dict, repr=False, compare=False)

    def on(self, day: date) -> InForce:
        """The value in force that day; NotInForce before its history, in a gap and past `confirmed_until`."""
        found = self._known.get(day)
        if found is None:
            found = self._find(day)
            if len(self._known) < 4000:
                self._known[day] = found
        return found

    def _find(self, day: date) -> InForce:
        entry = next((one for one in reversed(self.history) if one.start <= day), None)
        if entry is None:
            raise NotInForce(self.name, day, None, self.history[0].start if self.history else None)
        if entry.end is not None and day > entry.end:
            raise NotInForce(self.name, day, entry.end)
        if day > self.confirmed_until:
            raise NotInForce(self.name, day, self.confirmed_until)
        return InForce(entry.value, entry.sources, entry.start, entry.end, self.confirmed_until)


# --- questions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the interview: the facts it asks together, and when."""

    id: str
    asks: tuple[str, ...]
    stage: str
    danger: bool = False
    when: Condition | None = None
    why_level: str = ""
    sources: tuple[Source, ...] = ()
    path: Path = ()
    file: str = ""
    after: str = ""


# --- findings -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A named conclusion: its condition (or function), level, words, tasks, sources."""

    name: str
    kind: str
    condition: Condition
    reason: str
    level: str = ""
    level_unsure: str = ""
    reason_no: str = ""
    reason_open: str = ""
    tasks: tuple[str, ...] = ()
    question: str = ""
    sources: tuple[Source, ...] = ()
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    path: Path = ()
    file: str = "findings.yaml"
    _made: dict[Any, Finding] = field(default_factory=dict, repr=False, compare=False)

    def evaluate(self, scope: Scope) -> Finding:
        """The finding in that scope, with what turned it and what it still misses."""
        before = len(scope.lapsed)
        if self.condition.kind == "function":
            found = self._from_function(scope)
        else:
            found = self._from_condition(scope)
        if len(scope.lapsed) > before or (scope.lapsed and found.outcome is OPEN):
            found = self._with_lapsed(found, scope)
        return self._with_values(found, scope) if self.values else found

    def _from_condition(self, scope: Scope) -> Finding:
        """Findings without values of their own are made once for each way they come out."""
        truth, turning = self.condition.weigh(scope)
        missing: tuple[str, ...] = ()
        if truth is None:
            missing = tuple([name for name in turning if scope.get(name) is None])
            turning = tuple([name for name in turning if name not in missing])
        key = (truth, turning, missing)
        found = self._made.get(key)
        if found is None:
            found = self._make(truth, turning, missing)
            if len(self._made) < 1000:
                self._made[key] = found
        return found

    def _make(self, truth: Truth, turning: tuple[str, ...], missing: tuple[str, ...]) -> Finding:
        outcome = Outcome.of(truth)
        level = self._level(outcome, turning, missing)
        return Finding(self.name, outcome, self._reasons(outcome, {}), missing, turning, level)

    def _level(self, outcome: Outcome, turning: tuple[str, ...], missing: tuple[str, ...]) -> str:
        """What it counts for: open counts as unsure unless it only waits for answers not given yet."""
        if outcome is OPEN:
            return self.level_unsure if turning or not missing else ""
        return self.level if outcome is YES else ""

    def _from_function(self, scope: Scope) -> Finding:
        found = FUNCTIONS[self.condition.subject].call(scope, self.condition.arguments)
        level = self._level(found.outcome, found.turning, found.missing)
        reasons = self._reasons(found.outcome, found.values)
        return Finding(self.name, found.outcome, reasons, found.missing, found.turning, level, found.values)

    def _reasons(self, outcome: Outcome, values: Mapping[str, Any]) -> tuple[Reason, ...]:
        key = self.reason if outcome is YES else (self.reason_no if outcome is NO else self.reason_open)
        return (Reason(key, values, self.sources[0] if self.sources else None),) if key else ()

    def _with_lapsed(self, found: Finding, scope: Scope) -> Finding:
        """A finding left open by a value not in force says which, and counts as unsure."""
        mine = [name for name in scope.lapsed if name in self.condition.parameters]
        if not mine or found.outcome is not OPEN:
            return found
        return replace(found, level=self.level_unsure, values={**found.values, "lapsed": tuple(mine)})

    def _with_values(self, found: Finding, scope: Scope) -> Finding:
        values = {**found.values, **{name: _value(scope, *where) for name, where in self.values.items()}}
        return replace(found, values=values, reasons=self._reasons(found.outcome, values))


def _value(scope: Scope, kind: str, name: str) -> Any:
    return scope.get(name) if kind == "fact" else scope.parameter(name)


def _table(rule: FindingRule, single: list[str], several: list[str], by_day: bool) -> Rule:
    """The rule as a table from answers (and the day, if it matters) to findings, filled on use.

    Only for facts with a few possible answers, so that a table never holds
    anything that could tell a person.
    """
    if len(single) == 1 and not several and not by_day:
        return _small_table(rule, single[0])
    made: dict[Any, tuple[Finding, Mapping[str, NotInForce]]] = {}

    def evaluate(scope: Scope) -> Finding:
        get = scope.get
        key = (scope.on if by_day else None, *map(get, single), *[_hashable(get(name)) for name in several])
        known = made.get(key)
        if known is None:
            known = _noting_lapsed(rule, scope)
            if len(made) < _TABLE_SIZE:
                made[key] = known
        if known[1]:
            scope.lapsed.update(known[1])
        return known[0]

    return evaluate


def _small_table(rule: FindingRule, fact: str) -> Rule:
    """The table of a rule that hangs on one answer and nothing else."""
    made: dict[Any, Finding] = {}

    def evaluate(scope: Scope) -> Finding:
        value = scope.get(fact)
        known = made.get(value)
        if known is None:
            known = rule.evaluate(scope)
            if len(made) < _TABLE_SIZE:
                made[value] = known
        return known

    return evaluate


def _noting_lapsed(rule: FindingRule, scope: Scope) -> tuple[Finding, Mapping[str, NotInForce]]:
    """The finding, and the values not in force that it asked for itself."""
    around, scope.lapsed = scope.lapsed, {}
    found = rule.evaluate(scope)
    mine, scope.lapsed = scope.lapsed, around
    return found, mine


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_TABLE_SIZE = 20_000


# --- triage and deadlines -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gate:
    """What applies last, whatever the answers: a programme that is shut, for instance."""

    name: str
    when: Condition
    level: str
    reason: str
    tasks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    path: Path = ()
    file: str = "triage.yaml"


@dataclass(frozen=True, slots=True)
class TrackRule:
    """Where a file goes when the condition holds and no rule before it did."""

    when: Condition
    track: str
    reason: str
    level_of_service: str = ""
    delivery: str = ""
    tasks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    path: Path = ()
    file: str = "triage.yaml"


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What is due after an event, a dated fact or a finding's value, and when to remind."""

    key: str
    start: tuple[str, str, str]
    due: str
    on_notice: bool
    when: Condition | None
    firmness: str
    remind: tuple[str, ...]
    calendar: str
    sources: tuple[Source, ...]
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's signing-off of exactly this content."""

    fingerprint: str
    name: str
    day: str


@dataclass(frozen=True, slots=True)
class Example:
    """A person, a day, and what must come out."""

    name: str
    day: date
    answers: Mapping[str, Any]
    expect: Mapping[str, Any]
    statements: tuple[str, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    path: Path = ()


Rule = Callable[[Scope], Finding]


# --- the whole ------------------------------------------------------------------------------------

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def placeholders(text: str) -> frozenset[str]:
    """The names in braces that a text wants filled."""
    return frozenset(_PLACEHOLDER.findall(text))


class MissingWording(KeyError):
    """A text was asked for that the pack does not hold in that language, or a placeholder got no value."""

    def __str__(self) -> str:
        return str(self.args[0])


class Worded:
    """What has texts by language and dotted key, and knows its own name."""

    name: str
    wording: Mapping[str, Mapping[str, str]]

    def has_text(self, key: str, language: str) -> bool:
        return key in self.wording.get(language, {})

    def text(self, key: str, language: str, /, **values: Any) -> str:
        """The text of that key, placeholders filled; MissingWording if it or a value is missing."""
        try:
            text = self.wording[language][key]
        except KeyError:
            raise MissingWording(
                f"{self.name} has no text {key!r} in {language!r}: add it to wording/{language}.yaml"
            ) from None
        return (
            _PLACEHOLDER.sub(lambda match: self._filled(key, match[1], values), text) if "{" in text else text
        )

    def _filled(self, key: str, placeholder: str, values: Mapping[str, Any]) -> str:
        if placeholder not in values:
            raise MissingWording(f"{self.name}: the text {key!r} wants a value for {{{placeholder}}}")
        return str(values[placeholder])


class Signed:
    """What counts as signed off only as long as it stands exactly as it was signed."""

    fingerprint: str
    approvals: tuple[Approval, ...]

    @property
    def approved(self) -> bool:
        """Whether somebody signed off exactly this content."""
        return any(approval.fingerprint == self.fingerprint for approval in self.approvals)


@dataclass(frozen=True)
class RulePack(Worded, Signed):
    """One remedy in one jurisdiction, read, checked and fingerprinted. Immutable."""

    name: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    uses: tuple[str, ...]
    sources: Mapping[str, Source]
    facts: Mapping[str, Fact]
    sections: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    questions: tuple[Question, ...]
    findings: Mapping[str, FindingRule]
    levels: tuple[str, ...]
    gates: tuple[Gate, ...]
    tracks: tuple[TrackRule, ...]
    deadlines: tuple[DeadlineRule, ...]
    wording: Mapping[str, Mapping[str, str]]
    examples: tuple[Example, ...]
    statements: Mapping[str, Statement]
    stop_early: tuple[str, ...]
    approvals: tuple[Approval, ...]
    fingerprint: str
    documents: Mapping[str, Any]
    calendar: Calendar | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    jurisdiction: str = ""
    owner: str = ""
    asks_every: bool = False
    located: Mapping[str, Located] = field(default_factory=dict, repr=False)

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many of each part there are."""
        return {
            "questions": len(self.questions),
            "findings": len(self.findings),
            "dated values": len(self.parameters),
            "examples": len(self.examples),
        }

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """What works out each finding, by name; those over finite facts alone as tables filled on use."""
        return {name: self._rule(rule) for name, rule in self.findings.items()}

    def _rule(self, rule: FindingRule) -> Rule:
        facts = self._finite_facts(rule)
        if facts is None:
            return rule.evaluate
        single = [name for name in facts if self.facts[name].kind != "choices"]
        several = [name for name in facts if self.facts[name].kind == "choices"]
        return _table(rule, single, several, self._by_day(rule))

    def _behind(self, rule: FindingRule) -> Iterator[Condition]:
        """Every condition that the rule can depend on, through other findings too."""
        yield from rule.condition.walk()
        for name in rule.condition.findings:
            yield from self._behind(self.findings[name])

    def _finite_facts(self, rule: FindingRule) -> tuple[str, ...] | None:
        """Every fact that the rule can depend on if all of them have a few answers only; else None."""
        facts: set[str] = {name for kind, name in rule.values.values() if kind == "fact"}
        for part in self._behind(rule):
            if part.kind == "function" and not FUNCTIONS[part.subject].from_answers:
                return None
            facts |= part.facts
        finite = all(self.facts[name].kind in ("yes_no", "choice", "choices") for name in facts)
        return tuple(sorted(facts)) if finite else None

    def _by_day(self, rule: FindingRule) -> bool:
        """Whether the day can matter: by itself or through a dated value."""
        values = any(kind == "parameter" for kind, _ in rule.values.values())
        return values or any(part.kind == "day" or part.parameters for part in self._behind(rule))

    def facts_behind(self, finding: str) -> frozenset[str]:
        """Every fact that a finding can depend on, through other findings too."""
        rule = self.findings[finding]
        return rule.condition.facts.union(*(self.facts_behind(name) for name in rule.condition.findings))

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        return {question.id: question for question in self.questions}

    def parameter(self, name: str) -> Parameter:
        """The dated value of that name; KeyError names the pack if there is none."""
        try:
            return self.parameters[name]
        except KeyError:
            raise KeyError(f"{self.name} has no parameter {name!r}: see its parameters.yaml") from None

    def _value(self, name: str, on: date) -> Any:
        return self.parameters[name].on(on).value

    def scope(
        self, answers: Answers | Mapping[str, Any], on: date, circumstances: Circumstances | None = None
    ) -> Scope:
        """What the pack's conditions see of these answers on that day."""
        return Scope(
            answers,
            on,
            rules=self.rules,
            parameter=self._value,
            circumstances=circumstances,
            calendar=self.calendar,
        )

    def line_of(self, file: str, path: Path = ()) -> int:
        """The line on which that part of a file stands (or what is nearest around it)."""
        return self.located[file].line(path) if file in self.located else 1

    def on_file(self, example: Example) -> Circumstances:
        """The statements of interest that an example says are on file."""
        return Circumstances(tuple(self.statements[name] for name in example.statements))


class PackKey:
    """A pack as a cache key: by identity, since a pack never changes."""

    __slots__ = ("pack",)

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackKey) and other.pack is self.pack
