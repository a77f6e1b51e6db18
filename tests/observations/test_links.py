"""Links of requests: what they open, what they say once closed, who may go on trying."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.throttle import Throttle
from certify.observations import policies, queries
from certify.observations.models import ObservationRequest
from certify.observations.policies import RequestState
from certify.observations.views import link
from tests.factories.logbook import make_trainer
from tests.factories.observations import make_answered, make_observation, secret_of
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, visit, words


def opened(session: Session, request: ObservationRequest) -> str:
    """Return the address of the link of a request, everything saved."""
    address = f"/observe/{secret_of(session, request)}"
    session.commit()
    return address


@pytest.mark.engines("sqlite")
def test_a_link_needs_no_cookie(app: Flask, session: Session) -> None:
    request = make_observation(session)
    address = opened(session, request)
    sent = {"revision": "0", "level-3.1.1": "none"}
    bare = app.test_client(use_cookies=False)
    assert bare.post(address, data=sent).status_code == 303
    session.expire_all()
    assert policies.revision_of(session.get_one(ObservationRequest, request.id)) == 1


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("state", "status", "title"),
    [
        ("unknown", 404, "Lien introuvable"),
        ("expired", 410, "Lien expiré"),
        ("revoked", 410, "Demande annulée"),
        ("declined", 410, "Demande refusée"),
        ("answered", 410, "Une réponse a déjà été signée"),
    ],
)
def test_a_closed_link_says_why_and_names_nobody(
    app: Flask, session: Session, state: str, status: int, title: str
) -> None:
    request = make_answered(session) if state == "answered" else make_observation(session)
    address = opened(session, request)
    now = clock.now()
    if state == "expired":
        request.expires_at = now - timedelta(seconds=1)
    elif state == "revoked":
        request.revoked_at = now
    elif state == "declined":
        request.declined_at = now
    session.commit()
    referent = app.test_client()
    trainee = queries.asked(session, request.id).trainee.name
    for place in ("", "/review", "/decline"):
        page = visit(referent, f"{address}x{place}" if state == "unknown" else address + place, status=status)
        assert title in words(page)
        assert trainee not in words(page)
        assert request.referent_name not in words(page)
    sent = referent.post(f"{address}x" if state == "unknown" else address, data={"comment": "Ce que j’ai tapé."})
    assert "Ce que j’ai tapé." in words(read(sent, status=status)), "what was typed is given back"


@pytest.mark.engines("sqlite")
def test_links_are_kept_out_of_search_engines_and_referrers(app: Flask, session: Session) -> None:
    address = opened(session, make_observation(session))
    answer = app.test_client().get(address)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert 'content="noindex, nofollow"' in answer.get_data(as_text=True)


@pytest.mark.engines("sqlite")
def test_whoever_tries_links_is_told_to_wait(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = opened(session, make_observation(session))
    monkeypatch.setattr(link, "misses", Throttle(per_minute=2))
    assert [client.get(f"/observe/{number}").status_code for number in range(3)] == [404, 404, 429]
    assert client.get(address).status_code == 200, "a link that works is not slowed down"


@pytest.mark.engines("sqlite")
def test_who_is_not_the_right_person_says_so(app: Flask, session: Session) -> None:
    request = make_observation(session)
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, f"{address}/decline")
    session.expire_all()
    assert session.get_one(ObservationRequest, request.id).declined_at is None, "opening the page changes nothing"
    page = read(submit(referent, page, press="Je ne peux pas répondre"))
    assert "C’est noté" in words(page)
    session.expire_all()
    assert queries.asked(session, request.id).state is RequestState.DECLINED


@pytest.mark.engines("sqlite")
def test_who_did_not_answer_contests_from_the_copy(app: Flask, session: Session) -> None:
    request = make_answered(session)
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, f"{address}/contest")
    page = follow(referent, submit(referent, page, press="Cette réponse n’est pas de moi"))
    assert "prévenu·es" in words(page)
    trainer = make_trainer(session, session.get_one(Enrolment, request.enrolment_id))
    page = visit(signed_in_client(app, trainer), f"/observations/{request.id}")
    assert "Réponse contestée" in words(page)
