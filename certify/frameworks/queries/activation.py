"""Reads before a draft is put in force: what blocks it, what it changes, what becomes of each former indicator."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

import competencies
from certify.core.differences import Passage, compare
from certify.core.i18n import typeset
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries.documents import framework_as_typed, pruned, shaped
from certify.frameworks.queries.drafts import is_number_taken
from certify.frameworks.queries.faults import Faults, faults_in
from competencies.revision import (
    Carried,
    Fate,
    PartKind,
    Revision,
    check_mapping,
    difference,
    mapping_from_document,
    propose_mapping,
)

_CODE_OF_FAULT = re.compile(r"indicateur (.+)")


@dataclass(frozen=True)
class ActivationPage:
    """What is about to be frozen, or why it cannot be yet."""

    version: FrameworkVersion
    framework: competencies.Framework | None
    faults: Faults
    predecessor: FrameworkVersion | None
    revision: Revision | None
    mapping_faults: tuple[competencies.Fault, ...]
    digest: str = ""

    @property
    def is_blocked(self) -> bool:
        """Whether something must be corrected first."""
        return bool(self.faults.all or self.mapping_faults)


def activation_page(session: Session, version: FrameworkVersion) -> ActivationPage:
    """Read a draft as it would be in force, with what stands in the way."""
    document = shaped(version.content)
    faults = faults_in(document, is_number_taken(session, version, document))
    framework = None if faults.all else competencies.from_document(pruned(document))
    predecessor = predecessor_of(session, version)
    revision: Revision | None = None
    wrong: tuple[competencies.Fault, ...] = ()
    if predecessor is not None:
        old, new = competencies.from_document(predecessor.content), framework or framework_as_typed(document)
        revision = difference(old, new)
        wrong = check_mapping(old, new, rows_of(version))
    return ActivationPage(
        version, framework, faults, predecessor, revision, wrong, competencies.digest(framework) if framework else ""
    )


def predecessor_of(session: Session, version: FrameworkVersion) -> FrameworkVersion | None:
    """Return the version this one was made from, with its content."""
    if version.predecessor_id is None:
        return None
    query = select(FrameworkVersion).where(FrameworkVersion.id == version.predecessor_id)
    return session.scalars(query.options(undefer(FrameworkVersion.content))).one_or_none()


def rows_of(version: FrameworkVersion) -> tuple[Carried, ...]:
    """Return the mapping saved on a version."""
    return tuple(mapping_from_document(version.mapping or []))


def framework_typed_in(version: FrameworkVersion) -> competencies.Framework:
    """Return the framework of a version whose content is loaded: as in force, or as typed so far for a draft."""
    if version.state is VersionState.DRAFT:
        return framework_as_typed(shaped(version.content))
    return competencies.from_document(version.content)


@dataclass(frozen=True)
class MappingRow:
    """One former indicator on the mapping page: its fate, what replaces it, and what is wrong."""

    indicator: competencies.Indicator
    fate: str
    to: str
    targets: tuple[tuple[competencies.Indicator, tuple[Passage, ...]], ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class MappingPage:
    """The former indicators, block by block, and those of the new version that replace none."""

    version: FrameworkVersion
    predecessor: FrameworkVersion
    blocks: tuple[tuple[competencies.Block, tuple[MappingRow, ...]], ...]
    fresh: tuple[competencies.Indicator, ...]
    indicators: tuple[competencies.Indicator, ...]
    counts: Mapping[Fate, int]
    fault_count: int

    @property
    def rows(self) -> tuple[MappingRow, ...]:
        """Return every row, in order."""
        return tuple(row for _block, rows in self.blocks for row in rows)


def mapping_page(
    version: FrameworkVersion, predecessor: FrameworkVersion, rows: Iterable[Carried], locale: str = "fr"
) -> MappingPage:
    """Return the page on which the fate of each former indicator is said."""
    old, new = competencies.from_document(predecessor.content), framework_typed_in(version)
    mapping = tuple(rows)
    errors = faults_by_code(check_mapping(old, new, mapping))
    said = {row.code: row for row in mapping}
    known = {indicator.code: indicator for indicator in new.indicators}
    blocks = tuple(
        (block, tuple(_row(one, said.get(one.code), known, errors, locale) for one in block.indicators))
        for block in old.blocks
    )
    replaced = {to for row in mapping for to in row.to}
    counts = {fate: sum(1 for row in mapping if row.fate is fate) for fate in Fate}
    return MappingPage(
        version, predecessor, blocks, tuple(one for one in new.indicators if one.code not in replaced),
        new.indicators, counts, sum(1 for found in errors.values() if found),
    )  # fmt: skip


def _row(
    indicator: competencies.Indicator, said: Carried | None, known: Mapping[str, competencies.Indicator],
    errors: Mapping[str, Sequence[str]], locale: str,
) -> MappingRow:  # fmt: skip
    targets = tuple(
        (known[code], compare(indicator.wording.to(locale), known[code].wording.to(locale)))
        for code in (said.to if said else ())
        if code in known
    )
    return MappingRow(
        indicator, said.fate.value if said else "", ", ".join(said.to) if said else "", targets,
        tuple(errors.get(indicator.code, ())),
    )  # fmt: skip


def faults_by_code(faults: Iterable[competencies.Fault]) -> dict[str, list[str]]:
    """Return what is wrong with the fate of each former indicator."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        code = _CODE_OF_FAULT.fullmatch(fault.where)
        message = typeset(fault.message[:1].upper() + fault.message[1:])
        found.setdefault(code[1] if code else fault.where, []).append(message)
    return found


