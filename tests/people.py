"""One cast for all tests: three providers with every role, and workers at each stage of a request.

Riverbend and Hillside give legal help; Sun Coast is a worker center. Ana's file is at Riverbend, decided,
placed, prepared and filed. Bashir's is there too and nobody holds it yet. Chen's consent to Riverbend has
ended, Dalia withdrew hers. Farah shares with both legal providers. Elif's file is at Hillside alone. Gabriel
has shared nothing.

Everything is made by the services that the pages call. Every personal text field holds a canary: a unique
word of letters that a search finds wherever it leaks.
"""

from __future__ import annotations

import base64
import re
import secrets
import time as clock
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from jornada.coalition import services as coalition
from jornada.coalition import signin
from jornada.coalition.models import LEGAL_TEAM, Member, Provider, Role
from jornada.domain.rulepacks import Fact, RulePack
from jornada.gateways import packfiles
from jornada.gateways.today import today
from jornada.intake import drafts, visits
from jornada.intake import services as intake
from jornada.vault import crypto, keys, worker
from jornada.vault.tenancy import as_provider
from jornada.vault.worker import WorkerSession

PASSWORD = "four llamas under a bridge"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PACK = "us-labor-deferred-action"
LETTERS = "bcdfghjklmnpqrstvwxz"


# ── Canaries ──────────────────────────────────────────────────────────────────────────────────────────────

_CLASS = {"P0": "none", "P1": "one", "P2": "two", "P3": "three", "P4": "four"}
_MARK = re.compile(rb"cnry(?:none|one|two|three|four)[b-z]{12}")


@dataclass(frozen=True, slots=True)
class Canary:
    """A word that stands in one field of one record, and the providers that may show it."""

    token: str
    orgs: frozenset[str]
    data_class: str
    field: str
    record: str


@dataclass
class Canaries:
    """Every canary planted so far, by its word in lower case; digits stand in fields that take only digits."""

    by_token: dict[str, Canary] = field(default_factory=dict)

    def plant(self, record: str, name: str, data_class: str, *orgs: str) -> str:
        """A new word to be put into a field. It looks like a name: one capital, then letters."""
        token = f"cnry{_CLASS[data_class]}" + "".join(secrets.choice(LETTERS) for _ in range(12))
        self.by_token[token] = Canary(token, frozenset(orgs), data_class, name, record)
        return token.capitalize()

    def digits(self, length: int, record: str, name: str, data_class: str, *orgs: str) -> str:
        """A new number of so many digits."""
        token = str(secrets.randbelow(9) + 1) + "".join(
            secrets.choice("0123456789") for _ in range(length - 1)
        )
        self.by_token[token] = Canary(token, frozenset(orgs), data_class, name, record)
        return token

    def found(self, data: bytes) -> set[Canary]:
        """The canaries that stand in these bytes."""
        lower = data.lower()
        words = {match.decode() for match in _MARK.findall(lower)} & self.by_token.keys()
        numbers = {token for token in self.by_token if token.isdigit() and token.encode() in lower}
        return {self.by_token[token] for token in words | numbers}

    def of(self, *classes: str, record: str | None = None) -> set[Canary]:
        """The canaries of these classes, of one record or of all."""
        return {
            one for one in self.by_token.values()
            if one.data_class in classes and (record is None or one.record == record)
        }  # fmt: skip


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Person:
    """A member with a browser of their own, signed in with both factors, keys open."""

    member: Member
    org: str
    opened: keys.MemberKeys
    client: Client = field(default_factory=Client)

    @property
    def role(self) -> str:
        return str(self.member.role)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A transaction of this member's provider, as a request of theirs has it."""
        with as_provider(self.member.provider_id, self.member.pk, self.member.user_id):
            yield

    def signs_in(
        self,
        *,
        keys_open: bool = True,
        stepped_up: bool = True,
        reasons: Iterable[UUID] = (),
        fresh: bool = False,
    ) -> Client:
        """A browser signed in as allauth records it; the files named have a reason for reading on record.

        The same browser each time, or with `fresh` another one.
        """
        client = Client() if fresh else self.client
        value, blob = keys.hold(self.opened)
        session = SessionStore()
        now = clock.time()
        user = self.member.user
        session.update(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: user.get_session_auth_hash(),
                AUTHENTICATION_METHODS_SESSION_KEY: _methods(now, user.email, stepped_up),
                _AUTHENTICATION_METHODS_USER_SESSION_KEY: user_id_to_str(user),
                "since": now,
                "seen": now,
                "opened_files": {str(file): "reviewing" for file in reasons},
            }
        )
        if keys_open:
            session[signin.HELD] = base64.b64encode(blob).decode()
        session.save()
        client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: session.session_key or ""})
        if keys_open:
            client.cookies[signin.key_cookie()] = value
        return client


def _methods(now: float, email: str, stepped_up: bool) -> list[dict[str, Any]]:
    signed_in = [
        {"method": "password", "at": now, "email": email},
        {"method": "mfa", "type": "totp", "at": now},
    ]
    again = [{"method": "mfa", "type": "totp", "at": now, "reauthenticated": True}] if stepped_up else []
    return signed_in + again


