"""The interview and what follows it, through the pages that workers meet. Ana answers; Riverbend reads."""

# ruff: noqa: F811 - a fixture is imported and then named as an argument

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from jornada.coalition.models import Provider
from jornada.disputes.models import Cohort, Employer, Worksite
from jornada.domain import interview
from jornada.gateways import packfiles
from jornada.gateways.today import today
from jornada.intake import drafts, selectors, services, steps, views, visits, wording
from jornada.intake.drafts import ChangedMeanwhile
from jornada.intake.models import Answer, AnswerSet, Application, CaseFile, Draft, OrganiserCard
from jornada.intake.visits import Visit
from jornada.vault import access, audit, consent, worker
from jornada.vault.audit import Chain
from jornada.vault.tenancy import as_provider, as_worker
from jornada.vault.worker import WorkerSession
from tests.stages.casework import Team, team  # noqa: F401

pytest_plugins = ["tests.stages.coalition_cast"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords")]
PACK = packfiles.load("us-labor-deferred-action")
FIRST = "Q10"


class Visitor:
    """A worker with a browser of her own."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.client = Client()

    def path(self, page: str) -> str:
        return f"/{self.language}/{page}"

    def reads(self, page: str, status: int = 200) -> str:
        answer = self.client.get(self.path(page))
        assert answer.status_code == status, (page, answer.status_code, answer.headers.get("Location"))
        return unescape(answer.content.decode())

    def sends(self, page: str, **said: Any) -> HttpResponse:
        return self.client.post(self.path(page), said)

    def starts(self, who: str = "alone", query: str = "", topic: str = "us-labor-deferred-action") -> str:
        """Begins; the number that the page shows, if it does."""
        answer = self.sends(f"start{query}", who=who, topic=topic)
        assert answer.status_code in (200, 302)
        return " ".join(re.findall(r"<span>(\d{4})</span>", answer.content.decode()))

    def answers(self, question: str, **said: Any) -> str:
        """Answers a question; the page that comes next."""
        answer = self.sends(f"q/{question}", act="save", **said)
        assert answer.status_code == 302, unescape(answer.content.decode())[:3000]
        return str(answer.headers["Location"]).removeprefix(f"/{self.language}/")

    @property
    def session(self) -> WorkerSession:
        found = worker.read_worker_token(self.client.cookies["way"].value, visits.now())
        assert found is not None
        return found

    @property
    def visit(self) -> Visit:
        return visits.unpacked(self.session.bits)

    @property
    def said(self) -> dict[str, Any]:
        return dict(drafts.opened(self.session).answers)

    def sees_again(self, visit: Visit) -> None:
        """Her cookie says that the visit goes so."""
        self.client.cookies = visits.keep(HttpResponse(), self.session, visit).cookies


@pytest.fixture
def ana() -> Visitor:
    visitor = Visitor()
    visitor.starts()
    return visitor


@pytest.fixture
def shared(ana: Visitor, team: Team) -> Iterator[Visitor]:
    """Ana shares everything with Riverbend, who is on the list."""
    list_provider(team.provider)
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    assert ana.sends("share", **consents(team.provider)).status_code == 302
    yield ana


def list_provider(provider: Provider) -> None:
    with as_provider(provider.id):
        provider.listed = True
        provider.save(update_fields=["listed"])


def consents(provider: Provider, **changed: Any) -> dict[str, Any]:
    said = {
        "provider": str(provider.id), "which": "all", "until": "30", "name": "Ana", "phone": "212 555 0111",
        "place": "Duplin", "spoken": "es", "agree": "1",
    }  # fmt: skip
    return {**said, **changed}


def events(application_id: UUID) -> list[tuple[str, str]]:
    from jornada.vault.models import AccessEvent

    with as_worker(application_id):
        rows = AccessEvent.objects.filter(chain_id=application_id).order_by("sequence")
        return [(row.act, row.about) for row in rows]


# ── The door ──────────────────────────────────────────────────────────────────────────────────────────────


def test_language_comes_first_then_what_this_is_and_who_sees_it() -> None:
    assert 'href="/en/"' in Client().get("/").content.decode()
    assert "Elija su idioma" in Client().get("/").content.decode()
    told = Visitor("es").reads("")
    assert "Quién ve sus respuestas" in told
    assert "Salir de aquí" in told


def test_a_language_that_is_not_offered_does_not_exist() -> None:
    assert Client().get("/xx/").status_code == 404


def test_the_worker_alone_gets_her_number_at_once_and_it_opens_her_answers_from_another_phone() -> None:
    ana, again = Visitor(), Visitor("es")
    code = ana.starts()
    assert len(code.replace(" ", "")) == 20
    ana.answers(FIRST, detained_now="no", ice_checkins="unsure")
    assert again.sends("return", number=code).headers["Location"] == "/es/mine"
    assert again.said == {"detained_now": "no", "ice_checkins": "unsure"}


def test_a_new_number_ends_the_old_one(ana: Visitor) -> None:
    old = Visitor()
    code = old.starts()
    new = " ".join(re.findall(r"<span>(\d{4})</span>", old.sends("save").content.decode()))
    assert new != code
    assert "No answers open" in Visitor().sends("return", number=code).content.decode()
    assert Visitor().sends("return", number=new).status_code == 302


def test_a_slip_in_the_number_is_told_as_a_slip_and_never_shown_again() -> None:
    answer = Visitor().sends("return", number="1234 5678 9012 3456 7890")
    assert answer.status_code == 422
    assert "One digit looks wrong" in answer.content.decode()
    assert "1234 5678" not in answer.content.decode()


def test_ten_wrong_numbers_make_that_place_wait_and_no_other() -> None:
    thief, ana = Visitor(), Visitor()
    code = ana.starts()
    for _ in range(10):
        assert thief.sends("return", number=worker.new_code()).status_code == 422
    refused = thief.sends("return", number=code)
    assert refused.status_code == 429
    assert "wait 15 minutes" in refused.content.decode()
    elsewhere = Client(REMOTE_ADDR="10.9.8.7").post("/en/return", {"number": code})
    assert elsewhere.status_code == 302


def test_leaving_takes_the_session_away_and_leads_to_a_page_anyone_may_have_open(ana: Visitor) -> None:
    answer = ana.client.get("/en/leave")
    assert answer.status_code == 302
    assert "jornada" not in answer.headers["Location"]
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer.cookies["way"].value == ""
    assert ana.client.get("/en/mine").headers["Location"] == "/en/closed"


def test_a_session_that_is_over_altered_or_too_long_opens_nothing(ana: Visitor) -> None:
    session = ana.session
    over = worker.worker_token(replace(session, expires_at=visits.now() - timedelta(seconds=1)))
    long_ago = replace(
        session, bits=visits.packed(replace(ana.visit, begun=(visits.begun_now() - 73) % 4096))
    )
    for token in (
        over,
        ana.client.cookies["way"].value[:-4] + "AAAA",
        worker.worker_token(long_ago),
        "nonsense",
    ):
        ana.client.cookies["way"] = token
        assert ana.client.get("/en/mine").headers["Location"] == "/en/closed"
        assert ana.sends(f"q/{FIRST}", act="save", detained_now="no").headers["Location"] == "/en/closed"


def test_every_page_is_small_neutral_and_asks_nothing_of_anyone_else(shared: Visitor) -> None:
    from jornada.gateways.database import PROJECT

    css = len((PROJECT / "jornada/web/static/built/worker.css").read_bytes())
    pages = [
        "",
        "start",
        "return",
        "closed",
        "save",
        "q/Q02",
        "q/Q11",
        "q/Q05",
        "check",
        "result",
        "share",
        "done",
        "mine",
    ]
    for page in pages:
        shared_page = Visitor() if page in ("", "start", "return", "closed") else shared
        html = shared_page.reads(page)
        assert len(html.encode()) + css <= 60 * 1024, page
        assert re.search(r"<title>Questions</title>", html), page
        assert not re.search(r"""(?:src|action)=["']?https?:|href=["']?https?:""", html), page
        assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", html), page
        assert "Leave this site" in html, page


# ── A step ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_sealed_logged_and_leads_to_the_next_question(ana: Visitor) -> None:
    assert ana.answers(FIRST, detained_now="no", ice_checkins="no") == "q/Q35"
    application_id = ana.session.application_id
    with as_worker(application_id):
        draft, answer = Draft.objects.get(), Answer.objects.get()
    assert draft.section == answer.section == "immigration_history"
    assert b"detained" not in bytes(draft.sealed_answers) + bytes(answer.sealed_answer)
    assert events(application_id)[-1] == ("saved", "q10")
    with as_worker(application_id):
        assert audit.verify(Chain("application", application_id)).whole


def test_with_no_tenant_nobody_sees_a_draft(ana: Visitor) -> None:
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jornada.application', '', true)")
    assert not Draft.objects.exists()
    assert not Application.objects.exists()


def test_an_earlier_answer_is_shown_again_and_that_it_was_opened_is_logged(ana: Visitor) -> None:
    ana.answers(FIRST, detained_now="no", ice_checkins="unsure")
    before = len(events(ana.session.application_id))
    page = ana.reads(f"q/{FIRST}")
    assert re.search(r'name="detained_now" type="radio" value="no" checked', page)
    assert re.search(r'name="ice_checkins" type="radio" value="unsure" checked', page)
    assert events(ana.session.application_id)[before:] == [("opened", "q10")]


def test_a_skipped_question_is_not_asked_again_and_stays_missing(ana: Visitor) -> None:
    assert ana.sends(f"q/{FIRST}", act="skip").headers["Location"] == "/en/q/Q35"
    assert ana.said == {"detained_now": None, "ice_checkins": None}
    assert ana.client.get("/en/q/").headers["Location"] == "/en/q/Q35"


def test_skipping_leaves_what_was_said_before(ana: Visitor) -> None:
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    ana.sends(f"q/{FIRST}", act="skip")
    assert ana.said == {"detained_now": "no", "ice_checkins": "no"}


def test_saving_without_an_answer_is_told_at_the_question(ana: Visitor) -> None:
    answer = ana.sends(f"q/{FIRST}", act="save")
    assert answer.status_code == 422
    assert "Please choose an answer, or skip this question." in answer.content.decode()
    assert ana.said == {}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"year": "2099"}, "has not come yet"),
        ({"year": "1980"}, "before you were born"),
        ({"year": "1850"}, "must be 1900 or later"),
        ({"year": "2019", "day": "5"}, "not a date"),
        ({"year": "2019", "month": "2", "day": "31"}, "not a date"),
        ({"year": "last spring"}, "not a date"),
    ],
)
def test_a_date_that_cannot_be_is_told_at_its_field_and_what_was_typed_stays(
    ana: Visitor, typed: dict[str, str], told: str
) -> None:
    drafts.save(
        ana.session, drafts.opened(ana.session), {"birth_date": "1987-03"}, question="P02", on=today()
    )
    said = {f"last_entry_date-{part}": value for part, value in typed.items()}
    answer = ana.sends("q/Q28a", act="save", **said)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert told in page
    assert all(f'value="{value}"' in page for value in typed.values())
    assert "last_entry_date" not in ana.said


