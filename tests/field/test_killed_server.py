"""A server killed in the middle of a sync: what was sent has one effect, whether it died before or after it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certify.core.db import db
from certify.logbook.models import LogbookEntry
from certify.logbook.queries import content_of
from certify.settings import Settings
from tests.factories.logbook import photo
from tests.field.deaths import WAYS, orders
from tests.field.phones import operations, settle, titles
from tests.services.live_server import LiveServer, environment_of, is_alive
from tests.services.processes import free_port, start, wait_for


@pytest.fixture
def dying_server(settings: Settings, make_app: Callable[[Settings], Flask], tmp_path: Path):  # type: ignore[no-untyped-def]
    app, port = make_app(settings), free_port()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    serving = ("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4")
    command = [sys.executable, *serving, "tests.field.dying_server:app"]
    node = start("dying server", command, log=tmp_path / "dying.log", env=environment_of(settings))
    server = LiveServer(f"http://127.0.0.1:{port}", app)
    try:
        wait_for(node, lambda: is_alive(server.url))
        yield server
    finally:
        node.stop()


@pytest.mark.parametrize("way", WAYS)
def test_a_server_killed_in_the_middle_of_a_sync_leaves_one_effect(
    dying_server: LiveServer, settings: Settings, phone: Page, way: str
) -> None:
    settle(phone, dying_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Titre").fill("Écrite pendant la panne")
    phone.set_input_files("#photos", {"name": "salle.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(phone.locator(".file-list li")).to_have_count(1)
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(".field-thing")).to_have_count(1)
    wanted = orders(settings.data_dir, way)
    for file in wanted:
        file.touch()
    phone.context.set_offline(False)
    for _try in range(60):
        if phone.get_by_text("Tout est envoyé").is_visible():
            break
        phone.evaluate("window.certifyField.sendSoon()")
        phone.wait_for_timeout(200)
    assert [file for file in wanted if file.exists()] == []
    assert titles(dying_server) == ["Écrite pendant la panne"]
    with dying_server.app.app_context():
        entry = db.session.query(LogbookEntry).one()
        files = content_of(db.session, entry).files
    assert [one.filename for one in files] == ["salle.jpg"]
    assert sorted(one.kind for one in operations(dying_server)) == ["entry", "photo"]
