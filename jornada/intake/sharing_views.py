"""From answers to help: checking them, the result as cards, sharing by consent, and the worker's own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.disputes import selectors as disputes
from jornada.domain import assessment, interview
from jornada.domain.rulepacks import RulePack
from jornada.gateways.today import today
from jornada.intake import cards, drafts, estimates, pages, selectors, services, topics, visits, wording
from jornada.intake.drafts import Gone, Opened
from jornada.intake.forms import Sharing, read_sharing
from jornada.intake.views import pack_texts, page
from jornada.intake.visits import View, at_her_answers
from jornada.vault import consent
from jornada.vault.tenancy import as_worker


def while_kept(view: View) -> View:
    """The view; where the application is no more, the page that says that it was closed."""

    @wraps(view)
    def kept(request: Any, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, language, *args, **kwargs)
        except Gone:
            return HttpResponseRedirect(reverse("intake:closed", args=[language]))

    return kept


# ── Checking, and what the answers show ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """One question on the page where answers are checked."""

    question: str
    ask: str
    said: str


@require_safe
@at_her_answers
@while_kept
def check(request: Any, language: str) -> HttpResponse:
    """Every answer with a way to change it; on a helper's screen only that there is one."""
    opened = drafts.opened(request.worker, about="check")
    sections = [
        (opened.pack.text(f"sections.{section}", language), lines)
        for section in opened.pack.sections
        if (lines := list(_lines(opened, section, language, helped=request.visit.helped)))
    ]
    following = interview.next_question(opened.pack, opened.answers, today(), stage=request.visit.stage)
    shared = in_her_session(request, lambda: selectors.shared_with(opened.application_id, today()))
    context = {"sections": sections, "more": following is not None, "shared": shared, "path_tail": "check"}
    return page(request, "intake/check.html", context)


def _lines(opened: Opened, section: str, language: str, *, helped: bool) -> Any:
    """The section's questions with something said, each fact under the first question that asks it."""
    pack = opened.pack
    listed: set[str] = set()
    for question in pack.questions:
        facts = [pack.facts[name] for name in question.asks if name in opened.answers and name not in listed]
        listed |= {fact.name for fact in facts}
        if not facts or facts[0].section != section:
            continue
        said = "; ".join(pages.summary(pack, fact, opened.answers[fact.name], language) for fact in facts)
        if helped:
            given = any(opened.answers.answered(fact.name) for fact in facts)
            said = wording.text(language, "check.answered" if given else "check.skipped")
        yield Line(question.id, pack.text(f"questions.{question.id}.ask", language), said)


@require_safe
@at_her_answers
@while_kept
def result(request: Any, language: str) -> HttpResponse:
    """What may fit, what makes it harder, what is missing, who can help, and what if nothing fits."""
    opened = drafts.opened(request.worker, about="result")
    known = services.circumstances_in_her_session(opened)
    found = assessment.assess(opened.answers, opened.pack, today(), known)
    still_open = interview.open_questions(opened.pack, opened.answers, today(), circumstances=known)
    stopped = interview.stopped(opened.pack, opened.answers, today(), known) is not None
    context = {
        "cards": cards.cards(opened.pack, found, () if stopped else still_open, language),
        "stopped": stopped,
        "providers": coalition.legal_providers(),
        "who_can_help": pack_texts(opened.pack, "who_can_help", language),
        "nothing_fits": pack_texts(opened.pack, "nothing_fits", language)
        or wording.words(language)["result"]["none"],
        "fraud": pack_texts(opened.pack, "fraud", language),
        "owed": estimates.estimate(opened.pack, opened.answers, today(), language),
        "diary": "hours_diary" in opened.pack.facts,
        "others": topics.others(opened.pack, language),
        "group": selectors.cohort_mark(opened.cohort_id) if opened.cohort_id else "",
        "path_tail": "result",
    }
    return page(request, "intake/result.html", context)


def in_her_session(request: Any, read: Callable[[], Any]) -> Any:
    """What a selector says in the worker's own session."""
    with as_worker(request.worker.application_id):
        return read()


