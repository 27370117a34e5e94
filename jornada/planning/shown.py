"""Scenarios, runs and initiatives as pages show them: the two charts of the guide, own values by place, Gantt rows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jornada.domain.planning import editing
from jornada.domain.planning.catalogue import Help, Strategy
from jornada.domain.planning.figures import Figure
from jornada.domain.planning.scenario import Scenario
from jornada.domain.planning.telling import Teller
from jornada.planning.models import ScenarioRun
from jornada.planning.selectors import Standing

SURE = {
    "A": "official, seen", "B": "reputable, seen", "C": "computed", "R": "recalled: verify",
    "D": "judgement: overwrite",
}  # fmt: skip
SOON = timedelta(days=60)
GROUPS = {
    "work": "Work", "clinic": "Clinic days", "pay": "Pay", "yield": "What is filed", "referral": "Referrals",
    "fees": "Fees", "demand": "Who asks", "requests": "Who asks",
}  # fmt: skip


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Number:
    """One number of the pack as the editor shows it. A shared one is only named where it is used, and links home."""

    path: str
    label: str
    shown: str
    sure: str
    source: str
    change: Any = None
    shared: bool = False
    unit: str = ""

    @property
    def anchor(self) -> str:
        return self.path.replace(".", "-")

    @property
    def certainty(self) -> str:
        return " and ".join(SURE.get(one, one) for one in self.sure.split("/"))


class Charts:
    """The numbers of a scenario laid out as the guide's two charts, and the rest by subject."""

    def __init__(self, scenario: Scenario, language: str = "en") -> None:
        self.scenario, self.teller = scenario, Teller(scenario, language)

    def number(self, path: str, label: str = "", *, shared: bool = False) -> Number:
        figure = self.scenario.figures[path]
        return Number(
            path, label or self.teller.number(path), figure.said(), _sure(figure),
            "; ".join(one.title for one in figure.sources), figure.change, shared, figure.unit,
        )  # fmt: skip

    def _own_or_shared(self, path: str, label: str, own: str) -> Number:
        return self.number(path, label, shared=not path.startswith(own))

    def strategies(self) -> list[dict[str, Any]]:
        """Chart 2 of the guide: each strategy with its time to start, what it gives and takes, chance, cost, limits."""
        return [self._strategy(one) for one in self.scenario.catalogue.strategies.values()]

    def _strategy(self, one: Strategy) -> dict[str, Any]:
        own = f"strategies.{one.id}."
        columns = {
            "time": [("to prepare", one.prepare), *_leads(one)],
            "steps": [(self.teller.text(f"stages.{stage.name}"), stage.months) for stage in one.stages],
            "gives": list(self._yields(one)),
            "chance": [("succeeds", one.success), ("leave in a year", one.leaves)],
            "cost": [("to start", one.cost_start), ("running", one.cost_monthly.number if one.cost_monthly else "")],
            "most": [("a month", one.most_per_month), ("in all", one.most_in_all)],
        }  # fmt: skip
        return {
            "id": one.id,
            "name": self.teller.strategy(one.id),
            "unit": self.teller.text(f"units.{one.unit}"),
            "begins": self._begins(one),
            "lasts": one.lasts,
            "needs": [self.teller.text(f"resources.{name}") for name in one.needs],
            "rules": [self.teller.text(f"rules.{name}") for name in one.rules],
            "used": one.id not in self.scenario.not_used,
            **{name: [self._own_or_shared(path, label.replace("_", " "), own) for label, path in pairs if path]
               for name, pairs in columns.items()},
        }  # fmt: skip

    def _yields(self, one: Strategy) -> Iterator[tuple[str, str]]:
        for phase in one.phases:
            for name, amount in phase.gives.items():
                yield self.teller.text(f"resources.{name}"), amount.number
            for name, amount in phase.takes.items():
                yield f"takes {self.teller.text(f'resources.{name}')}", amount.number
            for label, extra in (("frees", phase.frees), ("pays fees", phase.pays_fees)):
                if extra:
                    yield label, extra.number

    def _begins(self, one: Strategy) -> str:
        """When it may begin, from the calendars."""
        catalogue = self.scenario.catalogue
        if one.programme:
            programme = catalogue.programmes[one.programme]
            due, starts = (date(2001, *day) for day in (programme.due, programme.starts))
            return f"due {due:%B %-d}, starts {starts:%B %-d}{' of the next year' if programme.years_later else ''}"
        if one.season:
            return " or ".join(
                f"{date(2001, month, 1):%B}" for month in sorted(catalogue.seasons[one.season].begins)
            )
        return "any time"

    def models(self) -> list[dict[str, Any]]:
        """Chart 1 of the guide: delivery models, who does the work, effort, what is filed of it."""
        catalogue = self.scenario.catalogue
        return [
            {
                "name": self.teller.text(f"models.{model.id}"),
                "levels": [self.teller.text(f"complexities.{name}") for name in catalogue.complexities
                           if name in model.complexities],
                "months": model.liability_months,
                "help": [self._help(one) for one in catalogue.help.values() if one.model == model.id],
            }
            for model in catalogue.models.values()
        ]  # fmt: skip

    def _help(self, one: Help) -> dict[str, Any]:
        own = f"help.{one.id}."
        effort = [("cases", one.cases), ("hours", one.hours), ("cost", one.per_case)]
        return {
            "name": self.teller.text(f"help.{one.id}"),
            "draws_on": self.teller.text(f"resources.{one.draws_on}"),
            "levels": [self.teller.text(f"complexities.{name}") for name in self.scenario.catalogue.complexities
                       if name in one.serves],
            "effort": [self._own_or_shared(path, label, own) for label, path in effort if path],
            "filed": [self._own_or_shared(path, self.teller.number(path), own) for path in one.filed],
            "rules": [self.teller.text(f"rules.{name}") for name in one.rules],
        }  # fmt: skip

    def shared(self) -> list[tuple[str, list[Number]]]:
        """Numbers that several strategies and models stand on, by subject."""
        found: dict[str, list[Number]] = {}
        for path in self.scenario.figures:
            group = GROUPS.get(path.split(".")[0])
            if group and path.count(".") == 1:
                found.setdefault(group, []).append(self.number(path))
        return list(found.items())


