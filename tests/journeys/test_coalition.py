"""The coalition's own work: a new dispute up to its poster, two people at one file, and a hub that dies."""

from __future__ import annotations

import io
import re
from threading import Timer

import zxingcpp
from PIL import Image
from playwright.sync_api import Error, Page, expect

from tests.journeys import walking
from tests.journeys.conftest import Hub


def test_olga_enters_a_dispute_and_prints_its_poster_and_a_worker_joins_by_the_square_on_it(
    hub: Hub, laptop: Page, phone: Page
) -> None:
    walking.sign_in(laptop, hub.url, "olga", "/staff/disputes/")
    laptop.click("text=Enter an employer")
    _save(laptop, legal_name="Lakeside Laundry LLC", trade_names="Lakeside Linen", fein="12-3456789")
    laptop.click("a:text-is('Worksite')")
    _save(laptop, name="Harbor Road laundry", city="Garden City", state="KS", zip_code="67846")
    laptop.click("a:text-is('Matter')")
    _save(laptop, agency="Kansas Department of Labor", agency_level="state", reference="sample 26-003")
    laptop.click("text=Enter a statement")
    laptop.fill("[name=issued_on]", "2026-02-03")
    laptop.fill("[name=period_from]", "2024-01-01")
    laptop.check("label:has-text('Harbor Road laundry')")
    _save(laptop)
    expect(laptop.locator("main")).to_contain_text("3 Feb 2026")
    laptop.click("text=Open a cohort")
    _save(laptop, name="Night shift", worksite=laptop.locator("[name=worksite] option >> nth=1").inner_text())
    if "poster" not in laptop.url and laptop.locator("text=Poster to print").count() == 0:
        laptop.click("a:has-text('Night shift')")
    laptop.click("text=Poster to print")
    link = _square_on(laptop)
    assert re.fullmatch(re.escape(hub.url) + r"/j/[a-z0-9]+", link, re.IGNORECASE)
    walking.begin(phone, link)
    walking.answer_all(
        phone,
        walking.answers_of("V1") | {"jobs": [{"city": "Garden City", "state": "KS", "from": "2025-02"}]},
    )
    phone.goto(hub.address("/es/q/Q02/1"))
    prefilled = [phone.input_value("[name=jobs-employer]"), phone.input_value("[name=jobs-worksite]")]
    assert prefilled == ["Lakeside Laundry LLC", "Harbor Road laundry"]


def _save(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        box = page.locator(f"main form [name={name}]")
        box.select_option(value) if box.evaluate("one => one.tagName") == "SELECT" else box.fill(value)
    page.click("main form button:text-is('Save')")
    expect(page.locator(".govuk-error-summary")).to_have_count(0)


def _square_on(page: Page) -> str:
    """What a phone's camera reads on the page."""
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    codes = zxingcpp.read_barcodes(shot)
    assert len(codes) == 1, "one square code on the poster"
    return codes[0].text


def test_noor_and_marta_prepare_the_same_packet_and_the_later_one_is_told_and_loses_no_choice(
    hub: Hub, laptop: Page, second_laptop: Page
) -> None:
    walking.sign_in(laptop, hub.url, "noor")
    path = walking.a_file(laptop, hub.url, "Review")
    walking.sign_in(second_laptop, hub.url, "marta")
    for page in (laptop, second_laptop):
        page.goto(hub.address(f"{path}packet/prepare"))
        walking.give_reason(page, "preparing")
    laptop.fill("[name=matter_ref]", "noor's own")
    laptop.click("main form button:text-is('Prepare the packet')")
    expect(laptop.locator("main")).to_contain_text("Report before printing")
    second_laptop.fill("[name=matter_ref]", "marta's own")
    second_laptop.click("main form button:text-is('Prepare the packet')")
    expect(second_laptop.locator(".govuk-error-summary")).to_contain_text(
        re.compile("Noor|revision|meanwhile")
    )
    assert second_laptop.input_value("[name=matter_ref]") == "marta's own"


def test_the_hub_is_killed_while_efrain_saves_and_all_that_it_acknowledged_is_there_and_nothing_half_saved(
    hub: Hub, phone: Page
) -> None:
    number = walking.begin(phone, hub.address("/"), "en")
    said = walking.answers_of("V1")
    Timer(1.5, hub.kill).start()
    acknowledged = _answer_until_cut_off(phone, said)
    assert acknowledged, "nothing was saved before the hub was killed"
    hub.start()
    phone.context.clear_cookies()
    walking.come_back(phone, hub.url, number, "en")
    for question in acknowledged:
        phone.goto(hub.address(f"/en/q/{question}"))
        assert phone.locator("main input:checked").count(), f"{question} was acknowledged and is gone"
    phone.goto(hub.address("/en/q/"))
    cut_off = re.search(r"/q/([\w-]+)", phone.url)
    assert cut_off and not phone.locator("main input:checked").count(), "half of an answer was saved"
    walking.answer_all(phone, said)
    expect(phone).to_have_url(hub.address("/en/check"))


def _answer_until_cut_off(page: Page, said: dict[str, object]) -> list[str]:
    """The questions whose answers the hub had taken, by showing the next one, when it died."""
    done: list[str] = []
    try:
        while found := re.search(r"/q/([\w-]+)", page.url):
            walking.answer(page, said)
            if page.url.endswith(f"/q/{found[1]}") or not re.search(r"/q/[\w-]+|/check", page.url):
                break
            done.append(found[1])
    except Error:
        pass
    return done
