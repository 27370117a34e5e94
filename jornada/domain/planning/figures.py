"""Numbers as planners know them: low, middle and high, a unit, a source, how sure, and who changed them why.

A figure is written in one line, `8 / 14 / 22 cases per FTE-month`; one number alone is certain. Low and high
are about the tenth and ninetieth of a hundred (capacity notes, section 0); for work times the notes draw from a
triangle that ends there (section 3.5), and so do we.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jornada.domain.facts import Source

Floats = NDArray[np.float64]
Spread = Literal["fixed", "triangular", "lognormal", "rate"]
SPREADS: tuple[Spread, ...] = ("fixed", "triangular", "lognormal", "rate")

P10, P90 = NormalDist().inv_cdf(0.1), NormalDist().inv_cdf(0.9)
WEEKS_PER_MONTH = 52 / 12

UNITS: Mapping[str, tuple[str, float]] = {
    "month": ("months", 1.0),
    "months": ("months", 1.0),
    "week": ("months", 1 / WEEKS_PER_MONTH),
    "weeks": ("months", 1 / WEEKS_PER_MONTH),
    "years": ("months", 12.0),
    "FTE": ("FTE", 1.0),
    "hours": ("hours", 1.0),
    "hour": ("hours", 1.0),
    "hours per month": ("hours per month", 1.0),
    "hours per week": ("hours per month", WEEKS_PER_MONTH),
    "hours per year": ("hours per month", 1 / 12),
    "hours per FTE-month": ("hours per FTE-month", 1.0),
    "hours per case": ("hours per case", 1.0),
    "cases per FTE-month": ("cases per FTE-month", 1.0),
    "cases per month": ("cases per month", 1.0),
    "cases per year": ("cases per month", 1 / 12),
    "cases per term": ("cases per month", 1 / 4),
    "cases": ("cases", 1.0),
    "seats": ("seats", 1.0),
    "people": ("people", 1.0),
    "places": ("places", 1.0),
    "places per FTE": ("places per FTE", 1.0),
    "units": ("units", 1.0),
    "units per month": ("units per month", 1.0),
    "units per organisation": ("units per organisation", 1.0),
    "worksites per month": ("worksites per month", 1.0),
    "USD": ("USD", 1.0),
    "USD per month": ("USD per month", 1.0),
    "USD per year": ("USD per month", 1 / 12),
    "USD per term": ("USD per month", 1 / 4),
    "USD per case": ("USD per case", 1.0),
    "USD per hour": ("USD per hour", 1.0),
    "share": ("share", 1.0),
    "percent": ("share", 0.01),
    "share per year": ("share per year", 1.0),
    "percent per year": ("share per year", 0.01),
    "share per month": ("share per month", 1.0),
    "percent per month": ("share per month", 0.01),
    "times": ("times", 1.0),
}
"""Each unit that may be written: what it is counted in, and the factor to that."""

DIMENSIONS = frozenset(dimension for dimension, _ in UNITS.values())
_SHARES = frozenset({"share", "share per year", "share per month"})
_NUMBER = r"-?\d+(?:\.\d+)?"
_WRITTEN = re.compile(rf"({_NUMBER})(?:\s*/\s*({_NUMBER})\s*/\s*({_NUMBER}))?\s*([A-Za-z][A-Za-z\- ]*)?")


class NotAFigure(ValueError):
    """The text is no figure that we understand; `problem` and `mend` say why and what to write."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}. {mend}")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Change:
    """Who wrote another number over the pack's, why and when, and what had stood there."""

    who: str
    why: str
    on: date
    was: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: low, middle, high in `unit`; whence, how sure, of which day, and who changed it."""

    path: str
    low: float
    mid: float
    high: float
    unit: str
    spread: Spread = "fixed"
    sources: tuple[Source, ...] = ()
    as_of: date | None = None
    change: Change | None = None
    written: str = ""

    @property
    def uncertain(self) -> bool:
        return self.spread != "fixed"

    def quantile(self, chance: Floats) -> Floats:
        """The value below which so many of the draws lie, for each chance between 0 and 1."""
        if self.spread == "triangular":
            return _triangular(self, chance)
        if self.spread == "lognormal":
            low, mid, high = (math.log(number) for number in (self.low, self.mid, self.high))
            return np.exp(_split(low, mid, high, chance))
        if self.spread == "rate":
            low, mid, high = (math.log(share / (1 - share)) for share in (self.low, self.mid, self.high))
            return 1 / (1 + np.exp(-_split(low, mid, high, chance)))
        return np.full(chance.shape, self.mid)

    def at(self, chance: float) -> float:
        return float(self.quantile(np.array([chance]))[0])

    def said(self) -> str:
        """As somebody wrote it, in the unit that they chose; else as `shown`."""
        return self.written or self.shown()

    def shown(self) -> str:
        """As a person would write it, in the unit it is counted in."""
        numbers = (self.low, self.mid, self.high) if self.uncertain else (self.mid,)
        return f"{' / '.join(_plain(number) for number in numbers)} {self.unit}"


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".") if abs(number) < 1000 else f"{number:.0f}"


def _triangular(figure: Figure, chance: Floats) -> Floats:
    low, mid, high = figure.low, figure.mid, figure.high
    width = high - low
    rising = low + np.sqrt(chance * width * (mid - low))
    falling = high - np.sqrt((1 - chance) * width * (high - mid))
    return np.where(chance < (mid - low) / width, rising, falling)


def _split(low: float, mid: float, high: float, chance: Floats) -> Floats:
    """A normal whose halves have widths of their own, so that all three given points are met exactly."""
    z = standard_normal(chance)
    below, above = (mid - low) / -P10, (high - mid) / P90
    return mid + np.where(z < 0, below, above) * z


def standard_normal(chance: Floats) -> Floats:
    """The standard normal quantile (Acklam's rational approximation, error under 2e-9 of the value)."""
    p = np.clip(chance, 1e-12, 1 - 1e-12)
    tail = np.minimum(p, 1 - p)
    q = np.sqrt(-2 * np.log(tail))
    outer = np.polyval(_C, q) / np.polyval([*_D, 1.0], q)
    centred = p - 0.5
    r = centred * centred
    inner = centred * np.polyval(_A, r) / np.polyval([*_B, 1.0], r)
    return np.where(tail < 0.02425, np.where(p < 0.5, outer, -outer), inner)


_A = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02,
      -3.066479806614716e01, 2.506628277459239e00)  # fmt: skip
