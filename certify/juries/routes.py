"""Addresses of juries, in the order a registrar, then a member, meets them."""

from flask import Blueprint

from certify.juries.views import candidacies, composition, sessions

bp = Blueprint("juries", __name__)
bp.add_url_rule("/juries", "index", sessions.index)
bp.add_url_rule("/juries/new", "new", sessions.new, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>", "show", sessions.show)
bp.add_url_rule("/juries/<uuid:jury_id>/seats", "add_seat", composition.add_seat, methods=["POST"])
bp.add_url_rule(
    "/juries/<uuid:jury_id>/seats/<uuid:seat_id>/remove", "remove_seat", composition.remove_seat, methods=["POST"]
)
bp.add_url_rule(
    "/juries/<uuid:jury_id>/candidates", "choose_candidates", composition.choose_candidates, methods=["GET", "POST"]
)
bp.add_url_rule(
    "/juries/<uuid:jury_id>/candidates/<uuid:candidacy_id>/remove", "remove_candidate", composition.remove_candidate,
    methods=["POST"],
)  # fmt: skip
bp.add_url_rule("/juries/<uuid:jury_id>/declare", "declare", composition.declare, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/open", "open_deliberation", composition.open_deliberation, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>", "candidacy", candidacies.show)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/evidence/<uuid:item_id>", "piece", candidacies.piece)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>", "decide", candidacies.decide, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/close", "close", composition.close, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/minutes", "minutes", sessions.minutes)
bp.add_url_rule("/juries/<uuid:jury_id>/minutes.pdf", "minutes_pdf", sessions.minutes_pdf)