@dataclass
class Org:
    """A provider and its people by role; newcomers are of the legal team and nobody admitted them to its key yet."""

    name: str
    provider: Provider
    by_role: dict[str, Person]
    newcomers: dict[str, Person] = field(default_factory=dict)

    @property
    def legal(self) -> bool:
        return Role.ATTORNEY in self.by_role


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Argon2id made quick: the cast has dozens of passwords, whose cost in earnest the vault's tests measure."""
    quick = crypto.Slowness(memory_kib=64, passes=1)
    low = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}
    hashers = (Argon2PasswordHasher, signin.ThreePasses)
    with patch.dict(crypto.SLOWNESS, {1: quick}):
        patches = [patch.object(hasher, name, value) for hasher in hashers for name, value in low.items()]
        for one in patches:
            one.start()
        try:
            yield
        finally:
            for one in patches:
                one.stop()


def found_org(canaries: Canaries, name: str, kind: str, roles: Iterable[str]) -> Org:
    """A provider with one member of each role; its legal team holds the team's key and has verified credentials."""
    legal = kind == "legal_provider"
    provider = coalition.found_provider(
        name=f"{name.title()} {canaries.plant(name, 'name', 'P0')}", kind=kind, gives_legal_help=legal, listed=True,
        about={"en": "We help.", "es": "Ayudamos."}, phone="+1 620 555 0100", places=["Finney"], languages=["en", "es"],
    )  # fmt: skip
    org = Org(name, provider, {})
    ordered = sorted(
        roles, key=lambda role: role != Role.ATTORNEY
    )  # the first of the legal team makes its key
    for role in ordered:
        org.by_role[role] = _enlist(canaries, org, role, role)
    if legal:
        _admit_and_verify(canaries, org)
        for role in sorted(LEGAL_TEAM):
            org.newcomers[role] = _enlist(canaries, org, role, f"new_{role}")
    return org


def _enlist(canaries: Canaries, org: Org, role: str, called: str) -> Person:
    email = f"{called}@{canaries.plant(org.name, 'email', 'P1', org.name).lower()}.example"
    display = f"{called.replace('_', ' ').title()} {canaries.plant(org.name, 'display_name', 'P1', org.name)}"
    member = coalition.enlist(
        provider_id=org.provider.pk,
        email=email,
        display_name=display,
        role=role,
        password=PASSWORD,
        languages=["en", "es"],
    )
    signin.add_app_factor(member.user, SECRET)
    with as_provider(org.provider.pk):
        opened = keys.open_member(member.pk, PASSWORD)
    return Person(member, org.name, opened)


def _admit_and_verify(canaries: Canaries, org: Org) -> None:
    first, admin = org.by_role[Role.ATTORNEY], org.by_role[Role.ADMIN]
    supervisor, accredited = org.by_role[Role.LEGAL_SUPERVISOR], org.by_role[Role.ACCREDITED_REPRESENTATIVE]
    kinds = {
        Role.ATTORNEY: "attorney",
        Role.LEGAL_SUPERVISOR: "attorney",
        Role.ACCREDITED_REPRESENTATIVE: "accredited_full",
    }
    on = today()
    with first.at_work():
        for role in sorted(LEGAL_TEAM - {Role.ATTORNEY}):
            coalition.admit(by=first.member, with_keys=first.opened, member=org.by_role[role].member)
        for role, kind in kinds.items():
            number = canaries.plant(org.name, "credential_number", "P1", org.name)
            holder = org.by_role[role]
            claimed = coalition.add_credential(
                by=first.member, member=holder.member, kind=kind, number=number, issued_by="Kansas",
                valid_from=on - timedelta(days=700), expires_on=on + timedelta(days=700),
            )  # fmt: skip
            for verifier in [one for one in (admin, first, supervisor, accredited) if one is not holder][:2]:
                coalition.verify_credential(by=verifier.member, credential=claimed)
            coalition.set_capacity(
                by=admin.member, member=holder.member, starts_on=on - timedelta(days=7), files_at_once=10,
                full_scope=True,
            )  # fmt: skip


# ── Workers ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Worker:
    """A worker at her own application, with the number that opens it and a phone of her own."""

    name: str
    session: WorkerSession
    code: str
    client: Client = field(default_factory=Client)

    def has_it_open(self, *, fresh: bool = False, **how: Any) -> Client:
        """A phone on which her answers are open."""
        client = Client() if fresh else self.client
        visit = visits.Visit(numbered=True, begun=visits.begun_now(), **how)
        session = replace(self.session, expires_at=visits.expiry(), bits=visits.packed(visit))
        client.cookies = SimpleCookie({visits.cookie_name(): worker.worker_token(session)})
        return client


def begin(name: str, *, on: date, cohort_id: UUID | None = None) -> Worker:
    """A worker who begins, with her number in hand."""
    session = intake.start(pack=PACK, language="es", on=on, expires_at=visits.expiry(), cohort_id=cohort_id)
    return Worker(name, session, worker.issue_code(session))


