"""Two people on the same draft at the very same moment."""

from collections.abc import Callable
from threading import Barrier, Thread
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from certify.core.access import Actor
from certify.core.db import db
from certify.core.errors import Refusal
from certify.frameworks import services
from certify.frameworks.models import FrameworkVersion, VersionState
from tests.factories.drafts import filled, make_empty_draft, make_registrar

Work = Callable[[Session, FrameworkVersion], object]


def at_once(app: Flask, version_id: UUID, works: list[Work]) -> list[object]:
    """Do several pieces of work on a version, each in its own thread and transaction; give what each gave or raised."""
    gate, results = Barrier(len(works)), [None] * len(works)

    def run(index: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[index] = works[index](db.session, db.session.get_one(FrameworkVersion, version_id))
                db.session.commit()
            except Refusal as refusal:
                db.session.rollback()
                results[index] = refusal
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def ready(session: Session) -> tuple[Actor, UUID, dict[str, object]]:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    document, version_id = filled(draft.content), draft.id
    services.save(session, actor, draft, revision=1, document=document)
    session.commit()
    return actor, version_id, document


def test_of_two_saves_from_the_same_revision_one_wins_and_the_other_is_told(app: Flask, session: Session) -> None:
    actor, version_id, document = ready(session)

    def saver(title: str) -> Work:
        typed = document | {"title": {"fr": title, "en": title}}
        return lambda session_, version: services.save(session_, actor, version, revision=2, document=typed).title_fr

    results = at_once(app, version_id, [saver("Un"), saver("Deux")])
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "str"]
    session.expire_all()
    kept = session.get_one(FrameworkVersion, version_id)
    assert (kept.revision, kept.title_fr) == (3, next(one for one in results if isinstance(one, str)))


def test_what_is_written_while_it_is_put_in_force_is_told_so(app: Flask, session: Session) -> None:
    actor, version_id, document = ready(session)
    works: list[Work] = [
        lambda session_, version: services.activate(session_, actor, version, revision=2).digest,
        lambda session_, version: services.save(session_, actor, version, revision=2, document=document).revision,
    ]
    results = at_once(app, version_id, works)
    assert sum(isinstance(result, Refusal) for result in results) == 1
    session.expire_all()
    kept = session.get_one(FrameworkVersion, version_id)
    assert (kept.state is VersionState.ACTIVE) == isinstance(results[0], str)