@pytest.mark.parametrize(
    ("typed", "kept"),
    [({"year": "2019"}, "2019"), ({"year": "2019", "month": "5"}, "2019-05"),
     ({"year": "2019", "month": "5", "day": "2"}, "2019-05-02")],
)  # fmt: skip
def test_a_date_is_kept_as_exactly_as_it_is_remembered(
    ana: Visitor, typed: dict[str, str], kept: str
) -> None:
    ana.answers("Q28a", **{f"last_entry_date-{part}": value for part, value in typed.items()})
    assert ana.said["last_entry_date"] == kept


def test_a_name_takes_any_script_and_no_pictures(ana: Visitor) -> None:
    refused = ana.sends("q/P01", act="save", **{"legal_name-given": "Ana 😀", "legal_name-family": "Peña"})
    assert refused.status_code == 422
    assert "letters only, no pictures" in refused.content.decode()
    assert "Ana 😀" in refused.content.decode()
    ana.answers("P01", **{"legal_name-given": "\u202eسارة", "legal_name-family": "Nguyễn"})
    assert ana.said["legal_name"] == {"given": "سارة", "family": "Nguyễn"}


def test_what_people_type_is_never_markup(ana: Visitor) -> None:
    answer = ana.sends("q/Q28a", act="save", **{"last_entry_date-year": '"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.content.decode()


def test_unknown_questions_and_entries_do_not_exist(ana: Visitor) -> None:
    for page in ("q/Q99999", "q/Q02/7", "q/Q02/0", f"q/{FIRST}/1"):
        assert ana.client.get(f"/en/{page}").status_code == 404, page
        assert ana.sends(page, act="save").status_code == 404, page


def test_a_page_too_large_is_refused_with_words_and_nothing_is_saved(ana: Visitor) -> None:
    answer = ana.sends(f"q/{FIRST}", act="save", detained_now="no", more="x" * 70_000)
    assert answer.status_code == 413
    assert "more than one page can hold" in answer.content.decode()
    assert ana.said == {}


# ── Two pages at once, and a server that is killed ────────────────────────────────────────────────────────


def test_two_pages_saved_one_after_the_other_both_stand(ana: Visitor) -> None:
    other = Visitor()
    other.client.cookies = ana.client.cookies
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    other.answers("Q35", da_status="none")
    assert ana.said == {"detained_now": "no", "ice_checkins": "no", "da_status": "none"}


def test_a_page_that_read_before_another_saved_is_refused_and_writes_nothing(ana: Visitor) -> None:
    session = ana.session
    early = drafts.opened(session)
    drafts.save(session, early, {"da_status": "none"}, question="Q35", on=today())
    with pytest.raises(ChangedMeanwhile):
        drafts.save(session, early, {"detained_now": "no"}, question=FIRST, on=today())
    assert ana.said == {"da_status": "none"}
    with as_worker(session.application_id):
        assert Answer.objects.count() == 1


def test_a_step_reads_again_where_another_page_was_quicker(ana: Visitor) -> None:
    session = ana.session
    early = drafts.opened(session)
    drafts.save(session, early, {"da_status": "none"}, question="Q35", on=today())
    question = PACK.question_by_id[FIRST]
    step = steps._saved(session, ana.visit, early, question, lambda now: {"detained_now": "no"}, today())
    assert dict(step.opened.answers) == {"da_status": "none", "detained_now": "no"}


def test_where_the_log_cannot_be_written_nothing_is_saved(ana: Visitor) -> None:
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    application_id = ana.session.application_id
    with pytest.raises(psycopg.Error), psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("SAVEPOINT before")
        try:
            save = "SELECT intake_save_step(%s, %s, %s, %s, %s, %b::bytea[], %s, %b::bytea[], %s)"
            sealed = [b"\x01" * 64]
            cursor.execute(
                save,
                [application_id, today(), "What she said", ["work"], [0], sealed, [uuid4()], sealed, ["P3"]],
            )
        except psycopg.Error:
            cursor.execute("ROLLBACK TO SAVEPOINT before")
            raise
    with as_worker(application_id):
        assert not Draft.objects.filter(section="work").exists()
        assert Answer.objects.count() == 1


# ── Lists, cohorts, helpers, danger ───────────────────────────────────────────────────────────────────────


def job(**parts: str) -> dict[str, str]:
    return {f"jobs-{part.replace('_', '-')}": value for part, value in parts.items()}


def test_jobs_are_given_page_by_page_changed_and_taken_away(ana: Visitor) -> None:
    assert ana.answers("Q02/1", **job(employer="Heron Farms", from_year="2019")) == "q/Q02"
    assert ana.answers("Q02/2", **job(employer="Dock 4", from_year="2021", to_ongoing="1")) == "q/Q02"
    page = ana.reads("q/Q02")
    assert "You gave 2 so far." in page
    assert "Dock 4" in page
    ana.sends("q/Q02/1", act="remove")
    assert ana.said["jobs"] == [{"employer": "Dock 4", "from": "2021", "to": "ongoing"}]
    assert ana.sends("q/Q02", act="done").headers["Location"] != "/en/q/Q02"


def test_a_job_that_ends_before_it_begins_is_told_at_its_last_day(ana: Visitor) -> None:
    answer = ana.sends("q/Q02/1", act="save", **job(employer="Heron Farms", from_year="2021", to_year="2019"))
    assert answer.status_code == 422
    assert "The last day is before the first day" in answer.content.decode()
    assert 'value="Heron Farms"' in answer.content.decode()


@pytest.fixture
def cohort(sun_coast: Provider) -> Cohort:
    list_provider(sun_coast)
    with as_provider(sun_coast.id):
        employer = Employer.objects.create(provider=sun_coast, legal_name="Heron Poultry LLC", shared=True)
        place = Worksite.objects.create(
            provider=sun_coast, employer=employer, name="Plant 2", city="Duplin", state="NC", shared=True
        )
        return Cohort.objects.create(
            provider=sun_coast, name="Heron workers", employer=employer, worksite=place, shared=True
        )


def test_a_worker_who_came_with_her_group_finds_the_name_of_the_job_filled_in(cohort: Cohort) -> None:
    joining = Client().get(f"/j/{cohort.join_code}").content.decode()
    assert re.findall(r'href="(/e[ns]/[^"]*)"', joining).count(f"/es/?j={cohort.join_code}") == 2
    ana = Visitor()
    assert "Heron workers" in ana.reads(f"start?j={cohort.join_code}")
    ana.starts(query=f"?j={cohort.join_code}")
    page = ana.reads("q/Q02")
    assert 'value="Heron Poultry LLC"' in page
    assert 'value="Plant 2"' in page


def test_a_form_from_a_page_open_too_long_is_refused_in_her_language_and_tells_how_to_go_on() -> None:
    refused = views.form_refused(RequestFactory().post("/es/q/Q10"))
    assert refused.status_code == 403
    assert "No se perdió nada" in refused.content.decode()


def test_a_page_that_is_not_here_says_so_in_the_language_of_its_address() -> None:
    missing = views.gone(RequestFactory().get("/es/nothing"))
    assert missing.status_code == 404
    assert "Esta página no está" in missing.content.decode()


def test_a_code_of_no_group_is_told_and_she_can_begin_all_the_same() -> None:
    assert "This link is not in use" in Visitor().reads("start?j=zzzzzzzz")
    assert Visitor().starts(query="?j=zzzzzzzz")


def test_a_helper_reads_the_questions_aloud_and_never_sees_an_answer_again() -> None:
    ana = Visitor()
    assert ana.starts("helped") == ""  # no number while the helper looks on
    assert "Read this aloud" in ana.reads(f"q/{FIRST}")
    ana.answers(FIRST, detained_now="no", ice_checkins="unsure")
    ana.answers("Q02/1", **job(employer="Heron Farms", from_year="2019"))
    again = ana.reads(f"q/{FIRST}")
    assert " checked" not in again
    assert "There is an answer. It is not shown here." in again
    assert "Heron Farms" not in ana.reads("q/Q02") + ana.reads("q/Q02/1") + ana.reads("check")
    assert "There is an answer" in ana.reads("check")


def test_at_the_end_the_number_is_for_the_worker_alone() -> None:
    ana = Visitor()
    ana.starts("helped")
    assert "please turn away now" in ana.reads("save")
    assert re.search(r"<span>\d{4}</span>", ana.sends("save").content.decode())


def test_the_link_of_an_organiser_says_which_provider_helps_and_cannot_be_forged(sun_coast: Provider) -> None:
    mark = selectors.helper_mark(sun_coast.id)
    ana = Visitor()
    ana.starts("helped", query=f"?with={mark}")
    with as_worker(ana.session.application_id):
        assert Application.objects.get().helped_by == sun_coast.id
    assert selectors.helper_of(mark[:-2] + "xx") is None


def test_a_clear_danger_sign_ends_the_questions_kindly_with_help(ana: Visitor, team: Team) -> None:
    list_provider(team.provider)
    assert ana.answers(FIRST, detained_now="yes", ice_checkins="no") == "stop"
    page = ana.reads("stop")
    assert "Please talk with a lawyer soon" in page
    assert team.provider.name in page
    assert ana.client.get("/en/q/").headers["Location"] == "/en/stop"
    assert ana.sends("share", **consents(team.provider)).headers["Location"] == "/en/done"


def test_being_unsure_of_a_danger_sign_does_not_end_the_questions(ana: Visitor) -> None:
    assert ana.answers(FIRST, detained_now="unsure", ice_checkins="no") == "q/Q35"


# ── Result and consent ────────────────────────────────────────────────────────────────────────────────────


def example(name: str) -> dict[str, Any]:
    return {
        key: value
        for key, value in next(one for one in PACK.examples if one.name.startswith(name)).answers.items()
    }


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_result_says_what_may_fit_and_never_that_she_qualifies(language: str) -> None:
    for name in ("V1 ", "V4 ", "V13"):
        ana = Visitor(language)
        ana.starts()
        drafts.save(ana.session, drafts.opened(ana.session), example(name), question="Q02", on=today())
        page = ana.reads("result")
        words = wording.words(language)["result"]
        assert all(words[key] in page for key in ("fits_title", "mind_title", "help_title", "none_title"))
        assert not re.search(r"you qualify|you are eligible|usted califica", page, re.I)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-10-01", "Open. A yes lasts 4 years."),
        ("2026-11-23", "no requests are being decided"),
        ("2031-01-01", "We must check this again."),
    ],
)
def test_what_the_government_does_that_day_is_said_and_never_guessed(
    ana: Visitor, monkeypatch: pytest.MonkeyPatch, day: str, said: str
) -> None:
    monkeypatch.setenv("JORNADA_DAY", day)
    assert said in ana.reads("result")


