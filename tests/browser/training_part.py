"""The first half of the path, clicked: a cohort, an invitation, an entry and its evidence, a review, an assessment."""

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from certify.core import clock
from tests.browser.story import FRAMEWORK, Story
from tests.browser.town import COORDINATOR, TRAINER, attach, path_of, press, told
from tests.factories.logbook import pdf, photo

TRAINEE = "stagiaire-01@exemple.test"
PASSWORD = "une phrase assez longue pour un essai"
LIST = "prénom;nom;e-mail\nStagiaire;02;stagiaire-02@exemple.test\nStagiaire;03;pas une adresse\n"
FIRST, SECOND = "3.1.1", "3.3.1"
TEXT = "Huit parents sont venus. J’ai ouvert par un tour de parole."
BETTER = "Huit parents sont venus. J’ai proposé un tour de parole."
BY_KEYBOARD = {"1.1.1": "2", "1.1.2": "2", "1.1.3": "2", "1.2.1": "0", "1.2.2": "3"}
"""What the trainer answers with the digits: partly acquired, not observed, not acquired."""


def open_a_cohort(story: Story) -> None:
    """The coordinator opens a cohort on the framework of the certifying body."""
    page = story.sit(COORDINATOR, "/")
    page.get_by_role("link", name="Nouvelle promotion").click()
    story.check(page)
    page.get_by_label("Nom").fill("Promotion de printemps")
    page.fill("#starts_on", (clock.today() - timedelta(days=60)).isoformat())
    page.fill("#ends_on", (clock.today() + timedelta(days=300)).isoformat())
    press(page, "Ouvrir la promotion")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inscriptions")
    story.urls["cohort"] = path_of(page).removesuffix("/enrolments")
    story.check(page)


def import_a_list(story: Story) -> None:
    """The coordinator imports a list with one faulty line, reads what is wrong, and enrols the others."""
    page = story.at(story.page, f"{story.urls['cohort']}/import")
    page.set_input_files("#file", {"name": "liste.csv", "mimeType": "text/csv", "buffer": LIST.encode("cp1252")})
    press(page, "Voir l’aperçu")
    fault = page.locator("#faults tbody tr")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text("Ligne 3")
    expect(fault).to_contain_text("pas une adresse")
    expect(fault.locator("td").last).to_contain_text("adresse")
    story.check(page)
    press(page, "Inscrire cette personne")
    told(page, "1 personne inscrite")


def enrol_one_person(story: Story) -> None:
    """The coordinator enrols one person by hand."""
    page = story.at(story.page, f"{story.urls['cohort']}/enrolments/new")
    page.fill("#given_name", "Stagiaire")
    page.fill("#family_name", "01")
    page.fill("#email", TRAINEE)
    page.fill("#entered_on", clock.today().isoformat())
    press(page, "Inscrire cette personne")
    story.town.open(page, f"{story.urls['cohort']}/enrolments")
    expect(page.get_by_role("row").filter(has_text=TRAINEE)).to_contain_text("invité")
    story.check(page)


def accept_the_invitation(story: Story) -> None:
    """The trainee opens the mail on the phone, follows its link and chooses a password."""
    story.town.work()
    phone = story.at(story.phone, f"/mailbox?q={TRAINEE}")
    phone.locator("#mails tbody a").first.click()
    found = re.search(r"/invitation/\S+", phone.locator(".letter").inner_text())
    assert found is not None
    story.check(phone)
    phone = story.at(phone, found.group())
    phone.fill("#password", PASSWORD)
    phone.fill("#password_confirm", PASSWORD)
    phone.get_by_role("button", name="Ouvrir mon compte").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Bonjour Stagiaire 01")
    story.check(phone)


def write_an_entry(story: Story) -> None:
    """The trainee begins an entry, which is saved by itself, and finds it again after a reload."""
    phone = story.phone
    phone.get_by_role("link", name="Nouvelle fiche").first.click()
    story.check(phone)
    phone.get_by_role("button", name="Rencontre de groupe").click()
    story.urls["entry"] = path_of(phone).removesuffix("/edit")
    phone.fill("#title", "Rencontre sur le sommeil")
    phone.fill("#happened_on", (clock.today() - timedelta(days=1)).isoformat())
    phone.fill("#minutes", "1 h 30")
    phone.fill("#place", "Crèche, salle d’éveil")
    phone.fill("#account", TEXT)
    phone.fill("#reflection", "Je laisse davantage de silence.")
    tick(phone, "indicators", FIRST)
    tick(phone, "indicators", SECOND)
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    phone.reload()
    expect(phone.locator("#account")).to_have_value(TEXT)
    expect(phone.locator("#minutes")).to_have_value(re.compile(r"1\sh\s30"))
    expect(phone.locator('#indicators input[name="indicators"]:checked')).to_have_count(2)
    story.check(phone)


def attach_the_evidence(story: Story) -> None:
    """The trainee attaches a photo for one indicator and a PDF for another."""
    phone = story.phone
    files = (
        ("salle.jpg", photo(), "image/jpeg", "Salle", FIRST),
        ("plan.pdf", pdf(), "application/pdf", "Plan", SECOND),
    )
    for name, content, kind, title, indicator in files:
        attach(phone, name, content, kind, title)
        phone.get_by_text("Choisir les indicateurs de ce fichier").click()
        tick(phone, "evidence_indicators", indicator)
        press(phone, "Joindre ce fichier")
        expect(phone.locator("#evidence .file-list li").filter(has_text=title).first).to_contain_text(indicator)
    story.check(phone)


def tick(window: Page, field_id: str, indicator: str) -> None:
    """Find an indicator by its code in a list folded by block, and tick it."""
    window.fill(f"#{field_id}-filter", indicator)
    window.locator(f"#{field_id} label.choice:visible").filter(has_text=indicator).first.click()


