"""A planning run written down: tables, charts, a summary in words, and all of it as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jornada.domain.planning import timetable
from jornada.domain.planning.judging import Bar, Compared, Fan, Judged, best_in_mean_but_breaks
from jornada.domain.planning.optimiser import Optimised
from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.telling import Teller
from jornada.gateways import charts
from jornada.gateways.planfiles import write_table

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
        return next(reversed(self.judged.values())).plan if self.judged else None


def write(report: Report, folder: Path) -> list[Path]:
    """Every table and chart there is something for; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [*_tables(report, folder), *_charts(report, folder)]
    return [path for path in written if path.exists()]


# --- tables -----------------------------------------------------------------------------------------


def _tables(report: Report, folder: Path) -> Iterator[Path]:
    label, teller = report.teller.label, report.teller
    shown = report.plan()
    if shown is not None:
        rows = [
            (entry.decide_by, teller.strategy(entry.strategy), teller.place(entry.place), entry.units, round(entry.expected, 2),
             entry.first_service, entry.until, entry.cost_to_start, entry.cost_a_month)
            for entry in timetable.entries(shown, report.scenario)
        ]  # fmt: skip
        head = (label("decide_by"), label("strategy"), label("place"), label("units"), f"{label('units')} ({label('working')})",
                label("first_service"), label("until"), label("cost"), f"{label('cost')} / {label('month')}")  # fmt: skip
        yield _table(folder / "plan.csv", head, rows)
    for name, judged in report.judged.items():
        yield _table(folder / f"by_month_{name}.csv", _fan_head(report), _fan_rows(judged))
    if report.judged:
        yield _table(folder / "regions.csv", _region_head(report), _region_rows(report))
        yield _table(folder / "ways.csv", (label("strategy"), label("complexity"), label("model"), label("help"), label("people")), _way_rows(report))
        yield _table(folder / "breaks.csv", (label("strategy"), label("share"), label("text")), [
            (teller.plan(name), one.share, teller.broken(one)) for name, judged in report.judged.items() for one in judged.breaks
        ])  # fmt: skip
    if report.optimised is not None and report.optimised.marginals:
        rows_ = [
            (one.kind, teller.name(one.kind, one.name), teller.place(one.place), one.first + 1, one.last + 1, one.spared,
             "" if one.served is None else one.served, teller.marginal(one))
            for one in report.optimised.marginals
        ]  # fmt: skip
        head = (label("kind"), label("number"), label("place"), label("first"), label("last"), label("spared"), label("more_served"), label("text"))
        yield _table(folder / "limits.csv", head, rows_)
    if report.bars:
        head = (label("number"), label("low"), label("high"), label("at_low"), label("at_high"))
        yield _table(folder / "hangs_on.csv", head, [(teller.number(bar.path), bar.low, bar.high, bar.at_low, bar.at_high) for bar in report.bars])
    yield _table(folder / "numbers.csv", ("number", "low", "middle", "high", "unit", "certainty", "source", "as of", label("was"), label("who"), label("why")), _number_rows(report))


def _table(path: Path, head: tuple[str, ...], rows: Any) -> Path:
    write_table(path, head, rows)
    return path


def _fan_head(report: Report) -> tuple[str, ...]:
    label = report.teller.label
    measures = ("served", "share_served", "waiting", "money")
    return (label("month"), *(f"{label(one)}, {label(end)}" for one in measures for end in ("low", "middle", "high")))


def _fan_rows(judged: Judged) -> Iterator[tuple[object, ...]]:
    fans = (judged.served, judged.share, judged.waiting, judged.money)
    for month in range(len(judged.served.mid)):
        yield (month + 1, *(float(line[month]) for one in fans for line in (one.low, one.mid, one.high)))


def _region_head(report: Report) -> tuple[str, ...]:
    label = report.teller.label
    date = label("by_month", month=report.scenario.aims.served_by + 1)
    return (label("strategy"), label("region"), *(
        f"{label(what)} {when}, {label(end)}".replace(" ,", ",")
        for what, when in (("asked", ""), ("share_served", date), ("share_served", label("at_the_end")), ("waiting", label("at_the_end")))
        for end in ("low", "middle", "high")
    ))  # fmt: skip


def _region_rows(report: Report) -> Iterator[tuple[object, ...]]:
    for name, judged in report.judged.items():
        for one in judged.places:
            yield (report.teller.plan(name), report.teller.place(one.place), *one.asked, *one.served_by, *one.served, *one.waiting)


