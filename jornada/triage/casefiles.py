"""A case file opened by a member: the worker's answers, and what the team writes, each opening logged once.

Names, phones and placement cards are P2 and open with the provider's own key;
answers open only through the vault's access door, for a reason, while the worker's
consent lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jornada.disputes import selectors as disputes
from jornada.domain.facts import Answers, Circumstances
from jornada.intake import selectors as intake
from jornada.triage.models import Assessment
from jornada.vault import access, consent, crypto, keys
from jornada.vault.keys import MemberKeys, ProviderSecret

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile


def file_for(file_id: UUID) -> CaseFile | None:
    """The case file, if it is one of the current provider's."""
    return intake.case_file(file_id)


def all_files() -> list[CaseFile]:
    """Every case file of the current provider, by number."""
    return list(intake.case_files())


def newest_revision(file: CaseFile) -> int:
    """The revision of the newest answers handed over."""
    return intake.newest_revision(file.application_id)


def contact(file: CaseFile, secret: ProviderSecret | None = None) -> Mapping[str, Any]:
    """Name, phone and language, as the worker released them; for many files give the provider's keys once."""
    if secret is None:
        return intake.contact(file)
    return dict(secret.unseal_p2(file.sealed_contact, intake.contact_place(file)))


def card(file: CaseFile) -> Mapping[str, Any]:
    """The newest placement card; empty where the worker released none."""
    return intake.card(file) or {}


def circumstances(file: CaseFile, answers: Answers) -> Circumstances:
    """The statements of interest on file for this worker's cohort and employers."""
    jobs = answers.get("jobs")
    employers = [str(job.get("employer") or "") for job in jobs] if isinstance(jobs, list) else []
    cohort_id = intake.cohort_of(file.application_id)
    return Circumstances(
        disputes.statements_for(cohort_id=cohort_id, employers=[name for name in employers if name])
    )


def seal_p2(file: CaseFile, table: str, row: UUID, name: str, value: Any) -> bytes:
    """A value that automation of this provider may read."""
    return keys.seal_p2(file.provider_id, value, crypto.Place(file.provider_id, table, row, name))


def read_p2(
    file: CaseFile,
    table: str,
    row: UUID,
    name: str,
    sealed: bytes | memoryview,
    *,
    secret: ProviderSecret | None = None,
) -> Any:
    """What `seal_p2` sealed; for many files give the provider's keys once."""
    secret = secret or keys.provider_key(file.provider_id)
    return secret.unseal_p2(sealed, crypto.Place(file.provider_id, table, row, name))


@dataclass(frozen=True)
class OpenFile:
    """A case file in the hands of a member of the legal team, for one request and one reason."""

    keys: MemberKeys = field(repr=False)
    file: CaseFile
    reason: str
    on: date

    @cached_property
    def answers(self) -> Answers:
        """The newest answers in the sections that the worker's consent covers. One event in the log.

        vault.access.Refused where consent has ended or never reached this provider.
        """
        return Answers({name: value for held in self.by_section.values() for name, value in held.items()})

    @cached_property
    def by_section(self) -> Mapping[str, Mapping[str, Any]]:
        """The same answers, section by section."""
        live = consent.live_grants(
            on=self.on, provider_id=self.file.provider_id, application_id=self.file.application_id
        )
        shared = {section for one in live for section in one.sections}
        held = intake.sections_held(self.file.application_id)
        opened = access.open_sections(
            self.keys,
            self.file.application_id,
            shared & held if live else held,
            reason=self.reason,
            purpose=intake.PURPOSE,
            on=self.on,
        )
        return intake.read_answers(self.file.application_id, opened)

    @cached_property
    def revision(self) -> int:
        """The revision of the newest answers."""
        return newest_revision(self.file)

    def seal(self, table: str, row: UUID, name: str, value: Any) -> bytes:
        """A value that only the legal team reads."""
        return crypto.seal_json(self._key, value, self._place(table, row, name))

    def seal_bytes(self, table: str, row: UUID, name: str, value: bytes) -> bytes:
        """Bytes, such as a packet, that only the legal team reads."""
        return crypto.seal(self._key, value, self._place(table, row, name))

    def read(self, table: str, row: UUID, name: str, sealed: bytes | memoryview) -> Any:
        """What `seal` sealed. One event in the log for all that is read through this object."""
        return crypto.unseal_json(self._key, sealed, self._place(table, row, name))

    def read_bytes(self, table: str, row: UUID, name: str, sealed: bytes | memoryview) -> bytes:
        """What `seal_bytes` sealed."""
        return crypto.unseal(self._key, sealed, self._place(table, row, name))

    def _place(self, table: str, row: UUID, name: str) -> crypto.Place:
        return crypto.Place(self.file.provider_id, table, row, name)

    @cached_property
    def _key(self) -> bytes:
        self._refuse_withdrawn()
        if not Assessment.objects.filter(file_id=self.file.id).exists():
            self._make_key()
        return access.open_file(
            self.keys, self.file.id, reason=self.reason, application_id=self.file.application_id
        )

    def _refuse_withdrawn(self) -> None:
        """A worker who takes her consent back closes what was made from her answers too, at once.

        Where consent has merely run out the team keeps its own work: it has duties to its client.
        """
        given = consent.given(self.file.application_id)
        if given and all(one.withdrawn_at is not None for one in given):
            access.open_sections(
                self.keys,
                self.file.application_id,
                given[0].sections,
                reason=self.reason,
                purpose=intake.PURPOSE,
                on=self.on,
            )

    def _make_key(self) -> None:
        """The key is made when the team first writes into a file; of two at once one makes it."""
        try:
            with transaction.atomic():
                keys.make_file_key(self.file.id, self.file.provider_id)
        except IntegrityError:
            return
