"""Messages to the operator: a trouble once, its end once, and a digest of what is new."""

from crawler.operations.notices.notify import NotificationSettings, Notified, notify_operator, preview, tell_for_trial

__all__ = ["NotificationSettings", "Notified", "notify_operator", "preview", "tell_for_trial"]
