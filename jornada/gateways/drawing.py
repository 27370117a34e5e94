"""How every picture of the hub is dressed and made: SVG from a Vega-Lite chart, on the server, without a browser.

The libraries behind it take half a second and a hundred megabytes; they are loaded when the first picture is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

INK, GRID = "#222222", "#E5E5E5"
FONT = "DejaVu Sans, Noto Sans, sans-serif"


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as a chart reads them."""
    import altair

    untyped: Any = altair
    return untyped.Data(values=list(rows))


def svg(chart: Any, title: str = "") -> str:
    """The chart as SVG text, with our ink, font and grid; with a title over it if one is given."""
    import vl_convert

    found: str = vl_convert.vegalite_to_svg(
        _dressed(chart.properties(title=title) if title else chart).to_dict()
    )
    return found


def _dressed(chart: Any) -> Any:
    return (
        chart.configure(font=FONT, background="white")
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=14, color=INK)
        .configure_axis(labelColor=INK, titleColor=INK, labelLimit=420, gridColor=GRID, labelFontSize=11)
        .configure_legend(labelColor=INK, titleColor=INK, labelLimit=260)
    )
