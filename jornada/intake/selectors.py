"""What was handed over, and to whom: reads for the worker's pages and for the stages that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Max, QuerySet

from jornada.coalition import selectors as coalition
from jornada.domain.rulepacks import RulePack
from jornada.gateways import packfiles
from jornada.intake.models import (
    Answer,
    AnswerSet,
    Application,
    CaseFile,
    OrganiserCard,
    OrganiserNotice,
    PartyIndex,
    PlacementCard,
    ReferralConsent,
)
from jornada.vault import consent, crypto, keys
from jornada.vault.consent import Grant, Opening
from jornada.vault.crypto import Place
from jornada.vault.keys import MemberKeys

PURPOSE = "legal_help"
"""What workers consent to: their own legal help with this request."""
KEPT = timedelta(days=14)
"""How long answers that were shared with nobody are kept after the last saving."""
_HELPERS = signing.Signer(salt="someone is helping me")
_COHORTS = signing.Signer(salt="she came with this group")


# ── Case files, for the stages that follow ────────────────────────────────────────────────────────────────


def case_files() -> QuerySet[CaseFile]:
    """Every case file of the current provider, by number."""
    return CaseFile.objects.order_by("number")


def came_elsewhere(on: date) -> dict[date, int]:
    """How many files came to the coalition's other organizations in each month that is over, by its first day.

    The database rounds each organization's count: steps of five, one to four as none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT month, files FROM intake_came_elsewhere(%s) WHERE kind = 'came'", [on])
        return dict(cursor.fetchall())


def case_file(file_id: UUID) -> CaseFile | None:
    """A case file of the current provider."""
    return CaseFile.objects.filter(pk=file_id).first()


def contact(file: CaseFile) -> Mapping[str, Any]:
    """Name, phone and language, as the worker released them (P2)."""
    found: Mapping[str, Any] = keys.unseal_p2(file.provider_id, file.sealed_contact, contact_place(file))
    return found


def card(file: CaseFile) -> Mapping[str, Any] | None:
    """The newest placement card: what automation may read; None where there is none."""
    newest = PlacementCard.objects.filter(file_id=file.pk).order_by("-revision").first()
    if newest is None:
        return None
    found: Mapping[str, Any] = keys.unseal_p2(file.provider_id, newest.sealed_card, card_place(newest))
    return found


def cohort_of(application_id: UUID) -> UUID | None:
    """The cohort with which the worker came, if she came with one."""
    return Application.objects.filter(pk=application_id).values_list("cohort_id", flat=True).first()


def may_refer(file: CaseFile) -> bool:
    """Whether the worker lets this provider ask others of the coalition, without her name; no where she never said."""
    newest = ReferralConsent.objects.filter(file_id=file.pk).order_by("-recorded_at").first()
    return newest is not None and newest.allowed


def may_be_referred(file_ids: Iterable[UUID]) -> set[UUID]:
    """The files of these whose workers let the provider ask others, in one query."""
    found = ReferralConsent.objects.filter(file_id__in=list(file_ids)).order_by("file_id", "-recorded_at")
    newest = found.distinct("file_id").values_list("file_id", "allowed")
    return {file_id for file_id, allowed in newest if allowed}


def referral_choices(application_id: UUID) -> dict[UUID, bool]:
    """What the worker last said of each provider's asking others, by file. In her own session."""
    rows = ReferralConsent.objects.filter(application_id=application_id).order_by("recorded_at")
    return {row.file_id: row.allowed for row in rows}


def file_with(application_id: UUID, provider_id: UUID) -> CaseFile | None:
    """The file of that provider on the worker's application. In her own session, or the provider's."""
    return CaseFile.objects.filter(application_id=application_id, provider_id=provider_id).first()


def own_file(application_id: UUID, file_id: UUID) -> CaseFile | None:
    """A provider's file on this very application. In the worker's session."""
    return CaseFile.objects.filter(pk=file_id, application_id=application_id).first()


# ── Parties, blind ────────────────────────────────────────────────────────────────────────────────────────


