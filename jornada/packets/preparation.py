"""From answers and the advocate's choices to a frozen packet revision with its report."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from jornada.coalition import selectors as coalition
from jornada.domain import packets as rules
from jornada.domain import printchecks
from jornada.domain.facts import Finding
from jornada.domain.packets import Filled, PacketPlan, PlannedForm
from jornada.gateways import formfiles, packfiles, pdf, wagepapers
from jornada.gateways.pdf import CannotFill
from jornada.packets import papers, selectors, wageclaims
from jornada.packets.models import PacketRevision
from jornada.packets.wageclaims import WageClaim
from jornada.triage import casefiles, happenings
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.gateways.editions import CompiledForm
    from jornada.triage.casefiles import OpenFile


class CannotPrepare(ValueError):
    """No revision was made; the message says what to do. Nothing chosen is lost."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An installed form's own boxes and typeface, for deciding what overflows."""

    compiled: CompiledForm

    def wrap(self, name: str, text: str) -> tuple[Sequence[str], str]:
        return pdf.wrap(self.compiled, name, text)

    def unprintable(self, text: str) -> Sequence[str]:
        return pdf.unprintable(self.compiled, text)


@transaction.atomic
def prepare(*, opened: OpenFile, choices: Mapping[str, Any], newest: int, by: Member) -> PacketRevision:
    """A new revision from the newest answers and these choices.

    `newest` is the number of the newest revision that the member saw, 0 for none: CannotPrepare when
    somebody prepared another meanwhile, when a choice is open, and when a value cannot be written.
    """
    _refuse_older(opened, newest)
    claim = _claim(opened, choices)
    plan = _plan(opened, choices, claim)
    compiled = _installed(plan)
    filled = rules.fill(plan, opened.answers, {form: Measured(made) for form, made in compiled.items()})
    made = _drawn(filled, compiled)
    report = printchecks.report(plan, filled, {form: pdf.inspect(data) for form, data in made.items()})
    parts = papers.parts(plan, filled, made, wageclaims.enclosed(claim, plan) if claim else ())
    report = (*report, *(wageclaims.checks(claim, plan) if claim else ()))
    packet = pdf.merge([part.data for part in parts], titles=[part.title for part in parts])
    record = _recorded(opened, plan, filled, parts, packet, report, newest, by)
    happenings.tell("prepared", file=opened.file, on=opened.on, opened=opened, by=by)
    return record


def _claim(opened: OpenFile, choices: Mapping[str, Any]) -> WageClaim | None:
    """The wage claim behind a wage packet. CannotPrepare while nothing can be counted."""
    claim = wageclaims.of(opened, choices)
    if claim is not None and claim.found.claim is None:
        raise CannotPrepare(f"Nothing can be counted yet. Ask the worker: {' '.join(claim.missing())}")
    return claim


def _plan(opened: OpenFile, choices: Mapping[str, Any], claim: WageClaim | None) -> PacketPlan:
    worked_out = wagepapers.computed(claim.found, opened.answers, choices) if claim else None
    plan = rules.plan(packfiles.load(opened.file.pack), opened.answers, opened.on, choices, worked_out)
    if plan.undecided:
        raise CannotPrepare(f"Still to be decided: {', '.join(_choice_words(plan, plan.undecided))}.")
    return plan


def first_choices(opened: OpenFile, by: Member) -> dict[str, Any]:
    """Choices to begin with: those of the newest revision, else what the records already say."""
    newest = selectors.newest(opened.file.id)
    if newest is not None:
        return dict(selectors.read_values(opened, newest)["choices"])
    claim = wageclaims.of(opened)
    if claim is not None:
        return wageclaims.first_choices(claim, _helper(opened, by))
    return {"filing": "initial", "work_permit": "yes", **_statement(opened), **_representative(opened, by)}


def _helper(opened: OpenFile, by: Member) -> dict[str, Any]:
    """The preparing member as the one who helps, and a copy of letters in the worker's language."""
    given, _, family = by.display_name.rpartition(" ")
    name = {"given": given or family, "family": family if given else ""}
    spoken = str(casefiles.contact(opened.file).get("language") or "")
    copy = {"letter_copy": spoken} if spoken == "es" else {}
    return {"rep_name": name, "rep_org": by.provider.name, "rep_phone": by.provider.phone, **copy}


def _statement(opened: OpenFile) -> dict[str, Any]:
    """The statement of interest that the worker's job matched, if one did."""
    matched = _matched(opened)
    for one in casefiles.circumstances(opened.file, opened.answers).statements:
        if one.id in matched or not matched:
            return {
                "labor_agency": one.agency,
                "matter_ref": one.matter_ref,
                "statement_on": one.issued_on.isoformat(),
            }
    return {}


def _matched(opened: OpenFile) -> tuple[str, ...]:
    newest = triage.newest_assessment(opened.file.id)
    findings: tuple[Finding, ...] = triage.read_assessment(opened, newest).findings if newest else ()
    return tuple(name for found in findings for name in found.values.get("statements", ()))


