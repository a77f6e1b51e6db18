"""Reads for anybody: the versions a certifying body opened, as CASE packages and the parts of them.

Identifiers are made from a version's code, number and body, so none is stored: each process remembers, for each open
version, which identifiers it makes. However many versions are open, a request sends two statements at most.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

import competencies
from certify.frameworks import exchange
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries.exported import changed_at
from certify.organisations.models import Organisation
from competencies.exchange import case

Part = dict[str, Any]
SORTS = {
    "title": FrameworkVersion.title_fr,
    "version": FrameworkVersion.version,
    "creator": Organisation.name,
    "lastChangeDateTime": func.coalesce(FrameworkVersion.activated_at, FrameworkVersion.created_at),
}
_KEPT_INDEXES, _KEPT_PACKAGES = 200, 16
_indexes: dict[tuple[uuid.UUID, str], frozenset[uuid.UUID]] = {}
_packages: dict[tuple[uuid.UUID, str, datetime, str], Mapping[str, Any]] = {}
_lock = Lock()


@dataclass(frozen=True)
class Opened:
    """A version open to anybody, with the name of its certifying body."""

    version: FrameworkVersion
    certifying_body: str


def _opened() -> Select[FrameworkVersion, str]:
    return (
        select(FrameworkVersion, Organisation.name)
        .join(Organisation, Organisation.id == FrameworkVersion.certifying_body_id)
        .where(FrameworkVersion.is_public, FrameworkVersion.state != VersionState.DRAFT)
    )


def documents(
    session: Session, site: str, *, limit: int, offset: int, sort: str = "title", is_descending: bool = False
) -> tuple[list[Part], int]:
    """Return a page of the open documents and how many there are in all."""
    column = SORTS[sort]
    order = column.desc() if is_descending else column.asc()
    query = _opened().order_by(order, FrameworkVersion.id).limit(limit).offset(offset)
    rows = [Opened(version, name) for version, name in session.execute(query)]
    total = session.scalar(select(func.count()).select_from(_opened().order_by(None).subquery())) or 0
    loaded = _loaded(session, rows, site)
    return [_document(loaded[row.version.id], site) for row in rows], total


def _document(package: Mapping[str, Any], site: str) -> Part:
    head = package["CFDocument"]
    uri = f"{site.rstrip('/')}/ims/case/v1p1/CFPackages/{head['identifier']}"
    return {**head, "CFPackageURI": {"title": head["title"], "identifier": head["identifier"], "uri": uri}}


def _loaded(session: Session, rows: Sequence[Opened], site: str) -> dict[uuid.UUID, Mapping[str, Any]]:
    """Return the packages of these versions, reading in one statement the contents not yet known."""
    keys = {row.version.id: (row.version.id, site, changed_at(row.version), row.certifying_body) for row in rows}
    found = {one: _packages[key] for one, key in keys.items() if key in _packages}
    missing = [row for row in rows if row.version.id not in found]
    if missing:
        query = select(FrameworkVersion.id, FrameworkVersion.content)
        contents = session.execute(query.where(FrameworkVersion.id.in_([row.version.id for row in missing])))
        by_id = {version_id: competencies.from_document(content) for version_id, content in contents}
        for row in missing:
            package = case.package(by_id[row.version.id], "fr", _origin(row, site))
            found[row.version.id] = package
            _keep(_packages, keys[row.version.id], package, _KEPT_PACKAGES)
    return found


def _keep(kept: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    with _lock:
        while len(kept) >= most:
            kept.pop(next(iter(kept)))
        kept[key] = value


def _origin(row: Opened, site: str) -> case.Origin:
    return exchange.origin(site, row.version.certifying_body_id, row.certifying_body, changed_at(row.version))


def package_with(session: Session, site: str, identifier: uuid.UUID) -> Mapping[str, Any] | None:
    """Return the package that an identifier belongs to, whatever part of it this names."""
    rows = [Opened(version, name) for version, name in session.execute(_opened())]
    unknown = [row for row in rows if (row.version.id, site) not in _indexes]
    for version_id, package in _loaded(session, unknown, site).items():
        _keep(_indexes, (version_id, site), frozenset(_identifiers(package)), max(_KEPT_INDEXES, len(rows)))
    for row in rows:
        if identifier in _indexes.get((row.version.id, site), frozenset()):
            return _loaded(session, [row], site)[row.version.id]
    return None


def _identifiers(value: object) -> set[uuid.UUID]:
    """Collect the identifiers of a package and of all its parts."""
    found: set[uuid.UUID] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "identifier" in one:
                found.add(uuid.UUID(one["identifier"]))
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def part_of(package: Mapping[str, Any], kind: str, identifier: uuid.UUID, site: str) -> Part | None:
    """Return one part of a package as its own address answers it: with the document it is part of."""
    wanted, head = str(identifier), package["CFDocument"]
    if kind in ("CFDocuments", "CFPackages"):
        if head["identifier"] != wanted:
            return None
        return _document(package, site) if kind == "CFDocuments" else dict(package)
    if kind == "CFItemTypes":
        types = [row for row in package["CFDefinitions"]["CFItemTypes"] if row["identifier"] == wanted]
        return {"CFItemTypes": types} if types else None
    if kind == "CFRubrics":
        return next((row for row in package[kind] if wanted in _of_rubric(row)), None)
    if kind == "CFItemAssociations":
        return _associations(package, wanted)
    link = {key: head[key] for key in ("title", "identifier", "uri")}
    found = next((row for row in package[kind] if row["identifier"] == wanted), None)
    return None if found is None else {**found, "CFDocumentURI": link}


def _of_rubric(rubric: Part) -> set[str]:
    criteria = rubric["CFRubricCriteria"]
    levels = [level for criterion in criteria for level in criterion["CFRubricCriterionLevels"]]
    return {row["identifier"] for row in (rubric, *criteria, *levels)}


def _associations(package: Mapping[str, Any], wanted: str) -> Part | None:
    item = next((row for row in package["CFItems"] if row["identifier"] == wanted), None)
    if item is None:
        return None
    ends = ("originNodeURI", "destinationNodeURI")
    rows = [row for row in package["CFAssociations"] if wanted in [row[end]["identifier"] for end in ends]]
    return {"CFItem": item, "CFAssociations": rows}
