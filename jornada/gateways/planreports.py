"""A planning run written down: tables, charts, a summary in words, and all of it as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jornada.domain.planning import timetable
from jornada.domain.planning.judging import Bar, Compared, Judged, best_in_mean_but_breaks
from jornada.domain.planning.optimiser import Optimised
from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.telling import Teller
from jornada.gateways import charts
from jornada.gateways.planfiles import write_table

ENDS = ("low", "middle", "high")
RARE = 0.05
"""A break in fewer runs than this share is left to the tables."""


@dataclass(frozen=True)
class Report:
    """What one run reached; any part may be missing if it was not asked for or was stopped."""

    scenario: Scenario
    teller: Teller
    judged: Mapping[str, Judged]
    optimised: Optimised | None = None
    bars: tuple[Bar, ...] = ()
    compared: Compared | None = None

    def plan(self) -> Plan | None:
        """The plan that tables and Gantt show: the optimised one, else the last judged."""
        if self.optimised is not None:
            return self.optimised.plan
        return list(self.judged.values())[-1].plan if self.judged else None


def write(report: Report, folder: Path) -> list[Path]:
    """Every table and chart there is something for; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [*_tables(report, folder), *_charts(report, folder)]
    return [path for path in written if path.exists()]


# --- tables -----------------------------------------------------------------------------------------

Rows = Iterable[Sequence[object]]
Table = tuple[str, Sequence[str], Rows]
"""A table's name, its head, its rows."""


def tables(report: Report) -> Iterator[Table]:
    """Every table there is something for: its name, its head, its rows."""
    yield from (*_plan_tables(report), *_run_tables(report), _numbers(report))


def _tables(report: Report, folder: Path) -> Iterator[Path]:
    for name, head, rows in tables(report):
        write_table(folder / f"{name}.csv", head, rows)
        yield folder / f"{name}.csv"


def _plan_tables(report: Report) -> Iterator[Table]:
    """What to begin when; what binds."""
    shown, found = report.plan(), report.optimised
    if shown is not None:
        yield "plan", _labels(report, *_PLAN), _plan_rows(report, shown)
    if found is not None and found.marginals:
        head = _labels(report, "kind", "number", "place", "first", "last", "spared", "more_served", "text")
        yield "limits", head, _limit_rows(report, found)


_PLAN = (
    "decide_by",
    "strategy",
    "place",
    "units",
    "expected",
    "first_service",
    "until",
    "cost",
    "cost_a_month",
)


def _plan_rows(report: Report, shown: Plan) -> Rows:
    teller = report.teller
    for one in timetable.entries(shown, report.scenario):
        named = (teller.strategy(one.strategy), teller.place(one.place))
        when = (one.first_service, one.until)
        yield (one.decide_by, *named, one.units, one.expected, *when, one.cost_to_start, one.cost_a_month)


def _limit_rows(report: Report, found: Optimised) -> Rows:
    teller = report.teller
    for one in found.marginals:
        named = (one.kind, teller.name(one.kind, one.name), teller.place(one.place))
        served = "" if one.served is None else one.served
        yield (*named, one.first + 1, one.last + 1, one.spared, served, teller.marginal(one))


def _run_tables(report: Report) -> Iterator[Table]:
    """How the plans came out: by month, by region, by way, where they break, what the last one hangs on."""
    for name, judged in report.judged.items():
        yield f"by_month_{name}", _fan_head(report), _fan_rows(judged)
    if report.judged:
        yield "regions", _region_head(report), _region_rows(report)
        yield "ways", _labels(report, "plan", "complexity", "model", "help", "people"), _way_rows(report)
        yield "breaks", _labels(report, "plan", "share", "text"), _break_rows(report)
    if report.bars:
        rows = [
            (report.teller.number(bar.path), bar.low, bar.high, bar.at_low, bar.at_high)
            for bar in report.bars
        ]
        yield "hangs_on", _labels(report, "number", "low", "high", "at_low", "at_high"), rows


def _labels(report: Report, *names: str) -> list[str]:
    return [report.teller.label(name) for name in names]


def _fan_head(report: Report) -> list[str]:
    label = report.teller.label
    measures = ("served", "share_served", "waiting", "money")
    return [label("month"), *(f"{label(one)}, {label(end)}" for one in measures for end in ENDS)]


def _fan_rows(judged: Judged) -> Rows:
    fans = (judged.served, judged.share, judged.waiting, judged.money)
    for month in range(len(judged.served.mid)):
        yield (month + 1, *(float(line[month]) for one in fans for line in (one.low, one.mid, one.high)))


