"""A clinic day at Riverbend: numbers instead of names, notes from several tablets, a network drop, papers, the end.

Dana is an attorney, Luis an accredited representative, Sofia a paralegal; Gus and Hana are volunteers without an
account. Ana and Bashir have appointments at nine.
"""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.db import IntegrityError, transaction
from django.test import Client

from jornada.clinics import closing, floor, preparing, selectors, sheets, shown, tasks
from jornada.clinics.floor import CannotNote, OnPaper
from jornada.clinics.models import Floor, FloorEvent, FloorRun, FloorStaff, Screen, Sitting
from jornada.clinics.preparing import CannotPrepare
from jornada.domain.clinic.day import Staff
from jornada.domain.clinic.events import Event
from jornada.gateways import letters, pdf
from jornada.gateways.today import today
from jornada.placement import clinic
from jornada.placement import selectors as placement
from jornada.placement.models import ClinicDay
from jornada.tracking import selectors as tracking
from tests.stages.casework import Team, Worker, ana, new_worker, shares, team  # noqa: F401
from tests.stages.staff import Enlist, Person, cheap_passwords, enlist, riverbend  # noqa: F401
from tests.stages.test_placement import decided

pytestmark = pytest.mark.django_db
TODAY = today()
NINE, THREE = 9 * 60, 15 * 60
STATIONS = ("check_in", "screening", "advice", "preparation", "review", "assembly", "exit")


@dataclass
class Day:
    """The clinic day with its people."""

    team: Team
    event: ClinicDay
    ana: Worker
    bashir: Worker

    @property
    def floor(self) -> Floor:
        found = selectors.floor(self.event.pk)
        assert found is not None
        return found

    def number(self, worker: Worker) -> str:
        """The number that the worker's sheet shows."""
        tickets = selectors.day_of(self.floor).tickets
        return next(str(number) for number, one in tickets.items() if one.file_id == worker.file.id)

    def spare(self) -> str:
        tickets = selectors.day_of(self.floor).tickets
        return next(str(number) for number, one in tickets.items() if one.file_id is None)

    def stands_at(self, minute: float) -> None:
        preparing.set_rehearsal_clock(self.floor, minute)

    def board(self) -> Any:
        return selectors.board(selectors.day_of(self.floor))

    def says(self, tablet: str, kind: str, **values: Any) -> None:
        floor.say(self.floor, tablet, kind, **values)

    def refuses(self, tablet: str, kind: str, **values: Any) -> str:
        """Why this note is not taken."""
        with pytest.raises(CannotNote) as refused:
            self.says(tablet, kind, **values)
        return str(refused.value)


def works(
    label: str, credential: str, *languages: str, begins: int = NINE, ends: int = THREE, **more: Any
) -> Staff:
    return Staff(label, credential, begins, ends, frozenset(languages or ("es", "en")), **more)


def clinic_day(team: Team, name: str = "Monday jornada", opens: int = 9, closes: int = 15) -> ClinicDay:
    return clinic.open_clinic_day(
        name=name, held_on=TODAY, place="School gym", opens_at=time(opens), closes_at=time(closes), minutes_each=30,
        seats=2, languages=["es"], supervised_by=team.dana.member, by=team.dana.member,
    )  # fmt: skip


@pytest.fixture
def prepared(team: Team, ana: Worker, monkeypatch: pytest.MonkeyPatch) -> Day:
    """Set up: stations, staff, a number for Ana and one for Bashir, two spare ones. The clock stands at nine."""
    monkeypatch.setenv("JORNADA_DAY", TODAY.isoformat())
    bashir = new_worker("Bashir Haddad", TODAY)
    shares(bashir, team.provider, TODAY)
    for worker in (ana, bashir):
        decided(team, worker.file, track="clinic", level="OK")
    with team.works(team.dana):
        event = clinic_day(team)
        for worker in (ana, bashir):
            clinic.book(file=worker.file, day=event, starts_at=time(9), by=team.dana.member, on=TODAY)
        found = preparing.set_up(event)
        preparing.add_staff(found, works("Dana", "attorney"), team.dana.member)
        preparing.add_staff(found, works("Luis", "accredited_partial"), team.luis.member)
        preparing.add_staff(found, works("Sofia", "paralegal", stations=("preparation",)), team.sofia.member)
        preparing.add_staff(found, works("Gus", "lay"))
        preparing.add_staff(found, works("Hana", "lay"))
        preparing.give_spare_numbers(found, 2)
        preparing.set_rehearsal_clock(found, NINE)
        return Day(team, event, ana, bashir)


