"""Wages owed, exactly: hours and pay to lines, each with its law.

`Fraction` is the compiled twin of the standard library's, GMP's rational: equal, ordered and hashed as the standard
one is, in a tenth of the time, which is most of what a claim costs (docs/decisions/0015). Type checkers see the
standard one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction
else:
    from gmpy2 import mpq as Fraction

__all__ = ["Fraction"]
