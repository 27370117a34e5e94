"""The day as tablets note it: logs that come together, the board, who is next, what comes next, and after."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.clinic import afterwards
from jornada.domain.clinic.board import Board, board, next_call
from jornada.domain.clinic.day import Room
from jornada.domain.clinic.events import KINDS, Event, from_plain, in_order, merge, refusals
from jornada.domain.clinic.replanning import onward
from tests.domain.clinic_scene import (
    ANA,
    BASHIR,
    CLOSES,
    LUCIA,
    MATEO,
    NOOR,
    OMAR,
    OPENS,
    ROSA,
    STATIONS,
    TEAM,
    TOMAS,
    Tablet,
    day,
    template,
)

DAY = day()
TEMPLATE = template()


def everybody_here(tablet: Tablet) -> None:
    for one in DAY.staff:
        tablet.note(OPENS - 20, "staff_arrived", staff=one.id)


def seen(*tablets: Tablet, now: float, on: Any = DAY) -> Board:
    return board(on, merge(*(tablet.events for tablet in tablets)), now)


# ── One day, told by its events ───────────────────────────────────────────────────────────────────────────────


def test_ana_goes_from_station_to_station_and_the_board_says_how_long() -> None:
    door, legal = Tablet("door"), Tablet("screening")
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 3, "called", "ana", station="check_in", staff="gus")
    door.note(OPENS + 10, "finished", "ana", station="check_in")
    legal.note(OPENS + 20, "called", "ana", station="screening", staff="lucia")
    ana = seen(door, legal, now=OPENS + 25).workers["ana"]
    assert (ana.status, ana.station, ana.staff, ana.minutes(OPENS + 25)) == (
        "with_staff",
        "screening",
        "lucia",
        5,
    )
    (visit,) = ana.visits
    assert (visit.station, visit.waited, visit.minutes) == ("check_in", 2, 7)
    waiting = seen(door, legal, now=OPENS + 15).workers["ana"]
    assert (waiting.status, waiting.station, waiting.minutes(OPENS + 15)) == ("waiting", "screening", 5)
    assert seen(door, legal, now=OPENS).workers["ana"].status == "expected"


def test_a_complexity_takes_mateo_out_of_the_line_and_nothing_is_asked_again() -> None:
    door = Tablet()
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "mateo")
    door.note(OPENS + 2, "called", "mateo", station="check_in", staff="gus", interpreter="tomas")
    door.note(OPENS + 9, "finished", "mateo", station="check_in")
    door.note(OPENS + 10, "called", "mateo", station="screening", staff="lucia", interpreter="tomas")
    door.note(OPENS + 12, "missing", "mateo", documents=("court_papers",))
    door.note(OPENS + 30, "complex", "mateo", reason="earlier_order")
    found = seen(door, now=OPENS + 40)
    assert found.workers["mateo"].status == "full_scope"
    assert found.staff["lucia"].worker == found.staff["tomas"].worker == ""
    (handed,) = afterwards.handovers(found)
    assert handed == afterwards.Handover(
        "mateo", OPENS + 30, "earlier_order", ("check_in", "screening"), ("court_papers",)
    )
    assert "mateo" not in onward(found, DAY, TEMPLATE).next
    assert found.line("advice") == []


def test_who_did_not_come_when_called_goes_back_to_the_same_place_in_line() -> None:
    door = Tablet()
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "arrived", "bashir")
    door.note(OPENS + 3, "called", "ana", station="check_in", staff="gus")
    door.note(OPENS + 6, "put_back", "ana")
    found = seen(door, now=OPENS + 7)
    assert [one.worker.id for one in found.line("check_in")] == ["ana", "bashir"]
    assert found.staff["gus"].worker == ""


def test_somebody_may_be_sent_to_another_line_and_leave_and_walk_in() -> None:
    door = Tablet()
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "sent", "ana", station="advice")
    door.note(OPENS + 3, "walked_in", "w1", language="es")
    door.note(OPENS + 4, "arrived", "bashir")
    door.note(OPENS + 5, "left", "bashir", reason="work")
    found = seen(door, now=OPENS + 6)
    assert found.workers["ana"].station == "advice"
    assert found.workers["w1"].worker.priority == "standby"
    assert found.workers["bashir"].status == "left"


def test_papers_that_were_missing_and_then_brought_are_not_missing() -> None:
    door = Tablet()
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "missing", "ana", documents=("pay_records", "letter"))
    door.note(OPENS + 60, "brought", "ana", documents=("letter",))
    assert seen(door, now=OPENS + 90).workers["ana"].missing == ("pay_records",)


def test_intake_can_be_stopped_and_staff_pause_and_go() -> None:
    lead = Tablet("lead")
    everybody_here(lead)
    lead.note(OPENS + 5, "paused", staff="rosa")
    lead.note(OPENS + 6, "staff_left", staff="omar")
    lead.note(OPENS + 7, "intake_stopped")
    found = seen(lead, now=OPENS + 8)
    assert (found.staff["rosa"].status, found.staff["omar"].status, found.intake_open) == (
        "paused",
        "gone",
        False,
    )
    lead.note(OPENS + 9, "resumed", staff="rosa")
    assert seen(lead, now=OPENS + 10).staff["rosa"].status == "here"


# ── What does not fit together ────────────────────────────────────────────────────────────────────────────────


def two_calls() -> tuple[Tablet, Tablet]:
    """The advice tablet was offline and called Ana, whom the screening tablet had already called."""
    door, away = Tablet("door"), Tablet("advice")
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "called", "ana", station="check_in", staff="gus")
    away.note(OPENS + 4, "called", "ana", station="advice", staff="rosa")
    return door, away


def test_the_same_person_called_at_two_stations_is_for_a_person_to_settle() -> None:
    door, away = two_calls()
    found = seen(door, away, now=OPENS + 10)
    (conflict,) = found.conflicts
    assert (conflict.kind, conflict.about, conflict.holds) == ("called_twice", "ana", True)
    assert set(conflict.events) == {"door:8", "advice:1"}
    assert found.workers["ana"].station == "check_in"
    assert found.set_aside == {"advice:1": conflict.id}
    assert found.held == {"ana"}


@pytest.mark.parametrize(
    ("keeps", "station"), [("door:8", "check_in"), ("advice:1", "advice"), ("", "check_in")]
)
def test_a_persons_word_settles_it_either_way(keeps: str, station: str) -> None:
    door, away = two_calls()
    (conflict,) = seen(door, away, now=OPENS + 10).conflicts
    lead = Tablet("lead")
    lead.note(OPENS + 12, "settled", conflict=conflict.id, keeps=keeps)
    found = seen(door, away, lead, now=OPENS + 13)
    assert found.conflicts == ()
    ana = found.workers["ana"]
    assert (ana.status, ana.station) == (("with_staff" if keeps else "waiting"), station)
    assert set(found.set_aside.values()) == {"settled"}


def test_two_different_words_settle_nothing_and_show() -> None:
    door, away = two_calls()
    (conflict,) = seen(door, away, now=OPENS + 10).conflicts
    lead, other = Tablet("lead"), Tablet("other-lead")
    lead.note(OPENS + 12, "settled", conflict=conflict.id, keeps="door:8")
    other.note(OPENS + 12, "settled", conflict=conflict.id, keeps="advice:1")
    kinds = [one.kind for one in seen(door, away, lead, other, now=OPENS + 13).conflicts]
    assert sorted(kinds) == ["called_twice", "settled_differently"]


def test_an_attorney_with_two_workers_at_once_shows() -> None:
    door, away = Tablet("door"), Tablet("review")
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 1, "arrived", "bashir")
    door.note(OPENS + 2, "called", "ana", station="screening", staff="rosa")
    away.note(OPENS + 3, "called", "bashir", station="review", staff="rosa")
    found = seen(door, away, now=OPENS + 10)
    assert [one.kind for one in found.conflicts] == ["staff_with_two"]
    assert found.workers["bashir"].status == "waiting"
    assert next_call(found, DAY, TEMPLATE, "check_in")[0] is None


def test_what_comes_after_leaving_shows_and_a_second_scan_does_not() -> None:
    door, legal = Tablet("door"), Tablet("advice")
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "arrived", "ana")
    door.note(OPENS + 3, "left", "ana", reason="work")
    legal.note(OPENS + 5, "called", "ana", station="advice", staff="rosa")
    legal.note(OPENS + 6, "finished", "ana", station="advice")
    found = seen(door, legal, now=OPENS + 10)
    assert [one.kind for one in found.conflicts] == ["called_after_leaving", "finished_elsewhere"]
    assert found.set_aside["door:2"] == "repeats"
    assert found.workers["ana"].status == "left"


def test_a_call_before_the_check_in_reached_us_counts_and_shows_until_it_does() -> None:
    door, legal = Tablet("door"), Tablet("check_in")
    everybody_here(door)
    legal.note(OPENS + 5, "called", "ana", station="check_in", staff="gus")
    found = seen(door, legal, now=OPENS + 6)
    assert found.workers["ana"].status == "with_staff"
    assert [one.kind for one in found.conflicts] == ["called_before_arriving"]
    assert not found.held
    door.note(OPENS + 1, "arrived", "ana")
    assert seen(door, legal, now=OPENS + 6).conflicts == ()


def test_one_number_for_two_notes_or_two_people_shows_and_counts_for_neither() -> None:
    door = Tablet()
    door.note(OPENS + 1, "arrived", "ana")
    twin = replace(door.events[0], worker="bashir")
    found = board(DAY, merge(door.events, [twin]), OPENS + 5)
    assert [one.kind for one in found.conflicts] == ["same_number"]
    assert {found.workers[name].status for name in ("ana", "bashir")} == {"expected"}
    lead = Tablet("lead")
    lead.note(OPENS + 6, "settled", conflict=found.conflicts[0].id, keeps=f"door:1~{twin.digest}")
    settled = board(DAY, merge(door.events, [twin], lead.events), OPENS + 7)
    assert settled.conflicts == ()
    assert (settled.workers["ana"].status, settled.workers["bashir"].status) == ("expected", "waiting")
    door.note(OPENS + 8, "walked_in", "mateo", language="es")
    assert [one.kind for one in board(DAY, merge(door.events), OPENS + 9).conflicts] == [
        "number_already_given"
    ]


def test_a_tablets_own_order_stands_even_where_its_clock_was_set_back() -> None:
    door = Tablet()
    door.note(OPENS + 60, "arrived", "ana")
    door.note(OPENS + 5, "called", "ana", station="check_in", staff="gus")
    assert [(at, event.kind) for at, event in in_order(door.events)] == [
        (OPENS + 60, "arrived"),
        (OPENS + 60, "called"),
    ]


# ── Events that are refused at the door ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Event("door", 1, OPENS - 10, "arrived", "ana"), "before_opening"),
        (Event("door", 1, -5, "arrived", "ana"), "negative_time"),
        (Event("door", 1, OPENS, "called", "ana", station="tea", staff="gus"), "unknown_station"),
        (Event("door", 1, OPENS, "called", "ana", station="exit", staff="zoe"), "unknown_staff"),
        (Event("door", 1, OPENS, "arrived", "zoe"), "unknown_worker"),
        (Event("door", 1, OPENS, "called", "ana", staff="gus"), "event_incomplete"),
        (Event("door", 1, OPENS, "danced", "ana"), "unknown_event"),
        (Event("door", 0, OPENS, "arrived", "ana"), "event_unnumbered"),
        (Event("a|b", 1, OPENS, "arrived", "ana"), "event_unnumbered"),
    ],
)
def test_an_event_that_cannot_be_is_refused_with_the_reason(event: Event, reason: str) -> None:
    assert [one.key for one in refusals(event, DAY)] == [reason]


def test_staff_may_come_before_the_doors_open_and_events_survive_json() -> None:
    assert refusals(Event("lead", 1, OPENS - 30, "staff_arrived", staff="rosa"), DAY) == ()
    event = Event("lead", 3, OPENS, "missing", "ana", documents=("letter",))
    assert from_plain(event.plain()) == event


# ── Logs that come together, whatever they hold ───────────────────────────────────────────────────────────────

WORKERS = ("ana", "bashir", "mateo", "w1", "nobody")
STAFF = tuple(one.id for one in TEAM)


def _events() -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        tablet=st.sampled_from(("door", "advice", "lead")),
        number=st.integers(1, 12),
        at=st.integers(OPENS, OPENS + 90).map(float),
        kind=st.sampled_from(sorted(KINDS)),
        worker=st.sampled_from(WORKERS),
        station=st.sampled_from(STATIONS),
        staff=st.sampled_from(STAFF),
        interpreter=st.sampled_from(("", "tomas")),
        reason=st.just("earlier_order"),
        documents=st.just(("letter",)),
        conflict=st.sampled_from(("called_twice|advice:1|door:1", "came_back|door:2|door:3")),
        keeps=st.sampled_from(("", "door:1", "advice:1")),
    )


LOGS = st.lists(_events(), max_size=25)


@settings(max_examples=30, deadline=None)
@given(LOGS, LOGS, LOGS, st.randoms(use_true_random=False))
def test_logs_meet_in_any_order_and_as_often_as_they_like_with_the_same_board(
    one: list[Event], two: list[Event], three: list[Event], shuffle: random.Random
) -> None:
    first = merge(merge(one, two), three)
    again = merge(three, merge(two, one), one)
    assert first == again == merge(first, first)
    shuffled = [*one, *two, *three, *one]
    shuffle.shuffle(shuffled)
    now = OPENS + 90
    assert board(DAY, first, now) == board(DAY, merge(shuffled), now)


@settings(max_examples=40, deadline=None)
@given(LOGS)
def test_no_event_is_lost_it_counts_or_says_why_not(events: list[Event]) -> None:
    """Leaving out an event that was set aside changes nothing; a conflict names events that are there."""
    log = merge(events)
    now = OPENS + 90
    found = board(DAY, log, now)
    names = {event.key for event in log} | {f"{event.key}~{event.digest}" for event in log}
    assert set(found.set_aside) <= names
    for conflict in found.conflicts:
        told = {name for part in conflict.events for name in part.split("|")}
        assert told <= names
    for key, why in found.set_aside.items():
        assert why in ("settled", "repeats") or why in {one.id for one in found.conflicts}, key


@settings(max_examples=40, deadline=None)
@given(LOGS)
def test_nobody_is_in_two_places_and_nobody_serves_two(events: list[Event]) -> None:
    found = board(DAY, merge(events), OPENS + 90)
    serving = [state.worker for state in found.staff.values() if state.worker and not state.staff.interprets]
    assert len(serving) == len(set(serving))
    for one in found.workers.values():
        assert (one.status == "with_staff") == bool(one.staff)
        done = [visit.station for visit in one.visits]
        assert one.minutes(OPENS + 90) >= 0
        if one.status == "waiting":
            assert one.station
        assert all(visit.ends >= visit.begins for visit in one.visits), done


@settings(max_examples=20, deadline=None)
@given(LOGS)
def test_settling_every_conflict_for_its_first_note_leaves_none_of_them(events: list[Event]) -> None:
    log = merge(one for one in events if one.kind != "settled")
    lead = Tablet("settling")
    now = OPENS + 90
    for _ in range(60):
        open_ones = [one for one in board(DAY, merge(log, lead.events), now).conflicts if "|" in one.id]
        hard = [one for one in open_ones if len(one.events) > 1]
        if not hard:
            break
        lead.note(now, "settled", conflict=hard[0].id, keeps=hard[0].events[0])
    assert not hard, "settling does not come to an end"


# ── Who is called next ────────────────────────────────────────────────────────────────────────────────────────


def waiting_for_screening(*workers: str) -> Tablet:
    door = Tablet()
    everybody_here(door)
    for minute, worker in enumerate(workers):
        door.note(OPENS + minute, "arrived", worker)
        door.note(OPENS + minute, "sent", worker, station="screening")
    return door


def test_whoever_came_first_is_called_by_staff_who_speak_with_them() -> None:
    call, _ = next_call(
        seen(waiting_for_screening("bashir", "ana"), now=OPENS + 9), DAY, TEMPLATE, "screening"
    )
    assert call is not None
    assert (call.worker, call.interpreter) == ("bashir", "")
    assert call.staff in ("lucia", "rosa")


def test_mateo_is_called_with_his_interpreter_and_passed_over_with_the_reason_while_there_is_none() -> None:
    door = waiting_for_screening("mateo", "ana")
    call, _ = next_call(seen(door, now=OPENS + 9), DAY, TEMPLATE, "screening")
    assert call is not None
    assert (call.worker, call.interpreter) == ("mateo", "tomas")
    door.note(OPENS + 9, "paused", staff="tomas")
    call, why = next_call(seen(door, now=OPENS + 10), DAY, TEMPLATE, "screening")
    assert call is not None
    assert call.worker == "ana"
    assert [(one.key, one.values["worker"]) for one in why] == [("no_interpreter_free", "mateo")]


def test_lucia_calls_nobody_while_rosa_who_supervises_her_is_away() -> None:
    door = waiting_for_screening("ana")
    door.note(OPENS + 5, "paused", staff="rosa")
    door.note(OPENS + 5, "paused", staff="noor")
    assert next_call(seen(door, now=OPENS + 9), DAY, TEMPLATE, "screening")[1][0].key == "nobody_free"
    assert onward(seen(door, now=OPENS + 9), DAY, TEMPLATE).next["ana"].begins is None
    door.note(OPENS + 10, "resumed", staff="rosa")
    assert next_call(seen(door, now=OPENS + 11), DAY, TEMPLATE, "screening")[0] is not None


def test_lucia_screens_and_rosa_is_kept_for_advice_unless_lucia_is_missed_at_the_forms() -> None:
    door = waiting_for_screening("ana")
    call, _ = next_call(seen(door, now=OPENS + 9), DAY, TEMPLATE, "screening")
    assert call is not None
    assert call.staff == "rosa"  # only Omar and Lucia do forms
    on = day(staff=(*DAY.staff, replace(OMAR, id="pilar", stations=())))
    call, _ = next_call(seen(door, now=OPENS + 9, on=on), on, TEMPLATE, "screening")
    assert call is not None
    assert call.staff == "lucia"


def test_a_deadline_goes_first_and_standby_last() -> None:
    urgent = replace(BASHIR, priority="first")
    on = day(invited=(ANA, urgent, MATEO))
    door = waiting_for_screening("ana", "bashir")
    door.note(OPENS, "walked_in", "w1", language="es")
    door.note(OPENS, "sent", "w1", station="screening")
    assert [one.worker.id for one in seen(door, now=OPENS + 9, on=on).line("screening")] == [
        "bashir",
        "ana",
        "w1",
    ]


def test_nobody_is_called_where_no_seat_or_nobody_is_free() -> None:
    narrow = day(rooms={name: Room(1, 0) for name in STATIONS})
    door = waiting_for_screening("ana", "bashir")
    door.note(OPENS + 5, "called", "ana", station="screening", staff="lucia")
    full = seen(door, now=OPENS + 9, on=narrow)
    assert next_call(full, narrow, TEMPLATE, "screening")[1][0].key == "station_full"
    assert next_call(full, DAY, TEMPLATE, "screening", staff="lucia")[1][0].key == "nobody_free"
    assert next_call(full, DAY, TEMPLATE, "advice")[1][0].key == "nobody_waits"


def test_who_is_kept_apart_is_called_by_somebody_else() -> None:
    apart = replace(ANA, kept_from=frozenset({"rosa", "lucia"}))
    on = day(staff=(ROSA, LUCIA, replace(NOOR, languages=frozenset({"es"})), TOMAS), invited=(apart,))
    door = Tablet()
    for one in ("rosa", "lucia"):
        door.note(OPENS, "staff_arrived", staff=one)
    door.note(OPENS, "arrived", "ana")
    door.note(OPENS, "sent", "ana", station="advice")
    assert (
        next_call(seen(door, now=OPENS + 9, on=on), on, TEMPLATE, "advice")[1][0].key == "kept_apart_from_all"
    )
    door.note(OPENS + 10, "staff_arrived", staff="noor")
    call, _ = next_call(seen(door, now=OPENS + 11, on=on), on, TEMPLATE, "advice")
    assert call is not None
    assert call.staff == "noor"


# ── What comes next ───────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_hears_what_probably_comes_next() -> None:
    door = Tablet()
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "ana")
    door.note(OPENS + 2, "called", "ana", station="check_in", staff="gus")
    rest = onward(seen(door, now=OPENS + 5), DAY, TEMPLATE)
    ana = rest.next["ana"]
    assert (ana.station, ana.begins) == ("screening", OPENS + 9)
    assert ana.staff in ("rosa", "lucia")
    assert rest.next["bashir"].begins == BASHIR.appointment
    assert ana.leaves == OPENS + 9 + 30 + 15 + 90 + 20 + 20 + 8
    assert rest.left_over == ()


def test_a_late_worker_gets_the_next_wave_and_a_very_late_ones_seat_is_free() -> None:
    door = Tablet()
    everybody_here(door)
    late = onward(seen(door, now=OPENS + 20), DAY, TEMPLATE)
    assert [(one.worker, one.at, one.reason.key) for one in late.changes] == [
        ("ana", OPENS + 30, "late_new_time")
    ]
    assert late.next["ana"].begins == OPENS + 30
    gone = onward(seen(door, now=OPENS + 61), DAY, TEMPLATE)
    assert [(one.worker, one.reason.key) for one in gone.changes] == [
        ("ana", "seat_free"),
        ("bashir", "late_new_time"),
    ]
    assert "ana" not in gone.next


def test_what_nobody_covers_any_more_is_said() -> None:
    door = Tablet()
    everybody_here(door)
    door.note(OPENS + 1, "arrived", "mateo")
    assert onward(seen(door, now=OPENS + 2), DAY, TEMPLATE).alerts == ()
    door.note(OPENS + 3, "staff_left", staff="tomas")
    door.note(OPENS + 4, "staff_left", staff="omar")
    door.note(OPENS + 4, "staff_left", staff="lucia")
    alerts = onward(seen(door, now=OPENS + 5), DAY, TEMPLATE).alerts
    assert {("language_uncovered", "mam"), ("station_uncovered", "preparation")} <= {
        (one.key, one.values.get("language") or one.values["station"]) for one in alerts
    }
    door.note(OPENS + 6, "staff_arrived", staff="lucia")
    door.note(OPENS + 7, "paused", staff="rosa")
    assert "student_alone" in [one.key for one in onward(seen(door, now=OPENS + 8), DAY, TEMPLATE).alerts]


def test_a_long_line_for_an_attorney_is_said() -> None:
    door = waiting_for_screening("ana")
    assert not onward(seen(door, now=OPENS + 44), DAY, TEMPLATE).alerts
    keys = [one.key for one in onward(seen(door, now=OPENS + 50), DAY, TEMPLATE).alerts]
    assert keys == ["attorney_line_too_long"]


def test_somebody_in_two_places_is_not_counted_on_until_it_is_settled() -> None:
    door, away = two_calls()
    assert "ana" not in onward(seen(door, away, now=OPENS + 10), DAY, TEMPLATE).next


# ── After the day ─────────────────────────────────────────────────────────────────────────────────────────────


def a_whole_day() -> Board:
    """Ana is done and lacks a paper, Bashir leaves, Mateo goes to full scope, Chen never comes."""
    on = day(invited=(ANA, BASHIR, MATEO, replace(ANA, id="chen")))
    lead = Tablet("lead")
    at = float(OPENS)
    for name in STATIONS:
        who = {"check_in": "gus", "screening": "lucia", "preparation": "omar"}.get(name, "rosa")
        if name == "check_in":
            lead.note(at, "arrived", "ana")
        lead.note(at, "called", "ana", station=name, staff=who)
        at += 20
        lead.note(at, "finished", "ana", station=name)
    lead.note(at, "missing", "ana", documents=("pay_records",))
    lead.note(at, "arrived", "bashir")
    lead.note(at + 5, "left", "bashir", reason="work")
    lead.note(at + 6, "arrived", "mateo")
    lead.note(at + 7, "complex", "mateo", reason="earlier_order")
    return board(on, merge(lead.events), CLOSES)


def test_organisers_get_logistics_and_nothing_that_a_lawyer_learned() -> None:
    listed = {one.worker: one for one in afterwards.follow_ups(a_whole_day())}
    assert {name: [reason.key for reason in one.needs] for name, one in listed.items()} == {
        "ana": ["bring_documents"],
        "bashir": ["not_finished"],
        "chen": ["did_not_come"],
        "mateo": ["lawyer_will_call"],
    }
    assert listed["ana"].bring == ("pay_records",)
    assert "earlier_order" not in repr(listed)


def test_the_legal_team_gets_where_the_work_stopped_and_why() -> None:
    listed = {one.worker: one for one in afterwards.legal_follow_ups(a_whole_day(), DAY)}
    assert set(listed) == {"ana", "bashir", "mateo"}
    assert (listed["mateo"].status, listed["mateo"].reason) == ("full_scope", "earlier_order")
    assert listed["bashir"].stations_ahead == STATIONS


def test_every_limited_scope_has_a_written_end_and_full_scope_none() -> None:
    ends = {one.worker: one for one in afterwards.ends_of_scope(a_whole_day(), mailed_by_clinic=True)}
    assert {name: one.how for name, one in ends.items()} == {"ana": "incomplete", "bashir": "incomplete"}
    assert ends["ana"].still_to_do == ("bring_documents", "keep_receipt", "tell_new_address")


def test_the_day_itself_says_how_long_stations_took() -> None:
    study = {one.station: one for one in afterwards.time_study(a_whole_day(), DAY)}
    assert (study["review"].services, study["review"].mid) == (1, 20)
    counted = {one.name: one.counted for one in afterwards.throughput(a_whole_day())}
    assert counted == {
        "came": 3,
        "served": 1,
        "completed": 0,
        "sent_elsewhere": 1,
        "left_over": 1,
        "clears_at": OPENS + 147,
    }
    assert {one.inside for one in afterwards.throughput(a_whole_day())} == {None}
    assert TOMAS.interprets
