"""Who works under whom, and how many more files each supervisor can oversee.

A student or graduate works under the supervisor whom the credential names; an accredited representative does where one
is named. A supervisor's places are for her own files and those of everybody under her: no other number is on record,
and the pack of restrictions has no ratio of supervision to go by. Where she has said nothing of her places that
number is not yet known, and proposals say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from jornada.coalition import selectors as coalition
from jornada.domain.facts import Reason
from jornada.domain.matching import Ceiling

if TYPE_CHECKING:
    from jornada.coalition.models import Capacity, Credential, Member

UNDER = "supervisor:"
"""What the name of a supervisor's ceiling begins with."""
_CALLED = {"attorney": "attorney", "accredited_full": "accredited", "accredited_partial": "accredited"}
"""What the restrictions call whoever supervises, by her own credential."""


@dataclass(frozen=True)
class Supervision:
    """The members who work on one day by their credentials, and what each can take (none said: not in `places`)."""

    credentials: Mapping[UUID, Credential]
    places: Mapping[UUID, int]
    held: Mapping[UUID, int]

    def supervisor(self, member_id: UUID) -> Member | None:
        """Who supervises the member and can sign off that day; None where nobody does or that is not on record."""
        own = self.credentials.get(member_id)
        above = own.supervisor if own is not None else None
        if above is None or above.ended_at is not None or above.id == member_id:
            return None
        credential = self.credentials.get(above.id)
        return above if credential is not None and credential.kind in coalition.SIGNING_KINDS else None

    def works_alone(self, member_id: UUID) -> bool:
        """Whether the member needs a supervisor and has none who can sign off."""
        own = self.credentials.get(member_id)
        needs = own is not None and own.kind in coalition.SUPERVISED_KINDS
        return needs and self.supervisor(member_id) is None

    def supervised_by(self, member_id: UUID) -> dict[str, str]:
        """Who supervises as a fact that restrictions read; none where it is not on record."""
        above = self.supervisor(member_id)
        return {"supervised_by": _CALLED[self.credentials[above.id].kind]} if above else {}

    # --- ceilings -------------------------------------------------------------------------------------

    def within(self, member_id: UUID, else_: str) -> str:
        """The ceiling over what the member takes: her own where she supervises, her supervisor's, or that given."""
        if member_id in self._below:
            return ceiling_of(member_id)
        above = self.supervisor(member_id)
        return ceiling_of(above.id) if above else else_

    def ceilings(self, within: str) -> list[Ceiling]:
        """A ceiling for each supervisor, with the places that her own files and those under her leave."""
        return [self._ceiling(one, within) for one in sorted(self._below, key=str)]

    def not_yet_known(self, member_id: UUID) -> Reason | None:
        """What the records do not tell of a member's supervision; None where there is nothing to tell."""
        if self.works_alone(member_id):
            return Reason("supervisor_not_yet_known", {"source": str(member_id)})
        above = self.supervisor(member_id)
        if above is None or above.id in self.places:
            return None
        told = {"source": str(member_id), "supervisor": above.display_name}
        return Reason("supervised_places_not_yet_known", told)

    @cached_property
    def _below(self) -> dict[UUID, set[UUID]]:
        """Everybody who works under each supervisor, through others too."""
        found: dict[UUID, set[UUID]] = {}
        for member_id in self.credentials:
            for one in self._above(member_id):
                found.setdefault(one, set()).add(member_id)
        return found

    def _above(self, member_id: UUID) -> list[UUID]:
        """The supervisors over a member, the nearest first; a ring is cut where it closes."""
        found: list[UUID] = []
        above = self.supervisor(member_id)
        while above is not None and above.id not in (member_id, *found):
            found.append(above.id)
            above = self.supervisor(above.id)
        return found

    def _ceiling(self, supervisor_id: UUID, within: str) -> Ceiling:
        held = sum(self.held.get(one, 0) for one in {supervisor_id, *self._below[supervisor_id]})
        places = self.places.get(supervisor_id)
        seats = None if places is None else max(0, places - held)
        above = self._above(supervisor_id)
        if above and supervisor_id not in self._above(above[0]):
            within = ceiling_of(above[0])
        return Ceiling(ceiling_of(supervisor_id), seats, within, held)


def supervision(capacities: Iterable[Capacity], held: Mapping[UUID, int], on: date) -> Supervision:
    """Who works under whom on that day, by the credentials of the current provider."""
    places = {one.member_id: one.files_at_once for one in capacities}
    return Supervision(coalition.credentials_on(on), places, held)


def ceiling_of(supervisor_id: UUID) -> str:
    """The name of a supervisor as a ceiling over those who work under her."""
    return f"{UNDER}{supervisor_id}"
