"""Commands that show an archive or tell of it, and what it is not to show: site, state, messages, withholding."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import settings as own
from crawler.cli.output import complain
from crawler.cli.withholding import run_command
from crawler.errors import ArchiveLockedError, PortalArchiveError
from crawler.exit_codes import ExitCode

if TYPE_CHECKING:
    from crawler.operations.notices import NotificationSettings


def publish(arguments: argparse.Namespace) -> int:
    """Serve the site until told to stop."""
    from crawler.web.serve import serve

    bring_up_to_date(arguments.archive)
    serve(arguments.archive, arguments.host, port=arguments.port, announce=lambda address: print(address, flush=True))
    return ExitCode.OK


def bring_up_to_date(archive: Path) -> None:
    """Migrate an archive of an older version before it is read."""
    from crawler.archive.database import migrate_if_older

    if migrate_if_older(archive):
        complain(f"{archive}: brought to this version's schema; a copy from before lies beside it")


def status(arguments: argparse.Namespace) -> int:
    """Say how the archive does; 1 if something is wrong."""
    from crawler.operations.health import read_status, read_status_at_any_rate

    try:
        status = read_status(arguments.archive, own.clock(), backups_planned=own.backup_target() is not None)
    except PortalArchiveError:
        if arguments.json:
            unread = read_status_at_any_rate(arguments.archive, own.clock())
            print(json.dumps(unread.as_json(), ensure_ascii=False, indent=2))
        raise
    if arguments.json:
        print(json.dumps(status.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(status.lines()))
    return ExitCode.FAILED if status.problems else ExitCode.OK


def verify_archive(arguments: argparse.Namespace) -> int:
    """Say what does not match its record; 1 if anything."""
    from crawler.archive.fixity import verify

    found = verify(arguments.archive)
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(found.lines()))
    return ExitCode.FAILED if found.differences else ExitCode.OK


def notify(arguments: argparse.Namespace) -> int:
    """Tell the operator what is new since last time."""
    from crawler.archive.database import refuse_newer
    from crawler.operations.notices import NotificationSettings, preview

    wishes = NotificationSettings(
        own.notify_targets(), own.language(), own.digest(), own.site_address(), own.backup_target() is not None
    )
    if arguments.test:
        return _notify_for_trial(wishes)
    if arguments.dry_run:
        for message in preview(arguments.archive, wishes, now=own.clock()):
            print(f"{message.title}\n\n{message.body}\n")
    elif wishes.targets:
        _tell(arguments.archive, wishes)
    refuse_newer(arguments.archive)
    return ExitCode.OK


def _tell(archive: Path, wishes: "NotificationSettings") -> None:
    from crawler.operations.notices import notify_operator

    try:
        told = notify_operator(archive, wishes, now=own.clock())
    except ArchiveLockedError as error:
        # Another `notify` tells it; nothing is left to do.
        complain(str(error))
        return
    for message, sent in told.messages:
        print(f"{message.title}: sent to {', '.join(sent.reached) or 'nobody; it is tried again next time'}")
    if told.failed:
        complain(f"not taken by {', '.join(told.failed)}")


def _notify_for_trial(wishes: "NotificationSettings") -> int:
    from crawler.operations.notices import tell_for_trial

    if not wishes.targets:
        complain("PORTAL_ARCHIVE_NOTIFY names no address, so nobody would be told")
        return ExitCode.FAILED
    sent = tell_for_trial(wishes)
    if sent.reached:
        print(f"a trial message was sent to {', '.join(sent.reached)}")
    if sent.failed:
        complain(f"no message could be sent to {', '.join(sent.failed)}")
    return ExitCode.FAILED if sent.failed else ExitCode.OK


def withhold(arguments: argparse.Namespace) -> int:
    """Take something off the site, or give it back."""
    said = run_command(arguments, clock=own.clock, describe=own.warcinfo_fields())
    print("\n".join(said.out))
    for line in said.err:
        complain(line)
    return ExitCode.OK
