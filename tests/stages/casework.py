"""A legal team with one worker's file, for tests of triage, placement, packets and tracking.

Dana is an attorney and Luis an accredited representative, both with verified credentials; Sofia is
a paralegal. Ana worked at the poultry plant and shares everything with Riverbend.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from jornada.coalition import services as coalition
from jornada.coalition.models import Member, Provider
from jornada.gateways import packfiles
from jornada.gateways.today import today
from jornada.intake import drafts, services, visits
from jornada.intake.models import CaseFile
from jornada.triage.casefiles import OpenFile
from jornada.vault import keys, tenancy
from jornada.vault.worker import WorkerSession
from tests.stages.staff import PASSWORD, Enlist, Person

PACK = "us-labor-deferred-action"
OPEN_DAY = date(2024, 10, 1)
SHUT_DAY = date(2026, 11, 22)
"""The programme takes requests on the first day and is reported shut on the second."""


@dataclass
class Worker:
    session: WorkerSession
    name: str
    file: CaseFile | None = None
    pack: str = PACK
    client: Client = field(default_factory=Client)

    @property
    def application_id(self) -> UUID:
        return self.session.application_id

    def says(self, on: date, **values: Any) -> None:
        opened = drafts.opened(self.session)
        drafts.save(self.session, opened, values, question=opened.pack.questions[0].id, on=on)

    def comes_in(self) -> None:
        """Her browser holds her open session."""
        from django.http import HttpResponse

        response = visits.keep(
            HttpResponse(), self.session, visits.Visit(shared=True, begun=visits.begun_now())
        )
        self.client.cookies = response.cookies


@dataclass
class Team:
    """Riverbend's legal team."""

    provider: Provider
    dana: Person
    luis: Person
    sofia: Person

    @contextmanager
    def works(self, who: Person) -> Iterator[keys.MemberKeys]:
        """A request of this member, with keys open."""
        with tenancy.as_provider(self.provider.id, who.member.id, who.member.user_id):
            yield keys.open_member(who.member.id, PASSWORD)

    @contextmanager
    def opens(self, who: Person, file: CaseFile, on: date, reason: str = "deciding") -> Iterator[OpenFile]:
        with self.works(who) as held:
            yield OpenFile(held, file, reason, on)


def answers(name: str = "") -> dict[str, Any]:
    """A whole set of answers: those of one of the pack's own examples, with a name and birth date."""
    pack = packfiles.load(PACK)
    given = next(one for one in pack.examples if one.name.startswith(name or "V1 "))
    return {
        "legal_name": {"given": "Ana", "family": "Peña Ruiz"},
        "birth_date": "1987-03-04",
        **{key: value for key, value in given.answers.items() if value is not None},
    }


def new_worker(name: str, on: date, **said: Any) -> Worker:
    session = services.start(pack=PACK, language="es", on=on, expires_at=visits.expiry())
    worker = Worker(session, name)
    worker.says(on, **{**answers(), **said})
    return worker


WAGES = "us-ny-wages"


def wage_answers(**changed: Any) -> dict[str, Any]:
    """Ana's pay in Queens: six days of twelve hours for $150 a day, and what the papers need besides."""
    cook = next(iter(packfiles.load(WAGES).examples)).answers
    papers = {
        "legal_name": {"given": "Ana", "family": "Peña Ruiz"},
        "phone": "+1 212 555 0111",
        "mailing_address": {"street": "12 Sample St", "city": "Queens", "state": "NY", "zip": "11372"},
        "spoken_language": "es",
        "employer_legal": "Sol Kitchen LLC",
        "employer_address": {"street": "1 Example Ave", "city": "Queens", "state": "NY", "zip": "11372"},
        "person_in_charge": "Max Muster",
        "work_done": "cook",
        "proof": ["notes", "messages"],
    }
    return {name: value for name, value in {**cook, **papers, **changed}.items() if value is not None}


def new_wage_worker(name: str, on: date, pack: str = WAGES, **said: Any) -> Worker:
    session = services.start(pack=pack, language="es", on=on, expires_at=visits.expiry())
    worker = Worker(session, name, pack=pack)
    worker.says(on, **wage_answers(**said))
    return worker


def shares(
    worker: Worker,
    provider: Provider,
    on: date,
    place: str = "Duplin",
    spoken: str = "es",
    organiser: Provider | None = None,
    shown: frozenset[str] = frozenset(),
) -> CaseFile:
    pack = packfiles.load(worker.pack)
    telling = services.Telling(
        worker.name, "+1 910 555 0100", place, spoken, organiser.id if organiser else None, shown
    )
    services.share(
        worker.session, provider_id=provider.id, sections=pack.sections, until=on + timedelta(days=180),
        telling=telling, language="es", wording_version=pack.fingerprint, on=on,
    )  # fmt: skip
    with tenancy.as_provider(provider.id):
        worker.file = CaseFile.objects.get(application_id=worker.application_id)
    return worker.file


def with_credential(member: Member, kind: str, *verifiers: Member) -> None:
    """A credential that two colleagues verified."""
    with tenancy.as_provider(member.provider_id, verifiers[0].id, verifiers[0].user_id):
        credential = coalition.add_credential(
            by=verifiers[0], member=member, kind=kind, number="12345", valid_from=date(2020, 1, 1)
        )
        for verifier in verifiers:
            coalition.verify_credential(by=verifier, credential=credential)


def with_capacity(member: Member, files: int, full_scope: bool = True, places: tuple[str, ...] = ()) -> None:
    with tenancy.as_provider(member.provider_id, member.id, member.user_id):
        coalition.set_capacity(
            by=member, member=member, starts_on=date(2024, 1, 1), files_at_once=files, full_scope=full_scope,
            places=places,
        )  # fmt: skip


def make_team(provider: Provider, enlist: Enlist) -> Team:
    dana = enlist("Dana", "attorney", at=provider)
    luis = enlist("Luis", "accredited_representative", at=provider)
    sofia, olga = enlist("Sofia", "paralegal", at=provider), enlist("Olga", "legal_supervisor", at=provider)
    _admit(provider, dana, luis, sofia, olga)
    with_credential(dana.member, "attorney", luis.member, olga.member)
    with_credential(luis.member, "accredited_partial", dana.member, olga.member)
    for person in (dana, luis):
        with tenancy.as_provider(provider.id):
            person.member.languages = ["en", "es"]
            person.member.save(update_fields=["languages"])
    with_capacity(dana.member, 5)
    return Team(provider, dana, luis, sofia)


@pytest.fixture
def team(riverbend: Provider, enlist: Enlist) -> Team:
    return make_team(riverbend, enlist)


def _admit(provider: Provider, first: Person, *others: Person) -> None:
    with tenancy.as_provider(provider.id, first.member.id, first.member.user_id):
        held = keys.open_member(first.member.id, PASSWORD)
        there = keys.team_members(provider.id)
        for other in others:
            if other.member.id not in there:
                keys.admit(other.member.id, held)


@pytest.fixture
def ana(team: Team) -> Worker:
    worker = new_worker("Ana Peña Ruiz", OPEN_DAY)
    shares(worker, team.provider, today())
    return worker
