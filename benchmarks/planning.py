"""How good a plan is how soon, and how fast plans are judged, beside solvers and simulators of others in the same run.

    python -m benchmarks.planning [--json] [--seconds 300] [--peer-seconds 60] [--quick]

The national scenario that ships (10 regions × 60 months). *Gap* is what a plan may still be missing, as a share of what
it brings over doing nothing: for solvers of others the same, from their own best plan and bound. `gap of what is left`
is relative to the waiting and money that the plan leaves, which is stricter.

Peers on the same problem: HiGHS alone on our own matrix; HiGHS, CBC and SCIP on the plain formulation, in which each
month's capacity sums over all earlier starts. CBC and SCIP come through OR-Tools; all run in processes of their own.
For the simulator: SimPy and Ciw with the nation's people one by one, doing nothing, who must come out the same.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from jornada.domain.planning import begun, optimiser
from jornada.domain.planning.figures import Draws
from jornada.domain.planning.matrix import Sparse, violations
from jornada.domain.planning.program import Program
from jornada.domain.planning.quantities import Quantities
from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.search import Effort, Search, Step
from jornada.domain.planning.simulation import simulate
from jornada.gateways import planfiles

FIRST, SOON, LONG = 5.0, 60.0, 300.0
GAPS = {0.10: FIRST, 0.02: SOON, 0.01: LONG}
SIMULATED, MEMORY = 3.0, 2.0
STAFF_ALONE = frozenset({"attrition", "interpretation", "loss", "ramps", "shocks", "shortages"})


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- the problem in several sizes -------------------------------------------------------------------


def national(regions: int = 10, months: int = 60) -> Scenario:
    """The shipped scenario with so many of its regions, over again past ten, and as much demand and money each."""
    whole = planfiles.scenario("national")
    chosen = [
        replace(whole.regions[n % 10], id=f"{whole.regions[n % 10].id}{'' if n < 10 else n // 10 + 1}")
        for n in range(regions)
    ]
    share = sum(one.share_of_rate for one in chosen)
    scaled = tuple(replace(one, share_of_rate=one.share_of_rate / share) for one in chosen)
    paths = ["requests.worksites_per_month", *(grant.amount for fund in whole.funds for grant in fund.grants)]
    paths += [limit.per_month for limit in whole.limits if limit.per_month]
    figures = {}
    for path in paths:
        one = whole.figures[path]
        figures[path] = replace(one, low=one.low * share, mid=one.mid * share, high=one.high * share)
    aims = replace(
        whole.aims,
        targets=tuple(one for one in whole.aims.targets if one.month < months),
        served_by=min(23, months - 1),
    )
    return replace(whole, regions=scaled, months=months, aims=aims).with_figures(figures)


def program_of(scenario: Scenario) -> Program:
    return Program(Quantities(scenario, Draws(scenario.figures)))


def plain_program(scenario: Scenario) -> Program:
    """The plain formulation: every start with a curve of its own, nothing carried from month to month."""
    usual = begun.FEW
    begun.FEW = 10_000
    try:
        program = program_of(scenario)
        program.sparse  # noqa: B018 - built while the switch is set
        return program
    finally:
        begun.FEW = usual


# --- ours -------------------------------------------------------------------------------------------


def searched(scenario: Scenario, seconds: float, gap: float) -> dict[str, Any]:
    """One search in this process, with the seconds at which each gap was proved, building the program included."""
    began, cpu = time.perf_counter(), time.process_time()
    program = program_of(scenario)
    built = time.perf_counter() - began
    found = Search(program, Effort(time.perf_counter, seconds - built, gap)).run()
    steps = [replace(step, seconds=step.seconds + built) for step in found.steps]
    last = found.step(0.0)
    left = program.asked_for - found.worth
    return {
        "rows": program.sparse.shape[0],
        "columns": program.sparse.shape[1],
        "whole": int(program.sparse.integer.sum()),
        "built": round(built, 2),
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "gap": last.gap,
        "gap_of_left": (found.bound - found.worth) / left,
        "left": left,
        "least": program.asked_for - found.bound,
        "nothing": program.asked_for - found.nothing,
        "first_plan": _first(steps, lambda step: step.worth > found.nothing),
        "proved": {str(bar): _first(steps, lambda step, bar=bar: step.gap <= bar) for bar in GAPS},  # type: ignore[misc]
        "violation": max(violations(program.sparse, found.point)),
    }


def _first(steps: list[Step], holds: Callable[[Step], bool]) -> float | None:
    return next((round(step.seconds, 2) for step in steps if holds(step)), None)


# --- solvers of others --------------------------------------------------------------------------------

Answer = tuple[float | None, float | None, float | None]
"""Worth of the best plan, upper bound, seconds to the first plan where that is told; None for what was not reached."""


def _highs(sparse: Sparse, seconds: float) -> Answer:
    from jornada.domain.planning.solver import Solver

    began, first = time.perf_counter(), []
    solver = Solver(sparse, whole=True)
    solver.set(threads=2)
    solver.when_improved(lambda worth, bound, point: first.append(time.perf_counter() - began))
    solved = solver.run(seconds)
    found = None if solved.point is None else solved.worth
    return found, (solved.bound if np.isfinite(solved.bound) else None), (first[0] if first else None)


def _through_ortools(name: str) -> Callable[[Sparse, float], Answer]:
    def run(sparse: Sparse, seconds: float) -> Answer:
        from ortools.linear_solver import pywraplp

        solver = pywraplp.Solver.CreateSolver(name)
        infinity = solver.infinity()
        columns = [
            solver.IntVar(0, top, "") if whole else solver.NumVar(0, top, "")
            for top, whole in zip(sparse.upper.tolist(), sparse.integer.tolist(), strict=True)
        ]
        rows = [
            solver.Constraint(-infinity if low < -1e29 else low, infinity if high > 1e29 else high)
            for low, high in zip(sparse.row_lower.tolist(), sparse.row_upper.tolist(), strict=True)
        ]
        for row, column, value in zip(
            sparse.index.tolist(), sparse.column.tolist(), sparse.value.tolist(), strict=True
        ):
            rows[row].SetCoefficient(columns[column], value)
        for column, worth in zip(columns, sparse.cost.tolist(), strict=True):
            solver.Objective().SetCoefficient(column, worth)
        solver.Objective().SetMaximization()
        solver.SetTimeLimit(int(seconds * 1000))
        solver.SetNumThreads(2)
        status = solver.Solve()
        solved = status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
        bound = solver.Objective().BestBound() if status != pywraplp.Solver.NOT_SOLVED or solved else np.inf
        return (solver.Objective().Value() if solved else None), (bound if abs(bound) < 1e29 else None), None

    return run


PEERS: dict[str, Callable[[Sparse, float], Answer]] = {
    "HiGHS": _highs,
    "CBC": _through_ortools("CBC"),
    "SCIP": _through_ortools("SCIP"),
}


def _asked(name: str, sparse: Sparse, seconds: float, out: Any) -> None:
    """In a child: solve and send the answer. Greetings of the solvers go nowhere."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        out.send(PEERS[name](sparse, seconds))
    except Exception as wrong:  # a peer that cannot take or solve it is told as such
        out.send(f"{type(wrong).__name__}: {wrong}")


