"""From findings to a track and a level of service, with the reasons; gates last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jornada.domain.assessment import Assessment
from jornada.domain.conditions import Scope
from jornada.domain.facts import Finding, Outcome, Reason
from jornada.domain.packparts import Gate, RulePack, TrackRule


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """Where a file goes by the rules, and why. A person may overrule it with a reason."""

    track: str
    delivery: str
    level_of_service: str
    level: str
    gates: tuple[str, ...]
    reasons: tuple[Reason, ...]
    tasks: tuple[str, ...]


class NoTrack(LookupError):
    """No track holds for a file: the pack lacks its last, `{always: true}`."""


def decide(assessment: Assessment, pack: RulePack) -> TriageDecision:
    """The track of the first rule that holds, at the highest level of any finding or gate.

    A finding left open by an unsure answer counts its `level_unsure` (one level
    up by default). A gate applies when it holds, and when it cannot be known
    because a value is not in force. Source: deferred-action notes, section 3.1
    (triage algorithm) and 3.0 (gate).
    """
    scope = _scope(assessment, pack)
    gates = tuple(gate for gate in pack.gates if assessment.gates.get(gate.name) is not False)
    level = _highest(pack.levels, [*assessment.level_by_finding.values(), *(gate.level for gate in gates)])
    scope.level, scope.levels = level, pack.levels
    scope.gates = {gate.name: gate in gates for gate in pack.gates}
    rule = _first(pack.tracks, scope, pack.name)
    return TriageDecision(
        rule.track,
        rule.delivery,
        rule.level_of_service,
        level,
        tuple(gate.name for gate in gates),
        _reasons(rule, gates, level, assessment),
        _tasks(rule, gates, assessment),
    )


def _scope(assessment: Assessment, pack: RulePack) -> Scope:
    """A scope of its own for triage, so that an assessment stays what it was."""
    if assessment.scope is None:
        raise ValueError(
            "This assessment was read back from storage: assess the answers again before deciding"
        )
    before = assessment.scope
    scope = pack.scope(before.answers, before.on, before.circumstances)
    for finding in assessment.findings:
        scope.remember(finding)
    return scope


def _highest(levels: Sequence[str], found: Sequence[str]) -> str:
    return max(found, key=levels.index, default=levels[0])


def _first(tracks: Sequence[TrackRule], scope: Scope, pack: str) -> TrackRule:
    for rule in tracks:
        if rule.when.test(scope):
            return rule
    raise NoTrack(f"{pack}: no track holds; end triage.yaml with a track for when: {{always: true}}")


def _reasons(
    rule: TrackRule, gates: Sequence[Gate], level: str, assessment: Assessment
) -> tuple[Reason, ...]:
    """The track's own reason, each gate's, then those of the findings at the level that decided."""
    found = [Reason(rule.reason, {}, rule.sources[0] if rule.sources else None)]
    found += [Reason(gate.reason, {}, gate.sources[0] if gate.sources else None) for gate in gates]
    found += [
        reason for finding in assessment.findings if finding.level == level for reason in finding.reasons
    ]
    kept: dict[Any, Reason] = {}
    for reason in found:
        kept.setdefault(reason.key, reason)
    return tuple(kept.values())


def _tasks(rule: TrackRule, gates: Sequence[Gate], assessment: Assessment) -> tuple[str, ...]:
    tasks = [*assessment.tasks, *(task for gate in gates for task in gate.tasks), *rule.tasks]
    return tuple(dict.fromkeys(tasks))


def open_danger(findings: Sequence[Finding], pack: RulePack) -> tuple[Finding, ...]:
    """The danger signs that are not settled: what a person should ask about first."""
    return tuple(
        found
        for found in findings
        if pack.findings[found.name].kind == "danger" and found.outcome is Outcome.NOT_YET_KNOWN
    )
