"""The best plan by the aims in order: told by example, and against trying every plan of small rounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings

from jornada.domain.matching import Mix, Person, Purse, Round, RoundFaults, plan
from jornada.domain.matching.planned import Plan
from tests.domain.matching.rounds import (
    COMPLEX,
    DAY,
    OTHERS,
    Trying,
    costs,
    pack,
    pairs,
    person,
    placed,
    provider,
    rounds,
    source,
)

PACK = pack()


def planned(*people: Person, sources: list, **limits: object) -> Plan:  # type: ignore[type-arg]
    return plan(Round(people, sources, **limits), PACK, on=DAY)  # type: ignore[arg-type]


# --- told -----------------------------------------------------------------------------------------


def test_a_near_deadline_goes_before_a_longer_wait() -> None:
    patient = person("ana", days=300)
    in_danger = person("bashir", days=0, deadline_on=DAY + timedelta(days=5))
    assert placed(planned(patient, in_danger, sources=[source("dana")])) == {"bashir": "dana"}


def test_a_complex_file_goes_before_two_simple_ones_and_only_to_full_scope() -> None:
    hard = person("ana", level="COMPLEX", need="limited")
    clinic = source("saturday", kind="clinic", gives=frozenset({"limited"}), seats=5)
    found = planned(hard, person("bashir"), sources=[source("dana"), clinic])
    assert placed(found) == {"ana": "dana"}


def test_as_many_as_can_be_are_served_though_the_longest_wait_moves_aside() -> None:
    either = person("ana", days=90)
    only_dana = person("bashir", days=1, need="full")
    luis = source("luis", gives=frozenset({"limited"}))
    found = planned(replace(either, need="limited"), only_dana, sources=[source("dana"), luis])
    assert placed(found) == {"ana": "luis", "bashir": "dana"}


def test_a_supervisors_ceiling_holds_over_the_places_of_all_below() -> None:
    people = [person(name) for name in ("ana", "bashir", "chen")]
    inside = [source("dana", 2, within="marta"), source("luis", 2, within="marta")]
    found = planned(*people, sources=inside, ceilings=[provider("marta", 2)])
    assert len(placed(found)) == 2
    assert found.proven


def test_load_is_shared_by_what_each_provider_can_carry() -> None:
    people = [person(f"worker {number}") for number in range(6)]
    found = planned(*people, sources=[source("large", 20), source("small", 10)])
    loads = dict(zip(("large", "small"), found.loads.tolist(), strict=True))
    assert loads == {"large": 4, "small": 2}


def test_what_a_provider_holds_already_counts_for_its_load() -> None:
    people = [person("ana"), person("bashir")]
    found = planned(*people, sources=[source("busy", 2, held=8), source("idle", 20)])
    assert set(placed(found).values()) == {"idle"}


def test_who_is_arranged_already_stays_where_nothing_speaks_against_it() -> None:
    ana = person("ana", arranged_with="luis")
    for name in ("dana", "zoe"):
        assert placed(planned(ana, sources=[source(name), source("luis")])) == {"ana": "luis"}


def test_near_home_and_in_a_shared_language_is_better() -> None:
    ana = person("ana", place="Wake", languages=frozenset({"mam"}))
    far = source("far", languages=frozenset({"mam"}), home="Duplin", places=frozenset({"Duplin", "Wake"}))
    through_interpreter = source("near", interpreter="in_house", home="Wake", places=frozenset({"Wake"}))
    assert placed(planned(ana, sources=[far, through_interpreter])) == {"ana": "far"}
    at_home = replace(far, id="at home", home="Wake")
    assert placed(planned(ana, sources=[far, at_home])) == {"ana": "at home"}


def test_a_lock_holds_though_another_plan_were_better() -> None:
    waits, locked = person("ana", days=200), person("bashir", days=0)
    found = planned(waits, locked, sources=[source("dana")], locks=pairs(("bashir", "dana")))
    assert placed(found) == {"bashir": "dana"}


def test_a_lock_against_a_hard_rule_or_beyond_the_places_is_refused_by_name() -> None:
    mateo = person("mateo", languages=frozenset({"mam"}))
    with pytest.raises(RoundFaults, match="'mateo': a hard rule keeps it from dana"):
        planned(mateo, sources=[source("dana")], locks=pairs(("mateo", "dana")))
    two = [person("ana"), person("bashir")]
    with pytest.raises(RoundFaults, match="2 people are locked to 1 places"):
        planned(*two, sources=[source("dana")], locks=pairs(("ana", "dana"), ("bashir", "dana")))


def test_whoever_was_rejected_is_not_proposed_there_again() -> None:
    found = planned(person("ana"), sources=[source("dana")], rejections=pairs(("ana", "dana")))
    assert placed(found) == {}


def test_a_fellow_takes_five_straightforward_matters_and_no_more() -> None:
    people = [person(f"worker {number}") for number in range(8)]
    fellow = source("fellow", 8, facts={"paid_by": "ijc_justice_fellow"})
    assert len(placed(planned(*people, sources=[fellow]))) == 5
    harder = [replace(one, level="ATTY") for one in people]
    assert len(placed(planned(*harder, sources=[fellow]))) == 8


def test_a_ratio_keeps_others_within_three_for_each_complex_file() -> None:
    people = [person("ana", level="COMPLEX"), *(person(f"worker {number}") for number in range(6))]
    mix = Mix("learning", "dana", OTHERS, COMPLEX, Fraction(3))
    found = planned(*people, sources=[source("dana", 7)], mixes=[mix])
    assert len(placed(found)) == 4
    assert found.proven


def test_a_purse_pays_for_so_many_of_a_batch() -> None:
    people = [person(f"worker {number}") for number in range(6)]
    batch = source("batch", 6, kind="batch")
    found = planned(*people, sources=[batch], purses=[Purse("gift", 1_700, {"batch": 500})])
    assert len(placed(found)) == 3


def test_equal_people_are_settled_by_the_seed_the_same_each_time() -> None:
    given = Round([person(name) for name in ("ana", "bashir", "chen")], [source("dana")])
    runs = [tuple(placed(plan(given, PACK, on=DAY, seed=seed))) for seed in range(12)]
    assert runs == [tuple(placed(plan(given, PACK, on=DAY, seed=seed))) for seed in range(12)]
    assert len(set(runs)) > 1


# --- against every plan ---------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(rounds())
def test_no_plan_is_better_by_the_aims_in_order(given: Round) -> None:
    found, trying = plan(given, PACK, on=DAY), Trying(given, PACK)
    assert found.proven
    assert trying.within(placed(found))
    assert costs(found) == trying.worth(placed(found)) == trying.best()
