"""What the rules say so far, in a worker's words: cards. Information, never advice, never a promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jornada.domain.assessment import Assessment
from jornada.domain.facts import UNSURE, Finding, Outcome
from jornada.domain.rulepacks import MissingWording, NotInForce, Question, RulePack
from jornada.intake import wording

FITS = ("element", "relief")
MINDS = ("danger", "complication", "urgency", "jurisdiction")


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of the result page; each a list of short texts."""

    status: tuple[str, ...]
    fits: tuple[str, ...]
    minds: tuple[str, ...]
    missing: tuple[str, ...]


def cards(pack: RulePack, found: Assessment, still_open: Iterable[Question], language: str) -> Cards:
    """The cards for an assessment, in this language; a text once only."""
    return Cards(
        status=_statuses(pack, found.on, language),
        fits=_texts(pack, found, FITS, language),
        minds=_texts(pack, found, MINDS, language),
        missing=tuple(pack.text(f"questions.{question.id}.ask", language) for question in still_open),
    )


def _statuses(pack: RulePack, on: date, language: str) -> tuple[str, ...]:
    """What the government does today; past the last confirmed day, that we must look again."""
    said = []
    for parameter in pack.parameters.values():
        if parameter.kind != "status":
            continue
        try:
            key = f"status.{parameter.on(on).value}"
        except NotInForce:
            said.append(wording.text(language, "result.status_lapsed"))
            continue
        if pack.has_text(key, language):
            said.append(pack.text(key, language))
    return tuple(dict.fromkeys(said))


def _texts(pack: RulePack, found: Assessment, kinds: tuple[str, ...], language: str) -> tuple[str, ...]:
    holding = [
        one for one in found.findings if one.outcome is Outcome.YES and pack.findings[one.name].kind in kinds
    ]
    said = [text for one in holding for text in _reasons(pack, one, language)]
    return tuple(dict.fromkeys(said))


def _reasons(pack: RulePack, finding: Finding, language: str) -> Iterable[str]:
    for reason in finding.reasons:
        values = {name: _word(value, language) for name, value in {**finding.values, **reason.values}.items()}
        try:
            yield pack.text(f"reasons.{reason.key}", language, **values)
        except MissingWording:  # a value that only staff may see has no place in a worker's card
            continue


def _word(value: Any, language: str) -> str:
    if isinstance(value, date):
        return wording.written_day(language, value)
    if isinstance(value, list | tuple):
        return ", ".join(_word(one, language) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(_word(one, language) for one in value.values())
    if value is None or value == UNSURE:
        return wording.text(language, "question.unsure")
    text = str(value)
    return wording.written_date(language, text) if _looks_like_a_day(text) else text


def _looks_like_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
