"""Commands for many portals, each with an archive of its own: in a folder of one machine, or on many machines."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from crawler import settings
from crawler.cli.options import PATH, archives_option, command, json_option, log_format_option, read_folder
from crawler.cli.terminal.output import PROGRAM, is_quiet, print_error, print_if_quiet, print_result
from crawler.errors import ProfileError, WrongUseError
from crawler.exit_codes import ExitCode, end_on_signals
from crawler.language.dates import to_iso_utc

if TYPE_CHECKING:
    from crawler.fleet.adding import Added

    _Adder = Callable[[str], Added]


def _read_server(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return the address of the server, if one is given. Refuse it if packages of the extra `server` are missing."""
    if value == "":
        raise click.BadParameter("the value is empty")
    if value is not None:
        if find_spec("psycopg") is None or find_spec("procrastinate") is None:
            raise click.BadParameter("the packages for it are missing: pip install '.[server]'")
        from crawler.fleet.server.connection import has_password

        source = context.get_parameter_source(str(parameter.name))
        if source is ParameterSource.COMMANDLINE and has_password(value):
            print_error(
                "--server: every user of this machine can read a password in an argument; name the server in "
                "PORTAL_ARCHIVE_FLEET_SERVER, or keep the password in the file of PGPASSFILE"
            )
        settings.keep_fleet_server(value)
    return value


