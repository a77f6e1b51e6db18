import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError, OB3Verifier
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.badges import contents, openbadges, queries, tasks
from certify.badges import services as badges
from certify.badges.addresses import Publisher
from certify.badges.models import Achievement, Badge, BadgeKey, PublishedStatus, StatusList, StatusPurpose
from certify.badges.services.making import DUE
from certify.certificates import services
from certify.certificates.queries import TOPIC, Certificate, CertificateKind, CertificateState
from certify.core import clock, files, outbox
from certify.core.db import separate_session
from certify.core.errors import Conflict
from certify.core.jobs import EXTENSION
from certify.core.outbox import OutboxMessage
from certify.core.sealing import Sealed
from certify.core.types import new_id
from certify.settings import Settings
from tests.factories.badges import downloading, make_badge
from tests.factories.juries import awards, make_published_jury
from tests.factories.people import make_certifying_body

REASON = "Motif écrit pour le test."


def verdict(badge: Badge, settings: Settings, client: FlaskClient) -> str:
    """Return what openbadgeslib says of both forms from what we publish; they must agree."""
    did = Publisher(settings.public_url, badge.organisation_id).did
    download = downloading(client, settings.public_url)
    said = []
    for verify in (
        lambda: OB3Verifier.for_issuer_did(did, download=download).verify(
            badge.jwt, check_status=True, download=download
        ),
        lambda: OB3LdpVerifier.for_issuer_did(did).verify(
            badge.document, check_status=True, download=download, verify_status_list=False
        ),
    ):
        try:
            verify()
            said.append("valid")
        except OB3VerificationError as error:
            said.append(next((one.value for one in StatusPurpose if f"'{one.value}' is set" in str(error)), str(error)))
    assert said[0] == said[1]
    return said[0]


def test_a_badge_says_what_its_certificate_says_and_follows_its_state(
    session: Session, settings: Settings, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 2)
    certificate, badge = make_badge(session, run_jobs, prepared)
    facts, subject = certificate.facts, badge.document["credentialSubject"]
    assert badge.document["issuer"]["name"] == facts["certifier"]
    assert subject["identifier"][0]["identityHash"] == facts["holder"]["name"]
    assert subject["achievement"]["name"] == facts["certification"]
    assert [one["targetCode"] for one in subject["achievement"]["alignment"]] == [
        one["code"] for one in facts["blocks"]
    ]
    assert badge.document["validFrom"][:10] == certificate.issued_at.date().isoformat()
    assert badge.picture_sha256
    assert openbadges.carried(files.read(badge.picture_key)) == badge.document
    assert subject["id"] == badge.subject_id.urn
    actor = prepared.actor(session)
    assert verdict(badge, settings, client) == "valid"
    for verb, expected in (
        (services.suspend, "suspension"), (services.lift, "valid"), (services.revoke, "revocation"),
        (services.reinstate, "valid"),
    ):  # fmt: skip
        verb(session, actor, certificate, reason=REASON)
        session.commit()
        run_jobs()
        assert verdict(badge, settings, client) == expected


def test_a_badge_is_made_once_whatever_arrives_twice(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate, badge = make_badge(session, run_jobs)
    kept = (badge.id, badge.jwt, badge.picture_key, badge.status_index)
    prepared = tasks.sign_badge(session, str(certificate.id))
    assert prepared is None
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.topic.in_((TOPIC, DUE)))):
        message.done_at = None
    session.commit()
    run_jobs()
    session.expire_all()
    found = session.scalars(select(Badge)).one()
    assert (found.id, found.jwt, found.picture_key, found.status_index) == kept
    assert session.scalars(select(StatusList)).one().taken == 1
    assert len(session.scalars(select(BadgeKey)).all()) == 2
    found.jwt = "autre"
    with pytest.raises(Sealed):
        session.flush()
    session.rollback()


