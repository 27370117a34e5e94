"""How fast a wage claim is computed: one worker with ten years of daily entries, and a cohort of a thousand.

    python -m benchmarks.wages [--json] [--workers 1000]

The diary has other minutes every day, so that no two weeks are alike and nothing can be reused; the cohort works
by patterns, each worker by another. Both are computed under federal and New York law with everything on: better of
two laws, overtime, spread, damages, limits. Growth is shown in weeks. There is no public peer to run beside it: the
tools in the field are web forms; a plain spreadsheet-like loop in floats over the same days stands in as the floor.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from jornada.domain.facts import PartialDate
from jornada.domain.wages import Fraction, claims
from jornada.domain.wages.hours import Pattern, Shift, Timesheet, WorkDay
from jornada.domain.wages.lawbook import Law, Place
from jornada.domain.wages.pay import Money, Pay, Promise, Receipt
from jornada.domain.wages.worksheet import Claim
from jornada.gateways import wagelaws

ON = date(2026, 11, 22)
FACTS = {"wage_sector": "restaurant", "tipped": "no", "employees_band": "to_20", "uniform_kind": "none"}
PLACE = {"p": Place("NY", "Kings")}
PAY = Pay((Promise("day", Fraction(150)),), (Receipt("week", Money.exactly(Fraction(700))),))
BAR_DIARY_MS, BAR_COHORT_S, BAR_GROWTH = 150.0, 60.0, 1.3


def diary(years: int, seed: int = 1) -> Claim:
    """Six days a week for so many years, each with its own start, end and break."""
    draw = Random(seed)
    first = ON - timedelta(days=365 * years)
    days = []
    for number in range(365 * years):
        day = first + timedelta(days=number)
        if day.weekday() < 6:
            start, length, meal = draw.randrange(360, 600), draw.randrange(420, 840), draw.randrange(0, 60)
            shift = Shift(start, start + length, meal)
            days.append(WorkDay(day, shift.minutes, (shift,), "p"))
    return Claim(FACTS, PLACE, Timesheet(diary=tuple(days)), PAY, (11, 20))


def pattern(weeks: int, seed: int) -> Claim:
    """One worker of a cohort: six days a week by one pattern."""
    draw = Random(seed)
    first = ON - timedelta(days=7 * weeks)
    start = draw.randrange(360, 600)
    shift = Shift(start, start + draw.randrange(420, 840), 30)
    worked = Pattern(
        PartialDate(first.year, first.month, first.day), None, frozenset(range(6)), (shift,), place="p"
    )
    pay = Pay((Promise("day", Fraction(draw.randrange(90, 200))),), as_agreed=True)
    return Claim(FACTS, PLACE, Timesheet((worked,)), pay, (11, 20))


def in_floats(claim: Claim) -> float:
    """What a plain loop costs: hours over forty at half of the week's rate, in floats, no law, no dates, no sources."""
    weeks: dict[int, float] = {}
    for day in claim.hours.diary:
        key = (day.day.toordinal() + 1) // 7
        weeks[key] = weeks.get(key, 0.0) + day.minutes / 60
    return sum(max(0.0, hours - 40) * 900 / hours / 2 for hours in weeks.values())


def timed(work: Callable[[], Any], repeat: int) -> float:
    """The median processor time of one run, in milliseconds: one thread, so a quiet core takes as long."""
    times = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return sorted(times)[len(times) // 2]


def run(workers: int, laws: Sequence[Law]) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    for years in (1, 2, 5, 10):
        one = diary(years)
        took = timed(lambda one=one: claims.compute(one, laws, ON), 7)  # type: ignore[misc]
        plain = timed(lambda one=one: in_floats(one), 7)  # type: ignore[misc]
        results[f"diary of {years} years"] = {
            "ms": took,
            "ms a week": took / (52 * years),
            "plain loop ms": plain,
        }
    for weeks in (52, 104, 156):
        sample = [pattern(weeks, seed) for seed in range(20)]
        took = timed(lambda sample=sample: [claims.compute(one, laws, ON) for one in sample], 5)  # type: ignore[misc]
        results[f"20 workers by patterns, {weeks} weeks"] = {"ms": took, "ms a week": took / 20 / weeks}
    cohort = [pattern(156, seed) for seed in range(workers)]
    began = time.process_time()
    total = sum(claims.compute(one, laws, ON).total for one in cohort)
    seconds = time.process_time() - began
    results[f"cohort of {workers}, 3 years"] = {
        "ms": 1000 * seconds,
        "ms a week": 1000 * seconds / workers / 156,
        "dollars": float(total),
    }
    return results


def targets(results: dict[str, dict[str, float]], workers: int) -> list[dict[str, Any]]:
    growth = results["diary of 10 years"]["ms a week"] / results["diary of 1 years"]["ms a week"]
    cohort = results[f"cohort of {workers}, 3 years"]["ms"] / 1000 * 1000 / workers
    found = [
        ("ten years of daily entries", BAR_DIARY_MS, results["diary of 10 years"]["ms"], "ms"),
        ("cohort of 1,000 workers, 3 years, one core", BAR_COHORT_S, cohort, "s"),
        ("a week of ten years against a week of one", BAR_GROWTH, growth, "times"),
    ]
    return [
        {"name": name, "bar": bar, "reached": round(reached, 3), "unit": unit, "met": reached <= bar}
        for name, bar, reached, unit in found
    ]


def machine() -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return {
        "cores": os.cpu_count(),
        "processor": model[1] if model else platform.processor(),
        "python": platform.python_version(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--workers", type=int, default=1000)
    given = parser.parse_args()
    results = run(given.workers, wagelaws.for_state("NY"))
    for name, one in results.items():
        print(f"{name:36} " + "   ".join(f"{key} {value:,.3f}" for key, value in one.items()))
    reached = targets(results, given.workers)
    for one in reached:
        met = "met" if one["met"] else "NOT MET"
        print(f"{met} {one['name']}: {one['reached']} {one['unit']} (bar {one['bar']})")
    if given.json:
        sizes = {"years": [1, 2, 5, 10], "workers": given.workers, "weeks": [52, 104, 156]}
        print(json.dumps({"machine": machine(), "sizes": sizes, "results": results, "targets": reached}))


if __name__ == "__main__":
    main()
