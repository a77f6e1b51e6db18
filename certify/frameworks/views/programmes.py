"""Pages of what leads to a certification: the rules of its programme, and what the State recognises of it."""

import uuid
from itertools import pairwise

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.frameworks import programme_words, queries, services
from certify.frameworks.programme_forms import AGGREGATIONS, ASKED, ASSESSING, ProgrammeForm
from certify.frameworks.queries import Adopted
from certify.frameworks.recognition_forms import STATES, RecognitionForm
from certify.frameworks.rows import CHANGE, change_rows
from competencies import fidelity_words, jury_rules, jury_words
from competencies.thresholds import PUBLISHED, RANGES, USUAL_THRESHOLDS


@requires(Permission.FRAMEWORK_READ)
def programme(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show the rules of the programme, and let the certifying body change them."""
    adopted = queries.version_for(db.session, g.actor, version_id)
    return _programme(adopted, None)


@requires(Permission.FRAMEWORK_WRITE)
def set_programme(version_id: uuid.UUID) -> ResponseReturnValue:
    """Record the rules of the programme, or lengthen a list of the form."""
    adopted = _written(version_id)
    framework = queries.framework_of(db.session, version_id)
    form = ProgrammeForm()
    if change_rows(form, request.form.get(CHANGE, "")):
        return _programme(adopted, form)
    form.offer(current_locale())
    if form.validate_on_submit():
        row = next(iter(_rules(adopted)), None)
        content = form.content(row.rules.content if row else {}, framework)
        with form.showing_refusals():
            services.set_rules(db.session, g.actor, adopted.version, content=content, known=form.known_number)
            flash(_("Les règles du programme sont enregistrées. Les niveaux proposés les suivent."), "success")
            return redirect(url_for("frameworks.programme", version_id=version_id), code=303)
    return _programme(adopted, form), 422


def _rules(adopted: Adopted) -> list[queries.RulesRow]:
    return queries.rules_history(db.session, adopted.version.certifying_body_id, adopted.version.code)


def _programme(adopted: Adopted, form: ProgrammeForm | None) -> str:
    framework, locale = queries.framework_of(db.session, adopted.version.id), current_locale()
    history = _rules(adopted)
    content = history[0].rules.content if history else {}
    may_write = adopted.version.certifying_body_id in g.actor.organisations(Permission.FRAMEWORK_WRITE)
    form = form or ProgrammeForm.showing(content, history[0].rules.number if history else 0, framework)
    contents = [*(row.rules.content for row in history), {}]
    return render_template(
        "frameworks/programme.html", adopted=adopted, framework=framework, may_write=may_write,
        form=form.offer(locale), lines=programme_words.lines(content, framework, locale),
        fidelity=programme_words.fidelity_lines(content, locale), sources=fidelity_words.SOURCES.values(),
        juries=programme_words.jury_lines(content, locale), jury_sources=jury_words.SOURCES,
        jury_usual={line.key: line.value for line in programme_words.jury_lines({}, locale)},
        jury_figures=tuple(jury_rules.RANGES),
        usual={name: getattr(USUAL_THRESHOLDS, name) for name in RANGES}, publishing=PUBLISHED,
        history=[
            (row, programme_words.changes(before, after, framework, locale))
            for row, (after, before) in zip(history, pairwise(contents), strict=True)
        ],
        aggregations=AGGREGATIONS, assessing=ASSESSING, asked=ASKED,
    )  # fmt: skip


def _written(version_id: uuid.UUID) -> Adopted:
    adopted = queries.version_for(db.session, g.actor, version_id)
    if adopted.version.certifying_body_id not in g.actor.organisations(Permission.FRAMEWORK_WRITE):
        raise NotFound()
    return adopted


@requires(Permission.FRAMEWORK_WRITE)
def recognition(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show to the certifying body what is recorded of the recognition of a framework, and let it change it."""
    return _recognition(_written(version_id), None)


@requires(Permission.FRAMEWORK_WRITE)
def recognise(version_id: uuid.UUID) -> ResponseReturnValue:
    """Record what the State and public classifications say of a framework, or lengthen a list of the form."""
    adopted = _written(version_id)
    form = RecognitionForm()
    if change_rows(form, request.form.get(CHANGE, "")):
        return _recognition(adopted, form)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.recognise(db.session, g.actor, adopted.version, form.said(), known=form.known_number)
            flash(_("La reconnaissance est enregistrée."), "success")
            return redirect(url_for("frameworks.recognition", version_id=version_id), code=303)
    return _recognition(adopted, form), 422


def _recognition(adopted: Adopted, form: RecognitionForm | None) -> str:
    body_id, code = adopted.version.certifying_body_id, adopted.version.code
    history = queries.recognition_history(db.session, body_id, code)
    form = form or RecognitionForm.showing(history[0].recognition if history else None)
    return render_template(
        "frameworks/recognition.html", adopted=adopted, form=form, history=history, states=STATES,
        in_force=queries.recognition_of(db.session, body_id, code, clock.today()),
    )  # fmt: skip
