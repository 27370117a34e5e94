"""What has happened before the security tests begin: every record of every stage, each field with a canary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from jornada.clinics import floor, preparing, tasks
from jornada.coalition import services as coalition
from jornada.coalition.models import Role
from jornada.disputes import services as disputes
from jornada.disputes.models import Cohort, Employer, Matter, Worksite
from jornada.domain import packets as packet_rules
from jornada.domain.clinic.day import Rest, Staff
from jornada.gateways import packfiles
from jornada.gateways.today import today
from jornada.intake import services as sharing
from jornada.intake.models import CaseFile
from jornada.packets import filing, preparation, review
from jornada.placement import clinic, conflicts, matching, pairs, partners, referral, referrals
from jornada.placement import selectors as placement
from jornada.planning import asking as plan_runs
from jornada.planning import initiatives, scenarios
from jornada.planning.models import RunPicture, ScenarioRun
from jornada.tracking import selectors as tracking
from jornada.tracking import services as events
from jornada.triage import casefiles, services
from jornada.triage import selectors as triage
from jornada.triage.casefiles import OpenFile
from jornada.triage.recorded import Proposed
from jornada.vault.tenancy import as_worker
from tests.people import (
    PACK,
    Canaries,
    Org,
    Person,
    Worker,
    answers_everything,
    as_superuser,
    begin,
    cheap_passwords,
    found_org,
    shares,
)

LEGAL_ROLES = [role for role in Role]
CENTER_ROLES = [Role.ORGANISER, Role.INTAKE_VOLUNTEER, Role.INTERPRETER, Role.ADMIN, Role.AUDITOR]


@dataclass
class Scene:
    """The seeded hub: people, files by what they are to Riverbend, and the records that addresses name."""

    database: str
    on: date
    canaries: Canaries
    orgs: dict[str, Org] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    files: dict[str, UUID] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Ids that addresses name, by what they are to Riverbend's members (or to Ana), then by the address's argument."""

    def at(self, org: str, role: str) -> Person:
        return self.orgs[org].by_role[role]

    @property
    def dana(self) -> Person:
        """Riverbend's attorney."""
        return self.at("riverbend", Role.ATTORNEY)


STANDING = {
    "own_assigned": "Ana", "own_unassigned": "Bashir", "grant_expired": "Chen", "grant_withdrawn": "Dalia",
    "granted": "Farah", "other_org": "Elif",
}  # fmt: skip
"""Whose file stands in which relation to the members of Riverbend."""


def seed(database: str) -> Scene:
    """Play everything up to today in this database."""
    scene = Scene(database, today(), Canaries())
    with cheap_passwords():
        for name, kind, roles in (
            ("riverbend", "legal_provider", LEGAL_ROLES),
            ("hillside", "legal_provider", LEGAL_ROLES),
            ("suncoast", "worker_center", CENTER_ROLES),
        ):
            scene.orgs[name] = found_org(scene.canaries, name, kind, roles)
        for name in scene.orgs:
            _dispute(scene, name)
        for name in (*STANDING.values(), "Gabriel"):
            _arrives(scene, name)
    _work_at(scene, "riverbend", ("Farah", "Ana", "Bashir", "Chen", "Dalia"))
    _work_at(scene, "hillside", ("Elif", "Farah"))
    _clinic_and_matches(scene)
    _referred(scene)
    _invited_and_claimed(scene)
    _planned(scene)
    _told_to_organisers(scene)
    _time_passes(scene)
    return scene


# ── Disputes ──────────────────────────────────────────────────────────────────────────────────────────────


