"""A worker's visit: her session cookie, and what the hub remembers in it between two pages.

The cookie is the vault's sealed worker token; nothing of a visit is stored on the
hub. Its 64 free bits say how the visit goes: who reads the screen, at which stage,
how far it has come, and which question is known to be unanswered, so that its page
needs no look into the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from jornada.intake import wording
from jornada.vault import worker
from jornada.vault.worker import WorkerSession

IDLE = timedelta(minutes=10)
"""A phone or shared computer left alone closes after this long (security requirements, N4)."""
LONGEST = timedelta(hours=12)
_UNIT = 600
_CYCLE = 1 << 12

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visit:
    """How a visit goes. `fresh` is the place, from 1, of the question known to be unanswered; or 0."""

    helped: bool = False
    preparing: bool = False
    numbered: bool = False
    shared: bool = False
    stopped: bool = False
    cohort: bool = False
    answered: int = 0
    total: int = 0
    fresh: int = 0
    pack_mark: int = 0
    begun: int = 0

    @property
    def stage(self) -> str:
        return "preparation" if self.preparing else "screening"


_FLAGS = ("helped", "preparing", "numbered", "shared", "stopped", "cohort")
_NUMBERS = (("answered", 9), ("total", 9), ("fresh", 10), ("pack_mark", 16), ("begun", 12))


def packed(visit: Visit) -> int:
    """The visit in 62 bits; counts too large for their place are cut to the largest that fits."""
    bits: int = sum(getattr(visit, flag) << place for place, flag in enumerate(_FLAGS))
    place = len(_FLAGS)
    for name, width in _NUMBERS:
        bits |= min(getattr(visit, name), (1 << width) - 1) << place
        place += width
    return bits


def unpacked(bits: int) -> Visit:
    """The visit that `packed` packed."""
    found: dict[str, Any] = {flag: bool(bits >> place & 1) for place, flag in enumerate(_FLAGS)}
    place = len(_FLAGS)
    for name, width in _NUMBERS:
        found[name] = bits >> place & ((1 << width) - 1)
        place += width
    return Visit(**found)


def pack_mark(fingerprint: str) -> int:
    """Sixteen bits of a pack's fingerprint: enough to notice that the pack changed under a visit."""
    return int(fingerprint[:4], 16)


def cookie_name() -> str:
    """`__Host-way` behind TLS; plain on this machine's own loopback."""
    return "__Host-way" if settings.JORNADA_TLS == "proxy" else "way"


def now() -> datetime:
    """This moment; the one place where a visit looks at the clock."""
    return datetime.now(UTC)


def begun_now() -> int:
    """When a visit begins, in units of ten minutes, as far as its few bits count."""
    return int(time.time()) // _UNIT % _CYCLE


def expiry() -> datetime:
    """When a page shown now closes."""
    return now() + IDLE


def _too_long(visit: Visit) -> bool:
    return (begun_now() - visit.begun) % _CYCLE * _UNIT >= LONGEST.total_seconds()


def found(request: HttpRequest) -> tuple[WorkerSession, Visit] | None:
    """The worker's session and visit in the cookie; None if there is none, or it is over or altered."""
    token = request.COOKIES.get(cookie_name())
    session = worker.read_worker_token(token, now()) if token else None
    if session is None:
        return None
    visit = unpacked(session.bits)
    return None if _too_long(visit) else (session, visit)


def keep(response: HttpResponse, session: WorkerSession, visit: Visit) -> HttpResponse:
    """The response with the session in its cookie: for ten minutes, gone when the browser closes."""
    token = worker.worker_token(replace(session, expires_at=expiry(), bits=packed(visit)))
    secure = settings.JORNADA_TLS == "proxy"
    response.set_cookie(cookie_name(), token, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def end(response: HttpResponse) -> HttpResponse:
    """The response with the session's cookie taken away and what the browser kept of these pages removed."""
    response.delete_cookie(cookie_name(), path="/", samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def leave(response: HttpResponse) -> HttpResponse:
    """As `end`, and every cookie of this site with it: a helper's own sign-in on this browser too."""
    end(response).headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def in_language(view: View) -> View:
    """The view, for a language that is offered; any other address does not exist."""

    @wraps(view)
    def spoken(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if language not in wording.LANGUAGES:
            raise Http404
        request.language = language  # type: ignore[attr-defined]
        response = view(request, language, *args, **kwargs)
        # under "no-referrer" browsers send forms with the origin "null", which no check can accept
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return spoken


def at_her_answers(view: View) -> View:
    """The view, for a worker whose answers are open: `request.worker` and `request.visit`.

    Without an open session the person is asked for her number; what she typed on
    a page that closed meanwhile is lost, as a page left alone must be.
    """

    @wraps(view)
    def opened(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        session_and_visit = found(request)
        if session_and_visit is None:
            return HttpResponseRedirect(reverse("intake:closed", args=[language]))
        request.worker, request.visit = session_and_visit  # type: ignore[attr-defined]
        response = view(request, language, *args, **kwargs)
        return keep(response, request.worker, request.visit)  # type: ignore[attr-defined]

    return in_language(opened)
