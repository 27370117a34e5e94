"""The shipped clinic pack: every reason that the engine gives can be said, and every number says who says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jornada.domain.clinic.dayfile import failing_examples
from jornada.domain.clinic.events import KINDS
from jornada.domain.facts import CERTAINTIES
from jornada.gateways import clinicfiles, packfiles

CODE = Path(__file__).resolve().parents[2] / "jornada" / "domain" / "clinic"
REASON = re.compile(
    r'Reason\(\s*"([a-z_]+)"|_no\([^"]*(?:"[a-z_]+"[^"]*?\),\s*)?"([a-z_]+)"|else "([a-z_]+)", \{"worker"'
)
SOFT = re.compile(r'against(?:_softly)?\(\s*"([a-z_]+)"')


def reasons_in_code() -> set[str]:
    """Every reason that the engine makes; paths of objections are no reasons."""
    text = "".join(path.read_text(encoding="utf-8") for path in CODE.glob("*.py"))
    found = {name for match in REASON.findall(text) for name in match if name}
    return found - {"appointments", "invited", "staff", "stations", "closes", "break", "sittings"}


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_clinic_pack_is_found_and_whole() -> None:
    assert packfiles.available(kind="clinic") == ("clinic",)
    assert failing_examples(clinicfiles.load_template()) == ()
    assert len(clinicfiles.load_template().examples) == 2


def test_every_reason_and_its_mend_can_be_said(language: str) -> None:
    words = clinicfiles.load_template().wording[language]
    known = {key.removeprefix("reasons.") for key in words if key.startswith("reasons.")}
    assert len(reasons_in_code()) > 45
    assert reasons_in_code() - known == set()
    assert {f"mends.{name}" for name in known} <= words.keys()


def test_every_conflict_status_and_measure_can_be_said(language: str) -> None:
    words = clinicfiles.load_template().wording[language]
    text = (CODE / "board.py").read_text(encoding="utf-8")
    kinds = set(SOFT.findall(text))
    assert len(kinds) > 8
    assert {f"conflicts.{kind}" for kind in kinds} <= words.keys()
    statuses = re.search(r"Status = Literal\[([^]]+)\]", text)
    assert statuses is not None
    assert {f"statuses.{name}" for name in re.findall(r'"(\w+)"', statuses[1])} <= words.keys()


def test_every_event_can_be_said(language: str) -> None:
    words = clinicfiles.load_template().wording[language]
    assert {key.removeprefix("events.") for key in words if key.startswith("events.")} == KINDS.keys()


def test_every_number_has_a_source_and_a_certainty() -> None:
    pack = clinicfiles.load_template()
    for parameter in pack.parameters.values():
        for entry in parameter.history:
            assert entry.sources, parameter.name
            assert all(set(source.certainty.split("/")) <= CERTAINTIES for source in entry.sources)
    assert all(event.sources for event in pack.events.values())
    judged = [
        name
        for name in pack.parameters
        if pack.range(name, pack.parameters[name].history[0].start).needs_review
    ]
    assert len(judged) > 25  # most working times are judgement, and say so
