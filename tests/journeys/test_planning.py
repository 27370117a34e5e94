"""A lead plans: copies the metro scenario, overwrites a number, runs it, reads the plan, begins an initiative."""

from __future__ import annotations

import io
import re

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys import walking
from tests.journeys.conftest import Hub


def test_a_lead_copies_a_scenario_runs_it_and_carries_a_decision_out(hub: Hub, laptop: Page) -> None:
    page = laptop
    walking.sign_in(page, hub.url, "marta", "/staff/plans/")
    page.check("[name=named][value=metro]")
    page.fill("[name=title]", "Our city")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("heading", name="Our city")).to_be_visible()

    _overwrites_a_number(page)
    _runs_it(page)
    _reads_the_plan(page)
    _takes_it_on_paper(page)
    _begins_an_initiative(page)


def _overwrites_a_number(page: Page) -> None:
    number = page.locator("#work-attorney_cases")
    number.get_by_role("link").click()
    page.fill("[name=written]", "160 hours per month")
    page.fill("[name=why]", "Our own count of last spring")
    page.get_by_role("button", name="Overwrite").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("counted in cases per FTE-month")
    assert page.input_value("[name=written]") == "160 hours per month"
    page.fill("[name=written]", "7 / 12 / 18 cases per FTE-month")
    page.get_by_role("button", name="Overwrite").click()
    expect(number).to_contain_text("was 8 / 14 / 22 cases per FTE-month")
    expect(number).to_contain_text("Our own count of last spring")


def _runs_it(page: Page) -> None:
    page.get_by_role("link", name="Run", exact=True).click()
    page.fill("[name=seconds]", "15")
    page.fill("[name=gap]", "5")
    page.fill("[name=replications]", "100")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Plan of Our city"))).to_be_visible(timeout=120_000)


def _reads_the_plan(page: Page) -> None:
    expect(page.get_by_role("heading", name="To decide now")).to_be_visible()
    assert page.locator("figure img").count() == 8
    expect(page.locator("main")).to_contain_text("The binding limit in month")
    page.get_by_role("link", name="Compare").first.click()
    assert page.locator("figure img").count() == 3
    page.go_back()


def _takes_it_on_paper(page: Page) -> None:
    with page.expect_download() as paper:
        page.get_by_role("link", name="Board paper").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    with page.expect_download() as tables:
        page.get_by_role("link", name="Tables").click()
    book = load_workbook(io.BytesIO(tables.value.path().read_bytes()))
    assert {"plan", "regions", "numbers"} <= set(book.sheetnames)


def _begins_an_initiative(page: Page) -> None:
    page.locator(".decisions summary").first.click()
    page.get_by_role("button", name="Begin the initiative").first.click()
    expect(page.locator("main")).to_contain_text("Steps, counted back from the first day of service")
    page.get_by_role("button", name=re.compile("It is ready")).first.click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Document ready")
