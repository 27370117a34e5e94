"""The whole way, walked by the people who walk it: a worker on a phone, a legal team at a laptop."""

from __future__ import annotations

import io
import random
import re
import string
from contextlib import closing
from pathlib import Path

import pikepdf
import pypdfium2
import zxingcpp
from playwright.sync_api import Page, expect

from jornada.gateways import packfiles
from jornada.web import sample
from tests.journeys import walking
from tests.journeys.conftest import BLANK_FORMS, DAY, Hub

FAMILY = "Quetzal" + "".join(random.choices(string.ascii_lowercase, k=5))
"""Nobody else in the hub has this name, also where the hub was used before."""
OFFICIAL = {"G-1145|09/26/14": 1, "I-912|07/22/25": 8, "I-765|08/21/25": 7, "I-765WS|08/21/25": 1}
"""The official forms of her packet, as their barcodes say it, with their pages."""
PAGES = OFFICIAL if BLANK_FORMS.is_dir() else {}
SIGNED_BY_HAND = {"I-765|08/21/25|4", "I-912|07/22/25|5"}
"""The pages on which she signs, with a pen."""
NAME = {"family": FAMILY, "given": "Ximena", "middle": ""}


def test_ximena_on_a_phone_and_noor_at_a_laptop_walk_from_the_first_question_to_a_filed_packet(
    hub: Hub, phone: Page, laptop: Page, join_link: str
) -> None:
    number = _ximena_answers_and_shares(hub, phone, join_link)
    file = _noor_decides_and_places(hub, laptop)
    _ximena_prepares(hub, phone, number)
    packet = _noor_prepares_the_packet(laptop, file)
    _the_paper_is_right(packet)
    _one_question_goes_back_and_forth(hub, phone, laptop, file)
    _noor_signs_off_and_files(laptop, file)
    _ximena_sees_it_and_takes_her_consent_back(hub, phone, laptop, file)


def _ximena_answers_and_shares(hub: Hub, phone: Page, join_link: str) -> str:
    """She joins by the cohort's link, in Spanish; the employer need not be typed."""
    number = walking.begin(phone, hub.address(join_link))
    expect(phone.locator("html")).to_have_attribute("lang", "es")
    asked = walking.answer_all(phone, walking.answers_of("V1"))
    screening = [one.id for one in packfiles.load(sample.PACK).questions if one.stage == "screening"]
    assert {"Q10", "Q03", "Q02", "Q40"} <= set(asked) <= set(screening)
    expect(phone).to_have_url(hub.address("/es/check"))
    phone.click("a.govuk-button.big")
    result = phone.inner_text("main")
    assert "usted califica" not in result.lower() and "you qualify" not in result.lower()
    assert "Blue Prairie" not in result and phone.locator(".card").count() >= 5
    phone.goto(hub.address("/es/share"))
    walking.share(phone, with_whom="Muestra Legal Aid", name=f"Ximena {FAMILY}", organiser=True)
    expect(phone).to_have_url(hub.address("/es/done"))
    return number


def _noor_decides_and_places(hub: Hub, laptop: Page) -> str:
    walking.sign_in(laptop, hub.url, "noor")
    file = walking.open_file(laptop, hub.url, f"Ximena {FAMILY}")
    laptop.click("text=Answers")
    walking.give_reason(laptop)
    answers = laptop.inner_text("main")
    assert "Blue Prairie Packing" in answers and "Mill Road plant" in answers
    laptop.goto(f"{file}findings")
    laptop.click("text=Assess the answers")
    findings = laptop.inner_text("main")
    assert "needs review" in findings and laptop.locator("table a[rel=noreferrer]").count() > 0
    laptop.locator("table >> text=What would change this").first.click()
    expect(laptop.locator("main")).to_contain_text("never a hint what to answer")
    laptop.goto(f"{file}findings")
    _overrule(laptop)
    _match_and_place(hub, laptop, file)
    return file


