"""Help that another organization gives: Marta offers, Otto accepts, the worker shares, the outcome comes back."""

from __future__ import annotations

import random
import string

from playwright.sync_api import Page, expect

from tests.journeys import walking
from tests.journeys.conftest import Hub

FAMILY = "Viajero" + "".join(random.choices(string.ascii_lowercase, k=5))


def test_a_file_goes_to_another_organization_only_as_far_as_the_worker_says_and_the_outcome_comes_back(
    hub: Hub, phone: Page, laptop: Page, second_laptop: Page, join_link: str
) -> None:
    walking.begin(phone, hub.address(join_link))
    walking.answer_all(phone, walking.answers_of("V1"))
    phone.goto(hub.address("/es/share"))
    phone.check("#may_refer")
    walking.share(phone, with_whom="Muestra Legal Aid", name=f"Tomás {FAMILY}")
    expect(phone).to_have_url(hub.address("/es/done"))

    walking.sign_in(laptop, hub.url, "marta")
    file = walking.open_file(laptop, hub.url, f"Tomás {FAMILY}")
    laptop.goto(f"{file}findings")
    walking.give_reason(laptop)
    laptop.click("text=Assess the answers")
    laptop.fill("[name=reason]", "As the rules propose.")
    laptop.click("main form[action$=decide] button")
    laptop.goto(f"{file}referrals")
    laptop.select_option("[name=to]", label="Sample Immigrant Defenders")
    laptop.fill("[name=note]", "Works nights.")
    laptop.click("main form button:text-is('Offer')")
    expect(laptop.locator("main")).to_contain_text("an answer is due by")

    walking.sign_in(second_laptop, hub.url, "otto")
    second_laptop.goto(hub.address("/staff/referrals"))
    second_laptop.locator("table >> nth=0 >> tr", has_text="waits for an answer").first.locator("a").click()
    card = second_laptop.inner_text("main")
    assert "Works nights." in card
    assert FAMILY not in card
    second_laptop.click("button[value=accept]")
    expect(second_laptop.locator("main")).to_contain_text("waits for the worker to share")

    phone.goto(hub.address("/es/mine/status"))
    expect(phone.locator("main")).to_contain_text("Sample Immigrant Defenders puede ayudarle")
    phone.click("text=Compartir mis respuestas con ellos")
    assert phone.is_checked("input[name=provider]:checked")
    walking.share(phone, with_whom="Sample Immigrant Defenders", name=f"Tomás {FAMILY}")
    expect(phone).to_have_url(hub.address("/es/done"))

    second_laptop.reload()
    expect(second_laptop.locator("main")).to_contain_text("speak with her")
    second_laptop.click("button[value=contacted]")
    second_laptop.select_option("[name=outcome]", "represents")
    second_laptop.click("button[value=close]")
    laptop.reload()
    expect(laptop.locator("main")).to_contain_text("takes the whole case")
