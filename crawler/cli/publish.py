"""Commands that show an archive, or report on it: the site, the status, the check, the messages."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import settings
from crawler.cli.options import (
    archive_option,
    archives_option,
    command,
    host_option,
    json_option,
    port_option,
    refuse_both_archives,
)
from crawler.cli.subscriptions import notify_all, notify_one
from crawler.cli.terminal.output import print_error, print_if_quiet, print_result
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, PortalArchiveError, WrongUseError
from crawler.exit_codes import ExitCode

if TYPE_CHECKING:
    from crawler.operations.notices.notify import NotificationSettings, Notified


@command("serve", "serve --archive /srv/archive/archive.db --host 0.0.0.0 --port 80", "serve --archives /srv/archives")
@archive_option
@archives_option
@host_option
@port_option
def serve(*, archive: Path, archives: Path | None, host: str, port: int) -> int:
    """Publish the archive with Datasette, until stopped.

    With --archives, publish all archives of a folder: one search over all, and each portal's own site.
    """
    refuse_both_archives(archives)
    if archives is None:
        return serve_site(archive, host, port=port)
    if not archives.is_dir():
        raise WrongUseError(f"serve: {archives} is no folder")
    from crawler.web.union.serve import serve_many

    serve_many(archives, host, port=port, announce=print_result)
    return ExitCode.OK


def serve_site(archive: Path, host: str, *, port: int, announce: Callable[[str], None] = print_result) -> int:
    """Migrate the archive if it is of an older version, then serve the site until stopped.

    `announce` is called with the address of the site when it accepts connections.
    """
    from crawler.web.serve import serve

    bring_up_to_date(archive)
    serve(archive, host, port=port, announce=announce)
    return ExitCode.OK


def bring_up_to_date(archive: Path) -> None:
    """Migrate an archive of an older version, so that this version can read it."""
    from crawler.archive.database import migrate_if_older

    if migrate_if_older(archive):
        print_error(f"{archive}: brought to this version's schema; a copy from before lies beside it")


@command("status", "status --archive /srv/archive/archive.db --json", "status --coverage")
@archive_option
@json_option
@click.option("--coverage", "with_coverage", is_flag=True, help="add the share of each portal that the archive holds")
def status(*, archive: Path, as_json: bool, with_coverage: bool) -> int:
    """Show how the last nights went, and what is broken.

    The exit code is 1 if something is wrong.
    """
    from crawler.operations.health.coverage import read_coverage
    from crawler.operations.health.status import read_status, read_status_or_problem

    try:
        found = read_status(archive, settings.clock(), backups_planned=settings.backup_target() is not None)
    except PortalArchiveError:
        if as_json:
            print_result(_render_json(read_status_or_problem(archive, settings.clock()).as_json()))
        raise
    covered = read_coverage(archive) if with_coverage else ()
    language = settings.terminal_language()
    if as_json:
        more = {"coverage": [one.as_json() for one in covered]} if with_coverage else {}
        print_result(_render_json(found.as_json() | more))
    else:
        print_result("\n".join([*found.lines(language), *(line for one in covered for line in one.lines(language))]))
    print_if_quiet(problem.sentence(settings.terminal_language()) for problem in found.problems)
    return ExitCode.FAILED if found.problems else ExitCode.OK


@command("verify --rows --json", "verify --quick --seconds 600", "verify --against s3://bucket/archive")
@archive_option
@json_option
@click.option("--rows", "with_rows", is_flag=True, help="also compare every row with a rebuild into a temporary file")
@click.option("--quick", "is_quick", is_flag=True, help="the last run, and a part of the rest that changes each night")
@click.option("--seconds", type=click.IntRange(1), help="of --quick; default: 300")
@click.option("--against", metavar="FOLDER|URL", help="also compare with the newest snapshot of a backup, by digest")
def verify(
    *, archive: Path, as_json: bool, with_rows: bool, is_quick: bool, seconds: int | None, against: str | None
) -> int:
    """Recompute every digest, and compare rows with records.

    The rows are compared with the WARC records and the digests in the ledger.
    An archive of an older version is migrated first, if possible.
    The exit code is 1 if anything differs; each difference is printed.
    """
    from crawler.archive.fixity import verify
    from crawler.archive.fixity.quick import verify_quickly
    from crawler.operations.health.verified import note_verified

    if is_quick and (with_rows or against is not None):
        raise WrongUseError("verify: --quick excludes --rows and --against")
    if seconds is not None and not is_quick:
        raise WrongUseError("verify: --seconds is of --quick")
    # An archive that cannot be migrated now is refused by the verification itself.
    with suppress(ArchiveLockedError, ArchiveUnusableError):
        bring_up_to_date(archive)
    found = verify_quickly(archive, now=settings.clock(), seconds=seconds or 300) if is_quick else verify(archive)
    if with_rows:
        from crawler.rebuild.rows import compare_with_rebuild

        compare_with_rebuild(archive, found)
    if against is not None:
        from crawler.operations.backup.against import compare_with_backup

        compare_with_backup(archive, against, found=found)
    note_verified(archive, found, now=settings.clock(), is_whole=not is_quick)
    print_result(_render_json(found.as_json()) if as_json else "\n".join(found.lines()))
    print_if_quiet(found.differences)
    return ExitCode.FAILED if found.differences else ExitCode.OK


def _render_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


@command("notify --test", "notify --dry-run", "notify --archives /srv/archives")
@archive_option
@archives_option
@click.option("--test", "is_test", is_flag=True, help="send a message that says only that messages come")
@click.option("--dry-run", is_flag=True, help="print what would be sent; nothing is sent or remembered")
@click.option("--subscription", metavar="NAME", help="only this subscription, whether it is due or not")
def notify(
    *, archive: Path, archives: Path | None, is_test: bool, dry_run: bool, subscription: str | None
) -> int:  # fmt: skip
    """Send the operator messages about problems and news.

    Messages go to the addresses in PORTAL_ARCHIVE_NOTIFY.
    Messages of subscriptions go to the addresses in their file.
    With --archives, one message lists the portals of a folder by the kind of problem.
    """
    from crawler.operations.notices.notify import NotificationSettings

    refuse_both_archives(archives)
    if archives is not None and subscription is not None:
        raise WrongUseError("notify: --subscription is of one archive; name it with --archive")
    if is_test and (dry_run or subscription is not None):
        raise WrongUseError("notify: --test and --dry-run or --subscription exclude each other")
    wanted = NotificationSettings(
        settings.notify_targets(),
        settings.language(),
        settings.digest(),
        settings.site_address(),
        settings.backup_target() is not None,
    )
    if is_test:
        return _send_test_message(wanted)
    if subscription is not None:
        return notify_one(archive, subscription, wanted=wanted, is_trial=dry_run)
    if archives is not None:
        return _notify_of_fleet(archives, wanted, is_trial=dry_run)
    return _notify_of_archive(archive, wanted, is_trial=dry_run)


def _notify_of_archive(archive: Path, wanted: "NotificationSettings", *, is_trial: bool) -> int:
    from crawler.archive.database import refuse_newer
    from crawler.operations.notices.notify import notify_operator, preview

    if is_trial:
        for message in preview(archive, wanted, now=settings.clock()):
            print_result(f"{message.title}\n\n{message.body}\n")
    elif wanted.targets:
        _send_messages(lambda: notify_operator(archive, wanted, now=settings.clock()))
    refuse_newer(archive)
    notify_all(archive, wanted, is_trial=is_trial)
    return ExitCode.OK


def _notify_of_fleet(folder: Path, wanted: "NotificationSettings", *, is_trial: bool) -> int:
    """Send one message for all portals, then the digest and subscriptions of each. Skip an archive that fails."""
    from crawler.fleet.folder import FleetFolder
    from crawler.operations.notices.fleet import in_room, notify_fleet, preview_fleet
    from crawler.operations.notices.notify import notify_digest

    fleet = FleetFolder(folder.absolute())
    if not fleet.archives():
        raise WrongUseError(f"notify: {folder} holds no archive")
    if is_trial:
        message = preview_fleet(fleet, wanted, now=settings.clock())
        if message is not None:
            print_result(f"{message.title}\n\n{message.body}\n")
    elif wanted.targets:
        _send_messages(lambda: notify_fleet(fleet, wanted, now=settings.clock()))
        _notify_of_nodes(wanted)
    for name, archive in fleet.archives().items():
        of_portal = in_room(wanted, name)
        try:
            if wanted.targets and not is_trial:
                _send_messages(partial(notify_digest, archive, of_portal, now=settings.clock()))
            notify_all(archive, of_portal, is_trial=is_trial)
        except PortalArchiveError as error:
            print_error(f"{name}: {error}")
    return ExitCode.OK


def _notify_of_nodes(wanted: "NotificationSettings") -> None:
    """Send messages about the other machines of the fleet, if it has a server."""
    server = settings.fleet_server()
    if server is None:
        return
    from crawler.operations.node.away import notify_of_nodes

    try:
        _send_messages(lambda: notify_of_nodes(server, wanted))
    except PortalArchiveError as error:
        print_error(str(error))


def _send_messages(send: "Callable[[], Notified]") -> None:
    try:
        notified = send()
    except ArchiveLockedError as error:
        # Another `notify` is sending them.
        print_error(str(error))
        return
    for message, sent in notified.messages:
        print_result(f"{message.title}: sent to {', '.join(sent.reached) or 'nobody; it is tried again next time'}")
    if notified.failed:
        print_error(f"not taken by {', '.join(notified.failed)}")


def _send_test_message(wanted: "NotificationSettings") -> int:
    from crawler.operations.notices.notify import send_test_message

    if not wanted.targets:
        print_error("PORTAL_ARCHIVE_NOTIFY names no address, so nobody would be told")
        return ExitCode.FAILED
    sent = send_test_message(wanted)
    if sent.reached:
        print_result(f"a test message was sent to {', '.join(sent.reached)}")
    if sent.failed:
        print_error(f"no message could be sent to {', '.join(sent.failed)}")
    return ExitCode.FAILED if sent.failed else ExitCode.OK
