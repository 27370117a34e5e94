"""Tenancy is enforced by the database (A3, A4): raw SQL as the serving role, on real policies."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.migrations.state import ProjectState

from jornada.vault import audit, consent, keys, recovery, tenancy, worker
from jornada.vault.tenancy import (
    HubTable,
    OtherTenant,
    PublicTable,
    TenantTable,
    as_provider,
    as_user,
    as_worker,
)
from tests.vault.cast import NOW, TODAY, do, new_worker, rows, shares

VAULT_TENANT_TABLES = sorted(
    model._meta.db_table
    for model in apps.get_app_config("vault").get_models()
    if model._meta.db_table != "vault_attempt"
)


# ── The catalogue ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_table_is_under_forced_policies_or_says_why_not():
    assert tenancy.unprotected(connection) == []


def test_a_new_table_or_view_without_policy_is_noticed():
    with transaction.atomic(using="owner"):
        do("CREATE TABLE forgotten_roster (id uuid)", using="owner")
        do("CREATE VIEW roster_view AS SELECT * FROM vault_memberkey", using="owner")
        do("CREATE TABLE half_done (id uuid)", using="owner")
        do("ALTER TABLE half_done ENABLE ROW LEVEL SECURITY", using="owner")
        do("CREATE TABLE no_reason (id uuid)", using="owner")
        do("COMMENT ON TABLE no_reason IS 'no tenant data: '", using="owner")
        found = tenancy.unprotected(connections["owner"])
        transaction.set_rollback(True, using="owner")
    assert found == ["forgotten_roster", "half_done", "no_reason", "roster_view"]


def test_the_serving_role_owns_nothing_and_bypasses_nothing():
    [(superuser, bypasses)] = rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert (superuser, bypasses) == (False, False)
    assert rows("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user") == []
    assert rows("SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole") == []


def test_the_serving_role_cannot_switch_policies_off():
    for statement in (
        "ALTER TABLE vault_memberkey DISABLE ROW LEVEL SECURITY",
        "DROP POLICY jornada_select ON vault_memberkey",
        "SET ROLE jornada_owner",
        "ALTER TABLE vault_accessevent DISABLE TRIGGER ALL",
        "CREATE TABLE public.mine (id int)",
    ):
        with pytest.raises(ProgrammingError):
            do(statement)


def test_functions_that_run_as_the_owner_are_for_the_serving_role_only_and_pin_their_search_path():
    query = """SELECT p.proname, p.proacl::text, p.proconfig::text FROM pg_proc p
               WHERE p.prosecdef AND p.proname LIKE 'vault\\_%%' ORDER BY 1"""
    found = rows(query)
    assert [name for name, _, _ in found] == ["vault_application_by_locator", "vault_record", "vault_sweep"]
    for name, grants, configuration in found:
        assert "{=X" not in grants and ",=X" not in grants, f"PUBLIC may call {name}"
        assert "search_path" in configuration and "pg_temp" in configuration


# ── No tenant, no rows; another tenant, no rows ───────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def filled(team) -> UUID:
    """A provider with at least one row in every tenant table of the vault."""
    ana = new_worker()
    worker.issue_code(ana)
    shares(ana, team, "work")
    with as_provider(team.provider_id, team.alice.member_id):
        keys.make_file_key(uuid4(), team.provider_id)
        recovery.split_recovery(team.alice)
    return ana.application_id


@pytest.mark.parametrize("table", VAULT_TENANT_TABLES)
def test_without_a_tenant_a_table_shows_no_rows_and_takes_none(table: str, filled: UUID):
    assert rows(f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("table", VAULT_TENANT_TABLES)
def test_each_table_shows_its_own_tenant_its_rows_and_a_stranger_none(table: str, filled: UUID, team):
    with as_provider(team.provider_id):
        of_provider = rows(f"SELECT count(*) FROM {table}")[0][0]
    with as_worker(filled):
        of_worker = rows(f"SELECT count(*) FROM {table}")[0][0]
    assert of_provider + of_worker > 0, "the test would prove nothing on an empty table"
    with as_provider(uuid4()):
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_stranger_s_worker_session_sees_public_keys_of_teams_and_nothing_else(filled: UUID):
    with as_worker(uuid4()):
        seen = {table for table in VAULT_TENANT_TABLES if rows(f"SELECT count(*) FROM {table}") != [(0,)]}
    # consent seals to a team's public key and a provider's own key, which only the hub's key opens
    assert seen == {"vault_teamkey", "vault_providerkey"}


def test_settings_end_with_the_transaction_on_one_pooled_connection():
    """1,000 transactions of three tenants, interleaved over one connection: 0 foreign rows, 0 left over."""
    tenants = [uuid4() for _ in range(3)]
    for tenant in tenants:
        with as_provider(tenant):
            for _ in range(2):
                audit.record("opened", kind="provider", about="answers")
    dice = random.Random(7)
    seen: Counter[str] = Counter()
    process = rows("SELECT pg_backend_pid()")
    for _ in range(1000):
        tenant = dice.choice(tenants)
        with as_provider(tenant):
            for (owner,) in rows("SELECT provider_id FROM vault_accessevent"):
                seen["own" if owner == tenant else "foreign"] += 1
        assert rows("SELECT current_setting('jornada.provider', true), jornada_provider()") == [("", None)]
    assert rows("SELECT pg_backend_pid()") == process
    print(f"1,000 interleaved transactions: {seen['own']} own rows, {seen['foreign']} foreign rows")  # noqa: T201 (a bar that a test prints)
    assert seen == {"own": 2000}


def test_after_an_error_the_tenant_is_gone_too():
    with pytest.raises(RuntimeError), as_provider(uuid4()):
        raise RuntimeError("the view broke")
    assert tenancy.current() is None
    assert rows("SELECT jornada_provider()") == [(None,)]


def test_a_streaming_response_that_reads_on_after_its_transaction_sees_nothing(team, filled):
    def lines() -> Iterator[int]:
        yield rows("SELECT count(*) FROM vault_memberkey")[0][0]

    with as_provider(team.provider_id):
        stream = lines()
    assert list(stream) == [0]


def test_work_for_two_tenants_never_shares_a_transaction():
    provider, other = uuid4(), uuid4()
    for one, another in [
        (lambda: as_provider(provider), lambda: as_provider(other)),
        (lambda: as_provider(provider), lambda: as_worker(other)),
        (lambda: as_worker(provider), lambda: as_provider(provider)),
        (lambda: as_provider(provider, uuid4()), lambda: as_provider(provider, uuid4())),
        (lambda: as_provider(provider), lambda: as_user(other)),
    ]:
        with one(), pytest.raises(OtherTenant), another():
            pass


def test_work_for_the_same_tenant_nests():
    provider, member, user = uuid4(), uuid4(), uuid4()
    with as_provider(provider, member, user), as_provider(provider, member) as inner:
        assert inner == tenancy.current()
        assert rows("SELECT jornada_provider(), jornada_member(), jornada_user()") == [
            (provider, member, user)
        ]


def test_a_tenant_s_transaction_cannot_be_wrapped_in_another_that_might_roll_it_back():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), as_provider(uuid4()):
        pass


def test_what_must_be_recorded_needs_a_tenant_to_record_it_for():
    with pytest.raises(tenancy.NoTenant):
        tenancy.whatever_happens(lambda: None)


def test_what_must_be_recorded_is_done_once_whether_the_work_succeeds_or_not():
    done: list[str] = []
    with as_provider(uuid4()):
        tenancy.whatever_happens(lambda: done.append("succeeded"))
        assert done == []
    with pytest.raises(ZeroDivisionError), as_provider(uuid4()):
        tenancy.whatever_happens(lambda: done.append("failed"))
        raise ZeroDivisionError
    assert done == ["succeeded", "failed"]


def test_a_record_that_fails_after_the_roll_back_does_not_hide_the_first_error(caplog):
    def broken() -> None:
        do("SELECT 1 / 0")

    with pytest.raises(RuntimeError, match="the real reason"), as_provider(uuid4()):
        tenancy.whatever_happens(broken)
        raise RuntimeError("the real reason")
    assert "could not be recorded" in caplog.text


# ── Writes that point at another provider (A4) ────────────────────────────────────────────────────────────


def test_a_row_for_another_provider_is_refused():
    mine, theirs = uuid4(), uuid4()
    insert = (
        "INSERT INTO vault_providerkey (id, recorded_at, provider_id, version, sealed_key)"
        " VALUES (%s, now(), %s, 1, '')"
    )
    with pytest.raises(ProgrammingError, match="row-level security"), as_provider(mine):
        do(insert, uuid4(), theirs)


def test_a_row_of_mine_that_points_at_another_provider_s_record_is_refused(team):
    """A plain foreign key would allow this: its check ignores policies. The two-column one refuses."""
    with as_provider(team.provider_id):
        [(their_team_key,)] = rows("SELECT id FROM vault_teamkey WHERE retired_at IS NULL")
    insert = (
        "INSERT INTO vault_filekey (id, recorded_at, provider_id, file_id, team_key_id, sealed_key)"
        " VALUES (%s, now(), %s, %s, %s, '')"
    )
    mine = uuid4()
    with pytest.raises(IntegrityError, match="same_tenant"), as_provider(mine):
        do(insert, uuid4(), mine, uuid4(), their_team_key)
        do("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_id_of_mine_cannot_be_moved_to_another_provider(team):
    with pytest.raises(ProgrammingError), as_provider(team.provider_id):
        do("UPDATE vault_memberkey SET provider_id = %s", uuid4())


def test_what_may_be_updated_is_named_column_by_column(filled):
    with pytest.raises(ProgrammingError, match="permission denied"), as_worker(filled):
        do("UPDATE vault_consentgrant SET until = until + 90")


# ── The operations of migrations, on a table made for it ──────────────────────────────────────────────────

COLUMNS = "id uuid PRIMARY KEY, provider_id uuid, application_id uuid, user_id uuid, section text"


@pytest.fixture
def note_table() -> Iterator[str]:
    do(f"CREATE TABLE test_note ({COLUMNS})", using="owner")
    yield "test_note"
    do("DROP TABLE test_note", using="owner")


def apply(operation: TenantTable | HubTable, *, backwards: bool = False) -> None:
    state = ProjectState()
    with connections["owner"].schema_editor() as editor:
        act = operation.database_backwards if backwards else operation.database_forwards
        act("vault", editor, state, state)


def insert_note(
    provider: UUID | None, application: UUID | None, user: UUID | None = None, section: str = ""
) -> None:
    do("INSERT INTO test_note VALUES (%s, %s, %s, %s, %s)", uuid4(), provider, application, user, section)


def seen() -> int:
    return rows("SELECT count(*) FROM test_note")[0][0]


def test_by_provider(note_table: str):
    apply(TenantTable(table=note_table, by="provider"))
    rosa, bashir = uuid4(), uuid4()
    with as_provider(rosa):
        insert_note(rosa, None)
        assert seen() == 1
    with as_provider(bashir):
        assert seen() == 0
    with pytest.raises(ProgrammingError, match="permission denied"), as_provider(rosa):
        do("DELETE FROM test_note")
    with pytest.raises(ProgrammingError, match="row-level security"), as_worker(rosa):
        insert_note(rosa, rosa)


def test_by_application(note_table: str):
    apply(TenantTable(table=note_table, by="application", allow=["select", "insert", "update", "delete"]))
    ana, chen = uuid4(), uuid4()
    with as_worker(ana):
        insert_note(None, ana)
    with as_worker(chen):
        do("DELETE FROM test_note")
        do("UPDATE test_note SET section = 'hers'")
    with as_worker(ana):
        assert seen() == 1
        assert rows("SELECT section FROM test_note") == [("",)]


def test_by_either_and_who_writes(note_table: str):
    apply(TenantTable(table=note_table, by="either"))
    provider, ana = uuid4(), uuid4()
    with as_provider(provider):
        insert_note(provider, ana)
    with as_worker(ana):
        assert seen() == 1
    with pytest.raises(ProgrammingError, match="row-level security"), as_worker(ana):
        insert_note(provider, ana)


def test_by_user_shows_a_sign_in_its_own_rows_only(note_table: str):
    apply(TenantTable(table=note_table, by="user"))
    provider, alice, olga = uuid4(), uuid4(), uuid4()
    with as_provider(provider):
        insert_note(provider, None, alice)
        insert_note(provider, None, olga)
    with as_user(alice):
        assert rows("SELECT user_id FROM test_note") == [(alice,)]


def test_by_granted_shows_the_sections_of_live_consent_and_no_others(note_table: str, team):
    apply(TenantTable(table=note_table, by="granted", section_column="section"))
    ana = new_worker()
    with as_worker(ana.application_id):
        insert_note(None, ana.application_id, section="work")
        insert_note(None, ana.application_id, section="family")
        assert seen() == 2
    with as_provider(team.provider_id):
        assert seen() == 0
    given = shares(ana, team, "work")
    with as_provider(team.provider_id):
        assert rows("SELECT section FROM test_note") == [("work",)]
    with as_provider(uuid4()):
        assert seen() == 0
    consent.withdraw(ana, given.id, at=NOW)
    with as_provider(team.provider_id):
        assert seen() == 0


def test_consent_that_ended_yesterday_shows_nothing_and_one_that_ends_today_still_does(note_table: str, team):
    apply(TenantTable(table=note_table, by="granted"))
    for until, expected in [(TODAY - timedelta(days=1), 0), (TODAY, 1)]:
        ana = new_worker()
        with as_worker(ana.application_id):
            insert_note(None, ana.application_id)
        shares(ana, team, "work", on=TODAY - timedelta(days=20), until=until)
        with as_provider(team.provider_id):
            assert rows("SELECT count(*) FROM test_note WHERE application_id = %s", ana.application_id) == [
                (expected,)
            ]


def test_a_rule_of_one_s_own_and_rules_by_command(note_table: str):
    apply(
        TenantTable(
            table=note_table,
            by="provider",
            read="section = 'public' OR provider_id = jornada_provider()",
            write={"insert": "either", "delete": "false"},
            allow=["select", "insert", "delete"],
        )
    )
    ana = uuid4()
    with as_worker(ana):
        do("INSERT INTO test_note VALUES (%s, NULL, %s, NULL, 'public')", uuid4(), ana)
        assert seen() == 1
        do("DELETE FROM test_note")
    with as_provider(uuid4()):
        assert seen() == 1


def test_the_id_column_itself_can_be_the_tenant(note_table: str):
    apply(TenantTable(table=note_table, by="application", column="id"))
    ana = uuid4()
    with as_worker(ana):
        do("INSERT INTO test_note (id) VALUES (%s)", ana)
        assert seen() == 1
    with as_worker(uuid4()):
        assert seen() == 0


def test_references_carry_the_tenant_and_can_be_taken_back(note_table: str):
    do("CREATE TABLE test_page (id uuid PRIMARY KEY, provider_id uuid, note_id uuid)", using="owner")
    note, page = (
        TenantTable(table=note_table, by="provider"),
        TenantTable(table="test_page", by="provider", references={"note_id": (note_table, "provider_id")}),
    )
    try:
        apply(note)
        apply(page)
        theirs, mine, note_id = uuid4(), uuid4(), uuid4()
        with as_provider(theirs):
            do("INSERT INTO test_note (id, provider_id) VALUES (%s, %s)", note_id, theirs)
        with pytest.raises(IntegrityError), as_provider(mine):
            do("INSERT INTO test_page VALUES (%s, %s, %s)", uuid4(), mine, note_id)
        with as_provider(theirs):
            do("INSERT INTO test_page VALUES (%s, %s, %s)", uuid4(), theirs, note_id)
        apply(page, backwards=True)
        apply(note, backwards=True)
        assert tenancy.unprotected(connection) == ["test_note", "test_page"]
        with pytest.raises(ProgrammingError, match="permission denied"):
            rows("SELECT * FROM test_page")
    finally:
        do("DROP TABLE test_page", using="owner")


def test_hub_and_public_tables_say_why_and_what_is_allowed():
    do("CREATE TABLE test_hub (id bigserial PRIMARY KEY, word text)", using="owner")
    do("CREATE TABLE test_public (id int, word text)", using="owner")
    hub = HubTable(table="test_hub", reason="the hub's own counter")
    public = PublicTable(table="test_public", reason="holidays, the same for all")
    try:
        apply(hub)
        apply(public)
        assert tenancy.unprotected(connection) == []
        do("INSERT INTO test_hub (word) VALUES ('counted')")
        assert rows("SELECT word FROM test_hub") == [("counted",)]
        assert rows("SELECT word FROM test_public") == []
        with pytest.raises(ProgrammingError, match="permission denied"):
            do("INSERT INTO test_public VALUES (1, 'x')")
        apply(hub, backwards=True)
        apply(public, backwards=True)
        assert tenancy.unprotected(connection) == ["test_hub", "test_public"]
    finally:
        do("DROP TABLE test_hub, test_public", using="owner")


def test_operations_describe_themselves_for_the_migration_s_progress():
    assert TenantTable("MemberKey", by="provider").describe() == "TenantTable MemberKey"
    assert HubTable(table="django_session", reason="sessions").describe() == "HubTable django_session"


def test_a_second_connection_of_the_serving_role_starts_without_a_tenant(team, filled):
    at = connection.settings_dict
    with psycopg.connect(host=at["HOST"], dbname=at["NAME"], user=at["USER"]) as raw:
        assert raw.execute("SELECT count(*) FROM vault_memberkey").fetchone() == (0,)
        raw.execute("SELECT set_config('jornada.provider', %s, true)", [str(team.provider_id)])
        assert raw.execute("SELECT count(*) FROM vault_memberkey").fetchone() == (2,)
        raw.commit()
        assert raw.execute("SELECT count(*) FROM vault_memberkey").fetchone() == (0,)
