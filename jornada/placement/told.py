"""Runs, proposals and what-ifs in words: sources by name, reasons from the pack of restrictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jornada.coalition.forms import LANGUAGES
from jornada.domain.facts import Reason
from jornada.domain.matching import words
from jornada.placement import matching, selectors
from jornada.placement import sources as helping
from jornada.placement.pairs import REASONS
from jornada.triage import casefiles
from jornada.vault import keys

if TYPE_CHECKING:
    from jornada.domain.matching import Reached
    from jornada.domain.matching.explaining import Moved
    from jornada.placement.atonce import AtOnce
    from jornada.placement.models import MatchRun, PairDecision, Proposal
    from jornada.placement.whatif import SideBySide, Supposed

LANGUAGE = "en"
"""Staff pages are in English."""


# ── Proposals ─────────────────────────────────────────────────────────────────────────────────────────────


def proposals(found: Iterable[Proposal]) -> list[dict[str, Any]]:
    """Proposals with reasons opened and sources named: what speaks for it, what to settle, or what was nearest."""
    listed = list(found)
    if not listed:
        return []
    secret = keys.provider_key(listed[0].provider_id)
    told = [selectors.read_reasons(one.file, one, secret) for one in listed]
    names = helping.named({name for one in told for name in _sources(one)})
    return [_proposal(one, reasons, names) for one, reasons in zip(listed, told, strict=True)]


def _sources(told: Mapping[str, Any]) -> set[str]:
    near = {one["source"] for one in [*told.get("nearest", []), *told.get("alternatives", [])]}
    return near | {one["values"]["source"] for one in told.get("changes", []) if "source" in one["values"]}


def _proposal(record: Proposal, told: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {"record": record, "source": record.source_id, **_in_words(told, names)}


def _in_words(told: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    near, alternatives = (
        [_nearby(one, names) for one in told.get(part, [])] for part in ("nearest", "alternatives")
    )
    changes = [
        {"name": names.get(one["values"].get("source", ""), ""), "text": matching.text(one)}
        for one in told.get("changes", [])
    ]
    return {
        "reasons": _texts(told.get("reasons", [])),
        "flags": _texts(told.get("flags", [])),
        "nearest": near,
        "alternatives": alternatives,
        "changes": changes,
    }


def at_once(found: AtOnce) -> dict[str, Any]:
    """Where a file would go right now, in words like a proposal's, and the run that this stands beside."""
    names = helping.named(_sources(found.reasons) | ({found.source} if found.source else set()))
    name = names.get(found.source, "")
    return {"found": found, "source": found.source, "name": name, **_in_words(found.reasons, names)}


