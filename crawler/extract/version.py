"""The version of the readers: all that makes a page or file of bytes into values (`extract`, `media`, `language.text`).

Every ledger entry of a page or file says by which version it was read. Add one to `READER_VERSION` when the same bytes
can give another reading: another text, date, picture, link, refusal, or form of an answer. One release needs one step,
however many readings it changes. A faster reader with equal readings keeps the version. What follows from a
step: `docs/decisions/readers.md`.
"""

# The reader of today. Version 1 is that of 0.1.0 and 0.2.0, whose ledger entries say none.
READER_VERSION = 2
