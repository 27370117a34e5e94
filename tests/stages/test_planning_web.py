"""Capacity plans in the hub: scenarios copied and changed, runs in the background, initiatives that bear fruit."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from jornada.coalition import selectors as coalition
from jornada.gateways import planfiles
from jornada.gateways.today import today
from jornada.planning import asking, initiatives, papers, scenarios, selectors, shown, tasks
from jornada.planning.asking import CannotRun
from jornada.planning.models import Scenario, ScenarioRun
from jornada.planning.scenarios import CannotChange
from jornada.vault import tenancy
from tests.stages.staff import Enlist, Person

pytest_plugins = ["tests.stages.coalition_cast"]
pytestmark = pytest.mark.django_db

QUICK = {"seconds": 8, "replications": 60, "gap": 0.01}
PLANS = "/staff/plans/"


@pytest.fixture
def lena(enlist: Enlist) -> Person:
    """The legal lead of Riverbend, who plans."""
    person = enlist("Lena", "legal_supervisor")
    person.signs_in()
    return person


def at_work(person: Person) -> Any:
    return tenancy.as_provider(person.member.provider_id, person.member.pk, person.member.user_id)


def copied(lena: Person, named: str = "small", title: str = "Our plant") -> Scenario:
    with at_work(lena):
        return scenarios.copy(named=named, title=title, by=lena.member, on=today())


def address(record: Scenario, page: str = "") -> str:
    return f"{PLANS}{record.pk}/{page}"


def history(lena: Person, record: Scenario) -> list[Any]:
    with at_work(lena):
        return list(selectors.revisions(record))


def worked_out(lena: Person, record: Scenario, charts: bool = False, **asked: Any) -> ScenarioRun:
    """A run from asking to its end, as the worker does it; drawing is left out where nobody looks."""
    with at_work(lena):
        run = asking.ask(record=record, asked={**QUICK, **asked}, by=lena.member)
    undrawn = nullcontext() if charts else patch("jornada.gateways.plantold.pictures", return_value=[])
    with undrawn:
        tasks.work_out(provider=str(run.provider_id), run=str(run.pk))
    with at_work(lena):
        found = selectors.run(run.pk)
    assert found is not None
    return found


# ── Scenarios ─────────────────────────────────────────────────────────────────────────────────────────────


def test_lena_copies_a_scenario_that_ships_and_reads_it_as_the_guides_two_charts(lena: Person) -> None:
    answer = lena.client.post(f"{PLANS}copy", {"named": "metro", "title": "Our metro"})
    page = lena.reads(answer.headers["Location"])

    assert "Chart 1: delivery models" in page
    assert "Chart 2: strategies" in page
    assert "Equal Justice Works fellowship" in page
    assert "due September 17, starts September 1 of the next year" in page
    assert "8 / 14 / 22 cases per FTE-month" in page


def test_a_number_is_overwritten_in_its_place_with_who_and_why_and_what_stood_there_is_kept(
    lena: Person,
) -> None:
    record = copied(lena)
    assert "low / middle / high" in lena.reads(address(record) + "?edit=work.attorney_cases")

    lena.client.post(
        address(record, "number"),
        {
            "name": "work.attorney_cases",
            "written": "6 / 11 / 18 cases per FTE-month",
            "why": "our time study",
        },
    )

    page = lena.reads(address(record))
    assert "6 / 11 / 18 cases per FTE-month" in page
    assert "was 8 / 14 / 22 cases per FTE-month" in page
    assert "Riverbend Legal Aid, legal supervisor" in page
    assert "Lena" in lena.reads(address(record, "history"))
    newest = history(lena, record)[0]
    assert (newest.was, newest.now, newest.why) == (
        "8 / 14 / 22 cases per FTE-month", "6 / 11 / 18 cases per FTE-month", "our time study",
    )  # fmt: skip
    assert "our time study" in lena.reads(address(record, "history"))


def test_a_number_goes_back_to_the_packs(lena: Person) -> None:
    record = copied(lena)
    said = {"name": "pay.attorney", "written": "90000 / 95000 / 99000 USD per year", "why": "our pay scale"}
    lena.client.post(address(record, "number"), said)
    lena.client.post(address(record, "number"), {**said, "take_back": "yes", "why": "it was last year's"})

    with at_work(lena):
        figure = selectors.read(selectors.newest(record).text).figures["pay.attorney"]
    assert figure.change is None
    assert history(lena, record)[0].act == "taken_back"


@pytest.mark.parametrize(
    ("name", "written", "told"),
    [
        ("work.attorney_cases", "14 hours per month", "counted in cases per FTE-month, not in hours"),
        ("yield.show", "0.9 / 0.95 / 1.2 share", "over 1"),
        ("work.attorney_cases", "22 / 14 / 8 cases per FTE-month", "Sort the three numbers"),
        ("pay.attorney", "-5 USD per year", "negative"),
        ("pay.attorney", "a lot", "is no figure"),
        ("demand.takeup", "0.3 / 0.4 / 0.5 share", "says its own number"),
    ],
)
def test_a_number_that_cannot_be_is_told_in_words_and_what_was_typed_stays(
    lena: Person, name: str, written: str, told: str
) -> None:
    record = copied(lena)
    answer = lena.client.post(address(record, "number"), {"name": name, "written": written, "why": "a slip"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert f'value="{written}"' in page
    assert len(history(lena, record)) == 1


def test_money_staff_and_places_are_changed_where_they_stand(lena: Person) -> None:
    record = copied(lena)
    lena.client.post(
        address(record, "value"),
        {"where": "funds/0/grants/0/amount", "written": "55000 USD", "why": "the board gave more"},
    )

    with at_work(lena):
        scenario = selectors.read(selectors.newest(record).text)
    assert scenario.figures["funds.program.1"].mid == 55000
    assert "55000 USD" in lena.reads(address(record, "values"))


@pytest.mark.parametrize(
    ("where", "written", "told"),
    [
        ("funds/0/grants/0/amount", "-40000 USD", "negative"),
        ("regions/0/members/0/has/accredited_time", "160 hours per month", "Divide the hours"),
        ("months", "200", "whole number from 1 to 120"),
        ("regions/0/worksites/0/covered", "many", "is no figure"),
        ("aims/targets/0/share", "1.4 share", "over 1"),
    ],
)
def test_a_value_that_cannot_be_names_its_line_and_mend_and_changes_nothing(
    lena: Person, where: str, written: str, told: str
) -> None:
    record = copied(lena)
    answer = lena.client.post(address(record, "value"), {"where": where, "written": written, "why": "a slip"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line " in page
    assert told in page
    assert f'value="{written}"' in page
    assert len(history(lena, record)) == 1


def test_a_text_with_slips_is_kept_with_each_by_its_line_and_runs_take_the_last_whole_one(
    lena: Person,
) -> None:
    record = copied(lena)
    with at_work(lena):
        text = selectors.newest(record).text
    broken = text.replace("months: 36", "months: 3600").replace("share: 85 percent", "share: 185 percent")
    lena.client.post(address(record, "save"), {"text": broken, "why": "trying", "since": 1})

    page = lena.reads(address(record, "text"))
    assert "2 to mend" in page
    assert "3600 is not a whole number" in page
    assert "months: 3600" in page
    assert "Runs take revision 1" in page


def test_two_who_write_the_text_at_once_lose_nothing(lena: Person) -> None:
    record = copied(lena)
    with at_work(lena):
        text = selectors.newest(record).text
    lena.client.post(address(record, "save"), {"text": text + "\n# hers\n", "why": "first", "since": 1})
    answer = lena.client.post(
        address(record, "save"), {"text": text + "\n# mine\n", "why": "second", "since": 1}
    )

    assert answer.status_code == 422
    assert "Somebody saved revision 2" in answer.content.decode()
    assert "# mine" in answer.content.decode()
    assert len(history(lena, record)) == 2


def test_a_file_goes_out_and_comes_in_again(lena: Person) -> None:
    record = copied(lena, "metro")
    out = lena.client.get(address(record, "scenario.yaml"))
    file = SimpleUploadedFile("ours.yaml", out.content)
    answer = lena.client.post(f"{PLANS}upload", {"file": file, "upload_title": ""})

    assert "ours" in lena.reads(answer.headers["Location"])
    with at_work(lena):
        assert {one.title for one in selectors.scenarios()} == {"Our plant", "ours"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x" * (300 * 1024), "is it another file"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_in_words(lena: Person, data: bytes, told: str) -> None:
    answer = lena.client.post(f"{PLANS}upload", {"file": SimpleUploadedFile("x.yaml", data)})

    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_a_file_with_slips_is_kept_and_shown_with_its_lines(lena: Person) -> None:
    text = planfiles.file_of("small").read_text().replace("covered: 120", "covered: -3")
    file = SimpleUploadedFile("ours.yaml", text.encode())
    answer = lena.client.post(f"{PLANS}upload", {"file": file})
    page = lena.reads(answer.headers["Location"])

    assert "to mend" in page
    assert "negative" in page
    assert "covered: -3" in page


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("- {id: poultry_plant, covered: 120, month: 1, sector: poultry}", "[]", "nobody asks for help in plant_town"),
        ('start: "2026-12-01"', 'start: "2034-12-01"', "holds_until"),
        ("months: 1, amount: 40000 USD", "months: 1, amount: -40000 USD", "negative"),
        ("is: 0.16 share", "is: 1.6 share", "over 1"),
        ("attorney_time: 0.05 FTE", "attorney_time: 40 hours per week", "FTE"),
    ],
)  # fmt: skip
def test_each_slip_of_a_scenario_is_told_with_its_line(
    lena: Person, before: str, after: str, told: str
) -> None:
    text = planfiles.file_of("small").read_text()
    assert before in text
    with at_work(lena):
        faults = scenarios.faults_of(text.replace(before, after))

    assert any(told in f"{one['problem']} {one['mend']}" for one in faults), faults
    assert all(one["line"] > 1 for one in faults)


def test_a_strategy_that_can_never_have_what_it_needs_is_told(lena: Person) -> None:
    text = planfiles.file_of("small").read_text().replace("recognised_places: 1, ", "")
    text = text.replace("not_used: [", "not_used: [ra_new_org, ")  # nobody may become recognized either
    text = text.replace("  by_hand:\n", "  by_hand:\n    - {strategy: ra_new_rep, months: 3}\n")
    file = SimpleUploadedFile("ours.yaml", text.encode())
    page = lena.reads(lena.client.post(f"{PLANS}upload", {"file": file}).headers["Location"])

    assert "needs recognised_places, and plant_town can never have it" in page


def test_only_leads_change_and_another_organization_reads_only_what_is_shared(
    lena: Person, dana: Person, sun_coast: Any, enlist: Enlist
) -> None:
    record = copied(lena)
    olga = enlist("Olga", "organiser", at=sun_coast)
    dana.signs_in(), olga.signs_in()

    assert "Chart 2" in dana.reads(address(record))
    assert dana.client.post(address(record, "number"), {"name": "pay.attorney"}).status_code == 404
    assert olga.client.get(address(record)).status_code == 404

    lena.client.post(address(record, "share"), {"shared": "yes"})
    assert "Our plant" in olga.reads(PLANS)
    assert "Chart 2" in olga.reads(address(record))
    said = {"name": "pay.attorney", "written": "1 USD per year", "why": "mischief"}
    assert olga.client.post(address(record, "number"), said).status_code == 404
    assert olga.client.post(address(record, "value"), {**said, "where": "months"}).status_code == 404

    lena.client.post(address(record, "share"), {"shared": "no"})
    assert olga.client.get(address(record)).status_code == 404


def test_what_must_happen_to_have_two_fellows_by_a_day(lena: Person) -> None:
    record = copied(lena)
    page = lena.reads(address(record) + "?strategy=fellowship_ejw&wanted=2&by=2028-09-30")

    assert "To have 2 of “Equal Justice Works fellowship” at work by September 2028" in page
    assert "Applications open" in page
    assert "Sep 17, 2027" in page


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_finds_a_plan_with_its_proof_and_shows_it_with_every_chart_and_table(lena: Person) -> None:
    record = copied(lena)
    run = worked_out(lena, record, charts=True)

    assert run.state == "done", run.fault
    assert run.proof["gap"] <= 0.01
    assert run.best
    assert run.fingerprint
    page = lena.reads(f"{PLANS}runs/{run.pk}/")
    assert "To decide now" in page
    charts = re.findall(r'<img src="([^"]+)"', page)
    assert len(charts) == 8  # seven of the run, and planned against real
    for chart in charts:
        assert lena.client.get(chart).content.startswith(b"<svg")
    assert "The binding limit in months" in page
    assert "People served" in page
    assert "breaks often" in page or "holds" in page
    spanish = lena.reads(f"{PLANS}runs/{run.pk}/?language=es")
    assert "El límite en los meses" in spanish
    assert (
        "Qué empezar y cuándo" in lena.client.get(f"{charts[0].split('?')[0]}?language=es").content.decode()
    )
    assert len(page.encode()) < 80_000
    assert len(lena.reads(address(record)).encode()) < 92_000


def test_the_same_seed_finds_the_same(lena: Person) -> None:
    record = copied(lena)
    first, second = (worked_out(lena, record, seed=7) for _ in range(2))

    assert first.figures["judged"]["by_hand"] == second.figures["judged"]["by_hand"]


def test_a_second_run_begins_from_the_plan_before_an_edit(lena: Person) -> None:
    record = copied(lena)
    first = worked_out(lena, record)
    said = {
        "name": "work.attorney_cases",
        "written": "6 / 11 / 18 cases per FTE-month",
        "why": "our time study",
    }
    lena.client.post(address(record, "number"), said)
    second = worked_out(lena, record)

    assert second.began_from_id == first.pk
    assert second.state == "done"
    assert second.revision.number == 2


def test_one_run_of_a_scenario_at_a_time_and_none_of_a_broken_one(lena: Person) -> None:
    record = copied(lena)
    with at_work(lena):
        asking.ask(record=record, asked=QUICK, by=lena.member)
        with pytest.raises(CannotRun, match="at work"):
            asking.ask(record=record, asked=QUICK, by=lena.member)
        broken = scenarios.begin(
            title="Broken", text="months: 3", origin="a file", act="uploaded", by=lena.member, on=today()
        )
        with pytest.raises(CannotRun, match="slips"):
            asking.ask(record=broken, asked=QUICK, by=lena.member)


def test_a_run_that_waits_is_stopped_at_once(lena: Person) -> None:
    record = copied(lena)
    with at_work(lena):
        run = asking.ask(record=record, asked=QUICK, by=lena.member)
    assert "Waits for the worker" in lena.reads(f"{PLANS}runs/{run.pk}/")
    lena.client.post(f"{PLANS}runs/{run.pk}/stop")

    assert tasks.work_out(provider=str(run.provider_id), run=str(run.pk)) == "stopped"
    assert "Stopped before it had found anything" in lena.reads(f"{PLANS}runs/{run.pk}/")


def test_a_run_that_is_stopped_keeps_and_judges_what_it_found(lena: Person) -> None:
    record = copied(lena)

    def stopping(self: tasks.Hearing, progress: Any) -> None:
        kept(self, progress)
        with tenancy.as_provider(self.record.provider_id):
            found = selectors.run(self.record.pk)
            assert found is not None
            asking.ask_to_stop(found)

    kept = tasks.Hearing.better
    with patch.object(tasks.Hearing, "better", stopping):
        run = worked_out(lena, record, gap=0.0, seconds=30)

    assert run.state == "stopped"
    assert run.best
    page = lena.reads(f"{PLANS}runs/{run.pk}/")
    assert "stopped early" in page
    assert "optimised" in run.figures["judged"]


def test_a_run_whose_worker_died_is_gone_on_with_from_its_best_plan(lena: Person) -> None:
    record = copied(lena)
    with at_work(lena):
        run = asking.ask(record=record, asked=QUICK, by=lena.member)
        best = [{"strategy": "clinic_day_small", "place": "plant_town", "month": 2, "units": 1}]
        long_ago = datetime.now(UTC) - timedelta(minutes=10)
        ScenarioRun.objects.filter(pk=run.pk).update(
            state="running", begun_at=long_ago, heard_at=long_ago, best=best, stage="searching"
        )
    assert "its worker has stopped" in lena.reads(f"{PLANS}runs/{run.pk}/")
    answer = lena.client.post(f"{PLANS}runs/{run.pk}/go-on")

    with at_work(lena):
        second = selectors.runs(record)[0]
        assert str(second.pk) in answer.headers["Location"]
        assert (second.began_from_id, second.best) == (run.pk, best)
        first = selectors.run(run.pk)
    assert first is not None
    assert first.state == "failed"


def test_a_run_that_fails_says_so_and_keeps_the_best_plan(lena: Person) -> None:
    record = copied(lena)
    with patch("jornada.gateways.planruns.work", side_effect=MemoryError), pytest.raises(MemoryError):
        worked_out(lena, record)

    with at_work(lena):
        run = selectors.runs(record)[0]
    assert run.state == "failed"
    assert "fewer simulated runs" in lena.reads(f"{PLANS}runs/{run.pk}/")


def test_a_target_out_of_reach_is_told_with_what_would_mend_it(lena: Person) -> None:
    record = copied(lena)
    lena.client.post(
        address(record, "value"),
        {"where": "aims/targets/0/share", "written": "99 percent", "why": "the board asks"},
    )
    lena.client.post(
        address(record, "value"),
        {"where": "aims/targets/0/by_month", "written": "3", "why": "the board asks"},
    )
    run = worked_out(lena, record)

    page = lena.reads(f"{PLANS}runs/{run.pk}/")
    assert "cannot be met" in page
    assert "a target of" in page


def test_bad_wishes_for_a_run_are_told(lena: Person) -> None:
    record = copied(lena)
    said = {"seconds": 0, "gap": 1, "caution": "0.5", "replications": 9, "seed": 1, "shock": "closing"}
    answer = lena.client.post(address(record, "ask"), said)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say in which month it begins" in page
    assert "greater than or equal to 10" in page


def test_two_plans_stand_side_by_side_with_their_difference_under_the_same_luck(lena: Person) -> None:
    record = copied(lena)
    run = worked_out(lena, record)
    page = lena.reads(f"{PLANS}compare?left={run.pk}:by_hand&right={run.pk}:optimised")

    charts = re.findall(r'<img src="([^"]+)"', page)
    assert len(charts) == 3
    for chart in charts:
        drawn = lena.client.get(chart.replace("&amp;", "&"))
        assert drawn.content.startswith(b"<svg"), drawn.content
    assert lena.client.get(f"{PLANS}compare/share.svg?left=nonsense").status_code == 400
    assert "is ahead in" in page
    assert "Somebody else" not in page
    assert "Compare" in lena.reads(f"{PLANS}compare?left=nonsense&right={run.pk}:nothing")


def test_the_board_paper_is_a_tagged_pdf_in_either_language_and_the_tables_open_as_a_spreadsheet(
    lena: Person,
) -> None:
    record = copied(lena)
    run = worked_out(lena, record, charts=True)
    for language, word in (("en", "To decide now"), ("es", "Por decidir ahora")):
        answer = lena.client.get(f"{PLANS}runs/{run.pk}/board-paper.pdf?language={language}")
        assert answer.content.startswith(b"%PDF")
        assert word in text_of(answer.content)
    book = load_workbook(io.BytesIO(lena.client.get(f"{PLANS}runs/{run.pk}/tables.xlsx").content))
    assert {"plan", "regions", "ways", "breaks", "hangs_on", "numbers", "limits"} <= set(book.sheetnames)
    assert book["numbers"].max_row > 150


def text_of(pdf: bytes) -> str:
    import pypdfium2

    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).replace(
        "\r\n", " "
    )


def test_both_languages_of_the_board_paper_have_the_same_words() -> None:
    assert papers.words("en").keys() == papers.words("es").keys()


# ── From plan to work ─────────────────────────────────────────────────────────────────────────────────────


def begun(
    lena: Person, record: Scenario, strategy: str, serves_from: date, units: int = 1
) -> initiatives.Initiative:
    with at_work(lena):
        chosen = initiatives.Chosen(strategy, "plant_town", units, serves_from)
        return initiatives.begin(record=record, chosen=chosen, owner=lena.member, by=lena.member, on=today())


def test_a_decision_of_the_plan_becomes_an_initiative_with_steps_counted_back(lena: Person) -> None:
    record = copied(lena)
    run = worked_out(lena, record)
    answer = lena.client.post(f"{PLANS}runs/{run.pk}/begin/0", {"owner": str(lena.member.pk)})
    page = lena.reads(answer.headers["Location"])

    assert "Steps, counted back" in page
    assert "Documents that must lie ready" in page
    assert "Lena" in page
    assert "Being carried out" in lena.reads(f"{PLANS}runs/{run.pk}/")


def test_a_fellowship_is_back_planned_on_its_cycle_and_starts_only_then(lena: Person) -> None:
    record = copied(lena)
    with pytest.raises(initiatives.CannotBegin, match="starts on September 1"):
        begun(lena, record, "fellowship_ejw", date(2028, 10, 1))
    made = begun(lena, record, "fellowship_ejw", date(2028, 9, 1), units=7)

    page = lena.reads(f"{PLANS}initiatives/{made.pk}/")
    assert "Sep 17, 2027" in page
    assert "Project and candidate found" in page
    assert "Letter of the host" in page
    assert made.serves_until == date(2030, 9, 1)
    assert made.decide_by < date(2027, 7, 1)


def test_a_new_recognized_organization_needs_its_eoir_forms(lena: Person) -> None:
    made = begun(lena, copied(lena), "ra_new_org", date(2028, 6, 1))
    page = lena.reads(f"{PLANS}initiatives/{made.pk}/")

    assert "Form EOIR-31 (recognition)" in page
    assert "EOIR decides" in page


def test_a_law_clinic_begins_with_a_term(lena: Person) -> None:
    with pytest.raises(initiatives.CannotBegin, match="January, September only"):
        begun(lena, copied(lena), "law_clinic_docket", date(2027, 6, 1))


def test_a_day_past_the_calendars_is_refused_with_what_to_do(lena: Person) -> None:
    with pytest.raises(initiatives.CannotBegin, match="kept until 2033-12-31"):
        begun(lena, copied(lena), "fellowship_ejw", date(2040, 9, 1))


def test_steps_documents_and_owners_are_noted_once_with_who(lena: Person, dana: Person) -> None:
    made = begun(lena, copied(lena), "hire_attorney", today() + timedelta(days=150))
    with at_work(lena):
        step = selectors.standing(made).steps[0][0]
    note = {"kind": "step_done", "about": str(step.pk), "happened_on": today().isoformat()}
    where = f"{PLANS}initiatives/{made.pk}/"
    assert lena.client.post(f"{where}note", note).status_code == 302
    again = lena.client.post(f"{where}note", note)
    assert again.status_code == 422
    assert "noted already" in again.content.decode()
    lena.client.post(f"{where}note", {**note, "kind": "owner", "about": str(dana.member.pk)})
    ahead = lena.client.post(
        f"{where}note", {**note, "kind": "document_in", "about": "job_notice", "happened_on": "2099-01-01"}
    )

    assert "still to come" in ahead.content.decode()
    page = lena.reads(where)
    assert "Step done: Money is there" in page
    assert "Owner is now Dana" in page


def test_what_is_due_soon_or_late_stands_on_the_first_page(lena: Person) -> None:
    made = begun(lena, copied(lena), "hire_attorney", today() + timedelta(days=100))
    assert "Due within a month" in lena.reads(PLANS)
    assert "Money is there" in lena.reads(PLANS)
    with at_work(lena):
        initiatives.note(initiative=made, kind="dropped", on=today(), by=lena.member, said="no money")
    assert "Due within a month" not in lena.reads(PLANS)


def test_an_initiative_is_dropped_with_a_reason_and_taken_up_again(lena: Person) -> None:
    made = begun(lena, copied(lena), "hire_attorney", today() + timedelta(days=150))
    where = f"{PLANS}initiatives/{made.pk}/"
    dropped = {"kind": "dropped", "happened_on": today().isoformat()}
    assert "Say in a few words why" in lena.client.post(f"{where}note", dropped).content.decode()
    lena.client.post(f"{where}note", {**dropped, "said": "no money this year"})
    assert "dropped" in lena.reads(where)
    lena.client.post(f"{where}note", {**dropped, "kind": "taken_up"})
    assert "under way" in lena.reads(where)


def test_a_fellow_who_starts_adds_capacity_from_that_day_with_a_ramp_until_the_term_ends(
    lena: Person, enlist: Enlist
) -> None:
    record = copied(lena)
    made = begun(lena, record, "fellowship_ejw", date(2028, 9, 1))
    fay = enlist("Fay", "attorney")
    said = {"member": str(fay.member.pk), "files": "20", "from_day": "2028-09-01"}
    assert lena.client.post(f"{PLANS}initiatives/{made.pk}/fruit", said).status_code == 302

    def carried(day: date) -> int:
        with at_work(lena):
            return sum(
                one.files_at_once for one in coalition.capacities_on(day) if one.member_id == fay.member.pk
            )

    assert carried(date(2028, 8, 31)) == 0
    assert carried(date(2028, 9, 1)) == 13  # 65 of a hundred in the first year
    assert carried(date(2029, 9, 1)) == 20
    assert carried(date(2030, 9, 2)) == 0
    page = lena.reads(address(record, "initiatives"))
    assert "bears fruit" in page
    assert "Sep 1, 2028" in page
    again = lena.client.post(f"{PLANS}initiatives/{made.pk}/fruit", said)
    assert "bears fruit already" in again.content.decode()


def test_what_a_supervisor_carries_already_stays_underneath(lena: Person) -> None:
    from jornada.coalition import services

    with at_work(lena):
        services.set_capacity(
            by=lena.member, member=lena.member, starts_on=date(2027, 1, 1), files_at_once=6, full_scope=True
        )
    made = begun(lena, copied(lena), "law_clinic_docket", date(2027, 9, 1))
    with at_work(lena):
        initiatives.add_capacity(
            initiative=made, member=lena.member, files=10, from_day=date(2027, 9, 1), by=lena.member
        )
        found = [one.files_at_once for one in coalition.capacities_on(date(2027, 9, 1))]

    assert found == [16]


def test_a_clinic_day_that_was_prepared_opens_for_booking(lena: Person) -> None:
    from jornada.placement import selectors as placement

    made = begun(lena, copied(lena), "clinic_day_small", today() + timedelta(days=80))
    page = lena.reads(f"{PLANS}initiatives/{made.pk}/fruit")
    assert "opens for booking" in page
    with at_work(lena):
        said = {
            "name": "Spring clinic", "held_on": made.serves_from, "place": "Parish hall", "opens_at": time(9),
            "closes_at": time(14), "minutes_each": 60, "seats": 4, "languages": ["es"],
            "supervised_by": lena.member,
        }  # fmt: skip
        added = initiatives.add_clinic_day(initiative=made, said=said, by=lena.member)
        days = [day.name for day in placement.clinic_days(today())]

    assert added.amount == 20
    assert days == ["Spring clinic"]


def test_what_carries_no_files_only_says_since_when_it_works(lena: Person) -> None:
    made = begun(lena, copied(lena), "consulate", today())
    lena.client.post(f"{PLANS}initiatives/{made.pk}/fruit", {"from_day": today().isoformat()})

    assert "bears fruit" in lena.reads(f"{PLANS}initiatives/{made.pk}/")


def test_planned_and_real_stand_beside_each_other(lena: Person) -> None:
    record = copied(lena)
    run = worked_out(lena, record)
    assert "People served: planned and real" in lena.reads(f"{PLANS}runs/{run.pk}/")
    page = lena.reads(address(record, "initiatives"))

    assert "People served: planned and real" in page
    chart = lena.client.get(f"{PLANS}runs/{run.pk}/charts/planned-and-real.svg")
    assert chart.content.startswith(b"<svg")
    assert "in fact" in chart.content.decode()
    assert "The plan begins later" in page or "Nov 2026" in page or "Dec 2026" in page


def test_people_served_so_far_add_up_by_month() -> None:
    filed = {date(2026, 12, 1): 3, date(2027, 2, 1): 4, date(2026, 11, 1): 9}

    assert shown.served_so_far(filed, date(2026, 12, 1), 36, date(2027, 2, 15)) == [3, 3, 7]
    assert shown.served_so_far(filed, date(2026, 12, 1), 36, date(2026, 11, 15)) == []


# ── From the hub's records ────────────────────────────────────────────────────────────────────────────────


def test_nobody_on_record_is_told(lena: Person) -> None:
    answer = lena.client.post(f"{PLANS}draw", {"draft_title": "Ours"})

    assert answer.status_code == 422
    assert "Nobody is on record yet" in answer.content.decode()


def test_the_planning_pages_load_without_any_scenario(lena: Person) -> None:
    page = lena.reads(PLANS)

    assert "No scenario yet" in page
    assert "closed" in page
    assert "Capacity plan" in lena.reads("/staff/team/")


def test_nobody_changes_what_is_not_there(lena: Person) -> None:
    record = copied(lena)
    with at_work(lena):
        with pytest.raises(CannotChange, match="no number"):
            scenarios.set_number(
                record=record, name="nothing", written="1", why="x", by=lena.member, on=today()
            )
        with pytest.raises(CannotChange, match="Change it in the text"):
            scenarios.set_value(
                record=record, where="regions/9", written="1", why="x", by=lena.member, on=today()
            )
        with pytest.raises(CannotChange, match="ships"):
            scenarios.copy(named=str(Path("/etc/passwd")), title="x", by=lena.member, on=today())


@pytest.mark.parametrize("named", ["metro", "national"])
def test_pages_of_large_scenarios_stay_light_enough(lena: Person, named: str) -> None:
    record = copied(lena, named)

    for page in ("", "values", "text"):
        assert len(lena.reads(address(record, page)).encode()) < 92_000, page


def test_of_very_many_values_one_part_is_shown_at_a_time(lena: Person) -> None:
    record = copied(lena, "national")
    page = lena.reads(address(record, "values"))
    parts = re.findall(r'href="\?part=([^"]+)"', page)
    assert len(parts) > 10
    assert "Places and people" in lena.reads(address(record, f"values?part={parts[4]}"))
    with at_work(lena):
        where = next(
            row["where"]
            for name, rows in shown.own_values(selectors.newest(record).text, None)
            for row in rows
            if name.startswith("Places") and row["where"].startswith("regions/7/has")
        )
    assert 'name="written"' in lena.reads(address(record, f"values?edit={where}"))
