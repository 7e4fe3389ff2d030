"""Sending through Apprise: mail, Telegram, Slack, webhooks, and its other services.

An address has secrets: only its scheme is shown, written or raised.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crawler.operations.notices.messages import Message


@dataclass(frozen=True, slots=True)
class Sent:
    """Which services took a message and which did not, by the schemes of their addresses."""

    reached: tuple[str, ...]
    failed: tuple[str, ...]


def send(message: Message, targets: Sequence[str]) -> Sent:
    """Send a message to each address, as plain text; one that fails does not stop the others."""
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="portal-archive", app_desc="portal-archive", secure_logging=True, async_mode=False)
    reached: list[str] = []
    failed: list[str] = []
    for target in targets:
        with _hushed():
            done = _send_one(Apprise(asset=asset), message, target=target)
        (reached if done else failed).append(scheme_of(target))
    return Sent(tuple(reached), tuple(failed))


def _send_one(service: Any, message: Message, *, target: str) -> bool:
    try:
        # As a list: Apprise splits a string at every comma.
        return bool(service.add([target])) and bool(
            service.notify(body=message.body, title=message.title, notify_type=message.tone, body_format="text")
        )
    except Exception:
        # Any exception of a service may quote its address, and must not stop the other services.
        return False


@contextmanager
def _hushed() -> Iterator[None]:
    """Log nothing while the block runs: Apprise and its libraries quote whole addresses."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def scheme_of(target: str) -> str:
    """Return the only part of an address that may be shown.

    >>> scheme_of("tgram://123:secret/456"), scheme_of("secret")
    ('tgram://…', '(no scheme)')
    """
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://", target)
    return f"{match[1].lower()}://…" if match else "(no scheme)"
