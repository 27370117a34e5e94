"""A scenario drawn from counts, one value changed in a text, and what a strategy adds once it works."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jornada.domain.planning import editing, fruit, hubrecords, scenarioreading
from jornada.domain.planning.hubrecords import Counted, TooFew, rounded
from jornada.gateways import planfiles

MONTHS = hubrecords.months_between(date(2026, 6, 5), date(2026, 11, 23))
SIX_MONTHS = Counted(
    months=MONTHS,
    by_month={month: 7 + 3 * place for place, month in enumerate(MONTHS)},
    by_region={"Ford County": {"es": 41, "mayan": 7}, "Finney Cóunty": {"es": 13, "other": 1}},
    by_level={"simple": 22, "moderate": 6, "complex": 1},
    files_at_once={"attorney_time": 34, "accredited_time": 10},
    clinic_days=((date(2026, 12, 5), 21), (date(2026, 12, 12), 21)),
)


def drawn(counted: Counted = SIX_MONTHS) -> str:
    return hubrecords.draft(counted, planfiles.catalogue(), title="Ours: “west”", on=date(2026, 11, 23))


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, 5), (2, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_small_counts_cannot_be_told_apart(count: int, told: int) -> None:
    assert rounded(count) == told


def test_a_draft_is_a_whole_scenario_whose_numbers_say_whence_they_are() -> None:
    scenario = scenarioreading.read("ours.yaml", drawn(), planfiles.catalogue())

    assert scenario.title["en"] == "Ours: “west”"
    assert scenario.places == ("ford_county", "finney_county")
    assert scenario.figures["demand.workers_per_site"].sources[0].title == "hub records, 6 months"
    assert {one.path for one in scenario.changed()} == {
        "demand.workers_per_site",
        "demand.moderate",
        "demand.complex",
    }
    assert scenario.plans["as_arranged"].units("clinic_day_small") == 2
    assert scenario.regions[0].share_of_rate + scenario.regions[1].share_of_rate == pytest.approx(1)
    assert scenario.figures["regions.ford_county.has.attorney_time"].mid == pytest.approx(35 / 42, abs=0.001)


def test_a_draft_holds_no_count_that_is_not_rounded() -> None:
    """One person who speaks another language in a small place shows as five, like any few."""
    text = drawn()

    assert "other: 0.25 share" in text  # 5 of 20, not 1 of 14
    assert "41" not in text
    assert "about 15 people a month" in text


def test_with_few_months_the_spread_is_wide() -> None:
    assert hubrecords.monthly(replace(SIX_MONTHS, months=MONTHS[-1:])) == (10, 20, 40)
    low, mid, high = hubrecords.monthly(SIX_MONTHS)
    assert low < mid < high


def test_of_nobody_no_scenario_is_drawn() -> None:
    with pytest.raises(TooFew, match="Copy one"):
        drawn(replace(SIX_MONTHS, by_region={}))


def test_many_small_places_become_one() -> None:
    places = {f"Place {number}": {"es": 3} for number in range(12)}
    scenario = scenarioreading.read(
        "x.yaml", drawn(replace(SIX_MONTHS, by_region=places)), planfiles.catalogue()
    )

    assert len(scenario.places) == 9
    assert scenario.places[-1] == "elsewhere"


@pytest.mark.parametrize(
    ("codes", "counted"),
    [(["es"], "es"), (["en", "es"], "es"), (["es", "quc"], "mayan"), (["vi"], "other"), (["zh-Hant"], "chinese"),
     ([], "other")],
)  # fmt: skip
def test_people_count_under_the_language_that_is_hardest_to_find_help_in(
    codes: list[str], counted: str
) -> None:
    assert hubrecords.spoken(codes) == counted


# ── One value in a text ───────────────────────────────────────────────────────────────────────────────────

SMALL = """# why we plan
months: 36  # three years
numbers:
  # ours
  a.b: {is: 1 share}
regions:
  - id: x
    has: {y: 1 FTE}
"""


def test_a_value_changes_and_every_comment_stays() -> None:
    changed = editing.with_value(SMALL, "months", "24")

    assert changed == SMALL.replace("months: 36", "months: 24")
    assert editing.with_value(SMALL, "regions/0/has/y", "0.5 FTE") == SMALL.replace(
        "y: 1 FTE", 'y: "0.5 FTE"'
    )


def test_a_number_is_added_replaced_and_taken_back() -> None:
    added = editing.with_number(
        SMALL, "c.d", "2 / 3 / 4 months", who="W, x", why='she: "so", {yes}', on=date(2027, 1, 2)
    )
    (value,) = (one for one in editing.values(added) if one.where == "numbers/c.d/why")
    assert value.written == 'she: "so", {yes}'
    again = editing.with_number(added, "c.d", "5 months", who="W", why="again", on=date(2027, 1, 3))
    assert "5 months" in again
    assert "2 / 3 / 4" not in again
    assert editing.without_number(again, "c.d") == SMALL


@pytest.mark.parametrize("text", ["months: 36\n", "months: 36\nnumbers:\n", "months: 36\nnumbers: {}\n"])
def test_the_first_number_finds_its_place(text: str) -> None:
    added = editing.with_number(text, "a.b", "1 share", who="W", why="y", on=date(2027, 1, 2))

    assert [one.where for one in editing.values(added)][:2] == ["months", "numbers/a.b/is"]


@pytest.mark.parametrize("where", ["regions", "regions/7/id", "nothing", "months/0"])
def test_a_place_without_a_single_value_is_refused(where: str) -> None:
    with pytest.raises(editing.NoSuchValue, match="in the text"):
        editing.with_value(SMALL, where, "1")


def test_every_shipped_scenario_can_be_changed_number_by_number() -> None:
    for name in planfiles.shipped():
        text = planfiles.file_of(name).read_text()
        changed = editing.with_number(
            text, "pay.attorney", "90000 USD per year", who="W", why="y", on=date(2027, 1, 2)
        )
        scenario = scenarioreading.read("x.yaml", changed, planfiles.catalogue())
        assert scenario.figures["pay.attorney"].mid == 7500


# ── Fruit ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_strategy_gives_files_seats_or_nothing_that_is_counted() -> None:
    scenario = planfiles.scenario("small")
    of = lambda name: fruit.fruit(scenario.catalogue.strategies[name], scenario)

    (clinic,) = (one for one in of("clinic_day_small") if one.resource == fruit.SEATS)
    assert 15 < clinic.files < 40
    attorney = next(one for one in of("hire_attorney") if one.resource == "attorney_time")
    assert attorney.files == 42  # 14 cases a month, each of which binds for three months
    assert attorney.ramp[0] < attorney.ramp[-1] == 1.0
    assert of("consulate") == ()
    assert all(one.files == 0 for one in of("probono_clinic"))


def test_a_ramp_becomes_days_and_files() -> None:
    assert fruit.steps(20, (0.5, 0.5, 1.0), date(2027, 1, 31)) == (
        (date(2027, 1, 31), 10),
        (date(2027, 3, 31), 20),
    )
    assert fruit.later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert fruit.steps(0, (), date(2027, 1, 1)) == ((date(2027, 1, 1), 0),)
