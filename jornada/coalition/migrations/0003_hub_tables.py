"""Tables of the framework and of the job queue: none holds a tenant's data; each says why."""

from django.db import migrations

from jornada.vault.tenancy import HubTable

READ_ONLY = ("select",)

TABLES = [
    ("django_content_type", "names of models", READ_ONLY),
    ("auth_permission", "unused list of the framework", READ_ONLY),
    ("auth_group", "unused list of the framework", READ_ONLY),
    ("auth_group_permissions", "unused list of the framework", READ_ONLY),
    ("django_migrations", "which migrations ran", READ_ONLY),
    (
        "django_session",
        "sessions of staff; keys in them are sealed under a value in the member's cookie",
        None,
    ),
    ("account_emailaddress", "addresses of sign-ins", None),
    ("account_emailconfirmation", "addresses of sign-ins, being confirmed", None),
    ("mfa_authenticator", "second factors of sign-ins", None),
]
ALL = ("select", "insert", "update", "delete")

# Jobs carry ids and days, never a name or an answer. The queue's own functions run as the serving role.
JOBS = """
DO $do$ DECLARE named text; BEGIN
    FOR named IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relname LIKE 'procrastinate\\_%' AND c.relkind IN ('r', 'p', 'v') LOOP
        EXECUTE format('COMMENT ON TABLE %I IS %L', named, 'no tenant data: background jobs, by ids and days');
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO jornada_web', named);
    END LOOP;
    FOR named IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relname LIKE 'procrastinate\\_%' AND c.relkind = 'S' LOOP
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO jornada_web', named);
    END LOOP;
END $do$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coalition", "0002_row_security"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        *[HubTable(table=table, reason=reason, allow=allow or ALL) for table, reason, allow in TABLES],
        migrations.RunSQL(JOBS, migrations.RunSQL.noop),
    ]
