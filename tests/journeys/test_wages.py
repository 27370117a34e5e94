"""Unpaid pay, from a phone to a check: Yareli cooked in Queens; Noor writes to the employer; the money comes."""

from __future__ import annotations

import io
import random
import re
import string
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from jornada.gateways import packfiles, pdf
from tests.journeys import walking
from tests.journeys.conftest import Hub

FAMILY = "Cocinera" + "".join(random.choices(string.ascii_lowercase, k=5))
PACK = "us-ny-wages"
SAYS: dict[str, Any] = {
    **next(iter(packfiles.load(PACK).examples)).answers,
    "hours_how": "length",
    "hours_a_day": "10-12",
    "meal_break": "never",
    "weeks_off": 2,
    "hours_changed": "no",
    "paid_how": ["cash"],
    "paid_how_often": "week",
    "uniform_kind": "none",
    "hiring_notice": "no",
    "pay_stubs": "never",
    "how_ended": "quit",
    "asked_employer": "no",
    "coworkers_too": 4,
    "proof": ["notes"],
}
PAPERS: dict[str, Any] = {
    "legal_name": {"given": "Yareli", "family": FAMILY},
    "phone": "718 555 0111",
    "mailing_address": {"street": "12 Sample Street", "city": "Queens", "state": "NY", "zip": "11372"},
    "spoken_language": "es",
    "employer_legal": "Sol de Muestra Kitchen LLC",
    "person_in_charge": "Max Muster",
    "employer_address": {"street": "1 Example Avenue", "city": "Queens", "state": "NY", "zip": "11372"},
    "work_done": "cook",
    "share_for_letter": "yes",
    "speak_for_me": "no",
}


def test_yareli_counts_her_pay_on_a_phone_and_noor_s_letter_brings_a_first_check(
    hub: Hub, phone: Page, laptop: Page
) -> None:
    number = _counts_and_shares(hub, phone)
    _notes_a_day(hub, phone, number)
    _answers_for_the_papers(hub, phone)
    file = _noor_reads_the_worksheet(hub, laptop)
    _noor_writes_and_sends(laptop, file)
    _money_comes(hub, phone, laptop, file, number)


def _counts_and_shares(hub: Hub, phone: Page) -> str:
    number = walking.begin(phone, hub.address("/"), topic=PACK)
    asked = walking.answer_all(phone, SAYS)
    screening = [one.id for one in packfiles.load(PACK).questions if one.stage == "screening"]
    assert set(asked) <= set(screening)
    assert len(asked) <= 35, "a simple case takes more than a quarter of an hour"
    phone.goto(hub.address("/es/result"))
    counted = phone.inner_text("#owed")
    assert re.search(r"de \$[\d,]+\.\d\d a \$[\d,]+\.\d\d", counted), counted
    assert "no una promesa" in counted
    assert phone.locator("a[href*='topic=us-labor-deferred-action']").count() == 1
    phone.goto(hub.address("/es/share"))
    walking.share(phone, with_whom="Muestra Legal Aid", name=f"Yareli {FAMILY}", place="Queens")
    expect(phone).to_have_url(hub.address("/es/done"))
    return number


def _notes_a_day(hub: Hub, phone: Page, number: str) -> None:
    """From now on she writes her hours down where she is."""
    phone.goto(hub.address("/es/diary"))
    phone.fill("[name=hours_diary-start]", "07:00")
    phone.fill("[name=hours_diary-end]", "19:30")
    phone.click("main form button")
    expect(phone.locator("main")).to_contain_text("Guardado")
    expect(phone.locator("main dl")).to_contain_text("07:00")


def _answers_for_the_papers(hub: Hub, phone: Page) -> None:
    phone.goto(hub.address("/es/mine"))
    phone.click("form[action$='/mine/prepare'] button")
    asked = walking.answer_all(phone, PAPERS)
    assert {"P01", "P03", "P06"} <= set(asked)
    phone.goto(hub.address("/es/mine"))
    phone.click("form[action$='/mine/send'] button")
    expect(phone.locator("main")).to_contain_text("Se envió lo nuevo")


def _noor_reads_the_worksheet(hub: Hub, laptop: Page) -> str:
    walking.sign_in(laptop, hub.url, "noor")
    file = walking.open_file(laptop, hub.url, f"Yareli {FAMILY}")
    laptop.click(".tabs >> text=Worksheet")
    walking.give_reason(laptop, "preparing")
    sheet = laptop.inner_text("main")
    assert "careful count" in sheet and "full count" in sheet
    assert "needs review" in sheet.lower()
    assert laptop.locator("figure img[alt]").count() == 1
    with laptop.expect_download() as came:
        laptop.click("text=Spreadsheet")
    book = load_workbook(io.BytesIO(came.value.path().read_bytes()))
    assert book["Full count"].max_row > 10
    laptop.click("text=What each answer changes")
    expect(laptop.locator("main")).to_contain_text("it never says what to answer")
    laptop.goto(f"{file}findings")
    laptop.click("text=Assess the answers")
    laptop.fill("[name=reason]", "The rules propose a clinic; a letter first is what she wants.")
    laptop.click("main form[action$=decide] button")
    return file


def _noor_writes_and_sends(laptop: Page, file: str) -> None:
    laptop.goto(f"{file}packet/prepare")
    laptop.select_option("[name=purpose]", "demand_letter")
    laptop.fill("[name=pay_how]", "By check to me at the address above.")
    laptop.click("main form button.govuk-button")
    report = laptop.inner_text("main")
    assert "The letter may go" in report
    with laptop.expect_download() as came:
        laptop.click("text=Download to print")
    words = " ".join(" ".join(pdf.inspect(came.value.path().read_bytes()).text).split())
    assert "Federal law forbids punishing anyone" in words
    assert "Trabajé para" in words
    assert FAMILY in words
    laptop.click("text=Read side by side")
    expect(laptop.locator(".page img")).to_be_visible()
    laptop.goto(f"{file}packet/1/sign-off")
    if "reauthenticate" in laptop.url:
        laptop.fill("[name=code]", walking.code_for("noor"))
        laptop.click("main form button >> nth=0")
    laptop.check("[name=read_report]")
    laptop.click("main form button.govuk-button")
    expect(laptop.locator("main")).to_contain_text("Signed off")
    laptop.fill("[name=sent_to]", "Sol de Muestra Kitchen LLC")
    laptop.click("main form[action$=filed] button")
    expect(laptop.locator("main")).to_contain_text("Filing recorded")


def _money_comes(hub: Hub, phone: Page, laptop: Page, file: str, number: str) -> None:
    laptop.goto(f"{file}deadlines")
    expect(laptop.locator("main")).to_contain_text("The employer's answer to the letter")
    expect(laptop.locator("main")).to_contain_text("a part of the pay is lost each week")
    laptop.goto(f"{file}payments")
    laptop.fill("[name=amount]", "1500.00")
    laptop.fill("[name=note]", "First check")
    laptop.click("main form button.govuk-button")
    expect(laptop.locator("main")).to_contain_text("$1,500.00")
    phone.goto(hub.address("/es/mine/status"))
    expect(phone.locator("main")).to_contain_text("Llegó dinero de su reclamo")