def akin(file: CaseFile) -> list[CaseFile]:
    """The current provider's other files that share the worker's telephone, or all of her name; likely the same person.

    Compares blind indexes only: nothing is opened.
    """
    own = PartyIndex.objects.filter(file_id=file.pk, field__in=("client_phone", "client_name"))
    mine = {bytes(row.digest): row.field for row in own}
    shared = PartyIndex.objects.filter(digest__in=list(mine), field__in=("client_phone", "client_name"))
    alike: dict[UUID, set[str]] = {}
    for row in shared.exclude(file_id=file.pk):
        alike.setdefault(row.file_id, set()).add(row.field)
    both = [file_id for file_id, fields in alike.items() if "client_phone" in fields or len(fields) > 1]
    return list(CaseFile.objects.filter(pk__in=both).order_by("number"))


def known_anywhere(providers: Iterable[UUID], field: str, found: Iterable[str]) -> bool:
    """Whether any provider's files hold one of these name keys in that field: yes or no, and nothing else.

    Each provider's index has its own key, so the names are hashed for each of them and compared in the database,
    which answers for all together.
    """
    digests = [keys.blind(provider, field, key) for provider in providers for key in found]
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_party_known(%s::text, %s::bytea[])", [field, digests])
        return bool(cursor.fetchone()[0])


def files_of_cohort(cohort_id: UUID) -> list[CaseFile]:
    """The current provider's files on workers who came with this cohort, by number."""
    came = set(Application.objects.filter(cohort_id=cohort_id).values_list("id", flat=True))
    return [file for file in case_files() if file.application_id in came]


def pack_of(file: CaseFile) -> RulePack:
    """The rule pack as it is now."""
    return packfiles.load(file.pack)


def language_of(application_id: UUID) -> str:
    """The language in which the worker answers."""
    return Application.objects.filter(pk=application_id).values_list("language", flat=True).first() or "en"


def newest_revision(application_id: UUID) -> int:
    """The number of the newest answers handed over that the tenant may know of; 0 for none."""
    newest = AnswerSet.objects.filter(application_id=application_id).aggregate(newest=Max("revision"))[
        "newest"
    ]
    return newest or 0


def sections_held(application_id: UUID) -> set[str]:
    """The sections in which answers were handed over, as far as the current tenant may read them."""
    held = AnswerSet.objects.filter(application_id=application_id)
    return set(held.values_list("section", flat=True).distinct())


def revisions(application_id: UUID) -> tuple[tuple[int, datetime, tuple[str, ...]], ...]:
    """Every handing over: its number, when, and the sections it brought; newest first."""
    found: dict[int, tuple[datetime, list[str]]] = {}
    for one in AnswerSet.objects.filter(application_id=application_id).order_by("-revision", "section"):
        found.setdefault(one.revision, (one.recorded_at, []))[1].append(one.section)
    return tuple((number, at, tuple(sections)) for number, (at, sections) in found.items())


def read_answers(
    application_id: UUID, opened: Mapping[str, bytes], revision: int | None = None
) -> dict[str, dict[str, Any]]:
    """The newest answers of each section whose key is given (or as of a revision), by section and fact.

    Keys come from the vault's access door, which logs the opening. SealBroken
    where a key is not the section's.
    """
    rows = AnswerSet.objects.filter(application_id=application_id, section__in=list(opened))
    if revision is not None:
        rows = rows.filter(revision__lte=revision)
    newest = {row.section: row for row in rows.order_by("revision")}
    return {
        section: crypto.unseal_json(opened[section], row.sealed_answers, answers_place(row))
        for section, row in newest.items()
    }


def provider_reads(by: MemberKeys, application_id: UUID) -> bool:
    """Whether the member's provider holds a file on this application."""
    return CaseFile.objects.filter(application_id=application_id, provider_id=by.provider_id).exists()


# ── What organisers see ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OrganiserView:
    """One worker as an organiser sees her: only the fields she chose, and later notices."""

    application_id: UUID
    cohort_id: UUID | None
    until: date
    fields: Mapping[str, str]
    notices: tuple[Mapping[str, Any], ...] = ()


def organiser_cards(on: date) -> list[OrganiserView]:
    """The workers whom the current provider's organisers may know of on this day, newest first."""
    cards = list(OrganiserCard.objects.filter(withdrawn_at=None, until__gte=on).order_by("-recorded_at"))
    notices = OrganiserNotice.objects.filter(application_id__in=[one.application_id for one in cards])
    by_application: dict[UUID, list[Mapping[str, Any]]] = {}
    for notice in notices.order_by("recorded_at"):
        by_application.setdefault(notice.application_id, []).append(_notice(notice))
    return [
        OrganiserView(
            one.application_id,
            one.cohort_id,
            one.until,
            keys.unseal_p2(one.provider_id, one.sealed_card, organiser_place(one)),
            tuple(by_application.get(one.application_id, ())),
        )
        for one in cards
    ]


