"""Files that came with other bytes than are held, until it is known that they are not a placeholder.

A file store that is ill, or has lost a file, may answer 200 with one picture for every address. So nothing is made of
other bytes before their host was asked for a file that does not exist. What waits is only in memory: if the run dies,
nothing was said of the files, and they are asked for again in their turn.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.items import FailureItem, FileItem, FileRole
from crawler.media.documents import suffix_of
from crawler.sentences import Sentence, say

if TYPE_CHECKING:
    from crawler.archive.run_queries import RunQueries

# The same picture in place of this many different files is the store's answer for anything.
LEAST_REPLACED = 3
# But if the store has another answer for what does not exist, and it came in this many runs, it is what the portal has.
RUNS_ALIKE = 7


class ReplacedFiles:
    """Holds back the files of a run that came with other bytes, and judges those of a host by its control."""

    def __init__(self, queries: "RunQueries", *, crawl_id: int) -> None:
        self._queries = queries
        self._crawl_id = crawl_id
        self._waiting: defaultdict[tuple[str, FileRole], list[FileItem]] = defaultdict(list)
        # By the digest that came: the digests of the files that it came for.
        self._replaced: defaultdict[str, set[str]] = defaultdict(set)
        self._refused: defaultdict[str, int] = defaultdict(int)

    def hold(self, item: FileItem | FailureItem) -> bool:
        """Keep a file that came with other bytes than are held, to be judged later. False if it is not such a file."""
        if not isinstance(item, FileItem) or item.role is FileRole.REQUISITE or item.reading.refusal is not None:
            return False
        held = self._queries.held_file(item.asked, item.role)
        if held is None or held == item.reading.sha256:
            return False
        self._replaced[item.reading.sha256].add(held)
        self._waiting[urlsplit(item.asked).netloc, item.role].append(item)
        return True

    def control_requests(self, request_file: Callable[[str, FileRole], scrapy.Request]) -> list[scrapy.Request]:
        """Ask each host that has files waiting for one that does not exist. Its answer, or none, ends their waiting."""
        requests = []
        for (host, role), items in self._waiting.items():
            url = items[0].asked
            name = f"khong-co-tep-{900_000 + self._crawl_id}{suffix_of(urlsplit(url).path)}"
            request = request_file(urljoin(url, name), role)
            request.meta["host"] = host
            requests.append(request.replace(callback=self._parse_control, errback=self._miss_control))
        return requests

    def reasons(self) -> tuple[Sentence, ...]:
        """Say which hosts gave one picture in place of many files."""
        return tuple(
            say("files-placeholder", count=count, host=host)
            for host, count in sorted(self._refused.items())
            if count >= LEAST_REPLACED
        )

    def _parse_control(self, response: Response) -> Iterator[FileItem | FailureItem]:
        digest = response.meta["capture"].payload_sha256 if response.status == 200 else None
        yield from self._judge(response.meta, digest=digest, is_answered=True)

    def _miss_control(self, failure: Failure) -> Iterator[FileItem | FailureItem]:
        yield from self._judge(vars(failure)["request"].meta, digest=None, is_answered=False)

    def _judge(
        self, meta: dict[str, str], *, digest: str | None, is_answered: bool
    ) -> Iterator[FileItem | FailureItem]:
        """Pass the files on that waited for a control, or refuse them as placeholders.

        `digest` is of what the host gave in place of nothing; None if that was no success.
        """
        for item in self._waiting.pop((meta["host"], FileRole(meta["purpose"])), []):
            is_for_nothing = digest is not None and digest == item.capture.payload_sha256
            is_for_many = self._is_for_many(item) and not (
                is_answered and not is_for_nothing and self._is_lasting(item)
            )
            if not is_for_many and not is_for_nothing:
                yield item
                continue
            self._refused[meta["host"]] += is_for_many
            message = say("file-for-nothing") if is_for_nothing else say("picture-for-many")
            yield FailureItem(item.asked, "placeholder", message, item.role.value, item.capture)

    def _is_for_many(self, item: FileItem) -> bool:
        is_picture = item.reading.media_type.startswith("image/")
        return is_picture and len(self._replaced[item.reading.sha256]) >= LEAST_REPLACED

    def _is_lasting(self, item: FileItem) -> bool:
        return self._queries.runs_with(item.capture.url, item.capture.payload_sha256) >= RUNS_ALIKE
