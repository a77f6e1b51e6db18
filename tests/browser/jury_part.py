"""The second half of the path, clicked: a jury session, its decision and minutes, a certificate that anyone checks."""

import re

from playwright.sync_api import Page, expect

from certify.core import clock
from tests.browser.story import FRAMEWORK, Story
from tests.browser.town import JURY, REGISTRAR, confirm, path_of, press, told


def prepare_the_jury(story: Story) -> None:
    """The registrar prepares a session, calls three members, one to preside, and presents the candidate."""
    page = story.sit(REGISTRAR, "/juries/new")
    page.fill("#held_on", clock.today().isoformat())
    page.fill("#place", "Lyon, salle du conseil")
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/juries/[0-9a-f-]{36}$"))
    story.urls["jury"] = path_of(page)
    for number, email in enumerate(JURY, start=1):
        call(page, email, number)
    story.check(page)
    page.get_by_role("link", name="Ajouter des candidatures").click()
    page.get_by_label("Stagiaire 01").check()
    story.check(page)
    press(page, "Ajouter les personnes cochées")
    expect(page.locator("#candidates")).to_contain_text("Stagiaire 01")


def call(page: Page, email: str, number: int) -> None:
    """Call one member; the first presides."""
    if not page.locator("#members #email").is_visible():
        page.get_by_text("Ajouter un membre").click()
    page.locator("#members #email").fill(email)
    page.fill("#given_name", "Jury")
    page.fill("#family_name", str(number))
    page.fill("#quality", "Puéricultrice")
    if number == 1:
        page.get_by_label("Préside le jury").check()
    page.get_by_role("button", name="Ajouter au jury", exact=True).click()
    expect(page.locator("#members tbody tr")).to_have_count(number)


def declare_and_open(story: Story) -> None:
    """Each member signs that nothing ties them to the candidate; the registrar opens the deliberation."""
    jury = story.urls["jury"]
    for email in JURY:
        page = story.sit(email, jury)
        page.get_by_role("link", name="Lire et signer la déclaration").click()
        page.get_by_label("et je signe cette déclaration").check()
        story.check(page)
        press(page, "Signer la déclaration")
        told(page, "Votre déclaration est signée")
    page = story.sit(REGISTRAR, jury)
    confirm(page, "Ouvrir la délibération")
    told(page, "Délibération en cours")


def decide(story: Story) -> None:
    """The president reads the file and decides, on each block and on the whole, with reasons."""
    page = story.sit(JURY[0], story.urls["jury"])
    page.get_by_role("link", name="Stagiaire 01").click()
    told(page, "Une pratique sûre, à nourrir de lectures.")
    story.check(page)
    for block in FRAMEWORK.blocks:
        page.locator(f'[id="block-{block.code}-outcome"] .seg-acquired').click()
    page.locator("#outcome .seg-obtained").click()
    press(page, "Enregistrer la décision")
    expect(page.locator(".summary-box")).to_contain_text("Motif pour le bloc 1")
    story.check(page)
    page.locator('[id="block-1-reason"]').fill("L’entretien a levé les réserves de la grille.")
    page.fill("#reason", "Le jury est unanime.")
    press(page, "Enregistrer la décision")
    expect(page.locator("#candidates")).to_contain_text("obtenue")


def close(story: Story) -> None:
    """The president closes the session, each member signs; its minutes are a PDF that says what was decided and why."""
    page = story.at(story.page, f"{story.urls['jury']}/deliberation")
    story.check(page)
    confirm(page, "Clore le jury")
    expect(page.locator("#signatures")).to_be_visible()
    story.town.work()
    for email in JURY:
        sign(story, email)
    story.town.work()
    page = story.at(story.page, f"{story.urls['jury']}/minutes")
    story.check(page)
    minutes = story.town.pdf_text(page, f"{story.urls['jury']}/minutes.pdf")
    for words in ("Stagiaire 01", "Jury 3", "L’entretien a levé les réserves", "Le jury est unanime."):
        assert words in minutes


def sign(story: Story, email: str) -> None:
    """One member signs the minutes with the code received by mail."""
    page = story.sit(email, f"{story.urls['jury']}/minutes")
    press(page, "Recevoir un code par courriel")
    story.town.work()
    page = story.at(page, f"/mailbox?q={email}")
    page.locator("#mails tbody a").first.click()
    found = re.search(r"\b(\d{3}) (\d{3})\b", page.locator(".letter").inner_text())
    assert found is not None
    page = story.at(page, f"{story.urls['jury']}/minutes")
    page.fill("#code", "".join(found.groups()))
    story.check(page)
    press(page, "Signer le procès-verbal")
    told(page, "Votre signature est enregistrée")


def publish(story: Story) -> None:
    """The registrar publishes the results; the candidate reads theirs on the phone, with the extract."""
    page = story.sit(REGISTRAR, f"{story.urls['jury']}/minutes")
    confirm(page, "Publier les résultats")
    told(page, "Les résultats sont publiés")
    story.town.work()
    phone = story.at(story.phone, "/results")
    story.check(phone)
    expect(phone.get_by_role("main")).to_contain_text("obtenue")
    expect(phone.get_by_role("link", name="Extrait du procès-verbal")).to_be_visible()


def issue(story: Story) -> None:
    """The registrar issues the certificate, whose document is made; its holder finds it."""
    page = story.sit(REGISTRAR, f"{story.urls['jury']}/certificates")
    confirm(page, "Délivrer le certificat")
    expect(page.locator("#progress")).to_contain_text("sur 1")
    story.town.work()
    page.reload()
    expect(page.locator("#made")).to_contain_text("1 sur 1")
    story.check(page)
    page.locator('#progress a[href^="/certificates/"]').click()
    story.urls["certificate"] = path_of(page)
    story.check(page)
    assert "Stagiaire 01" in story.town.pdf_text(page, f"{story.urls['certificate']}/file")
    page.get_by_role("link", name="Voir la page publique").click()
    story.urls["verify"] = path_of(page)
    phone = story.at(story.phone, "/my-certificates")
    expect(phone.get_by_role("main").locator('a[href^="/certificates/"]').first).to_be_visible()


def verify(story: Story) -> None:
    """Somebody signed in, then anyone, reads that the certificate is valid."""
    assert verdict(story, story.phone) == "Certificat valide"
    story.page.context.clear_cookies()
    assert verdict(story, story.page) == "Certificat valide"
    told(story.page, "Stagiaire 01")


def revoke(story: Story) -> None:
    """The registrar revokes the certificate; its page still exists and says so."""
    page = story.sit(REGISTRAR, story.urls["certificate"])
    page.fill("#reason", "Délivré par erreur pendant un essai.")
    press(page, "Révoquer le certificat")
    told(page, "Ce certificat est révoqué")
    story.page.context.clear_cookies()
    for window in (story.page, story.phone):
        assert verdict(story, window).startswith("Certificat révoqué depuis le")
        told(window, "Stagiaire 01")


def verdict(story: Story, window: Page) -> str:
    """Return what the public page says of the certificate."""
    return story.at(window, story.urls["verify"]).get_by_role("heading", level=1).inner_text()