def _region_head(report: Report) -> list[str]:
    label = report.teller.label
    date, end = label("by_month", month=report.scenario.aims.served_by + 1), label("at_the_end")
    measures = (
        label("asked"),
        f"{label('share_served')} {date}",
        f"{label('share_served')} {end}",
        f"{label('waiting')} {end}",
    )
    return [
        label("plan"),
        label("region"),
        *(f"{one}, {label(spread)}" for one in measures for spread in ENDS),
        label("stands"),
    ]


def _region_rows(report: Report) -> Rows:
    for name, judged in report.judged.items():
        for one in judged.places:
            named = (report.teller.plan(name), report.teller.place(one.place))
            stands = charts.standing(one.served_by[1], _target(report))
            word = f"{charts.SHAPES[stands]} {report.teller.label(charts.STANDINGS[stands])}"
            yield (*named, *one.asked, *one.served_by, *one.served, *one.waiting, word)


def _target(report: Report) -> float | None:
    """The first target's share, which regions are measured by."""
    targets = report.scenario.aims.targets
    return targets[0].share if targets else None


def _way_rows(report: Report) -> Rows:
    teller = report.teller
    for name, judged in report.judged.items():
        for one in judged.ways:
            level, model = teller.text(f"complexities.{one.complexity}"), teller.text(f"models.{one.model}")
            yield (teller.plan(name), level, model, teller.text(f"help.{one.help}"), one.people)


def _break_rows(report: Report) -> Rows:
    teller = report.teller
    for name, judged in report.judged.items():
        for one in judged.breaks:
            yield (teller.plan(name), one.share, teller.broken(one))


def _numbers(report: Report) -> Table:
    """Every number that the run stands on, with source and certainty, and who changed it."""
    head = _labels(
        report, "number", "low", "middle", "high", "unit", "certainty", "source", "as_of", "was", "who", "why"
    )
    return "numbers", head, _number_rows(report)


def _number_rows(report: Report) -> Rows:
    for path, figure in sorted(report.scenario.figures.items()):
        sure = "/".join(source.certainty for source in figure.sources)
        titles = "; ".join(source.title for source in figure.sources)
        change = figure.change
        changed = (change.was, change.who, change.why) if change else ("", "", "")
        yield (path, figure.low, figure.mid, figure.high, figure.unit, sure, titles, figure.as_of, *changed)


# --- charts -----------------------------------------------------------------------------------------


def pictures(report: Report) -> Iterator[tuple[str, str]]:
    """Every chart there is something for: its name, and the SVG."""
    teller, judged = report.teller, report.judged
    shown = report.plan()
    if shown is not None and shown.starts:
        yield "gantt", charts.gantt(teller, report.scenario, timetable.entries(shown, report.scenario))
    if not judged:
        return
    replications = next(iter(judged.values())).replications
    for kind, fans in (
        ("served", {name: one.share for name, one in judged.items()}),
        ("waiting", {name: one.waiting for name, one in judged.items()}),
        ("money", {name: one.money for name, one in judged.items()}),
    ):
        yield f"fan_{kind}", charts.fan(teller, fans, kind, replications)
    last = list(judged.values())[-1]
    yield "sankey", charts.sankey(teller, last)
    yield "regions", charts.regions(teller, last, _target(report))
    if report.bars:
        yield "tornado", charts.tornado(teller, report.bars, last.served_by)


def _charts(report: Report, folder: Path) -> Iterator[Path]:
    for name, svg in pictures(report):
        path = folder / f"{name}.svg"
        path.write_text(svg, encoding="utf-8")
        yield path


# --- in words ---------------------------------------------------------------------------------------


def summary(report: Report) -> Iterator[str]:
    """What to know first: what to decide soon, how good, what binds, what breaks."""
    teller = report.teller
    found = report.optimised
    if found is not None:
        yield how_good(found, teller)
        yield from _soon(report, found.plan)
        yield from (teller.marginal(one) for one in found.marginals[:3])
        yield from teller.mends(found.short_of, found.mends)
    for name, judged in report.judged.items():
        yield _came_out(name, judged, teller)
        yield from (f"  {teller.broken(one)}" for one in judged.breaks[:3] if one.share > RARE)
    risky = best_in_mean_but_breaks([*report.judged.values()])
    if risky is not None:
        yield teller.text("breaks.best_but", name=teller.plan(risky.plan.name))
    if report.compared is not None:
        yield from difference(report.compared, teller)


def how_good(found: Optimised, teller: Teller) -> str:
    """How much of what a plan can bring may still be missing, in words."""
    if not math.isfinite(found.gap):
        return teller.text("summary.unproved")
    return teller.text(
        "summary.best" if found.complete else "summary.stopped", gap=f"{max(0.0, found.gap):.2%}"
    )


