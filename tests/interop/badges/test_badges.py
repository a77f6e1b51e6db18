"""What verifiers made by others say of our badges, before and after a change of state, over HTTPS."""

import copy
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from certify.badges import queries
from certify.badges import services as badges
from certify.badges.addresses import Publisher
from certify.badges.models import Badge
from certify.certificates import services
from certify.certificates.queries import Certificate
from certify.core.access import Actor
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.badges import make_badge
from tests.factories.juries import make_published_jury
from tests.interop.badges.verifiers import Verifiers

pytestmark = pytest.mark.engines("sqlite")
REASON = "Motif écrit pour le test."
SOUND = {"valid_signature": True, "expiration": True, "registered_issuer": False}


def said(verifiers: Verifiers, badge: Badge, publisher: Publisher) -> str:
    """Return the state of a badge as two verifiers tell it, each from its own form; they must agree."""
    wallet = verifiers.credential(badge.document)
    token = verifiers.token(badge.jwt, f"{publisher.base}/jwks.json")
    assert wallet["errors"] == []
    assert token["error"] is None, token
    assert token["badge"]["credentialSubject"] == badge.document["credentialSubject"]
    # The only address of others that anything asks for is the schema this verifier knows by itself.
    assert {one.partition("/spec/")[0] for one in wallet["elsewhere"]} <= {"https://purl.imsglobal.org"}
    assert token["elsewhere"] == []
    bits = token["bits"]
    assert wallet["log"] == {**SOUND, **{f"{purpose}_status": not bit for purpose, bit in bits.items()}}
    return next((purpose for purpose, bit in sorted(bits.items()) if bit), "valid")


def test_two_verifiers_of_others_agree_on_a_badge_at_each_change_of_its_state(
    session: Session, settings: Settings, run_jobs: Callable[[], int], verifiers: Verifiers
) -> None:
    prepared = make_published_jury(session)
    certificate, badge = make_badge(session, run_jobs, prepared, given_name="Émile")
    publisher = Publisher(settings.public_url, badge.organisation_id)
    actor = prepared.actor(session)
    assert said(verifiers, badge, publisher) == "valid"
    for verb, expected in (
        (services.suspend, "suspension"), (services.lift, "valid"), (services.revoke, "revocation"),
        (services.reinstate, "valid"),
    ):  # fmt: skip
        verb(session, actor, certificate, reason=REASON)
        session.commit()
        run_jobs()
        assert said(verifiers, badge, publisher) == expected
    tampered = copy.deepcopy(badge.document)
    tampered["credentialSubject"]["identifier"][0]["identityHash"] = "Quelqu’un d’autre"
    assert verifiers.credential(tampered)["errors"] == ["invalid_signature"]
    head, body, signature = badge.jwt.split(".")
    assert verifiers.token(f"{head}.{body[:-4]}AAAA.{signature}", f"{publisher.base}/jwks.json")["error"]


def test_a_badge_of_before_new_keys_and_a_new_name_is_still_verified_by_others(
    session: Session, settings: Settings, run_jobs: Callable[[], int], verifiers: Verifiers
) -> None:
    prepared = make_published_jury(session, 2)
    _certificate, badge = make_badge(session, run_jobs, prepared)
    publisher = Publisher(settings.public_url, badge.organisation_id)
    actor = prepared.actor(session)
    _renew(session, settings, actor, badge)
    run_jobs()
    assert said(verifiers, badge, publisher) == "valid"
    _revoke(session, actor, badge)
    run_jobs()
    assert said(verifiers, badge, publisher) == "revocation"


def _renew(session: Session, settings: Settings, actor: Actor, badge: Badge) -> None:
    body = session.get_one(Organisation, badge.organisation_id)
    body.name = "Certificateur qui a changé de nom"
    in_use = [key.name for key in queries.keys_in_use(session, body.id)]
    badges.rotate(session, settings, actor, body, expected=in_use)
    session.commit()


def _revoke(session: Session, actor: Actor, badge: Badge) -> None:
    services.revoke(session, actor, session.get_one(Certificate, badge.certificate_id), reason=REASON)
    session.commit()
