"""A worker alone, a worker with an organiser beside her, and what the organiser can and cannot see."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from jornada.vault import worker
from tests.journeys import walking
from tests.journeys.conftest import Hub

FOR_THE_LEGAL_TEAM = ("/staff/reminders", "/staff/matches")
TABS = ("", "answers", "findings", "placement", "packet", "deadlines", "readers")


def test_luis_has_a_removal_order_so_the_questions_stop_early_with_help_and_he_may_still_share(
    hub: Hub, phone: Page
) -> None:
    walking.begin(phone, hub.address("/"))
    asked = walking.answer_all(phone, walking.answers_of("V5"))
    expect(phone).to_have_url(hub.address("/es/stop"))
    assert not {"Q03", "Q02", "Q40"} & set(asked), "more was asked after the danger sign"
    stop = phone.inner_text("main")
    assert "+1 620 555 0110" in stop, "nobody to call"
    assert (
        phone.locator("main a[href='/es/share']").count() and phone.locator("main a[href='/es/save']").count()
    )
    phone.goto(hub.address("/es/q/"))
    expect(phone).to_have_url(hub.address("/es/stop"))
    phone.click("main a[href='/es/share']")
    walking.share(phone, with_whom="Muestra Legal Aid", name="Luis Tucán Muestra")
    expect(phone).to_have_url(hub.address("/es/done"))


def test_with_olga_beside_her_carmen_answers_and_nobody_can_read_the_answers_again(
    hub: Hub, laptop: Page
) -> None:
    walking.sign_in(laptop, hub.url, "olga", "/staff/organiser/")
    laptop.click("text=Sit beside a worker")
    laptop.check("[name=language][value=es]")
    laptop.click("text=Open the worker's page")
    assert laptop.is_checked("#who-helped")
    laptop.check("[name=topic][value=us-labor-deferred-action]")
    laptop.click("main form button")
    first = laptop.url
    assert "en voz alta" in laptop.inner_text(".read-aloud")
    for said in ({"detained_now": "no", "ice_checkins": "no"}, {"da_status": "none"}, {"court_ever": "no"}):
        walking.answer(laptop, said)
    laptop.goto(first)
    assert not laptop.locator("main input:checked").count(), "an answer is shown again"
    laptop.goto(hub.address("/es/check"))
    shown = laptop.locator("dl.answers dd:not(.act)").all_inner_texts()
    assert len(set(shown)) == 1 and len(shown) >= 3, "only that something was said, not what"
    laptop.goto(hub.address("/es/save"))
    assert not laptop.locator(".code").count(), "the number is for the worker alone, after a step of her own"
    laptop.click("main form button")
    assert re.fullmatch(r"[\d ]{20,30}", walking.shown_number(laptop))


def test_olga_sees_what_workers_chose_to_show_her_and_no_page_of_a_legal_file(hub: Hub, laptop: Page) -> None:
    walking.sign_in(laptop, hub.url, "noor", "/staff/?show=all")
    file = laptop.locator("tbody th a").first.get_attribute("href")
    laptop.click("text=Sign out")
    walking.sign_in(laptop, hub.url, "olga", "/staff/organiser/")
    own = laptop.inner_text("main")
    assert "+1 620 555 0199" in own and "Guatemala" not in own and "complex" not in own.lower()
    pages = [*FOR_THE_LEGAL_TEAM, *(f"{file}{tab}" for tab in TABS)]
    answers = {page: laptop.request.get(hub.address(page)).status for page in pages}
    assert set(answers.values()) == {404}, answers
    laptop.goto(hub.address("/staff/?show=all"))
    expect(laptop).to_have_url(hub.address("/staff/organiser/"))
    links = laptop.eval_on_selector_all("header nav a", "all => all.map(one => one.getAttribute('href'))")
    assert all(laptop.request.get(hub.address(link)).status == 200 for link in links)


def test_a_number_typed_wrong_ten_times_makes_her_wait_and_one_wrong_digit_is_told_as_a_slip(
    hub: Hub, phone: Page, library: Hub
) -> None:
    """At the computers of a library: trying numbers there slows that place alone."""
    number = walking.begin(phone, library.address("/"), "en")
    phone.context.clear_cookies()
    slip = str((int(number[0]) + 1) % 10) + number[1:]
    walking.come_back(phone, library.url, slip, "en")
    assert "One digit looks wrong" in _told(phone)
    for _ in range(10):
        walking.come_back(phone, library.url, worker.shown(worker.new_code()), "en")
        assert "No answers open with this number" in _told(phone)
        assert not phone.input_value("#number"), "a number that may be hers stays on the screen"
    walking.come_back(phone, library.url, number, "en")
    assert "wait 15 minutes" in _told(phone)
    walking.come_back(phone, hub.url, number, "en")
    expect(phone).to_have_url(hub.address("/en/mine"))


def _told(page: Page) -> str:
    return page.inner_text(".govuk-error-message")
