"""What makes the demonstration a programme that lives: its rules, a version to come, half-days, a VAE, checks."""

from datetime import date, timedelta

from sqlalchemy import select

from certify.accounts.models import User
from certify.assessments import services as assessments
from certify.assessments.models import Assessment, Standing, Verdict, VerificationItem
from certify.cohorts import queries as cohort_reads
from certify.cohorts import services as cohorts
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState, HalfDay, Presence, VaeStepKind
from certify.core import clock
from certify.demo.bodies import People, actor_of, long_ago, session
from certify.evidence import services as evidence
from certify.frameworks import services as frameworks
from certify.frameworks.services.recognising import Recognised, RomeLink

_DAY = timedelta(days=1)
_RULES = {
    "hours": 6,
    "meetings": 2,
    "self_assessments": 1,
    "attendance": 80,
    "freshness": {"1": 12},
    "blocking": ["evidence", "assessed", "enrolled", "in_training"],
    "documents": [
        {
            "code": "charter",
            "label": {"fr": "Charte de confidentialité signée", "en": "Signed confidentiality charter"},
        },
    ],
}
_PRIOR = (
    ("Quatre ans d’animation d’un lieu d’accueil enfants-parents", 5, ("3.3.1", "3.4.1"), True),
    ("Réseau d’entraide de quartier pour jeunes parents", 2, ("2.1.1",), False),
)
_PRIOR_ACCOUNT = (
    "J’accueillais chaque semaine des parents et leurs tout-petits avec une collègue. J’y ai appris à préparer la "
    "salle, à laisser de la place au silence et à passer le relais quand une question dépassait mon rôle."
)
_TRAINING_DAYS = (("Accueil et cadre du programme", 220), ("Écoute active", 150), ("Repérer les fragilités", 60))


def set_rules(people: People) -> None:
    """Give the programme its rules, say that it is registered nowhere, and begin the version that comes next."""
    with clock.at(long_ago()):
        _set_rules(people)


def _set_rules(people: People) -> None:
    registrar = people.actor("registrar")
    frameworks.set_rules(session(), registrar, people.version, content=_RULES, known=0)
    near = (
        RomeLink("K1202", "Éducateur / Éducatrice de jeunes enfants"),
        RomeLink("K1201", "Assistant social / Assistante sociale"),
    )
    frameworks.recognise(session(), registrar, people.version, Recognised(rome=near), known=0)
    frameworks.new_version(session(), registrar, people.version, number="2027")
    session().flush()


def fill(people: People, cohort: Cohort) -> None:
    """Hold the training days of a cohort, follow its VAE, retain a level, draw a sample to verify."""
    enrolments = list(
        session().scalars(select(Enrolment).where(Enrolment.cohort_id == cohort.id).order_by(Enrolment.sort_name))
    )
    for title, days_ago in _TRAINING_DAYS:
        _hold(people, cohort, title, clock.today() - days_ago * _DAY)
    for enrolment in enrolments:
        if enrolment.access_route is AccessRoute.PRIOR_EXPERIENCE:
            _follow_vae(people, enrolment)
            _tell_prior_learning(people, enrolment)
    _retain(people, enrolments)
    _verify(people, cohort)


def _hold(people: People, cohort: Cohort, title: str, on: date) -> None:
    actor = people.actor("coordinator")
    with clock.at(clock.now() - (clock.today() - on)):
        halves = cohorts.plan_half_days(
            session(), actor, cohort, days=[on], halves=list(HalfDay), title=title, minutes=180
        )
        session().flush()
        for half_day in halves:
            sheet = cohort_reads.sheet_of(session(), half_day)
            presences = {
                row.enrolment_id: Presence.EXCUSED if (index + on.day) % 7 == 0 else Presence.PRESENT
                for index, row in enumerate(sheet.rows)
            }
            cohorts.record_attendance(session(), actor, cohort, half_day, presences=presences, revision=sheet.revision)
            session().flush()


def _follow_vae(people: People, enrolment: Enrolment) -> None:
    steps = (
        (VaeStepKind.FEASIBILITY_FILED, 200), (VaeStepKind.ADMITTED, 160), (VaeStepKind.STEP_TAKEN, 120),
        (VaeStepKind.VALIDATION_FILED, 30),
    )  # fmt: skip
    for kind, days_ago in steps:
        on = clock.today() - days_ago * _DAY
        cohorts.record_step(session(), people.actor("coordinator"), enrolment, kind=kind, on=on)
        session().flush()


def _retain(people: People, enrolments: list[Enrolment]) -> None:
    """Settle one of the disputes of the first trainee on whom assessors disagree."""
    for enrolment in enrolments:
        standing = session().get(Standing, enrolment.id)
        if enrolment.state is EnrolmentState.ACTIVE and standing is not None and standing.disputed:
            name = session().get_one(User, enrolment.user_id).given_name
            assessments.retain(
                session(), people.actor("trainer"), enrolment, standing.disputed[0], level="acquired",
                comment=f"{name} : vu en réunion de calibrage, la seconde observation lève le doute.",
            )  # fmt: skip
            return


def _tell_prior_learning(people: People, enrolment: Enrolment) -> None:
    """Have what somebody knew before the training accepted, and one more piece wait for an answer."""
    actor = actor_of(session().get_one(User, enrolment.user_id))
    for title, years, indicators, is_answered in _PRIOR:
        with clock.at(clock.now() - (150 if is_answered else 4) * _DAY):
            item = evidence.declare_prior(
                session(), actor, enrolment, title=title, obtained_on=clock.today() - years * 365 * _DAY,
                account=_PRIOR_ACCOUNT, indicators=indicators,
            )  # fmt: skip
            evidence.submit_prior(session(), actor, enrolment, item)
            if is_answered:
                evidence.accept(session(), people.actor("trainer"), item, answer="Expérience longue et bien racontée.")
        session().flush()


def _verify(people: People, cohort: Cohort) -> None:
    """Draw a sample of the signed assessments, and read the first of them again."""
    actor = people.actor("coordinator")
    draw = assessments.draw_sample(session(), actor, cohort, percentage=20, seed="démonstration")
    query = select(VerificationItem).where(VerificationItem.draw_id == draw.id).order_by(VerificationItem.id).limit(1)
    item = session().scalars(query).one()
    assessment = session().get_one(Assessment, item.assessment_id)
    assessments.give_verdict(session(), actor, item, assessment, verdict=Verdict.CONFIRMED, comment="")
