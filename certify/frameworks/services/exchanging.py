"""The verb of files: what was read from one becomes a draft, whole or not at all."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core import audit, clock
from certify.core.access import Actor, Permission
from certify.core.errors import Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.models import NUMBER_LENGTH, TITLE_LENGTH, FrameworkVersion, VersionState
from certify.organisations.models import Organisation, OrganisationKind


def import_framework(
    session: Session,
    actor: Actor | None,
    certifying_body: Organisation,
    framework: competencies.Framework,
    *,
    is_active: bool = False,
) -> FrameworkVersion:
    """Make a framework read from a file a draft of a certifying body, or a version in force when asked.

    The newest version in force of the same framework becomes its predecessor, with a proposed mapping to correct.
    A version of that number that exists already is refused: another number makes it a new version.
    """
    _require_allowed(actor, certifying_body)
    _require_fitting(framework)
    known = _versions(session, certifying_body, framework.code)
    if any(one.version == framework.version for one in known):
        raise Invalid(
            _l(
                "La version %(version)s de ce référentiel existe déjà. Donnez un autre numéro pour importer ce "
                "fichier comme une nouvelle version.",
                version=framework.version,
            ),
            "number",
        )
    predecessor = next((one for one in known if one.state is not VersionState.DRAFT), None)
    version = _version(certifying_body, framework, is_active=is_active)
    if predecessor is not None:
        version.predecessor_id, version.mapping = predecessor.id, _mapping(session, predecessor, framework)
    session.add(version)
    session.flush()
    audit.record(
        session, actor, "frameworks:version:imported", version, organisation_id=certifying_body.id,
        code=version.code, version=version.version, digest=competencies.digest(framework),
    )  # fmt: skip
    return version


def _version(certifying_body: Organisation, framework: competencies.Framework, *, is_active: bool) -> FrameworkVersion:
    moment = clock.now()
    return FrameworkVersion(
        id=new_id(), certifying_body_id=certifying_body.id, code=framework.code, version=framework.version,
        state=VersionState.ACTIVE if is_active else VersionState.DRAFT,
        title_fr=framework.title.fr[:TITLE_LENGTH], title_en=framework.title.en[:TITLE_LENGTH],
        content=competencies.to_document(framework), digest=competencies.digest(framework) if is_active else "",
        created_at=moment, saved_at=moment, activated_at=moment if is_active else None,
    )  # fmt: skip


def _require_allowed(actor: Actor | None, certifying_body: Organisation) -> None:
    if certifying_body.kind is not OrganisationKind.CERTIFYING_BODY:
        raise Invalid(_l("Seul un organisme certificateur peut tenir un référentiel."))
    if actor is not None and certifying_body.id not in actor.organisations(Permission.FRAMEWORK_WRITE):
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur prépare ses référentiels."))


def _require_fitting(framework: competencies.Framework) -> None:
    if len(framework.version) > NUMBER_LENGTH:
        raise Invalid(_l("Donnez un numéro de version de 30 caractères au plus."), "number")


def _versions(session: Session, certifying_body: Organisation, code: str) -> list[FrameworkVersion]:
    """Return the versions of a framework, the newest in force first."""
    query = select(FrameworkVersion).where(
        FrameworkVersion.certifying_body_id == certifying_body.id, FrameworkVersion.code == code
    )
    rows = session.scalars(query.order_by(FrameworkVersion.created_at.desc(), FrameworkVersion.id.desc()))
    return sorted(rows, key=lambda row: row.state is not VersionState.ACTIVE)


def _mapping(
    session: Session, predecessor: FrameworkVersion, framework: competencies.Framework
) -> list[dict[str, object]]:
    content = session.scalars(select(FrameworkVersion.content).where(FrameworkVersion.id == predecessor.id)).one()
    former = competencies.from_document(content)
    return competencies.mapping_to_document(competencies.propose_mapping(former, framework))