@pytest.fixture
def day(prepared: Day) -> Iterator[Day]:
    """The same, with Dana at work."""
    with prepared.team.works(prepared.team.dana):
        yield prepared


@pytest.fixture
def open_day(day: Day) -> Day:
    """The doors are open and everybody of the staff has come."""
    preparing.open_doors(day.floor)
    for name in ("Dana", "Luis", "Sofia", "Gus", "Hana"):
        day.says("lead", "staff_arrived", staff=name)
    return day


def walks(day: Day, number: str, *stations: str, start: float, minutes: float = 5) -> float:
    """The worker is called and finished at each of these stations; when the last one ends."""
    who = {"screening": "Dana", "advice": "Luis", "preparation": "Sofia", "review": "Dana"}
    for station in stations:
        day.stands_at(start)
        day.says(f"{station}-1", "called", worker=number, station=station, staff=who.get(station, "Gus"))
        start += minutes
        day.stands_at(start - 0.5)
        day.says(f"{station}-1", "finished", worker=number, station=station)
    return start


# ── Before the day ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_printed_sheet_has_a_number_and_a_random_square_and_no_name(day: Day) -> None:
    of = selectors.day_of(day.floor)
    ticket = of.tickets[int(day.number(day.ana))]
    made = letters.compose("clinic_persons", "en", sheets.person_sheets(of, [ticket]))
    text = " ".join(pdf.inspect(made).text)
    assert str(ticket.number) in text
    assert "09:00" in text
    assert "Ana" not in text
    squares = zxingcpp.read_barcodes(pypdfium2.PdfDocument(made)[0].render(scale=2).to_pil())
    assert [one.text for one in squares] == [ticket.token]


def test_the_sign_in_list_and_the_station_sheets_name_nobody_who_comes(day: Day) -> None:
    of = selectors.day_of(day.floor)
    for kind, data in (
        ("clinic_sign_in", sheets.sign_in_sheet(of)),
        ("clinic_stations", sheets.station_sheets(of)),
    ):
        text = " ".join(pdf.inspect(letters.compose(kind, "en", data)).text)
        assert "Ana" not in text
        assert "Bashir" not in text


def test_an_attorney_at_two_clinics_at_the_same_hours_is_refused_with_both_named(day: Day) -> None:
    other = preparing.set_up(clinic_day(day.team, "North side clinic", opens=14, closes=18))
    with pytest.raises(CannotPrepare, match="works at Monday jornada from 09:00 to 15:00"):
        preparing.add_staff(
            other, works("Dana", "attorney", begins=14 * 60, ends=18 * 60), day.team.dana.member
        )
    preparing.add_staff(other, works("Dana", "attorney", begins=THREE, ends=18 * 60), day.team.dana.member)


def test_the_database_itself_lets_nobody_work_or_sit_in_two_places_at_once(day: Day) -> None:
    dana = FloorStaff.objects.get(label="Dana")
    other = clinic_day(day.team, "North side clinic")
    with pytest.raises(IntegrityError, match="nobody_works_at_two_clinics_at_once"), transaction.atomic():
        FloorStaff.objects.create(
            provider_id=dana.provider_id, clinic_day=other, member=dana.member, label="D.", credential="attorney",
            begins=600, ends=700, held=selectors.held(dana.member_id, TODAY, 600, 700),
        )  # fmt: skip
    sits = {"provider_id": dana.provider_id, "staff": dana, "station": "screening"}
    Sitting.objects.create(**sits, begins=600, ends=630, held=selectors.held(dana.pk, TODAY, 600, 630))
    with pytest.raises(IntegrityError, match="nobody_sits_with_two_at_once"), transaction.atomic():
        Sitting.objects.create(**sits, begins=615, ends=645, held=selectors.held(dana.pk, TODAY, 615, 645))
    Sitting.objects.create(**sits, begins=630, ends=660, held=selectors.held(dana.pk, TODAY, 630, 660))