def _dispute(scene: Scene, name: str) -> None:
    """An employer with all that hangs on it; Sun Coast shares its own with the coalition, the others keep theirs."""
    shared = name == "suncoast"
    may = scene.orgs if shared else (name,)
    word = lambda what: scene.canaries.plant(name, what, "P1", *may)
    by = scene.at(name, Role.ADMIN)
    with by.at_work():
        employer = disputes.enter(by=by.member, kind=Employer, legal_name=f"{word('legal_name')} Meats")
        site = disputes.enter(
            by=by.member,
            kind=Worksite,
            employer=employer,
            name=word("worksite"),
            city="Garden City",
            state="KS",
        )
        matter = disputes.enter(
            by=by.member, kind=Matter, employer=employer, agency=f"{word('agency')} Labor Office", agency_level="state",
            reference=word("reference"),
        )  # fmt: skip
        statement = disputes.enter_statement(
            by=by.member, matter=matter, worksites=[site.pk], issued_on=date(2025, 2, 1), period_from=date(2018, 1, 1),
            scope=word("scope"), copy_on_file=True,
        )  # fmt: skip
        here = {"employer": employer.pk, "matter": matter.pk, "statement": statement.pk, "worksite": site.pk}
        if shared:
            cohort = disputes.enter(
                by=by.member, kind=Cohort, employer=employer, worksite=site, name=word("cohort")
            )
            disputes.share(by=by.member, record=statement)
            scene.records["cohort"] = {
                "cohort": cohort.pk,
                "join_code": cohort.join_code,
                "employer": employer.legal_name,
            }
        else:
            open_one = disputes.enter(
                by=by.member, kind=Employer, legal_name=f"{_anyone(scene, name, 'open_employer')} Farms"
            )
            cohort = disputes.enter(
                by=by.member,
                kind=Cohort,
                employer=open_one,
                name=_anyone(scene, name, "open_cohort"),
                worksite=None,
            )
    scene.records[f"dispute:{name}"] = {**here, "cohort": cohort.pk}


def _anyone(scene: Scene, name: str, what: str) -> str:
    """A word for a cohort's flyer: everyone may read it."""
    return scene.canaries.plant(name, what, "P1", *scene.orgs, "riverbend", "hillside", "suncoast")


# ── Workers ───────────────────────────────────────────────────────────────────────────────────────────────


def _arrives(scene: Scene, name: str) -> None:
    """A worker answers everything and shares as the cast says."""
    orgs = {"Elif": ("hillside",), "Farah": ("riverbend", "hillside"), "Gabriel": ()}.get(
        name, ("riverbend",)
    )
    known = scene.records["cohort"]
    one = begin(name, on=scene.on, cohort_id=known["cohort"])
    job = {
        "employer": known["employer"], "worksite": scene.canaries.plant(name, "worksite_said", "P2", *orgs),
        "city": "Garden City", "state": "KS", "from": "2019-02-01", "to": "2024-06-30",
        "job_title": scene.canaries.plant(name, "job_title", "P2", *orgs),
    }  # fmt: skip
    answers_everything(scene.canaries, one, on=scene.on, orgs=orgs, jobs=[job])
    scene.workers[name] = one
    for org in orgs:
        known_to = scene.orgs.get({"Ana": "suncoast", "Bashir": "riverbend"}.get(name, ""))
        grant = shares(scene.canaries, one, scene.orgs[org], on=scene.on, organiser=known_to)
        scene.records.setdefault(f"worker:{name}", {})["grant_id"] = grant


def file_of(scene: Scene, org: str, name: str) -> CaseFile:
    """The worker's file at that provider. Inside a transaction of the provider."""
    application = scene.workers[name].session.application_id
    return next(one for one in casefiles.all_files() if one.application_id == application)


# ── The legal team's work ─────────────────────────────────────────────────────────────────────────────────


def _work_at(scene: Scene, org: str, names: tuple[str, ...]) -> None:
    by = scene.at(org, Role.ATTORNEY)
    for name in names:
        with by.at_work():
            file = file_of(scene, org, name)
            _decided(scene, by, name, OpenFile(by.opened, file, "deciding", scene.on), org)
            if org == "riverbend":
                scene.files[next(rel for rel, who in STANDING.items() if who == name)] = file.id
                opened = OpenFile(by.opened, file, "preparing", scene.on)
                preparation.prepare(
                    opened=opened, choices=choices(scene, opened, name), newest=0, by=by.member
                )
            elif name == "Elif":
                scene.files["other_org"] = file.id
            if name == "Ana":
                referral.place(file=file, advocate=by.member, scope="full", by=by.member, on=scene.on)
                _filed(scene, by, file)
                _asked_again(scene, by, file)