def peer(name: str, formulation: str, program: Program, seconds: float, nothing: float) -> dict[str, Any]:
    """What another solver reaches in so many seconds on this program, in a process of its own.

    Some look at the clock rarely; twice their time and a minute is where we stop waiting.
    """
    say(f"  {name} on the {formulation} formulation, {seconds:.0f} s …")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_asked, args=(name, program.sparse, seconds, theirs))
    began = time.perf_counter()
    child.start()
    theirs.close()
    answer = ours.recv() if ours.poll(2 * seconds + 60) else "no answer in twice the time"
    took = time.perf_counter() - began
    if child.is_alive():
        child.terminate()
    child.join()
    told = {
        "peer": name,
        "formulation": formulation,
        "seconds": round(took, 1),
        "entries": len(program.sparse.value),
    }
    if isinstance(answer, str):
        return {**told, "failed": answer}
    worth, bound, first = answer
    left = None if worth is None else program.asked_for - worth
    of_left = None if worth is None or bound is None or not left else (bound - worth) / left
    return {
        **told,
        "gap": _gap(worth, bound, nothing),
        "gap_of_left": of_left,
        "first_plan": first,
        "left": left,
    }


def _gap(worth: float | None, bound: float | None, nothing: float) -> float | None:
    """Infinite for a plan that is worse than doing nothing; None without a plan or bound."""
    if worth is None or bound is None:
        return None
    return (bound - worth) / (worth - nothing) if worth > nothing else float("inf")


