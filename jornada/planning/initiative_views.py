"""From plan to work: begin an initiative, keep its steps, note what happens, let it bear fruit; planned and real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.domain.planning.fruit import SEATS
from jornada.domain.planning.scenario import COALITION
from jornada.domain.planning.telling import Teller
from jornada.gateways.today import today
from jornada.packets import selectors as packets
from jornada.placement.forms import ClinicDayForm
from jornada.planning import doors, initiatives, selectors, shown
from jornada.planning.doors import LEADS, READERS
from jornada.planning.forms import BeginForm, FreeBeginForm, FruitForm, NoteForm, ServesForm
from jornada.planning.initiatives import CannotBegin, CannotNote, Chosen
from jornada.planning.scenario_views import scenario_page

if TYPE_CHECKING:
    from jornada.planning.models import Initiative, Scenario
    from jornada.planning.selectors import Standing

MAY_SET_CAPACITY = frozenset({Role.ADMIN, Role.LEGAL_SUPERVISOR})


def _members() -> list[tuple[str, str]]:
    return [(str(one.pk), one.display_name) for one in coalition.team()]


def _advocates() -> list[tuple[str, str]]:
    return [(str(one.pk), one.display_name) for one in coalition.team() if one.role in LEGAL_TEAM]


# ── Begin ─────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@staff(roles=LEADS)
def begin_from(request: HttpRequest, run: UUID, number: int) -> HttpResponse:
    """A start of a run's plan becomes an initiative; of several that are decided together the one that was chosen."""
    record = doors.run(request, run, own=True)
    start = request.POST.get("start", "")
    chosen = initiatives.chosen_of(record, int(start) if start.isdecimal() else number)
    if chosen is None:
        raise Http404
    form = BeginForm(request.POST, members=_members())
    owner = initiatives.member_named(request.POST.get("owner", "")) if form.is_valid() else None
    if owner is None:
        messages.error(request, "Choose who owns it, from the members of your organization.")
        return redirect("planning:run", record.pk)
    try:
        made = initiatives.begin(
            record=record.scenario, run=record, chosen=chosen, owner=owner, by=request.member, on=today()
        )
    except CannotBegin as wrong:
        messages.error(request, str(wrong))
        return redirect("planning:run", record.pk)
    return redirect("planning:initiative", made.pk)


