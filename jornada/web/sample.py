"""The sample coalition: every screen has something to show, and nobody in it exists.

Made through the same services that people use, so that what the demo shows is
what the hub does. Made once; a second call finds it and changes nothing.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.utils import timezone

from jornada.clinics import preparing
from jornada.coalition import selectors as coalition
from jornada.coalition import services as coalition_services
from jornada.coalition import signin
from jornada.disputes import forms as dispute_forms
from jornada.disputes import services as disputes
from jornada.domain.clinic.day import Staff, minute_of
from jornada.gateways import database, formfiles, packfiles
from jornada.intake import drafts
from jornada.intake import selectors as intake
from jornada.intake import services as intake_services
from jornada.packets import filing, preparation, review
from jornada.placement import clinic, matching, partners, referral, referrals
from jornada.planning import asking as plan_runs
from jornada.planning import initiatives, scenarios
from jornada.planning import tasks as plan_tasks
from jornada.tracking import services as tracking
from jornada.triage import casefiles
from jornada.triage import selectors as triage_selectors
from jornada.triage import services as triage
from jornada.vault import keys, tenancy, worker

PACK = "us-labor-deferred-action"
SECOND_FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The second factor of every sample sign-in. `jornada demo-code` prints the six digits of this moment."""
STAGES = ("shared", "assessed", "decided", "placed", "clinic", "prepared", "corrected", "signed", "filed")


@cache
def told() -> Mapping[str, Any]:
    """What sample.yaml says."""
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("sample.yaml").read_text("utf-8"))
    return found


def day() -> date:
    """The day on which the sample stands."""
    return date.fromisoformat(os.environ.get("JORNADA_DAY") or str(told()["day"]))


def code_now() -> str:
    """The six digits of the sample's second factor at this moment."""
    return str(format_hotp_value(hotp_value(SECOND_FACTOR, next(iter(yield_hotp_counters_from_time())))))


def sign_ins() -> list[tuple[str, str, str, str]]:
    """(e-mail, person, role, organization) of every sample member."""
    found = told()
    return [
        (address(one), one["name"], one["role"].replace("_", " "), found["providers"][one["at"]]["name"])
        for one in found["members"]
    ]


def address(member: Mapping[str, Any]) -> str:
    """A sample member's sign-in."""
    return f"{member['as']}@{member['at'].replace('_', '-')}.example"


@dataclass
class Cast:
    """Who is there, while the sample is made."""

    providers: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, keys.MemberKeys] = field(default_factory=dict)
    cohort_id: UUID | None = None
    kitchen_id: UUID | None = None
    clinic_days: dict[str, Any] = field(default_factory=dict)
    number: str = ""

    @contextmanager
    def at_work(self, name: str) -> Iterator[Any]:
        """A transaction of this member's."""
        member = self.members[name]
        with tenancy.as_provider(member.provider_id, member.pk, member.user_id):
            yield member

    def keys_of(self, name: str) -> keys.MemberKeys:
        """The member's keys, opened with the sample's password once."""
        if name not in self.keys:
            with self.at_work(name) as member:
                self.keys[name] = keys.open_member(member.pk, told()["password"])
        return self.keys[name]


LEADS = {"legal_aid": "marta", "defenders": "otto", "clinic": "prof"}
"""Who acts for each legal provider in the sample."""


class HalfMade(RuntimeError):
    """An earlier start was interrupted while it made the sample; the message says how to begin again."""


def ensure() -> list[str]:
    """Make the sample if it is not there; lines to print. HalfMade where an earlier start did not finish it."""
    made: list[str] = []
    whole = database.state_directory() / "sample-is-whole"
    if not there():
        made = _make()
        whole.touch()
    elif not whole.exists():
        raise HalfMade(
            "An earlier start was interrupted while it made the sample coalition. Begin again on an empty database:"
            f" remove {database.state_directory() / 'postgres'} (or drop the database that DATABASE_URL names)."
        )
    return [*made, *_greeting()]


def there() -> bool:
    """Whether the sample coalition has been made."""
    names = {one["name"] for one in told()["providers"].values()}
    return coalition.legal_providers().filter(name__in=names).exists()


