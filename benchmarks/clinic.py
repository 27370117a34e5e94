"""A clinic day simulated, scheduled and looked at, beside SimPy, Ciw and plain CP-SAT in the same run.

    python -m benchmarks.clinic [--json] [--quick]

Simulation: 300 workers × 6 stations, once line-shaped and once in general (priorities, stations passed by, an
interpreter held together with the attorney, breaks). Every tool gets the same draws, and the results are compared
service by service. Times are the best of as many passes for every tool: what else the machine does falls out. Draws,
and the order of arrivals that belongs to them, are made before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks import clinic_peers as peers
from benchmarks.clinic_days import large_day, reviewed_day
from jornada.domain.clinic import forecast, simulation
from jornada.domain.clinic.board import board, next_call
from jornada.domain.clinic.day import WhatIf
from jornada.domain.clinic.events import Event, merge
from jornada.domain.clinic.firstcome import first_come
from jornada.domain.clinic.floor import Floor, InLine, OnDuty, Place, floor_of, walk
from jornada.domain.clinic.replanning import onward
from jornada.domain.clinic.schedule import schedule
from jornada.domain.clinic.search import Linear, goals_of
from jornada.domain.clinic.timetable import seats_taken, slots_in_building, timetable
from jornada.gateways import clinicfiles

WORKERS, STATIONS = 300, 6
MINUTES = np.array([7.0, 30.0, 15.0, 90.0, 20.0, 12.0])
STAFF = (4, 14, 7, 44, 10, 6)
DAYS = 800
PASSES = 20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", action="store_true", help="one JSON object as the last line")
    asked.add_argument("--quick", action="store_true", help="no schedules, fewer passes")
    options = asked.parse_args()
    result = measured(quick=options.quick)
    print(_as_text(result))
    if options.json:
        print(json.dumps(result, ensure_ascii=False))


def measured(*, quick: bool) -> dict[str, Any]:
    """All measurements with their targets; a bar shows how far it is."""
    steps: list[tuple[str, Callable[[], dict[str, Any]]]] = [
        ("line", lambda: _line(quick=quick)),
        ("general", lambda: _general(quick=quick)),
        ("growth", _growth),
        ("draws", _draws),
        ("forecast", _forecast),
        ("board", _board),
    ]
    if not quick:
        steps.append(("schedule", _schedules))
    results: dict[str, Any] = {}
    with Progress(transient=True) as bar:
        task = bar.add_task("clinic", total=len(steps))
        for name, step in steps:
            bar.update(task, description=name)
            results[name] = step()
            bar.advance(task)
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "sizes": {"workers": WORKERS, "stations": STATIONS, "staff": sum(STAFF), "days": DAYS},
        "results": results,
        "targets": _targets(results),
    }


def _targets(results: dict[str, Any]) -> list[dict[str, Any]]:
    line, general = results["line"], results["general"]
    targets = [
        _target("line-shaped clinic, faster than SimPy", 500, line["faster_than"]["SimPy"], "times"),
        _target(
            "general clinic, faster than SimPy", 150, general["faster_than"]["SimPy, the same rule"], "times"
        ),
        _target("line-shaped: services equal bit for bit to SimPy's", 1.0, line["equal"], "share"),
        _target("general: services equal bit for bit to SimPy's", 1.0, general["equal"], "share"),
    ]
    for name, one in results.get("schedule", {}).items():
        if name.startswith("120"):
            targets.append(
                _target(f"schedule {name}: seats, gap", 0.01, one["gap_seats"], "share", at_most=True)
            )
            targets.append(
                _target(f"schedule {name}: minutes, gap", 0.01, one["gap_minutes"], "share", at_most=True)
            )
            targets.append(_target(f"schedule {name}: time", 30.5, one["seconds"], "s", at_most=True))
    return targets


# ── Simulation ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Case:
    """A floor and its drawn days."""

    floor: Floor
    draws: simulation.Draws
    general: bool

    def day(self, r: int) -> tuple[list[float], list[int], list[list[float]]]:
        return self.draws.arrive[r].tolist(), self.draws.route[r].tolist(), self.draws.minutes[r].tolist()


def line_case(workers: int = WORKERS, days: int = DAYS, seed: int = 1) -> Case:
    """Six stations in a row, everybody passes all of them."""
    scale = max(1, round(workers / WORKERS))
    staff = tuple(OnDuty((s,)) for s, count in enumerate(STAFF) for _ in range(count * scale))
    floor = Floor(tuple(Place() for _ in STAFF), staff, (InLine(),) * workers)
    return Case(floor, _drawn(workers, days, seed, all_stations=True), general=False)


def general_case(workers: int = WORKERS, days: int = DAYS, seed: int = 1) -> Case:
    """Attorneys at three stations, three languages, interpreters, breaks, two priorities, stations passed by."""
    scale = max(1, round(workers / WORKERS))
    stations = [(0,)] * 4 + [(1, 2, 4)] * 16 + [(1,)] * 8 + [(3,)] * 44 + [(5,)] * 6 + [()] * 14
    spoken = [(0, 1)] * 4 + [(0,), (0,), (1,), (0,)] * 4 + [(0,)] * 8 + [(0,), (0, 1)] * 22 + [(0,)] * 6
    spoken += [(1,), (2,), (1, 2), (2,), (2,), (1, 2)] * 2 + [(1,), (2,)]
    staff = tuple(
        OnDuty(where, frozenset(languages), 0.0, inf, 180.0 if k % 2 else 200.0, 30.0)
        for k, (where, languages) in enumerate(list(zip(stations, spoken, strict=True)) * scale)
    )
    choose = np.random.default_rng(seed)
    people = tuple(
        InLine(int(choose.choice(3, p=[0.7, 0.18, 0.12])), False, int(choose.choice(2, p=[0.2, 0.8])))
        for _ in range(workers)
    )
    floor = Floor(tuple(Place(share) for share in (0.0, 1.0, 1.0, 0.4, 1.0, 0.0)), staff, people)
    return Case(floor, _drawn(workers, days, seed, all_stations=False), general=True)


def _drawn(workers: int, days: int, seed: int, *, all_stations: bool) -> simulation.Draws:
    stream = np.random.default_rng(seed)
    minutes = MINUTES[:, None] * (0.6 + stream.random((days, STATIONS, workers)))
    route = np.full((days, workers), (1 << STATIONS) - 1, np.int64)
    if not all_stations:
        route = np.where(stream.random((days, workers)) < 0.1, 0b000011, route)
        route = np.where(stream.random((days, workers)) < 0.1, route & ~1, route)
    yes = np.ones((days, workers), bool)
    made = simulation.Draws(
        stream.random((days, workers)) * 360,
        route,
        minutes,
        np.full(days, 1.45),
        np.full(days, 2.0),
        yes,
        ~yes,
    )
    made.order  # noqa: B018 - part of the draws: worked out once, shared by all what-ifs
    return made


def _line(*, quick: bool) -> dict[str, Any]:
    case = line_case()
    ours, two = _ours(case, 1), _ours(case, 2)
    few = range(3 if quick else 8)
    times = {
        "SimPy": _best(lambda r: peers.simpy_line(STAFF, *_arrive_minutes(case, r)), few),
        "Ciw": _best(lambda r: peers.ciw_line(STAFF, *_arrive_minutes(case, r)), few[:3]),
        "the rule in plain Python": _best(lambda r: walk(case.floor, *case.day(r)), few[:2]),
    }
    equal = _equal(case, lambda r: peers.simpy_line(STAFF, *_arrive_minutes(case, r)), few)
    return _compared(ours, two, times, equal)


def _arrive_minutes(case: Case, r: int) -> tuple[list[float], list[list[float]]]:
    arrive, _, minutes = case.day(r)
    return arrive, minutes


def _general(*, quick: bool) -> dict[str, Any]:
    case = general_case()
    ours, two = _ours(case, 1), _ours(case, 2)
    few = range(3 if quick else 8)
    times = {
        "SimPy, the same rule": _best(lambda r: peers.simpy_floor(case.floor, *case.day(r), 1.45, 2.0), few),
        "SimPy, ready-made resources (not the same rule)": _best(
            lambda r: peers.simpy_resources(case.floor, *case.day(r), 1.45, 2.0), few
        ),
        "the rule in plain Python": _best(lambda r: walk(case.floor, *case.day(r), 1.45, 2.0), few[:2]),
    }
    equal = _equal(case, lambda r: peers.simpy_floor(case.floor, *case.day(r), 1.45, 2.0), few)
    return _compared(ours, two, times, equal)


def _ours(case: Case, threads: int, passes: int = PASSES) -> float:
    """Milliseconds a day: every begin, end and leave worked out, a few days at a time in the same memory."""

    def run() -> None:
        simulation.each_few_days(
            case.floor, case.draws, lambda part, walks: None, threads=threads, general=case.general
        )

    run()
    return min(_timed(run) for _ in range(passes)) / case.draws.days * 1000


def _best(run: Callable[[int], object], days: Sequence[int], passes: int = PASSES) -> float:
    """Milliseconds of a peer's day: of each day the best pass, and of these the middle."""
    best = [min(_timed(lambda r=r: run(r)) for _ in range(passes)) for r in days]  # type: ignore[misc]
    return float(np.median(best)) * 1000


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _equal(case: Case, peer: Callable[[int], peers.Told], days: Sequence[int]) -> float:
    """The share of services whose begin and end are the same to the last bit."""
    walks = simulation.walk_days(case.floor, case.draws.part(0, len(days)), general=case.general)
    same = count = 0
    for r in days:
        told = peer(r)
        for mine, theirs in ((walks.begin[r], told.begin), (walks.end[r], told.end)):
            same += int((mine == np.array(theirs)).sum())
            count += mine.size
    return same / count