def _leads(one: Strategy) -> list[tuple[str, str]]:
    return [(phase.name, phase.after.number) for phase in one.phases if phase.after]


def _sure(figure: Figure) -> str:
    return "/".join(dict.fromkeys(part for one in figure.sources for part in one.certainty.split("/")))


# ── The scenario's own values ─────────────────────────────────────────────────────────────────────────────

_TITLE = re.compile(r'role-title-text".*?<text[^>]*>([^<]*)</text>', re.DOTALL)
_PARTS = {
    "policy": "Program", "requests": "Requests", "regions": "Places and people", "funds": "Money", "limits": "Limits",
    "aims": "Aims and who comes first", "plans": "Plans made by hand",
}  # fmt: skip
_ALONE = "Span"


def own_values(text: str, scenario: Scenario | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """Every value that stands in the scenario itself, by subject, each named by where it stands."""
    values = [one for one in editing.values(text) if one.path[0] != editing.NUMBERS]
    listed = [one for one in values if one.path[-1] != "id"]
    names = {one.path[:-1]: one.written for one in values if one.path[-1] in ("id", "strategy")}
    regions = {one.path[:2] for one in values if one.path[0] == "regions"}
    found: dict[str, list[dict[str, Any]]] = {}
    for one in listed:
        group = _PARTS.get(str(one.path[0]), _ALONE)
        if one.path[0] == "regions" and len(regions) > 1:
            group = f"{group}: {names.get(one.path[:2], '').replace('_', ' ')}"
        row = {"where": one.where, "label": _label(one, names, scenario), "written": one.written, "line": one.line,
               "anchor": one.where.replace("/", "-")}  # fmt: skip
        found.setdefault(group, []).append(row)
    return list(found.items())


MANY_VALUES = 150


def parts_shown(
    groups: list[tuple[str, list[dict[str, Any]]]], wanted: str, editing_at: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    """All groups of values, or of very many only the one that is wanted or edited, the first if none is."""
    if sum(len(rows) for _, rows in groups) <= MANY_VALUES:
        return groups
    edited = (group for group in groups if any(row["where"] == editing_at for row in group[1]))
    named = (group for group in groups if group[0] == wanted)
    return [next(edited, None) or next(named, groups[0])]


def _label(one: editing.Value, names: Mapping[Any, str], scenario: Scenario | None) -> str:
    parts = []
    for place, part in enumerate(one.path):
        here = one.path[: place + 1]
        parts.append(
            names.get(here) or (f"no. {part + 1}" if isinstance(part, int) else _word(str(part), scenario))
        )
    told = parts[1:] if str(one.path[0]) in _PARTS else parts
    return " › ".join(part.replace("_", " ") for part in told or parts)


def _word(part: str, scenario: Scenario | None) -> str:
    if scenario is None:
        return part
    texts = Teller(scenario, "en").texts
    known = (texts.get(f"{kind}.{part}") for kind in ("resources", "languages", "complexities"))
    return next((one for one in known if one), part)


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────────────────

STAGES = {
    "": "waits for the worker", "searching": "searches the best plan", "judging": "lives every plan through",
    "tornado": "looks what the plan hangs on", "drawing": "draws the charts",
}  # fmt: skip


def progress(run: ScenarioRun) -> dict[str, Any]:
    """Where a run is, in words and as a share of its present step."""
    known = run.progress
    gap = known.get("gap")
    return {
        "stage": STAGES.get(run.stage, run.stage),
        "done": round(100 * known.get("done", 0.0)),
        "seconds": known.get("seconds"),
        "starts": known.get("starts") or len(run.best),
        "gap": "no proof yet" if gap is None or gap >= 10 else f"at most {max(0.0, gap):.1%} missing",
    }


A_YEAR = timedelta(days=366)


def decisions(
    run: ScenarioRun, language: str, on: date, begun: Iterable[Standing] = ()
) -> dict[str, list[dict[str, Any]]]:
    """What to decide now (within two months, or overdue) and later, with the initiatives that were begun from it."""
    going = {
        (one.initiative.strategy, one.initiative.place, one.initiative.serves_from): one for one in begun
    }
    rows = [_decision(run, one, on, going) for one in run.told[language]["decisions"]]
    return {
        "now": [row for row in rows if row["on"] <= on + SOON],
        "later": [row for row in rows if row["on"] > on + SOON],
    }


def _decision(
    run: ScenarioRun, one: Mapping[str, Any], on: date, going: Mapping[tuple[Any, ...], Standing]
) -> dict[str, Any]:
    """A decision with the starts that are still open, as (number in the plan, where and how many)."""
    day = date.fromisoformat(one["day"])
    initiatives, still_open = [], []
    for number, words in zip(one["starts"], one["places"], strict=True):
        start = run.figures["plan"][number]
        key = (start["strategy"], start["place"], date.fromisoformat(start["first_service"]))
        if key in going:
            initiatives.append({"standing": going[key], "words": words})
        else:
            still_open.append((number, words))
    soon = day <= on + A_YEAR
    return {**one, "on": day, "late": day < on, "begun": initiatives, "open": still_open if soon else []}


CHARTS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("gantt", "What to begin when", ("plan",)),
    ("fan_served", "People served", ("by_month",)),
    ("fan_waiting", "People waiting", ()),
    ("fan_money", "Money", ()),
    ("sankey", "Who is served by whom", ("ways",)),
    ("regions", "Regions", ("regions",)),
    ("tornado", "What the outcome hangs on", ("hangs_on",)),
)
"""Charts in the order of the page, each with the tables that stand below it; `by_month` is one for each plan."""


def charts(run: ScenarioRun, pictures: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    """Each chart with its tables, ready for the page."""
    told = run.told[language]
    found = []
    for kind, title, tables in CHARTS:
        names = [name for wanted in tables for name in told["tables"] if _belongs(name, wanted)]
        below = [_cut({**told["tables"][name], "name": _caption(name, told)}) for name in names]
        if kind in pictures or below:
            found.append(
                {
                    "kind": kind,
                    "title": title,
                    "svg": pictures.get(kind, ""),
                    "tables": [_rounded(one) for one in below],
                }
            )
    return found


MOST_ROWS = 120
"""Rows of a table on a page; the spreadsheet has all."""


def _cut(table: Mapping[str, Any]) -> dict[str, Any]:
    return {**table, "rows": table["rows"][:MOST_ROWS], "more": max(0, len(table["rows"]) - MOST_ROWS)}


def _belongs(name: str, wanted: str) -> bool:
    return name == wanted or (wanted == "by_month" and name.startswith("by_month_"))


def _caption(name: str, told: Mapping[str, Any]) -> str:
    plan = name.removeprefix("by_month_")
    return str(told["names"].get(plan, "")) if plan != name else ""


def _rounded(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with numbers as people read them, and low, middle and high of a measure in one cell."""
    head = [str(one) for one in table["head"]]
    rows = [[cell(value, head[place]) for place, value in enumerate(row)] for row in table["rows"]]
    spans = list(_together(head))
    return {
        **table,
        "head": [name for name, _ in spans],
        "rows": [[" / ".join(row[place] for place in places) for _, places in spans] for row in rows],
    }


def _together(head: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Columns that belong together: three in a row whose heads are alike up to their last comma."""
    place = 0
    while place < len(head):
        name = head[place].rpartition(", ")[0]
        three = head[place : place + 3]
        if name and len(three) == 3 and all(one.rpartition(", ")[0] == name for one in three):
            yield name, (place, place + 1, place + 2)
            place += 3
        else:
            yield head[place], (place,)
            place += 1


def cell(value: Any, head: str) -> str:
    """A number as people read it: shares in percent, people and dollars whole."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if any(part in head.lower() for part in _SHARES):
        return f"{value:.0%}"
    if value == int(value) or abs(value) >= 20:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


_SHARES = ("share", "parte", "proporción", "at its", "en su")


def result_of(run: ScenarioRun, plan: str, language: str) -> dict[str, Any] | None:
    """How one plan of a run came out."""
    results = run.told.get(language, {}).get("results", [])
    return next((one for one in results if one["name"] == plan), None)


# ── Initiatives ───────────────────────────────────────────────────────────────────────────────────────────


def initiative_row(standing: Standing, teller: Teller, on: date) -> dict[str, Any]:
    """An initiative in a line: planned and real first day, what it was to give and what it gives."""
    one = standing.initiative
    carried = max((given.amount for given in standing.yields), default=0)
    return {
        "standing": standing,
        "name": teller.strategy(one.strategy),
        "place": teller.place(one.place),
        "planned": sum(given["files"] for given in one.gives.values()),
        "real": carried,
        "days": (standing.fruit_on - one.serves_from).days if standing.fruit_on else None,
        "late": standing.late(on),
        "next": teller.text(f"stages.{standing.next_step.name}") if standing.next_step else "",
    }


def served_so_far(by_month: Mapping[date, int], start: date, months: int, on: date) -> list[int]:
    """Packets filed since the plan's first month, added up month by month, up to this month."""
    found, total = [], 0
    for place in range(months):
        year, month = divmod(start.year * 12 + start.month - 1 + place, 12)
        first = date(year, month + 1, 1)
        if first > on:
            break
        total += by_month.get(first, 0)
        found.append(total)
    return found


REAL = "planned-and-real"
"""The chart of people served as planned and in fact: it grows, so it is drawn when asked for."""


def planned_and_real(
    run: ScenarioRun, scenario: Scenario, filed: Mapping[date, int], on: date
) -> dict[str, Any]:
    """People served as a run's best plan expects it and those who were, month by month until this one."""
    judged = run.figures["judged"]
    plan = "optimised" if "optimised" in judged else next(iter(judged), "")
    if not plan:
        return {}
    served = judged[plan]["served"]
    real = served_so_far(filed, scenario.start, scenario.months, on)
    rows = [
        {"month": place + 1, "day": scenario.first_of(place), "real": people,
         **{line: served[line][place] for line in ("low", "mid", "high")}}
        for place, people in enumerate(real)
    ]  # fmt: skip
    return {"run": run, "served": served, "real": real, "rows": rows}


def title_of(svg: str) -> str:
    """The title that is drawn over a chart; empty where there is none."""
    found = _TITLE.search(svg)
    return html.unescape(found[1]) if found else ""
