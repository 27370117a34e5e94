"""The rules of the house that a machine can hold: layers, names, sizes, classes of data, words that exist."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps

from jornada.vault import classes

PROJECT = Path(__file__).resolve().parents[1]
CODE = PROJECT / "jornada"
NO_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "managers"}
LONGEST_FUNCTION, LONGEST_MODULE, MIDDLE_FUNCTION = 60, 900, 10


def _modules() -> list[Path]:
    return sorted(path for path in CODE.rglob("*.py") if "migrations" not in path.parts)


def _functions() -> Iterator[tuple[str, int]]:
    """Each function with the number of its lines, without decorators and the docstring."""
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = ast.get_docstring(node, clean=False)
                lines = (
                    (node.end_lineno or node.lineno) - node.lineno + 1 - (told.count("\n") + 1 if told else 0)
                )
                yield f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}", lines


def test_every_stored_field_has_a_class_and_every_model_a_purpose_and_an_end() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("jornada.")]

    assert classes.undeclared(ours) == []
    assert len(ours) > 40


def test_imports_keep_to_the_layers() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )

    assert done.returncode == 0, done.stdout[-4000:]
    assert " 0 broken" in done.stdout


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [
        str(path.relative_to(PROJECT))
        for path in CODE.rglob("*")
        if path.stem in NO_NAMES and path.suffix in ("", ".py")
    ]

    assert named == []


def test_functions_and_modules_stay_small(capsys: pytest.CaptureFixture[str]) -> None:
    functions = list(_functions())
    lengths = sorted(lines for _, lines in functions)
    modules = {
        str(path.relative_to(PROJECT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in _modules()
    }
    middle, longest_module = statistics.median(lengths), max(modules, key=lambda name: modules[name])
    with capsys.disabled():
        print(
            f"\nhouse: {len(functions)} functions, median {middle:g} lines, longest {lengths[-1]};"
            f" {len(modules)} modules, longest {longest_module} with {modules[longest_module]}"
        )

    assert [name for name, lines in functions if lines > LONGEST_FUNCTION] == []
    assert [name for name, lines in modules.items() if lines > LONGEST_MODULE] == []
    assert middle <= MIDDLE_FUNCTION


# ── Words that pages use ──────────────────────────────────────────────────────────────────────────────────

SAID_IN_CODE = re.compile(r'wording\.text\(\s*[\w.]+,\s*"([a-z_.]+)"')
SAID_IN_PAGES = re.compile(r"\bw\.([a-z_]+(?:\.[a-z_]+)*)")


def _keys(words: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Every key of a wording file, with dots; headings too."""
    for name, value in words.items():
        yield before + name
        if isinstance(value, Mapping):
            yield from _keys(value, f"{before}{name}.")


def _wording(app: str, language: str) -> set[str]:
    text = (CODE / app / "wording" / f"{language}.yaml").read_text(encoding="utf-8")
    return set(_keys(yaml.safe_load(text)))


@pytest.mark.parametrize("app", ["intake", "tracking"])
def test_both_languages_have_the_same_words(app: str) -> None:
    assert _wording(app, "en") == _wording(app, "es")


def test_every_word_that_a_workers_page_uses_exists() -> None:
    there = _wording("intake", "en")
    code = "".join(path.read_text(encoding="utf-8") for path in _modules())
    pages = [*CODE.glob("*/templates/**/*.html"), *CODE.glob("web/templates/worker/*.html")]
    tags = "".join(
        part for path in pages for part in re.findall(r"{[{%](.*?)[%}]}", path.read_text(encoding="utf-8"))
    )
    used = set(SAID_IN_CODE.findall(code)) | set(SAID_IN_PAGES.findall(tags))

    assert sorted(used - there) == []
    assert len(used) > 60
