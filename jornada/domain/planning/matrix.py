"""Columns and rows of a linear program with whole numbers: filled block by block, finished once, cut into parts.

Everything here is plain arithmetic on sparse arrays; solving is `solver.py`, meaning is `program.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning.figures import Floats

Index = NDArray[np.int64]
NONE = -1
"""A column that is not there."""
SHARED = -1
"""The block of columns that belong to no region."""
NO_LIMIT = 1e30


@dataclass
class Matrix:
    """A program to be maximised while it is filled."""

    upper: list[Floats] = field(default_factory=list)
    integer: list[NDArray[np.bool_]] = field(default_factory=list)
    block: list[Index] = field(default_factory=list)
    row_lower: list[Floats] = field(default_factory=list)
    row_upper: list[Floats] = field(default_factory=list)
    entries: list[tuple[Index, Index, Floats]] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(
        self, shape: tuple[int, ...], upper: Floats | float, block: Index | int, integer: bool = False
    ) -> Index:
        """New columns from 0 to `upper`; their places, in that shape. `block` is the region that they belong to."""
        size = int(np.prod(shape))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=float), shape).reshape(size).copy())
        self.block.append(np.broadcast_to(np.asarray(block, dtype=np.int64), shape).reshape(size).copy())
        self.integer.append(np.full(size, integer))
        places = np.arange(self.columns, self.columns + size, dtype=np.int64).reshape(shape)
        self.columns += size
        return places

    def add_rows(self, shape: tuple[int, ...], lower: Floats | float, upper: Floats | float) -> Index:
        """New rows between two bounds; their places, in that shape."""
        size = int(np.prod(shape))
        self.row_lower.append(np.broadcast_to(np.asarray(lower, dtype=float), shape).reshape(size).copy())
        self.row_upper.append(np.broadcast_to(np.asarray(upper, dtype=float), shape).reshape(size).copy())
        places = np.arange(self.rows, self.rows + size, dtype=np.int64).reshape(shape)
        self.rows += size
        return places

    def put(self, rows: Index | np.int64, columns: Index, values: Floats | float) -> None:
        """Entries, broadcast against each other; what has no row or column (NONE) is passed over."""
        at, of, filled = np.broadcast_arrays(np.asarray(rows), columns, np.asarray(values, dtype=float))
        there = (of != NONE) & (at != NONE) & (filled != 0)
        self.entries.append((at[there], of[there], filled[there]))


@dataclass(frozen=True)
class Sparse:
    """A finished program: maximise cost · x, row_lower ≤ A x ≤ row_upper, 0 ≤ x ≤ upper; A by columns."""

    cost: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    block: Index
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.row_lower), len(self.cost)

    @cached_property
    def column(self) -> Index:
        """The column of each entry."""
        return np.repeat(np.arange(len(self.cost)), np.diff(self.starts))

    def times(self, point: Floats) -> Floats:
        """A x, by rows."""
        return np.bincount(self.index, self.value * point[self.column], len(self.row_lower)).astype(float)

    def transposed_times(self, prices: Floats) -> Floats:
        """A' y, by columns."""
        return np.bincount(self.column, self.value * prices[self.index], len(self.cost)).astype(float)

    @cached_property
    def row_block(self) -> Index:
        """The block whose columns alone stand in each row; SHARED where several do."""
        least, most = self._blocks_of_rows
        return np.where(least == most, most, SHARED)

    @cached_property
    def coupling(self) -> NDArray[np.bool_]:
        """Rows in which several blocks meet."""
        least, most = self._blocks_of_rows
        return least < most

    @cached_property
    def _blocks_of_rows(self) -> tuple[Index, Index]:
        """The least and the greatest block whose columns stand in each row."""
        blocks = self.block[self.column]
        least = np.full(len(self.row_lower), np.iinfo(np.int64).max, dtype=np.int64)
        most = np.full(len(self.row_lower), SHARED - 1, dtype=np.int64)
        np.minimum.at(least, self.index, blocks)
        np.maximum.at(most, self.index, blocks)
        return least, most

    def worth(self, point: Floats) -> float:
        return float(self.cost @ point)


