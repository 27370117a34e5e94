"""People of the coalition with browsers of their own, for tests of staff pages.

Riverbend is a legal provider, Sun Coast a worker center. Everyone has the same
password and authenticator secret. Passwords are made cheap here; that they are
dear in earnest is tested with the vault. Take the fixtures as a plugin: coalition_cast.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from jornada.coalition import services, signin
from jornada.coalition.models import Member, Provider
from jornada.vault import crypto

PASSWORD = "four llamas under a bridge"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Enlist = Callable[..., "Person"]


@dataclass
class Person:
    member: Member
    client: Client
    email: str
    steps: int = 0

    def code(self) -> str:
        """A code of the authenticator app, another each time: none serves twice."""
        counter = int(time.time()) // 30 - 1 + self.steps
        self.steps += 1
        return format_hotp_value(hotp_value(SECRET, counter))

    def gives_password(self, password: str = PASSWORD) -> HttpResponse:
        return self.client.post("/accounts/login/", {"login": self.email, "password": password})

    def signs_in(self) -> HttpResponse:
        self.gives_password()
        return self.client.post("/accounts/2fa/authenticate/", {"code": self.code()})

    def reads(self, page: str) -> str:
        answer = self.client.get(page)
        assert answer.status_code == 200, (page, answer.status_code, answer.headers.get("Location"))
        return str(answer.content.decode())


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(crypto.SLOWNESS, 1, crypto.Slowness(memory_kib=64, passes=1))
    for hasher in (Argon2PasswordHasher, signin.ThreePasses):
        monkeypatch.setattr(hasher, "time_cost", 1)
        monkeypatch.setattr(hasher, "memory_cost", 64)
        monkeypatch.setattr(hasher, "parallelism", 1)
    cache.clear()


@pytest.fixture
def riverbend(cheap_passwords: None) -> Provider:
    return services.found_provider(name="Riverbend Legal Aid", kind="legal_provider", gives_legal_help=True)


@pytest.fixture
def sun_coast(cheap_passwords: None) -> Provider:
    return services.found_provider(name="Sun Coast Workers", kind="worker_center")


@pytest.fixture
def enlist(riverbend: Provider) -> Enlist:
    """Make a member of Riverbend (or of the provider given) who can sign in."""

    def make(name: str, role: str, at: Provider = riverbend, factor: bool = True) -> Person:
        email = f"{name.lower()}@{at.name.split()[0].lower()}.example"
        member = services.enlist(
            provider_id=at.pk, email=email, display_name=name, role=role, password=PASSWORD
        )
        if factor:
            signin.add_app_factor(member.user, SECRET)
        return Person(member, Client(), email)

    return make


@pytest.fixture
def dana(enlist: Enlist) -> Person:
    """An attorney of Riverbend, the first of its legal team."""
    return enlist("Dana", "attorney")


@pytest.fixture
def adriana(enlist: Enlist) -> Person:
    """The admin of Riverbend."""
    return enlist("Adriana", "admin")
