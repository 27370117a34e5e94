"""Who appears in the vault's tests, and the day on which they meet.

Ana is a worker at an application of her own. Alice is an attorney in her
provider's legal team; Olga is an organiser of the same provider and is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from jornada.gateways.today import today
from jornada.vault import consent, keys, worker
from jornada.vault.keys import MemberKeys
from jornada.vault.tenancy import as_provider
from jornada.vault.worker import WorkerSession

NOW = datetime.now(UTC)
TODAY = today()
LATER = NOW + timedelta(hours=1)
PURPOSE = "legal_help"
ALICE_PASSWORD = "alice keeps promises"


@dataclass(frozen=True)
class LegalTeam:
    provider_id: UUID
    alice: MemberKeys
    olga: MemberKeys


def make_team() -> LegalTeam:
    provider_id = uuid4()
    with as_provider(provider_id):
        alice = keys.enroll(uuid4(), provider_id, ALICE_PASSWORD)
        olga = keys.enroll(uuid4(), provider_id, "olga organises well")
        keys.make_team_key(provider_id, [alice.member_id])
        keys.make_provider_key(provider_id)
    return LegalTeam(provider_id, alice, olga)


def new_worker() -> WorkerSession:
    return worker.begin(uuid4(), LATER)


def shares(session: WorkerSession, team: LegalTeam, *sections: str, **other: Any) -> consent.Grant:
    """The worker consents that the team reads these sections, from today unless said otherwise."""
    terms = {"purpose": PURPOSE, "language": "es", "wording_version": "1", "on": TODAY, **other}
    return consent.grant(session, provider_id=team.provider_id, sections=sections, **terms)


def rows(query: str, *parameters: object, using: str = "default") -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def do(statement: str, *parameters: object, using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, parameters or None)
