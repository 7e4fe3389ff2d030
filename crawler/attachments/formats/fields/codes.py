r"""Find what fields of Word show: some show what is in their code, and some have a result that is not shown. Pure."""

import re

# The name of the macro or of the place is not shown (ECMA-376, 17.16.5.22 and 17.16.5.32).
_BUTTON = re.compile(r"\s{0,20}(?:MACRO|GOTO)BUTTON\s{1,20}\S{1,100}\s(.*)", re.IGNORECASE | re.DOTALL)
# They keep a value under a name (17.16.5.1 and 17.16.5.57); another field shows it.
_SILENT = re.compile(r"\s{0,20}(?:SET|ASK)\s", re.IGNORECASE)
# A formula that is in its code (17.16.5.15): its switches, fractions, and what is between its parts.
_FORMULA = re.compile(r"\s{0,20}EQ\s(.*)", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r'\\\*\s{0,9}(?:"[^"]{0,200}"|[^\s\\()]{1,100})')
_FRACTION = re.compile(r"\\f\s{0,9}\(([^(),;\\]{1,100})[,;]([^(),;\\]{1,100})\)", re.IGNORECASE)
_SWITCH = re.compile(r"\\[a-z]{1,2}\s?-?[0-9]{0,9}", re.IGNORECASE)
_SIGN, _BETWEEN = re.compile(r"\\(.)", re.DOTALL), re.compile(r"(?<!\\)[(),;]")


def show_code(code: str) -> str:
    r"""Return the text of a button or of a formula by the code of its field; "" for other fields.

    >>> show_code(" MACROBUTTON NoMacro [Họ và tên]"), show_code("PAGE")
    ('[Họ và tên]', '')
    >>> show_code(r' EQ \* jc2 \* "Font:Arial" \* hps10 \o\ad(\s\up 9(かん),漢)'), show_code(r"EQ \f(1,2)\b(a\,b)")
    ('かん 漢', '1/2 a,b')
    """
    found = _BUTTON.match(code)
    if found is not None:
        return found[1]
    formula = _FORMULA.match(code)
    if formula is None:
        return ""
    text = _FRACTION.sub(r"\1/\2", _FORMAT.sub(" ", formula[1]))
    return " ".join(_SIGN.sub(r"\1", _BETWEEN.sub(" ", _SWITCH.sub(" ", text))).split())


def is_silent(code: str) -> bool:
    """Return whether the result of a field is not shown, by its code.

    >>> is_silent(' SET ten "An" '), is_silent("REF ten"), is_silent("SETUP")
    (True, False, False)
    """
    return _SILENT.match(code) is not None
