"""`jornada plan`: from a scenario file to tables and charts, stopped half-way, and refused with lines."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jornada.domain.planning import judging, optimiser
from jornada.domain.planning.scenario import Plan
from jornada.domain.planning.telling import Teller
from jornada.gateways import charts, planfiles, planreports, solving
from jornada.web.commands.plan import plan
from tests.domain.small_scenario import TOWN, read, shipped

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    file = tmp_path / "town.yaml"
    file.write_text(TOWN, encoding="utf-8")
    return file


def run(*words: str) -> Result:
    return CliRunner().invoke(plan, list(words), catch_exceptions=False)


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_scenario_is_planned_judged_and_written_to_a_folder(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        str(town), "--out", str(out), "--seconds", "10", "--gap", "0.05", "--replications", "50", "--json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["judged"].keys() == {"do_nothing", "by_hand", "optimised"}
    assert told["optimised"]["gap"] <= 0.05
    assert told["plan"][0]["decide_by"] >= "2026-12-01"
    assert told["supposed_state"] == "open"
    assert told["known_state"] == {"state": "closed", "as_of": "2026-11-22"}
    assert told["changed"][0]["who"] == "Olga"
    assert told["judgement"]["why"] == "everybody alike"
    assert "Reported on 2026-11-22: closed" in " ".join(result.stderr.split())
    written = {path.name for path in out.iterdir()}
    tables = ("plan", "by_month_optimised", "regions", "ways", "breaks", "limits", "hangs_on", "numbers")
    pictures = ("gantt", "fan_served", "fan_waiting", "fan_money", "sankey", "regions", "tornado")
    assert {*(f"{name}.csv" for name in tables), *(f"{name}.svg" for name in pictures)} <= written
    with (out / "numbers.csv").open(encoding="utf-8-sig") as file:
        numbers = {row["Number"]: row for row in csv.DictReader(file)}
    assert numbers["demand.moderate"]["who"] == "Olga"
    assert numbers["work.attorney_cases"]["Source"].startswith("Jornada capacity notes")


def test_two_plans_are_compared_and_a_shock_is_named_by_month(town: Path, tmp_path: Path) -> None:
    compare = ("--compare", "do_nothing", "by_hand", "--shock", "pause=5", "--no-tornado")
    result = run(str(town), *compare, "--replications", "50", "--out", str(tmp_path / "out"), "--json")
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["optimised"] is None
    assert told["compared"]["months"] == [6, 12]
    share = told["judged"]["do_nothing"]["served"]["mid"]
    assert share[3] < share[11]
    assert share[4] == pytest.approx(share[9], abs=1e-6)  # months 5 to 10: nothing can be filed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("nowhere.yaml",),
            "There is no scenario 'nowhere.yaml': name a file, or one of metro, national, small",
        ),
        (
            ("small", "--simulate", "by_foot"),
            "The scenario has no plan 'by_foot': known are do_nothing, by_hand",
        ),
        (("small", "--shock", "flood=3"), "There is no shock 'flood'"),
        (("small", "--shock", "closing=0"), "names no month"),
        (("small", "--language", "fr"), "The planning pack speaks en, es, not fr"),
        (("small", "--months", "110"), "is kept until 2033-12-31, before the plan ends"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.output


def test_a_file_with_slips_is_refused_with_every_line(town: Path) -> None:
    town.write_text(
        TOWN.replace("covered: 120", "covered: 3 FTE").replace("state: open", "state: ajar"), encoding="utf-8"
    )
    result = run(str(town))
    assert result.exit_code == 1
    assert "2 things to mend:" in result.output
    assert "town.yaml:5: unknown 'ajar'" in result.output
    assert "town.yaml:15: regions.town.plant.covered is counted in people, not in FTE" in result.output
    town.write_bytes(TOWN.replace("plant", "plañt").encode("latin-1"))
    assert "is not UTF-8 text" in run(str(town)).output


def test_a_scenario_is_copied_to_be_edited_and_never_over_another_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    assert f"Copied to {mine}" in run("small", "--copy-to", str(mine)).output
    assert planfiles.scenario(str(mine)).name == "small"
    again = run("small", "--copy-to", str(mine))
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_ctrl_c_ends_the_search_and_keeps_what_it_had_reached(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = (
        "plan",
        "metro",
        "--optimise",
        "--seconds",
        "120",
        "--gap",
        "0",
        "--no-tornado",
        "--replications",
        "50",
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "jornada.web.cli", *words, "--out", str(out)],
        stderr=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert child.stderr is not None
    told = next(line for line in child.stderr if "missing" in line)
    os.killpg(child.pid, signal.SIGINT)
    rest = child.communicate(timeout=60)[1]
    assert "optimised" in told
    assert child.returncode == 0, rest
    assert "Stopping; what was reached so far is kept." in rest
    assert "Stopped early" in rest
    assert {"plan.csv", "gantt.svg", "by_month_optimised.csv"} <= {path.name for path in out.iterdir()}


def test_a_search_apart_is_stopped_from_outside_and_tells_its_steps() -> None:
    heard: list[optimiser.Progress] = []
    found = solving.optimise(
        shipped("metro"),
        seconds=60,
        gap=0.0,
        told=heard.append,
        going=lambda: not any(one.gap < 1 for one in heard),
    )
    assert found is not None
    assert not found.complete
    assert found.plan == heard[-1].plan or found.gap <= heard[-1].gap
    assert solving.optimise(shipped("metro"), seconds=60, going=lambda: False) is None or heard


def test_nothing_that_a_spreadsheet_would_run_is_written_to_a_table(tmp_path: Path) -> None:
    planfiles.write_table(tmp_path / "t.csv", ["a"], [["=1+1"], ["-2"], [-2.5], ["ñ"]])
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").split() == ["a", "'=1+1", "'-2", "-2.5", "ñ"]


# --- pictures -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged() -> judging.Judged:
    metro = shipped("metro")
    return judging.judge(metro, metro.plans["by_hand"], replications=40)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_chart_says_what_it_shows_in_the_language_asked(judged: judging.Judged, language: str) -> None:
    metro = shipped("metro")
    teller = Teller(metro, language)
    report = planreports.Report(
        metro, teller, {"by_hand": judged}, None, (judging.Bar("demand.takeup", 0.9, 0.7, 0.4, 0.8),)
    )
    rows = planreports.timetable.entries(metro.plans["by_hand"], metro)
    pictures = {
        "gantt": charts.gantt(teller, metro, rows),
        "fan_served": charts.fan(teller, {"by_hand": judged.share}, "served", 40),
        "sankey": charts.sankey(teller, judged),
        "regions": charts.regions(teller, judged, 0.9),
        "tornado": charts.tornado(teller, report.bars, 17),
    }
    for name, svg in pictures.items():
        title = teller.label(name, replications="40", month=18)
        assert title in texts(svg), (name, texts(svg))
    assert any(teller.strategy("clinic_day") in text for text in texts(pictures["gantt"]))
    assert any(text.startswith(teller.text("help.clinic_seat")) for text in texts(pictures["sankey"]))
    assert teller.number("demand.takeup") in texts(pictures["tornado"])


def test_a_chart_of_nothing_is_still_a_chart() -> None:
    town = read()
    teller = Teller(town, "en")
    nothing = judging.judge(town, Plan("do_nothing"), replications=10)
    assert "What to begin when" in texts(charts.gantt(teller, town, ()))
    assert "Who is served by whom" in texts(charts.sankey(teller, nothing))


def test_results_are_told_in_both_languages_without_a_gap() -> None:
    """Every key that is said exists: an absent one would come out as the key itself."""
    metro = shipped("metro")
    found = optimiser.optimise(metro, clock=time.monotonic, seconds=3, gap=0.2)
    runs = {name: judging.judge(metro, one, replications=30) for name, one in metro.plans.items()}
    for language in ("en", "es"):
        report = planreports.Report(metro, Teller(metro, language), runs, found)
        said = list(planreports.summary(report))
        assert len(said) > 8
        assert not [line for line in said if line.split(":")[0].count(".") and " " not in line.split(":")[0]]
    assert "limits" in planreports.as_json(report)["optimised"]
