"""Consent: which provider may read which sections of a worker's answers, for what, until when.

Granting seals each section's key to the provider's legal team; withdrawing and
expiry delete those keys. The database checks the same grants in its policies, so
reading ends at once whatever the code above does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from jornada.vault import audit, crypto, keys
from jornada.vault.models import AccessEvent, ApplicationKey, ConsentGrant, SectionKey
from jornada.vault.tenancy import as_worker
from jornada.vault.worker import WorkerSession

USUAL = timedelta(days=30)
LONGEST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Grant:
    """A consent as given: it allows reading through its last day, `until`, unless withdrawn."""

    id: UUID
    application_id: UUID
    provider_id: UUID
    sections: tuple[str, ...]
    purpose: str
    granted_on: date
    until: date
    language: str
    wording_version: str
    withdrawn_at: datetime | None

    def live(self, on: date) -> bool:
        """Whether it allows reading on this day."""
        return self.withdrawn_at is None and self.granted_on <= on <= self.until


@dataclass(frozen=True, slots=True)
class Opening:
    """One time that somebody of a provider opened, or tried to open, a worker's answers."""

    at: datetime
    provider_id: UUID
    member_id: UUID | None
    act: str
    sections: tuple[str, ...]
    reason: str
    purpose: str


class NotGrantable(ValueError):
    """The consent cannot be given like this; `reason` is a wording key."""

    def __init__(self, reason: str, told: str) -> None:
        self.reason = reason
        super().__init__(told)


class NoSuchGrant(LookupError):
    """The worker has given no such consent, or has withdrawn it already."""


def grant(
    session: WorkerSession,
    *,
    provider_id: UUID,
    sections: Collection[str],
    purpose: str,
    language: str,
    wording_version: str,
    on: date,
    until: date | None = None,
) -> Grant:
    """Let a provider's legal team read these sections through `until`, 30 days unless said, 180 at most.

    NotGrantable for other spans or no section; keys.NoTeamKey where the provider has no legal team.
    """
    until = until or on + USUAL
    _check(sections, on, until)
    with as_worker(session.application_id):
        row = ConsentGrant.objects.create(
            application_id=session.application_id,
            provider_id=provider_id,
            sections=sorted(set(sections)),
            for_purpose=purpose,
            granted_on=on,
            until=until,
            language=language,
            wording_version=wording_version,
        )
        _seal_sections(session, row)
        audit.record(
            "granted",
            kind="application",
            about="vault_consentgrant",
            row=row.id,
            provider_id=provider_id,
            sections=row.sections,
            classes=["P3"],
            purpose=purpose,
        )
    return _as_grant(row)


def withdraw(session: WorkerSession, grant_id: UUID, *, at: datetime) -> None:
    """End a consent now: the provider's keys are deleted with it. NoSuchGrant where there is none to end."""
    with as_worker(session.application_id):
        live = ConsentGrant.objects.filter(id=grant_id, withdrawn_at__isnull=True)
        row = live.first()
        if row is None or not live.update(withdrawn_at=at):
            raise NoSuchGrant("There is no such consent to withdraw; it may have been withdrawn before.")
        SectionKey.objects.filter(grant_id=grant_id).delete()
        audit.record(
            "withdrawn",
            kind="application",
            about="vault_consentgrant",
            row=grant_id,
            provider_id=row.provider_id,
            sections=row.sections,
        )


def given(application_id: UUID) -> tuple[Grant, ...]:
    """Every consent on an application that the current tenant may see, latest first, ended ones too."""
    rows = ConsentGrant.objects.filter(application_id=application_id).order_by("-recorded_at")
    return tuple(_as_grant(row) for row in rows)


def live_grants(
    *, on: date, provider_id: UUID | None = None, application_id: UUID | None = None
) -> tuple[Grant, ...]:
    """The consents that allow reading on this day, of those the current tenant may see."""
    rows = ConsentGrant.objects.filter(withdrawn_at__isnull=True, granted_on__lte=on, until__gte=on)
    if provider_id is not None:
        rows = rows.filter(provider_id=provider_id)
    if application_id is not None:
        rows = rows.filter(application_id=application_id)
    return tuple(_as_grant(row) for row in rows.order_by("recorded_at"))


def sweep(*, on: date) -> int:
    """Delete the section keys of consent that ended before this day; how many. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT vault_sweep(%s)", [on])
        return int(cursor.fetchone()[0])


def who_opened(application_id: UUID) -> tuple[Opening, ...]:
    """Who of which provider opened this application or was refused, latest first; in the worker's session."""
    events = AccessEvent.objects.filter(kind="provider", application_id=application_id)
    return tuple(_as_opening(event) for event in events.order_by("-recorded_at"))


def forget(application_id: UUID) -> None:
    """Destroy every key of an application. What they sealed stays closed for ever, in copies too."""
    with as_worker(application_id):
        SectionKey.objects.filter(application_id=application_id).delete()
        ApplicationKey.objects.filter(application_id=application_id).delete()
        audit.record("forgotten", kind="application", about="vault_applicationkey")


def _check(sections: Collection[str], on: date, until: date) -> None:
    if not sections:
        raise NotGrantable("no_section", "A consent names at least one section.")
    if until < on:
        raise NotGrantable(
            "ends_before_it_begins", f"The last day {until} lies before {on}: choose a later day."
        )
    if until - on > LONGEST:
        raise NotGrantable(
            "too_long", f"A consent lasts {LONGEST.days} days at most: {on + LONGEST} is the last day."
        )


def _seal_sections(session: WorkerSession, row: ConsentGrant) -> None:
    team_key_id, public = keys.team_public_key(row.provider_id)
    sealed = [
        SectionKey(
            id=uuid4(),
            application_id=row.application_id,
            provider_id=row.provider_id,
            grant_id=row.id,
            section=section,
            team_key_id=team_key_id,
        )
        for section in row.sections
    ]
    for key in sealed:
        key.sealed_key = crypto.seal_to(public, session.section_key(key.section), keys.section_place(key))
    SectionKey.objects.bulk_create(sealed)


def _as_grant(row: ConsentGrant) -> Grant:
    return Grant(
        row.id, row.application_id, row.provider_id, tuple(row.sections), row.for_purpose, row.granted_on,
        row.until, row.language, row.wording_version, row.withdrawn_at,
    )  # fmt: skip


def _as_opening(event: AccessEvent) -> Opening:
    assert event.provider_id is not None  # every event of a provider's chain carries the provider
    return Opening(
        event.recorded_at, event.provider_id, event.member_id, event.act, tuple(event.sections), event.reason,
        event.for_purpose,
    )  # fmt: skip