# --- simulators ---------------------------------------------------------------------------------------


def ours_simulated(scenario: Scenario, plan: Plan, replications: int, runs: int = 3) -> float:
    """Seconds for so many replications: the best of some runs."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        simulate(scenario, plan, replications=replications)
        found.append(time.perf_counter() - began)
    return min(found)


def people(scenario: Scenario, seed: int) -> list[tuple[int, list[tuple[float, float]], int, float]]:
    """For each region one replication's people (time of asking, work in simple cases), its staff, and their pace.

    Drawn as the simulator draws them; staff are whole servers, who work the faster the more their sum was rounded.
    """
    quantities = Quantities(scenario, Draws(scenario.figures, 1, seed), STAFF_ALONE)
    from jornada.domain.planning.requests import requests

    asked = requests(scenario, quantities.draws)[0]
    luck = np.random.default_rng(seed)
    rate = {name: float(quantities.draws[f"work.{name}_cases"][0]) for name in ("attorney", "accredited")}
    found = []
    for at in range(len(scenario.regions)):
        staff = {name: float(quantities.there[f"{name}_time"][0, at]) for name in rate}
        cases = sum(staff[name] * rate[name] for name in rate)
        servers = max(1, round(sum(staff.values())))
        people_: list[tuple[float, float]] = []
        for place in range(asked.shape[1]):
            for month in range(asked.shape[2]):
                number = int(luck.poisson(asked[at, place, month]))
                work = float(quantities.times_by_class[0, place])
                people_ += [(month + float(moment), work) for moment in luck.random(number)]
        found.append((at, sorted(people_), servers, cases / servers))
    return found


def in_simpy(scenario: Scenario, seed: int) -> tuple[float, int]:
    """Seconds and people served by SimPy in one replication, everybody a process of their own."""
    import simpy

    groups = people(scenario, seed)
    began = time.perf_counter()
    served = 0
    environment = simpy.Environment()

    def one(asks: float, work: float, staff: simpy.Resource) -> Any:
        nonlocal served
        yield environment.timeout(asks)
        with staff.request() as turn:
            yield turn
            yield environment.timeout(work)
        served += 1

    for _, group, servers, pace in groups:
        staff = simpy.Resource(environment, servers)
        for asks, work in group:
            environment.process(one(asks, work / pace, staff))
    environment.run(until=scenario.months)
    return time.perf_counter() - began, served


def in_ciw(scenario: Scenario, seed: int) -> tuple[float, int]:
    """Seconds and people served by Ciw in one replication: one queue a region."""
    import ciw

    began, served = 0.0, 0
    groups = people(scenario, seed)
    began = time.perf_counter()
    for _, group, servers, pace in groups:
        gaps = np.diff([0.0, *(asks for asks, _ in group)]).tolist()
        work = [one / pace for _, one in group]
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
            service_distributions=[ciw.dists.Sequential(work)],
            number_of_servers=[servers],
        )
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(scenario.months)
        served += sum(
            one.exit_date <= scenario.months for one in simulation.get_all_records(only=["service"])
        )
    return time.perf_counter() - began, served


def simulators(scenario: Scenario) -> dict[str, Any]:
    """One replication each by SimPy and Ciw, a thousand by ours, on the same people; served must agree."""
    say("simulators …")
    plan = scenario.plans["by_hand"]
    thousand = ours_simulated(scenario, plan, 1000)
    simpy_runs = [in_simpy(scenario, seed) for seed in (1, 2, 3)]
    ciw_seconds, ciw_served = in_ciw(scenario, 1)
    ours = [
        float(simulate(scenario, Plan("nothing"), replications=1, seed=seed, aside=STAFF_ALONE).served.sum())
        for seed in (1, 2, 3)
    ]
    apart = max(abs(mine / theirs[1] - 1) for mine, theirs in zip(ours, simpy_runs, strict=True))
    if apart > 0.06 or abs(ciw_served / simpy_runs[0][1] - 1) > 0.02:
        raise SystemExit(f"the simulators disagree: ours {ours}, SimPy {simpy_runs}, Ciw {ciw_served}")
    each = statistics.median(seconds for seconds, _ in simpy_runs)
    return {
        "ours_1000_replications_seconds": round(thousand, 2),
        "simpy_one_replication_seconds": round(each, 2),
        "ciw_one_replication_seconds": round(ciw_seconds, 2),
        "times_faster_than_simpy_each": round(each / (thousand / 1000)),
        "times_faster_than_ciw_each": round(ciw_seconds / (thousand / 1000)),
        "served_apart_from_simpy": round(apart, 4),
        "most_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


# --- growth, metro --------------------------------------------------------------------------------------


def growth(quick: bool) -> dict[str, Any]:
    """Seconds to two percent by regions and months; seconds a thousand replications; seconds by replications."""
    found: dict[str, Any] = {"search": [], "simulator": [], "replications": []}
    sizes = [(5, 24), (10, 24)] if quick else [(2, 60), (5, 60), (10, 12), (10, 24), (10, 36), (20, 36)]
    for regions, months in sizes:
        say(f"  growth: {regions} regions × {months} months …")
        scenario = national(regions, months)
        one = searched(scenario, LONG, 0.02)
        seconds = ours_simulated(scenario, Plan("nothing"), 1000, 1)
        kept = {key: one[key] for key in ("rows", "columns", "whole", "seconds", "gap")}
        found["search"].append({"regions": regions, "months": months, **kept})
        found["simulator"].append({"regions": regions, "months": months, "seconds": round(seconds, 2)})
    scenario = national()
    for replications in (100, 300, 1000) if quick else (100, 300, 1000, 3000):
        seconds = ours_simulated(scenario, scenario.plans["by_hand"], replications, 1)
        found["replications"].append({"replications": replications, "seconds": round(seconds, 2)})
    return found


def metro(seconds: float) -> dict[str, Any]:
    """The metro scenario: the cheapest plan that serves as many as the hand plan of 25 clinic days, and by how much."""
    say("metro at equal service …")
    scenario = planfiles.scenario("metro")
    by_hand = scenario.plans["by_hand"]
    run = simulate(scenario, by_hand, seed=None)
    served, asked = run.served[0].sum(axis=(0, 1)), run.requests[0].sum(axis=(0, 1))
    service = optimiser.service_of(served, asked, (5, 11, 17, 23))
    found = optimiser.optimise(
        optimiser.least_cost(scenario, service),
        clock=time.perf_counter,
        seconds=seconds,
        gap=0.001,
        explain=False,
    )
    paid = float(sum(one.sum() for one in run.money.values()))
    return {
        "hand_plan_dollars": round(paid),
        "our_dollars": round(found.money),
        "saved": round(1 - found.money / paid, 3),
        "hand_plan_events": by_hand.units("clinic_day"),
        "our_events": found.plan.units("clinic_day") + found.plan.units("clinic_day_small"),
        "gap": found.gap,
        "seconds": round(found.steps[-1].seconds, 1),
    }


# --- all together -----------------------------------------------------------------------------------------


def peers_of(nothing: float, quick: bool, seconds: float) -> list[dict[str, Any]]:
    scenario = national()
    compact, plain = program_of(scenario), plain_program(scenario)
    say(f"peers on {len(scenario.regions)} regions × {scenario.months} months …")
    worth = compact.asked_for - nothing
    wanted = [("HiGHS", "our", compact), ("HiGHS", "plain", plain)]
    if not quick:
        wanted += [("CBC", "plain", plain), ("SCIP", "plain", plain)]
    return [peer(name, formulation, program, seconds, worth) for name, formulation, program in wanted]


def targets_of(
    main_: dict[str, Any], simulated: dict[str, Any], metro_: dict[str, Any]
) -> list[dict[str, Any]]:
    names = {
        0.10: "first plan proved within 10 %",
        0.02: "national plan proved within 2 %",
        0.01: "national plan proved within 1 %",
    }
    found = [
        _target(f"{names[gap]}, 10 × 60", bar, main_["proved"][str(gap)], "s") for gap, bar in GAPS.items()
    ]
    found.append(
        _target(
            "1,000 replications of the national scenario",
            SIMULATED,
            simulated["ours_1000_replications_seconds"],
            "s",
        )
    )
    found.append(_target("memory", MEMORY, simulated["most_memory_gb"], "GB"))
    found.append(
        _target("clinic days of the metro plan at equal service", 25, metro_["our_events"], "events")
    )
    return found


def _target(name: str, bar: float, reached: float | None, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "bar": bar,
        "reached": reached,
        "unit": unit,
        "met": reached is not None and reached <= bar,
    }


def _percent(number: float | None) -> str:
    """A share in percent; "none" where there is no plan or no bound, and what is worse than doing nothing as that."""
    return "none" if number is None else "worse than nothing" if number == float("inf") else f"{number:.2%}"


def report(results: dict[str, Any], targets: list[dict[str, Any]]) -> None:
    one = results["national"]
    print(
        f"national, 10 regions × 60 months: {one['rows']} rows, {one['columns']} columns, {one['whole']} whole"
    )
    print(
        f"  first plan after {one['first_plan']} s; proved within: {one['proved']}; {one['cpu_seconds']} s of processor"
    )
    print(
        f"  at the end ({one['seconds']} s): gap {_percent(one['gap'])}, "
        f"of what is left {_percent(one['gap_of_left'])}"
    )
    for two in results["peers"]:
        came = (
            two.get("failed")
            or f"gap {_percent(two['gap'])}, first plan after {two.get('first_plan') or 0:.1f} s"
        )
        print(
            f"  {two['peer']:6} {two['formulation']:6} formulation ({two['entries']} entries) "
            f"after {two['seconds']} s: {came}"
        )
    for key, value in results["simulators"].items():
        print(f"  {key:36} {value}")
    for row in results["growth"]["search"]:
        print(
            f"  {row['regions']:3} regions × {row['months']:2} months: {row['columns']:6} columns, "
            f"2 % after {row['seconds']} s"
        )
    print(f"  metro at equal service: {results['metro']}")
    for target in targets:
        verdict = "met" if target["met"] else "NOT MET"
        print(f"  {verdict}: {target['name']} {target['reached']} {target['unit']} (bar {target['bar']:g})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument(
        "--seconds", type=float, default=SOON, help="how long the national search goes on at most"
    )
    parser.add_argument("--gap", type=float, default=0.0, help="gap at which it may stop before")
    parser.add_argument("--peer-seconds", type=float, default=SOON)
    parser.add_argument("--quick", action="store_true", help="fewer peers and sizes")
    options = parser.parse_args()
    say("national search …")
    # The first search would also pay for loading and compiling nothing; a small one warms the interpreter up.
    searched(national(2, 12), 5.0, 0.05)
    main_ = searched(national(), options.seconds, options.gap)
    simulated = simulators(national())
    metro_ = metro(60.0)
    results = {
        "national": main_,
        "simulators": simulated,
        "metro": metro_,
        "peers": peers_of(main_["nothing"], options.quick, options.peer_seconds),
        "growth": growth(options.quick),
    }
    targets = targets_of(main_, simulated, metro_)
    report(results, targets)
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system(),
                   "load": os.getloadavg()[0]}  # fmt: skip
        sizes = {
            "regions": 10,
            "months": 60,
            "columns": main_["columns"],
            "rows": main_["rows"],
            "whole": main_["whole"],
        }
        print(json.dumps({"machine": machine, "sizes": sizes, "results": results, "targets": targets}))


if __name__ == "__main__":
    main()
