"""The security tests share one seeded database of their own, in which every request commits for real."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PROCESS, copy_database, drop_database, working_in

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from tests.security.scene import Scene

DATABASE = f"jornada_seeded_{PROCESS}"


@pytest.fixture(scope="session")
def written_logs() -> Iterator[io.StringIO]:
    """Everything that the hub's loggers say from now on, at levels below those of production."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture(scope="session")
def seeded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, written_logs: io.StringIO
) -> Iterator[Scene]:
    """The seeded hub, played once a test process."""
    from tests.security.scene import seed

    copy_database(DATABASE)
    with django_db_blocker.unblock(), working_in(DATABASE):
        scene = seed(DATABASE)
    yield scene
    drop_database(DATABASE)


@pytest.fixture
def scene(seeded: Scene, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """The seeded hub, with Django connected to its database."""
    from django.core.cache import cache

    cache.clear()
    with django_db_blocker.unblock(), working_in(seeded.database):
        yield seeded
