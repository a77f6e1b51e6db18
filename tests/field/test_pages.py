"""What a phone installs and asks for, and the page of conflicts without any script."""

import io
import json
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.types import new_id
from certify.field.models import FieldOperation, Outcome
from certify.groups.models import Presence
from certify.groups.queries.meetings import attendance_of
from certify.logbook import services as logbook
from certify.logbook.models import LogbookEntry
from tests.factories.logbook import make_content, make_entry, photo
from tests.factories.meetings import Scene, days_ago, make_meeting, make_scene
from tests.field.sending import entry_of, photo_of, post, receive, sheet_of
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words

JSON = {"Accept": "application/json"}
pytestmark = pytest.mark.engines("sqlite")


def data_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/field/data.json", headers=JSON)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def kind_of(client: FlaskClient, address: str) -> str:
    """Return the kind of a file that is there, and nothing for one that is not."""
    with client.get(address) as answer:
        return str(answer.mimetype) if answer.status_code == 200 else ""


def make_conflict(session: Session, scene: Scene, title: str = "À la crèche") -> FieldOperation:
    entry = make_entry(session, scene.enrolment, title="Commencée")
    known = entry.revision
    logbook.save(session, scene.actor, entry, revision=known, content=make_content(title="Au bureau"))
    return receive(session, scene.actor, entry_of(entry.id, revision=known, title=title))


def test_the_page_of_the_field_is_the_same_for_everybody_and_names_nobody(session: Session, sign_in: SignIn) -> None:
    scenes = [make_scene(session) for _ in range(2)]
    pages = [sign_in(scene.facilitator).get("/field").get_data(as_text=True) for scene in scenes]
    assert pages[0] == pages[1]
    assert scenes[0].facilitator.name not in pages[0]
    assert "csrf" not in pages[0]


