"""Several tabs and several trainers at the same moment, each on a thread of its own with the real application."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify.cohorts.models import Enrolment
from certify.logbook.models import EntryReview, EntryVersion, LogbookEntry
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_entry, make_submitted, make_trainer, trainee_of
from tests.services.signing_in import signed_in_client
from tests.services.visiting import submit, visit


def at_once(actions: list[Callable[[], TestResponse]]) -> list[int]:
    """Do everything at the same moment; return the statuses, sorted."""
    gate = Barrier(len(actions))

    def run(action: Callable[[], TestResponse]) -> int:
        gate.wait(30)
        return action().status_code

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(run, actions))


def author_of(app: Flask, session: Session, entry: LogbookEntry) -> FlaskClient:
    return signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))


def test_two_submits_at_once_make_one_version(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    tabs = [author_of(app, session, entry) for _ in range(2)]
    pages = [visit(tab, f"/logbook/{entry.id}/submit") for tab in tabs]
    session.commit()
    statuses = at_once(
        [lambda tab=tab, page=page: submit(tab, page, has_checked=True) for tab, page in zip(tabs, pages, strict=True)]
    )
    assert statuses == [303, 409]
    assert session.scalar(select(func.count()).select_from(EntryVersion)) == 1


def test_twenty_tabs_sending_the_same_new_entry_make_one_draft(app: Flask, session: Session) -> None:
    trainee = trainee_of(session, make_enrolment(session))
    tabs = [signed_in_client(app, trainee) for _ in range(20)]
    page = visit(tabs[0], "/logbook/new")
    session.commit()
    # One cookie for all: tabs of one browser.
    cookie = tabs[0].get_cookie("certify")
    assert cookie is not None
    for tab in tabs:
        tab.set_cookie("certify", cookie.value)
    statuses = at_once([lambda tab=tab: submit(tab, page, press="Rencontre de groupe") for tab in tabs])
    assert statuses == [303] * 20
    assert session.scalar(select(func.count()).select_from(LogbookEntry)) == 1


def test_two_saves_at_once_from_the_same_page_keep_one_and_show_both(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    tabs = [author_of(app, session, entry) for _ in range(2)]
    pages = [visit(tab, f"/logbook/{entry.id}/edit") for tab in tabs]
    session.commit()
    texts = ["Écrit sur le téléphone.", "Écrit sur l’ordinateur."]
    statuses = at_once(
        [
            lambda tab=tab, page=page, text=text: submit(tab, page, "form#entry", press="Enregistrer", account=text)
            for tab, page, text in zip(tabs, pages, texts, strict=True)
        ]
    )
    assert statuses == [303, 409]
    session.expire_all()
    assert entry.account in texts


def test_two_trainers_at_once_give_one_answer(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    trainers = [signed_in_client(app, make_trainer(session, enrolment)) for _ in range(2)]
    pages = [visit(trainer, f"/reviews/{entry.id}") for trainer in trainers]
    session.commit()
    statuses = at_once(
        [
            lambda trainer=trainer, page=page, press=press: submit(
                trainer, page, "#answer form", press=press, comment="Mon commentaire."
            )
            for trainer, page, press in zip(trainers, pages, ["Accepter", "Renvoyer"], strict=True)
        ]
    )
    assert statuses == [303, 409]
    assert session.scalar(select(func.count()).select_from(EntryReview)) == 1
