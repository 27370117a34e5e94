"""How much a page weighs on a slow line, with all that it loads: before compression, with nothing kept from before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys import screens
from tests.journeys.conftest import Hub

WORKER = 60 * 1024
STAFF_FIRST_LOAD = 150 * 1024


def _weigh(page: Page) -> tuple[Callable[[str], None], dict[str, int]]:
    """Bytes by page, before compression: the page itself and the styles and scripts that it names."""
    files: dict[str, int] = {}
    weights: dict[str, int] = {}

    def look(name: str) -> None:
        named = page.eval_on_selector_all(
            "link[rel=stylesheet], script[src]", "all => all.map(one => one.href || one.src)"
        )
        for address in set(named) - set(files):
            files[address] = len(page.request.get(address).body())
        weights[name] = len(page.content().encode()) + sum(files[one] for one in named)

    return look, weights


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_a_worker_weighs_at_most_60_kb_with_its_styles(hub: Hub, phone: Page, language: str) -> None:
    look, weights = _weigh(phone)
    screens.of_a_worker(phone, hub, language, look)
    heavy = {name: weight for name, weight in weights.items() if weight > WORKER}
    assert not heavy and len(weights) > 25
    assert min(weights.values()) > 15_000, "the styles were not counted"


def test_the_first_page_an_advocate_loads_weighs_at_most_150_kb(hub: Hub, laptop: Page) -> None:
    look, weights = _weigh(laptop)
    screens.of_a_legal_team(laptop, hub, "pilar", look)
    assert weights["sign-in"] <= STAFF_FIRST_LOAD
    assert max(weights.values()) <= STAFF_FIRST_LOAD
