"""`jornada clinic`: a day forecast, scheduled and looked at from files, or refused with line and mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jornada.gateways import packfiles
from jornada.web.commands.clinic import clinic
from jornada.web.commands.packs import packs

EXAMPLES = packfiles.directory() / "clinic" / "examples"
DAY, EVENTS = EXAMPLES / "saturday.yaml", EXAMPLES / "saturday-events.yaml"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(clinic, [str(word) for word in words], env={"COLUMNS": "160"})


def changed(tmp_path: Path, *change: str, file: Path = DAY) -> Path:
    copy = tmp_path / file.name
    copy.write_text(file.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    return copy


def test_forecast_shows_the_day_beside_its_what_ifs() -> None:
    result = run("forecast", DAY, "--replications", "60")
    assert result.exit_code == 0, result.output
    for said in (
        "As planned",
        "one-more-attorney",
        "Through by closing",
        "Where the line forms",
        "Let people in",
    ):
        assert said in result.output


def test_forecast_gives_json_with_spreads() -> None:
    told = json.loads(run("forecast", DAY, "--replications", "40", "--json").output)
    planned = told["forecasts"][0]
    assert planned["came"]["low"] <= planned["came"]["mid"] <= planned["came"]["high"]
    assert [one["name"] for one in told["forecasts"]][-1] == "without-the-mam-interpreter"
    assert told["door"]["sure_enough"] == 0.9


def test_schedule_gives_appointments_pairing_roster_and_the_gap() -> None:
    result = run("schedule", DAY, "--limit", "3", "--anew")
    assert result.exit_code == 0, result.output
    assert "Advice: " in result.output
    assert "Roster" in result.output
    assert "gap" in result.output
    told = json.loads(run("schedule", DAY, "--limit", "3", "--json").output)
    assert {one["worker"]: one["arrives"] for one in told["plan"]["appointments"]}["1"] == 540
    assert 0 <= told["gap"] <= 1


def test_board_shows_who_is_where_and_what_must_be_settled() -> None:
    result = run("board", DAY, EVENTS)
    assert result.exit_code == 0, result.output
    assert "to settle Called at two stations: 2 (advice:3, lead:14)" in result.output
    assert "to full scope 3 at 10:05: earlier_order; done: Check-in, Legal screening" in result.output
    assert "Worker ten-2 is 50 minutes late and gets the next wave." in result.output
    assert "next at Advice: 4 to rosa" in result.output
    told = json.loads(run("board", DAY, EVENTS, "--json", "--at", "09:30").output)
    assert told["board"]["workers"]["1"]["status"] == "with_staff"
    assert told["handovers"] == []


def test_the_board_speaks_spanish_and_looks_ahead() -> None:
    result = run("board", DAY, EVENTS, "--language", "es", "--outlook")
    assert "a representación completa" in result.output
    assert "stop intake" in result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("supervised_by: [rosa, noor], ", ""),
            "lucia is a student, and no supervisor who works that day is named",
        ),
        (
            ('number: "2", language: es', 'number: "2", language: zh'),
            "Nobody covers zh at: Check-in, Legal screening",
        ),
        (('"09:00", seat: 2', '"09:00", seat: 1'), "Seat 1 at 09:00 is given to worker 1 and to worker 2"),
        (
            ('from: "13:00"', 'from: "07:00"'),
            "teo works from 07:00 to 17:00, but the clinic is open from 09:00",
        ),
        (("review: {seats: 6", "review: {seats: -6"), "-6 is negative. Write a whole number from 0 on"),
        (("  review:", "  tea:"), "unknown key 'tea'"),
        (("pack: clinic", "pack: circus"), "There is no clinic pack 'circus': known are clinic"),
        (('day: "2026-12-05"', 'day: "2028-12-05"'), "last confirmed for 2027-11-22"),
    ],
)
@pytest.mark.parametrize("verb", ["schedule", "forecast"])
def test_a_day_that_cannot_be_is_refused_with_line_and_mend(
    tmp_path: Path, verb: str, change: tuple[str, str], said: str
) -> None:
    result = run(verb, changed(tmp_path, *change))
    assert result.exit_code == 1
    assert said in result.output


def test_an_attorney_booked_twice_by_hand_is_refused(tmp_path: Path) -> None:
    sitting = '{station: advice, from: "09:30", until: "09:45", staff: rosa}'
    rows = [f'  - {{number: "{number}", arrives: "09:00", sittings: [{sitting}]}}\n' for number in (1, 2)]
    text = DAY.read_text(encoding="utf-8") + "\nappointments:\n" + "".join(rows)
    file = tmp_path / "day.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("schedule", file)
    assert result.exit_code == 1
    assert "rosa is booked twice at 09:30: 1 and 2. Move one of them" in result.output


def test_events_that_cannot_be_are_refused(tmp_path: Path) -> None:
    early = changed(tmp_path, 'at: "09:01"', 'at: "08:01"', file=EVENTS)
    result = run("board", DAY, early)
    assert result.exit_code == 1
    assert (
        "saturday-events.yaml:20: The event is noted for 08:01, before the clinic opens at 09:00"
        in result.output
    )
    assert "is not a time of day" in run("board", DAY, EVENTS, "--at", "noon").output
    assert "speaks en, es, not fr" in run("board", DAY, EVENTS, "--language", "fr").output


def test_packs_check_reads_a_clinic_pack_and_its_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "clinic"
    for path in (packfiles.directory() / "clinic").rglob("*.yaml"):
        copy = pack / path.relative_to(packfiles.directory() / "clinic")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("JORNADA_RULEPACKS", str(tmp_path))
    packfiles.forget()
    try:
        assert "clinic: whole; 7 stations" in CliRunner().invoke(packs, ["check", "clinic"]).output
        example = pack / "examples" / "saturday.yaml"
        example.write_text(
            example.read_text(encoding="utf-8").replace("language: mam, a", "language: zh, a", 1),
            encoding="utf-8",
        )
        packfiles.forget()
        result = CliRunner().invoke(packs, ["check", "clinic"])
        assert result.exit_code == 1
        assert "clinic/examples/saturday.yaml:49: Nobody covers zh" in result.output
    finally:
        packfiles.forget()
