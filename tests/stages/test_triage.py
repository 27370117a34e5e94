"""Assessing a file, deciding its track, and who may."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from dataclasses import replace

import pytest

from jornada.gateways.today import today
from jornada.triage import selectors, services
from jornada.triage.recorded import Proposed
from jornada.vault import access
from jornada.vault.models import AccessEvent
from tests.stages.casework import Team, Worker, ana, team  # noqa: F401
from tests.stages.staff import cheap_passwords, enlist, riverbend  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()


def assessed(team: Team, ana: Worker) -> None:
    with team.opens(team.sofia, ana.file, TODAY) as opened:
        services.assess(opened=opened, by=team.sofia.member)


def proposed(team: Team, ana: Worker) -> Proposed:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        return selectors.read_assessment(opened, selectors.newest_assessment(ana.file.id)).proposal


def decides(team: Team, who, ana: Worker, decided: Proposed, reason: str = ""):  # noqa: ANN001, ANN201
    with team.opens(who, ana.file, TODAY) as opened:
        newest = selectors.newest_assessment(ana.file.id)
        return services.decide(
            opened=opened, assessment=newest, decided=decided, reason=reason, by=who.member
        )


def test_a_paralegal_assesses_and_the_findings_open_again_with_their_reasons(team: Team, ana: Worker) -> None:
    assessed(team, ana)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        recorded = selectors.read_assessment(opened, selectors.newest_assessment(ana.file.id))
    assert recorded.findings
    assert any(
        reason.source and reason.source.title for found in recorded.findings for reason in found.reasons
    )
    assert recorded.proposal.track


def test_opening_answers_to_assess_leaves_one_event_with_the_reason(team: Team, ana: Worker) -> None:
    assessed(team, ana)
    with team.works(team.dana):
        events = AccessEvent.objects.filter(application_id=ana.application_id, about="answers", act="opened")
        assert [(event.reason, event.member_id) for event in events] == [("deciding", team.sofia.member.id)]


def test_dana_accepts_the_proposal_without_a_reason(team: Team, ana: Worker) -> None:
    assessed(team, ana)
    decision = decides(team, team.dana, ana, proposed(team, ana))
    assert not decision.overrules
    assert not decision.only_proposed


def test_overruling_needs_a_reason_in_words(team: Team, ana: Worker) -> None:
    assessed(team, ana)
    other = replace(proposed(team, ana), track="decline")
    with pytest.raises(services.CannotDecide, match="write why"):
        decides(team, team.dana, ana, other, "no")
    decision = decides(team, team.dana, ana, other, "She moved away and has a lawyer there.")
    assert decision.overrules
    with team.opens(team.luis, ana.file, TODAY) as opened:
        assert selectors.read_reason(opened, decision) == "She moved away and has a lawyer there."


def test_what_a_paralegal_decides_is_a_proposal_that_waits(team: Team, ana: Worker) -> None:
    assessed(team, ana)
    assert decides(team, team.sofia, ana, proposed(team, ana)).only_proposed
    with team.works(team.dana):
        assert selectors.decision_in_force(ana.file.id) is None
    decides(team, team.dana, ana, proposed(team, ana))
    with team.works(team.dana):
        assert selectors.decision_in_force(ana.file.id).decided_by_id == team.dana.member.id


def test_after_the_answers_changed_the_old_assessment_decides_nothing(team: Team, ana: Worker) -> None:
    from jornada.intake import services as intake

    assessed(team, ana)
    intake.answer_again(ana.session, question_id="Q01", values={"birth_date": "1988-03-04"}, on=TODAY)
    with pytest.raises(services.CannotDecide, match="changed her answers"):
        decides(team, team.dana, ana, proposed(team, ana))
    assessed(team, ana)
    assert decides(team, team.dana, ana, proposed(team, ana))


def test_when_consent_is_withdrawn_with_the_file_open_nothing_more_opens(team: Team, ana: Worker) -> None:
    from datetime import UTC, datetime

    from jornada.intake import selectors as intake_reads
    from jornada.intake import services as intake
    from jornada.vault.tenancy import as_worker

    with as_worker(ana.application_id):
        (shared,) = intake_reads.shared_with(ana.application_id, TODAY)
    intake.withdraw(ana.session, grant_id=shared.grant.id, at=datetime.now(UTC))
    with pytest.raises(access.Refused, match="no consent"), team.opens(team.dana, ana.file, TODAY) as opened:
        _ = opened.answers


def test_what_was_made_from_withdrawn_answers_closes_too_and_opens_when_she_shares_again(
    team: Team, ana: Worker
) -> None:
    from datetime import UTC, datetime

    from jornada.intake import selectors as intake_reads
    from jornada.intake import services as intake
    from jornada.vault.tenancy import as_worker
    from tests.stages.casework import shares

    assessed(team, ana)
    with as_worker(ana.application_id):
        (shared,) = intake_reads.shared_with(ana.application_id, TODAY)
    intake.withdraw(ana.session, grant_id=shared.grant.id, at=datetime.now(UTC))
    with pytest.raises(access.Refused, match="no consent"):
        proposed(team, ana)
    shares(ana, team.provider, TODAY)
    assert proposed(team, ana).track


def test_a_decision_on_an_older_assessment_is_refused_when_somebody_assessed_again(
    team: Team, ana: Worker
) -> None:
    assessed(team, ana)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        older = selectors.newest_assessment(ana.file.id)
        proposal = selectors.read_assessment(opened, older).proposal
    assessed(team, ana)
    with (
        team.opens(team.dana, ana.file, TODAY) as opened,
        pytest.raises(services.CannotDecide, match="assessed this file again"),
    ):
        services.decide(opened=opened, assessment=older, decided=proposal, reason="", by=team.dana.member)