def _nearby(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    flags = {"free": one.get("free", False), "open": one.get("open", False)}
    return {"name": names[one["source"]], "obstacles": _texts(one["obstacles"]), **flags}


def _texts(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    return [matching.text(reason) for reason in reasons]


# ── Decisions on pairs ────────────────────────────────────────────────────────────────────────────────────


def decisions(found: Iterable[PairDecision]) -> list[dict[str, Any]]:
    """Decisions on pairs with their sources named, the reason and the note in words."""
    listed = list(found)
    names = helping.named({one.source_id for one in listed})
    return [
        {
            "record": one,
            "name": names[one.source_id],
            "why": REASONS.get(one.reason, ""),
            "note": selectors.read_note(one),
        }
        for one in listed
    ]


# ── A run ─────────────────────────────────────────────────────────────────────────────────────────────────


def run(found: MatchRun) -> dict[str, Any]:
    """A run's aims with their proof, prices in words, places held and what that brings, what it supposes."""
    figures = found.figures
    names = helping.named(_sources_of(figures))
    return {
        "record": found,
        "proven_word": _word("proven"),
        "aims": [aim(one) for one in figures.get("aims", [])],
        "prices": [_price(one, names) for one in figures.get("prices", [])],
        "held": [
            {**one, "name": names[one["source"]], "until": date.fromisoformat(one["until"])}
            for one in figures.get("held", [])
        ],
        "idle": _idle(figures.get("compared", [])),
        "compared": [_compared(one) for one in figures.get("compared", [])],
        "let_go": [
            {"file": casefiles.file_for(UUID(one["file"])), "name": names[one["source"]]}
            for one in figures.get("let_go", [])
        ],
        "supposed": [supposed(one, names) for one in figures.get("supposed", [])],
    }


def _sources_of(figures: Mapping[str, Any]) -> set[str]:
    told = [one for part in ("held", "let_go", "supposed") for one in figures.get(part, [])]
    prices = [one["values"]["source"] for one in figures.get("prices", []) if "source" in one["values"]]
    within = [name for one in figures.get("prices", []) for name in one["values"].get("within", [])]
    return {one["source"] for one in told} | set(prices) | set(within)


def _idle(compared: Iterable[Mapping[str, Any]]) -> bool:
    """Whether holding places keeps no more deadlines and places no more complex files than holding none."""
    means = {one["policy"]: (one["deadlines"][0], one["complex"][0]) for one in compared}
    return bool(means) and means["look_ahead"] <= means["greedy"]


def _compared(said: Mapping[str, Any]) -> dict[str, Any]:
    spreads = [said["deadlines"], said["complex"], said["people"]]
    return {"words": _word(f"policies.{said['policy']}"), "spreads": spreads}


def aim(said: Mapping[str, Any]) -> dict[str, Any]:
    """One aim in words: its title, what was reached, and how far that is from the best."""
    pack = matching.restrictions()
    return {
        "title": pack.text(f"aims.{said['aim']}", LANGUAGE),
        "value": said["value"],
        "unit": pack.text(f"units.{said['aim']}", LANGUAGE),
        "bound": said["bound"],
        "proof": _proof(said),
    }


def _proof(said: Mapping[str, Any]) -> str:
    if said["gap"] is None:
        return _word("not_bounded")
    if said["gap"] == 0:
        return _word("proven")
    return words.sentence(matching.restrictions(), "told.gap", {"gap": f"{said['gap']:.2%}"}, LANGUAGE)


def _price(said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    values = {**said["values"], "source": names.get(said["values"].get("source", ""), "")}
    return words.priced(matching.restrictions(), Reason(said["key"], values), LANGUAGE)


def _word(key: str) -> str:
    return str(matching.restrictions().text(f"told.{key}", LANGUAGE))


# ── A what-if ─────────────────────────────────────────────────────────────────────────────────────────────


def supposed(said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One thing supposed, in words."""
    name = names[said["source"]]
    if said["kind"] == "without":
        return f"{name} is left out"
    if said["kind"] == "seats":
        return f"{name} has {said['value']} place{'' if said['value'] == '1' else 's'}"
    return f"{name} speaks {dict(LANGUAGES).get(said['value'], said['value'])} too"


def side_by_side(found: SideBySide, changes: Iterable[Supposed]) -> dict[str, Any]:
    """Both outcomes next to each other: aims, who is gained, lost or moved, and loads that differ."""
    told = found.difference
    ids = {name for one in told.people for name in (one.before, one.after) if name}
    loads = [one for one in told.sources if (one.before or 0) != (one.after or 0)]
    listed = list(changes)
    names = helping.named(ids | {one.source for one in loads} | {one.source for one in listed})
    return {
        "changes": [supposed(one.as_data(), names) for one in listed],
        "aims": [
            {"now": aim(_reached(now)), "then": aim(_reached(then)), "differs": now.value != then.value}
            for now, then in zip(told.before, told.after, strict=True)
        ],
        "gained": [_moved(one, found, names) for one in told.people if not one.before],
        "lost": [_moved(one, found, names) for one in told.people if not one.after],
        "moved": [_moved(one, found, names) for one in told.people if one.before and one.after],
        "loads": [{"name": names[one.source], "now": one.before, "then": one.after} for one in loads],
    }


def _moved(one: Moved, found: SideBySide, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "file": found.changed.files[one.person],
        "before": names.get(one.before or "", ""),
        "after": names.get(one.after or "", ""),
    }


def _reached(one: Reached) -> dict[str, Any]:
    return {"aim": one.aim, "value": one.value, "bound": one.bound, "gap": one.gap}
