"""The matcher on screen: its last run, what-ifs, decisions on pairs, partners' terms, expected cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition.doors import CREDENTIALED, LEGAL_TEAM, staff
from jornada.coalition.forms import LANGUAGES
from jornada.gateways.today import today
from jornada.placement import matching, pairs, partners, selectors, told, whatif
from jornada.placement import sources as helping
from jornada.placement.forms import CREDENTIALS, FUNDING, ExpectedForm, RejectForm, TermsForm
from jornada.placement.views import file_page
from jornada.triage import casefiles, doors

if TYPE_CHECKING:
    from jornada.domain.matching import Round
    from jornada.intake.models import CaseFile
    from jornada.placement.models import PartnerTerms
    from jornada.placement.whatif import Supposed

ADOPTED = "The supposed outcome is the newest run. It says what it takes for granted."
MOST_SEED = 2**31 - 1
"""The largest seed that the database keeps."""


# ── The run ───────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM)
def matches(request: HttpRequest) -> HttpResponse:
    """The last run of the matcher with its reasons; a POST runs it again."""
    if request.method == "POST":
        try:
            matching.run(files=casefiles.all_files(), on=today(), by=request.member, seed=_seed(request))
        except matching.CANNOT_MATCH as wrong:
            messages.error(request, f"Nothing was matched: {wrong}")
        return redirect("placement:matches")
    on, found = today(), selectors.newest_run()
    decided = selectors.pair_decisions(on)
    waiting = matching.waiting(casefiles.all_files())
    context = {
        "run": told.run(found) if found else None,
        **_lines(found, decided, {file.id for file, _ in waiting}),
        "waiting": len(waiting),
        "decisions": told.decisions(decided),
        "since": sum(one.recorded_at > found.recorded_at for one in decided) if found else 0,
    }
    return render(request, "placement/matches.html", context)


def _seed(request: HttpRequest) -> int:
    """The seed that was typed; 0 where there is none or it is no number."""
    typed = request.POST.get("seed", "").strip()
    return min(int(typed), MOST_SEED) if typed.isdecimal() else 0


def _lines(found: Any, decided: list[Any], waiting: set[UUID]) -> dict[str, Any]:
    """Proposals and the people left out, those first who still wait; each with what was decided of the pair."""
    if found is None:
        return {"proposed": [], "left_out": []}
    by_pair = {(one.file_id, one.source_id): one.kind for one in decided}
    lines = told.proposals(selectors.proposals(found))
    for line in lines:
        line["decided"] = by_pair.get((line["record"].file_id, line["source"]), "")
        line["done"] = line["record"].file_id not in waiting
    lines.sort(key=lambda line: line["done"])
    return {
        "proposed": [line for line in lines if line["source"]],
        "left_out": [line for line in lines if not line["source"]],
    }


# ── What if ───────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM)
def what_if(request: HttpRequest) -> HttpResponse:
    """Both outcomes of a supposed change side by side; a POST adopts the supposed one as the newest run."""
    on = today()
    gathered = matching.gather(casefiles.all_files(), on, request.member.provider_id)
    said = request.POST if request.method == "POST" else request.GET
    supposed = whatif.read(said, gathered.given, dict(LANGUAGES))
    both = None
    try:
        if request.method == "POST":
            whatif.adopt(gathered, supposed, by=request.member, on=on)
            messages.success(request, ADOPTED)
            return redirect("placement:matches")
        both = told.side_by_side(whatif.compare(gathered, supposed, on), supposed) if supposed else None
    except matching.CANNOT_MATCH as wrong:
        messages.error(request, f"Nothing was matched: {wrong}")
    context = {
        "rows": _rows(gathered.given, supposed),
        "both": both,
        "said": {f"{one.kind}-{one.source}": one.value or "on" for one in supposed},
        "languages": LANGUAGES,
        "waiting": len(gathered.files),
        "asked": bool(request.GET) and not supposed,
    }
    return render(request, "placement/what_if.html", context)


def _rows(given: Round, supposed: list[Supposed]) -> list[dict[str, Any]]:
    """One line for each source: what is the case and what is supposed."""
    names = helping.named(one.id for one in given.sources)
    said = {(one.kind, one.source): one.value or "on" for one in supposed}
    rows = [
        {
            "id": one.id,
            "name": names[one.id],
            "kind": one.kind,
            "seats": one.seats,
            "then": said.get(("seats", one.id), one.seats),
            "speaks": said.get(("speaks", one.id), ""),
            "without": ("without", one.id) in said,
            "more": [(code, name) for code, name in LANGUAGES if code not in one.languages],
        }
        for one in given.sources
    ]
    return sorted(rows, key=lambda row: (row["kind"], row["name"]))


# ── Decisions on pairs ────────────────────────────────────────────────────────────────────────────────────


@require_POST
@doors.file_page()
def pair(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """A proposal kept, rejected until a day, or such a decision taken back."""
    form = RejectForm(request.POST, auto_id="reject_%s") if request.POST.get("act") == "reject" else None
    if form is not None and not form.is_valid():
        return file_page(request, file, reject_form=form, status=422)
    try:
        done = _decide(request, file, form.cleaned_data if form else {})
    except pairs.CannotDecide as wrong:
        return file_page(request, file, undecided=str(wrong), status=409)
    messages.success(request, done)
    return redirect("placement:file", file.id)


def _decide(request: HttpRequest, file: CaseFile, said: dict[str, Any]) -> str:
    """What was done, in words; CannotDecide otherwise."""
    by, on, act = request.member, today(), request.POST.get("act", "")
    if act == "undo":
        pairs.undo(decision=_decision(request, file), by=by, on=on)
        return "Taken back. The next run of the matcher counts without it."
    proposal = selectors.proposal_for(file.id)
    if proposal is None:
        raise pairs.CannotDecide("Nothing is proposed for this file yet. Run the matcher first.")
    if act == "keep":
        pairs.keep(proposal=proposal, by=by, on=on)
        return "Kept: later runs propose the same, as long as rules and places allow."
    if act == "reject":
        pairs.reject(proposal=proposal, by=by, on=on, **said)
        return f"Not proposed again before {said['until']:%B %-d, %Y}. Match again to see who is next."
    raise pairs.CannotDecide("Choose what to do with the proposal.")


def _decision(request: HttpRequest, file: CaseFile) -> Any:
    try:
        found = selectors.pair_decision(UUID(request.POST.get("decision", "")), file.id)
    except ValueError:
        found = None
    if found is None:
        raise pairs.CannotDecide("There is no such decision any more.")
    return found


# ── Partners and expected cases ───────────────────────────────────────────────────────────────────────────


@require_safe
@staff(roles=LEGAL_TEAM)
def terms(request: HttpRequest) -> HttpResponse:
    """What we take from others and what others take, with what is left this week."""
    own = selectors.terms().get(request.member.provider_id)
    return _terms_page(request, TermsForm(initial=_initial(own) if own else {"files_a_week": 0}))


@require_POST
@staff(roles=CREDENTIALED)
def set_terms(request: HttpRequest) -> HttpResponse:
    """Our own terms from now on."""
    form = TermsForm(request.POST)
    if not form.is_valid():
        return _terms_page(request, form, status=422)
    partners.set_terms(by=request.member, on=today(), **form.cleaned_data)
    messages.success(request, "Saved. Other providers see it from now on.")
    return redirect("placement:terms")


def _initial(own: PartnerTerms) -> dict[str, Any]:
    return {name: getattr(own, name) for name in TermsForm.base_fields}


def _terms_page(request: HttpRequest, form: TermsForm, status: int = 200) -> HttpResponse:
    on = today()
    taken, listed = selectors.offered_since(on - helping.WEEK), selectors.terms()
    others = [one for one in listed.values() if one.provider_id != request.member.provider_id]
    context = {
        "form": form,
        "own": listed.get(request.member.provider_id),
        "may": request.member.role in CREDENTIALED,
        "rows": [_terms_row(one, taken) for one in sorted(others, key=lambda one: one.provider.name)],
    }
    return render(request, "placement/terms.html", context, status=status)


def _terms_row(one: PartnerTerms, taken: dict[UUID, int]) -> dict[str, Any]:
    named, money = dict(LANGUAGES), dict(FUNDING)
    return {
        "terms": one,
        "left": max(0, one.files_a_week - taken.get(one.provider_id, 0)),
        "languages": ", ".join(named.get(code, code) for code in one.languages),
        "credentials": ", ".join(dict(CREDENTIALS).get(kind, kind) for kind in one.credentials),
        "funding": ", ".join(money.get(kind, kind) for kind in one.funding),
    }


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM)
def expected(request: HttpRequest) -> HttpResponse:
    """Harder cases that are expected; a POST adds some, or ends an expectation."""
    on, ends = today(), request.POST.get("ends", "")
    if ends:
        _end_expectation(ends)
        return redirect("placement:expected")
    form = ExpectedForm(request.POST or None, on=on)
    if request.method == "POST" and form.is_valid():
        partners.expect(by=request.member, **form.cleaned_data)
        return redirect("placement:expected")
    named = dict(LANGUAGES)
    rows = [
        {"one": one, "languages": ", ".join(named.get(code, code) for code in one.languages)}
        for one in selectors.expected(on)
    ]
    status = 422 if form.errors else 200
    return render(request, "placement/expected.html", {"form": form, "rows": rows}, status=status)


def _end_expectation(ends: str) -> None:
    try:
        found = partners.expect_no_longer(expected=UUID(ends), on=today())
    except ValueError:
        found = False
    if not found:
        raise Http404
