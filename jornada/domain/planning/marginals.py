"""What binds, and what one more of it would bring: prices of the relaxed plan, told in people and years.

A price is what the relaxed plan would gain from a little more of a limit; spans of months in which it is dear
are taken together, and the dearest are solved again with one more, so that what is said was reckoned and not only
derived. Relaxed means: units may be parts, so it is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import SHARED, Index, Part, Sparse, part, priced
from jornada.domain.planning.program import Line, Program
from jornada.domain.planning.solver import relaxed

SHOWN = 8
"""So many limits are told; more would hide the first ones."""
FAINT = 0.02
"""A month belongs to a span if its price is at least this share of the span's dearest."""


@dataclass(frozen=True)
class Marginal:
    """One limit in a span of months. `step` more of it (in each month, or of money once) spares `spared` weighted years
    of waiting net of what is spent, and serves `served` more people by the scenario's date (None: not reckoned)."""

    kind: str
    name: str
    place: str
    first: int
    last: int
    step: float
    spared: float
    served: float | None = None


@dataclass(frozen=True)
class _Span:
    line: Line
    rows: Index
    first: int
    last: int
    price: float


def of(program: Program, common: Floats, point: Floats) -> tuple[Marginal, ...]:
    """The limits that bind most, dearest first, at the common prices that the search found."""
    pieces = _pieces(program, common)
    prices = np.zeros(program.sparse.shape[0])
    served = {}
    for block, here in pieces.items():
        solved = relaxed(here.sparse)
        if solved.point is not None:
            prices[here.rows] = solved.prices
            served[block] = _served_in_time(program, here, solved.point), solved.worth
    if len(pieces) > 1:
        prices = np.where(program.sparse.coupling, common, prices)
    spans = sorted(_spans(program.lines, prices), key=lambda span: -_worth(span))
    found = [_told(program, pieces, served, span) for span in spans[: 2 * SHOWN]]
    return tuple(sorted((one for one in found if one.spared > 1e-6), key=lambda one: -one.spared)[:SHOWN])


def _pieces(program: Program, common: Floats) -> dict[int, Part]:
    """The regions by themselves at common prices; the whole in one if there is but one region."""
    sparse = program.sparse
    if len(program.places) == 1:
        return {0: Part(np.arange(sparse.shape[1]), np.arange(sparse.shape[0]), sparse)}
    paying = priced(sparse, common)
    return {
        block: part(paying, sparse.block == block, rows=~sparse.coupling)
        for block in (*range(len(program.places)), SHARED)
        if (sparse.block == block).any()
    }


def _worth(span: _Span) -> float:
    return span.price * _step(span.line)


def _step(line: Line) -> float:
    """What is counted as one more: a person or unit; of money ten thousand dollars; of hours and cases ten a month."""
    if line.kind == "fund":
        return 10.0
    tens = ("volunteer_time", "clinic_seats", "student_cases", "partner_cases", "remote_cases", "batch_cases")
    return 10.0 if line.name in tens else 1.0


def _spans(lines: list[Line], prices: Floats) -> Iterator[_Span]:
    """For each limit the run of months around its dearest one; money is asked for once, at its dearest."""
    for line in lines:
        dear = prices[line.rows]
        if not len(dear) or dear.max(initial=0.0) <= 1e-9:
            continue
        top = int(np.argmax(dear))
        if line.kind == "fund" or not line.months:
            yield _Span(line, line.rows[top : top + 1], top, top, float(dear[top]))
            continue
        first = last = top
        while first > 0 and dear[first - 1] >= FAINT * dear[top]:
            first -= 1
        while last + 1 < len(dear) and dear[last + 1] >= FAINT * dear[top]:
            last += 1
        yield _Span(line, line.rows[first : last + 1], first, last, float(dear[first : last + 1].sum()))


def _told(
    program: Program, pieces: dict[int, Part], served: dict[int, tuple[float, float]], span: _Span
) -> Marginal:
    step = _step(span.line)
    again = _solved_again(program, pieces, served, span, step)
    spared, people = (span.price * step, None) if again is None else again
    last = program.months - 1 if not span.line.months else span.last
    return Marginal(span.line.kind, span.line.name, span.line.place, span.first, last, step, spared, people)


def _solved_again(
    program: Program,
    pieces: dict[int, Part],
    served: dict[int, tuple[float, float]],
    span: _Span,
    step: float,
) -> tuple[float, float] | None:
    """What one more brings, reckoned in the piece that holds the limit; None if it is spread over several."""
    for block, here in pieces.items():
        places = np.flatnonzero(np.isin(here.rows, span.rows))
        if len(places) == len(span.rows) and block in served:
            solved = relaxed(_with_more(here.sparse, places, step))
            if solved.point is None:
                return None
            people = _served_in_time(program, here, solved.point) - served[block][0]
            return solved.worth - served[block][1], people
    return None


def _with_more(sparse: Sparse, rows: Index, step: float) -> Sparse:
    upper, lower = sparse.row_upper.copy(), sparse.row_lower.copy()
    equal = lower[rows] == upper[rows]
    upper[rows] += step
    lower[rows[equal]] += step
    return replace(sparse, row_upper=upper, row_lower=lower)


def _served_in_time(program: Program, here: Part, point: Floats) -> float:
    """People filed for by the scenario's date in a piece."""
    date = program.scenario.aims.served_by
    columns = program.filed[:, : date + 1].ravel()
    return float(point[np.isin(here.columns, columns)].sum())
