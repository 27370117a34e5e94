"""Beginning, sharing, answering again, stopping, forgetting: the worker's writes besides a step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from jornada.disputes import selectors as disputes
from jornada.domain import assessment, names, triage
from jornada.domain.calendars import CalendarNotSure
from jornada.domain.facts import Answers, Circumstances
from jornada.domain.rulepacks import RulePack
from jornada.intake import drafts, selectors
from jornada.intake.drafts import Opened
from jornada.intake.happenings import happened
from jornada.intake.models import (
    AnswerSet,
    Application,
    CaseFile,
    OrganiserCard,
    OrganiserNotice,
    PartyIndex,
    PlacementCard,
    ReferralConsent,
)
from jornada.vault import audit, consent, crypto, keys, worker
from jornada.vault.consent import Grant
from jornada.vault.tenancy import as_worker
from jornada.vault.worker import WorkerSession

CARD_FIELDS = ("name", "phone", "language", "appointment")
"""What a worker may let an organiser see, field by field."""


class NotShareable(ValueError):
    """The provider cannot take answers yet: it has no legal team's key. Nothing was shared."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What the worker releases besides her answers, for finding her a place and reaching her."""

    name: str
    phone: str
    place: str
    spoken: str
    organiser_id: UUID | None = None
    organiser_fields: frozenset[str] = field(default_factory=frozenset)
    may_refer: bool = False


def start(
    *,
    pack: str,
    language: str,
    on: date,
    expires_at: datetime,
    cohort_id: UUID | None = None,
    helped_by: UUID | None = None,
) -> WorkerSession:
    """A new application with nothing in it, and the session that alone can open what will be saved."""
    session = worker.begin(uuid4(), expires_at)
    with as_worker(session.application_id):
        Application.objects.create(
            id=session.application_id,
            pack=pack,
            language=language,
            cohort_id=cohort_id,
            helped_by=helped_by,
            last_saved_on=on,
        )
    return session


def share(
    session: WorkerSession,
    *,
    provider_id: UUID,
    sections: Collection[str],
    until: date,
    telling: Telling,
    language: str,
    wording_version: str,
    on: date,
) -> Grant:
    """The worker's consent, carried out in one transaction: all of it or nothing.

    The sections' keys are sealed to the provider's legal team; answers in those
    sections are frozen as a revision; the provider's case file is opened, or the
    one it has gets a new placement card; an organiser's card is written if she chose so.
    NotShareable where the provider has no keys; consent.NotGrantable for a span or no section.
    """
    try:
        with as_worker(session.application_id):
            opened = drafts.opened(session)
            revision = _freeze(session, opened, sections)
            given = consent.grant(
                session,
                provider_id=provider_id,
                sections=sections,
                purpose=selectors.PURPOSE,
                language=language,
                wording_version=wording_version,
                on=on,
                until=until,
            )
            file = _case_file(opened, provider_id, telling)
            _placement_card(file, revision, placement_card(opened, telling, on))
            _index(file, opened, sections, telling)
            allow_referral(session, file=file, allowed=telling.may_refer)
            happened.send(
                sender="shared", kind="shared", application_id=session.application_id, file=file, on=on
            )
            if telling.organiser_id and telling.organiser_fields:
                _organiser_card(opened, telling, until)
    except (keys.NoTeamKey, keys.NoProviderKey) as missing:
        raise NotShareable("This provider cannot take answers yet: its legal team has no key.") from missing
    return given


def send_again(session: WorkerSession, *, on: date) -> int:
    """Hand over the answers as they stand, in every section that somebody may read; the revision's number.

    0 where nobody may read anything.
    """
    with as_worker(session.application_id):
        live = consent.live_grants(on=on, application_id=session.application_id)
        sections = {section for grant in live for section in grant.sections}
        if not sections:
            return 0
        return _freeze(session, drafts.opened(session), sections)


