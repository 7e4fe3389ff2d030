"""One message about the nodes of a fleet that are not heard of any more, and about those that are back."""

from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import Node, claim_away, claim_back, forget_told
from crawler.language.dates import to_iso_utc
from crawler.locale import say, show_moment
from crawler.operations.notices.messages import Message, add_host, fit_lines
from crawler.operations.notices.notify import NotificationSettings, Notified
from crawler.operations.notices.send import send


def notify_of_nodes(url: str, settings: NotificationSettings) -> Notified:
    """Tell of nodes that are away since the last message, and of those that are back.

    The node that asks first sends the message: the server keeps which absence was reported. If no service takes the
    message, it is sent again.

    Raises:
        ServerAwayError: if the server does not answer.
    """
    with open_server(url) as connection:
        make_tables(connection)
        away, back = claim_away(connection), claim_back(connection)
    if not away and not back:
        return Notified()
    language = settings.language
    lines = [_say_away(node, language) for node in away]
    lines += [say("fleet_node_is_back", language, name=name) for name in back]
    title = (
        say("fleet_nodes_away_title", language, count=len(away)) if away else say("fleet_nodes_back_title", language)
    )
    message = Message(
        add_host(title, settings.site), fit_lines([f"• {line}" for line in lines]), "failure" if away else "success"
    )
    sent = send(message, settings.targets)
    if not sent.reached:
        with open_server(url) as connection:
            forget_told(connection, [node.name for node in away])
    return Notified(((message, sent),))


def _say_away(node: Node, language: str) -> str:
    at = to_iso_utc(node.heartbeat_at)
    shown = show_moment(at, language) if language == "vi" else at
    return say("fleet_node_away", language, name=node.name, at=shown, count=node.portals)
