"""What the restrictions make of a pair, in the tables of many kinds as in one pair looked at alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.matching import Person, Round, plan
from jornada.domain.matching.cards import crowd
from jornada.domain.matching.eligibility import Sources, kinds_of
from jornada.domain.matching.reasons import Pairing
from tests.domain.matching.rounds import DAY, Trying, pack, person, placed, provider, rounds, source

PACK = pack()
FACTS = {
    "lsc_category": st.sampled_from(["yes", "no", None]),
    "lsc_abuse_route": st.sampled_from(["yes", "no", None]),
    "h2_worker": st.sampled_from(["none", "h2a", "h2b_forestry", None]),
    "income_band": st.sampled_from(["under_125", "over_200", None]),
    "forum": st.sampled_from(["agency", "immigration_court", None]),
    "nationality": st.sampled_from(["MX", "GT", None]),
    "memberships": st.sampled_from([[], ["laundry-workers"], None]),
    "can_pay": st.sampled_from(["yes", "no", None]),
    "state": st.sampled_from(["NC", "CA", None]),
    "protection": st.sampled_from(["none", "asylee", None]),
    "cdss_bar": st.sampled_from(["yes", "no", None]),
}
MONEY = st.sampled_from(
    [
        "unrestricted",
        "cdss",
        "orr",
        "state_civil_legal_aid",
        "members_plan",
        "client_fees",
        "ejw_fellow",
        None,
    ]
)
CARDS = st.builds(
    person,
    st.just("ana"),
    need=st.sampled_from(["full", "limited", "wage_claim", "consulate"]),
    level=st.sampled_from(["OK", "ATTY", "COMPLEX"]),
    languages=st.sampled_from([frozenset({"es"}), frozenset({"mam"}), frozenset()]),
    in_question_with=st.sampled_from([frozenset(), frozenset({"riverbend"})]),
    facts=st.fixed_dictionaries(FACTS),
)


@settings(max_examples=30, deadline=None)
@given(rounds(), CARDS, MONEY)
def test_tables_say_what_each_pair_alone_says(given: Round, card: Person, money: str | None) -> None:
    sources = [replace(one, facts={**one.facts, "paid_by": money}) for one in given.sources]
    given = replace(given, people=[card], sources=sources)
    aims, trying = PACK.aims(DAY), Trying(given, PACK)
    kinds = kinds_of(crowd([card], DAY), Sources(given, PACK, aims, DAY))
    for place, one in enumerate(sources):
        told = trying.pair(card, one)
        away = bool(one.places) and bool(card.place) and card.place not in one.places
        assert (told is not None) == (bool(kinds.allowed[place, 0]) and not away)
        if told is not None:
            assert kinds.flags[place, 0] == told[0]


@settings(max_examples=25, deadline=None)
@given(st.lists(CARDS, min_size=1, max_size=6), st.integers(0, 20))
def test_a_grantee_of_the_legal_services_corporation_gets_nobody_with_deferred_action_only(
    cards: list[Person], seed: int
) -> None:
    """In every solution (capacity notes, section 11, test 11), whatever else is true of the person or its money."""
    known = {"lsc_category": "no", "lsc_abuse_route": "no", "h2_worker": "none"}
    people = [
        replace(card, id=f"worker {number}", facts={**card.facts, **known})
        for number, card in enumerate(cards)
    ]
    grantee = provider("grantee", facts={"funding": ["lsc", "cdss"]})
    at_grantee = [
        source(name, 3, within="grantee", facts={"paid_by": "unrestricted"}) for name in ("dana", "luis")
    ]
    found = plan(Round(people, [*at_grantee, source("otto")], [grantee]), PACK, on=DAY, seed=seed)
    assert set(placed(found).values()) <= {"otto"}


def test_while_her_category_was_not_asked_she_may_be_proposed_and_the_missing_fact_is_named() -> None:
    ana = person("ana", facts={"lsc_category": None})
    found = plan(
        Round([ana], [source("dana", within="grantee")], [provider("grantee", facts={"funding": ["lsc"]})]),
        PACK,
        on=DAY,
    )
    assert placed(found) == {"ana": "dana"}
    (flag,) = Pairing(found, 0, 0).flags()
    assert (flag.key, flag.values["facts"], flag.values["rules"]) == (
        "not_yet_known",
        ["lsc_category"],
        ["R1"],
    )


def test_a_pair_with_nothing_to_settle_is_better_than_one_with_a_question() -> None:
    ana = person("ana", facts={"income_band": None})
    unsure = source("asks", facts={"paid_by": "state_civil_legal_aid", "fund_state": "NC"})
    assert placed(plan(Round([ana], [unsure, source("sure")]), PACK, on=DAY)) == {"ana": "sure"}


def test_a_rule_past_its_last_confirmed_day_neither_forbids_nor_allows_in_silence() -> None:
    late = date(2027, 6, 1)
    given = Round(
        [replace(person("ana"), waiting_since=DAY)],
        [source("dana", within="grantee")],
        [provider("grantee", facts={"funding": ["lsc"]})],
    )
    found = plan(given, PACK, on=late)
    assert placed(found) == {"ana": "dana"}
    assert "rule_not_confirmed" in {flag.key for flag in Pairing(found, 0, 0).flags()}
    assert placed(plan(given, PACK, on=DAY)) == {}


def test_a_rule_that_narrows_to_some_needs_lets_those_be() -> None:
    femi = {"lsc_category": "no", "lsc_abuse_route": "no", "h2_worker": "h2a"}
    grantee = [provider("grantee", facts={"funding": ["lsc"]})]
    helper = source("dana", 2, within="grantee", gives=frozenset({"full", "wage_claim"}))
    people = [person("wages", need="wage_claim", facts=femi), person("status", need="full", facts=femi)]
    assert placed(plan(Round(people, [helper], grantee), PACK, on=DAY)) == {"wages": "dana"}


def test_between_terms_a_students_clinic_keeps_a_part_of_its_places() -> None:
    students = source(
        "clinic", 10, kind="student", credentials=frozenset({"student"}), gives=frozenset({"limited"}),
        facts={"supervised_by": "faculty", "paid_by_client": "no", "practice_permission": "yes", "term": "out_of_term"},
    )  # fmt: skip
    people = [person(f"worker {number}", need="limited") for number in range(10)]
    assert len(placed(plan(Round(people, [students]), PACK, on=DAY))) == 3
    exams = replace(students, facts={**students.facts, "term": "exams"})
    assert placed(plan(Round(people, [exams]), PACK, on=DAY)) == {}


def test_kinds_are_few_where_people_are_alike() -> None:
    people = [person(f"worker {number}", days=number) for number in range(40)]
    given = Round(people, [source("dana", 3), source("luis", 3, home="Wake")])
    kinds = kinds_of(crowd(people, DAY), Sources(given, PACK, PACK.aims(DAY), DAY))
    assert len(kinds.example) == 1
    assert np.array_equal(kinds.of_person, np.zeros(40))
