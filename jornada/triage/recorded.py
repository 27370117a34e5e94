"""An assessment and a decision as plain data, to be sealed, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jornada.domain.facts import Finding, Outcome, Reason, Source

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Proposed:
    """What triage proposes, or what a person decided: a track with its level and reasons."""

    track: str
    delivery: str = ""
    level_of_service: str = ""
    level: str = ""
    gates: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The findings of one assessment and what they propose."""

    findings: tuple[Finding, ...]
    proposal: Proposed
    values: Mapping[str, Any] = field(default_factory=dict)


def as_data(findings: tuple[Finding, ...], proposal: Proposed) -> dict[str, Any]:
    """Plain JSON of findings and proposal."""
    return {
        "schema": SCHEMA,
        "findings": [_finding(found) for found in findings],
        "proposal": decision_data(proposal),
    }


def from_data(data: Mapping[str, Any]) -> Recorded:
    """Findings and proposal from plain JSON."""
    return Recorded(
        tuple(_read_finding(found) for found in data["findings"]), read_decision(data["proposal"])
    )


def decision_data(decided: Proposed) -> dict[str, Any]:
    """Plain JSON of a track with its level and reasons."""
    return {
        "track": decided.track,
        "delivery": decided.delivery,
        "level_of_service": decided.level_of_service,
        "level": decided.level,
        "gates": list(decided.gates),
        "reasons": [_reason(reason) for reason in decided.reasons],
        "tasks": list(decided.tasks),
    }


def read_decision(data: Mapping[str, Any]) -> Proposed:
    """A track with its level and reasons from plain JSON."""
    return Proposed(
        data["track"],
        data["delivery"],
        data["level_of_service"],
        data["level"],
        tuple(data["gates"]),
        tuple(_read_reason(reason) for reason in data["reasons"]),
        tuple(data["tasks"]),
    )


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "name": found.name,
        "outcome": found.outcome.value,
        "reasons": [_reason(reason) for reason in found.reasons],
        "missing": list(found.missing),
        "turning": list(found.turning),
        "level": found.level,
        "values": _plain(found.values),
    }


def _read_finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        data["name"],
        Outcome(data["outcome"]),
        tuple(_read_reason(reason) for reason in data["reasons"]),
        tuple(data["missing"]),
        tuple(data["turning"]),
        data["level"],
        data["values"],
    )


def _reason(reason: Reason) -> dict[str, Any]:
    source = reason.source
    told = {"title": source.title, "url": source.url, "certainty": source.certainty} if source else None
    return {"key": reason.key, "values": _plain(reason.values), "source": told}


def _read_reason(data: Mapping[str, Any]) -> Reason:
    return Reason(data["key"], data["values"], Source(**data["source"]) if data["source"] else None)


def _plain(value: Any) -> Any:
    """JSON data: dates and other things that JSON has no word for are kept as they are written."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
