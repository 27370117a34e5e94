"""The words of the worker's own pages: whole in every language, easy to read, and never a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from jornada.domain.vocabulary import PROBLEMS
from jornada.gateways.database import PROJECT
from jornada.intake import wording
from tests.rulepacks.test_us_labor_deferred_action import SHORT, ease, grade, measured

TEMPLATES = [
    *PROJECT.glob("jornada/intake/templates/intake/*.html"),
    *PROJECT.glob("jornada/web/templates/worker/*.html"),
]
PROMISES = re.compile(
    r"\b(you (?:do )?qualify|you are eligible|usted califica|califica para|tiene derecho a la acción)\b", re.I
)


def flat(found: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its key; a list's lines together, as they are read together."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from flat(value, f"{prefix}{key}.")
    elif isinstance(found, list):
        yield prefix[:-1], " ".join(map(str, found))
    else:
        yield prefix[:-1], str(found)


def keys_of(language: str) -> set[str]:
    return {key for key, _ in flat(wording.words(language))}


def test_every_language_says_the_same_things_with_the_same_places_to_fill() -> None:
    assert keys_of("en") == keys_of("es")
    texts = {language: dict(flat(wording.words(language))) for language in ("en", "es")}
    for key, english in texts["en"].items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", texts["es"][key])), key


def test_every_key_is_a_word_and_none_became_true_or_false() -> None:
    for language in wording.LANGUAGES:
        assert not [key for key in keys_of(language) if re.search(r"\b(True|False|None)\b", key)]


def test_every_word_that_a_page_asks_for_is_there() -> None:
    asked = {
        key for page in TEMPLATES for key in re.findall(r"\bw\.([a-z_]+(?:\.[a-z_]+)+)", page.read_text())
    }
    assert len(asked) > 80
    missing = {
        key for key in asked if not any(one == key or one.startswith(key + ".") for one in keys_of("en"))
    }
    assert missing - {"page.title"} == set()


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_problem_that_an_answer_can_have_has_its_words(language: str) -> None:
    assert set(PROBLEMS) <= set(wording.words(language)["problems"])


def test_a_missing_text_says_which_and_where_to_add_it() -> None:
    with pytest.raises(KeyError, match=r"no text 'start\.nothing'.*en\.yaml"):
        wording.text("en", "start.nothing")


def passages(language: str) -> list[tuple[str, str]]:
    """Texts long enough to measure; the names of the months are no passage."""
    found = [(key, text) for key, text in flat(wording.words(language)) if key != "months"]
    return [(key, text) for key, text in found if measured(text, language)[2] >= SHORT]


def test_english_reads_at_grade_six_or_below() -> None:
    long_enough = passages("en")
    assert len(long_enough) > 60
    assert {key: round(grade(text), 1) for key, text in long_enough if grade(text) > 6} == {}


def test_spanish_reads_at_least_fairly_easily() -> None:
    long_enough = passages("es")
    assert len(long_enough) > 60
    assert {key: round(ease(text)) for key, text in long_enough if ease(text) < 70} == {}


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_nobody_is_told_that_she_qualifies(language: str) -> None:
    assert not [key for key, text in flat(wording.words(language)) if PROMISES.search(text)]


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("en", "2019", "2019"),
        ("en", "2019-05", "May 2019"),
        ("es", "2019-05", "mayo de 2019"),
        ("es", "2019-05-17", "17 de mayo de 2019"),
    ],
)
def test_a_remembered_date_is_written_as_exactly_as_it_was_given(
    language: str, value: str, written: str
) -> None:
    assert wording.written_date(language, value) == written