def test_a_badge_prepared_twice_at_once_is_the_same_and_enters_once(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 2)
    make_badge(session, run_jobs, prepared)
    certificate = services.issue(session, prepared.actor(session), awards(session, prepared)[1])
    session.commit()
    made = [tasks.sign_badge(session, str(certificate.id)) for _ in range(2)]
    assert made[0] is not None
    assert made[0] == made[1]
    for one in made:
        tasks.keep_badge(session, str(certificate.id), prepared=one)
    session.commit()
    assert session.scalars(select(StatusList)).one().taken == 2
    badges = session.scalars(select(Badge).order_by(Badge.issued_at)).all()
    assert len({badge.status_index for badge in badges}) == len({badge.subject_id for badge in badges}) == 2
    assert [one.slug for one in session.scalars(select(Achievement))] == [made[0].slug]


def test_a_place_taken_meanwhile_is_refused_and_another_is_drawn(session: Session, run_jobs: Callable[[], int]) -> None:
    prepared = make_published_jury(session, 2)
    _certificate, badge = make_badge(session, run_jobs, prepared)
    late = services.issue(session, prepared.actor(session), awards(session, prepared)[1])
    session.commit()
    made = tasks.sign_badge(session, str(late.id))
    assert made is not None
    with pytest.raises(Conflict):
        badges.keep_badge(session, late, replace(made, index=badge.status_index))
    draws = {contents.drawn_index(late.id, badge.list_id, turn, 131_072) for turn in range(5)}
    assert len(draws) == 5
    assert made.index == contents.drawn_index(late.id, badge.list_id, 0, 131_072)


def test_another_list_begins_when_half_of_one_is_taken(session: Session, run_jobs: Callable[[], int]) -> None:
    prepared = make_published_jury(session, 2)
    _certificate, badge = make_badge(session, run_jobs, prepared)
    session.get_one(StatusList, badge.list_id).taken = 65_536
    services.issue(session, prepared.actor(session), awards(session, prepared)[1])
    session.commit()
    run_jobs()
    lists = session.scalars(select(StatusList).order_by(StatusList.number)).all()
    assert [one.number for one in lists] == [1, 2]
    late = session.scalars(select(Badge).where(Badge.list_id == lists[1].id)).one()
    assert "/status/2/revocation.json" in json.dumps(late.document)
    assert len(session.scalars(select(PublishedStatus)).all()) == 8


def test_badges_asked_for_before_a_list_is_full_get_their_place_in_the_next(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 4)
    _certificate, badge = make_badge(session, run_jobs, prepared)
    session.get_one(StatusList, badge.list_id).taken = 65_535
    services.issue_all(session, prepared.actor(session), prepared.jury)
    session.commit()
    run_jobs()
    session.expire_all()
    lists = session.scalars(select(StatusList).order_by(StatusList.number)).all()
    assert [(one.number, one.taken) for one in lists] == [(1, 65_536), (2, 2)]
    assert len(session.scalars(select(Badge)).all()) == 4
    assert session.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None))).all() == []


@pytest.mark.engines("postgresql")
def test_a_certificate_revoked_while_its_badge_is_entered_is_told_by_the_list(
    session: Session, settings: Settings, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 2)
    make_badge(session, run_jobs, prepared)
    certificate = services.issue(session, prepared.actor(session), awards(session, prepared)[1])
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None))):
        message.done_at = clock.now()
    session.commit()
    made = tasks.sign_badge(session, str(certificate.id))
    assert made is not None
    assert certificate.state is CertificateState.VALID, "read before the other transaction"
    with separate_session() as other:
        actor = prepared.actor(other, other.get_one(User, prepared.registrar.id))
        services.revoke(other, actor, other.get_one(Certificate, certificate.id), reason=REASON)
        for message in other.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None))):
            message.done_at = clock.now()
        other.commit()
    tasks.keep_badge(session, str(certificate.id), prepared=made)
    session.commit()
    run_jobs()
    badge = queries.badge_of(session, certificate.id)
    assert badge is not None
    assert verdict(badge, settings, client) == "revocation"


