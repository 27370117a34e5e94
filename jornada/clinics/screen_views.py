"""Screens of a clinic day on devices without an account: the hall, a station's tablet, the board for staff.

A device holds a random token and sees numbers. It is told of changes within a second by server-sent events in short
answers: the browser asks, is told the floor's count, and asks again; see docs/decisions/0017-live-screens.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.clinics import floor as floors
from jornada.clinics import selectors, shown
from jornada.clinics.closing import words
from jornada.clinics.floor import CannotNote, Noted, OnPaper, Refused
from jornada.clinics.forms import event_of_a_tablet, note_values, noted_by_a_tablet, number_typed
from jornada.clinics.selectors import DayOf, Watching
from jornada.coalition.forms import LANGUAGES
from jornada.domain.clinic.day import NotATime, minute_of
from jornada.gateways.today import today
from jornada.vault import tenancy

COOKIE = "screen"
LANGUAGE = "screen_language"
ASK_AGAIN = 1000
"""Milliseconds after which a screen asks again."""
MOST_NOTES = 500

View = Callable[..., HttpResponse]


def _cookie_name() -> str:
    return f"__Host-{COOKIE}" if _by_tls() else COOKIE


def _by_tls() -> bool:
    return bool(settings.JORNADA_TLS == "proxy")


def watching(request: HttpRequest) -> Watching | None:
    """The screen that this device is, while its day is on."""
    token = request.COOKIES.get(_cookie_name(), "")
    found = selectors.watching(floors.hashed(token)) if token else None
    return found if found is not None and found.opened and found.held_on >= today() else None


def on_a_screen(*kinds: str) -> Callable[[View], View]:
    """The view, for screens of these kinds, inside their provider's transaction; else the page that says so."""

    def guarded(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            found = watching(request)
            if found is None:
                return render(
                    request, "clinics/strange.html", {"words": words(_language(request))}, status=403
                )
            if found.kind not in kinds:
                raise Http404
            with tenancy.as_provider(found.provider):
                return view(request, found, *args, **kwargs)

        return door

    return guarded


def _language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(LANGUAGE, "")
    return chosen if chosen in ("en", "es") else "en"


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """A screen's link: asks first, so that nothing opens it by looking; a POST makes this device the screen."""
    found = selectors.watching(floors.hashed(token))
    said = words(_language(request))
    if found is None or found.opened or found.held_on < today():
        return render(request, "clinics/strange.html", {"words": said}, status=404)
    if request.method != "POST":
        with tenancy.as_provider(found.provider):
            name = _station_name(found, _language(request))
        return render(request, "clinics/open.html", {"words": said, "screen": found, "station": name})
    with tenancy.as_provider(found.provider):
        try:
            own = floors.open_screen(found.screen)
        except CannotNote:
            return render(request, "clinics/strange.html", {"words": said}, status=404)
    response = redirect("screens:screen")
    response.set_cookie(
        _cookie_name(), own, max_age=36 * 3600, httponly=True, samesite="Strict", secure=_by_tls()
    )
    return response


def _station_name(found: Watching, language: str) -> str:
    floor = selectors.floor(found.clinic_day)
    if floor is None or not found.station:
        return ""
    return selectors.day_of(floor).said(f"stations.{found.station}", language)


# ── Looking ───────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@on_a_screen("hall", "station", "board")
def screen(request: HttpRequest, found: Watching) -> HttpResponse:
    """The whole page of this screen."""
    return _page(request, found)


@require_safe
@on_a_screen("hall", "station", "board")
def part(request: HttpRequest, found: Watching) -> HttpResponse:
    """What changes of it, for the page that is open already."""
    return render(request, f"clinics/part_{found.kind}.html", _shown(request, found, _day(found)))


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """How often the floor has changed, as one server-sent event; nothing where the screen knows."""
    found = watching(request)
    if found is None:
        return HttpResponse(status=204)  # a browser stops asking
    return told(request, found.pulse)


def told(request: HttpRequest, pulse: int) -> HttpResponse:
    """A short answer of server-sent events: the count where it is news; and when to ask again."""
    known = request.headers.get("Last-Event-ID") or request.GET.get("known", "")
    news = "" if known == str(pulse) else f"id: {pulse}\ndata: {pulse}\n\n"
    return HttpResponse(f"retry: {ASK_AGAIN}\n: ok\n\n{news}", content_type="text/event-stream")


def _day(found: Watching) -> DayOf:
    floor = selectors.floor(found.clinic_day)
    if floor is None:
        raise Http404
    return selectors.day_of(floor)


def _page(request: HttpRequest, found: Watching, wrong: str = "", status: int = 200) -> HttpResponse:
    shown_now = _shown(request, found, _day(found))
    context = {**shown_now, "wrong": wrong, "part": f"clinics/part_{found.kind}.html"}
    return render(request, f"clinics/screen_{found.kind}.html", context, status=status)


def _shown(request: HttpRequest, found: Watching, of: DayOf) -> dict[str, Any]:
    spoken = _language(request)
    context: dict[str, Any] = {
        "screen": found, "day": of.event, "words": words(spoken), "spoken": spoken, "pulse": of.floor.pulse,
        "blanked": of.floor.blanked_at is not None, "over": of.floor.state == "closed",
        "words_of_all": [(one, words(one)) for one in of.template.languages],
        "languages": of.template.languages,
        "station_name": of.said(f"stations.{found.station}", spoken) if found.station else "",
    }  # fmt: skip
    if context["blanked"] or context["over"]:
        return context
    board = selectors.board(of)
    if found.kind == "hall":
        return context | {"hall": shown.hall(of, board)}
    if found.kind == "board":
        return context | {"board": shown.board_of(of, board, spoken)}
    return context | {
        "next_note": floors.next_number(of.floor, found.name),
        "tablet": shown.tablet(of, board, found.station, spoken),
        "languages_spoken": LANGUAGES,
        "every_station": [(name, of.said(f"stations.{name}", spoken)) for name in of.day.stations],
        "paper_lines": of.day.stations,
    }


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of this screen's words."""
    response = redirect("screens:screen")
    chosen = request.POST.get("language", "en")
    response.set_cookie(
        LANGUAGE, chosen if chosen in ("en", "es") else "en", samesite="Strict", httponly=True
    )
    return response


# ── Noting ────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@on_a_screen("station")
def note(request: HttpRequest, found: Watching) -> HttpResponse:
    """One note by the page's own form, with or without script; refused with the reason where it does not fit."""
    of = _day(found)
    try:
        values = note_values(request.POST, of)
        floors.say(of.floor, found.name, noted_by_a_tablet(request.POST.get("kind", "")), **values)
    except CannotNote as wrong:
        return _page(request, found, str(wrong), 409)
    return redirect("screens:screen")


@require_POST
@on_a_screen("station")
def notes(request: HttpRequest, found: Watching) -> HttpResponse:
    """Notes that the tablet kept, in their order, as JSON; those made while it was cut off are marked `late`.

    One that cannot be kept is refused by itself: it must not hold up the others behind it.
    """
    try:
        told_now = json.loads(request.body)["notes"]
    except (ValueError, KeyError, TypeError):
        told_now = None
    if not isinstance(told_now, list) or len(told_now) > MOST_NOTES:
        return JsonResponse({"problem": "These notes cannot be read. Reload the page."}, status=400)
    of, kept, refused = _day(found), [], []
    for raw in told_now:
        noted = _noted(raw, of, found, _language(request))
        kept += noted.kept
        refused += [{"key": one.key, "problem": one.problem, "mend": one.mend} for one in noted.refused]
    return JsonResponse({"kept": kept, "refused": refused})


def _noted(raw: Any, of: DayOf, found: Watching, spoken: str) -> Noted:
    try:
        event = event_of_a_tablet(raw, found.name)
    except (ValueError, KeyError, TypeError, AttributeError):
        told = words(spoken)["screen"]
        return Noted((), (Refused("", told["strange_note"], told["strange_note_mend"]),))
    return floors.note(of.floor, [event], late=bool(raw.get("late")), language=spoken)


@require_POST
@on_a_screen("station")
def paper(request: HttpRequest, found: Watching) -> HttpResponse:
    """A worker's paper sheet, typed in after the screens were out."""
    of = _day(found)
    try:
        worker = number_typed(request.POST.get("worker", ""), of)
        noted = floors.from_paper(
            of.floor, worker, _time(request.POST.get("arrived", "")), list(_lines(request))
        )
    except CannotNote as wrong:
        return _page(request, found, str(wrong), 409)
    if noted.refused:
        said = " ".join(f"{one.problem.rstrip('.')}. {one.mend.rstrip('.')}." for one in noted.refused)
        return _page(request, found, said, 409)
    return redirect("screens:screen")


def _lines(request: HttpRequest) -> Any:
    posted = request.POST
    rows = zip(
        posted.getlist("station"),
        posted.getlist("staff"),
        posted.getlist("from"),
        posted.getlist("until"),
        strict=False,
    )
    for station, staff, begins, ends in rows:
        if begins.strip():
            yield OnPaper(station, staff, _time(begins), _time(ends) if ends.strip() else None)


def _time(typed: str) -> float:
    try:
        return minute_of(typed.strip())
    except NotATime as wrong:
        raise CannotNote(f"{str(wrong)[0].upper()}{str(wrong)[1:]}.") from None


@require_POST
@on_a_screen("hall", "station", "board")
def blank(request: HttpRequest, found: Watching) -> HttpResponse:
    """Every screen of the day goes blank at once; only the lead brings them back."""
    of = _day(found)
    floors.blank(of.floor, on=True)
    return redirect("screens:screen")
