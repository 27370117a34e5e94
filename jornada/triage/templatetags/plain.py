"""Keys as people read them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def plain(key: object) -> str:
    """limited_scope as "limited scope"."""
    return str(key).replace("_", " ")
