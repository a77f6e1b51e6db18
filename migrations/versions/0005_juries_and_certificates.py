"""A jury that cannot be composed wrongly, certificates that tell the truth: juries, seals, badges, declarations."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

_ACCESS_DAYS = 30

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "badge_achievement",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_badge_achievement_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_achievement")),
        sa.UniqueConstraint("organisation_id", "slug", name=op.f("uq_badge_achievement_organisation_id_slug")),
    )
    op.create_table(
        "badge_key",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_badge_key_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_key")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_badge_key_organisation_id_name")),
    )
    op.create_table(
        "badge_status_list",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_badge_status_list_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_status_list")),
        sa.UniqueConstraint("organisation_id", "number", name=op.f("uq_badge_status_list_organisation_id_number")),
    )
    op.create_table(
        "certificate_document_settings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_document_settings_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["user_account.id"], name=op.f("fk_certificate_document_settings_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_document_settings")),
        sa.UniqueConstraint(
            "organisation_id",
            "template",
            "number",
            name=op.f("uq_certificate_document_settings_organisation_id_template_number"),
        ),
    )
    op.create_table(
        "certificate_register_extract",
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_certificate_register_extract_certifying_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_register_extract")),
        sa.UniqueConstraint(
            "certifying_body_id",
            "month",
            "number",
            name=op.f("uq_certificate_register_extract_certifying_body_id_month_number"),
        ),
    )
    op.create_table(
        "civil_identity",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by_id"], ["user_account.id"], name=op.f("fk_civil_identity_checked_by_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_civil_identity_recorded_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_civil_identity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civil_identity")),
        sa.UniqueConstraint("user_id", "number", name=op.f("uq_civil_identity_user_id_number")),
    )
    op.create_table(
        "cpf_depositor",
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=8), nullable=False),
        sa.Column("contract_id", sa.String(length=20), nullable=False),
        sa.Column("is_trusted_third_party", sa.Boolean(), nullable=False),
        sa.Column("certifier_client_id", sa.String(length=8), nullable=False),
        sa.Column("schema_version", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_cpf_depositor_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_cpf_depositor_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cpf_depositor")),
        sa.UniqueConstraint("certifying_body_id", "number", name=op.f("uq_cpf_depositor_certifying_body_id_number")),
    )
    op.create_table(
        "registration_number",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_registration_number_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_number")),
        sa.UniqueConstraint("user_id", name=op.f("uq_registration_number_user_id")),
    )
    op.create_table(
        "seal_key",
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("device_label", sa.String(length=120), nullable=False),
        sa.Column("is_self_made", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_seal_key_created_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_seal_key_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_key")),
    )
    with op.batch_alter_table("seal_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_key_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_seal_key_organisation_id_created_at"), ["organisation_id", "created_at"], unique=False
        )

    op.create_table(
        "badge_published_status",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["badge_status_list.id"], name=op.f("fk_badge_published_status_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_published_status")),
        sa.UniqueConstraint(
            "list_id", "purpose", "format", name=op.f("uq_badge_published_status_list_id_purpose_format")
        ),
    )
    op.create_table(
        "cpf_deposit",
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.String(length=50), nullable=False),
        sa.Column("depositor_id", sa.Uuid(), nullable=False),
        sa.Column("schema_version", sa.String(length=10), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("treatment_id", sa.String(length=60), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_cpf_deposit_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_cpf_deposit_created_by_id")),
        sa.ForeignKeyConstraint(["depositor_id"], ["cpf_depositor.id"], name=op.f("fk_cpf_deposit_depositor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cpf_deposit")),
        sa.UniqueConstraint("certifying_body_id", "number", name=op.f("uq_cpf_deposit_certifying_body_id_number")),
        sa.UniqueConstraint("flow_id", name=op.f("uq_cpf_deposit_flow_id")),
    )
    op.create_table(
        "cpf_receipt",
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["deposit_id"], ["cpf_deposit.id"], name=op.f("fk_cpf_receipt_deposit_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["user_account.id"], name=op.f("fk_cpf_receipt_received_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cpf_receipt")),
        sa.UniqueConstraint("sha256", name=op.f("uq_cpf_receipt_sha256")),
    )
    with op.batch_alter_table("cpf_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cpf_receipt_deposit_id"), ["deposit_id"], unique=False)

    op.create_table(
        "jury_step",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_jury_step_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_jury_step_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_step")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_jury_step_session_id_number")),
    )
    op.create_table(
        "jury_link_declaration",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_link_declaration_seat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_link_declaration")),
        sa.UniqueConstraint("seat_id", "number", name=op.f("uq_jury_link_declaration_seat_id_number")),
    )
    op.create_table(
        "jury_seat_presence",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_jury_seat_presence_by_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_seat_presence_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_seat_presence")),
    )
    with op.batch_alter_table("jury_seat_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jury_seat_presence_seat_id_at"), ["seat_id", "at"], unique=False)

    op.create_table(
        "jury_signature",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["jury_minutes.id"], name=op.f("fk_jury_signature_minutes_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_signature_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_signature")),
        sa.UniqueConstraint("minutes_id", "seat_id", name=op.f("uq_jury_signature_minutes_id_seat_id")),
    )
    op.create_table(
        "jury_missing_signature",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["jury_minutes.id"], name=op.f("fk_jury_missing_signature_minutes_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_missing_signature_seat_id")),
        sa.ForeignKeyConstraint(
            ["stated_by_id"], ["user_account.id"], name=op.f("fk_jury_missing_signature_stated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_missing_signature")),
        sa.UniqueConstraint("minutes_id", "seat_id", name=op.f("uq_jury_missing_signature_minutes_id_seat_id")),
    )
    op.create_table(
        "jury_signing_code",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["jury_minutes.id"], name=op.f("fk_jury_signing_code_minutes_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_signing_code_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_signing_code")),
        sa.UniqueConstraint("minutes_id", "seat_id", name=op.f("uq_jury_signing_code_minutes_id_seat_id")),
    )
    op.create_table(
        "jury_composition_derogation",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("violation", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidacy_id"],
            ["jury_candidacy.id"],
            name=op.f("fk_jury_composition_derogation_candidacy_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_jury_composition_derogation_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_composition_derogation_seat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["jury_session.id"], name=op.f("fk_jury_composition_derogation_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user_account.id"], name=op.f("fk_jury_composition_derogation_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_composition_derogation")),
    )
    with op.batch_alter_table("jury_composition_derogation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jury_composition_derogation_session_id"), ["session_id"], unique=False)

    op.create_table(
        "jury_convocation",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_convocation_candidacy_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_jury_convocation_session_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_jury_convocation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_convocation")),
        sa.UniqueConstraint(
            "session_id", "user_id", "sequence", name=op.f("uq_jury_convocation_session_id_user_id_sequence")
        ),
    )
    op.create_table(
        "jury_declared_link",
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("conflict", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_declared_link_candidacy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["jury_link_declaration.id"],
            name=op.f("fk_jury_declared_link_declaration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_declared_link")),
    )
    with op.batch_alter_table("jury_declared_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jury_declared_link_declaration_id"), ["declaration_id"], unique=False)

    op.create_table(
        "jury_recusal",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_jury_recusal_by_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_recusal_candidacy_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_recusal_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_recusal")),
        sa.UniqueConstraint("seat_id", "candidacy_id", name=op.f("uq_jury_recusal_seat_id_candidacy_id")),
    )
    op.create_table(
        "jury_vote",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_vote_candidacy_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["jury_seat.id"], name=op.f("fk_jury_vote_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_vote")),
        sa.UniqueConstraint(
            "candidacy_id", "seat_id", "block", "number", name=op.f("uq_jury_vote_candidacy_id_seat_id_block_number")
        ),
    )
    op.create_table(
        "jury_appeal",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("contested_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user_account.id"], name=op.f("fk_jury_appeal_answered_by_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_appeal_candidacy_id")),
        sa.ForeignKeyConstraint(["contested_id"], ["jury_decision.id"], name=op.f("fk_jury_appeal_contested_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["jury_decision.id"], name=op.f("fk_jury_appeal_decision_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_jury_appeal_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_appeal")),
    )
    with op.batch_alter_table("jury_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jury_appeal_candidacy_id"), ["candidacy_id"], unique=False)

    op.create_table(
        "jury_extract",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["jury_candidacy.id"], name=op.f("fk_jury_extract_candidacy_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["jury_decision.id"], name=op.f("fk_jury_extract_decision_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["jury_minutes.id"], name=op.f("fk_jury_extract_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_extract")),
        sa.UniqueConstraint(
            "minutes_id",
            "candidacy_id",
            "decision_id",
            "number",
            name=op.f("uq_jury_extract_minutes_id_candidacy_id_decision_id_number"),
        ),
    )
    with op.batch_alter_table("jury_extract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jury_extract_candidacy_id"), ["candidacy_id"], unique=False)

    op.create_table(
        "badge",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("jwt", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("picture_key", sa.String(length=120), nullable=False),
        sa.Column("picture_sha256", sa.String(length=64), nullable=False),
        sa.Column("picture_size", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_badge_certificate_id")),
        sa.ForeignKeyConstraint(["list_id"], ["badge_status_list.id"], name=op.f("fk_badge_list_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_badge_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_badge_certificate_id")),
        sa.UniqueConstraint("list_id", "status_index", name=op.f("uq_badge_list_id_status_index")),
    )
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_badge_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "cpf_deposit_item",
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("technical_id", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_cpf_deposit_item_certificate_id")
        ),
        sa.ForeignKeyConstraint(["deposit_id"], ["cpf_deposit.id"], name=op.f("fk_cpf_deposit_item_deposit_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["civil_identity.id"], name=op.f("fk_cpf_deposit_item_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cpf_deposit_item")),
        sa.UniqueConstraint("deposit_id", "certificate_id", name=op.f("uq_cpf_deposit_item_deposit_id_certificate_id")),
    )
    with op.batch_alter_table("cpf_deposit_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cpf_deposit_item_certificate_id"), ["certificate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cpf_deposit_item_deposit_id_state"), ["deposit_id", "state"], unique=False)
        batch_op.create_index(
            "ix_cpf_deposit_item_live",
            ["technical_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('pending', 'delivered')"),
            postgresql_where=sa.text("state IN ('pending', 'delivered')"),
        )

    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(length=40), nullable=False, server_default=sa.text("'valid'")))
        batch_op.add_column(sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_damaged", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.alter_column("decision_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.drop_constraint(batch_op.f("uq_certificate_decision_id_kind"), type_="unique")
        batch_op.create_index(
            batch_op.f("ix_certificate_certifying_body_id_state"), ["certifying_body_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_certificate_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_expires_on"), ["expires_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_checked_at"), ["checked_at"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_certificate_decision_id_kind_edition"), ["decision_id", "kind", "edition"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_certificate_replaces_id"), ["replaces_id"])
        batch_op.create_foreign_key(batch_op.f("fk_certificate_replaces_id"), "certificate", ["replaces_id"], ["id"])

    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("successor_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("storage_key", sa.String(length=120), nullable=False, server_default=sa.text("''"))
        )
        batch_op.add_column(sa.Column("sha256", sa.String(length=64), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.alter_column("by_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_certificate_event_successor_id"), "certificate", ["successor_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_certificate_event_sha256"), ["sha256"], unique=False)

    with op.batch_alter_table("jury_block_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("votes", sa.String(length=60), nullable=False, server_default=sa.text("''")))

    with op.batch_alter_table("jury_candidacy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passes_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("extra_time_percent", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column("arrangements", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("acquired", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column("votes_opened_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("jury_decision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=40), nullable=False, server_default=sa.text("'deliberation'"))
        )
        batch_op.add_column(sa.Column("decided_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("comment_training_body", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("comment_internal", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("retake_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("restores_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("basis", sa.JSON(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_jury_decision_restores_id"), "jury_decision", ["restores_id"], ["id"]
        )

    with op.batch_alter_table("jury_minutes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_jury_minutes_session_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_jury_minutes_session_id_number"), ["session_id", "number"])

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar", sa.Text(), nullable=False, server_default=sa.text("''")))

    with op.batch_alter_table("jury_seat", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_reserve", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("is_qualified", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("gender", sa.String(length=1), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("employer", sa.String(length=160), nullable=False, server_default=sa.text("''")))

    with op.batch_alter_table("recognition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("nsf", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))

    with op.batch_alter_table("jury_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starts_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("ends_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("mode", sa.String(length=40), nullable=False, server_default=sa.text("'place'")))
        batch_op.add_column(sa.Column("video_url", sa.String(length=500), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("rules", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("convened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("access_ends_on", sa.Date(), nullable=True))
    _fill_acquired()
    _publish_closed_sessions()
    _tell_states()


def downgrade() -> None:
    """Take back."""
    op.execute("UPDATE jury_session SET state = 'closed' WHERE state = 'published'")
    op.execute("UPDATE jury_session SET state = 'created' WHERE state = 'convened'")
    with op.batch_alter_table("recognition", schema=None) as batch_op:
        batch_op.drop_column("nsf")

    with op.batch_alter_table("jury_session", schema=None) as batch_op:
        batch_op.drop_column("access_ends_on")
        batch_op.drop_column("published_at")
        batch_op.drop_column("convened_at")
        batch_op.drop_column("rules")
        batch_op.drop_column("video_url")
        batch_op.drop_column("mode")
        batch_op.drop_column("ends_at")
        batch_op.drop_column("starts_at")

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_column("calendar")

    with op.batch_alter_table("jury_seat", schema=None) as batch_op:
        batch_op.drop_column("employer")
        batch_op.drop_column("gender")
        batch_op.drop_column("is_qualified")
        batch_op.drop_column("is_reserve")

    with op.batch_alter_table("jury_minutes", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_jury_minutes_session_id_number"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_jury_minutes_session_id"), ["session_id"])
        batch_op.drop_column("superseded_at")
        batch_op.drop_column("signed_at")
        batch_op.drop_column("number")

    with op.batch_alter_table("jury_decision", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_jury_decision_restores_id"), type_="foreignkey")
        batch_op.drop_column("basis")
        batch_op.drop_column("restores_id")
        batch_op.drop_column("retake_from")
        batch_op.drop_column("comment_internal")
        batch_op.drop_column("comment_training_body")
        batch_op.drop_column("decided_on")
        batch_op.drop_column("kind")

    with op.batch_alter_table("jury_candidacy", schema=None) as batch_op:
        batch_op.drop_column("votes_opened_at")
        batch_op.drop_column("acquired")
        batch_op.drop_column("arrangements")
        batch_op.drop_column("extra_time_percent")
        batch_op.drop_column("passes_at")

    with op.batch_alter_table("jury_block_decision", schema=None) as batch_op:
        batch_op.drop_column("votes")

    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_event_sha256"))
        batch_op.drop_constraint(batch_op.f("fk_certificate_event_successor_id"), type_="foreignkey")
        batch_op.alter_column("by_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("size")
        batch_op.drop_column("sha256")
        batch_op.drop_column("storage_key")
        batch_op.drop_column("successor_id")
        batch_op.drop_column("number")

    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_certificate_replaces_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_certificate_replaces_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_certificate_decision_id_kind_edition"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_certificate_checked_at"))
        batch_op.drop_index(batch_op.f("ix_certificate_sha256"))
        batch_op.drop_index(batch_op.f("ix_certificate_expires_on"))
        batch_op.drop_index(batch_op.f("ix_certificate_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_certifying_body_id_state"))
        batch_op.create_unique_constraint(batch_op.f("uq_certificate_decision_id_kind"), ["decision_id", "kind"])
        batch_op.alter_column("decision_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("is_damaged")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("sealed_at")
        batch_op.drop_column("state")
        batch_op.drop_column("expires_on")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("edition")

    with op.batch_alter_table("cpf_deposit_item", schema=None) as batch_op:
        batch_op.drop_index("ix_cpf_deposit_item_live")
        batch_op.drop_index(batch_op.f("ix_cpf_deposit_item_deposit_id_state"))
        batch_op.drop_index(batch_op.f("ix_cpf_deposit_item_certificate_id"))

    op.drop_table("cpf_deposit_item")
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_badge_organisation_id"))

    op.drop_table("badge")
    with op.batch_alter_table("jury_extract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jury_extract_candidacy_id"))

    op.drop_table("jury_extract")
    with op.batch_alter_table("jury_appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jury_appeal_candidacy_id"))

    op.drop_table("jury_appeal")
    op.drop_table("jury_vote")
    op.drop_table("jury_recusal")
    with op.batch_alter_table("jury_declared_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jury_declared_link_declaration_id"))

    op.drop_table("jury_declared_link")
    op.drop_table("jury_convocation")
    with op.batch_alter_table("jury_composition_derogation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jury_composition_derogation_session_id"))

    op.drop_table("jury_composition_derogation")
    op.drop_table("jury_signing_code")
    op.drop_table("jury_missing_signature")
    op.drop_table("jury_signature")
    with op.batch_alter_table("jury_seat_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jury_seat_presence_seat_id_at"))

    op.drop_table("jury_seat_presence")
    op.drop_table("jury_link_declaration")
    op.drop_table("jury_step")
    with op.batch_alter_table("cpf_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cpf_receipt_deposit_id"))

    op.drop_table("cpf_receipt")
    op.drop_table("cpf_deposit")
    op.drop_table("badge_published_status")
    with op.batch_alter_table("seal_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seal_key_organisation_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_seal_key_fingerprint"))

    op.drop_table("seal_key")
    op.drop_table("registration_number")
    op.drop_table("cpf_depositor")
    op.drop_table("civil_identity")
    op.drop_table("certificate_register_extract")
    op.drop_table("certificate_document_settings")
    op.drop_table("badge_status_list")
    op.drop_table("badge_key")
    op.drop_table("badge_achievement")


def _fill_acquired() -> None:
    # Until now a jury read at each decision what the sessions closed by then had granted.
    candidacies = sa.table(
        "jury_candidacy", sa.column("id", sa.Uuid()), sa.column("session_id", sa.Uuid()),
        sa.column("enrolment_id", sa.Uuid()), sa.column("acquired", sa.JSON()),
    )  # fmt: skip
    sessions = sa.table(
        "jury_session", sa.column("id", sa.Uuid()), sa.column("state", sa.String()),
        sa.column("closed_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    connection = op.get_bind()
    several = sa.select(candidacies.c.enrolment_id).group_by(candidacies.c.enrolment_id).having(sa.func.count() > 1)
    rows = connection.execute(
        sa.select(candidacies.c.id, candidacies.c.enrolment_id, sessions.c.state, sessions.c.closed_at)
        .join(sessions, sessions.c.id == candidacies.c.session_id)
        .where(candidacies.c.enrolment_id.in_(several))
    )
    of_person: dict[Any, list[Any]] = {}
    for row in rows:
        of_person.setdefault(row.enrolment_id, []).append(row)
    granted = _granted(connection, sa.select(candidacies.c.id).where(candidacies.c.enrolment_id.in_(several)))
    for presented in of_person.values():
        for one in presented:
            held = {code for row in presented if _was_closed_before(row, one) for code in granted.get(row.id, ())}
            update = sa.update(candidacies).where(candidacies.c.id == one.id)
            connection.execute(update.values(acquired=sorted(held)))


def _was_closed_before(row: Any, other: Any) -> bool:
    if row.id == other.id or row.state != "closed" or row.closed_at is None:
        return False
    return other.state != "closed" or (other.closed_at is not None and bool(row.closed_at < other.closed_at))


def _granted(connection: sa.Connection, candidacy_ids: sa.Select[Any]) -> dict[Any, set[str]]:
    """Return the blocks that the decision that stands on each candidacy grants; an adjournment grants none."""
    decisions = sa.table(
        "jury_decision", sa.column("id", sa.Uuid()), sa.column("candidacy_id", sa.Uuid()),
        sa.column("number", sa.Integer()), sa.column("outcome", sa.String()),
    )  # fmt: skip
    blocks = sa.table(
        "jury_block_decision", sa.column("decision_id", sa.Uuid()), sa.column("block", sa.String()),
        sa.column("outcome", sa.String()),
    )  # fmt: skip
    taken = sa.select(decisions).where(decisions.c.candidacy_id.in_(candidacy_ids))
    standing = {row.candidacy_id: row for row in connection.execute(taken.order_by(decisions.c.number))}
    kept = {row.id: candidacy_id for candidacy_id, row in standing.items() if row.outcome != "adjourned"}
    acquired = (
        sa.select(blocks.c.decision_id, blocks.c.block)
        .join(decisions, decisions.c.id == blocks.c.decision_id)
        .where(decisions.c.candidacy_id.in_(candidacy_ids), blocks.c.outcome == "acquired")
    )
    found: dict[Any, set[str]] = {}
    for decision_id, block in connection.execute(acquired):
        if decision_id in kept:
            found.setdefault(kept[decision_id], set()).add(block)
    return found


def _publish_closed_sessions() -> None:
    # Until now closing a session made its results known.
    sessions = sa.table(
        "jury_session", sa.column("id", sa.Uuid()), sa.column("state", sa.String()),
        sa.column("closed_at", sa.DateTime(timezone=True)), sa.column("published_at", sa.DateTime(timezone=True)),
        sa.column("access_ends_on", sa.Date()),
    )  # fmt: skip
    connection = op.get_bind()
    rows = connection.execute(sa.select(sessions.c.id, sessions.c.closed_at).where(sessions.c.state == "closed"))
    for session_id, closed_at in rows.all():
        values = {"state": "published", "published_at": closed_at}
        if closed_at is not None:
            values["access_ends_on"] = (closed_at + timedelta(days=_ACCESS_DAYS)).date()
        connection.execute(sa.update(sessions).where(sessions.c.id == session_id).values(values))


def _tell_states() -> None:
    events = sa.table(
        "certificate_event", sa.column("id", sa.Uuid()), sa.column("certificate_id", sa.Uuid()),
        sa.column("kind", sa.String()), sa.column("at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    certificates = sa.table("certificate", sa.column("id", sa.Uuid()), sa.column("state", sa.String()))
    connection = op.get_bind()
    touched = sa.select(events.c.certificate_id).where(events.c.kind.in_(["revoked", "reinstated"])).distinct()
    rows = connection.execute(
        sa.select(events.c.certificate_id, events.c.kind)
        .where(events.c.certificate_id.in_(touched))
        .order_by(events.c.at, events.c.id)
    )
    last = dict(tuple(row) for row in rows)
    for certificate_id, kind in last.items():
        if kind == "revoked":
            update = sa.update(certificates).where(certificates.c.id == certificate_id)
            connection.execute(update.values(state="revoked"))
