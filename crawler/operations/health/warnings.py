"""What a person should know though no night went wrong: certificates that are not checked, losses, damage."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from crawler.archive.verdicts.unverified_hosts import UnverifiedHost, read_unverified_hosts
from crawler.archive.warc.shelf.losses import count_losses
from crawler.language.dates import parse_iso
from crawler.operations.health.problems import HOME_ZONE, Phrase
from crawler.operations.journal.verifications import VerificationRun
from crawler.profile import Profile


@dataclass(frozen=True, slots=True)
class Warned:
    """What a person should know, though no night went wrong.

    `kind` is `tls-unverified` (`subject` is a portal; `host` and `pin` name the line of `tls.pins` to put into the
    profile, None if not known), `losses` (of a rebuild or a start) or `verification` (what it found is not repaired);
    `subject` of these is "".
    """

    kind: str
    subject: str
    host: str | None
    pin: str | None
    sentence_en: str
    sentence_vi: str


def warn_unverified(connection: sqlite3.Connection, profile: Profile) -> Iterator[Warned]:
    """Yield what to put in the place of `tls.verify = false`, host by host."""
    if profile.tls.verify:
        return
    name = profile.name
    yield _warn_host(Phrase("warning_unverified", {"portal": name}), name)
    hosts = list(read_unverified_hosts(connection, name))
    for seen in hosts:
        if seen.problem is None:
            phrase = Phrase("warning_host_valid", {"portal": name, "host": seen.host})
        elif seen.pin is None:
            phrase = Phrase("warning_pin_unseen", {"portal": name, "host": seen.host, "problem": seen.problem})
        else:
            phrase = Phrase(
                "warning_pin", {"portal": name, "host": seen.host, "problem": seen.problem, "pin": seen.pin}
            )
        yield _warn_host(phrase, name, seen=seen)
    if not hosts:
        yield _warn_host(Phrase("warning_keys_unknown", {"portal": name}), name)


def warn_losses(connection: sqlite3.Connection, unmended: VerificationRun | None) -> Iterator[Warned]:
    """Yield what is lost or damaged, until a rebuild brings it in, or a whole verification finds nothing."""
    losses = count_losses(connection)
    if losses:
        yield _warn("losses", Phrase("warning_losses", {"count": losses}))
    if unmended is not None:
        found, lost = unmended.differences, unmended.lost
        phrase = Phrase("warning_verification", {"at": parse_iso(unmended.at), "count": found, "lost": lost})
        yield _warn("verification", phrase)


def _warn_host(phrase: Phrase, portal: str, *, seen: UnverifiedHost | None = None) -> Warned:
    host, pin = (seen.host, seen.pin) if seen else (None, None)
    return _warn("tls-unverified", phrase, subject=portal, host=host, pin=pin)


def _warn(kind: str, phrase: Phrase, *, subject: str = "", host: str | None = None, pin: str | None = None) -> Warned:
    return Warned(kind, subject, host, pin, phrase.say_in("en", UTC), phrase.say_in("vi", HOME_ZONE))
