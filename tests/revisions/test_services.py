"""Moving people to a later version: what changes, what never does, who may, all or none."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import policies as grids
from certify.assessments import queries as assessments
from certify.assessments.models import Assessment, Rating
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.evidence import services as evidence
from certify.evidence.models import EvidenceItem, EvidenceLink, EvidenceState
from certify.evidence.queries import attached_to
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import carried, framework_of
from certify.logbook import services as logbook
from certify.organisations.models import Organisation
from certify.revisions import policies, queries, services
from certify.revisions.models import Migration
from tests.factories.assessments import make_accepted_evidence, make_signed, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment, make_version
from tests.factories.juries import add_candidate, closed, make_jury, opened, published
from tests.factories.logbook import make_entry
from tests.factories.people import actor_of, make_habilitation, make_member, make_organisation
from tests.factories.versions import make_later_version, make_revised_version
from tests.services.statements import count_statements


class Moving:
    """A cohort, a later version, and who may move the one to the other."""

    def __init__(self, session: Session, people: int = 1) -> None:
        self.session = session
        self.cohort = make_cohort(session)
        self.old = session.get_one(FrameworkVersion, self.cohort.framework_version_id)
        self.new = make_revised_version(session, self.old)
        self.enrolments = [make_enrolment(session, self.cohort) for _ in range(people)]
        body = session.get_one(Organisation, self.cohort.training_body_id)
        self.coordinator = make_member(session, body, Role.COORDINATOR)

    @property
    def actor(self) -> Actor:
        """The coordinator."""
        return actor_of(self.session, self.coordinator)

    def ask(self, *enrolments: Enrolment, **values: Any) -> services.Asked:
        """Ask for a move, of everybody unless some are given."""
        ids = [one.id for one in enrolments or self.enrolments]
        given = {"actor": self.actor, "version": self.new, "reason": "Nouvelle version adoptée."} | values
        return services.ask(self.session, given["actor"], self.cohort, given["version"], ids, reason=given["reason"])


def _codes(session: Session, item: EvidenceItem, *, retired: bool = False) -> list[str]:
    is_retired = EvidenceLink.retired_at.is_not(None) if retired else EvidenceLink.retired_at.is_(None)
    query = select(EvidenceLink.indicator).where(EvidenceLink.evidence_id == item.id, is_retired)
    return list(session.scalars(query.order_by(EvidenceLink.indicator)))


def test_evidence_is_linked_to_the_codes_that_take_the_place_of_the_old_ones(session: Session) -> None:
    moving = Moving(session)
    item = make_accepted_evidence(session, moving.enrolments[0], ["1.1.1", "1.2.1", "1.2.2", "1.3.1", "1.3.2", "2.1.1"])
    assert moving.ask().moved == 1
    assert _codes(session, item) == ["1.1.9", "1.2.9", "1.3.8", "1.3.9", "2.1.1"]
    assert _codes(session, item, retired=True) == ["1.1.1", "1.2.1", "1.2.2", "1.3.1", "1.3.2"]
    enrolment = session.get_one(Enrolment, moving.enrolments[0].id)
    assert enrolment.framework_version_id == moving.new.id
    assert enrolment.covered == 5


def test_a_code_that_comes_back_makes_a_new_link_beside_the_retired_one(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = make_accepted_evidence(session, enrolment, ["1.1.1", "1.1.2"])
    evidence.carry(session, [enrolment.id], {"1.1.1": ("1.1.2",), "1.1.2": ("1.1.1",)})
    assert _codes(session, item) == ["1.1.1", "1.1.2"]
    assert _codes(session, item, retired=True) == ["1.1.1", "1.1.2"]
    evidence.carry(session, [enrolment.id], {"1.1.1": ("1.1.2",), "1.1.2": ("1.1.2",)})
    assert _codes(session, item) == ["1.1.2"]


def test_carrying_costs_the_same_whatever_the_evidence(session: Session) -> None:
    counts = []
    for pieces in (1, 12):
        enrolments = [make_enrolment(session) for _ in range(pieces)]
        for one in enrolments:
            make_accepted_evidence(session, one, ["1.1.1", "1.1.2"])
        session.flush()
        with count_statements(db.engine) as statements:
            evidence.carry(session, [one.id for one in enrolments], {"1.1.1": ("1.1.3",), "1.1.2": ("1.1.2",)})
            evidence.recount_all(session, enrolments)
        assert {one.covered for one in enrolments} == {2}
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


def test_a_draft_of_the_logbook_goes_on_working_after_a_move(session: Session) -> None:
    moving = Moving(session)
    entry = make_entry(session, moving.enrolments[0], indicators=("1.1.1", "1.3.1"))
    moving.ask()
    assert attached_to(session, entry.id).indicators == ("1.1.9", "1.3.8", "1.3.9")
    author = actor_of(session, session.get_one(User, moving.enrolments[0].user_id))
    version = logbook.submit(session, author, entry, revision=entry.revision)
    assert version.framework_version_id == moving.new.id
    assert list(version.content["indicators"]) == ["1.1.9", "1.3.8", "1.3.9"]


def test_what_is_signed_stays_intact_and_counts_for_the_indicators_that_follow(session: Session) -> None:
    moving = Moving(session)
    signed = make_signed(session, moving.enrolments[0], ratings=whole_grid("acquired", **{"1.2.2": "partly_acquired"}))
    seal, codes = signed.seal, _rated(session, signed)
    moving.ask()
    session.expire_all()
    kept = session.get_one(Assessment, signed.id)
    ratings = list(session.scalars(select(Rating).where(Rating.assessment_id == kept.id).order_by(Rating.indicator)))
    assert (kept.seal, kept.framework_version_id) == (seal, moving.old.id)
    assert grids.seal_of(kept, kept.framework_version_id, ratings) == seal
    assert [row.indicator for row in ratings] == codes
    standing = assessments.standings_of(session, [moving.enrolments[0].id])[moving.enrolments[0].id]
    assert standing.competencies["1.1"] == "acquired"
    assert standing.competencies["1.3"] == "acquired"
    # Of two indicators merged into one, the lower level counts.
    assert standing.competencies["1.2"] == "partly_acquired"


def _rated(session: Session, assessment: Assessment) -> list[str]:
    query = select(Rating.indicator).where(Rating.assessment_id == assessment.id)
    return list(session.scalars(query.order_by(Rating.indicator)))


def test_a_move_is_logged_with_its_reason_and_its_counts(session: Session) -> None:
    moving = Moving(session)
    make_accepted_evidence(session, moving.enrolments[0], ["1.3.2"])
    moving.ask(reason="  Décision du conseil.  ")
    (moved,) = queries.moves_of(session, moving.enrolments[0].id)
    assert (moved.start.id, moved.end.id, moved.author) == (moving.old.id, moving.new.id, moving.coordinator.name)
    assert moved.migration.reason == "Décision du conseil."
    facts = moved.migration.summary
    assert (facts["renamed"], facts["merged"], facts["split"], facts["dropped"], facts["added"]) == (1, 2, 1, 1, 0)
    assert (facts["carried"], facts["stranded"], facts["left"]) == (0, 1, ["1.3.2"])
    session.commit()
    tags = list(
        session.scalars(select(AuditEvent.tag).where(AuditEvent.organisation_id == moving.cohort.training_body_id))
    )
    assert tags.count("revisions:enrolment:moved") == 1
    assert tags.count("revisions:cohort:moved") == 1


def test_asking_again_moves_nobody_twice(session: Session) -> None:
    moving = Moving(session, 2)
    assert moving.ask().moved == 2
    assert moving.ask().moved == 0
    assert len(session.scalars(select(Migration)).all()) == 2


def test_the_cohort_follows_when_everybody_under_way_is_there(session: Session) -> None:
    moving = Moving(session, 3)
    first, second, last = moving.enrolments
    last.state = EnrolmentState.COMPLETED
    session.flush()
    moving.ask(first)
    assert moving.cohort.framework_version_id == moving.old.id
    moving.ask(second)
    assert moving.cohort.framework_version_id == moving.new.id
    assert last.framework_version_id == moving.old.id


def test_two_versions_later_is_one_move_through_both_mappings(session: Session) -> None:
    moving = Moving(session)
    latest = make_later_version(session, moving.new)
    item = make_accepted_evidence(session, moving.enrolments[0], ["1.1.1"])
    assert [way.end.id for way in queries.later_versions(session, moving.cohort)] == [latest.id, moving.new.id]
    moving.ask(version=latest)
    assert _codes(session, item) == ["1.1.9"]
    assert carried(session, moving.old.id, latest.id) is not None


def test_people_of_several_versions_go_each_by_their_own_way(session: Session) -> None:
    moving = Moving(session, 2)
    latest = make_later_version(session, moving.new)
    first = moving.enrolments[0]
    moving.ask(first)
    items = [make_accepted_evidence(session, first, ["1.1.9"])]
    items.append(make_accepted_evidence(session, moving.enrolments[1], ["1.1.1"]))
    assert moving.ask(version=latest).moved == 2
    assert [_codes(session, item) for item in items] == [["1.1.9"], ["1.1.9"]]
    assert moving.cohort.framework_version_id == latest.id


def test_nobody_moves_when_one_of_those_asked_for_is_before_a_jury(session: Session) -> None:
    moving = Moving(session, 2)
    prepared = make_jury(session, 0, cohort=moving.cohort)
    add_candidate(session, prepared, moving.enrolments[0])
    opened(session, prepared)
    with pytest.raises(Conflict, match=prepared.jury.reference):
        moving.ask()
    session.expire_all()
    assert {one.framework_version_id for one in moving.enrolments} == {moving.old.id}
    assert moving.ask(moving.enrolments[1]).moved == 1


def test_a_session_whose_results_are_published_forbids_nothing(session: Session) -> None:
    moving = Moving(session)
    prepared = make_jury(session, 0, cohort=moving.cohort)
    add_candidate(session, prepared, moving.enrolments[0])
    published(session, closed(session, prepared))
    assert policies.reasons_against(session, [moving.enrolments[0].id], framework_of(session, moving.new.id)) == {}


def test_who_holds_a_block_that_disappears_stays_on_its_version(session: Session) -> None:
    moving = Moving(session)
    prepared = make_jury(session, 0, cohort=moving.cohort)
    add_candidate(session, prepared, moving.enrolments[0])
    published(session, closed(session, prepared))
    new = framework_of(session, moving.new.id)
    without = replace(new, blocks=new.blocks[1:])
    reasons = policies.reasons_against(session, [moving.enrolments[0].id], without)
    assert f"le bloc {new.blocks[0].code}, déjà acquis" in str(reasons[moving.enrolments[0].id])


def test_only_who_enrols_in_the_training_body_moves_its_people(session: Session) -> None:
    moving = Moving(session)
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    trainer = make_member(session, session.get_one(Organisation, moving.cohort.training_body_id), Role.TRAINER)
    for user in (stranger, trainer):
        with pytest.raises(Forbidden):
            moving.ask(actor=actor_of(session, user))


def test_a_version_not_in_force_or_of_another_body_is_refused(session: Session) -> None:
    moving = Moving(session)
    foreign = make_version(session)
    with pytest.raises(Conflict):
        moving.ask(version=foreign)
    moving.new.state = VersionState.ARCHIVED
    session.flush()
    with pytest.raises(Conflict):
        moving.ask()
    assert queries.later_versions(session, moving.cohort) == []


def test_a_version_whose_mapping_has_holes_leads_nowhere(session: Session) -> None:
    cohort = make_cohort(session)
    old = session.get_one(FrameworkVersion, cohort.framework_version_id)
    make_later_version(session, old, mapping=[])
    make_enrolment(session, cohort)
    assert queries.later_versions(session, cohort) == []


@pytest.mark.engines("sqlite")
def test_a_move_needs_people_and_a_reason(session: Session) -> None:
    moving = Moving(session)
    for values, field in (({"reason": "  "}, "reason"), ({"reason": "x" * 301}, "reason")):
        with pytest.raises(Invalid) as refusal:
            moving.ask(**values)
        assert refusal.value.field == field
    with pytest.raises(Invalid):
        services.ask(session, moving.actor, moving.cohort, moving.new, [], reason="Motif")
    with pytest.raises(Conflict):
        services.ask(session, moving.actor, moving.cohort, moving.new, [uuid.uuid4()], reason="Motif")


def test_many_people_are_moved_by_jobs_in_whole_batches(
    session: Session, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "AT_ONCE", 2)
    moving = Moving(session, 5)
    prepared = make_jury(session, 0, cohort=moving.cohort)
    asked = moving.ask()
    assert (asked.moved, asked.waiting) == (0, 5)
    # Presented after the move was asked for: they stay, the others go.
    add_candidate(session, prepared, moving.enrolments[0])
    opened(session, prepared)
    assert queries.waiting_moves(session, moving.cohort.id, moving.new.id).people == 5
    session.commit()
    run_jobs()
    session.expire_all()
    found = [session.get_one(Enrolment, one.id).framework_version_id for one in moving.enrolments]
    assert found == [moving.old.id, *[moving.new.id] * 4]
    assert queries.waiting_moves(session, moving.cohort.id, moving.new.id).people == 0
    assert session.get_one(Cohort, moving.cohort.id).framework_version_id == moving.old.id


def test_a_preview_costs_the_same_for_ten_trainees_and_for_two_hundred(session: Session) -> None:
    counts = []
    for people in (10, 200):
        moving = Moving(session, people)
        make_signed(session, moving.enrolments[0])
        for one in moving.enrolments:
            make_accepted_evidence(session, one, ["1.1.1", "1.3.2"])
        session.commit()
        queries.preview(session, moving.cohort, moving.new)
        with count_statements(db.engine) as statements:
            found = queries.preview(session, moving.cohort, moving.new)
        assert len(found.movable) == people
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


def test_a_preview_says_what_each_trainee_keeps_loses_and_must_still_prove(session: Session) -> None:
    moving = Moving(session)
    trainee = moving.enrolments[0]
    make_accepted_evidence(session, trainee, ["1.3.2"])
    make_accepted_evidence(session, trainee, ["1.1.1", "1.3.2"])
    make_signed(session, trainee, ratings=whole_grid("acquired", **{"1.3.2": "not_acquired"}))
    (found,) = queries.preview(session, moving.cohort, moving.new).trainees
    assert (found.carried, found.stranded, found.left) == (1, 1, ("1.3.2",))
    assert (found.before.covered, found.after.covered) == (2, 1)
    (change,) = found.changes
    assert change.code == "1.3"
    assert change.before is not None
    assert change.after is not None
    assert (change.before.code, change.after.code) == ("partly_acquired", "acquired")


def test_who_withdrew_or_finished_is_not_in_the_preview(session: Session) -> None:
    moving = Moving(session, 3)
    moving.enrolments[0].state = EnrolmentState.WITHDRAWN
    moving.enrolments[1].state = EnrolmentState.COMPLETED
    session.flush()
    found = queries.preview(session, moving.cohort, moving.new)
    assert [one.enrolment.id for one in found.trainees] == [moving.enrolments[2].id]


def test_a_habilitation_of_another_body_opens_no_way(session: Session) -> None:
    moving = Moving(session)
    other = make_version(session)
    make_habilitation(
        session, session.get_one(Organisation, other.certifying_body_id),
        session.get_one(Organisation, moving.cohort.training_body_id),
    )  # fmt: skip
    make_later_version(session, other)
    assert [way.end.id for way in queries.later_versions(session, moving.cohort)] == [moving.new.id]
    assert session.scalars(select(EvidenceItem).where(EvidenceItem.state == EvidenceState.ACCEPTED)).all() == []