def _overrule(laptop: Page) -> None:
    """To decide otherwise than the rules propose takes a reason."""
    laptop.select_option("[name=track]", "limited_scope")
    laptop.click("main form[action$=decide] button")
    expect(laptop.locator(".govuk-error-summary")).to_contain_text("write why")
    laptop.fill(
        "[name=reason]", "She has the papers ready; an agreed part of the work is enough for her now."
    )
    laptop.click("main form[action$=decide] button")
    expect(laptop.locator("main")).to_contain_text("otherwise than proposed")


def _match_and_place(hub: Hub, laptop: Page, file: str) -> None:
    laptop.goto(hub.address("/staff/matches"))
    laptop.click("text=Match everyone who waits")
    expect(laptop.locator("main")).to_contain_text("have a place")
    laptop.goto(f"{file}placement")
    expect(laptop.locator("main")).to_contain_text("because:")
    laptop.select_option(
        "select[name=advocate]",
        label=laptop.locator("select[name=advocate] option", has_text="Noor").inner_text(),
    )
    laptop.check("[type=radio][name=scope][value=limited]")
    laptop.click("main form[action$=place] >> button:text-is('Place')")
    expect(laptop.locator("main")).to_contain_text("Noor Nominal, limited scope")


def _ximena_prepares(hub: Hub, phone: Page, number: str) -> None:
    """She comes back with her number and answers what the papers need."""
    phone.context.clear_cookies()
    walking.come_back(phone, hub.url, number)
    phone.click("form[action$='/mine/prepare'] button")
    more = {
        **walking.answers_of("V1"), **sample.told()["complete"],
        "legal_name": NAME, "spoken_language": "es", "written_language": "es",
    }  # fmt: skip
    asked = walking.answer_all(phone, more)
    assert "P01" in asked and not set(asked) & {"Q10", "Q40"}
    phone.goto(hub.address("/es/check"))
    phone.click("form[action$='/mine/send'] button")
    expect(phone.locator(".card.good")).to_be_visible()


def _noor_prepares_the_packet(laptop: Page, file: str) -> bytes:
    laptop.goto(f"{file}packet/prepare")
    expect(laptop.locator("[role=alert]")).to_contain_text("Do not file")
    _choose(laptop)
    laptop.click("main form button:text-is('Prepare the packet')")
    expect(laptop.locator("main")).to_contain_text("Report before printing")
    assert "I-765" in laptop.inner_text("main")
    with laptop.expect_download() as begun:
        laptop.click("text=Download to print")
    assert re.fullmatch(r"packet-\d{4}-1\.pdf", begun.value.suggested_filename)
    return Path(begun.value.path()).read_bytes()


def _choose(laptop: Page) -> None:
    """The advocate's choices, as the sample makes them."""
    for name, value in sample.told()["choices"].items():
        for one in value if isinstance(value, list) else [value]:
            field = laptop.locator(f"[name={name}]")
            if field.first.evaluate("one => one.type") in ("radio", "checkbox"):
                laptop.check(f"[name={name}][value={one}]")
            else:
                field.select_option(one)


def _the_paper_is_right(packet: bytes) -> None:
    """Each page of each official form once, by its barcode; her name on every form; nobody's signature."""
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        assert "/AcroForm" not in pdf.Root and not any("/Annots" in page for page in pdf.pages)
    with closing(pypdfium2.PdfDocument(packet)) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
        codes = [zxingcpp.read_barcodes(page.render(scale=2.5).to_pil()) for page in document]
    printed = [one[0].text for one in codes if one]
    assert sorted(printed) == sorted(
        f"{form}|{page}" for form, pages in PAGES.items() for page in range(1, pages + 1)
    )
    for form in PAGES:
        name = form.partition("|")[0]
        of_form = [
            text for text, found in zip(texts, codes, strict=True) if found and found[0].text.startswith(form)
        ]
        assert any(FAMILY in text and "Ximena" in text for text in of_form), f"her name is not on {name}"
    signed = [
        text for text, found in zip(texts, codes, strict=True) if found and found[0].text in SIGNED_BY_HAND
    ]
    assert len(signed) == (2 if PAGES else 0) and not any(FAMILY in text for text in signed)
    assert any("Answer sheet: Form G-28" in text and FAMILY in text for text in texts)


