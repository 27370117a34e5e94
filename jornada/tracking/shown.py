"""Records in words for staff pages: findings with reasons, answers by section, steps of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jornada.domain.assessment import Change
from jornada.domain.facts import UNSURE, Finding, Outcome, Reason
from jornada.domain.packparts import MissingWording
from jornada.domain.rulepacks import RulePack
from jornada.intake import pages

STEPS = {
    "assess": "Assess the answers",
    "assess_again": "Answers changed: assess again",
    "decide": "Decide the track",
    "confirm_proposal": "Confirm a proposed track",
    "answer_more": "Answer more questions",
    "place": "Place with an advocate or clinic",
    "prepare": "Prepare the packet",
    "prepare_again": "Answers changed: prepare again",
    "mend": "Mend the packet",
    "review": "Review the packet",
    "sign_off": "Sign off the packet",
    "file": "File the packet, or hold it",
    "answer_questions": "Answer questions from the reviewer",
    "consent_ended": "Share again: consent has ended",
    "letter_answer": "Answer the letter",
    "receipt": "Send the receipt",
    "decision": "Decide the request",
    "answer_rejection": "Answer the rejection",
    "self_help": "Self-help: no step of ours is open",
    "refer_out": "Referred elsewhere",
    "decline": "Declined",
}
"""The next step of a file in words, by its key in tracking/selectors.py."""

WHO = {
    "worker": "The worker",
    "team": "Legal team",
    "agency": "The agency",
    "employer": "The employer",
    "nobody": "Nobody",
}


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason in words, with its source and the mark that it needs review."""

    words: str
    source: str
    url: str
    needs_review: bool


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding as staff read it."""

    name: str
    title: str
    kind: str
    outcome: str
    level: str
    reasons: tuple[ShownReason, ...]
    missing: tuple[str, ...]
    values: Mapping[str, Any]
    can_change: bool

    @property
    def needs_review(self) -> bool:
        return any(reason.needs_review for reason in self.reasons)


_ORDER = ("danger", "urgency", "complication", "element", "jurisdiction", "relief", "level", "note")


def findings(pack: RulePack, found: Iterable[Finding]) -> list[ShownFinding]:
    """Findings in words: dangers first; within a kind those that hold, then open ones, then the rest."""
    shown = [_finding(pack, one) for one in found]
    outcomes = [outcome.value for outcome in (Outcome.YES, Outcome.NOT_YET_KNOWN, Outcome.NO)]
    return sorted(
        shown,
        key=lambda one: (outcomes.index(one.outcome), _ORDER.index(one.kind) if one.kind in _ORDER else 9),
    )


def reasons(pack: RulePack, given: Iterable[Reason]) -> tuple[ShownReason, ...]:
    """Reasons in words."""
    return tuple(_reason(pack, one) for one in given)


def tasks(pack: RulePack, keys: Iterable[str]) -> list[str]:
    """Tasks in words."""
    return [_text(pack, f"tasks.{key}", {}) for key in keys]


def fact_words(pack: RulePack, fact: str) -> str:
    """What a fact is called: its label, or the question that asks it."""
    if pack.has_text(f"facts.{fact}", "en"):
        return pack.text(f"facts.{fact}", "en")
    for question in pack.questions:
        if fact in question.asks:
            return pack.text(f"questions.{question.id}.ask", "en")
    return fact.replace("_", " ")


def value_words(pack: RulePack, fact: str, value: Any) -> str:
    """An answer in English words; the plain value where the pack has none."""
    if value == UNSURE:
        return "Not sure"
    if fact not in pack.facts:
        return str(value)
    try:
        return pages.summary(pack, pack.facts[fact], value, "en")
    except (KeyError, ValueError, TypeError, AttributeError):
        return str(value)


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer as staff read it."""

    fact: str
    asks: str
    said: str
    unsure: bool


def answers(
    pack: RulePack, by_section: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, list[ShownAnswer]]]:
    """The answers by section, in the pack's order of questions."""
    order = {fact: place for place, fact in enumerate(fact for one in pack.questions for fact in one.asks)}
    shown = []
    for section in [one for one in pack.sections if one in by_section]:
        held = sorted(by_section[section].items(), key=lambda item: order.get(item[0], len(order)))
        lines = [
            ShownAnswer(fact, fact_words(pack, fact), value_words(pack, fact, value), value == UNSURE)
            for fact, value in held
        ]
        shown.append((_text(pack, f"sections.{section}", {}), lines))
    return shown


def changes(pack: RulePack, found: Iterable[Change]) -> list[dict[str, str]]:
    """What would change a finding, in words."""
    return [
        {
            "fact": fact_words(pack, one.fact),
            "to": value_words(pack, one.fact, one.to),
            "outcome": one.outcome.value,
        }
        for one in found
    ]


def deadline_words(pack: RulePack, key: str) -> str:
    """What a deadline is called."""
    return _text(pack, f"deadlines.{key}", {})


def sections(pack: RulePack, keys: Iterable[str]) -> list[str]:
    """Parts of the answers in words."""
    return [_text(pack, f"sections.{key}", {}) for key in keys]


def _finding(pack: RulePack, found: Finding) -> ShownFinding:
    rule = pack.findings.get(found.name)
    given = found.reasons or (
        (Reason(rule.reason, found.values, rule.sources[0] if rule.sources else None),) if rule else ()
    )
    shown = reasons(pack, given) if found.outcome is not Outcome.NO or found.reasons else ()
    return ShownFinding(
        found.name,
        found.name.replace("_", " "),
        rule.kind if rule else "note",
        found.outcome.value,
        found.level,
        shown,
        tuple(fact_words(pack, fact) for fact in found.missing),
        {key: value for key, value in found.values.items() if key != "statements"},
        bool(found.turning or found.missing),
    )


def _reason(pack: RulePack, reason: Reason) -> ShownReason:
    source = reason.source
    words = _text(pack, f"reasons.{reason.key}", reason.values)
    return ShownReason(
        words,
        source.title if source else "",
        source.url if source else "",
        source.needs_review if source else True,
    )


def _text(pack: RulePack, key: str, values: Mapping[str, Any]) -> str:
    """The pack's English words; the key itself where they cannot be made, so that nothing is hidden."""
    try:
        return pack.text(key, "en", **values)
    except MissingWording:
        return key.partition(".")[2].replace("_", " ")
