"""How fast one step of the interview is, with everything on, over real HTTP on a real server.

    python -m benchmarks.interview [--json] [--seconds 4] [--processes 2] [--connections 4]

A step is what a worker does once: the form is sent (session opened, answers
unsealed, the answer validated and sealed, saved with its event in the access log
in one statement and one commit, the next question worked out), then the page of
the next question is fetched. The server is Granian with the hub's own middleware
on an embedded PostgreSQL that waits for the disk; the load comes from another
process on the same machine. Peers in the same run, on the same server and
database: a plain Django step (session row, form, row written, page rendered), and
the same with a redirect. Synthetic packs of 20 and 180 questions show the growth.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import interview_site

SECTIONS = ("contact", "work", "identity", "immigration_history", "family", "money", "statement", "help")
DAY = "2026-11-23"
BAR_P50, BAR_RATE, BAR_GROWTH = 5.0, 400.0, 1.5


# ── Synthetic packs ───────────────────────────────────────────────────────────────────────────────────────


def write_pack(folder: Path, questions: int) -> str:
    """A pack of that many yes-or-no questions, each needed by a finding of its own; its name."""
    name = f"synthetic-{questions}"
    there = folder / name
    (there / "wording").mkdir(parents=True)
    numbers = range(1, questions + 1)
    files = {
        "pack.yaml": {
            "name": name,
            "title": "Synthetic",
            "jurisdiction": "none",
            "owner": "benchmark",
            "languages": ["en"],
            "sources": {"made": {"title": "Made up for measuring"}},
        },
        "facts.yaml": {
            "facts": {
                f"fact_{n}": {"kind": "yes_no", "section": SECTIONS[n % len(SECTIONS)], "class": "P3"}
                for n in numbers
            }
        },
        "interview.yaml": {
            "questions": [{"id": f"S{n}", "asks": [f"fact_{n}"], "stage": "screening"} for n in numbers]
        },
        "findings.yaml": {
            "findings": [
                {
                    "finding": f"finding_{n}",
                    "kind": "complication",
                    "question": f"S{n}",
                    "level": "ATTY",
                    "when": {"fact": f"fact_{n}", "is": "yes"},
                    "reason": "because",
                    "sources": [{"source": "made", "sure": "D"}],
                }
                for n in numbers
            ]
        },
        "triage.yaml": {
            "levels": ["OK", "ATTY", "COMPLEX"],
            "tracks": [
                {
                    "when": {"always": True},
                    "track": "clinic",
                    "level_of_service": "limited_action",
                    "reason": "because",
                    "delivery": "S2",
                }
            ],
        },
        "wording/en.yaml": {
            "questions": {
                f"S{n}": {
                    "ask": f"Did thing number {n} happen to you at work?",
                    "why": "We ask so that a lawyer can look at it.",
                }
                for n in numbers
            },
            "sections": dict.fromkeys(SECTIONS, "A part"),
            "reasons": {"because": "So it is."},
            "tracks": {"clinic": "A help day"},
            "levels": {"OK": "ok", "ATTY": "atty", "COMPLEX": "complex"},
        },
    }
    for file, content in files.items():
        (there / file).write_text(json.dumps(content, indent=1))
    return name


# ── The load ──────────────────────────────────────────────────────────────────────────────────────────────


class Connection:
    """One kept-alive HTTP connection with cookies: as little work of its own as it can do."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cookies = dict(cookies or {})
        self.rest = b""

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, bytes]:
        """Status, where it redirects to, and the page."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n"
        if body:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + body)
        return self._answer()

    def _answer(self) -> tuple[int, str, bytes]:
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        lines = data[:end].decode("latin-1").split("\r\n")
        length, where, chunked = 0, "", False
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "content-length":
                length = int(value)
            elif name == "location":
                where = value
            elif name == "set-cookie":
                key, _, held = value.partition(";")[0].partition("=")
                self.cookies[key] = held
            elif name == "transfer-encoding":
                chunked = value == "chunked"
        if chunked:
            return int(lines[0].split(" ")[1]), where, self._chunks(data[end + 4 :])
        body = data[end + 4 :]
        while len(body) < length:
            body += self._more()
        self.rest = body[length:]
        return int(lines[0].split(" ")[1]), where, body[:length]

    def _chunks(self, data: bytes) -> bytes:
        body = b""
        while True:
            while (end := data.find(b"\r\n")) < 0:
                data += self._more()
            length = int(data[:end], 16)
            while len(data) < end + 2 + length + 2:
                data += self._more()
            body += data[end + 2 : end + 2 + length]
            data = data[end + 2 + length + 2 :]
            if length == 0:
                self.rest = data
                return body

    def _more(self) -> bytes:
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("the server closed the connection")
        return got


def interview_steps(
    port: int, cookies: Mapping[str, str], ends: float, took: list[tuple[int, float]]
) -> None:
    """Steps through applications one after the other until the time is over; (question, seconds) of each."""
    for token in cookies["way"].split():
        connection = Connection(port, {"way": token})
        _, where, _ = connection.ask("GET", "/en/q/")
        connection.ask("GET", where)
        number = 0
        while "/q/" in where:
            if time.perf_counter() > ends:
                return
            body = (
                f"csrfmiddlewaretoken={connection.cookies['form']}&act=save&fact_{where.rsplit('S', 1)[1]}=no"
            )
            started = time.perf_counter()
            status, where, _ = connection.ask("POST", where, body.encode())
            if status != 302:
                raise RuntimeError(f"a step answered {status}")
            status, _, page = connection.ask("GET", where)
            took.append((number, time.perf_counter() - started))
            if "/q/" in where and (status != 200 or b"Did thing number" not in page):
                raise RuntimeError(f"the page of {where} answered {status}")
            number += 1
    raise RuntimeError("the applications made for this run were used up: make more")


def plain_steps(
    path: str, redirects: bool
) -> Callable[[int, Mapping[str, str], float, list[tuple[int, float]]], None]:
    def steps(port: int, cookies: Mapping[str, str], ends: float, took: list[tuple[int, float]]) -> None:
        connection = Connection(port)
        status, _, page = connection.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}: {page[:200]!r}")
        number = 0
        while time.perf_counter() < ends:
            body = f"csrfmiddlewaretoken={connection.cookies['form']}&answer=no"
            started = time.perf_counter()
            status, where, _ = connection.ask("POST", path, body.encode())
            if redirects:
                status, _, _ = connection.ask("GET", where)
            took.append((number, time.perf_counter() - started))
            if status != 200:
                raise RuntimeError(f"the plain step answered {status}")
            number += 1

    return steps


KINDS: dict[str, Callable[[int, Mapping[str, str], float, list[tuple[int, float]]], None]] = {
    "interview": interview_steps,
    "plain": plain_steps("/plain", redirects=False),
    "plain, redirected": plain_steps("/plain-redirect", redirects=True),
}


def _load(kind: str, port: int, tokens: list[str], seconds: float, out: Any) -> None:
    """The load's process: one thread a connection."""
    took: list[list[tuple[int, float]]] = [[] for _ in tokens]
    failed: list[str] = []
    ends = time.perf_counter() + seconds

    def work(place: int, token: str) -> None:
        try:
            KINDS[kind](port, {"way": token}, ends, took[place])
        except Exception as failure:
            failed.append(repr(failure))

    threads = [threading.Thread(target=work, args=one) for one in enumerate(tokens)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(([one for each in took for one in each], time.perf_counter() - started, failed))


@dataclass(frozen=True)
class Measured:
    """Steps a second, and the spread of one step's time in milliseconds."""

    steps: int
    rate: float
    p50: float
    p95: float
    early: float
    late: float

    def shown(self) -> dict[str, float]:
        return {name: round(value, 3) for name, value in vars(self).items()}


def measure(kind: str, port: int, tokens: list[str], seconds: float, questions: int = 0) -> Measured:
    """One kind of step under load: from a process of its own, after a short run that does not count."""
    queue: Any = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(
        target=_load, args=(kind, port, tokens, seconds, queue)
    )
    process.start()
    took, lasted, failed = queue.get(timeout=seconds + 60)
    process.join()
    if failed:
        raise SystemExit(f"{kind}: {failed[0]}")
    times = sorted(1000 * one for _, one in took)
    early = [1000 * one for number, one in took if number < max(questions // 6, 1)]
    late = [1000 * one for number, one in took if number >= questions - max(questions // 6, 1)]
    middle = statistics.median(times)
    return Measured(
        len(times),
        len(times) / lasted,
        middle,
        times[int(len(times) * 0.95)],
        statistics.median(early) if early and questions else middle,
        statistics.median(late) if late and questions else middle,
    )


# ── The hub ───────────────────────────────────────────────────────────────────────────────────────────────


def start_hub(state: Path) -> None:
    """The database with its tables, in this process's environment."""
    os.environ["JORNADA_STATE"] = str(state)
    os.environ["JORNADA_SECRET"] = "synthetic-secret-of-the-benchmark-which-opens-nothing-real-01234567"
    os.environ["JORNADA_DAY"] = DAY
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.interview_settings"
    from jornada.gateways import database

    database.ensure("jornada_benchmark")
    interview_site.install()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    with connections["owner"].cursor() as cursor:
        cursor.execute(interview_site.TABLE)
        cursor.execute(interview_site.GRANT)
    connections.close_all()


def applications(pack: str, count: int) -> list[str]:
    """Cookies of that many new applications, as the start page would set them."""
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta

    from jornada.intake import services, visits
    from jornada.vault import worker

    tokens = []
    expires = datetime.now(UTC) + timedelta(hours=1)
    for _ in range(count):
        session = services.start(pack=pack, language="en", on=date.fromisoformat(DAY), expires_at=expires)
        visit = visits.Visit(numbered=True, begun=visits.begun_now())
        tokens.append(worker.worker_token(replace(session, bits=visits.packed(visit))))
    return tokens


def serve(port: int, processes: int, log: Path) -> subprocess.Popen[bytes]:
    """The real server, with the hub's own middleware."""
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        str(processes),
        "--blocking-threads",
        "1",
        "--runtime-mode",
        "st",
        "--no-ws",
        "--log-level",
        "error",
        "benchmarks.interview_site:application",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    for _ in range(150):
        try:
            status, _, _ = Connection(port).ask("GET", "/en/")
            if status == 200:
                return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text()[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> dict[str, Any]:
    model = (
        re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        if Path("/proc/cpuinfo").exists()
        else None
    )
    return {
        "cores": os.cpu_count(),
        "processor": model[1] if model else platform.processor(),
        "python": platform.python_version(),
    }


def run(seconds: float, processes: int, connections: int) -> dict[str, Any]:
    """Every measurement of one run."""
    with tempfile.TemporaryDirectory(prefix="jornada-benchmark-") as folder:
        packs = Path(folder) / "rulepacks"
        names = {count: write_pack(packs, count) for count in (20, 180)}
        os.environ["JORNADA_RULEPACKS"] = str(packs)
        start_hub(Path(folder) / "state")
        port = free_port()
        server = serve(port, processes, Path(folder) / "server.log")
        try:
            return _measurements(names, port, seconds, connections)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


def _measurements(names: Mapping[int, str], port: int, seconds: float, connections: int) -> dict[str, Any]:
    def lots(count: int, many: int) -> list[str]:
        """For each connection the cookies of as many applications as it could use up."""
        each = int(seconds * 1500 / count / many) + 2
        return [" ".join(applications(names[count], each)) for _ in range(many)]

    results: dict[str, Any] = {}
    # warm-up: statements, caches and every question's page in every process, as in a hub that has run for a while
    measure("plain", port, lots(20, connections), 1.0)
    for count in (20, 180):
        measure("interview", port, lots(count, connections), seconds)
    for count in (20, 180):
        results[f"interview {count}, one worker"] = measure(
            "interview", port, lots(count, 1), seconds, count
        ).shown()
        results[f"interview {count}, {connections} workers"] = measure(
            "interview", port, lots(count, connections), seconds, count
        ).shown()
    for kind in ("plain", "plain, redirected"):
        results[f"{kind}, one worker"] = measure(kind, port, [""], seconds).shown()
        results[f"{kind}, {connections} workers"] = measure(kind, port, [""] * connections, seconds).shown()
    return results


def report(results: Mapping[str, Any], connections: int) -> list[dict[str, Any]]:
    """The targets of the issue and what was reached."""
    alone, crowd = results["interview 180, one worker"], results[f"interview 180, {connections} workers"]
    growth = alone["late"] / alone["early"]
    peer = crowd["rate"] / results[f"plain, redirected, {connections} workers"]["rate"]
    targets = [
        ("interview step p50", BAR_P50, alone["p50"], "ms", alone["p50"] <= BAR_P50),
        (
            "interview steps a second on 2 cores",
            BAR_RATE,
            crowd["rate"],
            "steps/s",
            crowd["rate"] >= BAR_RATE,
        ),
        ("last sixth of 180 questions against the first", BAR_GROWTH, growth, "times", growth <= BAR_GROWTH),
        ("steps a second against a plain Django step with redirect", 1.0, peer, "times", peer >= 1.0),
    ]
    return [
        {"name": name, "bar": bar, "reached": round(reached, 3), "unit": unit, "met": met}
        for name, bar, reached, unit, met in targets
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--connections", type=int, default=4)
    given = parser.parse_args()
    results = run(given.seconds, given.processes, given.connections)
    targets = report(results, given.connections)
    print(f"{'':44} {'steps/s':>9} {'p50 ms':>8} {'p95 ms':>8} {'early':>7} {'late':>7}")
    for name, one in results.items():
        print(
            f"{name:44} {one['rate']:9.0f} {one['p50']:8.2f} {one['p95']:8.2f}"
            f" {one['early']:7.2f} {one['late']:7.2f}"
        )
    for one in targets:
        print(
            f"{'met ' if one['met'] else 'NOT MET'} {one['name']}: {one['reached']} {one['unit']}"
            f" (bar {one['bar']})"
        )
    if given.json:
        sizes = {
            "questions": [20, 180],
            "processes": given.processes,
            "connections": given.connections,
            "seconds": given.seconds,
        }
        print(json.dumps({"machine": machine(), "sizes": sizes, "results": results, "targets": targets}))


if __name__ == "__main__":
    main()
