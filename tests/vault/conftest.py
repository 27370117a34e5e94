"""The vault's tests commit for real, so that transactions and tenancy are what production has.

Every test makes its own providers and applications, whose ids nobody else knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from jornada.vault.worker import WorkerSession
    from tests.vault.cast import LegalTeam


@pytest.fixture(scope="session", autouse=True)
def real_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def no_tenant_left_behind() -> Iterator[None]:
    from jornada.vault import tenancy

    yield
    assert tenancy.current() is None


@pytest.fixture(scope="session")
def team(real_database: None) -> LegalTeam:
    """A legal team for tests that leave it as it is."""
    from tests.vault.cast import make_team

    return make_team()


@pytest.fixture
def own_team() -> LegalTeam:
    """A legal team for a test that changes it."""
    from tests.vault.cast import make_team

    return make_team()


@pytest.fixture
def ana() -> WorkerSession:
    from tests.vault.cast import new_worker

    return new_worker()
