"""Who the database is working for: set per transaction, enforced by row-level security.

`as_provider` and `as_worker` open a transaction and tell PostgreSQL the tenant
for its length; outside them every tenant table shows no rows. The migration
operations below put policies on tables; `unprotected` tells which have none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import truncate_name
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tenant:
    """For whom a transaction works: a provider and its member, a worker's application, or a bare sign-in."""

    provider_id: UUID | None = None
    member_id: UUID | None = None
    user_id: UUID | None = None
    application_id: UUID | None = None

    def covers(self, other: Tenant) -> bool:
        """Whether work for the other may run inside a transaction of this one."""
        same = self.provider_id == other.provider_id and self.application_id == other.application_id
        return same and other.member_id in (None, self.member_id) and other.user_id in (None, self.user_id)


class OtherTenant(RuntimeError):
    """Work for one tenant was begun inside a transaction of another."""


class NoTenant(RuntimeError):
    """Something that needs a tenant was asked for outside `as_provider` and `as_worker`."""


@dataclass(slots=True)
class _Block:
    tenant: Tenant
    using: str
    last_acts: list[Callable[[], object]] = field(default_factory=list)


_CURRENT: ContextVar[_Block | None] = ContextVar("jornada_tenant", default=None)


@contextmanager
def as_provider(
    provider_id: UUID,
    member_id: UUID | None = None,
    user_id: UUID | None = None,
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Tenant]:
    """A transaction that works for one provider. OtherTenant inside one that works for someone else."""
    with _working_for(Tenant(provider_id, member_id, user_id), using) as tenant:
        yield tenant


