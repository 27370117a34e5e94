"""What happens to a file, told to whoever listens; so a later stage can follow an earlier one.

Receivers run in the same transaction: if the worker's notice cannot be written, neither is the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.dispatch import Signal

happened = Signal()
referral_moved = Signal()
"""Sent with `referral`, the `kind` of its new step and the day `on`."""


def tell(
    kind: str, *, file: Any, on: date, about_on: date | None = None, opened: Any = None, by: Any = None,
    bring: Sequence[str] = (),
) -> None:  # fmt: skip
    """Say that a step of this kind was taken on a file on that day.

    `about_on` is the day the step is about (an appointment's, for instance);
    `opened` is the file as the member has it open, where she has; `bring` names papers she should bring.
    """
    happened.send(
        sender=kind, kind=kind, file=file, on=on, about_on=about_on, opened=opened, by=by, bring=tuple(bring)
    )
