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
from jornada.gateways import letters, packfiles
from jornada.intake import wording
from jornada.placement import selectors
from jornada.placement.models import ScopeEnd
from jornada.triage import happenings
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.coalition.models import Provider
    from jornada.triage.casefiles import OpenFile


def follow(sender: Any, **step: Any) -> None:
    """Each new assessment of a file in limited scope is looked at for danger."""
    if step["kind"] == "assessed" and step["opened"] is not None:
        end_if_grave(opened=step["opened"], on=step["on"])


@transaction.atomic
def end_if_grave(*, opened: OpenFile, on: date) -> ScopeEnd | None:
    """End a limited scope where the newest assessment shows a danger sign; None where there is nothing to end."""
    placement = selectors.placement_in_force(opened.file.id)
    if placement is None or placement.scope != "limited":
        return None
    sign = _danger(opened)
    if not sign:
        return None
    row = uuid4()
    try:
        with transaction.atomic():
            record = ScopeEnd.objects.create(
                id=row, provider_id=opened.file.provider_id, placement=placement, file=opened.file,
                application_id=opened.file.application_id, ended_on=on,
                sealed_reason=opened.seal("placement_scopeend", row, "sealed_reason", {"finding": sign}),
            )  # fmt: skip
    except IntegrityError:
        return None  # ended already
    happenings.tell("scope_ended", file=opened.file, on=on)
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
    """The danger sign that ended a scope, for the legal team."""
    return str(opened.read("placement_scopeend", end.id, "sealed_reason", end.sealed_reason)["finding"])


WORDS = Path(__file__).with_name("wording")


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of the written end of a limited scope; English where the language is not offered."""
    path = WORDS / f"{language}.yaml"
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (path if path.exists() else WORDS / "en.yaml").read_text(encoding="utf-8")
    )
    return found["scope_end"]


def letter(end: ScopeEnd, name: str, provider: Provider, language: str) -> bytes:
    """The end of a limited scope in writing, as PDF: what ends, what comes next, that nothing is asked again."""
    told = words(language)
    spoken = language if (WORDS / f"{language}.yaml").exists() else "en"
    day = wording.written_day(spoken, end.ended_on)
    began = wording.written_day(spoken, end.placement.placed_on)
    lines = [told[key].format(provider=provider.name, began=began, day=day) for key in _LINES]
    before, _, after = told["footer"].partition("{page}")
    data = {
        "title": told["title"], "footer": [before, after], "heading": told["title"], "date": day, "name": name,
        "lines": lines, "sign": told["sign"], "signer": f"{provider.name}, {provider.phone}".rstrip(", "),
    }  # fmt: skip
    return letters.compose("scope_end", spoken, data)


_LINES = ("ends", "why", "next", "nothing_again", "keep", "call")


def listen() -> None:
    """Follow assessments from now on."""
    happenings.happened.connect(follow, dispatch_uid="placement.escalation")
