"""People come and go, places open and close: after each change the plan is as good as if matched anew."""

from __future__ import annotations

from fractions import Fraction

import pytest

from jornada.domain.matching import Mix, NotStanding, Person, Round, Standing, plan
from tests.domain.matching.rounds import COMPLEX, DAY, OTHERS, pack, person, provider, source

PACK = pack()


def standing(*people: Person, seats: int = 1) -> Standing:
    return Standing(plan(Round(people, [source("dana", seats)]), PACK, on=DAY))


def test_an_arrival_is_told_her_source_at_once() -> None:
    answer = standing(person("ana"), seats=2).arrive(person("bashir"))
    assert (answer.source, answer.instead) == ("dana", False)


def test_a_more_urgent_arrival_takes_the_place_of_somebody_who_waited_less() -> None:
    answer = standing(person("ana", days=0)).arrive(person("bashir", days=60))
    assert (answer.source, answer.instead) == ("dana", True)


def test_an_arrival_for_whom_nobody_is_open_waits() -> None:
    assert standing().arrive(person("mateo", languages=frozenset({"mam"}))).source is None


def test_when_somebody_withdraws_the_next_one_gets_her_place() -> None:
    found = standing(person("ana", days=90), person("bashir", days=5))
    found.withdraw("ana")
    assert found.placed().tolist() == [-1, 0]


def test_a_place_more_is_filled_and_a_place_less_is_given_up_by_who_waited_least() -> None:
    found = standing(person("ana", days=90), person("bashir", days=5))
    assert found.seats("dana", 1)
    assert found.placed().tolist() == [0, 0]
    assert found.seats("dana", -1)
    assert found.placed().tolist() == [0, -1]
    assert not found.seats("dana", -5)


def test_somebody_who_is_in_the_plan_already_does_not_arrive_again() -> None:
    with pytest.raises(ValueError, match="'ana' is in the plan already"):
        standing(person("ana")).arrive(person("ana"))


def test_a_plan_whose_ratio_was_kept_exactly_is_matched_again_as_a_whole() -> None:
    people = [person("ana", level="COMPLEX"), *(person(f"worker {n}") for n in range(4))]
    mixed = Round(
        people, [source("dana", 5, within="riverbend")], [provider("riverbend")],
        [Mix("learning", "riverbend", OTHERS, COMPLEX, Fraction(2))],
    )  # fmt: skip
    with pytest.raises(NotStanding, match="match the whole round again"):
        Standing(plan(mixed, PACK, on=DAY))
