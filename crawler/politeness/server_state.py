"""What crawls of many machines share, in PostgreSQL: the same as `state` keeps for one machine.

A turn is a time reserved on the row of a host or address (the generic cell rate algorithm without a burst), by the
server's clock, in the one statement that takes the connection for it. A connection to a host belongs to the session
that took it: if a process or a machine is gone, so is its session, and others take the connection.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from crawler.politeness.caps import Cap
from crawler.politeness.state import LONGEST_REST_SECONDS, KeptRobots, Slot, StateUnreachableError

# How long the server may take to be reached and to answer, in seconds. Its answers take milliseconds.
_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 3.0
# Who waits for a connection asks again after this many seconds, or when those before it can have had their turns.
_ROOM_SECONDS, _SLOWEST_ROOM_SECONDS = 0.1, 1.0
# A stream that did not ask for this many seconds makes no other wait: it died, or its machine has stopped.
_UNSEEN_SECONDS = 2.5
# A machine counts as one of the fleet for this long after it was seen.
_NODE_SECONDS = 24 * 3600.0
# Any number: it keeps two sessions from making the tables at once.
_SCHEMA_LOCK = 0x706F6C69

_NOW = "extract(epoch from clock_timestamp())::double precision"

# Unlogged: it may be lost, and costs the server no log. The function has the version in its name, so that nodes of two
# versions go on beside each other. It takes the locks always in the same order, so that two crawls never wait for each
# other; and its statements see what others wrote while it waited, as one statement alone does not. The turn of an
# address is reserved with that of the host only if the host is free now: else it would be empty until then.
_TAKE = "politeness_take_2(text[], integer[], double precision[], double precision[], text, integer, timestamptz)"
_SCHEMA = f"""
create unlogged table if not exists politeness_turns (key text primary key, next_at double precision not null);
create unlogged table if not exists politeness_connections (
  key text, lease text, backend integer, began timestamptz, primary key (key, lease));
create unlogged table if not exists politeness_waiting (
  key text, lease text, asked_at double precision, seen_at double precision, primary key (key, lease));
create unlogged table if not exists politeness_rests (
  kind text, host text, until double precision not null, primary key (kind, host));
create unlogged table if not exists politeness_robots (origin text primary key, fetched_at text, status integer,
  coding text, body bytea, archive text, record_id text, fetching_until double precision);
create unlogged table if not exists politeness_nodes (node text primary key, seen_at double precision not null);
create or replace function politeness_turn_1(of_key text, step double precision, furthest double precision)
returns double precision language sql as $$
  insert into politeness_turns as t (key, next_at) values (of_key, {_NOW} + step)
  on conflict (key) do update set next_at = step + case
    when t.next_at > {_NOW} + furthest then {_NOW} else greatest(t.next_at, {_NOW}) end
  returning greatest(0, next_at - step - {_NOW})
$$;
create or replace function politeness_take_2(keys text[], most integer[], steps double precision[],
  furthest double precision[], of_lease text, of_backend integer, of_began timestamptz)
returns double precision[] language plpgsql as $$
declare
  one text;
  at double precision;
  asked double precision;
  before integer;
  waits double precision[];
begin
  for one in select k from unnest(keys) k order by k loop
    perform pg_advisory_xact_lock(hashtextextended(one, 0));
  end loop;
  at := {_NOW};
  asked := coalesce((select asked_at from politeness_waiting where key = keys[1] and lease = of_lease), at);
  for n in 1 .. array_length(keys, 1) loop
    before := (select count(*) from politeness_waiting
      where key = keys[n] and asked_at < asked and seen_at > at - {_UNSEEN_SECONDS});
    if (select count(*) from politeness_connections where key = keys[n]) + before >= most[n] then
      delete from politeness_connections c where key = keys[n] and not exists (
        select 1 from pg_stat_activity a where a.pid = c.backend and a.backend_start = c.began);
      if (select count(*) from politeness_connections where key = keys[n]) + before >= most[n] then
        delete from politeness_waiting where key = any(keys) and (lease = of_lease or seen_at < at - 60);
        insert into politeness_waiting select k, of_lease, asked, at from unnest(keys[1:n]) k;
        return array[-1 - before];
      end if;
    end if;
  end loop;
  delete from politeness_waiting where key = any(keys) and lease = of_lease;
  insert into politeness_connections select k, of_lease, of_backend, of_began from unnest(keys) k;
  for n in 1 .. array_length(keys, 1) loop
    waits := waits || politeness_turn_1(keys[n], steps[n], furthest[n]);
    exit when waits[n] > 0;
  end loop;
  return waits;
