"""Old certificates say for ever what they said: their bytes and their page outlive every change around them."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.badges import keyring
from certify.badges import queries as badges
from certify.badges.services import rotate
from certify.certificates import services, tasks
from certify.certificates.models import Certificate
from certify.certificates.services.checking import Finding, check_file
from certify.core import clock, files
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.services import versions
from certify.juries.models import JurySession
from certify.organisations.models import Organisation
from certify.seals import services as seals
from certify.settings import Settings
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.visiting import visit

LATER = timedelta(days=365 * 9)
"""Long after the certificate of the seal has ended."""


def test_nothing_that_changes_around_a_certificate_changes_it(
    app: Flask, session: Session, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    jury = make_closed_jury(session, 2)
    registrar = actor_of(session, jury.registrar)
    certificate = services.issue(session, registrar, jury.decisions[0])
    session.commit()
    run_jobs()
    address, content = f"/verify/{certificate.code}", files.read(certificate.storage_key)
    before = _page(client, address), client.get(f"{address}.json").get_json()
    _change_everything(app, session, certificate)
    again = services.issue(session, registrar, jury.decisions[0])
    assert (again.id, again.facts["holder"]["name"]) == (certificate.id, certificate.holder_name)
    other = services.issue(session, registrar, jury.decisions[1])
    assert other.facts["certifier"] == "Organisme rebaptisé", "new ones say what is true now"
    session.commit()
    assert tasks.print_certificate(session, str(certificate.id)) is None
    run_jobs()
    session.expire_all()
    with clock.at(clock.now() + LATER):
        after = _page(client, address), client.get(f"{address}.json").get_json()
        verdict = check_file(session, content)
    assert after[0] == before[0]
    assert after[1] | {"checked_at": ""} == before[1] | {"checked_at": ""}
    assert files.read(session.get_one(Certificate, certificate.id).storage_key) == content
    assert (verdict.finding, verdict.is_good, verdict.seal.is_valid) == (Finding.ISSUED, True, True)


def _page(client: FlaskClient, address: str) -> str:
    page = visit(client, address)
    for moment in page.select(".verdict p"):
        moment.decompose()
    return str(page.select_one("main .card"))


def _change_everything(app: Flask, session: Session, certificate: Certificate) -> None:
    """Rename who gave it and who has it, renew every key, archive the framework, give the body other documents."""
    settings: Settings = app.config["SETTINGS"]
    body = session.get_one(Organisation, certificate.certifying_body_id)
    actor = actor_of(session, session.get_one(User, certificate.issued_by_id))
    seals.retire(session, actor, body, seals.ensure_key(session, body))
    seals.make_key(session, actor, body)
    names = [key.name for key in badges.keys_in_use(session, body.id)]
    rotate(session, settings, actor, body, expected=names, made=keyring.new_pair())
    body.name, body.city = "Organisme rebaptisé", "Ailleurs"
    holder = session.get_one(User, certificate.holder_id)
    holder.given_name, holder.family_name = "Prénom changé", "Nom changé"
    jury = session.scalars(select(JurySession)).one()
    version = session.get_one(FrameworkVersion, jury.framework_version_id)
    versions.archive(session, actor, version)
    session.commit()
