"""A trainee's whole file as an archive: the deposited files, the document, the same facts as JSON and as tables."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock, files
from certify.core.files import safe_name
from certify.core.i18n import gettext as _
from certify.evidence.queries import EvidenceItem
from certify.organisations.models import Organisation
from certify.reports.exporting.archives import Archive, Table
from certify.reports.exporting.trainee_document import STATES, render
from certify.reports.services.exports import Order
from certify.reports.whole_file import Signed, WholeFile, whole_file


def trainee_archive(session: Session, order: Order) -> bytes:
    """Return the archive of the whole file of an enrolment."""
    enrolment = session.get_one(Enrolment, order.subject_id)
    file = whole_file(session, enrolment, made_at=clock.now())
    body = session.get_one(Organisation, enrolment.training_body_id)
    deposited = [item for item in file.items if item.storage_key]
    total = len(deposited) + 3
    with Archive({"subject": file.path.trainee.name, "enrolment_id": str(enrolment.id)}, file.made_at) as archive:
        tables = list(tables_of(file))
        archive.add_json("dossier.json", {table.name: table.objects() for table in tables})
        archive.add_tables(tables, "tableaux")
        order.note(1, total)
        archive.add("dossier.pdf", render(file, is_demo=body.is_demo))
        order.note(2, total)
        for number, item in enumerate(deposited, 1):
            content = files.read(item.storage_key)
            archive.add(_name(number, item), content, evidence_id=str(item.id), deposited_sha256=item.sha256)
            order.note(2 + number, total)
        content = archive.finish()
    order.note(total, total)
    return content


def _name(number: int, item: EvidenceItem) -> str:
    """Return where a deposited file goes: numbered, since two may bear the same name."""
    return f"preuves/{number:03d}-{safe_name(item.filename)}"


def tables_of(file: WholeFile) -> Iterator[Table]:
    """Yield every table of a whole file."""
    path = file.path
    yield Table(
        "identite",
        [("name", _("Nom")), ("email", _("Adresse")), ("cohort", _("Promotion")), ("training_body", _("Organisme")),
         ("access_route", _("Voie d’accès")), ("entered_on", _("Entrée en formation")), ("framework", _("Référentiel")),
         ("version", _("Version"))],
        [(path.trainee.name, path.trainee.address, path.cohort.name, path.training_body,
          path.enrolment.access_route.value, path.enrolment.entered_on, path.framework.code, path.framework.version)],
    )  # fmt: skip
    yield _standing(file)
    yield _assessments("evaluations", file.assessments)
    yield _ratings("evaluations-indicateurs", file.assessments)
    yield _assessments("auto-evaluations", file.own)
    yield _ratings("auto-evaluations-indicateurs", file.own)
    yield _entries(file)
    yield _evidence(file)
    yield _half_days(file)
    yield Table(
        "dates",
        [("on", _("Date")), ("what", _("Événement")), ("detail", _("Précision"))],
        [(one.on, one.what, one.detail) for one in file.happenings],
    )


def _standing(file: WholeFile) -> Table:
    columns = [
        ("block", _("Bloc")), ("competency", _("Compétence")), ("title", _("Intitulé")), ("level", _("Niveau proposé")),
        ("is_disputed", _("Avis en désaccord")), ("acquired", _("Indicateurs acquis")),
        ("proved", _("Indicateurs prouvés")),
        ("indicators", _("Indicateurs")),
    ]  # fmt: skip
    rows = [
        (block.block.code, part.code, part.competency.title.fr, part.level, part.proposal.is_disputed,
         part.tally.acquired, part.covered.covered, part.covered.total)
        for block in file.path.blocks
        for part in block.competencies
    ]  # fmt: skip
    return Table("competences", columns, rows)


def _assessments(name: str, signed: tuple[Signed, ...]) -> Table:
    columns = [
        ("id", _("Identifiant")), ("kind", _("Nature")), ("held_on", _("Moment évalué")), ("assessor", _("Par")),
        ("signed_at", _("Signée le")), ("seal", _("Sceau SHA-256")), ("is_superseded", _("Remplacée")),
        ("version", _("Version du référentiel")), ("comment", _("Commentaire")),
    ]  # fmt: skip
    rows = [
        (str(one.assessment.id), str(one.assessment.kind.label), one.assessment.held_on, one.assessor,
         one.assessment.signed_at, one.assessment.seal, one.is_superseded, one.version, one.assessment.comment)
        for one in signed
    ]  # fmt: skip
    return Table(name, columns, rows)


def _ratings(name: str, signed: tuple[Signed, ...]) -> Table:
    columns = [
        ("assessment_id", _("Évaluation")), ("indicator", _("Indicateur")), ("level", _("Niveau")),
        ("level_code", _("Code du niveau")), ("confidence", _("Confiance, sur 4")), ("comment", _("Commentaire")),
    ]  # fmt: skip
    rows = [
        (str(one.assessment.id), said.indicator, said.level, said.level_code, said.confidence, said.comment)
        for one in signed
        for said in one.said
    ]
    return Table(name, columns, rows)


def _entries(file: WholeFile) -> Table:
    columns = [
        ("entry_id", _("Fiche")), ("version", _("Version")), ("submitted_at", _("Soumise le")),
        ("activity", _("Activité")),
        ("title", _("Titre")), ("happened_on", _("Date")), ("minutes", _("Minutes")), ("place", _("Lieu")),
        ("account", _("Ce qui s’est passé")), ("reflection", _("Ce que j’en retiens")),
        ("answers", _("Réponses au formulaire")),
        ("indicators", _("Indicateurs")),
        ("answer", _("Réponse")), ("answered_by", _("Par")), ("comment", _("Commentaire")),
    ]  # fmt: skip
    rows = [
        (str(entry.entry.id), one.row.number, one.row.submitted_at, str(one.content.activity.label), one.content.title,
         one.content.happened_on, one.content.minutes, one.content.place, one.content.account, one.content.reflection,
         "\n".join(f"{label} : {text}" for label, text in one.answers),
         sorted(one.content.all_indicators), one.answer.outcome.value if one.answer else "", one.reviewer,
         one.remarks)
        for entry in file.entries
        for one in entry.versions
    ]  # fmt: skip
    return Table("cahier", columns, rows)


def _evidence(file: WholeFile) -> Table:
    columns = [
        ("id", _("Identifiant")), ("kind", _("Nature")), ("state", _("État")), ("title", _("Titre")),
        ("filename", _("Fichier")), ("size", _("Octets")), ("sha256", _("SHA-256")), ("created_at", _("Déposée le")),
        ("obtained_on", _("Acquise le")), ("account", _("Récit")), ("answer", _("Réponse")),
        ("indicators", _("Indicateurs")),
    ]  # fmt: skip
    rows = [
        (str(one.id), one.kind.value, str(STATES[one.state]), one.title, one.filename, one.size, one.sha256,
         one.created_at, one.obtained_on, one.account, one.answer, [link.indicator for link in one.links])
        for one in file.items
    ]  # fmt: skip
    return Table("preuves", columns, rows)


def _half_days(file: WholeFile) -> Table:
    columns = [("on", _("Date")), ("half", _("Demi-journée")), ("title", _("Intitulé")), ("presence", _("Présence"))]
    rows = [
        (
            one.half_day.on,
            str(one.half_day.half.label),
            one.half_day.title,
            str(one.presence.label) if one.presence else "",
        )
        for one in file.half_days
    ]
    return Table("assiduite", columns, rows)
