"""C1: the disks and every secret of the server, without a person's secret, give nothing dangerous or privileged."""

from __future__ import annotations

import base64
import io
import mmap
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from psycopg.rows import dict_row

from jornada.gateways import secrets
from jornada.vault import crypto, keys
from jornada.vault.classes import SEALED
from jornada.vault.tenancy import as_provider
from tests.conftest import STATE
from tests.people import Canaries, Canary, as_superuser
from tests.security.scene import Scene

# ── On the disks ──────────────────────────────────────────────────────────────────────────────────────────


def _encodings(token: str) -> Iterator[bytes]:
    """A word as it may lie on a disk: UTF-8, UTF-16, hexadecimal, base64 at each of its three offsets."""
    for text in {token, token.capitalize(), token.upper()}:
        plain = text.encode()
        yield plain
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + plain)
            yield coded[4 if offset else 0 : len(coded) // 4 * 4 - 4]


@dataclass
class Search:
    """Looks for canaries in any encoding: first for the few ways in which one may begin, then for the whole word."""

    def __init__(self, canaries: Canaries) -> None:
        self.known: dict[bytes, list[tuple[bytes, Canary]]] = {}
        for token, canary in canaries.by_token.items():
            if token.isdigit() and len(token) < 9:
                continue
            for coded in _encodings(token):
                self.known.setdefault(coded[:5] if not token.isdigit() else coded, []).append((coded, canary))

    def in_bytes(self, data: Any) -> Counter[Canary]:
        """The canaries in these bytes, counted."""
        found: Counter[Canary] = Counter()
        for start, candidates in self.known.items():
            at = data.find(start)
            while at >= 0:
                here = bytes(data[at : at + 120])
                found.update(canary for coded, canary in candidates if here.startswith(coded))
                at = data.find(start, at + 1)
        return found

    def in_files(self, paths: Iterable[Path]) -> tuple[Counter[Canary], int]:
        """The canaries in these files, and how many bytes were searched."""
        found, searched = Counter[Canary](), 0
        for path in paths:
            try:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    if size:
                        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                            found += self.in_bytes(data)
                        searched += size
            except (FileNotFoundError, PermissionError, ValueError):
                continue  # a temporary file that went while we looked
        return found, searched


def _files_of_the_server(scene: Scene) -> tuple[list[Path], list[Path]]:
    """Everything that the database server keeps for this hub, and its write-ahead log among it, after a checkpoint."""
    with as_superuser(scene.database) as superuser:
        superuser.execute("CHECKPOINT")
        (own,) = superuser.execute(
            "SELECT oid FROM pg_database WHERE datname = %s", [scene.database]
        ).fetchone() or (0,)
        (top,) = superuser.execute("SHOW data_directory").fetchone() or ("",)
    data = Path(top)
    others = {path for path in (data / "base").iterdir() if path.name != str(own)}
    files = [path for path in data.rglob("*") if path.is_file() and not others & set(path.parents)]
    return files, [path for path in files if "pg_wal" in path.parts]


def _told(found: Counter[Canary]) -> str:
    return ", ".join(sorted({f"{one.data_class} {one.field} of {one.record}" for one in found})[:8])


def test_the_search_finds_a_word_in_every_encoding_in_which_it_could_lie() -> None:
    canaries = Canaries()
    word = canaries.plant("Ana", "need", "P3", "riverbend")
    number = canaries.digits(9, "Ana", "a_number", "P3", "riverbend")
    search = Search(canaries)

    for said in (word, number):
        for coded in _encodings(said):
            assert search.in_bytes(b"..." + coded + b"...")[canaries.by_token[said.lower()]], coded


def test_the_disks_hold_no_dangerous_word_and_the_search_finds_the_harmless_ones(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    search = Search(scene.canaries)
    files, log = _files_of_the_server(scene)
    found, searched = search.in_files(files)
    state, beside = search.in_files(
        path for path in STATE.rglob("*") if path.is_file() and STATE / "postgres" not in path.parents
    )
    harmful = Counter(
        {one: count for one, count in (found + state).items() if one.data_class in ("P2", "P3", "P4")}
    )

    with capsys.disabled():
        harmless = sum(1 for one in found if one.data_class == "P1")
        print(
            f"\nC1: {(searched + beside) / 1e6:.0f} MB in {len(files)} files ({len(log)} of the write-ahead log):"
            f" {harmless} P1 words found, {len(harmful)} of P2 to P4"
        )
    assert not harmful, _told(harmful)
    assert sum(1 for one in found if one.data_class == "P1") > 20
    assert log


def test_sessions_and_logs_hold_no_dangerous_word_after_pages_that_work_and_pages_that_fail(
    scene: Scene, written_logs: io.StringIO
) -> None:
    search, ana = Search(scene.canaries), scene.files["own_assigned"]
    for role in ("attorney", "paralegal", "student", "legal_supervisor"):
        client = scene.at("riverbend", role).signs_in(reasons=[ana])
        client.raise_request_exception = False
        for page in ("answers", "findings", "packet/1/read", "packet/99/read"):
            client.get(f"/staff/files/{ana}/{page}")
    with patch("jornada.tracking.shown.answers", side_effect=lambda pack, held: 1 / 0):
        assert client.get(f"/staff/files/{ana}/answers").status_code == 500
    with as_superuser(scene.database) as superuser:
        rows = superuser.execute("SELECT session_data FROM django_session").fetchall()
    from django.contrib.sessions.backends.db import SessionStore

    opened = [str(SessionStore().decode(data)).encode() for (data,) in rows]
    assert len(opened) > 3
    found = search.in_bytes(b"\n".join(opened)) + search.in_bytes(written_logs.getvalue().encode())

    assert not {one for one in found if one.data_class in ("P2", "P3", "P4")}


# ── With every secret of the server ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sealed:
    """A sealed column of one row, with everything of the row that may belong to its place."""

    model: type[models.Model]
    field: str
    data_class: str
    row: dict[str, Any]

    def places(self) -> Iterator[crypto.Place]:
        """Every place in which this value could belong, by the names and ids that stand beside it."""
        ids = {str(value) for value in self.row.values() if isinstance(value, UUID)}
        words = {value for value in self.row.values() if isinstance(value, str) and len(value) < 41}
        numbers = {1, *(value for value in self.row.values() if isinstance(value, int) and 0 < value < 1000)}
        sections = {self.row["section"]} if "section" in self.row else set()
        within = {self.field, *(f"{one}/{word}" for one in ids for word in sections)}
        orgs = {
            str(self.row.get(name)) for name in ("provider_id", "application_id", "id") if self.row.get(name)
        }
        for org, row, name, version in product(orgs | {"hub", "coalition"}, ids | words, within, numbers):
            yield crypto.Place(org, self.model._meta.db_table, row, name, version)


def _sealed(scene: Scene) -> Iterator[Sealed]:
    with as_superuser(scene.database) as superuser:
        superuser.row_factory = dict_row  # type: ignore[assignment]
        for model in apps.get_models():
            fields = [one.name for one in model._meta.concrete_fields if one.name.startswith(SEALED)]
            rows = (
                superuser.execute(f"SELECT * FROM {model._meta.db_table} LIMIT 12").fetchall()
                if fields
                else []
            )  # type: ignore[call-overload]
            for row, name in product(rows, fields):
                if row[name] is None:  # nothing is sealed there yet
                    continue
                yield Sealed(model, name, model.data_classes[name], row)  # type: ignore[attr-defined]


def _secrets_of_the_server(scene: Scene) -> dict[str, bytes]:
    """All that the environment, the settings and the database give without a password or a worker's number."""
    known = {name: getattr(settings, name) for name in dir(settings) if name.startswith("JORNADA_")}
    found = {name: value for name, value in known.items() if isinstance(value, bytes)}
    found |= {"django": bytes.fromhex(settings.SECRET_KEY), "secret": secrets.hub_secret()[:32]}
    found |= {f"{name}>factors": crypto.derive(key, "second factors") for name, key in list(found.items())}
    for name, org in scene.orgs.items():
        with as_provider(org.provider.pk):
            for version, key in keys.provider_key(org.provider.pk).by_version.items():
                found[f"{name}:{version}"] = key
    with as_superuser(scene.database) as superuser:
        for (row,) in superuser.execute("SELECT id FROM placement_referralcard").fetchall():
            found[f"between:{row}"] = crypto.derive(
                settings.JORNADA_HUB_KEY, f"between/placement_referralcard/{row}"
            )
        for table in ("vault_teamkey", "vault_memberkey"):
            rows = superuser.execute(f"SELECT public_key FROM {table}").fetchall()  # type: ignore[call-overload]
            found |= {f"{table}{number}": bytes(public) for number, (public,) in enumerate(rows[:4])}
    return found


def _opens(one: Sealed, known: dict[str, bytes]) -> str:
    """The name of a secret that opens the value; empty where none does."""
    data = bytes(one.row[one.field])
    for (name, key), place in product(known.items(), list(one.places())):
        for body in (data, data[2:]) if data[0] == 0 else (data,):
            try:
                opener = crypto.open_sealed if body[:1] == b"\x02" else crypto.unseal
                opener(key, body, place)
            except (crypto.SealBroken, ValueError):
                continue
            return name
    return ""


STRONGER = {"placement.OutsideReferral.sealed_page", "tracking.Payment.sealed_details"}
"""P2 that is sealed more strongly than its class asks: to a link with its PIN, and to the legal team."""


def test_every_secret_of_the_server_opens_personal_data_and_nothing_above(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    known, opened, closed = _secrets_of_the_server(scene), Counter[str](), Counter[str]()
    wrong: set[str] = set()
    stronger = 0
    for one in _sealed(scene):
        by = _opens(one, known)
        stronger += f"{one.model._meta.label}.{one.field}" in STRONGER
        (opened if by else closed)[one.data_class] += 1
        if by and one.data_class in ("P3", "P4"):
            wrong.add(f"{one.model._meta.label}.{one.field} opens with {by}")
    with capsys.disabled():
        print(f"\nC1: {len(known)} server secrets tried; opened {dict(opened)}, stayed closed {dict(closed)}")
    assert not wrong
    assert opened["P2"] > 10
    assert closed["P2"] == stronger, (
        "the search for places must find those of all P2 columns, or it proves nothing"
    )
    assert closed["P3"] > 20
    assert closed["P4"] > 20


def test_a_stored_staff_session_opens_nothing_without_the_cookie(scene: Scene) -> None:
    value, blob = keys.hold(scene.dana.opened)

    assert keys.resume(value, blob) is not None
    for secret in _secrets_of_the_server(scene).values():
        assert keys.resume(base64.urlsafe_b64encode(secret).decode(), blob) is None
