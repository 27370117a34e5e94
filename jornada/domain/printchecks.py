"""The report before printing: everything that would make a packet be rejected, or say what it should not.

Each check is three-valued: yes is in order, no must be mended, not yet known is open. Its words are the
pack's `report.<check>` and `report_details.<detail>`; nothing is decided for the advocate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from jornada.domain.conditions import UNKNOWN
from jornada.domain.facts import UNSURE, Outcome, Reason
from jornada.domain.formfill import SHEET, FilledForm, Place
from jornada.domain.packets import Filled, PacketPlan, Piece, PlannedForm, rules_of
from jornada.domain.packparts import RulePack


class Inspected(Protocol):
    """What a finished PDF really holds."""

    @property
    def pages(self) -> int: ...
    @property
    def printed(self) -> Sequence[tuple[str, str] | None]: ...
    @property
    def has_xfa(self) -> bool: ...
    @property
    def has_scripts(self) -> bool: ...
    @property
    def has_widgets(self) -> bool: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...
    @property
    def text(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: yes is in order, no must be mended, not yet known is open."""

    key: str
    outcome: Outcome
    detail: tuple[Reason, ...] = ()


Inspections = Mapping[str, Inspected]

_NAMED = {"exhibit": "exhibits", "choice": "choices", "fact": "facts", "status": "status"}


def sentence(pack: RulePack, reason: Reason, language: str) -> str:
    """The words of one detail; names of exhibits, choices, facts and states are said, not their keys."""
    values = {
        name: _said(pack, _NAMED[name], value, language) if name in _NAMED else value
        for name, value in reason.values.items()
    }
    return pack.text(f"report_details.{reason.key}", language, **values)


def _said(pack: RulePack, group: str, value: Any, language: str) -> str:
    name = str(value).partition(".")[0]
    keys = (f"{group}.{name}", f"facts.{name}")
    words = (pack.text(key, language) for key in keys if pack.has_text(key, language))
    return next(words, str(value)).rstrip("?.")


def report(plan: PacketPlan, filled: Filled, inspections: Inspections | None = None) -> tuple[Check, ...]:
    """Everything to know before the packet is printed; `inspections` hold the finished PDF of each form."""
    looked = inspections or {}
    rules = rules_of(plan.pack)
    return (
        *([_gate_check(plan)] if rules.gate else []),
        _decisions_check(plan, filled),
        *([_conflict_check(plan)] if "request_form" in rules.checks else []),
        _editions_check(plan, looked),
        _pages_check(plan, filled, looked),
        _answers_check(filled),
        *_same_checks(plan, filled, looked),
        _signatures_check(filled),
        *([_fee_check(plan)] if rules.fee else []),
        _overflow_check(filled),
        _printable_check(filled),
        _problems_check(filled),
        _clean_check(filled, looked),
        _evidence_check(plan),
        _translation_check(plan, filled),
    )


def _check(
    key: str, wrong: Sequence[Reason] = (), unclear: Sequence[Reason] = (), fine: Sequence[Reason] = ()
) -> Check:
    """No if anything is wrong, else not yet known if anything is open, else yes; the detail says what."""
    outcome = Outcome.NO if wrong else Outcome.NOT_YET_KNOWN if unclear else Outcome.YES
    return Check(key, outcome, (*wrong, *unclear, *fine))


def _at(key: str, place: Place, **values: Any) -> Reason:
    where = {"form": place.form, "part": place.part, "item": place.item or "?", "page": place.page}
    return Reason(key, {**where, "label": place.label, **values})


def _gate_check(plan: PacketPlan) -> Check:
    """Whether the programme takes requests on the day, or an attorney decided to file all the same."""
    parameter = rules_of(plan.pack).checks["gate_from"]
    status = plan.pack.scope(plan.facts, plan.on).parameter(parameter)
    if plan.gate is Outcome.NOT_YET_KNOWN:
        return _check("gate", unclear=[Reason("status_not_in_force")])
    if plan.gate is Outcome.NO:
        return _check("gate", fine=[Reason("status_is", {"status": status})])
    if plan.choices.get("file_despite_gate") == "yes":
        return _check("gate", fine=[Reason("attorney_decided", {"status": status})])
    return _check("gate", wrong=[Reason("programme_shut", {"status": status})])


def _decisions_check(plan: PacketPlan, filled: Filled) -> Check:
    open_choices = [*plan.undecided, *(blank.name for blank in filled.blanks if blank.why == "undecided")]
    if plan.file_at is None and rules_of(plan.pack).file_at:
        open_choices.append("filing")
    open_choices.extend(_open_in_cover(plan))
    unclear = [Reason("undecided", {"choice": name}) for name in dict.fromkeys(open_choices)]
    if plan.file_at == UNKNOWN:
        unclear.append(Reason("address_unknown"))
    return _check("decisions", unclear=unclear)


