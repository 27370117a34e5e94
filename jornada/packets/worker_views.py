"""A single question that a reviewer sent back: the worker answers it, and nothing else is asked again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.views.decorators.http import require_http_methods

from jornada.domain.facts import UNSURE
from jornada.gateways.today import today
from jornada.intake import drafts, forms, pages, services, steps
from jornada.intake.drafts import ChangedMeanwhile, Gone, Opened
from jornada.intake.views import page
from jornada.intake.visits import at_her_answers
from jornada.packets import review, selectors
from jornada.packets.models import Correction
from jornada.vault.tenancy import as_worker


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def question(request: Any, language: str, correction: UUID) -> HttpResponse:
    """The question as the interview asks it, with the answer given; an answer settles the correction."""
    asked = _asked(request, correction)
    try:
        opened = drafts.opened(request.worker, about="correction")
    except Gone:
        return HttpResponseRedirect(f"/{language}/closed")
    if asked.question not in opened.pack.question_by_id:
        raise Http404
    if steps.list_of(opened.pack, opened.pack.question_by_id[asked.question]) is not None:
        return _list(request, language, opened, asked)
    if request.method != "POST":
        return _page(request, language, opened, asked)
    return _answered(request, language, opened, asked)


def _asked(request: Any, correction: UUID) -> Correction:
    """The open question of this worker's own application; absent otherwise."""
    with as_worker(request.worker.application_id):
        found = selectors.correction(correction)
        ours = found is not None and found.application_id == request.worker.application_id
        if found is None or not ours or not found.question or not selectors.is_open(found):
            raise Http404
        return found


def _answered(request: Any, language: str, opened: Opened, asked: Correction) -> HttpResponse:
    on, act = today(), request.POST.get("act", "save")
    wanted = opened.pack.question_by_id[asked.question]
    read = forms.read(wanted, opened.pack, request.POST, on, forms.born(opened.answers))
    if read.complaints:
        return _page(request, language, opened, asked, read=read, status=422)
    values = dict(read.values)
    if act == "skip":
        values = dict.fromkeys(wanted.asks)
    elif act == "unsure":
        values = {name: UNSURE if value is None else value for name, value in values.items()}
    try:
        with as_worker(request.worker.application_id):
            revision = services.answer_again(request.worker, question_id=wanted.id, values=values, on=on)
            review.settle(correction=asked, answers_revision=revision)
    except ChangedMeanwhile:
        return _page(request, language, opened, asked, read=read, status=409)
    return HttpResponseRedirect(f"/{language}/mine/status")


def _list(request: Any, language: str, opened: Opened, asked: Correction) -> HttpResponse:
    """A list, such as jobs, is changed on its own pages; here the worker hands it over."""
    if request.method == "POST":
        with as_worker(request.worker.application_id):
            revision = services.send_again(request.worker, on=today())
            review.settle(correction=asked, answers_revision=revision)
        return HttpResponseRedirect(f"/{language}/mine/status")
    ask = opened.pack.text(f"questions.{asked.question}.ask", language)
    context = {"asked": asked, "ask": ask, "path_tail": f"mine/question/{asked.id}"}
    return page(request, "packets/worker_list.html", context)


def _page(
    request: Any,
    language: str,
    opened: Opened,
    asked: Correction,
    read: forms.Read | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = pages.page_of(
        opened.pack, opened.pack.question_by_id[asked.question], language,
        shown=None if request.visit.helped else opened.answers, read=read, helped=request.visit.helped,
        action=f"/{language}/mine/question/{asked.id}",
    )  # fmt: skip
    return HttpResponse(pages.filled(shown, get_token(request), (0, 0)), status=status)
