"""What juries, certificates, identities and declarations ask of somebody, for their home page."""

from collections.abc import Iterator

from flask import url_for
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.templating import day
from certify.declarations import queries as declarations
from certify.identities import queries as identities
from certify.juries import awaited
from certify.juries import queries as juries
from certify.organisations import queries as organisations
from certify.pages.todo import NAMED, Todo, on
from certify.reports import home
from certify.seals import queries as seals
from certify.seals.policies import NEAR

_LATE_APPEAL = 30
"""Days after which an appeal that waits is late; the software's own value."""


def of_jury(session: Session, actor: Actor, seats: list[juries.Seated]) -> Iterator[Todo]:
    """Yield what the sessions in which somebody sits ask of them."""
    for jury in awaited.minutes_to_sign(session, actor):
        title = _("Signer le procès-verbal du jury %(reference)s", reference=jury.reference)
        why = _("Les résultats sont publiés une fois le procès-verbal signé.")
        yield Todo(title, url_for("juries.minutes", jury_id=jury.id), "pencil-square", why, on(jury.held_on), True)
    for seat in seats:
        url, when = url_for("juries.show", jury_id=seat.jury.id), on(seat.jury.held_on)
        people = ngettext("%(num)d candidature", "%(num)d candidatures", seat.candidates)
        if seat.seat.declared_at is None:
            title = _("Déclarer vos liens avec les candidat·es du jury %(reference)s", reference=seat.jury.reference)
            yield Todo(title, url, "shield-check", _("Sans cette déclaration, le jury ne peut pas siéger."), when, True)
        elif seat.jury.state == "deliberating":
            title = _("Délibérer au jury %(reference)s", reference=seat.jury.reference)
            yield Todo(title, url, "calendar-event", people, when)
        else:
            title = _("Lire les dossiers du jury %(reference)s", reference=seat.jury.reference)
            yield Todo(title, url, "folder2-open", people, when)


def of_registrar(session: Session, actor: Actor, registry: home.Registry) -> Iterator[Todo]:
    """Yield what the certifying bodies of a registrar ask of them."""
    bodies = actor.organisations(Permission.JURY_WRITE)
    for appeal_id, reference, received_on in awaited.appeals_to_answer(session, bodies)[:NAMED]:
        title = _("Répondre à un recours (jury %(reference)s)", reference=reference)
        is_late = (clock.today() - received_on).days > _LATE_APPEAL
        why = _("Reçu le %(day)s", day=day(received_on))
        yield Todo(title, url_for("juries.answer", appeal_id=appeal_id), "envelope-open", why, is_late=is_late)
    for jury, is_signed in awaited.sessions_to_publish(session, bodies):
        title = _("Publier les résultats du jury %(reference)s", reference=jury.reference)
        why = _("Le procès-verbal est signé.") if is_signed else _("Des signatures du procès-verbal manquent encore.")
        yield Todo(title, url_for("juries.minutes", jury_id=jury.id), "send", why, on(jury.held_on))
    yield from _certificates(registry)
    yield from _sessions(registry)
    yield from _declarations(session, actor)


def _certificates(registry: home.Registry) -> Iterator[Todo]:
    for jury_id, reference, due in registry.to_issue:
        title = ngettext("Délivrer %(num)d certificat", "Délivrer %(num)d certificats", due)
        why = _("Résultats du jury %(reference)s publiés, certificats non délivrés", reference=reference)
        yield Todo(title, url_for("certificates.of_session", jury_id=jury_id), "award", why)


def _sessions(registry: home.Registry) -> Iterator[Todo]:
    for line in registry.deliberating:
        title = _("Suivre la délibération du jury %(reference)s", reference=line.jury.reference)
        why = _("%(done)s décisions sur %(total)s", done=line.decided, total=line.candidates)
        yield Todo(title, url_for("juries.show", jury_id=line.jury.id), "calendar-check", why, on(line.jury.held_on))
    for line in registry.to_prepare:
        title = _("Préparer le jury %(reference)s", reference=line.jury.reference)
        if line.jury.state == "convened":
            title = _("Ouvrir le jury %(reference)s", reference=line.jury.reference)
        why = ngettext("%(num)d candidature pour l’instant", "%(num)d candidatures pour l’instant", line.candidates)
        is_late = line.jury.held_on < clock.today()
        url = url_for("juries.show", jury_id=line.jury.id)
        yield Todo(title, url, "calendar-event", why, on(line.jury.held_on), is_late)
    if registry.ready:
        count = len(registry.ready)
        title = ngettext("Présenter %(num)d candidature à un jury", "Présenter %(num)d candidatures à un jury", count)
        why = _("Dossier complet et tous les blocs évalués.")
        yield Todo(title, url_for("juries.index"), "people", why)


def _declarations(session: Session, actor: Actor) -> Iterator[Todo]:
    bodies = declarations.declarants(session, actor)
    stands = declarations.overviews(session, [body.id for body in bodies])
    for body in bodies:
        found = stands.get(body.id)
        if found is None or not found.due:
            continue
        title = ngettext(
            "Déclarer %(num)d personne certifiée à la Caisse des Dépôts",
            "Déclarer %(num)d personnes certifiées à la Caisse des Dépôts",
            found.due,
        )
        why = _("Trois mois au plus après la délivrance (C. trav. R6113-17-2).")
        if len(bodies) > 1:
            why = _("« %(name)s » : trois mois au plus après la délivrance (C. trav. R6113-17-2).", name=body.name)
        url = url_for("declarations.index", body=body.id)
        yield Todo(title, url, "bank", why, is_late=bool(found.late))


def of_identities(session: Session, actor: Actor) -> Iterator[Todo]:
    """Yield the identities that wait for somebody to compare them with the document."""
    if actor.may(Permission.IDENTITY_WRITE) and (count := identities.to_check_count(session, actor)):
        title = ngettext("Vérifier %(num)d identité", "Vérifier %(num)d identités", count)
        why = _("À comparer à la pièce d’état civil, avant que le certificat la porte.")
        yield Todo(title, url_for("identities.index", state="to_check"), "person-badge", why)


def of_seals(session: Session, actor: Actor) -> Iterator[Todo]:
    """Yield the sealing certificates that an authority delivered and that end soon, or have ended."""
    bodies = organisations.organisations_with(session, actor, Permission.SEAL_WRITE)
    keys = seals.current_keys(session, [body.id for body in bodies])
    for body in bodies:
        key = keys.get(body.id)
        # One made here follows by itself.
        if key is None or key.is_self_made or key.not_after - clock.now() >= NEAR:
            continue
        has_ended = key.not_after <= clock.now()
        why = _("Son certificat prend fin le %(day)s.", day=day(key.not_after))
        if has_ended:
            why = _("Son certificat a pris fin le %(day)s : plus rien ne peut être scellé.", day=day(key.not_after))
        title = _("Remplacer le sceau de « %(name)s »", name=body.name)
        yield Todo(title, url_for("seals.show", organisation_id=body.id), "shield-check", why, is_late=has_ended)


def of_candidate(session: Session, actor: Actor, path: home.OwnPath) -> Iterator[Todo]:
    """Yield what somebody presented to a jury has to do."""
    jury = awaited.next_session_of(session, path.enrolment.id)
    if jury is not None and identities.known_of(session, actor.user_id).last is None:
        why = _(
            "Le certificat porte votre nom d’état civil : donnez-le avant le jury du %(day)s.", day=day(jury.held_on)
        )
        yield Todo(_("Donner votre identité"), url_for("identities.own"), "person-badge", why, is_late=True)
