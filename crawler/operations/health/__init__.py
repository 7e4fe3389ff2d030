"""The state of an archive, judged by its own rows, its files and the plan."""

from crawler.operations.health.problems import KINDS, NIGHT_KINDS, Problem
from crawler.operations.health.status import (
    NIGHTS_SHOWN,
    NightSummary,
    PortalStatus,
    Status,
    read_status,
    read_status_or_problem,
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
    "read_status_or_problem",
]