@require_safe
@staff(roles=READERS)
def scenario(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """The scenario's initiatives, planned against real."""
    record = doors.scenario(request, scenario)
    return _initiatives(request, record, _free_form(request, record))


@require_POST
@staff(roles=LEADS)
def begin_other(request: HttpRequest, scenario: UUID) -> HttpResponse:
    """Begin an initiative that no run proposed."""
    record = doors.scenario(request, scenario, own=True)
    form = _free_form(request, record)
    if form is not None and form.is_valid() and (made := _begun(request, record, form)):
        return redirect("planning:initiative", made.pk)
    return _initiatives(request, record, form, 422)


def _initiatives(
    request: HttpRequest, record: Scenario, form: FreeBeginForm | None, status: int = 200
) -> HttpResponse:
    on, teller = today(), _teller(record)
    rows = [shown.initiative_row(one, teller, on) for one in selectors.initiatives(record)] if teller else []
    names = coalition.names([row["standing"].owner_id for row in rows])
    for row in rows:
        row["owner"] = names.get(row["standing"].owner_id, "")
    return scenario_page(
        request, record, "planning/initiatives.html", "initiatives", status, rows=rows, form=form,
        real=_planned_and_real(request, record), on=on,
    )  # fmt: skip


def _teller(record: Scenario) -> Teller | None:
    whole = selectors.newest_whole(record)
    return Teller(selectors.read(whole.text), "en") if whole else None


def _free_form(request: HttpRequest, record: Scenario) -> FreeBeginForm | None:
    teller = _teller(record)
    if teller is None:
        return None
    places = [(place, teller.place(place)) for place in (*teller.scenario.places, COALITION)]
    strategies = [(one.id, teller.strategy(one.id)) for one in teller.scenario.catalogue.strategies.values()]
    return FreeBeginForm(
        request.POST or None, members=_members(), strategies=strategies, places=places,
        initial={"owner": str(request.member.pk)},
    )  # fmt: skip


def _begun(request: HttpRequest, record: Scenario, form: FreeBeginForm) -> Initiative | None:
    data = dict(form.cleaned_data)
    owner = initiatives.member_named(data.pop("owner"))
    try:
        if owner is None:
            raise CannotBegin("Choose who owns it, from the members of your organization.")
        return initiatives.begin(
            record=record, chosen=Chosen(**data), owner=owner, by=request.member, on=today()
        )
    except CannotBegin as wrong:
        form.add_error("serves_from", str(wrong))
        return None


def _planned_and_real(request: HttpRequest, record: Scenario) -> dict[str, Any]:
    """People served as the newest run expects, and packets that the provider has filed since the plan began."""
    newest = next((one for one in selectors.runs(record) if one.proof), None)
    run = selectors.run(newest.pk) if newest is not None else None
    if run is None or not selectors.may_change(record, request.member):
        return {}
    scenario = selectors.read(run.revision.text)
    return shown.planned_and_real(run, scenario, packets.filed_by_month(), today())


# ── One initiative ────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@staff(roles=READERS)
def initiative(request: HttpRequest, initiative: UUID) -> HttpResponse:
    """Where it stands: steps with their days, documents, owner, what happened, what it adds."""
    return _page(request, doors.initiative(request, initiative))


def _page(request: HttpRequest, record: Initiative, status: int = 200, **context: Any) -> HttpResponse:
    standing, on = selectors.standing(record), today()
    teller = Teller(selectors.read(_text_of(record)), "en")
    context.setdefault("note", NoteForm(latest=on, initial={"happened_on": on}, auto_id=False))
    names = coalition.names([standing.owner_id, *(event.noted_by_id for event in standing.events)])
    base = {
        "initiative": record,
        "scenario": record.scenario,
        "standing": standing,
        "row": shown.initiative_row(standing, teller, on),
        "steps": [{"step": step, "done": done, "name": teller.text(f"stages.{step.name}"),
                   "late": done is None and step.ends_on < on} for step, done in standing.steps],
        "documents": [{"name": name, "words": teller.text(f"documents.{name}"), "done": done}
                      for name, done in standing.documents],
        "events": [{"event": event, "who": names.get(event.noted_by_id, ""),
                    "words": _words(event, standing, teller, names)}
                   for event in standing.events],
        "owner": names.get(standing.owner_id, ""),
        "members": _members(),
        "unit": teller.text(f"units.{teller.scenario.catalogue.strategies[record.strategy].unit}"),
        "leads": doors.leads(request, record.scenario),
        "may_add": request.member.role in MAY_SET_CAPACITY and selectors.may_change(record.scenario, request.member),
        "on": on,
    }  # fmt: skip
    return render(request, "planning/initiative.html", {**base, **context}, status=status)


def _text_of(record: Initiative) -> str:
    whole = selectors.newest_whole(record.scenario)
    if whole is None:
        raise Http404
    return whole.text


_HAPPENED = {
    "step_done": "Step done: {about}", "document_in": "Document ready: {about}", "owner": "Owner is now {about}",
    "dropped": "Dropped", "taken_up": "Taken up again", "bears_fruit": "Bears fruit",
}  # fmt: skip


def _words(event: Any, standing: Standing, teller: Teller, names: Any) -> str:
    steps = {str(step.pk): teller.text(f"stages.{step.name}") for step, _ in standing.steps}
    about = steps.get(event.about) or (
        teller.text(f"documents.{event.about}") if event.kind == "document_in" else ""
    )
    if event.kind == "owner":
        about = names.get(UUID(event.about)) or coalition.names([UUID(event.about)]).get(
            UUID(event.about), "another"
        )
    return _HAPPENED[event.kind].format(about=about) + (f": {event.said}" if event.said else "")


@require_POST
@staff(roles=LEADS)
def note(request: HttpRequest, initiative: UUID) -> HttpResponse:
    """Note that a step is done, a document ready, an owner changed; that it is dropped or taken up again."""
    record = doors.initiative(request, initiative, own=True)
    form = NoteForm(request.POST, latest=today(), auto_id=False)
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            initiatives.note(initiative=record, on=data.pop("happened_on"), by=request.member, **data)
            return redirect("planning:initiative", record.pk)
        except CannotNote as wrong:
            form.add_error(None, str(wrong))
    return _page(request, record, 422, note=form)


# ── It bears fruit ────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@staff(roles=MAY_SET_CAPACITY)
def fruit(request: HttpRequest, initiative: UUID) -> HttpResponse:
    """It works: an advocate's capacity with its ramp, a clinic day, or only the day since when; a POST adds it."""
    record = doors.initiative(request, initiative, own=True)
    kind = _kind(record)
    form = _fruit_form(request, record, kind)
    if request.method == "POST" and form.is_valid():
        try:
            _add(request, record, kind, dict(form.cleaned_data))
            messages.success(request, "Added. The matcher and the team's pages count it from that day on.")
            return redirect("planning:initiative", record.pk)
        except CannotNote as wrong:
            form.add_error(None, str(wrong))
    files = initiatives.proposed_files(record)
    context = {
        "initiative": record, "scenario": record.scenario, "form": form, "kind": kind,
        "name": Teller(selectors.read(_text_of(record)), "en").strategy(record.strategy),
        "steps": initiatives.steps_from(record, max(1, files), record.serves_from) if kind == "files" else [],
    }  # fmt: skip
    return render(request, "planning/fruit.html", context, status=422 if form.errors else 200)


def _kind(record: Initiative) -> str:
    """What it adds: a clinic day, files that somebody carries, or nothing that is counted here."""
    if SEATS in record.gives:
        return "clinic"
    return "files" if initiatives.proposed_files(record) else "nothing"


def _fruit_form(request: HttpRequest, record: Initiative, kind: str) -> Form:
    data, on = request.POST or None, today()
    if kind == "clinic":
        advocates = [(str(one.member_id), one.member.display_name) for one in coalition.capacities_on(on)]
        start = {
            "held_on": record.serves_from,
            "name": "Clinic day",
            "place": record.place.replace("_", " ").capitalize(),
        }
        return ClinicDayForm(data, advocates=list(dict(advocates).items()), initial=start)
    if kind == "files":
        start = {"files": initiatives.proposed_files(record), "from_day": record.serves_from}
        return FruitForm(data, members=_advocates(), initial=start)
    return ServesForm(data, initial={"from_day": min(record.serves_from, on)})


def _add(request: HttpRequest, record: Initiative, kind: str, data: dict[str, Any]) -> None:
    by = request.member
    if kind == "clinic":
        supervisor = initiatives.member_named(data.pop("supervised_by"))
        initiatives.add_clinic_day(initiative=record, said={**data, "supervised_by": supervisor}, by=by)
    elif kind == "files":
        member = initiatives.member_named(data["member"])
        if member is None:
            raise CannotNote("Choose a member of your organization.")
        initiatives.add_capacity(
            initiative=record, member=member, files=data["files"], from_day=data["from_day"], by=by
        )
    else:
        initiatives.serves(initiative=record, on=data["from_day"], by=by)
