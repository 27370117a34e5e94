"""How plans come out in many simulated runs: shocks, breaks, chances, what matters, two plans side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jornada.domain.planning import judging
from jornada.domain.planning.scenario import COALITION, Target
from jornada.domain.planning.simulation import simulate
from tests.domain.small_scenario import read, shipped
from tests.domain.test_planning_simulation import NOTHING, by_month, unbalanced


def test_complex_files_first_serve_fewer_people() -> None:
    """Section 10.3 of the notes: the order of service is a value judgement with a price."""
    metro = shipped("metro")
    aside = frozenset({"interpretation", "loss", "shocks"})
    in_turn, hardest = (
        judging.summed_up(simulate(metro, NOTHING, replications=300, order=order, aside=aside)).share.mid[11]
        for order in ("proportional", "complex_first")
    )
    assert hardest < 0.6 * in_turn


def test_a_closing_at_month_nine_stops_filing_and_leaves_people_waiting() -> None:
    """Section 10.2: closing at month 9, the plan has filed 55-60 % of requests, doing nothing about 20 %."""
    metro = shipped("metro")
    aside = frozenset({"attrition", "interpretation", "loss", "ramps", "shortages"})
    shares = {}
    for plan in (metro.plans["by_hand"], NOTHING):
        run = simulate(metro, plan, replications=300, shocks={"sudden_closing": 8}, aside=aside)
        assert run.served[..., 8:].sum() == 0
        open_ = simulate(metro, plan, replications=300, shocks={}, aside=aside)
        shares[plan.name] = float(np.median(by_month(run)[:, -1] / open_.requests.sum(axis=(1, 2, 3))))
    assert shares["by_hand"] == pytest.approx(0.575, rel=0.15)
    assert shares["nothing"] == pytest.approx(0.20, rel=0.15)


def test_a_rush_before_a_closing_overflows_the_seats_and_nobody_is_dropped() -> None:
    """Calibration test 4: at KIWA several hundred more came than expected; the excess waits, it does not vanish."""
    metro = shipped("metro")
    usual = simulate(metro, metro.plans["by_hand"], replications=100, shocks={})
    rush = simulate(metro, metro.plans["by_hand"], replications=100, shocks={"closing": 5})
    month = 6
    more = rush.requests[..., month].sum(axis=(1, 2)) / usual.requests[..., month].sum(axis=(1, 2))
    assert 2 <= np.percentile(more, 10) <= np.percentile(more, 90) <= 4
    assert (
        np.median(rush.waiting[..., month].sum(axis=(1, 2)))
        > np.median(usual.waiting[..., month].sum(axis=(1, 2))) + 200
    )
    assert unbalanced(rush) < 1e-9


def test_a_plan_that_breaks_often_is_said_to_even_if_it_is_best_in_the_mean() -> None:
    metro = shipped("metro")
    poor = replace(metro, funds=tuple(replace(fund, grants=fund.grants) for fund in metro.funds)).with_figures(
        {grant.amount: replace(metro.figures[grant.amount], low=9000, mid=9000, high=9000)
         for fund in metro.funds for grant in fund.grants}
    )  # fmt: skip
    judged = [judging.judge(poor, plan, replications=100) for plan in (NOTHING, metro.plans["by_hand"])]
    money = [one for one in judged[1].breaks if one.what == "money" and one.name == "program"]
    assert money[0].share > 0.9
    assert judging.best_in_mean_but_breaks(judged) is judged[1]
    assert judging.best_in_mean_but_breaks(judged[:1]) is judged[0]  # doing nothing misses its target


def test_chances_of_a_target_are_shares_of_runs() -> None:
    town = read()
    town = replace(town, aims=replace(town.aims, targets=(Target(0.5, 11), Target(0.999, 2))))
    judged = judging.judge(town, NOTHING, replications=200)
    assert [chance for _, chance in judged.chances] == [1.0, 0.0]
    assert judged.share.low[5] <= judged.share.mid[5] <= judged.share.high[5]
    assert judged.money.mid[-1] > 0


def test_a_tornado_puts_first_what_matters_most_and_holds_only_what_is_uncertain() -> None:
    town = read()
    bars = judging.tornado(town, NOTHING, month=5, replications=60)
    assert bars[0].path == "work.attorney_cases"
    assert bars[0].at_low < bars[0].at_high
    assert [bar.width for bar in bars] == sorted((bar.width for bar in bars), reverse=True)
    assert all(town.figures[bar.path].uncertain for bar in bars)
    assert judging.tornado(town, NOTHING, replications=10, going=lambda: False) == ()


def test_two_plans_are_compared_run_by_run() -> None:
    metro = shipped("metro")
    runs = [simulate(metro, plan, replications=200) for plan in (NOTHING, metro.plans["by_hand"])]
    found = judging.compared(runs[0], runs[1], (11, 17))
    assert found.ahead == (1.0, 1.0)
    assert found.difference[0][1] > 0.3
    assert found.dearer[0] > 0


def test_people_flow_from_level_through_model_to_help_without_a_leak() -> None:
    metro = shipped("metro")
    run = simulate(metro, metro.plans["by_hand"], replications=100)
    judged = judging.summed_up(run)
    assert sum(way.people for way in judged.ways) == pytest.approx(float(by_month(run)[:, -1].mean()))
    assert {way.model for way in judged.ways if way.help == "clinic_seat"} == {"limited"}
    assert not [way for way in judged.ways if way.help == "clinic_seat" and way.complexity != "simple"]
    assert run.scenario.places == ("metro",)
    assert COALITION not in run.scenario.places
