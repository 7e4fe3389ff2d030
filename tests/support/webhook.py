"""A web hook that stores what is posted to it: the target of messages in tests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """What was posted, the oldest first, each as Apprise's JSON; `status` is what the hook answers with."""

    port: int
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def target(self) -> str:
        """The Apprise address of the hook, with a secret in it."""
        return f"json://bot:s3cr3t@127.0.0.1:{self.port}/hook"

    def take(self) -> list[str]:
        """Give title and body of each message since the last call."""
        said = [f"{post['title']}\n{post['message']}" for post in self.posts]
        self.posts.clear()
        return said


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Listen on a free port of this machine while the block runs."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if mailbox.status == 200:
                mailbox.posts.append(json.loads(content))
            self.send_response(mailbox.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        mailbox = Mailbox(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
