"""How an archive stands: judged by its own rows, its files and the plan, not by a crawler's word."""

from crawler.operations.health.problems import KINDS, NIGHT_KINDS, Problem
from crawler.operations.health.status import (
    NIGHTS_SHOWN,
    NightSummary,
    PortalStatus,
    Status,
    read_status,
    read_status_at_any_rate,
)

__all__ = [
    "KINDS",
    "NIGHTS_SHOWN",
    "NIGHT_KINDS",
    "NightSummary",
    "PortalStatus",
    "Problem",
    "Status",
    "read_status",
    "read_status_at_any_rate",
]
