"""What is written down is checked: links lead somewhere, commands exist, decisions are numbered once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jornada.web.cli import main

PROJECT = Path(__file__).resolve().parents[1]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
COMMAND = re.compile(r"`jornada ([a-z][a-z-]*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


def test_every_command_that_a_page_names_exists() -> None:
    context = main.make_context("jornada", [], resilient_parsing=True)
    offered = set(main.list_commands(context))
    named = {found for page in PAGES for found in COMMAND.findall(page.read_text("utf-8"))}
    assert named - offered == set()
    assert {"demo", "serve", "worker", "packs", "forms"} <= named


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (PROJECT / "README.md").read_text("utf-8")))
    assert named <= targets | {"sure"}
    assert {"demo", "test"} <= named


def test_decisions_are_numbered_once_and_say_what_they_cost() -> None:
    records = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]
    assert len(set(numbers)) == len(numbers)
    for record in records:
        assert re.match(rf"# {int(record.name[:4])}\. ", record.read_text("utf-8")), record.name


def test_no_page_names_a_registry_host_or_a_path_of_a_machine() -> None:
    told = re.compile(r"/home/|/root/|/tmp/|pypi\.org|registry\.npmjs|deb\.debian")
    assert [str(page) for page in PAGES if told.search(page.read_text("utf-8"))] == []
