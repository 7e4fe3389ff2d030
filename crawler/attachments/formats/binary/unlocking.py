"""Decrypt workbooks whose structure alone is locked: Excel encrypts them with a password that every program knows."""

from io import BytesIO

import msoffcrypto

# The password of files that open without one being asked for [MS-OFFCRYPTO 2.3.7.2 and 2.4.2.3].
_KNOWN_TO_ALL = "VelvetSweatshop"


def unlock(data: bytes) -> bytes | None:
    """Return the file within an encrypted one that opens without a question; None if it has its own password."""
    out = BytesIO()
    try:
        file = msoffcrypto.OfficeFile(BytesIO(data))
        file.load_key(password=_KNOWN_TO_ALL)
        file.decrypt(out)
    except MemoryError:
        raise
    except Exception:  # a wrong password and a damaged file raise whatever they lead to
        return None
    return out.getvalue() or None
