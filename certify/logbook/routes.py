"""Addresses of the logbook, in the order a trainee, then a trainer, meets them."""

from flask import Blueprint

from certify.logbook.views import editing, importing, reading, reviewing, sheets, templates, writing

bp = Blueprint("logbook", __name__)
bp.add_url_rule("/logbook", "index", reading.index)
bp.add_url_rule("/logbook/new", "new", writing.new, methods=["GET", "POST"])
bp.add_url_rule("/logbook/counters", "counters", reading.counters)
bp.add_url_rule("/logbook/templates", "templates", templates.templates)
bp.add_url_rule("/logbook/templates/<uuid:template_id>/start", "start_from", templates.start_from, methods=["POST"])
bp.add_url_rule(
    "/logbook/templates/<uuid:template_id>", "rename_template", templates.rename_template, methods=["GET", "POST"]
)
bp.add_url_rule(
    "/logbook/templates/<uuid:template_id>/retire", "retire_template", templates.retire_template, methods=["POST"]
)
bp.add_url_rule("/logbook/import", "import_new", importing.deposit, methods=["GET", "POST"])
bp.add_url_rule(
    "/logbook/import/<uuid:import_id>/columns", "import_columns", importing.columns, methods=["GET", "POST"]
)
bp.add_url_rule("/logbook/import/<uuid:import_id>/preview", "import_preview", importing.preview)
bp.add_url_rule("/logbook/import/<uuid:import_id>/faults.csv", "import_faults", importing.faults)
bp.add_url_rule("/logbook/import/<uuid:import_id>/confirm", "import_confirm", importing.confirm, methods=["POST"])
bp.add_url_rule("/logbook/import/<uuid:import_id>/abandon", "import_abandon", importing.abandon, methods=["POST"])
bp.add_url_rule("/logbook/import/<uuid:import_id>", "import_show", importing.show, methods=["GET", "POST"])
bp.add_url_rule("/logbook/sheets", "sheets", sheets.index)
bp.add_url_rule("/logbook/sheet.pdf", "sheet", sheets.sheet)
bp.add_url_rule("/logbook/scan", "scan", sheets.scan, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/edit", "edit", writing.edit, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/autosave", "autosave", writing.autosave, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/evidence", "attach", writing.attach, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/form", "take_newer_form", writing.take_newer_form, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/template", "keep_template", templates.keep_template, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/submit", "submit", writing.submit, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/amend", "amend", writing.amend, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/discard", "discard", writing.discard, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/resume", "resume", writing.resume, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>", "show", reading.show)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/logbook", "trainee", reading.trainee)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/logbook/counters", "trainee_counters", reading.trainee_counters)
bp.add_url_rule("/reviews", "reviews", reviewing.queue)
bp.add_url_rule("/reviews/<uuid:entry_id>", "review", reviewing.review, methods=["GET", "POST"])
bp.add_url_rule("/entry-forms", "forms", editing.index)
bp.add_url_rule("/entry-forms/<uuid:organisation_id>/<activity>", "edit_form", editing.edit, methods=["GET", "POST"])
bp.add_url_rule(
    "/entry-forms/<uuid:organisation_id>/<activity>/shipped", "restore_form", editing.restore, methods=["POST"]
)
bp.add_url_rule("/entry-forms/versions/<uuid:form_id>", "form_version", editing.version)