end
$$;
"""  # noqa: S608 - ours

# After an upgrade some tables are new, and a role that owns nothing can neither make nor use them.
_NOT_OURS = (
    "this role may not make or use what this version needs: start a node, or run `fleet add`, once as the role that "
    "owns the tables politeness_…, then let it `grant select, insert, update, delete on all tables in schema public` "
    "to this role"
)

# Rows that are not used any more: a host that is not asked any more does not keep its row for ever.
_FORGET = (
    f"delete from politeness_turns where next_at < {_NOW} - 86400",  # noqa: S608 - ours
    f"delete from politeness_rests where until < {_NOW}",  # noqa: S608 - ours
    f"delete from politeness_nodes where seen_at < {_NOW} - 7 * 86400",  # noqa: S608 - ours
    f"delete from politeness_waiting where seen_at < {_NOW} - 60",  # noqa: S608 - ours
    """delete from politeness_robots where (fetched_at is null or fetched_at::timestamptz < now() - interval '7 days')
         and coalesce(fetching_until, 0) < extract(epoch from now())""",
    """delete from politeness_connections c where began < now() - interval '1 hour' and not exists (
         select 1 from pg_stat_activity a where a.pid = c.backend and a.backend_start = c.began)""",
)


class ServerState:
    """A session with the server; the same questions as of `state.SharedState`.

    Args:
        url: a `postgresql://` address, which may hold a password.
        node: the name of this machine and folder, by which machines are counted; None if it is not to be counted.

    Raises:
        StateUnreachableError: by each method, if the server is away or refuses. The session is of no use then.
    """

    def __init__(self, url: str, node: str | None = None) -> None:
        with _as_unreachable():
            import psycopg

            self._connection: Any = psycopg.connect(
                url, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="portal-archive politeness",
                tcp_user_timeout=int(1000 * _ANSWER_SECONDS),
                options=f"-c statement_timeout={int(1000 * _ANSWER_SECONDS)} -c synchronous_commit=off",
            )  # fmt: skip
            try:
                self._make_tables()
                self._own: Any = self._connection.execute(
                    "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()"
                ).fetchone()
                self.nodes = self._count_nodes(node)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """End the session; its connections to hosts are free then."""
        self._connection.close()

    def _make_tables(self) -> None:
        """Make the tables, unless they are there: a role that may make none can use them."""
        if self._connection.execute("select to_regprocedure(%s) is not null", (_TAKE,)).fetchone()[0]:
            return
        with self._connection.transaction():
            self._connection.execute("select pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
            self._connection.execute(_SCHEMA)

    def _count_nodes(self, node: str | None) -> int:
        """Say that this machine is one of the fleet, if it is, and count them."""
        if node is not None:
            self._note_node(node)
        row = self._connection.execute(
            f"select count(*) from politeness_nodes where seen_at > {_NOW} - %s",  # noqa: S608 - ours
            (_NODE_SECONDS,),
        ).fetchone()
        return max(1, int(row[0])) if row else 1

    def _note_node(self, node: str) -> None:
        self._connection.execute(
            f"""insert into politeness_nodes values (%s, {_NOW})
                on conflict (node) do update set seen_at = excluded.seen_at""",  # noqa: S608 - ours
            (node,),
        )

    def reserve(self, key: str, cap: Cap) -> float:
        """Reserve the next turn of a host or address; give the seconds until then."""
        row = self._ask("select politeness_turn_1(%s, %s, %s)", (key, cap.interval, _furthest(cap)))
        assert row is not None
        return float(row[0])

    def put_off(self, key: str, cap: Cap) -> float:  # noqa: ARG002 - as another state has it
        """Put no turn off: that is a matter of one machine, whose own state does it."""
        return 0.0

    def begin(self, caps: Sequence[tuple[str, Cap]], lease: str) -> Slot | float:
        """Take a connection to a host and its address at once, and reserve its turns; one statement.

        If one of them has no room, keep a place in the order, and give the seconds until the next try.
        """
        row = self._ask(
            "select politeness_take_2(%s, %s, %s, %s, %s, %s, %s)",
            (
                [key for key, _ in caps], [cap.connections for _, cap in caps], [cap.interval for _, cap in caps],
                [_furthest(cap) for _, cap in caps], lease, *self._own,
            ),
        )  # fmt: skip
        assert row is not None
        waits = tuple(row[0])
        if waits[0] >= 0:
            return Slot(lease, waits)
        # No connection is free before those who are before it had their turns.
        return float(min(_SLOWEST_ROOM_SECONDS, max(_ROOM_SECONDS, -waits[0] * caps[0][1].interval)))

    def disconnect(self, lease: str, keys: Sequence[str]) -> None:
        """Give a connection back, or the place of one that waits for it."""
        self._ask(
            """with gone as (delete from politeness_waiting where lease = %(lease)s and key = any(%(keys)s))
               delete from politeness_connections where lease = %(lease)s and key = any(%(keys)s)""",
            {"lease": lease, "keys": list(keys)},
        )

    def put_rest(self, kind: str, host: str, *, seconds: float) -> None:
        """Let a host rest for this long, at most some hours; a longer rest of the same kind stays."""
        self._ask(
            f"""insert into politeness_rests as r values (%s, %s, {_NOW} + %s)
                on conflict (kind, host) do update set until = greatest(r.until, excluded.until)""",  # noqa: S608 - ours
            (kind, host, min(seconds, LONGEST_REST_SECONDS)),
        )

    def end_rest(self, kind: str, host: str) -> None:
        """Let a host be asked again."""
        self._ask("delete from politeness_rests where kind = %s and host = %s", (kind, host))

    def rest_seconds(self, kind: str, host: str) -> float:
        """Return for how long a host still rests; 0 if it does not."""
        row = self._ask(
            f"select until - {_NOW} from politeness_rests where kind = %s and host = %s",  # noqa: S608 - ours
            (kind, host),
        )
        seconds = float(row[0]) if row else 0.0
        return seconds if 0 < seconds <= LONGEST_REST_SECONDS else 0.0

    def find_robots(self, origin: str) -> KeptRobots | None:
        """Return the robots.txt that is kept of an origin, of any age."""
        row = self._ask(
            """select fetched_at, status, coding, body, archive, record_id from politeness_robots
               where origin = %s and fetched_at is not null""",
            (origin,),
        )
        return KeptRobots(*row) if row else None

    def claim_robots(self, origin: str, *, seconds: float) -> bool:
        """Claim the fetch of an origin's robots.txt for this long. False if another crawl fetches it now."""
        row = self._ask(
            f"""insert into politeness_robots as r (origin, fetching_until) values (%(origin)s, {_NOW} + %(seconds)s)
                on conflict (origin) do update set fetching_until = excluded.fetching_until
                where r.fetching_until is null or r.fetching_until not between {_NOW} and excluded.fetching_until
                returning 1""",  # noqa: S608 - ours
            {"origin": origin, "seconds": seconds},
        )
        return row is not None

    def put_robots(self, origin: str, kept: KeptRobots | None) -> None:
        """End a claim, and keep what was fetched; None if nothing that may be shared was."""
        if kept is None:
            self._ask("update politeness_robots set fetching_until = null where origin = %s", (origin,))
            return
        self._ask(
            """insert into politeness_robots values (%s, %s, %s, %s, %s, %s, %s, null)
               on conflict (origin) do update set fetched_at = excluded.fetched_at, status = excluded.status,
                 coding = excluded.coding, body = excluded.body, archive = excluded.archive,
                 record_id = excluded.record_id, fetching_until = null""",
            (origin, kept.fetched_at, kept.status, kept.coding, kept.body, kept.archive, kept.record_id),
        )

    def _ask(self, sql: str, values: Any) -> Any:
        """Run one statement; give its first row, None if it has none."""
        with _as_unreachable():
            cursor = self._connection.execute(sql, values)
            return cursor.fetchone() if cursor.description is not None else None


def forget_old(connection: Any) -> None:
    """Delete the rows of hosts and machines that were not used for long, if the tables exist."""
    if connection.execute("select to_regprocedure(%s) is not null", (_TAKE,)).fetchone()[0]:
        for statement in _FORGET:
            connection.execute(statement)


def _furthest(cap: Cap) -> float:
    """Return how far ahead a turn can be, in seconds, if all connections reserve theirs."""
    return (cap.connections + 2) * cap.interval + 1.0


@contextmanager
def _as_unreachable() -> Iterator[None]:
    try:
        import psycopg
    except ImportError as error:
        raise StateUnreachableError("the package psycopg is not installed") from error
    try:
        yield
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:
            # Of the address itself, which may hold a password.
            raise StateUnreachableError("its address cannot be read") from None
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            first_line = str(error).partition("\n")[0]
            raise StateUnreachableError(f"{first_line}; {_NOT_OURS}") from error
        raise StateUnreachableError(str(error).strip()) from error
    except psycopg.Error as error:
        # Its message names the server, and never the password.
        raise StateUnreachableError(str(error).strip() or type(error).__name__) from error
