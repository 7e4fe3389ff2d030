"""The demo: the bundled replica portal, crawled into a new archive. It needs no internet."""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from crawler import settings
from crawler.replica import Replica

PORTAL_NAME = "replica"


def crawl_replica(folder: Path, *, articles: int = 240, arguments: Sequence[str] = ()) -> tuple[Path, int]:
    """Crawl the replica portal into `folder`. Return the archive and the crawl's exit code.

    If the folder holds a demo already, the crawl is the next night: the same portal on the same addresses, a night
    later. `arguments` are further options of the crawl.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archive, profile = settings.follow_link(folder / "archive.db"), folder / "replica.toml"
    nights = folder / "nights.txt"
    night = int(nights.read_text()) + 1 if nights.is_file() else 1
    port, files_port = _former_ports(profile)
    with Replica(articles=articles, night=night, port=port, files_port=files_port) as portal:
        profile.write_text(portal.profile_toml(PORTAL_NAME), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "crawler",
            "crawl",
            "--portal",
            str(profile),
            "--archive",
            str(archive),
            *arguments,
        ]
        code = subprocess.run(command, env=settings.child_environment(), check=False).returncode  # noqa: S603 - ours
    nights.write_text(f"{night}\n")
    return archive, code


def _former_ports(profile: Path) -> tuple[int, int]:
    """Return the ports of an earlier demo, which its archive holds. Without one, 0 and 0: any free ports."""
    if not profile.is_file():
        return 0, 0
    stated = tomllib.loads(profile.read_text(encoding="utf-8"))
    return urlsplit(stated["base_url"]).port or 0, int(stated["asset_hosts"][0].rpartition(":")[2])
