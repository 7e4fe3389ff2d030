"""`python -m crawler.rebuild.readers FOLDER PARENT`: reads captures again, as asked on standard input."""

import pickle
import signal
import socket
import sys
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from crawler import side_process
from crawler.rebuild.readers.reading import read_again
from crawler.side_process.parent import end_with_parent


def main() -> None:
    """Answer until the other end closes the connection. Ignore signals to the process group: the asker handles them."""
    end_with_parent(int(sys.argv[2]))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    stream = cast(BinaryIO, socket.socket(fileno=0).makefile("rwb"))
    encode = msgspec.json.Encoder().encode
    stream.write(side_process.frame(b""))  # ready
    stream.flush()
    while (message := side_process.receive(stream)) is not None:
        question = pickle.loads(message)  # noqa: S301 - of our own process, whose child this is
        stream.write(side_process.frame(encode(read_again(folder, question))))
        stream.flush()


if __name__ == "__main__":
    main()
