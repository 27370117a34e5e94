"""What people can ask about: each rule pack is a topic, and the page where they begin offers them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jornada.domain.rulepacks import RulePack
from jornada.gateways import packfiles, wagelaws


@dataclass(frozen=True, slots=True)
class Topic:
    """A rule pack as a worker chooses it: a few plain words and a line more."""

    pack: str
    title: str
    more: str


def topics(language: str) -> tuple[Topic, ...]:
    """Every topic in this language: unpaid wages by state, unpaid wages elsewhere, then the rest."""
    packs = sorted((packfiles.load(name) for name in packfiles.available()), key=_place)
    return tuple(_topic(pack, language) for pack in packs)


def others(pack: RulePack, language: str) -> tuple[Topic, ...]:
    """The topics of another kind than this pack's: after unpaid wages the rest, and the other way round."""
    wages = wagelaws.law(pack) is not None
    return tuple(
        one for one in topics(language) if (wagelaws.law(packfiles.load(one.pack)) is not None) is not wages
    )


def known(name: str) -> str:
    """The pack of that name if there is one, else ""."""
    return name if name in packfiles.available() else ""


def _topic(pack: RulePack, language: str) -> Topic:
    def said(key: str) -> Iterator[str]:
        if pack.has_text(key, language):
            yield pack.text(key, language)

    return Topic(pack.name, next(said("topic.title"), pack.title[language]), next(said("topic.more"), ""))


def _place(pack: RulePack) -> tuple[bool, bool, str]:
    law = wagelaws.law(pack)
    return law is None, law is not None and not law.state, pack.name
