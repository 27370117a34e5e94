"""Numbers with a spread: how they are written, what is refused, and that their draws meet what was written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from jornada.domain.planning.figures import UNITS, Draws, Figure, NotAFigure, parse, standard_normal, stream


def test_a_figure_is_read_in_the_unit_that_its_place_counts_in() -> None:
    assert parse("lead", "4 / 8 / 14 weeks", ("months",)).mid == pytest.approx(8 * 12 / 52)
    assert parse("pay", "78000 USD per year", ("USD per month",)).mid == 6500
    assert parse("loss", "12 / 20 / 30 percent per year", ("share per year",)).high == pytest.approx(0.3)
    assert parse("covered", 120, ("people",)).mid == 120
    assert parse("lead", "2 / 4 / 8 months", ("months",)).spread == "lognormal"
    assert not parse("fee", "520 USD per case", ("USD per case",)).uncertain


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("60 hours per month", "FTE", "counted in FTE, not in hours per month. Divide the hours of a month"),
        ("0.4 FTE", "hours per month", "Multiply the FTE by the hours"),
        ("0.4", "FTE", "has no unit: 0.4. Write 0.4 FTE"),
        ("4 wekes", "months", "unknown unit 'wekes'. Write it in months"),
        ("8 / 4 / 2 months", "months", "not low / middle / high"),
        ("-5 USD", "USD", "is negative"),
        ("1.2 share", "share", "over 1"),
        ("120 percent", "share", "over 1"),
        ("many", "people", "is no figure. Write for example 2 / 4 / 8 people"),
    ],
)
def test_what_is_mixed_up_is_named_with_the_mend(text: str, wanted: str, said: str) -> None:
    with pytest.raises(NotAFigure) as refused:
        parse("number", text, (wanted,))
    assert said in str(refused.value)


def test_draws_meet_the_tenth_the_middle_and_the_ninetieth_that_were_written() -> None:
    for text, unit in (("2 / 4 / 8 months", "months"), ("0.35 / 0.55 / 0.78 share", "share")):
        figure = parse("number", text, (unit,))
        assert [figure.at(chance) for chance in (0.1, 0.5, 0.9)] == pytest.approx(
            [figure.low, figure.mid, figure.high]
        )


def test_a_triangle_is_drawn_as_scipy_draws_it() -> None:
    figure = parse("hours", "0.5 / 0.8 / 1.3 hours per case", ("hours per case",))
    chances = np.linspace(0.001, 0.999, 97)
    theirs = stats.triang.ppf(chances, (0.8 - 0.5) / 0.8, loc=0.5, scale=0.8)
    assert figure.quantile(chances) == pytest.approx(theirs)
    assert standard_normal(chances) == pytest.approx(stats.norm.ppf(chances), abs=1e-7)


def test_the_same_seed_brings_the_same_luck_however_much_else_is_drawn() -> None:
    figures = {name: parse(name, "2 / 4 / 8 months", ("months",)) for name in ("first", "second")}
    alone, after = Draws(figures, 50, 7), Draws(figures, 50, 7)
    assert (after["second"] != after["first"]).any()
    assert (alone["first"] == after["first"]).all()
    assert (alone.holding("second", 9.0)["second"] == 9.0).all()
    assert stream(7, "unit", 3).random() != stream(7, "unit", 4).random()


@given(
    numbers=st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3).map(sorted),
    unit=st.sampled_from(sorted(UNITS)),
    chance=st.floats(0.001, 0.999),
)
def test_every_written_figure_is_drawn_within_reason_and_in_order(
    numbers: list[float], unit: str, chance: float
) -> None:
    low, mid, high = (round(number, 3) for number in numbers)
    figure = parse("number", f"{low} / {mid} / {high} {unit}", (UNITS[unit][0],))
    below, above = figure.at(chance * 0.9), figure.at(chance)
    assert below <= above + 1e-12
    if figure.spread in ("triangular", "rate") and figure.unit.startswith("share"):
        assert 0 <= above <= 1


def test_a_figure_says_itself_in_plain_numbers() -> None:
    assert Figure("n", 0.15, 0.25, 1200, "cases", "triangular").shown() == "0.15 / 0.25 / 1200 cases"
