"""Logins and launches, against the same by PyLTI1p3: processor time of the application alone, net of an empty view."""

import sys
from collections.abc import Iterator
from statistics import median

from flask import Flask
from sqlalchemy import select

from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.lti.client import keysets
from certify.lti.models import Context, Registration
from certify.organisations.models import Organisation
from tests.bench.calling import SITE, Called, call, empty_application
from tests.bench.peer import running_peer
from tests.bench.places import opened_app
from tests.bench.rows import Row, at_most, information, within
from tests.factories.cohorts import make_cohort
from tests.services.launches import register
from tests.services.lms import Platform, running_platform

NAMES = (
    "lti.launch", "lti.launch_house", "lti.token_size", "lti.key_fetches_1000_launches",
    "lti.key_fetches_20_unknown_kids",
)  # fmt: skip
LAUNCHES = 1000
TURN = 25
"""Launches of one kind in a row, as a busy server has them."""
STRANGERS = 20


def measure() -> Iterator[Row]:
    """Launch a trainee of a course that stands for a cohort, a thousand times, in turns with the peer."""
    with running_platform() as platform, opened_app(lti_allow_insecure=True, public_url=SITE) as app:
        _prepare(app, platform)
        claims = platform.claims()
        before = platform.counts["keys"]
        with running_peer({"claims": claims}) as peer:
            peer.ask({"launches": TURN})
            ours, theirs = [], []
            for turn in range(LAUNCHES // TURN):
                ours += _launches(app, platform, TURN)
                theirs += peer.ask({"launches": TURN})
                if turn % 10 == 9:
                    print(f"  {(turn + 1) * TURN} lancements…", file=sys.stderr, flush=True)  # noqa: T201
        fetched = platform.counts["keys"] - before
        net, peer_net = _net(ours), _net(theirs)
        yield at_most("lti.launch", net, "ms", peer_net, "PyLTI1p3, sans base de données", 0.75)
        yield information("lti.launch_house", _own_empty_views(app), "ms", net, "connexion et lancement")
        yield information("lti.token_size", len(platform.sign(claims)), "octets")
        yield within("lti.key_fetches_1000_launches", fetched, "lectures", 0)
        yield within("lti.key_fetches_20_unknown_kids", _fetched_for_strangers(app, platform), "lectures", 1)


def _prepare(app: Flask, platform: Platform) -> None:
    """Have the platform known, its course stand for a cohort, and its trainee have come before."""
    app.add_url_rule("/empty", "empty", requires(PUBLIC)(lambda: "ok"))
    with app.app_context():
        cohort = make_cohort(db.session)
        cohort_id = cohort.id
        organisation = db.session.get_one(Organisation, cohort.training_body_id)
        register(db.session, platform, organisation, tool=SITE)
    _launches(app, platform, 1)
    with app.app_context():
        db.session.scalars(select(Context)).one().cohort_id = cohort_id
        db.session.commit()
    _launches(app, platform, TURN)


def _launches(app: Flask, platform: Platform, count: int) -> list[list[float]]:
    """Return the processor times of logins and of their launches by browsers never seen, and of an empty view's."""
    asked = [platform.login_request() for _n in range(count)]
    begun = [_checked(call(app, "/lti/login", query=one), 302) for one in asked]
    forms = [dict(zip(("id_token", "state"), platform.authorize(one.location), strict=True)) for one in begun]
    done = [
        _checked(call(app, "/lti/launch", form=form, cookies=one.cookies), 303)
        for form, one in zip(forms, begun, strict=True)
    ]
    empty = empty_application()
    empty_begun = [call(empty, "/", query=one) for one in asked]
    empty_done = [call(empty, "/", form=form) for form in forms]
    return [[one.seconds for one in row] for row in zip(begun, done, empty_begun, empty_done, strict=True)]


def _checked(answer: Called, status: int) -> Called:
    assert answer.status == status, f"answered {answer.status}"
    return answer


def _net(rows: list[list[float]]) -> float:
    """Return the time of a login and its launch, less that of an empty view sent the same, in milliseconds."""
    login, launch, empty_login, empty_launch = (median(column) * 1000 for column in zip(*rows, strict=True))
    return login + launch - empty_login - empty_launch


def _own_empty_views(app: Flask) -> float:
    """Return what of that time any two pages of the application take: its headers, its measures, who is asking."""
    empty = empty_application()
    own = [call(app, "/empty").seconds for _n in range(LAUNCHES)]
    bare = [call(empty, "/").seconds for _n in range(LAUNCHES)]
    return 2000 * (median(own) - median(bare))


def _fetched_for_strangers(app: Flask, platform: Platform) -> int:
    """Return how often the keys are read when tokens name keys nobody has, one after the other."""
    with app.app_context():
        keysets.forget(db.session, db.session.scalars(select(Registration.id)).one())
        db.session.commit()
    before = platform.counts["keys"]
    for n in range(STRANGERS):
        begun = call(app, "/lti/login", query=platform.login_request())
        _token, state = platform.authorize(begun.location)
        token = platform.sign(platform.claims(), kid=f"unknown-{n}")
        _checked(call(app, "/lti/launch", form={"id_token": token, "state": state}, cookies=begun.cookies), 401)
    return platform.counts["keys"] - before
