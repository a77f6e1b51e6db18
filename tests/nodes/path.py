"""The whole path, from a new cohort to a certificate anyone can check, as its people go through it page by page."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import competencies
from certify.core import clock
from tests.factories.logbook import pdf, photo
from tests.services.visiting import Page, Visitor, follow, submit, visit

PASSWORD = "une phrase assez longue pour un essai"
TRAINEE = "stagiaire-01@exemple.test"
JURY = ("jury-1@exemple.test", "jury-2@exemple.test", "jury-3@exemple.test")
_INDICATORS = tuple(indicator.code for indicator in competencies.demo().indicators)


@dataclass(frozen=True)
class Staff:
    """Addresses of those who are there before the first page; their password is `PASSWORD`."""

    coordinator: str
    trainer: str
    registrar: str


@dataclass
class Path:
    """Everybody's browser, and the way to what reaches them by mail."""

    new_browser: Callable[[], Visitor]
    last_mail: Callable[[str, str], str]
    """Wait for a mail to an address whose text holds some words; return its text."""
    wait_until: Callable[[Callable[[], bool]], None]
    staff: Staff
    browsers: dict[str, Visitor] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    def walk(self) -> None:
        """Go from one end to the other."""
        self.open_a_cohort()
        self.accept_the_invitation(TRAINEE)
        self.write_an_entry()
        self.return_amend_accept()
        self.assess()
        self.prepare_the_jury()
        self.decide_and_close()
        self.issue()
        self.check_then_revoke()

    def browser_of(self, email: str) -> Visitor:
        """Return the browser of somebody who has a password, signed in."""
        if email not in self.browsers:
            browser = self.browsers[email] = self.new_browser()
            page = visit(browser, "/login")
            follow(browser, submit(browser, page, _form("email"), email=email, password=PASSWORD))
        return self.browsers[email]

    def accept_the_invitation(self, email: str) -> Page:
        """Follow the link received by mail, and choose a password."""
        found = re.search(r"/invitation/[\w.-]+", self.last_mail(email, "/invitation/"))
        assert found is not None
        browser = self.browsers[email] = self.new_browser()
        page = visit(browser, found.group())
        chosen = {"password": PASSWORD, "password_confirm": PASSWORD}
        return follow(browser, submit(browser, page, _form("password_confirm"), **chosen))

    def open_a_cohort(self) -> None:
        """The coordinator opens a cohort and enrols somebody."""
        browser = self.browser_of(self.staff.coordinator)
        today = clock.today()
        dates = {"starts_on": _shown(today - timedelta(days=60)), "ends_on": _shown(today + timedelta(days=300))}
        page = visit(browser, "/cohorts/new")
        page = follow(browser, submit(browser, page, _form("starts_on"), name="Promotion de printemps", **dates))
        link = page.select_one('main a[href$="/enrolments/new"]')
        assert link is not None
        self.urls["cohort"] = str(link["href"]).removesuffix("/enrolments/new")
        person = {"given_name": "Stagiaire", "family_name": "01", "email": TRAINEE, "entered_on": _shown(today)}
        page = visit(browser, str(link["href"]))
        follow(browser, submit(browser, page, _form("entered_on"), **person))

    def write_an_entry(self) -> None:
        """The trainee writes an entry, attaches a photo and a PDF, and submits it."""
        browser = self.browsers[TRAINEE]
        page = visit(browser, "/logbook/new")
        page = follow(browser, submit(browser, page, _form(".tile"), press="Rencontre de groupe"))
        self.urls["entry"] = _path_of(page).removesuffix("/edit")
        written: dict[str, Any] = {
            "title": "Rencontre sur le sommeil", "minutes": "1 h 30",
            "happened_on": _shown(clock.today() - timedelta(days=1)),
            "place": "Crèche, salle d’éveil", "account": "Huit parents sont venus. J’ai ouvert par un tour de parole.",
            "indicators": [_INDICATORS[0], _INDICATORS[1]], "ai_use": "none",
        }  # fmt: skip
        page = follow(browser, submit(browser, page, "#entry", press="Enregistrer", **written))
        for title, content, name in (("Salle", photo(), "salle.jpg"), ("Affiche", pdf(), "affiche.pdf")):
            piece: dict[str, Any] = {"evidence_title": title, "evidence_indicators": [_INDICATORS[0]]}
            page = follow(browser, submit(browser, page, "#entry", evidence_file=(io.BytesIO(content), name), **piece))
        assert {"Salle", "Affiche"} <= set(page.get_text(" ").split())
        self.hand_in()

    def hand_in(self) -> Page:
        """The trainee reads the entry again and submits it."""
        browser = self.browsers[TRAINEE]
        page = visit(browser, self.urls["entry"] + "/submit")
        return follow(browser, submit(browser, page, _form("has_checked"), has_checked=True))

    def return_amend_accept(self) -> None:
        """The trainer asks for more, the trainee amends, the trainer accepts."""
        trainer, trainee = self.browser_of(self.staff.trainer), self.browsers[TRAINEE]
        assert visit(trainer, "/reviews").select_one(f'a[href^="{self._review}"]')
        page = visit(trainer, self._review)
        asked = {"comment": "Dites ce que vous avez fait vous-même."}
        follow(trainer, submit(trainer, page, _form("comment"), press="Renvoyer", **asked))
        page = visit(trainee, self.urls["entry"] + "/edit")
        told = {"account": "Huit parents sont venus. J’ai proposé un tour de parole et noté les questions."}
        follow(trainee, submit(trainee, page, "#entry", press="Enregistrer", **told))
        page = self.hand_in()
        assert "version 2" in page.get_text(" ")
        for link in visit(trainer, self._review).select('main a[href^="/evidence/"]'):
            assert trainer.get(str(link["href"])).status_code == 200
        page = visit(trainer, self._review)
        follow(trainer, submit(trainer, page, _form("comment"), press="Accepter"))
        assert "Acceptée" in visit(trainee, self.urls["entry"]).get_text(" ")

    @property
    def _review(self) -> str:
        return self.urls["entry"].replace("/logbook/", "/reviews/")

    def assess(self) -> None:
        """The trainer rates every indicator and signs; the trainee sees it."""
        browser = self.browser_of(self.staff.trainer)
        link = visit(browser, self.urls["cohort"]).select_one('main a[href^="/trainees/"]')
        assert link is not None
        trainee = str(link["href"]).partition("#")[0]
        day = _shown(clock.today())
        page = visit(browser, trainee + "/assessments")
        page = follow(browser, submit(browser, page, "#start", kind="examination", held_on=day))
        grid = {str(tag["name"]): "acquired" for tag in page.select('#grid input[type=radio][value="acquired"]')}
        assert len(grid) == len(_INDICATORS)
        page = follow(browser, submit(browser, page, "#grid", press="Relire et signer", **grid))
        follow(browser, submit(browser, page, "#sign", press="Signer"))
        assert visit(self.browsers[TRAINEE], "/progress").select("svg")

    def prepare_the_jury(self) -> None:
        """The registrar opens a session, calls three members and presents the candidate; members declare."""
        browser = self.browser_of(self.staff.registrar)
        new = {"held_on": _shown(clock.today()), "place": "Lyon, salle du conseil"}
        page = visit(browser, "/juries/new", follow=True)
        page = follow(browser, submit(browser, page, _form("held_on"), **new))
        self.urls["jury"] = jury = _path_of(page)
        for number, email in enumerate(JURY):
            person = {"email": email, "given_name": "Jury", "family_name": str(number + 1), "quality": "Puéricultrice"}
            seat: dict[str, Any] = {"is_external": "1", "is_president": number == 0}
            page = follow(browser, submit(browser, page, _form("is_president"), **person, **seat))
        page = visit(browser, jury + "/candidates")
        box = page.select_one('input[name="enrolments"]')
        assert box is not None
        follow(browser, submit(browser, page, _form("enrolments"), enrolments=[str(box["value"])]))
        for email in JURY:
            self.accept_the_invitation(email)
            page = visit(self.browsers[email], jury + "/declare")
            follow(self.browsers[email], submit(self.browsers[email], page, _form("agreed"), agreed=True))
        page = visit(browser, jury)
        follow(browser, submit(browser, page, f'form[action="{jury}/open"]'))

    def decide_and_close(self) -> None:
        """The president reads the file, records the decision and closes the session; the minutes are printed."""
        president = self.browsers[JURY[0]]
        jury = self.urls["jury"]
        link = visit(president, jury).select_one('main a[href^="/candidacies/"]')
        assert link is not None
        page = visit(president, str(link["href"]))
        decision = {str(tag["name"]): "acquired" for tag in page.select('input[type=radio][name^="block-"]')}
        page = follow(president, submit(president, page, _form("expected"), outcome="obtained", **decision))
        page = visit(president, jury + "/deliberation")
        follow(president, submit(president, page, f'form[action="{jury}/close"]'))
        for email in JURY:
            self.sign(email)
        registrar = self.browser_of(self.staff.registrar)
        self.wait_until(lambda: _is_pdf(president, jury + "/minutes.pdf"))
        follow(registrar, submit(registrar, visit(registrar, jury + "/minutes"), f'form[action="{jury}/publish"]'))

    def sign(self, email: str) -> None:
        """A member signs the minutes with the code received by mail."""
        browser, minutes = self.browsers[email], self.urls["jury"] + "/minutes"
        page = follow(browser, submit(browser, visit(browser, minutes), f'form[action="{minutes}/code"]'))
        found = re.search(r"^(\d{3}) (\d{3})\s*$", self.last_mail(email, "tapez ce code"), re.MULTILINE)
        assert found is not None
        follow(browser, submit(browser, page, f'form[action="{minutes}/sign"]', code="".join(found.groups())))

    def issue(self) -> None:
        """The registrar issues the certificate; its document is made, and its holder told."""
        browser, trainee = self.browser_of(self.staff.registrar), self.browsers[TRAINEE]
        issuing = self.urls["jury"] + "/certificates"
        follow(browser, submit(browser, visit(browser, issuing), f'main form[action="{issuing}"]'))
        told = self.last_mail(TRAINEE, "/verify/")
        found = re.search(r"/verify/\w+", told)
        assert found is not None
        self.urls["verify"] = found.group()
        link = visit(browser, "/certificates").select_one('main table a[href^="/certificates/"]')
        assert link is not None
        self.urls["certificate"] = str(link["href"])
        assert _is_pdf(browser, self.urls["certificate"] + "/file")
        assert visit(trainee, "/my-certificates").select_one('main a[href^="/certificates/"]')

    def check_then_revoke(self) -> None:
        """Anyone checks the certificate; the registrar revokes it; anyone sees it."""
        browser, anyone = self.browser_of(self.staff.registrar), self.new_browser()
        assert "révoqué" not in visit(anyone, self.urls["verify"]).get_text(" ").lower()
        page = visit(browser, self.urls["certificate"])
        reason = "Délivré par erreur pendant un essai."
        follow(browser, submit(browser, page, _form("reason"), reason=reason))
        assert "révoqué" in visit(anyone, self.urls["verify"]).get_text(" ").lower()
        visit(anyone, "/verify/00000000000000", status=404)


def _form(holding: str) -> str:
    """Return the selector of the form that holds a field of this name, or this element."""
    inside = holding if holding.startswith(".") else f'[name="{holding}"]'
    return f"form:has({inside})"


def _path_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+|[?#].*$", "", page.url)


def _shown(day: date) -> str:
    return day.isoformat()


def _is_pdf(visitor: Visitor, url: str) -> bool:
    answer = visitor.get(url)
    return answer.status_code == 200 and answer.get_data().startswith(b"%PDF")
