"""Questions that a process which reads held captures does not survive, or never answers."""

import os
import re
from typing import Any


class Deadly:
    """A question that ends the process in which it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,)


class Endless:
    """A question that holds the interpreter's lock for years."""

    def __reduce__(self) -> tuple[Any, ...]:
        return re.match, ("(a+)+$", "a" * 60 + "b")
