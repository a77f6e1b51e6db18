"""The verbs of frameworks."""

from certify.frameworks.services.adopting import adopt
from certify.frameworks.services.drafting import begin, discard, draft, new_version, save, save_mapping
from certify.frameworks.services.exchanging import import_framework
from certify.frameworks.services.programmes import PROGRAMME_CHANGED, set_rules
from certify.frameworks.services.recognising import EscoLink, NsfCode, Recognised, RomeLink, recognise
from certify.frameworks.services.versions import activate, archive, publish

__all__ = [
    "PROGRAMME_CHANGED",
    "EscoLink",
    "NsfCode",
    "Recognised",
    "RomeLink",
    "activate",
    "adopt",
    "archive",
    "begin",
    "discard",
    "draft",
    "import_framework",
    "new_version",
    "publish",
    "recognise",
    "save",
    "save_mapping",
    "set_rules",
]
