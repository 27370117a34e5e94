"""A small pack that is whole, and ways to spoil it, for tests of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import settings

from jornada.domain import rulepacks
from jornada.domain.rulepacks import PackError, PackErrors, RulePack

quick = settings(max_examples=40, deadline=None)
"""For properties: enough examples to find a slip, few enough for every run."""

FILES: Mapping[str, str] = {
    "pack.yaml": """\
name: small
title: {en: Small, es: Pequeño}
languages: [en, es]
stop_early: [detained]
sources:
  S1: {title: A page that was read, url: "https://example.org/page"}
""",
    "facts.yaml": """\
facts:
  detained_now:   {kind: yes_no, section: history, class: P3}
  court_ever:     {kind: yes_no, section: history, class: P3}
  missed_hearing: {kind: yes_no, section: history, class: P3}
  arrests:        {kind: choices, options: [none, traffic, other], section: history, class: P3}
  entries:        {kind: whole_number, section: history, class: P3}
  arrived_on:     {kind: date, section: history, class: P3}
  jobs:
    kind: entries
    section: work
    class: P2
    entry:
      employer: {kind: text}
      from:     {kind: date}
      to:       {kind: date, may_be: ongoing}
""",
    "parameters.yaml": """\
parameters:
  programme_status:
    describe: What the agency does with new requests
    confirmed_until: "2026-11-29"
    history:
      - {start: "2023-01-13", end: "2025-01-19", value: open, sources: [{source: S1, sure: P}]}
      - {start: "2025-01-25", value: shut, sources: [{source: S1, sure: I}]}
""",
    "interview.yaml": """\
questions:
  - {id: Q01, asks: [entries, arrived_on], stage: screening}
  - {id: Q02, asks: [court_ever], stage: screening}
  - {id: Q03, asks: [missed_hearing], stage: screening, when: {fact: court_ever, in: ["yes", unsure]}}
  - {id: Q04, asks: [arrests], stage: screening}
  - {id: Q05, asks: [detained_now], stage: screening, danger: true}
  - {id: Q06, asks: [jobs], stage: screening}
""",
    "findings.yaml": """\
findings:
  - finding: detained
    kind: danger
    when: {fact: detained_now, is: "yes"}
    level: COMPLEX
    reason: detained
    tasks: [lawyer]
    sources: [{source: design, sure: D}]
  - finding: order_possible
    kind: danger
    when:
      all: [{fact: court_ever, in: ["yes", unsure]}, {fact: missed_hearing, in: ["yes", unsure]}]
    level: COMPLEX
    reason: order_possible
    sources: [{source: S1, sure: G}]
  - finding: arrested
    kind: complication
    when: {fact: arrests, has: other}
    level: ATTY
    reason: arrested
    sources: [{source: design, sure: D}]
  - finding: came_often
    kind: complication
    when: {any: [{fact: entries, at_least: 2}, {fact: arrived_on, before: {today: "-20 years"}}]}
    level: ATTY
    reason: came_often
    sources: [{source: design, sure: D}]
  - finding: shut
    kind: note
    when: {parameter: programme_status, is: shut}
    level: OK
    reason: shut
    sources: [{source: S1, sure: S}]
  - finding: worked_there
    kind: element
    when: {any_entry: jobs, where: {entry: employer, is: Valley Poultry}}
    reason: worked_there
    sources: [{source: S1, sure: S}]
""",
    "triage.yaml": """\
levels: [OK, ATTY, COMPLEX]
gates:
  - gate: shut_gate
    when: {parameter: programme_status, is: shut}
    level: COMPLEX
    reason: shut
    tasks: [lawyer]
tracks:
  - {when: {level: COMPLEX}, track: representation, reason: complex, level_of_service: extended_service}
  - {when: {level: {at_least: ATTY}}, track: clinic, reason: clinic}
  - {when: {always: true}, track: self_help, reason: self_help, delivery: S3}
""",
    "deadlines.yaml": """\
