"""Addresses of the procedure page and of coded actions."""

from flask import Blueprint

from certify.fragility.views import actions, counts, procedure

bp = Blueprint("fragility", __name__)
bp.add_url_rule("/procedure", "procedure", procedure.show)
bp.add_url_rule("/groups/<uuid:group_id>/procedure", "procedure", procedure.show)
bp.add_url_rule("/fragility", "own", actions.own)
bp.add_url_rule("/fragility", "record", actions.record, methods=["POST"])
bp.add_url_rule("/fragility/<uuid:action_id>/follow-ups", "follow_up", actions.follow_up, methods=["POST"])
bp.add_url_rule("/fragility/<uuid:action_id>/strike", "strike", actions.strike, methods=["POST"])
bp.add_url_rule("/fragility/procedures", "note_procedure", actions.note_procedure, methods=["POST"])
bp.add_url_rule(
    "/fragility/procedures/<uuid:procedure_id>/strike", "strike_procedure", actions.strike_procedure, methods=["POST"]
)
bp.add_url_rule("/fragility/counts", "counts", counts.index)
