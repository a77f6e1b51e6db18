"""assessments a jury relies on."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "assessor_habilitation",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("framework_code", sa.String(length=60), nullable=False),
        sa.Column("block", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_assessor_habilitation_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["user_account.id"], name=op.f("fk_assessor_habilitation_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_assessor_habilitation_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_assessor_habilitation_training_body_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_assessor_habilitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor_habilitation")),
    )
    with op.batch_alter_table("assessor_habilitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessor_habilitation_certifying_body_id"), ["certifying_body_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assessor_habilitation_training_body_id"), ["training_body_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assessor_habilitation_user_id_framework_code"), ["user_id", "framework_code"], unique=False
        )

    op.create_table(
        "export",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_export_organisation_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["user_account.id"], name=op.f("fk_export_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_export_requested_by_id_created_at"), ["requested_by_id", "created_at"], unique=False
        )

    op.create_table(
        "recognition",
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("framework_code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("rome", sa.JSON(), nullable=False),
        sa.Column("esco", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_recognition_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_recognition_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition")),
        sa.UniqueConstraint(
            "certifying_body_id",
            "framework_code",
            "number",
            name=op.f("uq_recognition_certifying_body_id_framework_code_number"),
        ),
    )
    op.create_table(
        "programme_rules",
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("framework_code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_programme_rules_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_programme_rules_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_rules")),
        sa.UniqueConstraint(
            "certifying_body_id",
            "framework_code",
            "number",
            name=op.f("uq_programme_rules_certifying_body_id_framework_code_number"),
        ),
    )
    op.create_table(
        "reminder_subscription",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("considered_week", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_reminder_subscription_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_reminder_subscription")),
        sa.UniqueConstraint("token", name=op.f("uq_reminder_subscription_token")),
    )
    op.create_table(
        "training_session",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_training_session_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
        sa.UniqueConstraint("cohort_id", "on", "half", name=op.f("uq_training_session_cohort_id_on_half")),
    )
    op.create_table(
        "verification_draw",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("percentage", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_verification_draw_cohort_id")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["user_account.id"], name=op.f("fk_verification_draw_drawn_by_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_verification_draw_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_draw")),
    )
    with op.batch_alter_table("verification_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verification_draw_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_verification_draw_training_body_id_drawn_at"), ["training_body_id", "drawn_at"], unique=False
        )

    op.create_table(
        "assessment_retained_level",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("framework_version_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("proposed", sa.String(length=40), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_assessment_retained_level_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_assessment_retained_level_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_assessment_retained_level_framework_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_retained_level")),
    )
    with op.batch_alter_table("assessment_retained_level", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_retained_level_enrolment_id_competency_decided_at"),
            ["enrolment_id", "competency", "decided_at"],
            unique=False,
        )

    op.create_table(
        "eligibility_derogation",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("requirement", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_eligibility_derogation_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_eligibility_derogation_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_eligibility_derogation_training_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user_account.id"], name=op.f("fk_eligibility_derogation_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_derogation")),
    )
    with op.batch_alter_table("eligibility_derogation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eligibility_derogation_enrolment_id_requirement"),
            ["enrolment_id", "requirement"],
            unique=False,
        )

    op.create_table(
        "eligibility_document",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_eligibility_document_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_eligibility_document_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_eligibility_document_training_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user_account.id"], name=op.f("fk_eligibility_document_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_document")),
    )
    with op.batch_alter_table("eligibility_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eligibility_document_enrolment_id_document"), ["enrolment_id", "document"], unique=False
        )

    op.create_table(
        "enrolment_migration",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("from_version_id", sa.Uuid(), nullable=False),
        sa.Column("to_version_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_enrolment_migration_by_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_migration_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["framework_version.id"], name=op.f("fk_enrolment_migration_from_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["framework_version.id"], name=op.f("fk_enrolment_migration_to_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_migration")),
    )
    with op.batch_alter_table("enrolment_migration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_migration_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "enrolment_pause",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("precision", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_pause_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_enrolment_pause_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_pause")),
    )
    with op.batch_alter_table("enrolment_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_pause_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "training_attendance",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_training_attendance_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_training_attendance_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_session.id"], name=op.f("fk_training_attendance_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_attendance")),
    )
    with op.batch_alter_table("training_attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_attendance_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_training_attendance_session_id_enrolment_id_recorded_at"),
            ["session_id", "enrolment_id", "recorded_at"],
            unique=False,
        )

    op.create_table(
        "vae_step",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("strikes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_vae_step_enrolment_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_vae_step_recorded_by_id")),
        sa.ForeignKeyConstraint(["strikes_id"], ["vae_step.id"], name=op.f("fk_vae_step_strikes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vae_step")),
        sa.UniqueConstraint("strikes_id", name=op.f("uq_vae_step_strikes_id")),
    )
    with op.batch_alter_table("vae_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vae_step_enrolment_id_on"), ["enrolment_id", "on"], unique=False)

    op.create_table(
        "verification_item",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_verification_item_assessment_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["verification_draw.id"], name=op.f("fk_verification_item_draw_id")),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["user_account.id"], name=op.f("fk_verification_item_verified_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_item")),
        sa.UniqueConstraint("draw_id", "assessment_id", name=op.f("uq_verification_item_draw_id_assessment_id")),
    )
    with op.batch_alter_table("verification_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verification_item_assessment_id"), ["assessment_id"], unique=False)

    _add_columns()
    _fill()
    _require()


def _add_columns() -> None:
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("framework_version_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("doubles_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_assessment_doubles_id"), ["doubles_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_assessment_doubles_id"), "assessment", ["doubles_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_assessment_framework_version_id"), "framework_version", ["framework_version_id"], ["id"]
        )
    with op.batch_alter_table("assessment_rating", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confidence", sa.Integer(), nullable=True))
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("obtained_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("account", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=True))
    with op.batch_alter_table("evidence_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_evidence_link_evidence_id_indicator"), type_="unique")
        batch_op.create_index(
            batch_op.f("ix_evidence_link_evidence_id_indicator"),
            ["evidence_id", "indicator"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
    with op.batch_alter_table("framework_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("predecessor_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("mapping", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_public", sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f("ix_framework_version_predecessor_id"), ["predecessor_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_framework_version_predecessor_id"), "framework_version", ["predecessor_id"], ["id"]
        )
    with op.batch_alter_table("logbook_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("framework_version_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_logbook_version_framework_version_id"), "framework_version", ["framework_version_id"], ["id"]
        )
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unsubscribe", sa.String(length=300), nullable=True))


def _fill() -> None:
    op.execute(
        "UPDATE assessment SET framework_version_id = "
        "(SELECT framework_version_id FROM enrolment WHERE enrolment.id = assessment.enrolment_id)"
    )
    op.execute(
        "UPDATE logbook_version SET framework_version_id = "
        "(SELECT enrolment.framework_version_id FROM enrolment JOIN logbook_entry "
        "ON logbook_entry.enrolment_id = enrolment.id WHERE logbook_entry.id = logbook_version.entry_id)"
    )
    op.execute("UPDATE evidence_item SET account = '', answer = ''")
    op.execute("UPDATE mail_message SET unsubscribe = ''")
    version = sa.table(
        "framework_version",
        sa.column("revision"),
        sa.column("is_public", sa.Boolean()),
        sa.column("activated_at", sa.DateTime(timezone=True)),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    op.execute(version.update().values(revision=1, is_public=sa.false(), activated_at=version.c.created_at))
    _habilitate_those_who_assess()


def _habilitate_those_who_assess() -> None:
    """Let whoever could sign until now go on: trainers, on the frameworks of the cohorts of their training body."""
    connection = op.get_bind()
    habilitation = sa.table(
        "assessor_habilitation",
        *(sa.column(name, sa.Uuid()) for name in ("id", "user_id", "certifying_body_id", "training_body_id")),
        *(sa.column(name, sa.String()) for name in ("framework_code", "block")),
        sa.column("starts_on", sa.Date()),
        sa.column("granted_at", sa.DateTime(timezone=True)),
    )
    pairs = connection.execute(
        sa.text(
            "SELECT DISTINCT membership.user_id, cohort.certifying_body_id, cohort.training_body_id, "
            "framework_version.code FROM membership "
            "JOIN cohort ON cohort.training_body_id = membership.organisation_id "
            "JOIN framework_version ON framework_version.id = cohort.framework_version_id "
            "WHERE membership.role = 'trainer' AND membership.ended_at IS NULL"
        ).columns(user_id=sa.Uuid(), certifying_body_id=sa.Uuid(), training_body_id=sa.Uuid(), code=sa.String())
    )
    now = datetime.now(UTC)
    for person, certifying, training, code in pairs.all():
        row = {"id": uuid.uuid4(), "user_id": person, "certifying_body_id": certifying, "training_body_id": training}
        values = row | {"framework_code": code, "block": "", "starts_on": now.date(), "granted_at": now}
        connection.execute(habilitation.insert().values(**values))


def _require() -> None:
    required = {
        "assessment": {"framework_version_id": sa.Uuid()},
        "logbook_version": {"framework_version_id": sa.Uuid()},
        "evidence_item": {"account": sa.Text(), "answer": sa.Text()},
        "framework_version": {"revision": sa.Integer(), "is_public": sa.Boolean()},
        "mail_message": {"unsubscribe": sa.String(length=300)},
    }
    for table, columns in required.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column, kind in columns.items():
                batch_op.alter_column(column, existing_type=kind, nullable=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_column("unsubscribe")

    with op.batch_alter_table("logbook_version", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_logbook_version_framework_version_id"), type_="foreignkey")
        batch_op.drop_column("framework_version_id")

    with op.batch_alter_table("framework_version", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_framework_version_predecessor_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_framework_version_predecessor_id"))
        batch_op.drop_column("is_public")
        batch_op.drop_column("archived_at")
        batch_op.drop_column("activated_at")
        batch_op.drop_column("saved_at")
        batch_op.drop_column("revision")
        batch_op.drop_column("mapping")
        batch_op.drop_column("predecessor_id")

    # A retired link would come back to life without its date.
    op.execute("DELETE FROM evidence_link WHERE retired_at IS NOT NULL")
    with op.batch_alter_table("evidence_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_link_evidence_id_indicator"))
        batch_op.create_unique_constraint(
            batch_op.f("uq_evidence_link_evidence_id_indicator"), ["evidence_id", "indicator"]
        )
        batch_op.drop_column("retired_at")

    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_column("ended_on")

    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.drop_column("answer")
        batch_op.drop_column("account")
        batch_op.drop_column("obtained_on")

    with op.batch_alter_table("assessment_rating", schema=None) as batch_op:
        batch_op.drop_column("confidence")

    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_assessment_framework_version_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_assessment_doubles_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_assessment_doubles_id"))
        batch_op.drop_column("doubles_id")
        batch_op.drop_column("framework_version_id")

    op.drop_table("verification_item")

    op.drop_table("vae_step")

    op.drop_table("training_attendance")

    op.drop_table("enrolment_pause")

    op.drop_table("enrolment_migration")

    op.drop_table("eligibility_document")

    op.drop_table("eligibility_derogation")

    op.drop_table("assessment_retained_level")

    op.drop_table("verification_draw")
    op.drop_table("training_session")
    op.drop_table("reminder_subscription")
    op.drop_table("programme_rules")
    op.drop_table("recognition")

    op.drop_table("export")

    op.drop_table("assessor_habilitation")
