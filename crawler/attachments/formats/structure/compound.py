"""Find the kind of a compound file [MS-CFB] by the entries of its root: a file within it says nothing. Pure."""

from io import BytesIO

import olefile

# Entries that one program makes each, in any letter case ([MS-OFFCRYPTO], [MS-OXMSG], [MS-DOC], [MS-XLS], [MS-PPT]). A
# locked package and a message come first: they may hold the others too.
_ENTRIES = (
    ("encryptedpackage", "locked"),
    ("__properties_version1.0", "message"),
    ("worddocument", "doc"),
    ("powerpoint document", "ppt"),
    ("pp40", "ppt"),
    ("workbook", "xls"),
    ("book", "xls"),
)


def find_compound_kind(data: bytes) -> str | None:
    """Return the kind of a compound file; `other` if no entry is known, None if its directory cannot be read."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            names = {path[0].lower() for path in compound.listdir(streams=True, storages=True) if len(path) == 1}
    except Exception:  # a damaged file raises whatever its damage leads to
        return None
    if not names:
        return None
    return next((kind for name, kind in _ENTRIES if name in names), "other")
