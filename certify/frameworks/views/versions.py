"""Pages of a version's life: what changes, what becomes of former indicators, its putting in force, its archiving."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.frameworks import forms, policies, queries, services
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import activation, drafts
from competencies.revision import Fate, PartKind


@requires(Permission.FRAMEWORK_READ)
def difference(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show what changes from the version it was made from, or from another one chosen."""
    adopted = queries.version_for(db.session, g.actor, version_id)
    is_own = policies.may_read_drafts(g.actor, adopted.version)
    others = activation.siblings_of(db.session, adopted.version, drafts=is_own)
    asked = request.args.get("with", "") or str(adopted.version.predecessor_id or "")
    former = next((one for one in others if str(one.id) == asked), None)
    if former is None and request.args.get("with"):
        raise NotFound()
    page = None
    if former is not None:
        old, new = (activation.with_content(db.session, one.id) for one in (former, adopted.version))
        page = activation.difference_page(old, new, others)
    return render_template(
        "frameworks/difference.html", adopted=adopted, page=page, others=others, kinds=kind_words(),
        asked=former.id if former else None,
    )  # fmt: skip


def _mapped(version_id: uuid.UUID, *, lock: bool = False) -> tuple[FrameworkVersion, FrameworkVersion]:
    """Return a version and the one it was made from."""
    version = drafts.writable_version(db.session, g.actor, version_id, lock=lock)
    predecessor = activation.predecessor_of(db.session, version)
    if predecessor is None:
        raise NotFound()
    return version, predecessor


@requires(Permission.FRAMEWORK_WRITE)
def mapping(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show what becomes of each indicator of the former version."""
    version, predecessor = _mapped(version_id)
    page = activation.mapping_page(version, predecessor, activation.rows_of(version), current_locale())
    return _mapping_page(page)


def _mapping_page(page: activation.MappingPage) -> ResponseReturnValue:
    return render_template(
        "frameworks/mapping.html", page=page, fates=fate_words(), may_edit=policies.may_edit(g.actor, page.version),
        numbers={row.indicator.code: number for number, row in enumerate(page.rows, 1)},
    )  # fmt: skip


@requires(Permission.FRAMEWORK_WRITE)
def save_mapping(version_id: uuid.UUID) -> ResponseReturnValue:
    """Save what becomes of each indicator, faults and all; a proposal takes the place of what is wrong when asked."""
    version, predecessor = _mapped(version_id, lock=True)
    codes = tuple(request.form.getlist("code"))
    rows = forms.typed_mapping(request.form, codes)
    form = forms.RevisionForm()
    if form.revision.data != version.revision and policies.may_edit(g.actor, version):
        page = activation.mapping_page(version, predecessor, rows, current_locale())
        differences = activation.mapping_differences(activation.rows_of(version), rows)
        template = "frameworks/mapping_conflict.html"
        return render_template(template, page=page, differences=differences, fates=fate_words()), 409
    version = services.save_mapping(db.session, g.actor, version, revision=form.revision.data or 0, mapping=rows)
    if request.form.get("do") == "propose":
        proposal = activation.proposed_again(version, predecessor)
        version = services.save_mapping(db.session, g.actor, version, revision=version.revision, mapping=proposal)
    flash(_("La correspondance est enregistrée."), "success")
    return redirect(url_for("frameworks.mapping", version_id=version.id), code=303)


@requires(Permission.FRAMEWORK_WRITE)
def activate(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is about to be frozen, or what blocks it; then put the version in force."""
    lock = request.method == "POST"
    version = drafts.writable_version(db.session, g.actor, version_id, lock=lock)
    if not lock and not policies.may_edit(g.actor, version):
        return redirect(url_for("frameworks.show", version_id=version_id), code=303)
    form = forms.ActivationForm(obj=version)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.activate(
                db.session, g.actor, version, revision=form.revision.data or 0,
                archives_predecessor=form.archives_predecessor.data,
            )  # fmt: skip
            flash(_("La version est en vigueur : son contenu ne change plus."), "success")
            return redirect(url_for("frameworks.show", version_id=version_id), code=303)
    page = activation.activation_page(db.session, version)
    return render_template("frameworks/activate.html", page=page, form=form), 422 if form.is_submitted() else 200


@requires(Permission.FRAMEWORK_WRITE)
def archive(version_id: uuid.UUID) -> ResponseReturnValue:
    """Stop offering a version to new cohorts."""
    services.archive(db.session, g.actor, drafts.writable_version(db.session, g.actor, version_id, lock=True))
    flash(_("La version est archivée : aucune nouvelle promotion ne peut la choisir."), "success")
    return redirect(url_for("frameworks.show", version_id=version_id), code=303)


@requires(Permission.FRAMEWORK_WRITE)
def publish(version_id: uuid.UUID) -> ResponseReturnValue:
    """Open a version to anybody, or close it again."""
    version = drafts.writable_version(db.session, g.actor, version_id, lock=True)
    is_public = request.form.get("is_public") == "1"
    services.publish(db.session, g.actor, version, is_public=is_public)
    message = _("La version est publique.") if is_public else _("La version n’est plus publique.")
    flash(message, "success")
    return redirect(url_for("frameworks.show", version_id=version_id), code=303)


def fate_words() -> dict[Fate, str]:
    """Return the words for what becomes of a former indicator."""
    return {
        Fate.KEPT: _("conservé"),
        Fate.SPLIT: _("scindé en plusieurs"),
        Fate.MERGED: _("fusionné avec un autre"),
        Fate.DROPPED: _("retiré, rien ne le remplace"),
    }


def kind_words() -> dict[PartKind, str]:
    """Return the words for the parts of a framework."""
    return {
        PartKind.FRAMEWORK: _("Référentiel"),
        PartKind.BLOCK: _("Bloc"),
        PartKind.COMPETENCY: _("Compétence"),
        PartKind.INDICATOR: _("Indicateur"),
    }