def _one_question_goes_back_and_forth(hub: Hub, phone: Page, laptop: Page, file: str) -> None:
    """Noor asks one thing again; Ximena answers just that; the old revision is closed to signing."""
    laptop.goto(f"{file}packet/1/read")
    assert laptop.locator(".page img").evaluate("one => one.complete && one.naturalWidth > 500")
    laptop.keyboard.press("j")
    expect(laptop).to_have_url(re.compile(r"/read/1$"))
    laptop.click("summary:text-is('Something must change')")
    laptop.select_option("[name=question]", "P27")
    laptop.fill("[name=note]", "The waiver rests on this; ask her once more.")
    laptop.click("button:text-is('Send the correction')")
    phone.goto(hub.address("/es/mine/status"))
    phone.click(".card a")
    assert phone.url.split("/")[-2] == "question"
    phone.check("[name=can_pay_fee][value=unsure]")
    phone.click("button[value=save]")
    expect(phone).to_have_url(hub.address("/es/mine/status"))
    assert not phone.locator("a[href*='/mine/question/']").count()
    laptop.goto(f"{file}packet")
    expect(laptop.locator("[role=alert]")).to_contain_text("changed after revision 1")
    laptop.click("text=Prepare a new revision")
    laptop.click("main form button:text-is('Prepare the packet')")
    expect(laptop.locator("main")).to_contain_text("Revision 2")


def _noor_signs_off_and_files(laptop: Page, file: str) -> None:
    """Her second factor again, her word that she read it, and her reason to file on a shut day."""
    laptop.goto(f"{file}packet/2/read")
    laptop.goto(f"{file}packet/2/sign-off")
    if "reauthenticate" in laptop.url:
        laptop.fill("[name=code]", walking.code_for("noor"))
        laptop.click("main form button >> nth=0")
    laptop.check("[name=read_report]")
    laptop.click("text=Sign off revision 2 >> nth=-1")
    expect(laptop.locator("main")).to_contain_text("Signed off by Noor Nominal")
    laptop.fill("[name=sent_to]", "As the packet says")
    laptop.select_option("[name=method]", "courier")
    laptop.click("button:text-is('File all the same')")
    expect(laptop.locator(".govuk-error-summary")).to_contain_text("reason")
    laptop.fill(
        "[name=reason_all_the_same]",
        "She knows the risk, we spoke on two days, and she wants to be on record.",
    )
    laptop.click("button:text-is('File all the same')")
    laptop.goto(f"{file}packet/receipt")
    laptop.select_option("[name=kind]", "receipt")
    laptop.fill("[name=received_on]", DAY)
    laptop.fill("[name=number]", "SAMPLE0000077")
    laptop.click("button:text-is('Record')")
    expect(laptop.locator("main table")).to_contain_text("SAMPLE0000077")


def _ximena_sees_it_and_takes_her_consent_back(hub: Hub, phone: Page, laptop: Page, file: str) -> None:
    phone.goto(hub.address("/es/mine/status"))
    told = phone.inner_text("main")
    assert len(re.findall("de noviembre de 2026", told)) >= 4, told
    phone.goto(hub.address("/es/mine"))
    assert "Muestra Legal Aid" in phone.inner_text("main")
    phone.click("a[href*='/mine/stop/']")
    phone.click("main form button")
    expect(phone).to_have_url(hub.address("/es/mine"))
    for page in ("answers", "findings", "packet/2", "packet/2/read", "packet/2/packet.pdf"):
        answer = laptop.request.get(f"{file}{page}", max_redirects=0)
        shown = answer.body()
        assert answer.status != 200, page
        assert not any(
            word in shown for word in (b"Guatemala", b"12 Sample Street", b"Blue Prairie", b"%PDF")
        ), page
