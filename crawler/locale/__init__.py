"""The words of the site, of messages and of sentences for the operator, and the forms of dates and numbers.

One gettext catalogue a language and subject: `LANGUAGE/LC_MESSAGES/SUBJECT.po`. Message ids are keys, not English text.
"""

from crawler.locale.catalogues import LANGUAGES, say
from crawler.locale.descriptions import describe, describe_in_each
from crawler.locale.sentences import say_sentence, say_stored
from crawler.locale.values import (
    localize_size,
    show_day,
    show_day_of_year,
    show_decimal,
    show_moment,
    show_month,
    show_number,
    show_size,
)

__all__ = [
    "LANGUAGES", "describe", "describe_in_each", "localize_size", "say", "say_sentence", "say_stored",
    "show_day", "show_day_of_year", "show_decimal", "show_moment", "show_month", "show_number", "show_size",
]  # fmt: skip
