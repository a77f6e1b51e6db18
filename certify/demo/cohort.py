"""One demonstration cohort: twelve trainees, their logbooks, assessments, jury and certificates."""

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

import competencies
from certify.accounts.models import User
from certify.assessments import services as assessments
from certify.assessments.models import AssessmentKind
from certify.assessments.policies import Rated
from certify.cohorts import services as cohorts
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor
from certify.demo import jury
from certify.demo.bodies import People, actor_of, email_of, make_user, session
from certify.demo.stories import STAGES, Stage, Story, comment, stories
from certify.frameworks.queries import framework_of
from certify.logbook import services as logbook
from certify.logbook.models import AiUse, EntryContent, LogbookEntry, ReviewOutcome

NAME = "Démonstration"
_DAY = timedelta(days=1)


def make(people: People, password_hash: str | None) -> Cohort:
    """Make the cohort and everything that happened in it."""
    started = clock.now() - 240 * _DAY
    with clock.at(started):
        cohort = cohorts.create_cohort(
            session(),
            people.actor("coordinator"),
            people.training_body,
            certifying_body=people.certifying_body,
            version=people.version,
            name=NAME,
            starts_on=clock.today(),
            ends_on=clock.today() + 365 * _DAY,
        )
    candidates: dict[str, list[Enrolment]] = {"past": [], "next": []}
    for index, stage in enumerate(STAGES, start=1):
        enrolment = _trainee(people, cohort, index, stage, password_hash)
        if stage.session:
            candidates[stage.session].append(enrolment)
    jury.hold(people, candidates)
    return cohort


def _trainee(people: People, cohort: Cohort, index: int, stage: Stage, password_hash: str | None) -> Enrolment:
    key = f"stagiaire-{index:02d}"
    invited = stage.key == "just enrolled"
    when = clock.now() - (3 if invited else 20 if stage.key == "begins" else 235) * _DAY
    with clock.at(when):
        user = make_user(
            key,
            "Stagiaire",
            f"{index:02d}",
            None if invited else password_hash,
        )
        enrolment = cohorts.enrol(
            session(),
            people.actor("coordinator"),
            cohort,
            email=email_of(key),
            given_name=user.given_name,
            family_name=user.family_name,
            access_route=AccessRoute.PRIOR_EXPERIENCE if index == 8 else AccessRoute.CONTINUING,
            entered_on=clock.today(),
            house_id=people.house.id,
        )
        if not invited:
            cohorts.change_state(session(), None, enrolment, state=EnrolmentState.ACTIVE)
        session().flush()
    if not invited:
        _position(people, enrolment, index, when + 4 * _DAY)
    _write_logbook(people, user, enrolment, stage, index)
    _assess(people, enrolment, stage, index)
    if stage.self_assessment:
        _look_at_oneself(user, enrolment, stage, index)
    return enrolment


def _write_logbook(people: People, user: User, enrolment: Enrolment, stage: Stage, index: int) -> None:
    written = stage.accepted + stage.submitted + stage.returned + stage.drafts
    last = clock.now() - stage.last_entry_days_ago * _DAY
    for turn in range(written):
        story = stories()[(turn + (0 if stage.accepted >= len(stories()) else index)) % len(stories())]
        moment = last - (written - 1 - turn) * 11 * _DAY
        entry = _entry(
            user, enrolment, story, moment, is_draft=turn >= written - stage.drafts, with_files=turn % 4 == 0
        )
        if turn < stage.accepted:
            _review(people, entry, moment + 2 * _DAY, ReviewOutcome.ACCEPTED, comment("accepted", turn + index), turn)
        elif turn < stage.accepted + stage.returned:
            _review(people, entry, moment + 2 * _DAY, ReviewOutcome.RETURNED, comment("returned", index), turn)


def _entry(
    user: User, enrolment: Enrolment, story: Story, moment: datetime, *, is_draft: bool, with_files: bool
) -> LogbookEntry:
    actor = actor_of(user)
    with clock.at(moment):
        entry = logbook.start(session(), actor, enrolment, activity=story.activity)
        session().flush()
        content = EntryContent(
            activity=story.activity,
            title=story.title,
            happened_on=clock.today(),
            minutes=story.minutes,
            place=story.place,
            account=story.account,
            reflection=story.reflection,
            indicators=story.indicators,
            values=story.values,
            ai_use=AiUse.WORDING if story.ai_account else AiUse.NONE,
            ai_account=story.ai_account,
        )
        logbook.save(session(), actor, entry, revision=entry.revision, content=content)
        session().flush()
        if with_files:
            logbook.attach(
                session(),
                actor,
                entry,
                stream=io.BytesIO(_photo(story.title)),
                filename="salle-avant-la-rencontre.jpg",
                title="La salle, avant l’arrivée",
                indicators=story.indicators[:2],
            )
            session().flush()
        if not is_draft:
            logbook.submit(session(), actor, entry, revision=entry.revision)
            session().flush()
    return entry


def _review(
    people: People, entry: LogbookEntry, moment: datetime, outcome: ReviewOutcome, text: str, turn: int
) -> None:
    with clock.at(min(moment, clock.now())):
        logbook.review(
            session(),
            people.actor("trainer" if turn % 3 else "second_trainer"),
            entry,
            number=1,
            outcome=outcome,
            comment=text,
        )
        session().flush()


