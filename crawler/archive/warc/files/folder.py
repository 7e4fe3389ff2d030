"""List the folder of WARC files, including files with other names and files in subfolders."""

import re
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.history.record_lists import LIST_SUFFIX
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import scan_records
from crawler.archive.warc.writer import OPEN_SUFFIX

_WARC_NAME = re.compile(r"\.warc(\.[a-z0-9]{1,5})?(\.open)?$", re.IGNORECASE)

# `PORTAL-<17 digit time>-<serial>.warc.gz`, as `WarcWriter` names files.
_OWN_NAME = re.compile(r".*-([0-9]{1,18})\.warc\.gz", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the folder. `name` is its relative path with `/`, without `.open`."""

    path: Path
    name: str

    @property
    def is_open(self) -> bool:
        """Whether a run is writing it, or was when it died."""
        return self.path.name.endswith(OPEN_SUFFIX)

    @property
    def has_warc_name(self) -> bool:
        """Whether its name says that it is a WARC file."""
        return bool(_WARC_NAME.search(self.path.name))

    def is_warc(self) -> bool:
        """Whether it is a WARC file by its name, or holds a record that can be read."""
        return self.has_warc_name or any(isinstance(one, WarcRecord) for one in scan_records(self.path))


def find_files(folder: Path) -> list[FolderFile]:
    """List the files of a folder and the folders in it, by name; hidden ones only if their names are of WARC files."""
    found = []
    for path in sorted(folder.rglob("*")):
        file = FolderFile(path, path.relative_to(folder).as_posix().removesuffix(OPEN_SUFFIX))
        if (
            path.is_file()
            and not path.name.endswith(LIST_SUFFIX)
            and (file.has_warc_name or not path.name.startswith("."))
        ):
            found.append(file)
    return found


def serial_in(name: str) -> int | None:
    """Return the serial in the name of a WARC file of an archive; None for another name."""
    found = _OWN_NAME.fullmatch(name.rpartition("/")[2])
    return int(found[1]) if found else None
