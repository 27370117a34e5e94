"""Preparing a packet on the real forms, reviewing, correcting, signing off, filing."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jornada.domain.facts import Outcome
from jornada.gateways import formfiles, pdf
from jornada.gateways.today import today
from jornada.intake import services as intake
from jornada.packets import filing, preparation, review, selectors
from jornada.packets.models import PacketRevision
from jornada.vault.tenancy import as_worker
from tests.stages.casework import Team, Worker, ana, team  # noqa: F401
from tests.stages.staff import Person, cheap_passwords, enlist, riverbend  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()
CHOICES: dict[str, Any] = {
    "filing": "initial", "work_permit": "yes", "permit_reason": "initial", "represented": "no",
    "fee_by": "waiver", "waiver_basis": ["income"], "notify": "no", "preparer_kind": "none",
    "labor_agency": "U.S. Department of Labor", "matter_ref": "WHD-1", "statement_on": "2023-05-02",
    "in_proceedings": "no", "on_hand": ["soi", "scope", "identity", "photos", "waiver_proof"],
}  # fmt: skip


def prepared(team: Team, who: Person, ana: Worker, newest: int = 0, **choices: Any) -> PacketRevision:
    with team.opens(who, ana.file, TODAY, "preparing") as opened:
        return preparation.prepare(
            opened=opened, choices={**CHOICES, **choices}, newest=newest, by=who.member
        )


def reads(team: Team, who: Person, ana: Worker, revision: PacketRevision) -> None:
    with team.opens(who, ana.file, TODAY, "reviewing") as opened:
        review.begin(opened=opened, revision=revision, by=who.member)


def signs(team: Team, who: Person, ana: Worker, revision: PacketRevision) -> Any:
    with team.opens(who, ana.file, TODAY, "reviewing") as opened:
        return review.sign_off(
            opened=opened, revision=revision, by=who.member, stepped_up_at=datetime.now(UTC)
        )


def test_sofia_prepares_a_packet_that_opens_again_as_one_pdf(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        packet = pdf.inspect(selectors.read_packet(opened, revision))
        items = selectors.read_values(opened, revision)["items"]
    assert packet.pages == revision.pages > 3
    assert not packet.metadata
    name = next(one for one in items if one["fact"] == "legal_name" and one["value"].startswith("Peña"))
    assert "Peña" in packet.text[name["page"] - 1]


def test_the_report_before_printing_is_kept_with_the_revision(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        report = {one["key"]: one["outcome"] for one in selectors.read_report(opened, revision)}
    assert report["signatures"] == Outcome.YES.value
    assert report["same_names"] == Outcome.YES.value
    assert (
        report["gate"] != Outcome.YES.value
    )  # today the programme is shut, or nobody confirmed that it is open


def test_of_two_people_who_prepare_at_once_the_second_is_told_by_whom(team: Team, ana: Worker) -> None:
    prepared(team, team.sofia, ana)
    with pytest.raises(
        preparation.CannotPrepare, match="Sofia prepared revision 1 while you had this page open"
    ):
        prepared(team, team.luis, ana, newest=0)
    assert prepared(team, team.luis, ana, newest=1).number == 2


def test_an_open_choice_is_named_in_words(team: Team, ana: Worker) -> None:
    with pytest.raises(preparation.CannotPrepare, match="Still to be decided: What is filed"):
        prepared(team, team.sofia, ana, filing=None)


def test_a_correction_is_one_question_for_the_worker_and_her_answer_settles_it(
    team: Team, ana: Worker
) -> None:
    revision = prepared(team, team.sofia, ana)
    with team.opens(team.dana, ana.file, TODAY, "reviewing") as opened:
        question = review.question_about(opened, "birth_date")
        made = review.correct(
            opened=opened,
            revision=revision,
            question=question,
            note="Passport says otherwise.",
            by=team.dana.member,
        )
        assert review.notes(opened, ana.file.id)[0]["note"] == "Passport says otherwise."
    with as_worker(ana.application_id):
        assert [one.question for one in selectors.open_questions(ana.application_id)] == [question]
        newest = intake.answer_again(
            ana.session, question_id=question, values={"birth_date": "1987-04-03"}, on=TODAY
        )
        review.settle(correction=made, answers_revision=newest)
        assert selectors.open_questions(ana.application_id) == []


def test_answers_changed_after_review_began_stop_the_sign_off_until_a_new_revision(
    team: Team, ana: Worker
) -> None:
    revision = prepared(team, team.sofia, ana)
    reads(team, team.dana, ana, revision)
    intake.answer_again(ana.session, question_id="P01", values={"birth_date": "1987-04-03"}, on=TODAY)
    with pytest.raises(review.CannotReview, match="answers changed after this revision"):
        signs(team, team.dana, ana, revision)
    again = prepared(team, team.sofia, ana, newest=1)
    reads(team, team.dana, ana, again)
    assert signs(team, team.dana, ana, again).member_id == team.dana.member.id


def test_a_paralegal_has_no_credential_and_does_not_sign(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana)
    reads(team, team.sofia, ana, revision)
    with pytest.raises(review.CannotReview, match="no verified credential in force"):
        signs(team, team.sofia, ana, revision)


def test_nobody_signs_what_they_have_not_opened_or_while_a_correction_is_open(
    team: Team, ana: Worker
) -> None:
    revision = prepared(team, team.sofia, ana)
    with pytest.raises(review.CannotReview, match="not opened this revision"):
        signs(team, team.dana, ana, revision)
    reads(team, team.dana, ana, revision)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        review.correct(
            opened=opened, revision=revision, question="", note="Page 3 is pale.", by=team.dana.member
        )
    with pytest.raises(review.CannotReview, match="1 correction is not settled"):
        signs(team, team.dana, ana, revision)


def test_missing_evidence_stops_the_sign_off(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana, on_hand=[])
    reads(team, team.dana, ana, revision)
    with pytest.raises(review.CannotReview, match="evidence"):
        signs(team, team.dana, ana, revision)


def signed(team: Team, ana: Worker) -> PacketRevision:
    revision = prepared(team, team.sofia, ana)
    reads(team, team.dana, ana, revision)
    signs(team, team.dana, ana, revision)
    return revision


def files(team: Team, who: Person, ana: Worker, revision: PacketRevision, reason: str = "") -> Any:
    with team.opens(who, ana.file, TODAY, "preparing") as opened:
        return filing.file(
            opened=opened, revision=revision, filed_on=TODAY, method="mail", sent_to="USCIS lockbox",
            tracking_number="9400", reason_all_the_same=reason, by=who.member,
        )  # fmt: skip


def test_on_a_shut_day_nothing_is_filed_without_an_attorneys_reason(team: Team, ana: Worker) -> None:
    revision = signed(team, ana)
    with pytest.raises(filing.CannotFile, match="Only an attorney"):
        files(team, team.luis, ana, revision, "We think that it may work all the same.")
    with pytest.raises(filing.CannotFile, match="write the attorney's reason"):
        files(team, team.dana, ana, revision)
    sent = files(
        team, team.dana, ana, revision, "The regional office wrote on Monday that it takes this one."
    )
    assert sent.against_gate
    with team.opens(team.luis, ana.file, TODAY) as opened:
        assert selectors.read_filing(opened, sent)["reason"].startswith("The regional office")


def test_an_unsigned_revision_is_not_filed_and_a_receipt_does_not_come_before_the_filing(
    team: Team, ana: Worker
) -> None:
    revision = prepared(team, team.sofia, ana)
    with pytest.raises(filing.CannotFile, match="not signed off"):
        files(team, team.dana, ana, revision, "The regional office wrote on Monday.")
    reads(team, team.dana, ana, revision)
    signs(team, team.dana, ana, revision)
    sent = files(
        team, team.dana, ana, revision, "The regional office wrote on Monday that it takes this one."
    )
    with team.opens(team.dana, ana.file, TODAY) as opened:
        with pytest.raises(filing.CannotFile, match="cannot be of"):
            filing.receive(
                opened=opened,
                filing=sent,
                kind="receipt",
                received_on=date(2020, 1, 1),
                number="",
                note="",
                by=team.dana.member,
            )
        came = filing.receive(
            opened=opened,
            filing=sent,
            kind="receipt",
            received_on=TODAY,
            number="ZZZ0000000000",
            note="",
            by=team.dana.member,
        )
        assert selectors.read_receipt(opened, came)["number"] == "ZZZ0000000000"


OFFICIAL = Path(os.environ.get("JORNADA_BLANK_FORMS") or Path(__file__).parents[3] / "shared" / "forms")
"""Where the agency's own PDFs lie; they are not part of the project."""


