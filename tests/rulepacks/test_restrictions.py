"""The pack of restrictions: every row of the notes' table, tried by its examples alone and in a match."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pytest

from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Reason
from jornada.domain.matching import Ceiling, Person, Round, Source, plan
from jornada.domain.matching.reasons import Pairing
from jornada.domain.restrictions import PairExample, Restriction, Restrictions, outcomes
from jornada.gateways import packfiles

TABLE = {
    "R1": {"DENY"}, "R2": {"ALLOW"}, "R3": {"LIMIT"}, "R4": {"DENY"}, "R5": {"DENY"}, "R6": {"DENY"}, "R7": {"DENY"},
    "R8": {"FLAG"}, "R9": {"LIMIT"}, "R10": {"DENY", "FLAG"}, "R11": {"DENY"}, "R12": {"FLAG", "DENY"}, "R13": {"DENY"},
    "R14": {"DENY"}, "R15": {"LIMIT"}, "R16": {"DENY"}, "R17": {"FLAG"}, "R18": {"ALLOW", "FLAG"}, "R19": {"ALLOW"},
    "R20": {"FLAG"}, "R21": {"FLAG", "DENY"}, "R22": {"DENY"}, "R23": {"DENY"}, "R24": {"FLAG"}, "R25": {"FLAG"},
}  # fmt: skip
"""Capacity notes, section 5: row and effect. Where the notes only say more than one word in a row, one rule each;
R18 lets a license of any state do and puts state-law parts before a person; R19 lifts R20; R21 is a flag, and
a denial where nobody at all can interpret."""


@lru_cache
def pack() -> Restrictions:
    found: Restrictions = packfiles.load_any("restrictions")
    return found


def rules() -> list[Any]:
    return [pytest.param(rule, id=rule.id) for rule in pack().rules]


def examples(rule: Restriction, outcome: str) -> list[PairExample]:
    return [one for one in pack().examples if one.expect.get(rule.id) == outcome]


def test_every_row_of_the_table_stands_with_its_effect() -> None:
    found: dict[str, set[str]] = {}
    for rule in pack().rules:
        found.setdefault(rule.row, set()).add(rule.effect)
    assert {row: found[row] for row in TABLE} == TABLE


def test_the_reach_is_that_of_the_table() -> None:
    """The whole organization for one that takes the Corporation's money; the person for credentials; else the fund."""
    reach = {rule.row: rule.reach for rule in pack().rules}
    assert {reach[row] for row in ("R1", "R2", "R3", "R17", "R20", "R25")} == {"org"}
    assert {reach[row] for row in ("R4", "R5", "R6", "R7", "R8", "R9", "R10", "R23", "R24")} == {"fund"}
    assert {reach[row] for row in ("R11", "R12", "R14", "R15", "R16", "R18")} == {"person"}


@pytest.mark.parametrize("rule", rules())
def test_each_rule_is_dated_and_says_where_it_comes_from(rule: Restriction) -> None:
    assert rule.sources
    assert date(2026, 11, 22) < rule.confirmed_until <= date(2027, 11, 22)


@pytest.mark.parametrize("rule", rules())
def test_each_rule_bites_in_a_pair_and_lets_its_neighbour_be(rule: Restriction) -> None:
    for outcome in ("yes", "no"):
        shown = examples(rule, outcome)
        assert shown
        assert all(outcomes(pack(), one)[rule.id] == outcome for one in shown)


@pytest.mark.parametrize("rule", rules())
def test_each_rule_does_the_same_in_a_match(rule: Restriction) -> None:
    """A person of the example beside its source: kept apart, put before a person, counted, or left alone."""
    for example in examples(rule, "yes"):
        if rule.effect == "DENY" and not rule.counts:
            assert rule.id in _told(_matched(example).obstacles())
        elif rule.effect == "FLAG":
            assert rule.id in _told(_matched(example).flags())
        elif rule.counts:
            assert _placed_of(20, example) <= pack().quota(rule, 20, example.day)
    for example in examples(rule, "no"):
        pair = _matched(example)
        assert rule.id not in _told((*pair.obstacles(), *pair.flags()))


def _told(reasons: tuple[Reason, ...]) -> set[Any]:
    return {reason.values.get("rule") for reason in reasons}


def _matched(example: PairExample) -> Pairing:
    return Pairing(plan(_round(example), pack(), on=example.day), 0, 0)


def _placed_of(people: int, example: PairExample) -> int:
    found = plan(_round(example, people), pack(), on=example.day)
    return int((found.place == 0).sum())


def _round(example: PairExample, people: int = 1) -> Round:
    """The example as cards: what is a field of a card or source goes there, the rest under its facts."""
    said, offered = dict(example.person), dict(example.source)
    organization = (offered.pop("known_as", None) or ["riverbend"])[-1]
    cards = [_person(f"worker {number}", example.day, dict(said)) for number in range(people)]
    shared = {name: offered.pop(name) for name in dict(offered) if pack().traits[name].of == "provider"}
    helper = _source(example.day, organization, dict(offered), people)
    return Round(cards, [helper], [Ceiling(organization, facts=shared)])


def _person(name: str, on: date, said: dict[str, Any]) -> Person:
    fields = {key: said.pop(key) for key in ("need", "level") if key in said}
    for key in ("languages", "in_question_with"):
        if said.get(key):
            fields[key] = frozenset(said[key])
        said.pop(key, None)
    brings = said.pop("brings_interpreter", "no") == "yes"
    return Person(name, on, brings_interpreter=brings, facts=said, **fields)


def _source(on: date, within: str, said: dict[str, Any], seats: int) -> Source:
    status = said.pop("credential_status", "in_force")
    until = said.pop("credential_until", None)
    ended = on - timedelta(days=1) if status != "in_force" else None
    (home,) = said.pop("works_at", None) or [""]
    return Source(
        "helper",
        said.pop("source_kind", "advocate"),
        seats,
        gives=frozenset(said.pop("gives", ("full", "limited", "self_help", "consulate", "wage_claim"))),
        languages=frozenset(said.pop("speaks", None) or ()),
        interpreter=said.pop("interpreter", None) or "",
        credentials=frozenset(said.pop("credentials", None) or ()) - {"none"},
        credential_until=date.fromisoformat(until) if until else ended,
        renewal_pending=status == "pending_renewal",
        home=home,
        within=within,
        facts=said,
    )


def test_the_order_of_aims_is_a_dated_judgement_and_not_used_outside_its_days() -> None:
    aims = pack().aims(date(2026, 11, 23))
    assert aims.order.index("deadlines_kept") < aims.order.index("people_served")
    assert (aims.decided_by, [source.certainty for source in aims.sources]) == (
        "Our default; the coalition decides",
        ["D"],
    )
    for outside in (date(2026, 1, 1), date(2028, 1, 1)):
        with pytest.raises(NotInForce, match=r"the order of aims .* its history in aims\.yaml"):
            pack().aims(outside)


def test_a_rule_past_its_last_confirmed_day_is_said_to_be_open() -> None:
    (example, *_) = examples(pack().by_id["R1"], "yes")
    late = PairExample(example.name, date(2027, 6, 1), example.person, example.source, {})
    assert outcomes(pack(), late)["R1"] == "not yet known"