def _decided(scene: Scene, by: Person, name: str, opened: OpenFile, org: str) -> None:
    assessment = services.assess(opened=opened, by=by.member)
    proposal = triage.read_assessment(opened, assessment).proposal
    reason = f"Because {scene.canaries.plant(name, 'decision_reason', 'P4', org)} needs counsel."
    decided = Proposed(
        "representation", "", "extended_service", proposal.level, proposal.gates, (), proposal.tasks
    )
    services.decide(opened=opened, assessment=assessment, decided=decided, reason=reason, by=by.member)
    events.record_event(opened=opened, kind="moved", happened_on=scene.on, printed=None, by=by.member)


def choices(scene: Scene, opened: OpenFile, name: str) -> dict[str, Any]:
    """The advocate's choices for a plain packet, until the plan has no open one."""
    made = {
        **preparation.first_choices(opened, scene.dana.member), "fee_by": "card", "notify": "no",
        "preparer_kind": "none", "file_despite_gate": "yes", "permit_reason": "initial", "ssa_consent": "no",
        "in_proceedings": "no",
        "rep_restricted": "no", "notices_to_rep": "yes", "cards_to_rep": "no", "rep_bar_number": "12345",
        "rep_address": {"street": "1 Main Street", "city": "Garden City", "state": "KS", "zip": "67846"},
        "on_hand": ["soi", "scope", "identity", "entry_papers", "factors", "need", "photos"], "not_english": [],
        "rep_phone": "+1 620 555 0100", "rep_email": "dana@riverbend.example", "rep_mobile": "+1 620 555 0101",
    }  # fmt: skip
    plan = packet_rules.plan(packfiles.load(PACK), opened.answers, opened.on, made)
    assert not plan.undecided, f"the seed's packet leaves open: {plan.undecided}"
    return made


def _filed(scene: Scene, by: Person, file: CaseFile) -> None:
    """Read, signed off by the attorney, sent although the programme is shut, and received."""
    from datetime import UTC, datetime

    from jornada.packets import selectors as packets

    opened = OpenFile(by.opened, file, "reviewing", scene.on)
    revision = packets.newest(file.id)
    assert revision is not None
    review.begin(opened=opened, revision=revision, by=by.member)
    review.sign_off(opened=opened, revision=revision, by=by.member, stepped_up_at=datetime.now(UTC))
    word = lambda what: scene.canaries.plant("Ana", what, "P3", "riverbend")
    sent = filing.file(
        opened=opened, revision=revision, filed_on=scene.on, method="mail", sent_to=word("sent_to"),
        tracking_number=word("tracking_number"), by=by.member,
        reason_all_the_same=f"She asked for it herself, {word('reason_all_the_same')} knows.",
    )  # fmt: skip
    filing.receive(
        opened=opened, filing=sent, kind="receipt", received_on=scene.on, number=word("receipt_number"),
        note=word("receipt_note"), by=by.member,
    )  # fmt: skip


def _asked_again(scene: Scene, by: Person, file: CaseFile) -> None:
    """A second revision, with a question to Ana and a note to the preparer that are still open."""
    from jornada.packets import selectors as packets

    opened = OpenFile(by.opened, file, "reviewing", scene.on)
    preparation.prepare(opened=opened, choices=choices(scene, opened, "Ana"), newest=1, by=by.member)
    revision = packets.newest(file.id)
    assert revision is not None
    note = lambda: scene.canaries.plant("Ana", "correction_note", "P4", "riverbend")
    pack = packfiles.load(PACK)
    asked = next(one.id for one in pack.questions if "physical_address" in one.asks)
    to_her = review.correct(opened=opened, revision=revision, question=asked, note=note(), by=by.member)
    to_us = review.correct(opened=opened, revision=revision, question="", note=note(), by=by.member)
    due = tracking.deadlines(file.id)
    scene.records["file"] = {
        "finding": triage.read_assessment(opened, triage.newest_assessment(file.id)).findings[0].name,
        "number": 1, "item": 1, "page": 1, "correction": to_us.id, "deadline": due[0].id,
    }  # fmt: skip
    scene.records.setdefault("worker:Ana", {})["to_her"] = to_her.id
    scene.records["worker:Ana"]["file_id"] = file.id


