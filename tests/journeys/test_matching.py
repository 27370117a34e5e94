"""Matching on screen: Marta sees why, rejects, supposes, adopts, keeps; a proposal to a partner becomes an offer."""

from __future__ import annotations

import random
import re
import string

from playwright.sync_api import Page, expect

from tests.journeys import walking
from tests.journeys.conftest import Hub

FAMILY = "Camino" + "".join(random.choices(string.ascii_lowercase, k=5))
MATCHES = "/staff/matches"


def test_from_a_proposal_with_reasons_to_another_organization_by_way_of_a_rejection_and_a_what_if(
    hub: Hub, phone: Page, laptop: Page, join_link: str
) -> None:
    walking.begin(phone, hub.address(join_link))
    walking.answer_all(phone, walking.answers_of("V1"))
    phone.goto(hub.address("/es/share"))
    phone.check("#may_refer")
    walking.share(phone, with_whom="Muestra Legal Aid", name=f"Lucía {FAMILY}")
    expect(phone).to_have_url(hub.address("/es/done"))

    walking.sign_in(laptop, hub.url, "marta")
    file = walking.open_file(laptop, hub.url, f"Lucía {FAMILY}")
    laptop.goto(f"{file}findings")
    walking.give_reason(laptop)
    laptop.click("text=Assess the answers")
    laptop.fill("[name=reason]", "As the rules propose.")
    laptop.click("main form[action$=decide] button")

    laptop.goto(hub.address(MATCHES))
    laptop.click("button:has-text('Match everyone')")
    main = laptop.locator("main")
    expect(main).to_contain_text("How good it is")
    expect(main).to_contain_text("Each is proven best")
    _rejects(laptop, file)
    _supposes(hub, laptop)

    laptop.goto(hub.address(MATCHES))
    laptop.click("button:has-text('Match everyone')")
    laptop.goto(f"{file}placement")
    laptop.click("button:has-text('Keep in later runs')")
    expect(main).to_contain_text("Kept: later runs propose the same")
    laptop.click("button:has-text('Offer to Sample Immigrant Defenders')")
    expect(main).to_contain_text("an answer is due by")
    laptop.goto(hub.address(MATCHES))
    row = laptop.locator("tr", has=laptop.locator(f"a[href='{_path(hub, file)}placement']"))
    expect(row.first).to_contain_text("does not wait any more")


def _rejects(laptop: Page, file: str) -> None:
    """She wants nobody of this office: every proposal of an own advocate is rejected with its reason."""
    main = laptop.locator("main")
    expect(main).to_contain_text("takes full-scope files")
    for _ in range(4):
        laptop.goto(f"{file}placement")
        if "by referral" in main.inner_text():
            return
        laptop.click("summary:has-text('Do not propose this again')")
        laptop.select_option("#reject_reason", "worker_asked")
        laptop.fill("#reject_note", "She knows somebody in that office.")
        laptop.click("button:has-text('Reject until that day')")
        expect(main).to_contain_text("Match again to see who is next")
        expect(main).to_contain_text("She knows somebody in that office.")
        laptop.goto(re.sub(r"/staff/files/.*", MATCHES, file))
        expect(main).to_contain_text("since this run")
        laptop.click("button:has-text('Match everyone')")
    raise AssertionError("no partner was proposed")


def _supposes(hub: Hub, laptop: Page) -> None:
    """Without the partner she loses her place; that is adopted, and says what it takes for granted."""
    main = laptop.locator("main")
    laptop.goto(hub.address(f"{MATCHES}/what-if"))
    laptop.locator("tr", has_text="Sample Immigrant Defenders").locator("input[type=checkbox]").check()
    laptop.click("button:text-is('Compare')")
    expect(main).to_contain_text("Sample Immigrant Defenders is left out")
    expect(main).to_contain_text(re.compile(r"Lost: [1-9]"))
    laptop.click("button:has-text('Adopt the supposed outcome')")
    expect(main).to_contain_text("takes for granted what is not the case yet")
    expect(main).to_contain_text(re.compile(r"Nobody yet \([1-9]"))


def _path(hub: Hub, address: str) -> str:
    return address.removeprefix(hub.url)
