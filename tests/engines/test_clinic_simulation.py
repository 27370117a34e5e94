"""Simulated clinic days: to the last bit the rule's and SimPy's, right by formula, and right on real events."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import factorial, inf
from random import Random

import numpy as np
import pytest

from benchmarks import clinic_peers as peers
from benchmarks.clinic_days import CLOSES, OPENS, large_day
from jornada.domain.clinic import afterwards
from jornada.domain.clinic.board import board
from jornada.domain.clinic.day import ClinicDay, Invited, Room, Staff, WhatIf
from jornada.domain.clinic.events import merge
from jornada.domain.clinic.floor import Floor, Held, InLine, OnDuty, Place, walk
from jornada.domain.clinic.forecast import (
    AS_PLANNED,
    Spread,
    compare,
    estimated_seats,
    forecast,
    invitations,
    outlook,
    seats,
    seats_by_hours,
    stop_intake,
    with_appointments,
)
from jornada.domain.clinic.schedule import schedule
from jornada.domain.clinic.simulation import Draws, draw, each_few_days, triangular, walk_days, with_pace
from tests.domain.clinic_scene import DAY as ON
from tests.domain.clinic_scene import STATIONS, TEAM, Tablet, template
from tests.domain.clinic_scene import day as small_day

TEMPLATE = template()


# ── Made-up floors ────────────────────────────────────────────────────────────────────────────────────────────


def any_floor(choose: Random) -> Floor:
    """Stations, staff and workers of every kind, at random."""
    stations, languages = choose.randint(1, 5), choose.randint(1, 3)
    places = tuple(
        Place(
            choose.choice((0.0, 1.0, 0.4)),
            choose.choice((1.0, 0.8)),
            choose.randint(1, 6),
            choose.randint(1, 2),
        )
        for _ in range(stations)
    )
    staff = tuple(
        OnDuty(
            tuple(sorted(choose.sample(range(stations), choose.randint(0, stations)))),
            frozenset(choose.sample(range(languages), choose.randint(1, languages))),
            choose.choice((0.0, 30.0)),
            choose.choice((inf, 200.0, 300.0)),
            choose.choice((inf, 60.0, 100.0)),
            20.0,
        )
        for _ in range(choose.choice((3, 8, 15, 70)))
    )
    workers = tuple(
        InLine(choose.randint(-1, languages - 1), choose.random() < 0.2, choose.randint(0, 2))
        for _ in range(choose.randint(1, 40))
    )
    return Floor(places, staff, workers, frozenset({0}) if choose.random() < 0.5 else frozenset())


def any_line(choose: Random) -> Floor:
    """A line of stations with hours and breaks, at random."""
    stations = choose.randint(1, 5)
    staff = tuple(
        OnDuty(
            (s,),
            frozenset(),
            choose.choice((0.0, 30.0)),
            choose.choice((inf, 200.0)),
            choose.choice((inf, 60.0)),
            20.0,
        )
        for s in range(stations)
        for _ in range(choose.randint(1, 5))
    )
    return Floor(tuple(Place() for _ in range(stations)), staff, (InLine(),) * choose.randint(1, 40))


def any_days(floor: Floor, choose: Random, days: int = 3) -> Draws:
    stream = np.random.default_rng(choose.randint(0, 10**6))
    stations, workers = len(floor.places), len(floor.workers)
    arrive = stream.random((days, workers)) * 200
    arrive[stream.random((days, workers)) < 0.1] = inf
    return Draws(
        arrive,
        stream.integers(0, 1 << stations, (days, workers)),
        5 + stream.random((days, stations, workers)) * 30,
        1.2 + stream.random(days),
        2 + stream.random(days),
        np.ones((days, workers), bool),
        np.zeros((days, workers), bool),
    )


# ── The same as the rule, and as SimPy ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(25))
def test_compiled_days_are_the_rules_days_and_simpys_to_the_last_bit(seed: int) -> None:
    choose = Random(seed)
    floor = any_floor(choose)
    draws = any_days(floor, choose)
    walks = walk_days(floor, draws, general=True)
    for r in range(draws.days):
        day = draws.arrive[r].tolist(), draws.route[r].tolist(), draws.minutes[r].tolist()
        ruled = walk(floor, *day, draws.factor[r], draws.relay[r])
        told = peers.simpy_floor(floor, *day, draws.factor[r], draws.relay[r])
        for mine, rule, theirs in (
            (walks.begin[r], ruled.begin, told.begin),
            (walks.end[r], ruled.end, told.end),
            (walks.leave[r], ruled.leave, told.leave),
        ):
            assert np.array_equal(mine, np.array(rule))
            assert rule == theirs


@pytest.mark.parametrize("seed", range(15))
def test_a_line_walked_the_short_way_is_the_line_walked_event_by_event(seed: int) -> None:
    choose = Random(seed)
    floor = any_line(choose)
    draws = any_days(floor, choose)
    assert floor.line_shaped
    short, long = walk_days(floor, draws), walk_days(floor, draws, general=True)
    assert np.array_equal(short.begin, long.begin)
    assert np.array_equal(short.end, long.end)
    assert np.array_equal(short.leave, long.leave)


@pytest.mark.parametrize("seed", range(10))
def test_a_day_that_is_under_way_goes_on_as_the_rule_says(seed: int) -> None:
    choose = Random(seed)
    floor = replace(any_floor(choose), staff=(OnDuty((0,)), OnDuty((0,)), OnDuty((), frozenset({0}))))
    floor = replace(floor, held=(Held(0, 0, 0), Held(2)))
    draws = any_days(floor, choose)
    draws.arrive[:, 0] = inf
    held = np.column_stack([np.full(draws.days, 40.0), np.full(draws.days, 25.0)])
    walks = walk_days(floor, draws, held)
    for r in range(draws.days):
        ruled = walk(
            floor, draws.arrive[r].tolist(), draws.route[r].tolist(), draws.minutes[r].tolist(), draws.factor[r],
            draws.relay[r], held[r].tolist(),
        )  # fmt: skip
        assert np.array_equal(walks.begin[r], np.array(ruled.begin))
        assert np.array_equal(walks.leave[r], np.array(ruled.leave))


def test_simpys_resources_and_ciw_agree_on_a_line() -> None:
    floor = any_line(Random(3))
    floor = replace(floor, staff=tuple(OnDuty(one.stations) for one in floor.staff))
    draws = any_days(floor, Random(3))
    draws.arrive[:] = np.where(draws.arrive < inf, draws.arrive, 7.0)
    draws.route[:] = (1 << len(floor.places)) - 1
    counts = [sum(one.stations == (s,) for one in floor.staff) for s in range(len(floor.places))]
    walks = walk_days(floor, draws)
    for r in range(draws.days):
        arrive, minutes = draws.arrive[r].tolist(), draws.minutes[r].tolist()
        assert np.array_equal(walks.begin[r], np.array(peers.simpy_line(counts, arrive, minutes).begin))
        theirs = np.array(peers.ciw_line(counts, arrive, minutes).begin)
        assert np.abs(walks.begin[r] - theirs).max() < 1e-9  # Ciw adds gaps up, so that its last bits differ


def test_threads_and_portions_change_nothing() -> None:
    floor = any_floor(Random(5))
    draws = any_days(floor, Random(5), days=70)
    whole = walk_days(floor, draws, threads=1)
    again = walk_days(floor, draws, threads=2)
    assert np.array_equal(whole.leave, again.leave)
    portions = np.empty_like(draws.arrive)

    def keep(part: tuple[int, int], walks: object) -> None:
        portions[slice(*part)] = walks.leave  # type: ignore[attr-defined]

    each_few_days(floor, draws, keep)
    assert np.array_equal(whole.leave, portions)


# ── Right by formula ──────────────────────────────────────────────────────────────────────────────────────────


def waits(servers: int, gaps: np.ndarray, service: np.ndarray) -> float:
    """Mean wait at one station after a warm-up."""
    floor = Floor((Place(),), (OnDuty((0,)),) * servers, (InLine(),) * gaps.shape[1])
    yes = np.ones(gaps.shape, bool)
    one = np.ones(len(gaps))
    draws = Draws(np.cumsum(gaps, axis=1), yes.astype(np.int64), service[:, None, :], one, one, yes, ~yes)
    walks = walk_days(floor, draws)
    return float((walks.begin[:, 0] - draws.arrive)[:, gaps.shape[1] // 10 :].mean())


def erlang_c(servers: int, load: float) -> float:
    """The chance to wait in M/M/c."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


