"""Tables as a spreadsheet that people open: heads that stay, sums as dollars, texts that stay texts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]
"""A sheet of a spreadsheet: its name, its head, its rows. Decimals become sums of dollars, texts stay texts."""

_DOLLARS = '"$"#,##0.00'
_WIDEST = 60


def workbook(tables: Iterable[Table]) -> bytes:
    """An .xlsx with these sheets. A text is never read as a formula, whatever it begins with."""
    from openpyxl import Workbook  # imported where a sheet is made: pages start without it
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, head, rows in tables:
        listed = [list(row) for row in rows]
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        for place, title in enumerate(head):
            longest = max((len(str(row[place])) for row in listed), default=0)
            sheet.column_dimensions[get_column_letter(place + 1)].width = min(
                _WIDEST, max(len(title), longest) + 2
            )
        sheet.append([_cell(sheet, title, bold=True) for title in head])
        for row in listed:
            sheet.append([_cell(sheet, value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # "=1+1" in somebody's words stays words
    if isinstance(value, Decimal):
        cell.number_format = _DOLLARS
    if bold:
        cell.font = Font(bold=True)
    return cell
