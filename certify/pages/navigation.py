"""The menu: which pages each role finds, in which order, with how many things wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from sqlalchemy.orm import Session

from certify.assessments import queries as assessments
from certify.core.access import Actor, Permission
from certify.core.db import db
from certify.core.i18n import lazy as _l
from certify.evidence import queries as evidence
from certify.juries import queries as juries
from certify.logbook import queries as logbook
from certify.lti.launched import is_opened_here
from certify.lti.queries.launches import Visit

Count = Callable[[Session, Actor], int]


@dataclass(frozen=True)
class Entry:
    """One line of the menu, shown to whoever holds the permission."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission | None
    is_tab: bool = False
    count: Count | None = None
    also: tuple[str, ...] = ()
    """Pages of other rooms that belong under this line."""
    is_inside: bool = False
    """Shown only inside a course of a learning platform."""


@dataclass(frozen=True)
class Item:
    """One line of the menu as a page shows it."""

    label: str
    url: str
    icon: str
    count: int
    is_current: bool
    is_tab: bool


MENU: list[Entry] = [
    Entry(
        "lti.course",
        _l("Le cours"),
        "mortarboard",
        Permission.LTI_COURSE_TEACH,
        is_tab=True,
        is_inside=True,
        also=("lti.grades", "lti.roster", "lti.choose"),
    ),
    Entry("pages.home", _l("À faire"), "house", None, is_tab=True),
    Entry(
        "cohorts.index",
        _l("Promotions"),
        "mortarboard",
        Permission.COHORT_READ,
        is_tab=True,
        also=(
            "reports.cohort",
            "reports.trainee",
            "reports.trainee_file",
            "reports.disputed",
            "reports.cohort_statistics",
            "eligibility.cohort",
            "eligibility.file",
            "evidence.prior_of",
            "evidence.of_trainee",
            "practice.of_trainee",
            "observations.trainee",
            "revisions.index",
            "revisions.preview",
            "revisions.history",
            "cohorts.cohort_vae_files",
            "certificates.attestations",
            "juries.of_cohort",
        ),
    ),
    Entry(
        "logbook.reviews",
        _l("Fiches à relire"),
        "journal-check",
        Permission.LOGBOOK_REVIEW,
        is_tab=True,
        count=logbook.reviews_waiting,
    ),
    Entry(
        "evidence.reviews",
        _l("Preuves à lire"),
        "file-earmark-text",
        Permission.LOGBOOK_REVIEW,
        count=evidence.count_waiting,
        also=("evidence.prior_reviews", "evidence.answer_prior", "evidence.answer_piece"),
    ),
    Entry(
        "logbook.index",
        _l("Mon cahier"),
        "journal-text",
        Permission.LOGBOOK_WRITE,
        is_tab=True,
        count=logbook.entries_returned,
    ),
    Entry(
        "assessments.index",
        _l("Évaluations"),
        "clipboard-check",
        Permission.ASSESSMENT_READ,
        is_tab=True,
        count=assessments.count_drafts,
    ),
    Entry(
        "groups.index",
        _l("Groupes"),
        "people",
        Permission.GROUP_READ,
        is_tab=True,
        also=("fragility.procedure", "fragility.counts", "fragility.own"),
    ),
    Entry(
        "evidence.index",
        _l("Mes preuves"),
        "paperclip",
        Permission.EVIDENCE_WRITE,
        is_tab=True,
        also=("evidence.prior", "practice.own", "observations.index", "observations.new", "observations.show"),
    ),
    Entry("groups.calendar", _l("Calendrier"), "calendar3", Permission.GROUP_READ),
    Entry("supervision.own", _l("Ma supervision"), "chat-left-text", Permission.OWN_PATH_READ),
    Entry(
        "supervision.index",
        _l("Supervision"),
        "chat-left-text",
        Permission.SUPERVISION_WRITE,
        also=("supervision.totals", "supervision.new", "supervision.show", "supervision.edit", "supervision.notes"),
    ),
    Entry(
        "anonymity.names",
        _l("Prénoms à ne pas écrire"),
        "eye-slash",
        Permission.LOGBOOK_WRITE,
    ),
    Entry(
        "anonymity.flags",
        _l("Passages masqués"),
        "shield-exclamation",
        Permission.TEXT_FLAG,
        also=("anonymity.flag", "anonymity.withdraw"),
    ),
    Entry("field.shell", _l("Sur le terrain"), "phone", Permission.LOGBOOK_WRITE, also=("field.conflicts",)),
    Entry("assessments.own", _l("Mon auto-évaluation"), "clipboard-check", Permission.SELF_ASSESSMENT_WRITE),
    Entry(
        "reports.own_progress",
        _l("Ma progression"),
        "bar-chart",
        Permission.OWN_PATH_READ,
        also=("reports.own_file", "cohorts.own_attendance", "cohorts.own_vae", "assessments.own_comparison"),
    ),
    Entry("eligibility.own_file", _l("Mon dossier"), "folder2-open", Permission.OWN_PATH_READ),
    Entry(
        "logbook.forms",
        _l("Formulaires du cahier"),
        "list-check",
        Permission.ENTRY_FORM_WRITE,
        also=("logbook.edit_form", "logbook.form_version"),
    ),
    Entry("cohorts.vae_files", _l("Dossiers de VAE"), "flag", Permission.ENROLMENT_WRITE),
    Entry("reports.statistics", _l("Résultats"), "bar-chart", Permission.STATISTICS_READ),
    Entry(
        "assessments.habilitations",
        _l("Habilitations"),
        "person-check",
        Permission.ASSESSOR_HABILITATE,
        also=("assessments.new_habilitation", "assessments.end_habilitation"),
    ),
    Entry(
        "juries.index",
        _l("Jurys"),
        "calendar-event",
        Permission.JURY_READ,
        is_tab=True,
        count=juries.declarations_to_make,
    ),
    Entry("juries.results", _l("Mes résultats"), "envelope-open", Permission.OWN_RESULTS_READ, also=("juries.appeal",)),
    Entry(
        "certificates.index",
        _l("Certificats"),
        "award",
        Permission.CERTIFICATE_READ,
        is_tab=True,
        also=("certificates.extracts",),
    ),
    Entry(
        "certificates.mine",
        _l("Mes certificats"),
        "patch-check",
        Permission.OWN_CERTIFICATE_READ,
        also=("badges.mine",),
    ),
    Entry("identities.own", _l("Mon identité"), "person-badge", Permission.OWN_IDENTITY_WRITE),
    Entry(
        "identities.index",
        _l("Identités"),
        "person-badge",
        Permission.IDENTITY_WRITE,
        also=("identities.show", "identities.edit"),
    ),
    Entry("declarations.index", _l("Déclarations"), "send", Permission.DECLARATION_WRITE),
    Entry(
        "certificates.own_documents",
        _l("Modèles de documents"),
        "file-earmark-pdf",
        Permission.DOCUMENT_WRITE,
        also=("certificates.documents", "certificates.edit_document"),
    ),
    Entry(
        "seals.index", _l("Sceau et badges"), "shield-lock", Permission.SEAL_WRITE, also=("seals.show", "badges.keys")
    ),
    Entry("frameworks.index", _l("Référentiel"), "book", Permission.FRAMEWORK_READ),
    Entry("organisations.index", _l("Organisation"), "buildings", Permission.ORGANISATION_READ, is_tab=True),
    Entry(
        "lti.registrations",
        _l("Plateformes"),
        "laptop",
        Permission.LTI_REGISTRATION_READ,
        also=(
            "lti.registration",
            "lti.new_registration",
            "lti.edit_registration",
            "lti.invite",
            "lti.renew",
            "lti.test_registration",
            "lti.launches",
            "lti.keys",
            "lti.people",
            "lti.merge",
        ),
    ),
    Entry("pages.administration", _l("Administration"), "sliders", Permission.ADMINISTRATION_READ, is_tab=True),
    Entry("reports.exports", _l("Mes fichiers"), "download", None),
    Entry("pages.help", _l("Aide"), "question-circle", None),
]


