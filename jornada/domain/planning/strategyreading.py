"""The strategies of a planning pack: phases, gifts and needs, calendars, costs, limits, steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jornada.domain.located import Path
from jornada.domain.planning.catalogue import BESIDE, Amount, Beside, ClinicTeam, Phase, Stage, Strategy
from jornada.domain.planning.figures import NotAFigure, parse

if TYPE_CHECKING:
    from jornada.domain.planning.reading import Book

FILE = "strategies.yaml"
COST_KINDS = (
    "staff", "clinics", "volunteers", "fellowships", "low_bono", "tools", "fees", "interpreters",
)  # fmt: skip
_NEEDED = ("unit", "starts", "phases")
_ALLOWED = (
    "at", "dated", "prepare", "success", "leaves", "lasts", "needs", "staff_at_least", "cost", "most", "nationality",
    "rules", "stages", "documents",
)  # fmt: skip
_LIMITS = ("units", "units per organisation")


class StrategyReader:
    """Reads one strategy after the other into a book's numbers."""

    def __init__(self, book: Book) -> None:
        self.book, self.pages = book, book.pages

    def strategy(self, file: str, path: Path, name: str, raw: Any) -> Strategy | None:
        entry = self.pages.mapping(FILE, path, raw, _NEEDED, _ALLOWED)
        if entry is None:
            return None
        own = f"strategies.{name}"
        starts = entry["starts"] if isinstance(entry["starts"], dict) else {}
        where = self.pages.one_of(FILE, path, entry.get("at", "region"), ("region", "coalition"))
        return Strategy(
            id=name,
            unit=str(entry["unit"]),
            phases=self._phases((*path, "phases"), own, entry["phases"]),
            where="coalition" if where == "coalition" else "region",
            dated=bool(entry.get("dated", False)) or "programme" in starts,
            programme=str(starts.get("programme", "")),
            season=str(starts.get("season", "")),
            prepare=self._number(path, own, entry, "prepare", ("months",)),
            success=self._number(path, own, entry, "success", ("share",)),
            leaves=self._number(path, own, entry, "leaves", ("share per year",)),
            lasts=int(entry["lasts"]) if "lasts" in entry else None,
            needs={key: int(units) for key, units in (entry.get("needs") or {}).items()},
            staff_at_least=self._staff((*path, "staff_at_least"), own, entry.get("staff_at_least") or {}),
            nationality=str(entry.get("nationality", "")),
            rules=self.pages.words(FILE, (*path, "rules"), entry.get("rules")),
            stages=self._stages((*path, "stages"), own, entry.get("stages") or []),
            documents=self.pages.words(FILE, (*path, "documents"), entry.get("documents")),
            **self._money_and_limits(path, own, entry),
        )

    def _number(
        self, path: Path, own: str, entry: Mapping[str, Any], key: str, dimensions: Sequence[str]
    ) -> str:
        return self.book.path_of(FILE, (*path, key), f"{own}.{key}", entry.get(key), dimensions)

    def _money_and_limits(self, path: Path, own: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What a unit costs, of which kind; how many may be begun."""
        staff = {"kind": "staff"}
        cost = (
            self.pages.mapping(
                FILE, (*path, "cost"), entry.get("cost", staff), ("kind",), ("start", "monthly")
            )
            or staff
        )
        most = (
            self.pages.mapping(FILE, (*path, "most"), entry.get("most", {}), (), ("per_month", "in_all"))
            or {}
        )
        self.pages.one_of(FILE, (*path, "cost"), cost["kind"], COST_KINDS)
        monthly = (*path, "cost", "monthly")
        return {
            "cost_kind": str(cost["kind"]),
            "cost_start": self._number((*path, "cost"), f"{own}.cost", cost, "start", ("USD",)),
            "cost_monthly": self.book.amount(
                FILE, monthly, f"{own}.cost.monthly", cost.get("monthly"), ("USD per month",)
            ),
            "most_per_month": self._number((*path, "most"), f"{own}.most", most, "per_month", _LIMITS),
            "most_in_all": self._number((*path, "most"), f"{own}.most", most, "in_all", _LIMITS),
        }

    def _staff(self, path: Path, own: str, raw: Mapping[str, Any]) -> dict[str, float]:
        found = {}
        for resource, written in raw.items():
            try:
                found[resource] = parse(f"{own}.{resource}", written, ("FTE",)).mid
            except NotAFigure as wrong:
                self.pages.wrong(FILE, path, wrong.problem, wrong.mend)
        return found

    # --- phases -------------------------------------------------------------------------------------

    def _phases(self, path: Path, own: str, raw: Any) -> tuple[Phase, ...]:
        if not isinstance(raw, list):
            self.pages.wrong(FILE, path, "phases is not a list", "Write phases: and one - for each")
            return ()
        made = [self._phase((*path, place), own, one) for place, one in enumerate(raw)]
        return tuple(one for one in made if one is not None)

    def _phase(self, path: Path, strategy: str, raw: Any) -> Phase | None:
        entry = self.pages.mapping(
            FILE, path, raw, ("name",), ("after", "gives", "takes", "frees", "pays_fees")
        )
        if entry is None:
            return None
        own, after = f"{strategy}.{entry['name']}", entry.get("after")
        gives = dict(entry.get("gives") or {})
        events = [key for key, one in gives.items() if isinstance(one, dict) and "event" in one]
        teams = [self._team((*path, "gives", key), gives.pop(key)["event"]) for key in events]

        def amount(key: str, dimension: str) -> Amount | None:
            return self.book.amount(FILE, (*path, key), f"{own}.{key}", entry.get(key), (dimension,))

        return Phase(
            name=str(entry["name"]),
            after=amount("after", "months"),
            together=isinstance(after, dict) and after.get("varies") == "together",
            gives=self._amounts((*path, "gives"), f"{own}.gives", gives),
            takes=self._amounts((*path, "takes"), f"{own}.takes", entry.get("takes") or {}),
            team=teams[0] if teams else None,
            frees=amount("frees", "share"),
            pays_fees=amount("pays_fees", "USD per month"),
        )

    def _amounts(self, path: Path, own: str, raw: Mapping[str, Any]) -> dict[str, Amount]:
        found = {}
        for resource, one in raw.items():
            dimension = self._dimension((*path, resource), resource)
            amount = self.book.amount(FILE, (*path, resource), f"{own}.{resource}", one, (dimension,))
            if amount is not None:
                found[resource] = amount
        return found

    def _dimension(self, path: Path, resource: str) -> str:
        """What a resource is counted in; supervision that comes with attorneys in places for each of them."""
        resources = self.book.part("help.yaml", "resources")
        if resource not in resources:
            self.pages.wrong(
                FILE, path, f"unknown resource {resource!r}", f"Known here: {', '.join(resources)}"
            )
            return "units"
        grown = "from" in resources[resource] and "gives" in path
        return "places per FTE" if grown else str(resources[resource].get("unit", "units"))

    def _team(self, path: Path, raw: Any) -> ClinicTeam | None:
        entry = self.pages.mapping(FILE, path, raw, ("attorneys", "preparers", "hours"))
        if entry is None:
            return None
        hours = self.book.plain(FILE, path, entry["hours"])
        return ClinicTeam(int(entry["attorneys"]), int(entry["preparers"]), hours)

    def _stages(self, path: Path, own: str, raw: Any) -> tuple[Stage, ...]:
        made = []
        for place, one in enumerate(raw):
            entry = self.pages.mapping(FILE, (*path, place), one, ("name", "months"), ("beside",))
            if entry:
                beside = self.pages.one_of(FILE, (*path, place), entry.get("beside", ""), BESIDE)
                stage = f"{own}.stages.{entry['name']}"
                number = self.book.path_of(
                    FILE, (*path, place, "months"), stage, entry["months"], ("months",)
                )
                kept: Beside = next((known for known in BESIDE if known == beside), "")
                made.append(Stage(str(entry["name"]), number, kept))
        return tuple(made)
