"""Run a program in bounds, and end it with all it started: a script of its own, run by its path, with few imports.

It waits for the program, and for the end of a pipe that its starter holds open. The pipe ends when the starter gives
up, and also when the starter is killed. Then the program's whole process group is killed. What a program leaves behind
at its ordinary end is killed too. Its exit status becomes that of this script.
"""

import _thread
import os
import resource
import signal
import sys

NOT_STARTED = 127


def main() -> None:
    """Run `guard.py PIPE MEMORY_BYTES FILE_BYTES PROGRAM ARGUMENT…`."""
    watched, memory_bytes, file_bytes, command = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    os.set_inheritable(watched, False)
    for kind, most in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))
    # A group of its own: this script outlives its end, and reports it.
    group = os.fork()
    if group == 0:
        _become(command)
    _set_group(group)  # here too: whichever process is first
    _thread.start_new_thread(_kill_at_end_of, (watched, group))
    os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT)
    _kill(group)  # before its leader is reaped: until then no other group has this number
    code = os.waitstatus_to_exitcode(os.waitpid(group, 0)[1])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
    os._exit(code)


def _become(command: list[str]) -> None:
    _set_group(0)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the starter's command
    finally:
        os._exit(NOT_STARTED)


def _set_group(pid: int) -> None:
    try:
        os.setpgid(pid, 0)
    except OSError:
        return  # it is set, or the program has ended


def _kill_at_end_of(watched: int, group: int) -> None:
    os.read(watched, 1)
    _kill(group)


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
