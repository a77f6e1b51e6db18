"""The verbs of a draft: begin one, save it, say what becomes of former indicators, give it up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

import competencies
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks import policies
from certify.frameworks.models import NUMBER_LENGTH, TITLE_LENGTH, FrameworkVersion, VersionState
from certify.frameworks.queries import documents, drafts
from certify.frameworks.queries.documents import Document, shaped
from certify.frameworks.services import operations
from certify.organisations.models import Organisation, OrganisationKind
from competencies.revision import Carried, identity, mapping_to_document

_CODE_LENGTH = 60


def begin(
    session: Session, actor: Actor, certifying_body: Organisation, *, code: str, number: str, from_demo: bool = False
) -> FrameworkVersion:
    """Begin a framework: from the demonstration's content, or with one block, competency and indicator to fill in."""
    if from_demo:
        document = competencies.to_document(competencies.demo()) | {"code": code, "version": number}
    else:
        document = operations.empty_document(code, number)
    return draft(session, actor, certifying_body, document)


def draft(
    session: Session, actor: Actor, certifying_body: Organisation, document: Document,
    predecessor: FrameworkVersion | None = None,
) -> FrameworkVersion:  # fmt: skip
    """Keep a document, with its faults if any, as a draft of a certifying body."""
    document = shaped(document)
    moment = clock.now()
    version = FrameworkVersion(
        id=new_id(), certifying_body_id=certifying_body.id, state=VersionState.DRAFT, created_at=moment,
        saved_at=moment, code=document["code"], version=document["version"], content=document,
        predecessor_id=predecessor.id if predecessor else None, title_fr="", title_en="",
    )  # fmt: skip
    if not policies.may_write(actor, version) or certifying_body.kind is not OrganisationKind.CERTIFYING_BODY:
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur prépare ses référentiels."))
    _require_free(session, version, document)
    _name(version, document)
    session.add(version)
    session.flush()
    audit.record(
        session, actor, "frameworks:version:drafted", version, organisation_id=certifying_body.id,
        code=version.code, version=version.version, predecessor=predecessor.version if predecessor else None,
    )  # fmt: skip
    return version


def _require_free(session: Session, version: FrameworkVersion, document: Document) -> None:
    for value, most, field, message in (
        (document["code"], _CODE_LENGTH, "code", _l("Donnez un code au référentiel, de 40 caractères au plus.")),
        (document["version"], NUMBER_LENGTH, "number", _l("Donnez un numéro de version, de 30 caractères au plus.")),
    ):
        if not value.strip() or len(value) > most:
            raise Invalid(message, field)
    if drafts.is_number_taken(session, version, document):
        raise Invalid(_l("Cette version existe déjà : donnez un autre numéro."), "number")


def _name(version: FrameworkVersion, document: Document) -> None:
    """Keep on the row what lists show of the document."""
    unnamed = document["code"] or version.code
    version.title_fr = (document["title"]["fr"] or unnamed)[:TITLE_LENGTH]
    version.title_en = (document["title"]["en"] or document["title"]["fr"] or unnamed)[:TITLE_LENGTH]


def new_version(session: Session, actor: Actor, version: FrameworkVersion, *, number: str) -> FrameworkVersion:
    """Begin the version that comes after one in force: the same content, another number, every indicator kept."""
    if not policies.may_renew(actor, version):
        raise Conflict(_l("Une nouvelle version part d’une version mise en vigueur : activez d’abord ce brouillon."))
    content = session.scalars(select(FrameworkVersion.content).where(FrameworkVersion.id == version.id)).one()
    body = session.get_one(Organisation, version.certifying_body_id)
    made = draft(session, actor, body, shaped(content) | {"version": number}, predecessor=version)
    former = competencies.from_document(content)
    made.mapping = mapping_to_document(identity(former))
    session.flush()
    return made


