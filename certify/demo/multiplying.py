"""The demonstration many times over, for load tests: the first cohort's trainees copied in bulk, then a jury held.

Going through the verbs a hundred times would take minutes; the copies are the same rows under new identifiers, with
their seals made anew, and one audit event says where they come from.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, inspect, select

from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, Rating, Standing
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit
from certify.core.types import new_id
from certify.demo import jury
from certify.demo.bodies import People, email_of, session
from certify.demo.cohort import NAME
from certify.demo.stories import STAGES
from certify.evidence.models import EvidenceItem, EvidenceLink
from certify.logbook.models import EntryReview, EntryVersion, LogbookEntry

Row = dict[str, Any]


@dataclass(frozen=True)
class Original:
    """The rows of the first cohort's trainees, table by table, in the order they stand on one another."""

    cohort: Row
    tables: tuple[tuple[type[Any], list[Row]], ...]


def read_original(people: People) -> Original:
    """Read what is copied."""
    cohorts = (
        select(Cohort).where(Cohort.training_body_id == people.training_body.id).order_by(Cohort.created_at).limit(1)
    )
    cohort = _rows(Cohort, cohorts)[0]
    mine = select(Enrolment.id).where(Enrolment.cohort_id == cohort["id"])
    entries = select(LogbookEntry.id).where(LogbookEntry.enrolment_id.in_(mine))
    items = select(EvidenceItem.id).where(EvidenceItem.enrolment_id.in_(mine))
    assessments = select(Assessment.id).where(Assessment.enrolment_id.in_(mine))
    people_of_it = select(Enrolment.user_id).where(Enrolment.cohort_id == cohort["id"])
    wanted: tuple[tuple[type[Any], Select[*tuple[Any, ...]]], ...] = (
        (User, select(User).where(User.id.in_(people_of_it)).order_by(User.email)),
        (Enrolment, select(Enrolment).where(Enrolment.id.in_(mine)).order_by(Enrolment.sort_name)),
        (LogbookEntry, select(LogbookEntry).where(LogbookEntry.id.in_(entries))),
        (EntryVersion, select(EntryVersion).where(EntryVersion.entry_id.in_(entries))),
        (EntryReview, select(EntryReview).where(EntryReview.entry_id.in_(entries))),
        (EvidenceItem, select(EvidenceItem).where(EvidenceItem.id.in_(items))),
        (EvidenceLink, select(EvidenceLink).where(EvidenceLink.evidence_id.in_(items))),
        (Assessment, select(Assessment).where(Assessment.id.in_(assessments))),
        (Rating, select(Rating).where(Rating.assessment_id.in_(assessments))),
        (Standing, select(Standing).where(Standing.enrolment_id.in_(mine))),
    )
    return Original(cohort, tuple((kind, _rows(kind, query)) for kind, query in wanted))


def _rows(kind: type[Any], query: Select[*tuple[Any, ...]]) -> list[Row]:
    names = [attribute.key for attribute in inspect(kind).column_attrs]
    return [{name: getattr(row, name) for name in names} for row in session().scalars(query)]


def copy(people: People, original: Original, number: int) -> None:
    """Make cohort `number` from the first one, and hold its juries."""
    renamed = {row["id"]: new_id() for _kind, rows in original.tables for row in rows if "id" in row}
    cohort = original.cohort | {"id": new_id(), "name": f"{NAME} {number}"}
    renamed[original.cohort["id"]] = cohort["id"]
    session().execute(insert(Cohort), [cohort])
    copies = {kind: [_renamed(row, renamed) for row in rows] for kind, rows in original.tables}
    for index, row in enumerate(copies[User], start=1):
        name = {"email": email_of(f"stagiaire-{number}-{index:02d}"), "family_name": f"{number}-{index:02d}"}
        row.update(name, fs_uniquifier=new_id().hex)
    for index, row in enumerate(copies[Enrolment], start=1):
        row["sort_name"] = f"{number}-{index:02d} stagiaire"
    _seal(copies[Assessment], copies[Rating], people.version.id)
    for kind, rows in copies.items():
        if rows:
            session().execute(insert(kind), rows)
    audit.record(
        session(),
        None,
        "demo:cohort:copied",
        organisation_id=people.training_body.id,
        cohort=cohort["id"],
        number=number,
    )
    candidates: dict[str, list[Enrolment]] = {"past": [], "next": []}
    for stage, row in zip(STAGES, copies[Enrolment], strict=True):
        if stage.session:
            candidates[stage.session].append(session().get_one(Enrolment, row["id"]))
    jury.hold(people, candidates)


def _renamed(value: Any, renamed: dict[uuid.UUID, uuid.UUID]) -> Any:
    """Replace every identifier that is copied, wherever it stands."""
    match value:
        case uuid.UUID():
            return renamed.get(value, value)
        case dict():
            return {key: _renamed(inner, renamed) for key, inner in value.items()}
        case list():
            return [_renamed(inner, renamed) for inner in value]
        case str() if len(value) == 36 and value.count("-") == 4:
            return str(renamed.get(uuid.UUID(value), value))
        case _:
            return value


def _seal(assessments: list[Row], ratings: list[Row], version_id: uuid.UUID) -> None:
    by_assessment: dict[uuid.UUID, list[Rating]] = {}
    for row in ratings:
        by_assessment.setdefault(row["assessment_id"], []).append(Rating(**row))
    for row in assessments:
        if row["seal"]:
            row["seal"] = policies.seal_of(Assessment(**row), version_id, by_assessment.get(row["id"], []))
