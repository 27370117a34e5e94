"""Many workers of one employer: their claims in one table, one letter for all, exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jornada.domain.facts import UNSURE
from jornada.gateways import packfiles, wagelaws, wagepapers, wagewords, workbooks
from jornada.gateways.wagepapers import Sending
from jornada.intake import selectors as intake
from jornada.packets import selectors, wageclaims
from jornada.packets.wageclaims import WageClaim
from jornada.triage import casefiles
from jornada.triage.casefiles import OpenFile
from jornada.vault.access import Refused

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile
    from jornada.vault.keys import MemberKeys


@dataclass(frozen=True)
class Member:
    """One worker of a cohort: the file, and her claim where consent lasts; `refused` says why it stayed closed."""

    file: CaseFile
    name: str
    opened: OpenFile | None = None
    claim: WageClaim | None = None
    refused: str = ""

    @property
    def counted(self) -> bool:
        return self.claim is not None and self.claim.found.claim is not None

    @property
    def ends(self) -> tuple[Decimal, Decimal] | None:
        """The careful and the full count."""
        if self.claim is None or self.claim.found.low is None:
            return None
        low, high = self.claim.found.sheets
        return low.total, high.total


@dataclass(frozen=True)
class Table:
    """All wage claims of a cohort at one provider, with totals over those that can be counted."""

    members: tuple[Member, ...]
    on: date

    @property
    def counted(self) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.counted)

    @property
    def totals(self) -> tuple[Decimal, Decimal]:
        ends = [one.ends for one in self.members if one.ends is not None]
        return sum((low for low, _ in ends), Decimal(0)), sum((high for _, high in ends), Decimal(0))


def wage_files(cohort_id: UUID) -> list[CaseFile]:
    """The current provider's files of the cohort that are wage claims; nothing is opened."""
    files = intake.files_of_cohort(cohort_id)
    return [file for file in files if wagelaws.law(packfiles.load(file.pack)) is not None]


def table(cohort_id: UUID, held: MemberKeys, reason: str, on: date) -> Table:
    """Every wage claim of the cohort, each file opened for this reason and logged by itself."""
    return Table(tuple(_member(file, held, reason, on) for file in wage_files(cohort_id)), on)


def _member(file: CaseFile, held: MemberKeys, reason: str, on: date) -> Member:
    name = str(casefiles.contact(file).get("name") or "")
    opened = OpenFile(held, file, reason, on)
    try:
        return Member(file, name, opened, wageclaims.of(opened))
    except Refused as refused:
        return Member(file, name, refused=refused.why)


# ── One letter for all ────────────────────────────────────────────────────────────────────────────────────


def may_sign(one: Member) -> bool:
    """Whether a worker may stand in a letter to the employer: counted, and she said that it is safe."""
    return one.counted and one.claim is not None and one.claim.answers.get("letter_safe") == "yes"


def joint_letter(found: Table, choices: dict[str, Any]) -> dict[str, Any] | None:
    """The data of one letter from all who may sign; None where fewer than two may."""
    signing = [one.claim for one in found.members if may_sign(one) and one.claim is not None]
    if len(signing) < 2:
        return None
    writers = [(Sending(one.pack, one.answers, choices, None, found.on), one.found) for one in signing]
    return dict(wagepapers.joint_demand(writers))


# ── Spreadsheets ──────────────────────────────────────────────────────────────────────────────────────────


def for_counsel(found: Table) -> bytes:
    """All claims with their totals, and every worker's lines, as .xlsx."""
    return workbooks.workbook([
        ("Claims", ("File", "Worker", "From", "To", "Careful count", "Full count", "Not verified", "Runs out from"),
         [_row(found, one) for one in found.members]),
        ("Lines", ("File", "Worker", "Count", "For", "Law", "From", "To", "Quantity", "Rate", "Owed", "Marks"),
         [line for one in found.counted for line in _lines(one)]),
    ])  # fmt: skip


def _row(found: Table, one: Member) -> tuple[Any, ...]:
    if one.claim is None or one.claim.found.low is None:
        return str(one.file), one.name, "", "", "", "", "", one.refused or "cannot be counted yet"
    low, high = one.claim.found.sheets
    ends = wageclaims.expiries(one.claim)
    first = min((line.first for line in high.lines), default=found.on)
    last = max((line.last for line in high.lines), default=found.on)
    return (
        str(one.file), one.name, first, last, low.total, high.total, high.unverified, ends[0].on if ends else "",
    )  # fmt: skip


def _lines(one: Member) -> Iterator[tuple[Any, ...]]:
    assert one.claim is not None
    for sheet in one.claim.found.sheets:
        for row in wagewords.rows(sheet):
            yield (
                str(one.file), one.name, wagewords.count_name(sheet), row.what, row.law, row.line.first, row.line.last,
                row.count, row.rate, row.line.amount, ", ".join(row.marks),
            )  # fmt: skip


STATEMENT_HEAD = (
    "File", "Agency", "Case number", "Filed on", "Employer, trade name", "Employer, legal name", "Worksite",
    "From", "To", "Work", "What is wrong", "Retaliation", "Others affected", "Evidence",
)  # fmt: skip


def agreed(one: Member) -> bool:
    """Whether the worker agreed, apart from all else, that an agency may have her facts for its letter."""
    return one.claim is not None and one.claim.answers.get("share_for_letter") == "yes"


def for_statement(found: Table) -> bytes:
    """What an agency is given for a statement of interest (deferred-action notes §2; wage notes §8), as .xlsx.

    Only workers who agreed; no name, no word on anybody's papers, which no wage claim holds.
    """
    return workbooks.workbook(
        [("Facts", STATEMENT_HEAD, [_facts(one) for one in found.members if agreed(one)])]
    )


def _facts(one: Member) -> Sequence[Any]:
    assert one.claim is not None
    assert one.opened is not None
    answers, pack = one.claim.answers, one.claim.pack
    worked_out = wagepapers.computed(one.claim.found, answers, {})
    sent = selectors.filing_of(one.file.id)
    site = next(iter(worked_out.get("places") or ()), {})
    place = ", ".join(filter(None, (str(site.get(key) or "") for key in ("street", "city", "state"))))
    listed = {
        name: ", ".join(wagepapers.value_words(pack, name, each) for each in answers.get(name) or ())
        for name in ("retaliation", "proof")
    }
    return (
        str(one.file),
        wagepapers.agency(pack),
        _case_number(one),
        sent.filed_on if sent else "",
        one.claim.found.employer,
        _text(answers.get("employer_legal")),
        place,
        _text(worked_out.get("work_from")),
        _text(worked_out.get("work_to")),
        _text(answers.get("work_done")),
        _text(worked_out.get("violations")),
        listed["retaliation"],
        _text(answers.get("coworkers_too")),
        listed["proof"],
    )


def _case_number(one: Member) -> str:
    """The agency's number, where it came."""
    came = selectors.receipts(one.file.id)
    assert one.opened is not None
    return _text(selectors.read_receipt(one.opened, came[-1]).get("number")) if came else ""


def _text(value: Any) -> str:
    return "" if value in (None, UNSURE) else str(value)