def _compared(one: float, two: float, times: dict[str, float], equal: float) -> dict[str, Any]:
    return {
        "ms_a_day": {"jornada, 2 threads": two, "jornada, 1 thread": one, **times},
        "faster_than": {name: value / two for name, value in times.items()},
        "equal": equal,
    }


def _growth() -> dict[str, Any]:
    sizes = (75, 150, 300, 600, 1200)
    return {
        "line_ms_a_day_by_workers": {str(n): _ours(line_case(n, 200), 2, 5) for n in sizes},
        "general_ms_a_day_by_workers": {str(n): _ours(general_case(n, 100), 2, 5) for n in sizes},
    }


def _draws() -> dict[str, Any]:
    """What chance costs, and what sharing it among what-ifs saves."""
    day, template = large_day(120), clinicfiles.load_template()
    simulation.draw(day, template, replications=64, seed=0)
    drawing = (
        min(_timed(lambda: simulation.draw(day, template, replications=640, seed=0)) for _ in range(5)) / 640
    )
    return {"draw_ms_a_day_120_workers_7_stations": drawing * 1000}


def _forecast() -> dict[str, Any]:
    """A whole forecast of 120 workers × 40 staff on 1,000 simulated days, alone and beside four what-ifs."""
    day, template = large_day(120, booked=True), clinicfiles.load_template()
    what_ifs = [
        forecast.AS_PLANNED,
        WhatIf("longer", longer=60),
        WhatIf("without", without=frozenset({day.staff[0].id})),
        WhatIf("tool", pace={"preparation": 0.75}),
        WhatIf("door", door_closes=day.closes - 240.0),
    ]
    forecast.forecast(day, template, replications=64)
    return {
        "one_s": min(_timed(lambda: forecast.forecast(day, template)) for _ in range(3)),
        "with_four_what_ifs_s": min(
            _timed(lambda: forecast.compare(day, template, what_ifs)) for _ in range(3)
        ),
        "stop_intake_s": min(_timed(lambda: forecast.stop_intake(day, template)) for _ in range(3)),
    }