def answers_everything(
    canaries: Canaries, one: Worker, *, on: date, orgs: Iterable[str], jobs: list[Any]
) -> None:
    """The worker answers every question of the pack; whatever takes a word of hers holds a canary."""
    pack = packfiles.load(PACK)
    values = {
        name: _said(canaries, one.name, fact, fact.data_class, tuple(orgs))
        for name, fact in pack.facts.items()
    }
    values |= _UNREMARKABLE | {"jobs": jobs}
    read = {name: pack.facts[name].read(value, on) for name, value in values.items() if name in pack.facts}
    kept = {name: value for name, value in read.items() if value is not None}
    drafts.save(one.session, drafts.opened(one.session), kept, question="everything", on=on)


_UNREMARKABLE: Mapping[str, Any] = {
    **dict.fromkeys(
        [
            "detained_now", "ice_checkins", "termination_letter", "lengthened", "court_ever", "in_court_now",
            "missed_hearing", "removal_order", "stopped_at_border", "reentered_after_order", "open_warrant",
            "gang_claim", "armed_groups", "claimed_citizen", "false_papers", "forced_work", "crime_victim",
            "afraid_to_return",
            "travel_planned", "paid_helper", "paid_under_other_name", "past_applications", "denied_for_fraud",
            "recruiter_pressure", "close_family", "abused_by_family", "young_and_left", "ten_years_here",
            "moved_last_year", "public_benefits", "taxes_other_number", "safety_plan_needed", "filed_i765_before",
        ],
        "no",
    ),
    **dict.fromkeys(
        [
            "in_us", "soi_exists", "soi_copy", "talked_with_lawyer", "safe_mail", "taxes_filed", "registered_2025",
            "mailing_same",
        ],
        "yes",
    ),
    "da_status": "none", "arrests": ["none"], "other_protection": ["none"], "last_entry_status": "no_status",
    "current_status": "no_status", "entries_count": 1, "selective_service": "not_for_me", "grant_on": None,
    "filed_on": None, "next_hearing_on": None, "grant_years": None, "birth_date": "1988-03-12", "spoken_language": "es",
    "dui_history": None, "waiver_basis": None, "ssn_issued": "yes",
}  # fmt: skip


def _said(
    canaries: Canaries, who: str, fact: Fact, data_class: str, orgs: tuple[str, ...], within: str = ""
) -> Any:
    """An answer of the fact's kind, with a canary where it is a word or a number of hers."""
    name = within + fact.name
    word = lambda part="": canaries.plant(who, f"{name}{part}", data_class, *orgs)
    made = {
        "text": lambda: "KS" if fact.name == "state" else word(),
        "long_text": lambda: f"It happened as {word()} said.",
        "name": lambda: {"given": word(".given"), "family": word(".family")},
        "address": lambda: {
            "street": f"12 {word('.street')} Road",
            "city": word(".city"),
            "state": "KS",
            "zip": "67846",
        },
        "email": lambda: f"{word().lower()}@mail.example",
        "phone": lambda: f"+1 620 {secrets.randbelow(900) + 100} {secrets.randbelow(9000) + 1000}",
        "digits": lambda: canaries.digits(max(fact.length or (9,)), who, name, data_class, *orgs),
        "entries": lambda: [
            {
                part: _said(canaries, who, inner, data_class, orgs, f"{name}.")
                for part, inner in fact.entry.items()
            }
        ],
        "date": lambda: "2031-05-20" if fact.may_be_future else "2019-04-02",
        "whole_number": lambda: 2,
        "money": lambda: "1200.00",
        "yes_no": lambda: "no",
        "choice": lambda: fact.options[0],
        "choices": lambda: ["none"] if "none" in fact.options else [fact.options[0]],
    }
    return made[fact.kind]()


def shares(
    canaries: Canaries,
    one: Worker,
    org: Org,
    *,
    on: date,
    organiser: Org | None = None,
    name: str | None = None,
) -> UUID:
    """The worker consents that a legal team reads everything; the id of the consent."""
    orgs = [org.name, *([organiser.name] if organiser else [])]
    telling = intake.Telling(
        name=name or f"{one.name} {canaries.plant(one.name, 'released_name', 'P2', *orgs)}",
        phone="+1 620 555 0142", place="Finney", spoken="es",
        organiser_id=organiser.provider.pk if organiser else None,
        organiser_fields=frozenset(intake.CARD_FIELDS) if organiser else frozenset(),
        may_refer=True,
    )  # fmt: skip
    pack: RulePack = packfiles.load(PACK)
    grant = intake.share(
        one.session, provider_id=org.provider.pk, sections=pack.sections, until=on + timedelta(days=30),
        telling=telling, language="es", wording_version="1", on=on,
    )  # fmt: skip
    return grant.id


# ── What only the superuser sees ──────────────────────────────────────────────────────────────────────────


def as_superuser(database: str) -> psycopg.Connection[Any]:
    """A connection past every policy, for counting and for letting time pass; never used by what is tested."""
    import os

    return psycopg.connect(os.environ["JORNADA_TEST_SUPERUSER"], dbname=database, autocommit=True)