def test_a_student_without_a_supervisor_is_refused_and_with_one_who_leaves_early_too(day: Day) -> None:
    student = {"credential_until": TODAY + timedelta(days=90)}
    with pytest.raises(CannotPrepare, match="supervis"):
        preparing.add_staff(day.floor, works("Sol", "student", **student))
    preparing.add_staff(
        day.floor, works("Prof", "attorney", ends=12 * 60, credential_until=TODAY + timedelta(days=90))
    )
    with pytest.raises(CannotPrepare, match="12:00"):
        preparing.add_staff(day.floor, works("Sol", "student", supervised_by=("Prof",), **student))
    preparing.add_staff(day.floor, works("Sol", "student", supervised_by=("Dana",), **student))


def test_the_credential_on_record_counts_not_what_was_typed(day: Day) -> None:
    with pytest.raises(CannotPrepare, match="Sofia has no verified credential as attorney"):
        preparing.add_staff(
            day.floor, works("Sofi", "attorney", begins=THREE, ends=16 * 60), day.team.sofia.member
        )


def test_doors_stay_closed_while_nobody_speaks_a_workers_language(day: Day) -> None:
    of = selectors.day_of(day.floor)
    preparing.set_needs(day.floor, of.tickets[int(day.number(day.ana))], {"language": "quc"})
    with pytest.raises(CannotPrepare, match="quc"):
        preparing.open_doors(day.floor)
    preparing.add_staff(day.floor, works("Ixchel", "interpreter", "quc", "es"))
    preparing.open_doors(day.floor)
    assert day.floor.state == "open"


def test_stations_without_seats_and_too_many_numbers_are_refused_with_the_mend(day: Day) -> None:
    with pytest.raises(CannotPrepare, match="at advice: give each open station at least one"):
        preparing.set_rooms(day.floor, {"check_in": (2, 1), "advice": (1, 3)}, [], mailed=False)
    with pytest.raises(CannotPrepare, match="from 1 to 200"):
        preparing.give_spare_numbers(day.floor, 0)


def test_a_timetable_is_sought_in_the_background_kept_and_held_by_the_database(day: Day) -> None:
    run = tasks.ask(day.floor, "schedule")
    assert tasks.ask(day.floor, "schedule") == run, "one that waits is not asked for again"
    assert tasks.work_out(str(run.provider_id), str(run.pk)) == "done"
    run.refresh_from_db()
    appointments, breaks = selectors.planned(selectors.result(run))
    assert {one.worker for one in appointments} == {day.number(day.ana), day.number(day.bashir)}
    kept = preparing.adopt(day.floor, appointments, breaks)
    assert kept == Sitting.objects.count() >= 2 * len(STATIONS)
    of = selectors.day_of(day.floor)
    assert {one.worker: one.sittings for one in of.day.made} == {
        one.worker: one.sittings for one in appointments
    }
    with pytest.raises(CannotPrepare, match="The timetable needs Dana"):
        preparing.remove_staff(day.floor, "Dana")
    assert "09:" in " ".join(
        pdf.inspect(letters.compose("clinic_stations", "en", sheets.station_sheets(of))).text
    )


def test_a_forecast_is_worked_out_with_what_ifs_and_pictures_and_one_that_is_stopped_keeps_nothing(
    day: Day,
) -> None:
    stopped = tasks.ask(day.floor, "forecast")
    tasks.ask_to_stop(stopped)
    assert tasks.work_out(str(stopped.provider_id), str(stopped.pk)) == "stopped"
    run = tasks.ask(day.floor, "forecast")
    assert run != stopped
    assert tasks.work_out(str(run.provider_id), str(run.pk)) == "done"
    run.refresh_from_db()
    found = selectors.result(run)
    assert [one["name"] for one in found["forecasts"]] == [
        "as_planned", "one_more_attorney", "one_more_preparer", "one_hour_longer",
    ]  # fmt: skip
    assert found["pictures"]["what_ifs"].startswith("<svg")
    assert selectors.newest_run(day.event.pk, "forecast", done=True) == run


def test_a_run_whose_worker_died_is_told_as_interrupted_and_can_be_asked_for_again(day: Day) -> None:
    run = tasks.ask(day.floor, "schedule")
    FloorRun.objects.filter(pk=run.pk).update(
        state="running", heard_at=datetime.now(UTC) - timedelta(minutes=2)
    )
    assert not selectors.under_way(selectors.newest_run(day.event.pk, "schedule"))
    again = tasks.ask(day.floor, "schedule")
    assert again != run
    assert tasks.work_out(str(again.provider_id), str(again.pk)) == "done"


