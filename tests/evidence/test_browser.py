"""Sending a video from a phone: progress, a cut network, a page opened again."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from certify.core import jobs
from certify.core.db import db
from certify.evidence.models import EvidenceItem, Upload
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import hand_in, make_piece, make_text, make_upload, sound, video
from tests.factories.logbook import make_trainer, photo, trainee_of
from tests.services.accessibility import assert_accessible, assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as, sign_in_browser

MIB = 1024 * 1024
SLOW = 60_000
"""Milliseconds a busy machine may take over a few megabytes."""


@contextmanager
def working(server: LiveServer) -> Iterator[None]:
    """Have the jobs of a server done, as a worker would, for as long as the block lasts."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.wait(0.2):
            with server.app.app_context():
                jobs.run_pending()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join(20)


def sign_in_trainee(window: Page, server: LiveServer) -> None:
    """Sign a new trainee in on a window."""
    with server.app.app_context():
        person = trainee_of(db.session, make_enrolment(db.session))
        sign_in_browser(window.context, server, person)
        db.session.commit()


def test_a_video_goes_on_after_the_network_was_cut_and_the_page_opened_again(
    live_server: LiveServer, phone: Page, tmp_path: Path
) -> None:
    sign_in_trainee(phone, live_server)
    content, chosen = video(13 * MIB), tmp_path / "rencontre.mp4"
    chosen.write_bytes(content)
    sent: list[str] = []

    def first_part_only(route: Route) -> None:
        sent.append(route.request.method)
        if route.request.method == "PATCH" and sent.count("PATCH") > 1:
            route.abort()
        else:
            route.continue_()

    phone.route(re.compile("/uploads"), first_part_only)
    phone.goto(live_server.address("/evidence/new/file"))
    phone.set_input_files("#file", chosen)
    phone.fill("#title", "Un tour de parole")
    phone.get_by_role("button", name="Ajouter le fichier").click()
    expect(phone.locator("[data-upload-status]")).to_contain_text("Le réseau est coupé", timeout=SLOW)
    expect(phone.locator("[data-upload-bar]")).to_have_attribute("value", "38", timeout=SLOW)
    assert_accessible(phone)
    phone.get_by_role("button", name="Mettre en pause").click()
    expect(phone.locator("[data-upload-status]")).to_contain_text("En pause", timeout=SLOW)
    phone.unroute(re.compile("/uploads"))
    phone.goto(live_server.address("/evidence"))
    expect(phone.locator(".uploads")).to_contain_text("5,2 Mo sur 13,6 Mo envoyés")
    phone.get_by_role("link", name="Reprendre : choisissez de nouveau ce fichier").click()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.method) if "/uploads" in request.url else None)
    phone.set_input_files("#file", chosen)
    phone.fill("#title", "Un tour de parole")
    with working(live_server):
        phone.get_by_role("button", name="Ajouter le fichier").click()
        phone.wait_for_url(re.compile("/evidence/.*/edit"), timeout=SLOW)
    assert asked.count("POST") == 0
    assert asked.count("PATCH") == 2
    expect(phone.locator("#title")).to_have_value("Un tour de parole")
    expect(phone.locator("video")).to_be_visible()
    with live_server.app.app_context():
        assert db.session.scalars(select(EvidenceItem.size)).one() == len(content)
        assert len(db.session.scalars(select(Upload)).all()) == 1


@pytest.mark.settings(media_max_bytes=6 * MIB)
def test_a_video_too_heavy_is_refused_in_words_before_it_leaves(
    live_server: LiveServer, phone: Page, tmp_path: Path
) -> None:
    sign_in_trainee(phone, live_server)
    phone.goto(live_server.address("/evidence/new/file"))
    heavy = tmp_path / "rencontre.mp4"
    heavy.write_bytes(video(7 * MIB))
    phone.set_input_files("#file", heavy)
    phone.get_by_role("button", name="Ajouter le fichier").click()
    expect(phone.locator("[data-upload-status]")).to_contain_text("Raccourcissez la vidéo", timeout=SLOW)
    expect(phone.get_by_role("button", name="Ajouter le fichier")).to_be_enabled()


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_of_evidence_is_accessible(live_server: LiveServer, page: Page, width: int) -> None:
    with live_server.app.app_context():
        session = db.session
        enrolment = make_enrolment(session)
        trainee, trainer = trainee_of(session, enrolment), make_trainer(session, enrolment)
        text = make_text(session, enrolment)
        picture = hand_in(session, make_piece(session, enrolment, photo(600, 400)))
        song = make_piece(session, enrolment, sound(), "chanson.wav")
        make_upload(session, enrolment)
        own = ("", "/indicators", "/new", "/new/file", "/new/link", "/new/text", f"/{text.id}/edit", f"/{song.id}/edit")
        pages = {
            trainee.email: [f"/evidence{end}" for end in (*own, f"/{picture.id}")],
            trainer.email: ["/evidence/to-read", f"/evidence/{picture.id}", f"/trainees/{enrolment.id}/evidence"],
        }
        session.commit()
    page.set_viewport_size({"width": width, "height": 900})
    for email, paths in pages.items():
        sign_in_as(page, live_server, email)
        assert_all_accessible(page, {path: live_server.address(path) for path in paths})
