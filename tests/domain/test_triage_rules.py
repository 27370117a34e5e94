"""From findings to a track: the highest level, unsure one level up, gates last, always with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jornada.domain.assessment import assess
from jornada.domain.facts import UNSURE
from jornada.domain.triage import NoTrack, TriageDecision, decide
from tests.domain.small_pack import FILES, small_pack

PACK = small_pack()
OPEN_DAY, SHUT_DAY, LAPSED_DAY = date(2024, 10, 1), date(2026, 11, 22), date(2026, 12, 1)
CALM: dict[str, Any] = {
    "detained_now": "no",
    "court_ever": "no",
    "arrests": ["none"],
    "entries": 1,
    "arrived_on": "2020",
    "jobs": [],
}


def decided(on: date = OPEN_DAY, **answers: Any) -> TriageDecision:
    return decide(assess({**CALM, **answers}, PACK, on), PACK)


def test_a_calm_file_on_an_open_day_goes_to_self_help_with_a_reason() -> None:
    decision = decided()
    assert (decision.level, decision.track, decision.delivery, decision.gates) == (
        "OK",
        "self_help",
        "S3",
        (),
    )
    assert decision.reasons[0].key == "self_help"


def test_the_highest_level_of_any_finding_is_the_file_s() -> None:
    assert decided(arrests=["other"]).track == "clinic"
    assert decided(arrests=["other"], court_ever="yes", missed_hearing="yes").level == "COMPLEX"


def test_unsure_counts_one_level_up() -> None:
    assert decided(arrests=UNSURE).level == "COMPLEX"


def test_a_question_not_answered_yet_counts_nothing() -> None:
    assert decided(arrests=None).level == "OK"


def test_unsure_where_the_pack_sets_its_level_counts_that() -> None:
    calmer = FILES["findings.yaml"].replace(
        "level: ATTY\n    reason: arrested", "level: ATTY\n    level_unsure: ATTY\n    reason: arrested"
    )
    pack = small_pack(findings=calmer)
    assert decide(assess({**CALM, "arrests": UNSURE}, pack, OPEN_DAY), pack).level == "ATTY"


def test_an_unsure_answer_that_another_fact_settles_counts_nothing() -> None:
    assert decided(court_ever="no", missed_hearing=UNSURE).level == "OK"


def test_the_gate_comes_last_whatever_the_answers() -> None:
    decision = decided(SHUT_DAY)
    assert (decision.level, decision.track, decision.gates) == ("COMPLEX", "representation", ("shut_gate",))
    assert [reason.key for reason in decision.reasons] == ["complex", "shut"]
    assert decision.tasks == ("lawyer",)


def test_a_gate_that_hangs_on_a_value_not_in_force_applies() -> None:
    assert decided(LAPSED_DAY).gates == ("shut_gate",)


def test_an_approximate_date_that_straddles_counts_as_unsure() -> None:
    assert decided(arrived_on="2004").level == "COMPLEX"
    assert decided(arrived_on="2003").level == "ATTY"


def test_the_reasons_are_those_of_the_findings_that_made_the_level() -> None:
    keys = [reason.key for reason in decided(arrests=["other"], detained_now="yes").reasons]
    assert keys == ["complex", "detained"]


def test_deciding_leaves_the_assessment_as_it_was() -> None:
    found = assess({**CALM, "arrests": ["other"]}, PACK, SHUT_DAY)
    before = (found.findings, found.lapsed, found.tasks)
    assert decide(found, PACK) == decide(found, PACK)
    assert (found.findings, found.lapsed, found.tasks) == before


def test_without_a_track_for_everybody_the_mend_is_named() -> None:
    with pytest.raises(NoTrack, match="always: true"):
        decide(assess(CALM, PACK, OPEN_DAY), replace(PACK, tracks=PACK.tracks[:1]))