@contextmanager
def as_worker(application_id: UUID, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[Tenant]:
    """A transaction of the worker's own session on one application. OtherTenant inside someone else's."""
    with _working_for(Tenant(application_id=application_id), using) as tenant:
        yield tenant


@contextmanager
def as_user(user_id: UUID, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[Tenant]:
    """A transaction that sees what a sign-in alone may see: its own memberships."""
    with _working_for(Tenant(user_id=user_id), using) as tenant:
        yield tenant


def current() -> Tenant | None:
    """For whom the current transaction works; None outside one."""
    block = _CURRENT.get()
    return block.tenant if block else None


def whatever_happens(act: Callable[[], object]) -> None:
    """Do this last in this tenant's transaction; if that is rolled back, in a new one of the same tenant.

    For what must be recorded exactly once whether the work succeeds or not, such as a refusal.
    """
    block = _CURRENT.get()
    if block is None:
        raise NoTenant("There is no tenant to record this for: work inside as_provider(…) or as_worker(…).")
    block.last_acts.append(act)


@contextmanager
def _working_for(tenant: Tenant, using: str) -> Iterator[Tenant]:
    block = _CURRENT.get()
    if block is None:
        with _outermost(_Block(tenant, using)):
            yield tenant
        return
    if block.using != using or not block.tenant.covers(tenant):
        raise OtherTenant(
            "This transaction works for another tenant. End it first: nothing may be read for one tenant and"
            " written for another in the same transaction."
        )
    with transaction.atomic(using=using):
        yield block.tenant


@contextmanager
def _outermost(block: _Block) -> Iterator[None]:
    try:
        with _transaction(block):
            yield
            _do_last_acts(block)
    except BaseException:
        _do_last_acts_again(block)
        raise


@contextmanager
def _transaction(block: _Block) -> Iterator[None]:
    # durable: a caller's transaction around ours could roll back a refusal that must stay
    with transaction.atomic(using=block.using, durable=True):
        _tell(block.using, block.tenant)
        _CURRENT.set(block)
        try:
            yield
        finally:
            _CURRENT.set(None)
        if len(connections[block.using].savepoint_ids) > 0:  # only under a test's own transaction
            _tell(block.using, Tenant())


def _do_last_acts(block: _Block) -> None:
    for act in block.last_acts:
        act()


def _do_last_acts_again(block: _Block) -> None:
    if not block.last_acts:
        return
    try:
        with _transaction(block):
            _do_last_acts(block)
    except Exception as failure:  # the first error is the one to show; this one must not hide it
        # its kind only: a database's message may quote the row
        log.error("A refusal could not be recorded after the roll-back: %s", type(failure).__name__)


_TELL = (
    "SELECT set_config('jornada.provider', %s, true), set_config('jornada.member', %s, true),"
    " set_config('jornada.user', %s, true), set_config('jornada.application', %s, true)"
)


def _tell(using: str, tenant: Tenant) -> None:
    parties = (tenant.provider_id, tenant.member_id, tenant.user_id, tenant.application_id)
    with connections[using].cursor() as cursor:
        cursor.execute(_TELL, [str(party) if party else "" for party in parties])


# ── What migrations say about a table ─────────────────────────────────────────────────────────────────────

Rule = Literal["provider", "application", "either", "granted", "user"]
Write = Literal["insert", "update", "delete"]

_MINE = {
    "provider": "{provider} = jornada_provider()",
    "application": "{application} = jornada_application()",
    "either": "({provider} = jornada_provider() OR {application} = jornada_application())",
    "user": "({provider} = jornada_provider() OR user_id = jornada_user())",
    "granted": (
        "({application} = jornada_application() OR EXISTS (SELECT 1 FROM vault_consentgrant AS consented"
        " WHERE consented.application_id = {table}.{application}"
        " AND consented.provider_id = jornada_provider()"
        " AND consented.withdrawn_at IS NULL AND consented.until >= jornada_today(){section}))"
    ),
}
_OWNER = {
    "provider": "provider",
    "application": "application",
    "either": "provider",
    "granted": "application",
    "user": "provider",
}
_MARK = "no tenant data: "


class _OnTable(Operation):
    """An operation on the table of a model of this app, or on a table named outright."""

    reduces_to_sql = True
    reversible = True
    model_name: str | None
    table: str | None

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Policies are no part of Django's picture of a model."""

    def _table(self, app_label: str, state: ProjectState) -> str:
        if self.table is not None:
            return self.table
        assert self.model_name is not None
        return str(state.apps.get_model(app_label, self.model_name)._meta.db_table)

    def describe(self) -> str:
        return f"{type(self).__name__} {self.model_name or self.table}"


class TenantTable(_OnTable):
    """Row-level security, enabled and forced, on a model's table, and what the serving role may do with it.

    `by` says who reads: the provider of the row; the worker's own session
    (application); either; the worker or a provider with a live consent grant
    (granted; with `section_column`, for that section only); or the provider
    and the signed-in user (user). Writing is for the owner alone (provider,
    application, provider, application, provider) unless `write` names another
    rule, for all commands or by command. `read` and `write` also take SQL.
    `column` replaces provider_id or application_id, whichever owns the row.

    `references` maps a column to the table it points at, so that the reference
    carries the tenant: (provider_id, column) → (provider_id, id), or by
    application_id where application owns the row; a pair (table, column) names
    the tenant column.

    `allow` lists what the serving role may do: "select", "insert", "update",
    "update(withdrawn_at)", "delete". Records of stages are only added.
    """

    def __init__(
        self,
        model_name: str | None = None,
        *,
        by: Rule,
        table: str | None = None,
        allow: Sequence[str] = ("select", "insert"),
        references: Mapping[str, str | tuple[str, str]] | None = None,
        column: str | None = None,
        section_column: str | None = None,
        read: str | None = None,
        write: str | Mapping[Write, str] | None = None,
    ) -> None:
        self.model_name, self.table, self.by, self.allow = model_name, table, by, tuple(allow)
        self.references, self.column = dict(references or {}), column
        self.section_column, self.read, self.write = section_column, read, write

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = self._table(app_label, to_state)
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            *self._policies(table),
            *_grants(table, self.allow),
            *self._references(table),
        ]
        for statement in statements:
            schema_editor.execute(statement, None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = self._table(app_label, from_state)
        for column in self.references:
            schema_editor.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {_reference_name(table, column)}"
            )
        for command in ("select", "insert", "update", "delete"):
            schema_editor.execute(f"DROP POLICY IF EXISTS jornada_{command} ON {table}", None)
        schema_editor.execute(f"REVOKE ALL ON {table} FROM {_serving_role()}", None)
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", None)
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", None)

    def _condition(self, rule: str, table: str) -> str:
        """The SQL of a rule; anything that names no rule is SQL already."""
        if rule not in _MINE:
            return rule
        owner = _OWNER[self.by]
        section = (
            f" AND {table}.{self.section_column} = ANY(consented.sections)" if self.section_column else ""
        )
        return _MINE[rule].format(
            table=table,
            section=section,
            provider=(self.column if owner == "provider" else None) or "provider_id",
            application=(self.column if owner == "application" else None) or "application_id",
        )

    def _write_rule(self, command: Write) -> str:
        if isinstance(self.write, str):
            return self.write
        return (self.write or {}).get(command, _OWNER[self.by])

    def _policies(self, table: str) -> list[str]:
        insert, update, delete = (
            self._condition(self._write_rule(command), table) for command in ("insert", "update", "delete")
        )
        clauses = {
            "select": f"USING ({self._condition(self.read or self.by, table)})",
            "insert": f"WITH CHECK ({insert})",
            "update": f"USING ({update}) WITH CHECK ({update})",
            "delete": f"USING ({delete})",
        }
        return [
            f"CREATE POLICY jornada_{command} ON {table} FOR {command.upper()} {clause}"
            for command, clause in clauses.items()
        ]

    def _references(self, table: str) -> Iterator[str]:
        own = "application_id" if _OWNER[self.by] == "application" else "provider_id"
        for column, target in self.references.items():
            parent, tenant = (target, own) if isinstance(target, str) else target
            index = truncate_name(f"{parent}_{tenant}_id", 63)
            yield f"CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {parent} ({tenant}, id)"
            yield (
                f"ALTER TABLE {table} ADD CONSTRAINT {_reference_name(table, column)}"
                f" FOREIGN KEY ({tenant}, {column}) REFERENCES {parent} ({tenant}, id)"
                " DEFERRABLE INITIALLY DEFERRED"
            )


class HubTable(_OnTable):
    """A table that holds no tenant's data, and why that is so; the serving role may do as `allow` says."""

    def __init__(
        self,
        model_name: str | None = None,
        *,
        reason: str,
        table: str | None = None,
        allow: Sequence[str] = ("select", "insert", "update", "delete"),
    ) -> None:
        self.model_name, self.table, self.reason, self.allow = model_name, table, reason, tuple(allow)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = self._table(app_label, to_state)
        schema_editor.execute(f"COMMENT ON TABLE {table} IS {_quoted(_MARK + self.reason)}", None)
        for statement in _grants(table, self.allow):
            schema_editor.execute(statement, None)
        if "insert" in self.allow:
            schema_editor.execute(_sequences(table), None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = self._table(app_label, from_state)
        schema_editor.execute(f"REVOKE ALL ON {table} FROM {_serving_role()}", None)
        schema_editor.execute(f"COMMENT ON TABLE {table} IS NULL", None)


class PublicTable(HubTable):
    """A table that anyone may read, and why; the serving role only reads it, unless `allow` says more."""

    def __init__(
        self,
        model_name: str | None = None,
        *,
        reason: str,
        table: str | None = None,
        allow: Sequence[str] = ("select",),
    ) -> None:
        super().__init__(model_name, reason=reason, table=table, allow=allow)


def _serving_role() -> str:
    return '"' + str(settings.JORNADA_SERVING_ROLE).replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _reference_name(table: str, column: str) -> str:
    return truncate_name(f"{table}_{column}_same_tenant", 63)


def _grants(table: str, allow: Sequence[str]) -> list[str]:
    return [f"GRANT {privilege.upper()} ON {table} TO {_serving_role()}" for privilege in allow]


def _sequences(table: str) -> str:
    """Leave to use the sequences that number the rows of a table."""
    grant = f"GRANT USAGE, SELECT ON SEQUENCE %s TO {_serving_role()}"
    return f"""DO $do$ DECLARE sequence regclass; BEGIN
        FOR sequence IN SELECT d.objid::regclass FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
            WHERE d.refobjid = '{table}'::regclass AND c.relkind = 'S' LOOP
            EXECUTE format({_quoted(grant)}, sequence);
        END LOOP; END $do$"""  # noqa: S608 (table names come from models and migrations)


# ── What is left open ─────────────────────────────────────────────────────────────────────────────────────


def unprotected(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables and views with neither forced policies nor a stated reason to have none, by name."""
    return [name for (name,) in _rows(connection, _UNPROTECTED, [_MARK + "_%"])]


_UNPROTECTED = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT (c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
      AND coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE %s
    ORDER BY c.relname"""


def _rows(connection: BaseDatabaseWrapper, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
