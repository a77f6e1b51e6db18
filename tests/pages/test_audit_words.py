"""What the audit chain says in words."""

import re
from pathlib import Path

import pytest
from flask import Flask

import certify
from certify.pages import audit_words
from certify.pages.audit_tags import TAGS

ROOT = Path(certify.__file__).parent
WRITTEN = re.compile(r'audit\.record\([^"]*?"([a-z-]+:[a-z-]+:[a-z-]+)"|_note\([^"]*?"([a-z-]+:[a-z-]+:[a-z-]+)"')


def test_every_event_the_application_writes_is_told_in_words() -> None:
    tags = {
        found for path in ROOT.rglob("*.py") for pair in WRITTEN.findall(path.read_text()) for found in pair if found
    }

    assert len(tags) > 30
    assert sorted(tag for tag in tags if tag not in TAGS) == []


@pytest.mark.engines("sqlite")
def test_facts_of_an_event_are_shown_as_people_say_them(app: Flask) -> None:
    detail = {
        "outcome": "partly_obtained", "is_president": True, "starts_on": "2026-09-01", "digest": "ab" * 32,
        "supersedes": None, "user_id": "01a200f7-97e4-7c27-b1cb-c6fe7a61a4d9",
    }  # fmt: skip
    with app.test_request_context():
        shown = audit_words.details(detail)

    assert shown == [
        ("résultat", "partiellement obtenue"),
        ("préside le jury", "oui"),
        ("début", "1er septembre 2026"),
        ("empreinte", "abababababab…"),
    ]
