"""What forbids a clinic day or an appointment in it, and what would mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jornada.domain.clinic.day import Appointment, ClinicDay, Room, Sitting, Staff
from jornada.domain.clinic.rules import appointment_objections, hard, objections
from tests.domain.clinic_scene import (
    ANA,
    BASHIR,
    CLOSES,
    GUS,
    LUCIA,
    MATEO,
    NOOR,
    OMAR,
    OPENS,
    ROSA,
    STATIONS,
    TEAM,
    TOMAS,
    day,
    template,
    with_rest,
)


def refused(made: ClinicDay) -> list[str]:
    return [one.key for one in hard(objections(made, template()))]


def test_a_sound_day_is_refused_nothing() -> None:
    assert refused(day()) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"closes": OPENS}, "closes_before_opening"),
        ({"staff": (*TEAM, replace(GUS, id="hana", begins=OPENS - 60))}, "staff_outside_hours"),
        ({"staff": (*TEAM, replace(GUS, id="hana", ends=OPENS - 60))}, "staff_outside_hours"),
        ({"staff": (*TEAM, with_rest(replace(GUS, id="hana"), minutes=-10))}, "break_outside_hours"),
        ({"staff": (*TEAM, with_rest(replace(GUS, id="hana"), latest=CLOSES))}, "break_outside_hours"),
        ({"staff": (*TEAM, replace(NOOR, id="teo", credential_until=date(2026, 12, 4)))}, "credential_ended"),
        ({"staff": (*TEAM, replace(LUCIA, id="ivan", supervised_by=()))}, "student_without_supervisor"),
        ({"staff": (*TEAM, replace(LUCIA, id="ivan", supervised_by=("gus",)))}, "student_without_supervisor"),
        ({"staff": (replace(ROSA, begins=OPENS + 60), *TEAM[1:])}, "supervisor_not_there"),
        ({"staff": (*TEAM, replace(GUS, id="hana", stations=("advice",)))}, "not_allowed_there"),
        ({"staff": (*TEAM, GUS)}, "listed_twice"),
        ({"rooms": {"advice": Room(1), "exit": Room(0)}}, "seats_make_no_sense"),
        ({"invited": (ANA, ANA)}, "listed_twice"),
        ({"invited": (replace(ANA, complexity="complex"),)}, "complex_needs_full_scope"),
        ({"invited": (replace(ANA, language="zh"),)}, "language_not_covered"),
        ({"invited": (replace(ANA, show_rate=Decimal("1.2")),)}, "show_rate_makes_no_sense"),
        ({"invited": (replace(ANA, earliest=900, latest=900),)}, "no_time_left"),
        ({"invited": (replace(ANA, appointment=CLOSES),)}, "appointment_outside_hours"),
        ({"invited": (replace(ANA, seat=1), replace(BASHIR, seat=1, appointment=OPENS))}, "seat_taken_twice"),
        ({"invited": (replace(ANA, accessible=True),), "rooms": {"exit": Room(4, 0)}}, "no_accessible_seat"),
        ({"rooms": {"tea": Room(4)}}, "unknown_station"),
    ],
)  # fmt: skip
def test_each_thing_that_cannot_be_is_refused_by_name(changed: dict[str, Any], reason: str) -> None:
    assert reason in refused(day(**changed))


def test_one_objection_names_who_and_where_it_stands() -> None:
    (one,) = hard(objections(day(staff=(*TEAM, replace(LUCIA, id="ivan", supervised_by=()))), template()))
    assert one.reason.values == {"who": "ivan"}
    assert one.path == ("staff", len(TEAM))


def test_mateo_may_come_with_his_own_interpreter_where_nobody_speaks_mam() -> None:
    without = tuple(one for one in TEAM if one is not TOMAS)
    assert refused(day(staff=without)) == ["language_not_covered"]
    assert refused(day(staff=without, invited=(ANA, replace(MATEO, brings_interpreter=True)))) == []


def test_a_language_that_nobody_asked_is_not_read_as_english() -> None:
    found = objections(day(invited=(replace(ANA, language=""),)), template())
    assert [one.key for one in found] == ["language_not_known"]
    assert not found[0].hard


def test_what_is_judgement_warns_and_does_not_refuse() -> None:
    preparers = [replace(OMAR, id=f"omar-{n}") for n in range(12)]
    found = objections(
        day(
            staff=(*TEAM, *preparers, replace(NOOR, id="teo", credential_until=None)),
            invited=(replace(ANA, complexity="moderate", appointment=CLOSES - 60),),
        ),
        template(),
    )
    assert {one.key for one in found} == {
        "too_many_preparers",
        "credential_end_not_known",
        "moderate_in_clinic",
        "after_last_wave",
    }
    assert not hard(found)


# ── Appointments ──────────────────────────────────────────────────────────────────────────────────────────────

TALK = (
    Sitting("check_in", OPENS, OPENS + 15, "gus"),
    Sitting("screening", OPENS + 15, OPENS + 45, "lucia"),
    Sitting("advice", OPENS + 45, OPENS + 60, "rosa"),
    Sitting("preparation", OPENS + 60, OPENS + 150, "omar"),
    Sitting("review", OPENS + 150, OPENS + 180, "noor", "helper"),
)
HELPER = Staff("helper", "interpreter", OPENS, CLOSES, frozenset({"es"}))


def kept(made: ClinicDay, *appointments: Appointment, breaks: dict[str, int] | None = None) -> list[str]:
    return [one.key for one in appointment_objections(made, template(), appointments, breaks)]


def changed(place: int, **how: Any) -> Appointment:
    sittings = list(TALK)
    sittings[place] = replace(sittings[place], **how)
    return Appointment("ana", OPENS, tuple(sittings))


def test_a_sound_appointment_is_refused_nothing() -> None:
    assert kept(day(staff=(*TEAM, HELPER)), Appointment("ana", OPENS, TALK)) == []


@pytest.mark.parametrize(
    ("appointment", "reason"),
    [
        (changed(0, ends=OPENS), "negative_minutes"),
        (changed(0, ends=OPENS - 5), "negative_minutes"),
        (changed(1, begins=OPENS + 5), "begins_before_the_last_ends"),
        (changed(4, ends=CLOSES + 1), "ends_after_closing"),
        (changed(2, staff="lucia"), "not_allowed_there"),
        (changed(2, staff="nobody"), "unknown_staff"),
        (changed(2, station="tea"), "unknown_station"),
        (changed(4, interpreter=""), "no_language_between"),
        (changed(4, interpreter="tomas"), "interpreter_does_not_speak"),
        (Appointment("zoe", OPENS, TALK), "unknown_worker"),
        (Appointment("ana", CLOSES + 5), "appointment_outside_hours"),
    ],
)
def test_each_appointment_that_cannot_be_is_refused_by_name(appointment: Appointment, reason: str) -> None:
    assert reason in kept(day(staff=(*TEAM, HELPER)), appointment)


def test_an_attorney_is_not_booked_twice_at_the_same_time() -> None:
    other = Appointment("bashir", OPENS, (Sitting("screening", OPENS + 30, OPENS + 60, "rosa"),))
    found = appointment_objections(
        day(staff=(*TEAM, HELPER)), template(), (Appointment("ana", OPENS, TALK), other)
    )
    assert [one.key for one in found] == ["double_booked"]
    assert found[0].reason.values == {"who": "rosa", "at": "09:45", "one": "bashir", "other": "ana"}


def test_an_attorney_is_not_booked_in_the_break() -> None:
    made = day(staff=(*TEAM, HELPER))
    assert kept(made, Appointment("ana", OPENS, TALK), breaks={"rosa": OPENS + 45}) == []
    rested = day(staff=(with_rest(ROSA, 30, OPENS, OPENS + 60), *TEAM[1:], HELPER))
    assert kept(rested, Appointment("ana", OPENS, TALK), breaks={"rosa": OPENS + 45}) == ["double_booked"]


def test_one_interpreter_may_sit_at_two_tables_where_that_is_the_share() -> None:
    second = replace(OMAR, id="eli", languages=frozenset({"en"}))
    first = replace(OMAR, languages=frozenset({"en"}))
    made = day(staff=(ROSA, GUS, first, second, TOMAS), invited=(MATEO, replace(MATEO, id="kim")))
    at = [(OPENS, "omar"), (OPENS + 40, "eli")]
    both = [
        Appointment(who, OPENS, (Sitting("preparation", begins, begins + 90, staff, "tomas"),))
        for who, (begins, staff) in zip(("mateo", "kim"), at, strict=True)
    ]
    assert kept(made, *both) == []
    assert kept(
        made,
        *[replace(one, sittings=(replace(one.sittings[0], station="review", staff="rosa"),)) for one in both],
    )


def test_who_prepared_a_packet_does_not_review_it_and_kept_apart_stays_apart() -> None:
    assert "reviewed_by_preparer" in kept(
        day(staff=(*TEAM, HELPER)),
        Appointment("ana", OPENS, (replace(TALK[3], staff="rosa"), replace(TALK[4], staff="rosa"))),
    )
    apart = day(staff=(*TEAM, HELPER), invited=(replace(ANA, kept_from=frozenset({"rosa"})),))
    assert kept(apart, Appointment("ana", OPENS, TALK)) == ["kept_apart"]


def test_a_student_sits_with_nobody_while_no_supervisor_is_there() -> None:
    short = replace(ROSA, begins=OPENS + 30)
    assert "supervisor_not_there" in kept(
        day(staff=(short, *TEAM[1:], HELPER)), Appointment("ana", OPENS, TALK)
    )


def test_a_station_has_no_more_workers_than_seats() -> None:
    narrow = day(staff=(*TEAM, HELPER, replace(GUS, id="hana")), rooms={name: Room(1) for name in STATIONS})
    two = [
        Appointment("ana", OPENS, (Sitting("check_in", OPENS, OPENS + 15, "gus"),)),
        Appointment("bashir", OPENS, (Sitting("check_in", OPENS, OPENS + 15, "hana"),)),
    ]
    assert kept(narrow, *two) == ["station_over_full"]
    assert kept(narrow, two[0], two[0])[0] == "two_appointments"
