"""The fixtures of staff tests, as a plugin: `pytest_plugins = ["tests.stages.coalition_cast"]`."""

from tests.stages.staff import adriana, cheap_passwords, dana, enlist, riverbend, sun_coast

__all__ = ["adriana", "cheap_passwords", "dana", "enlist", "riverbend", "sun_coast"]
