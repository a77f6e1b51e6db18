"""Later versions of a framework, and the mappings that lead to them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

import competencies
from certify.core import clock
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import framework_of
from competencies.carrying import Carried, Fate, identity, mapping_to_document


def renamed(framework: competencies.Framework, version: str, codes: Mapping[str, str]) -> competencies.Framework:
    """Return a framework under another version, some of its indicators under another code."""
    blocks = tuple(
        replace(
            block,
            competencies=tuple(
                replace(
                    part,
                    indicators=tuple(replace(one, code=codes.get(one.code, one.code)) for one in part.indicators),
                )
                for part in block.competencies
            ),
        )
        for block in framework.blocks
    )
    return replace(framework, version=version, blocks=blocks)


def mapped(framework: competencies.Framework, changed: Iterable[Carried] = ()) -> list[Carried]:
    """Return the mapping in which every indicator keeps its code but those given."""
    said = {one.code: one for one in changed}
    return [said.get(one.code, one) for one in identity(framework)]


def make_later_version(
    session: Session,
    version: FrameworkVersion,
    framework: competencies.Framework | None = None,
    mapping: Iterable[Carried] | None = None,
    **values: object,
) -> FrameworkVersion:
    """Make a version that follows another, by default with the same content under the number that comes after."""
    old = framework_of(session, version.id)
    new = framework or replace(old, version=f"{version.version}.1")
    defaults: dict[str, object] = {
        "certifying_body_id": version.certifying_body_id,
        "code": version.code,
        "version": new.version,
        "state": VersionState.ACTIVE,
        "title_fr": new.title.fr,
        "title_en": new.title.en,
        "content": competencies.to_document(new),
        "digest": competencies.digest(new),
        "created_at": clock.now(),
        "activated_at": clock.now(),
        "predecessor_id": version.id,
        "mapping": mapping_to_document(mapped(old) if mapping is None else mapping),
    }
    later = FrameworkVersion(**defaults | values)
    session.add(later)
    session.flush()
    return later


def make_revised_version(session: Session, version: FrameworkVersion) -> FrameworkVersion:
    """Make a later version in which one indicator is renamed, two are merged, one is split and one is dropped.

    In the first competency the first indicator becomes « 1.1.9 »; the first two of the second one become « 1.2.9 »; the
    first of the third one becomes « 1.3.8 » and « 1.3.9 »; the second of the third one is dropped.
    """
    old = framework_of(session, version.id)
    first, second, third = (part.indicators for part in old.competencies[:3])
    fates = [
        Carried(first[0].code, Fate.KEPT, ("1.1.9",)),
        Carried(second[0].code, Fate.MERGED, ("1.2.9",)),
        Carried(second[1].code, Fate.MERGED, ("1.2.9",)),
        Carried(third[0].code, Fate.SPLIT, ("1.3.8", "1.3.9")),
        Carried(third[1].code, Fate.DROPPED),
    ]
    gone = {second[1].code, third[1].code}
    new = renamed(
        old, f"{version.version}.1", {first[0].code: "1.1.9", second[0].code: "1.2.9", third[0].code: "1.3.8"}
    )
    blocks = []
    for block in new.blocks:
        parts = []
        for part in block.competencies:
            indicators = [one for one in part.indicators if one.code not in gone]
            if any(one.code == "1.3.8" for one in indicators):
                indicators.append(replace(indicators[0], code="1.3.9"))
            parts.append(replace(part, indicators=tuple(indicators)))
        blocks.append(replace(block, competencies=tuple(parts)))
    return make_later_version(session, version, replace(new, blocks=tuple(blocks)), mapped(old, fates))
