"""The home page: what to do now, in words, the most pressing first; then progress and what is at risk, by role."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from certify.assessments import queries as assessments
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.i18n import current_locale, ngettext
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.juries import queries as juries
from certify.pages import awarding
from certify.pages.todo import NAMED, Todo, on
from certify.reports import fieldwork, home
from competencies import Verdict

TOO_LONG = 7
"""Days after which an entry that waits for its answer is late; the software's own value."""


@dataclass(frozen=True)
class Home:
    """What the home page of somebody shows."""

    todos: list[Todo]
    path: home.OwnPath | None
    groups: list[fieldwork.OwnGroup]
    cohorts: list[home.CohortLine]
    registry: home.Registry | None
    seats: list[juries.Seated]
    may_enrol: bool


def home_of(session: Session, actor: Actor) -> Home:
    """Return the home page of a person, whatever the roles they hold together."""
    path = home.own_path(session, actor) if actor.may(Permission.OWN_PATH_READ) else None
    groups = fieldwork.own_groups(session, path.enrolment.id) if path else []
    cohorts = home.cohorts_under_way(session, actor) if actor.may(Permission.COHORT_READ) else []
    registry = home.registry(session, actor) if actor.may(Permission.JURY_WRITE) else None
    seats = juries.open_seats(session, actor) if actor.juries(Permission.JURY_READ) else []
    todos = [
        *awarding.of_jury(session, actor, seats),
        *_of_groups(groups),
        *(awarding.of_candidate(session, actor, path) if path else ()),
        *(_of_trainee(path) if path else ()),
        *_of_trainer(session, actor),
        *_of_staff(actor, cohorts),
        *_watched(fieldwork.groups_to_watch(session, actor)),
        *awarding.of_identities(session, actor),
        *(awarding.of_registrar(session, actor, registry) if registry else ()),
        *(awarding.of_seals(session, actor) if actor.may(Permission.SEAL_WRITE) else ()),
        *(_of_administrator(session) if actor.may(Permission.ADMINISTRATION_JOBS_RETRY) else ()),
    ]
    todos.sort(key=lambda todo: not todo.is_late)
    return Home(todos, path, groups, cohorts, registry, seats, actor.may(Permission.COHORT_WRITE))


def _of_groups(groups: list[fieldwork.OwnGroup]) -> Iterator[Todo]:
    """Yield the meetings whose attendance waits: the day after, it is already harder to remember."""
    for one in groups:
        for meeting in one.to_note[:NAMED]:
            held_on = meeting.starts_at.astimezone(clock.PARIS).date()
            title = _("Noter les présences du %(day)s", day=on(held_on))
            why = _("Groupe %(code)s", code=one.group.code)
            url = url_for("groups.attendance", meeting_id=meeting.id)
            yield Todo(title, url, "check2-square", why, is_late=(clock.today() - held_on).days > 1)


def _watched(verdicts: Mapping[str, int]) -> Iterator[Todo]:
    """Yield the groups that no longer keep to the conditions of the programme, or are about to."""
    lost, at_risk = verdicts.get(Verdict.NOT_MET, 0), verdicts.get(Verdict.AT_RISK, 0)
    if lost:
        title = ngettext(
            "Regarder %(num)d groupe dont le cadre n’est pas tenu",
            "Regarder %(num)d groupes dont le cadre n’est pas tenu",
            lost,
        )
        why = _("Une condition du programme manque : la page du groupe dit laquelle, avec les lignes à l’appui.")
        yield Todo(title, url_for("groups.index", verdict=Verdict.NOT_MET.value), "exclamation-triangle", why)
    if at_risk:
        title = ngettext("Suivre %(num)d groupe à surveiller", "Suivre %(num)d groupes à surveiller", at_risk)
        why = _("Il est encore temps d’agir.")
        yield Todo(title, url_for("groups.index", verdict=Verdict.AT_RISK.value), "people", why)


def _of_trainee(path: home.OwnPath) -> Iterator[Todo]:
    for entry in path.returned:
        title = _("Compléter « %(title)s »", title=entry.title or _("Fiche sans titre"))
        url = url_for("logbook.show", entry_id=entry.id)
        why = _("Renvoyée avec un commentaire : reprenez-la, puis soumettez-la de nouveau.")
        yield Todo(title, url, "arrow-return-left", why, day(entry.returned_at), True)
    for entry in path.drafts[:NAMED]:
        title = _("Terminer « %(title)s »", title=entry.title or _("Fiche sans titre"))
        why = _("Brouillon que vous êtes seul·e à voir.")
        yield Todo(title, url_for("logbook.edit", entry_id=entry.id), "pencil", why, day(entry.saved_at))
    for indicator in path.next_missing[:2]:
        title = _("Apporter une preuve pour l’indicateur %(code)s", code=indicator.code)
        url = url_for("logbook.new", indicator=indicator.code)
        yield Todo(title, url, "journal-plus", indicator.wording.to(current_locale()))
    if path.certificates:
        why = _("Téléchargez-le, ou donnez l’adresse de sa page de vérification.")
        yield Todo(_("Consulter votre certificat"), url_for("certificates.mine"), "patch-check", why)


