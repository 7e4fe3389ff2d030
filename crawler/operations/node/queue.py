"""The jobs of a node, by Procrastinate: its queue on the server, and a thread that takes from it.

A job only says which night of which portal, and when it may begin. Whether it is still to be run, the archive says.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from crawler.errors import ServerAwayError, WrongUseError
from crawler.fleet.server.connection import locked, make_tables, open_server, put_version, read_version
from crawler.fleet.server.nodes import read_nodes

logger = logging.getLogger(__name__)

NIGHT, RESTORE = "night", "restore"

# The part of the server's tables that is Procrastinate's. Their version is the name of the last migration; those of
# Procrastinate 3.10, the first that was used, were made without a note.
_PART = "procrastinate"
_OLDEST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"

# How often a worker says that it is alive, and after how long without it its jobs are begun again, in seconds. A worker
# that was only slow does no harm: its portal's archive is held.
_BEAT_SECONDS = 2.0
_STALLED_SECONDS = 8.0
# How long a worker waits for the server before it gives up and connects again, in seconds.
_PATIENCE_SECONDS = 30.0
# How long a worker that ends waits for its jobs, in seconds. What runs longer goes on in its thread.
_END_SECONDS = 5.0
_DEFER_SECONDS = 10.0


def queue_of(node: str) -> str:
    """Name the queue of a node."""
    return f"node:{node}"


def make_queue_tables(url: str) -> None:
    """Make the tables of the registry and of Procrastinate, or bring those of an older version up to this one.

    Procrastinate keeps no note of the migrations that were run, so the registry has one. Nodes that are alive may need
    the older tables: nothing is changed under them.

    Raises:
        ServerAwayError: if the server does not answer.
        WrongUseError: if the tables are of a newer version, or nodes are alive while theirs are older.
    """
    migrations = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    newest = migrations[-1].name
    with open_server(url) as connection:
        make_tables(connection)
        if read_version(connection, _PART) == newest:
            return
        with locked(connection):
            version = read_version(connection, _PART)
            if version is None and connection.execute("select to_regclass('procrastinate_jobs')").fetchone() == (None,):
                # The statements have no parameters; psycopg runs all of them at once.
                connection.execute(SchemaManager.get_schema())
                put_version(connection, _PART, version=newest)
                return
            if version is None:
                put_version(connection, _PART, version=_OLDEST)
        for migration in migrations:
            _migrate(connection, migration, newest=newest)


def _migrate(connection: "psycopg.Connection[tuple[object, ...]]", migration: Path, *, newest: str) -> None:
    """Run one migration of Procrastinate, unless it was run, in its own transaction, as PostgreSQL's enums demand."""
    with locked(connection):
        version = read_version(connection, _PART) or _OLDEST
        if version > newest:
            raise WrongUseError(
                f"the fleet's queues are of {version}, and this program knows {newest}: upgrade this node"
            )
        if migration.name <= version:
            return
        alive = ", ".join(node.name for node in read_nodes(connection) if node.is_alive)
        if alive:
            raise WrongUseError(
                f"the fleet's queues are of {version}, and this program needs {newest}: stop the nodes that are alive "
                f"({alive}) and upgrade them; the first one that starts then brings the queues up"
            )
        connection.execute(migration.read_text(encoding="utf-8"))
        put_version(connection, _PART, version=migration.name)


def drop_jobs(url: str, node: str) -> None:
    """Delete the jobs of a lost node: they would keep those of its portals' new homes waiting."""

    async def drop() -> None:
        app = App(connector=_connector(url))
        async with app.open_async():
            manager = app.job_manager
            for job in await manager.list_jobs_async(queue=queue_of(node)):
                if job.id is not None and job.status == Status.DOING.value:
                    await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
                elif job.id is not None:
                    await manager.cancel_job_by_id_async(job.id, delete_job=True)

    asyncio.run(drop())


def _connector(url: str) -> PsycopgConnector:
    return PsycopgConnector(
        conninfo=url, min_size=1, max_size=4, timeout=_PATIENCE_SECONDS, kwargs={"connect_timeout": 5}
    )


