"""What the demonstration's trainees do in the field: groups and their meetings, supervision, actions, requests."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, HalfDay
from certify.cohorts.models import Presence as Came
from certify.core import clock
from certify.core.access import Actor
from certify.demo.bodies import People, actor_of, session
from certify.evidence.services.deciding import accept
from certify.evidence.services.pieces import add_link, add_text, amend, submit
from certify.fragility import services as fragility
from certify.fragility.models import ActionKind, FollowUpKind
from certify.groups.models import LeavingReason, Meeting, Participant, PeerGroup, Presence, Rhythm
from certify.groups.models.rooms import RoomItem
from certify.groups.queries.rosters import roster_on
from certify.groups.services import attendance, composing, groups, meetings, members, series
from certify.observations.models import Way
from certify.observations.services import asking
from certify.practice import services as practice
from certify.supervision.models import SupervisionKind
from certify.supervision.services import planning, recording, signing

_DAY = timedelta(days=1)
_PLACE = "Crèche de quartier"
_THEMES = (
    "Le sommeil, et le nôtre",
    "Pleurs : ce que nous essayons",
    "La place de chaque parent",
    "Manger, une aventure",
    "Reprendre le travail",
    "Jouer sans matériel",
    "Les écrans à la maison",
    "Prendre soin de soi",
    "La famille et ses conseils",
)
_ROOM = tuple(item.value for item in RoomItem if item is not RoomItem.STROLLERS)


@dataclass(frozen=True)
class Plan:
    """One group of the demonstration."""

    code: str
    trainees: tuple[int, ...]
    """Numbers of those who facilitate it, from 1."""
    days_ago: int
    spread: int
    """Months between the youngest child and the eldest."""
    cancelled: tuple[int, ...] = ()
    """Which of its meetings did not take place."""
    is_behind: bool = False
    """Whether nobody has noted who came to the last meeting."""
    leaves_after: int = 0
    """Days after which one of the participants leaves; 0 when nobody does."""


_GROUPS = (
    Plan("G-01", (9, 10), days_ago=258, spread=2),
    Plan("G-02", (8,), days_ago=150, spread=3, cancelled=(4,), leaves_after=80),
    Plan("G-03", (3, 4), days_ago=75, spread=6, cancelled=(2, 3), is_behind=True),
)


def fill(people: People, cohort: Cohort) -> None:
    """Have the trainees of a cohort run their groups, be supervised, and hand in what they bring back."""
    query = select(Enrolment).where(Enrolment.cohort_id == cohort.id).order_by(Enrolment.sort_name)
    enrolments = dict(enumerate(session().scalars(query), start=1))
    # The same draw at each loading: what is shown in a picture can be found again.
    dice = random.Random(1000)  # nosec B311
    for plan in _GROUPS:
        _run(people, enrolments, plan, dice)
    _wait(people)
    _supervise(people, [enrolments[number] for number in (3, 4, 8, 9)])
    _act(enrolments[8])
    _bring(people, enrolments[8])
    _show_records(enrolments[9])
    _ask(enrolments[8])
    session().flush()


def _run(people: People, enrolments: Mapping[int, Enrolment], plan: Plan, dice: random.Random) -> None:
    opened = clock.now() - plan.days_ago * _DAY
    coordinator = people.actor("coordinator")
    with clock.at(opened):
        group = groups.open_group(
            session(), coordinator, people.training_body.id, code=plan.code, opened_on=clock.today(),
            facilitators=[enrolments[number].id for number in plan.trainees], house_id=people.house.id,
            place=_PLACE, referent_id=people.users["referent"].id,
        )  # fmt: skip
        who = _gather(people, group, plan, dice)
        first = clock.today() + 4 * _DAY
        pattern = series.Pattern(Rhythm.EVERY_TWO_WEEKS, first, first + 270 * _DAY, time(9, 30), 120, _PLACE)
        planned = series.plan(session(), coordinator, group, pattern)
    if plan.leaves_after:
        with clock.at(opened + plan.leaves_after * _DAY):
            members.leave(session(), coordinator, group, who[0], left_on=clock.today(), reason=LeavingReason.MOVED)
    author = actor_of(session().get_one(User, enrolments[plan.trainees[0]].user_id))
    ended = [one for one in planned if _end_of(one) < clock.now()]
    for number, meeting in enumerate(ended[:-1] if plan.is_behind else ended):
        _hold(author, meeting, number, plan, dice)


def _end_of(meeting: Meeting) -> datetime:
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def _gather(people: People, group: PeerGroup, plan: Plan, dice: random.Random) -> list[Participant]:
    youngest = clock.today() - 60 * _DAY
    return [
        members.add(
            session(), people.actor("referent"), group, month=youngest - dice.randint(0, plan.spread) * 30 * _DAY,
            is_due=False, joined_on=clock.today(),
        )
        for _ in range(10)
    ]  # fmt: skip


def _hold(author: Actor, meeting: Meeting, number: int, plan: Plan, dice: random.Random) -> None:
    with clock.at(_end_of(meeting)):
        if number in plan.cancelled:
            meetings.cancel(session(), author, meeting, reason="Salle indisponible ce jour-là")
            return
        local = meeting.starts_at.astimezone(clock.PARIS)
        meetings.amend(
            session(), author, meeting, revision=meeting.revision, at=local.time(), minutes=meeting.minutes,
            place=meeting.place, theme=_THEMES[number % len(_THEMES)],
        )  # fmt: skip
        meetings.check_room(session(), author, meeting, ready=_ROOM)
        rows = {}
        for seat in roster_on(session(), meeting.group_id, clock.today()):
            presence = dice.choices(list(Presence), weights=(17, 2, 1))[0]
            rows[seat.participant_id] = (presence, dice.random() < 0.2)
        attendance.take(session(), author, meeting, rows=rows, facilitator_present=True)
        session().flush()


def _wait(people: People) -> None:
    """Have families wait for a group: enough for two, and a few more."""
    today = clock.today()
    for index in range(14):
        months_ago = 1 + index % 4
        with clock.at(clock.now() - (40 - 2 * index) * _DAY):
            composing.wait(
                session(), people.actor("referent"), people.training_body.id, place=_PLACE if index < 11 else "PMI",
                month=_months_before(today, months_ago), is_due=False, since=clock.today(), house_id=people.house.id,
            )  # fmt: skip


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _supervise(people: People, trainees: list[Enrolment]) -> None:
    """Hold two sessions of practice analysis, signed by both sides, and plan the next one."""
    referent = people.actor("referent")
    for days_ago, theme in ((95, "Quand une parente prend toute la place"), (35, "Rester tiers de confiance")):
        with clock.at(clock.now() - days_ago * _DAY):
            held = planning.plan(
                session(), referent, kind=SupervisionKind.PRACTICE_ANALYSIS, on=clock.today(), half=HalfDay.MORNING,
                enrolments=trainees, minutes=180, place=people.house.name, theme=theme,
            )  # fmt: skip
            presences = {one.id: Came.PRESENT for one in trainees}
            recording.record_presence(session(), referent, held, presences=presences, revision=held.revision)
            for one in trainees:
                author = actor_of(session().get_one(User, one.user_id))
                signing.sign_as_trainee(session(), author, held, one, revision=held.revision)
            signing.sign_as_supervisor(session(), referent, held, revision=held.revision)
    planning.plan(
        session(), referent, kind=SupervisionKind.PRACTICE_ANALYSIS, on=clock.today() + 12 * _DAY,
        half=HalfDay.AFTERNOON, enrolments=trainees, minutes=180, place=people.house.name, theme="Le silence",
    )  # fmt: skip


def _act(enrolment: Enrolment) -> None:
    author = actor_of(session().get_one(User, enrolment.user_id))
    for days_ago, kind, came in (
        (70, ActionKind.LISTENED, FollowUpKind.IN_TOUCH),
        (66, ActionKind.INDIVIDUAL_MEETING, FollowUpKind.TAKEN_UP),
        (20, ActionKind.PMI, None),
    ):
        with clock.at(clock.now() - days_ago * _DAY):
            action = fragility.record(session(), author, enrolment, kind=kind, on=clock.today())
            session().flush()
            if came is not None:
                fragility.follow_up(session(), author, action, kind=came, on=clock.today())


def _bring(people: People, enrolment: Enrolment) -> None:
    """Hand in two pieces that stand by themselves."""
    author = actor_of(session().get_one(User, enrolment.user_id))
    with clock.at(clock.now() - 25 * _DAY):
        text = add_text(
            session(), author, enrolment, title="Déroulé type d’une rencontre",
            account="Accueil, tour de parole, thème choisi par le groupe, clôture : ce que j’ajuste à chaque fois.",
        )  # fmt: skip
        said = {"3.3.1": "J’y décris comment la salle invite à rester.", "3.4.1": ""}
        amend(session(), author, enrolment, text, title=text.title, account=text.account, reflections=said)
        submit(session(), author, enrolment, text)
        accept(session(), people.actor("trainer"), text, answer="Clair, et déjà utile aux autres.")
    with clock.at(clock.now() - 2 * _DAY):
        link = add_link(
            session(), author, enrolment, url="https://www.1000-premiers-jours.fr/", title="Mes repères pour la veille"
        )
        amend(
            session(), author, enrolment, link, title=link.title, account="", url=link.url,
            reflections={"1.1.1": "Je la relis avant chaque rencontre."},
        )  # fmt: skip
        submit(session(), author, enrolment, link)


def _show_records(enrolment: Enrolment) -> None:
    """Propose as evidence what the records of the longest group show."""
    author = actor_of(session().get_one(User, enrolment.user_id))
    with clock.at(clock.now() - _DAY):
        practice.propose_finding(session(), author, enrolment, rule="meetings_held")


def _ask(enrolment: Enrolment) -> None:
    author = actor_of(session().get_one(User, enrolment.user_id))
    with clock.at(clock.now() - 3 * _DAY):
        wish = asking.Wish(
            Way.MAIL, "Responsable du lieu d’accueil", "Direction de la crèche", "lieu-accueil@demo.certify.test",
            message="Vous m’avez vue animer la semaine dernière : voudriez-vous dire ce que vous avez observé ?",
            indicators=("3.3.1", "3.4.1"),
        )  # fmt: skip
        asking.ask(session(), author, enrolment, wish)
