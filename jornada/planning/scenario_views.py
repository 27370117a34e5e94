"""Scenarios: the list, the editor in the shape of the guide's charts, own values, the text, the history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import staff
from jornada.domain.located import PackErrors
from jornada.domain.planning import timetable
from jornada.domain.planning.hubrecords import TooFew
from jornada.domain.planning.telling import Teller
from jornada.domain.planning.windows import CalendarEnds
from jornada.gateways import planfiles
from jornada.gateways.today import today
from jornada.planning import doors, records, scenarios, selectors, shown
from jornada.planning.doors import LEADS, READERS
from jornada.planning.forms import CopyForm, DrawForm, NumberForm, TextForm, UploadForm, WantedForm
from jornada.planning.scenarios import CannotChange

if TYPE_CHECKING:
    from jornada.domain.planning.scenario import Scenario as Whole
    from jornada.planning.models import Scenario, ScenarioRevision


A_MONTH = timedelta(days=31)


# ── The list, and new ones ────────────────────────────────────────────────────────────────────────────────


@require_safe
@staff(roles=READERS)
def home(request: HttpRequest) -> HttpResponse:
    """Every scenario that may be read, and for leads the ways to begin one."""
    return _home(request)


def _home(request: HttpRequest, status: int = 200, **given: Any) -> HttpResponse:
    rows = [_row(one, request) for one in selectors.scenarios()]
    given.setdefault("copying", CopyForm(shipped=_shipped(), initial={"named": "small"}))
    given.setdefault("uploading", UploadForm())
    given.setdefault("drawing", DrawForm())
    context = {
        "rows": rows, "due": _due(request), "leads": request.member.role in LEADS, "state": _state(), **given,
    }  # fmt: skip
    return render(request, "planning/home.html", context, status=status)


def _due(request: HttpRequest) -> list[dict[str, Any]]:
    """What must be done for initiatives within a month, or is late."""
    pack, on = selectors.catalogue(), today()
    found = selectors.due(request.member.provider_id, on + A_MONTH)
    names = coalition.names([standing.owner_id for standing, _ in found])
    return [
        {
            "step": step, "words": pack.text(f"stages.{step.name}", "en"), "late": step.ends_on < on,
            "initiative": standing.initiative, "owner": names.get(standing.owner_id, ""),
            "name": pack.text(f"strategies.{standing.initiative.strategy}", "en"),
        }
        for standing, step in found
    ]  # fmt: skip


def _row(one: Scenario, request: HttpRequest) -> dict[str, Any]:
    runs = selectors.runs(one)
    owner = coalition.provider(one.provider_id)
    return {
        "scenario": one,
        "own": selectors.may_change(one, request.member),
        "provider": owner.name if owner else "",
        "revision": selectors.newest(one),
        "run": next(iter(runs), None),
        "initiatives": len(selectors.initiatives(one)),
    }


def _shipped() -> list[tuple[str, str]]:
    return [(name, planfiles.scenario(name).title["en"]) for name in planfiles.shipped()]


def _state() -> dict[str, Any]:
    """The reported state of the program, which every page about plans shows."""
    pack = selectors.catalogue()
    return {
        "known": pack.text(f"policy.{pack.known_state}", "en"),
        "as_of": pack.known_as_of,
        "approved": pack.approved,
    }


@require_POST
@staff(roles=LEADS)
def copy(request: HttpRequest) -> HttpResponse:
    """A copy of a scenario that ships."""
    form = CopyForm(request.POST, shipped=_shipped())
    if not form.is_valid():
        return _home(request, 422, copying=form)
    record = scenarios.copy(**form.cleaned_data, by=request.member, on=today())
    messages.success(
        request, "Copied. Look through the numbers, overwrite what you know better, then run it."
    )
    return redirect("planning:scenario", record.pk)


@require_POST
@staff(roles=LEADS)
def upload(request: HttpRequest) -> HttpResponse:
    """A scenario from a file. It is kept also where something in it is wrong, with each slip by its line."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, 422, uploading=form)
    file = form.cleaned_data["file"]
    try:
        text = scenarios.uploaded(file.read(scenarios.LARGEST + 1))
    except CannotChange as wrong:
        form.add_error("file", str(wrong))
        return _home(request, 422, uploading=form)
    title = form.cleaned_data["upload_title"] or file.name.rpartition(".")[0] or file.name
    record = scenarios.begin(
        title=title, text=text, origin="a file", act="uploaded", by=request.member, on=today()
    )
    return redirect("planning:text" if selectors.newest(record).faults else "planning:scenario", record.pk)


