"""Files made on demand: one module a kind, each a function from what it is about to bytes, outside any request."""

from collections.abc import Mapping

from certify.reports.exporting.certificates import certificates_of_session, register_workbook
from certify.reports.exporting.heat_map import heat_map_workbook
from certify.reports.exporting.proofs import cohort_proofs
from certify.reports.exporting.trainee_archive import trainee_archive
from certify.reports.exporting.trainee_document import trainee_document
from certify.reports.models import ExportKind
from certify.reports.services.exports import Maker

MAKERS: Mapping[ExportKind, Maker] = {
    ExportKind.HEAT_MAP: heat_map_workbook,
    ExportKind.TRAINEE_PDF: trainee_document,
    ExportKind.TRAINEE_ZIP: trainee_archive,
    ExportKind.PROOFS: cohort_proofs,
    ExportKind.CERTIFICATES: certificates_of_session,
    ExportKind.REGISTER: register_workbook,
}
"""What makes each kind of file."""
