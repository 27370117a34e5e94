"""Pictures of plans as SVG, made here and not in a browser: they print, need no script, and each has its table.

Colours are told apart by people who see fewer of them and in grey print; nothing is said by colour alone. Texts
come in the language asked, through a `Teller`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from jornada.domain.planning.judging import Bar, Fan, Judged
from jornada.domain.planning.scenario import Scenario
from jornada.domain.planning.telling import Teller
from jornada.domain.planning.timetable import Entry
from jornada.gateways.drawing import INK, data, svg

# Okabe and Ito's colours, dark enough for print, in an order whose greys differ.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000", "#999999")
LINE = "#666666"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 1])
WIDTH = 640
LEGEND_OF_LINES = alt.Legend(
    title=None,
    symbolType="stroke",
    symbolSize=700,
    symbolStrokeWidth=2.2,
    symbolFillColor="transparent",
    symbolOpacity=1,
)
ROWS_AT_MOST = 40
STANDINGS, SHAPES = ("reached", "nearly", "missed"), "●▲■"
"""How a region stands against the target: words of the pack, and the shapes that say the same without colour."""


# --- fans -------------------------------------------------------------------------------------------


def fan(teller: Teller, measures: Mapping[str, Fan], kind: str, replications: int) -> str:
    """One or more plans' spread by month: the middle as a line of its own dash, tenth to ninetieth as a band."""
    rows = [
        {
            "plan": teller.plan(name),
            "month": month + 1,
            "low": float(one.low[month]),
            "mid": float(one.mid[month]),
            "high": float(one.high[month]),
        }
        for name, one in measures.items()
        for month in range(len(one.mid))
    ]
    shares = kind == "served"
    axis = alt.Axis(format="%" if shares else "~s", title=teller.label("share_served" if shares else kind))
    names = [teller.plan(name) for name in measures]
    colours = alt.Scale(domain=names, range=[COLOURS[place % len(COLOURS)] for place in range(len(names))])
    month = alt.X(
        "month:Q",
        title=teller.label("month"),
        axis=alt.Axis(tickMinStep=1),
        scale=alt.Scale(nice=False, zero=False),
    )
    # Without room at the top a line at 100 percent would hide in the frame.
    y = alt.Scale(domain=[0, 1.02]) if shares else alt.Scale(zero=True)
    base = alt.Chart(data(rows)).encode(x=month)
    # One channel for band and line: a legend that one layer switches off would be off for all of them.
    colour = alt.Color("plan:N", scale=colours, legend=LEGEND_OF_LINES)
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", axis=axis, scale=y), y2="high:Q", color=colour
    )
    dashes = alt.Scale(domain=names, range=[DASHES[place % len(DASHES)] for place in range(len(names))])
    line = base.mark_line(strokeWidth=2.2).encode(
        y=alt.Y("mid:Q", axis=axis, scale=y),
        color=colour,
        strokeDash=alt.StrokeDash("plan:N", scale=dashes, legend=LEGEND_OF_LINES),
    )
    title = teller.label(f"fan_{kind}", replications=f"{replications:,}")
    return svg((band + line).properties(width=WIDTH, height=280), title)