def _clinic_and_matches(scene: Scene) -> None:
    for org in ("riverbend", "hillside"):
        by = scene.at(org, Role.ATTORNEY)
        word = lambda what: scene.canaries.plant(org, what, "P1", org)  # noqa: B023 – used at once
        with by.at_work():
            day = clinic.open_clinic_day(
                name=f"Clinic {word('clinic_name')}", held_on=scene.on + timedelta(days=9), place=word("clinic_place"),
                opens_at=time(9), closes_at=time(12), minutes_each=60, seats=2, languages=["en", "es"],
                supervised_by=by.member, by=by.member,
            )  # fmt: skip
            clinic.book(
                file=file_of(scene, org, "Farah"), day=day, starts_at=time(9), by=by.member, on=scene.on
            )
            _terms_and_expected(scene, by, word)
            matching.run(files=casefiles.all_files(), on=scene.on, by=by.member, limit_seconds=1.0)
            _decided_on_pairs(scene, by, org)
            _floor(scene, org, day)
        scene.records[f"clinic:{org}"] = {"clinic_day": day.pk}


def _floor(scene: Scene, org: str, day: Any) -> None:
    """The floor of a clinic day to come, with a timetable asked for, and a small one that is open today."""
    name = scene.canaries.plant(org, "floor_name", "P1", org)
    found = preparing.set_up(day)
    preparing.add_staff(
        found, Staff(name, "lay", 540, 720, frozenset({"en"}), (), (), None, Rest(15, 560, 700))
    )
    preparing.adopt(found, (), {name: 600})
    tasks.ask(found, "schedule")
    floor.add_screen(found, f"hall-{org}", "hall")
    scene.records[f"ticket:{org}"] = {"ticket": 1, "sheet": "persons"}
    by = scene.at(org, Role.ATTORNEY)
    open_one = clinic.open_clinic_day(
        name=f"Today {org}", held_on=scene.on, place="Hall", opens_at=time(0), closes_at=time(23, 59), minutes_each=60,
        seats=1, languages=["en"], supervised_by=by.member, by=by.member,
    )  # fmt: skip
    now = preparing.set_up(open_one)
    preparing.set_rooms(now, {"check_in": (1, 0)}, [], mailed=False)
    preparing.add_staff(now, Staff("gate", "lay", 0, 1439, frozenset({"en"})))
    preparing.open_doors(now)
    floor.say(now, "gate-1", "staff_arrived", staff="gate")


def _terms_and_expected(scene: Scene, by: Person, word: Callable[[str], str]) -> None:
    """What the provider takes from others, and cases that it expects."""
    partners.set_terms(
        by=by.member, on=scene.on, files_a_week=2, full_scope=False, languages=["en"], interpreter="", places=[],
        credentials=["attorney"], funding=[], recognized="", charges_fees="",
    )  # fmt: skip
    partners.expect(
        title=f"Expected {word('expected_title')}", scope="full", level="COMPLEX", languages=["es"],
        place=word("expected_place"), mean=2, first_on=scene.on, last_on=scene.on + timedelta(days=20), by=by.member,
    )  # fmt: skip


def _decided_on_pairs(scene: Scene, by: Person, org: str) -> None:
    """A proposal of the run rejected, and that taken back."""
    run = placement.newest_run()
    assert run is not None
    proposal = next(one for one in placement.proposals(run) if one.advocate_id or one.clinic_day_id)
    no = pairs.reject(
        proposal=proposal, reason="other", until=scene.on + timedelta(days=30),
        note=f"Because of {scene.canaries.plant(org, 'pair_note', 'P2', org)}", by=by.member, on=scene.on,
    )  # fmt: skip
    pairs.undo(decision=no, by=by.member, on=scene.on)


