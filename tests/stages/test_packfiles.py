"""Packs on disk: found, read whole or refused, and the commands that look at them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jornada.domain.rulepacks import PackErrors
from jornada.gateways import packfiles
from jornada.gateways.packfiles import NoSuchPack
from jornada.web.commands.packs import packs
from tests.domain.small_pack import FILES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs with the small pack in it."""
    write(tmp_path / "small", FILES)
    monkeypatch.setenv("JORNADA_RULEPACKS", str(tmp_path))
    packfiles.forget()
    yield tmp_path
    packfiles.forget()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(packs, list(words))


def test_packs_are_found_not_registered(folder: Path) -> None:
    (folder / "shared").mkdir()
    (folder / "shared" / "facts.yaml").write_text("facts: {}\n", encoding="utf-8")
    assert packfiles.available() == ("small",)
    assert packfiles.load("small") is packfiles.load("small")


def test_a_pack_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(NoSuchPack, match="known are small"):
        packfiles.load("large")


def test_a_pack_that_is_not_whole_is_refused_and_once_mended_read(folder: Path) -> None:
    good = FILES["facts.yaml"]
    (folder / "small" / "facts.yaml").write_text(good.replace("yes_no", "yesno"), encoding="utf-8")
    with pytest.raises(PackErrors, match=r"facts\.yaml:2: unknown 'yesno'"):
        packfiles.load("small")
    (folder / "small" / "facts.yaml").write_text(good, encoding="utf-8")
    assert packfiles.load("small").name == "small"


def test_a_pack_of_another_kind_is_no_remedy_and_an_unknown_kind_is_named(folder: Path) -> None:
    write(folder / "odd", {"pack.yaml": 'name: odd\nkind: weather\ntitle: "Odd"\nlanguages: [en]\n'})
    assert packfiles.available() == ("small",)
    assert packfiles.kinds() == {"odd": "weather", "small": "remedy"}
    with pytest.raises(NoSuchPack):
        packfiles.load("odd")
    with pytest.raises(PackErrors, match="unknown kind 'weather'"):
        packfiles.load_any("odd")
    assert "odd/pack.yaml:1: unknown kind 'weather'. Known here: remedy" in run("check").output


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "small" / "wording" / "es.yaml").write_bytes("a: Pequeño\n".encode("latin-1"))
    with pytest.raises(PackErrors, match="not UTF-8"):
        packfiles.load("small")


def test_check_names_file_line_and_mend_and_fails(folder: Path) -> None:
    assert run("check").exit_code == 0
    (folder / "small" / "findings.yaml").write_text(
        FILES["findings.yaml"].replace('"yes"}', "yes}"), encoding="utf-8"
    )
    packfiles.forget()
    result = run("check")
    assert result.exit_code == 1
    assert (
        'small/findings.yaml:4: yes without quotes is read by YAML as true or false. Write "yes"'
        in result.output
    )


def test_check_runs_the_examples(folder: Path) -> None:
    (folder / "small" / "examples.yaml").write_text(
        FILES["examples.yaml"].replace("COMPLEX", "OK"), encoding="utf-8"
    )
    result = run("check", "small")
    assert result.exit_code == 1
    assert "level is 'COMPLEX', not 'OK'" in result.output


def test_show_tells_what_is_in_force_that_day_and_what_is_not(folder: Path) -> None:
    assert "programme_status                   open" in run("show", "small", "--on", "2024-10-01").output
    late = run("show", "small", "--on", "2027-01-01").output
    assert "NOT IN FORCE" in late
    assert "last confirmed for 2026-11-29" in late
    assert "is not a day" in run("show", "small", "--on", "tomorrow").output


def test_diff_shows_changed_parts_and_examples_that_come_out_otherwise(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("copy")
    write(copy, {**FILES, "findings.yaml": FILES["findings.yaml"].replace("COMPLEX", "ATTY", 1)})
    result = run("diff", "small", str(copy))
    assert "changed  finding detained" in result.output
    assert "1 of 1 examples come out otherwise" in result.output
    assert "track: representation → clinic" in result.output


def test_diff_refuses_a_copy_that_is_not_whole(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("copy")
    write(copy, {"pack.yaml": FILES["pack.yaml"]})
    result = run("diff", "small", str(copy))
    assert result.exit_code == 1
    assert "not whole" in result.output


def test_explain_tells_every_finding_its_source_and_what_would_change_it(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"detained_now": "no", "entries": 2}), encoding="utf-8")
    result = run("explain", "small", str(file), "--on", "2024-10-01", "--language", "es")
    assert result.exit_code == 0, result.output
    assert "came_often: yes  [ATTY]" in result.output
    assert "Vino varias veces" in result.output
    assert "with entries = 1: no" not in result.output  # the day of arrival is still missing
    assert "with detained_now = yes: yes" in result.output
    assert "with jobs" not in result.output
    assert "Next question: Q01" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("court: 'yes'\n", "has no fact court"),
        ("- a list\n", "must map facts to answers"),
        ("{not json", "neither YAML nor JSON"),
    ],
)
def test_explain_refuses_answers_it_cannot_place(folder: Path, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("explain", "small", str(file))
    assert result.exit_code == 1
    assert said in result.output
