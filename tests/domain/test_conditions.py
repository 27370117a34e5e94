"""The condition language: three values, approximate dates, "I am not sure", lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jornada.domain.conditions import ConditionError, Scope, condition
from jornada.domain.facts import UNSURE, Finding, Outcome
from jornada.domain.rulepacks import RulePack
from tests.domain.small_pack import quick, small_pack

TODAY = date(2026, 11, 22)
YES, NO, OPEN = Outcome.YES, Outcome.NO, Outcome.NOT_YET_KNOWN


def holds(raw: Any, **answers: Any) -> Outcome:
    return condition(raw).holds(Scope(answers, TODAY))


@pytest.fixture(scope="module")
def pack() -> RulePack:
    return small_pack()


@pytest.mark.parametrize(("answer", "outcome"), [("yes", YES), ("no", NO), (UNSURE, OPEN), (None, OPEN)])
def test_a_fact_is_compared_and_unsure_or_missing_stays_open(answer: Any, outcome: Outcome) -> None:
    assert holds({"fact": "court", "is": "yes"}, court=answer) is outcome


@pytest.mark.parametrize(("answer", "outcome"), [("yes", NO), (UNSURE, YES), (None, OPEN)])
def test_unsure_can_be_asked_for(answer: Any, outcome: Outcome) -> None:
    assert holds({"fact": "court", "is": "unsure"}, court=answer) is outcome


@pytest.mark.parametrize(("answer", "outcome"), [("yes", YES), (UNSURE, YES), ("no", NO), (None, OPEN)])
def test_unsure_may_count_as_yes(answer: Any, outcome: Outcome) -> None:
    assert holds({"fact": "court", "in": ["yes", "unsure"]}, court=answer) is outcome


def test_several_options_are_looked_into() -> None:
    assert holds({"fact": "arrests", "has": "theft"}, arrests=["theft", "dui"]) is YES
    assert holds({"fact": "arrests", "has_any": ["drugs", "guns"]}, arrests=["theft"]) is NO
    assert holds({"fact": "arrests", "has_any": ["drugs", "unsure"]}, arrests=UNSURE) is YES
    assert holds({"fact": "arrests", "has": "theft"}) is OPEN


def test_numbers_and_money_are_compared_as_numbers() -> None:
    assert holds({"fact": "entries", "at_least": 2}, entries=10) is YES
    assert holds({"fact": "income", "less_than": 1000}, income="999.99") is YES
    assert holds({"fact": "income", "more_than": "1000.00"}, income="1000.00") is NO


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("2020-04-30", NO),
        ("2020-05-01", YES),
        ("2020-05", YES),
        ("2020", OPEN),
        ("2021", YES),
        (UNSURE, OPEN),
    ],
)
def test_an_approximate_date_is_open_only_where_it_straddles(answer: str, outcome: Outcome) -> None:
    assert holds({"fact": "arrived", "on_or_after": "2020-05-01"}, arrived=answer) is outcome


def test_dates_are_compared_with_today_and_with_other_facts() -> None:
    assert holds({"fact": "arrived", "after": {"today": "-1 year"}}, arrived="2025-11-23") is YES
    assert holds({"fact": "arrived", "after": {"today": "-1 year"}}, arrived="2025-11-22") is NO
    later = {"fact": "grant", "before": {"fact": "arrived", "plus": "1 year -1 day"}}
    assert holds(later, grant="2024-12-30", arrived="2024-01-01") is YES
    assert holds(later, grant="2024-12-31", arrived="2024-01-01") is NO
    assert holds(later, grant="2024-12-31", arrived="2024") is OPEN
    assert holds(later, grant="2024-12-31") is OPEN


def test_the_day_itself_can_be_asked() -> None:
    assert holds({"day": {"on_or_after": "2025-02-05", "before": "2027-01-01"}}) is YES


def test_several_comparisons_hold_together() -> None:
    between = {"fact": "arrived", "on_or_after": "2020-01-01", "before": "2021-01-01"}
    assert [holds(between, arrived=day) for day in ("2019", "2020", "2021-01-01", "2020-05")] == [
        NO,
        YES,
        NO,
        YES,
    ]


def test_known_and_answered_are_never_open() -> None:
    assert holds({"known": "court"}, court=UNSURE) is NO
    assert holds({"answered": "court"}, court=UNSURE) is YES
    assert holds({"known": "court"}) is NO
    assert holds({"answered": "court"}, court=None) is NO


JOBS = [{"employer": "Valley", "from": "2020", "to": "ongoing"}, {"employer": "Sunrise"}]
AT_VALLEY = {"entry": "employer", "is": "Valley"}


def test_some_every_and_how_many_entries() -> None:
    assert holds({"any_entry": "jobs", "where": AT_VALLEY}, jobs=JOBS) is YES
    assert holds({"every_entry": "jobs", "where": AT_VALLEY}, jobs=JOBS) is NO
    assert holds({"count": "jobs", "at_least": 2}, jobs=JOBS) is YES
    assert holds({"any_entry": "jobs", "where": AT_VALLEY}, jobs=[]) is NO
    assert holds({"every_entry": "jobs", "where": AT_VALLEY}, jobs=[]) is YES
    assert holds({"any_entry": "jobs", "where": AT_VALLEY}) is OPEN


def test_an_entry_whose_field_is_missing_stays_open_unless_another_decides() -> None:
    since = {"entry": "from", "before": "2021-01-01"}
    assert holds({"any_entry": "jobs", "where": since}, jobs=JOBS) is YES
    assert holds({"every_entry": "jobs", "where": since}, jobs=JOBS) is OPEN
    assert holds({"count": "jobs", "where": since, "at_least": 1}, jobs=JOBS) is YES
    assert holds({"count": "jobs", "where": since, "at_least": 2}, jobs=JOBS) is OPEN
    assert holds({"count": "jobs", "where": since, "at_least": 3}, jobs=JOBS) is NO


def test_a_job_that_goes_on_ends_no_earlier_than_today() -> None:
    assert holds({"any_entry": "jobs", "where": {"entry": "to", "before": "2026-01-01"}}, jobs=JOBS[:1]) is NO
    assert (
        holds({"any_entry": "jobs", "where": {"entry": "to", "on_or_after": "today"}}, jobs=JOBS[:1]) is YES
    )


def test_a_value_not_in_force_leaves_the_comparison_open_and_is_noted(pack: RulePack) -> None:
    scope = pack.scope({}, date(2026, 11, 30))
    assert condition({"parameter": "programme_status", "is": "shut"}).holds(scope) is OPEN
    assert scope.lapsed["programme_status"].last_confirmed == date(2026, 11, 29)


def test_a_value_that_nobody_knows_is_open_but_can_be_asked_for() -> None:
    scope = Scope({"fee": "520.00", "country": "HN"}, TODAY, parameter=lambda name, on: "unknown")
    assert condition({"parameter": "p", "is": "520.00"}).holds(scope) is OPEN
    assert condition({"parameter": "p", "in": ["520.00", "unknown"]}).holds(scope) is YES
    assert condition({"fact": "country", "in": {"parameter": "p"}}).holds(scope) is OPEN
    assert condition({"fact": "fee", "at_least": {"parameter": "p"}}).holds(scope) is OPEN


def test_lists_and_numbers_may_be_held_as_dated_values() -> None:
    scope = Scope(
        {"country": "AF", "entries": 3},
        TODAY,
        parameter=lambda name, on: {"hold": ["AF", "HT"], "most": 2}[name],
    )
    assert condition({"fact": "country", "in": {"parameter": "hold"}}).holds(scope) is YES
    assert condition({"fact": "entries", "at_most": {"parameter": "most"}}).holds(scope) is NO


def test_a_finding_can_be_asked_for_any_of_its_outcomes_and_its_values() -> None:
    rules = {
        "covered": lambda scope: Finding("covered", YES, values={"gap_days": 12}),
        "open": lambda scope: Finding("open", OPEN),
    }
    scope = Scope({}, TODAY, rules=rules)
    assert condition({"finding": "covered", "is": "yes"}).holds(scope) is YES
    assert condition({"finding": "open", "is": "yes"}).holds(scope) is OPEN
    assert condition({"finding": "open", "is": "not yet known"}).holds(scope) is YES
    assert condition({"finding": "open", "in": ["no", "not yet known"]}).holds(scope) is YES
    assert condition({"finding": "covered", "value": "gap_days", "more_than": 10}).holds(scope) is YES
    assert condition({"finding": "covered", "value": "nothing", "more_than": 10}).holds(scope) is OPEN


def test_what_a_condition_depends_on_is_known_without_running_it() -> None:
    read = condition(
        {
            "all": [
                {"fact": "court", "is": "yes"},
                {"not": {"fact": "grant", "before": {"fact": "arrived", "plus": "1 year"}}},
                {"finding": "covered", "is": "no"},
                {"fact": "entries", "at_most": {"parameter": "most"}},
            ]
        }
    )
    assert read.facts == {"court", "grant", "arrived", "entries"}
    assert (read.findings, read.parameters) == ({"covered"}, {"most"})


def test_the_facts_that_turned_it_are_those_that_decided() -> None:
    read = condition(
        {"any": [{"fact": "a", "is": "yes"}, {"fact": "b", "is": "yes"}, {"fact": "c", "is": "yes"}]}
    )
    assert read.turning(Scope({"a": "no", "b": "yes"}, TODAY)) == ("b",)
    assert read.turning(Scope({"a": "no", "b": "no", "c": "no"}, TODAY)) == ("a", "b", "c")
    assert read.turning(Scope({"a": "no", "b": UNSURE}, TODAY)) == ("b", "c")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"fakt": "court", "is": "yes"}, "begins no condition"),
        ({"fact": "court"}, "nothing is compared"),
        ({"fact": "court", "is": True}, "no value to compare"),
        ({"fact": "court", "equals": "yes"}, "unknown key 'equals'"),
        ({"fact": "arrived", "before": "2025"}, "not a whole day"),
        ({"fact": "arrived", "before": {"today": "soon"}}, "is not a shift"),
        ({"fact": "entries", "at_least": "many"}, "needs a number"),
        ({"fact": "court", "in": "yes"}, "needs a list"),
        ({"entry": "employer", "is": "Valley"}, "stands outside any_entry"),
        ({"all": []}, "needs a list of conditions"),
        ({"function": "guess"}, "no function 'guess'"),
        ({"function": "decider"}, "argument 'detained' is missing"),
        ({"function": "grant_end", "with": {"granted_on": {"fact": "x"}}}, "takes the name of a fact"),
        ({"finding": "covered", "is": "maybe"}, "yes, no or not yet known"),
        ({"always": "yes"}, "true only"),
        ("yes", "is no condition"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason_and_the_mend(raw: Any, said: str) -> None:
    with pytest.raises(ConditionError, match=said) as wrong:
        condition(raw)
    assert wrong.value.mend


# --- laws -----------------------------------------------------------------------------------------

NAMES = ("a", "b", "c")
truths = some.sampled_from(["yes", "no", UNSURE, None])
leaves = some.sampled_from(NAMES).flatmap(
    lambda name: some.sampled_from(["yes", "no"]).map(lambda value: {"fact": name, "is": value})
)
conditions = some.recursive(
    leaves,
    lambda inner: some.one_of(
        some.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        some.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
people = some.fixed_dictionaries({name: truths for name in NAMES})


@quick
@given(conditions, conditions, people)
def test_de_morgan_holds_in_three_values(one: Any, other: Any, person: dict[str, Any]) -> None:
    left = holds({"not": {"all": [one, other]}}, **person)
    assert left is holds({"any": [{"not": one}, {"not": other}]}, **person)


@quick
@given(conditions, conditions, conditions, people)
def test_all_and_any_do_not_mind_order_repetition_or_grouping(
    a: Any, b: Any, c: Any, person: dict[str, Any]
) -> None:
    for word in ("all", "any"):
        flat = holds({word: [a, b, c]}, **person)
        assert flat is holds({word: [c, a, b, a]}, **person)
        assert flat is holds({word: [a, {word: [b, c]}]}, **person)


@quick
@given(conditions, conditions, people)
def test_absorption_and_double_negation(a: Any, b: Any, person: dict[str, Any]) -> None:
    assert holds({"all": [a, {"any": [a, b]}]}, **person) is holds(a, **person)
    assert holds({"not": {"not": a}}, **person) is holds(a, **person)


@quick
@given(conditions, people, some.sampled_from(NAMES), some.sampled_from(["yes", "no"]))
def test_answering_more_never_undoes_what_was_decided(
    raw: Any, person: dict[str, Any], name: str, value: str
) -> None:
    """So for every condition that does not ask whether something is known: unsure counts as missing."""
    if person[name] in (None, UNSURE):
        before = holds(raw, **person)
        assert before is OPEN or holds(raw, **{**person, name: value}) is before


@quick
@given(
    some.sampled_from(["on_or_after", "after", "before", "on_or_before"]),
    some.dates(date(2019, 1, 1), date(2022, 1, 1)),
    some.dates(date(2019, 1, 1), date(2022, 1, 1)),
)
def test_remembering_a_date_better_never_undoes_what_was_decided(verb: str, wanted: date, day: date) -> None:
    raw = {"fact": "arrived", verb: wanted.isoformat()}
    outcomes = [holds(raw, arrived=text) for text in (f"{day.year}", f"{day:%Y-%m}", day.isoformat())]
    for rough, better in zip(outcomes, outcomes[1:], strict=False):
        assert rough is OPEN or better is rough
    assert outcomes[-1] is not OPEN


@quick
@given(conditions, people)
def test_what_turned_it_is_enough_to_decide_it(raw: Any, person: dict[str, Any]) -> None:
    """Forgetting every answer that did not turn a decided condition leaves it as decided as it was."""
    read = condition(raw)
    scope = Scope(person, TODAY)
    if read.holds(scope) is not OPEN:
        kept = {name: person[name] for name in read.turning(scope)}
        assert read.holds(Scope(kept, TODAY)) is read.holds(scope)