def finished(matrix: Matrix, cost: Floats) -> Sparse:
    """The program with its entries sorted by column and those of one place added up."""
    rows = np.concatenate([entry[0] for entry in matrix.entries])
    columns = np.concatenate([entry[1] for entry in matrix.entries])
    values = np.concatenate([entry[2] for entry in matrix.entries])
    order = np.lexsort((rows, columns))
    rows, columns, values = rows[order], columns[order], values[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    summed = np.add.reduceat(values, np.flatnonzero(first)) if len(values) else values
    return Sparse(
        cost,
        np.concatenate(matrix.upper),
        np.concatenate(matrix.integer),
        np.concatenate(matrix.block),
        np.concatenate(matrix.row_lower),
        np.concatenate(matrix.row_upper),
        _starts(columns[first], matrix.columns),
        rows[first].astype(np.int32),
        summed,
    )


def _starts(columns: Index, count: int) -> NDArray[np.int32]:
    counts = np.bincount(columns, minlength=count)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


@dataclass(frozen=True)
class Part:
    """Some columns of a program as a program of their own, with the places of its columns and rows in the whole."""

    columns: Index
    rows: Index
    sparse: Sparse


def part(
    whole: Sparse,
    columns: NDArray[np.bool_],
    point: Floats | None = None,
    rows: NDArray[np.bool_] | None = None,
) -> Part:
    """The program of the chosen columns while all others stand at `point` (at 0 without one).

    Only rows in which they stand are kept, and of these only `rows` if given (for a relaxation).
    """
    chosen = columns[whole.column]
    if rows is not None:
        chosen &= rows[whole.index]
    kept = np.flatnonzero(np.bincount(whole.index[chosen], minlength=len(whole.row_lower)))
    fixed = np.zeros(len(whole.row_lower)) if point is None else whole.times(np.where(columns, 0.0, point))
    new_row = np.full(len(whole.row_lower), NONE, dtype=np.int32)
    new_row[kept] = np.arange(len(kept), dtype=np.int32)
    places = np.flatnonzero(columns)
    new_column = np.cumsum(columns) - 1
    return Part(
        places,
        kept,
        Sparse(
            whole.cost[places],
            whole.upper[places],
            whole.integer[places],
            whole.block[places],
            whole.row_lower[kept] - fixed[kept],
            whole.row_upper[kept] - fixed[kept],
            _starts(new_column[whole.column[chosen]], len(places)),
            new_row[whole.index[chosen]],
            whole.value[chosen],
        ),
    )


def priced(whole: Sparse, prices: Floats) -> Sparse:
    """The program in which each column pays for what it takes of the priced rows."""
    return replace(whole, cost=whole.cost - whole.transposed_times(prices))


# --- proof ------------------------------------------------------------------------------------------


def clean_prices(whole: Sparse, prices: Floats) -> Floats:
    """Prices made usable for a bound: none on a side of a row that has no limit."""
    unlimited = ((prices > 0) & (whole.row_upper >= NO_LIMIT)) | (
        (prices < 0) & (whole.row_lower <= -NO_LIMIT)
    )
    return np.where(unlimited, 0.0, prices)


def value_of_limits(whole: Sparse, prices: Floats) -> float:
    """What all rows' limits are worth at these prices."""
    limits = np.where(prices > 0, whole.row_upper, np.where(prices < 0, whole.row_lower, 0.0))
    return float(prices @ np.where(prices == 0, 0.0, limits))


def bound(whole: Sparse, prices: Floats) -> float:
    """An upper bound on the program's optimum that any prices prove, right or wrong (Lagrange; columns are bounded).

    It needs no trust in a solver: it is one sum over rows and one over columns.
    """
    clean = clean_prices(whole, prices)
    gains = whole.cost - whole.transposed_times(clean)
    return value_of_limits(whole, clean) + float(np.maximum(gains, 0.0) @ whole.upper)


def violations(whole: Sparse, point: Floats) -> tuple[float, float, float]:
    """How far a point is outside its rows (relative to their size), columns and whole numbers; 0 in a true plan."""
    rows = whole.times(point)
    size = 1 + np.abs(np.where(np.abs(whole.row_upper) < NO_LIMIT, whole.row_upper, whole.row_lower))
    outside = np.maximum(np.maximum(rows - whole.row_upper, whole.row_lower - rows), 0.0) / size
    columns = np.maximum(np.maximum(point - whole.upper, -point), 0.0)
    fractions = np.abs(point - np.round(point))[whole.integer]
    return float(outside.max(initial=0.0)), float(columns.max(initial=0.0)), float(fractions.max(initial=0.0))
