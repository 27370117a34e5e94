"""Every distinct page of the hub, reached as people reach it, handed to whoever looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

from jornada.gateways import packfiles
from jornada.gateways.database import PROJECT
from tests.journeys import walking
from tests.journeys.conftest import Hub

AXE = (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
Look = Callable[[str], None]
"""What is done on each page once it is open; it is told the page's name."""


@dataclass
class Seen:
    """What was found on the pages of one walk, by the page's name."""

    barriers: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)


def looking(page: Page, hub: Hub) -> tuple[Seen, Look]:
    """A look at each page: axe, the width, the title, the weight before compression, and who else is asked."""
    seen = Seen()

    def asked(request: Request) -> None:
        if not request.url.startswith((hub.url, "data:")):
            seen.elsewhere.append(request.url)

    def look(name: str) -> None:
        page.wait_for_load_state()  # a click comes back before the page it leads to is whole
        seen.titles[name] = page.title()
        seen.weights[name] = _weight(page, seen.files)
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
        seen.barriers.extend(f"{name}: {one['id']} at {one['nodes'][0]['target']}" for one in found)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            seen.barriers.append(f"{name}: wider than the screen")

    page.on("request", asked)
    return seen, look


def _weight(page: Page, files: dict[str, int]) -> int:
    """The page itself with the styles and scripts that it names."""
    named = page.eval_on_selector_all(
        "link[rel=stylesheet], script[src]", "all => all.map(one => one.href || one.src)"
    )
    for address in set(named) - set(files):
        files[address] = len(page.request.get(address).body())
    return len(page.content().encode()) + sum(files[one] for one in named)


KINDS_OF_QUESTION = ("Q10", "Q11", "Q35", "Q05", "Q22", "Q02/1", "Q02", "P01", "P10", "P26", "P36")
FILE_TABS = ("", "answers", "findings", "placement", "packet", "packet/prepare", "deadlines", "readers")
WAGES = "us-ny-wages"
WAGE_QUESTIONS = ("W12", "W13", "W16a/1", "W20", "W24/1", "P06")
WAGE_TABS = ("worksheet", "worksheet/changes", "payments", "packet/prepare")
REVISION = ("", "/read", "/sign-off")
TEAM = ("/staff/?show=all", "/staff/referrals", "/staff/reminders", "/staff/matches", "/staff/matches/what-if",
        "/staff/matches/partners", "/staff/matches/expected", "/staff/clinic-days", "/staff/disputes/",
        "/staff/team/", "/staff/team/account/")  # fmt: skip


def of_a_worker(page: Page, hub: Hub, language: str, look: Look) -> None:
    """A worker's pages in one language, from the first to the end of consent."""
    _before_answers(page, hub, language, look)
    walking.answer_all(page, walking.answers_of("V1"))
    for name in KINDS_OF_QUESTION:
        _see(page, hub, f"/{language}/q/{name}", look)
    for name in ("check", "result", "save", "share"):
        _see(page, hub, f"/{language}/{name}", look)
    page.click("main form button")
    look(f"/{language}/share, with errors")
    walking.share(page, with_whom="Prueba Law School Workers' Clinic", name="Nadie Muestra")
    look(f"/{language}/done")
    for name in ("mine", "mine/status"):
        _see(page, hub, f"/{language}/{name}", look)
    page.goto(hub.address(f"/{language}/mine"))
    page.click("a[href*='/mine/stop/']")
    look(f"/{language}/mine/stop")
    _stopped(page, hub, language, look)
    of_a_wage_worker(page, hub, language, look)


def of_a_wage_worker(page: Page, hub: Hub, language: str, look: Look) -> None:
    """What only unpaid pay has: its questions of other kinds, the count, the diary."""
    page.context.clear_cookies()
    walking.begin(page, hub.address("/"), language, topic=WAGES)
    for name in WAGE_QUESTIONS:
        _see(page, hub, f"/{language}/q/{name}", look)
    _see(page, hub, f"/{language}/result", look)
    page.goto(hub.address(f"/{language}/q/"))
    walking.answer_all(page, dict(next(iter(packfiles.load(WAGES).examples)).answers))
    for name in ("result", "diary"):
        _see(page, hub, f"/{language}/{name}", look)
    page.click("main form button")
    look(f"/{language}/diary, with errors")


def _before_answers(page: Page, hub: Hub, language: str, look: Look) -> None:
    for path in ("/", f"/{language}/", f"/{language}/start", f"/{language}/return", f"/{language}/closed"):
        _see(page, hub, path, look)
    walking.come_back(page, hub.url, "1234", language)
    look(f"/{language}/return, with an error")
    page.goto(hub.address(f"/{language}/start"))
    page.click("main form button")
    look(f"/{language}/start, without a topic")
    page.check("[name=topic][value=us-labor-deferred-action]")
    page.click("main form button")
    look(f"/{language}/save, the number")
    page.click("main .govuk-button.big")


def _stopped(page: Page, hub: Hub, language: str, look: Look) -> None:
    page.context.clear_cookies()
    walking.begin(page, hub.address("/"), language)
    walking.answer(page, {"detained_now": "yes", "ice_checkins": "no"})
    look(f"/{language}/stop")


