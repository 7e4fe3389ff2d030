"""Messages to the operator: a trouble once, its end once, and a digest of what is new."""

from crawler.operations.notices.notify import Told, Wishes, preview, tell, tell_for_trial

__all__ = ["Told", "Wishes", "preview", "tell", "tell_for_trial"]
