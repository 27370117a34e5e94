"""Reasons not to start: each is a state in which the hub could leak or lose what it holds (R6)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection

from jornada.gateways import database
from jornada.vault import audit, tenancy

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def faults(host: str) -> list[str]:
    """Every reason not to start on this host, each with its mend; empty when safe."""
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        _debug, _hosts, lambda: _transport(host), _rehearsal, _secret_file, _role, _durability, _policies, _log,
        _server_version,
    )  # fmt: skip
    return [fault for check in checks for fault in check()]


def _debug() -> Iterator[str]:
    if settings.DEBUG:
        yield "DEBUG is on: error pages would show answers. Unset it."


def _hosts() -> Iterator[str]:
    if "*" in settings.ALLOWED_HOSTS:
        yield "JORNADA_HOSTS allows any host: forged links become possible. Name the hub's hosts."


def _transport(host: str) -> Iterator[str]:
    if settings.JORNADA_TLS not in {"loopback", "proxy"}:
        yield f"JORNADA_TLS is {settings.JORNADA_TLS!r}: set it to 'proxy' (TLS ends at a proxy) or 'loopback'."
    elif settings.JORNADA_TLS == "loopback" and host not in LOOPBACK:
        yield f"Without TLS the hub listens on this machine only, not on {host}: set JORNADA_TLS=proxy behind a proxy."


def _secret_file() -> Iterator[str]:
    path = database.state_directory() / "secret"
    if "JORNADA_SECRET" not in os.environ and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield f"{path} can be read by others: run chmod 600 on it."


def _role() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user")
        superuser, bypasses, name = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        owned = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole", [])
        memberships = cursor.fetchone()[0]
    if superuser or bypasses:
        yield f"The serving role {name} is a superuser or bypasses row-level security: use a plain role."
    if owned:
        yield f"The serving role {name} owns {owned} tables: let the owner role own them (jornada migrate)."
    if memberships:
        yield f"The serving role {name} is a member of other roles and could become them: revoke that."


def _durability() -> Iterator[str]:
    with connection.cursor() as cursor:
        for name in DURABLE:
            cursor.execute("SELECT current_setting(%s)", [name])
            if cursor.fetchone()[0] == "off":
                yield f"PostgreSQL runs with {name}=off: an acknowledged save could be lost. Turn it on."


def _policies() -> Iterator[str]:
    for table in tenancy.unprotected(connection):
        yield f"Table {table} has no forced row-level security and no stated reason: run jornada migrate."


def _rehearsal() -> Iterator[str]:
    if settings.JORNADA_TLS == "proxy" and os.environ.get("JORNADA_DAY"):
        yield "JORNADA_DAY is set: a rehearsal's day would end consents and count deadlines wrongly. Unset it."


def _log() -> Iterator[str]:
    if not audit.guarded(connection):
        yield "The access log can be changed by the serving role: run jornada migrate."


def _server_version() -> Iterator[str]:
    if not 150000 <= connection.pg_version < 190000:  # type: ignore[attr-defined]
        yield f"PostgreSQL {connection.pg_version // 10000} is not known to work: use 15 to 18."  # type: ignore[attr-defined]
