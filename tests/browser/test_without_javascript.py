"""The essential path in a browser that runs no script: every form goes through, nothing waits for one."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.juries import services as juries
from certify.juries.models import JurySeat, JurySession, SignatureMethod
from certify.juries.queries import minutes_of
from certify.organisations.models import Organisation
from tests.browser.town import Town, attach, path_of, press, told
from tests.factories.assessments import make_habilitated
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import add_candidate, make_jury, opened
from tests.factories.logbook import pdf, photo
from tests.factories.people import actor_of, make_member, make_user
from tests.services.live_server import LiveServer
from tests.services.signing_in import PASSWORD

TRAINEE, TRAINER = "stagiaire-04@exemple.test", "formation-b@exemple.test"
FRAMEWORK = competencies.demo()
INDICATOR = FRAMEWORK.indicators[0].code


@dataclass
class Story:
    """The window without scripts, and the addresses met on the way."""

    town: Town
    page: Page
    urls: dict[str, str] = field(default_factory=dict)


def test_the_essential_path_needs_no_script(live_server: LiveServer, plain_page: Page) -> None:
    story = Story(Town(live_server), plain_page)

    people_who_have_a_password(story)
    sign_in_by_the_form(story)
    write_and_save(story)
    attach_two_files(story)
    change_their_description(story)
    submit(story)
    review(story)
    save_a_grid(story)
    sign_it(story)
    read_own_progress(story)
    decide_in_a_jury(story)
    close_the_jury(story)
    issue_and_verify(story)
    assert story.town.traces_of_faults() == []


def people_who_have_a_password(story: Story) -> None:
    """Enrol a trainee, and give them and a trainer a password."""
    with story.town.server.app.app_context():
        person = make_user(db.session, email=TRAINEE, given_name="Stagiaire", family_name="04")
        enrolment = make_enrolment(db.session, user=person)
        body = db.session.get_one(Organisation, enrolment.training_body_id)
        trainer = make_user(db.session, email=TRAINER, given_name="Formatrice", family_name="B")
        make_member(db.session, body, Role.TRAINER, trainer)
        make_habilitated(db.session, trainer, enrolment)
        for user in (person, trainer):
            accounts.set_password(db.session, user, PASSWORD)
        db.session.commit()


def arrive(story: Story, email: str, path: str) -> Page:
    """Sign in by the form, on the way to a page."""
    page = story.page
    page.context.clear_cookies()
    story.town.open(page, f"/login?next={path}")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("main").locator("form:has(input[name=password]) [type=submit]").click()
    assert path_of(page) == path
    return page


def sign_in_by_the_form(story: Story) -> None:
    """A wrong password is refused with the address kept; the right one opens the page that was asked for."""
    page = story.page
    story.town.open(page, "/login")
    page.fill("input[name=email]", TRAINEE)
    page.fill("input[name=password]", "autre chose entièrement")
    page.get_by_role("main").locator("form:has(input[name=password]) [type=submit]").click()
    expect(page.locator("input[name=email]")).to_have_value(TRAINEE)
    arrive(story, TRAINEE, "/logbook")


def write_and_save(story: Story) -> None:
    """The trainee writes an entry, ticks an indicator in its block and saves."""
    page = story.page
    page.get_by_role("link", name="Nouvelle fiche").first.click()
    press(page, "Rencontre de groupe")
    story.urls["entry"] = path_of(page).removesuffix("/edit")
    page.fill("#title", "Rencontre sans script")
    page.fill("#happened_on", (clock.today() - timedelta(days=1)).isoformat())
    page.fill("#minutes", "90 minutes")
    page.fill("#place", "Médiathèque")
    page.fill("#account", "Cinq parents sont venus.")
    page.fill("#reflection", "Je prépare moins, j’écoute plus.")
    tick(page, "indicators")
    press(page, "Enregistrer")
    told(page, "enregistrée")
    expect(page.locator("#account")).to_have_value("Cinq parents sont venus.")


def tick(page: Page, name: str) -> None:
    """Unfold the first block of a list of indicators when it is folded, and tick the first."""
    box = page.locator(f'#{name} input[value="{INDICATOR}"]')
    if not box.is_visible():
        page.locator(f"#{name} summary").first.click()
    box.check()


def attach_two_files(story: Story) -> None:
    """The trainee attaches a photo and a PDF."""
    page = story.page
    for name, content, kind, title in (
        ("salle.jpg", photo(), "image/jpeg", "Salle"),
        ("plan.pdf", pdf(), "application/pdf", "Plan"),
    ):
        attach(page, name, content, kind, title)
        press(page, "Joindre ce fichier")
        expect(page.locator("#evidence .file-list").get_by_role("link", name=title, exact=True)).to_be_visible()
    expect(page.locator("#account")).to_have_value("Cinq parents sont venus.")


def change_their_description(story: Story) -> None:
    """The trainee says which indicator the second file illustrates."""
    page = story.page
    page.get_by_role("link", name="Décrire ou retirer cette preuve").last.click()
    tick(page, "indicators")
    press(page, "Enregistrer")
    expect(page.locator("#evidence .file-list li").last).to_contain_text(INDICATOR)


def submit(story: Story) -> None:
    """The trainee reads the entry again, forgets the box, is told, then submits."""
    page = story.page
    page.get_by_label("Je n’ai pas utilisé d’IA").check()
    press(page, "Relire et soumettre")
    press(page, "Soumettre la fiche")
    expect(page.locator("[data-error-summary]")).to_contain_text("Cochez cette case")
    page.get_by_label("J’ai vérifié").check()
    press(page, "Soumettre la fiche")
    told(page, "La fiche attend la réponse")


def review(story: Story) -> None:
    """The trainer signs in on the way to the queue, reads the entry and accepts it."""
    page = arrive(story, TRAINER, "/reviews")
    page.get_by_role("link", name="Rencontre sans script").click()
    page.fill("#comment", "Bien vu.")
    press(page, "Accepter la fiche")
    told(page, "est acceptée")


def save_a_grid(story: Story) -> None:
    """The trainer opens a grid, saves half of it, and is told what is missing before signing."""
    page = story.page
    with story.town.server.app.app_context():
        enrolment = enrolment_of_the_trainee(db.session)
        story.town.open(page, f"/trainees/{enrolment.id}")
    page.get_by_role("link", name="Évaluer", exact=True).click()
    press(page, "Ouvrir la grille")
    story.urls["grid"] = path_of(page)
    half = len(FRAMEWORK.indicators) // 2
    answer(page, [indicator.code for indicator in FRAMEWORK.indicators[:half]])
    press(page, "Enregistrer le brouillon")
    told(page, "enregistré")
    expect(page.locator("#grid input[type=radio]:checked")).to_have_count(half)
    press(page, "Relire et signer")
    expect(page.locator("[data-error-summary]")).to_contain_text(str(len(FRAMEWORK.indicators) - half))
    expect(page.get_by_role("button", name="Signer l’évaluation")).to_have_count(0)


def answer(page: Page, codes: list[str]) -> None:
    """Click « acquis » for some indicators."""
    for code in codes:
        page.locator(f'[id="level-{code}"] .seg-acquired').click()


def sign_it(story: Story) -> None:
    """The trainer answers the rest and signs."""
    page = story.page
    story.town.open(page, story.urls["grid"])
    answer(page, [indicator.code for indicator in FRAMEWORK.indicators[len(FRAMEWORK.indicators) // 2 :]])
    press(page, "Relire et signer")
    press(page, "Signer l’évaluation")
    told(page, "signée")


def enrolment_of_the_trainee(session: Session) -> Enrolment:
    """Return where the trainee is enrolled."""
    query = select(Enrolment).join(User, User.id == Enrolment.user_id).where(User.email == TRAINEE)
    return session.scalars(query).one()


def read_own_progress(story: Story) -> None:
    """The trainee sees a radar per block, drawn by the server."""
    page = arrive(story, TRAINEE, "/progress")
    expect(page.locator("svg.radar")).to_have_count(len(FRAMEWORK.blocks))
    told(page, "acquis")


def decide_in_a_jury(story: Story) -> None:
    """The president decides on each block and on the whole."""
    emails: dict[str, str] = {}
    with story.town.server.app.app_context():
        enrolment = enrolment_of_the_trainee(db.session)
        prepared = make_jury(db.session, 0, cohort=db.session.get_one(Cohort, enrolment.cohort_id))
        add_candidate(db.session, prepared, enrolment)
        opened(db.session, prepared)
        emails |= {"president": prepared.president.email, "registrar": prepared.registrar.email}
        story.urls |= emails | {"jury": f"/juries/{prepared.jury.id}"}
        db.session.commit()
    page = story.page
    story.town.become(page, emails["president"])
    story.town.open(page, story.urls["jury"])
    page.get_by_role("link", name="Stagiaire 04").click()
    for block in FRAMEWORK.blocks:
        page.locator(f'[id="block-{block.code}-outcome"] .seg-acquired').click()
    page.locator("#outcome .seg-obtained").click()
    press(page, "Enregistrer la décision")
    expect(page.locator("#candidates")).to_contain_text("obtenue")


def close_the_jury(story: Story) -> None:
    """The president closes the session, without a question asked by a script; results wait for its signatures."""
    page = story.page
    press(page, "Clore le jury")
    expect(page.locator("#signatures")).to_be_visible()
    with story.town.server.app.app_context():
        jury = db.session.get_one(JurySession, uuid.UUID(story.urls["jury"].rpartition("/")[2]))
        minutes = minutes_of(db.session, jury.id)
        assert minutes is not None
        for seat in db.session.scalars(select(JurySeat).where(JurySeat.session_id == jury.id)).all():
            member = actor_of(db.session, db.session.get_one(User, seat.user_id))
            juries.sign(db.session, member, minutes, method=SignatureMethod.MAIL)
        db.session.commit()
    story.town.work()
    story.town.become(page, story.urls["registrar"])
    story.town.open(page, f"{story.urls['jury']}/minutes")
    expect(page.get_by_role("link", name="Ouvrir le PDF")).to_be_visible()
    press(page, "Publier les résultats")
    told(page, "Les résultats sont publiés")


def issue_and_verify(story: Story) -> None:
    """The registrar issues the certificate; anyone checks it by typing its code."""
    page = story.page
    story.town.become(page, story.urls["registrar"])
    story.town.open(page, f"{story.urls['jury']}/certificates")
    press(page, "Délivrer le certificat")
    story.town.work()
    page.reload()
    page.locator('#progress a[href^="/certificates/"]').click()
    code = page.locator("#check strong.mono").inner_text()
    page.context.clear_cookies()
    story.town.open(page, "/verify")
    page.locator("input[name=code]").fill(code.lower())
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificat valide")