def organiser_of(application_id: UUID, on: date) -> tuple[UUID, frozenset[str]] | None:
    """The provider whose organisers the worker told, and which fields; in either one's session."""
    one = OrganiserCard.objects.filter(
        application_id=application_id, withdrawn_at=None, until__gte=on
    ).first()
    if one is None:
        return None
    fields = keys.unseal_p2(one.provider_id, one.sealed_card, organiser_place(one))
    return one.provider_id, frozenset(fields)


def _notice(notice: OrganiserNotice) -> Mapping[str, Any]:
    told = keys.unseal_p2(notice.provider_id, notice.sealed_notice, notice_place(notice))
    return {"kind": notice.kind, "at": notice.recorded_at, "bring": list(notice.bring), **told}


# ── The worker's own page ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shared:
    """A consent as the worker's page shows it."""

    grant: Grant
    name: str
    phone: str


def shared_with(application_id: UUID, on: date) -> list[Shared]:
    """Who may read the worker's answers on this day. In her own session."""
    live = consent.live_grants(on=on, application_id=application_id)
    return [Shared(grant, *_named(grant.provider_id)) for grant in live]


def who_opened(application_id: UUID) -> list[tuple[Opening, str]]:
    """Each opening of the worker's answers with the provider's name, latest first. In her own session."""
    return [(opening, _named(opening.provider_id)[0]) for opening in consent.who_opened(application_id)]


def wiped_on(application_id: UUID) -> date | None:
    """The day on which unshared answers will be forgotten."""
    saved = Application.objects.filter(pk=application_id).values_list("last_saved_on", flat=True).first()
    return saved + KEPT if saved else None


def draft_is_newer(application_id: UUID) -> bool:
    """Whether the worker answered something after she last handed over. In her own session."""
    said = Answer.objects.filter(application_id=application_id).aggregate(at=Max("recorded_at"))["at"]
    handed = AnswerSet.objects.filter(application_id=application_id).aggregate(at=Max("recorded_at"))["at"]
    return said is not None and (handed is None or said > handed)


def _named(provider_id: UUID) -> tuple[str, str]:
    provider = coalition.provider(provider_id)
    return (provider.name, provider.phone) if provider else ("", "")


# ── "Someone is helping me" ───────────────────────────────────────────────────────────────────────────────


def helper_mark(provider_id: UUID) -> str:
    """A word that proves on the start page that a member of this provider sits beside the worker."""
    return _HELPERS.sign(str(provider_id))


def helper_of(mark: str) -> UUID | None:
    """The provider whose member helps; None for a word that is none."""
    try:
        return UUID(_HELPERS.unsign(mark))
    except (signing.BadSignature, ValueError):
        return None


# ── From one assessment to another ──────────────────────────────────────────────────────────────────────────


def cohort_mark(cohort_id: UUID) -> str:
    """A word with which a second application begins in the same cohort, so that shared facts are there again."""
    return _COHORTS.sign(str(cohort_id))


def cohort_of_mark(mark: str) -> UUID | None:
    """The cohort of that word; None for a word that is none."""
    try:
        return UUID(_COHORTS.unsign(mark))
    except (signing.BadSignature, ValueError):
        return None


# ── Where sealed values belong ────────────────────────────────────────────────────────────────────────────


def contact_place(file: CaseFile) -> Place:
    return Place(file.provider_id, "intake_casefile", file.pk, "sealed_contact")


def card_place(one: PlacementCard) -> Place:
    return Place(one.provider_id, "intake_placementcard", one.pk, "sealed_card", one.revision)


def organiser_place(one: OrganiserCard) -> Place:
    return Place(one.provider_id, "intake_organisercard", one.pk, "sealed_card")


def notice_place(one: OrganiserNotice) -> Place:
    return Place(one.provider_id, "intake_organisernotice", one.pk, "sealed_notice")


def answers_place(row: AnswerSet) -> Place:
    return Place(row.application_id, "intake_answerset", row.pk, "sealed_answers", row.revision)
