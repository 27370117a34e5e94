"""Who may serve whom: a pack of dated restrictions, and what they say of one person with one source of help.

A restriction forbids a pair (DENY), puts it before a person (FLAG), narrows it (LIMIT) or lifts other
restrictions (ALLOW). Its condition sees the facts of a placement card and of a source side by side, in
three values. One that is not yet known neither allows nor forbids: the pair may be proposed, and says which
fact is missing and which rule hangs on it. So does a rule past the last day that somebody confirmed it for.

The same pack holds the aims: what a match is good for, in which order, as a dated judgement of value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

from jornada.domain.conditions import Condition, NotInForce, Scope
from jornada.domain.facts import UNSURE, Outcome, Source
from jornada.domain.located import Located, Path
from jornada.domain.packparts import Approval, Parameter, Signed, Worded
from jornada.domain.scope import Truth
from jornada.domain.vocabulary import Fact

EFFECTS = ("DENY", "FLAG", "LIMIT", "ALLOW")
REACHES = ("org", "fund", "person")
SIDES = ("person", "source", "provider")
PERSON_AIMS = ("deadlines_kept", "complex_full_scope", "people_served", "longest_wait")
"""Aims that hang on who is served; the others hang on where."""
PAIR_AIMS = ("few_flags", "fair_load", "comfort", "stability")
AIMS = (*PERSON_AIMS, *PAIR_AIMS)


@dataclass(frozen=True, slots=True)
class Trait:
    """One fact that restrictions read: of the person's card, of the source, or of its whole organisation.

    `several` facts hold a list of free words (languages, memberships) instead of one of the fact's options.
    """

    fact: Fact
    of: str
    several: bool = False

    def allows(self, value: Any) -> bool:
        """Whether a card or source may say so; None and "unsure" are always allowed."""
        if value is None or value == UNSURE:
            return True
        if self.several:
            return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        if self.fact.kind == "choices":
            return isinstance(value, list) and all(self.fact.allows(one) for one in value)
        return not isinstance(value, list) and self.fact.allows(value)


@dataclass(frozen=True, slots=True)
class Restriction:
    """One rule on who may serve whom.

    `row` is its line in the notes' table. It may bite only from a number of people a source on: `at_most`
    (a number, or a dated value's name) or `percent` of the source's places; and only for needs other than
    `needs`. `reach` says what is kept away: the whole organisation, one fund's money, or the person acting.
    """

    id: str
    row: str
    effect: str
    reach: str
    when: Condition
    reason: str
    sources: tuple[Source, ...]
    confirmed_until: date
    since: date | None = None
    lifts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    at_most: str | None = None
    percent: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    would_change: tuple[str, str] | None = None
    path: Path = ()

    @property
    def counts(self) -> bool:
        """Whether it limits how many, instead of which."""
        return self.at_most is not None or self.percent is not None

    def lapsed(self, on: date) -> bool:
        """Whether nobody has confirmed it for that day."""
        return on > self.confirmed_until


@dataclass(frozen=True, slots=True)
class Aims:
    """What a match is good for, in order, and how it is counted: a judgement of value, in force on a day."""

    order: tuple[str, ...]
    near_days: int
    complex_levels: tuple[str, ...]
    wait_step_days: int
    wait_most_steps: int
    flag_cost: int
    open_cost: int
    load_steps: int
    elsewhere_cost: int
    anywhere_cost: int
    minutes_a_step: int
    interpreter_cost: int
    hold_percent: int
    decided_by: str
    why: str
    start: date
    sources: tuple[Source, ...] = ()


Bearing = Literal["forbids", "flags", "open", "limits", "lifts"]
"""What a rule does to a pair: keeps it apart, puts it before a person, is not yet known, counts it, permits it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one restriction says of one pair; `missing` are the facts that would settle an open one."""

    rule: Restriction
    bearing: Bearing
    missing: tuple[str, ...] = ()
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class PairExample:
    """A person, a source, a day, and what the restrictions must say."""

    name: str
    day: date
    person: Mapping[str, Any]
    source: Mapping[str, Any]
    expect: Mapping[str, str]
    path: Path = ()


@dataclass(frozen=True)
class Restrictions(Worded, Signed):
    """The pack, read, checked and fingerprinted. Immutable."""

    name: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    sources: Mapping[str, Source]
    traits: Mapping[str, Trait]
    parameters: Mapping[str, Parameter]
    rules: tuple[Restriction, ...]
    judgements: tuple[Aims, ...]
    aims_confirmed_until: date
    wording: Mapping[str, Mapping[str, str]]
    examples: tuple[PairExample, ...]
    approvals: tuple[Approval, ...]
    fingerprint: str
    owner: str = ""
    located: Mapping[str, Located] = field(default_factory=dict, repr=False)

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many of each part there are."""
        return {
            "restrictions": len(self.rules),
            "facts": len(self.traits),
            "dated values": len(self.parameters),
            "aims": len(AIMS),
            "examples": len(self.examples),
        }

    @cached_property
    def by_id(self) -> Mapping[str, Restriction]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def lifters(self) -> Mapping[str, tuple[Restriction, ...]]:
        """For each rule those that lift it."""
        return {
            rule.id: tuple(other for other in self.rules if rule.id in other.lifts) for rule in self.rules
        }

    def value(self, name: str, on: date) -> Any:
        """A dated value in force; NotInForce otherwise."""
        return self.parameters[name].on(on).value

    def aims(self, on: date) -> Aims:
        """The order of aims in force; NotInForce before the first and past the last confirmed day."""
        held = [one for one in self.judgements if one.start <= on]
        if not held or on > self.aims_confirmed_until:
            first = None if held else self.judgements[0].start
            raise NotInForce("the order of aims", on, self.aims_confirmed_until, first, "aims.yaml")
        return held[-1]

    def in_force(self, on: date) -> tuple[Restriction, ...]:
        """The rules that have begun by that day, those past their confirmed day among them."""
        return tuple(rule for rule in self.rules if rule.since is None or rule.since <= on)

    def scope(self, facts: Mapping[str, Any], on: date) -> Scope:
        """What the conditions see of a pair's facts on that day."""
        return Scope(facts, on, parameter=self.value)

    def quota(self, rule: Restriction, seats: int, on: date) -> int:
        """How many people at one source the rule lets be; NotInForce if that is a value nobody confirmed."""
        said = rule.at_most if rule.at_most is not None else rule.percent
        amount = int(str(said)) if str(said).isdecimal() else int(self.value(str(said), on))
        return amount if rule.at_most is not None else seats * amount // 100


def truth_of(rule: Restriction, scope: Scope) -> Truth:
    """Whether the rule's condition holds; what nobody confirmed for the day holds at most perhaps."""
    truth = rule.when.test(scope)
    return None if truth and rule.lapsed(scope.on) else truth


def lifted(truth: Truth, allows: Sequence[Truth]) -> Truth:
    """A rule's truth after those that lift it: gone where one surely does, open where one may."""
    if truth is False or True in allows:
        return False
    return None if None in allows else truth


def verdicts(pack: Restrictions, facts: Mapping[str, Any], on: date) -> tuple[Verdict, ...]:
    """What each rule in force says of the pair with these facts; rules that say nothing are left out."""
    scope = pack.scope(facts, on)
    rules = pack.in_force(on)
    truths = {rule.id: truth_of(rule, scope) for rule in rules}
    found: list[Verdict] = []
    for rule in rules:
        lifters = [other for other in pack.lifters[rule.id] if other.id in truths]
        truth = lifted(truths[rule.id], [truths[other.id] for other in lifters])
        if truth is not False and (bearing := bearing_of(rule, truth, facts.get("need"))):
            missing = _missing(rule, lifters, truths, scope) if truth is None else ()
            found.append(Verdict(rule, bearing, missing, truth is None and rule.lapsed(on)))
    return tuple(found)


def bearing_of(rule: Restriction, truth: Truth, need: Any) -> Bearing | None:
    """What a rule that holds, or may hold, does to a pair; None: nothing."""
    if rule.effect == "ALLOW":
        return "lifts" if truth else None
    if rule.needs and need in rule.needs:
        return None
    if truth is None:
        return "open"
    if rule.counts:
        return "limits"
    return "flags" if rule.effect == "FLAG" else "forbids"


def _missing(
    rule: Restriction, lifters: Sequence[Restriction], truths: Mapping[str, Truth], scope: Scope
) -> tuple[str, ...]:
    """The facts that leave it open: of its own condition, or of a rule that may lift it."""
    hanging = [one for one in (rule, *lifters) if one.when.test(scope) is None]
    named = dict.fromkeys(name for one in hanging for name in one.when.turning(scope))
    return tuple(name for name in named if scope.get(name) in (None, UNSURE))


# --- a pack's own examples ------------------------------------------------------------------------

SAYS: Mapping[Bearing, str] = {
    "forbids": "yes",
    "flags": "yes",
    "limits": "yes",
    "lifts": "yes",
    "open": "not yet known",
}
"""An example says of each rule whether it bites: "yes", "no" or "not yet known"."""


def outcomes(pack: Restrictions, example: PairExample) -> Mapping[str, str]:
    """What each rule says of the example's pair, as examples say it, and `pair`: what comes of all."""
    found = {one.rule.id: one for one in verdicts(pack, {**example.person, **example.source}, example.day)}
    said = {
        rule.id: SAYS[found[rule.id].bearing] if rule.id in found else Outcome.NO.value for rule in pack.rules
    }
    return {**said, "pair": _pair({one.bearing for one in found.values()})}


def _pair(bearings: set[Bearing]) -> str:
    order: tuple[tuple[Bearing, str], ...] = (
        ("forbids", "forbidden"),
        ("open", "open"),
        ("flags", "flagged"),
        ("limits", "limited"),
    )
    return next((word for bearing, word in order if bearing in bearings), "allowed")


def failing(pack: Restrictions) -> Iterator[tuple[PairExample, str, str, str]]:
    """Each expectation of an example that is not met: the example, which, what was wanted, what came."""
    for example in pack.examples:
        came = outcomes(pack, example)
        for name, wanted in example.expect.items():
            if came.get(name) != wanted:
                yield example, name, wanted, str(came.get(name))


def untried(pack: Restrictions) -> Iterator[tuple[Restriction, str]]:
    """Rules that no example shows biting, and rules that none shows letting a pair be."""
    for rule in pack.rules:
        shown = {example.expect[rule.id] for example in pack.examples if rule.id in example.expect}
        if "yes" not in shown:
            yield rule, "yes"
        if "no" not in shown:
            yield rule, "no"