def _log_lost_task(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a task of the worker raised that is not awaited: a job whose end the server did not hear of."""
    error = context.get("exception")
    if isinstance(error, ProcrastinateException):
        logger.info("the server did not hear that a job ended; its archive knows: %s", error.__cause__ or error)
    else:
        loop.default_exception_handler(context)


class NodeQueue:
    """Takes jobs from the queue of a node, and runs each in a thread; goes on after the server was away."""

    def __init__(
        self, url: str, node: str, *, jobs: int, run_night: Callable[[str, str], None],
        restore: Callable[[str], None],
    ) -> None:  # fmt: skip
        # Its lines at INFO repeat what we log ourselves.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self._queue = queue_of(node)
        self._jobs = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="night")
        self._app = App(connector=_connector(url))
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_log_lost_task)
        self._is_stopped = False
        self._worker: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

        @self._app.task(name=NIGHT)
        async def night(portal: str, night: str) -> None:
            await self._loop.run_in_executor(self._threads, run_night, portal, night)

        @self._app.task(name=RESTORE)
        async def bring(portal: str) -> None:
            await self._loop.run_in_executor(self._threads, restore, portal)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def close(self) -> None:
        """Take no more jobs; wait until all that run have ended."""
        self._loop.call_soon_threadsafe(self._stop)
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._thread.join(2 * _END_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def defer_night(self, portal: str, night: str) -> None:
        """Put a night into the queue, unless it waits there already.

        Raises:
            ServerAwayError: if the server does not take it.
        """
        self._defer(NIGHT, {"portal": portal, "night": night}, once=f"{portal} {night}")

    def defer_restore(self, portal: str) -> None:
        """Put the restore of a portal's archive into the queue, unless it waits there already.

        Raises:
            ServerAwayError: if the server does not take it.
        """
        self._defer(RESTORE, {"portal": portal}, once=f"{portal} {RESTORE}")

    def _defer(self, task: str, arguments: dict[str, str], *, once: str) -> None:
        async def defer() -> None:
            job = self._app.configure_task(task, queue=self._queue, lock=arguments["portal"], queueing_lock=once)
            with suppress(AlreadyEnqueued):
                await job.defer_async(**arguments)

        deferred: Future[None] = asyncio.run_coroutine_threadsafe(defer(), self._loop)
        try:
            deferred.result(_DEFER_SECONDS)
        except (ProcrastinateException, psycopg.Error, TimeoutError) as error:
            deferred.cancel()
            raise ServerAwayError(f"the fleet's server takes no job: {error!r}") from error

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    def _stop(self) -> None:
        self._is_stopped = True
        if self._worker is not None:
            self._worker.cancel()

    async def _serve(self) -> None:
        while not self._is_stopped:
            self._worker = asyncio.ensure_future(self._work())
            try:
                await self._worker
            except asyncio.CancelledError:
                continue
            except (ProcrastinateException, psycopg.Error) as error:
                why = str(error.__cause__ or error).strip()
                logger.warning("the queue cannot be reached; it is tried again: %s", why)
            except Exception:
                logger.exception("the worker failed; it is begun again")
            await asyncio.sleep(1)

    async def _work(self) -> None:
        """Take jobs until cancelled, or the server is away for long."""
        async with self._app.open_async():
            retrying = asyncio.ensure_future(self._retry_stalled())
            try:
                await self._app.run_worker_async(
                    queues=[self._queue], concurrency=self._jobs, delete_jobs="always", install_signal_handlers=False,
                    update_heartbeat_interval=_BEAT_SECONDS, stalled_worker_timeout=_STALLED_SECONDS,
                    fetch_job_polling_interval=_BEAT_SECONDS, shutdown_graceful_timeout=_END_SECONDS,
                )  # fmt: skip
            finally:
                retrying.cancel()

    async def _retry_stalled(self) -> None:
        """Put jobs of a worker that died back into the queue, again and again."""
        manager = self._app.job_manager
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            try:
                for job in await manager.get_stalled_jobs(queue=self._queue, seconds_since_heartbeat=_STALLED_SECONDS):
                    logger.warning("%s: its worker died; it is begun again", job.lock)
                    try:
                        await manager.retry_job(job, retry_at=datetime.now(UTC))
                    except UniqueViolation:
                        # The plan has put the same night into the queue since.
                        await manager.finish_job(job, Status.FAILED, delete_job=True)
            except (ProcrastinateException, psycopg.Error) as error:
                logger.debug("stalled jobs cannot be looked for: %r", error)
