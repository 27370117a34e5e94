"""Where everything stands: the queue, the file page, deadlines, and what the worker is told."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.intake import services as intake_services
from jornada.packets import selectors as packets
from jornada.tracking import selectors, services
from jornada.triage import selectors as triage
from jornada.vault import tenancy
from jornada.vault.tenancy import as_worker
from tests.stages.casework import Team, Worker, ana, new_worker, shares, team  # noqa: F401
from tests.stages.staff import Person, cheap_passwords, enlist, riverbend, sun_coast  # noqa: F401
from tests.stages.test_packets import CHOICES
from tests.stages.test_placement import books, decided, saturday

pytestmark = pytest.mark.django_db
TODAY = today()


def at(ana: Worker, page: str = "") -> str:
    return f"/staff/files/{ana.file.id}/{page}"


def gives_reason(who: Person, ana: Worker) -> None:
    answer = who.client.post(at(ana, "open"), {"why": "deciding"})
    assert answer.status_code == 302


def posts(who: Person, page: str, said: dict[str, Any] | None = None) -> HttpResponse:
    return who.client.post(page, said or {})


def step(team: Team, ana: Worker) -> str:
    with team.works(team.dana):
        return selectors.waiting(selectors.known_file(ana.file, TODAY)).step


def walk_to_decision(team: Team, ana: Worker) -> None:
    dana = team.dana
    dana.signs_in()
    gives_reason(dana, ana)
    posts(dana, at(ana, "assess"))
    with team.opens(dana, ana.file, TODAY) as opened:
        newest = triage.newest_assessment(ana.file.id)
        proposal = triage.read_assessment(opened, newest).proposal
    said = {
        "assessment": newest.id,
        "track": "representation",
        "level": proposal.level,
        "level_of_service": "extended_service",
        "reason": "A supervising attorney takes her on in full.",
    }
    assert posts(dana, at(ana, "decide"), said).status_code == 302


def walk_to_packet(team: Team, ana: Worker) -> None:
    walk_to_decision(team, ana)
    said = {"advocate": team.dana.member.id, "scope": "full"}
    assert posts(team.dana, at(ana, "place"), said).status_code == 302
    answer = posts(team.dana, at(ana, "packet/prepare"), {"newest": "0", **CHOICES})
    assert answer.status_code == 302, answer.content.decode()


def test_each_step_moves_the_file_to_whoever_is_next(team: Team, ana: Worker) -> None:
    assert step(team, ana) == "assess"
    walk_to_decision(team, ana)
    assert step(team, ana) == "place"
    posts(team.dana, at(ana, "place"), {"advocate": team.dana.member.id, "scope": "full"})
    assert step(team, ana) == "prepare"
    posts(team.dana, at(ana, "packet/prepare"), {"newest": "0", **CHOICES})
    assert step(team, ana) == "review"
    team.dana.reads(at(ana, "packet/1/read"))
    assert step(team, ana) == "sign_off"
    posts(team.dana, at(ana, "packet/1/read"), {"question": "P03", "note": ""})
    assert step(team, ana) == "answer_questions"


def test_the_queue_shows_who_waits_on_whom_with_the_released_name(team: Team, ana: Worker) -> None:
    team.dana.signs_in()
    page = team.dana.reads("/staff/?show=all")
    assert "Ana Peña Ruiz" in page
    assert "Assess the answers" in page
    assert "Legal team" in page


def test_answers_are_opened_for_a_reason_that_is_asked_once_and_logged_each_time(
    team: Team, ana: Worker
) -> None:
    team.dana.signs_in()
    first = team.dana.client.get(at(ana, "answers"))
    assert first["Location"].startswith(at(ana, "open"))
    gives_reason(team.dana, ana)
    assert "Peña Ruiz" in team.dana.reads(at(ana, "answers"))
    team.dana.reads(at(ana, "answers"))
    readers = team.dana.reads(at(ana, "readers"))
    assert readers.count("Deciding what help fits") == 2


def test_every_page_of_a_file_opens_and_says_what_it_should(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    dana = team.dana
    words = {
        "": "What the worker is told",
        "findings": "The rules propose",
        "placement": "Dana",
        "packet": "Revision 1",
        "packet/1": "Report before printing",
        "packet/1/read": "Item 1 of",
        "packet/1/read/3": "The form asks",
        "deadlines": "Record an event",
        "readers": "Who has read this file",
        "packet/prepare": "Representative",
    }
    for page, expected in words.items():
        assert expected in dana.reads(at(ana, page)), page
    dana.reads("/staff/matches")
    dana.reads("/staff/clinic-days")
    dana.reads("/staff/reminders")


def test_a_page_of_the_packet_is_drawn_for_the_reviewer_and_stored_nowhere(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    picture = team.dana.client.get(at(ana, "packet/1/pages/1"))
    assert picture["Content-Type"] == "image/png"
    assert picture["Cache-Control"] == "no-store"
    assert picture.content[:4] == b"\x89PNG"
    assert team.dana.client.get(at(ana, "packet/1/pages/999")).status_code == 404


def test_the_download_has_a_neutral_name_and_is_logged(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    answer = team.dana.client.get(at(ana, "packet/1/packet.pdf"))
    assert answer["Content-Disposition"] == f'attachment; filename="packet-{ana.file.number:04}-1.pdf"'
    assert "downloaded" in team.dana.reads(at(ana, "readers"))


def test_what_would_change_a_finding_is_said_on_demand(team: Team, ana: Worker) -> None:
    walk_to_decision(team, ana)
    page = team.dana.reads(at(ana, "findings"))
    link = re.search(r'href="([^"]+/findings/[a-z_0-9]+)"', page)
    assert link
    assert "never a hint what to answer" in team.dana.reads(link[1])


def test_sign_off_asks_for_the_second_factor_again(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    team.dana.reads(at(ana, "packet/1/read"))
    answer = team.dana.client.get(at(ana, "packet/1/sign-off"))
    assert answer.status_code == 302
    assert "/accounts/2fa/reauthenticate/" in answer["Location"]
    posts(team.dana, "/accounts/2fa/reauthenticate/", {"code": team.dana.code()})
    assert "Report before printing" in team.dana.reads(at(ana, "packet/1/sign-off"))
    assert posts(team.dana, at(ana, "packet/1/sign-off"), {"read_report": "on"}).status_code == 302
    with team.works(team.dana):
        assert packets.sign_off_of(packets.newest(ana.file.id).id).member_id == team.dana.member.id


def test_a_paralegal_finds_no_sign_off_page_and_an_organiser_no_file(
    team: Team, ana: Worker, enlist: Any
) -> None:  # noqa: F811
    walk_to_packet(team, ana)
    team.sofia.signs_in()
    gives_reason(team.sofia, ana)
    assert team.sofia.client.get(at(ana, "packet/1/sign-off")).status_code == 404
    omar = enlist("Omar", "organiser")
    omar.signs_in()
    for page in ("", "answers", "findings", "placement", "packet", "packet/1", "deadlines", "readers"):
        assert omar.client.get(at(ana, page)).status_code == 404, page


def test_another_providers_file_looks_exactly_like_one_that_is_not_there(
    team: Team,
    ana: Worker,
    enlist: Any,
    sun_coast: Any,  # noqa: F811
) -> None:
    pia = enlist("Pia", "attorney", at=sun_coast)
    pia.signs_in()
    theirs = pia.client.get(at(ana))
    absent = pia.client.get(f"/staff/files/{sun_coast.id}/")
    assert theirs.status_code == absent.status_code == 404
    assert theirs.content == absent.content


def test_moving_sets_the_deadline_of_the_law_and_meeting_it_takes_it_off_the_queue(
    team: Team, ana: Worker
) -> None:
    walk_to_decision(team, ana)
    answer = posts(team.dana, at(ana, "deadlines"), {"kind": "moved", "happened_on": TODAY.isoformat()})
    assert answer.status_code == 302, answer.content.decode()
    with team.works(team.dana):
        due = {one.key: one for one in selectors.deadlines(ana.file.id)}
        assert due["ar11"].due_on == TODAY + timedelta(days=10)
        assert selectors.next_deadlines([ana.file.id], TODAY)[ana.file.id].key in due
    posts(team.dana, at(ana, f"deadlines/{due['ar11'].id}/met"))
    with team.works(team.dana):
        assert "ar11" not in {one.key for one in selectors.next_deadlines([ana.file.id], TODAY).values()}


def test_a_notice_without_its_printed_date_is_refused(team: Team, ana: Worker) -> None:
    walk_to_decision(team, ana)
    with (
        team.opens(team.dana, ana.file, TODAY) as opened,
        pytest.raises(services.CannotRecord, match="never computed"),
    ):
        services.record_event(
            opened=opened, kind="rfe_received", happened_on=TODAY, printed=None, by=team.dana.member
        )


def test_an_attorneys_filing_starts_the_days_on_which_to_ask_the_agency(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    team.dana.reads(at(ana, "packet/1/read"))
    posts(team.dana, "/accounts/2fa/reauthenticate/", {"code": team.dana.code()})
    posts(team.dana, at(ana, "packet/1/sign-off"), {"read_report": "on"})
    said = {
        "filed_on": TODAY.isoformat(),
        "method": "mail",
        "sent_to": "USCIS lockbox",
        "tracking_number": "",
    }
    refused = posts(team.dana, at(ana, "packet/1/filed"), {**said, "reason_all_the_same": ""})
    assert refused.status_code == 422
    assert "write the attorney" in refused.content.decode()
    assert "USCIS lockbox" in refused.content.decode()
    why = "The regional office wrote on Monday that it takes this one."
    assert (
        posts(team.dana, at(ana, "packet/1/filed"), {**said, "reason_all_the_same": why}).status_code == 302
    )
    with team.works(team.dana):
        due = {one.key: one.due_on for one in selectors.deadlines(ana.file.id)}
    assert due["uscis_case_silence_60"] == TODAY + timedelta(days=60)
    assert why in team.dana.reads(at(ana, "packet/receipt"))
    said = {"kind": "receipt", "received_on": TODAY.isoformat(), "number": "ZZZ0000000000", "note": ""}
    assert posts(team.dana, at(ana, "packet/receipt"), said).status_code == 302
    assert step(team, ana) == "decision"


def test_two_who_prepare_the_same_file_get_a_clear_word_and_keep_their_choices(
    team: Team, ana: Worker
) -> None:
    walk_to_packet(team, ana)
    answer = posts(team.dana, at(ana, "packet/prepare"), {"newest": "0", **CHOICES, "matter_ref": "WHD-77"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "prepared revision 1 while you had this page open" in page
    assert "WHD-77" in page


def test_consent_withdrawn_while_the_file_is_open_closes_every_page_of_it_with_a_clear_word(
    team: Team, ana: Worker
) -> None:
    walk_to_packet(team, ana)
    with as_worker(ana.application_id):
        (shared,) = intake.shared_with(ana.application_id, TODAY)
    intake_services.withdraw(ana.session, grant_id=shared.grant.id, at=datetime.now(UTC))
    for page in (
        "answers",
        "findings",
        "packet/1",
        "packet/1/read",
        "packet/1/pages/1",
        "packet/1/packet.pdf",
    ):
        answer = team.dana.client.get(at(ana, page))
        assert answer.status_code == 403, page
        assert "consent has ended or was withdrawn" in answer.content.decode()
        assert "1987" not in answer.content.decode()
    with team.works(team.dana):
        newest = triage.newest_assessment(ana.file.id)
    assert posts(team.dana, at(ana, "decide"), {"assessment": newest.id}).status_code == 403
    assert "refused" in team.dana.reads(at(ana, "readers"))


def test_reminders_come_on_their_day(team: Team, ana: Worker) -> None:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        services.record_event(
            opened=opened,
            kind="rfe_received",
            happened_on=TODAY,
            printed=TODAY + timedelta(days=40),
            by=team.dana.member,
        )
    with team.works(team.dana):
        assert "rfe" in {one.key for one in selectors.reminders(TODAY)}
        assert selectors.reminders(TODAY - timedelta(days=60)) == []


def test_the_worker_reads_fixed_words_about_her_request_in_her_language(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    posts(team.dana, at(ana, "packet/1/read"), {"question": "P03", "note": "Secret note"})
    ana.comes_in()
    page = ana.client.get("/es/mine/status").content.decode()
    assert "Se están haciendo sus papeles. No se ha mandado nada." in page
    assert "Hay una pregunta para usted" in page
    assert "Secret note" not in page
    assert "/es/mine/question/" in page


def test_the_worker_answers_a_returned_question_and_the_file_goes_back_to_the_team(
    team: Team, ana: Worker
) -> None:
    walk_to_packet(team, ana)
    posts(team.dana, at(ana, "packet/1/read"), {"question": "P03", "note": ""})
    ana.comes_in()
    link = re.search(r"/es/mine/question/[0-9a-f-]+", ana.client.get("/es/mine/status").content.decode())[0]
    page = ana.client.get(link).content.decode()
    assert "1987" in page
    said = {
        "birth_date-year": "1987",
        "birth_date-month": "4",
        "birth_date-day": "3",
        "sex": "female",
        "act": "save",
    }
    answer = ana.client.post(link, said)
    assert answer["Location"] == "/es/mine/status", answer.content.decode()
    assert ana.client.get(link).status_code == 404
    assert step(team, ana) == "prepare_again"


def test_another_workers_question_is_not_there(team: Team, ana: Worker) -> None:
    walk_to_packet(team, ana)
    posts(team.dana, at(ana, "packet/1/read"), {"question": "P03", "note": ""})
    with team.works(team.dana):
        (asked,) = packets.corrections(ana.file.id)
    bashir = new_worker("Bashir", TODAY)
    shares(bashir, team.provider, TODAY)
    bashir.comes_in()
    assert bashir.client.get(f"/es/mine/question/{asked.id}").status_code == 404


def books_a_clinic_day(team: Team, worker: Worker, commits: Any) -> None:
    decided(team, worker.file, track="clinic")
    day = saturday(team)
    with commits(execute=True):
        books(team, worker.file, day)


def test_the_organiser_hears_of_the_appointment_where_the_worker_let_her(
    team: Team, sun_coast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    chen = new_worker("Chen Wei", TODAY)
    shares(chen, team.provider, TODAY, organiser=sun_coast, shown=frozenset({"name", "appointment"}))
    books_a_clinic_day(team, chen, django_capture_on_commit_callbacks)
    with tenancy.as_provider(sun_coast.id):
        (card,) = intake.organiser_cards(TODAY)
    assert card.fields["name"] == "Chen Wei"
    assert [(told["kind"], told["time"], told["where"]) for told in card.notices] == [
        ("appointment", "09:00", "Parish hall")
    ]


def test_an_organiser_who_was_shown_the_name_alone_hears_of_no_appointment(
    team: Team, sun_coast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    chen = new_worker("Chen Wei", TODAY)
    shares(chen, team.provider, TODAY, organiser=sun_coast, shown=frozenset({"name"}))
    books_a_clinic_day(team, chen, django_capture_on_commit_callbacks)
    with tenancy.as_provider(sun_coast.id):
        (card,) = intake.organiser_cards(TODAY)
    assert card.notices == ()
