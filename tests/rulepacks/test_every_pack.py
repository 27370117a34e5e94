"""Every pack: whole, its examples come out, every path ends in a track with a reason in every language."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import pytest

from jornada.domain import examples, interview
from jornada.domain.assessment import assess
from jornada.domain.facts import Circumstances, Outcome
from jornada.domain.rulepacks import RulePack
from jornada.domain.triage import decide
from jornada.gateways import packfiles


@pytest.fixture(params=packfiles.available())
def pack(request: pytest.FixtureRequest) -> RulePack:
    return packfiles.load(request.param)


def days_of(pack: RulePack) -> list[date]:
    """A day of each span in which one of the pack's statuses held, and the last confirmed day."""
    statuses = [one for one in pack.parameters.values() if one.kind == "status"]
    starts = {entry.start + timedelta(days=20) for one in statuses for entry in one.history}
    confirmed = {one.confirmed_until for one in statuses}
    return sorted(day for day in starts | confirmed if not confirmed or day <= max(confirmed)) or [
        date(2026, 11, 22)
    ]


@lru_cache(maxsize=64)
def ways(name: str, day: date) -> tuple[interview.Walked, ...]:
    """At most 400 ways of the interview on a day: see `interview.paths` for what they cover between them."""
    return tuple(interview.paths(packfiles.load(name), day, limit=400))


def test_there_are_packs() -> None:
    assert packfiles.available()


def test_every_example_comes_out(pack: RulePack) -> None:
    assert pack.examples
    assert examples.failing(pack) == ()


def test_every_path_ends_in_a_track_with_reasons_in_every_language(pack: RulePack) -> None:
    for day in days_of(pack):
        for way in ways(pack.name, day):
            decision = decide(assess(way.answers, pack, day), pack)
            for language in pack.languages:
                assert pack.text(f"tracks.{decision.track}", language)
                assert [pack.text(f"reasons.{one.key}", language, **one.values) for one in decision.reasons]
                assert all(pack.text(f"tasks.{task}", language) for task in decision.tasks)


def test_every_screening_question_is_reached_on_some_day(pack: RulePack) -> None:
    reached = {number for day in days_of(pack) for way in ways(pack.name, day) for number in way.questions}
    assert reached == {question.id for question in pack.questions if question.stage == "screening"}


def test_every_reason_of_every_finding_can_be_said(pack: RulePack) -> None:
    """Reasons are filled with the values that their findings carry, in each outcome that examples bring."""
    for example in pack.examples:
        for finding in assess(example.answers, pack, example.day, pack.on_file(example)).findings:
            for reason in finding.reasons:
                assert all(
                    pack.text(f"reasons.{reason.key}", language, **reason.values)
                    for language in pack.languages
                )


def test_an_empty_file_decides_nothing_and_asks_for_the_danger_signs_first(pack: RulePack) -> None:
    for day in days_of(pack):
        found = assess({}, pack, day, Circumstances())
        hangs_on_answers = {name for name in pack.findings if pack.facts_behind(name)}
        decided = {one.name for one in found.findings if one.outcome is Outcome.YES} & hangs_on_answers
        assert not {name for name in decided if pack.findings[name].kind == "danger"}
        question = interview.next_question(pack, {}, day)
        assert question is not None
        assert question.danger or not any(one.danger for one in pack.questions)


def test_every_question_says_who_says_so(pack: RulePack) -> None:
    assert [
        question.id for question in pack.questions if question.stage == "screening" and not question.sources
    ] == []
