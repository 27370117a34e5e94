from __future__ import annotations

import uuid

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

from jornada.vault.tenancy import HubTable, TenantTable

# What policies ask: the parties of this transaction, or NULL, which matches no row.
PARTIES = "\n".join(
    f"""CREATE FUNCTION jornada_{party}() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('jornada.{party}', true), '')::uuid $$;"""
    for party in ("provider", "member", "user", "application")
)
DROP_PARTIES = "\n".join(
    f"DROP FUNCTION jornada_{party}();" for party in ("provider", "member", "user", "application")
)

# The day by which consent ends and forgetting counts, as gateways/today.py has it: the legal day at the hub's place,
# or the one that a rehearsal stands on.
TODAY = """CREATE FUNCTION jornada_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(nullif(current_setting('jornada.day', true), '')::date,
        (now() AT TIME ZONE 'America/New_York')::date) $$;"""

# Words of the log are keys, never text that a person typed: no content can slip in.
CHECKS = """
ALTER TABLE vault_consentgrant ADD CONSTRAINT consent_lasts_180_days_at_most CHECK (until - granted_on <= 180);
ALTER TABLE vault_consentgrant ADD CONSTRAINT consent_names_a_section CHECK (cardinality(sections) > 0);
ALTER TABLE vault_consentgrant ADD CONSTRAINT consent_by_application UNIQUE (application_id, id);
ALTER TABLE vault_sectionkey ADD CONSTRAINT section_key_within_the_consent
    FOREIGN KEY (application_id, grant_id) REFERENCES vault_consentgrant (application_id, id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE vault_accessevent ADD CONSTRAINT log_holds_keys_only CHECK (
    kind IN ('provider', 'application') AND act ~ '^[a-z_]{1,40}$' AND about ~ '^[a-z0-9_.]{0,80}$'
    AND reason ~ '^[a-z0-9_]{0,40}$' AND for_purpose ~ '^[a-z0-9_]{0,40}$' AND session ~ '^[0-9a-f]{0,32}$'
    AND array_to_string(sections, ',', '!') ~ '^[a-z0-9_,]*$'
    AND array_to_string(classes, ',', '!') ~ '^(P[0-4],?)*$');
"""
DROP_CHECKS = """
ALTER TABLE vault_accessevent DROP CONSTRAINT log_holds_keys_only;
ALTER TABLE vault_sectionkey DROP CONSTRAINT section_key_within_the_consent;
ALTER TABLE vault_consentgrant DROP CONSTRAINT consent_by_application;
ALTER TABLE vault_consentgrant DROP CONSTRAINT consent_names_a_section;
ALTER TABLE vault_consentgrant DROP CONSTRAINT consent_lasts_180_days_at_most;
"""

# The functions below run as the owner of the tables, who is confined by forced policies like anyone: these
# policies open to the owner exactly the tables that the functions touch.
OWNER_POLICIES = """
CREATE POLICY jornada_functions ON vault_applicationkey FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON vault_consentgrant FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON vault_sectionkey TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON vault_chainhead TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON vault_accessevent TO CURRENT_USER USING (true);
"""
DROP_OWNER_POLICIES = "\n".join(
    f"DROP POLICY jornada_functions ON {table};"
    for table in (
        "vault_applicationkey",
        "vault_consentgrant",
        "vault_sectionkey",
        "vault_chainhead",
        "vault_accessevent",
    )
)