def planned_and_real(teller: Teller, planned: Fan, real: Sequence[int]) -> str:
    """People served by month: what was planned as a dashed line in its band, what was reached as points on a line."""
    names = [teller.label("as_planned"), teller.label("in_fact")]
    rows = [
        {"kind": names[0], "month": month + 1, "low": float(planned.low[month]), "mid": float(planned.mid[month]),
         "high": float(planned.high[month])}
        for month in range(len(planned.mid))
    ]  # fmt: skip
    reached = [
        {"kind": names[1], "month": month + 1, "mid": float(people)} for month, people in enumerate(real)
    ]
    month = alt.X(
        "month:Q",
        title=teller.label("month"),
        axis=alt.Axis(tickMinStep=1),
        scale=alt.Scale(nice=False, zero=False),
    )
    y = alt.Y("mid:Q", title=teller.label("served"))
    band = (
        alt.Chart(data(rows))
        .mark_area(opacity=0.18, color=COLOURS[0])
        .encode(x=month, y="low:Q", y2="high:Q")
    )
    lines = alt.Chart(data([*rows, *reached])).encode(x=month, y=y)
    colours = alt.Scale(domain=names, range=[COLOURS[0], COLOURS[3]])
    dashes = alt.Scale(domain=names, range=[[6, 3], [1, 0]])
    drawn = lines.mark_line(strokeWidth=2.2).encode(
        color=alt.Color("kind:N", scale=colours, legend=LEGEND_OF_LINES),
        strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=LEGEND_OF_LINES),
    )
    points = (
        alt.Chart(data(reached or rows[:0]))
        .mark_point(filled=True, size=60, color=COLOURS[3])
        .encode(x=month, y=y)
    )
    return svg((band + drawn + points).properties(width=WIDTH, height=240), teller.label("planned_and_real"))


# --- gantt ------------------------------------------------------------------------------------------


def gantt(teller: Teller, scenario: Scenario, entries: Sequence[Entry]) -> str:
    """What to begin when: a thin line while it is prepared, a bar while it works, units written at its start."""
    rows = list(_bars(teller, entries))
    if not rows:
        rows = [
            {
                "row": teller.label("nobody"),
                "from": scenario.start.isoformat(),
                "to": scenario.start.isoformat(),
                "part": "working",
                "units": "",
                "order": 0,
            }
        ]
    kinds = [teller.label("preparing"), teller.label("working")]
    order = alt.EncodingSortField("order", op="min", order="ascending")
    base = alt.Chart(data(rows)).encode(
        x=alt.X("from:T", title=None, axis=alt.Axis(format="%Y-%m", labelAngle=-40)),
        x2="to:T",
        y=alt.Y("row:N", title=None, sort=order),
    )
    colour = alt.Color("part:N", title=None, scale=alt.Scale(domain=kinds, range=[COLOURS[1], COLOURS[0]]))
    preparing = base.transform_filter(alt.datum.part == kinds[0]).mark_bar(size=4).encode(color=colour)
    working = (
        base.transform_filter(alt.datum.part == kinds[1])
        .mark_bar(size=13, stroke="white")
        .encode(color=colour)
    )
    text = base.transform_filter(alt.datum.part == kinds[1]).mark_text(
        align="left", dx=3, fontSize=9, color="white"
    )
    height = max(60, 20 * len({row["row"] for row in rows}))
    layers = (preparing + working + text.encode(text="units:N")).properties(width=WIDTH, height=height)
    return svg(layers, teller.label("gantt"))


@dataclass
class _Run:
    """Starts of one strategy in one place in months that touch."""

    decide_by: date
    first: date
    until: date
    units: int


