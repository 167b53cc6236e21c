"""Traces the system calls of a program: the addresses it contacts, and the files it writes.

strace follows all of its processes and threads and writes a file for each, so that no call is split
by another's. A filter in the kernel stops the program at the calls that are asked for only.
"""

from __future__ import annotations

import codecs
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

CALLS = "network,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlinkat"
STRACE = shutil.which("strace")
HARMLESS = ("/dev/null", "/dev/tty", "/dev/shm/", "/dev/ptmx", "/proc/")
"""What programs write to that is no file of anybody."""
BYTECODE = "/__pycache__/"
"""Python keeps it beside its modules."""

NAMES = ("/etc/hosts", "/etc/resolv.conf")
"""What is read when the name of a host is looked up."""
DNS_PORT = "htons(53)"

_CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)(?:<(.*?)>)?")
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
_PATH = re.compile(r'(?:\w+<(?P<folder>[^>]*)>, )?"(?P<name>(?:[^"\\]|\\.)*)"')
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_SENT = re.compile(r'iov_base="((?:[^"\\]|\\.)*)"')
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+", re.ASCII)
_QUERY_HEADER = 12  # bytes of a DNS message before its question (RFC 1035, 4.1)


@dataclass
class Audited:
    """A program under strace: `process` while it runs, the rest when it has ended."""

    process: subprocess.Popen[str]
    traces: Path
    cwd: Path
    temporary: TemporaryDirectory[str]
    said: str = ""
    """Its output, once it has ended."""

    def interrupt(self) -> None:
        """Press Ctrl-C for the program, not for strace, which passes nothing on."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)

    def end(self, seconds: float) -> None:
        """Wait for its end; kill it with all of its processes after some seconds."""
        try:
            self.said, _ = self.process.communicate(timeout=max(0, seconds))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            rest, _ = self.process.communicate()
            self.said = f"killed after {seconds:.0f} s; it said: {rest}"

    def addresses(self) -> set[str]:
        """What it connected, sent or bound to: addresses, and host names that it looked up.

        `names` stands for names of hosts that were looked up, wherever.
        """
        found = set()
        for name, args in self._calls():
            if name.startswith("open") and any(f'"{path}"' in args for path in NAMES):
                found.add("names")
            elif name.startswith("send"):
                found |= {host for sent in _SENT.findall(args) if (host := _queried(sent))}
            if name.startswith(("connect", "send", "bind")) and DNS_PORT not in args:
                found |= {v4 or v6 for v4, v6 in _ADDRESS.findall(args)}
        return found

    def written_elsewhere(self) -> set[str]:
        """Files and folders that it made or changed outside of its two folders."""
        roots = [str(folder) for folder in (self.cwd, self.temporary.name)]
        return {
            path
            for path in self._written()
            if not path.startswith(HARMLESS)
            and BYTECODE not in f"{path}/"
            and not any(path == root or path.startswith(root + "/") for root in roots)
        }

    def _written(self) -> Iterator[str]:
        for name, args in self._calls():
            if name.startswith("open") and not _WRITING.search(args):
                continue
            if name.startswith(("open", "creat", "mkdir", "rename", "link", "symlink")):
                for found in _PATH.finditer(args):
                    yield os.path.normpath(Path(found["folder"] or self.cwd, found["name"]))

    def _calls(self) -> Iterator[tuple[str, str]]:
        """Name and arguments of the calls that succeeded, or were on their way."""
        for trace in self.traces.glob("calls.*"):
            for line in trace.read_text(errors="replace").splitlines():
                found = _CALL.match(line)
                if found and (int(found[3]) >= 0 or "EINPROGRESS" in line or found[1] == "connect"):
                    yield found[1], found[2]


def _queried(sent: str) -> str:
    """The host's name in a DNS query as strace writes it; empty for what is no query."""
    message = codecs.decode(sent, "unicode_escape").encode("latin-1")
    labels, rest = [], message[_QUERY_HEADER:]
    while rest and 0 < rest[0] < len(rest):
        labels.append(rest[1 : 1 + rest[0]].decode("ascii", "replace"))
        rest = rest[1 + rest[0] :]
    name = ".".join(labels)
    return name if _HOST.fullmatch(name) else ""


def heed_signals() -> None:
    """Heed, in a child, what the runner of the tests may have been told to ignore, as by nohup."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def start(command: Sequence[str | Path], folder: Path, *, cwd: Path) -> Audited:
    """Start a program under strace.

    Its home, its temporary folder and its working folder are ones of its own; it may write to the
    last two. `CI` is not passed on: ONNX Runtime keeps silent where it is set.
    """
    assert STRACE is not None
    home, traces = folder / "home", folder / "traces"
    home.mkdir()
    traces.mkdir()
    temporary = (
        TemporaryDirectory()
    )  # not inside `folder`: the names of Ray's sockets must be short
    passed = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "OMP_NUM_THREADS")
    environment = {name: os.environ[name] for name in passed if name in os.environ}
    environment |= {"HOME": str(home), "TMPDIR": temporary.name, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [STRACE, "-qq", "-ff", "--seccomp-bpf", "-y", "-s", "4096", "-e", f"trace={CALLS}",
         "-o", traces / "calls", *command],
        cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=heed_signals, start_new_session=True,
    )  # fmt: skip
    return Audited(process, traces, cwd, temporary)
