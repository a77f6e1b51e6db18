"""What comes in from the pages of the guard."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from certify.anonymity.policies import MASK, Passage, Subject, passages_of, sentences
from certify.core.forms import BaseForm, ChecklistField, SelectChoice, at_most, filled
from certify.core.i18n import lazy as _l

_NAMES = 4000
_PASSAGE = 500


class NamesForm(BaseForm):
    """First names, one a line or between commas."""

    names = TextAreaField(
        _l("Prénoms"), [filled(_l("Écrivez au moins un prénom.")), at_most(_NAMES)],
        description=_l("Un par ligne. Ils ne sont pas conservés : seule une empreinte permet de les reconnaître."),
    )  # fmt: skip

    def typed(self) -> list[str]:
        """Return each first name."""
        return [name for name in re.split(r"[\n,;]", self.names.data or "") if name.strip()]


class FlagForm(BaseForm):
    """Passages that let somebody be recognised: sentences chosen, or words typed."""

    passages = ChecklistField(_l("Phrases à masquer"), [Optional()])
    typed = StringField(
        _l("Ou seulement ces mots"), [Optional(), at_most(_PASSAGE)],
        description=_l("Recopiez-les tels qu’ils sont écrits : ils seront masqués partout dans ce texte."),
    )  # fmt: skip

    @classmethod
    def on(cls, subject: Subject, shown: Mapping[str, str]) -> "FlagForm":
        """Return the form with every sentence of something written; `shown` are its texts as the reader sees them."""
        form = cls()
        form.passages.choices = [
            SelectChoice(_code(one), words, optgroup=str(label))
            for label, one in sentences(subject)
            if (words := shown[one.field][one.start : one.end]).strip(MASK)
        ]
        return form

    def chosen(self, subject: Subject) -> list[Passage]:
        """Return the passages that were chosen or typed; words that stand nowhere are refused."""
        known = {_code(one): one for _, one in sentences(subject)}
        found = [known[code] for code in self.passages.data or () if code in known]
        typed: Any = (self.typed.data or "").strip()
        if typed and not (standing := passages_of(subject, typed)):
            self.refuse("typed", _l("Ces mots ne se trouvent pas dans ce texte. Recopiez-les tels quels."))
            return []
        return [*found, *standing] if typed else found


def _code(passage: Passage) -> str:
    return f"{passage.field}:{passage.start}:{passage.end}"
