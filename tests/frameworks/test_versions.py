"""A version's life: put in force, compared with the one before, archived, opened to anybody."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.sealing import Sealed
from certify.frameworks import policies, queries, services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import activation, documents
from certify.frameworks.services.operations import carry_out
from certify.organisations.models import Organisation
from competencies.revision import Carried, Fate
from tests.factories.cohorts import make_enrolment, make_version
from tests.factories.drafts import filled, make_empty_draft, make_next_version, make_registrar
from tests.factories.people import actor_of, make_habilitation, make_member, make_organisation


def tags_of(session: Session) -> list[str]:
    session.commit()
    return list(session.scalars(select(AuditEvent.tag).order_by(AuditEvent.at, AuditEvent.position)))


def complete_draft(session: Session) -> tuple[FrameworkVersion, Actor]:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    services.save(session, actor, draft, revision=1, document=filled(draft.content))
    return draft, actor


def test_a_draft_without_fault_is_put_in_force_and_its_content_frozen(session: Session) -> None:
    draft, actor = complete_draft(session)
    services.activate(session, actor, draft, revision=2)
    framework = queries.framework_of(session, draft.id)
    assert draft.state is VersionState.ACTIVE
    assert draft.activated_at is not None
    assert draft.digest == competencies.digest(framework)
    assert tags_of(session)[-1] == "frameworks:version:activated"
    for column, value in (("content", {}), ("title_fr", "Autre"), ("mapping", []), ("digest", "")):
        setattr(draft, column, value)
        with pytest.raises(Sealed):
            session.flush()
        session.rollback()


def test_a_draft_with_faults_stays_a_draft(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    with pytest.raises(Invalid):
        services.activate(session, actor, draft, revision=1)
    assert draft.state is VersionState.DRAFT


def test_what_is_put_in_force_is_what_was_read(session: Session) -> None:
    draft, actor = complete_draft(session)
    with pytest.raises(Conflict):
        services.activate(session, actor, draft, revision=1)
    services.activate(session, actor, draft, revision=2)
    with pytest.raises(Conflict):
        services.activate(session, actor, draft, revision=2)


def test_what_is_marked_as_removed_is_not_put_in_force(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    document = filled(carry_out(filled(draft.content), "add:b1").document)
    services.save(session, actor, draft, revision=1, document=carry_out(document, "remove:b1c2").document)
    services.activate(session, actor, draft, revision=2)
    assert [one.code for one in queries.framework_of(session, draft.id).competencies] == ["1.1"]


def test_a_new_version_says_what_becomes_of_each_indicator_before_it_is_in_force(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    document = carry_out(documents.shaped(draft.content), "remove:b1c1i3").document
    services.save(session, actor, draft, revision=1, document=document, is_final=True)
    page = activation.activation_page(session, draft)
    assert page.is_blocked
    assert not page.faults.all
    assert [fault.where for fault in page.mapping_faults] == ["indicateur 1.1.3"]
    with pytest.raises(Invalid):
        services.activate(session, actor, draft, revision=2)
    rows = {row.code: row for row in activation.rows_of(draft)} | {"1.1.3": Carried("1.1.3", Fate.DROPPED)}
    services.save_mapping(session, actor, draft, revision=2, mapping=tuple(rows.values()))
    services.activate(session, actor, draft, revision=3, archives_predecessor=True)
    former = session.get_one(FrameworkVersion, draft.predecessor_id)
    assert former.state is VersionState.ARCHIVED
    assert tags_of(session)[-3:] == [
        "frameworks:version:mapped", "frameworks:version:activated", "frameworks:version:archived",
    ]  # fmt: skip


def test_the_mapping_follows_an_indicator_moved_and_a_row_that_is_wrong_gets_a_proposal(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    document = carry_out(documents.shaped(draft.content), "into:b1c1i1", "b2c1").document
    services.save(session, actor, draft, revision=1, document=document)
    assert not activation.activation_page(session, draft).is_blocked
    kept = [row for row in activation.rows_of(draft) if row.code != "1.1.1"]
    services.save_mapping(session, actor, draft, revision=2, mapping=kept)
    former = activation.predecessor_of(session, draft)
    assert former is not None
    rows = {row.code: row for row in activation.proposed_again(draft, former)}
    assert rows["1.1.1"] == Carried("1.1.1", Fate.KEPT, ("2.1.4",))
    assert rows["1.1.2"] == Carried("1.1.2", Fate.KEPT, ("1.1.2",))


def test_the_difference_is_read_part_by_part(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    document = carry_out(documents.shaped(draft.content), "add:b1c1").document
    document["blocks"][0]["competencies"][0]["indicators"][0]["descriptors"]["acquired"]["fr"] += " chaque mois"
    services.save(session, actor, draft, revision=1, document=document)
    assert draft.predecessor_id is not None
    old, new = (activation.with_content(session, one) for one in (draft.predecessor_id, draft.id))
    page = activation.difference_page(old, new)
    assert [part.code for part in page.revision.added] == ["1.1.4"]
    (reworded,) = page.reworded
    assert reworded.level is not None
    assert reworded.level.fr == "acquis"
    ((language, passages),) = reworded.passages
    assert (language, passages[-1].change, passages[-1].text.strip()) == ("fr", "added", "chaque mois")


def test_a_version_is_archived_once_and_stays_readable(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    version = make_version(session, body)
    services.archive(session, actor, version)
    assert version.archived_at is not None
    assert queries.active_versions(session, [body.id]) == []
    assert queries.framework_of(session, version.id) == competencies.demo()
    with pytest.raises(Conflict):
        services.archive(session, actor, version)


def test_a_version_is_opened_to_anybody_and_closed_again_but_never_a_draft(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    former = session.get_one(FrameworkVersion, draft.predecessor_id)
    services.publish(session, actor, former, is_public=True)
    services.publish(session, actor, former, is_public=True)
    services.publish(session, actor, former, is_public=False)
    assert not former.is_public
    with pytest.raises(Conflict):
        services.publish(session, actor, draft, is_public=True)
    assert tags_of(session)[-2:] == ["frameworks:version:published", "frameworks:version:withdrawn"]


def test_nobody_else_takes_a_version_through_its_life(session: Session) -> None:
    draft, _actor = complete_draft(session)
    _other, stranger, _body = make_registrar(session)
    for act in (
        lambda: services.activate(session, stranger, draft, revision=2),
        lambda: services.archive(session, stranger, draft),
        lambda: services.publish(session, stranger, draft, is_public=True),
        lambda: services.save(session, stranger, draft, revision=2, document=draft.content),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_draft_is_seen_by_its_certifying_body_only(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    training_body = make_organisation(session)
    make_habilitation(session, body, training_body)
    trainer = actor_of(session, make_member(session, training_body, Role.TRAINER))
    auditor = actor_of(session, make_member(session, body, Role.AUDITOR))
    assert draft.predecessor_id is not None
    assert queries.version_for(session, trainer, draft.predecessor_id)
    with pytest.raises(NotFound):
        queries.version_for(session, trainer, draft.id)
    assert queries.version_for(session, auditor, draft.id)
    assert not policies.may_edit(auditor, draft)
    with pytest.raises(NotFound):
        queries.framework_of(session, draft.id)


def test_a_trainee_keeps_the_version_of_their_enrolment_when_it_is_archived(session: Session) -> None:
    enrolment = make_enrolment(session)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    _person, actor, _body = make_registrar(session, session.get_one(Organisation, version.certifying_body_id))
    services.archive(session, actor, version)
    trainee = actor_of(session, session.get_one(User, enrolment.user_id))
    assert queries.version_for(session, trainee, version.id).state is VersionState.ARCHIVED
    assert enrolment.framework_version_id == version.id
