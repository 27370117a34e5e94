"""The permission matrix: who may do what, as data. Loaded from authorisation.yaml and checked for being whole.

Nothing at run time reads it: doors and policies decide. It states what they must
decide, so that a test can ask every cell and a new address without a row fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from jornada.coalition.doors import Role

FILE = Path(__file__).with_name("authorisation.yaml")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OUTCOMES = frozenset({"allow", "absent", "login", "closed", "away", "refused", "ask", "not_allowed"})
NEEDS = frozenset({"keys", "reason", "proof", "team"})
_KEYS = frozenset({"who", "posts", "methods", "of", "asks", "shows", "events", "but"})
_SPECIAL = frozenset({"public", "worker", "signed_in"})
_STAND_FOR_ALL = frozenset({"anonymous", "worker", "attorney", "admin"})
"""Who is asked where the role makes no difference: an address that asks for none, a method that an address
does not have, HEAD (which is GET without the body), and a session that lacks something."""
_IN_BUT = frozenset({"anonymous", "signed_in", "other_roles", *METHODS})


class MatrixErrors(ValueError):
    """The matrix is not whole; each line names the place and the mend."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address: who may, by which methods, on which kind of record, and what else a session must have."""

    name: str
    who: str
    methods: tuple[str, ...]
    posts: str = ""
    """The set of roles that may POST, where it is smaller than the one that may look."""
    of: str = ""
    asks: tuple[str, ...] = ()
    shows: str = ""
    events: int = 0
    but: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """One question to the hub and its answer: may this one, by this method, in this relation?

    `actor` is anonymous, worker or a role. `lacks` names what the session is without.
    """

    route: str
    method: str
    actor: str
    relation: str
    lacks: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every route by name, with the sets of roles and the kinds of relation."""

    roles: Mapping[str, frozenset[str]]
    relations: Mapping[str, Mapping[str, str]]
    routes: Mapping[str, Route]

    def may(self, route: Route, actor: str, method: str = "GET") -> bool:
        """Whether this actor's kind or role opens the route for that method at all."""
        if route.posts and method == "POST":
            return actor in self.roles[route.posts]
        if route.who == "public":
            return True
        if route.who == "worker":
            return actor == "worker"
        if actor in ("anonymous", "worker"):
            return False
        return route.who == "signed_in" or actor in self.roles[route.who]

    def cells(self) -> Iterator[Cell]:
        """Every cell: routes × methods × actors × relations, and what a session may lack."""
        for route in self.routes.values():
            for method in METHODS:
                for actor in ("anonymous", "worker", *Role.values):
                    yield from self._cells(route, method, actor)

    def _cells(self, route: Route, method: str, actor: str) -> Iterator[Cell]:
        alike = route.who in _SPECIAL or method == "HEAD" or method not in route.methods
        if alike and actor not in _STAND_FOR_ALL:
            return
        if method not in route.methods:
            yield Cell(route.name, method, actor, "", "", "not_allowed")
            return
        for relation, usual in self._relations(route, actor):
            outcome = self._outcome(route, method, actor, relation, usual)
            yield Cell(route.name, method, actor, relation, "", outcome)
            if outcome == "allow" and relation in ("own", "own_assigned") and actor in _STAND_FOR_ALL:
                for need in route.asks:
                    yield Cell(
                        route.name, method, actor, relation, need, "refused" if need == "team" else "ask"
                    )

    def _relations(self, route: Route, actor: str) -> list[tuple[str, str]]:
        if not route.of or actor == "anonymous" or (actor == "worker") != (route.who == "worker"):
            return [("", "allow")]
        return list(self.relations[route.of].items())

    def _outcome(self, route: Route, method: str, actor: str, relation: str, usual: str) -> str:
        group = "signed_in" if actor in Role.values else "anonymous"
        if not self.may(route, actor, method):
            return self._denied(route, method, group)
        said = [route.but[key] for key in (relation, group, method) if key in route.but]
        return said[0] if said else usual

    def _denied(self, route: Route, method: str, group: str) -> str:
        """What those get whose kind or role does not open the route."""
        if route.who == "worker":
            return "closed"
        usual = route.but.get("other_roles", "absent") if group == "signed_in" else "login"
        said = route.but.get(group, usual)
        return "allow" if said == "away" and route.but.get(method) == "allow" else said


