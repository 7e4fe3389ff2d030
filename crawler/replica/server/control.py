"""The control addresses under /_replica/, for another process to control a running portal."""

import json
from dataclasses import asdict
from typing import Protocol
from urllib.parse import parse_qs

from crawler.replica.server.faults import Faults
from crawler.replica.truth import Truth
from crawler.replica.wire import Logged, WireReply, WireRequest


class ControlledPortal(Protocol):
    """The part of the portal that control requests use."""

    night: int
    faults: Faults

    @property
    def requests(self) -> tuple[Logged, ...]:
        """Every request so far."""
        ...

    def truth(self) -> Truth:
        """The truth of this night."""
        ...

    def profile_toml(self) -> str:
        """A profile for the crawler."""
        ...

    def forget_requests(self) -> None:
        """Empty the log."""
        ...

    def withdraw(self, pattern: str, *, share: float = 1.0) -> None:
        """Take articles off the portal at once."""
        ...

    def bring_back(self) -> None:
        """Put all withdrawn articles on the portal again."""
        ...


def answer_control(portal: ControlledPortal, request: WireRequest) -> WireReply:
    """Answer a control request: 400 with the reason for a wrong one, 404 for an unknown one.

    `POST night?n=2` · `POST fault?path=…&kind=…[&times=][&share=]` · `POST clear` · `POST forget` ·
    `POST withdraw?path=…[&share=]` · `POST bring-back` · `GET truth` · `GET requests` · `GET profile`.
    """
    path, _, query = request.target.partition("?")
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    word = f"{request.method} {path.removeprefix('/_replica/')}"
    try:
        return _run_command(portal, word, fields=fields)
    except (KeyError, ValueError) as error:
        return WireReply(400, f"{type(error).__name__}: {error}".encode(), "text/plain; charset=utf-8")


def _run_command(portal: ControlledPortal, word: str, *, fields: dict[str, str]) -> WireReply:
    if word == "POST night":
        portal.night = int(fields["n"])
    elif word == "POST fault":
        portal.faults.set(
            fields["path"],
            fields["kind"],
            times=int(fields["times"]) if "times" in fields else None,
            share=float(fields.get("share", 1)),
        )
    elif word == "POST clear":
        portal.faults.clear()
    elif word == "POST withdraw":
        portal.withdraw(fields["path"], share=float(fields.get("share", 1)))
    elif word == "POST bring-back":
        portal.bring_back()
    elif word == "POST forget":
        portal.forget_requests()
    elif word == "GET truth":
        return _json(asdict(portal.truth()))
    elif word == "GET requests":
        return _json([{**asdict(one), "body": one.body.decode("latin-1")} for one in portal.requests])
    elif word == "GET profile":
        return WireReply(200, portal.profile_toml().encode(), "application/toml")
    else:
        return WireReply(404, f"no control {word!r}".encode(), "text/plain; charset=utf-8")
    return _json({"night": portal.night})


def _json(value: object) -> WireReply:
    return WireReply(200, json.dumps(value, ensure_ascii=False).encode(), "application/json")
