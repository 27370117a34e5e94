"""Out of limited scope: a new danger sign ends it in writing, and the file seeks a lawyer for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import yaml
from django.db import IntegrityError, transaction

from jornada.domain.facts import Outcome
from jornada.gateways import packfiles
from jornada.intake import wording
from jornada.placement import selectors
from jornada.placement.models import ScopeEnd
from jornada.triage import casefiles, happenings
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.coalition.models import Provider
    from jornada.intake.models import CaseFile
    from jornada.placement.models import Placement
    from jornada.triage.casefiles import OpenFile


def follow(sender: Any, **step: Any) -> None:
    """Each new assessment of a file in limited scope is looked at for danger."""
    if step["kind"] == "assessed" and step["opened"] is not None:
        end_if_grave(opened=step["opened"], on=step["on"])


@transaction.atomic
def end_if_grave(*, opened: OpenFile, on: date) -> ScopeEnd | None:
    """End a limited scope where the newest assessment shows a danger sign; None where there is nothing to end."""
    placement = _limited(opened.file)
    sign = _danger(opened) if placement else ""
    if placement is None or not sign:
        return None
    row = uuid4()
    sealed = opened.seal("placement_scopeend", row, "sealed_reason", {"finding": sign})
    return _end(placement, opened.file, on, id=row, sealed_reason=sealed)


@transaction.atomic
def end_at_clinic(*, file: CaseFile, reason: str, on: date) -> ScopeEnd | None:
    """End a limited scope since a clinic day found the file too hard for it; None where none is in force.

    A tablet holds no keys of the file; so the reason, one of the clinic pack's, is
    sealed for the provider.
    """
    placement = _limited(file)
    if placement is None:
        return None
    row = uuid4()
    sealed = casefiles.seal_p2(file, "placement_scopeend", row, "sealed_note", {"clinic": reason})
    return _end(placement, file, on, id=row, sealed_note=sealed)


def _limited(file: CaseFile) -> Placement | None:
    """The limited scope in force, if the file is in one."""
    placement = selectors.placement_in_force(file.id)
    return placement if placement is not None and placement.scope == "limited" else None


def _end(placement: Placement, file: CaseFile, on: date, **reason: Any) -> ScopeEnd | None:
    try:
        with transaction.atomic():
            record = ScopeEnd.objects.create(
                provider_id=file.provider_id, placement=placement, file=file,
                application_id=file.application_id, ended_on=on, **reason,
            )  # fmt: skip
    except IntegrityError:
        return None  # ended already
    happenings.tell("scope_ended", file=file, on=on)
    return record


def _danger(opened: OpenFile) -> str:
    """The first danger sign of the newest assessment that holds."""
    newest = triage.newest_assessment(opened.file.id)
    if newest is None:
        return ""
    pack = packfiles.load(opened.file.pack)
    for found in triage.read_assessment(opened, newest).findings:
        rule = pack.findings.get(found.name)
        if rule is not None and rule.kind == "danger" and found.outcome is Outcome.YES:
            return found.name
    return ""


def reason_of(opened: OpenFile, end: ScopeEnd) -> str:
    """The danger sign that ended a scope, or what a clinic day noted; for the legal team."""
    if end.sealed_reason is None:
        return clinic_reason(end)
    return str(opened.read("placement_scopeend", end.id, "sealed_reason", end.sealed_reason)["finding"])


def clinic_reason(end: ScopeEnd) -> str:
    """The clinic pack's name of what a clinic day noted; empty where an assessment ended the scope."""
    if end.sealed_note is None:
        return ""
    noted = casefiles.read_p2(end.file, "placement_scopeend", end.id, "sealed_note", end.sealed_note)
    return str(noted["clinic"])


WORDS = Path(__file__).with_name("wording")


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of the written end of a limited scope; English where the language is not offered."""
    path = WORDS / f"{language}.yaml"
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (path if path.exists() else WORDS / "en.yaml").read_text(encoding="utf-8")
    )
    return found["scope_end"]


def letter(end: ScopeEnd, name: str, provider: Provider, language: str) -> tuple[str, dict[str, Any]]:
    """The end of a limited scope for the letter `scope_end`: its language and what it says.

    What ends, what comes next, that nothing is asked again.
    """
    told = words(language)
    spoken = language if (WORDS / f"{language}.yaml").exists() else "en"
    day = wording.written_day(spoken, end.ended_on)
    began = wording.written_day(spoken, end.placement.placed_on)
    why = "why_clinic" if end.sealed_note is not None else "why"
    lines = [
        told[why if key == "why" else key].format(provider=provider.name, began=began, day=day)
        for key in _LINES
    ]
    before, _, after = told["footer"].partition("{page}")
    data = {
        "title": told["title"], "footer": [before, after], "heading": told["title"], "date": day, "name": name,
        "lines": lines, "sign": told["sign"], "signer": f"{provider.name}, {provider.phone}".rstrip(", "),
    }  # fmt: skip
    return spoken, data


_LINES = ("ends", "why", "next", "nothing_again", "keep", "call")


def listen() -> None:
    """Follow assessments from now on."""
    happenings.happened.connect(follow, dispatch_uid="placement.escalation")
