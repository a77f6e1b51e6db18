"""Addresses of juries, in the order a registrar, then a member, meets them."""

from flask import Blueprint

from certify.juries.views import (
    afterwards,
    candidacies,
    composition,
    convening,
    deliberation,
    minutes,
    results,
    sessions,
)

bp = Blueprint("juries", __name__)
bp.add_url_rule("/juries", "index", sessions.index)
bp.add_url_rule("/juries/new", "new", sessions.new, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>", "show", sessions.show)
bp.add_url_rule("/juries/<uuid:jury_id>/edit", "edit", sessions.edit, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/seats", "add_seat", composition.add_seat, methods=["POST"])
bp.add_url_rule(
    "/juries/<uuid:jury_id>/seats/<uuid:seat_id>", "edit_seat", composition.edit_seat, methods=["GET", "POST"]
)
bp.add_url_rule(
    "/juries/<uuid:jury_id>/seats/<uuid:seat_id>/remove", "remove_seat", composition.remove_seat, methods=["POST"]
)
bp.add_url_rule(
    "/juries/<uuid:jury_id>/candidates", "choose_candidates", composition.choose_candidates, methods=["GET", "POST"]
)
bp.add_url_rule(
    "/juries/<uuid:jury_id>/candidates/<uuid:candidacy_id>", "edit_candidate", composition.edit_candidate,
    methods=["GET", "POST"],
)  # fmt: skip
bp.add_url_rule(
    "/juries/<uuid:jury_id>/candidates/<uuid:candidacy_id>/remove", "remove_candidate", composition.remove_candidate,
    methods=["POST"],
)  # fmt: skip
bp.add_url_rule("/juries/<uuid:jury_id>/derogations", "derogate", composition.derogate, methods=["GET", "POST"])
bp.add_url_rule(
    "/juries/<uuid:jury_id>/derogations/<uuid:derogation_id>/withdraw", "withdraw_derogation",
    composition.withdraw_derogation, methods=["POST"],
)  # fmt: skip
bp.add_url_rule("/juries/<uuid:jury_id>/convocations", "convocations", convening.convocations, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/declare", "declare", composition.declare, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/open", "open_deliberation", convening.open_deliberation, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/back", "go_back", convening.go_back, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/deliberation", "deliberation", deliberation.show)
bp.add_url_rule("/juries/<uuid:jury_id>/presence", "note_presence", deliberation.presence, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>", "candidacy", candidacies.show)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/evidence/<uuid:item_id>", "piece", candidacies.piece)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/votes", "vote", candidacies.vote, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/votes/open", "open_votes", candidacies.open_votes, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/recusals", "recuse", candidacies.recuse, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>", "decide", candidacies.decide, methods=["POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/adjourn", "adjourn", deliberation.adjourn, methods=["GET", "POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/close", "close", deliberation.close, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/reopen", "reopen", deliberation.reopen, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/minutes", "minutes", minutes.show)
bp.add_url_rule("/juries/<uuid:jury_id>/minutes.pdf", "minutes_pdf", minutes.pdf)
bp.add_url_rule("/juries/<uuid:jury_id>/minutes/code", "send_code", minutes.send_code, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/minutes/sign", "sign", minutes.sign, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/minutes/missing", "state_missing", minutes.state_missing, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/publish", "publish", minutes.publish, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/unpublish", "unpublish", minutes.unpublish, methods=["POST"])
bp.add_url_rule("/results", "results", results.index)
bp.add_url_rule("/results/<uuid:candidacy_id>/extract.pdf", "extract_pdf", results.extract)
bp.add_url_rule("/results/<uuid:candidacy_id>/appeal", "appeal", results.appeal, methods=["GET", "POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/jury-decisions", "of_cohort", results.of_cohort)
bp.add_url_rule("/juries/<uuid:jury_id>/outcomes", "outcomes", afterwards.outcomes)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/after", "after", afterwards.show)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/correct", "correct", afterwards.correct, methods=["GET", "POST"])
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/withdraw", "withdraw", afterwards.withdraw, methods=["GET", "POST"])
bp.add_url_rule(
    "/candidacies/<uuid:candidacy_id>/reinstate", "reinstate", afterwards.reinstate, methods=["GET", "POST"]
)
bp.add_url_rule("/candidacies/<uuid:candidacy_id>/letter", "letter", afterwards.letter, methods=["GET", "POST"])
bp.add_url_rule("/appeals/<uuid:appeal_id>", "answer", afterwards.answer, methods=["GET", "POST"])
