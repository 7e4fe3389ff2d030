"""The command `decide`: a person settles whether an article is removed."""

from pathlib import Path

import click

from crawler import settings
from crawler.cli.options import archive_option, command
from crawler.cli.terminal.output import print_result
from crawler.exit_codes import ExitCode


@command(
    "decide 12 removed --reason 'the office withdrew it' --by 'the editor'",
    "decide https://host/tin-tuc/bai-1234 live --reason 'it is on the portal' --by 'the editor'",
)
@click.argument("article", metavar="ARTICLE")
@click.argument("verdict", type=click.Choice(["removed", "live"]))
@click.option("--reason", required=True, help="why; public, so name nobody in it")
@click.option("--by", required=True, help="who decided it; public")
@archive_option
def decide(*, article: str, verdict: str, reason: str, by: str, archive: Path) -> int:
    """Settle that an article is removed, or that it is not.

    ARTICLE is its id or any address that it ever had. Later evidence still counts: after `live` the count of absent
    looks starts again at 0, and after `removed` a later answer brings the article back.
    """
    from crawler.withholding.decide import DecisionIntent, decide_article

    intent = DecisionIntent(article, verdict, reason, by)
    done = decide_article(archive, intent, clock=settings.clock, warcinfo_fields=settings.warcinfo_fields())
    what = f"article {done.article_id}"
    print_result(f"{what}: {verdict}" if done.is_new else f"{what}: is {verdict} already; nothing was done")
    return ExitCode.OK
