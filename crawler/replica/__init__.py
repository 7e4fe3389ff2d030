"""A replica of a VNPT portal, with its wrong ids and dead pictures. The demo, the tests and the bench crawl it.

Start it with `python -m crawler.replica --port 8900`. It is written from what is known of the real portals, not from
what our parsers expect.
"""

from crawler.replica.portal import Replica
from crawler.replica.server.faults import KINDS as FAULT_KINDS
from crawler.replica.server.faults import Faults
from crawler.replica.truth import ArticleTruth, AttachmentTruth, DateTruth, ImageTruth, ListingTruth, Truth
from crawler.replica.wire import Logged

__all__ = [
    "FAULT_KINDS",
    "ArticleTruth",
    "AttachmentTruth",
    "DateTruth",
    "Faults",
    "ImageTruth",
    "ListingTruth",
    "Logged",
    "Replica",
    "Truth",
]
