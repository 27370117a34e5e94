"""Worksheets of wage claims in words: sums, days and sentences in a language, the same for pages, papers and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date, get_day_names
from babel.numbers import format_currency, format_decimal

from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import Assumption, HoursWrong
from jornada.domain.wages.worksheet import Line, NotComputed, Worksheet, merged
from jornada.gateways import wagelaws

_LOCALES = {"en": "en_US", "es": "es_US"}
"""Money and numbers as the United States write them, in the language's own words."""


def money(amount: Decimal, language: str = "en") -> str:
    """A sum of dollars, such as $1,234.50."""
    return str(format_currency(amount, "USD", locale=_locale(language)))


def number(value: Fraction | Decimal | int, language: str = "en") -> str:
    """A quantity or rate; more than four places are cut, since only a line is rounded."""
    exact = (
        Decimal(int(value.numerator)) / Decimal(int(value.denominator))
        if isinstance(value, Fraction)
        else Decimal(value)
    )
    return str(format_decimal(exact, "#,##0.####", locale=_locale(language)))


def day(value: date, language: str = "en") -> str:
    """A day as people write it."""
    return str(format_date(value, "long", locale=_locale(language)))


def said(group: str, key: str, values: Mapping[str, Any], language: str = "en") -> str:
    """A sentence of the worksheet, its values written out."""
    shown = {name: _shown(value, language) for name, value in values.items()}
    if key == "week_starts":
        shown["day"] = get_day_names("wide", locale=_locale(language))[int(values["day"])]
    return wagelaws.text(f"{group}.{key}", language, **shown)


def assumed(one: Assumption, language: str = "en") -> str:
    """What had to be assumed."""
    return said("assumptions", one.key, one.values, language)


def left_out(left: NotComputed, language: str = "en") -> str:
    """Why some weeks are not in the count."""
    values = {**left.values, "first": left.first, "last": left.last, "weeks": left.weeks}
    if left.reason == "not_in_force":
        values["until"] = left.values.get("known_until") or "–"
    return said("not_computed", left.reason, values, language)


def wrong(hours: HoursWrong, language: str = "en") -> str:
    """Why an entry of hours cannot be."""
    known = dict(hours.values)
    first = known.get("day") or known.get("start") or hours.place
    return said(
        "not_computed",
        hours.key,
        {"last": first, "weeks": 1, "entry": hours.place, **known, "first": first},
        language,
    )


def marks(line: Line, language: str = "en") -> tuple[str, ...]:
    """What must stand beside a sum: too late, not verified, needs review."""
    found = ["late"] if line.late else []
    found += ["unverified"] if line.unverified else ["needs_review"] if line.needs_review else []
    return tuple(wagelaws.text(f"marks.{mark}", language) for mark in found)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a worksheet as people read it; `line` is the line itself."""

    line: Line
    what: str
    law: str
    span: str
    count: str
    rate: str
    amount: str
    rule: str
    steps: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def sum(self) -> str:
        """Hours or days × rate."""
        return f"{self.count} × {self.rate}"


def count_name(sheet: Worksheet, language: str = "en") -> str:
    """Which of the two counts a worksheet is."""
    return wagelaws.text(f"marks.{sheet.end.value}", language)


def what(component: str, language: str = "en") -> str:
    """What a line is for."""
    return wagelaws.text(f"lines.{component}", language)


def span(first: date, last: date, language: str = "en") -> str:
    """From one day to another, short."""
    return f"{_short(first, language)} – {_short(last, language)}"


def row(line: Line, language: str = "en") -> Row:
    """One line in words: what it is for, the days, hours or days × rate, the amount, the rule, the steps."""
    weeks = f" ({said('units', 'weeks', {'count': line.weeks}, language)})" if line.weeks > 1 else ""
    unit = wagelaws.text(f"units.{line.unit}", language)
    return Row(
        line,
        what(line.component, language),
        wagelaws.text(f"kinds.{line.law}", language),
        f"{span(line.first, line.last, language)}{weeks}",
        f"{number(line.quantity, language)} {unit}",
        number(line.rate, language),
        money(line.amount, language),
        wagelaws.text(f"rules.{line.component}", language),
        tuple(said("steps", step.key, step.values, language) for step in line.steps),
        marks(line, language),
    )


def rows(sheet: Worksheet, language: str = "en") -> tuple[Row, ...]:
    """Every line that is in the total or out of time, equal weeks in one; then damages."""
    return tuple(row(line, language) for line in (*merged(sheet.lines), *sheet.damages))


def sums(sheet: Worksheet, language: str = "en") -> tuple[tuple[str, str], ...]:
    """The total by kind of line, largest first."""
    found: dict[str, Decimal] = {}
    for line in (*sheet.lines, *sheet.damages):
        if not line.late:
            found[line.component] = found.get(line.component, Decimal(0)) + line.amount
    ordered: Sequence[tuple[str, Decimal]] = sorted(found.items(), key=lambda one: -one[1])
    return tuple(
        (wagelaws.text(f"lines.{name}", language), money(amount, language)) for name, amount in ordered
    )


def _short(value: date, language: str) -> str:
    return str(format_date(value, "medium", locale=_locale(language)))


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, date):
        return day(value, language)
    return number(value, language) if isinstance(value, Fraction | Decimal) else value


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)