FUNCTIONS = """
CREATE FUNCTION vault_application_by_locator(p_locator bytea)
RETURNS TABLE (application_id uuid, sealed_key bytea, slowness smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.application_id, k.sealed_key, k.slowness FROM vault_applicationkey k WHERE k.locator = p_locator
$$;

-- Deletes the section keys of consent that has ended by this day, and of no other: a day in the future ends nothing.
CREATE FUNCTION vault_sweep(p_on date) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM vault_sectionkey k USING vault_consentgrant g
        WHERE g.id = k.grant_id AND (g.withdrawn_at IS NOT NULL OR g.until < least(p_on, jornada_today()))
        RETURNING 1)
    SELECT count(*) FROM gone
$$;

-- The bytes that an event's hash covers, as text. jornada.vault.audit makes the same text in Python.
CREATE FUNCTION vault_event_text(e vault_accessevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.kind, e.chain_id, e.sequence, e.id, (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.act,
        e.member_id, e.provider_id, e.application_id, e.about, e.row_id, to_jsonb(e.sections),
        to_jsonb(e.classes), e.reason, e.for_purpose, e.session)::text
$$;

CREATE FUNCTION vault_record(
    p_kind text, p_act text, p_about text, p_row uuid, p_application uuid, p_provider uuid,
    p_sections text[], p_classes text[], p_reason text, p_purpose text, p_session text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    chain uuid := CASE p_kind WHEN 'provider' THEN jornada_provider() WHEN 'application' THEN jornada_application() END;
    head vault_chainhead;
    event vault_accessevent;
BEGIN
    IF chain IS NULL THEN
        RAISE EXCEPTION 'No % is set for this transaction, so nothing can be recorded for it', p_kind
            USING ERRCODE = 'insufficient_privilege', HINT = 'Work inside as_provider() or as_worker().';
    END IF;
    SELECT * INTO head FROM vault_chainhead h WHERE h.kind = p_kind AND h.chain_id = chain FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO vault_chainhead (id, recorded_at, kind, chain_id, length, hash)
            VALUES (gen_random_uuid(), clock_timestamp(), p_kind, chain, 0, decode(repeat('00', 32), 'hex'))
            ON CONFLICT (kind, chain_id) DO NOTHING;
        SELECT * INTO head FROM vault_chainhead h WHERE h.kind = p_kind AND h.chain_id = chain FOR UPDATE;
    END IF;
    event.id := gen_random_uuid();
    event.recorded_at := clock_timestamp();
    event.kind := p_kind;
    event.chain_id := chain;
    event.sequence := head.length + 1;
    event.act := p_act;
    event.member_id := CASE p_kind WHEN 'provider' THEN jornada_member() END;
    event.provider_id := CASE p_kind WHEN 'provider' THEN chain ELSE p_provider END;
    event.application_id := CASE p_kind WHEN 'application' THEN chain ELSE p_application END;
    event.about := p_about;
    event.row_id := p_row;
    event.sections := p_sections;
    event.classes := p_classes;
    event.reason := p_reason;
    event.for_purpose := p_purpose;
    event.session := p_session;
    event.previous := head.hash;
    event.hash := sha256(head.hash || convert_to(vault_event_text(event), 'UTF8'));
    INSERT INTO vault_accessevent SELECT (event).*;
    UPDATE vault_chainhead h SET length = event.sequence, hash = event.hash WHERE h.id = head.id;
    RETURN event.id;
END $$;

CREATE FUNCTION vault_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The access log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER vault_access_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_accessevent
    FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse_edit();
"""
DROP_FUNCTIONS = """
DROP TRIGGER vault_access_log_is_append_only ON vault_accessevent;
DROP FUNCTION vault_refuse_edit();
DROP FUNCTION vault_record(text, text, text, uuid, uuid, uuid, text[], text[], text, text, text);
DROP FUNCTION vault_event_text(vault_accessevent);
DROP FUNCTION vault_sweep(date);
DROP FUNCTION vault_application_by_locator(bytea);
"""

SERVED = (
    "vault_application_by_locator(bytea)",
    "vault_sweep(date)",
    "vault_record(text, text, text, uuid, uuid, uuid, text[], text[], text, text, text)",
)