def _position(people: People, enrolment: Enrolment, index: int, moment: datetime) -> None:
    """Assess a trainee on entry: what was already there, what was not, what could not be seen yet."""
    framework = framework_of(session(), enrolment.framework_version_id)
    levels = ("acquired", "partly_acquired", None, "not_acquired")
    ratings = {
        indicator.code: Rated(level, level is not None)
        for turn, competency in enumerate(framework.competencies)
        for level in (levels[(turn * 3 + index + turn // 4) % 4],)
        for indicator in competency.indicators
    }
    with clock.at(moment):
        actor = people.actor("trainer" if index % 2 else "second_trainer")
        _sign(actor, enrolment, AssessmentKind.POSITIONING, comment("entry", index), ratings)


def _sign(actor: Actor, enrolment: Enrolment, kind: AssessmentKind, text: str, ratings: dict[str, Rated]) -> None:
    made = assessments.start(session(), actor, enrolment, kind=kind, held_on=clock.today())
    session().flush()
    assessments.save(session(), actor, made, revision=made.revision, comment=text, ratings=ratings)
    assessments.sign(session(), actor, made)
    session().flush()


def _assess(people: People, enrolment: Enrolment, stage: Stage, index: int) -> None:
    framework = framework_of(session(), enrolment.framework_version_id)
    seen = _illustrated(stage, index)
    for turn, key in enumerate(("trainer", "second_trainer")[: stage.assessors]):
        # After the last entry was read, and never later than this morning.
        days_ago = max(0.1, stage.last_entry_days_ago - 3) - 0.04 * turn
        with clock.at(clock.now() - days_ago * _DAY):
            ratings = {
                indicator.code: _rating(framework, indicator.code, stage, index, turn, is_seen=indicator.code in seen)
                for indicator in framework.indicators
            }
            _sign(people.actor(key), enrolment, AssessmentKind.FORMATIVE, comment("overall", index + turn), ratings)


def _look_at_oneself(user: User, enrolment: Enrolment, stage: Stage, index: int) -> None:
    """Fill the grid in as the trainee does about their own path; half of it for a draft."""
    framework = framework_of(session(), enrolment.framework_version_id)
    seen, is_signed = _illustrated(stage, index), stage.self_assessment == "signed"
    known = framework.indicators if is_signed else framework.indicators[: len(framework.indicators) // 2]
    ratings = {
        one.code: _own_rating(position, is_seen=one.code in seen) for position, one in enumerate(known, start=index)
    }
    actor = actor_of(user)
    with clock.at(clock.now() - (stage.last_entry_days_ago + 6 if is_signed else 1) * _DAY):
        made = assessments.start_own(session(), actor, enrolment)
        assessments.save(
            session(), actor, made, revision=made.revision, comment=comment("own", index) if is_signed else "",
            ratings=ratings,
        )  # fmt: skip
        if is_signed:
            assessments.sign(session(), actor, made)


def _own_rating(position: int, *, is_seen: bool) -> Rated:
    if not is_seen:
        return Rated(None, False, "")
    is_partial = position % 3 == 0
    text = comment("own_indicator", int(is_partial)) if position % 5 == 0 else ""
    return Rated("partly_acquired" if is_partial else "acquired", True, text)


def _illustrated(stage: Stage, index: int) -> set[str]:
    known = stories()
    start = 0 if stage.accepted >= len(known) else index
    return {code for turn in range(stage.accepted) for code in known[(turn + start) % len(known)].indicators}


def _rating(
    framework: competencies.Framework, code: str, stage: Stage, index: int, turn: int, *, is_seen: bool
) -> Rated:
    if not is_seen:
        return Rated(None, False, "")
    position = [indicator.code for indicator in framework.indicators].index(code)
    level = "acquired"
    if framework.block_of(code).code == stage.weak_block or (
        stage.accepted < len(stories()) and (position + index) % 4 == 0
    ):
        level = "partly_acquired"
    if not stage.agrees and turn == 1 and position % 9 == 0:
        level = "not_acquired"
    text = {"acquired": "observed", "partly_acquired": "partial", "not_acquired": "missing"}[level]
    return Rated(level, True, comment(text, position + turn) if position % 3 == 0 else "")


def _photo(title: str) -> bytes:
    """Draw a picture of a room before a meeting: nobody in it."""
    image = Image.new("RGB", (960, 640), "#f3ece1")
    draw = ImageDraw.Draw(image)
    shade = sum(title.encode()) % 40
    draw.rectangle((0, 430, 960, 640), fill=(201 - shade, 176, 140))
    draw.ellipse((230, 440, 730, 600), fill="#e3f0ee", outline="#0b5d57", width=6)
    for x, colour in ((260, "#6d3b8e"), (420, "#a8402c"), (580, "#1d4e89")):
        draw.ellipse((x, 470, x + 90, 540), fill=colour)
    draw.rectangle((600 + shade, 120, 860, 330), fill="#dbe9f2", outline="#7a6a55", width=10)
    draw.line((730, 120, 730, 330), fill="#7a6a55", width=8)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
