"""The open archives of the reading room: a site for each, opened when it is asked for, a bounded number kept open."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from datasette.app import Datasette

from crawler.archive.database import migrate_if_older, read_file_mark
from crawler.web.request import DATABASE_NAME, ROOM_PREFIX
from crawler.web.security_headers import App
from crawler.web.serve import make_datasette
from crawler.web.union.databases import RoomDatabase

# A room takes some 10 MB, and a process more while a visitor asks it for SQL.
MOST_OPEN = 16


@dataclass(slots=True)
class _Room:
    datasette: Datasette
    app: App
    file_number: int
    readers: int = 0


class Rooms:
    """Opens and closes rooms. Use it in one event loop.

    Args:
        most: rooms kept open. More are open only while more are being read at once.
    """

    def __init__(self, *, most: int = MOST_OPEN) -> None:
        self._most = most
        self._open: OrderedDict[str, _Room] = OrderedDict()
        self._opening: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def enter(self, name: str, archive: Path) -> AsyncIterator[App]:
        """Give the site of an archive, below its own prefix, for one request.

        Raises:
            PortalArchiveError: if it cannot be opened.
        """
        room = await self._find(name, archive)
        room.readers += 1
        try:
            yield room.app
        finally:
            room.readers -= 1
            if room.readers == 0 and self._open.get(name) is not room:
                _close(room)
            self._close_oldest()

    @property
    def names(self) -> tuple[str, ...]:
        """The open rooms, the one entered last at the end."""
        return tuple(self._open)

    def close(self) -> None:
        """Close all rooms."""
        while self._open:
            _close(self._open.popitem()[1])

    async def _find(self, name: str, archive: Path) -> _Room:
        async with self._opening.setdefault(name, asyncio.Lock()):
            number = read_file_mark(archive)[0]
            if name in self._open and self._open[name].file_number != number:
                self._leave(name)
            if name not in self._open:
                datasette = await asyncio.to_thread(_make, name, archive)
                await datasette.invoke_startup()
                self._open[name] = _Room(datasette, datasette.app(), number)
        self._opening.pop(name, None)
        self._open.move_to_end(name)
        return self._open[name]

    def _leave(self, name: str) -> None:
        """Close a room whose archive was replaced, or let the last of its readers do so. It shows what was there."""
        room = self._open.pop(name)
        if not room.readers:
            _close(room)

    def _close_oldest(self) -> None:
        free = [name for name, room in self._open.items() if not room.readers]
        for name in free[: max(len(self._open) - self._most, 0)]:
            _close(self._open.pop(name))


def _make(name: str, archive: Path) -> Datasette:
    migrate_if_older(archive)
    settings: dict[str, int | str] = {"base_url": f"{ROOM_PREFIX}{name}/", "num_sql_threads": 0}
    return make_datasette(archive, kind=RoomDatabase, settings=settings)


def _close(room: _Room) -> None:
    room.datasette.get_database(DATABASE_NAME).close()