_B = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01,
      -1.328068155288572e01)  # fmt: skip
_C = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
      4.374664141464968e00, 2.938163982698783e00)  # fmt: skip
_D = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00)


# --- reading one line -----------------------------------------------------------------------------


def parse(path: str, text: str | int, dimensions: tuple[str, ...], spread: str = "") -> Figure:
    """The figure written as `2 / 4 / 8 months`, counted in one of the `dimensions`.

    A number without a unit is taken in the first dimension only if that is `people`, `units` or `times`, where
    nothing can be mixed up. NotAFigure says what is wrong: no number, the wrong unit (hours for FTE), out of order,
    a share over 1.
    """
    written = str(text).strip()
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise NotAFigure(f"{written!r} is no figure", f"Write for example 2 / 4 / 8 {dimensions[0]}")
    first, mid, high, unit = match.groups()
    dimension, factor = _unit(path, written, (unit or "").strip(), dimensions)
    numbers = [float(number) * factor for number in ((first, mid, high) if mid else (first, first, first))]
    _in_order(path, written, dimension, numbers)
    least, middle, most = numbers
    chosen = _spread(path, numbers, dimension, spread)
    return Figure(path, least, middle, most, dimension, chosen, written=written)


def _unit(path: str, written: str, unit: str, dimensions: tuple[str, ...]) -> tuple[str, float]:
    if not unit and dimensions[0] in ("people", "units", "times", "places"):
        return dimensions[0], 1.0
    if not unit:
        raise NotAFigure(f"{path} has no unit: {written}", f"Write {written} {dimensions[0]}")
    if unit not in UNITS:
        raise NotAFigure(f"{path} has an unknown unit {unit!r}", f"Write it in {' or '.join(dimensions)}")
    dimension, factor = UNITS[unit]
    if dimension not in dimensions:
        raise NotAFigure(
            f"{path} is counted in {' or '.join(dimensions)}, not in {unit}", _mend(dimension, dimensions)
        )
    return dimension, factor


