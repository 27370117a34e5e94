"""A real hub for journeys: its own database, the sample coalition, the real server, a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from psycopg import sql

from jornada.gateways import database

if TYPE_CHECKING:
    from tests.journeys.screens import Seen

BLANK_FORMS = Path(os.environ.get("JORNADA_BLANK_FORMS") or database.PROJECT.parent / "shared" / "forms")
"""Official blanks are no part of the program; without them a packet holds answer sheets instead."""
STARTS_WITHIN = 120.0
expect.set_options(timeout=20_000)  # two busy cores
DAY = "2026-11-23"
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass
class Hub:
    """A running hub: its address, its day and its database."""

    url: str
    day: str
    environment: dict[str, str]
    log: Path = Path(os.devnull)
    process: subprocess.Popen[bytes] | None = None

    def address(self, path: str) -> str:
        return self.url + path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def start(self) -> None:
        """As `jornada demo` serves it; again, where it was killed."""
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jornada.web.cli", "demo", "--port", str(self.port)],
                env=self.environment, stdout=out, stderr=subprocess.STDOUT, cwd=database.PROJECT,
                start_new_session=True,
            )  # fmt: skip
        _wait_until_ready(f"http://127.0.0.1:{self.port}/readyz", self.process, self.log)

    def kill(self) -> None:
        """At once, with no chance to finish anything: all processes of this hub, and of nothing else."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own_database(name: str) -> dict[str, str]:
    superuser = os.environ["JORNADA_TEST_SUPERUSER"]
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE jornada_template OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(database.OWNER_ROLE)
            )
        )
    host = database.host_of(superuser)
    return {
        "DATABASE_URL": f"postgresql://{database.SERVING_ROLE}@/{name}?host={host}",
        "DATABASE_OWNER_URL": f"postgresql://{database.OWNER_ROLE}@/{name}?host={host}",
    }


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The sample coalition on the day of the tests, served as `jornada demo` serves it."""
    if running := os.environ.get("JORNADA_TEST_HUB"):  # one that a developer started for the purpose
        yield Hub(running, DAY, {})
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    port = _free_port()
    environment = {
        **os.environ,
        **_own_database(f"jornada_journey_{worker}"),
        "JORNADA_DAY": DAY,
        "JORNADA_FORMS": str(tmp_path_factory.mktemp("forms")),
        "JORNADA_SAMPLE_FORMS": str(BLANK_FORMS),
        "JORNADA_PUBLIC_URL": f"http://localhost:{port}",
    }
    started = Hub(f"http://localhost:{port}", DAY, environment, tmp_path_factory.mktemp("hub") / "log")
    try:
        started.start()
        yield started
    finally:
        if started.process is not None and started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGTERM)
            started.process.wait(20)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the hub did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's own Chromium; the browser tests need it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("Chromium is missing: install it (Debian: apt-get install chromium)")
    running = playwright.chromium.launch(executable_path=path, args=QUIET)
    yield running
    running.close()


@pytest.fixture
def library(hub: Hub) -> Iterator[Hub]:
    """The same hub as people reach it from another address of the network."""
    listening = socket.create_server(("127.0.0.1", 0))
    Thread(target=_pass_on, args=(listening, hub.port), daemon=True).start()
    yield replace(hub, url=f"http://localhost:{listening.getsockname()[1]}")
    listening.close()


def _pass_on(listening: socket.socket, port: int) -> None:
    """Carry connections to the hub, which sees them come from 127.0.0.77."""
    with suppress(OSError):
        while True:
            here, _ = listening.accept()
            there = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.77", 0))
            for source, target in ((here, there), (there, here)):
                Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def join_link(hub: Hub, browser: Browser) -> str:
    """The short link of the sample's cohort, as its organiser reads it on the screen."""
    from tests.journeys import (
        walking,  # reads the sample, which needs Django's apps: not while this file loads
    )

    context = browser.new_context()
    page = context.new_page()
    walking.sign_in(page, hub.url, "olga", "/staff/disputes/")
    page.click("text=line workers")
    link = page.inner_text(".link-on-paper").strip()
    context.close()
    return link[link.index("/j/") :]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A small cheap phone without JavaScript."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    yield from _page(context)


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield from _page(context)


@pytest.fixture(scope="session")
def seen(hub: Hub, browser: Browser) -> dict[str, Seen]:
    """Every distinct page, looked at once: a worker's in each language on a small screen, staff's on a laptop."""
    from tests.journeys import (
        screens,  # reads the sample, which needs Django's apps: not while this file loads
    )

    walks = {
        "a worker, en": (360, lambda page, look: screens.of_a_worker(page, hub, "en", look)),
        "a worker, es": (360, lambda page, look: screens.of_a_worker(page, hub, "es", look)),
        "an advocate": (1280, lambda page, look: screens.of_a_legal_team(page, hub, "rosa", look)),
        "an organiser": (1280, lambda page, look: screens.of_an_organiser(page, hub, "vera", look)),
    }
    found = {}
    for who, (width, walk) in walks.items():
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        found[who], look = screens.looking(page, hub)
        walk(page, look)
        context.close()
    return found


@pytest.fixture
def second_laptop(browser: Browser) -> Iterator[Page]:
    yield from _page(browser.new_context(viewport={"width": 1280, "height": 800}))


def _page(context: BrowserContext) -> Iterator[Page]:
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
