"""Who is there before the path begins, and how each of them comes to the browser."""

import io
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from certify.accounts.models import User
from certify.core import audit, jobs
from certify.core.access import Role
from certify.core.db import db
from certify.core.outbox import OutboxMessage
from tests.factories.assessments import let_assess
from tests.factories.cohorts import make_version
from tests.factories.people import make_certifying_body, make_habilitation, make_member, make_organisation, make_user
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_browser

COORDINATOR, TRAINER, REGISTRAR = "coordination@exemple.test", "formation@exemple.test", "certification@exemple.test"
JURY = ("jury-1@exemple.test", "jury-2@exemple.test", "jury-3@exemple.test")


@dataclass(frozen=True)
class Town:
    """A training body and the certifying body that lets it train, with their staff, behind a server."""

    server: LiveServer

    def become(self, page: Page, email: str) -> None:
        """Let somebody else sit down at this browser, signed in."""
        page.context.clear_cookies()
        with self.server.app.app_context():
            user = db.session.scalars(select(User).where(User.email == email)).one()
            sign_in_browser(page.context, self.server, user)

    def open(self, page: Page, path: str) -> None:
        """Open a page."""
        answer = page.goto(self.server.address(path))
        assert answer is not None, path
        assert answer.ok, path

    def work(self) -> None:
        """Do, here and now, what a worker has to do."""
        with self.server.app.app_context():
            jobs.run_pending()

    def traces_of_faults(self) -> list[str]:
        """Return what a path without a fault leaves empty: broken links of the audit chain, jobs that failed."""
        with self.server.app.app_context():
            broken = [str(fault) for fault in audit.verify(db.session)]
            failed = db.session.scalars(select(OutboxMessage.last_error).where(OutboxMessage.last_error != ""))
            return [*broken, *failed]

    def pdf_text(self, page: Page, path: str) -> str:
        """Fetch a document as the browser's person, and return what it says, on one line."""
        answer = page.request.get(self.server.address(path))
        assert answer.headers["content-type"] == "application/pdf"
        pages = PdfReader(io.BytesIO(answer.body())).pages
        return " ".join(" ".join(one.extract_text() for one in pages).split())


def settled(server: LiveServer) -> Town:
    """Return the town, with everybody in it who is there before the first page."""
    with server.app.app_context():
        training = make_organisation(db.session, name="Institut de formation des Tilleuls")
        certifying = make_certifying_body(db.session, name="Certificateur national", city="Lyon")
        make_habilitation(db.session, certifying, training)
        version = make_version(db.session, certifying)
        parts = (
            (COORDINATOR, "Coordinatrice", training, Role.COORDINATOR),
            (TRAINER, "Formatrice", training, Role.TRAINER),
            (REGISTRAR, "Secrétaire", certifying, Role.REGISTRAR),
        )
        for email, name, body, role in parts:
            person = make_user(db.session, email=email, given_name=name, family_name="A")
            make_member(db.session, body, role, person)
            if role is Role.TRAINER:
                let_assess(db.session, person, training, version)
        db.session.commit()
    return Town(server)


def press(page: Page, name: str) -> None:
    """Press a button of the page, the first of this name; the answer's page is then there."""
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def confirm(page: Page, name: str) -> None:
    """Press a button that asks first, read the question and say yes."""
    press(page, name)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button").first.click()


def told(page: Page, text: str) -> None:
    """Expect the page to say something."""
    expect(page.get_by_role("main").get_by_text(text).first).to_be_visible()


def path_of(page: Page) -> str:
    """Return where the browser is, without the server's name."""
    return urlsplit(page.url).path


def attach(page: Page, name: str, content: bytes, kind: str, title: str) -> None:
    """Choose a file as evidence and name it."""
    page.set_input_files("#evidence_file", {"name": name, "mimeType": kind, "buffer": content})
    page.fill("#evidence_title", title)
