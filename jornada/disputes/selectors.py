"""Disputes as the current tenant sees them: its own records, and what others shared with the coalition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet

from jornada.disputes.models import Cohort, Employer, Matter, Statement, StatementWorksite, Worksite
from jornada.domain import facts

FEWER_THAN = 10
_WORTH_COMPARING = 0.6
"""A similarity (0 to 1) below which two companies' names have nothing in common. Wide: the rules decide."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A cohort as its join code gives it to a worker, with the facts that all its workers share."""

    id: UUID
    provider_id: UUID
    name: str
    employer: str
    worksite: str
    city: str
    state: str

    def job(self) -> dict[str, str]:
        """The shared facts as an entry of the fact `jobs`, for the worker to complete and confirm."""
        known = {"employer": self.employer, "worksite": self.worksite, "city": self.city, "state": self.state}
        return {name: value for name, value in known.items() if value}


def cohort_by_code(code: str, on: date) -> Joined | None:
    """The cohort that a code on a flyer opens on this day; None for a wrong or closed one. No tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM disputes_cohort_by_code(%s, %s)", [code.strip().lower(), on])
        row = cursor.fetchone()
    return Joined(row[0], row[1], *(value or "" for value in row[2:])) if row else None


def shared_job(cohort_id: UUID) -> dict[str, str]:
    """The shared facts of a cohort as an entry of `jobs`; empty where the cohort is not visible here."""
    cohort = Cohort.objects.select_related("employer", "worksite").filter(pk=cohort_id).first()
    if cohort is None:
        return {}
    place = cohort.worksite
    known = {"employer": cohort.employer.legal_name}
    if place is not None:
        known |= {"worksite": place.name, "city": place.city, "state": place.state}
    return {name: value for name, value in known.items() if value}


def shared_facts(cohort_id: UUID) -> dict[str, Any]:
    """What a cohort knows besides the job: the employer's legal name and the address of the work, by fact."""
    cohort = Cohort.objects.select_related("employer", "worksite").filter(pk=cohort_id).first()
    if cohort is None:
        return {}
    place = cohort.worksite
    known: dict[str, Any] = {"employer_legal": cohort.employer.legal_name}
    if place is not None and place.street:
        at = {"street": place.street, "city": place.city, "state": place.state, "zip": place.zip_code}
        known["work_address"] = {name: value for name, value in at.items() if value}
    return known


# ── Statements of interest, for assessment ────────────────────────────────────────────────────────────────


def statements_for(
    *, cohort_id: UUID | None = None, employers: Iterable[str] = ()
) -> tuple[facts.Statement, ...]:
    """Every visible statement about the cohort's employer or one with a name at all like these.

    Withdrawn ones are given too: the rules look at their dates. Which statement
    matches a job is for the rules; here only the hopeless are left out.
    """
    names = [name for name in employers if name]
    of_cohort = (
        Cohort.objects.filter(pk=cohort_id).values_list("employer_id", flat=True).first()
        if cohort_id
        else None
    )
    rows = _statements().order_by("issued_on", "id")
    wanted = (
        row for row in rows if row.matter.employer_id == of_cohort or _worth(row.matter.employer, names)
    )
    return tuple(_as_fact(row) for row in wanted)


def _worth(employer: Employer, names: list[str]) -> bool:
    known = [employer.legal_name, *employer.trade_names]
    return any(_akin(_letters(name), _letters(other)) for name in names for other in known)


def _akin(one: str, other: str) -> bool:
    """Whether two names share a word of three letters or more, or look alike as a whole."""
    words = {word for word in one.split() if len(word) > 2}
    return bool(words & set(other.split())) or SequenceMatcher(None, one, other).ratio() >= _WORTH_COMPARING


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^\w\s]", "", "".join(char for char in plain if not unicodedata.combining(char)))


def _as_fact(row: Statement) -> facts.Statement:
    employer = row.matter.employer
    return facts.Statement(
        id=str(row.pk),
        agency=row.matter.agency,
        agency_level=row.matter.agency_level,
        matter_ref=row.matter.reference,
        issued_on=row.issued_on,
        employers=(employer.legal_name, *employer.trade_names),
        worksites=tuple(name for place in row.places.all() for name in _spoken(place.worksite)),
        period_from=row.period_from,
        period_to=row.period_to,
        covers_former=row.covers_former,
        covers_witnesses=row.covers_witnesses,
        withdrawn_on=row.withdrawn_on,
    )


def _spoken(worksite: Worksite) -> list[str]:
    """What people call the place: its name, or its street. Never the town, which may hold two plants."""
    return [name for name in (worksite.name, worksite.street) if name]


def _statements() -> QuerySet[Statement]:
    places = Prefetch(
        "places", StatementWorksite.objects.select_related("worksite").order_by("worksite__name")
    )
    return Statement.objects.select_related("matter__employer").prefetch_related(places)


# ── Pages of staff ────────────────────────────────────────────────────────────────────────────────────────


def employers() -> QuerySet[Employer]:
    """Every visible employer, by name, with the number of visible worksites, matters and statements."""
    return Employer.objects.annotate(
        worksite_count=Count("worksites", distinct=True),
        matter_count=Count("matters", distinct=True),
        statement_count=Count("matters__statements", distinct=True),
        in_force=Count(
            "matters__statements", filter=Q(matters__statements__withdrawn_on=None), distinct=True
        ),
    ).order_by("legal_name")


@dataclass(frozen=True, slots=True)
class Dispute:
    """One employer with all that is on file about it."""

    employer: Employer
    worksites: list[Worksite]
    matters: list[Matter]
    statements: list[Statement]
    cohorts: list[Cohort]


def dispute(employer_id: UUID) -> Dispute | None:
    """An employer's page; None where it is absent or not shared with this provider."""
    employer = Employer.objects.filter(pk=employer_id).first()
    if employer is None:
        return None
    return Dispute(
        employer,
        list(Worksite.objects.filter(employer=employer).order_by("name")),
        list(Matter.objects.filter(employer=employer).order_by("-opened_on", "agency")),
        list(_statements().filter(matter__employer=employer).order_by("-issued_on")),
        list(Cohort.objects.filter(employer=employer).select_related("worksite").order_by("name")),
    )


def own(model: type[Any], record_id: UUID, provider_id: UUID) -> Any | None:
    """A record that this provider entered and may edit; None for absent ones and others', shared or not."""
    return model.objects.filter(pk=record_id, provider_id=provider_id).first()


def cohort(cohort_id: UUID) -> Cohort | None:
    """A visible cohort."""
    return Cohort.objects.select_related("employer", "worksite").filter(pk=cohort_id).first()


def cohorts() -> QuerySet[Cohort]:
    """Every visible cohort, by name."""
    return Cohort.objects.select_related("employer", "worksite").order_by("name")


def cohort_names(cohort_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of visible cohorts by id."""
    return dict(Cohort.objects.filter(pk__in=list(cohort_ids)).values_list("id", "name"))


def joiners(cohort_id: UUID) -> int | None:
    """How many workers came with this cohort's code; None below ten. For the cohort's own provider only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT disputes_joiners(%s)", [cohort_id])
        (count,) = cursor.fetchone()
    return None if count is None else int(count)


def join_link(cohort: Cohort) -> str:
    """The short link on flyers. It holds the code and nothing about anyone."""
    return f"{settings.JORNADA_PUBLIC_URL.rstrip('/')}/j/{cohort.join_code}"