@pytest.mark.parametrize("servers", [1, 3, 10])
def test_waits_in_m_m_c_are_erlangs(servers: int) -> None:
    stream = np.random.default_rng(servers)
    load, service = 0.8 * servers, 10.0
    found = waits(
        servers, stream.exponential(service / load, (12, 40_000)), stream.exponential(service, (12, 40_000))
    )
    expected = erlang_c(servers, load) * service / (servers - load)
    assert found == pytest.approx(expected, rel=0.06)


def test_waits_in_m_d_1_are_half_of_m_m_1s() -> None:
    stream = np.random.default_rng(7)
    found = waits(1, stream.exponential(10 / 0.8, (12, 40_000)), np.full((12, 40_000), 10.0))
    assert found == pytest.approx(0.8 / (2 * (1 - 0.8)) * 10, rel=0.06)


def test_where_nothing_is_left_to_chance_the_wait_is_exact() -> None:
    assert waits(1, np.full((1, 100), 10.0), np.full((1, 100), 10.0)) == 0
    short = waits(1, np.full((1, 100), 9.0), np.full((1, 100), 10.0))
    assert short == pytest.approx(np.arange(10, 100).mean())


def test_draws_have_the_shape_that_the_pack_says() -> None:
    spread = TEMPLATE.range("screening_minutes", ON)
    drawn = triangular(np.random.default_rng(1).random(200_000), spread)
    assert drawn.min() >= 20
    assert drawn.max() <= 50
    assert drawn.mean() == pytest.approx((20 + 30 + 50) / 3, rel=0.01)


