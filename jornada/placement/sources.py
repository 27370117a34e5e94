"""Sources of help as the matcher sees them: advocates, clinic days, what other providers take in a week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from jornada.coalition import selectors as coalition
from jornada.coalition.forms import LANGUAGES
from jornada.domain.matching import Ceiling, Source
from jornada.placement import selectors, supervision
from jornada.placement.supervision import Supervision

if TYPE_CHECKING:
    from jornada.coalition.models import Capacity
    from jornada.domain.facts import Reason
    from jornada.placement.models import ClinicDay, PartnerTerms

WEEK = timedelta(days=6)
"""How far back offers count against what a provider takes in a week, the day itself included."""


WITHOUT_TERMS_OF_ITS_OWN = {"none", "lsc"}
"""Money that binds a whole organization or nobody; the rest binds only what it pays for."""


@dataclass(frozen=True)
class Help:
    """Who can help: sources, the ceilings over them, and by source what the records do not tell of its supervision."""

    sources: list[Source]
    ceilings: list[Ceiling]
    not_yet_known: Mapping[str, Reason]


def available(on: date, provider_id: UUID) -> Help:
    """Advocates with places free, clinic days to come, and what partners take this week."""
    held, taken, terms = selectors.load(on), selectors.offered_since(on - WEEK), selectors.terms()
    capacities = list(coalition.capacities_on(on))
    supervised = supervision.supervision(capacities, held, on)
    own, money = organization(provider_id), _money(terms.get(provider_id))
    advocates = [_advocate(one, supervised, held, own, money) for one in capacities]
    clinics = [
        replace(_clinic(day, supervised), within=own, facts=money) for day in selectors.clinic_days(on)
    ]
    partners = [_partner(one, taken) for one in selectors.partners(provider_id)]
    organizations = [provider_id, *(UUID(one.id) for one in partners)]
    unknown = {str(c.member_id): supervised.not_yet_known(c.member_id) for c in capacities}
    return Help(
        list({one.id: one for one in [*advocates, *clinics, *partners]}.values()),
        [*(_ceiling(one, terms.get(one)) for one in organizations), *supervised.ceilings(own)],
        {name: reason for name, reason in unknown.items() if reason is not None},
    )


def organization(provider_id: UUID) -> str:
    """The name of a provider as a ceiling over its sources."""
    return f"org:{provider_id}"


def named(ids: Iterable[str]) -> dict[str, str]:
    """Sources by id in words, with the languages spoken there; an id that is nobody's any more says so."""
    keys = {one: UUID(one.rpartition(":")[2]) for one in ids}
    wanted, found = set(keys.values()), dict[UUID, str]()
    for member in coalition.members(wanted):
        found[member.id] = _spoken(member.display_name, member.languages)
    for day in selectors.clinic_days_by_id(wanted):
        found[day.id] = _spoken(f"{day.name}, {day.held_on:%b %-d}", day.languages)
    for provider in coalition.everyone().filter(pk__in=wanted):
        found[provider.id] = provider.name
    return {name: found.get(key, "a source that is no more") for name, key in keys.items()}


def _spoken(name: str, languages: Iterable[str]) -> str:
    said = ", ".join(dict(LANGUAGES).get(one, one) for one in languages)
    return f"{name} ({said})" if said else name


def _advocate(
    capacity: Capacity, supervised: Supervision, held: Mapping[UUID, int], own: str, money: Mapping[str, str]
) -> Source:
    member = capacity.member
    credential = supervised.credentials.get(member.id)
    return Source(
        id=str(member.id),
        kind="advocate",
        seats=max(0, capacity.files_at_once - held.get(member.id, 0)),
        languages=frozenset(member.languages),
        places=frozenset(capacity.places),
        credentials=frozenset({credential.kind}) if credential else frozenset(),
        gives=frozenset({"full", "limited"} if capacity.full_scope else {"limited"}),
        interpreter="none",
        credential_until=credential.expires_on if credential else None,
        within=supervised.within(member.id, own),
        held=held.get(member.id, 0),
        facts={**money, **supervised.supervised_by(member.id)},
    )


def _clinic(day: ClinicDay, supervised: Supervision) -> Source:
    taken = getattr(day, "taken", 0)
    credential = supervised.credentials.get(day.supervised_by_id) if day.supervised_by_id else None
    if credential is not None and credential.kind not in coalition.SIGNING_KINDS:
        credential = None
    return Source(
        id=str(day.id),
        kind="clinic",
        seats=max(0, selectors.seats_in_all(day) - taken),
        languages=frozenset(day.languages),
        interpreter="none",
        home=day.place,
        credentials=frozenset({credential.kind}) if credential else frozenset(),
        held_on=day.held_on,
        credential_until=credential.expires_on if credential else None,
        held=taken,
    )


def _partner(terms: PartnerTerms, taken: Mapping[UUID, int]) -> Source:
    offered = taken.get(terms.provider_id, 0)
    return Source(
        id=str(terms.provider_id),
        kind="partner",
        seats=max(0, terms.files_a_week - offered),
        languages=frozenset(terms.languages),
        places=frozenset(terms.places),
        credentials=frozenset(terms.credentials),
        gives=frozenset({"full", "limited"} if terms.full_scope else {"limited"}),
        interpreter=terms.interpreter,
        within=organization(terms.provider_id),
        held=offered,
        period="week",
        facts=_money(terms),
    )


def _money(terms: PartnerTerms | None) -> dict[str, str]:
    """Which money pays, where a provider has none with terms for single people; else that is not yet known."""
    bound = set(terms.funding) if terms else set()
    return {"paid_by": "unrestricted"} if bound and bound <= WITHOUT_TERMS_OF_ITS_OWN else {}


def _ceiling(provider_id: UUID, terms: PartnerTerms | None) -> Ceiling:
    said = {} if terms is None else {
        "funding": list(terms.funding) or None,
        "recognized": terms.recognized or None,
        "charges_fees": terms.charges_fees or None,
    }  # fmt: skip
    return Ceiling(organization(provider_id), facts={name: one for name, one in said.items() if one})
