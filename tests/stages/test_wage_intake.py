"""Asking about unpaid pay: choosing the topic, a first count, the diary, and on to other questions.

Ana cooks in Queens six days a week for $150 a day; Bela does not know how often she is paid.
"""

# ruff: noqa: F811 - a fixture is imported and then named as an argument

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from jornada.disputes.models import Cohort, Employer, Worksite
from jornada.domain.facts import Answers
from jornada.gateways import packfiles, wagelaws
from jornada.gateways.today import today
from jornada.intake import drafts, selectors, topics
from jornada.intake.estimates import estimate
from jornada.vault.tenancy import as_provider, as_worker
from tests.rulepacks.test_us_labor_deferred_action import grade
from tests.stages.casework import Team, team  # noqa: F401
from tests.stages.test_intake import Visitor

pytest_plugins = ["tests.stages.coalition_cast"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords")]
NEW_YORK = "us-ny-wages"
COOK: dict[str, Any] = next(iter(packfiles.load(NEW_YORK).examples)).answers


def begun(topic: str = NEW_YORK, language: str = "en", query: str = "") -> Visitor:
    visitor = Visitor(language)
    visitor.starts(topic=topic, query=query)
    return visitor


def says(visitor: Visitor, **answers: Any) -> None:
    """Her answers as the interview would have saved them."""
    drafts.save(visitor.session, drafts.opened(visitor.session), answers, question="W01", on=today())


# ── What it is about ──────────────────────────────────────────────────────────────────────────────────────


def test_every_topic_is_offered_wages_first_and_none_is_chosen_for_her() -> None:
    page = Visitor().reads("start")
    places = [page.index(f'value="{one.pack}"') for one in topics.topics("en")]
    assert len(places) == len(packfiles.available())
    assert places == sorted(places)
    assert [one.pack for one in topics.topics("en")][-2:] == ["us-federal-wages", "us-labor-deferred-action"]
    assert "checked" not in page.split('name="who"')[0]


def test_without_a_topic_nothing_begins_and_the_page_says_what_to_choose() -> None:
    answer = Visitor().sends("start", who="alone")
    assert answer.status_code == 422
    assert 'href="#topic-1"' in answer.content.decode()
    assert "way" not in answer.cookies


def test_a_topic_that_does_not_exist_is_no_topic() -> None:
    assert Visitor().sends("start", who="alone", topic="us-secret-pack").status_code == 422


def test_a_link_may_name_the_topic_and_the_other_language_keeps_it() -> None:
    page = Visitor().reads("start?topic=us-il-wages")
    assert 'value="us-il-wages" checked' in page
    assert 'href="/es/start?topic=us-il-wages"' in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_topics_are_in_plain_words(language: str) -> None:
    for one in topics.topics(language):
        assert one.title
        if language == "en":
            assert grade(f"{one.title}. {one.more}") <= 8, one


# ── A first count ─────────────────────────────────────────────────────────────────────────────────────────


def test_ana_sees_what_her_answers_come_to_with_each_kind_of_line() -> None:
    ana = begun()
    says(ana, **COOK)
    page = ana.reads("result")
    assert "From your answers it may come to $" in page
    for line in ("Overtime, the half on top", "Spread of hours", "Liquidated damages"):
        assert line in page
    assert "not a promise" in page


def test_a_range_of_hours_gives_a_range_of_money() -> None:
    bela = begun()
    says(bela, **{**COOK, "hours_how": "length", "hours_a_day": "10-12"})
    shown = bela.reads("result")
    assert " to $" in shown.split("it may come to", 1)[1][:40]


def test_what_is_missing_is_asked_for_and_is_never_zero() -> None:
    bela = begun()
    says(bela, **{name: value for name, value in COOK.items() if name != "promised_amount"})
    page = bela.reads("result")
    assert "We cannot count yet" in page
    assert "$0" not in page


def test_the_part_that_rests_on_unverified_law_says_so() -> None:
    ana = begun()
    says(ana, **{**COOK, "owed_besides": [{"kind": "sick_leave", "amount": "200.00"}]})
    assert "rests on a rule that we could not check yet" in ana.reads("result")


def test_weeks_past_the_last_confirmed_rate_are_named_and_the_rest_is_counted() -> None:
    later = {**COOK, "jobs": [{**COOK["jobs"][0], "from": "2026-12-01", "to": "2027-02-28"}]}
    found = estimate(packfiles.load(NEW_YORK), Answers(later), date(2027, 3, 1), "en")
    assert found is not None
    assert any("nobody has confirmed" in line for line in found.wrong)
    assert found.low.startswith("$")


def test_spanish_money_is_in_dollars_as_here() -> None:
    ana = begun(language="es")
    says(ana, **COOK)
    assert "pueden ser de $" in ana.reads("result") or "pueden ser $" in ana.reads("result")


def test_no_other_remedy_shows_money() -> None:
    luis = begun("us-labor-deferred-action")
    assert "A first count" not in luis.reads("result")


# ── On to another kind of help, apart ─────────────────────────────────────────────────────────────────────


def test_from_wages_a_link_leads_to_the_other_questions_which_are_kept_apart() -> None:
    ana = begun()
    says(ana, **COOK)
    assert "/en/start?topic=us-labor-deferred-action" in ana.reads("result")
    second = begun("us-labor-deferred-action")
    assert second.session.application_id != ana.session.application_id
    assert second.said == {}


def test_whoever_came_with_a_group_finds_its_job_in_the_second_assessment_too(team: Team) -> None:
    with as_provider(team.provider.id):
        employer = Employer.objects.create(provider=team.provider, legal_name="Ejemplo Poultry", shared=True)
        place = Worksite.objects.create(
            provider=team.provider, employer=employer, name="Plant 2", city="Duplin", state="NC", shared=True
        )
        group = Cohort.objects.create(
            provider=team.provider, employer=employer, worksite=place, name="Night shift", shared=True
        )
    ana = begun(query=f"?j={group.join_code}")
    mark = ana.reads("result").split("group=")[1].split('"')[0]
    second = begun("us-labor-deferred-action", query=f"?group={mark}")
    with as_worker(second.session.application_id):
        assert selectors.cohort_of(second.session.application_id) == group.id
    forged = begun("us-labor-deferred-action", query=f"?group={group.id}")
    with as_worker(forged.session.application_id):
        assert selectors.cohort_of(forged.session.application_id) is None


def test_no_fact_about_papers_can_be_reached_from_a_wage_pack() -> None:
    """By construction: the wage packs name no fact of those sections, nor any vocabulary that holds them."""
    dangerous = packfiles.load("us-labor-deferred-action").facts
    apart = {
        "immigration_history",
        "criminal_history",
        "other_relief",
        "identity",
        "family",
        "statement",
        "money",
    }
    for name, pack in wagelaws.packs().items():
        assert not {fact.section for fact in pack.facts.values()} & apart, name
        assert {fact.data_class for fact in pack.facts.values()} <= {"P2", "P3"}, name
        both = {fact for fact in pack.facts if fact in dangerous}
        assert {dangerous[fact].section for fact in both} <= {"contact", "work"}, name


# ── The diary ─────────────────────────────────────────────────────────────────────────────────────────────


def noted(visitor: Visitor, day: Any, start: str = "07:00", end: str = "19:00", **more: str) -> Any:
    parts = {"month": day.month, "day": day.day, "year": day.year}
    when = {f"hours_diary-day-{name}": str(value) for name, value in parts.items()}
    rest = {"hours_diary-start": start, "hours_diary-end": end}
    return visitor.sends(
        "diary", **when, **rest, **{f"hours_diary-{name}": text for name, text in more.items()}
    )


def test_she_notes_a_day_and_it_is_in_the_count() -> None:
    ana = begun()
    says(
        ana,
        **{
            name: value for name, value in COOK.items() if name not in ("start_time", "end_time", "hours_how")
        },
    )
    assert "We cannot count yet" in ana.reads("result")
    assert noted(ana, today() - timedelta(days=1)).status_code == 302
    page = ana.reads("diary")
    assert "You wrote down 1 days." in page
    assert "07:00" in page
    assert "it may come to" in ana.reads("result")


def test_the_form_begins_with_today(client: Any) -> None:
    page = begun().reads("diary")
    assert (
        f'name="hours_diary-day-day" type="text" inputmode="numeric" maxlength="10" value="{localdate():%d}"'
        in page
    )


@pytest.mark.parametrize(
    ("start", "end", "more", "told"),
    [
        ("", "19:00", {}, "choose an answer"),
        ("07:00", "09:00", {"meal": "180"}, "break is longer"),
        ("seven", "19:00", {}, "write a time"),
    ],
)
def test_hours_that_cannot_be_are_told_and_kept_on_the_page(
    start: str, end: str, more: dict[str, str], told: str
) -> None:
    answer = noted(begun(), today(), start, end, note="Rosa saw me", **more)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert "Rosa saw me" in answer.content.decode()


def test_two_shifts_of_a_day_may_not_meet() -> None:
    ana = begun()
    assert noted(ana, today(), "07:00", "12:00").status_code == 302
    assert noted(ana, today(), "13:00", "18:00").status_code == 302
    refused = noted(ana, today(), "11:00", "14:00")
    assert refused.status_code == 422
    assert "meet other hours" in refused.content.decode()
    assert len(ana.said["hours_diary"]) == 2


def test_a_day_can_be_taken_out_again() -> None:
    ana = begun()
    noted(ana, today(), "07:00", "12:00")
    assert ana.sends("diary", remove=f"{today()} 07:00").status_code == 302
    assert "hours_diary" not in Answers(ana.said) or not ana.said["hours_diary"]


def test_on_a_helpers_screen_the_days_are_not_shown_again() -> None:
    bela = Visitor()
    bela.starts(who="helped", topic=NEW_YORK)
    noted(bela, today(), note="boss shouted")
    page = bela.reads("diary")
    assert "You wrote down 1 days." in page
    assert "boss shouted" not in page


def test_other_topics_have_no_diary() -> None:
    begun("us-labor-deferred-action").reads("diary", status=404)