def test_more_days_leave_the_earlier_ones_as_they_are_and_a_seed_says_it_all() -> None:
    day = large_day(40, booked=True)
    few = draw(day, TEMPLATE, replications=70, seed=4)
    more = draw(day, TEMPLATE, replications=200, seed=4)
    assert np.array_equal(few.minutes[:64], more.minutes[:64])
    assert not np.array_equal(few.minutes, draw(day, TEMPLATE, replications=70, seed=5).minutes)


def test_who_shows_up_is_sent_on_and_finishes_as_often_as_the_pack_says() -> None:
    drawn = draw(large_day(120, booked=True), TEMPLATE, replications=400, seed=1)
    came = drawn.arrive < inf
    assert came.mean() == pytest.approx((0.75 + 0.87 + 0.95) / 3, abs=0.01)
    assert drawn.sent_out.mean() == pytest.approx((0.05 + 0.10 + 0.20) / 3, abs=0.01)
    complete = (drawn.finishes & ~drawn.sent_out).mean()
    assert complete == pytest.approx(0.80, abs=0.015)
    assert (drawn.route[drawn.sent_out] == 0b11).all()


# ── Real events: capacity notes, section 3.3 and tests 1 to 5 of section 11 ───────────────────────────────────


def clinic(attorneys: int, preparers: int, hours: float, people: int, volunteers: int = 2) -> ClinicDay:
    """An event in one language: attorneys, students under them, volunteers; everybody comes at the opening."""
    closes = OPENS + int(hours * 60)
    bosses = tuple(f"attorney-{n}" for n in range(attorneys))
    staff = [Staff(name, "attorney", OPENS, closes, frozenset({"en"})) for name in bosses]
    staff += [
        Staff(f"student-{n}", "student", OPENS, closes, frozenset({"en"}), supervised_by=bosses)
        for n in range(preparers)
    ]
    staff += [Staff(f"lay-{n}", "lay", OPENS, closes, frozenset({"en"})) for n in range(volunteers)]
    invited = tuple(Invited(str(n), "en", appointment=OPENS, show_rate=Decimal(1)) for n in range(people))
    rooms = {name: Room(len(staff), 1) for name in STATIONS}
    return ClinicDay("event", ON, OPENS, closes, rooms, tuple(staff), invited)


def within(spread: Spread, low: float, mid: float, high: float, rel: float = 0.04) -> bool:
    pairs = ((spread.low, low), (spread.mid, mid), (spread.high, high))
    return all(found == pytest.approx(expected, rel=rel) for found, expected in pairs)


@pytest.mark.parametrize(
    ("attorneys", "preparers", "hours", "expected"),
    [(12, 40, 6, (64, 78, 96)), (5, 14, 5, (20, 25, 31)), (3, 12, 4, (11, 14, 17))],
)
def test_seats_by_hours_are_those_of_the_notes(
    attorneys: int, preparers: int, hours: float, expected: tuple[float, float, float]
) -> None:
    found = seats_by_hours(attorneys, preparers, hours, TEMPLATE, ON, draws=40_000)
    assert within(found, *expected)
    assert found.mid < min(attorneys * hours / 0.8, preparers * hours / 2.5)  # the middles would promise more


def test_wake_forest_had_fifteen_people_and_the_hours_say_eleven_to_seventeen() -> None:
    event = TEMPLATE.events["wake_forest_2012"]
    counted, band = event.counted, event.bands["band"]
    found = seats_by_hours(counted["attorneys"], counted["preparers"], counted["hours"], TEMPLATE, ON)
    assert band.low is not None
    assert band.high is not None
    assert band.low <= found.mid <= band.high
    assert found.low <= counted["seen"] <= found.high


