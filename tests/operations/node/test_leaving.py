"""A portal changes its home while its node is alive: handed over in order, or taken away in the midst of a night."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from crawler.fleet.server.connection import open_server
from crawler.fleet.server.portals import move_portals
from tests.support.crawling import ROOT, command, environment, value
from tests.support.nights_harness import children_of, wait_until
from tests.support.portals.node_fleets import SETTLED, NodeFleet, serve_node_fleet

PATIENCE = 120


def move_from(fleet: NodeFleet, node: str) -> "subprocess.Popen[str]":
    """Begin `fleet move --from NODE`."""
    words = ["fleet", "move", "--from", node, "--server", fleet.server.url]
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *words], cwd=ROOT, env=environment({}), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def settled_at(fleet: NodeFleet, node: str, portal: str) -> int:
    """Count the settled nights in the archive of a portal on the disk of a node."""
    return value(fleet.folder(node).archive_of(portal), SETTLED)


def test_a_node_that_leaves_ends_its_nights_ships_them_and_loses_none(tmp_path: Path) -> None:
    with serve_node_fleet(tmp_path, 2) as fleet:
        fleet.storage = tmp_path / "storage"
        fleet.storage.mkdir()
        fleet.start("a")
        wait_until(lambda: "node a of" in fleet.log("a"), seconds=PATIENCE)
        homes = fleet.register()
        assert set(homes.values()) == {"a"}
        wait_until(lambda: children_of(fleet.processes["a"].pid), seconds=PATIENCE)
        with move_from(fleet, "a") as alone:
            wait_until(lambda: "no other node is alive" in str(alone.stderr and alone.stderr.readline()))
            alone.kill()
        assert command("fleet", "move", "--from", "a", "--stay", "--server", fleet.server.url).code == 0
        fleet.start("b")
        wait_until(lambda: "node b of" in fleet.log("b"), seconds=PATIENCE)
        moved = command("fleet", "move", "--from", "a", "--server", fleet.server.url)
        assert (moved.code, sorted(moved.out.splitlines())) == (0, [f"p{n}: to b" for n in range(2)]), moved
        wait_until(lambda: all(one.origin == "disk" for one in fleet.portals().values()), seconds=PATIENCE)
        wait_until(lambda: fleet.settled() == Counter(dict.fromkeys(homes, 1)), seconds=PATIENCE)
        assert all(fleet.archives(portal) == ["b"] for portal in homes)
        former = sorted(path.parent.name for path in fleet.path.glob("a/.former/*/archive.db"))
        assert former, "at least the night under way was shipped"
        assert [settled_at(fleet, "b", name.removesuffix("-1")) for name in former] == [1] * len(former)
        assert [fleet.end("a"), fleet.end("b")] == [0, 0]


def test_a_night_of_a_portal_that_was_taken_away_from_a_live_node_is_ended_and_settled_once(tmp_path: Path) -> None:
    with serve_node_fleet(tmp_path, 1, articles=60) as fleet:
        # The night of the first node goes on until it is ended.
        faults = fleet.served.files.faults
        faults.set("@files", "slow")
        fleet.start("a")
        wait_until(lambda: "node a of" in fleet.log("a"), seconds=PATIENCE)
        fleet.register()
        wait_until(lambda: fleet.archives("p0") == ["a"], seconds=PATIENCE)
        fleet.start("b")
        wait_until(lambda: "node b of" in fleet.log("b"), seconds=PATIENCE)
        with open_server(fleet.server.url) as connection, connection.transaction():
            connection.execute("update fleet_nodes set heartbeat_at = now() - interval '1 hour' where name = 'a'")
            (moved,) = move_portals(connection, "a", without_backup=True)
        assert moved.home == "b"
        former = fleet.folder("a").path / ".former" / "p0-1" / "archive.db"
        wait_until(former.exists, seconds=PATIENCE)
        assert "p0: has another home now; its job here is ended" in fleet.log("a")
        assert value(former, SETTLED) == 0
        faults.clear()
        wait_until(lambda: fleet.settled() == Counter({"p0": 1}), seconds=PATIENCE)
        assert fleet.archives("p0") == ["b"]
        assert [fleet.end("a"), fleet.end("b")] == [0, 0]