def test_nothing_is_shared_before_everything_needed_is_said(ana: Visitor, team: Team) -> None:
    list_provider(team.provider)
    answer = ana.sends("share", name="Ana")
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    for told in ("choose a group", "choose what they may read", "write a town", "Nothing is shared yet"):
        assert told in page
    assert 'value="Ana"' in page
    with as_worker(ana.session.application_id):
        assert consent.given(ana.session.application_id) == ()
        assert not CaseFile.objects.exists()


def test_consent_opens_a_file_that_the_legal_team_can_read(shared: Visitor, team: Team) -> None:
    application_id = shared.session.application_id
    with team.works(team.dana) as held:
        file = CaseFile.objects.get(application_id=application_id)
        assert selectors.contact(file) == {"name": "Ana", "phone": "212 555 0111", "language": "es"}
        card = selectors.card(file)
        assert card is not None
        assert (card["place"], card["languages"]) == ("Duplin", ["es"])
        sections = selectors.sections_held(application_id)
        opened = access.open_sections(
            held, application_id, sections, reason="deciding", purpose=selectors.PURPOSE, on=today()
        )
        read = selectors.read_answers(application_id, opened)
    assert read["immigration_history"] == {"detained_now": "no", "ice_checkins": "no"}
    assert "Dana" not in shared.reads("mine")
    assert f"{team.provider.name} opened this on" in shared.reads("mine")


