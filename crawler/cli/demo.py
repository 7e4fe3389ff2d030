"""The demo: the bundled replica portal, crawled on several nights into a new archive. It needs no internet."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from crawler import settings
from crawler.archive.database import open_for_reading
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode
from crawler.replica import Replica

PORTAL_NAME = "replica"
# The nights of a new demo. The portal changes from the second night on. Files are fetched again after a week.
NIGHTS = (1, 2, 3, 4, 8, 9)
# Every night fetches every article again, also old ones: so a few nights show changes that otherwise take months.
RELOOK = {"daily_for_days": 36_500}

# A night that meets a page it cannot read is partial. The demo goes on.
GOOD_ENOUGH = (ExitCode.OK, ExitCode.INCOMPLETE)

# What to look at first: words, and a query of the page.
_PAGES = (
    (
        "an edited article, word by word",
        """select '/article/' || article_id || '/diff/' || (number - 1) || '..' || number from revisions
           where number > 1 and changed like '%body%' and article_id not in (
             select article_id from article_events where kind = 'returned')
           order by seen_at desc, article_id""",
    ),
    (
        "an attachment replaced under its address",
        """select '/article/' || article_id || '/diff/' || (number - 1) || '..' || number from revisions
           where number > 1 and changed like '%attachments%' order by seen_at desc, article_id""",
    ),
    (
        "an article the portal removed",
        "select '/article/' || id || '/history' from articles where state = 'removed' order by removed_at desc, id",
    ),
    (
        "one that was gone and came back with another text",
        """select '/article/' || article_id || '/history' from article_events as returned
           where kind = 'returned' and exists (
             select 1 from revisions where article_id = returned.article_id and capture_id = returned.capture_id)
           order by at desc, article_id""",
    ),
    ("all that changed, by day", "select '/changes' where exists (select 1 from revisions where number > 1)"),
    ("a search typed without marks", "select '/search?q=uy+ban+nhan+dan'"),
)


@dataclass(frozen=True)
class _Demo:
    """The state of a demo beside its archive: the addresses of its portal for pages, files and elsewhere."""

    first_day: str
    night: int = 0
    ports: tuple[int, int, int] = (0, 0, 0)


def crawl_replica(folder: Path, *, articles: int = 240, arguments: Sequence[str] = ()) -> tuple[Path, int]:
    """Crawl the replica portal into `folder`. Return the archive and the exit code of the last crawl.

    A new demo crawls the nights of `NIGHTS`; the last of them is now. It stops at a crawl that fails. In the folder of
    an earlier demo it crawls one more night: the same portal at the same addresses, one night later. `articles` is
    the number of articles of a new replica, `arguments` are further options of each crawl.

    Raises:
        WrongUseError: if the folder holds an archive that is not a demo of this version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archive, kept, now = settings.follow_link(folder / "archive.db"), folder / "demo.json", settings.clock()
    if kept.is_file():
        demo = _Demo(**json.loads(kept.read_text(encoding="utf-8")))
        nights: tuple[int, ...] = (demo.night + 1,)
    elif archive.exists():
        raise WrongUseError(f"{folder}: holds an archive, and no demo of this version; take another --folder")
    else:
        demo, nights = _Demo(str(now.date() - timedelta(days=NIGHTS[-1] - 1))), NIGHTS
    port, files_port, elsewhere_port = demo.ports
    with Replica(
        articles=articles, first_day=date.fromisoformat(demo.first_day), port=port, files_port=files_port,
        elsewhere_port=elsewhere_port,
    ) as replica:  # fmt: skip
        profile = folder / "replica.toml"
        profile.write_text(replica.profile_toml(PORTAL_NAME, relook=RELOOK), encoding="utf-8")
        line = [sys.executable, "-m", "crawler", "crawl", "--portal", str(profile), "--archive", str(archive)]
        ports = replica.hosts.ports()
        for night in nights:
            replica.night = night
            variables = settings.child_environment()
            if night != nights[-1]:
                variables["PORTAL_ARCHIVE_NOW"] = (now - timedelta(days=nights[-1] - night)).isoformat()
            code = subprocess.run([*line, *arguments], env=variables, check=False).returncode  # noqa: S603 - ours
            kept.write_text(json.dumps(asdict(_Demo(demo.first_day, night, ports))), encoding="utf-8")
            if code not in GOOD_ENOUGH:
                break
    return archive, code


def tell_first_pages(archive: Path, site: str) -> Iterator[str]:
    """Yield a line with the address of each page to look at first. Leave out kinds of pages without an example.

    Args:
        archive: the database of the demo.
        site: scheme, host and port of its site.
    """
    with closing(open_for_reading(archive)) as connection:
        for words, query in _PAGES:
            if found := connection.execute(query).fetchone():
                yield f"  {words}: {site}{found[0]}"
