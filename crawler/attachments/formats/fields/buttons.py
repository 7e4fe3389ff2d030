"""Find what a field shows that has no result: the places of forms where a click selects the text. Pure."""

import re

# The name of the macro or of the place is not shown (ECMA-376, 17.16.5.22 and 17.16.5.32).
_BUTTON = re.compile(r"\s{0,20}(?:MACRO|GOTO)BUTTON\s{1,20}\S{1,100}\s(.*)", re.IGNORECASE | re.DOTALL)


def show_button(code: str) -> str:
    """Return the text of a button by the code of its field; "" for other fields.

    >>> show_button(" MACROBUTTON NoMacro [Họ và tên]"), show_button("PAGE")
    ('[Họ và tên]', '')
    """
    found = _BUTTON.match(code)
    return found[1] if found else ""