def test_only_the_parts_she_chose_are_handed_over(ana: Visitor, team: Team) -> None:
    list_provider(team.provider)
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    ana.answers("Q02/1", **job(employer="Heron Farms", from_year="2019"))
    ana.sends("share", **consents(team.provider, which="some", sections=["work"]))
    with team.works(team.dana):
        assert selectors.sections_held(ana.session.application_id) == {"work"}


def test_a_provider_without_keys_takes_nothing_and_nothing_is_left_of_the_attempt(ana: Visitor) -> None:
    bare = Provider(id=uuid4(), name="New Clinic", kind="legal_provider", gives_legal_help=True, listed=True)
    with as_provider(bare.id):
        bare.save(force_insert=True)
    answer = ana.sends("share", **consents(bare))
    assert answer.status_code == 422
    assert "cannot take answers yet" in answer.content.decode()
    with as_worker(ana.session.application_id):
        assert consent.given(ana.session.application_id) == ()
        assert not AnswerSet.objects.exists()
        assert not CaseFile.objects.exists()


def test_an_organiser_sees_the_fields_she_ticked_and_no_other(cohort: Cohort, team: Team) -> None:
    list_provider(team.provider)
    ana = Visitor()
    ana.starts(query=f"?j={cohort.join_code}")
    assert "May Sun Coast Workers see some of this too?" in ana.reads("share")
    ana.sends("share", **consents(team.provider, organiser=["name", "appointment"]))
    with as_provider(cohort.provider_id):
        (seen,) = selectors.organiser_cards(today())
        assert seen.fields == {"name": "Ana", "appointment": "yes"}
        assert not CaseFile.objects.exists()
        assert not AnswerSet.objects.exists()


