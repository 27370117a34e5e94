"""Where one file would go right now, beside the newest run: Ana has Dana's only place, Bashir comes later."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jornada.placement import atonce, pairs, referral, selectors, told
from jornada.placement.atonce import AtOnce
from jornada.placement.models import MatchRun, Proposal
from tests.stages.casework import Team, Worker, team, with_capacity  # noqa: F401
from tests.stages.staff import Enlist, cheap_passwords, enlist, riverbend, sun_coast  # noqa: F401
from tests.stages.test_placement import decided
from tests.stages.test_placement_matching import (
    NEXT_MONTH,
    TODAY,
    ana,  # noqa: F401
    arrives,
    expect_cases,
    luis_too,
    matches,
    page,
)
from tests.stages.test_supervision import under

pytestmark = pytest.mark.django_db


def right_now(team: Team, worker: Worker) -> AtOnce:
    """What the page would say. Inside Dana's transaction."""
    assert worker.file is not None
    found = atonce.answer(worker.file, on=TODAY, by=team.dana.member)
    assert found is not None
    return found


def test_who_comes_after_the_run_gets_what_it_left_and_moves_nobody(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    with team.works(team.dana):
        run = matches(team)
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        found = right_now(team, bashir)
        assert (found.source, found.run, found.spoken_for) == ("", run, 1)
        said = told.at_once(found)
        assert said["nearest"] == [
            {"name": "Dana (English, Spanish)", "obstacles": [], "free": False, "open": False}
        ]
        assert [one["text"] for one in said["changes"]] == ["one more place there would reach this person"]
    luis_too(team)
    with team.works(team.dana):
        found = right_now(team, bashir)
        assert found.source == str(team.luis.member.id)
        assert told.at_once(found)["alternatives"][0]["name"] == "Dana (English, Spanish)"
        assert (MatchRun.objects.count(), Proposal.objects.count()) == (1, 1), "nothing is stored"


def test_the_file_s_own_proposal_does_not_stand_in_its_way(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    with team.works(team.dana):
        matches(team)
        found = right_now(team, ana)
    assert (found.source, found.spoken_for) == (str(team.dana.member.id), 0)


def test_a_place_is_free_again_once_the_other_is_placed_elsewhere_or_rejected(
    team: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 1)
    with team.works(team.dana):
        matches(team)
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        no = pairs.reject(
            proposal=selectors.proposal_for(ana.file.id), reason="workload", until=NEXT_MONTH, note="",
            by=team.dana.member, on=TODAY,
        )  # fmt: skip
        assert right_now(team, bashir).source == str(team.dana.member.id)
        pairs.undo(decision=no, by=team.dana.member, on=TODAY)
        assert right_now(team, bashir).source == ""
        referral.place(file=ana.file, advocate=team.luis.member, scope="full", by=team.dana.member, on=TODAY)
        assert right_now(team, bashir).source == str(team.dana.member.id)


def test_a_pair_that_a_person_kept_is_spoken_for_where_a_later_run_left_it_out(
    team: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 1)
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        matches(team)
        first = next(one for one in (ana, bashir) if selectors.proposal_for(one.file.id).source_id)
        other = bashir if first is ana else ana
        pairs.keep(proposal=selectors.proposal_for(first.file.id), by=team.dana.member, on=TODAY)
        MatchRun.objects.create(
            provider=team.provider, run_on=TODAY, seed=0, run_by=team.dana.member, figures={}
        )
        assert right_now(team, other).spoken_for == 1
        assert right_now(team, other).source == ""


def test_a_student_gets_nothing_that_her_supervisor_s_places_were_spoken_for(
    team: Team, ana: Worker, enlist: Enlist
) -> None:
    with_capacity(team.dana.member, 1)
    under(team, enlist("Chen", "student").member, team.dana.member)
    with team.works(team.dana):
        matches(team)
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        assert right_now(team, bashir).source == ""


def test_places_held_for_expected_cases_stay_held_except_for_a_file_as_hard(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 3)
    with team.works(team.dana):
        expect_cases(team)
        (held,) = matches(team).figures["held"]
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        found = right_now(team, bashir)
        assert (found.held, found.source) == (held["places"], "")
    decided(team, bashir.file, level="COMPLEX")
    with team.works(team.dana):
        found = right_now(team, bashir)
        assert (found.held, found.source) == (0, str(team.dana.member.id))


def test_the_page_says_where_why_and_beside_which_run(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    team.dana.signs_in()
    at = f"/staff/files/{ana.file.id}/placement"
    assert "The matcher has not run yet, so only" in page(team.dana.client, at)
    page(team.dana.client, "/staff/matches", seed="0")
    shown = page(team.dana.client, at)
    assert "If it were matched right now" in shown
    assert "That is what was proposed." in shown
    assert f"Beside the run of {TODAY:%b} {TODAY.day}, {TODAY.year}" in shown
    assert "0 places proposed to others stay theirs" in shown
    bashir = arrives(team, "Bashir Haddad")
    shown = page(team.dana.client, f"/staff/files/{bashir.file.id}/placement")
    assert "Nobody has a place for this file yet." in shown
    assert "1 place proposed to others stays theirs" in shown
    assert "one more place there would reach this person" in shown
    with team.works(team.dana):
        referral.place(file=ana.file, advocate=team.dana.member, scope="full", by=team.dana.member, on=TODAY)
    assert "If it were matched right now" not in page(team.dana.client, at)


def test_past_the_last_day_of_the_aims_the_page_says_that_nothing_can_be_said(
    team: Team, ana: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.dana.signs_in()
    monkeypatch.setattr("jornada.placement.views.today", lambda: date(2028, 1, 3))
    shown = page(team.dana.client, f"/staff/files/{ana.file.id}/placement")
    assert "Nothing can be said: the order of aims is not in force" in shown


def test_the_answer_is_as_quick_however_many_wait(
    team: Team, ana: Worker, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with team.works(team.dana):
        matches(team)
        with CaptureQueriesContext(connection) as alone:
            right_now(team, ana)
    for number in range(4):
        arrives(team, f"Worker {number}")
    with team.works(team.dana):
        matches(team)
        with django_assert_max_num_queries(len(alone)):
            right_now(team, ana)
