"""From a worker's hours to papers and money: worksheet, letter, claim, what is due, what came. Ana cooked in Queens."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from jornada.gateways import packfiles, pdf, wagelaws
from jornada.gateways.today import today
from jornada.packets import filing, preparation, review, selectors, wageclaims
from jornada.packets.models import PacketRevision
from jornada.placement import referral
from jornada.tracking import selectors as tracking
from jornada.tracking import services as tracked
from jornada.triage import selectors as decided
from jornada.triage import services as triage
from jornada.vault.tenancy import as_worker
from tests.stages.casework import Team, Worker, new_wage_worker, shares, team  # noqa: F401
from tests.stages.staff import Person, cheap_passwords, enlist, riverbend  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()


@pytest.fixture
def ana(team: Team) -> Worker:
    worker = new_wage_worker("Ana Peña Ruiz", TODAY)
    shares(worker, team.provider, TODAY)
    return worker


def prepared(team: Team, who: Person, ana: Worker, newest: int = 0, **choices: Any) -> PacketRevision:
    with team.opens(who, ana.file, TODAY, "preparing") as opened:
        chosen = {**preparation.first_choices(opened, who.member), **choices}
        return preparation.prepare(opened=opened, choices=chosen, newest=newest, by=who.member)


def words_of(team: Team, ana: Worker, revision: PacketRevision) -> list[str]:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        return list(pdf.inspect(selectors.read_packet(opened, revision)).text)


def report_of(team: Team, ana: Worker, revision: PacketRevision) -> dict[str, dict[str, Any]]:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        return {one["key"]: one for one in selectors.read_report(opened, revision)}


def signs(team: Team, who: Person, ana: Worker, revision: PacketRevision) -> None:
    with team.opens(who, ana.file, TODAY, "reviewing") as opened:
        review.begin(opened=opened, revision=revision, by=who.member)
        review.sign_off(opened=opened, revision=revision, by=who.member, stepped_up_at=datetime.now(UTC))


def sent(team: Team, who: Person, ana: Worker, revision: PacketRevision) -> None:
    with team.opens(who, ana.file, TODAY, "reviewing") as opened:
        filing.file(
            opened=opened, revision=revision, filed_on=TODAY, method="mail", sent_to="as printed",
            tracking_number="", reason_all_the_same="", by=who.member,
        )  # fmt: skip


# ── Papers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_claim_goes_with_a_sheet_for_the_form_and_the_worksheet(team: Team, ana: Worker) -> None:
    pages = "\n".join(words_of(team, ana, prepared(team, team.sofia, ana)))
    for words in (
        "LS 223",
        "8a",
        "Sol Kitchen LLC",
        "Peña Ruiz",
        "Worksheet of unpaid wages",
        "Overtime, the half on top",
    ):
        assert words in pages, words
    assert "Unpaid wages of" not in pages  # the letter is prepared by itself


def test_the_letter_comes_in_english_and_in_the_worker_s_language_and_says_what_the_law_allows(
    team: Team, ana: Worker
) -> None:
    revision = prepared(team, team.sofia, ana, purpose="demand_letter")
    pages = " ".join("\n".join(words_of(team, ana, revision)).split())
    for words in (
        "I worked for Sol Kitchen", "By my count I am still owed $", "29 USC 215(a)(3)", "Labor Law 215",
        "The next step may be a claim with the New York State Department of Labor", "Trabajé para Sol Kitchen",
        "la carta que vale es la que está en inglés", "Proof of sending", "which is no law firm",
    ):  # fmt: skip
        assert words in pages, words


def test_the_letter_threatens_nobody_and_says_nothing_of_anybody_s_papers(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana, purpose="demand_letter")
    letter = " ".join(" ".join(words_of(team, ana, revision)[:2]).split()).lower()
    for words in (
        "criminal",
        "prosecut",
        "police",
        "credit",
        "release",
        "ice ",
        "visa",
        "undocumented",
        "citizen",
    ):
        assert words not in letter, words
    assert letter.count("immigration status") == 1  # the sentence of Labor Law 215 that forbids such a threat


def test_what_nobody_verified_stays_out_of_the_papers_unless_a_lawyer_takes_it_in(team: Team) -> None:
    ana = new_wage_worker("Ana", TODAY, owed_besides=[{"kind": "sick_leave", "amount": "200.00"}])
    shares(ana, team.provider, TODAY)
    first = prepared(team, team.sofia, ana, purpose="demand_letter")
    assert "Sick leave" not in words_of(team, ana, first)[0]
    assert "left out of the papers" in str(report_of(team, ana, first)["count"]["detail"])
    second = prepared(team, team.sofia, ana, 1, purpose="demand_letter", include_unverified="yes")
    assert "Sick leave*" in "".join(words_of(team, ana, second)[0:2])
    assert "still being verified" in "".join(words_of(team, ana, second)[0:2])


def test_the_answer_day_is_two_weeks_on_and_a_working_day(team: Team, ana: Worker) -> None:
    with team.opens(team.sofia, ana.file, TODAY) as opened:
        chosen = date.fromisoformat(preparation.first_choices(opened, team.sofia.member)["answer_by"])
    assert TODAY + timedelta(days=14) <= chosen <= TODAY + timedelta(days=18)
    assert packfiles.load("us-ny-wages").calendars["us-federal"].open_on(chosen)
    closed = prepared(team, team.sofia, ana, purpose="demand_letter", answer_by="2026-12-25")
    found = report_of(team, ana, closed)["letter"]
    assert found["outcome"] == "no"
    assert "December 28, 2026" in str(found["detail"])


def test_a_letter_that_may_not_be_safe_is_an_open_point(team: Team) -> None:
    bela = new_wage_worker("Bela", TODAY, letter_safe="unsure")
    shares(bela, team.provider, TODAY)
    revision = prepared(team, team.sofia, bela, purpose="demand_letter")
    assert "letter_not_safe" in str(report_of(team, bela, revision)["letter"]["detail"])


def test_a_lawyers_letter_is_signed_off_by_an_attorney_and_by_nobody_else(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana, purpose="demand_letter", sender="lawyer")
    with pytest.raises(review.CannotReview, match="an attorney signs it off"):
        signs(team, team.luis, ana, revision)
    signs(team, team.dana, ana, revision)


def test_nothing_is_prepared_while_nothing_can_be_counted(team: Team) -> None:
    chen = new_wage_worker("Chen", TODAY, promised_amount=None)
    shares(chen, team.provider, TODAY)
    with pytest.raises(preparation.CannotPrepare, match="How much did the boss say you would get"):
        prepared(team, team.sofia, chen)


def test_entries_that_cannot_be_are_in_the_report_and_the_rest_is_counted(team: Team) -> None:
    dina = new_wage_worker(
        "Dina", TODAY, hours_diary=[{"day": "2026-10-01", "start": "07:00", "end": "08:00", "meal": 180}]
    )
    shares(dina, team.provider, TODAY)
    revision = prepared(team, team.sofia, dina)
    assert report_of(team, dina, revision)["count"]["outcome"] == "no"
    assert "longer than the shift" in str(report_of(team, dina, revision)["count"]["detail"])


@pytest.mark.parametrize(
    ("pack", "place", "words"),
    [
        ("us-ca-wages", {"ca_place": "la_city"}, ["DLSE 1", "36", "Grand total owed"]),
        ("us-il-wages", {"il_place": "chicago"}, ["Online wage claim application", "Address for service"]),
        (
            "us-federal-wages",
            {"work_state": "TX"},
            ["Call sheet for the Wage and Hour Division", "1-866-487-9243"],
        ),
    ],
)
def test_each_state_has_its_own_papers(
    team: Team, pack: str, place: dict[str, str], words: list[str]
) -> None:
    job = {
        "employer": "Sol Kitchen",
        "city": "Ejemplo",
        "state": pack[3:5].upper(),
        "from": "2026-01",
        "to": "2026-06",
    }
    worker = new_wage_worker("Efraín", TODAY, pack=pack, jobs=[job], ny_region=None, **place)
    shares(worker, team.provider, TODAY)
    pages = "\n".join(words_of(team, worker, prepared(team, team.sofia, worker)))
    for one in words:
        assert one in pages, one


# ── What follows ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_sent_waits_on_the_employer_and_its_day_is_a_deadline(team: Team, ana: Worker) -> None:
    placed(team, ana)
    revision = prepared(team, team.sofia, ana, purpose="demand_letter")
    signs(team, team.dana, ana, revision)
    sent(team, team.dana, ana, revision)
    with team.works(team.dana):
        (due,) = [one for one in tracking.deadlines(ana.file.id) if one.key == "letter_answer"]
        assert tracking.events(ana.file.id)[0].kind == "letter_sent"
        assert selectors.filing_of(ana.file.id).what == "demand_letter"
        assert tracking.waiting(tracking.known_file(ana.file, TODAY)).on == tracking.EMPLOYER
    with team.opens(team.dana, ana.file, TODAY) as opened:
        chosen = selectors.read_values(opened, revision)["choices"]["answer_by"]
    assert due.due_on.isoformat() == chosen


def placed(team: Team, ana: Worker) -> None:
    """Assessed, decided as the rules propose, and placed with Dana."""
    with team.opens(team.dana, ana.file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
        newest = decided.newest_assessment(ana.file.id)
        proposal = decided.read_assessment(opened, newest).proposal
        triage.decide(
            opened=opened, assessment=newest, decided=proposal, reason="As proposed.", by=team.dana.member
        )
        referral.place(file=ana.file, advocate=team.dana.member, scope="full", by=team.dana.member, on=TODAY)


def test_a_claim_filed_asks_for_news_in_time(team: Team, ana: Worker) -> None:
    revision = prepared(team, team.sofia, ana)
    signs(team, team.dana, ana, revision)
    sent(team, team.dana, ana, revision)
    with team.works(team.dana):
        (due,) = [one for one in tracking.deadlines(ana.file.id) if one.key == "claim_news"]
    assert due.due_on == TODAY + timedelta(days=45)


def test_when_money_begins_to_run_out_is_on_the_list_once_the_file_is_assessed(
    team: Team, ana: Worker
) -> None:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
        triage.assess(opened=opened, by=team.dana.member)
        found = {one.key: one.due_on for one in tracking.deadlines(ana.file.id)}
    assert found["money_begins_to_run_out"] == date(2030, 4, 13)  # six years after the first payday
    assert found["money_runs_out"] > found["money_begins_to_run_out"]
    assert len(tracking_keys(team, ana)) == 2


def tracking_keys(team: Team, ana: Worker) -> list[str]:
    with team.works(team.dana):
        return [one.key for one in tracking.deadlines(ana.file.id) if one.key.startswith("money")]


def test_what_came_stands_against_what_was_counted_and_the_worker_hears_of_it(
    team: Team, ana: Worker
) -> None:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        for amount in ("1000.00", "2500.50"):
            tracked.record_payment(
                opened=opened, paid_on=TODAY, amount=Decimal(amount), note="check", by=team.dana.member
            )
        found = tracking.collected(opened)
        claim = wageclaims.of(opened)
        assert claim is not None
        assert (found.total, found.low) == (Decimal("3500.50"), claim.found.sheets[0].total)
        with pytest.raises(tracked.CannotRecord, match="yet to come"):
            tracked.record_payment(
                opened=opened,
                paid_on=TODAY + timedelta(days=1),
                amount=Decimal(1),
                note="",
                by=team.dana.member,
            )
        with pytest.raises(tracked.CannotRecord, match="more than 0"):
            tracked.record_payment(
                opened=opened, paid_on=TODAY, amount=Decimal(0), note="", by=team.dana.member
            )
    with as_worker(ana.application_id):
        assert "paid" in [one.key for one in tracking.notices(ana.application_id)]


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(team: Team, ana: Worker) -> Client:
    """Sofia at her desk, with Ana's file opened for a reason."""
    return opened_by(team.sofia, ana)