def test_stopping_ends_reading_at_once_and_takes_the_organisers_card(cohort: Cohort, team: Team) -> None:
    list_provider(team.provider)
    ana = Visitor()
    ana.starts(query=f"?j={cohort.join_code}")
    ana.answers(FIRST, detained_now="no", ice_checkins="no")
    ana.sends("share", **consents(team.provider, organiser=["name"]))
    application_id = ana.session.application_id
    with as_worker(application_id):
        grant = consent.given(application_id)[0]
    assert "can no longer open" in ana.reads(f"mine/stop/{grant.id}")
    ana.sends(f"mine/stop/{grant.id}")
    with team.works(team.dana):
        assert selectors.sections_held(application_id) == set()
    with as_provider(cohort.provider_id):
        assert selectors.organiser_cards(today()) == []
        assert OrganiserCard.objects.count() == 1
    assert "You share with nobody now." in ana.reads("mine")


def test_a_consent_that_is_not_hers_cannot_be_stopped(shared: Visitor) -> None:
    stranger = Visitor()
    stranger.starts()
    with as_worker(shared.session.application_id):
        grant = consent.given(shared.session.application_id)[0]
    assert stranger.client.get(f"/en/mine/stop/{grant.id}").status_code == 404
    assert stranger.sends(f"mine/stop/{grant.id}").status_code == 404


