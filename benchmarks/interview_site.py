"""The hub as it is, beside two plain Django steps on the same server and database: settings, views, WSGI.

The plain step is what most projects write: a server session that keeps the place,
a Django form, one row written, the next page rendered from a template; no sealing,
no tenancy, no log, no choice of the next question. One peer answers the form with
the next page; the other redirects to it, as the interview does.
"""

from __future__ import annotations

import os
import sys
import uuid
from types import ModuleType
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.interview_settings")

TABLE = (
    "CREATE TABLE IF NOT EXISTS benchmark_plain_answer (id uuid PRIMARY KEY,"
    " at timestamptz NOT NULL DEFAULT now(),"
    " visitor text NOT NULL, question text NOT NULL, answer text NOT NULL)"
)
GRANT = "GRANT SELECT, INSERT ON benchmark_plain_answer TO jornada_web"


def settings() -> ModuleType:
    """The hub's own settings with the peers' addresses added."""
    from jornada.web import settings as hub

    made = ModuleType("benchmarks.interview_settings")
    made.__dict__.update({name: value for name, value in vars(hub).items() if name.isupper()})
    made.ROOT_URLCONF = "benchmarks.interview_urls"  # type: ignore[attr-defined]
    return made


def urls() -> ModuleType:
    """The addresses of the interview, of a clinic day's screens, and the peers'."""
    from django.urls import include, path

    made = ModuleType("benchmarks.interview_urls")
    made.urlpatterns = [  # type: ignore[attr-defined]
        path("plain", plain),
        path("plain-redirect", plain_redirect),
        path("", include("jornada.clinics.screen_urls")),
        path("", include("jornada.intake.urls")),
    ]
    return made


PAGE = """{% load i18n %}<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Questions</title>
<link rel="stylesheet" href="/static/built/worker.css"></head><body>
<main class="wide"><form method="post">{% csrf_token %}
<h1>Question {{ number }}: did this happen to you at work?</h1><p>We ask so that a lawyer can look at it.</p>
{{ form.as_p }}<button>Save and go on</button></form></main></body></html>"""


def _form(data: Any = None) -> Any:
    from django import forms

    class Answer(forms.Form):
        answer = forms.ChoiceField(
            choices=[("yes", "Yes"), ("no", "No"), ("unsure", "I am not sure")], widget=forms.RadioSelect
        )

    return Answer(data)


def _page(request: Any, form: Any = None) -> Any:
    from django.http import HttpResponse
    from django.template import engines

    context = {"number": request.session.get("number", 1), "form": form or _form()}
    return HttpResponse(_template(engines).render(context, request))


_TEMPLATES: dict[str, Any] = {}


def _template(engines: Any) -> Any:
    if "page" not in _TEMPLATES:
        _TEMPLATES["page"] = engines["django"].from_string(PAGE)
    return _TEMPLATES["page"]


def _save(request: Any) -> bool:
    """One row written, and the session's row with the place."""
    from django.db import connection

    form = _form(request.POST)
    if not form.is_valid():
        return False
    number = request.session.get("number", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO benchmark_plain_answer (id, visitor, question, answer) VALUES (%s, %s, %s, %s)",
            [uuid.uuid4(), request.session.session_key or "", f"Q{number}", form.cleaned_data["answer"]],
        )
    request.session["number"] = number + 1
    return True


def plain(request: Any) -> Any:
    """The form's answer is the next page."""
    if request.method == "POST":
        _save(request)
    elif "number" not in request.session:
        request.session["number"] = 1
    return _page(request)


def plain_redirect(request: Any) -> Any:
    """The form's answer is a redirect to the next page."""
    from django.http import HttpResponseRedirect

    if request.method == "POST" and _save(request):
        return HttpResponseRedirect("/plain-redirect")
    if "number" not in request.session:
        request.session["number"] = 1
    return _page(request)


def install() -> None:
    """Makes the two modules known by name and starts Django on them."""
    sys.modules["benchmarks.interview_settings"] = settings()
    import django

    django.setup()
    sys.modules["benchmarks.interview_urls"] = urls()
    from jornada.web.sessions import ForStaff

    # the peers keep their place in a server session, as most projects do
    ForStaff.PATHS = (*ForStaff.PATHS, "/plain")


def application(environ: Any, start_response: Any) -> Any:
    """What the server runs; Django is started by the first request of each process."""
    return _handler()(environ, start_response)


def _handler() -> Any:
    if "handler" not in _TEMPLATES:
        install()
        from django.core.handlers.wsgi import WSGIHandler

        _TEMPLATES["handler"] = WSGIHandler()
    return _TEMPLATES["handler"]