def _open_in_cover(plan: PacketPlan) -> Iterator[str]:
    """The choices that the cover letter would show as still open."""
    for filing, names in rules_of(plan.pack).checks.get("cover_needs", {}).items():
        if filing in ("any", plan.choices.get("filing")):
            yield from (name for name in names if plan.choices.get(name) is None)


def _conflict_check(plan: PacketPlan) -> Check:
    """USCIS asks not to add Form I-765 when Part 3 of G-325A asks for the work permit."""
    checks = rules_of(plan.pack).checks
    request, permit = plan.form(checks["request_form"]), plan.form(checks["permit_form"])
    if request is None or plan.choices.get("work_permit") != "yes":
        return _check("conflict")
    if not request.edition:
        return _check("conflict", unclear=[Reason("edition_open", {"form": request.form})])
    if permit is not None and request.edition in checks["part3_editions"]:
        return _check("conflict", wrong=[Reason("both_forms", {"form": request.form, "other": permit.form})])
    return _check("conflict")


def _editions_check(plan: PacketPlan, looked: Inspections) -> Check:
    wrong, unclear, fine = list[Reason](), list[Reason](), list[Reason]()
    for one in plan.included:
        named = {"form": one.form, "edition": one.edition}
        if one.by_hand:
            unclear.append(Reason("form_by_hand", named))
        elif not one.edition:
            unclear.append(Reason("edition_open", named))
        elif one.map is None:
            unclear.append(Reason("edition_not_mapped", named))
        elif one.form in looked:
            wrong.extend(_printed_otherwise(one, looked[one.form]))
        if one.confirmed_by_hand:
            fine.append(Reason("edition_confirmed", named))
    return _check("editions", wrong, unclear, fine)


def _printed_otherwise(one: PlannedForm, pdf: Inspected) -> Iterator[Reason]:
    for page, printed in enumerate(pdf.printed, 1):
        if printed != (one.form, one.edition):
            found = " ".join(printed) if printed else "?"
            named = {"form": one.form, "edition": one.edition, "page": page, "found": found}
            yield Reason("other_edition_printed", named)


def _pages_check(plan: PacketPlan, filled: Filled, looked: Inspections) -> Check:
    wrong, unclear = list[Reason](), list[Reason]()
    for one in plan.included:
        if one.map is None:
            unclear.append(Reason("not_made_yet", {"form": one.form}))
        elif one.map.used_as != "form":
            continue  # asked by telephone or typed into a web page: there are no pages to print
        elif one.form in filled.sheets:
            unclear.append(Reason("form_not_at_hand", {"form": one.form, "edition": one.edition}))
        elif one.form not in looked:
            unclear.append(Reason("not_made_yet", {"form": one.form}))
        elif looked[one.form].pages != one.map.pages:
            named = {"form": one.form, "pages": one.map.pages, "found": looked[one.form].pages}
            wrong.append(Reason("pages_missing", named))
    return _check("pages", wrong, unclear)


def _answers_check(filled: Filled) -> Check:
    told = {name: f"left_{name}" for name in ("missing", "unsure", "approximate", "depends")}
    unclear = [_at(told[b.why], b.place, fact=b.name) for b in filled.blanks if b.why in told]
    return _check("answers", unclear=unclear)


_GROUPS = {"names": ("legal_name",), "birth_date": ("birth_date",)}


def _same_checks(plan: PacketPlan, filled: Filled, looked: Inspections) -> Iterator[Check]:
    """Names, birth date and numbers must read the same on every form, in values and on the finished pages."""
    pieces = rules_of(plan.pack).checks.get("same_on_all_forms", ())
    groups: dict[str, list[str]] = {"names": [], "birth_date": [], "numbers": []}
    for piece in pieces:
        fact = piece.partition(".")[0]
        groups[next((key for key, facts in _GROUPS.items() if fact in facts), "numbers")].append(piece)
    for key, members in groups.items():
        wrong = [reason for piece in members for reason in _differences(filled, looked, piece)]
        if members:
            yield _check(f"same_{key}", wrong)


def _differences(filled: Filled, looked: Inspections, piece: str) -> Iterator[Reason]:
    forms = filled.forms.values()
    texts = {(form.form, text) for form in forms for text in _written(form, piece, filled.sheets)}
    if len({text for _, text in texts}) > 1:
        shown = "; ".join(f"{form}: {text}" for form, text in sorted(texts))
        yield Reason("differs", {"fact": piece, "shown": shown})
    for form, text in sorted(texts):
        pages = "".join(looked[form].text) if form in looked else None
        if pages is not None and _squeezed(text) not in _squeezed(pages):
            yield Reason("not_on_page", {"fact": piece, "form": form})