def test_a_question_answered_again_makes_a_new_revision_of_its_section_alone(
    shared: Visitor, team: Team
) -> None:
    number = services.answer_again(
        shared.session, question_id=FIRST, values={"ice_checkins": "unsure"}, on=today()
    )
    assert number == 2
    with team.works(team.dana):
        newest = selectors.revisions(shared.session.application_id)
    assert (newest[0][0], newest[0][2]) == (2, ("immigration_history",))


def test_new_answers_reach_the_team_when_she_sends_them(shared: Visitor, team: Team) -> None:
    assert "You have new answers" not in shared.reads("mine")
    shared.answers("Q35", da_status="none")
    assert "You have new answers" in shared.reads("mine")
    assert shared.sends("mine/send").headers["Location"] == "/en/mine?sent=1"
    with team.works(team.dana):
        assert selectors.newest_revision(shared.session.application_id) == 2


def test_after_sharing_she_goes_on_with_the_questions_that_the_papers_need(shared: Visitor) -> None:
    assert shared.sends("mine/prepare").headers["Location"] == "/en/q/"
    first = interview.next_question(PACK, drafts.opened(shared.session).answers, today(), stage="preparation")
    assert first is not None
    assert shared.client.get("/en/q/").headers["Location"] == f"/en/q/{first.id}"