def _make() -> list[str]:
    cast = Cast()
    _install_forms()
    _people(cast)
    _dispute(cast)
    _clinic_days(cast)
    files = _files(cast)
    _undecided(
        cast, told()["dispute"]["covered"] - sum(one["count"] for one in told()["files"] if "pack" not in one)
    )
    _clinic_today(cast)
    _matched(cast)
    _referred(cast, files)
    _planned(cast)
    return [f"Made a sample coalition: {len(cast.members)} members, {len(files)} case files.", cast.number]


def _greeting() -> list[str]:
    lines = ["", "Sign in at /staff/ as (password for all: " + str(told()["password"]) + ")"]
    lines += [f"  {mail:34} {name}, {role}, {place}" for mail, name, role, place in sign_ins()]
    return [*lines, "  The six digits of the second factor, now:  jornada demo-code", ""]


# ── Organizations, members, the dispute ───────────────────────────────────────────────────────────────────


def _install_forms() -> None:
    """Official forms are no part of the program; where a directory of blanks is given, the demo installs them."""
    given = os.environ.get("JORNADA_SAMPLE_FORMS", "")
    for path in sorted(Path(given).glob("*/*.pdf")) if given else ():
        try:
            formfiles.add(path)
        except formfiles.Refused:
            continue  # instructions, old editions: not what a packet needs


def _people(cast: Cast) -> None:
    for name, details in told()["providers"].items():
        cast.providers[name] = coalition_services.found_provider(**{**details, "listed": True}).pk
    for one in told()["members"]:
        cast.members[one["as"]] = _enlist(cast, one)
    for one in told()["members"]:
        _qualify(cast, one)
    for name, one in ((one["as"], one) for one in told()["members"]):
        lead = LEADS.get(one["at"])
        if lead and name != lead and one["role"] in coalition_services.LEGAL_TEAM:
            with cast.at_work(lead) as by:
                coalition_services.admit(by=by, with_keys=cast.keys_of(lead), member=cast.members[name])


def _enlist(cast: Cast, one: Mapping[str, Any]) -> Any:
    # the lead of each legal team comes first in the file, and so starts the team's key
    member = coalition_services.enlist(
        provider_id=cast.providers[one["at"]], email=address(one), display_name=one["name"], role=one["role"],
        password=told()["password"], languages=one.get("languages", []),
    )  # fmt: skip
    signin.add_app_factor(member.user, SECOND_FACTOR)
    return member


def _qualify(cast: Cast, one: Mapping[str, Any]) -> None:
    """A credential verified by two colleagues, and what the advocate can take."""
    if "credential" not in one:
        return
    others = [m["as"] for m in told()["members"] if m["at"] == one["at"] and m["as"] != one["as"]]
    verifiers = [o for o in others if cast.members[o].role in coalition_services.VERIFIERS][:2]
    member = cast.members[one["as"]]
    by = verifiers[0]
    with cast.at_work(by) as first:
        claimed = coalition_services.add_credential(
            by=first, member=member, kind=one["credential"], number=f"EXAMPLE-{one['as'].upper()}",
            issued_by="Example bar", valid_from=day() - timedelta(days=700), expires_on=day() + timedelta(days=500),
        )  # fmt: skip
    for name in verifiers:
        with cast.at_work(name) as verifier:
            coalition_services.verify_credential(by=verifier, credential=claimed)
    with cast.at_work(one["as"]) as self_:
        coalition_services.set_capacity(
            by=self_, member=self_, starts_on=day() - timedelta(days=90), files_at_once=one["files"],
            full_scope=one.get("full_scope", False),
        )  # fmt: skip


def _dispute(cast: Cast) -> None:
    said = told()["dispute"]
    kinds = {kind.__name__: kind for kind, _ in dispute_forms.KINDS.values()}
    with cast.at_work("olga") as by:
        employer = disputes.enter(by=by, kind=kinds["Employer"], **said["employer"])
        worksite = disputes.enter(by=by, kind=kinds["Worksite"], employer=employer, **said["worksite"])
        matter = disputes.enter(by=by, kind=kinds["Matter"], employer=employer, **said["matter"])
        statement = disputes.enter_statement(
            by=by, matter=matter, worksites=[worksite.pk], **said["statement"]
        )
        cohort = disputes.enter(
            by=by, kind=kinds["Cohort"], employer=employer, worksite=worksite, **said["cohort"]
        )
        disputes.share(by=by, record=statement)
        cast.cohort_id = cohort.pk
        cast.kitchen_id = _kitchen(by, kinds)


