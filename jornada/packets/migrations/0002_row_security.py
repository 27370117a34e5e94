"""Row-level security: who reads and who adds packets, reviews and filings."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [("packets", "0001_initial"), ("intake", "0002_row_security")]

    operations = [
        TenantTable(
            "PacketRevision",
            by="provider",
            references={"file_id": "intake_casefile", "prepared_by_id": "coalition_member"},
        ),
        TenantTable(
            "Review",
            by="provider",
            references={
                "revision_id": "packets_packetrevision",
                "file_id": "intake_casefile",
                "reviewer_id": "coalition_member",
            },
        ),
        TenantTable(
            "Correction",
            by="either",
            references={
                "revision_id": "packets_packetrevision",
                "file_id": "intake_casefile",
                "raised_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "CorrectionSettled",
            by="either",
            write={"insert": "either"},
            references={"correction_id": "packets_correction", "file_id": "intake_casefile"},
        ),
        TenantTable(
            "SignOff",
            by="provider",
            references={
                "revision_id": "packets_packetrevision",
                "file_id": "intake_casefile",
                "member_id": "coalition_member",
                "credential_id": "coalition_credential",
            },
        ),
        TenantTable(
            "Filing",
            by="provider",
            references={
                "sign_off_id": "packets_signoff",
                "file_id": "intake_casefile",
                "filed_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "Receipt",
            by="provider",
            references={"filing_id": "packets_filing", "file_id": "intake_casefile"},
        ),
    ]