def answer_again(session: WorkerSession, *, question_id: str, values: Mapping[str, Any], on: date) -> int:
    """A new answer to one question handed over before: saved, and frozen as a new revision.

    Returns the revision's number. Values are as `Fact.read` gives them. Sections
    that nobody may read are saved but not frozen; then the number is that of the
    newest revision. drafts.ChangedMeanwhile where another page saved at the same time.
    """
    with as_worker(session.application_id):
        before = drafts.opened(session)
        drafts.save(session, before, values, question=question_id, on=on)
        live = consent.live_grants(on=on, application_id=session.application_id)
        readable = {section for grant in live for section in grant.sections}
        sections = {before.pack.facts[name].section for name in values} & readable
        if sections:
            return _freeze(session, drafts.opened(session), sections)
        return selectors.newest_revision(session.application_id)


def withdraw(session: WorkerSession, *, grant_id: UUID, at: datetime) -> None:
    """Stop sharing now; an organiser's card goes with the last consent. consent.NoSuchGrant if none."""
    with as_worker(session.application_id):
        consent.withdraw(session, grant_id, at=at)
        happened.send(
            sender="withdrawn",
            kind="withdrawn",
            application_id=session.application_id,
            file=None,
            on=at.date(),
        )
        if not consent.live_grants(on=at.date(), application_id=session.application_id):
            cards = OrganiserCard.objects.filter(application_id=session.application_id, withdrawn_at=None)
            cards.update(withdrawn_at=at)


def allow_referral(session: WorkerSession, *, file: CaseFile, allowed: bool) -> None:
    """Whether this provider may ask others of the coalition for help with the file, without the worker's name."""
    with as_worker(session.application_id):
        ReferralConsent.objects.create(
            provider_id=file.provider_id, file=file, application_id=session.application_id, allowed=allowed
        )


def tell_organiser(
    *, provider_id: UUID, application_id: UUID, kind: str, told: Mapping[str, Any], bring: Sequence[str] = ()
) -> None:
    """A later word for a provider's organisers: appointment, what to bring; nothing of the legal file."""
    notice = OrganiserNotice(
        id=uuid4(), provider_id=provider_id, application_id=application_id, kind=kind, bring=list(bring)
    )
    notice.sealed_notice = keys.seal_p2(provider_id, dict(told), selectors.notice_place(notice))
    notice.save(force_insert=True)


def forget(*, on: date, at_most: int = 500) -> int:
    """Remove applications last saved more than 14 days ago and never shared; how many. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_forget(%s, %s)", [on - selectors.KEPT, at_most])
        return int(cursor.fetchone()[0])


def circumstances(opened: Opened) -> Circumstances:
    """The statements of interest that the coalition has on file for the worker's cohort and employers."""
    jobs = opened.answers.get("jobs")
    employers = (
        [str(job.get("employer") or "") for job in jobs if job.get("employer")]
        if isinstance(jobs, list)
        else []
    )
    return Circumstances(disputes.statements_for(cohort_id=opened.cohort_id, employers=employers))


def circumstances_in_her_session(opened: Opened) -> Circumstances:
    """The same, in a transaction of the worker's own session."""
    with as_worker(opened.application_id):
        return circumstances(opened)


def placement_card(opened: Opened, telling: Telling, on: date) -> dict[str, Any]:
    """What matching reads instead of answers: place, language, how hard, how urgent; never why."""
    found = assessment.assess(opened.answers, opened.pack, on, circumstances(opened))
    decision = triage.decide(found, opened.pack)
    urgent = _next_deadline(opened.pack, opened.answers, on)
    return {
        "waiting_since": on.isoformat(),
        "language": telling.spoken,
        "languages": [telling.spoken],
        "place": telling.place,
        "level": decision.level,
        "track": decision.track,
        "delivery": decision.delivery,
        "level_of_service": decision.level_of_service,
        "gates": list(decision.gates),
        "deadline_on": urgent.isoformat() if urgent else None,
        "brings_interpreter": False,
        "not_with": [],
    }


def _next_deadline(pack: RulePack, answers: Answers, on: date) -> date | None:
    try:
        due = assessment.deadlines(pack, answers, (), on)
    except CalendarNotSure:
        return None
    return min((one.due_on for one in due if one.due_on and one.due_on >= on), default=None)


