"""Compare every row of an archive with a rebuild from its WARC files, in a temporary file."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.fixity import Verification
from crawler.archive.row_digests.row_ledger import is_in_ledger
from crawler.archive.row_digests.shapes import DigestedTable, read_shapes, scan
from crawler.archive.warc.finding import Finding
from crawler.archive.withheld.open_whole import open_whole
from crawler.errors import ArchiveUnusableError, WarcError
from crawler.extract.version import READER_VERSION
from crawler.language.text import show_count
from crawler.rebuild.rebuild import readers_of, rebuild

# The command `texts` makes these rows, from files that a rebuild only keeps.
NOT_REBUILT = {"attachment_texts"}
_NAMED_ROWS = 10


def compare_with_rebuild(archive: Path, found: Verification) -> None:
    """Add a finding for each row that a rebuild makes differently. Read-only; needs disk space for a second database.

    If another version of the reader read the page, or the ledger states no digest, the row is only counted. It is not a
    finding, because the ledger's digests show whether it was altered. Nothing is compared while WARC files are damaged.
    """
    if any(one.kind in ("file", "damage", "record") for one in found.findings):
        found.notes.append("rows: not compared with a rebuild, since WARC files are not as they were written")
        return
    with TemporaryDirectory(prefix="portal-archive-verify-") as folder:
        into = Path(folder) / "rebuilt.db"
        try:
            rebuild(archive, into, processes=readers_of(archive))
        except (ArchiveUnusableError, WarcError) as error:
            found.findings.append(Finding("database", f"rows: not compared with a rebuild, which failed: {error}"))
            return
        _compare(archive, into, found=found)


def _compare(archive: Path, into: Path, *, found: Verification) -> None:
    others = {version: count for version, count in found.readers.items() if version != READER_VERSION}
    not_compared: Counter[str] = Counter()
    named = []
    with closing(open_whole(archive)) as held, closing(open_whole(into)) as rebuilt:
        may_differ = bool(others) or not is_in_ledger(held)
        for table in read_shapes(held):
            if table.name in NOT_REBUILT:
                continue
            expected, rows = dict(scan(rebuilt, table)), dict(scan(held, table))
            known = found.keys_of(table.name)
            odd = [key for key in expected.keys() | rows.keys() if expected.get(key) != rows.get(key)]
            for key in sorted(set(odd) - known):
                if may_differ:
                    not_compared[table.name] += 1
                    named.append(f"{table.name} {key}")
                else:
                    found.findings.append(_finding(table, key, is_held=key in rows, is_made=key in expected))
    if not_compared:
        versions = ", ".join(map(str, sorted(others))) or "another"
        more = f" and {len(named) - _NAMED_ROWS} more" if len(named) > _NAMED_ROWS else ""
        found.notes.append(
            f"read by version {versions}: {show_count(not_compared.total(), 'row')}, not compared with a rebuild by "
            f"version {READER_VERSION}, which makes them otherwise: {', '.join(named[:_NAMED_ROWS])}{more}"
        )


def _finding(table: DigestedTable, key: str, *, is_held: bool, is_made: bool) -> Finding:
    what = "a rebuild makes it otherwise" if is_held and is_made else "a rebuild does not make it"
    if not is_held:
        what = "is missing: a rebuild makes it"
    return Finding("row", f"{table.name}: row {key}: {what}", table=table.name, key=key)
