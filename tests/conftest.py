"""One real PostgreSQL for all tests: embedded, migrated once by the owner, served by the serving role.

Each test process has its own database, copied from the migrated one. The `default`
connection is the serving role, as in production; nothing in a test runs as the owner
except through the `owner` connection.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from jornada.gateways import database

STATE = Path(os.environ.setdefault("JORNADA_STATE", str(database.PROJECT / "var" / "tests")))
os.environ.setdefault("JORNADA_SECRET", "synthetic-secret-of-the-tests-which-opens-nothing-real-0123456789")
os.environ["DJANGO_SETTINGS_MODULE"] = "jornada.web.settings"
TEMPLATE = "jornada_template"


def _database_name() -> str:
    return f"jornada_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"


def pytest_configure(config: pytest.Config) -> None:
    """The embedded server, its template and this process's copy, before Django reads its settings."""
    superuser = database.start_embedded(STATE / "postgres")
    os.environ["JORNADA_TEST_SUPERUSER"] = superuser
    name = _database_name()
    if not hasattr(config, "workerinput"):
        _migrate_template(superuser)
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE), sql.Identifier(database.OWNER_ROLE)
            )
        )
    host = database.host_of(superuser)
    os.environ["DATABASE_URL"] = f"postgresql://{database.SERVING_ROLE}@/{name}?host={host}"
    os.environ["DATABASE_OWNER_URL"] = f"postgresql://{database.OWNER_ROLE}@/{name}?host={host}"


def _migrate_template(superuser: str) -> None:
    """The template database with this version's tables; made anew when a migration or model changed."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(TEMPLATE)))
    database.prepare(superuser, TEMPLATE)
    host = database.host_of(superuser)
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database.SERVING_ROLE}@/{TEMPLATE}?host={host}",
        "DATABASE_OWNER_URL": f"postgresql://{database.OWNER_ROLE}@/{TEMPLATE}?host={host}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--database=owner", "-v0"],
        env=environment, capture_output=True, text=True, check=False, cwd=database.PROJECT,
    )  # fmt: skip
    if done.returncode:
        raise pytest.UsageError(f"the test database could not be migrated:\n{done.stderr[-3000:]}")


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is already there: pytest-django must not make another."""
