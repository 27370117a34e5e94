"""A pack's own examples: run them, say which fail, and compare what two versions of a pack make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jornada.domain import interview
from jornada.domain.assessment import Assessment, Event, assess, deadlines
from jornada.domain.facts import Finding
from jornada.domain.located import PackError
from jornada.domain.packparts import Example, RulePack
from jornada.domain.triage import TriageDecision, decide


@dataclass(frozen=True, slots=True)
class Came:
    """What came out for an example: findings, decision, early stop, deadlines."""

    assessment: Assessment
    decision: TriageDecision
    stopped: Finding | None
    due: Mapping[str, str]


def run(example: Example, pack: RulePack) -> Came:
    """The example's person on the example's day."""
    circumstances = pack.on_file(example)
    assessment = assess(example.answers, pack, example.day, circumstances)
    due = deadlines(pack, example.answers, _events(example), example.day, circumstances)
    return Came(
        assessment,
        decide(assessment, pack),
        interview.stopped(pack, example.answers, example.day, circumstances),
        {one.key: str(one.due_on) for one in due},
    )


def _events(example: Example) -> tuple[Event, ...]:
    return tuple(
        Event(
            str(raw["event"]),
            date.fromisoformat(raw["day"]),
            date.fromisoformat(raw["printed"]) if "printed" in raw else None,
        )
        for raw in example.events
    )


def failing(pack: RulePack) -> tuple[PackError, ...]:
    """One error for each expectation of an example that is not met, with the line that expects it."""
    return tuple(error for example in pack.examples for error in _failures(example, pack))


def _failures(example: Example, pack: RulePack) -> Iterator[PackError]:
    came = run(example, pack)
    for key, wanted, got in _differences(example.expect, came):
        line = pack.line_of("examples.yaml", (*example.path, "expect", *key))
        yield PackError(
            "examples.yaml",
            line,
            f"{example.name}: {'.'.join(map(str, key))} is {got!r}, not {wanted!r}",
            "Mend the rule or the example",
        )


def _differences(expect: Mapping[str, Any], came: Came) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Each expectation that is not met: its key, what was wanted, what came."""
    single = {
        "level": came.decision.level,
        "track": came.decision.track,
        "delivery": came.decision.delivery,
        "level_of_service": came.decision.level_of_service,
        "stopped": came.stopped.name if came.stopped else None,
    }
    for key, got in single.items():
        if key in expect and expect[key] != got:
            yield (key,), expect[key], got
    by_name = {name: found.outcome.value for name, found in came.assessment.by_name.items()}
    pairs: dict[str, Mapping[str, Any]] = {
        "findings": by_name,
        "values": came.assessment.values,
        "deadlines": came.due,
    }
    for key, found in pairs.items():
        for name, wanted in (expect.get(key) or {}).items():
            if str(found.get(name)) != str(wanted):
                yield (key, name), wanted, found.get(name)
    among = {
        "tasks": came.decision.tasks,
        "missing": came.assessment.missing,
        "lapsed": tuple(one.parameter for one in came.assessment.lapsed),
    }
    for key, names in among.items():
        if absent := [name for name in expect.get(key) or () if name not in names]:
            yield (key,), absent, names
    if "gates" in expect and set(expect["gates"] or ()) != set(came.decision.gates):
        yield ("gates",), expect["gates"], came.decision.gates


# --- two versions of a pack -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of a pack that was added, removed or changed: its kind, name, and what it was and is."""

    kind: str
    name: str
    before: Any
    after: Any

    @property
    def how(self) -> str:
        return "added" if self.before is None else ("removed" if self.after is None else "changed")


@dataclass(frozen=True, slots=True)
class ExampleChange:
    """An example that comes out otherwise: each thing that differs, before and after."""

    name: str
    differs: Mapping[str, tuple[Any, Any]]


def part_changes(old: RulePack, new: RulePack) -> tuple[PartChange, ...]:
    """Every part that differs: dated values, facts, questions, findings, deadlines, gates, tracks, texts."""
    found: list[PartChange] = []
    before, after = _parts(old), _parts(new)
    for kind in before:
        for name in dict.fromkeys((*before[kind], *after[kind])):
            left, right = before[kind].get(name), after[kind].get(name)
            if left != right:
                found.append(PartChange(kind, name, left, right))
    return tuple(found)


def _parts(pack: RulePack) -> dict[str, dict[str, Any]]:
    named = {
        "parameter": ("parameters.yaml", "parameters", ""),
        "fact": ("facts.yaml", "facts", ""),
        "question": ("interview.yaml", "questions", "id"),
        "finding": ("findings.yaml", "findings", "finding"),
        "deadline": ("deadlines.yaml", "deadlines", "deadline"),
        "gate": ("triage.yaml", "gates", "gate"),
    }
    parts = {kind: _all_named(pack, *where) for kind, where in named.items()}
    tracks = [track for page in _pages(pack, "triage.yaml") for track in page.get("tracks") or ()]
    parts["track"] = {
        f"{place}. {one['track']} ({one['reason']})": one for place, one in enumerate(tracks, start=1)
    }
    parts["text"] = {
        f"{language} {key}": text for language, texts in pack.wording.items() for key, text in texts.items()
    }
    return parts


def _pages(pack: RulePack, file: str) -> list[Mapping[str, Any]]:
    """The data of a pack's file of that name, and of the same file in each vocabulary that it uses."""
    return [
        page.data
        for name, page in pack.located.items()
        if name.rpartition("/")[2] == file and name.count("/") in (0, 2) and isinstance(page.data, Mapping)
    ]


def _all_named(pack: RulePack, file: str, top: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for page in _pages(pack, file):
        found |= _by_name(page.get(top), key)
    return found


def _by_name(listed: Any, key: str) -> dict[str, Any]:
    if isinstance(listed, Mapping):
        return dict(listed)
    return {str(one[key]): one for one in listed or ()}


def example_changes(old: RulePack, new: RulePack) -> tuple[ExampleChange, ...]:
    """The old pack's examples, run under both: those that come out otherwise."""
    found: list[ExampleChange] = []
    for example in old.examples:
        before, after = _told(run(example, old)), _told(run(example, new))
        differs = {
            key: (before.get(key), after.get(key))
            for key in dict.fromkeys((*before, *after))
            if before.get(key) != after.get(key)
        }
        if differs:
            found.append(ExampleChange(example.name, differs))
    return tuple(found)


def _told(came: Came) -> dict[str, Any]:
    """What is compared: decision, stop, findings, deadlines."""
    decision = came.decision
    return {
        "level": decision.level,
        "track": decision.track,
        "delivery": decision.delivery,
        "gates": decision.gates,
        "tasks": decision.tasks,
        "stopped": came.stopped.name if came.stopped else None,
        **{f"finding {name}": found.outcome.value for name, found in came.assessment.by_name.items()},
        **{f"deadline {key}": day for key, day in came.due.items()},
    }
