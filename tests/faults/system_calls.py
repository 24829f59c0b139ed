"""System calls of a child process, stopped one by one before the kernel runs them (Linux, seccomp).

The child hands the calls below to its parent, whoever makes them: Python, SQLite or polars. For each call the parent
lets it run, answers with an error of its own, or kills the child. Nothing in the program knows of it.
"""

import array
import contextlib
import ctypes
import errno
import os
import platform
import select
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

NUMBERS = {
    "x86_64": {
        "write": 1, "open": 2, "pwrite64": 18, "writev": 20, "sendfile": 40, "fsync": 74, "fdatasync": 75,
        "truncate": 76, "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
        "unlink": 87, "chmod": 90, "fchmod": 91, "openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264,
        "linkat": 265, "fchmodat": 268, "fallocate": 285, "pwritev": 296, "renameat2": 316, "copy_file_range": 326,
    },
    "aarch64": {
        "mkdirat": 34, "unlinkat": 35, "linkat": 37, "renameat": 38, "truncate": 45, "ftruncate": 46, "fallocate": 47,
        "fchmod": 52, "fchmodat": 53, "openat": 56, "write": 64, "writev": 66, "pwrite64": 68, "pwritev": 70,
        "sendfile": 71, "fsync": 82, "fdatasync": 83, "renameat2": 276, "copy_file_range": 285,
    },
}  # fmt: skip
"""The numbers of the calls that change files, by machine."""

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}

_BY_FILE = frozenset(
    {"write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", "fchmod"}
)
_BY_PATH = frozenset({"open", "creat", "truncate", "mkdir", "rmdir", "unlink", "chmod"})
_BY_PATH_AT = frozenset({"openat", "mkdirat", "unlinkat", "fchmodat"})
_BY_TWO = frozenset({"rename", "link"})
_BY_TWO_AT = frozenset({"renameat", "renameat2", "linkat"})
_TO_FILE = {"sendfile": 0, "copy_file_range": 2}
"""The argument that has the file written to."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_AT_CWD = -100
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND
_CONTINUE = 1

KILL = -1
"""The answer that ends the child instead of running the call."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: its plain name, its file, and for a rename or a link the new name."""

    name: str
    path: str
    target: str = ""
    flags: int = 0
    size: int = 0

    @property
    def reads(self) -> bool:
        """Return true if it opens a file only to read it."""
        return self.name == "open" and not self.flags & _WRITES

    @property
    def creates(self) -> bool:
        """Return true if it may create a file."""
        return self.name == "open" and bool(self.flags & os.O_CREAT)


Answer = Callable[[Call], int | None]
"""Decides a call: None runs it, an ``errno`` fails it, ``KILL`` ends the process."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a child: its exit status, or the signal that ended it as a negative number."""

    status: int
    calls: list[Call] = field(default_factory=list)


def unavailable() -> str:
    """Return the reason why calls can't be stopped on this machine; empty if they can."""
    if not sys.platform.startswith("linux") or platform.machine() not in NUMBERS:
        return "stopping system calls needs Linux on x86-64 or ARM64"
    pid = os.fork()
    if pid == 0:  # pragma: no cover  # a process of its own
        status = 1
        with contextlib.suppress(BaseException):
            os.close(_install())
            status = 0
        os._exit(status)
    return (
        "" if os.waitpid(pid, 0)[1] == 0 else "this kernel or container doesn't offer seccomp notifications"
    )


def supervise(folder: Path, work: Callable[[], int], answer: Answer) -> Ended:
    """Run ``work`` in a child, and ask ``answer`` before each call on a file below ``folder``.

    The child inherits everything that the parent has imported. It must be the only thread of the parent.
    """
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:  # pragma: no cover  # a process of its own
        here.close()
        _work(work, there)
    there.close()
    with here:
        _, descriptors, _, _ = socket.recv_fds(here, 1, 1)
        if not descriptors:
            return Ended(_status(pid))
        here.send(b"!")
        calls: list[Call] = []
        try:
            _attend(pid, descriptors[0], f"{folder}{os.sep}", answer, calls)
        finally:
            os.close(descriptors[0])
    return Ended(_status(pid), calls)


