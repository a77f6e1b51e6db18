"""A small application that shows the components alone: our templates and scripts, pages of its own, no database."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, jsonify, redirect, render_template, render_template_string, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from certify.core import i18n, templating
from certify.core.resources import shipped

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'"
)
_ENTRY = """{% extends "layout.html" %}
{% from "components/page_head.html" import page_head %}{% from "components/error_summary.html" import error_summary %}
{% from "components/field.html" import field %}{% from "components/form_actions.html" import form_actions %}
{% block title %}Fiche{% endblock %}
{% block head %}{{ page_head('Fiche') }}{% endblock %}
{% block content %}{{ error_summary(form) }}
<form class="form" id="entry" method="post" action="/entry" enctype="multipart/form-data" novalidate
  {{ 'data-keep' if request.args.get('keep') else 'data-autosave=/autosave' }}>
  {{ form.csrf_token }}<input type="hidden" name="revision" value="1">
  {{ field(form.title) }}{{ field(form.day) }}{{ field(form.text) }}{{ field(form.concerns) }}
  {{ field(form.indicators, look='filter') }}{{ field(form.files, data_max_bytes=5000) }}{{ field(form.agree) }}
  {{ form_actions('Soumettre', autosave=True) }}
</form>{% endblock %}"""
_GRID = """{% extends "layout.html" %}
{% from "components/page_head.html" import page_head %}
{% from "components/grid_progress.html" import grid_progress %}
{% from "components/indicator_row.html" import indicator_row %}
{% from "components/confirm_form.html" import confirm_form %}
{% set choices = [('not_acquired', 'non acquis', '○', 'Reste en retrait.'),
  ('partly_acquired', 'partiellement acquis', '◐', 'Commence.'),
  ('acquired', 'acquis', '●', 'Fait circuler la parole.'), ('none', 'non observé', '–', '')] %}
{% block title %}Grille{% endblock %}
{% block head %}{% call page_head('Grille') %}
{{ confirm_form('/entry', 'Signer', 'Signer cette évaluation\u202f?') }}{% endcall %}{% endblock %}
{% block content %}<form method="post" action="/entry">{{ form.csrf_token }}{{ grid_progress(1, 3) }}
<section class="card block-edge-3" data-grid>{% for number in (1, 2, 3) %}
{{ indicator_row('3.1.%d'|format(number), 'Accueille chaque parent', 'level-%d'|format(number), choices,
  'acquired' if number == 1 else none, note_name='note-%d'|format(number)) }}{% endfor %}
</section></form>{% endblock %}"""


class EntryForm(FlaskForm):
    """One field of each kind."""

    title = StringField("Titre", [InputRequired("Donnez un titre."), Length(max=120)], description="Quelques mots.")
    day = DateField("Date", [Optional()])
    text = TextAreaField("Récit", [InputRequired("Racontez."), Length(max=300)])
    concerns = RadioField(
        "Concerne",
        choices=[SelectChoice("group", "Un groupe"), SelectChoice("partner", "Un partenaire")],
        validators=[Optional()],
    )
    indicators = SelectMultipleField(
        "Indicateurs",
        choices=[
            SelectChoice(f"{b}.{n}", f"{b}.{n} Repère les ressources", optgroup=f"Bloc {b}")
            for b in (1, 2)
            for n in range(1, 5)
        ],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    files = MultipleFileField("Pièces jointes")
    agree = BooleanField("J’ai vérifié")


@dataclass
class Desk:
    """What the server of the showroom answers, and what it was sent."""

    status: int = 200
    saved: list[dict[str, str]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in."""

    user_id: str = "visitor-1"
    name: str = "Stagiaire 03"
    initials: str = "S3"

    def may(self, _permission: str) -> bool:
        """Nobody does anything in a showroom."""
        return False


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    label: str
    url: str
    icon: str
    count: int = 0
    is_current: bool = False
    is_tab: bool = True


def make_showroom() -> Flask:
    """Build the application; `app.extensions["desk"]` is its Desk."""
    app = Flask("certify")
    app.config.update(SECRET_KEY="showroom", TESTING=True, DESK=Desk())
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(str(shipped("templates"))), DictLoader({"entry.html": _ENTRY, "grid.html": _GRID})]
    )  # type: ignore[assignment]
    i18n.init_app(app)
    templating.init_app(app)
    CSRFProtect(app)
    app.context_processor(_context)
    app.after_request(_set_policy)
    app.register_blueprint(_pages())
    app.register_blueprint(_security())
    app.add_url_rule("/entry", "entry", _entry, methods=["GET", "POST"])
    app.add_url_rule("/autosave", "autosave", _autosave, methods=["POST"])
    app.add_url_rule("/grid", "grid", lambda: render_template("grid.html", form=EntryForm()))
    app.add_url_rule("/kept", "kept", _kept, methods=["GET", "POST"])
    return app


def render(app: Flask, source: str, **values: Any) -> str:
    """Return what a fragment of template gives on a page of the showroom, in French."""
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        return render_template_string(source, **values)


def _context() -> dict[str, Any]:
    menu = [
        Entry("À faire", "/", "house", 3, is_current=True),
        Entry("Fiches", "/entry", "journal-text"),
        Entry("Aide", "/help", "question-circle", is_tab=False),
    ]
    return {
        "actor": Visitor(),
        "nav": menu,
        "organisation": None,
        "organisations": [],
        "locale": i18n.current_locale(),
        "is_demo": True,
    }


def _set_policy(response: Any) -> Any:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _pages() -> Blueprint:
    pages = Blueprint("pages", __name__)
    pages.add_url_rule(
        "/",
        "home",
        lambda: render_template_string(
            '{% extends "layout.html" %}{% block title %}Accueil{% endblock %}'
            "{% block head %}<h1>Accueil</h1>{% endblock %}"
        ),
    )
    pages.add_url_rule("/language", "switch_language", lambda: redirect(url_for("pages.home"), 303), methods=["POST"])
    pages.add_url_rule(
        "/organisation", "switch_organisation", lambda: redirect(url_for("pages.home"), 303), methods=["POST"]
    )
    return pages


def _security() -> Blueprint:
    security = Blueprint("security", __name__)
    security.add_url_rule("/login", "login", lambda: "")
    security.add_url_rule("/logout", "logout", lambda: redirect(url_for("pages.home"), 303), methods=["POST"])
    return security


def _desk() -> Desk:
    from flask import current_app

    desk: Desk = current_app.config["DESK"]
    return desk


def _entry() -> ResponseReturnValue:
    form = EntryForm()
    if request.method == "POST" and form.validate():
        _desk().sent.append(request.form.to_dict())
        return redirect(url_for("pages.home"), 303)
    return render_template("entry.html", form=form), 422 if request.method == "POST" else 200


def _autosave() -> ResponseReturnValue:
    desk = _desk()
    desk.saved.append(request.form.to_dict())
    if desk.status == 200:
        return jsonify(saved_at="2026-06-12T12:02:00+00:00", revision=len(desk.saved) + 1)
    return jsonify(message="Modifié par Formatrice B."), desk.status


def _kept() -> ResponseReturnValue:
    kept = [
        ("title", "Rencontre 7"),
        ("text", "Un récit.\nSur deux lignes."),
        ("revision", "3"),
        ("level", "a"),
        ("level", "b"),
    ]
    values = {
        "title": "Votre connexion a pris fin",
        "message": "Connectez-vous.",
        "kept": kept,
        "action": "/entry",
        "status": 401,
    }
    return render_template("errors/kept.html", **values), 401
