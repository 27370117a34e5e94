"""Background jobs run as the serving role, from the same PostgreSQL, by a worker of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from jornada.gateways import database


@pytest.mark.django_db(transaction=True)
def test_a_worker_forgets_what_waits_to_be_forgotten_and_stops() -> None:
    """A job that waits is taken up by `jornada worker --once` and ends well."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', %s, 0, NULL, NULL, '{\"timestamp\": 0}', NULL)"
            "::procrastinate_job_to_defer_v1])",
            ["jornada.intake.tasks.forget_unshared"],
        ).fetchone()
        assert row is not None
        done = subprocess.run(
            [sys.executable, "-m", "jornada.web.cli", "worker", "--once"],
            capture_output=True, text=True, timeout=60, cwd=database.PROJECT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        found = connection.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name LIKE '%forget_unshared'"
        )
        # near the full hour the worker also takes up the same job from its timetable
        assert {status for (status,) in found.fetchall()} == {"succeeded"}
        connection.execute("DELETE FROM procrastinate_jobs")