def hand_in(story: Story) -> None:
    """The trainee reads the entry again and submits it."""
    phone = story.phone
    phone.get_by_label("Je n’ai pas utilisé d’IA").check()
    press(phone, "Relire et soumettre")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Relire et soumettre la fiche")
    story.check(phone)
    phone.locator("label[for=has_checked]").click()
    press(phone, "Soumettre la fiche")
    told(phone, "soumise")


def return_it(story: Story) -> None:
    """The trainer finds the entry in the queue, opens its photo, and returns it with a comment."""
    page = story.sit(TRAINER, "/reviews")
    page.get_by_role("link", name="Rencontre sur le sommeil").click()
    story.urls["review"] = path_of(page)
    expect(page.get_by_alt_text("Salle")).to_be_visible()
    assert page.get_by_alt_text("Salle").evaluate("image => image.complete && image.naturalWidth > 0")
    story.check(page)
    page.fill("#comment", "Dites ce que vous avez fait vous-même.")
    press(page, "Renvoyer avec les commentaires")
    told(page, "Renvoyée")


def amend_it(story: Story) -> None:
    """The trainee reads the comment on the phone, amends the text and submits it again."""
    phone = story.at(story.phone, story.urls["entry"])
    told(phone, "Dites ce que vous avez fait vous-même.")
    phone.get_by_role("link", name="Reprendre la fiche").click()
    story.check(phone)
    phone.fill("#account", BETTER)
    hand_in(story)


def accept_it(story: Story) -> None:
    """The trainer reads what changed and accepts; every version stays to be read."""
    page = story.sit(TRAINER, story.urls["review"])
    history = page.locator("#history")
    expect(history.locator("del").filter(has_text="ouvert par")).to_be_visible()
    expect(history.locator("ins").filter(has_text="proposé")).to_be_visible()
    press(page, "Accepter la fiche")
    told(page, "Acceptée")
    phone = story.at(story.phone, story.urls["entry"])
    for words in ("Version 1 soumise", "Renvoyée", "Version 2 soumise", "Acceptée"):
        expect(phone.locator("#history").get_by_text(words, exact=True)).to_have_count(1)
    expect(phone.locator("#history ins").filter(has_text="proposé")).to_be_visible()


def assess(story: Story) -> None:
    """The trainer answers the whole grid, from the cohort page, with the keyboard then with the mouse, and signs."""
    page = story.sit(TRAINER, story.urls["cohort"])
    page.get_by_role("link", name="Stagiaire 01", exact=True).click()
    story.check(page)
    page.get_by_role("link", name="Évaluer", exact=True).click()
    page.locator("#kind").get_by_text("Évaluation certificative").click()
    story.check(page)
    press(page, "Ouvrir la grille")
    answer_by_keyboard(page)
    answer_by_mouse(page)
    page.locator('[id="comment-2.1.1"]').fill("Partenaires nommés et rencontrés.")
    page.fill("#comment", "Une pratique sûre, à nourrir de lectures.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    story.check(page)
    press(page, "Relire et signer")
    story.check(page)
    press(page, "Signer l’évaluation")
    told(page, "signée")
    story.check(page)


def answer_by_keyboard(page: Page) -> None:
    """Answer the first indicators with digits, going from one to the next with the arrow."""
    indicators = page.locator("[data-grid] [data-indicator]")
    expect(indicators).to_have_count(len(FRAMEWORK.indicators))
    indicators.first.locator("input[type=radio]").first.focus()
    for code, digit in BY_KEYBOARD.items():
        assert page.evaluate("document.activeElement.name") == f"level-{code}"
        page.keyboard.press(digit)
        page.keyboard.press("ArrowDown")
    expect(page.locator('[name="level-1.2.1"]:checked')).to_have_value("none")
    page.keyboard.press("ArrowUp")
    expect(page.locator('[name="level-1.2.2"][value=not_acquired]')).to_be_focused()


def answer_by_mouse(page: Page) -> None:
    """Click « acquis » for the other indicators."""
    for indicator in FRAMEWORK.indicators:
        if indicator.code not in BY_KEYBOARD:
            page.locator(f'[id="level-{indicator.code}"] .seg-acquired').click()
    total = len(FRAMEWORK.indicators)
    expect(page.locator("[data-grid-count]").first).to_contain_text(re.compile(rf"{total}\D+{total}"))


def read_own_progress(story: Story) -> None:
    """The trainee reads a radar per block on the phone, and the same figures in the table beside it."""
    phone = story.at(story.phone, "/progress")
    blocks = phone.locator("section:has(svg.radar)")
    expect(blocks).to_have_count(len(FRAMEWORK.blocks))
    for block in blocks.all():
        assert figures_of_the_radar(block) == figures_of_the_table(block)
    assert figures_of_the_table(blocks.first)["1.1"] == (0, 3)


def figures_of_the_radar(block: Locator) -> dict[str, tuple[int, int]]:
    """Return, by competency, the indicators acquired and their number, as the radar says them."""
    said = block.locator("svg.radar").get_attribute("aria-label") or ""
    found = re.findall(r"(\d\.\d)\s*:\s*(\d+) sur (\d+)", said)
    return {code: (int(done), int(total)) for code, done, total in found}


def figures_of_the_table(block: Locator) -> dict[str, tuple[int, int]]:
    """Return the same from the rows of the table: acquired, and the sum of what is counted."""
    figures = {}
    for row in block.locator("table tbody tr").all():
        counts = [int(text) for text in row.locator("td.number:not(.nowrap)").all_inner_texts()]
        figures[row.locator("th").inner_text().split()[0]] = (counts[0], sum(counts))
    return figures
