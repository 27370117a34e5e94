"""Keys as people read them."""

from __future__ import annotations

from decimal import Decimal

from django import template

from jornada.gateways import wagewords

register = template.Library()


@register.filter
def plain(key: object) -> str:
    """limited_scope as "limited scope"."""
    return str(key).replace("_", " ")


@register.filter
def dollars(amount: Decimal) -> str:
    """A sum of dollars, such as $1,234.50."""
    return wagewords.money(amount)