def _referred(scene: Scene) -> None:
    """A referral that Riverbend sent, one that it received, and one between two others."""
    offers = {"own": ("riverbend", "Ana", "hillside"), "received": ("hillside", "Elif", "riverbend"),
              "other_org": ("hillside", "Elif", "suncoast")}  # fmt: skip
    for relation, (org, name, to) in offers.items():
        by = scene.at(org, Role.ATTORNEY)
        note = scene.canaries.plant(name, f"note_{relation}", "P2", org, to)
        with by.at_work():
            made = referrals.offer(
                file=file_of(scene, org, name),
                to=scene.orgs[to].provider,
                note=note,
                by=by.member,
                on=scene.on,
            )
        scene.records[f"referral:{relation}"] = {"referral": made.pk}
        if relation == "own":
            with scene.at(to, Role.ATTORNEY).at_work():
                referrals.ask(
                    referral=made, question="deadline", by=scene.at(to, Role.ATTORNEY).member, on=scene.on
                )
    _asked_elsewhere(scene)


def _asked_elsewhere(scene: Scene) -> None:
    """For Ana: a link for an organization outside, a conflict check, money that came."""
    by = scene.dana
    with by.at_work():
        file = file_of(scene, "riverbend", "Ana")
        opened = OpenFile(by.opened, file, "deciding", scene.on)
        need = scene.canaries.plant("Ana", "outside_need", "P2", "riverbend")
        referrals.refer_outside(
            file=file, organization="Elsewhere", agreed_on=scene.on, need=need, by=by.member, on=scene.on
        )
        conflicts.check(opened=opened, others=(), by=by.member, on=scene.on)
        note = scene.canaries.plant("Ana", "payment_note", "P2", "riverbend")
        events.record_payment(opened=opened, paid_on=scene.on, amount=Decimal(100), note=note, by=by.member)


def _invited_and_claimed(scene: Scene) -> None:
    """Someone invited who has not come yet, and at each legal provider a credential that nobody has verified."""
    for org in ("riverbend", "hillside"):
        admin, student = scene.at(org, Role.ADMIN), scene.at(org, Role.STUDENT)
        with admin.at_work():
            claimed = coalition.add_credential(
                by=admin.member, member=student.member, kind="student", valid_from=scene.on,
                number=scene.canaries.plant(org, "claimed_number", "P1", org),
            )  # fmt: skip
            invited = coalition.invite(
                by=admin.member, email=f"invited@{org}.example", role=Role.INTERPRETER,
                display_name=f"Invited {scene.canaries.plant(org, 'invited_name', 'P1', org)}",
            )  # fmt: skip
        scene.records[f"credential:{org}"] = {"credential": claimed.pk}
        scene.records.setdefault("invitation", {})["token"] = invited.link.rstrip("/").rpartition("/")[2]


def _planned(scene: Scene) -> None:
    """At each organization a scenario with a finished run and an initiative; Sun Coast shares its own."""
    for org in scene.orgs:
        shared = org == "suncoast"
        may = scene.orgs if shared else (org,)
        word = lambda what, org=org, may=may: scene.canaries.plant(org, what, "P1", *may)
        by = scene.at(org, Role.ADMIN)
        with by.at_work():
            record = scenarios.copy(named="small", title=word("plan_title"), by=by.member, on=scene.on)
            scenarios.set_number(
                record=record, name="pay.attorney", written="90000 USD per year", why=word("plan_why"), by=by.member,
                on=scene.on,
            )  # fmt: skip
            scenarios.share(record=record, shared=shared)
            run = plan_runs.ask(record=record, asked={}, by=by.member)
            ScenarioRun.objects.filter(pk=run.pk).update(**_found(word("plan_result")))
            chosen = initiatives.Chosen("hire_attorney", "plant_town", 1, scene.on + timedelta(days=200))
            begun = initiatives.begin(
                record=record, chosen=chosen, owner=by.member, by=by.member, on=scene.on
            )
            initiatives.note(
                initiative=begun, kind="dropped", on=scene.on, by=by.member, said=word("plan_dropped")
            )
            initiatives.note(initiative=begun, kind="taken_up", on=scene.on, by=by.member)
            grown = initiatives.begin(
                record=record, chosen=chosen, owner=by.member, by=by.member, on=scene.on
            )
            initiatives.add_capacity(
                initiative=grown, member=by.member, files=1, from_day=chosen.serves_from, by=by.member
            )
            RunPicture.objects.create(
                provider_id=by.member.provider_id, run=run, kind="gantt", language="en",
                svg=f"<svg>{word('plan_picture')}</svg>",
            )  # fmt: skip
        scene.records[f"plan:{org}"] = {"scenario": record.pk, "run": run.pk, "initiative": begun.pk}