def _kitchen(by: Any, kinds: Mapping[str, Any]) -> UUID:
    """A second employer, whose workers claim their pay; its cohort."""
    said = told()["kitchen"]
    employer = disputes.enter(by=by, kind=kinds["Employer"], **said["employer"])
    place = disputes.enter(by=by, kind=kinds["Worksite"], employer=employer, **said["worksite"])
    cohort = disputes.enter(by=by, kind=kinds["Cohort"], employer=employer, worksite=place, **said["cohort"])
    for record in (employer, cohort):
        disputes.share(by=by, record=record)
    found: UUID = cohort.pk
    return found


def _clinic_days(cast: Cast) -> None:
    for at, lead in LEADS.items():
        with cast.at_work(lead) as by:
            cast.clinic_days[at] = clinic.open_clinic_day(
                name="Saturday jornada", held_on=day() + timedelta(days=12), place="Example church hall",
                opens_at=time(9), closes_at=time(16), minutes_each=60, seats=3, languages=["es", "en"],
                supervised_by=by, by=by,
            )  # fmt: skip
    plan = told()["clinic_today"]
    with cast.at_work(LEADS[plan["at"]]) as by:
        cast.clinic_days["today"] = clinic.open_clinic_day(
            name=plan["name"], held_on=day(), place="Example school gym", opens_at=time.fromisoformat(plan["opens"]),
            closes_at=time.fromisoformat(plan["closes"]), minutes_each=30, seats=plan["seats"], languages=["es", "en"],
            supervised_by=by, by=by,
        )  # fmt: skip


def _clinic_today(cast: Cast) -> None:
    """The floor of the sample's own day: stations, staff, a number for everybody who is booked, and spare ones."""
    plan = told()["clinic_today"]
    with cast.at_work(LEADS[plan["at"]]):
        found = preparing.set_up(cast.clinic_days["today"])
        preparing.set_rooms(
            found, {name: tuple(seats) for name, seats in plan["rooms"].items()}, [], mailed=False
        )
        for one in plan["staff"]:
            member = cast.members[one["member"]] if "member" in one else None
            works = Staff(
                one["label"], one["credential"], *(int(minute_of(plan[end])) for end in ("opens", "closes")),
                frozenset(one["languages"]), tuple(one.get("stations", ())),
            )  # fmt: skip
            preparing.add_staff(found, works, member)
        preparing.give_spare_numbers(found, plan["spare"])


# ── Workers and their files ───────────────────────────────────────────────────────────────────────────────


def _files(cast: Cast) -> list[UUID]:
    made = []
    names = _names()
    for plan in told()["files"]:
        for _ in range(plan["count"]):
            given, family = next(names)
            session, file_id = _worker(cast, plan, given, family)
            _walk(cast, plan, file_id)
            made.append(file_id)
            if not cast.number and plan["until"] == "corrected":
                cast.number = f"A worker's own side: open /es/return and type {worker.issue_code(session)}"
    return made


def _names() -> Iterator[tuple[str, str]]:
    said = told()["names"]
    for turn in itertools.count():
        for place, given in enumerate(said["given"]):
            yield given, said["family"][(place + turn) % len(said["family"])]


