"""Entering and mending the facts of disputes, and sharing them with the coalition."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from django.db import transaction

from jornada.disputes.models import (
    Cohort,
    DisputeRecord,
    Employer,
    Matter,
    Statement,
    StatementWorksite,
    Worksite,
)
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.coalition.models import Member

Kind = TypeVar("Kind", bound=DisputeRecord)


@transaction.atomic
def enter(*, by: Member, kind: type[Kind], **said: Any) -> Kind:
    """A new record of this member's provider. A cohort also shares what its workers share."""
    record = kind(id=uuid4(), provider_id=by.provider_id, **said)
    record.save(force_insert=True)
    _note("entered", record)
    if isinstance(record, Cohort):
        _open_to_workers(record)
    return record


@transaction.atomic
def mend(*, by: Member, record: Kind, **said: Any) -> Kind:
    """The same record with other facts. Only the provider that entered it may: the database sees to it."""
    for name, value in said.items():
        setattr(record, name, value)
    record.save(update_fields=list(said))
    _note("mended", record)
    if isinstance(record, Cohort):
        _open_to_workers(record)
    return record


@transaction.atomic
def enter_statement(*, by: Member, matter: Matter, worksites: Collection[UUID], **said: Any) -> Statement:
    """A statement of interest with the worksites it names; none named means all of the employer's."""
    statement = enter(by=by, kind=Statement, matter=matter, **said)
    _place(statement, worksites)
    return statement


@transaction.atomic
def mend_statement(
    *, by: Member, statement: Statement, worksites: Collection[UUID], **said: Any
) -> Statement:
    """A statement with other facts and the worksites it names."""
    mend(by=by, record=statement, **said)
    statement.places.exclude(worksite_id__in=list(worksites)).delete()
    _place(statement, worksites)
    return statement


@transaction.atomic
def share(*, by: Member, record: DisputeRecord) -> None:
    """Show a record to every provider of the coalition, with the records that it hangs on."""
    for part in (record, *_above(record), *_below(record)):
        type(part)._default_manager.filter(pk=part.pk, provider_id=by.provider_id).update(shared=True)
    _note("shared", record)


@transaction.atomic
def unshare(*, by: Member, record: DisputeRecord) -> None:
    """Show a record to one's own provider only again."""
    for part in (record, *_below(record)):
        type(part)._default_manager.filter(pk=part.pk, provider_id=by.provider_id).update(shared=False)
    _note("unshared", record)


def _above(record: DisputeRecord) -> list[DisputeRecord]:
    """What cannot be understood without: the employer of a matter, the matter of a statement."""
    if isinstance(record, Statement):
        places = [place.worksite for place in record.places.select_related("worksite")]
        return [record.matter, record.matter.employer, *places]
    if isinstance(record, Cohort):
        return [record.employer, *([record.worksite] if record.worksite else [])]
    return [record.employer] if isinstance(record, (Worksite, Matter)) else []


def _below(record: DisputeRecord) -> list[DisputeRecord]:
    """The worksites that a statement names go where it goes."""
    return list(record.places.all()) if isinstance(record, Statement) else []


def _open_to_workers(cohort: Cohort) -> None:
    """Who holds the flyer reads the employer's and the worksite's name: they are as public as the flyer."""
    Cohort.objects.filter(pk=cohort.pk).update(shared=True)
    Employer.objects.filter(pk=cohort.employer_id).update(shared=True)
    if cohort.worksite_id is not None:
        Worksite.objects.filter(pk=cohort.worksite_id).update(shared=True)
    cohort.shared = True


def _place(statement: Statement, worksites: Collection[UUID]) -> None:
    there = set(statement.places.values_list("worksite_id", flat=True))
    for worksite_id in dict.fromkeys(worksites):
        if worksite_id not in there:
            StatementWorksite.objects.create(
                provider_id=statement.provider_id,
                statement=statement,
                worksite_id=worksite_id,
                shared=statement.shared,
            )


def _note(act: str, record: DisputeRecord) -> None:
    audit.record(act, kind="provider", about=record._meta.db_table, row=record.pk)
