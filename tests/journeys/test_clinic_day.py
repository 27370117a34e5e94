"""A whole clinic day in three windows at once: the lead's board, a station's tablet, the hall.

One worker is late, one does not come, one turns out to need a lawyer for all of it; the tablet loses the network and
comes back; at the end there is a list of whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys import screens, walking
from tests.journeys.conftest import Hub

NEWS = 2_000
"""Milliseconds within which a change shows on every screen."""


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Page]:
    """A tablet, held upright."""
    context = browser.new_context(viewport={"width": 820, "height": 1180}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def second_tablet(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def projector(browser: Browser) -> Iterator[Page]:
    """The hall's screen."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


def test_a_clinic_day_from_the_doors_to_the_list_of_whom_to_call(
    hub: Hub, laptop: Page, tablet: Page, second_tablet: Page, projector: Page
) -> None:
    walking.sign_in(laptop, hub.url, "marta", "/staff/clinic-days")
    laptop.click("text=Monday jornada")
    laptop.click("text=Prepare and run this day")
    day = laptop.url.removesuffix("/setup")
    links = {name: _screen_link(laptop, day, name, kind, station) for name, kind, station in SCREENS}
    for page, name in ((projector, "hall"), (tablet, "door"), (second_tablet, "screening")):
        page.goto(links[name])
        page.click("main form button")

    laptop.goto(f"{day}/setup")
    laptop.click("text=Open the doors")
    for name in ("Marta", "Noor", "Gus", "Hana"):
        laptop.click(f"button:has-text('Came {name}')")
        expect(laptop.locator("tr", has_text=name)).to_contain_text("free")
    expected = tablet.locator("[data-expected]")
    expect(expected).to_have_count(8)
    first, second, *rest = [one.get_attribute("data-expected") for one in expected.all()]

    # checked in, called at the door, and seen in the hall and on the board within two seconds
    _checks_in(tablet, first)
    expect(_column(laptop, "Check-in")).to_contain_text(first, timeout=NEWS)
    _through(tablet, first)
    expect(_column(laptop, "Legal screening")).to_contain_text(first, timeout=NEWS)
    _call(second_tablet, first, "Marta")
    expect(_hall(projector, "Legal screening").locator(".called")).to_contain_text(first, timeout=NEWS)

    # she needs a lawyer for all of it
    card = second_tablet.locator("[data-staff=Marta]")
    card.locator("summary").click()
    card.locator("[data-note=complex] select").select_option("danger_sign")
    card.locator("[data-note=complex] button").click()
    expect(laptop.locator("section.panel", has_text="Out")).to_contain_text(
        f"{first} full scope", timeout=NEWS
    )

    # the tablet at the door loses the network; work goes on there, and nothing is lost
    tablet.context.set_offline(True)
    _checks_in(tablet, second)
    expect(tablet.locator("#network")).to_be_visible()
    _call(tablet, second, "Gus")
    expect(tablet.locator("[data-staff=Gus] [data-busy]")).to_contain_text(second)
    tablet.locator("[data-staff=Gus] [data-note=finished] button").click()
    expect(tablet.locator("#network [data-queued]")).to_have_text("3")
    expect(laptop.locator("tr", has_text="Gus")).to_contain_text("free")
    assert second in laptop.inner_text("section.panel:has(h2:text-is('Still expected'))")

    tablet.context.set_offline(False)
    expect(tablet.locator("#network")).to_be_hidden()
    expect(_column(laptop, "Legal screening")).to_contain_text(second)

    # one is late: the board says so and gives a new time when she comes
    laptop.goto(f"{day}/setup")
    laptop.fill("#id_at", "10:20")
    laptop.click("text=Set the clock")
    laptop.goto(f"{day}/board")
    row = _row(laptop.locator("section.panel", has_text="Still expected"), rest[0])
    expect(row).to_contain_text(re.compile(r"\d+ min"))
    _checks_in(tablet, rest[0])
    expect(_column(laptop, "Check-in")).to_contain_text(rest[0], timeout=NEWS)

    # an incident: every screen goes blank, and only the lead brings them back
    second_tablet.click(".blank-all button")
    expect(projector.locator("main")).to_contain_text("Please wait a moment.", timeout=NEWS)
    expect(projector.locator("main")).not_to_contain_text(second)
    laptop.reload()
    laptop.click("text=Bring the screens back")
    expect(_hall(projector, "Check-in")).to_be_visible(timeout=NEWS)
    expect(second_tablet.locator("[data-staff=Noor]")).to_be_visible(timeout=NEWS)

    # the lead notes that somebody left; a tablet that was cut off has called her: both notes stay, the lead settles it
    _through(tablet, rest[0])
    second_tablet.context.set_offline(True)
    _lead_notes(laptop, second, "left")
    _call(second_tablet, second, "Noor")
    second_tablet.context.set_offline(False)
    conflict = laptop.locator(".conflict", has_text=second)
    expect(conflict).to_contain_text("Called after leaving")
    for page in (laptop, second_tablet, projector):
        _nobody_finds_a_barrier(page, hub)
    conflict.locator("button", has_text="· Called ·").click()
    expect(laptop.locator(".conflict")).to_have_count(0)
    expect(_column(laptop, "Legal screening").locator(".slip--served")).to_contain_text(second)
    second_tablet.locator("[data-staff=Noor] [data-note=finished] button").click()
    expect(_column(laptop, "Advice")).to_contain_text(second, timeout=NEWS)

    # closed: who did not come, who still lacks what, who goes on in full scope
    for number in (second, rest[0]):
        _lead_notes(laptop, number, "left")
    laptop.goto(f"{day}/after")
    laptop.click("text=Close the day")
    expect(laptop.locator("[role=status]")).to_contain_text("The day is closed.")
    calls = laptop.locator("section.panel", has_text="Whom to call")
    for missed in rest[1:]:
        expect(_row(calls, missed)).to_contain_text("did not come")
    legal = laptop.locator("section.panel", has_text="For the legal team")
    expect(_row(legal, first)).to_contain_text("A danger sign")
    expect(projector.locator("main")).to_contain_text("This link is of no use any more.", timeout=30_000)


