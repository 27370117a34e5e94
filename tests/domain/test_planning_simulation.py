"""The simulator: nobody is lost from the books, known cases come out as reckoned by hand, rules keep people apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.planning import supply
from jornada.domain.planning.catalogue import ClinicTeam
from jornada.domain.planning.figures import Draws, stream
from jornada.domain.planning.quantities import ASIDE, Quantities, drawn_seats
from jornada.domain.planning.scenario import Plan, Scenario, Start
from jornada.domain.planning.simulation import Run, simulate
from tests.domain.small_scenario import TOWN, pack, read, shipped, sure

NOTHING = Plan("nothing")
PLAIN = frozenset({"loss", "ramps", "attrition"})


def by_month(run: Run) -> np.ndarray:
    return run.served.sum(axis=(1, 2)).cumsum(axis=1)


def unbalanced(run: Run) -> float:
    """The most that requests differ from served + waiting + lost, in any month, run, place and class."""
    over = [people.cumsum(axis=3) for people in (run.requests, run.served, run.lost)]
    return float(np.abs(over[0] - over[1] - over[2] - run.waiting).max())


@settings(max_examples=12, deadline=None)
@given(
    name=st.sampled_from(["small", "metro"]),
    seed=st.integers(0, 1000),
    order=st.sampled_from(["proportional", "complex_first", "simple_first"]),
    aside=st.sets(st.sampled_from(sorted(ASIDE))),
    shock=st.sampled_from([{}, {"closing": 7}, {"raids": 2}, {"pause": 0, "sudden_closing": 9}]),
    by_hand=st.booleans(),
)
def test_requests_are_served_or_waiting_or_lost_in_every_month_and_run(
    name: str, seed: int, order: str, aside: set[str], shock: dict[str, int], by_hand: bool
) -> None:
    """Calibration test 12 of the capacity notes: covered ≥ requests = served + queue + lost."""
    scenario = shipped(name).until(18)
    plan = scenario.plans["by_hand"] if by_hand else NOTHING
    run = simulate(
        scenario, plan, replications=8, seed=seed, order=order, aside=frozenset(aside), shocks=shock
    )
    assert unbalanced(run) < 1e-9
    assert min(run.served.min(), run.waiting.min(), run.lost.min()) > -1e-9
    surge = 4.0 if "closing" in shock else 1.0
    covered = sum(scenario.figures[site.covered].mid for site in scenario.regions[0].worksites)
    assert (run.requests.sum(axis=(1, 2, 3)) <= covered * surge + 1e-9).all()


def test_one_attorney_with_enough_to_do_serves_as_many_a_month_as_the_number_says() -> None:
    run = simulate(sure(read()), NOTHING, seed=None, aside=PLAIN)
    assert run.requests.sum() == pytest.approx(120)
    assert by_month(run)[0] == pytest.approx([min(14 * month, 120) for month in range(1, 13)])


def test_files_of_three_levels_share_an_attorney_by_what_each_takes() -> None:
    """Proportional order: all wait alike, so the work of 14 simple files a month is that of 14 / 1.673 people."""
    town = sure(read(), demand__moderate=0.19, demand__complex=0.07)
    run = simulate(town, NOTHING, seed=None, aside=PLAIN)
    assert by_month(run)[0, :3] == pytest.approx(14 / 1.673 * np.arange(1, 4))
    levels = run.filed_by.sum(axis=(0, 1, 2, 4))
    assert levels / levels.sum() == pytest.approx([0.74, 0.19, 0.07])


def test_a_clinic_day_files_what_its_seats_and_the_yield_chain_allow() -> None:
    town = sure(read(TOWN.replace("has: {attorney_time: 1 FTE", "has: {attorney_time: 0 FTE")))
    run = simulate(town, town.plans["by_hand"], seed=None, aside=PLAIN)
    seats = Quantities(town, Draws(town.figures)).seats(ClinicTeam(5, 14, 5))
    assert by_month(run)[0, [1, 2, 4]] == pytest.approx(
        [0, seats * 0.87 * 0.8 * 0.9, 2 * seats * 0.87 * 0.8 * 0.9]
    )


def test_seats_follow_the_fewer_of_attorneys_and_preparers_drawn_for_each_day() -> None:
    """Section 3.5: 12 + 40 for six hours give 78 seats (64-96), 5 + 14 for five 25 (20-31), 3 + 12 for four 14."""
    for team, middle, low, high in ((ClinicTeam(12, 40, 6), 78, 64, 96), (ClinicTeam(5, 14, 5), 25, 20, 31),
                                    (ClinicTeam(3, 12, 4), 14, 11, 17)):  # fmt: skip
        seats = np.percentile(drawn_seats(team, pack().figures, 20_000, stream(3, "seats")), (10, 50, 90))
        assert seats == pytest.approx([low, middle, high], rel=0.04)


def test_without_volunteers_a_clinic_day_is_short_of_seats_and_the_books_say_so() -> None:
    town = sure(read(TOWN.replace("volunteer_time: 1000", "volunteer_time: 50")))
    full = simulate(town, town.plans["by_hand"], seed=None, aside=PLAIN | {"shortages"})
    short = simulate(town, town.plans["by_hand"], seed=None, aside=PLAIN)
    assert short.short["volunteer_time"][0, 0, 2] == pytest.approx(50 / 95)
    assert by_month(short)[0, 4] < by_month(full)[0, 4]


def test_an_organization_under_the_lsc_rule_serves_nobody_whatever_its_size() -> None:
    """Calibration test 11: LSC grantee × deferred-action-only worker = 0 in every solution."""
    small = shipped("small")
    office = small.regions[0].members[-1]
    without = replace(small, regions=(replace(small.regions[0], members=small.regions[0].members[:-1]),))
    bound, free = (simulate(one, small.plans["by_hand"], replications=50) for one in (small, without))
    assert office.rules == ("R1",)
    assert by_month(bound) == pytest.approx(by_month(free))


def test_a_union_plan_serves_its_own_worksite_only() -> None:
    metro = shipped("metro")
    quantities = Quantities(metro, Draws(metro.figures))
    union = next(one for one in quantities.helps if one.resource == "attorney_time of O7_union_plan")
    groups = {quantities.classes.named(place)[0] for place in np.flatnonzero(union.open[0])}
    assert groups == {"W1"}


def test_help_in_a_language_nobody_speaks_takes_longer_and_costs_an_interpreter() -> None:
    small = shipped("small")
    quantities = Quantities(small, Draws(small.figures))
    attorney = next(one for one in quantities.helps if one.help.id == "attorney")
    spanish, mayan, other = (attorney.takes[0, place] for place in (0, 3, 6))
    assert mayan / spanish == pytest.approx(1 + 0.61 * (2.0 - 1), rel=0.02)
    assert other / spanish == pytest.approx(1 + 0.61 * (1.45 - 1), rel=0.02)
    assert attorney.costs[0, 0] == 0 < attorney.costs[0, 6] < attorney.costs[0, 3]


# --- units of a strategy ------------------------------------------------------------------------------


def hired(units: int, scenario: Scenario) -> Plan:
    return Plan("hired", (Start("hire_attorney", scenario.places[0], 0, units),))


def test_people_at_work_are_those_hired_less_those_who_left_by_the_binomial_formula() -> None:
    town = sure(read().until(36), work__attorney_turnover=0.2)
    draws = Draws(town.figures, 4000, 5)
    given_ = supply.of_plan(hired(10, town), Quantities(town, draws, frozenset({"ramps"})))
    heads = given_.gives["attorney_time"][:, 0, :] - 1
    stays = 0.8 ** ((24 - 4) / 12)
    assert heads[:, :4].max() == 0
    assert heads[:, 24].mean() == pytest.approx(10 * stays, rel=0.02)
    assert heads[:, 24].var() == pytest.approx(10 * stays * (1 - stays), rel=0.08)


def test_what_is_expected_is_the_mean_of_what_is_drawn() -> None:
    """Two phases, lead times that vary, success, leaving: the reckoned life is the average life."""
    metro = sure(shipped("metro").until(36))
    lead = {path: figure for path, figure in shipped("metro").figures.items() if path.endswith(".after")}
    metro = metro.with_figures(lead)
    plan = Plan("reps", (Start("ra_new_rep", "metro", 1, 3), Start("fellowship_ejw", "metro", 21, 8)))
    drawn = supply.of_plan(plan, Quantities(metro, Draws(metro.figures, 4000, 2)))
    expected = supply.of_plan(plan, Quantities(metro, Draws(metro.figures)))
    for resource in ("accredited_time", "attorney_time"):
        mean, reckoned = drawn.gives[resource].mean(axis=0)[0], expected.gives[resource][0, 0]
        assert mean == pytest.approx(reckoned, rel=0.05, abs=0.05)


def test_a_new_organization_supplies_no_capacity_of_its_own_before_month_ten() -> None:
    """Calibration test 10: P10 about ten months, P50 about seventeen."""
    metro = shipped("metro")
    quantities = Quantities(metro, Draws(metro.figures, 4000, 1), frozenset({"attrition"}))
    starts = (Start("ra_new_org", "metro", 0, 1),)
    units = supply.drawn(quantities.in_use("ra_new_org"), starts, quantities)
    own = units.curves["accredited", (1.0,)] > 0
    first = np.argmax(own, axis=1)[own.any(axis=1)]
    assert np.percentile(first, 10) >= 10
    assert 15 <= np.median(first) <= 18


def test_two_plans_meet_the_same_luck() -> None:
    metro = shipped("metro")
    more = Plan("more", (*metro.plans["by_hand"].starts, Start("law_clinic_docket", "metro", 9, 1)))
    first, second = (simulate(metro, plan, replications=100) for plan in (metro.plans["by_hand"], more))
    assert (first.requests == second.requests).all()
    ahead = by_month(second) - by_month(first)
    assert np.median(ahead[:, 20]) > 0
    assert ahead[:, 20].std() < 0.1 * by_month(first)[:, 20].std()
    again = simulate(metro, metro.plans["by_hand"], replications=100)
    assert (again.served == first.served).all()
    assert not (simulate(metro, NOTHING, replications=100, seed=2).requests == first.requests).all()
