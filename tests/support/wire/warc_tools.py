"""What other programs of the field make of our WARC files."""

import subprocess
import sys
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator


def warcio_check(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run `warcio check`."""
    program = Path(sys.executable).with_name("warcio")
    return subprocess.run([program, "check", "-v", *paths], capture_output=True, text=True, timeout=60, check=False)


def warcio_kinds(path: Path) -> list[str]:
    """Iterate over a file as other tools do, with every HTTP head parsed; give the kinds of its records."""
    kinds = []
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream):
            record.content_stream().read()
            kinds.append(record.rec_type)
    return kinds
