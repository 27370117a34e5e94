"""Scenario files and the pack: read whole, or refused with file, line and mend, everything at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jornada.domain.located import PackErrors
from jornada.domain.planning import scenariochecks, scenarioreading
from jornada.domain.planning.strategyreading import COST_KINDS
from jornada.gateways import packfiles
from tests.domain.small_scenario import TOWN, pack, read, shipped

PLANTED = "regions:\n  - id: town\n"


def complaints(text: str) -> list[str]:
    with pytest.raises(PackErrors) as refused:
        read(text)
    return [str(error) for error in refused.value.errors]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_scenario_is_read_with_months_from_one_and_numbers_overwritten_with_who_and_why() -> None:
    scenario = read()
    assert scenario.regions[0].worksites[0].month == 0
    assert [start.month for start in scenario.plans["by_hand"].starts] == [2, 4]
    changed = {figure.path: figure.change for figure in scenario.changed()}
    assert changed.keys() == {"demand.moderate", "demand.complex"}
    assert changed["demand.moderate"] is not None
    assert changed["demand.moderate"].who == "Olga"
    assert changed["demand.moderate"].was == "0.10 / 0.19 / 0.25 share"
    assert pack().figures["demand.moderate"].mid == 0.19


FTE, HAND = "attorney_time: 1 FTE", "strategy: clinic_day_small, months: [3, 5]"
SLIPS = [
    ("amount: 100000 USD per month", "amount: -100000 USD per month", "is negative", "amount"),
    ("takeup: 1 share", "takeup: 1.4 share", "demand.takeup is over 1", "takeup"),
    (FTE, "attorney_time: 160 hours per month", "counted in FTE, not in hours per month", "attorney_time"),
    (FTE, "attorney_time: 160 FTE", "are these hours?", "attorney_time"),
    (
        "    worksites:\n      - {id: plant, covered: 120, month: 1}\n",
        "",
        "nobody asks for help in town",
        "- id: town",
    ),
    (
        "months: 12\n",
        "months: 120\n",
        "kept until 2033-12-31, before the plan ends on 2036-11-30",
        "months: 120",
    ),
    (
        "months: [3, 5]",
        "months: [1, 5]",
        "cannot begin in month 1. It can in months 3, 4, 5",
        "clinic_day_small",
    ),
    (
        HAND,
        "strategy: ra_new_rep, months: 3",
        "needs recognised_places, and town can never have it",
        "y: ra_new_rep",
    ),
    (HAND, "strategy: fellowship_skadden, months: 22", "cannot begin in month 22", "skadden"),
    (HAND, "strategy: clinic_night, months: 3", "unknown 'clinic_night'", "clinic_night"),
    (
        "languages: {es: 1 share}",
        "languages: {es: 0.8 share}",
        "these shares add up to 0.80",
        "languages: {es",
    ),
    ("state: open", "state: ajar", "unknown 'ajar'", "policy"),
    (
        "demand.complex:",
        "demand.complexity:",
        "the pack has no number 'demand.complexity'",
        "demand.complexity",
    ),
    (
        "weights: {simple: 1, moderate: 1, complex: 1}",
        "weights: {simple: 1}",
        "moderate has no weight",
        "weights",
    ),
    ('who: "Olga"\n    why', "why", "who missing", "judgement"),
]


@pytest.mark.parametrize(("old", "new", "said", "at"), SLIPS)
def test_each_kind_of_slip_is_named_with_its_line(old: str, new: str, said: str, at: str) -> None:
    town = TOWN + "not_used: [ra_new_org]\n"
    assert old in town
    text = town.replace(old, new, 1)
    found = complaints(text)
    mine = [one for one in found if said in one]
    assert mine, found
    assert mine[0].startswith(f"town.yaml:{line_of(text, at)}: ")


def test_several_slips_are_told_at_once_in_the_order_of_the_file() -> None:
    text = TOWN.replace("state: open", "state: ajar").replace("covered: 120", "covered: many")
    text = text.replace("first: waiting", "first: applause")
    found = complaints(text)
    lines = [int(one.split(":")[1]) for one in found]
    assert len(found) == 3
    assert lines == sorted(lines)


def test_a_text_that_is_no_scenario_says_what_it_needs() -> None:
    assert "not YAML" in complaints("scenario: [")[0]
    assert "missing" in complaints("scenario: empty\n")[0]
    assert "0.4 without quotes" in complaints(TOWN.replace("takeup: 1 share", "takeup: 0.4"))[0]


def test_what_was_agreed_before_the_plan_needs_no_time_to_prepare() -> None:
    scenario = read(TOWN.replace("months: [3, 5]}", "months: [1, 5], agreed: true}"))
    assert [start.month for start in scenario.plans["by_hand"].starts] == [0, 4]


def test_strategies_that_can_never_begin_are_listed_with_what_they_lack_and_who_would_give_it() -> None:
    without = read(TOWN + "not_used: [ra_new_org]\n")
    unmet = {(one.strategy, one.resource): one for one in scenariochecks.unreachable(without)}
    assert unmet["ra_new_rep", "recognised_places"].given_by == ("ra_new_org",)
    assert ("ra_new_rep", "recognised_places") not in {
        (one.strategy, one.resource) for one in scenariochecks.unreachable(read())
    }
    short = {(one.strategy, one.resource) for one in scenariochecks.unreachable(read().until(9))}
    assert ("ra_new_rep", "recognised_places") in short  # a new organization cannot give a place so soon
    assert ("fellowship_ejw", "host_places") in unmet
    assert ("fellowship_skadden", "2 FTE of attorney_time") in unmet
    assert not {name for name, _ in unmet} & {"clinic_day", "hire_attorney", "consulate"}


def test_staff_that_may_serve_nobody_supervises_nobody_either() -> None:
    small = shipped("small")
    lsc = next(member for member in small.regions[0].members if member.id == "legal_aid_office")
    bound = replace(small.regions[0], members=(lsc,), has={})
    nobody_hired = replace(small, regions=(bound,), not_used=frozenset({"hire_attorney", "attorney_hours"}))
    assert "supervision" in {one.resource for one in scenariochecks.unreachable(nobody_hired)}


# --- the pack that ships ------------------------------------------------------------------------------


def test_every_number_of_the_pack_has_a_source_a_certainty_and_a_day() -> None:
    without = [
        path for path, figure in pack().figures.items()
        if not figure.sources or figure.as_of is None or not all(source.certainty for source in figure.sources)
    ]  # fmt: skip
    assert without == []
    assert len(pack().figures) > 200


def test_judgements_are_marked_as_such_and_none_claims_a_text() -> None:
    ours = [
        path for path, figure in pack().figures.items()
        if any(source.title.startswith("Our own") and source.certainty != "D" for source in figure.sources)
    ]  # fmt: skip
    assert ours == []


def test_every_strategy_of_the_notes_is_there_with_steps_and_a_cost() -> None:
    named = {
        "fellowship_ejw", "ra_new_org", "ra_new_rep", "law_clinic_docket", "law_clinic_miniterm", "lsp_partner",
        "consulate", "probono_clinic", "probono_fullcase", "lowbono_batch", "digital_tool", "hire_attorney",
        "clinic_day",
    }  # fmt: skip
    assert named <= pack().strategies.keys()
    assert all(one.stages and one.cost_kind in COST_KINDS for one in pack().strategies.values())


def test_a_pack_with_many_faults_names_them_all() -> None:
    files = dict(packfiles.texts(packfiles.directory() / "planning"))
    files["numbers.yaml"] = files["numbers.yaml"].replace(
        "8 / 14 / 22 cases per FTE-month", "8 / 14 / 22 hours per week"
    )
    files["strategies.yaml"] = files["strategies.yaml"].replace(
        "leaves: work.attorney_turnover", "leaves: work.turnover"
    )
    files["calendars.yaml"] = files["calendars.yaml"].replace('due: "09-17"', 'due: "09-31"')
    files["wording/es.yaml"] = files["wording/es.yaml"].replace('  clinic_day: "Jornada grande"\n', "")
    with pytest.raises(PackErrors) as refused:
        scenarioreading.read_pack("planning", files)
    said = "\n".join(str(error) for error in refused.value.errors)
    assert "there is no number 'work.turnover'" in said
    assert "work.attorney_cases is counted in hours per month, and this place in cases per FTE-month" in said
    assert "'09-31' is not a day of the year" in said
    files["strategies.yaml"] = files["strategies.yaml"].replace("work.turnover", "work.attorney_turnover")
    files["numbers.yaml"] = files["numbers.yaml"].replace(
        "8 / 14 / 22 hours per week", "8 / 14 / 22 cases per FTE-month"
    )
    files["calendars.yaml"] = files["calendars.yaml"].replace("09-31", "09-30")
    with pytest.raises(PackErrors, match=r"there is no text 'strategies.clinic_day' in 'es'"):
        scenarioreading.read_pack("planning", files)


def test_a_scenario_that_ships_broken_is_the_packs_fault() -> None:
    files = dict(packfiles.texts(packfiles.directory() / "planning"))
    files["scenarios/small.yaml"] = files["scenarios/small.yaml"].replace("covered: 120", "covered: 1.2 FTE")
    with pytest.raises(
        PackErrors, match=r"scenarios/small.yaml:\d+: regions.plant_town.poultry_plant.covered"
    ):
        scenarioreading.read_pack("planning", files)
