"""Packets in words and pictures for staff pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jornada.domain import packets as packet_rules
from jornada.domain.facts import UNSURE, Reason
from jornada.domain.printchecks import sentence
from jornada.domain.rulepacks import RulePack
from jornada.intake import pages
from jornada.triage.casefiles import OpenFile


def report(pack: RulePack, checks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The report before printing in words: what must be mended first, then what is open, then the rest."""
    order = ["no", "not yet known", "yes"]
    rows = [
        {
            "key": one["key"],
            "outcome": one["outcome"],
            "state": pack.text(f"outcomes.{one['outcome']}", "en"),
            "check": pack.text(f"report.{one['key']}", "en"),
            "details": [sentence(pack, Reason(told["key"], told["values"]), "en") for told in one["detail"]],
        }
        for one in checks
    ]
    return sorted(rows, key=lambda row: order.index(row["outcome"]))


def side_by_side(pack: RulePack, opened: OpenFile, values: Mapping[str, Any], item: int) -> dict[str, Any]:
    """One item of the packet: its answer with the question behind it, its page, and its neighbours."""
    items = values["items"]
    place = min(max(item, 0), max(len(items) - 1, 0))
    row = items[place] if items else None
    return {
        "items": items,
        "place": place,
        "row": row,
        "source": _source(pack, opened, row) if row else None,
        "page": row["page"] if row else 1,
        "previous": place - 1 if place > 0 else None,
        "following": place + 1 if place + 1 < len(items) else None,
        "listed": _by_form(items, place),
    }


def _by_form(items: Sequence[Mapping[str, Any]], place: int) -> list[dict[str, Any]]:
    """Every item with its number, grouped by form, for the list beside the page."""
    groups: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(items):
        group = groups.setdefault(row["form"], {"form": row["form"], "rows": [], "here": False})
        group["rows"].append({**row, "number": number})
        group["here"] = group["here"] or number == place
    return list(groups.values())


def _source(pack: RulePack, opened: OpenFile, row: Mapping[str, Any]) -> dict[str, Any]:
    """Where a value comes from: the worker's answer to a question, or the advocate's choice."""
    fact = row["fact"]
    choices = packet_rules.document(pack)["choices"]
    if fact not in pack.facts and fact not in choices:
        return {"kind": "rule", "ask": "Worked out from the answers and choices", "said": ""}
    if fact not in pack.facts:
        choice = f"choices.{fact}"
        return {
            "kind": "choice",
            "ask": pack.text(choice, "en") if pack.has_text(choice, "en") else fact,
            "said": "",
        }
    question = next((one for one in pack.questions if fact in one.asks), None)
    return {
        "kind": "answer",
        "question": question.id if question else "",
        "ask": pack.text(f"questions.{question.id}.ask", "en") if question else fact.replace("_", " "),
        "said": said(pack, fact, opened.answers.get(fact)),
    }


def said(pack: RulePack, fact: str, value: Any) -> str:
    """An answer in English words."""
    if value is None:
        return "no answer"
    if value == UNSURE:
        return "not sure"
    try:
        return pages.summary(pack, pack.facts[fact], value, "en")
    except (KeyError, ValueError, TypeError, AttributeError):
        return str(value)
