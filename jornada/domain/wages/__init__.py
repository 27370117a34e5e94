"""Wages owed, exactly: hours and pay to lines, each with its law.

`Fraction` is the compiled twin of the standard library's: the same numbers in a third of the time, which is most
of what a claim costs (docs/decisions/0015). Type checkers see the standard one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction
else:
    from quicktions import Fraction

__all__ = ["Fraction"]
