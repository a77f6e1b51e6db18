"""What the lists of assessments show, gathered in a number of statements that no history makes grow."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment
from certify.assessments.queries import reading, standings
from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.clock import PARIS
from certify.core.listing import Listing, Wanted
from certify.evidence import queries as evidence

_WHOLE_LIST = 100_000


@dataclass(frozen=True)
class Proof:
    """A piece of accepted evidence, as a chip shows it."""

    id: uuid.UUID
    entry_id: uuid.UUID | None
    title: str
    kind: str
    """image, pdf, file, entry or prior (what was acquired before the training)."""
    on: date


def proofs_of(session: Session, enrolment_id: uuid.UUID) -> dict[str, list[Proof]]:
    """Return the accepted evidence of each indicator of a trainee, newest first."""
    found: defaultdict[str, list[Proof]] = defaultdict(list)
    for item in evidence.accepted_items(session, enrolment_id):
        on = item.created_at.astimezone(PARIS).date()
        proof = Proof(item.id, item.entry_id, item.title or item.filename, _look(item.kind, item.media_type), on)
        for link in item.links:
            found[link.indicator].append(proof)
    return dict(found)


def _look(kind: str, media_type: str) -> str:
    if kind in ("entry", "prior"):
        return kind
    return "image" if media_type.startswith("image/") else "pdf" if media_type == "application/pdf" else "file"


@dataclass(frozen=True)
class StartPage:
    """Whom one is about to assess, and what others are doing about them."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    drafts: list[tuple[Assessment, User]]
    signed: list[Assessment]


def start_page(session: Session, enrolment: Enrolment) -> StartPage:
    """Return what to know before starting an assessment."""
    query = select(User, Cohort).join(Cohort, Cohort.id == enrolment.cohort_id).where(User.id == enrolment.user_id)
    row = session.execute(query).one()
    drafts = reading.open_drafts(session, enrolment.id)
    return StartPage(enrolment, *row, drafts, standings.signed_assessments(session, enrolment.id))


@dataclass(frozen=True)
class OwnPage:
    """A trainee's self-assessments: those being written, those signed."""

    enrolment: Enrolment
    drafts: list[Assessment]
    signed: list[reading.Line]

    @property
    def may_begin(self) -> bool:
        """Whether another one may be begun: while in training, and with none being written."""
        return policies.may_begin_own(self.enrolment) and not self.drafts


def own_page(session: Session, actor: Actor, enrolment: Enrolment) -> OwnPage:
    """Return the self-assessments of the actor's own path."""
    history = reading.history_of(session, enrolment.id)
    return OwnPage(
        enrolment,
        reading.own_drafts(session, actor, enrolment.id),
        [line for line in history if line.is_self],
    )


@dataclass(frozen=True)
class ListPage:
    """The list of assessments: what waits, what is being written, what is signed."""

    listing: Listing[reading.Line]
    drafts: list[reading.Line]
    whose: str
    may_assess: bool
    cohorts: list[tuple[uuid.UUID, str]]
    cohort: str

    @property
    def is_filtered(self) -> bool:
        """Whether the list is narrowed by words or a cohort."""
        return bool(self.listing.query or self.cohort)


def list_page(session: Session, actor: Actor, wanted: Wanted, *, whole: bool = False) -> ListPage:
    """Return one page of the signed assessments, newest first unless asked otherwise; `whole` gives them all."""
    filters = wanted.filters or {}
    may_assess = actor.may(Permission.ASSESSMENT_WRITE)
    whose = filters.get("whose") or ("mine" if may_assess else "all")
    query, sorts = reading.signed_lines(actor, whose=whose, cohort_id=filters.get("cohort", ""))
    searched = sorts.pop("search")
    query = query.where(*listing.matches(wanted.query, *searched))
    if not wanted.sort:
        wanted = replace(wanted, sort="signed", direction="desc")
    found = listing.paginate(
        session, query, wanted, sorts=sorts, default="signed", tie=Assessment.__table__.c.id, as_rows=True,
        per_page=_WHOLE_LIST if whole else listing.PER_PAGE,
    )  # fmt: skip
    rows = [
        reading.Line(assessment, trainee.name, cohort, assessor.name, correction is not None)
        for assessment, trainee, cohort, assessor, correction in found.rows
    ]
    drafts = reading.drafts_of(session, actor) if may_assess and not whole else []
    return ListPage(
        replace(found, rows=rows),
        drafts,
        whose,
        may_assess,
        reading.cohorts_read(session, actor),
        filters.get("cohort", ""),
    )
