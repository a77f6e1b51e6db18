"""The verbs of a version: put it in force, archive it, open it to anybody."""

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

import competencies
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.frameworks import policies
from certify.frameworks.models import TITLE_LENGTH, FrameworkVersion, VersionState
from certify.frameworks.queries import activation


def activate(
    session: Session, actor: Actor, version: FrameworkVersion, *, revision: int, archives_predecessor: bool = False
) -> FrameworkVersion:
    """Put a draft without fault in force: its content is frozen as it was read, and signed by its digest."""
    version = _locked(session, version)
    if not policies.may_write(actor, version):
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur met ses référentiels en vigueur."))
    if version.state is not VersionState.DRAFT:
        raise Conflict(_l("Cette version est déjà en vigueur."))
    if version.revision != revision:
        raise Conflict(
            _l("Ce brouillon a changé depuis que vous l’avez relu. Relisez-le avant de le mettre en vigueur."),
            revision=version.revision,
        )
    page = activation.activation_page(session, version)
    if page.framework is None or page.is_blocked:
        raise Invalid(_l("Ce brouillon ne peut pas encore être mis en vigueur : corrigez ce qui est indiqué."))
    framework = page.framework
    version.content = competencies.to_document(framework)
    version.digest = competencies.digest(framework)
    version.code, version.version = framework.code, framework.version
    version.title_fr, version.title_en = framework.title.fr[:TITLE_LENGTH], framework.title.en[:TITLE_LENGTH]
    version.state, version.activated_at = VersionState.ACTIVE, clock.now()
    session.flush()
    audit.record(
        session, actor, "frameworks:version:activated", version, organisation_id=version.certifying_body_id,
        code=version.code, version=version.version, digest=version.digest,
    )  # fmt: skip
    if archives_predecessor and page.predecessor is not None and page.predecessor.state is VersionState.ACTIVE:
        archive(session, actor, page.predecessor)
    return version


def _locked(session: Session, version: FrameworkVersion) -> FrameworkVersion:
    query = select(FrameworkVersion).where(FrameworkVersion.id == version.id).with_for_update()
    whole = query.options(undefer(FrameworkVersion.content), undefer(FrameworkVersion.mapping))
    return session.scalars(whole.execution_options(populate_existing=True)).one()


def archive(session: Session, actor: Actor, version: FrameworkVersion) -> FrameworkVersion:
    """Stop offering a version to new cohorts; those who began on it go on with it."""
    if not policies.may_write(actor, version):
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur archive ses référentiels."))
    if not policies.may_archive(actor, version):
        raise Conflict(_l("Seule une version en vigueur s’archive."))
    version.state, version.archived_at = VersionState.ARCHIVED, clock.now()
    session.flush()
    audit.record(
        session, actor, "frameworks:version:archived", version, organisation_id=version.certifying_body_id,
        code=version.code, version=version.version,
    )  # fmt: skip
    return version


def publish(session: Session, actor: Actor, version: FrameworkVersion, *, is_public: bool) -> FrameworkVersion:
    """Open a version to anybody at the CASE addresses, or close it again; a draft is never open."""
    if not policies.may_write(actor, version):
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur rend ses référentiels publics."))
    if not policies.may_publish(actor, version):
        raise Conflict(_l("Un brouillon ne se publie pas : mettez-le d’abord en vigueur."))
    if version.is_public is is_public:
        return version
    version.is_public = is_public
    session.flush()
    tag = "frameworks:version:published" if is_public else "frameworks:version:withdrawn"
    audit.record(
        session, actor, tag, version, organisation_id=version.certifying_body_id,
        code=version.code, version=version.version,
    )  # fmt: skip
    return version