def test_a_run_that_was_stopped_while_it_ran_ends_at_its_next_step(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tasks.ask(day.floor, "schedule")
    asked: list[str] = []

    def look(of: Any) -> Any:
        def steps(tell: Any) -> Any:
            tell("the first step")
            asked.append(run.pk)
            tasks.ask_to_stop(run)
            tell("the second step")
            raise AssertionError("it went on")

        return steps

    monkeypatch.setitem(tasks._LOOKS, "schedule", look)
    assert tasks.work_out(str(run.provider_id), str(run.pk)) == "stopped"
    run.refresh_from_db()
    assert (run.state, run.sealed_result, len(asked)) == ("stopped", None, 1)


# ── During the day ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_worker_is_checked_in_by_the_square_called_and_walks_through(open_day: Day) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, *STATIONS, start=NINE + 1)
    done = open_day.board().workers[number]
    assert done.status == "done"
    assert done.stations_done == STATIONS


def test_of_two_tablets_that_call_one_worker_the_slower_is_told_and_nothing_of_it_is_kept(
    open_day: Day,
) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, "check_in", start=NINE + 1)
    open_day.says("screening-1", "called", worker=number, station="screening", staff="Dana")
    before = FloorEvent.objects.count()
    said = open_day.refuses("screening-2", "called", worker=number, station="screening", staff="Luis")
    assert "Called at two stations" in said
    assert "Look at the board and try again" in said
    assert FloorEvent.objects.count() == before


def test_a_walk_in_takes_a_spare_number_and_no_other(open_day: Day) -> None:
    assert "was not printed as a spare one" in open_day.refuses(
        "door", "walked_in", worker=open_day.number(open_day.ana)
    )
    spare = open_day.spare()
    open_day.says("door", "walked_in", worker=spare, language="es")
    assert open_day.board().workers[spare].status == "waiting"


def late(day: Day, tablet: str, number: int, at: float, kind: str, **values: Any) -> floor.Noted:
    """A note that comes in after the tablet was cut off."""
    return floor.note(day.floor, [Event(tablet, number, at, kind, **values)], late=True)


def test_notes_of_a_tablet_that_was_cut_off_are_kept_and_a_person_settles_what_does_not_fit(
    open_day: Day,
) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, "check_in", start=NINE + 1)
    open_day.stands_at(NINE + 10)
    open_day.says("screening-1", "called", worker=number, station="screening", staff="Dana")
    sent = late(
        open_day, "screening-2", 1, NINE + 9, "called", worker=number, station="screening", staff="Luis"
    )
    assert sent.refused == ()
    board = open_day.board()
    (conflict,) = board.conflicts
    assert number in board.held
    told = shown.board_of(selectors.day_of(open_day.floor), board)["conflicts"][0]
    assert {note["words"] for note in told["notes"]} == {
        f"09:09 · Called · {number} · Legal screening · Luis (screening-2)",
        f"09:10 · Called · {number} · Legal screening · Dana (screening-1)",
    }
    keeps = next(note["key"] for note in told["notes"] if "Dana" in note["words"])
    by = open_day.team.dana.member
    floor.settle(open_day.floor, conflict.id, keeps, tablet="lead", by=by)
    board = open_day.board()
    assert (board.conflicts, board.workers[number].staff) == ((), "Dana")
    with pytest.raises(CannotNote, match="settled already"):
        floor.settle(open_day.floor, conflict.id, keeps, tablet="lead", by=by)


def test_notes_sent_twice_are_kept_once(open_day: Day) -> None:
    number = open_day.number(open_day.bashir)
    open_day.stands_at(NINE + 5)
    for _ in range(3):
        late(open_day, "door", 7, NINE + 3, "arrived", worker=number)
    assert FloorEvent.objects.filter(tablet="door").count() == 1
    assert open_day.board().workers[number].status == "waiting"


def test_a_sheet_of_paper_is_typed_in_and_one_that_runs_backwards_is_refused(open_day: Day) -> None:
    number = open_day.number(open_day.bashir)
    open_day.stands_at(NINE + 60)
    with pytest.raises(CannotNote, match="end at 09:05 before it begins at 09:10"):
        floor.from_paper(open_day.floor, number, NINE + 2, [OnPaper("check_in", "Gus", NINE + 10, NINE + 5)])
    lines = [
        OnPaper("check_in", "Gus", NINE + 3, NINE + 6),
        OnPaper("screening", "Dana", NINE + 10, NINE + 30),
    ]
    floor.from_paper(open_day.floor, number, NINE + 2, lines)
    now = open_day.board().workers[number]
    assert now.stations_done == ("check_in", "screening")
    assert now.arrived_at == NINE + 2