# ── Consent ───────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
@while_kept
def share(request: Any, language: str) -> HttpResponse:
    """Consent: who may read which parts until when. Nothing is shared before "Share"."""
    opened = drafts.opened(request.worker)
    offer = _offer(request, opened, language)
    if request.method != "POST":
        return page(
            request, "intake/share.html", {**offer, "said": Sharing(provider=request.GET.get("to", ""))}
        )
    said = read_sharing(request.POST, offer, language)
    if said.errors:
        return page(request, "intake/share.html", {**offer, "said": said}, status=422)
    return _shared(request, language, opened.pack, offer, said)


def _shared(
    request: Any, language: str, pack: RulePack, offer: Mapping[str, Any], said: Sharing
) -> HttpResponse:
    on = today()
    center = offer["center"]
    telling = services.Telling(
        said.name,
        said.phone,
        said.place,
        said.spoken,
        center.id if center and said.organiser else None,
        frozenset(said.organiser),
        said.may_refer,
    )
    try:
        services.share(
            request.worker,
            provider_id=UUID(said.provider),
            sections=pack.sections if said.which == "all" else said.sections,
            until=dict(services.spans(on))[int(said.until)],
            telling=telling,
            language=language,
            wording_version=pack.fingerprint,
            on=on,
        )
    except services.NotShareable:
        told = wording.text(language, "share.not_ready")
        refused = replace(said, errors={"provider": told})
        return page(request, "intake/share.html", {**offer, "said": refused}, status=422)
    request.visit = replace(request.visit, shared=True, fresh=0)
    return HttpResponseRedirect(reverse("intake:done", args=[language]))


def _offer(request: Any, opened: Opened, language: str) -> dict[str, Any]:
    """What the consent page offers: providers, sections, spans, languages, the cohort's worker center."""
    spoken = opened.pack.facts.get("spoken_language")
    named = (
        [(key, opened.pack.text(f"options.spoken_language.{key}", language)) for key in spoken.options]
        if spoken
        else []
    )
    if not named:
        named = [(one, wording.words(one)["language"]) for one in wording.LANGUAGES]
    providers = list(coalition.legal_providers())
    return {
        "providers": [(str(one.id), one.name, one.about.get(language, ""), one.phone) for one in providers],
        "sections": [(one, opened.pack.text(f"sections.{one}", language)) for one in opened.pack.sections],
        "spans": [
            (
                str(days),
                wording.text(language, "share.days", days=days, date=wording.written_day(language, last)),
            )
            for days, last in services.spans(today())
        ],
        "languages": named,
        "center": in_her_session(request, lambda: _center(opened)),
        "path_tail": "share",
        "fields": [(one, wording.text(language, f"share.field_{one}")) for one in services.CARD_FIELDS],
    }


def _center(opened: Opened) -> Any:
    """The worker center of the group that the worker came with."""
    if opened.cohort_id is None:
        return None
    cohort = disputes.cohort(opened.cohort_id)
    return coalition.provider(cohort.provider_id) if cohort else None


@require_safe
@at_her_answers
def done(request: Any, language: str) -> HttpResponse:
    """It is shared: with whom, and what happens next."""
    shared = in_her_session(request, lambda: selectors.shared_with(request.worker.application_id, today()))
    if not shared:
        return HttpResponseRedirect(reverse("intake:share", args=[language]))
    return page(request, "intake/done.html", {"name": shared[-1].name, "path_tail": "done"})


# ── The worker's own page ─────────────────────────────────────────────────────────────────────────────────


@require_safe
@at_her_answers
@while_kept
def mine(request: Any, language: str) -> HttpResponse:
    """Where things stand: who may read, who read, what to do next. News come from later stages."""
    opened = drafts.opened(request.worker)
    told = in_her_session(request, lambda: _standing(opened, language, today()))
    changed = told.pop("changed")
    request.visit = replace(request.visit, shared=bool(told["shared"]), preparing=False, fresh=0)
    context = {
        **told,
        "changed": changed,
        "diary": "hours_diary" in opened.pack.facts,
        "path_tail": "mine",
        "sent": request.GET.get("sent") == "1",
    }
    return page(request, "intake/mine.html", context)


