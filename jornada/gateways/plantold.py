"""What a run found, told once for pages, board papers and spreadsheets: words, tables and charts in a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jornada.domain.planning import timetable
from jornada.domain.planning.judging import Fan, best_in_mean_but_breaks
from jornada.domain.planning.telling import Teller
from jornada.gateways import charts, planreports
from jornada.gateways.planreports import Report, plain
from jornada.gateways.planruns import Found

RARE = planreports.RARE


def _report(found: Found, language: str) -> Report:
    return Report(found.scenario, Teller(found.scenario, language), found.judged, found.optimised, found.bars)


def numbers(found: Found) -> dict[str, Any]:
    """Everything that was found, plain, as `jornada plan --json` has it; every comparison among it."""
    compared = [plain(one) for one in found.compared]
    return planreports.as_json(_report(found, found.scenario.catalogue.languages[0])) | {"compared": compared}


def pictures(found: Found, language: str) -> list[tuple[str, str]]:
    """The charts by kind, SVG."""
    return list(planreports.pictures(_report(found, language)))


def overlay(teller: Teller, plans: Mapping[str, Mapping[str, Any]], kind: str, replications: int) -> str:
    """A fan chart of plans that several runs kept: by a name for each, its fan as `numbers` has it."""
    fans = {
        name: Fan(*(np.array(one[line]) for line in ("low", "mid", "high"))) for name, one in plans.items()
    }
    return charts.fan(teller, fans, kind, replications)


def planned_and_real(teller: Teller, served: Mapping[str, Any], real: Sequence[int]) -> str:
    """People served as a run expects it, as a band, and those who were, as a line with points."""
    fan = Fan(*(np.array(served[line]) for line in ("low", "mid", "high")))
    return charts.planned_and_real(teller, fan, real)


def told(found: Found, language: str) -> dict[str, Any]:
    """Words and tables, plain enough to be kept: what to decide by when, how good, what binds, what breaks."""
    report = _report(found, language)
    teller = report.teller
    risky = best_in_mean_but_breaks([*found.judged.values()])
    return {
        "supposed": supposed(teller),
        "judgement": judgement(teller),
        "how_good": planreports.how_good(found.optimised, teller) if found.optimised else "",
        "risky": teller.text("breaks.best_but", name=teller.plan(risky.plan.name)) if risky else "",
        "decisions": list(_decisions(report)),
        "mends": teller.mends(found.optimised.short_of, found.optimised.mends) if found.optimised else [],
        "marginals": [teller.marginal(one) for one in found.optimised.marginals] if found.optimised else [],
        "results": list(_results(report)),
        "differences": list(_differences(found, teller)),
        "tables": {name: {"head": list(head), "rows": plain([list(row) for row in rows])}
                   for name, head, rows in planreports.tables(report)},
        "names": {name: teller.plan(name) for name in found.judged},
    }  # fmt: skip


def supposed(teller: Teller) -> str:
    """Which state of the program the scenario supposes and why; which one is reported, and as of when."""
    scenario = teller.scenario
    state, known = (
        teller.text(f"policy.{one}") for one in (scenario.supposed_state, scenario.catalogue.known_state)
    )
    return teller.text(
        "summary.supposed",
        state=state,
        why=scenario.supposed_why,
        known=known,
        day=scenario.catalogue.known_as_of,
    )


def judgement(teller: Teller) -> str:
    """Who comes first, as somebody decided, with who, when and why."""
    judged = teller.scenario.aims.judgement
    weights = ", ".join(
        f"{teller.text(f'complexities.{name}')} {weight:g}" for name, weight in judged.weights.items()
    )
    order = teller.text(f"orders.{judged.order}")
    return teller.text(
        "summary.judgement", weights=weights, order=order, who=judged.who, day=judged.on, why=judged.why
    )


def _decisions(report: Report) -> Iterator[dict[str, Any]]:
    """What is to be decided, a sentence each, in the order of the days; `starts` says which of the plan's it is."""
    shown, teller = report.plan(), report.teller
    alike: dict[tuple[Any, ...], list[int]] = {}
    entries = timetable.entries(shown, report.scenario) if shown is not None else ()
    for place, one in enumerate(entries):
        alike.setdefault((one.decide_by, one.strategy, one.first_service), []).append(place)
    for (day, strategy, _), starts in alike.items():
        told = [entries[place] for place in starts]
        yield {
            "text": teller.decision(*told),
            "day": day.isoformat(),
            "strategy": teller.strategy(strategy),
            "starts": starts,
            "places": [f"{teller.place(one.place)}: {one.units}" for one in told],
        }


def _results(report: Report) -> Iterator[dict[str, Any]]:
    """How each plan came out: served by the date, money, chance of each target, where it breaks."""
    teller = report.teller
    for name, one in report.judged.items():
        share = [float(line[one.served_by]) for line in (one.share.low, one.share.mid, one.share.high)]
        yield {
            "name": name,
            "plan": teller.plan(name),
            "by": one.served_by + 1,
            "share": share,
            "served": [round(float(line[-1])) for line in (one.served.low, one.served.mid, one.served.high)],
            "waiting": [round(float(line[-1])) for line in (one.waiting.low, one.waiting.mid, one.waiting.high)],
            "money": [round(float(line[-1])) for line in (one.money.low, one.money.mid, one.money.high)],
            "chances": [{"share": target.share, "month": target.month + 1, "chance": chance}
                        for target, chance in one.chances],
            "verdict": teller.verdict(one),
            "breaks_often": one.breaks_often,
            "breaks": [teller.broken(each) for each in one.breaks if each.share > RARE],
        }  # fmt: skip


def _differences(found: Found, teller: Teller) -> Iterator[dict[str, Any]]:
    for one in found.compared:
        yield {"first": one.first, "second": one.second, "lines": list(planreports.difference(one, teller))}
