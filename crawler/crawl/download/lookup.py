"""Looks up the addresses of a host, in a thread that no end of a crawl waits for."""

import asyncio
import socket
import threading
from contextlib import suppress


async def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, each once, in the order in which connections take them.

    The system's resolver cannot be cancelled, and may take half a minute. The event loops look names up in threads
    that the process joins when it exits: uvloop in a destructor of libuv, asyncio in an exit handler. So a stopped
    crawl would wait for a name server that never answers. This thread is a daemon.

    Raises:
        OSError: if the host has no address, or its name cannot be one.
    """
    found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_ask, args=((host, port), found), name="lookup", daemon=True).start()
    return await found


def _ask(place: tuple[str, int], found: "asyncio.Future[list[str]]") -> None:
    addresses: list[str] = []
    failed: OSError | None = None
    try:
        entries = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    except OSError as error:
        failed = error
    except UnicodeError as error:  # a label of no letters, or of more than 63
        failed = socket.gaierror(socket.EAI_NONAME, str(error))
    with suppress(RuntimeError):  # the loop was closed meanwhile: the crawl is over
        found.get_loop().call_soon_threadsafe(_settle, found, addresses or failed)


def _settle(found: "asyncio.Future[list[str]]", result: list[str] | OSError | None) -> None:
    if found.done():  # no request waits any more
        return
    if isinstance(result, OSError):
        found.set_exception(result)
    else:
        found.set_result(result or [])
