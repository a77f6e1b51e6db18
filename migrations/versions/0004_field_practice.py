"""What is done in the field: forms, evidence of every kind, groups and their meetings, supervision."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "waiting_file",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_waiting_file")),
    )
    with op.batch_alter_table("waiting_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_file_since"), ["since"], unique=False)

    op.create_table(
        "calendar_feed",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_calendar_feed_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token", name=op.f("uq_calendar_feed_token")),
    )
    op.create_table(
        "logbook_form",
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_logbook_form_created_by_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_logbook_form_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logbook_form")),
        sa.UniqueConstraint(
            "training_body_id", "activity", "number", name=op.f("uq_logbook_form_training_body_id_activity_number")
        ),
    )
    op.create_table(
        "peer_group",
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("house_id", sa.Uuid(), nullable=True),
        sa.Column("certifying_body_id", sa.Uuid(), nullable=False),
        sa.Column("framework_code", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("referent_id", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certifying_body_id"], ["organisation.id"], name=op.f("fk_peer_group_certifying_body_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_peer_group_created_by_id")),
        sa.ForeignKeyConstraint(["house_id"], ["organisation.id"], name=op.f("fk_peer_group_house_id")),
        sa.ForeignKeyConstraint(["referent_id"], ["user_account.id"], name=op.f("fk_peer_group_referent_id")),
        sa.ForeignKeyConstraint(["training_body_id"], ["organisation.id"], name=op.f("fk_peer_group_training_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_group")),
        sa.UniqueConstraint("training_body_id", "code", name=op.f("uq_peer_group_training_body_id_code")),
    )
    with op.batch_alter_table("peer_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_peer_group_house_id_closed_on"), ["house_id", "closed_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_peer_group_referent_id_closed_on_code"), ["referent_id", "closed_on", "code"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_peer_group_training_body_id_closed_on_code"),
            ["training_body_id", "closed_on", "code"],
            unique=False,
        )

    op.create_table(
        "purge",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["purged_by_id"], ["user_account.id"], name=op.f("fk_purge_purged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge")),
    )
    with op.batch_alter_table("purge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purge_purged_at"), ["purged_at"], unique=False)

    op.create_table(
        "retention_period",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_retention_period_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_period")),
    )
    with op.batch_alter_table("retention_period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_period_code_decided_at"), ["code", "decided_at"], unique=False)

    op.create_table(
        "group_fidelity",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("worst", sa.String(length=20), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("eight_months_on", sa.Date(), nullable=True),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.Column("alerted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_group_fidelity_group_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_group_fidelity_training_body_id")
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_fidelity")),
    )
    with op.batch_alter_table("group_fidelity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_fidelity_computed_on"), ["computed_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_group_fidelity_training_body_id_worst"), ["training_body_id", "worst"], unique=False
        )

    op.create_table(
        "group_participant",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_group_participant_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_participant")),
        sa.UniqueConstraint("group_id", "pseudonym", name=op.f("uq_group_participant_group_id_pseudonym")),
    )
    op.create_table(
        "meeting_closure",
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_meeting_closure_group_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_meeting_closure_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_closure")),
    )
    with op.batch_alter_table("meeting_closure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_closure_group_id_starts_on"), ["group_id", "starts_on"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_meeting_closure_training_body_id_starts_on"), ["training_body_id", "starts_on"], unique=False
        )

    op.create_table(
        "meeting_series",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_meeting_series_created_by_id")),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_meeting_series_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_series")),
    )
    with op.batch_alter_table("meeting_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_series_group_id"), ["group_id"], unique=False)

    op.create_table(
        "waiting_family",
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("house_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_waiting_family_group_id")),
        sa.ForeignKeyConstraint(["house_id"], ["organisation.id"], name=op.f("fk_waiting_family_house_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_waiting_family_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_family")),
        sa.UniqueConstraint("training_body_id", "number", name=op.f("uq_waiting_family_training_body_id_number")),
    )
    with op.batch_alter_table("waiting_family", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_waiting_family_training_body_id_closed_on"), ["training_body_id", "closed_on"], unique=False
        )

    op.create_table(
        "group_stay",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_group_stay_group_id")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["group_participant.id"], name=op.f("fk_group_stay_participant_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_group_stay_recorded_by_id")),
        sa.ForeignKeyConstraint(["struck_by_id"], ["user_account.id"], name=op.f("fk_group_stay_struck_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_stay")),
    )
    with op.batch_alter_table("group_stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_stay_group_id_joined_on"), ["group_id", "joined_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_stay_participant_id"), ["participant_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("theme", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("facilitator_present", sa.Boolean(), nullable=True),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("moved_to_id", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_meeting_group_id")),
        sa.ForeignKeyConstraint(["moved_to_id"], ["meeting.id"], name=op.f("fk_meeting_moved_to_id")),
        sa.ForeignKeyConstraint(["series_id"], ["meeting_series.id"], name=op.f("fk_meeting_series_id")),
        sa.ForeignKeyConstraint(["training_body_id"], ["organisation.id"], name=op.f("fk_meeting_training_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_group_id_starts_at"), ["group_id", "starts_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_meeting_training_body_id_starts_at"), ["training_body_id", "starts_at"], unique=False
        )

    op.create_table(
        "declared_name",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_declared_name_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_name")),
        sa.UniqueConstraint("enrolment_id", "digest", name=op.f("uq_declared_name_enrolment_id_digest")),
    )
    op.create_table(
        "entry_template",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_entry_template_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_template")),
    )
    with op.batch_alter_table("entry_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_template_enrolment_id_retired_at"), ["enrolment_id", "retired_at"], unique=False
        )

    op.create_table(
        "field_operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_field_operation_enrolment_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_field_operation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_operation")),
    )
    with op.batch_alter_table("field_operation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_field_operation_enrolment_id_received_at"), ["enrolment_id", "received_at"], unique=False
        )

    op.create_table(
        "fragility_action",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strikes_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_fragility_action_enrolment_id")),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_fragility_action_group_id")),
        sa.ForeignKeyConstraint(["strikes_id"], ["fragility_action.id"], name=op.f("fk_fragility_action_strikes_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_fragility_action_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fragility_action")),
        sa.UniqueConstraint("strikes_id", name=op.f("uq_fragility_action_strikes_id")),
    )
    with op.batch_alter_table("fragility_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fragility_action_enrolment_id_on"), ["enrolment_id", "on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_fragility_action_training_body_id_on"), ["training_body_id", "on"], unique=False
        )

    op.create_table(
        "group_facilitator",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_group_facilitator_enrolment_id")),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_group_facilitator_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_facilitator")),
    )
    with op.batch_alter_table("group_facilitator", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_facilitator_enrolment_id_ends_on"), ["enrolment_id", "ends_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_group_facilitator_group_id"), ["group_id"], unique=False)

    op.create_table(
        "logbook_import",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=130), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("headings_digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_logbook_import_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_logbook_import_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logbook_import")),
    )
    with op.batch_alter_table("logbook_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_logbook_import_enrolment_id_created_at"), ["enrolment_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_logbook_import_training_body_id_headings_digest"),
            ["training_body_id", "headings_digest"],
            unique=False,
        )

    op.create_table(
        "meeting_attendance",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("second_parent", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_attendance_meeting_id")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["group_participant.id"], name=op.f("fk_meeting_attendance_participant_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_meeting_attendance_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendance")),
    )
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_attendance_meeting_id_participant_id_recorded_at"),
            ["meeting_id", "participant_id", "recorded_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_meeting_attendance_participant_id"), ["participant_id"], unique=False)

    op.create_table(
        "observation_request",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("framework_version_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("referent_name", sa.String(length=120), nullable=False),
        sa.Column("referent_role", sa.String(length=120), nullable=False),
        sa.Column("referent_email", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_observation_request_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["framework_version_id"], ["framework_version.id"], name=op.f("fk_observation_request_framework_version_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_observation_request_meeting_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_observation_request_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_request")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_observation_request_token_digest")),
    )
    with op.batch_alter_table("observation_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_observation_request_enrolment_id_created_at"), ["enrolment_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_observation_request_training_body_id"), ["training_body_id"], unique=False)

    op.create_table(
        "protection_procedure",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strikes_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_protection_procedure_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_protection_procedure_training_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["strikes_id"], ["protection_procedure.id"], name=op.f("fk_protection_procedure_strikes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protection_procedure")),
        sa.UniqueConstraint("strikes_id", name=op.f("uq_protection_procedure_strikes_id")),
    )
    with op.batch_alter_table("protection_procedure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_protection_procedure_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_protection_procedure_training_body_id"), ["training_body_id"], unique=False
        )

    op.create_table(
        "supervision_session",
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("theme", sa.String(length=160), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("notes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["peer_group.id"], name=op.f("fk_supervision_session_group_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_supervision_session_meeting_id")),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["user_account.id"], name=op.f("fk_supervision_session_supervisor_id")
        ),
        sa.ForeignKeyConstraint(
            ["training_body_id"], ["organisation.id"], name=op.f("fk_supervision_session_training_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_session")),
    )
    with op.batch_alter_table("supervision_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_session_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supervision_session_supervisor_id"), ["supervisor_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_supervision_session_training_body_id_on"), ["training_body_id", "on"], unique=False
        )

    op.create_table(
        "text_flag",
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("training_body_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("flagged_by_id", sa.Uuid(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_text_flag_author_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_text_flag_enrolment_id")),
        sa.ForeignKeyConstraint(["flagged_by_id"], ["user_account.id"], name=op.f("fk_text_flag_flagged_by_id")),
        sa.ForeignKeyConstraint(["training_body_id"], ["organisation.id"], name=op.f("fk_text_flag_training_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_flag")),
    )
    with op.batch_alter_table("text_flag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_text_flag_author_id_settled_at"), ["author_id", "settled_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_text_flag_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_text_flag_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_text_flag_training_body_id"), ["training_body_id"], unique=False)

    op.create_table(
        "fragility_follow_up",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["fragility_action.id"], name=op.f("fk_fragility_follow_up_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fragility_follow_up")),
    )
    with op.batch_alter_table("fragility_follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fragility_follow_up_action_id"), ["action_id"], unique=False)

    op.create_table(
        "observation_answer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("signed_name", sa.String(length=120), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("trainee_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["observation_request.id"], name=op.f("fk_observation_answer_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_answer")),
        sa.UniqueConstraint("request_id", name=op.f("uq_observation_answer_request_id")),
    )
    op.create_table(
        "supervision_presence",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_supervision_presence_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_supervision_presence_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["supervision_session.id"], name=op.f("fk_supervision_presence_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_presence")),
    )
    with op.batch_alter_table("supervision_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_presence_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_supervision_presence_session_id_enrolment_id_recorded_at"),
            ["session_id", "enrolment_id", "recorded_at"],
            unique=False,
        )

    op.create_table(
        "supervision_signature",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_supervision_signature_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["supervision_session.id"], name=op.f("fk_supervision_signature_session_id")
        ),
        sa.ForeignKeyConstraint(["signer_id"], ["user_account.id"], name=op.f("fk_supervision_signature_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_signature")),
        sa.UniqueConstraint(
            "session_id",
            "enrolment_id",
            "side",
            "revision",
            name=op.f("uq_supervision_signature_session_id_enrolment_id_side_revision"),
        ),
    )
    with op.batch_alter_table("supervision_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_signature_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "evidence_version",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("framework_version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_evidence_version_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["framework_version_id"], ["framework_version.id"], name=op.f("fk_evidence_version_framework_version_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["evidence_item.id"], name=op.f("fk_evidence_version_item_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["user_account.id"], name=op.f("fk_evidence_version_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_evidence_version_item_id_number")),
    )
    op.create_table(
        "upload",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.String(length=130), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_upload_enrolment_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["logbook_entry.id"], name=op.f("fk_upload_entry_id")),
        sa.ForeignKeyConstraint(["item_id"], ["evidence_item.id"], name=op.f("fk_upload_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_enrolment_id_state"), ["enrolment_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_state_touched_at"), ["state", "touched_at"], unique=False)

    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_part_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_upload_part")),
    )
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("url", sa.String(length=500), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("faces_checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("size", existing_type=sa.INTEGER(), type_=sa.BigInteger(), existing_nullable=False)
        batch_op.create_index(
            batch_op.f("ix_evidence_item_enrolment_id_sha256"), ["enrolment_id", "sha256"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_evidence_item_training_body_id_state_kind"),
            ["training_body_id", "state", "kind"],
            unique=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_evidence_item_replaces_id"), "evidence_item", ["replaces_id"], ["id"]
        )

    with op.batch_alter_table("logbook_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("form_number", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.add_column(sa.Column("values", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("private_note", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("ai_use", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("ai_account", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(
            sa.Column("source", sa.String(length=40), nullable=False, server_default=sa.text("'written'"))
        )
        batch_op.add_column(sa.Column("import_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("meeting_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.create_foreign_key(batch_op.f("fk_logbook_entry_meeting_id"), "meeting", ["meeting_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_logbook_entry_import_id"), "logbook_import", ["import_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_logbook_entry_form_id"), "logbook_form", ["form_id"], ["id"])

    with op.batch_alter_table("logbook_review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("comments", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    _fill_search_text()


def _fill_search_text() -> None:
    """Entries written before are found by their words too, without accents or capitals."""
    connection = op.get_bind()
    columns = [sa.column(name, sa.Text) for name in ("title", "place", "account", "reflection", "search_text")]
    entry = sa.table("logbook_entry", sa.column("id", sa.Uuid), *columns)
    rows = connection.execute(sa.select(entry.c.id, entry.c.title, entry.c.place, entry.c.account, entry.c.reflection))
    update = entry.update().where(entry.c.id == sa.bindparam("entry")).values(search_text=sa.bindparam("words"))
    found = [{"entry": row[0], "words": _plain("\n".join(text for text in row[1:] if text))} for row in rows]
    for start in range(0, len(found), 1000):
        connection.execute(update, found[start : start + 1000])


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).lower()


def downgrade() -> None:
    """Take back."""

    with op.batch_alter_table("logbook_review", schema=None) as batch_op:
        batch_op.drop_column("comments")

    with op.batch_alter_table("logbook_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_logbook_entry_form_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_logbook_entry_import_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_logbook_entry_meeting_id"), type_="foreignkey")
        batch_op.drop_column("search_text")
        batch_op.drop_column("meeting_id")
        batch_op.drop_column("import_id")
        batch_op.drop_column("source")
        batch_op.drop_column("ai_account")
        batch_op.drop_column("ai_use")
        batch_op.drop_column("private_note")
        batch_op.drop_column("values")
        batch_op.drop_column("form_number")
        batch_op.drop_column("form_id")

    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_evidence_item_replaces_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_evidence_item_training_body_id_state_kind"))
        batch_op.drop_index(batch_op.f("ix_evidence_item_enrolment_id_sha256"))
        batch_op.alter_column("size", existing_type=sa.BigInteger(), type_=sa.INTEGER(), existing_nullable=False)
        batch_op.drop_column("faces_checked_at")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("facts")
        batch_op.drop_column("url")

    op.drop_table("upload_part")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_state_touched_at"))
        batch_op.drop_index(batch_op.f("ix_upload_enrolment_id_state"))

    op.drop_table("upload")
    op.drop_table("evidence_version")
    with op.batch_alter_table("supervision_signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_signature_enrolment_id"))

    op.drop_table("supervision_signature")
    with op.batch_alter_table("supervision_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_presence_session_id_enrolment_id_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_supervision_presence_enrolment_id"))

    op.drop_table("supervision_presence")
    op.drop_table("observation_answer")
    with op.batch_alter_table("fragility_follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fragility_follow_up_action_id"))

    op.drop_table("fragility_follow_up")
    with op.batch_alter_table("text_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_flag_training_body_id"))
        batch_op.drop_index(batch_op.f("ix_text_flag_subject_id"))
        batch_op.drop_index(batch_op.f("ix_text_flag_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_text_flag_author_id_settled_at"))

    op.drop_table("text_flag")
    with op.batch_alter_table("supervision_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_session_training_body_id_on"))
        batch_op.drop_index(batch_op.f("ix_supervision_session_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_supervision_session_group_id"))

    op.drop_table("supervision_session")
    with op.batch_alter_table("protection_procedure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_protection_procedure_training_body_id"))
        batch_op.drop_index(batch_op.f("ix_protection_procedure_enrolment_id"))

    op.drop_table("protection_procedure")
    with op.batch_alter_table("observation_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observation_request_training_body_id"))
        batch_op.drop_index(batch_op.f("ix_observation_request_enrolment_id_created_at"))

    op.drop_table("observation_request")
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_attendance_participant_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_attendance_meeting_id_participant_id_recorded_at"))

    op.drop_table("meeting_attendance")
    with op.batch_alter_table("logbook_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logbook_import_training_body_id_headings_digest"))
        batch_op.drop_index(batch_op.f("ix_logbook_import_enrolment_id_created_at"))

    op.drop_table("logbook_import")
    with op.batch_alter_table("group_facilitator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_facilitator_group_id"))
        batch_op.drop_index(batch_op.f("ix_group_facilitator_enrolment_id_ends_on"))

    op.drop_table("group_facilitator")
    with op.batch_alter_table("fragility_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fragility_action_training_body_id_on"))
        batch_op.drop_index(batch_op.f("ix_fragility_action_enrolment_id_on"))

    op.drop_table("fragility_action")
    with op.batch_alter_table("field_operation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_field_operation_enrolment_id_received_at"))

    op.drop_table("field_operation")
    with op.batch_alter_table("entry_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_template_enrolment_id_retired_at"))

    op.drop_table("entry_template")
    op.drop_table("declared_name")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_training_body_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_meeting_group_id_starts_at"))

    op.drop_table("meeting")
    with op.batch_alter_table("group_stay", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_stay_participant_id"))
        batch_op.drop_index(batch_op.f("ix_group_stay_group_id_joined_on"))

    op.drop_table("group_stay")
    with op.batch_alter_table("waiting_family", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_family_training_body_id_closed_on"))

    op.drop_table("waiting_family")
    with op.batch_alter_table("meeting_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_series_group_id"))

    op.drop_table("meeting_series")
    with op.batch_alter_table("meeting_closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_closure_training_body_id_starts_on"))
        batch_op.drop_index(batch_op.f("ix_meeting_closure_group_id_starts_on"))

    op.drop_table("meeting_closure")
    op.drop_table("group_participant")
    with op.batch_alter_table("group_fidelity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_fidelity_training_body_id_worst"))
        batch_op.drop_index(batch_op.f("ix_group_fidelity_computed_on"))

    op.drop_table("group_fidelity")
    with op.batch_alter_table("retention_period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_period_code_decided_at"))

    op.drop_table("retention_period")
    with op.batch_alter_table("purge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purge_purged_at"))

    op.drop_table("purge")
    with op.batch_alter_table("peer_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_peer_group_training_body_id_closed_on_code"))
        batch_op.drop_index(batch_op.f("ix_peer_group_referent_id_closed_on_code"))
        batch_op.drop_index(batch_op.f("ix_peer_group_house_id_closed_on"))

    op.drop_table("peer_group")
    op.drop_table("logbook_form")
    op.drop_table("calendar_feed")
    with op.batch_alter_table("waiting_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_file_since"))

    op.drop_table("waiting_file")
