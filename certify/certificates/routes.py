"""Addresses of certificates: issue, register, one's own, public check."""

from flask import Blueprint

from certify.certificates.views import attestations, bulk, documents, extracts, own, public, register, reissuing

bp = Blueprint("certificates", __name__)
bp.add_url_rule("/juries/<uuid:jury_id>/certificates", "of_session", bulk.of_session)
bp.add_url_rule("/juries/<uuid:jury_id>/certificates", "issue_session", bulk.issue_session, methods=["POST"])
bp.add_url_rule("/certificates", "index", register.index)
bp.add_url_rule("/certificates/extracts", "extracts", extracts.index)
bp.add_url_rule("/certificates/extracts/<uuid:extract_id>", "extract_file", extracts.file)
bp.add_url_rule("/certificates/<uuid:certificate_id>", "show", register.show)
bp.add_url_rule("/certificates/<uuid:certificate_id>/suspend", "suspend", register.suspend, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/lift", "lift", register.lift, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/revoke", "revoke", register.revoke, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/reinstate", "reinstate", register.reinstate, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/file", "file", own.file)
bp.add_url_rule("/certificates/<uuid:certificate_id>/duplicates", "duplicates", reissuing.duplicates)
bp.add_url_rule("/certificates/<uuid:certificate_id>/duplicates", "duplicate", reissuing.duplicate, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/duplicates/<int:number>", "sheet", reissuing.sheet)
bp.add_url_rule("/certificates/<uuid:certificate_id>/correction", "correction", reissuing.correction)
bp.add_url_rule("/certificates/<uuid:certificate_id>/correction", "correct", reissuing.correct, methods=["POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/attestations", "attestations", attestations.of_cohort)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/attestations", "attest", attestations.attest, methods=["POST"])
bp.add_url_rule("/documents", "own_documents", documents.own)
_DOCUMENT = "/organisations/<uuid:organisation_id>/documents"
bp.add_url_rule(_DOCUMENT, "documents", documents.index)
bp.add_url_rule(f"{_DOCUMENT}/<template>", "edit_document", documents.edit)
bp.add_url_rule(f"{_DOCUMENT}/<template>", "save_document", documents.save, methods=["POST"])
bp.add_url_rule(f"{_DOCUMENT}/<template>/preview", "preview_document", documents.preview, methods=["POST"])
bp.add_url_rule("/my-certificates", "mine", own.mine)
bp.add_url_rule("/verify", "ask", public.ask, methods=["GET", "POST"])
bp.add_url_rule("/verify/file", "check_file", public.check_file, methods=["POST"])
bp.add_url_rule("/verify/<code>.json", "verify_json", public.verify_json)
bp.add_url_rule("/verify/<code>", "verify", public.verify)
bp.add_url_rule("/v/<code>", "short", public.verify)
