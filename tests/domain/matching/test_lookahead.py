"""Places held for harder cases that are expected: never against a rule, and worth it or not in plain numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.matching import Expectation, Pricing, Round, Source, look_ahead, outcome
from jornada.domain.matching.lookahead import expected_at_least
from jornada.domain.matching.planned import NOBODY
from tests.domain.matching.rounds import DAY, PEOPLE, Trying, pack, person, rounds, source

PACK = pack()
SOON, LATER = DAY + timedelta(days=3), DAY + timedelta(days=20)
HARD = Expectation("plant raid", person("x", level="COMPLEX"), Fraction(3), SOON, LATER)
ATTORNEY = source("rosa", 3)
PARTIAL = source("luis", 3, credentials=frozenset({"accredited_partial"}))


def waiting(number: int = 8) -> Round:
    people = [person(f"worker {n}", n) for n in range(number)]
    return Round(people, [ATTORNEY, PARTIAL], expectations=[HARD])


def test_places_are_held_with_the_attorney_for_complex_files_that_are_likely_to_come() -> None:
    found = look_ahead(waiting(), PACK, on=DAY, draws=0)
    (held,) = found.held
    assert (held.expectation, held.source, held.places, held.until) == ("plant raid", "rosa", 2, LATER)
    told = outcome(found.plan)
    assert len(told.matches) + len(told.left_out) == 8
    assert Counter(one.source for one in told.matches) == {"rosa": 1, "luis": 3}


def test_a_place_that_is_held_is_priced_like_one_that_is_taken() -> None:
    (dearest, *_) = Pricing(look_ahead(waiting(), PACK, on=DAY, draws=0).plan).seats()
    assert (dearest.reason.values["source"], dearest.people) == ("luis", 1)


def test_nothing_is_held_for_people_who_are_no_harder_than_those_who_wait() -> None:
    simple = replace(HARD, card=person("x"))
    found = look_ahead(replace(waiting(), expectations=[simple]), PACK, on=DAY, draws=0)
    assert found.held == ()
    assert (found.plan.place != NOBODY).sum() == 6


def test_nothing_is_held_on_a_clinic_day_before_they_come() -> None:
    clinic: Source = replace(
        ATTORNEY, id="saturday", kind="clinic", held_on=DAY + timedelta(days=1), gives=frozenset({"full"})
    )
    found = look_ahead(replace(waiting(), sources=[clinic]), PACK, on=DAY, draws=0)
    assert found.held == ()


def test_whoever_is_in_danger_of_a_deadline_is_not_kept_waiting_for_anybody_expected() -> None:
    urgent = [person(f"worker {n}", deadline_on=DAY + timedelta(days=9)) for n in range(6)]
    found = look_ahead(replace(waiting(), people=urgent), PACK, on=DAY, draws=0)
    assert found.held == ()


def test_what_holding_brings_is_shown_against_greedy_and_hindsight() -> None:
    found = look_ahead(waiting(), PACK, on=DAY, draws=12, seed=4)
    came = {one.policy: one for one in found.compared}
    assert came["greedy"].complex_[0] == 0
    assert came["greedy"].complex_[0] < came["look_ahead"].complex_[0] <= came["hindsight"].complex_[0]
    assert came["look_ahead"].people == came["greedy"].people == (6.0, 6.0, 6.0)
    again = look_ahead(waiting(), PACK, on=DAY, draws=12, seed=4)
    assert again.compared == found.compared


def test_as_many_are_expected_as_come_with_at_least_the_chance_asked_for() -> None:
    assert [expected_at_least(Fraction(2), percent) for percent in (1, 10, 50, 60, 90)] == [6, 4, 2, 1, 0]
    assert expected_at_least(Fraction(0), 1) == 0


@settings(max_examples=20, deadline=None)
@given(rounds(), PEOPLE, st.integers(1, 6))
def test_holding_places_never_breaks_a_hard_rule(given: Round, card: object, mean: int) -> None:
    expected = Expectation("soon", replace(card, id="x"), Fraction(mean), SOON, LATER)  # type: ignore[type-var]
    found = look_ahead(replace(given, expectations=[expected]), PACK, on=DAY, draws=0)
    placed = {one.person: one.source for one in outcome(found.plan).matches}
    trying = Trying(given, PACK)
    assert all(pair in trying.pairs for pair in placed.items())
    assert trying.within(placed)
    seats = {one.id: one.seats for one in given.sources}
    for held in found.held:
        taken = sum(source == held.source for source in placed.values())
        assert held.places + taken <= seats[held.source]
