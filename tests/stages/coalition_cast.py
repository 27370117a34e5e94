"""Fixtures of staff tests. A module takes them by `pytest_plugins = ["tests.stages.coalition_cast"]`."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client

from jornada.coalition import services, signin
from jornada.coalition.models import Provider
from jornada.vault import crypto
from tests.stages.staff import PASSWORD, SECRET, Enlist, Person


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
