"""Four nodes in trouble, drawn by a seed: no night is lost, none settled twice, and a lost node's portals go on."""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from tests.support.crawling import command, value
from tests.support.nights_harness import FIRST_PLANNED, wait_until
from tests.support.portals.node_fleets import SETTLED, NodeFleet, send, serve_node_fleet

SEEDS = [int(one) for one in os.environ.get("TROUBLE_SEEDS", "1 2 3").split()]
NODES = "abcd"


class Trouble:
    """What happens to a fleet, drawn by a seed. The clocks of its nodes are minutes apart."""

    def __init__(self, fleet: NodeFleet, seed: int) -> None:
        self.fleet = fleet
        self.drawn = random.Random(seed)
        self.minutes = {node: self.drawn.uniform(1, 12) for node in (*NODES, "e")}

    def start(self, node: str, *, night: int = 1) -> None:
        """Start a node by its own clock."""
        now = FIRST_PLANNED + timedelta(days=night - 1, minutes=self.minutes[node])
        self.fleet.start(node, PORTAL_ARCHIVE_NOW=to_iso_utc(now), PORTAL_ARCHIVE_WATCHDOG_MINUTES="0.3")

    def kill_worker(self) -> None:
        """Kill a node's process alone; its crawls go on. Its supervisor starts it again."""
        self._kill(with_crawls=False)

    def kill_machine(self) -> None:
        """Kill a node and its crawls, and start it again."""
        self._kill(with_crawls=True)

    def _kill(self, *, with_crawls: bool) -> None:
        node = self.drawn.choice(NODES)
        if node in self.fleet.processes:
            self.fleet.kill(node, with_crawls=with_crawls)
            time.sleep(self.drawn.uniform(0, 10))
        self.start(node)

    def stop_server(self) -> None:
        """Stop the server as a power cut does, for half a minute or longer; start again the nodes that ended."""
        self.fleet.server.stop()
        time.sleep(self.drawn.choice((30, 90)))
        self.fleet.server.start()
        time.sleep(5)
        for node in NODES:
            if self.fleet.processes[node].poll() is not None:
                assert self.fleet.processes.pop(node).returncode == 1
                self.start(node)

    def send_doubles(self) -> None:
        """Send each night to all queues."""
        for portal in self.fleet.served.portals:
            for node in NODES:
                send(self.fleet, node, portal)

    def happen(self) -> None:
        """Let all of it happen, in an order and at times that are drawn."""
        acts: list[Callable[[], None]] = [
            self.kill_worker, self.kill_machine, self.stop_server, self.send_doubles, self.send_doubles
        ]  # fmt: skip
        self.drawn.shuffle(acts)
        for act in acts:
            time.sleep(self.drawn.uniform(1, 8))
            act()


@pytest.mark.trial
@pytest.mark.parametrize("seed", SEEDS)
def test_no_night_is_lost_or_doubled_and_a_lost_nodes_portals_go_on(tmp_path: Path, seed: int) -> None:
    with serve_node_fleet(tmp_path, 8) as fleet:
        fleet.storage = tmp_path / "storage"
        fleet.storage.mkdir()
        trouble = Trouble(fleet, seed)
        for node in NODES:
            trouble.start(node)
        wait_until(lambda: all(f"node {node} of" in fleet.log(node) for node in NODES))
        homes = fleet.register()
        portals = set(homes)
        trouble.happen()
        wait_until(lambda: set(fleet.settled().values()) == {1}, seconds=400)
        wait_until(lambda: fleet.shipped() == portals, seconds=300)
        assert {portal: fleet.archives(portal) for portal in homes} == {one: [home] for one, home in homes.items()}
        _lose_and_move(fleet, trouble.drawn.choice(sorted({str(home) for home in homes.values()})), trouble=trouble)
        for node in [*fleet.processes]:
            fleet.end(node)
        for node in (*NODES, "e"):
            trouble.start(node, night=2)
        wait_until(lambda: set(_counts(fleet).values()) == {2}, seconds=400)
        assert all(fleet.end(node) == 0 for node in (*NODES, "e"))


def _counts(fleet: NodeFleet) -> dict[str, int]:
    """Count the settled nights of each portal at its home."""
    return {
        name: value(fleet.folder(str(portal.home)).archive_of(name), SETTLED)
        for name, portal in fleet.portals().items()
        if fleet.folder(str(portal.home)).archive_of(name).exists()
    }


def _lose_and_move(fleet: NodeFleet, lost: str, *, trouble: Trouble) -> None:
    """Lose a node while the storage is away; two operators move its portals; then a node joins, and the lost one."""
    before = fleet.portals()
    moving = {name for name, portal in before.items() if portal.home == lost}
    assert fleet.storage is not None
    fleet.kill(lost, with_crawls=True)
    away = fleet.storage.rename(fleet.storage.with_name("away"))
    words = ("fleet", "move", "--from", lost, "--server", fleet.server.url)
    assert command(*words).code == 3
    first, second = command(*words), command(*words)
    assert (first.code, second.code, "0 moved" in second.out) == (0, 0, True), (first, second)
    assert first.out.count("restored from the backup of") == len(moving)
    wait_until(lambda: any("the restore is not done" in fleet.log(node) for node in NODES if node != lost))
    told = {
        one["portal"]: one["verdict"]
        for one in json.loads(command("fleet", "status", "--server", fleet.server.url, "--json").out)["portals"]
    }
    assert {told[name] for name in moving} == {"restoring"}
    away.rename(fleet.storage)
    began = time.monotonic()
    wait_until(lambda: all(fleet.portals()[name].origin == "disk" for name in moving), seconds=180)
    print(f"{len(moving)} portals restored {time.monotonic() - began:.0f} s after the storage was back")
    assert _counts(fleet) == dict.fromkeys(before, 1)
    homes = {name: portal.home for name, portal in fleet.portals().items()}
    trouble.start("e")
    trouble.start(lost)
    former = [fleet.folder(lost).path / ".former" / f"{name}-1" / "archive.db" for name in moving]
    wait_until(lambda: "node e of" in fleet.log("e") and all(path.is_file() for path in former))
    for name in moving:
        send(fleet, lost, name)
    wait_until(lambda: all(f"{name}: the night of" in fleet.log(lost).rpartition("node ")[2] for name in moving))
    assert {name: portal.home for name, portal in fleet.portals().items()} == homes
    assert fleet.settled() == Counter(dict.fromkeys(before, 1))
