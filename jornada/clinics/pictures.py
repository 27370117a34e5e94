"""Pictures of a clinic day as SVG: lines by station, what more people would change, who sits where.

Each stands beside a table that says the same. Nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jornada.clinics.selectors import DayOf
from jornada.domain.clinic.day import clock
from jornada.domain.clinic.forecast import Forecast
from jornada.domain.clinic.schedule import Post
from jornada.gateways.drawing import INK, data, svg

WIDTH = 640
BAND = "#0072B2"
FILLS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#666666", "#B0B0B0")
AXIS_OF_DAY = "(datum.value - datum.value % 60) / 60 + ':' + pad(datum.value % 60, 2, '0', 'left')"
"""Minutes after midnight as a time of day, on an axis."""


def _by_day(title: str, begins: float, ends: float) -> Any:
    import altair as alt

    values = list(range(int(begins) // 60 * 60, int(ends) + 60, 60))
    axis = alt.Axis(title=title, values=values, labelExpr=AXIS_OF_DAY)
    return {"axis": axis, "scale": alt.Scale(domain=[values[0], values[-1]])}


def lines(of: DayOf, found: Forecast) -> str:
    """How many people stand in line at each station over the day: the middle, and eight days in ten around it."""
    import altair as alt

    rows = [
        {"station": of.said(f"stations.{one.station}"), "at": at, "low": there.low, "mid": there.mid,
         "high": there.high}
        for one in found.stations
        for at, there in zip(found.times, one.line, strict=True)
        if any(spread.high for spread in one.line)
    ]  # fmt: skip
    over = _by_day("Time of day", min(found.times, default=0), max(found.times, default=60))
    base = alt.Chart(data(rows)).encode(x=alt.X("at:Q", **over))
    high = alt.Axis(title=None, tickMinStep=1)
    band = base.mark_area(opacity=0.2, color=BAND).encode(y=alt.Y("low:Q", axis=high), y2="high:Q")
    line = base.mark_line(color=BAND, strokeWidth=2.2).encode(y=alt.Y("mid:Q", axis=high))
    order = [of.said(f"stations.{one.station}") for one in found.stations]
    facet = alt.Facet(
        "station:N", title=None, sort=order, header=alt.Header(labelColor=INK, labelFontSize=12)
    )
    chart = (band + line).properties(width=WIDTH // 3, height=90).facet(facet, columns=3)
    return svg(chart, "People in line by station: the middle, and 8 days in 10")


def what_ifs(of: DayOf, found: Sequence[Forecast]) -> str:
    """People through by closing, as planned and with each change: the middle as a dot, eight days in ten as a bar."""
    import altair as alt

    rows = [
        {"name": of.said(f"measures.{one.name}"), "low": one.served.low, "mid": one.served.mid, "high": one.served.high}
        for one in found
    ]  # fmt: skip
    names = [row["name"] for row in rows]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=260))
    )
    reach = alt.X("low:Q", title=of.said("measures.served"), scale=alt.Scale(zero=True))
    bars = base.mark_bar(height=7, color=BAND, opacity=0.35).encode(x=reach, x2="high:Q")
    dots = base.mark_point(filled=True, size=90, color=BAND).encode(x="mid:Q")
    text = base.mark_text(dy=-12, color=INK).encode(x="mid:Q", text=alt.Text("mid:Q", format=".0f"))
    chart = (bars + dots + text).properties(width=WIDTH, height=44 * len(rows))
    return svg(chart, "Through by closing: what would change it")


def roster(of: DayOf, posts: Sequence[Post]) -> str:
    """Who of the staff is at which station from when to when."""
    import altair as alt

    rows = [
        {
            "staff": post.staff, "station": of.said(f"stations.{post.station}"), "begins": post.begins,
            "ends": post.ends, "time": f"{clock(post.begins)}–{clock(post.ends)}",
        }
        for post in posts
    ]  # fmt: skip
    order = [of.said(f"stations.{name}") for name in (*of.day.stations, "interpreting", "break")]
    there = [name for name in order if any(row["station"] == name for row in rows)]
    fills = alt.Scale(domain=there, range=[FILLS[place % len(FILLS)] for place in range(len(there))])
    colour = alt.Color("station:N", scale=fills, legend=alt.Legend(title=None, orient="bottom", columns=4))
    base = alt.Chart(data(rows)).encode(y=alt.Y("staff:N", title=None))
    begin = alt.X("begins:Q", **_by_day("Time of day", of.day.opens, of.day.closes))
    bars = base.mark_bar(stroke="white").encode(x=begin, x2="ends:Q", color=colour)
    people = len({row["staff"] for row in rows})
    return svg(bars.properties(width=WIDTH, height=max(60, 22 * people)), "Who is where")


def of_forecast(of: DayOf, found: Sequence[Forecast]) -> Mapping[str, str]:
    """Both pictures of a forecast."""
    return {"lines": lines(of, found[0]), "what_ifs": what_ifs(of, found)}