def _representative(opened: OpenFile, by: Member) -> dict[str, Any]:
    """The signing advocate as representative, where the preparing member is one."""
    credential = coalition.signing_credential(by.id, opened.on)
    if credential is None:
        return {"represented": "no"}
    given, _, family = by.display_name.rpartition(" ")
    return {
        "represented": "yes",
        "rep_kind": "attorney" if credential.kind == "attorney" else "accredited",
        "rep_name": {"given": given or family, "family": family if given else ""},
        "rep_org": by.provider.name,
        "rep_phone": by.provider.phone,
        "rep_authority": credential.issued_by,
        "rep_bar_number": credential.number,
        "preparer_kind": "none",
    }


def _refuse_older(opened: OpenFile, newest: int) -> None:
    there = selectors.newest(opened.file.id)
    if there is not None and there.number != newest:
        raise CannotPrepare(
            f"{there.prepared_by.display_name} prepared revision {there.number} while you had this page open."
            " Nothing of yours is lost: your choices are below. Look at that revision first, then open this"
            " page again if another is needed."
        )


def _choice_words(plan: PacketPlan, names: Sequence[str]) -> list[str]:
    words = []
    for name in names:
        keys = (f"choices.{name}", f"facts.{name}")
        words.append(next((plan.pack.text(key, "en") for key in keys if plan.pack.has_text(key, "en")), name))
    return words


def _installed(plan: PacketPlan) -> dict[str, CompiledForm]:
    """The compiled PDFs of the planned forms that are at hand."""
    found = {one.form: _compiled(one) for one in plan.included if one.map and not one.map.sheet_only}
    return {form: compiled for form, compiled in found.items() if compiled is not None}


def _compiled(planned: PlannedForm) -> CompiledForm | None:
    return formfiles.installed(planned.form, planned.edition)


def _drawn(filled: Filled, compiled: Mapping[str, CompiledForm]) -> dict[str, bytes]:
    try:
        return {
            form: pdf.fill(compiled[form], values)
            for form, values in filled.values.items()
            if form in compiled
        }
    except CannotFill as wrong:
        raise CannotPrepare(str(wrong)) from wrong


def _recorded(
    opened: OpenFile,
    plan: PacketPlan,
    filled: Filled,
    parts: Sequence[papers.Part],
    packet: bytes,
    report: Sequence[printchecks.Check],
    newest: int,
    by: Member,
) -> PacketRevision:
    row, table = uuid.uuid4(), "packets_packetrevision"
    values = {"choices": dict(plan.choices), "items": _items(filled, parts), "parts": _outline(parts)}
    try:
        with transaction.atomic():
            return PacketRevision.objects.create(
                id=row,
                provider_id=opened.file.provider_id,
                file=opened.file,
                number=newest + 1,
                answers_revision=opened.revision,
                prepared_on=opened.on,
                prepared_by=by,
                pack_fingerprint=plan.pack.fingerprint,
                editions={one.form: one.edition for one in plan.included},
                pages=sum(part.pages for part in parts),
                sealed_values=opened.seal(table, row, "sealed_values", values),
                sealed_report=opened.seal(table, row, "sealed_report", [_check(one) for one in report]),
                sealed_packet=opened.seal_bytes(table, row, "sealed_packet", packet),
            )
    except IntegrityError:
        _refuse_older(opened, newest)
        raise


def _outline(parts: Sequence[papers.Part]) -> list[dict[str, Any]]:
    """Each part of the packet with the page it begins on, from 1."""
    page, listed = 1, []
    for part in parts:
        listed.append(
            {"kind": part.kind, "key": part.key, "title": part.title, "page": page, "pages": part.pages}
        )
        page += part.pages
    return listed


def _items(filled: Filled, parts: Sequence[papers.Part]) -> list[dict[str, Any]]:
    """Every printed item with its value, the fact behind it and the packet's page it stands on."""
    starts = {part["key"]: part for part in _outline(parts) if part["kind"] in ("form", "sheet")}
    items = []
    for form in filled.forms.values():
        part = starts.get(form.form)
        for row in form.rows:
            page = _page_of(part, row.page) if part else 0
            items.append(
                {
                    "form": form.form,
                    "part": row.part,
                    "item": row.item,
                    "label": row.label,
                    "value": row.value,
                    "fact": row.name.partition(".")[0],
                    "page": page,
                }
            )
    return items


def _page_of(part: Mapping[str, Any], page: int) -> int:
    """The packet's page of a form's page; of an answer sheet its first."""
    within = page - 1 if part["kind"] == "form" and 1 <= page <= part["pages"] else 0
    return int(part["page"]) + within


def _check(check: printchecks.Check) -> dict[str, Any]:
    return {
        "key": check.key,
        "outcome": check.outcome.value,
        "detail": [
            {"key": one.key, "values": {name: str(value) for name, value in one.values.items()}}
            for one in check.detail
        ],
    }
