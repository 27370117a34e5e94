"""What a condition can see: answers, the day, findings, dated values, circumstances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from jornada.domain.calendars import Calendar
from jornada.domain.facts import OPEN, YES, Answers, Circumstances, Finding

Truth = bool | None
"""Yes, no and not yet known, inside the interpreter."""


class NotInForce(LookupError):
    """A dated value was asked for on a day on which nobody has confirmed it."""

    def __init__(
        self,
        parameter: str,
        on: date,
        last_confirmed: date | None,
        first: date | None = None,
        file: str = "parameters.yaml",
    ) -> None:
        if first is not None and on < first:
            known = f"its history begins on {first}"
        elif last_confirmed is None:
            known = "it has no value"
        else:
            known = f"it was last confirmed for {last_confirmed}"
        super().__init__(
            f"{parameter} is not in force on {on}: {known}. "
            f"Check it against its source, then move confirmed_until or add to its history in {file}."
        )
        self.parameter, self.on, self.last_confirmed = parameter, on, last_confirmed


class ParameterReader(Protocol):
    """What a condition needs of the pack's dated values."""

    def __call__(self, name: str, on: date) -> Any: ...


class Scope:
    """Everything a condition can see: answers, the day, findings, dated values, circumstances.

    Findings are worked out when first asked for and kept. `lapsed` collects the
    values that were asked for and not in force.
    """

    __slots__ = (
        "_findings",
        "_parameter",
        "_rules",
        "answers",
        "calendar",
        "circumstances",
        "entry",
        "gates",
        "get",
        "lapsed",
        "level",
        "levels",
        "on",
    )

    def __init__(
        self,
        answers: Answers | Mapping[str, Any],
        on: date,
        *,
        rules: Mapping[str, Callable[[Scope], Finding]] | None = None,
        parameter: ParameterReader | None = None,
        circumstances: Circumstances | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        self.answers: Mapping[str, Any] = answers.plain if isinstance(answers, Answers) else answers
        self.get = self.answers.get
        self.on = on
        self._rules = rules if rules is not None else {}
        self._parameter = parameter
        self._findings: dict[str, Finding] = {}
        self.circumstances = circumstances if circumstances is not None else Circumstances()
        self.calendar = calendar
        self.entry: Mapping[str, Any] = {}
        self.lapsed: dict[str, NotInForce] = {}
        self.levels: Sequence[str] = ()
        self.level = ""
        self.gates: Mapping[str, bool] = {}

    def finding(self, name: str) -> Finding:
        """The finding of that name, worked out on first use."""
        found = self._findings.get(name)
        if found is None:
            found = self._findings[name] = self._rules[name](self)
        return found

    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, in the pack's order."""
        known = self._findings
        for name, rule in self._rules.items():
            if name not in known:
                known[name] = rule(self)
        return tuple([known[name] for name in self._rules])

    def remember(self, found: Finding) -> None:
        """Takes a finding as already worked out."""
        self._findings[found.name] = found

    def parameter(self, name: str) -> Any:
        """The value in force on the scope's day, or None (noted in `lapsed`) if none is."""
        return self.parameter_on(name, self.on)

    def parameter_on(self, name: str, on: date) -> Any:
        if self._parameter is None:
            return None
        try:
            return self._parameter(name, on)
        except NotInForce as lapsed:
            self.lapsed[name] = lapsed
            return None

    def truth(self, name: str) -> Truth:
        outcome = self.finding(name).outcome
        return None if outcome is OPEN else outcome is YES
