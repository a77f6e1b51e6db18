"""learning platforms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "lti_registration",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("authorization_url", sa.String(length=500), nullable=False),
        sa.Column("token_url", sa.String(length=500), nullable=False),
        sa.Column("token_audience", sa.String(length=500), nullable=False),
        sa.Column("jwks_url", sa.String(length=500), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("product_version", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("role_mapping", sa.JSON(), nullable=False),
        sa.Column("opens_cohorts", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lti_registration_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_registration")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_registration_issuer_client_id")),
    )
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lti_registration_organisation_id_created_at"),
            ["organisation_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "lti_deployment",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("lms_id", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_lti_deployment_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_deployment_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_deployment")),
        sa.UniqueConstraint("registration_id", "lms_id", name=op.f("uq_lti_deployment_registration_id_lms_id")),
    )
    op.create_table(
        "lti_identity",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("has_label", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_identity_registration_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_lti_identity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_identity")),
        sa.UniqueConstraint("registration_id", "sub", name=op.f("uq_lti_identity_registration_id_sub")),
    )
    with op.batch_alter_table("lti_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_identity_user_id"), ["user_id"], unique=False)

    op.create_table(
        "lti_login_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("target_link_uri", sa.Text(), nullable=False),
        sa.Column("is_framed", sa.Boolean(), nullable=False),
        sa.Column("storage_target", sa.String(length=120), nullable=False),
        sa.Column("binder_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_login_state_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_lti_login_state")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lti_login_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_login_state_created_at"), ["created_at"], unique=False)

    op.create_table(
        "lti_platform_key_set",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_platform_key_set_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_lti_platform_key_set")),
    )
    op.create_table(
        "lti_registration_invitation",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_lti_registration_invitation_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lti_registration_invitation_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_registration_invitation_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_registration_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lti_registration_invitation_token_hash")),
    )
    with op.batch_alter_table("lti_registration_invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lti_registration_invitation_organisation_id_created_at"),
            ["organisation_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "lti_service_token",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.String(length=600), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_service_token_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_service_token")),
        sa.UniqueConstraint("registration_id", "scopes", name=op.f("uq_lti_service_token_registration_id_scopes")),
    )
    op.create_table(
        "lti_context",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("lms_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("id_history", sa.JSON(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("copied_from_id", sa.Uuid(), nullable=True),
        sa.Column("memberships_url", sa.String(length=500), nullable=False),
        sa.Column("line_items_url", sa.String(length=500), nullable=False),
        sa.Column("ags_scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("roster_applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_lti_context_cohort_id")),
        sa.ForeignKeyConstraint(["copied_from_id"], ["lti_context.id"], name=op.f("fk_lti_context_copied_from_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_context_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_context")),
        sa.UniqueConstraint("deployment_id", "lms_id", name=op.f("uq_lti_context_deployment_id_lms_id")),
    )
    with op.batch_alter_table("lti_context", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_context_cohort_id"), ["cohort_id"], unique=False)

    op.create_table(
        "lti_membership",
        sa.Column("context_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_membership_context_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["lti_identity.id"], name=op.f("fk_lti_membership_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_membership")),
        sa.UniqueConstraint("context_id", "identity_id", name=op.f("uq_lti_membership_context_id_identity_id")),
    )
    with op.batch_alter_table("lti_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_membership_identity_id"), ["identity_id"], unique=False)

    op.create_table(
        "lti_placement",
        sa.Column("context_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_lti_placement_cohort_id")),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_placement_context_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_lti_placement_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_placement")),
    )
    with op.batch_alter_table("lti_placement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_placement_context_id"), ["context_id"], unique=False)

    op.create_table(
        "lti_roster_read",
        sa.Column("context_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("is_applied_at_once", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_roster_read_context_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_lti_roster_read_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_roster_read")),
    )
    with op.batch_alter_table("lti_roster_read", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lti_roster_read_context_id_created_at"), ["context_id", "created_at"], unique=False
        )

    op.create_table(
        "lti_resource_link",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("context_id", sa.Uuid(), nullable=True),
        sa.Column("lms_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("target", sa.String(length=40), nullable=True),
        sa.Column("line_item_url", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_resource_link_context_id")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_resource_link_deployment_id")
        ),
        sa.ForeignKeyConstraint(["placement_id"], ["lti_placement.id"], name=op.f("fk_lti_resource_link_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_resource_link")),
        sa.UniqueConstraint("deployment_id", "lms_id", name=op.f("uq_lti_resource_link_deployment_id_lms_id")),
    )
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_resource_link_context_id"), ["context_id"], unique=False)

    op.create_table(
        "lti_launch",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("message_type", sa.String(length=60), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("context_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("user_session_id", sa.Uuid(), nullable=True),
        sa.Column("is_framed", sa.Boolean(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_launch_context_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_launch_deployment_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["lti_identity.id"], name=op.f("fk_lti_launch_identity_id")),
        sa.ForeignKeyConstraint(["link_id"], ["lti_resource_link.id"], name=op.f("fk_lti_launch_link_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_launch_registration_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_session_id"], ["user_session.id"], name=op.f("fk_lti_launch_user_session_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_launch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lti_launch_public_id")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lti_launch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_launch_registration_id_at"), ["registration_id", "at"], unique=False)

    op.create_table(
        "lti_line_item",
        sa.Column("context_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_line_item_context_id")),
        sa.ForeignKeyConstraint(["link_id"], ["lti_resource_link.id"], name=op.f("fk_lti_line_item_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_line_item")),
        sa.UniqueConstraint("context_id", "url", name=op.f("uq_lti_line_item_context_id_url")),
    )
    op.create_table(
        "lti_score",
        sa.Column("line_item_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.Column("sent_value", sa.Double(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lti_score_enrolment_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["lti_identity.id"], name=op.f("fk_lti_score_identity_id")),
        sa.ForeignKeyConstraint(["line_item_id"], ["lti_line_item.id"], name=op.f("fk_lti_score_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_score")),
        sa.UniqueConstraint("line_item_id", "identity_id", name=op.f("uq_lti_score_line_item_id_identity_id")),
    )
    with op.batch_alter_table("lti_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_score_state_due_at"), ["state", "due_at"], unique=False)

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact", sa.String(length=254), nullable=False, server_default=""))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("contact")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_column("not_before")

    with op.batch_alter_table("lti_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_score_state_due_at"))

    op.drop_table("lti_score")
    op.drop_table("lti_line_item")
    with op.batch_alter_table("lti_launch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_launch_registration_id_at"))

    op.drop_table("lti_launch")
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_resource_link_context_id"))

    op.drop_table("lti_resource_link")
    with op.batch_alter_table("lti_roster_read", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_roster_read_context_id_created_at"))

    op.drop_table("lti_roster_read")
    with op.batch_alter_table("lti_placement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_placement_context_id"))

    op.drop_table("lti_placement")
    with op.batch_alter_table("lti_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_membership_identity_id"))

    op.drop_table("lti_membership")
    with op.batch_alter_table("lti_context", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_context_cohort_id"))

    op.drop_table("lti_context")
    op.drop_table("lti_service_token")
    with op.batch_alter_table("lti_registration_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_registration_invitation_organisation_id_created_at"))

    op.drop_table("lti_registration_invitation")
    op.drop_table("lti_platform_key_set")
    with op.batch_alter_table("lti_login_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_login_state_created_at"))

    op.drop_table("lti_login_state")
    with op.batch_alter_table("lti_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_identity_user_id"))

    op.drop_table("lti_identity")
    op.drop_table("lti_deployment")
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_registration_organisation_id_created_at"))

    op.drop_table("lti_registration")
