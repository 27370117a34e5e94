"""Reasons for each match, and for each person left out what was nearest and what really changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from jornada.domain.facts import Reason
from jornada.domain.matching import (
    Explaining,
    LeftOut,
    Matching,
    Person,
    Pricing,
    Round,
    Source,
    difference,
    match,
    plan,
    words,
)
from jornada.domain.matching.cards import crowd
from tests.domain.matching.rounds import DAY, pack, pairs, person, provider, source

PACK = pack()
ROSA = source("rosa", places=frozenset({"Duplin"}))
SATURDAY = source(
    "saturday", 2, kind="clinic", gives=frozenset({"limited"}), languages=frozenset({"es"}),
    held_on=date(2026, 12, 5),
)  # fmt: skip


def matched(*people: Person, sources: list[Source], **limits: Any) -> Matching:
    return match(Round(people, sources, **limits), PACK, on=DAY)


def left(found: Matching) -> dict[str, LeftOut]:
    return {one.person: one for one in found.left_out}


def test_each_match_says_why() -> None:
    ana = person("ana", place="Duplin", level="COMPLEX", deadline_on=DAY + timedelta(days=9))
    (told,) = matched(ana, sources=[ROSA]).matches
    assert [reason.key for reason in told.reasons] == [
        "takes_full_scope", "speaks", "serves_place", "may_carry_complex", "before_deadline",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "where", "obstacle"),
    [
        (person("ana"), SATURDAY, "needs_full_scope"),
        (person("bashir", need="wage_claim"), ROSA, "does_not_give"),
        (
            person("chen", level="COMPLEX"),
            replace(ROSA, credentials=frozenset({"accredited_partial"})),
            "complex_needs_attorney",
        ),
        (person("mateo", languages=frozenset({"mam"})), ROSA, "no_language"),
        (person("dalia", place="Wake"), ROSA, "out_of_area"),
        (person("elif", need="limited", deadline_on=date(2026, 12, 5)), SATURDAY, "after_deadline"),
        (person("femi", need="limited"), replace(SATURDAY, held_on=DAY - timedelta(days=1)), "clinic_over"),
        (person("gabriel", not_with=frozenset({"rosa"})), ROSA, "kept_apart"),
        (person("hana"), replace(ROSA, credentials=frozenset()), "no_credential"),
        (person("ivo"), replace(ROSA, credential_until=DAY - timedelta(days=1)), "credential_ends"),
    ],
)  # fmt: skip
def test_each_hard_rule_names_its_obstacle(who: Person, where: Source, obstacle: str) -> None:
    (near,) = left(matched(who, sources=[where]))[who.id].nearest
    assert [reason.key for reason in near.obstacles] == [obstacle]


def test_a_conflict_with_the_organization_keeps_its_advocates_away() -> None:
    lan = person("lan", not_with=frozenset({"riverbend"}))
    inside = source("dana", within="riverbend")
    (near,) = left(matched(lan, sources=[inside], ceilings=[provider("riverbend")]))["lan"].nearest
    assert [reason.key for reason in near.obstacles] == ["kept_apart"]


def test_a_full_source_says_how_many_more_places_would_reach_her() -> None:
    people = [person("ana", 30), person("bashir", 20), person("chen", 1)]
    told = left(matched(*people, sources=[ROSA]))
    assert [(one.key, one.values["seats"]) for one in told["bashir"].changes] == [("one_more_seat", 1)]
    assert [(one.key, one.values["seats"]) for one in told["chen"].changes] == [("more_seats", 2)]


def test_a_full_supervisor_is_widened_with_the_place() -> None:
    inside = [source("dana", 2, within="marta")]
    told = left(
        matched(person("ana", 30), person("bashir", 3), sources=inside, ceilings=[provider("marta", 1)])
    )
    (change,) = told["bashir"].changes
    assert (change.key, change.values["within"]) == ("one_more_seat", ["marta"])


def test_a_person_left_out_hears_what_would_mend_the_nearest_obstacle() -> None:
    told = left(matched(person("mateo", languages=frozenset({"mam"})), sources=[ROSA, SATURDAY]))["mateo"]
    assert told.nearest[0].source == "rosa"
    assert [change.key for change in told.changes] == ["would_help.no_language"]


def test_a_mend_that_would_only_help_somebody_before_her_is_not_named() -> None:
    """If Rosa spoke Mam her one place would still go to Ana."""
    told = left(matched(person("ana", 90), person("mateo", 1, languages=frozenset({"mam"})), sources=[ROSA]))
    assert "would_help.no_language" not in [change.key for change in told["mateo"].changes]


def test_whoever_has_a_place_hears_what_would_come_next() -> None:
    people = [person("ana", languages=frozenset({"es"}))]
    sources = [ROSA, source("luis", 0), source("dana", languages=frozenset({"en"}))]
    found = plan(Round(people, sources), PACK, on=DAY)
    explaining = Explaining(found)
    assert found.source_of("ana") == "rosa"
    told = [(one.source, [reason.key for reason in one.obstacles]) for one in explaining.alternatives("ana")]
    assert told == [("luis", []), ("dana", ["no_language"])]
    assert [explaining.has_place(name) for name in ("luis", "dana")] == [False, True]


def test_a_clinic_day_is_not_asked_to_take_full_scope() -> None:
    told = left(matched(person("ana"), sources=[SATURDAY]))["ana"]
    assert [reason.key for reason in told.nearest[0].obstacles] == ["needs_full_scope"]
    assert [change.key for change in told.changes] == ["another_source_needed"]


def test_of_two_sources_kept_apart_each_is_named_only_if_she_would_go_there_herself() -> None:
    lan = person("lan", not_with=frozenset({"rosa", "luis"}))
    changes = left(matched(lan, sources=[ROSA, source("luis", 0)]))["lan"].changes
    assert [(one.key, one.values["source"]) for one in changes] == [("would_help.kept_apart", "rosa")]


def test_people_given_as_columns_hear_too_what_would_bring_them_together() -> None:
    cards = [person("ana", not_with=frozenset({"luis"})), person("lan", not_with=frozenset({"rosa"}))]
    told = match(Round(crowd(cards, DAY), [ROSA]), PACK, on=DAY)
    assert [one.person for one in told.matches] == ["ana"]
    told = match(Round(crowd(cards[1:], DAY), [ROSA]), PACK, on=DAY)
    assert [(one.key, one.values["source"]) for one in told.left_out[0].changes] == [
        ("would_help.kept_apart", "rosa")
    ]


def test_with_no_source_at_all_another_one_is_needed() -> None:
    (change,) = left(matched(person("ana"), sources=[]))["ana"].changes
    assert (change.key, change.values) == ("another_source_needed", {"seats": 1})


def test_the_law_is_not_named_as_something_to_change() -> None:
    grantee = provider("grantee", facts={"funding": ["lsc"]})
    told = left(matched(person("ana"), sources=[source("dana", within="grantee")], ceilings=[grantee]))["ana"]
    assert [reason.key for reason in told.nearest[0].obstacles] == ["lsc_category"]
    assert [change.key for change in told.changes] == ["another_source_needed"]


def test_every_reason_can_be_said_in_every_language() -> None:
    people = [
        person("ana", level="COMPLEX", place="Duplin"), person("mateo", languages=frozenset({"mam"})),
        person("dalia", place="Wake"), person("hana", need="wage_claim"), person("omar", need="limited"),
    ]  # fmt: skip
    found = matched(*people, sources=[ROSA, SATURDAY])
    reasons = [reason for one in found.matches for reason in (*one.reasons, *one.flags)]
    reasons += [reason for one in found.left_out for near in one.nearest for reason in near.obstacles]
    reasons += [reason for one in found.left_out for reason in one.changes]
    for language in PACK.languages:
        for reason in reasons:
            assert PACK.has_text(f"reasons.{reason.key}", language), reason.key
            assert "{" not in words.said(PACK, reason, language)


# --- prices ---------------------------------------------------------------------------------------


def priced(*people: Person, sources: list[Source], **limits: Any) -> Pricing:
    return Pricing(plan(Round(people, sources, **limits), PACK, on=DAY))


def test_one_more_reviewer_is_worth_as_many_packets_as_people_then_find_a_place() -> None:
    people = [person(f"worker {number}") for number in range(20)]
    reviewer = source("reviewer", 6, held=3, period="month")
    (price,) = priced(*people, sources=[reviewer]).helpers()
    assert price.reason.key == "helper_each"
    assert (price.people, price.reason.values["seats"]) == (9, 9)
    assert words.priced(PACK, price.reason, "en") == (
        "one more like reviewer, with 9 places a month, is worth 9 people a month"
    )


def test_a_place_under_a_full_supervisor_is_priced_with_the_supervisor() -> None:
    people = [person("ana"), person("bashir")]
    (price,) = priced(
        *people, sources=[source("dana", 5, within="marta")], ceilings=[provider("marta", 1)]
    ).seats()
    assert (price.people, price.reason.values["within"]) == (1, ["marta"])


def test_where_everybody_is_served_nothing_has_a_price() -> None:
    pricing = priced(person("ana"), sources=[source("dana", 5)])
    assert (pricing.seats(), pricing.helpers(), pricing.languages()) == ((), (), ())


def test_a_language_is_worth_the_people_whom_nothing_else_keeps_away() -> None:
    people = [person(f"worker {number}", languages=frozenset({"mam"})) for number in range(4)]
    (price,) = priced(*people, sources=[source("dana", 3)]).languages()
    assert (price.reason.values["language"], price.people) == ("mam", 3)


# --- two plans side by side -----------------------------------------------------------------------


def test_a_what_if_shows_who_gains_who_loses_and_where() -> None:
    before = Round([person("ana", 30), person("bashir", 5)], [source("dana")])
    after = replace(before, sources=[source("dana"), source("luis")], rejections=pairs(("ana", "dana")))
    told = difference(plan(before, PACK, on=DAY), plan(after, PACK, on=DAY))
    assert [(one.person, one.before, one.after) for one in told.people] == [
        ("ana", "dana", "luis"), ("bashir", None, "dana"),
    ]  # fmt: skip
    assert [(one.source, one.before, one.after) for one in told.sources] == [
        ("dana", 1, 1),
        ("luis", None, 1),
    ]


def test_a_reason_that_the_pack_does_not_say_stays_as_it_is() -> None:
    assert words.said(PACK, Reason("quite_new", {}), "en") == "quite new"