def opened_by(who: Person, worker: Worker) -> Client:
    who.signs_in()
    answer = who.client.post(f"/staff/files/{worker.file.id}/open", {"why": "preparing"})
    assert answer.status_code == 302
    return who.client


def test_the_worksheet_shows_both_counts_with_law_source_and_mark(desk: Client, ana: Worker) -> None:
    page = unescape(desk.get(f"/staff/files/{ana.file.id}/worksheet").content.decode())
    for words in (
        "careful count", "full count", "12 NYCRR Part 146", "needs review", "regular rate", "data:image/svg+xml",
        "What is assumed", "When money runs out",
    ):  # fmt: skip
        assert words in page, words


def test_in_court_interest_is_counted_too(desk: Client, ana: Worker) -> None:
    agency = desk.get(f"/staff/files/{ana.file.id}/worksheet").content.decode()
    court = desk.get(f"/staff/files/{ana.file.id}/worksheet?forum=court").content.decode()
    assert "Interest in court" not in agency
    assert "Interest in court" in court


def test_the_spreadsheet_holds_every_week_and_words_stay_words(team: Team) -> None:
    evil = new_wage_worker(
        "Eva", TODAY, jobs=[{"employer": "=HYPERLINK(1)", "state": "NY", "from": "2026-01", "to": "2026-02"}]
    )
    shares(evil, team.provider, TODAY)
    client = opened_by(team.sofia, evil)
    book = load_workbook(io.BytesIO(client.get(f"/staff/files/{evil.file.id}/worksheet.xlsx").content))
    assert book.sheetnames[0] == "Sums"
    full = book["Full count"]
    assert full.max_row > 4
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_what_each_answer_changes_says_what_the_rules_read(desk: Client, ana: Worker) -> None:
    page = unescape(desk.get(f"/staff/files/{ana.file.id}/worksheet/changes").content.decode())
    assert "Where in New York State did you work?" in page
    assert "Another part of the state" in page


