"""When things can begin, and what must be decided by when to have them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jornada.domain.planning import timetable, windows
from jornada.domain.planning.scenario import Plan, Start
from tests.domain.small_scenario import only, pack, read, shipped

TODAY = date(2026, 11, 22)


def next_start(programme: str, decided: date, prepare: float) -> windows.Cycle:
    return windows.next_start(pack().programmes[programme], decided, prepare)


def test_a_decision_on_22_november_2026_means_september_2028_for_equal_justice_works() -> None:
    """Calibration test 9 of the capacity notes."""
    for prepare in (0, 2, 4):
        assert next_start("equal_justice_works", TODAY, prepare).starts == date(2028, 9, 1)
    assert next_start("skadden", TODAY, 3).starts == date(2028, 9, 1)
    assert next_start("ijc_justice", TODAY, 3).starts == date(2028, 9, 1)
    assert next_start("ijc_community", TODAY, 3).starts == date(2027, 9, 1)


def test_justice_catalyst_still_starts_in_2027_only_if_filed_by_2_december_2026() -> None:
    assert next_start("justice_catalyst", TODAY, 0).starts == date(2027, 9, 1)
    assert next_start("justice_catalyst", date(2026, 12, 2), 0).starts == date(2027, 9, 1)
    assert next_start("justice_catalyst", date(2026, 12, 3), 0).starts == date(2028, 9, 1)
    assert next_start("justice_catalyst", TODAY, 2).starts == date(2028, 9, 1)


@given(
    programme=st.sampled_from(["equal_justice_works", "skadden", "justice_catalyst", "ijc_community"]),
    decided=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    prepare=st.floats(0, 11),
)
def test_the_next_round_is_reached_and_the_one_before_is_not(
    programme: str, decided: date, prepare: float
) -> None:
    found = next_start(programme, decided, prepare)
    assert decided <= found.decide_by <= found.due < found.starts
    before = windows.cycle(pack().programmes[programme], found.due.year - 1, prepare)
    assert before.decide_by < decided


def test_past_the_day_to_which_a_pattern_is_kept_nothing_is_guessed() -> None:
    with pytest.raises(windows.CalendarEnds, match=r"equal_justice_works is kept until 2033-12-31"):
        next_start("equal_justice_works", date(2033, 1, 1), 2)


def test_starts_of_a_fellowship_lie_in_september_and_of_a_docket_at_the_beginning_of_a_term() -> None:
    scenario = shipped("national")
    months = {
        name: {
            scenario.first_of(month).month
            for month in windows.start_months(pack().strategies[name], scenario)
        }
        for name in ("fellowship_ejw", "law_clinic_docket", "law_clinic_miniterm", "probono_clinic")
    }
    assert months == {
        "fellowship_ejw": {9},
        "law_clinic_docket": {1, 9},
        "law_clinic_miniterm": {1, 3},
        "probono_clinic": {1, 4, 7, 10},
    }


def test_two_fellows_by_september_2028_need_eleven_applications_decided_by_june_2027() -> None:
    found = timetable.to_have(pack().strategies["fellowship_ejw"], 2, date(2028, 9, 30), pack())
    assert found.first_service == date(2028, 9, 1)
    assert [step.name for step in found.steps] == [
        "project_and_candidate", "application_open", "interviews_and_offers", "first_day",
    ]  # fmt: skip
    assert found.steps[1].ends == date(2027, 9, 17)
    assert date(2027, 6, 1) < found.decide_by < date(2027, 6, 30)
    assert found.units == 11
    assert found.chance >= 0.5
    assert timetable.at_least(2, 10, 0.15) < 0.5


def test_a_representative_by_a_day_is_counted_back_through_every_wait() -> None:
    by = date(2028, 6, 1)
    found = timetable.to_have(pack().strategies["ra_new_rep"], 1, by, pack())
    steps = {step.name: step for step in found.steps}
    assert steps["eoir_decision"].ends == by
    assert (by - steps["eoir_decision"].begins).days == pytest.approx(8 * 30.4, abs=2)
    assert steps["uscis_recommendation"].begins == steps["eoir_decision"].begins
    assert steps["forms_assembled"].ends == steps["eoir_decision"].begins
    assert steps["experience"].ends == steps["forms_assembled"].begins
    assert found.decide_by == min(step.begins for step in found.steps)
    assert 12 <= (by - found.decide_by).days / 30.4 <= 16
    late = windows.decide_by(pack().strategies["ra_new_rep"], by, pack(), cautious=True)
    assert late < found.decide_by - timedelta(days=180)


def test_a_plan_in_dates_says_what_to_decide_first() -> None:
    scenario = only(read(), "clinic_day_small", "hire_attorney", "fellowship_ejw")
    plan = Plan("mine", (Start("clinic_day_small", "town", 4, 2), Start("hire_attorney", "town", 0)))
    first, second = timetable.entries(plan, scenario)
    assert (first.strategy, first.decide_by, first.first_service) == (
        "hire_attorney",
        date(2026, 12, 1),
        date(2027, 4, 1),
    )
    assert first.late == date(2027, 8, 1)
    assert (second.units, second.first_service, second.until) == (2, date(2027, 4, 1), date(2027, 5, 1))
    assert second.decide_by == date(2027, 1, 30)
    assert second.cost_to_start == 10_000
