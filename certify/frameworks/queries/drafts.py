"""Reads about drafts: who may write one, the pages of the editor, what two writers typed at once."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries.documents import (
    Document,
    holds_text,
    is_removed,
    level_codes,
    nodes_of,
    scale_for,
    scales_of,
    shaped,
)
from certify.frameworks.queries.faults import ASPECTS, Faults, faults_in, part_of
from certify.organisations.models import Organisation, OrganisationKind

GENERAL, SCALES = "general", "scales"


@dataclass(frozen=True)
class Branch:
    """One line of the outline of a draft."""

    id: str
    kind: str
    code: str
    title: str
    part: str
    faults: int
    is_removed: bool
    below: tuple["Branch", ...] = ()
    number: Any = ""


@dataclass(frozen=True)
class EditorPage:
    """One page of the editor: a part of the draft, its faults, and the outline of the whole."""

    version: FrameworkVersion
    certifying_body: str
    document: Document
    part: str
    faults: Faults
    at: str = ""
    focus: str = ""

    @property
    def block(self) -> Document | None:
        """Return the block being written, on the page of a block."""
        return self.document["blocks"][int(self.part[1:]) - 1] if self.part.startswith("b") else None

    def is_arrived_in(self, name: str) -> bool:
        """Whether the reader is brought back to a part, or to one of its fields."""
        return self.at == name or self.at.startswith(f"{name}-")

    @cached_property
    def outline(self) -> tuple[Branch, ...]:
        """Return the tree of the whole draft."""
        return tuple(_branches(self.document, self.faults, "", "blocks", "competencies", "indicators"))

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Return every line of the outline, in reading order."""
        return tuple(_flat(self.outline))

    @property
    def said(self) -> str:
        """Say how many faults there are, here and in all, for who cannot see them counted."""
        here, whole = len(self.faults.of_part(self.part)), len(self.faults.all)
        if not whole:
            return str(_l("Aucun point à corriger."))
        values = {"here": here, "whole": whole}
        return str(_l("Points à corriger : %(here)s sur cette page, %(whole)s dans tout le référentiel.", **values))

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Return the pages of the editor in order: identifier, and code of the block if it is one."""
        blocks = tuple((f"b{n}", block["code"]) for n, block in enumerate(self.document["blocks"], 1))
        return ((GENERAL, ""), (SCALES, ""), *blocks)

    @cached_property
    def scales(self) -> tuple[tuple[str, Document], ...]:
        """Return every scale with the name of its place."""
        return tuple(scales_of(self.document))

    def competency_at(self, scale: str) -> Document:
        """Return the competency whose own scale stands at a place."""
        return dict(nodes_of(self.document))[scale.removesuffix("s")]

    def levels_of(self, competency: Document, indicator: Document) -> list[tuple[str, Document | None]]:
        """Return the levels an indicator describes, each with its row of the scale; None for one that is gone."""
        scale = scale_for(self.document, competency)
        rows = {row["code"]: row for row in reversed(scale["levels"]) if not is_removed(row)}
        gone = [code for code in indicator["descriptors"] if code not in rows]
        return [(code, rows.get(code)) for code in [*level_codes(scale), *gone]]

    def numbered(self, indicator: Document, level: str) -> int:
        """Return the number by which the fields of a level are named."""
        return list(indicator["descriptors"]).index(level) + 1

    def holds_text(self, node: Document) -> bool:
        """Whether somebody wrote a wording somewhere in a part."""
        return holds_text(node)

    @cached_property
    def parents(self) -> tuple[tuple[str, str, Document], ...]:
        """Return where a competency or an indicator may be moved to: kind, place, part."""
        return tuple((re.sub(r"\d", "", name)[-1], name, node) for name, node in nodes_of(self.document))

    @property
    def removed(self) -> tuple[str, ...]:
        """Return the codes of what will be gone at the next recording."""
        return tuple(node["code"] for _name, node in nodes_of(self.document) if is_removed(node))


def _branches(document: Document, faults: Faults, above: str, key: str, *below: str) -> Iterator[Branch]:
    kind = key[0]
    for n, node in enumerate(document[key], 1):
        name = f"{above}{kind}{n}"
        under = tuple(_branches(node, faults, name, *below)) if below else ()
        texts = node["wording"] if kind == "i" else node["title"]
        title = texts[current_locale()] or texts["fr"] or texts["en"]
        yield Branch(
            name, kind, node["code"], title, part_of(name), faults.below(name), is_removed(node), under,
            node.get("number", ""),
        )  # fmt: skip


def _flat(branches: tuple[Branch, ...]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _flat(branch.below)


def writable_bodies(session: Session, actor: Actor) -> list[Organisation]:
    """Return the certifying bodies for which the actor may write frameworks, by name."""
    own = actor.organisations(Permission.FRAMEWORK_WRITE)
    query = select(Organisation).where(Organisation.id.in_(own), Organisation.kind == OrganisationKind.CERTIFYING_BODY)
    return list(session.scalars(query.order_by(Organisation.name)))


def writable_version(session: Session, actor: Actor, version_id: uuid.UUID, *, lock: bool = False) -> FrameworkVersion:
    """Return a version the actor may write or take through its life; NotFound for anybody else."""
    query = (
        select(FrameworkVersion)
        .where(
            FrameworkVersion.id == version_id,
            FrameworkVersion.certifying_body_id.in_(actor.organisations(Permission.FRAMEWORK_WRITE)),
        )
        .options(undefer(FrameworkVersion.content), undefer(FrameworkVersion.mapping))
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found


def is_number_taken(session: Session, version: FrameworkVersion, document: Document) -> bool:
    """Whether another version of the same body already has the code and the number typed."""
    query = select(FrameworkVersion.id).where(
        FrameworkVersion.certifying_body_id == version.certifying_body_id,
        FrameworkVersion.code == document["code"],
        FrameworkVersion.version == document["version"],
        FrameworkVersion.id != version.id,
    )
    return session.scalars(query.limit(1)).first() is not None


def editor_page(
    session: Session, version: FrameworkVersion, part: str, at: str = "", focus: str = "",
    document: Document | None = None,
) -> EditorPage:  # fmt: skip
    """Return a page of the editor; `document` is what was typed, when it is not what is saved."""
    document = document or shaped(version.content)
    body = session.scalar(select(Organisation.name).where(Organisation.id == version.certifying_body_id)) or ""
    faults = faults_in(document, is_number_taken(session, version, document))
    return EditorPage(version, body, document, known_part(document, part), faults, at, focus)


def known_part(document: Document, part: str) -> str:
    """Return the page asked for, or the first one when there is none of that name."""
    number = re.fullmatch(r"b([1-9]\d{0,2})", part)
    if number is not None and int(number[1]) <= len(document["blocks"]):
        return part
    return part if part == SCALES else GENERAL


@dataclass(frozen=True)
class Disagreement:
    """One field two people wrote at the same time."""

    label: str
    saved: str
    yours: str


@dataclass(frozen=True)
class Clash:
    """What was typed beside what was saved meanwhile."""

    page: EditorPage
    differences: tuple[Disagreement, ...] = field(default=())


def clash(page: EditorPage, typed: Document) -> Clash:
    """Compare a part as typed with the draft as saved."""
    saved, yours = _leaves(page.document), _leaves(typed)
    labels = [*saved, *(label for label in yours if label not in saved)]
    rows = [Disagreement(label, saved.get(label, ""), yours.get(label, "")) for label in labels]
    return Clash(page, tuple(row for row in rows if row.saved != row.yours))


def _leaves(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    general = {key: document[key] for key in ("code", "version", "title", "notice")}
    _flatten(general, str(_l("Référentiel")), found)
    for _name, scale in scales_of(document):
        _flatten(scale, str(_l("Échelle %(code)s", code=scale["code"])), found)
    for name, node in nodes_of(document):
        own = {key: value for key, value in node.items() if key not in ("competencies", "indicators", "scale")}
        _flatten(own, node["code"] or name, found)
    return found


def _flatten(value: object, label: str, found: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for key, below in value.items():
            _flatten(below, f"{label} › {_named(key)}", found)
    elif isinstance(value, list):
        for position, below in enumerate(value, 1):
            own = below.get("code") if isinstance(below, dict) else None
            _flatten(below, f"{label} › {own or position}", found)
    elif value not in (None, ""):
        found[label] = str(value)


def _named(key: str) -> str:
    return str(ASPECTS.get(key, key))