def _way_rows(report: Report) -> Iterator[tuple[object, ...]]:
    teller = report.teller
    for name, judged in report.judged.items():
        for one in judged.ways:
            yield (teller.plan(name), teller.text(f"complexities.{one.complexity}"), teller.text(f"models.{one.model}"),
                   teller.text(f"help.{one.help}"), one.people)  # fmt: skip


def _number_rows(report: Report) -> Iterator[tuple[object, ...]]:
    for path, figure in sorted(report.scenario.figures.items()):
        change = figure.change
        yield (path, figure.low, figure.mid, figure.high, figure.unit, "/".join(source.certainty for source in figure.sources),
               "; ".join(source.title for source in figure.sources), figure.as_of,
               *((change.was, change.who, change.why) if change else ("", "", "")))  # fmt: skip


# --- charts -----------------------------------------------------------------------------------------


def _charts(report: Report, folder: Path) -> Iterator[Path]:
    teller, judged = report.teller, report.judged
    shown = report.plan()
    if shown is not None and shown.starts:
        yield _picture(folder / "gantt.svg", charts.gantt(teller, report.scenario, timetable.entries(shown, report.scenario)))
    if not judged:
        return
    replications = next(iter(judged.values())).replications
    for kind, fans in (
        ("served", {name: one.share for name, one in judged.items()}),
        ("waiting", {name: one.waiting for name, one in judged.items()}),
        ("money", {name: one.money for name, one in judged.items()}),
    ):
        yield _picture(folder / f"fan_{kind}.svg", charts.fan(teller, fans, kind, replications))
    last = next(reversed(judged.values()))
    yield _picture(folder / "sankey.svg", charts.sankey(teller, last))
    targets = report.scenario.aims.targets
    yield _picture(folder / "regions.svg", charts.regions(teller, last, targets[0].share if targets else None))
    if report.bars:
        yield _picture(folder / "tornado.svg", charts.tornado(teller, report.bars, last.served_by))


def _picture(path: Path, svg: str) -> Path:
    path.write_text(svg, encoding="utf-8")
    return path


# --- in words ---------------------------------------------------------------------------------------


def summary(report: Report) -> Iterator[str]:
    """What to know first: what to decide soon, how good, what binds, what breaks."""
    teller = report.teller
    found = report.optimised
    if found is not None:
        yield _how_good(found, teller)
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
        yield from _difference(report.compared, teller)


def _how_good(found: Optimised, teller: Teller) -> str:
    if not math.isfinite(found.gap):
        return teller.text("summary.unproved")
    return teller.text("summary.best" if found.complete else "summary.stopped", gap=f"{found.gap:.2%}")


def _soon(report: Report, plan: Plan) -> Iterator[str]:
    for entry in timetable.entries(plan, report.scenario)[:6]:
        unit = report.teller.text(f"units.{report.scenario.catalogue.strategies[entry.strategy].unit}")
        yield report.teller.text(
            "summary.decide", day=entry.decide_by, strategy=report.teller.strategy(entry.strategy), units=entry.units,
            unit=unit, place=report.teller.place(entry.place), first=f"{entry.first_service:%Y-%m}",
        )  # fmt: skip


def _came_out(name: str, judged: Judged, teller: Teller) -> str:
    low, mid, high = (f"{float(line[judged.served_by]):.0%}" for line in (judged.share.low, judged.share.mid, judged.share.high))
    return teller.text(
        "summary.result", plan=teller.plan(name), low=low, mid=mid, high=high, month=judged.served_by + 1,
        money=f"{float(judged.money.mid[-1]):,.0f}", verdict=teller.verdict(judged),
    )  # fmt: skip


def _difference(compared: Compared, teller: Teller) -> Iterator[str]:
    names = {"first": teller.plan(compared.first), "second": teller.plan(compared.second)}
    for month, (low, mid, high), ahead in zip(compared.months, compared.difference, compared.ahead, strict=True):
        spread = {"low": f"{low:+.1%}", "mid": f"{mid:+.1%}", "high": f"{high:+.1%}"}
        yield teller.text("summary.compared", month=month + 1, ahead=f"{ahead:.0%}", **names, **spread)
    low, mid, high = compared.dearer
    yield teller.text("summary.dearer", low=f"{low:+,.0f}", mid=f"{mid:+,.0f}", high=f"{high:+,.0f}", **names)