def _soon(report: Report, plan: Plan) -> Iterator[str]:
    for entry in timetable.entries(plan, report.scenario)[:6]:
        unit = report.teller.text(f"units.{report.scenario.catalogue.strategies[entry.strategy].unit}")
        yield report.teller.text(
            "summary.decide",
            day=entry.decide_by,
            strategy=report.teller.strategy(entry.strategy),
            units=entry.units,
            unit=unit,
            place=report.teller.place(entry.place),
            first=f"{entry.first_service:%Y-%m}",
        )


def _came_out(name: str, judged: Judged, teller: Teller) -> str:
    low, mid, high = (
        f"{float(line[judged.served_by]):.0%}"
        for line in (judged.share.low, judged.share.mid, judged.share.high)
    )
    return teller.text(
        "summary.result",
        plan=teller.plan(name),
        low=low,
        mid=mid,
        high=high,
        month=judged.served_by + 1,
        money=f"{float(judged.money.mid[-1]):,.0f}",
        verdict=teller.verdict(judged),
    )


def difference(compared: Compared, teller: Teller) -> Iterator[str]:
    """Two plans under the same luck, in words, a line for each month looked at and one for money."""
    names = {"first": teller.plan(compared.first), "second": teller.plan(compared.second)}
    for month, (low, mid, high), ahead in zip(
        compared.months, compared.difference, compared.ahead, strict=True
    ):
        spread = {"low": f"{low:+.1%}", "mid": f"{mid:+.1%}", "high": f"{high:+.1%}"}
        yield teller.text("summary.compared", month=month + 1, ahead=f"{ahead:.0%}", **names, **spread)
    low, mid, high = compared.dearer
    yield teller.text("summary.dearer", low=f"{low:+,.0f}", mid=f"{mid:+,.0f}", high=f"{high:+,.0f}", **names)


# --- as JSON ----------------------------------------------------------------------------------------


def as_json(report: Report) -> dict[str, Any]:
    """Everything that tables and charts show, plain."""
    scenario, found, shown = report.scenario, report.optimised, report.plan()
    return {
        "scenario": scenario.name,
        "fingerprint": scenario.catalogue.fingerprint,
        "start": scenario.start.isoformat(),
        "months": scenario.months,
        "supposed_state": scenario.supposed_state,
        "known_state": {
            "state": scenario.catalogue.known_state,
            "as_of": str(scenario.catalogue.known_as_of),
        },
        "judgement": plain(scenario.aims.judgement),
        "changed": [
            {"number": one.path, "is": one.shown(), **plain(one.change)} for one in scenario.changed()
        ],
        "plan": [] if shown is None else [plain(one) for one in timetable.entries(shown, scenario)],
        "optimised": None if found is None else _optimised_json(found, report.teller),
        "judged": {name: _judged_json(one, report.teller) for name, one in report.judged.items()},
        "hangs_on": [plain(bar) for bar in report.bars],
        "compared": None if report.compared is None else plain(report.compared),
    }


def plain(value: Any) -> Any:
    """Dataclasses, arrays and dates as JSON knows them; months counted from 1; what is no number is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _from_one(one.name, getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.round(6).tolist()]
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | str | bool | None) else str(value)


_MONTHS = frozenset({"month", "months", "first", "last", "served_by"})


def _from_one(name: str, value: Any) -> Any:
    counted = name in _MONTHS
    if counted and isinstance(value, int):
        return value + 1
    if counted and isinstance(value, tuple) and all(isinstance(one, int) for one in value):
        return [one + 1 for one in value]
    return plain(value)


def _optimised_json(found: Optimised, teller: Teller) -> dict[str, Any]:
    known = ("left", "least", "nothing", "gap", "gap_of_left", "money", "complete")
    return {
        **{name: plain(getattr(found, name)) for name in known},
        "steps": [{"seconds": round(step.seconds, 2), "gap": plain(step.gap)} for step in found.steps],
        "missed": [{**plain(target), "people": people} for target, people in found.short_of],
        "limits": [{**plain(one), "text": teller.marginal(one)} for one in found.marginals],
        "mends": teller.mends(found.short_of, found.mends),
    }


def _judged_json(one: Judged, teller: Teller) -> dict[str, Any]:
    left_out = {"plan", "breaks", "chances"}
    told = {
        each.name: _from_one(each.name, getattr(one, each.name))
        for each in fields(one)
        if each.name not in left_out
    }
    return {
        **told,
        "chances": [{**plain(target), "chance": chance} for target, chance in one.chances],
        "breaks": [{**plain(each), "text": teller.broken(each)} for each in one.breaks],
        "breaks_often": one.breaks_often,
    }