def test_the_script_behind_the_pages_is_asked_for_anew_and_names_only_files_that_exist(
    client: FlaskClient, session: Session
) -> None:
    answer = client.get("/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    text = answer.get_data(as_text=True)
    settings = json.loads(text.partition(" = ")[2].partition(";\n")[0])
    scripts = re.findall(r'"(/static/[^"]+)"', text.partition("importScripts")[2])
    assert len(scripts) == 4
    for address in [*settings["files"], *scripts, settings["offline"], settings["procedure"]]:
        assert kind_of(client, address), address
    assert client.get("/sw.js").get_data(as_text=True) == text


def test_the_manifest_says_how_the_application_is_installed(client: FlaskClient, session: Session) -> None:
    answer = client.get("/manifest.webmanifest")
    manifest = json.loads(answer.get_data(as_text=True))
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/field", "/", "standalone")
    assert [kind_of(client, icon["src"]) for icon in manifest["icons"]] == ["image/png"] * 3


def test_only_somebody_who_writes_entries_is_offered_to_install(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    assert visit(sign_in(scene.facilitator), "/logbook").select("link[rel=manifest]")
    assert not visit(sign_in(scene.referent), "/account").select("link[rel=manifest], [data-waiting-banner]")


def test_a_phone_carries_what_writing_without_a_network_takes(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session, members=2)
    entry = make_entry(session, scene.enrolment, title="Commencée", minutes=75)
    past, coming = make_meeting(session, scene.group), make_meeting(session, scene.group, days_ago(-10))
    make_meeting(session, scene.group, days_ago(20))
    data = data_of(sign_in(scene.facilitator))
    assert data["person"] == str(scene.facilitator.id)
    (draft,) = data["drafts"]
    assert (draft["id"], draft["revision"], draft["fields"]["minutes"]) == (str(entry.id), 2, "1\u00a0h\u00a015")
    assert {one["form"] for one in data["activities"]} | {draft["form"]} == set(data["forms"])
    assert [(one["id"], one["is_open"]) for one in data["meetings"]] == [(str(past.id), True), (str(coming.id), False)]
    assert {seat["name"] for seat in data["meetings"][0]["seats"]} == {one.pseudonym for one in scene.participants}
    assert sum(len(block["indicators"]) for block in data["blocks"]) > 20


def test_what_a_phone_asks_for_takes_as_many_statements_however_much_there_is(
    session: Session, sign_in: SignIn
) -> None:
    counts: list[list[int]] = []
    for size in (1, 6):
        scene = make_scene(session, members=size)
        for number in range(size):
            make_entry(session, scene.enrolment)
            make_conflict(session, scene)
            meeting = make_meeting(session, scene.group, days_ago(number))
            receive(session, scene.actor, sheet_of(meeting, {scene.participants[0].id: Presence.PRESENT}))
            receive(session, scene.actor, sheet_of(meeting, {scene.participants[0].id: Presence.ABSENT}))
        client = sign_in(scene.facilitator)
        client.get("/field/conflicts")
        counts.append([])
        for path in ("/field/data.json", "/field/conflicts", "/field/person.json"):
            with count_statements(session.get_bind().engine) as sent:
                assert client.get(path, headers=JSON).status_code == 200
            counts[-1].append(len(sent))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def test_an_operation_is_answered_and_answered_the_same_again(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    client = sign_in(scene.facilitator)
    document = entry_of(title="Envoyée")
    answers = [post(client, document) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.get_data() for answer in answers}) == 1
    assert answers[0].get_json()["outcome"] == Outcome.APPLIED
    assert list(session.scalars(select(LogbookEntry.title))) == ["Envoyée"]


def test_a_refusal_is_in_words_and_leaves_nothing(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    client = sign_in(scene.facilitator)
    refused = post(client, entry_of(minutes="longtemps"))
    assert refused.status_code == 422
    assert "n’est pas une durée" in refused.get_json()["message"]
    assert post(client, "rien").status_code == 422
    assert post(client, entry_of(account="x" * 1_100_000)).status_code == 422
    assert list(session.scalars(select(FieldOperation))) == list(session.scalars(select(LogbookEntry))) == []


def test_nothing_is_taken_without_a_token_nor_from_somebody_signed_out(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    client = sign_in(make_scene(session).facilitator)
    assert client.post("/field/sync", json=entry_of(), headers=JSON).status_code == 401
    answer = app.test_client().get("/field/person.json", headers=JSON)
    assert answer.status_code == 401
    assert "Connectez-vous" in answer.get_json()["message"]


def test_a_photo_comes_with_what_tells_of_it(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    client = sign_in(scene.facilitator)
    entry = make_entry(session, scene.enrolment)
    token = data_of(client)["csrf"]
    told = json.dumps(photo_of(str(entry.id)))
    for _sending in range(2):
        sent = {"operation": told, "file": (io.BytesIO(photo()), "salle.jpg")}
        answer = client.post("/field/photo", data=sent, headers={**JSON, "X-CSRFToken": token})
        assert answer.get_json()["outcome"] == Outcome.APPLIED
    assert data_of(client)["drafts"][0]["files"] == ["salle"]
    for damaged in ({"operation": "{"}, {"operation": json.dumps(photo_of(str(entry.id)))}):
        assert client.post("/field/photo", data=damaged, headers={**JSON, "X-CSRFToken": token}).status_code == 422


@pytest.mark.parametrize(
    ("label", "titles"),
    [
        ("Garder les deux", ["Au bureau", "À la crèche"]),
        ("Garder celle du téléphone", ["À la crèche"]),
        ("Garder l’autre", ["Au bureau"]),
    ],
)
def test_one_chooses_between_two_texts_without_any_script(
    session: Session, sign_in: SignIn, label: str, titles: list[str]
) -> None:
    scene = make_scene(session)
    make_conflict(session, scene)
    client = sign_in(scene.facilitator)
    page = visit(client, "/field/conflicts")
    assert {"À la crèche", "Au bureau"} <= {one.get_text(strip=True) for one in page.select("dd")}
    page = follow(client, submit(client, page, "form[id^=conflict]", press=label))
    assert "Votre choix est enregistré" in words(page)
    assert "Rien à comparer" in words(page)
    session.expire_all()
    assert sorted(session.scalars(select(LogbookEntry.title))) == sorted(titles)


def test_one_chooses_participant_by_participant_without_any_script(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session, members=2)
    meeting = make_meeting(session, scene.group)
    one, two = (participant.id for participant in scene.participants)
    receive(session, scene.actor, sheet_of(meeting, {one: Presence.PRESENT, two: Presence.PRESENT}))
    receive(session, scene.actor, sheet_of(meeting, {one: Presence.ABSENT, two: Presence.ABSENT}))
    client = sign_in(scene.facilitator)
    page = visit(client, "/field/conflicts")
    page = follow(client, submit(client, page, "form[id^=conflict]", kept=[str(two)]))
    assert "Votre choix est enregistré" in words(page)
    marks = attendance_of(session, [meeting.id])[meeting.id]
    assert [marks[who].presence for who in (one, two)] == [Presence.PRESENT, Presence.ABSENT]


def test_a_text_that_changed_again_is_compared_again(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    conflict = make_conflict(session, scene)
    client = sign_in(scene.facilitator)
    page = visit(client, "/field/conflicts")
    entry = session.get_one(LogbookEntry, conflict.subject_id)
    content = make_content(title="Au bureau, encore")
    logbook.save(session, scene.actor, entry, revision=entry.revision, content=content)
    page = follow(client, submit(client, page, "form[id^=conflict]", press="Garder celle du téléphone"))
    assert "a encore changé" in words(page)
    assert "Au bureau, encore" in words(page)


def test_the_conflict_of_somebody_else_does_not_exist(app: Flask, session: Session, sign_in: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    conflict = make_conflict(session, make_scene(session))
    client = sign_in(make_scene(session).facilitator)
    for operation_id in (conflict.id, new_id(), uuid.uuid4()):
        assert client.post(f"/field/conflicts/{operation_id}", data={"seen": 1}).status_code == 404
    assert "À la crèche" not in words(visit(client, "/field/conflicts"))