def _of_trainer(session: Session, actor: Actor) -> Iterator[Todo]:
    if actor.may(Permission.LOGBOOK_REVIEW):
        yield from _reviews(home.review_queue(session, actor))
        yield from _pieces(home.pieces_waiting(session, actor))
    if actor.may(Permission.ASSESSMENT_WRITE):
        for line in assessments.drafts_of(session, actor)[:NAMED]:
            url = url_for("assessments.edit", assessment_id=line.assessment.id)
            title = _("Terminer l’évaluation de %(name)s", name=line.trainee)
            if line.assessment.doubles_id:
                title = _("Terminer la double évaluation de %(name)s", name=line.trainee)
            yield Todo(title, url, "clipboard-data", str(line.assessment.kind.label), day(line.assessment.saved_at))
        yield from _to_redo(home.to_redo(session, actor))
        yield from _to_assess(assessments.trainees_to_assess(session, actor))


def _reviews(queue: home.ReviewQueue) -> Iterator[Todo]:
    if not queue.count:
        return
    title = ngettext("Relire %(num)d fiche du cahier", "Relire %(num)d fiches du cahier", queue.count)
    waited = ngettext("%(num)d jour", "%(num)d jours", queue.days)
    why = _("La plus ancienne attend depuis %(time)s.", time=waited) if queue.days else _("Arrivée aujourd’hui.")
    yield Todo(title, url_for("logbook.reviews"), "journal-check", why, is_late=queue.days > TOO_LONG)


def _pieces(waiting: int) -> Iterator[Todo]:
    if waiting:
        title = ngettext("Lire %(num)d preuve", "Lire %(num)d preuves", waiting)
        why = _("Pièces, acquis antérieurs et observations attendent d’être acceptés ou complétés.")
        yield Todo(title, url_for("evidence.reviews"), "file-earmark-text", why)


def _to_redo(found: list[home.ToRedo]) -> Iterator[Todo]:
    for one in found[:NAMED]:
        title = _("Reprendre l’évaluation de %(name)s", name=one.trainee)
        why = _("La vérification interne demande de la refaire.")
        url = url_for("assessments.show", assessment_id=one.assessment_id)
        yield Todo(title, url, "arrow-repeat", why, day(one.verified_at), True)


def _to_assess(waiting: list[assessments.Waiting]) -> Iterator[Todo]:
    for one in waiting[:NAMED]:
        why = ngettext(
            "%(num)d preuve acceptée depuis la dernière évaluation",
            "%(num)d preuves acceptées depuis la dernière évaluation",
            one.pieces,
        )
        url = url_for("assessments.start", enrolment_id=one.enrolment_id)
        yield Todo(_("Évaluer %(name)s", name=one.trainee), url, "clipboard-check", why, day(one.latest))
    rest = len(waiting) - NAMED
    if rest > 0:
        title = ngettext("Évaluer %(num)d autre stagiaire", "Évaluer %(num)d autres stagiaires", rest)
        yield Todo(title, url_for("assessments.index"), "clipboard-check", _("De nouvelles preuves ont été acceptées."))


def _of_staff(actor: Actor, cohorts: list[home.CohortLine]) -> Iterator[Todo]:
    for line in cohorts:
        body = line.cohort.training_body_id
        url = url_for("reports.cohort", cohort_id=line.cohort.id, situation="late")
        is_follower = body in actor.organisations(Permission.LOGBOOK_REVIEW) | actor.organisations(
            Permission.COHORT_WRITE
        )
        if line.late and is_follower:
            title = ngettext("Relancer %(num)d stagiaire", "Relancer %(num)d stagiaires", line.late)
            why = _("%(cohort)s : aucune fiche remise depuis plus de 15 jours", cohort=line.cohort.name)
            yield Todo(title, url, "clock-history", why, is_late=True)
        if line.disputed and body in actor.organisations(Permission.ASSESSMENT_WRITE):
            title = ngettext(
                "Vous accorder sur %(num)d compétence", "Vous accorder sur %(num)d compétences", line.disputed
            )
            why = _("%(cohort)s : les évaluateurs ne sont pas d’accord", cohort=line.cohort.name)
            url = url_for("reports.cohort", cohort_id=line.cohort.id, situation="disputed")
            yield Todo(title, url, "people", why)
        if line.invited and body in actor.organisations(Permission.ENROLMENT_WRITE):
            title = ngettext(
                "Suivre %(num)d invitation sans réponse", "Suivre %(num)d invitations sans réponse", line.invited
            )
            why = _("%(cohort)s : ces personnes n’ont pas encore ouvert leur compte", cohort=line.cohort.name)
            yield Todo(title, url_for("cohorts.enrolments", cohort_id=line.cohort.id, state="invited"), "envelope", why)


def _of_administrator(session: Session) -> Iterator[Todo]:
    failed = home.failed_jobs(session)
    if failed:
        title = ngettext("Relancer %(num)d tâche en échec", "Relancer %(num)d tâches en échec", failed)
        why = _("Tous les essais automatiques ont échoué : un courriel ou un document attend.")
        yield Todo(title, url_for("pages.administration_jobs"), "exclamation-triangle", why, is_late=True)
