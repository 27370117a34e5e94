"""The class of every stored field, P0 to P4, and which models leave one out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from django.db import models

DataClass = Literal["P0", "P1", "P2", "P3", "P4"]
"""P0 public, P1 working, P2 personal, P3 dangerous, P4 privileged (security requirements, "Data classes")."""

CLASSES: frozenset[str] = frozenset(get_args(DataClass))
SEALED = "sealed_"


def undeclared(of: Iterable[type[models.Model]]) -> list[str]:
    """What these models leave unsaid about their data, each with its mend; empty when all is said."""
    return [fault for model in of for fault in _faults(model)]


def _faults(model: type[models.Model]) -> Iterator[str]:
    label = model._meta.label
    classes: dict[str, str] = getattr(model, "data_classes", {})
    fields = {field.name: field for field in model._meta.concrete_fields}
    for word in ("purpose", "keep"):
        if not getattr(model, word, ""):
            yield f"{label} does not say its {word}: write it as a class attribute."
    for name in sorted(fields.keys() - classes.keys()):
        yield f"{label}.{name} has no class: add it to data_classes as P0 to P4."
    for name in sorted(classes.keys() - fields.keys()):
        yield f"{label}.data_classes names {name}, which is no stored field: take it out."
    for name in sorted(classes.keys() & fields.keys()):
        yield from _class_faults(f"{label}.{name}", fields[name], classes[name])


def _class_faults(place: str, field: models.Field[object, object], data_class: str) -> Iterator[str]:
    if data_class not in CLASSES:
        yield f"{place} has the class {data_class!r}: write P0, P1, P2, P3 or P4."
    sealed = isinstance(field, models.BinaryField) and field.name.startswith(SEALED)
    if data_class in ("P3", "P4") and not sealed:
        yield f"{place} is {data_class} and in clear: make it a BinaryField named {SEALED}… and seal it."
    if field.name.startswith(SEALED) and not isinstance(field, models.BinaryField):
        yield f"{place} is named as sealed but is no BinaryField: store what vault.crypto sealed."