deadlines:
  - deadline: address
    from: {event: moved}
    due: {plus: "10 days"}
    firmness: law
    remind: ["-7 days", "-1 day"]
    sources: [{source: S1, sure: P}]
  - deadline: answer
    from: {event: letter}
    due: {on_notice: true}
    firmness: hard
    sources: [{source: S1, sure: I}]
  - deadline: asylum
    from: {fact: arrived_on}
    due: {plus: "1 year -1 day"}
    firmness: hard
    sources: [{source: design, sure: D}]
""",
    "wording/en.yaml": """\
questions:
  Q01: {ask: How often, why: It matters}
  Q02: {ask: Court, why: It matters}
  Q03: {ask: Missed, why: It matters}
  Q04: {ask: Arrests, why: It matters}
  Q05: {ask: Detained, why: It matters}
  Q06: {ask: Jobs, why: It matters}
facts: {entries: Times, arrived_on: Day}
options: {arrests: {none: None, traffic: Traffic, other: Other}}
entries: {jobs: {employer: Employer, from: From, to: To}}
sections: {history: History, work: Work}
reasons:
  detained: Detained
  order_possible: There may be an order
  arrested: An arrest
  came_often: Came often
  shut: Shut
  worked_there: Worked there
  complex: A lawyer first
  clinic: A clinic day
  self_help: On your own
tasks: {lawyer: Call a lawyer}
tracks: {representation: A lawyer, clinic: A clinic day, self_help: On your own}
levels: {OK: Plain, ATTY: A look, COMPLEX: A lawyer}
deadlines: {address: Tell of your move, answer: Answer, asylum: One year}
greeting: "Hello {name}"
""",
    "wording/es.yaml": """\
questions:
  Q01: {ask: Cuántas veces, why: Importa}
  Q02: {ask: Corte, why: Importa}
  Q03: {ask: Faltó, why: Importa}
  Q04: {ask: Arrestos, why: Importa}
  Q05: {ask: Detenida, why: Importa}
  Q06: {ask: Trabajos, why: Importa}
facts: {entries: Veces, arrived_on: Día}
options: {arrests: {none: Ninguno, traffic: Tránsito, other: Otro}}
entries: {jobs: {employer: Empleador, from: Desde, to: Hasta}}
sections: {history: Historia, work: Trabajo}
reasons:
  detained: Detenida
  order_possible: Puede haber una orden
  arrested: Un arresto
  came_often: Vino varias veces
  shut: Cerrado
  worked_there: Trabajó ahí
  complex: Primero un abogado
  clinic: Una jornada
  self_help: Por su cuenta
tasks: {lawyer: Llame a un abogado}
tracks: {representation: Un abogado, clinic: Una jornada, self_help: Por su cuenta}
levels: {OK: Simple, ATTY: Una mirada, COMPLEX: Un abogado}
deadlines: {address: Avise de su mudanza, answer: Conteste, asylum: Un año}
greeting: "Hola {name}"
""",
    "examples.yaml": """\
examples:
  - name: Ana, detained
    day: "2024-10-01"
    answers: {detained_now: "yes"}
    expect:
      {level: COMPLEX, track: representation, findings: {detained: "yes"}, tasks: [lawyer], stopped: detained}
""",
}


def small_pack(**changed: str) -> RulePack:
    """The pack with some files replaced: `facts="…"` for facts.yaml."""
    return rulepacks.parse("small", {**FILES, **{f"{name}.yaml": text for name, text in changed.items()}})


def spoiled(file: str, old: str, new: str) -> tuple[PackError, ...]:
    """What is wrong with the pack once `old` in that file is `new`; the pack must then be refused."""
    assert old in FILES[file], f"{old!r} is not in {file}"
    try:
        rulepacks.parse("small", {**FILES, file: FILES[file].replace(old, new)})
    except PackErrors as errors:
        return errors.errors
    raise AssertionError("the spoiled pack was taken")


def line_of(file: str, text: str) -> int:
    """The line of a file of the small pack on which the text first stands."""
    return FILES[file][: FILES[file].index(text)].count("\n") + 1