def _found(word: str) -> dict[str, Any]:
    """What a run has found, made up: the planner itself is tried elsewhere."""
    start = {"strategy": "hire_attorney", "place": "plant_town", "units": 1, "first_service": "2027-05-01"}
    told = {
        "supposed": word, "judgement": "", "how_good": "", "risky": "", "mends": [], "marginals": [], "results": [],
        "differences": [], "tables": {}, "names": {},
        "decisions": [{"text": word, "day": "2026-12-01", "strategy": "Hire", "starts": [0, 1], "places": ["x", "y"]}],
    }  # fmt: skip
    figures = {"plan": [start, start], "judged": {}, "changed": []}
    return {"state": "done", "told": {"en": told, "es": told}, "figures": figures}


def _told_to_organisers(scene: Scene) -> None:
    """A later word about Ana's appointment for the organisers of the worker center."""
    ana, center = scene.workers["Ana"], scene.orgs["suncoast"]
    told = {"where": scene.canaries.plant("Ana", "organiser_notice", "P2", "suncoast")}
    with as_worker(ana.session.application_id):
        sharing.tell_organiser(
            provider_id=center.provider.pk, application_id=ana.session.application_id, kind="appointment", told=told,
            bring=["papers"],
        )  # fmt: skip


def _time_passes(scene: Scene) -> None:
    """Chen's consent ends, and Dalia takes hers back."""
    from jornada.intake import visits

    dalia = scene.workers["Dalia"]
    sharing.withdraw(dalia.session, grant_id=scene.records["worker:Dalia"]["grant_id"], at=visits.now())
    with as_superuser(scene.database) as connection:
        connection.execute(
            "UPDATE vault_consentgrant SET granted_on = granted_on - 40, until = current_date - 2 WHERE id = %s",
            [scene.records["worker:Chen"]["grant_id"]],
        )


# ── Addresses ─────────────────────────────────────────────────────────────────────────────────────────────

WHOSE = {"own": "riverbend", "granted": "suncoast", "other_org": "hillside"}
"""Whose record it is that stands in this relation to the members of Riverbend; files are told by STANDING."""


def arguments(scene: Scene, relation: str) -> dict[str, Any]:
    """What addresses name, as it stands in this relation to Riverbend's members, or to Ana; her own by default."""
    whose = WHOSE.get(relation, "riverbend")
    colleague = scene.at("hillside" if relation == "other_org" else "riverbend", Role.STUDENT).member
    clinic_of = "hillside" if relation == "other_org" else "riverbend"
    return {
        "language": "en", "question_id": "P10", "number": 1, "pk": 10_000_001, "token": _invitation(scene),
        "join_code": scene.records["cohort"]["join_code"], "kind": "employers", "chart": "gantt", "measure": "share",
        "member": colleague.pk, "credential": scene.records[f"credential:{clinic_of}"]["credential"],
        **scene.records[f"dispute:{whose}"], "record": scene.records[f"dispute:{whose}"]["employer"],
        **scene.records.get(f"referral:{relation}", scene.records["referral:own"]),
        **scene.records[f"clinic:{clinic_of}"], **scene.records[f"ticket:{clinic_of}"], **scene.records["worker:Ana"],
        **scene.records[f"plan:{whose}"], **scene.records["file"],
        "file": scene.files.get(relation, scene.files["own_assigned"]),
    }  # fmt: skip


def _invitation(scene: Scene) -> str:
    return str(scene.records["invitation"]["token"])


__all__ = ["STANDING", "WHOSE", "Scene", "arguments", "file_of", "seed"]
