"""Words with places to fill, in templates: {% say w.page.progress answered=3 total=40 %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html

from jornada.gateways.today import rehearsed

register = template.Library()


@register.simple_tag
def rehearsal() -> str:
    """The day that a rehearsal stands on; empty on a hub in service."""
    return rehearsed()


@register.simple_tag
def say(text: str, **values: Any) -> str:
    """The text with its places filled, escaped; an empty text is a template's mistake and says so."""
    if not text:
        raise ValueError("A page asks for words that the wording does not hold: see jornada/intake/wording/")
    return format_html(str(conditional_escape(text)), **values)
