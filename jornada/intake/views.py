"""The worker's door: language, what this is, beginning, her number, coming back, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jornada.coalition import selectors as coalition
from jornada.disputes import selectors as disputes
from jornada.domain import interview
from jornada.domain.rulepacks import RulePack
from jornada.gateways.today import today
from jornada.intake import drafts, selectors, services, topics, visits, wording
from jornada.intake.drafts import Gone
from jornada.intake.visits import Visit, at_her_answers, in_language
from jornada.vault import worker

NEUTRAL_PAGE = "https://www.wikipedia.org/"
"""Where "leave this site" leads: a page that anyone may have open."""


def page(
    request: Any, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A worker's page in the language of its address."""
    language = request.language
    visit = getattr(request, "visit", None)
    words = {
        "w": wording.words(language),
        "language": language,
        "visit": visit,
        "inside": visit is not None,
        "token": get_token(request),
    }
    return render(request, template, {**words, **(context or {})}, status=status)


@require_safe
def languages(request: Any, join_code: str = "") -> HttpResponse:
    """Language first. A group's code is carried on; an unknown one is told later, in words."""
    request.language = "en"
    offered = [(one, wording.words(one)) for one in wording.LANGUAGES]
    tail = f"?j={join_code}" if join_code else ""
    return page(request, "intake/languages.html", {"offered": offered, "tail": tail, "path_tail": tail})


