"""What a worker does that later stages follow: sharing, and taking her consent back. In her own transaction."""

from __future__ import annotations

from django.dispatch import Signal

happened = Signal()
"""Sent with `kind` (shared, withdrawn), `application_id`, `file` (the one shared with, or None) and the day `on`."""
