"""The verbs of frameworks: a certifying body takes a version as its own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.frameworks.models import TITLE_LENGTH, FrameworkVersion, VersionState
from certify.organisations.models import Organisation, OrganisationKind


def adopt(
    session: Session, actor: Actor | None, certifying_body: Organisation, framework: competencies.Framework
) -> FrameworkVersion:
    """Make a framework a version of a certifying body; adopting the same one again changes nothing.

    The same code and version with another content is a conflict: what trainees were enrolled on never changes.
    """
    if certifying_body.kind is not OrganisationKind.CERTIFYING_BODY:
        raise Invalid(_l("Seul un organisme certificateur peut adopter un référentiel."))
    digest = competencies.digest(framework)
    known = session.scalars(
        select(FrameworkVersion).where(
            FrameworkVersion.certifying_body_id == certifying_body.id,
            FrameworkVersion.code == framework.code,
            FrameworkVersion.version == framework.version,
        )
    ).one_or_none()
    if known is not None:
        return _unchanged(known, digest)
    version = FrameworkVersion(
        certifying_body_id=certifying_body.id,
        code=framework.code,
        version=framework.version,
        state=VersionState.ACTIVE,
        title_fr=framework.title.fr[:TITLE_LENGTH],
        title_en=framework.title.en[:TITLE_LENGTH],
        content=competencies.to_document(framework),
        digest=digest,
        created_at=clock.now(),
        activated_at=clock.now(),
    )
    session.add(version)
    session.flush()
    audit.record(
        session, actor, "frameworks:version:adopted", version, organisation_id=certifying_body.id,
        code=version.code, version=version.version, digest=digest,
    )  # fmt: skip
    return version


def _unchanged(known: FrameworkVersion, digest: str) -> FrameworkVersion:
    if known.digest != digest:
        raise Conflict(
            _l(
                "La version %(version)s de ce référentiel existe déjà avec un autre contenu. "
                "Donnez un autre numéro à la nouvelle version.",
                version=known.version,
            )
        )
    return known