# ── The board ─────────────────────────────────────────────────────────────────────────────────────────────────


def _board() -> dict[str, Any]:
    """A day of 300 workers as six tablets note it: bringing logs together, the board, who is next, the rest."""
    day, template = large_day(300, booked=True), clinicfiles.load_template()
    events = _noted(day)
    logs = [
        frozenset(e for e in events if e.tablet == tablet) for tablet in sorted({e.tablet for e in events})
    ]
    log = merge(*logs)
    now = max(event.at for event in events)
    found = board(day, log, now)
    ms = {
        "merge": _timed_best(lambda: merge(*logs)),
        "board": _timed_best(lambda: board(day, log, now)),
        "next_call": _timed_best(lambda: next_call(found, day, template, day.stations[0])),
        "onward": _timed_best(lambda: onward(found, day, template)),
    }
    return {"events": len(log), "ms": ms}


def _timed_best(run: Callable[[], object]) -> float:
    return min(_timed(run) for _ in range(5)) * 1000


def _noted(day: Any) -> list[Event]:
    """Events of the first half of a day that goes as the calling rule would have it."""
    floor = floor_of(day, clinicfiles.load_template())
    usual = [clinicfiles.load_template().minutes(name, day.on).usual for name in day.stations]
    arrive = [float(one.appointment or day.opens) for one in day.invited]
    everything = (1 << len(day.stations)) - 1
    course = walk(floor, arrive, [everything] * len(arrive), [[m] * len(arrive) for m in usual])
    until = day.opens + (day.closes - day.opens) / 2
    noted: list[tuple[float, str, dict[str, str]]] = [
        (day.opens, "lead", {"kind": "staff_arrived", "staff": one.id})
        for one in day.staff
        if one.begins <= day.opens
    ]
    noted += [
        (at, "door", {"kind": "arrived", "worker": day.invited[w].id})
        for w, at in enumerate(arrive)
        if at <= until
    ]
    for s, name in enumerate(day.stations):
        for w, worker in enumerate(day.invited):
            if course.begin[s][w] <= until:
                who = {"worker": worker.id, "station": name, "staff": floor.staff_names[course.by[s][w]]}
                helps = course.interpreter[s][w]
                help_ = (
                    {"interpreter": floor.staff_names[helps]} if helps >= 0 and name != "preparation" else {}
                )
                noted.append((course.begin[s][w], name, {"kind": "called", **who, **help_}))
                if course.end[s][w] <= until:
                    noted.append((course.end[s][w], name, {"kind": "finished", **who}))
    numbers: dict[str, int] = {}
    made = []
    for at, tablet, what in sorted(noted, key=lambda one: (one[0], one[1], one[2]["kind"] == "called")):
        numbers[tablet] = numbers.get(tablet, 0) + 1
        made.append(Event(tablet, numbers[tablet], at, **what))
    return made


