"""How fast the rule engine is: assess one file, re-screen many, find the next of 180 questions.

    python -m benchmarks.assessment [--json] [--files 400]

The peer is a plain interpreter of the same rules in the same run: it walks the
YAML data of each condition anew for every file, as most rule engines in web
projects do. It works out outcomes only (no reasons, no turning facts, no
missing facts); its named functions are the engine's own. Both must agree on
every outcome of every file, or the run fails.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from jornada.domain import assessment, calendars, interview, rulepacks, triage
from jornada.domain.candidates import candidates
from jornada.domain.comparisons import span_of
from jornada.domain.conditions import FUNCTIONS
from jornada.domain.facts import UNSURE, Circumstances, Outcome
from jornada.domain.packparts import RulePack
from jornada.gateways import packfiles

PACK = "us-labor-deferred-action"
ON = date(2024, 10, 1)
BAR_ASSESS, BAR_NEXT = 300.0, 150.0
Truth = bool | None


def complete_files(pack: RulePack, count: int, seed: int) -> list[dict[str, Any]]:
    """Files in which every fact of the screening is answered, each by chance."""
    draw = random.Random(seed)
    facts = dict.fromkeys(fact for q in pack.questions if q.stage == "screening" for fact in q.asks)
    choices = {fact: candidates(pack, fact, ON) for fact in facts}
    files = [{fact: draw.choice(values) for fact, values in choices.items()} for _ in range(count)]
    for file in files:
        file["jobs"] = _jobs(draw)
    return files


def _jobs(draw: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "employer": draw.choice(
                ["Valley Poultry", "Valley Poultry Inc.", "Vally Poultry", "Sunrise Foods"]
            ),
            "worksite": draw.choice(["Valley Poultry Plant", "Dock 4", ""]),
            "city": draw.choice(["Riverside", "Oakdale"]),
            "from": draw.choice(["2019", "2020-03", "2021-05-02"]),
            "to": draw.choice(["2021", "2023-02", "ongoing"]),
        }
        for _ in range(draw.choice([1, 2, 3]))
    ]


def circumstances(pack: RulePack) -> Circumstances:
    return Circumstances(tuple(pack.statements.values())[:2])


# --- the peer -------------------------------------------------------------------------------------


class PlainInterpreter:
    """Reads each condition's data afresh for every file; keeps nothing between files."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        parts = [page.data for key, page in pack.located.items() if key.endswith("findings.yaml")]
        self.rules = {rule["finding"]: rule for part in parts for rule in part["findings"]}

    def assess(self, answers: Mapping[str, Any], on: date, around: Circumstances) -> dict[str, Truth]:
        self.answers, self.on = answers, on
        self.scope = self.pack.scope(answers, on, around)
        self.known: dict[str, Truth] = {}
        return {name: self.finding(name) for name in self.rules}

    def finding(self, name: str) -> Truth:
        if name not in self.known:
            rule = self.rules[name]
            self.known[name] = self.holds(rule["when"], {}) if "when" in rule else self.function(name)
        return self.known[name]

    def function(self, name: str) -> Truth:
        behind = self.pack.findings[name].condition
        outcome = FUNCTIONS[behind.subject].call(self.scope, behind.arguments).outcome
        return None if outcome is Outcome.NOT_YET_KNOWN else outcome is Outcome.YES

    def holds(self, raw: Mapping[str, Any], entry: Mapping[str, Any]) -> Truth:
        if "all" in raw or "any" in raw:
            decisive = "any" in raw
            truths = [self.holds(part, entry) for part in raw["any" if decisive else "all"]]
            return decisive if decisive in truths else (None if None in truths else not decisive)
        if "not" in raw:
            truth = self.holds(raw["not"], entry)
            return None if truth is None else not truth
        return self.single(raw, entry)

    def single(self, raw: Mapping[str, Any], entry: Mapping[str, Any]) -> Truth:
        if "always" in raw:
            return True
        if "known" in raw:
            return self.answers.get(raw["known"]) not in (None, UNSURE)
        if "answered" in raw:
            return self.answers.get(raw["answered"]) is not None
        if "finding" in raw:
            return self.about_finding(raw)
        if "any_entry" in raw or "every_entry" in raw or "count" in raw:
            return self.entries(raw)
        value, verbs = self.left(raw, entry)
        truths = [self.compare(value, verb, wanted, entry) for verb, wanted in verbs.items()]
        return False if False in truths else (None if None in truths else True)

    def left(self, raw: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        for kind in ("fact", "entry", "parameter"):
            if kind in raw:
                verbs = {key: value for key, value in raw.items() if key != kind}
                return self.value(kind, raw[kind], entry), verbs
        return self.on, raw["day"]

    def value(self, kind: str, name: str, entry: Mapping[str, Any]) -> Any:
        if kind == "parameter":
            return self.pack.parameter(name).on(self.on).value
        return (entry if kind == "entry" else self.answers).get(name)

    def about_finding(self, raw: Mapping[str, Any]) -> Truth:
        if "value" in raw:
            found = self.scope.finding(raw["finding"]).values.get(raw["value"])
            verbs = {key: value for key, value in raw.items() if key not in ("finding", "value")}
            truths = [self.compare(found, verb, wanted, {}) for verb, wanted in verbs.items()]
            return False if False in truths else (None if None in truths else True)
        wanted = raw.get("in") or [raw["is"]]
        outcome = Outcome.of(self.finding(raw["finding"]))
        if not outcome.known and outcome.value not in wanted:
            return None if wanted != ["not yet known"] else False
        return outcome.value in wanted

    def entries(self, raw: Mapping[str, Any]) -> Truth:
        kind = next(key for key in ("any_entry", "every_entry", "count") if key in raw)
        rows = self.answers.get(raw[kind])
        if rows is None or rows == UNSURE:
            return None
        truths = [self.holds(raw.get("where", {"always": True}), row) for row in rows]
        if kind == "count":
            low = truths.count(True)
            verbs = {key: value for key, value in raw.items() if key not in ("count", "where")}
            spread = range(low, low + truths.count(None) + 1)
            results = {
                all(self.compare(n, verb, wanted, {}) for verb, wanted in verbs.items()) for n in spread
            }
            return results.pop() if len(results) == 1 else None
        decisive = kind == "any_entry"
        return decisive if decisive in truths else (None if None in truths else not decisive)

    def compare(self, value: Any, verb: str, wanted: Any, entry: Mapping[str, Any]) -> Truth:
        listed = wanted if isinstance(wanted, list) else [wanted]
        if value is None:
            return None
        if value == UNSURE:
            return True if verb in ("is", "in", "has_any") and UNSURE in listed else None
        if verb in ("on_or_after", "after", "before", "on_or_before"):
            return self.dates(value, verb, wanted, entry)
        if isinstance(wanted, Mapping):
            wanted = self.value("parameter", wanted["parameter"], entry)
        if "unknown" in (value, wanted) and value != wanted and "unknown" not in listed:
            return None
        return self.plain(value, verb, wanted)

    def plain(self, value: Any, verb: str, wanted: Any) -> Truth:
        if verb in ("is", "in"):
            return value == wanted if verb == "is" else value in wanted
        if verb in ("has", "has_any"):
            return wanted in value if verb == "has" else any(item in value for item in wanted)
        left, right = float(value), float(wanted)
        return {
            "at_least": left >= right,
            "at_most": left <= right,
            "more_than": left > right,
            "less_than": left < right,
        }[verb]

    def dates(self, value: Any, verb: str, wanted: Any, entry: Mapping[str, Any]) -> Truth:
        left, right = span_of(value, self.on), self.date(wanted, entry)
        if left is None or right is None:
            return None
        surely = {
            "on_or_after": left[0] >= right[1],
            "after": left[0] > right[1],
            "before": left[1] < right[0],
            "on_or_before": left[1] <= right[0],
        }[verb]
        never = {
            "on_or_after": left[1] < right[0],
            "after": left[1] <= right[0],
            "before": left[0] >= right[1],
            "on_or_before": left[0] > right[1],
        }[verb]
        return True if surely else (False if never else None)

    def date(self, wanted: Any, entry: Mapping[str, Any]) -> tuple[date, date] | None:
        if wanted == "today":
            return self.on, self.on
        if isinstance(wanted, str):
            return span_of(wanted, self.on)
        kind = next(iter(wanted))
        span = (
            (self.on, self.on) if kind == "today" else span_of(self.value(kind, wanted[kind], entry), self.on)
        )
        shift = calendars.Shift.parse(
            str(wanted["today"] if kind == "today" else wanted.get("plus", "0 days"))
        )
        return span and (shift.after(span[0]), shift.after(span[1]))


# --- measuring ------------------------------------------------------------------------------------


def micros(work: Callable[[Any], object], items: list[Any], times: int = 3) -> list[float]:
    """Microseconds of each item: the best of so many runs, since the machine is not ours alone."""
    found = []
    for item in items:
        runs = []
        for _ in range(times):
            start = time.perf_counter()
            work(item)
            runs.append(time.perf_counter() - start)
        found.append(min(runs) * 1e6)
    return sorted(found)


def spread(found: list[float]) -> dict[str, float]:
    return {
        "p50": round(statistics.median(found), 1),
        "p99": round(found[int(len(found) * 0.99)], 1),
        "files": len(found),
    }


def assessing(count: int) -> dict[str, Any]:
    """Engine and peer on the same files, after a warm-up on others; a cold engine apart."""
    pack = packfiles.read(packfiles.directory() / PACK, packfiles.directory())
    around, files = circumstances(pack), complete_files(pack, count, seed=7)
    peer = PlainInterpreter(pack)
    cold = micros(lambda file: assessment.assess(file, pack, ON, around), files[:20], times=1)
    for file in complete_files(pack, count, seed=8):
        assessment.assess(file, pack, ON, around)
        peer.assess(file, ON, around)
    for file in files:
        ours = {f.name: f.outcome for f in assessment.assess(file, pack, ON, around).findings}
        theirs = {name: Outcome.of(truth) for name, truth in peer.assess(file, ON, around).items()}
        if ours != theirs:
            raise SystemExit(f"engine and peer disagree on {[n for n in ours if ours[n] is not theirs[n]]}")
    again = complete_files(pack, count, seed=9)
    engine = micros(lambda file: assessment.assess(file, pack, ON, around), again)
    plain = micros(lambda file: peer.assess(file, ON, around), again)
    deciding = micros(
        lambda done: triage.decide(done, pack), [assessment.assess(f, pack, ON, around) for f in again]
    )
    numbered = [(str(number), file, around) for number, file in enumerate(again)]
    [whole] = micros(lambda all_files: list(assessment.assess_all(all_files, pack, ON)), [numbered])
    rate = len(again) / whole * 1e6
    return {
        "sizes": {"findings": len(pack.findings), "facts": len(pack.facts), "files": count},
        "assess": spread(engine),
        "first_files_of_a_cold_engine": spread(cold),
        "peer_plain_interpreter": spread(plain),
        "times_faster_than_peer": round(statistics.median(plain) / statistics.median(engine), 2),
        "triage": spread(deciding),
        "rescreen_files_per_second": round(rate),
    }


def many_questions(count: int) -> RulePack:
    """A made-up pack with so many questions; every third hangs on the one before."""
    facts, questions, findings = [], [], []
    for n in range(count):
        facts.append(f"  f{n}: {{kind: yes_no, section: s, class: P3}}")
        gate = f', when: {{fact: f{n - 1}, in: ["yes", unsure]}}' if n % 3 == 2 else ""
        questions.append(f"  - {{id: Q{n}, asks: [f{n}], stage: screening{gate}}}")
        other = f'{{any: [{{fact: f{n}, is: "yes"}}, {{fact: f{max(n - 5, 0)}, is: "yes"}}]}}'
        findings.append(
            f"  - {{finding: g{n}, kind: note, when: {other}, level: OK, reason: r, "
            "sources: [{source: design, sure: D}]}"
        )
    texts = [f"  Q{n}: {{ask: Ask, why: Why}}" for n in range(count)]
    wording = (
        "questions:\n"
        + "\n".join(texts)
        + "\nsections: {s: S}\nreasons: {r: R}\nlevels: {OK: Ok}\ntracks: {clinic: C}\n"
    )
    return rulepacks.parse(
        "made-up",
        {
            "pack.yaml": "name: made-up\ntitle: Made up\nlanguages: [en]\n",
            "facts.yaml": "facts:\n" + "\n".join(facts),
            "interview.yaml": "questions:\n" + "\n".join(questions),
            "findings.yaml": "findings:\n" + "\n".join(findings),
            "triage.yaml": "levels: [OK]\ntracks:\n  - {when: {always: true}, track: clinic, reason: r}\n",
            "wording/en.yaml": wording,
        },
    )


def asking(count: int) -> dict[str, Any]:
    """The next question after each number of answers, from none to all."""
    pack = many_questions(count)
    draw = random.Random(3)
    ways: list[dict[str, str]] = []
    for _ in range(5):
        answers: dict[str, str] = {}
        while (question := interview.next_question(pack, answers, ON)) is not None:
            answers[question.asks[0]] = draw.choice(["yes", "no", UNSURE])
            ways.append(dict(answers))
    found = micros(lambda answers: interview.next_question(pack, answers, ON), ways)
    return {"questions": count, **spread(found)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--files", type=int, default=400)
    options = parser.parse_args()
    assessed = assessing(options.files)
    asked = [asking(count) for count in (20, 60, 180)]
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    reached, next_reached = assessed["assess"]["p50"], asked[-1]["p50"]
    targets = [
        {
            "name": "assess one complete file",
            "bar": BAR_ASSESS,
            "reached": reached,
            "unit": "µs",
            "met": reached <= BAR_ASSESS,
        },
        {
            "name": "next of 180 questions",
            "bar": BAR_NEXT,
            "reached": next_reached,
            "unit": "µs",
            "met": next_reached <= BAR_NEXT,
        },
    ]
    print(f"{PACK}: {assessed['sizes']}")
    for key in ("assess", "first_files_of_a_cold_engine", "peer_plain_interpreter", "triage"):
        print(f"  {key:30} p50 {assessed[key]['p50']:8} µs   p99 {assessed[key]['p99']:8} µs")
    print(
        f"  {assessed['times_faster_than_peer']} × the peer; "
        f"{assessed['rescreen_files_per_second']} files a second re-screened"
    )
    for one in asked:
        print(
            f"  next of {one['questions']:3} questions          p50 {one['p50']:8} µs   p99 {one['p99']:8} µs"
        )
    for target in targets:
        verdict = "met" if target["met"] else "NOT MET"
        print(f"  {verdict}: {target['name']} {target['reached']} µs (bar {target['bar']:.0f})")
    if options.json:
        print(
            json.dumps(
                {
                    "machine": machine,
                    "sizes": assessed["sizes"],
                    "results": {"assessment": assessed, "asking": asked},
                    "targets": targets,
                }
            )
        )


if __name__ == "__main__":
    main()
