"""One real PostgreSQL for all tests: embedded, migrated once by the owner, served by the serving role.

Each test process has its own database, copied from the migrated one. The `default`
connection is the serving role, as in production; nothing in a test runs as the owner
except through the `owner` connection. A test that must commit what others should not
see asks for `committed`; the tests of tests/security share one seeded copy.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from jornada.gateways import database

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

STATE = Path(os.environ.setdefault("JORNADA_STATE", str(database.PROJECT / "var" / "tests")))
os.environ.setdefault("JORNADA_SECRET", "synthetic-secret-of-the-tests-which-opens-nothing-real-0123456789")
os.environ["DJANGO_SETTINGS_MODULE"] = "jornada.web.settings"
# The browser's driver keeps an event loop running in this thread; the tests that follow it here are as synchronous
# as ever, which Django cannot know.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
TEMPLATE = "jornada_template"
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "one")


def pytest_configure(config: pytest.Config) -> None:
    """The embedded server, its template and this process's copy, before Django reads its settings."""
    (STATE / "static").mkdir(parents=True, exist_ok=True)
    superuser = database.start_embedded(STATE / "postgres")
    os.environ["JORNADA_TEST_SUPERUSER"] = superuser
    if not hasattr(config, "workerinput"):
        _migrate_template(superuser)
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    name = f"jornada_{PROCESS}"
    copy_database(name)
    os.environ.update(addresses(name))
    _lead_django_there()


def _lead_django_there() -> None:
    """Settings that were read before this process had its database learn of it."""
    from django.conf import settings
    from django.db import connections

    found = {"default": os.environ["DATABASE_URL"], "owner": os.environ["DATABASE_OWNER_URL"]}
    settings.DATABASES.update({alias: database.django_settings(url) for alias, url in found.items()})
    settings.DATABASES["owner"]["CONN_MAX_AGE"] = 0
    connections.settings = connections.configure_settings(settings.DATABASES)
    for alias in found:
        with suppress(AttributeError):
            del connections[alias]


def addresses(name: str) -> dict[str, str]:
    """Where the two roles find a database of the tests' server, as environment variables."""
    host = database.host_of(os.environ["JORNADA_TEST_SUPERUSER"])
    return {
        "DATABASE_URL": f"postgresql://{database.SERVING_ROLE}@/{name}?host={host}",
        "DATABASE_OWNER_URL": f"postgresql://{database.OWNER_ROLE}@/{name}?host={host}",
    }


def copy_database(name: str, template: str = TEMPLATE) -> None:
    """A fresh copy of a database that nobody is connected to; an earlier one of that name goes."""
    drop_database(name)
    with psycopg.connect(os.environ["JORNADA_TEST_SUPERUSER"], autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(database.OWNER_ROLE)
            )
        )


def drop_database(name: str) -> None:
    """Remove a database of the tests, whoever is connected to it."""
    with psycopg.connect(os.environ["JORNADA_TEST_SUPERUSER"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def working_in(name: str) -> Iterator[None]:
    """Both of Django's connections lead to this database meanwhile."""
    from django.db import connections

    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    try:
        for alias in before:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        yield
    finally:
        for alias, earlier in before.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = earlier


def _migrate_template(superuser: str) -> None:
    """The template database with this version's tables, made anew."""
    drop_database(TEMPLATE)
    database.prepare(superuser, TEMPLATE)
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--database=owner", "-v0"],
        env={**os.environ, **addresses(TEMPLATE)},
        capture_output=True, text=True, check=False, cwd=database.PROJECT,
    )  # fmt: skip
    if done.returncode:
        raise pytest.UsageError(f"the test database could not be migrated:\n{done.stderr[-3000:]}")


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is already there: pytest-django must not make another."""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the test's own, in which it commits for real; its name."""
    name = f"jornada_committed_{PROCESS}"
    copy_database(name)
    with django_db_blocker.unblock(), working_in(name):
        yield name
    drop_database(name)
