"""The pack for labor-based deferred action: its vignettes, its stops, its dated values and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pyphen
import pytest

from jornada.domain import interview
from jornada.domain.assessment import assess, what_would_change
from jornada.domain.conditions import NotInForce
from jornada.domain.examples import failing, run
from jornada.domain.facts import Outcome
from jornada.domain.packparts import Example
from jornada.domain.triage import decide
from jornada.gateways import packfiles

OPEN_DAY, SHUT_DAY = date(2024, 10, 1), date(2026, 11, 22)
VIGNETTES = ("V1", "V2", "V4", "V5", "V6", "V8", "V9", "V10", "V12", "V13", "V15", "V17", "V18", "V20")
PACK = packfiles.load("us-labor-deferred-action")


def example(vignette: str, day: date) -> Example:
    found = [one for one in PACK.examples if one.name.split()[0] == vignette and one.day == day]
    assert len(found) == 1, f"{vignette} on {day}: {len(found)} examples"
    return found[0]


# --- vignettes ------------------------------------------------------------------------------------


def test_every_example_comes_out_as_written() -> None:
    assert [str(error) for error in failing(PACK)] == []


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_each_vignette_stands_on_both_days_with_level_track_and_tasks(vignette: str) -> None:
    for day in (OPEN_DAY, SHUT_DAY):
        assert {"level", "track", "findings", "tasks"} <= set(example(vignette, day).expect)


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_since_july_2025_every_vignette_is_complex(vignette: str) -> None:
    came = run(example(vignette, SHUT_DAY), PACK)
    assert came.decision.level == "COMPLEX"
    assert came.decision.gates == ("programme_gate",)
    assert "do_not_file" in came.decision.tasks


def test_ana_would_know_what_turns_her_match_with_the_letter() -> None:
    ana = example("V1", OPEN_DAY)
    on_file = PACK.on_file(ana)
    found = assess(ana.answers, PACK, ana.day, on_file)
    assert found.finding("covered_by_statement").turning == ("jobs",)
    changes = what_would_change(found, PACK, ana.answers, ana.day, "citizen_claim", on_file)
    assert {(change.fact, change.to, change.outcome) for change in changes} == {
        ("claimed_citizen", "yes", Outcome.YES),
        ("claimed_citizen", "unsure", Outcome.YES),
    }


def test_elena_is_told_the_day_on_which_her_grant_ran_out() -> None:
    grant = run(example("V13", SHUT_DAY), PACK).assessment.finding("grant_period")
    assert grant.outcome is Outcome.NO
    assert grant.values["da_end"] == "2026-02-09"


# --- the interview --------------------------------------------------------------------------------


def test_all_forty_questions_are_there_under_their_own_ids() -> None:
    wanted = {f"Q{number:02}" for number in range(1, 41)}
    assert wanted <= {question.id for question in PACK.questions}


def test_no_question_that_is_no_danger_sign_comes_before_one_that_is() -> None:
    asked = [question.danger for question in interview.open_questions(PACK, {}, SHUT_DAY)]
    assert asked == sorted(asked, reverse=True)
    assert any(asked)


def test_a_person_held_by_ice_is_asked_one_page_and_helped() -> None:
    first = interview.next_question(PACK, {}, SHUT_DAY)
    assert first is not None
    assert set(first.asks) == {"detained_now", "ice_checkins"}
    stop = interview.stopped(PACK, {"detained_now": "yes"}, SHUT_DAY)
    assert stop is not None
    assert stop.name == "detained"


def test_being_unsure_of_everything_never_stops_the_interview() -> None:
    answers: dict[str, str] = {}
    while (question := interview.next_question(PACK, answers, SHUT_DAY)) is not None:
        answers |= dict.fromkeys(question.asks, "unsure")
        assert interview.stopped(PACK, answers, SHUT_DAY) is None, question.id
    assert "understands_limits" in answers
    decision = decide(assess(answers, PACK, SHUT_DAY), PACK)
    assert (decision.level, decision.track) == ("COMPLEX", "representation")


def test_every_early_stop_has_its_kind_words_in_each_language() -> None:
    for language in PACK.languages:
        for name in PACK.stop_early:
            assert PACK.has_text(f"stops.{name}", language), (name, language)


def test_a_worker_without_a_statement_has_been_asked_of_force_crime_and_fear_before_she_is_sent_on() -> None:
    order = [question.id for question in interview.open_questions(PACK, {}, SHUT_DAY)]
    assert max(order.index(one) for one in ("Q24", "Q25", "Q28")) < order.index("Q03")


def test_no_fact_of_screening_can_hold_a_false_number_or_anyone_else_s_name() -> None:
    raw = packfiles.directory() / "us-labor-deferred-action" / "facts.yaml"
    own = re.findall(r"^  (\w+):", raw.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(own) > 40
    kinds = {PACK.facts[name].kind for name in own}
    assert kinds <= {"yes_no", "choice", "choices", "whole_number", "date"}


# --- dated values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2023-01-13", "open_2yr"), ("2024-07-21", "open_2yr"),
        ("2024-07-22", "open_4yr"), ("2025-01-19", "open_4yr"),
        ("2025-01-20", "winding_down_unannounced"), ("2025-07-16", "winding_down_unannounced"),
        ("2025-07-17", "not_processed_reported"), ("2026-11-29", "not_processed_reported"),
    ],
)  # fmt: skip
def test_the_programme_has_its_status_of_the_day_and_words_for_it(day: str, status: str) -> None:
    assert PACK.parameter("programme_status").on(date.fromisoformat(day)).value == status
    assert all(PACK.has_text(f"status.{status}", language) for language in PACK.languages)


@pytest.mark.parametrize("day", ["2023-01-12", "2026-11-30"])
def test_a_day_nobody_confirmed_has_no_status(day: str) -> None:
    with pytest.raises(NotInForce, match=day):
        PACK.parameter("programme_status").on(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("fee", "day", "amount", "needs_review"),
    [
        ("i765_fee_paper", "2024-03-31", "410.00", True),
        ("i765_fee_paper", "2024-04-01", "520.00", False),
        ("i765_fee_paper", "2026-11-22", "520.00", False),
        ("i765_fee_online", "2026-11-22", "unknown", True),
        ("biometrics_fee", "2024-03-31", "unknown", True),
        ("biometrics_fee", "2024-04-01", "0.00", True),
        ("g325a_fee", "2026-11-22", "0.00", False),
        ("i912_fee", "2026-11-22", "0.00", False),
    ],
)
def test_a_fee_is_that_of_the_filing_day_and_says_when_it_is_not_sure(
    fee: str, day: str, amount: str, needs_review: bool
) -> None:
    found = PACK.parameter(fee).on(date.fromisoformat(day))
    assert (found.value, found.needs_review) == (amount, needs_review)


@pytest.mark.parametrize(
    ("form", "day", "edition"),
    [
        ("g325a", "2024-10-01", "10/25/23"), ("g325a", "2025-02-04", "10/25/23"),
        ("g325a", "2025-02-05", "01/20/25"), ("i765", "2025-08-20", "unknown"),
        ("i765", "2026-11-22", "08/21/25"), ("i765ws", "2026-11-22", "08/21/25"),
        ("i912", "2026-11-22", "07/22/25"), ("g28", "2026-11-22", "09/17/18"),
        ("g1145", "2026-11-22", "09/26/14"),
    ],
)  # fmt: skip
def test_a_form_has_the_edition_last_seen_by_that_day(form: str, day: str, edition: str) -> None:
    assert PACK.parameter(f"form_edition_{form}").on(date.fromisoformat(day)).value == edition


def test_the_g325a_of_today_is_marked_for_review_for_nobody_has_seen_it() -> None:
    assert PACK.parameter("form_edition_g325a").on(SHUT_DAY).needs_review
    assert PACK.parameter("labor_type_listed").on(SHUT_DAY).value == "unknown"


def test_the_countries_on_hold_are_unknown_and_never_filled_in() -> None:
    hold = PACK.parameter("hold_countries")
    assert hold.on(OPEN_DAY).value == []
    assert hold.on(SHUT_DAY).value == "unknown"
    ana = example("V1", SHUT_DAY)
    found = assess(ana.answers, PACK, SHUT_DAY, PACK.on_file(ana))
    assert found.finding("country_hold").outcome is Outcome.NOT_YET_KNOWN
    assert found.finding("country_list_to_check").outcome is Outcome.YES


def test_every_value_that_may_move_is_confirmed_to_the_same_weekly_review() -> None:
    raw = (packfiles.directory() / "us-labor-deferred-action" / "parameters.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r'confirmed_until: "([^"]+)"', raw)) == {"2026-11-29"}


# --- words ----------------------------------------------------------------------------------------

WORKER_WORDS = (
    "reasons.", "stops.", "result.", "who_can_help.", "nothing_fits.", "fraud.", "messages.", "status.",
    "delivery.", "helper.",
)  # fmt: skip
SHORT = 10
"""Below so many words a text is exempt: both formulas are made for passages; one long word would decide."""

_HYPHENS = {"en": pyphen.Pyphen(lang="en_US"), "es": pyphen.Pyphen(lang="es")}
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def measured(text: str, language: str) -> tuple[float, float, int]:
    """Words a sentence, syllables a word, words."""
    words = _WORD.findall(text)
    sentences = [part for part in re.split(r"[.!?:;]+(?:\s|$)", text) if re.search(r"\w", part)]
    syllables = sum(len(_HYPHENS[language].positions(word.lower())) + 1 for word in words)
    return len(words) / max(1, len(sentences)), syllables / max(1, len(words)), len(words)


def grade(text: str) -> float:
    """Flesch-Kincaid grade of English."""
    length, syllables, _ = measured(text, "en")
    return 0.39 * length + 11.8 * syllables - 15.59


def ease(text: str) -> float:
    """Fernández-Huerta ease of Spanish: 70 and above is "fairly easy"."""
    length, syllables, _ = measured(text, "es")
    return 206.84 - 60 * syllables - 1.02 * length


def own_texts(language: str) -> Iterator[tuple[str, str]]:
    """Each question (what is asked with why) and each other text that workers read, of the screening side."""
    for question in PACK.questions:
        if question.stage == "screening":
            yield (
                question.id,
                " ".join(PACK.text(f"questions.{question.id}.{part}", language) for part in ("ask", "why")),
            )
    for key, text in PACK.wording[language].items():
        hint = key.startswith("questions.Q") and key.endswith(".hint")
        if (hint or key.startswith(WORKER_WORDS)) and measured(text, language)[2] >= SHORT:
            yield key, text


def test_english_reads_at_grade_six_or_below() -> None:
    hard = {key: round(grade(text), 1) for key, text in own_texts("en") if grade(text) > 6}
    assert hard == {}


def test_spanish_reads_at_least_fairly_easily() -> None:
    hard = {key: round(ease(text)) for key, text in own_texts("es") if ease(text) < 70}
    assert hard == {}


def test_the_measures_tell_plain_words_from_hard_ones() -> None:
    plain, hard = (
        "We can help you find one. It is free.",
        "Adjudication of discretionary authorization necessitates documentation.",
    )
    assert grade(plain) < 3 < 12 < grade(hard)
    facil, dificil = (
        "Le vamos a dar ayuda. No cuesta nada.",
        "La adjudicación discrecional requiere documentación complementaria administrativa.",
    )
    assert ease(facil) > 90 > 50 > ease(dificil)


PROMISES = {
    "en": r"\bqualif(y|ies|ied)\b|\beligible\b|\bguarantee|\bwill be approved\b|\bentitled to deferred",
    "es": r"\bcalific|\belegible|\b(re[úu]ne|cumple)[^.]* requisitos|\bgarantiz|\bser[áa] aprobad",
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_text_ever_says_you_qualify(language: str) -> None:
    said = {
        key: text
        for key, text in PACK.wording[language].items()
        if re.search(PROMISES[language], text, re.IGNORECASE)
    }
    assert said == {}


def test_the_search_for_promises_finds_them() -> None:
    assert re.search(PROMISES["en"], "You qualify for this.", re.IGNORECASE)
    assert re.search(PROMISES["es"], "Usted califica.", re.IGNORECASE)


def test_spanish_sends_nobody_to_the_police_with_a_labor_complaint() -> None:
    """A stored Spanish page once did, where the English says the labor agency (notes, section 8)."""
    complaints = [
        key
        for key in PACK.wording["es"]
        if "labor" in key or "wage" in key or key.endswith((".m04", ".rights"))
    ]
    assert complaints
    assert not [key for key in complaints if "polic" in PACK.text(key, "es").lower()]


def test_the_fifteen_core_messages_stand_in_both_languages() -> None:
    for language in ("en", "es"):
        assert all(PACK.has_text(f"messages.m{number:02}", language) for number in range(1, 16))
