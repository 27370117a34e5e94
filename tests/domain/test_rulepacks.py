"""Packs: read whole, refused whole, with file, line and mend for everything that is wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from jornada.domain import examples, rulepacks
from jornada.domain.facts import Outcome
from jornada.domain.packparts import MissingWording
from jornada.domain.rulepacks import NotInForce, PackError, PackErrors, RulePack
from tests.domain.small_pack import FILES, line_of, small_pack, spoiled


@pytest.fixture(scope="module")
def pack() -> RulePack:
    return small_pack()


def only(errors: tuple[PackError, ...], file: str, text: str, said: str) -> None:
    """One of the errors stands on the line of that text in that file and says so, with a mend."""
    line = line_of(file, text)
    here = [error for error in errors if (error.file, error.line) == (file, line) and said in error.problem]
    assert here, [str(error) for error in errors]
    assert all(error.mend for error in errors)


# --- what a pack holds ----------------------------------------------------------------------------


def test_danger_signs_come_before_the_pack_s_own_order(pack: RulePack) -> None:
    assert [question.id for question in pack.questions] == ["Q05", "Q01", "Q02", "Q03", "Q04", "Q06"]


def test_sections_stand_in_the_order_in_which_facts_name_them(pack: RulePack) -> None:
    assert pack.sections == ("history", "work")


def test_the_value_in_force_comes_with_source_start_and_confirmation(pack: RulePack) -> None:
    found = pack.parameter("programme_status").on(date(2024, 10, 1))
    assert (found.value, found.start, found.confirmed_until) == (
        "open",
        date(2023, 1, 13),
        date(2026, 11, 29),
    )
    assert found.sources[0].title == "A page that was read"
    assert not found.needs_review
    assert pack.parameter("programme_status").on(date(2026, 1, 1)).needs_review


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2022, 1, 1), "its history begins on 2023-01-13"),
        (date(2025, 1, 22), "last confirmed for 2025-01-19"),
        (date(2026, 11, 30), "last confirmed for 2026-11-29"),
    ],
)
def test_before_in_a_gap_and_past_confirmation_a_value_is_never_made_up(
    pack: RulePack, day: date, said: str
) -> None:
    with pytest.raises(NotInForce, match=said) as lapsed:
        pack.parameter("programme_status").on(day)
    assert "confirmed_until" in str(lapsed.value)


def test_a_text_is_filled_and_never_falls_back(pack: RulePack) -> None:
    assert pack.text("greeting", "es", name="Ana") == "Hola Ana"
    with pytest.raises(MissingWording, match="wants a value for {name}"):
        pack.text("greeting", "en")
    with pytest.raises(MissingWording, match=r"no text 'farewell'.*wording/en\.yaml"):
        pack.text("farewell", "en")


def test_lines_of_any_part_can_be_asked_for(pack: RulePack) -> None:
    assert pack.line_of("facts.yaml", ("facts", "arrests")) == line_of("facts.yaml", "arrests:")
    assert pack.line_of("facts.yaml", ("facts", "arrests", "nothing", 3)) == line_of("facts.yaml", "arrests:")


def test_packet_and_forms_are_kept_as_documents() -> None:
    found = rulepacks.parse(
        "small", {**FILES, "packet.yaml": "forms: [one]\n", "forms/one-2025.yaml": "form: one\n"}
    )
    assert found.documents == {"packet.yaml": {"forms": ["one"]}, "forms/one-2025.yaml": {"form": "one"}}


def test_a_vocabulary_is_shared_and_its_words_with_it() -> None:
    shared = {
        "facts.yaml": "facts:\n  ana_likes: {kind: yes_no, section: work, class: P2}\n",
        "wording/en.yaml": "shared_word: Yes\n".replace("Yes", '"Word"'),
        "wording/es.yaml": 'shared_word: "Palabra"\n',
        "wording/fr.yaml": 'shared_word: "Mot"\n',
    }
    files = {**FILES, "pack.yaml": FILES["pack.yaml"] + "uses: [shared]\n"}
    found = rulepacks.parse("small", files, {"shared": shared})
    assert found.facts["ana_likes"].section == "work"
    assert found.text("shared_word", "es") == "Palabra"


# --- the fingerprint ------------------------------------------------------------------------------


def test_the_fingerprint_does_not_mind_comments_key_order_or_examples(pack: RulePack) -> None:
    other = {
        **FILES,
        "facts.yaml": "# a remark\n"
        + FILES["facts.yaml"].replace(
            "{kind: yes_no, section: history, class: P3}", "{class: P3,  section: history, kind: yes_no}"
        ),
        "examples.yaml": "examples: []\n",
    }
    assert rulepacks.parse("small", other).fingerprint == pack.fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("findings.yaml", "level: ATTY", "level: COMPLEX"),
        ("wording/es.yaml", "Cerrado", "Cerrada"),
        ("parameters.yaml", "2026-11-29", "2026-12-06"),
        ("interview.yaml", "danger: true", "danger: false"),
    ],
)
def test_the_fingerprint_changes_with_every_rule_word_and_value(
    pack: RulePack, file: str, old: str, new: str
) -> None:
    changed = rulepacks.parse("small", {**FILES, file: FILES[file].replace(old, new, 1)})
    assert changed.fingerprint != pack.fingerprint


def test_the_fingerprint_takes_in_the_vocabularies() -> None:
    files = {**FILES, "pack.yaml": FILES["pack.yaml"] + "uses: [shared]\n"}
    prints = {
        rulepacks.parse(
            "small",
            files,
            {"shared": {"facts.yaml": f"facts:\n  likes: {{kind: {kind}, section: work, class: P2}}\n"}},
        ).fingerprint
        for kind in ("yes_no", "text")
    }
    assert len(prints) == 2


@settings(max_examples=15)
@given(some.permutations(sorted(FILES)))
def test_the_fingerprint_does_not_mind_the_order_of_files(order: list[str]) -> None:
    assert (
        rulepacks.parse("small", {name: FILES[name] for name in order}).fingerprint
        == small_pack().fingerprint
    )


def test_a_pack_is_approved_only_for_exactly_what_was_signed_off(pack: RulePack) -> None:
    approval = json.dumps([{"fingerprint": pack.fingerprint, "name": "Amara Osei", "day": "2026-11-22"}])
    signed = {**FILES, "pack.yaml": FILES["pack.yaml"] + f"approvals: {approval}\n"}
    assert not pack.approved
    assert rulepacks.parse("small", signed).approved
    later = {**signed, "wording/en.yaml": FILES["wording/en.yaml"].replace("An arrest", "One arrest")}
    assert not rulepacks.parse("small", later).approved


# --- bad packs ------------------------------------------------------------------------------------


def test_an_unknown_fact_is_named_with_the_nearest_known() -> None:
    errors = spoiled("findings.yaml", "{fact: detained_now, is", "{fact: detained_nou, is")
    only(errors, "findings.yaml", "when: {fact: detained_now", "unknown fact 'detained_nou'")
    assert any("Did you mean detained_now?" in error.mend for error in errors)


def test_an_unknown_fact_in_a_question_is_found() -> None:
    only(
        spoiled("interview.yaml", "asks: [court_ever]", "asks: [court]"),
        "interview.yaml",
        "Q02",
        "unknown fact 'court'",
    )


def test_an_unknown_field_of_an_entry_is_found() -> None:
    errors = spoiled("findings.yaml", "entry: employer", "entry: boss")
    only(errors, "findings.yaml", "when: {any_entry", "unknown field of the entry 'boss'")


def test_an_unknown_value_and_an_unknown_finding_are_found() -> None:
    only(
        spoiled("triage.yaml", "parameter: programme_status", "parameter: status"),
        "triage.yaml",
        "when: {parameter: programme_status",
        "unknown parameter 'status'",
    )
    only(spoiled("pack.yaml", "[detained]", "[held]"), "pack.yaml", "stop_early", "no finding 'held'")


def test_findings_that_hang_on_each_other_in_a_ring_are_found() -> None:
    ring = '{any: [{fact: arrests, has: other}, {finding: came_often, is: "yes"}]}'
    files = FILES["findings.yaml"].replace("{fact: arrests, has: other}", ring)
    files = files.replace("{any: [{fact: entries, at_least: 2}", '{any: [{finding: arrested, is: "yes"}')
    with pytest.raises(PackErrors, match="ring: arrested → came_often → arrested"):
        rulepacks.parse("small", {**FILES, "findings.yaml": files})


def test_a_missing_translation_is_found_by_key_and_language() -> None:
    errors = spoiled("wording/es.yaml", "  arrested: Un arresto\n", "")
    only(errors, "findings.yaml", "- finding: arrested", "'reasons.arrested' is missing in 'es'")
    errors = spoiled("wording/es.yaml", 'greeting: "Hola {name}"\n', "")
    only(errors, "wording/en.yaml", "greeting", "'greeting' has no translation in 'es'")


def test_words_that_a_page_needs_must_exist() -> None:
    for file, old in (
        ("wording/en.yaml", "traffic: Traffic, "),
        ("wording/en.yaml", "entries: Times, "),
        ("wording/en.yaml", "to: To"),
    ):
        assert any("is missing in 'en'" in error.problem for error in spoiled(file, old, ""))


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("parameters.yaml", ", sources: [{source: S1, sure: I}]"),
        ("findings.yaml", "    sources: [{source: S1, sure: G}]\n"),
        ("deadlines.yaml", "    sources: [{source: S1, sure: I}]\n"),
    ],
)
def test_a_value_rule_or_deadline_without_a_source_is_refused(file: str, old: str) -> None:
    assert any("has no source" in error.problem and error.file == file for error in spoiled(file, old, ""))


def test_a_source_must_be_listed_and_its_certainty_known() -> None:
    assert any(
        "'S9' is not in pack.yaml" in e.problem
        for e in spoiled("findings.yaml", "source: S1, sure: G", "source: S9, sure: G")
    )
    assert any(
        "'X' is no certainty" in e.problem
        for e in spoiled("findings.yaml", "source: S1, sure: G", "source: S1, sure: X")
    )


def test_a_question_that_can_never_be_asked_is_found() -> None:
    never = '{all: [{fact: court_ever, is: "yes"}, {fact: court_ever, is: "no"}]}'
    errors = spoiled("interview.yaml", '{fact: court_ever, in: ["yes", unsure]}', never)
    only(errors, "interview.yaml", "Q03", "Q03 can never be asked")


def test_a_question_whose_answer_nothing_needs_is_found() -> None:
    files = {
        **FILES,
        "findings.yaml": FILES["findings.yaml"].replace(
            "{fact: arrests, has: other}", "{fact: entries, at_least: 9}"
        ),
    }
    with pytest.raises(PackErrors, match="nothing needs the answer to Q04"):
        rulepacks.parse("small", files)


@pytest.mark.parametrize(
    "never",
    [
        "{all: [{fact: arrests, has: other}, {not: {fact: arrests, has: other}}]}",
        "{all: [{fact: entries, at_least: 3}, {fact: entries, less_than: 3}]}",
        '{all: [{fact: arrived_on, after: "2020-01-01"}, {fact: arrived_on, before: "2019-01-01"}]}',
        "{parameter: programme_status, is: ajar}",
        '{all: [{finding: detained, is: "yes"}, {fact: detained_now, is: "no"}]}',
        '{all: [{day: {on_or_after: "2025-01-01"}}, {day: {before: "2024-01-01"}}]}',
        "{not: {always: true}}",
    ],
)
def test_a_rule_that_can_never_fire_is_found(never: str) -> None:
    errors = spoiled("findings.yaml", "{fact: arrests, has: other}", never)
    only(errors, "findings.yaml", "- finding: arrested", "'arrested' can never be yes")


@pytest.mark.parametrize(
    "may",
    [
        "{fact: arrests, has_any: [other, traffic]}",
        "{all: [{fact: arrests, has: other}, {fact: arrests, has: traffic}]}",
        "{all: [{fact: arrests, has: other}, {fact: entries, at_least: 3, less_than: 4}]}",
        '{all: [{fact: arrests, has: other}, {any_entry: jobs, where: {entry: from, before: "2020-01-01"}}]}',
        '{all: [{fact: arrests, is: unsure}, {finding: detained, is: "no"}]}',
        '{all: [{fact: arrests, has: none}, {fact: arrived_on, on_or_after: {today: "-1 year"}}]}',
    ],
)
def test_a_rule_that_may_fire_is_left_alone(may: str) -> None:
    assert small_pack(findings=FILES["findings.yaml"].replace("{fact: arrests, has: other}", may))


def test_a_track_behind_one_for_everybody_is_found() -> None:
    early = "tracks:\n  - {when: {always: true}, track: clinic, reason: clinic}\n"
    assert any("can never be chosen" in error.problem for error in spoiled("triage.yaml", "tracks:\n", early))
    assert any(
        "not everybody ends in a track" in e.problem
        for e in spoiled("triage.yaml", "{always: true}", "{level: OK}")
    )


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes"])
def test_the_trap_of_unquoted_yes_and_no_is_refused(word: str) -> None:
    errors = spoiled("findings.yaml", 'detained_now, is: "yes"', f"detained_now, is: {word}")
    only(
        errors,
        "findings.yaml",
        "when: {fact: detained_now",
        f"{word} without quotes is read by YAML as true or false",
    )
    assert any(f'Write "{word}"' in error.mend for error in errors)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("parameters.yaml", '"2026-11-29"', "2026-11-29"),
        ("parameters.yaml", "value: open", "value: 520.00"),
        ("parameters.yaml", "value: open", "value: 012"),
    ],
)
def test_dates_and_amounts_without_quotes_are_refused(file: str, old: str, new: str) -> None:
    assert any("without quotes is read by YAML" in error.problem for error in spoiled(file, old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("findings.yaml", "    tasks: [lawyer]", "    task: [lawyer]", "unknown key 'task'"),
        ("facts.yaml", "kind: whole_number", "kind: number", "unknown 'number'"),
        ("facts.yaml", "class: P2", "class: P7", "unknown 'P7'"),
        ("facts.yaml", "options: [none, traffic, other], ", "", "options and the kind choices"),
        ("interview.yaml", "stage: screening, danger", "stage: scanning, danger", "unknown 'scanning'"),
        ("triage.yaml", "track: clinic", "track: clinics", "unknown 'clinics'"),
        ("triage.yaml", "level: {at_least: ATTY}", "level: {at_least: ATTI}", "unknown level 'ATTI'"),
        ("deadlines.yaml", "10 days", "ten days", "is not a shift"),
        ("deadlines.yaml", "fact: arrived_on", "fact: arrived", "unknown fact 'arrived'"),
        ("pack.yaml", "name: small", "name: large", "is not the folder's"),
        ("pack.yaml", "languages: [en, es]", "languages: [en, es]\ncolour: red", "unknown key 'colour'"),
        ("interview.yaml", "id: Q02", "id: Q01", "Q01 stands twice"),
        ("findings.yaml", "finding: shut", "finding: arrested", "'arrested' stands twice"),
        ("facts.yaml", "  entries:  ", "  court_ever:  ", "'court_ever' stands twice"),
        ("findings.yaml", "has: other", "has: others", "can never be 'others'"),
        ("findings.yaml", "has: other", "is: other", "of which several can be chosen"),
        (
            "findings.yaml",
            "entries, at_least: 2",
            "court_ever, at_least: 2",
            "at_least does not fit court_ever",
        ),
        ("parameters.yaml", "2025-01-25", "2023-01-13", "not in order"),
        ("examples.yaml", 'detained_now: "yes"', "detained_now: maybe", "is no answer to detained_now"),
        ("examples.yaml", 'detained: "yes"', 'held: "yes"', "unknown name 'held'"),
    ],
)
def test_every_slip_is_found_where_it_stands(file: str, old: str, new: str, said: str) -> None:
    errors = spoiled(file, old, new)
    assert any(error.file == file and said in error.problem and error.line > 0 for error in errors), errors


def test_placeholders_that_differ_between_languages_are_found() -> None:
    errors = spoiled("wording/es.yaml", "Hola {name}", "Hola {nombre}")
    only(errors, "wording/en.yaml", "greeting", "placeholders of 'greeting' differ (en: name; es: nombre)")


def test_a_fact_declared_in_a_vocabulary_and_again_is_found() -> None:
    shared = {"shared": {"facts.yaml": "facts:\n  entries: {kind: yes_no, section: work, class: P2}\n"}}
    with pytest.raises(
        PackErrors, match=r"facts\.yaml:6: the fact 'entries' is declared in \.\./shared/facts\.yaml already"
    ):
        rulepacks.parse("small", {**FILES, "pack.yaml": FILES["pack.yaml"] + "uses: [shared]\n"}, shared)


def test_a_vocabulary_that_is_not_there_is_found() -> None:
    with pytest.raises(PackErrors, match="no vocabulary 'shared'"):
        rulepacks.parse("small", {**FILES, "pack.yaml": FILES["pack.yaml"] + "uses: [shared]\n"})


def test_all_that_is_wrong_is_found_at_once_in_the_order_of_the_files() -> None:
    files = {**FILES, "facts.yaml": FILES["facts.yaml"].replace("P2", "P9"), "triage.yaml": "levels: [OK]\n"}
    with pytest.raises(PackErrors) as wrong:
        rulepacks.parse("small", files)
    places = [(error.file, error.line) for error in wrong.value.errors]
    assert len({file for file, _ in places}) > 1
    assert places == sorted(places)


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(PackErrors, match=r"^facts\.yaml:3: not YAML[^\n]*$"):
        rulepacks.parse("small", {**FILES, "facts.yaml": "facts:\n  a: [1, 2\nb: }\n"})


@pytest.mark.parametrize(
    "file", ["pack.yaml", "facts.yaml", "findings.yaml", "triage.yaml", "interview.yaml"]
)
def test_a_missing_file_is_named(file: str) -> None:
    files = {name: text for name, text in FILES.items() if name != file}
    with pytest.raises(PackErrors, match="the file is missing") as wrong:
        rulepacks.parse("small", files)
    assert any(error.file == file for error in wrong.value.errors)


@given(
    some.sampled_from(sorted(FILES)),
    some.integers(0, 4000),
    some.sampled_from(["", "x", ": ", "\n", "- ", "{", "}", "[", '"', "no"]),
)
@settings(max_examples=60, deadline=None)
def test_any_slip_of_the_hand_is_taken_or_refused_never_a_crash(file: str, place: int, slip: str) -> None:
    text = FILES[file]
    place %= len(text)
    try:
        rulepacks.parse("small", {**FILES, file: text[:place] + slip + text[place + 1 :]})
    except PackErrors as errors:
        assert all(error.problem and error.mend for error in errors.errors)


# --- examples, and two versions beside each other -------------------------------------------------


def test_an_example_that_comes_out_otherwise_is_named_with_its_line(pack: RulePack) -> None:
    assert examples.failing(pack) == ()
    text = (
        FILES["examples.yaml"]
        .replace("level: COMPLEX", "level: OK")
        .replace("tasks: [lawyer]", "tasks: [sleep]")
    )
    failing = examples.failing(small_pack(examples=text))
    assert [error.file for error in failing] == ["examples.yaml", "examples.yaml"]
    assert failing[0].line == line_of("examples.yaml", "{level: COMPLEX")
    assert "level is 'COMPLEX', not 'OK'" in failing[0].problem


def test_a_changed_copy_shows_its_changes_and_the_examples_that_come_out_otherwise(pack: RulePack) -> None:
    changed = small_pack(findings=FILES["findings.yaml"].replace("level: COMPLEX", "level: ATTY", 1))
    assert [(part.kind, part.name, part.how) for part in examples.part_changes(pack, changed)] == [
        ("finding", "detained", "changed")
    ]
    [otherwise] = examples.example_changes(pack, changed)
    assert otherwise.name == "Ana, detained"
    assert otherwise.differs["track"] == ("representation", "clinic")
    assert examples.example_changes(pack, small_pack()) == ()


def test_a_finding_left_open_by_a_value_that_nobody_knows_counts_as_unsure() -> None:
    unknown = small_pack(parameters=FILES["parameters.yaml"].replace("value: shut", "value: unknown"))
    assert unknown.scope({}, date(2026, 11, 22)).finding("shut").level == "ATTY"
    assert unknown.scope({}, date(2024, 10, 1)).finding("shut").level == ""


def test_a_finding_left_open_by_a_value_not_in_force_says_which(pack: RulePack) -> None:
    found = pack.scope({}, date(2026, 12, 1)).finding("shut")
    assert found.outcome is Outcome.NOT_YET_KNOWN
    assert found.values == {"lapsed": ("programme_status",)}
    assert found.level == "ATTY"