@require_POST
@staff(roles=LEADS)
def draw(request: HttpRequest) -> HttpResponse:
    """A draft from the hub's own records: counts, rounded."""
    form = DrawForm(request.POST)
    if not form.is_valid():
        return _home(request, 422, drawing=form)
    title, on = form.cleaned_data["draft_title"], today()
    try:
        text = records.draft(title, on)
    except TooFew as wrong:
        form.add_error(None, str(wrong))
        return _home(request, 422, drawing=form)
    record = scenarios.begin(
        title=title, text=text, origin="hub records", act="drawn", by=request.member, on=on
    )
    messages.success(request, "Drawn from your records. Each number says so; add money, then run it.")
    return redirect("planning:values", record.pk)


# ── The editor ────────────────────────────────────────────────────────────────────────────────────────────


def scenario_page(
    request: HttpRequest, record: Scenario, template: str, tab: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of a scenario with its head and tabs, for members who may read it."""
    newest = context.pop("newest", None) or selectors.newest(record)
    owner = coalition.provider(record.provider_id)
    base = {
        "scenario": record, "newest": newest, "tab": tab, "leads": doors.leads(request, record), "state": _state(),
        "provider": owner.name if owner else "",
    }  # fmt: skip
    return render(request, template, {**base, **context}, status=status)


def _whole(revision: ScenarioRevision) -> Whole | None:
    """The newest text as a scenario; None while it has slips."""
    try:
        return selectors.read(revision.text)
    except PackErrors:
        return None


@require_safe
@staff(roles=READERS)
def scenario(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """The two charts of the guide with this scenario's numbers; `?edit=` opens one in its place."""
    record = doors.scenario(request, scenario)
    return _charts(request, record, request.GET.get("edit", ""))


def _charts(
    request: HttpRequest, record: Scenario, editing: str, form: NumberForm | None = None, status: int = 200
) -> HttpResponse:
    newest = selectors.newest(record)
    whole = _whole(newest)
    if whole is None:
        return redirect("planning:text", record.pk)
    charts = shown.Charts(whole)
    if editing and form is None and editing in whole.figures:
        form = NumberForm(initial={"written": whole.figures[editing].said()})
    return scenario_page(
        request, record, "planning/scenario.html", "charts", status, newest=newest,
        strategies=charts.strategies(), models=charts.models(), shared=charts.shared(), editing=editing, form=form,
        supposed=_supposed(whole), wanted=_wanted(request, whole), changed=len(whole.changed()),
    )  # fmt: skip


def _supposed(whole: Whole) -> str:
    teller = Teller(whole, "en")
    return teller.text(
        "summary.supposed", state=teller.text(f"policy.{whole.supposed_state}"), why=whole.supposed_why,
        known=teller.text(f"policy.{whole.catalogue.known_state}"), day=whole.catalogue.known_as_of,
    )  # fmt: skip


def _wanted(request: HttpRequest, whole: Whole) -> dict[str, Any]:
    """ "To have two fellows by September 2028": how many to begin, by when, and the steps there."""
    teller = Teller(whole, "en")
    choices = [(one.id, teller.strategy(one.id)) for one in whole.catalogue.strategies.values()]
    form = WantedForm(request.GET if "wanted" in request.GET else None, strategies=choices)
    if not form.is_valid():
        return {"form": form}
    data = form.cleaned_data
    strategy = whole.catalogue.strategies[data["strategy"]]
    try:
        found = timetable.to_have(strategy, data["wanted"], data["by"], whole.catalogue)
    except CalendarEnds as wrong:
        form.add_error("by", str(wrong))
        return {"form": form}
    steps = [
        {"name": teller.text(f"stages.{one.name}"), "begins": one.begins, "ends": one.ends}
        for one in found.steps
    ]
    unit = teller.text(f"units.{strategy.unit}")
    return {"form": form, "found": found, "steps": steps, "name": teller.strategy(strategy.id), "unit": unit,
            "late": found.decide_by < today()}  # fmt: skip


@require_POST
@staff(roles=LEADS)
def number(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Overwrite one number of the pack, or let the pack's count again."""
    record = doors.scenario(request, scenario, own=True)
    name = request.POST.get("name", "")
    form = NumberForm(request.POST)
    back = "take_back" in request.POST
    if back:
        form.fields["written"].required = False
    if form.is_valid():
        said = {
            "record": record,
            "name": name,
            "why": form.cleaned_data["why"],
            "by": request.member,
            "on": today(),
        }
        try:
            if back:
                scenarios.take_back(**said)
            else:
                scenarios.set_number(**said, written=form.cleaned_data["written"])
        except CannotChange as wrong:
            form.add_error("written", str(wrong))
        else:
            return redirect(f"{reverse('planning:scenario', args=[record.pk])}#{name.replace('.', '-')}")
    return _charts(request, record, name, form, 422)


@require_safe
@staff(roles=READERS)
def values(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """What is the scenario's own: places, people, staff, money, limits, aims; `?edit=` opens one in its place."""
    return _values(request, doors.scenario(request, scenario), request.GET.get("edit", ""))


@require_POST
@staff(roles=LEADS)
def value(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Change one value of the scenario's own."""
    record = doors.scenario(request, scenario, own=True)
    form, where = NumberForm(request.POST), request.POST.get("where", "")
    if form.is_valid():
        try:
            scenarios.set_value(
                record=record, where=where, by=request.member, on=today(), **form.cleaned_data
            )
        except CannotChange as wrong:
            form.add_error("written", str(wrong))
        else:
            there = f"{reverse('planning:values', args=[record.pk])}?at={quote(where)}"
            return redirect(f"{there}#{where.replace('/', '-')}")
    return _values(request, record, where, form, 422)


def _values(
    request: HttpRequest, record: Scenario, editing: str, form: NumberForm | None = None, status: int = 200
) -> HttpResponse:
    newest = selectors.newest(record)
    groups = shown.own_values(newest.text, _whole(newest))
    written = next((row["written"] for _, rows in groups for row in rows if row["where"] == editing), None)
    if form is None and written is not None:
        form = NumberForm(initial={"written": written})
    at = editing or request.GET.get("at", "")
    return scenario_page(
        request, record, "planning/values.html", "values", status, newest=newest, editing=editing, form=form,
        groups=shown.parts_shown(groups, request.GET.get("part", ""), at), parts=[name for name, _ in groups],
    )  # fmt: skip


@require_safe
@staff(roles=READERS)
def text(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """The whole scenario as text, with what is wrong by line."""
    return _text(request, doors.scenario(request, scenario))


@require_POST
@staff(roles=LEADS)
def save(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Keep another text, also one with slips."""
    record = doors.scenario(request, scenario, own=True)
    form = TextForm(request.POST)
    if form.is_valid() and _saved(request, record, form):
        return redirect("planning:text", record.pk)
    return _text(request, record, form, 422)


def _text(
    request: HttpRequest, record: Scenario, form: TextForm | None = None, status: int = 200
) -> HttpResponse:
    newest = selectors.newest(record)
    faults = newest.faults if form is None else scenarios.faults_of(form.data.get("text", ""))
    form = form or TextForm(initial={"text": newest.text, "since": newest.number})
    return scenario_page(
        request, record, "planning/text.html", "text", status, newest=newest, form=form, faults=faults,
        whole=selectors.newest_whole(record), lines=list(enumerate(newest.text.splitlines(), 1)),
    )  # fmt: skip


def _saved(request: HttpRequest, record: Scenario, form: TextForm) -> bool:
    try:
        saved = scenarios.set_text(
            record=record, **{**form.cleaned_data, "text": form.cleaned_data["text"].replace("\r\n", "\n")},
            by=request.member, on=today(),
        )  # fmt: skip
    except CannotChange as wrong:
        form.add_error(None, str(wrong))
        return False
    if saved.faults:
        messages.warning(
            request, f"Kept as revision {saved.number}, with {len(saved.faults)} things to mend."
        )
    else:
        messages.success(request, f"Saved as revision {saved.number}. Nothing is wrong with it.")
    return True


@require_safe
@staff(roles=READERS)
def download(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """The newest text as a file, which `jornada plan` reads as well."""
    record = doors.scenario(request, scenario)
    response = HttpResponse(selectors.newest(record).text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="scenario.yaml"'
    return response


@require_safe
@staff(roles=READERS)
def history(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Who changed what, when and why."""
    record = doors.scenario(request, scenario)
    rows = list(selectors.revisions(record))
    names = coalition.names([one.made_by_id for one in rows])
    told = [{"revision": one, "who": names.get(one.made_by_id, "")} for one in rows]
    return scenario_page(request, record, "planning/history.html", "history", rows=told)


@require_POST
@staff(roles=LEADS)
def share(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Let every organization of the hub read it, or no longer."""
    record = doors.scenario(request, scenario, own=True)
    scenarios.share(record=record, shared=request.POST.get("shared") == "yes")
    told = (
        "Every organization of the hub may read it now."
        if record.shared
        else "Only your organization reads it now."
    )
    messages.success(request, told)
    return redirect("planning:scenario", record.pk)