# ── Schedules ─────────────────────────────────────────────────────────────────────────────────────────────────


def _schedules() -> dict[str, Any]:
    """120 workers × 40 staff, several days; and what plain CP-SAT and first come, first served make of the first."""
    template = clinicfiles.load_template()
    days = {f"120 × 40, day {seed}": large_day(120, seed=seed) for seed in (0, 1, 2)}
    days["reviews only, 120 × 40"] = reviewed_day(120)
    found = {}
    for name, day in days.items():
        started = time.perf_counter()
        plan = schedule(day, template, seed=1, limit_seconds=29.0)
        aims = {aim.name: aim for aim in plan.aims}
        found[name] = {
            "seats": aims["seats"].reached,
            "seats_bound": aims["seats"].bound,
            "minutes": aims["minutes_in_building"].reached,
            "minutes_bound": aims["minutes_in_building"].bound,
            "gap_seats": aims["seats"].gap,
            "gap_minutes": aims["minutes_in_building"].gap,
            "proven": plan.proven,
            "seconds": time.perf_counter() - started,
        }
    first = next(iter(days.values()))
    found["peers, day 0"] = {
        "CP-SAT, its defaults, the same rows and aims, 30 s": _plain_cp_sat(first, template),
        "first come, first served": _first_come(first, template),
    }
    return found


def _plain_cp_sat(day: Any, template: Any) -> dict[str, float]:
    """The same rows and aims as CP-SAT takes them by default: no bounds, no neighbourhoods, no first timetable."""
    from ortools.sat.python import cp_model

    made = timetable(day, template, day.invited, slot_minutes=15)
    goals = goals_of(made, Linear(made))
    model = cp_model.CpModel()
    variables = [model.new_int_var(0, upper, "") for upper in made.rows.upper]

    def total(terms: dict[int, int]) -> Any:
        return cp_model.LinearExpr.weighted_sum([variables[v] for v in terms], list(terms.values()))

    for row in made.rows.rows:
        model.add_linear_constraint(
            total(row.terms), cp_model.INT_MIN if row.low is None else row.low, row.high
        )
    model.maximize(sum(goal.worth * total(goal.terms) for goal in goals.sums) - total(goals.cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 30
    solver.parameters.num_workers = 2
    solver.solve(model)
    reached = {goal.name: sum(solver.value(variables[v]) for v in goal.terms) for goal in goals.sums}
    return {**reached, "minutes": sum(by * solver.value(variables[v]) for v, by in goals.cost.items()) * 15.0}


def _first_come(day: Any, template: Any) -> dict[str, float]:
    """One worker after the other, each through the stations as early as can be."""
    made = timetable(day, template, day.invited, slot_minutes=15)
    values = first_come(made)
    return {
        "seats": float(sum(values[v] for v in seats_taken(made))),
        "minutes": sum(by * values[v] for v, by in slots_in_building(made).items()) * 15.0,
    }


# ── Telling ───────────────────────────────────────────────────────────────────────────────────────────────────


def _target(name: str, bar: float, reached: float, unit: str, *, at_most: bool = False) -> dict[str, Any]:
    met = reached <= bar if at_most else reached >= bar
    return {"name": name, "bar": bar, "reached": round(float(reached), 4), "unit": unit, "met": bool(met)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _as_text(result: dict[str, Any]) -> str:
    lines = [result["machine"], f"sizes: {result['sizes']}"]
    for name in ("line", "general"):
        one = result["results"][name]
        lines.append(f"{name}: ms a day (times slower than jornada); services equal: {one['equal']:.0%}")
        fast = one["ms_a_day"]["jornada, 2 threads"]
        lines += [f"  {ms:9.4f}  {ms / fast:8.1f} x  {who}" for who, ms in one["ms_a_day"].items()]
    for name in ("growth", "draws", "forecast", "board", "schedule"):
        for what, value in result["results"].get(name, {}).items():
            lines.append(f"{name}, {what}: {_short(value)}")
    for one in result["targets"]:
        verdict = "met   " if one["met"] else "MISSED"
        lines.append(f"{verdict} {one['name']}: {one['reached']} {one['unit']} (bar {one['bar']})")
    return "\n".join(lines)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
