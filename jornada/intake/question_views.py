"""The interview: one question a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jornada.disputes import selectors as disputes
from jornada.gateways.today import today
from jornada.intake import drafts, pages, steps, visits, wording
from jornada.intake.drafts import ChangedMeanwhile, Gone
from jornada.intake.steps import NoSuchQuestion, Step
from jornada.intake.views import page
from jornada.intake.visits import at_her_answers
from jornada.vault.tenancy import as_worker

LARGEST_PAGE = 64 * 1024
"""Bytes of one submitted page; the longest answer that a pack may ask for is 8,000 letters."""


@require_safe
@at_her_answers
def next_question(request: Any, language: str) -> HttpResponse:
    """To the question that comes next, or to where the interview ends."""
    try:
        opened = drafts.opened(request.worker)
    except Gone:
        return HttpResponseRedirect(reverse("intake:closed", args=[language]))
    return _onwards(request, language, steps.next_up(opened, request.visit, today()))


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def question(request: Any, language: str, question_id: str) -> HttpResponse:
    """A question's page, or for a list what was given so far; and the answer to it."""
    if request.method != "POST":
        fresh = steps.fresh_question(request.visit, question_id)
        return _fresh(request, language, *fresh) if fresh else _shown(request, language, question_id)
    return _stepped(request, language, question_id, 0)


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def entry(request: Any, language: str, question_id: str, number: int) -> HttpResponse:
    """One entry of a list, such as one job."""
    if number == 0:  # entries count from 1
        raise Http404
    if request.method != "POST":
        return _shown_entry(request, language, question_id, number)
    return _stepped(request, language, question_id, number)


def _stepped(request: Any, language: str, question_id: str, number: int) -> HttpResponse:
    """Save what was sent; what cannot be taken is told at its field, with all that was typed still there."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_PAGE:
        return _notice(request, language, question_id, number, "question.too_much", 413)
    try:
        if number:
            step = steps.take_entry(request.worker, request.visit, question_id, number, request.POST, today())
        else:
            step = steps.take(request.worker, request.visit, question_id, request.POST, today())
    except NoSuchQuestion:
        raise Http404 from None
    except Gone:
        return HttpResponseRedirect(reverse("intake:closed", args=[language]))
    except ChangedMeanwhile:
        return _notice(request, language, question_id, number, "question.stopped_by_other", 409)
    if step.read is not None:
        return _page(request, language, step, question_id, number, 422)
    return _onwards(request, language, step)


def _onwards(request: Any, language: str, step: Step) -> HttpResponse:
    """To the next question; without one, to the help that a danger sign calls for, or to checking."""
    request.visit = step.visit
    if step.next:
        return HttpResponseRedirect(reverse("intake:question", args=[language, step.next]))
    return HttpResponseRedirect(
        reverse("intake:stop" if step.visit.stopped else "intake:check", args=[language])
    )


def _fresh(request: Any, language: str, pack: Any, question: Any) -> HttpResponse:
    """A question without an answer: no look into the database."""
    visit = request.visit
    if (listed := steps.list_of(pack, question)) is not None:
        shown = pages.entry_page(
            pack,
            question,
            listed,
            language,
            1,
            helped=visit.helped,
            action=_entry_path(language, question.id, 1),
        )
        return HttpResponse(pages.filled(shown, get_token(request), (visit.answered, visit.total)))
    token = get_token(request)
    return HttpResponse(
        pages.blank(
            pack, question, language, helped=visit.helped, token=token, progress=(visit.answered, visit.total)
        )
    )


def _shown(
    request: Any, language: str, question_id: str, notice: str = "", status: int = 200
) -> HttpResponse:
    """A question with its earlier answer, which is recorded as opened; a helper's screen never shows it."""
    opened = _opened_to_show(request, language, question_id)
    if isinstance(opened, HttpResponse):
        return opened
    question = _question(opened, question_id)
    listed = steps.list_of(opened.pack, question)
    if listed is not None and steps.entries_in(opened.answers, listed):
        return _list_page(request, language, opened, question_id, notice, status)
    if listed is not None:
        return _shown_entry(request, language, question_id, 1, notice, status)
    visit = request.visit
    given = any(opened.answers.answered(name) for name in question.asks)
    known = _shared(opened, question) if not given and not visit.helped else {}
    shown = pages.page_of(
        opened.pack,
        question,
        language,
        helped=visit.helped,
        notice=notice,
        given=visit.helped and given,
        shown=None if visit.helped else {**known, **opened.answers},
    )
    return _answer(request, shown, status)