def of_a_legal_team(page: Page, hub: Hub, member: str, look: Look) -> None:
    """An advocate's pages: sign-in, the queue, a file with a packet that waits for its sign-off."""
    page.goto(hub.address("/staff/"))
    look("sign-in")
    walking.sign_in(page, hub.url, member)
    for path in TEAM:
        _see(page, hub, path, look)
    _what_if(page, hub, look)
    file = walking.a_file(page, hub.url, "Review")
    page.goto(hub.address(f"{file}answers"))
    look("the reason to open a file")
    walking.give_reason(page, "reviewing")
    for tab in FILE_TABS:
        _see(page, hub, file + tab, look)
    page.goto(hub.address(f"{file}findings"))
    page.locator("text=What would change this").first.click()
    look("what would change a finding")
    _see(page, hub, f"{file}packet/1", look)
    _see(page, hub, f"{file}packet/1/read/3", look)
    _see(page, hub, f"{file}packet/1/sign-off", look)
    _clinic_day(page, hub, look)
    _referrals(page, hub, file, look)
    _a_wage_claim(page, hub, look)
    _a_plan(page, hub, look)


PLAN_TABS = ("", "?edit=pay.attorney&strategy=fellowship_ejw&wanted=2&by=2028-09-30", "values",
             "values?edit=funds/0/grants/0/amount", "text", "history", "runs", "initiatives")  # fmt: skip


def _a_plan(page: Page, hub: Hub, look: Look) -> None:
    """The coalition's plan: its scenario, a finished run, two plans side by side, an initiative."""
    _see(page, hub, "/staff/plans/", look)
    page.click("text=Mill Road plant")
    scenario = page.url.removeprefix(hub.url)
    for tab in PLAN_TABS:
        _see(page, hub, scenario + tab, look)
    page.goto(hub.address(f"{scenario}runs"))
    page.locator("tbody th a").first.click()
    look("a plan")
    page.get_by_role("link", name="Compare").click()
    look("two plans side by side")
    page.goto(hub.address(f"{scenario}initiatives"))
    page.locator("tbody th a").first.click()
    look("an initiative")


def _referrals(page: Page, hub: Hub, file: str, look: Look) -> None:
    """A file's referrals with a link for outside, and one that was sent."""
    _see(page, hub, f"{file}referrals", look)
    page.fill("[name=organization]", "Elsewhere Legal")
    page.fill("[name=need]", "Help with unpaid pay")
    page.click("form[action$=outside] button")
    look("a link for outside, shown once")
    address = page.inner_text(".link-on-paper")
    page.goto(address)
    look("the page behind a link from outside")
    page.goto(hub.address("/staff/referrals"))
    page.locator("tbody th a").first.click()
    look("a referral")


def _a_wage_claim(page: Page, hub: Hub, look: Look) -> None:
    """A cohort's claims in one table, and the first of them."""
    page.goto(hub.address("/staff/disputes/"))
    page.click("text=cooks and cleaners")
    page.click("text=Wage claims")
    look("the reason to open a cohort's claims")
    page.check("[name=why][value=supervising]")
    page.click("main form button")
    look("a cohort's wage claims")
    page.locator("tbody th a").first.click()
    walking.give_reason(page, "reviewing")
    file = page.url.removeprefix(hub.url).removesuffix("worksheet")
    for tab in WAGE_TABS:
        _see(page, hub, file + tab, look)


def _clinic_day(page: Page, hub: Hub, look: Look) -> None:
    """The help day to come: its staff's pages, and a screen of each kind."""
    page.goto(hub.address("/staff/clinic-days"))
    page.locator("tbody th a", has_text="Saturday").click()
    look("a clinic day")
    page.click("text=Prepare and run this day")
    if page.locator("text=Set up stations and numbers").count():
        look("a clinic day before it is set up")
        page.click("text=Set up stations and numbers")
    day = page.url.removeprefix(hub.url).removesuffix("setup")
    for tab in ("setup", "numbers", "plan", "screens", "board", "after"):
        _see(page, hub, day + tab, look)
    links = [_screen(page, hub, day, *one) for one in (("hall", ""), ("station", "check_in"), ("board", ""))]
    look("a screen's link, shown once")
    for link in links:
        page.goto(link)
        look("a screen's link before it is opened")
        page.click("main form button")
        look("a screen of a clinic day")


def _screen(page: Page, hub: Hub, day: str, kind: str, station: str) -> str:
    page.goto(hub.address(f"{day}screens"))
    page.fill("[name=name]", f"{kind}-{page.locator('tbody tr').count()}")
    page.select_option("[name=kind]", kind)
    page.select_option("[name=station]", station)
    page.click("text=Make its link")
    return page.inner_text(".link-on-paper").strip()


def _what_if(page: Page, hub: Hub, look: Look) -> None:
    """Both outcomes side by side, without the first source of help; expected cases, wrongly filled in."""
    page.goto(hub.address("/staff/matches/what-if"))
    page.locator("main input[type=checkbox]").first.check()
    page.click("button:text-is('Compare')")
    look("what if, side by side")
    page.goto(hub.address("/staff/matches/expected"))
    page.click("main form:has([name=title]) button")
    look("expected cases, with errors")


def of_an_organiser(page: Page, hub: Hub, member: str, look: Look) -> None:
    """An organiser's pages: the people who chose to be known to her, and the dispute."""
    walking.sign_in(page, hub.url, member, "/staff/organiser/")
    for path in ("/staff/organiser/", "/staff/organiser/helped/", "/staff/disputes/", "/staff/team/account/"):
        _see(page, hub, path, look)
    page.goto(hub.address("/staff/disputes/"))
    page.click("text=Blue Prairie Poultry")
    look("an employer")
    page.click("text=line workers")
    look("a cohort")
    page.click("text=Poster to print")
    look("the poster")


def _see(page: Page, hub: Hub, path: str, look: Look) -> None:
    answer = page.goto(hub.address(path))
    assert answer is not None and answer.ok, f"{path} answered {answer and answer.status}"
    look(path)
