"""Every cell of every rate table: its amount against a second transcription of the notes, and a week priced with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction as F

import pytest

from jornada.domain.conditions import NotInForce
from jornada.domain.wages import claims
from jornada.domain.wages.hours import Timesheet, WorkDay
from jornada.domain.wages.lawbook import Law, Place, RateTable
from jornada.domain.wages.pay import Pay
from jornada.domain.wages.weekview import dollars
from jornada.domain.wages.worksheet import Claim
from jornada.gateways import wagelaws

LAWS = {law.name.removeprefix("us-").removesuffix("-wages"): law for law in wagelaws.laws()}
SIZES = {"small": (5, 5), "large": (30, 30), "tiny": (2, 2), "": (30, 30)}

# Written down from the notes a second time, row by row (sections 2.1 to 2.4, 3, 4A, 4B).
MINIMUM = {
    "ny": """
        2013-12-31 8.00 8.00 8.00 8.00
        2014-12-31 8.75 8.75 8.75 8.75
        2015-12-31 9.00 9.00 9.00 9.00
        2016-12-31 11.00 10.50 10.00 9.70
        2017-12-31 13.00 12.00 11.00 10.40
        2018-12-31 15.00 13.50 12.00 11.10
        2019-12-31 15.00 15.00 13.00 11.80
        2020-12-31 15.00 15.00 14.00 12.50
        2021-12-31 15.00 15.00 15.00 13.20
        2022-12-31 15.00 15.00 15.00 14.20
        2024-01-01 16.00 16.00 16.00 15.00
        2025-01-01 16.50 16.50 16.50 15.50
        2026-01-01 17.00 17.00 17.00 16.00""",
    "ca": """
        2016-01-01 10.00 10.00
        2017-01-01 10.00 10.50
        2018-01-01 10.50 11.00
        2019-01-01 11.00 12.00
        2020-01-01 12.00 13.00
        2021-01-01 13.00 14.00
        2022-01-01 14.00 15.00
        2023-01-01 15.50 15.50
        2024-01-01 16.00 16.00
        2025-01-01 16.50 16.50
        2026-01-01 16.90 16.90""",
    "il": """
        2010-07-01 8.25
        2020-01-01 9.25
        2020-07-01 10.00
        2021-01-01 11.00
        2022-01-01 12.00
        2023-01-01 13.00
        2024-01-01 14.00
        2025-01-01 15.00""",
    "federal": """
        2007-07-24 5.85
        2008-07-24 6.55
        2009-07-24 7.25""",
}
# Cash wages with the full tip credit: the packs hold the credits, so both are checked against the minimum wage.
SERVICE_CASH = """
    2016-12-31 9.15 8.75 8.35 8.10
    2017-12-31 10.85 10.00 9.15 8.65
    2018-12-31 12.50 11.25 10.00 9.25
    2019-12-31 12.50 12.50 10.85 9.85
    2020-12-31 12.50 12.50 11.65 10.40
    2021-12-31 12.50 12.50 12.50 11.00
    2022-12-31 12.50 12.50 12.50 11.85
    2024-01-01 13.35 13.35 13.35 12.50
    2025-01-01 13.75 13.75 13.75 12.90
    2026-01-01 14.15 14.15 14.15 13.30"""
FOOD_CASH = """
    2015-12-31 7.50 7.50 7.50 7.50
    2016-12-31 7.50 7.50 7.50 7.50
    2017-12-31 8.65 8.00 7.50 7.50
    2018-12-31 10.00 9.00 8.00 7.50
    2019-12-31 10.00 10.00 8.65 7.85
    2020-12-31 10.00 10.00 9.35 8.35
    2021-12-31 10.00 10.00 10.00 8.80
    2022-12-31 10.00 10.00 10.00 9.45
    2024-01-01 10.65 10.65 10.65 10.00
    2025-01-01 11.00 11.00 11.00 10.35
    2026-01-01 11.35 11.35 11.35 10.70"""
TIPPED_IL = """
    2010-07-01 4.95
    2020-01-01 5.55
    2020-07-01 6.00
    2021-01-01 6.60
    2022-01-01 7.20
    2023-01-01 7.80
    2024-01-01 8.40
    2025-01-01 9.00"""


def rows(text: str) -> dict[date, list[F]]:
    parts = [line.split() for line in text.split("\n") if line.strip()]
    return {date.fromisoformat(day): [F(amount) for amount in amounts] for day, *amounts in parts}


def cells() -> Iterator[tuple[str, RateTable, date, str]]:
    for name, law in LAWS.items():
        for table in law.tables.values():
            for step in table.steps:
                for column in table.columns:
                    yield name, table, step.start, column


@pytest.mark.parametrize("name", sorted(MINIMUM))
def test_minimum_wages_are_those_of_the_notes(name: str) -> None:
    table = LAWS[name].tables["minimum_wage"]
    found = {
        step.start: [rate.amount for column in table.columns if (rate := step.rates[column]) is not None]
        for step in table.steps
    }
    assert {day: amounts for day, amounts in found.items() if amounts} == rows(MINIMUM[name])


@pytest.mark.parametrize(
    ("name", "credit", "cash"),
    [
        ("ny", "service_credit", SERVICE_CASH),
        ("ny", "food_credit", FOOD_CASH),
        ("il", "tip_credit", TIPPED_IL),
    ],
)
def test_minimum_less_tip_credit_is_the_cash_wage_of_the_notes(name: str, credit: str, cash: str) -> None:
    minimum, table = LAWS[name].tables["minimum_wage"], LAWS[name].tables[credit]
    for day, amounts in rows(cash).items():
        found = [minimum.on(day, column).amount - table.on(day, column).amount for column in table.columns]
        assert found == amounts, day


@pytest.mark.parametrize(
    ("name", "table", "start", "column"), list(cells()), ids=lambda one: getattr(one, "name", str(one))
)
def test_every_cell_is_in_force_from_its_day_or_refused_by_name(
    name: str, table: RateTable, start: date, column: str
) -> None:
    step = next(one for one in table.steps if one.start == start)
    if step.rates[column] is None or start > table.confirmed_until:
        with pytest.raises(NotInForce, match=table.name):
            table.on(start, column)
        return
    rate = table.on(start, column)
    assert rate.sources, "every cell has its source"
    assert rate == step.rates[column]
    if start != table.starts[0]:
        before = next(one for one in reversed(table.steps) if one.start < start).rates[column]
        if before is not None:
            assert table.on(start - timedelta(days=1), column) == before, "the day before has the rate before"
    with pytest.raises(NotInForce):
        table.on(table.confirmed_until + timedelta(days=1), column)


def place_for(law: Law, column: str) -> Place:
    return Place(law.state, region=column.partition(".")[0])


def floors() -> Iterator[tuple[str, str, date, str]]:
    for name, table, start, column in cells():
        step = next(one for one in table.steps if one.start == start)
        if table.name == "minimum_wage" and step.rates[column] is not None and start <= table.confirmed_until:
            yield name, table.name, start, column


@pytest.mark.parametrize(("name", "table", "start", "column"), list(floors()))
def test_an_unpaid_day_is_priced_by_the_cell_of_its_region_size_and_date(
    name: str, table: str, start: date, column: str
) -> None:
    law = LAWS[name]
    day = start + timedelta(days=10)
    size = SIZES[column.partition(".")[2]]
    place = place_for(law, column)
    ana = Claim(
        {"wage_sector": "other", "tipped": "no", "employees_band": "to_20", "live_in": "no"},
        {"p": place},
        Timesheet(diary=(WorkDay(day, 600, place="p"),)),
        Pay(),
        size,
    )
    sheet = claims.compute(ana, [law], day + timedelta(days=30))
    hours = 11 if name == "ca" else 10  # two of the ten are overtime there, at half as much again
    assert sheet.wages == dollars(law.tables[table].on(day, column).amount * hours)


@pytest.mark.parametrize(
    ("region", "table"),
    [("chicago", "chicago_minimum"), ("cook", "cook_minimum"), ("san_francisco", "local_minimum")],
)
def test_a_town_s_own_rate_comes_before_the_state_s(region: str, table: str) -> None:
    law = LAWS["ca" if region == "san_francisco" else "il"]
    day = date(2026, 8, 3)
    chen = Claim(
        {"wage_sector": "other", "tipped": "no", "employees_band": "more"}, {"p": Place(law.state, region=region)},
        Timesheet(diary=(WorkDay(day, 480, place="p"),)), Pay(), (30, 30),
    )  # fmt: skip
    [line] = claims.compute(chen, [law], date(2026, 9, 1)).lines
    column = law.tables[table].columns_for((region,), ("large", "small"))[-1]
    assert line.amount == dollars(law.tables[table].on(day, column).amount * 8)


def test_weeks_of_2027_are_refused_by_name_and_the_rest_is_computed() -> None:
    first = date(2026, 12, 14)
    worked = tuple(WorkDay(first + timedelta(days=7 * n), 480, place="p") for n in range(5))
    facts = {"wage_sector": "other", "tipped": "no"}
    dina = Claim(facts, {"p": Place("NY", "Kings")}, Timesheet(diary=worked), Pay(), (30, 30))
    sheet = claims.compute(dina, [LAWS["federal"], LAWS["ny"]], date(2027, 3, 1))
    assert {line.first.year for line in sheet.lines} == {2026}
    refused = {(left.values["value"], left.first, left.weeks) for left in sheet.not_computed}
    assert ("minimum_wage", date(2027, 1, 3), 2) in {(v, f, w) for v, f, w in refused}


def test_what_nobody_verified_is_marked_on_its_line_and_in_the_total() -> None:
    day = date(2026, 3, 2)
    farah = Claim(
        {"wage_sector": "fast_food", "tipped": "no", "employees_band": "more"}, {"p": Place("CA", region="rest")},
        Timesheet(diary=(WorkDay(day, 480, place="p"),)), Pay(), (30, 30),
    )  # fmt: skip
    sheet = claims.compute(farah, [LAWS["ca"]], date(2026, 4, 1))
    [line] = sheet.lines
    assert line.amount == 160
    assert line.unverified
    assert sheet.unverified == sheet.total