def save(
    session: Session,
    actor: Actor,
    version: FrameworkVersion,
    *,
    revision: int,
    document: Document,
    is_final: bool = False,
) -> FrameworkVersion:
    """Save a draft made from `revision`, faults and all; an older one is refused, so that nothing is overwritten.

    A final save lets go of what was marked as removed; until then it can be put back.
    """
    version = _open_draft(session, actor, version, revision)
    document = shaped(documents.pruned(document) if is_final else document)
    if version.mapping:
        version.mapping = _followed(version.mapping, shaped(version.content), document)
    version.content = document
    _keep_name(session, version, document)
    _saved(session, version)
    if is_final:
        audit.record(
            session, actor, "frameworks:version:written", version, organisation_id=version.certifying_body_id,
            code=version.code, version=version.version, revision=version.revision,
        )  # fmt: skip
    return version


def _keep_name(session: Session, version: FrameworkVersion, document: Document) -> None:
    """Name the row as the document is, unless what is typed cannot name it: the editor then says so."""
    code, number = document["code"], document["version"]
    fits = len(code.strip()) > 0 and len(code) <= _CODE_LENGTH and len(number.strip()) > 0
    if fits and len(number) <= NUMBER_LENGTH and not drafts.is_number_taken(session, version, document):
        version.code, version.version = code, number
    _name(version, document)


def _followed(mapping: list[dict[str, Any]], before: Document, after: Document) -> list[dict[str, Any]]:
    """Return the mapping with the new codes of indicators that kept their wording and changed their code."""
    lost, found = _indicators(before), _indicators(after)
    fresh = {wording: code for code, wording in found.items() if code not in lost and any(wording)}
    renamed = {code: fresh[wording] for code, wording in lost.items() if code not in found and wording in fresh}
    return [row | {"to": [renamed.get(code, code) for code in row["to"]]} for row in mapping]


def _indicators(document: Document) -> dict[str, tuple[str, str]]:
    nodes = documents.nodes_of(documents.pruned(document))
    return {node["code"]: (node["wording"]["fr"], node["wording"]["en"]) for _name, node in nodes if "wording" in node}


def _saved(session: Session, version: FrameworkVersion) -> None:
    version.revision += 1
    version.saved_at = clock.now()
    session.flush()


def _open_draft(session: Session, actor: Actor, version: FrameworkVersion, revision: int) -> FrameworkVersion:
    """Return the draft as it is now, locked until the transaction ends."""
    query = select(FrameworkVersion).where(FrameworkVersion.id == version.id).with_for_update()
    current = session.scalars(
        query.options(undefer(FrameworkVersion.content), undefer(FrameworkVersion.mapping)).execution_options(
            populate_existing=True
        )
    ).one()
    if not policies.may_write(actor, current):
        raise Forbidden(_l("Seul le secrétariat de l’organisme certificateur prépare ses référentiels."))
    if current.state is not VersionState.DRAFT:
        raise Conflict(_l("Cette version est en vigueur : son contenu ne change plus. Faites-en une nouvelle version."))
    if current.revision != revision:
        raise Conflict(
            _l(
                "Ce brouillon a été enregistré ailleurs depuis que vous avez ouvert la page. "
                "Rien n’a été écrasé : rechargez la page pour comparer."
            ),
            revision=current.revision,
        )
    return current


def save_mapping(
    session: Session, actor: Actor, version: FrameworkVersion, *, revision: int, mapping: Sequence[Carried]
) -> FrameworkVersion:
    """Save what becomes of each indicator of the predecessor; what is still missing is told by the page."""
    version = _open_draft(session, actor, version, revision)
    version.mapping = mapping_to_document(tuple(mapping))
    _saved(session, version)
    audit.record(
        session, actor, "frameworks:version:mapped", version, organisation_id=version.certifying_body_id,
        code=version.code, version=version.version, revision=version.revision,
    )  # fmt: skip
    return version


def discard(session: Session, actor: Actor, version: FrameworkVersion) -> None:
    """Delete a draft given up; a version put in force is never deleted."""
    version = _open_draft(session, actor, version, version.revision)
    audit.record(
        session, actor, "frameworks:version:discarded", version, organisation_id=version.certifying_body_id,
        code=version.code, version=version.version,
    )  # fmt: skip
    session.delete(version)
    session.flush()