def test_a_late_worker_and_one_who_left_show_on_the_board_with_new_times(open_day: Day) -> None:
    open_day.stands_at(NINE + 25)
    told = shown.board_of(selectors.day_of(open_day.floor), open_day.board())
    late_by = {one["number"]: one["late"] for one in told["expected"]}
    assert late_by == {open_day.number(open_day.ana): 25, open_day.number(open_day.bashir): 25}
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    open_day.says("door", "left", worker=number)
    told = shown.board_of(selectors.day_of(open_day.floor), open_day.board())
    assert [one["number"] for one in told["out"]] == [number]


def test_a_complexity_ends_the_limited_scope_in_writing_and_moves_the_file_to_full_scope(
    open_day: Day,
) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, "check_in", start=NINE + 1)
    open_day.says("screening-1", "called", worker=number, station="screening", staff="Dana")
    open_day.says("screening-1", "complex", worker=number, reason="danger_sign")
    end = placement.scope_end_of(open_day.ana.file.id)
    assert end is not None
    assert end.ended_on == TODAY
    assert open_day.ana.file.id in placement.ended_files()
    told = shown.board_of(selectors.day_of(open_day.floor), open_day.board())
    assert [(one["number"], one["full_scope"]) for one in told["out"]] == [(number, True)]
    assert "scope_ended" in [one.key for one in tracking.notices(open_day.ana.application_id)]


def test_the_simulated_rest_of_the_day_says_until_when_to_let_people_in(open_day: Day) -> None:
    assert shown.outlook_is_old(selectors.day_of(open_day.floor))
    run = tasks.ask(open_day.floor, "outlook")
    assert tasks.work_out(str(run.provider_id), str(run.pk)) == "done"
    told = shown.board_of(selectors.day_of(open_day.floor), open_day.board())["outlook"]
    assert told["stop_now"] or NINE <= int(told["stop_at"][:2]) * 60 <= THREE
    assert not shown.outlook_is_old(selectors.day_of(open_day.floor))
    open_day.stands_at(NINE + 5)
    assert shown.outlook_is_old(selectors.day_of(open_day.floor))


def test_the_clock_of_a_rehearsal_never_runs_backwards(open_day: Day) -> None:
    open_day.stands_at(NINE + 30)
    with pytest.raises(CannotPrepare, match="forward only"):
        open_day.stands_at(NINE)


# ── Screens ───────────────────────────────────────────────────────────────────────────────────────────────────


def opened(day: Day, name: str, kind: str, station: str = "") -> Client:
    """A device that has opened the screen's link."""
    _, token = floor.add_screen(day.floor, name, kind, station)
    device = Client()
    assert device.post(f"/day/open/{token}").status_code == 302
    assert Client().post(f"/day/open/{token}").status_code == 404, "a link opens once"
    return device


def test_the_hall_shows_numbers_and_blanks_at_once(open_day: Day) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    hall = opened(open_day, "hall", "hall")
    open_day.says("door", "called", worker=number, station="check_in", staff="Gus")
    page = hall.get("/day/").content.decode()
    assert number in page
    assert "Legal screening" in page
    assert "Gus" not in page
    tablet = opened(open_day, "screening-1", "station", "screening")
    assert tablet.post("/day/blank").status_code == 302
    blanked = hall.get("/day/").content.decode()
    assert number not in blanked
    assert "Please wait a moment." in blanked
    assert "Espere" in blanked
    floor.blank(open_day.floor, on=False, by=open_day.team.dana.member)
    assert number in hall.get("/day/part").content.decode()


def test_a_screen_hears_of_news_in_one_short_answer_and_of_nothing_where_there_is_none(open_day: Day) -> None:
    hall = opened(open_day, "hall", "hall")
    first = hall.get("/day/live").content.decode()
    pulse = open_day.floor.pulse
    assert f"data: {pulse}\n" in first
    assert "data" not in hall.get("/day/live", headers={"Last-Event-ID": str(pulse)}).content.decode()
    open_day.says("door", "arrived", worker=open_day.number(open_day.ana))
    assert f"data: {pulse + 1}\n" in hall.get(f"/day/live?known={pulse}").content.decode()
    assert Client().get("/day/live").status_code == 204