def _work(work: Callable[[], int], there: socket.socket) -> None:
    status = 70
    try:
        listener = _install()
        socket.send_fds(there, [b"!"], [listener])
        os.close(listener)
        there.recv(1)
        there.close()
        status = work()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _status(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _attend(pid: int, listener: int, folder: str, answer: Answer, calls: list[Call]) -> None:
    """Answer every call until no process of the child is left."""
    import fcntl  # noqa: PLC0415  # Windows has none

    names = {number: name for name, number in NUMBERS[platform.machine()].items()}
    memory = _Memory(pid)
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while poll.poll()[0][1] & select.POLLIN:
        notice = array.array("B", bytes(80))
        try:
            fcntl.ioctl(listener, _RECEIVE, notice)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.EINTR}:  # the thread ended meanwhile
                continue
            raise
        number, thread, _, name = struct.unpack_from("=QIIi", notice)
        call = memory.call(names[name], struct.unpack_from("=6Q", notice, 32), thread)
        verdict = None
        if call is not None and call.path.startswith(folder):
            calls.append(call)
            verdict = answer(call)
        if verdict == KILL:
            os.kill(pid, 9)
            continue
        sent = struct.pack("=QqiI", number, 0, -(verdict or 0), 0 if verdict else _CONTINUE)
        with contextlib.suppress(FileNotFoundError):  # the thread ended meanwhile
            fcntl.ioctl(listener, _ANSWER, array.array("B", sent))


class _Memory:
    """The words that a stopped process passed to the kernel."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def call(self, name: str, words: tuple[int, ...], thread: int) -> Call | None:
        """Return the call with its paths; None if the process is gone."""
        try:
            return self._call(name, words, thread)
        except OSError:
            return None

    def _call(self, name: str, words: tuple[int, ...], thread: int) -> Call:
        plain = name.removesuffix("at2").removesuffix("at").removesuffix("64")
        if name == "unlinkat" and words[2] & 0x200:  # AT_REMOVEDIR
            plain = "rmdir"
        if name in _BY_FILE:
            size = words[1] if name == "ftruncate" else words[2]
            return Call(plain, self._file(words[0]), size=size)
        if name in _TO_FILE:
            return Call("write", self._file(words[_TO_FILE[name]]))
        if name in _BY_PATH:
            flags = words[1] if name == "open" else _WRITES
            return Call(
                "open" if name == "creat" else plain, self._path(_AT_CWD, words[0], thread), flags=flags
            )
        if name in _BY_PATH_AT:
            flags = words[2] if name == "openat" else 0
            return Call(plain, self._path(words[0], words[1], thread), flags=flags)
        if name in _BY_TWO:
            old, new = self._path(_AT_CWD, words[0], thread), self._path(_AT_CWD, words[1], thread)
            return Call(plain, old, new)
        assert name in _BY_TWO_AT, name
        old, new = self._path(words[0], words[1], thread), self._path(words[2], words[3], thread)
        return Call(plain, old, new)

    def _file(self, number: int) -> str:
        return str(Path(f"/proc/{self._pid}/fd/{number & 0xFFFFFFFF}").readlink())

    def _path(self, at: int, address: int, thread: int) -> str:
        with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
            memory.seek(address)
            # A string may end just before memory that can't be read, so no page is read together with the next.
            text = memory.read(4096 - address % 4096)
            if b"\0" not in text:
                text += memory.read(4096)
        path = os.fsdecode(text[: text.index(b"\0")])
        number = at & 0xFFFFFFFF
        where = "cwd" if number == _AT_CWD & 0xFFFFFFFF else f"fd/{number}"
        folder = Path(f"/proc/{self._pid}/{where}")
        return path if path.startswith("/") else os.path.normpath(folder.readlink() / path)


def _install() -> int:
    """Send the calls of this process to a listener from now on, and return the listener's descriptor."""
    machine = platform.machine()
    wanted = sorted(NUMBERS[machine].values())
    program = [
        (0x20, 0, 0, 4),  # load the architecture
        (0x15, 1, 0, _AUDIT_ARCH[machine]),
        (0x06, 0, 0, 0x7FFF0000),  # allow
        (0x20, 0, 0, 0),  # load the number
        *((0x15, len(wanted) - place, 0, number) for place, number in enumerate(wanted)),
        (0x06, 0, 0, 0x7FFF0000),
        (0x06, 0, 0, 0x7FC00000),  # ask the listener
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges, without which only root may do this
    listener: int = libc.syscall(_SECCOMP[machine], 1, 8, head)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener
