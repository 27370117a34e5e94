"""Clinic packs, days and events as files: read whole, or refused with line and mend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from jornada.domain.clinic.dayfile import parse_day, parse_events, told
from jornada.domain.clinic.rules import objections
from jornada.domain.clinic.template import Range, Template, parse
from jornada.domain.conditions import NotInForce
from jornada.domain.located import PackErrors
from jornada.domain.packparts import MissingWording
from tests.domain.clinic_scene import DAY, day, template

TEMPLATE = template()
SMALL = """\
clinic: saturday
day: "2026-12-05"
opens: "09:00"
closes: "17:00"
stations:
  check_in: {seats: 2, accessible: 1}
  advice: {}
staff:
  - {id: rosa, credential: attorney, languages: [en, es], credential_until: "2027-06-30"}
  - {id: gus, credential: lay, languages: [es], from: "10:00", until: "12:00"}
invited:
  - {number: "1", language: es, appointment: "09:30", show_rate: "0.9"}
  - {number: group, count: 3, language: es}
"""


def complaints(text: str) -> list[str]:
    with pytest.raises(PackErrors) as refused:
        parse_day("day.yaml", text, TEMPLATE)
    return [str(error) for error in refused.value.errors]


def test_a_day_is_read_with_groups_spelled_out() -> None:
    read = parse_day("day.yaml", SMALL, TEMPLATE)
    assert (read.day.on, read.day.opens, read.day.closes) == (date(2026, 12, 5), 540, 1020)
    assert [one.id for one in read.day.invited] == ["1", "group-1", "group-2", "group-3"]
    assert read.day.stations == ("check_in", "advice")
    assert (read.day.member("gus").begins, read.day.member("rosa").ends) == (600, 1020)
    assert read.line(("invited", 2)) == 13


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("09:30", "25:10"), "day.yaml:12: '25:10' is not a time of day. Write \"09:30\" in quotes"),
        (('"09:30"', "9"), "day.yaml:12: 9 is not a time of day. Write \"09:30\" in quotes"),
        (("seats: 2", "seats: -2"), "day.yaml:6: -2 is negative. Write a whole number from 0 on"),
        (("advice: {}", "tea: {}"), "day.yaml:7: unknown key 'tea'. Known here: check_in, screening, advice"),
        (("credential: lay", "credential: judge"), "day.yaml:10: unknown 'judge'. Known here: attorney"),
        (('day: "2026-12-05"', "day: tomorrow"), "day.yaml:2: 'tomorrow' is not a day. Write \"2025-02-05\""),
        (("appointment", "appointmant"), "day.yaml:12: unknown key 'appointmant'"),
        (("count: 3", "count: three"), "day.yaml:13: 'three' is not a whole number"),
        (('"0.9"', "0.9"), "day.yaml:12: 0.9 without quotes is read by YAML as a floating number. Write \"0.9\""),
        (('"0.9"', '"often"'), "day.yaml:12: 'often' is not a number. Write \"0.87\" in quotes"),
        (("count: 3", "accessible: maybe"), "day.yaml:13: 'maybe' is neither true nor false"),
        (("count: 3", "priority: vip"), "day.yaml:13: unknown 'vip'. Known here: first, usual, standby"),
        (("closes", "close"), "day.yaml:1: closes missing. Add it"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_with_line_and_mend(change: tuple[str, str], said: str) -> None:
    assert any(line.startswith(said) for line in complaints(SMALL.replace(*change, 1))), complaints(
        SMALL.replace(*change, 1)
    )


def test_several_complaints_come_at_once() -> None:
    assert len(complaints(SMALL.replace("09:30", "9.30").replace("seats: 2", "seats: two"))) == 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_the_rules_refuse_is_told_in_words_with_its_line(language: str) -> None:
    read = parse_day(
        "day.yaml", SMALL.replace("language: es, appointment", "language: zh, appointment"), TEMPLATE
    )
    lines = [str(one) for one in told(objections(read.day, TEMPLATE), read, TEMPLATE, language)]
    expected = {
        "en": "day.yaml:12: Nobody covers zh at: Check-in, Advice. 1 workers speak it. Add an interpreter",
        "es": "day.yaml:12: Nadie cubre zh en: Registro, Consejo legal. Lo hablan 1 personas. Agregue",
    }
    assert any(line.startswith(expected[language]) for line in lines), lines


def test_events_are_read_and_refused_one_by_one() -> None:
    text = """\
now: "09:40"
events:
  - {tablet: door, number: 1, at: "09:02:30", kind: arrived, worker: ana}
  - {tablet: door, number: 2, at: "08:00", kind: arrived, worker: bashir}
  - {tablet: door, number: 3, at: "09:10", kind: called, worker: ana, station: tea, staff: gus}
