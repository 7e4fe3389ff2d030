"""End a process when the process that started it has ended, at any point of its work."""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LOOK_SECONDS = 1.0


def end_with_parent(parent: int | None = None) -> None:
    """Let this process be killed when its parent ends, also while a library's C code holds the interpreter.

    On Linux the kernel kills it when the thread that started it ends (prctl(2)). Elsewhere a thread looks each second.
    Not for a process that must finish something first.

    Args:
        parent: the process that started this one, if known; it may have ended already. Default: the present parent.
    """
    parent = parent or os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_look_for, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _look_for(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
