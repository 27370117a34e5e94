"""A wage claim's worksheet as a spreadsheet, and the picture of what was paid and what is still owed by month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from jornada.domain.wages.worksheet import Line, Month, Worksheet
from jornada.gateways import drawing, wagelaws, wagewords
from jornada.gateways.wagelaws import Reckoned
from jornada.gateways.workbooks import Table, workbook

_PAID, _OWED, _INK = "#0b5a5a", "#e0a526", "#2a211c"


def worksheet(found: Reckoned, language: str = "en") -> bytes:
    """Both counts week by week with law and sources, what they assume and leave out, month by month, as .xlsx."""
    low, high = found.sheets
    return workbook([
        ("Sums", ("Count", "Wages", "With damages", "Of it not verified", "Out of time"), [
            (wagewords.count_name(one, language), one.wages, one.total, one.unverified, one.late) for one in (low, high)
        ]),
        *(_weeks(sheet, language) for sheet in (low, high)),
        ("Months", ("Month", "Due", "Paid", "Still owed"), [
            (f"{month.first:%Y-%m}", month.due, month.paid, month.owed) for month in high.months
        ]),
        ("Assumed and left out", ("What", "Words"), [
            *(("assumed", wagewords.assumed(one, language)) for one in high.assumptions),
            *(("not counted", wagewords.left_out(one, language)) for one in high.not_computed),
            *(("not counted", wagewords.wrong(one, language)) for one in found.wrong),
        ]),
        ("Sources", ("Source", "How sure", "Address"), _sources((*high.lines, *high.damages))),
    ])  # fmt: skip


def _weeks(sheet: Worksheet, language: str) -> Table:
    head = (
        "For",
        "Law",
        "From",
        "To",
        "Quantity",
        "Unit",
        "Rate",
        "Due",
        "Still owed",
        "Marks",
        "Too late from",
    )
    rows = [_week(line, language) for line in (*sheet.lines, *sheet.damages)]
    return wagewords.count_name(sheet, language), head, rows


def _week(line: Line, language: str) -> tuple[Any, ...]:
    marks = ", ".join(wagewords.marks(line, language))
    unit = wagelaws.text(f"units.{line.unit}", language)
    exact = Decimal(int(line.due.numerator)) / Decimal(int(line.due.denominator))
    return (
        wagewords.what(line.component, language), wagelaws.text(f"kinds.{line.law}", language), line.first, line.last,
        wagewords.number(line.quantity, language), unit, wagewords.number(line.rate, language), exact, line.amount,
        marks, line.too_late_on or "",
    )  # fmt: skip


def _sources(lines: Iterable[Line]) -> list[tuple[str, str, str]]:
    found = {(one.title, one.certainty, one.url) for line in lines for one in line.sources}
    return sorted(found)


def months_picture(months: Sequence[Month], language: str = "en") -> str:
    """Paid and still owed by month as SVG: stacked bars, told apart by a pattern of edge and grey too."""
    import altair as alt  # half a second and 100 MB: only processes that draw pay for it

    words = {kind: wagelaws.text(f"letters.worksheet.{kind}", language) for kind in ("paid", "owed")}
    rows = [
        {
            "month": month.first.isoformat(),
            "kind": words[kind],
            "sum": float(getattr(month, kind)),
            "order": place,
        }
        for month in months
        for place, kind in enumerate(("paid", "owed"))
    ]
    colours = alt.Scale(domain=list(words.values()), range=[_PAID, _OWED])
    chart = (
        alt.Chart(drawing.data(rows), width=620, height=200)
        .mark_bar(stroke=_INK, strokeWidth=0.4)
        .encode(
            x=alt.X("yearmonth(month):T", title=None, axis=alt.Axis(format="%m/%y", labelAngle=-45)),
            y=alt.Y("sum:Q", title=None, axis=alt.Axis(format="$,.0f")),
            color=alt.Color("kind:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("order:Q"),
        )
    )
    return drawing.svg(chart)
