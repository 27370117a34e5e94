"""Answers as people give them: read, stored plainly, or kindly refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jornada.domain.facts import UNSURE, Answers, NotADate, Outcome, PartialDate, Source
from jornada.domain.vocabulary import KINDS, PROBLEMS, Fact, NotUnderstood
from tests.domain.small_pack import quick

TODAY = date(2026, 11, 22)


def read(kind: str, raw: Any, born: str = "", **details: Any) -> Any:
    return Fact("it", kind, **details).read(raw, TODAY, PartialDate.parse(born) if born else None)


def refused(kind: str, raw: Any, **details: Any) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as wrong:
        read(kind, raw, **details)
    assert wrong.value.key in PROBLEMS
    return wrong.value


def test_a_missing_answer_is_neither_no_nor_unsure() -> None:
    answers = Answers({"court": None, "arrests": UNSURE})
    assert answers.missing("court", "arrests", "jobs") == ("court", "jobs")
    assert answers.skipped("court")
    assert not answers.skipped("jobs")
    assert answers.answered("arrests")


def test_answers_do_not_show_what_was_said() -> None:
    assert "Honduras" not in repr(Answers({"birth_country": "Honduras"}))


def test_answers_with_more_leave_the_earlier_ones_as_they_were() -> None:
    first = Answers({"court": "no"})
    assert first.with_({"court": "yes"})["court"] == "yes"
    assert first["court"] == "no"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2013", date(2013, 1, 1), date(2013, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2013-05-02", date(2013, 5, 2), date(2013, 5, 2)),
    ],
)
def test_a_date_as_remembered_spans_what_it_may_mean(text: str, first: date, last: date) -> None:
    day = PartialDate.parse(text)
    assert (day.earliest, day.latest, str(day)) == (first, last, text)


@pytest.mark.parametrize("text", ["13", "2013-13", "2013-02-30", "05/02/2013", "2013-5", "", "ongoing"])
def test_what_is_no_date_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(NotADate, match="2013-05|calendar"):
        PartialDate.parse(text)


@quick
@given(some.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_a_day_survives_being_written_and_read(day: date) -> None:
    found = PartialDate.parse(day.isoformat())
    assert (found.earliest, found.latest, found.exact) == (day, day, True)


def test_only_what_was_read_in_a_text_or_guide_needs_no_review() -> None:
    assert not Source("page", "", "P/S").needs_review
    assert Source("page", "", "G").needs_review is False
    assert Source("page", "", "P/I").needs_review
    assert Source("page").needs_review


def test_unsure_is_taken_for_every_kind() -> None:
    assert all(read(kind, UNSURE) == UNSURE for kind in KINDS)


def test_nothing_typed_is_no_answer_for_every_kind() -> None:
    assert all(read(kind, "") is None and read(kind, None) is None for kind in KINDS)


def test_anas_name_keeps_its_accents_and_noors_name_its_script() -> None:
    assert read("name", {"given": "Ana ", "family": "Núñez"}) == {"family": "Núñez", "given": "Ana"}
    assert read("name", {"given": "نور", "family": "חזן"}) == {"family": "חזן", "given": "نور"}


def test_marks_that_turn_the_direction_of_text_are_dropped_from_a_name() -> None:
    assert read("name", {"given": "\u202eAna\u202c"}) == {"given": "Ana"}


@pytest.mark.parametrize("given", ["Ana 🌻", "Ana\x07", "12345", "---"])
def test_a_name_of_pictures_controls_or_digits_is_refused_naming_the_part(given: str) -> None:
    assert refused("name", {"given": given}).values["part"] == "given"


@pytest.mark.parametrize(("given", "stored"), [("520", "520.00"), ("$1,234.5", "1234.50"), ("0", "0.00")])
def test_money_is_stored_in_dollars_and_cents(given: str, stored: str) -> None:
    assert read("money", given) == stored


@pytest.mark.parametrize("given", ["about 500", "1,23", "-5", "1.234", "٣"])
def test_money_that_is_not_understood_is_refused(given: str) -> None:
    assert refused("money", given).key == "not_an_amount"


def test_numbers_keep_within_their_bounds() -> None:
    assert read("whole_number", "3") == 3
    assert refused("whole_number", "-1").key == "number_too_small"
    assert refused("whole_number", "13", at_most=12).key == "number_too_large"
    assert refused("whole_number", "three").key == "not_a_whole_number"


def test_dates_come_in_parts_and_may_be_partial() -> None:
    assert read("date", {"year": "2013", "month": "5", "day": ""}) == "2013-05"
    assert read("date", {"year": "2013"}) == "2013"
    assert refused("date", {"year": "2013", "month": "", "day": "2"}).key == "not_a_date"


def test_a_date_after_today_is_refused_unless_it_may_be_future() -> None:
    assert refused("date", "2026-11-23").key == "date_in_the_future"
    assert read("date", "2027-03-01", may_be_future=True) == "2027-03-01"
    assert read("date", "2026") == "2026"
    assert refused("date", "9999-12-31", may_be_future=True).key == "not_a_date"


def test_a_date_surely_before_birth_is_refused() -> None:
    assert refused("date", "1989", born="1990-04").key == "date_before_birth"
    assert read("date", "1990", born="1990-04") == "1990"


def test_ongoing_is_taken_only_where_it_may_be() -> None:
    assert read("date", "ongoing", may_be="ongoing") == "ongoing"
    assert refused("date", "ongoing").key == "not_a_date"


def test_none_excludes_the_other_options() -> None:
    options = ("none", "drugs", "theft")
    assert read("choices", ["theft", "drugs"], options=options) == ["drugs", "theft"]
    assert refused("choices", ["none", "drugs"], options=options).key == "none_excludes_the_rest"
    assert refused("choices", ["gun"], options=options).values["unknown"] == ["gun"]


def test_digits_lose_their_dashes_and_must_be_as_many_as_asked() -> None:
    assert read("digits", "A 123-456-789", length=(9,)) == "123456789"
    assert refused("digits", "12345", length=(9,)).key == "wrong_number_of_digits"


@pytest.mark.parametrize("given", ["(518) 555-0100", "+502 5555 0100", "518.555.0100 x12"])
def test_phone_numbers_are_taken_as_people_write_them(given: str) -> None:
    assert read("phone", given) == given


def test_phones_and_addresses_that_cannot_be_are_refused() -> None:
    assert refused("phone", "call me").key == "not_a_phone_number"
    assert refused("email", "ana at example").key == "not_an_email"
    assert refused("address", {"zip": "1220"}).values["part"] == "zip"
    assert refused("address", {"planet": "Mars"}).key == "unknown_part"


JOBS = {
    "entry": {
        "employer": Fact("employer", "text"),
        "from": Fact("from", "date"),
        "to": Fact("to", "date", may_be="ongoing"),
    }
}


def test_rows_are_read_field_by_field_and_empty_ones_left_out() -> None:
    rows = [{"employer": "Valley Poultry", "from": "2021", "to": "ongoing"}, {"employer": "", "from": ""}]
    assert read("entries", rows, **JOBS) == [{"employer": "Valley Poultry", "from": "2021", "to": "ongoing"}]


def test_a_mistake_in_a_row_names_row_and_field() -> None:
    wrong = refused("entries", [{"employer": "A"}, {"from": "2030"}], **JOBS)
    assert (wrong.key, wrong.values["row"], wrong.values["part"]) == ("date_in_the_future", 2, "from")


def test_a_job_cannot_end_before_it_began() -> None:
    assert refused("entries", [{"from": "2021-05", "to": "2021-04"}], **JOBS).key == "ends_before_it_starts"
    assert read("entries", [{"from": "2021-05", "to": "2021"}], **JOBS)


def test_very_long_texts_are_refused_with_the_limit() -> None:
    assert refused("text", "a" * 201).values == {"most": 200, "length": 201}
    assert read("long_text", "a" * 5000) == "a" * 5000


@quick
@given(
    some.sampled_from(KINDS),
    some.one_of(
        some.text(max_size=40),
        some.integers(),
        some.lists(some.text(max_size=5), max_size=3),
        some.dictionaries(some.text(max_size=5), some.text(max_size=5), max_size=3),
    ),
)
def test_whatever_is_typed_is_read_or_refused_by_a_known_key(kind: str, raw: Any) -> None:
    try:
        read(kind, raw, options=("a", "b"), **(JOBS if kind == "entries" else {}))
    except NotUnderstood as wrong:
        assert wrong.key in PROBLEMS


def test_the_three_outcomes_are_told_apart() -> None:
    assert [Outcome.of(truth) for truth in (True, False, None)] == [
        Outcome.YES,
        Outcome.NO,
        Outcome.NOT_YET_KNOWN,
    ]
    assert not Outcome.NOT_YET_KNOWN.known
