"""The interview: what is asked, in which order, when it stops, and every path through it."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from jornada.domain import interview
from jornada.domain.facts import UNSURE
from jornada.domain.rulepacks import RulePack
from tests.domain.small_pack import FILES, small_pack

TODAY = date(2024, 10, 1)
PACK = small_pack()
CALM: dict[str, Any] = {"detained_now": "no"}


def asked(answers: dict[str, Any], pack: RulePack = PACK, **options: Any) -> str:
    question = interview.next_question(pack, answers, TODAY, **options)
    return question.id if question else ""


def still_open(answers: dict[str, Any], **options: Any) -> list[str]:
    return [question.id for question in interview.open_questions(PACK, answers, TODAY, **options)]


def test_the_danger_sign_is_asked_first() -> None:
    assert asked({}) == "Q05"
    assert asked(CALM) == "Q01"


def test_a_clear_danger_sign_ends_the_interview_with_its_finding() -> None:
    assert asked({"detained_now": "yes"}) == ""
    stopped = interview.stopped(PACK, {"detained_now": "yes"}, TODAY)
    assert stopped is not None
    assert stopped.reasons[0].key == "detained"


@pytest.mark.parametrize("answer", ["no", UNSURE, None])
def test_not_being_sure_does_not_end_it(answer: Any) -> None:
    assert interview.stopped(PACK, {"detained_now": answer}, TODAY) is None
    assert asked({"detained_now": answer}) == "Q01"


def test_a_follow_up_is_asked_unless_its_condition_is_no() -> None:
    assert "Q03" in still_open({**CALM, "court_ever": "yes"})
    assert "Q03" in still_open({**CALM, "court_ever": UNSURE})
    assert "Q03" in still_open(CALM)
    assert "Q03" not in still_open({**CALM, "court_ever": "no"})


def test_what_nothing_open_needs_is_not_asked() -> None:
    """Two entries settle "came often"; the day of arrival is then needed by the asylum deadline alone."""
    without = FILES["deadlines.yaml"].split("  - deadline: asylum")[0]
    pack = small_pack(
        deadlines=without,
        examples="examples: []\n",
        interview=FILES["interview.yaml"]
        .replace("asks: [entries, arrived_on]", "asks: [entries]")
        .replace("  - {id: Q02", "  - {id: Q01a, asks: [arrived_on], stage: screening}\n  - {id: Q02"),
        **{
            "wording/en": FILES["wording/en.yaml"].replace("  Q02:", "  Q01a: {ask: When, why: Why}\n  Q02:"),
            "wording/es": FILES["wording/es.yaml"].replace(
                "  Q02:", "  Q01a: {ask: Cuándo, why: Por qué}\n  Q02:"
            ),
        },
    )
    assert asked({**CALM, "entries": 1}, pack) == "Q01a"
    assert asked({**CALM, "entries": 2}, pack) == "Q02"


def test_what_a_packet_or_consent_wants_is_asked_besides() -> None:
    settled = {**CALM, "entries": 3, "arrived_on": "2020", "court_ever": "no", "arrests": ["none"]}
    assert still_open({**settled, "jobs": []}) == []
    assert still_open({**settled, "jobs": []}, wanted=["missed_hearing"]) == []
    assert still_open({**settled, "court_ever": UNSURE, "jobs": [], "missed_hearing": None}) == []


def test_a_skipped_question_is_not_asked_again_but_its_fact_stays_missing() -> None:
    skipped = {**CALM, "entries": None, "arrived_on": None}
    assert asked(skipped) == "Q02"
    assert PACK.scope(skipped, TODAY).finding("came_often").missing == ("entries", "arrived_on")


def test_a_page_with_one_answer_missing_is_asked_again() -> None:
    assert asked({**CALM, "entries": 1}) == "Q01"


def test_progress_counts_what_applies() -> None:
    assert interview.progress(PACK, {}, TODAY) == (0, 6)
    assert interview.progress(PACK, {**CALM, "court_ever": "no"}, TODAY) == (2, 5)
    done = {
        **CALM,
        "court_ever": "no",
        "entries": 1,
        "arrived_on": "2020",
        "arrests": ["none"],
        "jobs": UNSURE,
    }
    assert interview.progress(PACK, done, TODAY) == (5, 5)


def test_every_question_is_reached_with_every_answer_and_every_path_ends() -> None:
    walked = list(interview.paths(PACK, TODAY))
    assert {number for way in walked for number in way.questions} == {
        question.id for question in PACK.questions
    }
    assert {way.stopped for way in walked} == {"", "detained"}
    given = {(fact, repr(value)) for way in walked for fact, value in way.answers.items()}
    assert {("missed_hearing", repr(value)) for value in ("yes", "no", UNSURE)} <= given
    assert all(interview.next_question(PACK, way.answers, TODAY) is None for way in walked)


def test_paths_are_the_same_every_time_and_bounded() -> None:
    assert list(interview.paths(PACK, TODAY)) == list(interview.paths(PACK, TODAY))
    assert len(list(interview.paths(PACK, TODAY, limit=5))) == 5


@settings(max_examples=40, deadline=None)
@given(some.randoms(use_true_random=False))
def test_the_order_in_which_answers_came_does_not_matter(chance: random.Random) -> None:
    way = chance.choice(list(interview.paths(PACK, TODAY, limit=12)))
    kept = [pair for pair in way.answers.items() if chance.random() < 0.7]
    shuffled = kept[:]
    chance.shuffle(shuffled)
    assert asked(dict(kept)) == asked(dict(shuffled))
    assert still_open(dict(kept)) == still_open(dict(shuffled))