SCREENS = (("hall", "hall", ""), ("door", "station", "check_in"), ("screening", "station", "screening"))


def _screen_link(lead: Page, day: str, name: str, kind: str, station: str) -> str:
    lead.goto(f"{day}/screens")
    lead.fill("[name=name]", name)
    lead.select_option("[name=kind]", kind)
    if station:
        lead.select_option("[name=station]", station)
    lead.click("text=Make its link")
    return lead.inner_text(".link-on-paper").strip()


def _lead_notes(lead: Page, number: str, what: str) -> None:
    lead.fill("#note-worker", number)
    lead.select_option("#note-act", what)
    lead.click("text=Note it")
    expect(lead.locator("#note-worker")).to_have_value("")


def _checks_in(tablet: Page, number: str) -> None:
    tablet.locator(f"[data-expected='{number}'] button").click()
    expect(tablet.locator(f"[data-expected='{number}']")).to_have_count(0)


def _call(tablet: Page, number: str, staff: str) -> None:
    card = tablet.locator(f"[data-staff={staff}]")
    expect(card.locator("[data-note=called] [data-number]")).to_have_text(number)
    card.locator("[data-note=called] button").click()
    expect(card.locator("[data-busy] [data-number]")).to_have_text(number)


def _through(tablet: Page, number: str, staff: str = "Gus") -> None:
    _call(tablet, number, staff)
    tablet.locator(f"[data-staff={staff}] [data-note=finished] button").click()
    expect(tablet.locator(f"[data-staff={staff}] [data-busy]")).to_be_hidden()


def _nobody_finds_a_barrier(page: Page, hub: Hub) -> None:
    seen, look = screens.looking(page, hub)
    look(page.title())
    assert seen.barriers == []


def _row(panel: Locator, number: str) -> Locator:
    return panel.locator("tr", has=panel.page.locator(f"th:text-is('{number}')"))


def _column(board: Page, name: str) -> Locator:
    return board.locator(f"section.station[aria-label='{name}']")


def _hall(hall: Page, name: str) -> Locator:
    return hall.locator(f"section.hall-station[aria-label='{name}']")