def _written(form: FilledForm, piece: str, sheets: Sequence[str]) -> Iterator[str]:
    """What stands in the boxes for one fact (or on the answer sheet); text that moved is left out."""
    moved = {(over.part, over.item) for over in form.overflow}
    for row in form.rows:
        if row.name != piece or (row.part, row.item) in moved:
            continue
        if form.form in sheets or not row.fields:
            yield row.value
        else:
            yield from (form.values.get(name, "") for name in row.fields)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _signatures_check(filled: Filled) -> Check:
    """Signatures and their dates are left for ink and listed; nothing may stand in their boxes."""
    signed = [_at("sign_here", blank.place) for blank in filled.blanks if blank.why == "signature"]
    return _check("signatures", fine=signed)


def _fee_check(plan: PacketPlan) -> Check:
    amount, paid_by = plan.fee.amount, plan.fee.paid_by
    if amount is None:
        return _check("fee", unclear=[Reason("fee_not_settled")])
    if amount == UNKNOWN:
        return _check("fee", unclear=[Reason("fee_unknown")])
    if Decimal(amount) == 0:
        return _check("fee", fine=[Reason("no_fee")])
    if not paid_by:
        return _check("fee", wrong=[Reason("fee_open", {"amount": amount})])
    if paid_by == "waiver" and plan.form("I-912") is None:
        return _check("fee", wrong=[Reason("waiver_form_missing", {"amount": amount})])
    review = [Reason("fee_needs_review", {"amount": amount})] if plan.fee.needs_review else []
    return _check("fee", fine=[Reason(f"fee_by_{paid_by}", {"amount": amount}), *review])


def _overflow_check(filled: Filled) -> Check:
    named = [
        Reason("moved_to_sheet" if one.goes_to == SHEET else "moved_to_page", {
            "form": one.form, "page": one.page, "part": one.part, "item": one.item, "to": one.goes_to,
        })
        for one in filled.overflow
    ]  # fmt: skip
    return _check("overflow", fine=named)


def _printable_check(filled: Filled) -> Check:
    wrong = [_at(one.key, one.place, **one.values) for one in filled.problems if one.key == "unprintable"]
    return _check("printable", wrong)


def _problems_check(filled: Filled) -> Check:
    wrong = [_at(one.key, one.place, **one.values) for one in filled.problems if one.key != "unprintable"]
    return _check("problems", wrong)


def _clean_check(filled: Filled, looked: Inspections) -> Check:
    """No fields, scripts or hidden data left in the finished files, and nothing that says who made them."""
    wrong = [
        Reason("not_clean", {"form": form, "found": found})
        for form, pdf in looked.items()
        for found, there in _hidden(pdf)
        if there
    ]
    unmade = [form for form in filled.values if form not in looked]
    return _check("clean", wrong, [Reason("not_made_yet", {"form": form}) for form in unmade])


def _hidden(pdf: Inspected) -> tuple[tuple[str, Any], ...]:
    active = ("XFA", pdf.has_xfa), ("scripts", pdf.has_scripts), ("fields", pdf.has_widgets)
    return (*active, ("metadata", pdf.metadata))


def _evidence_check(plan: PacketPlan) -> Check:
    lacking = [one for one in plan.exhibits if one.outcome is Outcome.YES and not one.on_hand]
    wrong = [Reason("exhibit_missing", {"exhibit": one.key}) for one in lacking if one.need == "required"]
    unclear = [Reason("exhibit_advised", {"exhibit": one.key}) for one in lacking if one.need == "advised"]
    unsettled = (one for one in plan.exhibits if one.outcome is Outcome.NOT_YET_KNOWN)
    unclear.extend(Reason("exhibit_open", {"exhibit": one.key}) for one in unsettled)
    return _check("evidence", wrong, unclear)


def _translation_check(plan: PacketPlan, filled: Filled) -> Check:
    """Papers in another language need a full English translation and the translator's signed certificate."""
    foreign = [one.key for one in plan.exhibits if one.letter and not one.english]
    needed = [Reason("translate_exhibit", {"exhibit": key}) for key in foreign]
    language = plan.facts.get("written_language")
    if language != "en":
        needed.extend(_long_answers(plan, filled))
    if Piece("letter", "statement") in plan.pieces and language != "en":
        known = language not in (None, UNSURE)
        needed.append(Reason("translate_statement" if known else "statement_language_open"))
    return _check("translations", unclear=needed)


def _long_answers(plan: PacketPlan, filled: Filled) -> Iterator[Reason]:
    """Answers in whole sentences: forms are in English, and the worker may write in another language."""
    for done in filled.forms.values():
        for row in done.rows:
            fact = plan.pack.facts.get(row.name)
            if fact is not None and fact.kind == "long_text":
                place = Place(done.form, row.part, row.item, row.page, row.label)
                yield _at("english_answer", place)
