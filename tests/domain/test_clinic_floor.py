"""Who is called when: the rule in plain Python, by examples that can be followed with a pencil."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from jornada.domain.clinic.floor import Floor, Held, InLine, OnDuty, Place, floor_of, route_of, walk
from tests.domain.clinic_scene import (
    ANA,
    BASHIR,
    CLOSES,
    LUCIA,
    MATEO,
    NOOR,
    OPENS,
    ROSA,
    TEAM,
    day,
    template,
    with_rest,
)

SPANISH, MAM = 0, 1


def one_station(*staff: OnDuty, workers: int = 3, **place: float) -> Floor:
    return Floor((Place(**place),), staff, (InLine(),) * workers)  # type: ignore[arg-type]


def test_first_come_first_served_by_whoever_has_been_free_longest() -> None:
    floor = one_station(OnDuty((0,)), OnDuty((0,)))
    course = walk(floor, [0, 1, 2], [1, 1, 1], [[10, 5, 10]])
    assert course.begin == [[0, 1, 6]]
    assert course.by == [[0, 1, 1]]
    assert course.leave == [10, 6, 16]


def test_who_never_comes_is_never_served_and_who_needs_no_station_leaves_at_once() -> None:
    course = walk(one_station(OnDuty((0,)), workers=2), [inf, 4], [1, 0], [[10, 10]])
    assert course.begin == [[inf, inf]]
    assert course.leave == [inf, 4]


def test_a_break_begins_when_the_worker_before_it_is_served() -> None:
    floor = one_station(OnDuty((0,), rest_due=5, rest=30), workers=2)
    assert walk(floor, [0, 1], [1, 1], [[10, 10]]).begin == [[0, 40]]
    idle = walk(floor, [inf, 7], [1, 1], [[10, 10]])
    assert idle.begin == [[inf, 35]]


def test_nobody_begins_after_their_hours_but_what_began_is_finished() -> None:
    course = walk(one_station(OnDuty((0,), ends=9), workers=2), [0, 1], [1, 1], [[10, 10]])
    assert course.begin == [[0, inf]]
    assert course.leave == [10, inf]


def test_mateo_waits_for_the_interpreter_while_ana_passes_him() -> None:
    staff = (
        OnDuty((0,), frozenset({SPANISH})),
        OnDuty((0,), frozenset({SPANISH})),
        OnDuty((), frozenset({MAM})),
    )
    people = (InLine(MAM), InLine(MAM), InLine(SPANISH))
    course = walk(Floor((Place(1.0),), staff, people), [0, 1, 2], [1, 1, 1], [[10, 10, 10]], factor=1.5)
    assert course.begin == [[0, 15, 2]]
    assert course.end == [[15, 30, 12]]
    assert course.interpreter == [[2, 2, -1]]


def test_at_the_tables_an_interpreter_stays_for_the_share_only() -> None:
    staff = (OnDuty((0,)), OnDuty((0,)), OnDuty((), frozenset({MAM})))
    floor = Floor((Place(0.4),), staff, (InLine(MAM), InLine(MAM)))
    course = walk(floor, [0, 0], [1, 1], [[100, 100]], factor=1.5)
    assert course.begin == [[0, 60]]


def test_a_language_through_a_second_one_takes_longer_yet() -> None:
    floor = Floor(
        (Place(1.0),), (OnDuty((0,)), OnDuty((), frozenset({MAM}))), (InLine(MAM),), relay=frozenset({MAM})
    )
    assert walk(floor, [0], [1], [[10]], factor=1.5, relay_factor=2.0).leave == [20]


def test_shared_staff_take_those_nearest_to_the_exit_and_the_deadline_before_all() -> None:
    floor = Floor((Place(), Place()), (OnDuty((0, 1)),), (InLine(), InLine(), InLine(priority=0)))
    course = walk(floor, [0, 1, 11], [3, 3, 3], [[10, 10, 10], [5, 5, 5]])
    assert course.begin == [[0, 30, 15], [10, 40, 25]]


def test_who_is_missed_least_elsewhere_goes_first() -> None:
    """Lucia could do more stations than Rosa, but nobody but Rosa gives advice."""
    rosa, lucia, gus = OnDuty((0, 1)), OnDuty((0, 2, 3)), OnDuty((2, 3))
    floor = Floor((Place(),) * 4, (rosa, lucia, gus), (InLine(),))
    assert walk(floor, [0], [1], [[10]] * 4).by[0] == [1]


def test_seats_and_accessible_seats_are_kept() -> None:
    staff = (OnDuty((0,)),) * 3
    people = (InLine(accessible=True), InLine(accessible=True), InLine())
    floor = Floor((Place(seats=2, accessible=1),), staff, people)
    assert walk(floor, [0, 0, 1], [1, 1, 1], [[10, 10, 10]]).begin == [[0, 10, 1]]


def test_who_is_busy_as_the_day_begins_goes_on_and_a_held_interpreter_comes_free() -> None:
    staff = (OnDuty((0,)), OnDuty((), frozenset({MAM})))
    floor = Floor((Place(1.0), Place()), staff, (InLine(MAM), InLine(MAM)), held=(Held(0, 0, 0), Held(1)))
    course = walk(floor, [inf, 0], [0b10, 1], [[10, 10], [5, 5]], held_until=[7, 9])
    assert course.begin[0][1] == 9


def test_a_pace_makes_a_station_quicker() -> None:
    assert walk(one_station(OnDuty((0,)), workers=1, pace=0.5), [0], [1], [[10]]).leave == [5]


@pytest.mark.parametrize(
    ("floor", "shaped"),
    [
        (one_station(OnDuty((0,))), True),
        (one_station(OnDuty((0,)), seats=0), False),
        (Floor((Place(), Place()), (OnDuty((0, 1)),), (InLine(),)), False),
        (Floor((Place(),), (OnDuty((0,)),), (InLine(), InLine(priority=0))), False),
        (Floor((Place(1.0),), (OnDuty((0,)),), (InLine(MAM),)), False),
        (Floor((Place(),), (OnDuty((0,), frozenset({1}), rest_due=3), OnDuty((0,))), (InLine(),)), False),
    ],
)
def test_a_clinic_is_line_shaped_where_each_station_can_be_passed_once(floor: Floor, shaped: bool) -> None:
    assert floor.line_shaped is shaped


# ── From a clinic day ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_floor_of_a_day_has_its_staff_where_their_credential_lets_them() -> None:
    floor = floor_of(day(), template())
    names = dict(zip(floor.staff_names, floor.staff, strict=True))
    at = {name: [floor.station_names[s] for s in one.stations] for name, one in names.items()}
    assert at["rosa"] == ["screening", "advice", "review"]
    assert at["omar"] == ["preparation"]
    assert at["tomas"] == []
    assert [place.share for place in floor.places] == [1.0, 1.0, 1.0, 0.4, 1.0, 0.0, 1.0]


def test_staff_until_closing_stay_for_the_last_and_a_student_only_with_a_supervisor() -> None:
    noor = replace(NOOR, ends=CLOSES - 60)
    rosa = with_rest(replace(ROSA, begins=OPENS + 60))
    floor = floor_of(day(staff=(rosa, noor, LUCIA, *TEAM[3:])), template())
    names = dict(zip(floor.staff_names, floor.staff, strict=True))
    assert (names["rosa"].ends, names["noor"].ends) == (inf, CLOSES - 60)
    assert names["lucia"].begins == OPENS + 60
    assert (names["rosa"].rest_due, names["rosa"].rest) == (12 * 60, 30)
    assert floor_of(day(), template(), late=False).staff[0].ends == CLOSES


def test_who_brings_an_interpreter_or_was_not_asked_is_served_by_anybody() -> None:
    people = (ANA, replace(BASHIR, language=""), replace(MATEO, brings_interpreter=True))
    floor = floor_of(day(invited=people), template())
    assert [one.language for one in floor.workers] == [floor.languages.index("es"), -1, -1]
    assert route_of(replace(ANA, done=("check_in", "screening")), day()) == 0b1111100
