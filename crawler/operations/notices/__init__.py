"""Messages to the operator: each problem once, its end once, and a digest of what is new."""

from crawler.operations.notices.notify import (
    NotificationSettings,
    Notified,
    notify_operator,
    preview,
    send_test_message,
)

__all__ = ["NotificationSettings", "Notified", "notify_operator", "preview", "send_test_message"]
