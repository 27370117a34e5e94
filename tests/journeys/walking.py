"""How people walk through the hub's pages: answering questions, signing in, opening a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from jornada.gateways import packfiles
from jornada.web import sample

ADDRESSES = {one["as"]: sample.address(one) for one in sample.told()["members"]}
PASSWORD: str = sample.told()["password"]
spent: dict[str, set[int]] = {}
"""Codes given so far, by member: the hub takes each code once."""


# ── A worker ──────────────────────────────────────────────────────────────────────────────────────────────


def answers_of(example: str) -> dict[str, Any]:
    """What a person of the pack's examples would say, at the sample's plant."""
    examples = packfiles.load(sample.PACK).examples
    found = next(one for one in examples if one.name.startswith(f"{example} ") and one.day.year == 2026)
    plant = sample.told()["dispute"]
    here = {"employer": plant["employer"]["trade_names"][0], "worksite": plant["worksite"]["name"]}
    return {**found.answers, "jobs": [{**job, **here} for job in found.answers["jobs"]]}


def answer(page: Page, said: Mapping[str, Any]) -> int:
    """Answer the question on this page as the person would, or skip it; how many things were said."""
    if page.locator("button[value=done]").count():
        page.click("button[value=done]")
        return 1
    entry = re.search(r"/q/[\w-]+/(\d+)$", page.url)
    names: dict[str, str] = dict(
        page.eval_on_selector_all("main form [name]", "all => all.map(one => [one.name, one.type])")
    )
    given = 0
    for fact, value in said.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            number = int(entry[1]) if entry else 1
            given += sum(
                _fill(page, f"{fact}-{part}", inner, names) for part, inner in value[number - 1].items()
            )
        else:
            given += _fill(page, fact, value, names)
    page.click(f"button[value={'save' if given else 'skip'}]")
    return given


def _fill(page: Page, name: str, value: Any, names: Mapping[str, str]) -> int:
    if isinstance(value, Mapping):
        return sum(_fill(page, f"{name}-{part}", inner, names) for part, inner in value.items() if inner)
    if f"{name}-year" in names:
        parts = dict(zip(("year", "month", "day"), str(value).split("-"), strict=False))
        return sum(_fill(page, f"{name}-{part}", inner, names) for part, inner in parts.items())
    if name not in names:
        return 0
    box, kind = page.locator(f'main form [name="{name}"]'), names[name]
    if kind in ("radio", "checkbox"):
        for one in value if isinstance(value, list) else [value]:
            page.check(
                f'main form [name="{name}"][value="{one}"], main form [name="{name}-unsure"][value="{one}"]'
            )
    elif kind == "select-one":
        box.select_option(str(value))
    else:
        box.fill(str(value))
    return 1


def answer_all(page: Page, said: Mapping[str, Any], asked: list[str] | None = None) -> list[str]:
    """Answer until no question is left; the questions that were asked."""
    asked = [] if asked is None else asked
    while found := re.search(r"/q/([\w-]+)", page.url):
        assert len(asked) < 150, f"the interview goes round: {asked[-6:]}"
        asked.append(found[1])
        answer(page, said)
        assert not page.locator(".govuk-error-summary").count(), (found[1], page.inner_text("main"))
    return asked


def begin(page: Page, at: str, language: str = "es", topic: str = sample.PACK) -> str:
    """From a link to the first question, alone; the worker's number, which is shown once on the way."""
    page.goto(at)
    page.click(f"main a[lang={language}]")
    page.click("main a.govuk-button")
    page.check(f"[name=topic][value={topic}]")
    page.click("main form button")
    number = shown_number(page)
    page.click("main .govuk-button.big")
    expect(page).to_have_url(re.compile(f"/{language}/q/"))
    return number


def shown_number(page: Page) -> str:
    """The worker's own number, on the page that shows it."""
    return " ".join(page.locator(".code span").all_inner_texts())


def come_back(page: Page, hub: str, number: str, language: str = "es") -> None:
    """Open the worker's own pages with her number."""
    page.goto(f"{hub}/{language}/return")
    page.fill("#number", number)
    page.click("main form button")


def share(
    page: Page, *, with_whom: str, name: str, place: str = "Ford County", organiser: bool = False
) -> None:
    """Consent, on the page that asks for it."""
    page.get_by_label(with_whom, exact=True).check()
    page.check("#which-all")
    page.fill("[name=name]", name)
    page.fill("[name=phone]", "+1 620 555 0177")
    page.fill("[name=place]", place)
    if organiser:
        page.check("[name=organiser][value=name]")
        page.check("[name=organiser][value=language]")
    page.check("#agree")
    page.click("main form button")


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────────────


def code_for(member: str) -> str:
    """A code of this member's app that was not given before; the app's clock may be a little off."""
    used = spent.setdefault(member, set())
    left = [one for one in yield_hotp_counters_from_time() if one not in used]
    assert left, f"{member} has no fresh code this half minute"
    used.add(left[0])
    return str(format_hotp_value(hotp_value(sample.SECOND_FACTOR, left[0])))


def a_file(page: Page, hub: str, step: str, topic: str = sample.PACK) -> str:
    """The address of a file of that topic whose next step is this one; the member is signed in."""
    page.goto(f"{hub}/staff/?show=all")
    rows = page.locator("tbody tr", has_text=step).locator("th a")
    for path in rows.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        page.goto(hub + path)
        if topic in page.content():
            return str(path)
    raise AssertionError(f"no file of {topic} is at {step!r}")


def sign_in(page: Page, hub: str, member: str, to: str = "/staff/") -> None:
    """Password, then the six digits."""
    page.goto(hub + to)
    page.fill("[name=login]", ADDRESSES[member])
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.fill("[name=code]", code_for(member))
    page.click("main form button >> nth=0")
    expect(page).to_have_url(hub + to)


def open_file(page: Page, hub: str, name: str) -> str:
    """Find a person's file in the queue; its address."""
    page.goto(f"{hub}/staff/?show=all")
    page.locator("tr", has_text=name).locator("th a").click()
    return page.url


def give_reason(page: Page, why: str = "deciding") -> None:
    """Where the hub asks why the answers are opened, say it."""
    if page.url.split("?")[0].endswith("/open"):
        page.check(f"[name=why][value={why}]")
        page.click("main form button")