# --- as JSON ----------------------------------------------------------------------------------------


def as_json(report: Report) -> dict[str, Any]:
    """Everything that tables and charts show, plain."""
    scenario, found = report.scenario, report.optimised
    shown = report.plan()
    return {
        "scenario": scenario.name,
        "fingerprint": scenario.catalogue.fingerprint,
        "start": scenario.start.isoformat(),
        "months": scenario.months,
        "supposed_state": scenario.supposed_state,
        "known_state": {"state": scenario.catalogue.known_state, "as_of": scenario.catalogue.known_as_of.isoformat()},
        "judgement": {"weights": dict(scenario.aims.judgement.weights), "order": scenario.aims.judgement.order,
                      "who": scenario.aims.judgement.who, "why": scenario.aims.judgement.why,
                      "on": scenario.aims.judgement.on.isoformat()},
        "changed": [{"number": figure.path, "is": figure.shown(), "was": figure.change.was, "who": figure.change.who,
                     "why": figure.change.why} for figure in scenario.changed() if figure.change],
        "plan": [] if shown is None else [_entry_json(one) for one in timetable.entries(shown, scenario)],
        "optimised": None if found is None else _optimised_json(found, report.teller),
        "judged": {name: _judged_json(one, report.teller) for name, one in report.judged.items()},
        "hangs_on": [{"number": bar.path, "low": bar.low, "high": bar.high, "at_low": bar.at_low, "at_high": bar.at_high} for bar in report.bars],
        "compared": None if report.compared is None else _compared_json(report.compared),
    }  # fmt: skip


def _entry_json(one: timetable.Entry) -> dict[str, Any]:
    return {
        "strategy": one.strategy, "place": one.place, "units": one.units, "expected": one.expected,
        "decide_by": one.decide_by.isoformat(), "first_service": one.first_service.isoformat(), "until": one.until.isoformat(),
    }  # fmt: skip


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _optimised_json(found: Optimised, teller: Teller) -> dict[str, Any]:
    return {
        "left": _finite(found.left), "least": _finite(found.least), "nothing": _finite(found.nothing),
        "gap": _finite(found.gap), "gap_of_left": _finite(found.gap_of_left), "money": _finite(found.money),
        "complete": found.complete,
        "steps": [{"seconds": round(step.seconds, 2), "gap": _finite(step.gap)} for step in found.steps],
        "missed": [{"share": target.share, "month": target.month + 1, "people": people} for target, people in found.short_of],
        "limits": [{"kind": one.kind, "name": one.name, "place": one.place, "first": one.first + 1, "last": one.last + 1,
                    "spared": one.spared, "served": one.served, "text": teller.marginal(one)} for one in found.marginals],
        "mends": teller.mends(found.short_of, found.mends),
    }  # fmt: skip


def _fan_json(one: Fan) -> dict[str, list[float]]:
    return {"low": one.low.round(6).tolist(), "mid": one.mid.round(6).tolist(), "high": one.high.round(6).tolist()}


def _judged_json(one: Judged, teller: Teller) -> dict[str, Any]:
    return {
        "replications": one.replications,
        "share": _fan_json(one.share), "served": _fan_json(one.served), "waiting": _fan_json(one.waiting), "money": _fan_json(one.money),
        "money_by_kind": {kind: list(spread) for kind, spread in one.money_by_kind.items()},
        "chances": [{"share": target.share, "month": target.month + 1, "chance": chance} for target, chance in one.chances],
        "breaks": [{"what": each.what, "name": each.name, "place": each.place, "share": each.share, "month": each.month + 1,
                    "text": teller.broken(each)} for each in one.breaks],
        "breaks_often": one.breaks_often,
        "regions": [{"place": each.place, "asked": list(each.asked), "served_by": list(each.served_by), "served": list(each.served),
                     "waiting": list(each.waiting)} for each in one.places],
        "ways": [{"complexity": each.complexity, "model": each.model, "help": each.help, "people": each.people} for each in one.ways],
    }  # fmt: skip


def _compared_json(one: Compared) -> dict[str, Any]:
    return {
        "first": one.first, "second": one.second, "months": [month + 1 for month in one.months],
        "difference": [list(spread) for spread in one.difference], "ahead": list(one.ahead), "dearer": list(one.dearer),
    }  # fmt: skip
