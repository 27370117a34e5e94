"""`jornada match`: rounds from files, told in tables, sentences and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jornada.web.commands.match import match

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ROUND = str(EXAMPLES / "matching.yaml")
WHAT_IF = str(EXAMPLES / "matching-what-if.yaml")
EXPECTED = str(EXAMPLES / "matching-expected.yaml")
PERSON = '{id: ana, waiting_since: "2026-10-12", need: limited, languages: [es]}'
SOURCE = "{id: dana, seats: 1, gives: [limited], languages: [es], credentials: [attorney]}"


def ran(*words: str) -> Result:
    return CliRunner().invoke(match, [*words, "--on", "2026-11-23"])


def told(*words: str) -> dict[str, Any]:
    done = ran(*words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_round_from_a_file_places_each_person_with_reasons_and_proof() -> None:
    found = told(ROUND)
    assert {one["person"]: one["source"] for one in found["matches"]} == {
        "ana": "hillside-week", "bashir": "hillside-week", "chen": "saturday", "mateo": "luis", "paloma": "dana",
    }  # fmt: skip
    assert found["proven"]
    assert all(one["reasons"] for one in found["matches"])
    assert told(ROUND) == found


@pytest.mark.parametrize(
    ("language", "words"), [("en", "an interpreter for Mam"), ("es", "encontrar intérprete de mam")]
)
def test_what_is_to_settle_is_said_in_both_languages(language: str, words: str) -> None:
    assert words in ran(ROUND, "--explain", "mateo", "--language", language).output


def test_a_change_in_a_file_is_shown_beside_what_was() -> None:
    moved = {
        one["person"]: (one["before"], one["after"]) for one in told(ROUND, "--what-if", WHAT_IF)["people"]
    }
    assert moved["mateo"] == ("luis", "saturday")
    assert "with the change" in ran(ROUND, "--what-if", WHAT_IF).output


def test_expected_people_are_no_names_in_the_outcome_and_places_are_held_for_them() -> None:
    found = told(ROUND, EXPECTED, "--draws", "8")
    names = {one["person"] for one in (*found["matches"], *found["left_out"])}
    assert names == {"ana", "bashir", "chen", "mateo", "paloma"}
    assert sum(one["places"] for one in found["held"]) >= 1
    assert [one["policy"] for one in found["compared"]] == ["greedy", "look_ahead", "hindsight"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_places_held_and_prices_are_said_in_both_languages(language: str) -> None:
    done = ran(ROUND, EXPECTED, "--draws", "3", "--language", language)
    assert done.exit_code == 0, done.output
    assert "plant closing" in done.output
    assert "{" not in done.output


def test_one_person_is_explained_source_by_source() -> None:
    found = told(ROUND, "--explain", "mateo")
    assert found["source"] == "luis"
    keys = {one["source"]: [reason["key"] for reason in one["obstacles"]] for one in found["sources"]}
    assert keys["saturday"] == ["no_language"]
    assert "does_not_give" in keys["hillside-week"]
    assert "there is no person" in ran(ROUND, "--explain", "nobody-we-know").output


def test_what_is_wrong_in_a_file_is_named_with_line_and_mend(tmp_path: Path) -> None:
    page = tmp_path / "round.yaml"
    page.write_text(f"people:\n  - {PERSON}\nsources:\n  - {SOURCE[:-1]}, sets: 3}}\n", encoding="utf-8")
    done = ran(str(page))
    assert done.exit_code == 1
    assert "round.yaml:4" in done.output
    assert "Did you mean seats?" in done.output


def test_people_and_sources_from_spreadsheets(tmp_path: Path) -> None:
    people, sources = tmp_path / "people.csv", tmp_path / "sources.csv"
    people.write_text(
        "id,waiting_since,need,languages,state\nana,2026-10-12,limited,es,NC\n", encoding="utf-8"
    )
    sources.write_text(
        "id,kind,seats,gives,languages,credentials,licensed_in\ndana,advocate,1,limited full,es en,attorney,NC\n",
        encoding="utf-8",
    )
    (only,) = told(str(people), str(sources))["matches"]
    assert (only["person"], only["source"]) == ("ana", "dana")