def _need_server(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return the address of the server from the option or the environment. Refuse a command without an address."""
    found = _read_server(context, parameter, value if value is not None else settings.fleet_server())
    if found is None:
        raise click.MissingParameter(ctx=context, param=parameter)
    return found


_server_option = click.option(
    "--server", callback=_read_server, metavar="URL", help="many machines' PostgreSQL; or PORTAL_ARCHIVE_FLEET_SERVER"
)
_needed_server_option = click.option(
    "--server", callback=_need_server, metavar="URL", help="PostgreSQL; default: PORTAL_ARCHIVE_FLEET_SERVER"
)


def _choose_place(archives: Path | None, server: str | None) -> str | None:
    """Return the server, or None for a folder. If the command names neither, return the server of the environment."""
    if archives is not None and server is not None:
        raise click.UsageError("give --archives or --server, not both")
    chosen = server or (settings.fleet_server() if archives is None else None)
    if archives is None and chosen is None:
        raise click.UsageError("give --archives FOLDER, or --server URL")
    return chosen


@command("fleet add addresses.txt --archives /srv/portals", "fleet add addresses.txt --server postgresql://db/fleet")
@click.argument("file", type=PATH, metavar="FILE")
@archives_option
@_server_option
def fleet_add(*, file: Path, archives: Path | None, server: str | None) -> int:
    """Add portals to the fleet: fetch each address of FILE, one a line, and find out its system.

    A portal of a known system gets a profile and a number, and on many machines a home. Every other address is printed
    with the reason; then the exit code is 3.
    """
    from crawler.fleet.adding import read_addresses

    server = _choose_place(archives, server)
    try:
        addresses = read_addresses(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"{file}: cannot be used: {error}") from error
    if not addresses:
        raise WrongUseError(f"{file}: names no address")
    found, width = [], max(len(address) for address in addresses)
    with _adding_to_server(server) if server is not None else _adding_to_folder(archives) as add:
        for address in addresses:
            added = add(address)
            found.append(added)
            print_result(f"{address:<{width}}  {added.portal or 'refused':<24}  {added.sentence}")
            if added.portal is None:
                print_if_quiet([f"{address}: refused: {added.sentence}"])
    refused = sum(one.portal is None for one in found)
    portals = {one.portal for one in found if one.portal is not None}
    print_result(f"{len(portals)} in the fleet, {refused} refused; {sum(one.is_new for one in found)} new")
    return ExitCode.INCOMPLETE if refused else ExitCode.OK


@contextmanager
def _adding_to_folder(archives: Path | None) -> Iterator["_Adder"]:
    from crawler.fleet.adding import FolderAdder
    from crawler.fleet.fleet_file import prepare_fleet
    from crawler.fleet.folder import FleetFolder

    assert archives is not None
    fleet = FleetFolder(archives.absolute())
    fault = prepare_fleet(fleet)
    if fault is not None:
        raise WrongUseError(fault)
    with closing(FolderAdder(fleet)) as adder:
        yield adder.add


@contextmanager
def _adding_to_server(url: str) -> Iterator["_Adder"]:
    from crawler.fleet.adding import portal_key, probe_address
    from crawler.fleet.server.connection import open_server
    from crawler.fleet.server.portals import add_portal, read_portals
    from crawler.fleet.shared_politeness import politeness_at
    from crawler.operations.node.queue import make_queue_tables
    from crawler.profile import parse_profile

    make_queue_tables(url)

    def add(address: str) -> "Added":
        with open_server(url) as connection:
            known = {}
            for portal in read_portals(connection):
                try:
                    known[portal_key(parse_profile(portal.profile, portal.name).base_url)] = portal.name
                except ProfileError:
                    # Only its home decides that. The name stays in use.
                    known[portal.name] = portal.name
        # Close the connection while a portal is fetched, since that may take long.
        with closing(politeness_at(url)) as politeness:
            added, text = probe_address(address, known=known, politeness=politeness)
        if added.portal is not None and text is not None:
            with open_server(url) as connection:
                add_portal(connection, added.portal, profile=text)
        return added

    yield add


@command("fleet status --archives /srv/portals", "fleet status --server postgresql://db/fleet --json")
@archives_option
@_server_option
@json_option
def fleet_status(*, archives: Path | None, server: str | None, as_json: bool) -> int:
    """Show the state of every portal of the fleet, one line each, the worst first; on many machines also each node.

    The exit code is 1 if a portal or node has a problem, or `fleet.toml` cannot be used.
    """
    from crawler.fleet.fleet_file import find_fault
    from crawler.operations.fleet_status import fleet_as_json, fleet_lines

    server, now = _choose_place(archives, server), settings.clock()
    if server is not None:
        return _show_server_status(server, as_json=as_json)
    from crawler.fleet.folder import FleetFolder
    from crawler.operations.fleet_status import read_fleet_status
    from crawler.operations.schedule.places import ArchivePerPortal

    assert archives is not None
    fleet = FleetFolder(archives.absolute())
    # Without its file, a fleet has no storage.
    backups = ArchivePerPortal(fleet).backup_place if fleet.file.is_file() else settings.backup_target()
    members = read_fleet_status(fleet, now, backups_planned=backups is not None)
    if not members:
        raise WrongUseError(f"{archives}: holds no portal; `fleet add` adds some")
    fault = find_fault(fleet)
    if fault is not None:
        print_error(fault)
    if as_json:
        found = {**fleet_as_json(members, to_iso_utc(now)), "fault": fault}
        print_result(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for line in fleet_lines(members, settings.terminal_language()):
            print_result(line)
    return ExitCode.OK if fault is None and all(member.is_well for member in members) else ExitCode.FAILED


def _show_server_status(url: str, *, as_json: bool) -> int:
    from crawler.operations.fleet_status import fleet_as_json, fleet_lines
    from crawler.operations.node.pushed import node_lines, nodes_as_json, read_pushed_status

    nodes, members = read_pushed_status(url, settings.clock())
    if not nodes and not members:
        raise WrongUseError("the fleet has no node and no portal; `fleet join` and `fleet add` add some")
    if as_json:
        found = {**fleet_as_json(members, to_iso_utc(settings.clock())), "nodes": nodes_as_json(nodes)}
        print_result(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        language = settings.terminal_language()
        for line in (*node_lines(nodes, language), *fleet_lines(members, language)):
            print_result(line)
    is_well = all(member.is_well for member in members) and all(node.is_alive or not node.portals for node in nodes)
    return ExitCode.OK if is_well else ExitCode.FAILED


@command(
    "fleet join --server postgresql://db/fleet --disk /srv/portals",
    "fleet join --server postgresql://db/fleet --disk /srv/portals --jobs 8 --share 2",
)
@_needed_server_option
@click.option(
    "--disk", type=str, required=True, callback=read_folder, metavar="FOLDER",
    help="this machine's archives, laid out as for --archives",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, settings.MOST_JOBS), default=1, metavar="N", help="nights at once; default: 1"
)
@click.option("--name", metavar="NODE", help="default: the name of the machine")
@click.option(
    "--share", type=click.FloatRange(0.01, 1000), default=1.0, metavar="N",
    help="of new portals, compared with other nodes; default: 1",
)  # fmt: skip
@log_format_option
def fleet_join(*, server: str, disk: Path, jobs: int, name: str | None, share: float, log_format: str | None) -> int:
    """Join a fleet of many machines, and run the nights of the portals whose home this machine is, until stopped.

    It adds portals of the folder that the fleet does not know yet. If the server does not answer for a minute and no
    crawl is running, the command ends with exit code 1: start it again.
    """
    end_on_signals(ExitCode.OK)
    from crawler.cli.terminal.logs import LogStyle, keep_schedule_log, log_to_stderr
    from crawler.fleet.folder import FleetFolder
    from crawler.operations.node.node import run_node

    form = log_format or settings.log_format()
    style = LogStyle(form, settings.clock, secrets=settings.secrets())
    log_to_stderr(style, "WARNING" if is_quiet() else settings.LOG_LEVEL)
    fleet = FleetFolder(disk.absolute())
    keep_schedule_log(settings.log_folder(fleet.plan), style)
    options = ("--log-format", form, *(("--quiet",) if is_quiet() else ()))
    return run_node(server, fleet, name=name, share=share, jobs=jobs, crawl_arguments=options)


@command(
    "fleet move --from node2 --server postgresql://db/fleet", "fleet move --from node2 --without-backup",
    "fleet move --from node2 --stay",
)  # fmt: skip
@click.option("--from", "node", required=True, metavar="NODE", help="a node that is lost, or is to be removed")
@_needed_server_option
@click.option("--without-backup", is_flag=True, help="portals without a backup begin with an empty archive")
@click.option("--stay", is_flag=True, help="a node that hands its portals over keeps those that it still has")
def fleet_move(*, node: str, server: str, without_backup: bool, stay: bool) -> int:
    """Give the portals of a node new homes among the live nodes, which restore their archives.

    A live node finishes its running nights, backs up each archive, and hands it over. The command waits for that. If
    you stop the command, the node continues. For a lost node, the new homes use the last backups. A portal without a
    backup stays and is printed; then the exit code is 3.
    """
    from crawler.fleet.server.connection import open_server
    from crawler.fleet.server.nodes import put_leaving, read_nodes
    from crawler.fleet.server.portals import move_portals
    from crawler.operations.node.queue import drop_jobs, make_queue_tables

    if stay and without_backup:
        raise click.UsageError("give --stay or --without-backup, not both")
    make_queue_tables(server)
    with open_server(server) as connection:
        found = {one.name: one for one in read_nodes(connection)}.get(node)
        if found is not None and (stay or found.is_alive):
            put_leaving(connection, node, is_leaving=not stay)
            if stay:
                print_result(f"{node}: keeps its portals: {found.portals}")
                return ExitCode.OK
            return _wait_until_left(server, node)
        moved = move_portals(connection, node, without_backup=without_backup)
        drop_jobs(server, node)
    for one in moved:
        if one.home is None:
            way = "start the node again, or let it begin with nothing (--without-backup)"
            print_result(f"{one.name}: stays: no backup of it was shipped; {way}")
        elif one.origin == "backup" and one.shipped_at is not None:
            print_result(f"{one.name}: to {one.home}, restored from the backup of {to_iso_utc(one.shipped_at)}")
        else:
            print_result(f"{one.name}: to {one.home}, where it begins with nothing")
    stays = sum(one.home is None for one in moved)
    print_result(f"{len(moved) - stays} moved, {stays} stay")
    return ExitCode.INCOMPLETE if stays else ExitCode.OK


def _wait_until_left(url: str, node: str) -> int:
    """Print the progress while a node hands its portals over, until it has none left."""
    from crawler.operations.node.move import HandedOver, follow_leaving

    print_error(f"{node}: is alive: it ends its nights under way, ships its archives, and hands them over")
    for told in follow_leaving(url, node):
        if isinstance(told, HandedOver):
            print_result(f"{told.portal}: to {told.home}")
        else:
            print_error(told.sentence)
            if told.is_end:
                return told.code
    return ExitCode.OK


fleet = click.Group(
    "fleet",
    commands={"add": fleet_add, "status": fleet_status, "join": fleet_join, "move": fleet_move},
    help="Keep many portals, on one machine or on many.",
    epilog=f"\b\nExamples:\n  {PROGRAM} fleet add addresses.txt --archives /srv/portals\n"
    f"  {PROGRAM} fleet status --archives /srv/portals\n"
    f"  {PROGRAM} fleet join --server postgresql://db/fleet --disk /srv/portals",
    no_args_is_help=False,
)
