"""`python -m crawler.archive.fixity.side_process ARCHIVE PARENT`: compare once, write the result to standard input."""

import signal
import socket
import sys
from pathlib import Path

from crawler import side_process
from crawler.archive.fixity.side_process.comparison import compare_texts, encode
from crawler.side_process.parent import end_with_parent


def main() -> None:
    """Compare. Ignore signals to the process group: the asker handles them."""
    end_with_parent(int(sys.argv[2]))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as asker:
        asker.sendall(side_process.frame(encode(compare_texts(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