def _standing(opened: Opened, language: str, on: date) -> dict[str, Any]:
    application_id, pack = opened.application_id, opened.pack
    shared = selectors.shared_with(application_id, on)
    wiped = None if shared else selectors.wiped_on(application_id)
    return {
        "shared": [
            (one.grant.id, _granted(one, language), _parts(pack, one.grant.sections, language), _asking(one))
            for one in shared
        ],
        "names": [one.name for one in shared],
        "opened_by": [
            _opened_line(pack, opening, name, language)
            for opening, name in selectors.who_opened(application_id)
        ],
        "wiped": wording.text(language, "mine.until_wiped", date=wording.written_day(language, wiped))
        if wiped
        else "",
        "changed": selectors.draft_is_newer(application_id) if shared else False,
    }


def _asking(one: selectors.Shared) -> tuple[UUID, bool] | None:
    """The provider's file, and whether it may ask others for her."""
    file = selectors.file_with(one.grant.application_id, one.grant.provider_id)
    if file is None:
        return None
    return file.pk, selectors.referral_choices(one.grant.application_id).get(file.pk, False)


def _granted(one: selectors.Shared, language: str) -> str:
    until = wording.written_day(language, one.grant.until)
    return wording.text(language, "mine.grant", name=one.name, date=until)


def _parts(pack: RulePack, sections: Any, language: str) -> str:
    named = [
        pack.text(f"sections.{one}", language)
        for one in sections
        if pack.has_text(f"sections.{one}", language)
    ]
    return wording.text(language, "mine.parts", parts=", ".join(named))


def _opened_line(pack: RulePack, opening: consent.Opening, name: str, language: str) -> str:
    day = wording.written_day(language, opening.at.date())
    if opening.act != "opened":
        return wording.text(language, "mine.opened_refused", name=name, date=day)
    named = [
        pack.text(f"sections.{one}", language)
        for one in opening.sections
        if pack.has_text(f"sections.{one}", language)
    ]
    return wording.text(language, "mine.opened", name=name, date=day, parts=", ".join(named) or "–")


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def withdraw(request: Any, language: str, grant_id: UUID) -> HttpResponse:
    """Stop sharing, after one clear question; from that moment the provider opens nothing."""
    shared = in_her_session(request, lambda: selectors.shared_with(request.worker.application_id, today()))
    named = {one.grant.id: one.name for one in shared}
    if grant_id not in named:
        raise Http404
    if request.method != "POST":
        return page(
            request, "intake/withdraw.html", {"name": named[grant_id], "path_tail": f"mine/stop/{grant_id}"}
        )
    services.withdraw(request.worker, grant_id=grant_id, at=visits.now())
    return HttpResponseRedirect(reverse("intake:mine", args=[language]))


@require_POST
@at_her_answers
def asking(request: Any, language: str, file_id: UUID) -> HttpResponse:
    """Let a provider ask others for her, or no longer."""
    file = in_her_session(request, lambda: selectors.own_file(request.worker.application_id, file_id))
    if file is None:
        raise Http404
    services.allow_referral(request.worker, file=file, allowed=request.POST.get("allowed") == "yes")
    return HttpResponseRedirect(reverse("intake:mine", args=[language]))


@require_POST
@at_her_answers
@while_kept
def send(request: Any, language: str) -> HttpResponse:
    """Hand over the answers as they stand now to those who may read them."""
    services.send_again(request.worker, on=today())
    return HttpResponseRedirect(reverse("intake:mine", args=[language]) + "?sent=1")


@require_POST
@at_her_answers
def prepare(request: Any, language: str) -> HttpResponse:
    """On to the questions that the papers need, once somebody helps."""
    request.visit = replace(request.visit, preparing=True, fresh=0)
    return HttpResponseRedirect(reverse("intake:next", args=[language]))
