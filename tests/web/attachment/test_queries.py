"""Which file replaced which: by address, or by its place where a new upload has another address."""

from contextlib import closing
from hashlib import sha256
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.items import FileRole
from crawler.web.attachment.queries import read_replacements
from tests.support.build import STORE, Clock, Night, article, file_ref, link, listing, new_address

PAGE = new_address(101)


def data_of(name: str) -> bytes:
    return b"%PDF-1.4 " + name.encode()


def digest_of(name: str) -> str:
    return sha256(data_of(name)).hexdigest()


def replaced(archive: Path, clock: Clock, *nights: tuple[str, ...]) -> dict[str, list[tuple[str, str, int]]]:
    """Crawl an article that offers other files each night. Give for each file its pairs: before, after, version."""
    for names in nights:
        with Night(archive, clock) as run:
            run.put_listing(listing(link(PAGE), title="Tin tức"))
            for name in names:
                run.put_file(f"{STORE}/lci/{name}", data_of(name), FileRole.ATTACHMENT)
            run.put(article("Tin", "Tin.", attachments=tuple(file_ref(name) for name in names)), PAGE)
            run.walked()
        clock.go_on(days=1)
    names = sorted({name for night in nights for name in night})
    by_digest = {digest_of(name): name for name in names}
    with closing(open_for_reading(archive)) as connection:
        return {
            name: [
                (by_digest[one.before], by_digest[one.after], one.number)
                for one in read_replacements(connection, digest_of(name), article_ids=[1])
            ]
            for name in names
        }


def test_a_new_upload_under_another_address_replaces_the_file_in_its_place(archive: Path, clock: Clock) -> None:
    found = replaced(archive, clock, ("a1.pdf", "b.pdf"), ("a2.pdf", "b.pdf"), ("a3.pdf", "b.pdf"))
    assert found == {
        "a1.pdf": [("a1.pdf", "a2.pdf", 2)],
        "a2.pdf": [("a1.pdf", "a2.pdf", 2), ("a2.pdf", "a3.pdf", 3)],
        "a3.pdf": [("a2.pdf", "a3.pdf", 3)],
        "b.pdf": [],
    }


def test_a_file_that_only_came_or_went_replaces_nothing(archive: Path, clock: Clock) -> None:
    found = replaced(archive, clock, ("a.pdf",), ("a.pdf", "b.pdf"), (), ("c.pdf",))
    assert found == {"a.pdf": [], "b.pdf": [], "c.pdf": []}
