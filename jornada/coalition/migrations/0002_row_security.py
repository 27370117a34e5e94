"""Row-level security: who reads and who adds organisations and their members."""

from django.db import migrations

from jornada.vault.tenancy import HubTable, TenantTable


class Migration(migrations.Migration):
    dependencies = [("coalition", "0001_initial"), ("vault", "0001_initial")]

    operations = [
        TenantTable(
            "Provider",
            by="provider",
            column="id",
            # A listed provider is public: workers choose whom to ask for help.
            read="(listed OR id = jornada_provider())",
            allow=("select", "insert", "update"),
        ),
        HubTable("User", reason="sign-ins only; what an account may do hangs on memberships"),
        TenantTable("Member", by="user", allow=("select", "insert", "update")),
        TenantTable(
            "Credential",
            by="provider",
            allow=("select", "insert", "update"),
            references={
                "member_id": "coalition_member",
                "supervisor_id": "coalition_member",
                "verified_by_id": "coalition_member",
                "also_verified_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "Capacity",
            by="provider",
            allow=("select", "insert", "update"),
            references={"member_id": "coalition_member"},
        ),
    ]
