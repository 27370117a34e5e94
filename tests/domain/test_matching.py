"""Finding each person a place: hard rules, aims in order, reasons, and why not."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.matching import AIMS, Matching, Person, Source, match, obstacles, place_one

DAY = date(2026, 11, 23)
ROSA = Source(
    "rosa",
    "advocate",
    1,
    frozenset({"en", "es"}),
    frozenset({"Duplin"}),
    frozenset({"attorney"}),
    full_scope=True,
)
SATURDAY = Source(
    "saturday",
    "clinic",
    2,
    frozenset({"es"}),
    credentials=frozenset({"accredited_partial"}),
    held_on=date(2026, 12, 5),
)


def person(name: str, **known: object) -> Person:
    return Person(
        name,
        known.pop("since", DAY - timedelta(days=10)),  # type: ignore[arg-type]
        languages=known.pop("languages", frozenset({"es"})),  # type: ignore[arg-type]
        **known,  # type: ignore[arg-type]
    )


def pairs(outcome: Matching) -> dict[str, str]:
    return {found.person: found.source for found in outcome.matches}


def test_ana_needs_full_scope_and_goes_to_the_attorney_while_bashir_goes_to_the_clinic() -> None:
    outcome = match([person("ana"), person("bashir", scope="limited")], [ROSA, SATURDAY], on=DAY)
    assert pairs(outcome) == {"ana": "rosa", "bashir": "saturday"}
    assert outcome.proven


def test_each_match_says_why() -> None:
    outcome = match([person("ana", place="Duplin", level="COMPLEX")], [ROSA], on=DAY)
    assert [reason.key for reason in outcome.matches[0].reasons] == [
        "takes_full_scope",
        "speaks",
        "serves_place",
        "may_carry_complex",
    ]


@pytest.mark.parametrize(
    ("who", "source", "obstacle"),
    [
        (person("ana"), SATURDAY, "needs_full_scope"),
        (person("ana", scope="limited", level="COMPLEX"), SATURDAY, "complex_needs_attorney"),
        (person("mateo", languages=frozenset({"mam"})), ROSA, "no_language"),
        (person("chen", place="Wake"), ROSA, "out_of_area"),
        (person("dao", scope="limited", deadline_on=date(2026, 12, 5)), SATURDAY, "after_deadline"),
        (person("ewa", not_with=frozenset({"rosa"})), ROSA, "kept_apart"),
        (
            person("femi"),
            Source("nobody", "advocate", 1, frozenset({"es"}), full_scope=True),
            "no_credential",
        ),
    ],
)
def test_each_hard_rule_names_its_obstacle(who: Person, source: Source, obstacle: str) -> None:
    assert [reason.key for reason in obstacles(who, source, DAY)] == [obstacle]


def test_an_interpreter_of_her_own_choice_stands_in_for_a_common_language() -> None:
    mateo = person("mateo", languages=frozenset({"mam"}), brings_interpreter=True)
    assert pairs(match([mateo], [ROSA], on=DAY)) == {"mateo": "rosa"}


def test_a_near_deadline_goes_before_a_longer_wait() -> None:
    patient = person("ana", since=DAY - timedelta(days=300))
    in_danger = person("bashir", since=DAY, deadline_on=DAY + timedelta(days=5))
    assert pairs(match([patient, in_danger], [ROSA], on=DAY)) == {"bashir": "rosa"}


def test_a_full_source_says_whether_one_more_seat_would_reach_the_person() -> None:
    first = person("ana", since=DAY - timedelta(days=30))
    second = person("bashir", since=DAY - timedelta(days=20))
    third = person("chen", since=DAY - timedelta(days=1))
    left = {out.person: out for out in match([first, second, third], [ROSA], on=DAY).left_out}
    assert [change.key for change in left["bashir"].changes] == ["one_more_seat"]
    assert [change.key for change in left["chen"].changes] == ["one_more_seat_goes_to_another"]


def test_a_person_left_out_hears_the_nearest_obstacle_and_what_would_mend_it() -> None:
    (left,) = match([person("mateo", languages=frozenset({"mam"}))], [ROSA, SATURDAY], on=DAY).left_out
    assert left.nearest[0].source == "rosa"
    assert [change.key for change in left.changes] == ["would_help.no_language"]
    assert left.changes[0].values["languages"] == ["mam"]


def test_with_no_source_at_all_the_answer_is_that_one_is_needed() -> None:
    (left,) = match([person("ana")], [], on=DAY).left_out
    assert [change.key for change in left.changes] == ["another_source_needed"]


def test_the_same_id_twice_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'ana' is given twice"):
        match([person("ana"), person("ana")], [ROSA], on=DAY)


def test_equal_people_are_settled_by_the_seed_the_same_each_time() -> None:
    people = [person(name) for name in ("ana", "bashir", "chen")]
    runs = {seed: pairs(match(people, [ROSA], on=DAY, seed=seed)) for seed in range(12)}
    assert runs == {seed: pairs(match(people, [ROSA], on=DAY, seed=seed)) for seed in range(12)}
    assert len({tuple(found.items()) for found in runs.values()}) > 1


def test_one_arrival_is_answered_by_the_same_rules() -> None:
    assert pairs(place_one(person("ana"), [ROSA, SATURDAY], on=DAY)) == {"ana": "rosa"}


LANGUAGES = st.sampled_from([frozenset({"es"}), frozenset({"mam"}), frozenset({"es", "en"})])
PEOPLE = st.lists(
    st.builds(
        Person,
        id=st.uuids().map(str),
        waiting_since=st.integers(0, 60).map(lambda days: DAY - timedelta(days=days)),
        scope=st.sampled_from(["full", "limited"]),
        level=st.sampled_from(["OK", "ATTY", "COMPLEX"]),
        place=st.sampled_from(["", "Duplin", "Wake"]),
        languages=LANGUAGES,
        deadline_on=st.sampled_from([None, DAY + timedelta(days=9), DAY + timedelta(days=90)]),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)
SOURCES = st.lists(
    st.builds(
        Source,
        id=st.uuids().map(str),
        kind=st.just("advocate"),
        seats=st.integers(0, 2),
        languages=LANGUAGES,
        places=st.sampled_from([frozenset(), frozenset({"Duplin"})]),
        credentials=st.sampled_from(
            [frozenset({"attorney"}), frozenset({"accredited_partial"}), frozenset()]
        ),
        full_scope=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda one: one.id,
)


def best_by_trying_all(people: list[Person], sources: list[Source]) -> tuple[int, ...]:
    """The lexicographically best values of the aims over every allowed matching."""
    best: tuple[int, ...] = (0,) * (len(AIMS) + 1)
    for choice in product([None, *sources], repeat=len(people)):
        given_to = [(one, source) for one, source in zip(people, choice, strict=True) if source is not None]
        loads = [sum(source is taken for _, taken in given_to) for source in sources]
        too_many = any(load > source.seats for load, source in zip(loads, sources, strict=True))
        if too_many or any(obstacles(one, source, DAY) for one, source in given_to):
            continue
        sums = tuple(sum(aim(one, source, DAY) for one, source in given_to) for _, aim in AIMS)
        best = max(best, (*sums, -max(loads, default=0)))
    return best


@settings(max_examples=40, deadline=None)
@given(PEOPLE, SOURCES)
def test_no_allowed_matching_is_better_by_the_aims_in_order(
    people: list[Person], sources: list[Source]
) -> None:
    outcome = match(people, sources, on=DAY)
    reached = (*(outcome.aims[name] for name, _ in AIMS), -outcome.aims["fullest"])
    assert reached == best_by_trying_all(people, sources)
    assert outcome.proven


@settings(max_examples=25, deadline=None)
@given(PEOPLE, SOURCES)
def test_nobody_is_lost_no_seat_is_given_twice_and_no_rule_is_broken(
    people: list[Person], sources: list[Source]
) -> None:
    outcome = match(people, sources, on=DAY)
    told = [found.person for found in outcome.matches] + [left.person for left in outcome.left_out]
    assert sorted(told) == sorted(one.id for one in people)
    by_id = {one.id: one for one in people} | {one.id: one for one in sources}
    for source in sources:
        assert sum(found.source == source.id for found in outcome.matches) <= source.seats
    for found in outcome.matches:
        assert not obstacles(by_id[found.person], by_id[found.source], DAY)  # type: ignore[arg-type]
    assert all(left.nearest or not sources for left in outcome.left_out)
    assert all(left.changes for left in outcome.left_out)
