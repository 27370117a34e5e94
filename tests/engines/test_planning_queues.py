"""The simulator against queues whose answer is known: by formula, and against Ciw on the same small pipeline."""

from __future__ import annotations

from dataclasses import replace

import ciw
import numpy as np
import pytest

from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.simulation import Run, simulate
from tests.domain.small_scenario import TOWN, read, sure

PLAIN = frozenset({"loss", "ramps", "attrition", "interpretation"})


def queue(asking: float, staff: float, cases: float, months: int) -> Scenario:
    """People who ask one by one (Poisson), served by so many full-time people at so many cases a month each."""
    text = TOWN.replace(
        "requests: {takeup: 1 share}",
        f"requests: {{takeup: 1 share, worksites_per_month: {asking} worksites per month}}",
    )
    text = text.replace(
        "    worksites:\n      - {id: plant, covered: 120, month: 1}\n", "    share: 1 share\n"
    )
    text = text.replace("attorney_time: 1 FTE", f"attorney_time: {staff} FTE").replace(
        "months: 12\n", f"months: {min(months, 60)}\n"
    )
    scenario = sure(read(text), work__attorney_cases=cases, demand__workers_per_site=1.0)
    # Each worker comes in the month of the letter, so that arrivals of different months are independent.
    catalogue = replace(scenario.catalogue, curve=(1.0,))
    return replace(scenario, months=months, catalogue=catalogue, not_used=frozenset(catalogue.strategies))


def waiting(run: Run) -> np.ndarray:
    return run.waiting.sum(axis=(1, 2))


def test_one_attorney_with_one_case_a_month_has_the_queue_of_m_d_1() -> None:
    """Mean number waiting in M/D/1, also in its month-by-month form: load² / 2 (1 - load)."""
    for load in (0.5, 0.7):
        run = simulate(queue(load, 1, 1, 120), Plan("nothing"), replications=3000, aside=PLAIN)
        assert waiting(run)[:, 60:].mean() == pytest.approx(load**2 / (2 * (1 - load)), rel=0.05)


def test_more_work_than_hands_leaves_what_is_too_much() -> None:
    run = simulate(queue(50, 3, 10, 24), Plan("nothing"), replications=2000, aside=PLAIN)
    served = run.served.sum(axis=(1, 2)).cumsum(axis=1)
    assert served.mean(axis=0) == pytest.approx(30 * np.arange(1, 25), rel=0.001)
    assert waiting(run).mean(axis=0) == pytest.approx(20 * np.arange(1, 25), rel=0.02, abs=0.5)


def in_ciw(asking: float, servers: int, service: float, months: int, seed: int) -> ciw.Simulation:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=asking)],
        service_distributions=[ciw.dists.Deterministic(value=service)],
        number_of_servers=[servers],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(months)
    return simulation


def mean_waiting(records: list[ciw.data_record.DataRecord], first: float, last: float) -> float:
    """People waiting, on average over a span of time, by Little's law from each one's own wait."""
    waits = [max(0.0, min(one.service_start_date, last) - max(one.arrival_date, first)) for one in records]
    return sum(waits) / (last - first)


def test_a_busy_office_has_the_queue_that_ciw_finds() -> None:
    """M/D/3 at 93 % load: month by month and event by event agree on who waits and who is served."""
    months, warm = 60, 24
    theirs = [in_ciw(28, 3, 0.1, months, seed) for seed in range(25)]
    records = [one.get_all_records(only=["service"]) for one in theirs]
    queued = np.mean([mean_waiting(one, warm, months) for one in records])
    run = simulate(queue(28, 3, 10, months), Plan("nothing"), replications=2000, aside=PLAIN)
    assert waiting(run)[:, warm:].mean() == pytest.approx(queued, rel=0.25)
    done = np.mean([sum(each.exit_date <= months for each in one) for one in records])
    assert run.served.sum(axis=(1, 2, 3)).mean() == pytest.approx(done, rel=0.02)


def test_an_overloaded_office_serves_as_many_as_in_ciw() -> None:
    theirs = [in_ciw(50, 3, 0.1, 12, seed).get_all_records(only=["service"]) for seed in range(20)]
    run = simulate(queue(50, 3, 10, 12), Plan("nothing"), replications=500, aside=PLAIN)
    for month in (3, 6, 12):
        done = np.mean([sum(one.exit_date <= month for one in records) for records in theirs])
        assert run.served[..., :month].sum(axis=(1, 2, 3)).mean() == pytest.approx(done, rel=0.04)