def menu() -> list[Item]:
    """Return the menu of the page being shown."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        return []
    shown = [entry for entry in MENU if _is_shown(entry, actor)]
    current = _current(shown)
    return [_item(entry, actor, is_current=entry is current) for entry in shown]


def _is_shown(entry: Entry, actor: Actor) -> bool:
    if entry.permission is not None and not actor.may(entry.permission):
        return False
    visit: Visit | None = g.get("launch")
    if visit is None:
        return not entry.is_inside
    return is_opened_here(entry.endpoint) and (not entry.is_inside or visit.context is not None)


def _item(entry: Entry, actor: Actor, *, is_current: bool) -> Item:
    count = entry.count(db.session, actor) if entry.count else 0
    return Item(str(entry.label), url_for(entry.endpoint), entry.icon, count, is_current, entry.is_tab)


def _current(shown: list[Entry]) -> Entry | None:
    """Return the line the page is under: the one that names it, else the first of its room."""
    if "menu_line" in g:
        return next((one for one in shown if one.endpoint == str(g.menu_line)), None)
    here = request.endpoint or ""
    named = next((one for one in MENU if here == one.endpoint or here in one.also), None)
    return named or next((one for one in shown if _is_of_its_room(one, here)), None)


def _is_of_its_room(entry: Entry, here: str) -> bool:
    room = entry.endpoint.partition(".")[0]
    if room in ("pages", "reports", "lti"):
        return here.startswith(entry.endpoint)
    return here.partition(".")[0] == room