def _shared(opened: drafts.Opened, question: Any) -> dict[str, Any]:
    """What the worker's cohort knows of this question already; she looks it over and saves it as hers."""
    if opened.cohort_id is None or not steps.SHARED & set(question.asks):
        return {}
    with as_worker(opened.application_id):
        return disputes.shared_facts(opened.cohort_id)


def _shown_entry(
    request: Any, language: str, question_id: str, number: int, notice: str = "", status: int = 200
) -> HttpResponse:
    opened = _opened_to_show(request, language, question_id)
    if isinstance(opened, HttpResponse):
        return opened
    question = _question(opened, question_id)
    listed = steps.list_of(opened.pack, question)
    entries = steps.entries_in(opened.answers, listed) if listed else []
    if listed is None or not 1 <= number <= len(entries) + 1:
        raise Http404
    there = number <= len(entries)
    values = dict(entries[number - 1]) if there and not request.visit.helped else {}
    if not there and number == 1 and listed.name == "jobs" and opened.cohort_id:
        with as_worker(opened.application_id):
            values = disputes.shared_job(opened.cohort_id)
    shown = pages.entry_page(
        opened.pack,
        question,
        listed,
        language,
        number,
        helped=request.visit.helped,
        shown=values,
        removable=there,
        notice=notice,
        action=_entry_path(language, question_id, number),
    )
    return _answer(request, shown, status)


def _list_page(
    request: Any, language: str, opened: drafts.Opened, question_id: str, notice: str, status: int
) -> HttpResponse:
    """What a list holds so far, and whether to add one more."""
    question = _question(opened, question_id)
    listed = steps.list_of(opened.pack, question)
    assert listed is not None
    entries = steps.entries_in(opened.answers, listed)
    lines = [
        (number, "" if request.visit.helped else pages.entry_summary(opened.pack, listed, one, language))
        for number, one in enumerate(entries, 1)
    ]
    context = {
        "ask": opened.pack.text(f"questions.{question_id}.ask", language),
        "lines": lines,
        "notice": notice,
        "question": question_id,
        "more": len(entries) + 1,
        "helped": request.visit.helped,
        "path_tail": f"q/{question_id}",
    }
    return page(request, "intake/list.html", context, status=status)


def _page(
    request: Any, language: str, step: Step, question_id: str, number: int, status: int
) -> HttpResponse:
    """The page once more, with its complaints and all that was typed."""
    opened, helped = step.opened, request.visit.helped
    question = _question(opened, question_id)
    listed = steps.list_of(opened.pack, question)
    if number and listed is not None:
        there = number <= len(steps.entries_in(opened.answers, listed))
        shown = pages.entry_page(
            opened.pack, question, listed, language, number, helped=helped, read=step.read, removable=there
        )
    else:
        shown = pages.page_of(opened.pack, question, language, helped=helped, read=step.read)
    return _answer(request, shown, status)


def _notice(
    request: Any, language: str, question_id: str, number: int, key: str, status: int
) -> HttpResponse:
    """The page as it stands now, with a word on why nothing was saved."""
    told = wording.text(language, key)
    if number:
        return _shown_entry(request, language, question_id, number, told, status)
    return _shown(request, language, question_id, told, status)


def _answer(request: Any, shown: pages.Page, status: int = 200) -> HttpResponse:
    visit = request.visit
    return HttpResponse(pages.filled(shown, get_token(request), (visit.answered, visit.total)), status=status)


def _opened_to_show(request: Any, language: str, question_id: str) -> drafts.Opened | HttpResponse:
    try:
        opened = drafts.opened(request.worker, about=question_id)
    except Gone:
        return HttpResponseRedirect(reverse("intake:closed", args=[language]))
    request.visit = replace(request.visit, pack_mark=visits.pack_mark(opened.pack.fingerprint))
    return opened


def _question(opened: drafts.Opened, question_id: str) -> Any:
    try:
        return steps.question_of(opened.pack, question_id)
    except NoSuchQuestion:
        raise Http404 from None


def _entry_path(language: str, question_id: str, number: int) -> str:
    return reverse("intake:entry", args=[language, question_id, number])
