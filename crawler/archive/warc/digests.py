"""Digests in the form of WARC fields: an algorithm, a colon, a value (WARC 1.1, 5.8)."""

import base64
import binascii
import hashlib


def label_digest(sha256: str) -> str:
    """Return a hex SHA-256 in the form of WARC fields.

    The value is hex, because both parts must be tokens (RFC 2616). A token may not contain the `=` that pads base32,
    and jwarc refuses it.
    """
    return f"sha256:{sha256}"


def labelled_digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in the form of WARC fields."""
    return label_digest(hashlib.sha256(data).hexdigest())


def is_digest_of(stated: str | None, sha256: str) -> bool:
    """Whether a field states a hex SHA-256, in hex or in base32. Version 0.2 and older wrote base32 with padding.

    >>> is_digest_of("SHA256:" + "AA" * 32, "aa" * 32)
    True
    >>> is_digest_of("sha1:" + "aa" * 20, "aa" * 32)
    False
    """
    algorithm, _, value = (stated or "").partition(":")
    if algorithm.strip().lower().replace("-", "") != "sha256":
        return False
    value = value.strip()
    if len(value) == len(sha256):
        return value.lower() == sha256
    try:
        return base64.b32decode(value.upper().rstrip("=") + "====").hex() == sha256
    except binascii.Error:
        return False