@lru_cache(maxsize=1)
def matrix() -> Matrix:
    """The matrix of this version; MatrixErrors where it is not whole."""
    return parse(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parse(data: Mapping[str, Any]) -> Matrix:
    """The matrix in this data; MatrixErrors with every fault."""
    faults = list(_faults(data))
    if faults:
        raise MatrixErrors("authorisation.yaml is not whole:\n- " + "\n- ".join(faults))
    routes = {
        name: Route(
            name, row["who"], tuple(row["methods"]), row.get("posts", ""), row.get("of", ""),
            tuple(row.get("asks", ())), str(row.get("shows", "")), int(row.get("events", 0)), row.get("but", {}),
        )
        for name, row in data["routes"].items()
    }  # fmt: skip
    return Matrix({name: frozenset(held) for name, held in data["roles"].items()}, data["relations"], routes)


def _faults(data: Mapping[str, Any]) -> Iterator[str]:
    for name, held in data["roles"].items():
        for role in set(held) - set(Role.values):
            yield f"roles.{name} names {role!r}, which is no role: take it out."
    for kind, row in data["relations"].items():
        for relation, outcome in row.items():
            if outcome not in OUTCOMES:
                yield f"relations.{kind}.{relation} says {outcome!r}: write one of {', '.join(sorted(OUTCOMES))}."
    for name, row in data["routes"].items():
        yield from _route_faults(name, row, data)


def _route_faults(name: str, row: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    for key in row.keys() - _KEYS:
        yield f"{name} says {key!r}, which the matrix does not know: one of {', '.join(sorted(_KEYS))}."
    if row.get("who") not in _SPECIAL | data["roles"].keys():
        yield f"{name}.who is {row.get('who')!r}: name a set of roles, public, worker or signed_in."
    if row.get("posts") and row["posts"] not in data["roles"]:
        yield f"{name}.posts is {row['posts']!r}: name a set of roles."
    if not row.get("methods") or set(row["methods"]) - set(METHODS):
        yield f"{name}.methods must list some of {', '.join(METHODS)}."
    if row.get("of") and row["of"] not in data["relations"]:
        yield f"{name}.of is {row['of']!r}: add it under relations."
    if set(row.get("asks", ())) - NEEDS:
        yield f"{name}.asks may list {', '.join(sorted(NEEDS))}."
    known = _IN_BUT | data["relations"].get(row.get("of", ""), {}).keys()
    for key, outcome in row.get("but", {}).items():
        if key not in known or outcome not in OUTCOMES:
            yield f"{name}.but.{key}: {outcome!r} names no relation, method or outcome."


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the hub as the resolver knows it."""

    name: str
    pattern: str


def addresses() -> list[Address]:
    """Every address that the URL resolver answers, whatever includes it."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, pattern)
        elif isinstance(entry, URLPattern):
            yield Address(namespace + (entry.name or f"(no name) {pattern}"), pattern)


def undeclared() -> list[str]:
    """Where addresses and matrix differ, each with its mend; empty when every address has its row."""
    there, said = {one.name: one.pattern for one in addresses()}, matrix().routes
    missing = [
        f"{name} ({there[name]}) has no row in authorisation.yaml: say who may."
        for name in sorted(there.keys() - said.keys())
    ]
    return missing + [
        f"{name} stands in authorisation.yaml and is no address: take it out."
        for name in sorted(said.keys() - there.keys())
    ]


def as_data() -> dict[str, Any]:
    """Addresses and cells as plain data, for `jornada matrix --json`."""
    patterns = {one.name: one.pattern for one in addresses()}
    return {
        "routes": [{"name": name, "address": f"/{patterns.get(name, '')}"} for name in matrix().routes],
        "cells": [asdict(cell) for cell in matrix().cells()],
    }
