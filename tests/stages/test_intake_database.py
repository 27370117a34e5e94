"""What the interview asks of the database: nothing for a fresh question, one commit for a step."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from jornada.gateways import packfiles
from jornada.gateways.today import today
from jornada.intake import drafts, services, visits
from jornada.intake.models import Answer
from jornada.vault import audit, worker
from jornada.vault.audit import Chain
from jornada.vault.tenancy import as_worker

PACK = packfiles.load("us-labor-deferred-action")


def test_the_page_of_a_question_without_an_answer_needs_no_database() -> None:
    """Tests that do not ask for the database may not touch it: one query here would be an error."""
    session = worker.begin(uuid4(), visits.expiry())
    fresh = visits.Visit(fresh=1, pack_mark=visits.pack_mark(PACK.fingerprint), begun=visits.begun_now())
    browser = Client()
    browser.cookies = visits.keep(HttpResponse(), session, fresh).cookies
    page = browser.get(f"/en/q/{PACK.questions[0].id}")
    assert page.status_code == 200
    assert PACK.text(f"questions.{PACK.questions[0].id}.ask", "en") in page.content.decode()


def test_a_server_killed_while_it_saves_leaves_nothing_half_written(committed: str) -> None:
    session = services.start(pack=PACK.name, language="en", on=today(), expires_at=visits.expiry())
    parameters = connection.get_connection_params()
    doomed = psycopg.connect(
        host=parameters["host"], user=parameters["user"], dbname=committed, autocommit=False
    )
    sealed = [b"\x01" * 64]
    said = [session.application_id, today(), "q02", ["work"], [0], sealed, [uuid4()], sealed, ["P3"]]
    with psycopg.Cursor(doomed) as cursor:
        cursor.execute("SELECT intake_save_step(%s, %s, %s, %s, %s, %b::bytea[], %s, %b::bytea[], %s)", said)
        assert cursor.fetchone() == ("saved",)
    doomed.pgconn.finish()  # the process is gone before the commit
    assert dict(drafts.opened(session).answers) == {}
    with as_worker(session.application_id):
        assert not Answer.objects.exists()
        assert audit.verify(Chain("application", session.application_id)).whole


def test_what_was_answered_before_the_kill_is_there_afterwards(committed: str) -> None:
    session = services.start(pack=PACK.name, language="en", on=today(), expires_at=visits.expiry())
    drafts.save(session, drafts.opened(session), {"da_status": "none"}, question="Q35", on=today())
    connection.close()  # the process ends; another opens its own connection
    assert dict(drafts.opened(session).answers) == {"da_status": "none"}
