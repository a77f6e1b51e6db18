"""Lists of rows in a form, that a button lengthens or shortens by one; without a script too."""

from typing import Any

from wtforms import FieldList

from certify.core.forms import BaseForm

CHANGE = "row"
"""Name of the buttons: « add:documents », « remove:documents:2 »."""
_MOST = 100


class RowForm(BaseForm):
    """One row of a list: the token is the form's."""

    class Meta(BaseForm.Meta):
        """Ask for no token of its own."""

        csrf = False


def change_rows(form: BaseForm, wanted: str) -> bool:
    """Add or take away the row that a button of the form asks for; False when it asks for nothing known."""
    verb, _sign, rest = wanted.partition(":")
    name, _sign, number = rest.partition(":")
    field: Any = form._fields.get(name)
    if not isinstance(field, FieldList):
        return False
    rows = [dict(row) for row in field.data]
    if verb == "add" and len(rows) < _MOST:
        rows.append({})
    elif verb == "remove" and number.isdecimal() and int(number) < len(rows):
        del rows[int(number)]
    else:
        return False
    field.process(None, rows)
    return True


def filled_rows(field: Any) -> list[dict[str, Any]]:
    """Return the rows in which something was written."""
    return [dict(row) for row in field.data if any(row.values())]