def _wage_answers(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A cook's pay at the sample's kitchen, with what this plan says otherwise."""
    said = told()["kitchen"]
    cook = next(iter(packfiles.load(plan["pack"]).examples)).answers
    job = {**cook["jobs"][0], **said["job"], **plan.get("job", {})}
    return {**cook, **said["papers"], **plan.get("answers", {}), "jobs": [job]}


def _answers_of(example: str) -> dict[str, Any]:
    """The answers of one of the pack's examples, at the sample's employer."""
    pack = packfiles.load(PACK)
    found = next(one for one in pack.examples if one.name.startswith(example + " ") and one.day.year == 2026)
    answers = dict(found.answers)
    said = told()["dispute"]
    if isinstance(answers.get("jobs"), list) and example != "V20":
        here = {"employer": said["employer"]["trade_names"][0], "worksite": said["worksite"]["name"]}
        answers["jobs"] = [{**job, **here} for job in answers["jobs"]]
    return answers


def _begin(cast: Cast, answers: Mapping[str, Any], on: date, pack: str = PACK) -> worker.WorkerSession:
    session = intake_services.start(
        pack=pack,
        language="es",
        on=on,
        expires_at=timezone.now() + timedelta(hours=1),
        cohort_id=cast.cohort_id if pack == PACK else cast.kitchen_id,
    )
    opened = drafts.opened(session)
    drafts.save(session, opened, answers, question=opened.pack.questions[0].id, on=on)
    return session


def _worker(
    cast: Cast, plan: Mapping[str, Any], given: str, family: str
) -> tuple[worker.WorkerSession, UUID]:
    """One worker's answers, shared with the provider and, for logistics, with the worker center."""
    name = {"legal_name": {"family": family, "given": given, "middle": ""}}
    pack = packfiles.load(plan.get("pack", PACK))
    said = _answers_of(plan["example"]) if pack.name == PACK else _wage_answers(plan)
    answers = {**said, **name, "spoken_language": "es", "written_language": "es"}
    if plan.get("complete"):
        answers |= told()["complete"]
    session = _begin(cast, answers, day(), pack.name)
    sections = sorted({pack.facts[fact].section for fact in answers})
    telling = intake_services.Telling(
        name=f"{given} {family}", phone="+1 620 555 0199", place="Ford County", spoken="es",
        organiser_id=cast.providers["center"], organiser_fields=frozenset({"name", "phone", "language", "appointment"}),
        may_refer=True,
    )  # fmt: skip
    provider_id = cast.providers[plan["at"]]
    intake_services.share(
        session, provider_id=provider_id, sections=sections, until=day() + timedelta(days=90), telling=telling,
        language="es", wording_version="sample", on=day(),
    )  # fmt: skip
    lead = LEADS[plan["at"]]
    with cast.at_work(lead):
        file = intake.case_files().get(application_id=session.application_id)
    return session, file.pk


def _undecided(cast: Cast, how_many: int) -> None:
    """Workers who have begun and shared with nobody: the hub can count them and read nothing."""
    for _ in range(how_many):
        answers = dict(itertools.islice(_answers_of("V1").items(), 12))
        _begin(cast, answers, day() - timedelta(days=2))


# ── What the legal teams did ──────────────────────────────────────────────────────────────────────────────


def _walk(cast: Cast, plan: Mapping[str, Any], file_id: UUID) -> None:
    lead = LEADS[plan["at"]]
    held = cast.keys_of(lead)
    reached = STAGES.index(plan["until"])
    acts = {1: _assess, 2: _decide, 3: _place, 5: _prepare, 6: _correct, 7: _sign, 8: _file}
    with cast.at_work(lead) as by:
        file = casefiles.file_for(file_id)
        opened = casefiles.OpenFile(held, file, "screening", day())
        for stage, act in acts.items():
            if (
                stage <= reached
                and not (plan["until"] == "clinic" and stage == 3)
                and not _skips(plan, stage)
            ):
                act(opened, by)
        if plan["until"] == "clinic":
            day_ = cast.clinic_days["today" if plan.get("today") else plan["at"]]
            starts_at = _first_free(day_)
            clinic.book(file=file, day=day_, starts_at=starts_at, by=by, on=day())


def _skips(plan: Mapping[str, Any], stage: int) -> bool:
    return stage == STAGES.index("corrected") and plan["until"] != "corrected"


def _first_free(clinic_day: Any) -> time:
    from jornada.placement import selectors

    return selectors.free_times(clinic_day)[0][0]


def _assess(opened: casefiles.OpenFile, by: Any) -> None:
    triage.assess(opened=opened, by=by)


def _decide(opened: casefiles.OpenFile, by: Any) -> None:
    assessment = triage_selectors.newest_assessment(opened.file.pk)
    proposal = triage_selectors.read_assessment(opened, assessment).proposal
    triage.decide(
        opened=opened, assessment=assessment, decided=proposal, reason="As the rules propose.", by=by
    )


def _place(opened: casefiles.OpenFile, by: Any) -> None:
    referral.place(file=opened.file, advocate=by, scope="full", by=by, on=day())


def _prepare(opened: casefiles.OpenFile, by: Any) -> None:
    own = told()["choices"] if opened.file.pack == PACK else told()["kitchen"]["choices"]
    choices = {**preparation.first_choices(opened, by), **own}
    preparation.prepare(opened=opened, choices=choices, newest=0, by=by)


def _newest(opened: casefiles.OpenFile) -> Any:
    from jornada.packets import selectors

    return selectors.newest(opened.file.pk)


def _correct(opened: casefiles.OpenFile, by: Any) -> None:
    review.begin(opened=opened, revision=_newest(opened), by=by)
    review.correct(
        opened=opened,
        revision=_newest(opened),
        question="Q02",
        note="The last day at the plant is not clear.",
        by=by,
    )


def _sign(opened: casefiles.OpenFile, by: Any) -> None:
    review.begin(opened=opened, revision=_newest(opened), by=by)
    review.sign_off(opened=opened, revision=_newest(opened), by=by, stepped_up_at=_moment())


def _file(opened: casefiles.OpenFile, by: Any) -> None:
    filed = filing.file(
        opened=opened, revision=_newest(opened), filed_on=day(), method="courier", sent_to="as the packet says",
        tracking_number="SAMPLE-0001", by=by,
        reason_all_the_same="Sample: the attorney explained the risk and the worker chose to file.",
    )  # fmt: skip
    if opened.file.pack == PACK:
        filing.receive(
            opened=opened,
            filing=filed,
            kind="receipt",
            received_on=day(),
            number="SAMPLE0000001",
            note="",
            by=by,
        )
    else:
        tracking.record_payment(
            opened=opened,
            paid_on=day(),
            amount=Decimal("1500.00"),
            note="First check, after the letter",
            by=by,
        )


def _moment() -> datetime:
    return timezone.now()


def _matched(cast: Cast) -> None:
    """A run of the matcher at each legal provider, so that proposals and their reasons can be read.

    First each says what it takes from others in a week, and which harder cases it expects.
    """
    for place, terms in told()["terms"].items():
        with cast.at_work(LEADS[place]) as by:
            partners.set_terms(by=by, on=day(), **terms)
    for cases in told()["expected"]:
        with cast.at_work(LEADS[cases["at"]]) as by:
            first, last = (day() + timedelta(days=cases[key]) for key in ("from_day", "to_day"))
            said = {name: cases[name] for name in ("title", "scope", "level", "languages", "place", "mean")}
            partners.expect(by=by, first_on=first, last_on=last, **said)
    for lead in LEADS.values():
        with cast.at_work(lead) as by:
            matching.run(files=casefiles.all_files(), on=day(), by=by)


def _referred(cast: Cast, files: list[UUID]) -> None:
    """Two files offered to another provider: one is asked back about, one waits."""
    otto = cast.members["otto"]
    with cast.at_work("marta") as by:
        decided = [
            one for one in casefiles.all_files() if triage_selectors.decision_in_force(one.pk) is not None
        ][:2]
        to = coalition.provider(otto.provider_id)
        made = [
            referrals.offer(file=file, to=to, note="Works nights; call after two.", by=by, on=day())
            for file in decided
        ]
    with cast.at_work("otto") as by:
        referrals.ask(referral=made[0], question="documents", by=by, on=day())


# ── The capacity plan ─────────────────────────────────────────────────────────────────────────────────────


def _planned(cast: Cast) -> None:
    """A scenario that the coalition shares, a finished run of it, and an initiative with its first step done."""
    said = told()["plan"]
    with cast.at_work("marta") as by:
        record = scenarios.copy(named=said["copy_of"], title=said["title"], by=by, on=day())
        scenarios.set_number(record=record, **said["number"], by=by, on=day())
        scenarios.share(record=record, shared=True)
        run = plan_runs.ask(record=record, asked=said["run"], by=by)
    plan_tasks.work_out(provider=str(run.provider_id), run=str(run.pk))
    with cast.at_work("marta") as by:
        chosen = initiatives.Chosen(
            **{**said["initiative"], "serves_from": date.fromisoformat(said["serves_from"])}
        )
        begun = initiatives.begin(record=record, chosen=chosen, owner=by, by=by, on=day())
        initiatives.note(initiative=begun, kind="document_in", about=said["document"], on=day(), by=by)
