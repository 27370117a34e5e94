"""How much a page weighs on a slow line, with all that it names, before compression."""

from __future__ import annotations

import pytest

from tests.journeys.screens import Seen

WORKER = 60 * 1024
STAFF = 150 * 1024


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_a_worker_weighs_at_most_60_kb(seen: dict[str, Seen], language: str) -> None:
    weights = seen[f"a worker, {language}"].weights
    assert {name: weight for name, weight in weights.items() if weight > WORKER} == {}
    assert min(weights.values()) > 20_000, "the styles were not counted"


@pytest.mark.parametrize("who", ["an advocate", "an organiser"])
def test_every_page_of_staff_weighs_at_most_150_kb(seen: dict[str, Seen], who: str) -> None:
    weights = seen[who].weights
    assert {name: weight for name, weight in weights.items() if weight > STAFF} == {}
    assert min(weights.values()) > 20_000, "the styles were not counted"
