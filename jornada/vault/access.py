"""The one door to what is sealed to a legal team: each opening is checked, and leaves exactly one event.

The event is written in the transaction of the opening, before anything is handed
out; if it cannot be written nothing is. A refusal or a seal that does not open is
recorded too, even when the caller's transaction is rolled back because of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import partial
from typing import Literal, NoReturn
from uuid import UUID

from jornada.vault import audit, consent, crypto, keys, worker
from jornada.vault.keys import MemberKeys
from jornada.vault.models import FileKey, SectionKey
from jornada.vault.tenancy import NoTenant, as_provider, current, whatever_happens

Why = Literal[
    "no_consent", "section_not_shared", "other_purpose", "not_in_team", "no_such_file", "seal_broken"
]


class Refused(PermissionError):
    """Nothing was opened. `why` is for staff of the same provider; others see "not found"."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(f"Not opened: {why.replace('_', ' ')}.")


def open_sections(
    by: MemberKeys,
    application_id: UUID,
    sections: Collection[str],
    *,
    reason: str,
    purpose: str,
    on: date,
) -> Mapping[str, bytes]:
    """The keys of these sections of a worker's answers; all of them or Refused.

    Needs a live consent for every section and this purpose, and a copy of the
    legal-team key. Writes one event: opened, refused or failed. `reason` is a
    key, never typed text. Inside `as_provider` with this member.
    """
    wanted = sorted(set(sections))
    log = partial(
        audit.record,
        kind="provider",
        application_id=application_id,
        sections=wanted,
        classes=["P3"],
        reason=reason,
        purpose=purpose,
        session=by.session,
    )
    _check_reader(by, reason, purpose)
    rows = _sealed_keys(by, application_id, wanted, purpose, on, log)
    opened = _opened(by, rows, log)
    log("opened", about="answers")
    return opened


def open_file(
    by: MemberKeys, file_id: UUID, *, reason: str, purpose: str = "", application_id: UUID | None = None
) -> bytes:
    """The key of what the team has written into a case file, or Refused. Writes one event, as above."""
    log = partial(
        audit.record,
        kind="provider",
        application_id=application_id,
        row=file_id,
        classes=["P3", "P4"],
        reason=reason,
        purpose=purpose,
        session=by.session,
    )
    _check_reader(by, reason, purpose)
    row = FileKey.objects.filter(file_id=file_id, provider_id=by.provider_id).first()
    if row is None:
        _refuse("no_such_file", log, "file")
    private = keys.team_privates(by).get(row.team_key_id)
    if private is None:
        _refuse("not_in_team", log, "file")
    try:
        key = crypto.open_sealed(private, row.sealed_key, keys.file_place(row))
    except crypto.SealBroken:
        _fail(log, "file")
    log("opened", about="file")
    return key


def replace_lost_code(
    by: MemberKeys, application_id: UUID, *, purpose: str, on: date, expires_at: datetime
) -> str:
    """A new code for a worker who lost hers and stands before the provider; the old one opens nothing.

    It opens what she shared with this provider, for that is all the provider can
    hand back; other sections must be asked again. Refused without live consent.
    Call it outside any tenant's transaction.
    """
    with as_provider(by.provider_id, by.member_id):
        live = consent.live_grants(on=on, provider_id=by.provider_id, application_id=application_id)
        sections = {section for given in live if given.purpose == purpose for section in given.sections}
        kept = open_sections(by, application_id, sections, reason="lost_code", purpose=purpose, on=on)
    begun = worker.begin(application_id, expires_at)
    session = worker.WorkerSession(application_id, begun.key, expires_at, kept=dict(kept))
    return worker.issue_code(session)


def _check_reader(by: MemberKeys, reason: str, purpose: str) -> None:
    audit.check_words(reason, purpose)
    tenant = current()
    if tenant is None or (tenant.provider_id, tenant.member_id) != (by.provider_id, by.member_id):
        raise NoTenant(
            "Open sealed records inside as_provider(provider_id, member_id) of the member who reads."
        )


def _sealed_keys(
    by: MemberKeys,
    application_id: UUID,
    wanted: list[str],
    purpose: str,
    on: date,
    log: partial[None],
) -> list[SectionKey]:
    """One sealed key for each wanted section; Refused where consent does not reach."""
    live = consent.live_grants(on=on, provider_id=by.provider_id, application_id=application_id)
    if not live or not wanted:
        _refuse("no_consent", log)
    fitting = [given.id for given in live if given.purpose == purpose]
    if not fitting:
        _refuse("other_purpose", log)
    rows = SectionKey.objects.filter(grant_id__in=fitting, section__in=wanted)
    by_section = {row.section: row for row in rows}
    if set(by_section) != set(wanted):
        _refuse("section_not_shared", log)
    return list(by_section.values())


def _opened(by: MemberKeys, rows: list[SectionKey], log: partial[None]) -> dict[str, bytes]:
    try:
        privates = keys.team_privates(by)
        if not {row.team_key_id for row in rows} <= set(privates):
            _refuse("not_in_team", log)
        return {
            row.section: crypto.open_sealed(
                privates[row.team_key_id], row.sealed_key, keys.section_place(row)
            )
            for row in rows
        }
    except crypto.SealBroken:
        _fail(log)


def _refuse(why: Why, log: partial[None], about: str = "answers") -> NoReturn:
    whatever_happens(partial(log, "refused", about=f"{about}.{why}"))
    raise Refused(why)


def _fail(log: partial[None], about: str = "answers") -> NoReturn:
    whatever_happens(partial(log, "failed", about=f"{about}.seal_broken"))
    raise Refused("seal_broken") from None
