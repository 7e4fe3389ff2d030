"""Messages by key, from gettext catalogues: compiled in a wheel, read from the .po files in a checkout."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.support import Translations

from crawler.locale.values import show_decimal

# The first is the default.
LANGUAGES = ("vi", "en")

ROOT = Path(__file__).parent


def say(key: str, language: str, **fields: object) -> str:
    """Return the message of a key in a language, its fields filled in. An unknown key is returned unchanged.

    A message with plural forms takes the form for the field `count`, which is a number and is shown as the language
    writes it.

    >>> say("hits", "en", count=1), say("hits", "en", count=1200), say("hits", "vi", count=1200)
    ('1 article', '1,200 articles', '1.200 bài')
    """
    messages = read_catalogue(language)
    count = fields.get("count")
    if isinstance(count, (int, float)):
        # gettext takes whole numbers only; a fraction has the form of many.
        message = messages.ngettext(key, key, int(count) if count == int(count) else 2)
        if message == key:
            message = messages.gettext(key)
        fields["count"] = show_decimal(count, language)
    else:
        message = messages.gettext(key)
    return message.format(**fields) if fields else message


@cache
def read_catalogue(language: str) -> Translations:
    """Read every message of a language, once in a process."""
    folder = ROOT / language / "LC_MESSAGES"
    whole = Translations()
    for path in sorted(folder.glob("*.mo")) or sorted(folder.glob("*.po")):
        compiled = path.read_bytes() if path.suffix == ".mo" else _compile(path)
        whole = Translations(BytesIO(compiled)).merge(whole)
    return whole


def _compile(path: Path) -> bytes:
    # Only a checkout needs the parser; a wheel holds .mo files (hatch_build.py).
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parts[-3], abort_invalid=True))
    return compiled.getvalue()