def _bars(teller: Teller, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Starts that touch as one bar; without places if there would be more rows than a page holds."""
    with_places = len({(one.strategy, one.place) for one in entries}) <= ROWS_AT_MOST
    several = len({one.place for one in entries}) > 1
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for one in sorted(entries, key=lambda entry: entry.first_service):
        grouped.setdefault((one.strategy, one.place if with_places and several else ""), []).append(one)
    ordered = sorted(grouped.items(), key=lambda item: min(one.decide_by for one in item[1]))
    for order, ((strategy, place), ones) in enumerate(ordered):
        row = teller.strategy(strategy) + (f" ({teller.place(place)})" if place else "")
        for run in _runs(ones):
            common = {"row": row, "order": order}
            yield {
                **common,
                "from": run.decide_by.isoformat(),
                "to": run.first.isoformat(),
                "part": teller.label("preparing"),
                "units": "",
            }
            yield {
                **common,
                "from": run.first.isoformat(),
                "to": run.until.isoformat(),
                "part": teller.label("working"),
                "units": str(run.units),
            }


def _runs(entries: Sequence[Entry]) -> list[_Run]:
    runs: list[_Run] = []
    for one in entries:
        if runs and one.first_service <= runs[-1].until:
            last = runs[-1]
            last.until, last.units = max(last.until, one.until), last.units + one.units
        else:
            runs.append(_Run(one.decide_by, one.first_service, one.until, one.units))
    return runs


# --- sankey -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    column: int
    name: str
    top: float
    size: float


def sankey(teller: Teller, judged: Judged) -> str:
    """People by level of their file → delivery model → who serves them; widths are people, numbers are written."""
    columns = (
        _summed((one.complexity, one.people) for one in judged.ways),
        _summed((one.model, one.people) for one in judged.ways),
        _summed((one.help, one.people) for one in judged.ways),
    )
    total = sum(columns[0].values()) or 1.0
    gap = 0.05 * total
    nodes = {
        (place, name): node
        for place, column in enumerate(columns)
        for name, node in _placed(place, column, gap)
    }
    links = list(_links(judged, nodes))
    ribbons = alt.Chart(data(links or [{"x": 0, "low": 0, "high": 0, "link": "", "from": ""}])).mark_area(
        interpolate="monotone", opacity=0.45
    )
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(domain=[-0.35, 2.75]))
    y = alt.Scale(reverse=True)
    shown = ribbons.encode(
        x=x,
        y=alt.Y("low:Q", axis=axis, scale=y),
        y2="high:Q",
        detail="link:N",
        color=alt.Color("from:N", legend=None, scale=alt.Scale(range=list(COLOURS)), sort=None),
    )
    boxes = alt.Chart(data([_box(teller, node) for node in nodes.values()]))
    bars = boxes.mark_rect(color=INK).encode(
        x=alt.X("x:Q", axis=axis), x2="x2:Q", y=alt.Y("top:Q", axis=axis, scale=y), y2="end:Q"
    )
    names = boxes.mark_text(align="left", dx=6, fontSize=11, color=INK).encode(
        x="x2:Q", y=alt.Y("middle:Q", scale=y), text="text:N"
    )
    return svg((shown + bars + names).properties(width=WIDTH + 120, height=360), teller.label("sankey"))


def _summed(pairs: Iterator[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, people in pairs:
        found[name] = found.get(name, 0.0) + people
    return found


def _placed(column: int, sizes: Mapping[str, float], gap: float) -> Iterator[tuple[str, _Node]]:
    top = 0.0
    for name, size in sizes.items():
        yield name, _Node(column, name, top, size)
        top += size + gap


def _box(teller: Teller, node: _Node) -> dict[str, Any]:
    kind = ("complexities", "models", "help")[node.column]
    text = f"{teller.text(f'{kind}.{node.name}')}: {node.size:,.0f}"
    return {
        "x": node.column,
        "x2": node.column + 0.04,
        "top": node.top,
        "end": node.top + node.size,
        "middle": node.top + node.size / 2,
        "text": text,
    }


def _links(judged: Judged, nodes: Mapping[tuple[int, str], _Node]) -> Iterator[dict[str, Any]]:
    """Ribbons between two columns, each at eleven places from left to right."""
    used: dict[tuple[int, str, str], float] = {}
    pairs = [
        _summed((f"{one.complexity}\t{one.model}", one.people) for one in judged.ways),
        _summed((f"{one.model}\t{one.help}", one.people) for one in judged.ways),
    ]
    for column, flows in enumerate(pairs):
        for flow, people in flows.items():
            source, target = flow.split("\t")
            left, right = nodes[column, source], nodes[column + 1, target]
            start = left.top + used.get((column, source, "out"), 0.0)
            end = right.top + used.get((column + 1, target, "in"), 0.0)
            used[column, source, "out"] = used.get((column, source, "out"), 0.0) + people
            used[column + 1, target, "in"] = used.get((column + 1, target, "in"), 0.0) + people
            for step in range(11):
                along = step / 10
                bent = along * along * (3 - 2 * along)
                low = start + (end - start) * bent
                yield {
                    "x": column + 0.04 + 0.96 * along,
                    "low": low,
                    "high": low + people,
                    "link": flow,
                    "from": source,
                }


# --- regions, tornado -------------------------------------------------------------------------------


def regions(teller: Teller, judged: Judged, target: float | None = None) -> str:
    """Each region's share served: a shape for the middle, which says how it stands, a line from tenth to ninetieth."""
    names = [teller.label(one) for one in STANDINGS]
    rows = [
        {
            "region": f"{teller.place(one.place)} ({one.asked[1]:,.0f})",
            "low": one.served_by[0],
            "mid": one.served_by[1],
            "high": one.served_by[2],
            "stands": names[standing(one.served_by[1], target)],
        }
        for one in judged.places
    ]
    base = alt.Chart(data(rows)).encode(y=alt.Y("region:N", title=None, sort=None))
    axis = alt.Axis(format="%", title=teller.label("share_served"))
    lines = base.mark_rule(strokeWidth=2, color=LINE).encode(
        x=alt.X("low:Q", axis=axis, scale=alt.Scale(domain=[0, 1])), x2="high:Q"
    )
    points = base.mark_point(size=130, filled=True, opacity=1).encode(
        x=alt.X("mid:Q", axis=axis),
        shape=alt.Shape(
            "stands:N", title=None, scale=alt.Scale(domain=names, range=["circle", "triangle-up", "square"])
        ),
        color=alt.Color(
            "stands:N", title=None, scale=alt.Scale(domain=names, range=[COLOURS[2], COLOURS[1], COLOURS[3]])
        ),
    )
    title = teller.label("regions", month=judged.served_by + 1)
    return svg((lines + points).properties(width=WIDTH, height=max(60, 26 * len(rows))), title)


def standing(share: float, target: float | None) -> int:
    """Where a share stands against a target (nine tenths if none is set): 0 reached, 1 near it, 2 missed."""
    wanted = target or 0.9
    return 0 if share >= wanted else 1 if share >= 0.85 * wanted else 2


def tornado(teller: Teller, bars: Sequence[Bar], month: int, shown: int = 12) -> str:
    """What the outcome hangs on, widest first: each number at its low and at its high, with the numbers written."""
    names = [teller.label("at_low"), teller.label("at_high")]
    rows = [
        {
            "number": teller.number(bar.path),
            "from": bar.at_low if end == 0 else bar.at_high,
            "end": names[end],
            "middle": (bar.at_low + bar.at_high) / 2,
            "text": f"{(bar.low, bar.high)[end]:.4g}",
        }
        for bar in bars[:shown]
        for end in (0, 1)
    ]
    axis = alt.Axis(format="%", title=teller.label("share_served"))
    base = alt.Chart(data(rows)).encode(y=alt.Y("number:N", title=None, sort=None))
    x = alt.X("from:Q", axis=axis, scale=alt.Scale(zero=False, padding=30))
    bar = base.mark_bar(size=12).encode(
        x=x,
        x2="middle:Q",
        color=alt.Color("end:N", title=None, scale=alt.Scale(domain=names, range=[COLOURS[1], COLOURS[0]])),
    )
    left = base.transform_filter("datum.from < datum.middle").mark_text(
        align="right", dx=-4, fontSize=10, color=INK
    )
    right = base.transform_filter("datum.from >= datum.middle").mark_text(
        align="left", dx=4, fontSize=10, color=INK
    )
    layers = bar + left.encode(x=x, text="text:N") + right.encode(x=x, text="text:N")
    title = teller.label("tornado", month=month + 1)
    return svg(layers.properties(width=WIDTH, height=max(60, 24 * min(len(bars), shown))), title)
