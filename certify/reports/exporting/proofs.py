"""The Qualiopi proofs of a cohort: dated tables, a readable summary, and which indicators each of them serves.

Numbers are those of the national reference of quality (annex to chapter VI of title I of book III of the sixth part of
the Code du travail).
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.cohorts.forms import ROUTES, STATES
from certify.cohorts.models import Attendance, Cohort, Enrolment, EnrolmentState, TrainingSession
from certify.cohorts.queries import IN_ORDER, pauses_of, totals_of
from certify.core import clock
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.eligibility import queries as eligibility
from certify.evidence.queries import EvidenceItem, EvidenceKind, EvidenceState
from certify.frameworks.queries import framework_of
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.queries import BlockDecision, Candidacy, JuryDecision, JurySession, SessionState
from certify.organisations.models import Organisation
from certify.reports import statistics
from certify.reports.exporting.archives import Archive, Table
from certify.reports.services.exports import Order
from competencies import BlockOutcome, WholeOutcome


@dataclass(frozen=True)
class Proof:
    """One table, what it shows, and the indicators it serves."""

    table: Table
    title: str
    about: str
    indicators: tuple[int, ...]


@dataclass(frozen=True)
class _Cohort:
    """The cohort with everybody ever enrolled in it, by name."""

    row: Cohort
    enrolments: Mapping[uuid.UUID, Enrolment]
    names: Mapping[uuid.UUID, str]


def cohort_proofs(session: Session, order: Order) -> bytes:
    """Return the archive of the proofs of a cohort."""
    cohort = session.get_one(Cohort, order.subject_id)
    known = _known(session, cohort)
    made_at, proofs = clock.now(), []
    makers = (_positioning, _totals, _half_days, _adaptation, _conditions, _decisions, _rates)
    for number, maker in enumerate(makers, 1):
        proofs.append(maker(session, known))
        order.note(number, len(makers) + 1)
    body = session.get_one(Organisation, cohort.training_body_id)
    facts = {
        "cohort": cohort.name, "training_body": body.name, "period": [str(cohort.starts_on), str(cohort.ends_on)],
        "reference": _("Référentiel national qualité (Qualiopi)"), "is_demo": body.is_demo,
        "trainees": len(known.enrolments),
    }  # fmt: skip
    with Archive(facts, made_at) as archive:
        summary = current_app.jinja_env.get_template("documents/proofs/summary.html").render(
            cohort=cohort, body=body, proofs=proofs, made_at=made_at, locale=current_locale()
        )
        every = sorted({number for proof in proofs for number in proof.indicators})
        archive.add("synthese.html", summary.encode(), qualiopi_indicators=every)
        for proof in proofs:
            archive.add_tables([proof.table], "tableaux", title=proof.title, qualiopi_indicators=list(proof.indicators))
        content = archive.finish()
    order.note(len(makers) + 1, len(makers) + 1)
    return content


def _known(session: Session, cohort: Cohort) -> _Cohort:
    query = select(Enrolment, User).join(User, User.id == Enrolment.user_id).where(Enrolment.cohort_id == cohort.id)
    rows = session.execute(query.order_by(Enrolment.sort_name, Enrolment.id)).all()
    return _Cohort(cohort, {one.id: one for one, _user in rows}, {one.id: user.name for one, user in rows})


def _positioning(session: Session, known: _Cohort) -> Proof:
    query = (
        select(Assessment, User)
        .join(User, User.id == Assessment.assessor_id)
        .where(
            Assessment.enrolment_id.in_(known.enrolments),
            Assessment.kind == AssessmentKind.POSITIONING,
            Assessment.state == AssessmentState.SIGNED,
        )
        .order_by(Assessment.held_on, Assessment.id)
    )
    signed: dict[uuid.UUID, list[tuple[Any, ...]]] = {one: [] for one in known.enrolments}
    for row, user in session.execute(query):
        signed[row.enrolment_id].append((row.held_on, user.name, row.signed_at, row.seal))
    rows = [
        (known.names[one], known.enrolments[one].entered_on, *facts)
        for one, found in signed.items()
        for facts in found or [(None, "", None, "")]
    ]
    columns = [
        ("trainee", _("Stagiaire")), ("entered_on", _("Entrée en formation")), ("held_on", _("Positionnement du")),
        ("by", _("Fait par")), ("signed_at", _("Signé le")), ("seal", _("Sceau SHA-256")),
    ]  # fmt: skip
    about = _("Positionnement de chaque personne à l’entrée : quand, par qui, avec le sceau de la grille signée.")
    return Proof(Table("positionnement", columns, rows), _("Positionnement à l’entrée"), about, (8,))


def _totals(session: Session, known: _Cohort) -> Proof:
    totals = totals_of(session, list(known.enrolments))
    rows = [
        (name, str(STATES[known.enrolments[one].state]), totals[one].present, totals[one].excused, totals[one].absent,
         totals[one].expected)
        for one, name in known.names.items()
    ]  # fmt: skip
    columns = [
        ("trainee", _("Stagiaire")), ("state", _("Inscription")), ("present", _("Demi-journées suivies")),
        ("excused", _("Absences excusées")), ("absent", _("Absences")), ("expected", _("Demi-journées comptées")),
    ]  # fmt: skip
    about = _("Demi-journées suivies par chaque personne, sur celles dont la feuille a été remplie.")
    return Proof(Table("assiduite", columns, rows), _("Assiduité"), about, (12,))


def _half_days(session: Session, known: _Cohort) -> Proof:
    recorder = aliased(User)
    query = (
        select(TrainingSession, Attendance, recorder)
        .join(Attendance, Attendance.session_id == TrainingSession.id)
        .outerjoin(recorder, recorder.id == Attendance.recorded_by_id)
        .where(TrainingSession.cohort_id == known.row.id, TrainingSession.cancelled_at.is_(None))
        .order_by(*IN_ORDER, Attendance.recorded_at, Attendance.id)
    )
    rows = [
        (half_day.on, str(half_day.half.label), half_day.title, half_day.minutes, known.names[mark.enrolment_id],
         str(mark.presence.label), mark.recorded_at, user.name if user else "")
        for half_day, mark, user in session.execute(query)
        if mark.enrolment_id in known.names
    ]  # fmt: skip
    columns = [
        ("on", _("Date")), ("half", _("Demi-journée")), ("title", _("Intitulé")), ("minutes", _("Minutes")),
        ("trainee", _("Stagiaire")), ("presence", _("Présence")), ("recorded_at", _("Relevé le")),
        ("by", _("Relevé par")),
    ]  # fmt: skip
    about = _("Chaque relevé de présence, y compris ceux qu’un relevé plus récent a corrigés.")
    return Proof(Table("feuilles-de-presence", columns, rows), _("Feuilles de présence"), about, (12,))


def _adaptation(session: Session, known: _Cohort) -> Proof:
    found = [*_prior(session, known), *_pauses(session, known)]
    found += [
        (known.names[one], _("Voie d’accès particulière"), row.entered_on, str(ROUTES[row.access_route]), "")
        for one, row in known.enrolments.items()
        if row.access_route.value != "FC"
    ]
    columns = [
        ("trainee", _("Stagiaire")), ("what", _("Adaptation")), ("on", _("Date")), ("reason", _("Motif ou précision")),
        ("by", _("Décidée par")),
    ]  # fmt: skip
    about = _("Ce qui a été adapté pour chacun·e : acquis antérieurs reconnus, suspensions, voies d’accès.")
    return Proof(Table("adaptation", columns, sorted(found, key=lambda row: row[0])), _("Adaptation"), about, (10,))


def _prior(session: Session, known: _Cohort) -> Iterator[tuple[Any, ...]]:
    query = (
        select(EvidenceItem, User)
        .outerjoin(User, User.id == EvidenceItem.decided_by_id)
        .where(
            EvidenceItem.enrolment_id.in_(known.enrolments),
            EvidenceItem.kind == EvidenceKind.PRIOR,
            EvidenceItem.state == EvidenceState.ACCEPTED,
        )
        .order_by(EvidenceItem.decided_at, EvidenceItem.id)
    )
    for item, user in session.execute(query):
        what, on = _("Acquis antérieur accepté"), item.decided_at and item.decided_at.astimezone(clock.PARIS).date()
        yield known.names[item.enrolment_id], what, on, f"{item.title}. {item.answer}", user.name if user else ""


def _pauses(session: Session, known: _Cohort) -> Iterator[tuple[Any, ...]]:
    for enrolment_id, pauses in pauses_of(session, list(known.enrolments)).items():
        for pause in pauses:
            reason = str(pause.reason.label)
            yield known.names[enrolment_id], _("Formation suspendue"), pause.starts_on, reason, ""
            if pause.ends_on is not None:
                yield known.names[enrolment_id], _("Formation reprise"), pause.ends_on, reason, ""


def _conditions(session: Session, known: _Cohort) -> Proof:
    current = [row for row in known.enrolments.values() if row.state is not EnrolmentState.WITHDRAWN]
    files = eligibility.files_of(session, current)
    waived = eligibility.standing_derogations(session, [row.id for row in current])
    locale = current_locale()
    rows = []
    for row in current:
        file = files[row.id]
        exempted = [f"{file.label(one.requirement).to(locale)} ({one.reason})" for one in waived.get(row.id, ())]
        lacking = [one.label.to(locale) for one in file.lacking]
        is_eligible = _("oui") if file.is_eligible else _("non")
        rows.append((known.names[row.id], file.settled, len(file.asked), is_eligible, lacking, exempted))
    columns = [
        ("trainee", _("Stagiaire")), ("met", _("Conditions remplies")), ("asked", _("Conditions demandées")),
        ("is_eligible", _("Peut être présenté·e")), ("lacking", _("Ce qui manque")),
        ("derogations", _("Dérogations et motifs")),
    ]  # fmt: skip
    about = _("Conditions de présentation au jury de chaque personne, et dérogations accordées avec leur motif.")
    return Proof(Table("conditions-de-presentation", columns, rows), _("Conditions de présentation"), about, (16,))


def _decisions(session: Session, known: _Cohort) -> Proof:
    framework = framework_of(session, known.row.framework_version_id)
    blocks: dict[uuid.UUID, dict[str, str]] = {}
    query = (
        select(Enrolment.id, JurySession, JuryDecision, BlockDecision)
        .join(Candidacy, Candidacy.enrolment_id == Enrolment.id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(JuryDecision, JuryDecision.candidacy_id == Candidacy.id)
        .join(BlockDecision, BlockDecision.decision_id == JuryDecision.id)
        .where(Enrolment.cohort_id == known.row.id, JurySession.state == SessionState.PUBLISHED)
        .order_by(JurySession.held_on, JuryDecision.number)
    )
    last: dict[uuid.UUID, tuple[uuid.UUID, JurySession, JuryDecision]] = {}
    for enrolment_id, jury, decision, block in session.execute(query):
        last[decision.candidacy_id] = (enrolment_id, jury, decision)
        blocks.setdefault(decision.id, {})[block.block] = str(BLOCK_OUTCOMES[BlockOutcome(block.outcome)])
    rows = [
        (known.names[one], jury.reference, jury.held_on, str(WHOLE_OUTCOMES[WholeOutcome(decision.outcome)]),
         *(blocks[decision.id].get(block.code, "") for block in framework.blocks))
        for one, jury, decision in last.values()
    ]  # fmt: skip
    columns = [
        ("trainee", _("Stagiaire")), ("jury", _("Procès-verbal")), ("held_on", _("Jury du")),
        ("outcome", _("Certification")), *_block_columns(framework),
    ]  # fmt: skip
    about = _("Décision des jurys clos, en tout et bloc par bloc.")
    return Proof(Table("decisions", columns, rows), _("Évaluation des acquis"), about, (11,))


def _block_columns(framework: competencies.Framework) -> list[tuple[str, str]]:
    return [(f"block_{block.code}", _("Bloc %(number)s", number=block.number)) for block in framework.blocks]


def _rates(session: Session, known: _Cohort) -> Proof:
    results = statistics.results_of(session, [known.row.id])[known.row.id]
    framework = framework_of(session, known.row.framework_version_id)
    rates = [
        (_("Présentés sur inscrits"), results.presented),
        (_("Certification obtenue, sur présentés"), results.obtained),
        (_("Certification partiellement obtenue, sur présentés"), results.partly),
        (_("Certification refusée, sur présentés"), results.refused),
    ]
    for one in sorted(results.blocks(framework), key=lambda one: one.block.number):
        name = _("Bloc %(number)s acquis, sur décidés", number=one.block.number)
        rates.append((name, statistics.Rate(one.failed.of - one.failed.done, one.failed.of)))
    few = _("trop peu de personnes pour un taux")
    rows = [
        (name, rate.done, rate.of, round(rate.percentage, 1), "") if rate.is_shown else (name, "", rate.of, "", few)
        for name, rate in rates
    ]
    columns = [
        ("rate", _("Taux")), ("numerator", _("Numérateur")), ("denominator", _("Dénominateur")),
        ("percentage", _("Pour cent")), ("note", _("Remarque")),
    ]  # fmt: skip
    about = _("Taux de présentation et d’obtention, chacun avec son numérateur et son dénominateur.")
    return Proof(Table("resultats", columns, rows), _("Résultats"), about, (2, 3))
