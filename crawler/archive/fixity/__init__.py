"""Fixity: recompute every digest, and compare every row with the WARC records and the ledger."""

from crawler.archive.fixity.findings import Verification
from crawler.archive.fixity.verification import verify

__all__ = ["Verification", "verify"]