def test_wake_forests_fifteen_would_be_through_in_four_to_six_hours() -> None:
    """The stations' times are judgement; by them the four hours that it took are about the quickest day in ten."""
    told = forecast(clinic(3, 12, 4, 15), TEMPLATE, replications=400)
    assert (told.clears_at.low - OPENS) / 60 == pytest.approx(4, abs=0.35)
    assert (told.clears_at.high - OPENS) / 60 < 6.5
    assert told.tightest == "advice"


def test_cunys_people_took_the_person_hours_that_the_stations_add_up_to_and_four_in_five_completed() -> None:
    event = TEMPLATE.events["cuny_2013"]
    band = event.bands["person_hours"]
    usual = sum(TEMPLATE.minutes(one.id, ON).usual for one in TEMPLATE.stations) / 60
    assert band.low is not None
    assert band.high is not None
    assert band.low <= usual <= band.high
    assert event.counted["volunteers"] * event.counted["hours"] / event.counted["completed"] == pytest.approx(
        3.2, abs=0.01
    )
    told = forecast(clinic(12, 29, 12, 60), TEMPLATE, replications=300)  # so long that nobody is left over
    assert told.left_over.high == 0
    share = told.completed.mid / told.came.mid
    assert 0.70 <= share <= 0.90
    assert share == pytest.approx(event.counted["completed"] / event.counted["assisted"], abs=0.05)


def test_dukes_two_students_saw_twenty_to_thirty_people_in_a_semester() -> None:
    """Full-scope hours (6 to 16, section 2.1) in two languages (1.3 to 1.6) over the students' hours."""
    event = TEMPLATE.events["duke_2024"]
    hours, band = event.bands["student_hours"], event.bands["band"]
    stream = np.random.default_rng(1).random((3, 20_000))
    each = triangular(stream[0], TEMPLATE.range("full_scope_hours", ON))
    longer = triangular(stream[1], TEMPLATE.range("interpreted_factor", ON))
    assert hours.low is not None
    assert hours.high is not None
    given = hours.low + stream[2] * (hours.high - hours.low)
    seen = float(np.median(event.counted["students"] * given / (each * longer)))
    assert band.low is not None
    assert band.high is not None
    assert band.low <= seen <= band.high


def test_kiwas_scores_of_volunteers_see_about_170_a_day_and_a_surge_overflows() -> None:
    event = TEMPLATE.events["kiwa_2024"]
    found = seats_by_hours(20, 60, 8, TEMPLATE, ON)
    assert found.low <= event.counted["a_day"] <= found.high
    surge = clinic(20, 60, 8, 340, volunteers=12)
    told = forecast(surge, TEMPLATE, replications=60)
    assert told.left_over.low > 90
    assert told.served.high < 300
    door = stop_intake(surge, TEMPLATE, replications=60)
    assert door.closes_at is None or door.closes_at < OPENS + 60


def test_new_yorks_fivefold_day_takes_five_times_the_staff() -> None:
    counted = TEMPLATE.events["new_york_center_2023"].counted
    small = seats(clinic(9, 28, 8, 0, volunteers=7), TEMPLATE, replications=60)
    large = seats(clinic(45, 140, 8, 0, volunteers=35), TEMPLATE, replications=40)
    assert small.low <= counted["a_day_first"] <= small.high
    assert large.mid / small.mid == pytest.approx(counted["a_day_later"] / counted["a_day_first"], rel=0.12)


def test_a_long_day_comes_to_the_hours_and_a_short_one_loses_to_filling_and_emptying() -> None:
    short, long = clinic(3, 12, 4, 0), clinic(3, 12, 12, 0)
    by_stations = [seats(day, TEMPLATE, replications=100).mid for day in (short, long)]
    by_hours = [estimated_seats(day, TEMPLATE).mid for day in (short, long)]
    assert by_stations[0] / by_hours[0] < 0.7
    assert by_stations[1] / by_hours[1] == pytest.approx(1.0, abs=0.12)


# ── The forecast ──────────────────────────────────────────────────────────────────────────────────────────────

BOOKED = large_day(40, booked=True)


def test_a_forecast_says_seats_lines_and_when_it_clears_always_as_a_spread() -> None:
    told = forecast(BOOKED, TEMPLATE, replications=200)
    assert told.came.low < told.came.mid < told.came.high
    assert told.served.mid + told.sent_elsewhere.mid + told.left_over.mid == pytest.approx(
        told.came.mid, abs=3
    )
    assert {one.station for one in told.stations} == set(STATIONS)
    assert sum(one.tightest for one in told.stations) == pytest.approx(1.0, abs=0.02)
    assert told.stations[0].line[0].mid >= 0
    assert sum(one.came.mid for one in told.languages) == pytest.approx(told.came.mid, abs=3)
    assert told == forecast(BOOKED, TEMPLATE, replications=200)