@pytest.fixture
def installed_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORNADA_FORMS", str(tmp_path))
    for name in (
        "i-765/2025-08-21.pdf",
        "i-765ws/2025-08-21.pdf",
        "i-912/2025-07-22.pdf",
        "g-1145/2014-09-26.decrypted.pdf",
    ):
        formfiles.add(OFFICIAL / name)


def test_with_the_forms_installed_each_item_points_to_the_page_on_which_it_is_printed(
    team: Team, ana: Worker, installed_forms: None
) -> None:
    revision = prepared(
        team, team.sofia, ana, filing="stand_alone", notify="yes", on_hand=["grant_notice", "identity"]
    )
    with team.opens(team.dana, ana.file, TODAY) as opened:
        packet = pdf.inspect(selectors.read_packet(opened, revision))
        values = selectors.read_values(opened, revision)
        report = {one["key"]: one["outcome"] for one in selectors.read_report(opened, revision)}
    drawn = {part["key"]: part["pages"] for part in values["parts"] if part["kind"] == "form"}
    assert drawn == {"G-1145": 1, "I-912": 8, "I-765": 7, "I-765WS": 1}
    assert report["clean"] == report["editions"] == report["printable"] == Outcome.YES.value
    for item in values["items"]:
        if item["fact"] == "legal_name" and item["form"] == "I-765":
            assert item["value"] in packet.text[item["page"] - 1]
            assert packet.printed[item["page"] - 1] == ("I-765", "08/21/25")
