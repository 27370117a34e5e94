"""A worker's answers as they stand: opened with her own key, saved in one statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection

from jornada.domain.facts import Answers
from jornada.domain.rulepacks import RulePack
from jornada.gateways import packfiles
from jornada.vault import crypto
from jornada.vault.crypto import Place
from jornada.vault.worker import WorkerSession


class Gone(LookupError):
    """The application is no more: it was never shared and was forgotten, or there never was one."""


class ChangedMeanwhile(Exception):
    """Another page saved one of these sections since they were read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The answers of one application as they stand, with what is needed to save over them."""

    application_id: UUID
    pack: RulePack
    language: str
    cohort_id: UUID | None
    answers: Answers
    versions: Mapping[str, int]


def opened(session: WorkerSession, *, about: str | None = None) -> Opened:
    """All answers of the worker's application; Gone where it is no more.

    With `about`, a word for what is shown, the reading is recorded in her access
    log; without, nothing of it may be shown.
    """
    rows = _rows(session.application_id, _word(about) if about else None)
    if not rows:
        raise Gone("These answers are no more: what is not shared is forgotten after 14 days.")
    values: dict[str, Any] = {}
    versions: dict[str, int] = {}
    for *_, section, version, sealed in rows:
        if section is not None:
            place = _draft_place(session.application_id, section, version)
            values.update(crypto.unseal_json(session.section_key(section), sealed, place))
            versions[section] = version
    pack, language, cohort_id = rows[0][:3]
    return Opened(
        session.application_id, packfiles.load(pack), language, cohort_id, Answers(values), versions
    )


def save(
    session: WorkerSession, before: Opened, values: Mapping[str, Any], *, question: str, on: date
) -> Answers:
    """The answers with these values added, saved in one statement and one commit.

    ChangedMeanwhile where another page saved first (nothing is written then);
    Gone where the application is no more. Each section's values go under that
    section's own key, as a new state and as what was said when.
    """
    after = before.answers.with_(values)
    sections = sorted({before.pack.facts[name].section for name in values})
    outcome = _save(session, before, after, values, sections, question, on)
    if outcome == "changed":
        raise ChangedMeanwhile
    if outcome == "gone":
        raise Gone("These answers are no more: what is not shared is forgotten after 14 days.")
    return after


def of_section(pack: RulePack, answers: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Those answers that belong to one section, skips included."""
    return {
        name: value
        for name, value in answers.items()
        if name in pack.facts and pack.facts[name].section == section
    }


def shared_part(opened: Opened, sections: Iterable[str]) -> dict[str, Any]:
    """The answers of these sections together."""
    return {
        name: value
        for section in sections
        for name, value in of_section(opened.pack, opened.answers, section).items()
    }


def classes_of(pack: RulePack, facts: Iterable[str]) -> list[str]:
    """The data classes of these facts, each once."""
    return sorted({pack.facts[name].data_class for name in facts})


def _rows(application_id: UUID, about: str | None) -> list[tuple[Any, ...]]:
    return _ask(
        "SELECT * FROM intake_drafts(%b::uuid, %s::text, %s::text[], %s::text[])",
        [application_id, about, [], ["P2", "P3"] if about else []],
    )


def _save(
    session: WorkerSession,
    before: Opened,
    after: Answers,
    values: Mapping[str, Any],
    sections: list[str],
    question: str,
    on: date,
) -> str:
    """One call of `intake_save_step`: saved, changed or gone."""
    versions = [before.versions.get(section, 0) for section in sections]
    ids = [uuid4() for _ in sections]
    drafts = [
        _sealed_draft(session, before.pack, after, section, version + 1)
        for section, version in zip(sections, versions, strict=True)
    ]
    given = [
        _sealed_answer(session, before.pack, values, section, question, row)
        for section, row in zip(sections, ids, strict=True)
    ]
    rows = _ask(
        "SELECT intake_save_step(%b::uuid, %s::date, %s::text, %s::text[], %s::integer[], %b::bytea[],"
        " %s::uuid[], %b::bytea[], %s::text[])",
        [
            session.application_id,
            on,
            _word(question),
            sections,
            versions,
            drafts,
            ids,
            given,
            classes_of(before.pack, values),
        ],
    )
    return str(rows[0][0])


def _ask(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement, prepared once a connection, its values sent apart from it.

    Django's own cursor writes values into the statement's text, which costs
    a third of a step. Inside a transaction of Django's this is part of it.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, prepare=True, binary=True).fetchall()


def _sealed_draft(
    session: WorkerSession, pack: RulePack, after: Answers, section: str, version: int
) -> bytes:
    place = _draft_place(session.application_id, section, version)
    return crypto.seal_json(session.section_key(section), of_section(pack, after, section), place)


def _sealed_answer(
    session: WorkerSession, pack: RulePack, values: Mapping[str, Any], section: str, question: str, row: UUID
) -> bytes:
    place = Place(session.application_id, "intake_answer", row, "sealed_answer")
    said = {"question": question, "values": of_section(pack, values, section)}
    return crypto.seal_json(session.section_key(section), said, place)


def _draft_place(application_id: UUID, section: str, version: int) -> Place:
    return Place(application_id, "intake_draft", section, "sealed_answers", version)


def _word(text: str) -> str:
    """A question's id as the access log takes it: lower-case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9_.]", "_", text.lower())[:80]