def let_the_serving_role_call(apps, schema_editor):
    for function in SERVED:
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        schema_editor.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{settings.JORNADA_SERVING_ROLE}"')


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(PARTIES + TODAY, DROP_PARTIES + "DROP FUNCTION jornada_today();"),
        migrations.CreateModel(
            name="ApplicationKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("application_id", models.UUIDField(unique=True)),
                ("locator", models.BinaryField(max_length=16, unique=True)),
                ("sealed_key", models.BinaryField()),
                ("slowness", models.PositiveSmallIntegerField()),
                (
                    "replaced_at",
                    models.DateTimeField(
                        help_text="When a new code took the place of an earlier one", null=True
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("client", models.BinaryField(db_index=True, max_length=16)),
                ("tried_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FileKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("file_id", models.UUIDField(unique=True)),
                ("team_key_id", models.UUIDField()),
                ("sealed_key", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MemberKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("member_id", models.UUIDField(unique=True)),
                ("public_key", models.BinaryField(max_length=32)),
                ("sealed_private", models.BinaryField()),
                ("salt", models.BinaryField(max_length=16)),
                ("slowness", models.PositiveSmallIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RecoveryKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField(unique=True)),
                ("public_key", models.BinaryField(max_length=32)),
                ("sealed_private", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RecoverySeat",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("team_key_id", models.UUIDField(unique=True)),
                ("sealed_private", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(help_text="provider or application: whose chain it is", max_length=12),
                ),
                ("chain_id", models.UUIDField()),
                ("sequence", models.BigIntegerField()),
                ("act", models.CharField(max_length=40)),
                (
                    "member_id",
                    models.UUIDField(help_text="Empty: the worker, or a job of the provider", null=True),
                ),
                ("provider_id", models.UUIDField(null=True)),
                ("application_id", models.UUIDField(null=True)),
                ("about", models.CharField(max_length=80)),
                ("row_id", models.UUIDField(null=True)),
                (
                    "sections",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), size=None
                    ),
                ),
                ("reason", models.CharField(max_length=40)),
                ("for_purpose", models.CharField(max_length=40)),
                ("session", models.CharField(max_length=32)),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["application_id", "recorded_at"], name="events_of_an_application")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "chain_id", "sequence"), name="one_event_a_place_in_the_chain"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=12)),
                ("chain_id", models.UUIDField()),
                ("length", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "chain_id"), name="one_head_a_chain")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("application_id", models.UUIDField()),
                ("provider_id", models.UUIDField()),
                (
                    "sections",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("for_purpose", models.CharField(max_length=40)),
                ("granted_on", models.DateField()),
                ("until", models.DateField()),
                ("language", models.CharField(max_length=12)),
                ("wording_version", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["provider_id", "application_id"], name="grants_of_a_provider")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("granted_on"))),
                        name="consent_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("sealed_key", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider_id", "version"), name="one_provider_key_a_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SectionKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("application_id", models.UUIDField()),
                ("provider_id", models.UUIDField()),
                ("grant_id", models.UUIDField()),
                ("section", models.CharField(max_length=40)),
                ("team_key_id", models.UUIDField()),
                ("sealed_key", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["provider_id", "application_id"], name="section_keys_of_a_provider")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("grant_id", "section"), name="one_key_a_grant_and_section"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("public_key", models.BinaryField(max_length=32)),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider_id", "version"), name="one_team_key_a_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("provider_id",),
                        name="one_team_key_in_use",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamSeat",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("provider_id", models.UUIDField()),
                ("team_key_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("sealed_private", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team_key_id", "member_id"), name="one_seat_a_member_and_team_key"
                    )
                ],
            },
        ),
        migrations.RunSQL(CHECKS, DROP_CHECKS),
        TenantTable("ApplicationKey", by="application", allow=["select", "insert", "update", "delete"]),
        HubTable(
            "Attempt",
            reason="no tenant is known while a code is typed; rows hold a keyed hash of an address for a day",
            allow=["select", "insert", "delete"],
        ),
        TenantTable("MemberKey", by="provider", allow=["select", "insert", "update", "delete"]),
        # A worker who consents seals to the team's public key and the provider's own key.
        TenantTable(
            "TeamKey",
            by="provider",
            read="provider_id = jornada_provider() OR jornada_application() IS NOT NULL",
            allow=["select", "insert", "update(retired_at)"],
        ),
        TenantTable(
            "ProviderKey",
            by="provider",
            read="provider_id = jornada_provider() OR jornada_application() IS NOT NULL",
        ),
        TenantTable(
            "TeamSeat",
            by="provider",
            references={"team_key_id": "vault_teamkey"},
            allow=["select", "insert", "delete"],
        ),
        TenantTable("RecoveryKey", by="provider", allow=["select", "insert", "update", "delete"]),
        TenantTable(
            "RecoverySeat",
            by="provider",
            references={"team_key_id": "vault_teamkey"},
            allow=["select", "insert", "delete"],
        ),
        TenantTable(
            "FileKey",
            by="provider",
            references={"team_key_id": "vault_teamkey"},
            allow=["select", "insert", "update(team_key_id, sealed_key)", "delete"],
        ),
        TenantTable(
            "ConsentGrant",
            by="either",
            write="application",
            allow=["select", "insert", "update(withdrawn_at)"],
        ),
        # The provider may re-seal its own section keys to a newer team key, and drop them; only the worker adds.
        TenantTable(
            "SectionKey",
            by="either",
            references={"team_key_id": "vault_teamkey", "grant_id": "vault_consentgrant"},
            write={"insert": "application", "update": "provider", "delete": "either"},
            allow=["select", "insert", "update(team_key_id, sealed_key)", "delete"],
        ),
        TenantTable(
            "ChainHead",
            by="either",
            read="(kind = 'provider' AND chain_id = jornada_provider())"
            " OR (kind = 'application' AND chain_id = jornada_application())",
            write="false",
            allow=["select"],
        ),
        TenantTable("AccessEvent", by="either", write="false", allow=["select"]),
        migrations.RunSQL(OWNER_POLICIES, DROP_OWNER_POLICIES),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunPython(let_the_serving_role_call, migrations.RunPython.noop),
    ]
