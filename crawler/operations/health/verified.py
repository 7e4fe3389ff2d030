"""What a verification found, noted in the journal: `status` reports it until it is repaired."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from crawler.archive.fixity import Verification
from crawler.errors import ArchiveUnusableError
from crawler.language.dates import to_iso_utc
from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.journal.verifications import VerificationRun, note_verification, read_unmended


def note_verified(archive: Path, found: Verification, *, now: datetime, is_whole: bool) -> None:
    """Note a verification that found a fault, or that found an earlier fault repaired.

    Nothing is noted where nothing may be written: the archive is verified all the same.

    Args:
        is_whole: False for a verification that looked at a part.
    """
    run = VerificationRun(to_iso_utc(now), is_whole, len(found.findings), found.lost)
    with suppress(ArchiveUnusableError):
        if run.differences == 0:
            with read_journal(archive) as journal:
                if not is_whole or journal is None or read_unmended(journal) is None:
                    return
        with write_journal(archive) as journal:
            note_verification(journal, run)
