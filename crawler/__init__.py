"""Nightly archiver of government portals on the VNPT portal CMS, and the reading room over what it kept."""

__version__ = "0.2.0"
