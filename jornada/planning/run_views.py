"""Runs: ask for one, watch it, stop it, go on; what it found as a page, on paper and as a spreadsheet; compare two."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import staff
from jornada.domain.planning.telling import Teller
from jornada.gateways.today import today
from jornada.packets import selectors as packets
from jornada.planning import asking, doors, papers, selectors, shown
from jornada.planning.asking import CannotRun
from jornada.planning.doors import LEADS, READERS
from jornada.planning.forms import BeginForm, RunForm
from jornada.planning.models import Scenario, ScenarioRun
from jornada.planning.scenario_views import scenario_page

LANGUAGES = ("en", "es")


def language_of(request: HttpRequest) -> str:
    """The language that results are shown in."""
    asked = request.GET.get("language", "en")
    return asked if asked in LANGUAGES else "en"


# ── Ask, watch, stop ──────────────────────────────────────────────────────────────────────────────────────


@require_safe
@staff(roles=READERS)
def runs(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """The scenario's runs, and for leads a form for another."""
    record = doors.scenario(request, scenario)
    return _runs(request, record, _form(request, record))


@require_POST
@staff(roles=LEADS)
def ask(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Ask for a run; the worker takes it up."""
    record = doors.scenario(request, scenario, own=True)
    form = _form(request, record)
    if form.is_valid() and (run := _asked(request, record, form)):
        return redirect("planning:run", run.pk)
    return _runs(request, record, form, 422)


def _runs(request: HttpRequest, record: Scenario, form: RunForm, status: int = 200) -> HttpResponse:
    found = selectors.runs(record)
    names = coalition.names([one.asked_by_id for one in found])
    rows = [
        {"run": one, "who": names.get(one.asked_by_id, ""), "silent": selectors.is_silent(one)}
        for one in found
    ]
    return scenario_page(
        request, record, "planning/runs.html", "runs", status, rows=rows, form=form,
        before=selectors.to_begin_from(record),
    )  # fmt: skip


def _form(request: HttpRequest, record: Scenario) -> RunForm:
    pack = selectors.catalogue()
    whole = selectors.newest_whole(record)
    shocks = [(name, pack.text(f"shocks.{name}", "en")) for name in pack.shocks]
    months = selectors.read(whole.text).months if whole else 1
    return RunForm(request.POST or None, shocks=shocks, months=months)


def _asked(request: HttpRequest, record: Scenario, form: RunForm) -> ScenarioRun | None:
    try:
        return asking.ask(
            record=record, asked=form.asked(), by=request.member, afresh=form.cleaned_data["afresh"]
        )
    except CannotRun as wrong:
        form.add_error(None, str(wrong))
        return None


@require_safe
@staff(roles=READERS)
def run(request: HttpRequest, run: UUID) -> HttpResponse:
    """How far a run is; once it has ended, the plan that it found."""
    record = doors.run(request, run)
    if record.told:
        return _plan(request, record)
    return render(request, "planning/run.html", _progress(request, record))


@require_safe
@staff(roles=READERS)
def progress(request: HttpRequest, run: UUID) -> HttpResponse:
    """The part of a run's page that changes; a page that waits asks for it again and again."""
    record = doors.run(request, run)
    response = render(request, "planning/progress.html", _progress(request, record))
    if record.told or record.state in ("failed", "stopped"):
        response.headers["HX-Refresh"] = "true"
    return response


def _progress(request: HttpRequest, record: ScenarioRun) -> dict[str, Any]:
    return {
        "run": record,
        "scenario": record.scenario,
        "progress": shown.progress(record),
        "silent": selectors.is_silent(record),
        "at_work": record.state in asking.AT_WORK and not selectors.is_silent(record),
        "leads": doors.leads(request, record.scenario),
    }


@require_POST
@staff(roles=LEADS)
def stop(request: HttpRequest, run: UUID) -> HttpResponse:
    """End the search; what it found is still judged and kept."""
    record = doors.run(request, run, own=True)
    asking.ask_to_stop(record)
    messages.success(request, "Stopping. The best plan found so far is kept and judged.")
    return redirect("planning:run", record.pk)


@require_POST
@staff(roles=LEADS)
def go_on(request: HttpRequest, run: UUID) -> HttpResponse:
    """Another run from where this one got to."""
    record = doors.run(request, run, own=True)
    try:
        made = asking.go_on(run=record, by=request.member)
    except CannotRun as wrong:
        messages.error(request, str(wrong))
        return redirect("planning:run", record.pk)
    return redirect("planning:run", made.pk)


# ── What was found ────────────────────────────────────────────────────────────────────────────────────────


def _plan(request: HttpRequest, record: ScenarioRun) -> HttpResponse:
    language, on = language_of(request), today()
    own = selectors.may_change(record.scenario, request.member)
    teller = Teller(selectors.read(record.revision.text), "en")
    begun = selectors.initiatives(record.scenario)
    members = [(str(one.pk), one.display_name) for one in coalition.team()]
    context = {
        "run": record,
        "scenario": record.scenario,
        "told": record.told[language],
        "due": shown.decisions(record, language, on, begun),
        "charts": shown.charts(record, selectors.pictures(record, language), language),
        "best": record.told[language]["results"][-1]["name"] if record.told[language]["results"] else "",
        "who": coalition.names([record.asked_by_id]).get(record.asked_by_id, ""),
        "leads": doors.leads(request, record.scenario),
        "begin": BeginForm(members=members, initial={"owner": str(request.member.pk)}, auto_id=False),
        "initiatives": [shown.initiative_row(one, teller, on) for one in begun],
        "real": _real(record) if own else {},
        "language": language,
        "on": on,
    }
    return render(request, "planning/plan.html", context)


@require_safe
@staff(roles=READERS)
def picture(request: HttpRequest, run: UUID, chart: str) -> HttpResponse:
    """One chart of a run, as it was drawn when the run ended."""
    record = doors.run(request, run)
    if chart == shown.REAL:
        svg = _drawn_now(record) if selectors.may_change(record.scenario, request.member) else None
    else:
        svg = selectors.pictures(record, language_of(request)).get(chart)
    if svg is None:
        raise Http404
    return HttpResponse(svg, content_type="image/svg+xml")


def _real(record: ScenarioRun) -> dict[str, Any]:
    scenario = selectors.read(record.revision.text)
    return shown.planned_and_real(record, scenario, packets.filed_by_month(), today())


def _drawn_now(record: ScenarioRun) -> str | None:
    """People served as planned and in fact, up to today."""
    from jornada.gateways import plantold  # draws: only this picture and the worker pay for it

    found = _real(record) if record.told else {}
    teller = Teller(selectors.read(record.revision.text), "en")
    return plantold.planned_and_real(teller, found["served"], found["real"]) if found else None


def _finished(request: HttpRequest, run: UUID) -> ScenarioRun:
    record = doors.run(request, run)
    if not record.told:
        raise Http404
    return record


@require_safe
@staff(roles=READERS)
def paper(request: HttpRequest, run: UUID) -> HttpResponse:
    """The board paper as PDF."""
    record = _finished(request, run)
    data = papers.board_paper(record, language_of(request), today())
    return _download(data, "application/pdf", "capacity-plan.pdf")


@require_safe
@staff(roles=READERS)
def sheet(request: HttpRequest, run: UUID) -> HttpResponse:
    """Every table of the run as a spreadsheet."""
    record = _finished(request, run)
    data = papers.spreadsheet(record, language_of(request))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(data, kind, "capacity-plan.xlsx")


def _download(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# ── Compare ───────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@staff(roles=READERS)
def compare(request: HttpRequest) -> HttpResponse:
    """Two plans side by side, of one run or of two."""
    language = language_of(request)
    finished = selectors.finished_runs()
    options = [(f"{one.pk}:{name}", _called(one, name)) for one in finished for name in one.figures["judged"]]
    sides = [_side(request.GET.get(side, ""), language) for side in ("left", "right")]
    context: dict[str, Any] = {"options": options, "sides": sides, "language": language}
    if all(sides):
        context |= {**_side_by_side(sides, language), "kinds": OVERLAID}
    chosen = [request.GET.get(side, "") for side in ("left", "right")]
    return render(request, "planning/compare.html", {**context, "chosen": chosen})


def _called(run: ScenarioRun, plan: str) -> str:
    names = {"do_nothing": "do nothing", "optimised": "best plan found"}
    return f"{run.scenario.title}, {localtime(run.recorded_at):%b %-d %H:%M}: {names.get(plan, plan.replace('_', ' '))}"


def _side(chosen: str, language: str) -> dict[str, Any] | None:
    """One plan of a run, as `run:plan` names it; None for what is not there."""
    run_id, _, plan = chosen.partition(":")
    try:
        run = selectors.run(UUID(run_id))
    except ValueError:
        return None
    result = shown.result_of(run, plan, language) if run is not None else None
    if run is None or result is None:
        return None
    return {
        "run": run,
        "plan": plan,
        "result": result,
        "name": _called(run, plan),
        "judged": run.figures["judged"][plan],
    }


def _side_by_side(sides: list[Any], language: str) -> dict[str, Any]:
    """The difference under the same luck where one run holds both."""
    left, right = sides
    same = left["run"].pk == right["run"].pk
    told = left["run"].told[language]["differences"] if same else []
    pair = {left["plan"], right["plan"]}
    lines = next((one["lines"] for one in told if {one["first"], one["second"]} == pair), [])
    luck = same or all(left["run"].asked[key] == right["run"].asked[key] for key in ("seed", "replications"))
    return {"lines": lines, "same_luck": luck}


OVERLAID = {"share": "Share of requests served", "waiting": "People waiting", "money": "Money"}
"""Measures of two plans that are drawn over each other."""


@require_safe
@staff(roles=READERS)
def overlay(request: HttpRequest, measure: str) -> HttpResponse:
    """One measure of two plans in one chart; 400 where the address does not name two plans."""
    from jornada.gateways import plantold  # draws: only this picture and the worker pay for it

    language = language_of(request)
    sides = [_side(request.GET.get(side, ""), language) for side in ("left", "right")]
    left, right = sides
    if left is None or right is None or measure not in OVERLAID:
        return HttpResponseBadRequest("Name two plans and what to draw of them.", content_type="text/plain")
    names = [left["name"], right["name"] if right["name"] != left["name"] else f"{right['name']} (2)"]
    plans = {name: side["judged"][measure] for name, side in zip(names, (left, right), strict=True)}
    teller = Teller(selectors.read(left["run"].revision.text), language)
    replications = min(side["judged"]["replications"] for side in (left, right))
    kind = {"share": "served"}.get(measure, measure)
    return HttpResponse(plantold.overlay(teller, plans, kind, replications), content_type="image/svg+xml")