def _freeze(session: WorkerSession, opened: Opened, sections: Collection[str]) -> int:
    """The answers of these sections as a new revision; the revision's number."""
    revision = selectors.newest_revision(session.application_id) + 1
    rows = []
    for section in sorted(sections):
        answers = drafts.of_section(opened.pack, opened.answers, section)
        row = AnswerSet(
            id=uuid4(),
            application_id=session.application_id,
            revision=revision,
            section=section,
            pack_fingerprint=opened.pack.fingerprint,
        )
        row.sealed_answers = crypto.seal_json(
            session.section_key(section), answers, selectors.answers_place(row)
        )
        rows.append(row)
    AnswerSet.objects.bulk_create(rows)
    audit.record(
        "shared",
        kind="application",
        about="intake_answerset",
        sections=sorted(sections),
        classes=["P3"],
        purpose=selectors.PURPOSE,
    )
    return revision


def _case_file(opened: Opened, provider_id: UUID, telling: Telling) -> CaseFile:
    """The provider's file on this application; opened if it has none. The database gives its number."""
    there = CaseFile.objects.filter(application_id=opened.application_id, provider_id=provider_id).first()
    if there is not None:
        return there
    file = CaseFile(
        id=uuid4(),
        provider_id=provider_id,
        application_id=opened.application_id,
        number=0,
        pack=opened.pack.name,
    )
    said = {"name": telling.name, "phone": telling.phone, "language": telling.spoken}
    file.sealed_contact = keys.seal_p2(provider_id, said, selectors.contact_place(file))
    file.save(force_insert=True)
    return file


def _placement_card(file: CaseFile, revision: int, card: Mapping[str, Any]) -> None:
    row = PlacementCard(id=uuid4(), provider_id=file.provider_id, file=file, revision=revision)
    row.sealed_card = keys.seal_p2(file.provider_id, dict(card), selectors.card_place(row))
    row.save(force_insert=True)


_ADVERSE = ("employer_legal", "person_in_charge")


def _index(file: CaseFile, opened: Opened, sections: Collection[str], telling: Telling) -> None:
    """The file's parties as blind indexes: the worker's name and telephone, and against whom she stands."""
    answers = drafts.shared_part(opened, sections)
    jobs = answers.get("jobs")
    against = [str(job.get("employer") or "") for job in jobs] if isinstance(jobs, list) else []
    against += [str(answers.get(name) or "") for name in _ADVERSE]
    own = {telling.name, names.full_name(answers.get("legal_name"))}
    found = {("client_name", key) for name in own for key in names.name_keys(name)}
    found |= {("adverse_name", key) for name in against for key in names.name_keys(name)}
    if phone := names.phone_key(telling.phone):
        found.add(("client_phone", phone))
    rows = [
        PartyIndex(
            provider_id=file.provider_id,
            file=file,
            field=name,
            digest=keys.blind(file.provider_id, name, key),
        )
        for name, key in sorted(found)
    ]
    PartyIndex.objects.bulk_create(rows, ignore_conflicts=True)


def _organiser_card(opened: Opened, telling: Telling, until: date) -> None:
    """The organiser's own record, written field by field; the newest choice replaces an earlier one."""
    assert telling.organiser_id is not None
    earlier = OrganiserCard.objects.filter(
        application_id=opened.application_id, provider_id=telling.organiser_id
    ).first()
    row = earlier or OrganiserCard(
        id=uuid4(),
        provider_id=telling.organiser_id,
        application_id=opened.application_id,
        cohort_id=opened.cohort_id,
    )
    row.until, row.withdrawn_at = until, None
    released = {
        "name": telling.name,
        "phone": telling.phone,
        "language": telling.spoken,
        "appointment": "yes",
    }
    chosen = {name: released[name] for name in CARD_FIELDS if name in telling.organiser_fields}
    row.sealed_card = keys.seal_p2(telling.organiser_id, chosen, selectors.organiser_place(row))
    row.save(force_insert=earlier is None)


def spans(on: date) -> tuple[tuple[int, date], ...]:
    """The spans that a worker may choose from, in days, each with its last day."""
    return tuple((days, on + timedelta(days=days)) for days in (30, 90, 180))