def test_a_tablet_notes_by_form_is_told_what_does_not_fit_and_sends_what_it_kept(open_day: Day) -> None:
    door = opened(open_day, "door-1", "station", "check_in")
    of = selectors.day_of(open_day.floor)
    ticket = of.tickets[int(open_day.number(open_day.ana))]
    assert door.post("/day/note", {"kind": "arrived", "worker": ticket.token}).status_code == 302
    wrong = door.post("/day/note", {"kind": "arrived", "worker": "9999"})
    assert wrong.status_code == 409
    assert "Nobody has the number" in wrong.content.decode()
    note = {
        "number": 5,
        "at": NINE + 1,
        "kind": "arrived",
        "worker": open_day.number(open_day.bashir),
        "late": True,
    }
    sent = door.post("/day/notes", json.dumps({"notes": [note]}), content_type="application/json").json()
    assert (len(sent["kept"]), sent["refused"]) == (1, [])
    for bad in ("{", "[]", '{"notes": {}}'):
        assert door.post("/day/notes", bad, content_type="application/json").status_code == 400
    both = [
        {"number": 6, "at": "soon"},
        {**note, "number": 7, "worker": open_day.number(open_day.ana), "kind": "left"},
    ]
    sent = door.post("/day/notes", json.dumps({"notes": both}), content_type="application/json").json()
    assert (len(sent["kept"]), len(sent["refused"])) == (1, 1), "a note that cannot be read holds up no other"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "settled", "conflict": "called_twice|a|b", "keeps": "a"},
        {"kind": "complex", "reason": "she told me that she"},
        {"kind": "missing", "documents": ["her whole story"]},
        {"at": float("nan")},
        {"at": float("inf")},
        {"at": 1e9},
        {"number": 3_000_000_000},
        {"number": True},
        {"number": 0},
    ],
)
def test_a_tablet_settles_nothing_and_notes_no_prose_and_no_impossible_time_or_number(
    open_day: Day, wrong: dict[str, Any]
) -> None:
    door = opened(open_day, "door-1", "station", "check_in")
    before = FloorEvent.objects.count()
    note = {
        "number": 5,
        "at": NINE + 1,
        "kind": "arrived",
        "worker": open_day.number(open_day.ana),
        "late": True,
    }
    answer = door.post(
        "/day/notes", json.dumps({"notes": [{**note, **wrong}]}), content_type="application/json"
    )
    assert (answer.json()["kept"], len(answer.json()["refused"])) == ([], 1)
    assert FloorEvent.objects.count() == before
    assert door.get("/day/").status_code == 200


def test_a_form_of_a_tablet_settles_nothing_and_takes_no_prose(open_day: Day) -> None:
    door = opened(open_day, "door-1", "station", "check_in")
    number = open_day.number(open_day.ana)
    for wrong in (
        {"kind": "settled"},
        {"kind": "complex", "worker": number, "reason": "she told me"},
        {"kind": ""},
    ):
        assert door.post("/day/note", wrong).status_code == 409


def test_the_hall_and_a_board_on_a_wall_cannot_note_and_a_lost_tablet_is_put_out(open_day: Day) -> None:
    hall = opened(open_day, "hall", "hall")
    assert hall.post("/day/note", {"kind": "arrived", "worker": "1"}).status_code == 404
    tablet = opened(open_day, "advice-1", "station", "advice")
    assert tablet.get("/day/").status_code == 200
    floor.end_screen(Screen.objects.get(name="advice-1"))
    assert tablet.get("/day/").status_code == 403
    assert tablet.get("/day/live").status_code == 204


def test_a_tablet_speaks_spanish_on_request(open_day: Day) -> None:
    tablet = opened(open_day, "advice-1", "station", "advice")
    tablet.post("/day/language", {"language": "es"})
    assert "En la fila" in tablet.get("/day/").content.decode()