def test_a_list_says_what_happened_within_a_minute_even_when_its_job_failed(
    session: Session, settings: Settings, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    start = clock.now() - timedelta(minutes=5)
    with clock.at(start):
        prepared = make_published_jury(session)
        certificate, badge = make_badge(session, run_jobs, prepared)
        broken = StatusList(organisation_id=make_certifying_body(session).id, number=1, created_at=start)
        session.add(broken)
        session.commit()
    with clock.at(start + timedelta(minutes=1)):
        assert tasks.ask_for_lists() == 1, "the list of a body without keys, which no job ever publishes"
        run_jobs()
        services.suspend(session, prepared.actor(session), certificate, reason=REASON)
        for message in session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "certificate.turned")):
            message.failed_at = clock.now()
        session.commit()
        run_jobs()
    assert verdict(badge, settings, client) == "valid"
    with clock.at(start + timedelta(minutes=2)):
        session.commit()
        assert [tasks.ask_for_lists(), tasks.ask_for_lists()] == [1, 0]
        run_jobs()
    assert verdict(badge, settings, client) == "suspension"
    session.commit()
    assert tasks.ask_for_lists() == 0


def test_lists_are_looked_at_every_minute(app: Flask) -> None:
    rounds = {task.name: task for task in app.extensions[EXTENSION]._registry.periodic_tasks}
    look = rounds["certify.badges.tasks.ask_for_lists"]
    assert all(look.validate_datetime(clock.now().replace(minute=minute)) for minute in range(60))


def test_lists_are_published_again_twice_a_day_and_are_believed_two_days(
    session: Session, settings: Settings, run_jobs: Callable[[], int]
) -> None:
    _certificate, badge = make_badge(session, run_jobs)
    first = session.scalars(select(PublishedStatus.published_at)).first()
    assert first is not None
    session.commit()
    for hours, expected in ((11, 0), (12, 1), (12, 0), (24, 1)):
        with clock.at(first + timedelta(hours=hours)):
            assert tasks.ask_for_lists() == expected
            run_jobs()
    session.expire_all()
    found = session.scalars(select(PublishedStatus)).all()
    assert {one.published_at - first for one in found} == {timedelta(hours=24)}
    assert {one.valid_until - one.published_at for one in found} == {timedelta(hours=48)}
    body = Publisher(settings.public_url, badge.organisation_id)
    for one in found:
        claims = (
            jwt.decode(one.content, options={"verify_signature": False})
            if one.format == "jwt"
            else json.loads(one.content)
        )
        assert claims["id"] == body.status(1, one.purpose.value, one.format)
        assert claims["issuer"] == body.did
        assert claims["credentialSubject"]["ttl"] == 300_000


def test_attendance_is_no_achievement_and_gets_no_badge(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate, _badge = make_badge(session, run_jobs)
    attested = Certificate(
        id=new_id(), certifying_body_id=certificate.certifying_body_id, enrolment_id=certificate.enrolment_id,
        holder_id=certificate.holder_id, kind=CertificateKind.ATTENDANCE, number="A-2026-000001", code="ATTENDANCE",
        facts=certificate.facts, holder_name=certificate.holder_name, issued_at=clock.now(),
        issued_by_id=certificate.issued_by_id,
    )  # fmt: skip
    session.add(attested)
    session.commit()
    assert tasks.make_missing_keys(session, str(attested.id)) == []
    tasks.begin_badge(session, str(attested.id), prepared=[])
    session.commit()
    run_jobs()
    assert queries.badge_of(session, attested.id) is None


def test_every_topic_of_badges_has_its_subscriber() -> None:
    topics = outbox.topics()
    assert "certify.badges.tasks.begin_badge" in topics["certificate.issued"]
    assert "certify.badges.tasks.republish" in topics["certificate.turned"]
    assert topics["badge.due"] == ["certify.badges.tasks.keep_badge"]
    assert topics["badge.lists.due"] == ["certify.badges.tasks.publish_lists"]