@pytest.mark.parametrize("name", ["worksheet.pdf", "worksheet.xlsx", "before-settling.pdf?language=es"])
def test_downloads_say_nothing_about_the_person_and_are_logged(
    desk: Client, team: Team, ana: Worker, name: str
) -> None:
    answer = desk.get(f"/staff/files/{ana.file.id}/{name}")
    assert answer.status_code == 200
    assert "Pe" not in answer.headers["Content-Disposition"].replace("attachment", "")
    with team.works(team.dana):
        assert "downloaded" in [one.act for one in tracking.readings(ana.file)]


def test_without_a_count_the_page_asks_for_what_is_missing(team: Team) -> None:
    chen = new_wage_worker("Chen", TODAY, promised_amount=None, start_time=None, hours_how="unsure")
    shares(chen, team.provider, TODAY)
    client = opened_by(team.sofia, chen)
    page = unescape(client.get(f"/staff/files/{chen.file.id}/worksheet").content.decode())
    assert "Nothing can be counted yet" in page
    assert "How much did the boss say you would get?" in page
    assert client.get(f"/staff/files/{chen.file.id}/worksheet.pdf").status_code == 404


def test_money_that_came_is_recorded_on_its_page(desk: Client, ana: Worker) -> None:
    at = f"/staff/files/{ana.file.id}/payments"
    wrong = desk.post(at, {"paid_on_0": "", "amount": "-3", "note": ""})
    assert wrong.status_code == 422
    day = {"paid_on": TODAY.isoformat()}
    assert desk.post(at, {**day, "amount": "1200", "note": "first of three"}).status_code == 302
    page = unescape(desk.get(at).content.decode())
    assert "$1,200.00" in page
    assert "first of three" in page


def test_every_wage_pack_has_its_papers_in_both_languages() -> None:
    for name, pack in wagelaws.packs().items():
        for language in pack.languages:
            assert pack.has_text("letters.demand.ask", language), name
            assert pack.has_text("letters.notice.go_on", language), name