# ── After the day ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_closes_when_nobody_is_served_and_workers_hear_what_comes_next(open_day: Day) -> None:
    ana, bashir = open_day.number(open_day.ana), open_day.number(open_day.bashir)
    open_day.says("door", "arrived", worker=ana)
    walks(open_day, ana, "check_in", start=NINE + 1)
    open_day.says("screening-1", "called", worker=ana, station="screening", staff="Dana")
    open_day.says("screening-1", "missing", worker=ana, documents=("pay_records",))
    with pytest.raises(closing.CannotClose, match=f"Number {ana} is still being served"):
        closing.close_day(open_day.floor)
    open_day.says("screening-1", "finished", worker=ana, station="screening")
    screen = opened(open_day, "hall", "hall")
    assert closing.close_day(open_day.floor) == 2
    assert screen.get("/day/").status_code == 403
    of = selectors.day_of(open_day.floor)
    calls = {one.follow_up.worker: one for one in closing.calls(of, selectors.board(of))}
    assert calls[ana].bring == ("Pay stubs or other proof of work",)
    assert calls[bashir].needs == (f"Worker {bashir} did not come. Offer a new time.",)
    assert "clinic_missed" in [one.key for one in tracking.notices(open_day.bashir.application_id)]


def test_the_end_of_what_was_agreed_is_a_letter_in_her_language_with_what_was_done(open_day: Day) -> None:
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, *STATIONS, start=NINE + 1)
    of = selectors.day_of(open_day.floor)
    (found,) = closing.ends(of, selectors.board(of))
    end, file = found
    assert file == open_day.ana.file
    language, data = closing.letter(
        of, end, {"name": "Ana Peña Ruiz", "language": "es"}, open_day.team.provider
    )
    text = " ".join(" ".join(pdf.inspect(letters.compose("clinic_end", language, data)).text).split())
    assert "Ana Peña Ruiz" in text
    assert "Riverbend" in text
    assert "Revisión legal" in text


def test_the_day_in_numbers_stands_beside_its_forecast(open_day: Day) -> None:
    run = tasks.ask(open_day.floor, "forecast")
    tasks.work_out(str(run.provider_id), str(run.pk))
    number = open_day.number(open_day.ana)
    open_day.says("door", "arrived", worker=number)
    walks(open_day, number, *STATIONS, start=NINE + 1)
    of = selectors.day_of(open_day.floor)
    counted = {one.name: one for one in closing.throughput(of, selectors.board(of))}
    assert (counted["came"].counted, counted["served"].counted) == (1, 1)
    assert counted["served"].inside is True
    assert counted["came"].low is not None


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_organiser_sees_numbers_and_whom_to_call_and_no_name(prepared: Day, enlist: Enlist) -> None:
    with prepared.team.works(prepared.team.dana):
        number = prepared.number(prepared.ana)
    organiser = enlist("Omara", "organiser", at=prepared.team.provider)
    organiser.signs_in()
    board = organiser.reads(f"/staff/clinic-days/{prepared.event.pk}/board")
    assert number in board
    after = organiser.reads(f"/staff/clinic-days/{prepared.event.pk}/after")
    for page in (board, after):
        assert "Peña" not in page
    assert organiser.client.get(f"/staff/clinic-days/{prepared.event.pk}/numbers").status_code == 404


def test_the_legal_team_prepares_a_day_by_its_pages(prepared: Day) -> None:
    dana = prepared.team.dana
    dana.signs_in()
    at = f"/staff/clinic-days/{prepared.event.pk}"
    assert "Peña Ruiz" in dana.reads(f"{at}/numbers")
    assert "What keeps the doors closed" not in dana.reads(f"{at}/setup")
    wrong = dana.client.post(
        f"{at}/staff", {"label": "Dana", "credential": "lay", "begins": "09:00", "ends": "10:00"}
    )
    assert wrong.status_code == 422
    assert "Dana is listed twice" in wrong.content.decode()
    with prepared.team.works(dana):
        number = prepared.number(prepared.bashir)
    needs = {"act": "needs", "number": number, "language": "quc", "priority": "first", "show_percent": "70"}
    assert dana.client.post(f"{at}/numbers", needs).status_code == 302
    assert "quc · not yet known how hard · first · comes 70%" in dana.reads(f"{at}/numbers")
    assert 'value="70"' in dana.reads(f"{at}/numbers?number={number}")
    assert "What keeps the doors closed" in dana.reads(f"{at}/setup")
    assert dana.client.post(f"{at}/setup", {"act": "open"}).status_code == 409
    made = dana.client.post(f"{at}/screens", {"act": "add", "name": "hall", "kind": "hall"}).content.decode()
    assert "/day/open/" in made
    assert dana.client.get(f"{at}/persons.pdf").content.startswith(b"%PDF")