# ── Forgetting ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_shared_with_nobody_is_forgotten_after_14_days_and_what_is_shared_stays(
    shared: Visitor,
) -> None:
    gone, kept = Visitor(), Visitor()
    gone.starts()
    gone.answers(FIRST, detained_now="no", ice_checkins="no")
    kept.starts()
    for visitor, days in ((gone, 15), (kept, 14), (shared, 40)):
        with as_worker(visitor.session.application_id):
            Application.objects.update(last_saved_on=today() - timedelta(days=days))
    assert services.forget(on=today()) == 1
    assert services.forget(on=today()) == 0
    assert gone.client.get("/en/check").headers["Location"] == "/en/closed"
    assert kept.client.get("/en/check").status_code == 200
    assert shared.client.get("/en/check").status_code == 200
    with as_worker(gone.session.application_id):
        assert not Answer.objects.exists()
        assert not Draft.objects.exists()


def test_no_day_in_the_future_makes_the_hub_forget_too_early(ana: Visitor) -> None:
    assert services.forget(on=today() + timedelta(days=400)) == 0


# ── What a visit remembers ────────────────────────────────────────────────────────────────────────────────


@given(
    st.builds(
        Visit,
        helped=st.booleans(), preparing=st.booleans(), numbered=st.booleans(), shared=st.booleans(),
        stopped=st.booleans(), cohort=st.booleans(), answered=st.integers(0, 511), total=st.integers(0, 511),
        fresh=st.integers(0, 1023), pack_mark=st.integers(0, 65535), begun=st.integers(0, 4095),
    )
)  # fmt: skip
def test_a_visit_comes_back_out_of_its_bits_as_it_went_in(visit: Visit) -> None:
    assert visits.unpacked(visits.packed(visit)) == visit
    assert visits.packed(visit) < 1 << 64