def proposed_again(version: FrameworkVersion, predecessor: FrameworkVersion) -> tuple[Carried, ...]:
    """Return the mapping with a proposal in place of each row that is wrong; the others stay as they were said."""
    old, new = competencies.from_document(predecessor.content), framework_typed_in(version)
    rows = {row.code: row for row in rows_of(version)}
    wrong = faults_by_code(check_mapping(old, new, rows.values()))
    return tuple(
        row if row.code in wrong or row.code not in rows else rows[row.code] for row in propose_mapping(old, new)
    )


def mapping_differences(
    saved: Iterable[Carried], typed: Iterable[Carried]
) -> tuple[tuple[str, Carried | None, Carried | None], ...]:
    """Return the rows that were saved otherwise than they were typed: code, as saved, as typed."""
    before, after = ({row.code: row for row in rows} for rows in (saved, typed))
    codes = dict.fromkeys((*before, *after))
    return tuple((one, before.get(one), after.get(one)) for one in codes if before.get(one) != after.get(one))


@dataclass(frozen=True)
class Reworded:
    """A wording before and after, with its words marked."""

    code: str
    kind: PartKind
    aspect: str
    level: competencies.Text | None
    """The label of the level described, when that is what changes."""
    passages: tuple[tuple[str, tuple[Passage, ...]], ...]


@dataclass(frozen=True)
class DifferencePage:
    """Two versions side by side."""

    old: FrameworkVersion
    new: FrameworkVersion
    before: competencies.Framework
    after: competencies.Framework
    revision: Revision
    reworded: tuple[Reworded, ...]
    others: tuple[FrameworkVersion, ...]

    @property
    def wordings(self) -> Mapping[tuple[PartKind, str], competencies.Text]:
        """Return what each part common to both is called."""
        return {(part.kind, part.code): part.wording for part in self.revision.common}


def difference_page(
    old: FrameworkVersion, new: FrameworkVersion, others: Sequence[FrameworkVersion] = ()
) -> DifferencePage:
    """Say what changes from a version to another."""
    before, after = framework_typed_in(old), framework_typed_in(new)
    revision = difference(before, after)
    reworded = tuple(
        Reworded(
            one.code, one.kind, one.aspect, _level_label((after, before), one.code, one.aspect),
            tuple(
                (locale, compare(was, now))
                for locale, was, now in (("fr", one.before.fr, one.after.fr), ("en", one.before.en, one.after.en))
                if was != now
            ),
        )
        for one in revision.reworded
    )  # fmt: skip
    return DifferencePage(old, new, before, after, revision, reworded, tuple(others))


def _level_label(frameworks: Iterable[competencies.Framework], code: str, aspect: str) -> competencies.Text | None:
    if not aspect.startswith("level "):
        return None
    wanted = aspect.removeprefix("level ")
    labels = (level.label for one in frameworks for level in one.scale_of(code).levels if level.code == wanted)
    return next(labels, None)


def siblings_of(session: Session, version: FrameworkVersion, *, drafts: bool) -> list[FrameworkVersion]:
    """Return the other versions of the same framework, newest first; drafts only for those who may see them."""
    query = select(FrameworkVersion).where(
        FrameworkVersion.certifying_body_id == version.certifying_body_id,
        FrameworkVersion.code == version.code,
        FrameworkVersion.id != version.id,
    )
    if not drafts:
        query = query.where(FrameworkVersion.state != VersionState.DRAFT)
    return list(session.scalars(query.order_by(FrameworkVersion.created_at.desc(), FrameworkVersion.id)))


def with_content(session: Session, version_id: uuid.UUID) -> FrameworkVersion:
    """Return a version with its content."""
    query = select(FrameworkVersion).where(FrameworkVersion.id == version_id)
    return session.scalars(query.options(undefer(FrameworkVersion.content))).one()
