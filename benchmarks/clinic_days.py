"""Made-up clinic days of any size, for benchmarks and tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

from jornada.domain.clinic.day import ClinicDay, Invited, Rest, Room, Staff

STATIONS = ("check_in", "screening", "advice", "preparation", "review", "assembly", "exit")
OPENS, CLOSES = 9 * 60, 17 * 60
REST = Rest(30, 11 * 60 + 15, 13 * 60)
LANGUAGES = (("es", 0.68), ("mam", 0.12), ("kek", 0.06), ("zh", 0.07), ("en", 0.07))


def large_day(workers: int, *, seed: int = 0, booked: bool = False) -> ClinicDay:
    """So many workers in five languages, and 40 staff of every credential for each 120 of them."""
    choose = Random(seed)
    staff = [one for part in range(max(1, round(workers / 120))) for one in _forty(part)]
    invited = []
    for number in range(1, workers + 1):
        language = choose.choices([name for name, _ in LANGUAGES], [share for _, share in LANGUAGES])[0]
        earliest, latest = choose.choices(
            ((None, None), (None, 13 * 60), (12 * 60, None)), (0.7, 0.15, 0.15)
        )[0]
        accessible = choose.random() < 0.05
        invited.append(
            Invited(
                str(number),
                language,
                "straightforward",
                accessible=accessible,
                earliest=earliest,
                latest=latest,
            )
        )
    if booked:
        waves = range(OPENS, CLOSES - 179, 30)
        invited = [
            replace(one, appointment=waves[place * len(waves) // workers], earliest=None, latest=None)
            for place, one in enumerate(invited)
        ]
    rooms = {name: Room(len(staff), 3) for name in STATIONS}
    return ClinicDay("made-up", date(2026, 12, 5), OPENS, CLOSES, rooms, tuple(staff), tuple(invited))


def reviewed_day(workers: int, *, seed: int = 0) -> ClinicDay:
    """The second part of a clinic in two parts: screened and prepared before, advice and review today."""
    day = large_day(workers, seed=seed)
    done = ("check_in", "screening", "preparation")
    return replace(day, invited=tuple(replace(one, done=done) for one in day.invited))


def _forty(part: int) -> list[Staff]:
    """40 staff: 8 attorneys, 4 representatives, 6 students, 13 preparers, 5 volunteers, 4 interpreters."""
    made: list[Staff] = []

    def add(count: int, credential: str, languages: list[str], stations: tuple[str, ...] = ()) -> None:
        for place in range(count):
            late = credential == "student" and place % 2 == 0
            short = credential == "attorney" and place >= 6
            ends = 13 * 60 if late else 14 * 60 if short else CLOSES
            made.append(
                Staff(
                    f"{credential}-{part}-{place}", credential, OPENS, ends,
                    frozenset(languages[place % len(languages)].split()), stations,
                    (f"attorney-{part}-0", f"attorney-{part}-1") if credential == "student" else (),
                    date(2027, 12, 31), REST if ends - OPENS >= 300 else None,
                )
            )  # fmt: skip

    add(8, "attorney", ["en", "en es"])
    add(4, "accredited_partial", ["en es"])
    add(6, "student", ["en", "en es", "en es"])
    add(13, "trained_lay", ["en", "en es", "en es", "en es"], ("preparation",))
    add(5, "lay", ["en", "en es"])
    add(4, "interpreter", ["es mam", "es kek", "zh", "mam"])
    return made