@require_safe
@in_language
def about(request: Any, language: str) -> HttpResponse:
    """What this is and who sees the answers, before anything is asked."""
    return page(request, "intake/about.html", {"tail": _tail(request), "path_tail": _tail(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@in_language
def start(request: Any, language: str) -> HttpResponse:
    """What it is about and who uses the screen; then a new application, and the worker's own number if she is alone."""
    code, mark = request.GET.get("j", ""), request.GET.get("with", "")
    cohort = disputes.cohort_by_code(code, today()) if code else None
    helper = selectors.helper_of(mark) if mark else None
    who = request.POST.get("who", "")
    topic = topics.known(request.POST.get("topic", "") or request.GET.get("topic", ""))
    missing = request.method == "POST" and [
        name for name, given in (("topic", topic), ("who", who in ("alone", "helped"))) if not given
    ]
    if request.method != "POST" or missing:
        context = {
            "cohort": cohort,
            "shut": bool(code) and cohort is None,
            "helped": who == "helped" if who else helper is not None,
            "topics": topics.topics(language),
            "topic": topic,
            "path_tail": f"start{_tail(request)}",
            "missing": missing,
        }
        return page(request, "intake/start.html", context, status=422 if missing else 200)
    group = cohort.id if cohort else selectors.cohort_of_mark(request.GET.get("group", ""))
    return _started(request, language, topic, who == "helped", group, helper)


def _started(
    request: Any, language: str, topic: str, helped: bool, cohort_id: UUID | None, helper: UUID | None
) -> HttpResponse:
    session = services.start(
        pack=topic,
        language=language,
        on=today(),
        expires_at=visits.expiry(),
        cohort_id=cohort_id,
        helped_by=helper,
    )
    visit = Visit(helped=helped, numbered=not helped, cohort=cohort_id is not None, begun=visits.begun_now())
    request.visit = visit
    if helped:
        return visits.keep(HttpResponseRedirect(reverse("intake:next", args=[language])), session, visit)
    code = worker.issue_code(session)
    return visits.keep(
        page(request, "intake/number.html", {"groups": code.split(), "path_tail": "save"}), session, visit
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def save(request: Any, language: str) -> HttpResponse:
    """The worker's own number: made and shown once, on this page only; a new one ends the old one."""
    if request.method != "POST":
        return page(request, "intake/number_ask.html", {"path_tail": "save"})
    again = request.visit.numbered
    code = worker.issue_code(request.worker)
    request.visit = replace(request.visit, numbered=True)
    return page(request, "intake/number.html", {"groups": code.split(), "again": again, "path_tail": "save"})


@require_http_methods(["GET", "HEAD", "POST"])
@in_language
def come_back(request: Any, language: str) -> HttpResponse:
    """Open the answers with the number that the worker kept."""
    if request.method != "POST":
        return page(request, "intake/return.html", {"path_tail": "return"})
    typed = request.POST.get("number", "")
    if not typed.strip():
        return _not_opened(request, "empty", 422)
    try:
        session = worker.open_code(typed, client=client(request), at=visits.now(), expires_at=visits.expiry())
    except worker.CodeSlip:
        return _not_opened(request, "slip", 422)
    except worker.TooManyTries:
        return _not_opened(request, "wait", 429)
    except worker.WrongCode:
        return _not_opened(request, "wrong", 422)
    visit = Visit(numbered=True, begun=visits.begun_now())
    return visits.keep(HttpResponseRedirect(reverse("intake:mine", args=[language])), session, visit)


def _not_opened(request: Any, why: str, status: int) -> HttpResponse:
    """What was typed is not shown again: it may be a number with one slip in it."""
    error = wording.text(request.language, f"return.{why}")
    response = page(request, "intake/return.html", {"error": error, "path_tail": "return"}, status=status)
    if status == 429:
        response.headers["Retry-After"] = str(int(worker.WAIT.total_seconds()))
    return response


@require_safe
@in_language
def closed(request: Any, language: str) -> HttpResponse:
    """The session is over: nothing is open any more, and her number opens it again."""
    return visits.end(page(request, "intake/closed.html", {"path_tail": "closed"}))


@require_safe
@in_language
def leave(request: HttpRequest, language: str) -> HttpResponse:
    """Away from here at once: the session ends, the browser's stores for this site are emptied."""
    response = HttpResponseRedirect(NEUTRAL_PAGE)
    response.headers["Referrer-Policy"] = "no-referrer"
    return visits.leave(response)


@require_safe
@at_her_answers
def stop(request: Any, language: str) -> HttpResponse:
    """A danger sign is clear: kind words, who to call, what to do now; saving and sharing stay open."""
    try:
        opened = drafts.opened(request.worker, about="stop")
    except Gone:
        return HttpResponseRedirect(reverse("intake:closed", args=[language]))
    known = services.circumstances_in_her_session(opened)
    finding = interview.stopped(opened.pack, opened.answers, today(), known)
    if finding is None:
        return HttpResponseRedirect(reverse("intake:next", args=[language]))
    told = f"stops.{finding.name}"
    context = {
        "because": opened.pack.text(told, language) if opened.pack.has_text(told, language) else "",
        "fraud": pack_texts(opened.pack, "fraud", language),
        "providers": coalition.legal_providers(),
        "path_tail": "stop",
    }
    return page(request, "intake/stop.html", context)


def gone(request: Any, exception: Exception | None = None) -> HttpResponse:
    """A page that is not here; the same for one that is absent and one that is not this person's."""
    request.language = spoken_in(request.path)
    return page(request, "intake/gone.html", {"path_tail": ""}, status=404)


def form_refused(request: Any, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere: nothing was taken, and how to go on."""
    request.language = spoken_in(request.path)
    return page(request, "intake/form_refused.html", {"path_tail": ""}, status=403)


def spoken_in(path: str) -> str:
    """The language that an address names; English where it names none."""
    first = path.strip("/").partition("/")[0]
    return first if first in wording.LANGUAGES else "en"


def pack_texts(pack: RulePack, family: str, language: str) -> list[str]:
    """All texts of a pack under one heading, such as what to do if nothing fits; in the pack's order."""
    return [text for key, text in pack.wording[language].items() if key.startswith(f"{family}.")]


def client(request: HttpRequest) -> str:
    """The address that typed: behind the proxy, the one that the proxy itself saw."""
    if settings.JORNADA_TLS == "proxy":
        seen = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")[-1].strip()
        if seen:
            return seen
    return str(request.META.get("REMOTE_ADDR", ""))


def _tail(request: HttpRequest) -> str:
    """The group's code and the topic of the address, to be carried on; nothing else of it."""
    code, topic = request.GET.get("j", ""), topics.known(request.GET.get("topic", ""))
    carried = {"j": code if code.isalnum() and len(code) <= 12 else "", "topic": topic}
    given = urlencode({name: value for name, value in carried.items() if value})
    return f"?{given}" if given else ""