"""
    with pytest.raises(PackErrors) as refused:
        parse_events("log.yaml", text, day(), TEMPLATE, "en")
    said = [str(error) for error in refused.value.errors]
    assert said[0].startswith(
        "log.yaml:4: The event is noted for 08:00, before the clinic opens at 09:00. Mend"
    )
    assert said[1].startswith("log.yaml:5: There is no station tea. Known here: Check-in")
    read = parse_events("log.yaml", "\n".join(text.splitlines()[:3]), day(), TEMPLATE, "en")
    assert (read.now, [event.at for event in read.log]) == (580, [542.5])


# ── The pack ──────────────────────────────────────────────────────────────────────────────────────────────────

PACK = {
    "pack.yaml": 'name: tiny\nkind: clinic\ntitle: "Tiny"\nlanguages: [en, es]\nsources: {S1: {title: "Notes"}}\n',
    "stations.yaml": """\
stations:
  - {id: talk, staffed_by: [attorney], minutes: talk_minutes, work: attorney, interpreter: whole, source: S1, sure: D}
""",
    "wording/en.yaml": 'stations: {talk: "Talk"}\nreasons: {full: "{who} is full."}\n',
    "wording/es.yaml": 'stations: {talk: "Entrevista"}\nreasons: {full: "{who} no puede más."}\n',
}


def values(*names: str) -> str:
    lines = [
        f'  {name}: {{describe: "x", confirmed_until: "2027-01-01", history: '
        f'[{{start: "2026-01-01", value: {{low: 1, mid: "2.5", high: 4}}, sources: [{{source: S1, sure: D}}]}}]}}'
        for name in names
    ]
    return "parameters:\n" + "\n".join(lines) + "\n"


def tiny(change: Callable[[dict[str, str]], None] = lambda files: None) -> Template:
    from jornada.domain.clinic.template import NEEDED

    files = {**PACK, "parameters.yaml": values("talk_minutes", *NEEDED)}
    change(files)
    return parse("tiny", files)


def test_a_small_pack_is_whole_and_its_values_are_dated() -> None:
    pack = tiny()
    assert pack.minutes("talk", date(2026, 6, 1)).spread == (1, 2.5, 4)
    assert pack.sizes["stations"] == 1
    with pytest.raises(NotInForce):
        pack.minutes("talk", date(2027, 1, 2))
    with pytest.raises(KeyError, match="no station 'tea': talk"):
        pack.station("tea")
    with pytest.raises(MissingWording, match="wants a value for {who}"):
        pack.text("reasons.full", "en")
    with pytest.raises(LookupError, match="no mid"):
        Range("x", 1, None, 2).usual  # noqa: B018


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("stations.yaml", ("[attorney]", "[judge]"), "stations.yaml:2: unknown 'judge'"),
        ("stations.yaml", ("talk_minutes", "tea_minutes"), "stations.yaml:2: there is no dated value 'tea_minutes'"),
        ("stations.yaml", (", source: S1, sure: D", ""), "stations.yaml:2: the station talk has no source"),
        ("stations.yaml", ("interpreter: whole", "interpreter: half"), "stations.yaml:2: unknown 'half'"),
        ("parameters.yaml", ("low: 1", "low: 9"), "parameters.yaml:2: low, mid and high are not in order"),
        ("parameters.yaml", ("low: 1", "low: few"), "parameters.yaml:2: 'few' is not a number"),
        ("parameters.yaml", ("show_rate", "shaw_rate"), "parameters.yaml:1: show_rate is missing"),
        ("wording/es.yaml", ("{who}", "{quien}"), "wording/es.yaml:2: the text 'reasons.full' has other placeholders"),
        ("wording/es.yaml", ('stations: {talk: "Entrevista"}\n', ""), "wording/es.yaml:1: the text 'stations.talk'"),
        ("pack.yaml", ("name: tiny", "name: other"), "pack.yaml:1: the name 'other' is not the folder's"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_pack_is_named_with_line_and_mend(
    file: str, change: tuple[str, str], said: str
) -> None:
    def spoil(files: dict[str, str]) -> None:
        files[file] = files[file].replace(*change, 1)

    with pytest.raises(PackErrors) as refused:
        tiny(spoil)
    assert any(str(error).startswith(said) for error in refused.value.errors), refused.value


def test_the_shipped_pack_reproduces_the_notes_sizes() -> None:
    assert [TEMPLATE.minutes(one.id, DAY).usual for one in TEMPLATE.stations] == [7, 30, 15, 90, 20, 20, 8]
    assert TEMPLATE.range("show_rate", DAY).spread == (0.75, 0.87, 0.95)
    assert TEMPLATE.range("show_rate", DAY).needs_review
    assert TEMPLATE.interpreter_share("preparation", DAY) == 0.4