def test_what_ifs_share_the_days_so_that_more_time_or_tools_never_lose_anybody() -> None:
    what_ifs = (
        AS_PLANNED,
        WhatIf("longer", longer=60),
        WhatIf("tool", pace={"preparation": 0.75, "screening": 0.65}),
    )
    planned, longer, tool = compare(BOOKED, TEMPLATE, what_ifs, replications=200)
    assert planned.came == longer.came == tool.came
    assert longer.served.mid >= planned.served.mid
    assert longer.clears_at == planned.clears_at
    assert tool.clears_at.mid < planned.clears_at.mid
    without = compare(BOOKED, TEMPLATE, (WhatIf("x", without=frozenset(
        one.id for one in BOOKED.staff if one.interprets)),), replications=50)[0]  # fmt: skip
    stuck = {one.language: one.left_over.mid for one in without.languages}
    assert stuck["mam"] > 0


def test_closing_the_door_turns_later_arrivals_away() -> None:
    early, late = compare(
        BOOKED, TEMPLATE, (WhatIf("early", door_closes=OPENS + 30.0), AS_PLANNED), replications=100
    )
    assert early.came.mid < late.came.mid
    assert early.left_over.mid <= late.left_over.mid


def test_the_door_stays_open_while_one_more_is_through_by_closing_on_enough_days() -> None:
    door = stop_intake(BOOKED, TEMPLATE, replications=100)
    assert door.closes_at is not None
    assert OPENS < door.closes_at < CLOSES
    assert door.chances[door.closes_at] >= door.sure_enough
    assert all(chance < door.sure_enough for at, chance in door.chances.items() if at > door.closes_at)


def test_invitations_overbook_only_with_preparers_to_spare() -> None:
    roomy, tight = clinic(3, 12, 8, 0), clinic(12, 4, 8, 0)
    assert invitations(roomy, TEMPLATE, 20).overbooked
    assert invitations(roomy, TEMPLATE, 20).number == int(20 / 0.87)
    assert invitations(tight, TEMPLATE, 12) == replace(
        invitations(tight, TEMPLATE, 12), number=12, overbooked=False
    )


def test_a_plans_appointments_can_be_forecast() -> None:
    plan = schedule(small_day(), TEMPLATE, limit_seconds=5, anew=True)
    told = forecast(with_appointments(small_day(), plan.appointments), TEMPLATE, replications=50)
    assert told.invited == len(plan.appointments)


def test_a_station_can_be_made_quicker_by_name() -> None:
    floor = replace(any_line(Random(1)), station_names=tuple("abcde"))
    floor = replace(floor, station_names=floor.station_names[: len(floor.places)])
    assert with_pace(floor, {"a": 0.5}).places[0].pace == 0.5


def test_the_outlook_from_the_present_counts_who_is_here_and_says_when_to_stop_intake() -> None:
    door = Tablet()
    for one in TEAM:
        door.note(OPENS - 10, "staff_arrived", staff=one.id)
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "called", "ana", station="check_in", staff="gus")
    found = board(small_day(), merge(door.events), OPENS + 6)
    ahead = outlook(found, small_day(), TEMPLATE, replications=100)
    assert ahead.forecast.came.high == 3
    assert OPENS + 120 < ahead.forecast.clears_at.mid < OPENS + 420
    assert ahead.door.closes_at is not None
    assert ahead == outlook(found, small_day(), TEMPLATE, replications=100)
    measured = {one.name: one.inside for one in afterwards.throughput(found, ahead.forecast)}
    assert measured["came"] is False  # two are still to come
    assert measured["sent_elsewhere"] is True


def test_a_service_that_has_lasted_long_is_expected_to_end_soon_but_not_at_once() -> None:
    door = Tablet()
    door.note(OPENS, "staff_arrived", staff="gus")
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "called", "ana", station="check_in", staff="gus")
    found = board(small_day(rooms={"check_in": Room(2)}), merge(door.events), OPENS + 60)
    ahead = outlook(
        found,
        small_day(rooms={"check_in": Room(2)}, invited=small_day().invited[:1]),
        TEMPLATE,
        replications=50,
    )
    assert OPENS + 61 < ahead.forecast.clears_at.low <= ahead.forecast.clears_at.high < OPENS + 75
