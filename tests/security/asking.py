"""Ask the hub a cell of the permission matrix, and say in the matrix's words what it answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookies import SimpleCookie
from typing import Any

import psycopg
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from psycopg import sql

from jornada.web import authorisation
from jornada.web.authorisation import Cell
from tests.people import Canary, as_superuser
from tests.security.scene import Scene, arguments

DOORS = {
    "/accounts/login/": "login",
    "/accounts/reauthenticate/": "ask",
    "/accounts/2fa/reauthenticate/": "ask",
    "/en/closed": "closed",
}
ASKS_WHY = re.compile(r"/staff/files/[0-9a-f-]{36}/open$")
NOT_COUNTED = frozenset({"vault_accessevent", "vault_chainhead", "django_session", "django_migrations"})
"""The access log, which refusals add to; and sessions, which note when they were last used."""


@dataclass
class Hub:
    """The hub as the test asks it: a browser for each actor and for each lack."""

    scene: Scene
    clients: dict[tuple[str, str], tuple[Client, dict[str, str]]] = field(default_factory=dict)

    def ask(self, cell: Cell) -> HttpResponse:
        """The answer to one cell. What an allowed act writes is undone, so that the next actor finds all as it was."""
        client, cookies = self.browser(cell)
        client.cookies = SimpleCookie(cookies)
        cache.clear()  # throttles are tested by themselves
        with undone() if cell.outcome == "allow" else nullcontext():
            return client.generic(
                cell.method, self.address(cell), content_type="application/x-www-form-urlencoded"
            )

    def address(self, cell: Cell) -> str:
        """The cell's address, naming records that stand in the cell's relation."""
        return address(cell.route, arguments(self.scene, cell.relation))

    def browser(self, cell: Cell) -> tuple[Client, dict[str, str]]:
        """The browser of the cell's asker, with the cookies that it had at first."""
        asker = "other worker" if cell.actor == "worker" and cell.relation == "other" else cell.actor
        key = (asker, cell.lacks)
        if key not in self.clients:
            client = self._signed_in(asker, cell.lacks)
            client.raise_request_exception = False
            self.clients[key] = (client, {name: morsel.value for name, morsel in client.cookies.items()})
        return self.clients[key]

    def _signed_in(self, asker: str, lacks: str) -> Client:
        if asker == "anonymous":
            return Client()
        if asker in ("worker", "other worker"):
            return self.scene.workers["Ana" if asker == "worker" else "Bashir"].has_it_open(fresh=True)
        org = self.scene.orgs["riverbend"]
        person = org.newcomers[asker] if lacks == "team" else org.by_role[asker]
        reasons = () if lacks == "reason" else self.scene.files.values()
        return person.signs_in(
            fresh=True, keys_open=lacks != "keys", stepped_up=lacks != "proof", reasons=reasons
        )


def address(route: str, known: Mapping[str, Any]) -> str:
    """The route's address with the arguments that it takes."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", _patterns()[route])
    of_route = {
        "intake:entry": {"question_id": "Q02"},
        "packets_worker:question": {"correction": known["to_her"]},
    }
    said = {**known, **of_route.get(route, {})}
    return reverse(route, kwargs={name: said[name] for name in names})


@lru_cache(maxsize=1)
def _patterns() -> dict[str, str]:
    return {one.name: one.pattern for one in authorisation.addresses()}


def verdict(cell: Cell, response: HttpResponse) -> str:
    """What the hub answered, in the matrix's words."""
    status = response.status_code
    by_status = {404: "absent", 405: "not_allowed", 403: "refused"}
    if status in by_status:
        return by_status[status]
    if status in (301, 302, 303):
        where = response.headers["Location"].partition("?")[0]
        if ASKS_WHY.search(where):
            return "ask"
        done = cell.method in ("POST", "PUT") and cell.outcome == "allow"
        return DOORS.get(where, "allow" if done else "away")
    return "allow" if status < 300 or status in (400, 409, 422) else f"error {status}"


def fits(cell: Cell, answered: str) -> bool:
    """Whether the answer is the stated one. A method that is not there may be stopped by a door before that."""
    if answered == cell.outcome:
        return True
    if cell.outcome == "not_allowed":
        return answered in ("absent", "login", "closed", "ask", "refused", "away")
    return False


def shown(response: HttpResponse, scene: Scene) -> set[Canary]:
    """The canaries in the answer's body and headers; those of a PDF in its text."""
    body = response.getvalue() if response.streaming else response.content
    if body and response.headers.get("Content-Type") == "application/pdf":
        body = pdf_text(body)
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output()
    return scene.canaries.found(body + headers.encode() + cookies.encode())


def pdf_text(data: bytes) -> bytes:
    """The text of a PDF, page by page, without line ends, so that a word broken by the margin is found."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "").encode()


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is rolled back, so that an allowed act can be tried again by the next actor."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


class Records:
    """What every table holds, row by row and version by version: a change of any row shows."""

    def __init__(self, database: str) -> None:
        self.connection: psycopg.Connection[Any] = as_superuser(database)
        tables = self.connection.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        ).fetchall()
        parts = [
            sql.SQL(
                "SELECT {}, count(*), coalesce(sum(hashtext(xmin::text || ctid::text)::bigint), 0) FROM {}"
            ).format(sql.Literal(name), sql.Identifier(name))
            for (name,) in sorted(tables)
            if name not in NOT_COUNTED
        ]
        self.query = sql.SQL(" UNION ALL ").join(parts)
        self.count = len(parts)

    def now(self) -> dict[str, tuple[int, int]]:
        """Rows of each table, with a sum over their versions."""
        return {name: (rows, versions) for name, rows, versions in self.connection.execute(self.query)}

    def close(self) -> None:
        self.connection.close()