def _mend(dimension: str, wanted: tuple[str, ...]) -> str:
    if "FTE" in wanted and dimension.startswith("hours"):
        return (
            "Divide the hours of a month by the hours that one full-time person has for cases "
            "(work.hours_per_fte, 78 in the notes) and write FTE"
        )
    if dimension == "FTE" and any(one.startswith("hours") for one in wanted):
        return (
            "Multiply the FTE by the hours that one full-time person has for cases, and write hours per month"
        )
    return f"Write it in {' or '.join(wanted)}"


def _in_order(path: str, written: str, dimension: str, numbers: list[float]) -> None:
    if numbers != sorted(numbers):
        raise NotAFigure(f"{path} is not low / middle / high: {written}", "Sort the three numbers")
    if numbers[0] < 0:
        raise NotAFigure(
            f"{path} is negative: {written}", "Nothing here is counted below zero: write 0 or more"
        )
    if dimension in _SHARES and numbers[2] > 1:
        raise NotAFigure(
            f"{path} is over 1 (over 100 percent): {written}",
            "A share or probability lies between 0 and 1: write 0.15 or 15 percent",
        )


def _spread(path: str, numbers: list[float], dimension: str, named: str) -> Spread:
    if named and named not in SPREADS:
        raise NotAFigure(f"{path} has an unknown spread {named!r}", f"Known here: {', '.join(SPREADS)}")
    low, _, high = numbers
    if low == high:
        return "fixed"
    chosen = named or {"months": "lognormal", "share": "rate"}.get(dimension, "triangular")
    open_ended = chosen == "rate" and (low <= 0 or high >= 1)
    if open_ended or (chosen == "lognormal" and low <= 0):
        return "triangular"
    return next(spread for spread in SPREADS if spread == chosen)


# --- drawing --------------------------------------------------------------------------------------


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of its own for each name, so that two plans meet the same luck (common random numbers)."""
    keys = [name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *keys])))


@dataclass(frozen=True)
class Draws:
    """The values of all figures in `count` replications, each figure drawn once a replication.

    `held` fixes some of them (for a tornado). Without a seed every figure stands at the middle of its draws, which for
    a lopsided triangle is not its peak (notes, 3.5: do not plug in the mids): one replication of what is expected.
    """

    figures: Mapping[str, Figure]
    count: int = 1
    seed: int | None = None
    held: Mapping[str, float] = field(default_factory=dict)
    _kept: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, path: str) -> Floats:
        """The values of one figure, shape (count,)."""
        kept = self._kept.get(path)
        if kept is None:
            kept = self._kept[path] = self._drawn(path)
        return kept

    @property
    def read(self) -> frozenset[str]:
        """The paths of the figures that were asked for so far."""
        return frozenset(self._kept)

    def _drawn(self, path: str) -> Floats:
        figure = self.figures[path]
        if path in self.held:
            return np.full(self.count, self.held[path])
        if self.seed is None or not figure.uncertain:
            return np.full(self.count, figure.at(0.5))
        return figure.quantile(stream(self.seed, "figure", path).random(self.count))

    def holding(self, path: str, value: float) -> Draws:
        """The same luck with one figure fixed."""
        return replace(self, held={**self.held, path: value}, _kept={})
