"""From answers to findings, what would change them, what is due; statements of interest, deciders, grants."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from benchmarks.assessment import PlainInterpreter
from jornada.domain import functions
from jornada.domain.assessment import Event, assess, assess_all, deadlines, what_would_change
from jornada.domain.conditions import Scope, condition
from jornada.domain.facts import UNSURE, Circumstances, Finding, Outcome, Statement
from jornada.domain.interview import paths
from jornada.gateways import packfiles
from tests.domain.small_pack import small_pack

YES, NO, OPEN = Outcome.YES, Outcome.NO, Outcome.NOT_YET_KNOWN
PACK = small_pack()
OPEN_DAY, LAPSED_DAY = date(2024, 10, 1), date(2026, 12, 1)
CALM: dict[str, Any] = {
    "detained_now": "no",
    "court_ever": "no",
    "arrests": ["none"],
    "entries": 1,
    "arrived_on": "2020",
    "jobs": [],
}


# --- findings -------------------------------------------------------------------------------------


def test_an_assessment_keeps_pack_fingerprint_and_day() -> None:
    found = assess(CALM, PACK, OPEN_DAY)
    assert (found.pack, found.fingerprint, found.on) == ("small", PACK.fingerprint, OPEN_DAY)
    assert [finding.name for finding in found.findings] == list(PACK.findings)


def test_a_finding_names_what_turned_it_or_what_is_missing() -> None:
    found = assess({"court_ever": UNSURE, "entries": 3}, PACK, OPEN_DAY)
    assert found.finding("came_often").turning == ("entries",)
    assert found.finding("order_possible").missing == ("missed_hearing",)
    assert found.finding("arrested").missing == ("arrests",)


def test_an_open_finding_tells_what_was_answered_but_does_not_settle_it() -> None:
    found = assess({**CALM, "arrests": UNSURE}, PACK, OPEN_DAY).finding("arrested")
    assert (found.outcome, found.missing, found.turning, found.level) == (OPEN, (), ("arrests",), "COMPLEX")


def test_tasks_are_those_of_findings_that_hold() -> None:
    assert assess(CALM, PACK, OPEN_DAY).tasks == ()
    assert assess({**CALM, "detained_now": "yes"}, PACK, OPEN_DAY).tasks == ("lawyer",)


def test_a_reason_carries_its_source() -> None:
    [reason] = assess({**CALM, "entries": 2}, PACK, OPEN_DAY).finding("came_often").reasons
    assert (reason.key, reason.source and reason.source.needs_review) == ("came_often", True)


def test_a_value_not_in_force_is_listed_every_time_and_never_replaced() -> None:
    for _ in range(2):
        found = assess(CALM, PACK, LAPSED_DAY)
        assert [lapsed.parameter for lapsed in found.lapsed] == ["programme_status"]
        assert found.finding("shut").outcome is OPEN
    assert assess(CALM, PACK, OPEN_DAY).lapsed == ()


def test_many_files_come_out_as_each_alone() -> None:
    people = {"ana": CALM, "bashir": {**CALM, "detained_now": "yes"}}
    files = ((name, answers, None) for name, answers in people.items())
    found = {name: one.findings for name, one in assess_all(files, PACK, OPEN_DAY)}
    assert found == {name: assess(answers, PACK, OPEN_DAY).findings for name, answers in people.items()}
    assert found["ana"] != found["bashir"]


def test_what_would_change_a_finding_lists_single_answers_that_turn_it() -> None:
    answers = {**CALM, "court_ever": "yes", "missed_hearing": "yes"}
    found = assess(answers, PACK, OPEN_DAY)
    changes = what_would_change(found, PACK, answers, OPEN_DAY, "order_possible")
    assert {(change.fact, change.to, change.outcome) for change in changes} == {
        ("court_ever", "no", NO),
        ("missed_hearing", "no", NO),
    }


def test_what_would_change_an_open_finding_names_the_missing_answer() -> None:
    answers = {**CALM, "entries": None}
    changes = what_would_change(assess(answers, PACK, OPEN_DAY), PACK, answers, OPEN_DAY, "came_often")
    assert ("entries", 2, YES) in {(change.fact, change.to, change.outcome) for change in changes}


@settings(max_examples=25, deadline=None)
@given(some.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter_and_tables_never_mix_people(chance: random.Random) -> None:
    """The same answers in another order, after other people's, on the pack's tables and on fresh ones."""
    ways = [dict(way.answers) for way in paths(PACK, OPEN_DAY, limit=15)]
    answers = list(chance.choice(ways).items())
    expected = assess(dict(answers), small_pack(), OPEN_DAY).findings
    for other in chance.sample(ways, 3):
        assess(other, PACK, chance.choice([OPEN_DAY, LAPSED_DAY]))
    chance.shuffle(answers)
    assert assess(dict(answers), PACK, OPEN_DAY).findings == expected


@pytest.mark.parametrize("name", packfiles.available())
def test_a_plain_interpreter_of_the_same_rules_agrees_on_every_way_and_example(name: str) -> None:
    pack = packfiles.load(name)
    plain = PlainInterpreter(pack)
    for example in pack.examples:
        around = pack.on_file(example)
        if assess(example.answers, pack, example.day, around).lapsed:
            continue  # the plain one stops at a value not in force
        ours = {
            found.name: found.outcome for found in assess(example.answers, pack, example.day, around).findings
        }
        theirs = plain.assess(example.answers, example.day, around)
        assert ours == {finding: Outcome.of(truth) for finding, truth in theirs.items()}, example.name


# --- deadlines ------------------------------------------------------------------------------------


def due(answers: dict[str, Any], *events: Event) -> dict[str, Any]:
    return {one.key: one for one in deadlines(PACK, answers, events, OPEN_DAY)}


def test_a_move_is_to_be_told_within_ten_days_with_reminders_before() -> None:
    found = due({}, Event("moved", date(2024, 10, 1)))["address"]
    assert (found.due_on, found.firmness, found.needs_review) == (date(2024, 10, 11), "law", False)
    assert found.remind_on == (date(2024, 10, 4), date(2024, 10, 10))


def test_what_only_a_notice_can_say_is_never_computed() -> None:
    assert due({}, Event("letter", date(2024, 10, 1)))["answer"].due_on is None
    printed = due({}, Event("letter", date(2024, 10, 1), printed=date(2024, 12, 24)))["answer"]
    assert (printed.due_on, printed.needs_review) == (date(2024, 12, 24), True)


def test_from_an_approximate_day_the_earliest_counts_and_it_is_said() -> None:
    found = due({"arrived_on": "2024-03"})["asylum"]
    assert (found.due_on, found.approximate) == (date(2025, 2, 28), True)
    assert not due({"arrived_on": "2024-03-05"})["asylum"].approximate
    assert "asylum" not in due({"arrived_on": UNSURE})


def test_deadlines_stand_soonest_first_and_each_event_has_its_own() -> None:
    found = deadlines(
        PACK,
        {"arrived_on": "2024-03-05"},
        (Event("moved", date(2024, 9, 1)), Event("moved", date(2024, 5, 1))),
        OPEN_DAY,
    )
    assert [one.due_on for one in found] == [date(2024, 5, 11), date(2024, 9, 11), date(2025, 3, 4)]


# --- a job within a statement of interest ---------------------------------------------------------

PLANT = Statement(
    id="plant",
    agency="State DOL",
    agency_level="state",
    matter_ref="LS-1",
    issued_on=date(2024, 3, 1),
    employers=("Valley Poultry, Inc.", "Golden Hen"),
    worksites=("Valley Poultry Plant, Riverside",),
    period_from=date(2020, 1, 1),
    period_to=date(2024, 3, 1),
)
ANA = {
    "employer": "Valley Poultry",
    "worksite": "Valley Poultry Plant",
    "city": "Riverside",
    "from": "2021-03-01",
    "to": "2023-02-28",
}


def matched(
    *jobs: dict[str, Any],
    statement: Statement | None = PLANT,
    exists: str | None = "yes",
    on: date = OPEN_DAY,
) -> Finding:
    around = Circumstances((statement,) if statement else ())
    answers = {"jobs": list(jobs) if jobs else None, "soi_exists": exists}
    return functions.matches_statement(
        Scope(answers, on, circumstances=around), {"jobs": "jobs", "exists": "soi_exists"}
    )


def test_ana_is_within_the_statement_for_every_day_she_worked() -> None:
    found = matched(ANA)
    assert found.outcome is YES
    assert (found.values["overlap_days"], found.values["statements"], found.values["look"]) == (
        730,
        ["plant"],
        [],
    )


@pytest.mark.parametrize(
    "employer",
    [
        "VALLEY POULTRY INC",
        "Valley Poultry, L.L.C.",
        "Golden Hen",
        "VP Holdings d/b/a Golden Hen",
        "Válley Poultry",
    ],
)
def test_legal_endings_trade_names_capitals_and_accents_do_not_matter(employer: str) -> None:
    assert matched({**ANA, "employer": employer}).outcome is YES


@pytest.mark.parametrize("employer", ["Vally Poultry", "Valley Poultry of Ohio", "Valley"])
def test_a_near_name_is_put_before_an_attorney_and_never_accepted(employer: str) -> None:
    found = matched({**ANA, "employer": employer})
    assert (found.outcome, found.values["look"], found.values["needs_look"]) == (OPEN, ["employer"], "yes")


def test_another_employer_is_no_unless_a_statement_may_be_missing_on_file() -> None:
    other = {**ANA, "employer": "Sunrise Foods"}
    assert matched(other, exists="no").outcome is NO
    assert matched(other, exists=None).outcome is NO
    assert matched(other, exists="yes").values["look"] == ["statement"]


def test_luis_who_left_before_the_period_began_is_outside() -> None:
    assert matched({**ANA, "from": "2019-01", "to": "2019-03"}).outcome is NO


def test_another_site_is_outside_and_a_town_alone_is_looked_at() -> None:
    assert matched({**ANA, "worksite": "Hatchery", "city": "Oakdale"}).outcome is NO
    assert matched({**ANA, "worksite": None}).values["look"] == ["worksite"]
    assert matched({**ANA, "worksite": "Valley Poultry Plant Riverside", "city": ""}).outcome is YES
    assert matched({**ANA, "worksite": "Anywhere"}, statement=replace(PLANT, worksites=())).outcome is YES


@pytest.mark.parametrize(
    ("start", "end", "outcome", "sure"),
    [
        ("2021", "2022", YES, 2),  # the last day of 2021 and the first of 2022 are sure
        ("2019", "2020", YES, 1),  # still there on the first day of 2020, surely
        ("2024", "ongoing", OPEN, 0),  # perhaps she came before March
        ("2024-03-01", "ongoing", YES, 1),
        ("2024-03-02", "ongoing", NO, 0),
        (None, "2021-06-30", OPEN, 0),
        ("2021-06-30", None, OPEN, 0),
        (UNSURE, UNSURE, OPEN, 0),
    ],
)
def test_days_that_are_only_roughly_known_are_counted_where_sure(
    start: Any, end: Any, outcome: Outcome, sure: int
) -> None:
    found = matched({**ANA, "from": start, "to": end})
    assert found.outcome is outcome
    assert found.values.get("overlap_days", 0) == sure


def test_days_between_two_stints_are_listed_as_a_gap() -> None:
    found = matched({**ANA, "to": "2021-12-31"}, {**ANA, "from": "2022-02-01"})
    assert (found.outcome, found.values["gaps"], found.values["gap_days"]) == (
        YES,
        ["2022-01-01 to 2022-01-31"],
        31,
    )
    assert matched({**ANA, "to": "2021-12-31"}, {**ANA, "from": "2022-01-01"}).values["gaps"] == []


def test_a_statement_withdrawn_or_not_yet_issued_does_not_cover() -> None:
    assert matched(ANA, on=date(2024, 2, 29)).outcome is OPEN
    withdrawn = replace(PLANT, withdrawn_on=date(2024, 9, 1))
    assert matched(ANA, statement=withdrawn, exists="no").outcome is NO


def test_a_former_worker_of_a_statement_for_current_ones_is_looked_at() -> None:
    found = matched(ANA, statement=replace(PLANT, covers_former=False))
    assert (found.outcome, found.values["look"]) == (OPEN, ["former"])


def test_without_a_statement_on_file_the_answers_say_no_or_leave_it_open() -> None:
    assert matched(ANA, statement=None, exists="no").outcome is NO
    assert matched(ANA, statement=None, exists="yes").outcome is OPEN
    assert matched(ANA, statement=None, exists=None).missing == ("soi_exists",)
    assert matched(statement=PLANT).missing == ("jobs",)


def test_one_job_that_surely_matches_is_enough() -> None:
    assert matched({**ANA, "employer": "Vally Poultry"}, ANA).outcome is YES


# --- who decides, and the end of a grant ----------------------------------------------------------


def who(**answers: Any) -> Finding:
    arguments = {name: condition({"fact": name, "is": "yes"}) for name in ("detained", "in_court", "order")}
    return functions.decider(Scope(answers, OPEN_DAY), arguments)


@pytest.mark.parametrize(
    ("answers", "decider", "permit"),
    [
        ({"detained": "no", "in_court": "no", "order": "no"}, "USCIS", "USCIS"),
        ({"detained": "no", "in_court": "yes", "order": "no"}, "ICE", "USCIS"),
        ({"detained": "no", "in_court": UNSURE, "order": "yes"}, "ICE", "USCIS"),
        ({"detained": "yes"}, "ICE", "unknown"),
    ],
)
def test_who_decides_follows_court_order_and_detention(
    answers: dict[str, str], decider: str, permit: str
) -> None:
    found = who(**answers)
    assert (found.outcome, dict(found.values)) == (YES, {"decider": decider, "ead_by": permit})


def test_who_decides_is_open_while_an_order_is_not_ruled_out() -> None:
    found = who(detained="no", in_court="no", order=UNSURE)
    assert (found.outcome, found.turning) == (OPEN, ("order",))
    assert who(detained="no").missing == ("in_court", "order")


ARGUMENTS = {
    "granted_on": "grant_on",
    "years": "grant_years",
    "lengthened": "lengthened",
    "length": "length",
    "lengthened_to": "total",
}


def grant(on: date = date(2026, 11, 22), **answers: Any) -> Finding:
    def value(name: str, day: date) -> int:
        return 4 if name == "total" or day >= date(2024, 7, 22) else 2

    return functions.grant_end(Scope(answers, on, parameter=value), ARGUMENTS)


def test_elenas_two_years_from_february_2024_ended_in_february_2026() -> None:
    found = grant(grant_on="2024-02-10", grant_years=2, lengthened="no")
    assert (found.outcome, found.values["da_end"], found.values["days_left"]) == (NO, "2026-02-09", -286)
    assert grant(date(2026, 2, 9), grant_on="2024-02-10", grant_years=2, lengthened="no").outcome is YES


def test_lengthened_to_four_years_it_runs_until_2028() -> None:
    assert grant(grant_on="2024-02-10", grant_years=2, lengthened="yes").values["da_end"] == "2028-02-09"


def test_without_the_years_the_day_of_the_grant_tells_them() -> None:
    assert grant(grant_on="2024-07-21", lengthened="no").values["da_end"] == "2026-07-20"
    assert grant(grant_on="2024-07-22", lengthened="no").values["da_end"] == "2028-07-21"


def test_a_grant_of_which_the_day_is_unknown_or_unclear_stays_open() -> None:
    assert grant(lengthened="no").missing == ("grant_on",)
    assert grant(grant_on="2024-02-10", lengthened=UNSURE).turning == ("lengthened",)
    rough = grant(grant_on="2024", grant_years=2, lengthened="no")
    assert (rough.outcome, rough.values["da_end"]) == (OPEN, "2025-12-31")
