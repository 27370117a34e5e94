"""A whole clinic day in three windows at once: the lead's board, a station's tablet, the hall.

One worker is late, one does not come, one turns out to need a lawyer for all of it; the tablet loses the network and
comes back; at the end there is a list of whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass
class Day:
    """The windows of one clinic day, all open at once."""

    hub: Hub
    lead: Page
    door: Page
    screening: Page
    hall: Page
    at: str = ""

    def column(self, name: str) -> Locator:
        """A station's column on the lead's board."""
        return self.lead.locator(f"section.station[aria-label='{name}']")

    def called(self, name: str) -> Locator:
        """A station's part of the hall's screen."""
        return self.hall.locator(f"section.hall-station[aria-label='{name}']")

    def goes_offline(self, tablet: Page) -> None:
        tablet.context.set_offline(True)

    def comes_back(self, tablet: Page) -> None:
        tablet.context.set_offline(False)
        expect(tablet.locator("#network")).to_be_hidden()


@pytest.fixture
def day(hub: Hub, laptop: Page, tablet: Page, second_tablet: Page, projector: Page) -> Day:
    return Day(hub, laptop, tablet, second_tablet, projector)


def test_a_clinic_day_from_the_doors_to_the_list_of_whom_to_call(day: Day) -> None:
    first, second, third, *missed = _doors_open(day)
    _a_worker_is_seen_on_every_screen_and_turns_out_complex(day, first)
    _the_tablet_at_the_door_loses_the_network(day, second)
    _one_is_late(day, third)
    _every_screen_goes_blank(day)
    _notes_that_contradict_each_other_are_settled(day, second, third)
    _the_day_is_closed(day, first, second, third, missed)


def _doors_open(day: Day) -> list[str]:
    """Screens opened by their links, doors by the lead; the numbers that are expected."""
    walking.sign_in(day.lead, day.hub.url, "marta", "/staff/clinic-days")
    day.lead.click("text=Monday jornada")
    day.lead.click("text=Prepare and run this day")
    day.at = day.lead.url.removesuffix("/setup")
    links = {name: _screen_link(day.lead, day.at, name, kind, station) for name, kind, station in SCREENS}
    for page, name in ((day.hall, "hall"), (day.door, "door"), (day.screening, "screening")):
        page.goto(links[name])
        page.click("main form button")
    day.lead.goto(f"{day.at}/setup")
    day.lead.click("text=Open the doors")
    for name in ("Marta", "Noor", "Gus", "Hana"):
        day.lead.click(f"button:has-text('Came {name}')")
        expect(day.lead.locator("tr", has_text=name)).to_contain_text("free")
    expected = day.door.locator("[data-expected]")
    expect(expected).to_have_count(8)
    return [str(one.get_attribute("data-expected")) for one in expected.all()]


def _a_worker_is_seen_on_every_screen_and_turns_out_complex(day: Day, number: str) -> None:
    _checks_in(day.door, number)
    expect(day.column("Check-in")).to_contain_text(number, timeout=NEWS)
    _through(day.door, number)
    expect(day.column("Legal screening")).to_contain_text(number, timeout=NEWS)
    _call(day.screening, number, "Marta")
    expect(day.called("Legal screening").locator(".called")).to_contain_text(number, timeout=NEWS)
    card = day.screening.locator("[data-staff=Marta]")
    card.locator("summary").click()
    card.locator("[data-note=complex] select").select_option("danger_sign")
    card.locator("[data-note=complex] button").click()
    out = day.lead.locator("section.panel", has_text="Out")
    expect(out).to_contain_text(f"{number} full scope", timeout=NEWS)


def _the_tablet_at_the_door_loses_the_network(day: Day, number: str) -> None:
    day.goes_offline(day.door)
    _checks_in(day.door, number)
    expect(day.door.locator("#network")).to_be_visible()
    _through(day.door, number)
    expect(day.door.locator("#network [data-queued]")).to_have_text("3")
    expect(_row(day.lead.locator("section.panel", has_text="Still expected"), number)).to_have_count(1)
    day.comes_back(day.door)
    expect(day.column("Legal screening")).to_contain_text(number)


def _one_is_late(day: Day, number: str) -> None:
    day.lead.goto(f"{day.at}/setup")
    day.lead.fill("#id_at", "10:20")
    day.lead.click("text=Set the clock")
    day.lead.goto(f"{day.at}/board")
    row = _row(day.lead.locator("section.panel", has_text="Still expected"), number)
    expect(row).to_contain_text(re.compile(r"\d+ min"))
    _checks_in(day.door, number)
    expect(day.column("Check-in")).to_contain_text(number, timeout=NEWS)


def _every_screen_goes_blank(day: Day) -> None:
    """From any tablet; only the lead brings them back."""
    day.screening.click(".blank-all button")
    expect(day.hall.locator("main")).to_contain_text("Please wait a moment.", timeout=NEWS)
    expect(day.called("Check-in")).to_have_count(0)
    day.lead.reload()
    day.lead.click("text=Bring the screens back")
    expect(day.called("Check-in")).to_be_visible(timeout=NEWS)
    expect(day.screening.locator("[data-staff=Noor]")).to_be_visible(timeout=NEWS)


def _notes_that_contradict_each_other_are_settled(day: Day, number: str, other: str) -> None:
    """The lead notes that somebody left; a tablet that was cut off has called her: both notes stay."""
    _through(day.door, other)
    day.goes_offline(day.screening)
    _lead_notes(day.lead, number, "left")
    _call(day.screening, number, "Noor")
    day.comes_back(day.screening)
    conflict = day.lead.locator(".conflict", has_text=number)
    expect(conflict).to_contain_text("Called after leaving")
    for page in (day.lead, day.screening, day.hall):
        _nobody_finds_a_barrier(page, day.hub)
    conflict.locator("button", has_text="· Called ·").click()
    expect(day.lead.locator(".conflict")).to_have_count(0)
    expect(day.column("Legal screening").locator(".slip--served")).to_contain_text(number)
    day.screening.locator("[data-staff=Noor] [data-note=finished] button").click()
    expect(day.column("Advice")).to_contain_text(number, timeout=NEWS)


def _the_day_is_closed(day: Day, complex_one: str, second: str, third: str, missed: list[str]) -> None:
    """Who did not come, who goes on in full scope; and no screen is of use any more."""
    for number in (second, third):
        _lead_notes(day.lead, number, "left")
    day.lead.goto(f"{day.at}/after")
    day.lead.click("text=Close the day")
    expect(day.lead.locator("[role=status]")).to_contain_text("The day is closed.")
    calls = day.lead.locator("section.panel", has_text="Whom to call")
    for number in missed:
        expect(_row(calls, number)).to_contain_text("did not come")
    legal = day.lead.locator("section.panel", has_text="For the legal team")
    expect(_row(legal, complex_one)).to_contain_text("A danger sign")
    expect(day.hall.locator("main")).to_contain_text("This link is of no use any more.", timeout=30_000)


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
