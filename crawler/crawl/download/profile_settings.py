"""The settings of Scrapy that a profile decides."""

from typing import Any

from scrapy.settings import Settings

from crawler import settings
from crawler.profile import Profile


def apply_profile(configured: Settings, profile: Profile) -> None:
    """Set what a profile decides, before Scrapy makes its components and freezes the settings."""
    delay = profile.pace.delay_seconds
    decided: dict[str, Any] = {
        "DOWNLOAD_DELAY": delay,
        # AutoThrottle starts at the delay: it never speeds up on answers other than 200 (measured).
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": profile.pace.concurrency,
        "DOWNLOAD_VERIFY_CERTIFICATES": profile.tls.verify,
        "DOWNLOAD_MAXSIZE": profile.limits.attachment_bytes,
    }
    if profile.contact:
        decided["USER_AGENT"] = settings.USER_AGENT.replace(settings.CONTACT, profile.contact)
    for name, value in decided.items():
        configured.set(name, value, priority="spider")
