"""Faults of the machine under a running service: system calls that fail while a tracer is attached, and a disk that is full."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys

SKIPPED = 77  # what CTest takes for "skipped"


def need(*programs):
    """Ends the test as skipped if one of them is not there."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed", file=sys.stderr)
        sys.exit(SKIPPED)


def enter_mounts_of_its_own():
    """Goes on in a mount namespace, so that what is mounted goes with the test however it ends. Skips where that is refused."""
    if os.environ.get("CRASH_IN_NAMESPACE"):
        return
    need("unshare", "mount")
    command = ["unshare", "--mount", "--propagation", "private", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        print("skipped: no mount namespaces here", file=sys.stderr)
        sys.exit(SKIPPED)
    os.execvpe(command[0], [*command, sys.executable, "-B", *sys.argv], {**os.environ, "CRASH_IN_NAMESPACE": "1"})


@contextlib.contextmanager
def failing(service, calls, error, paths=()):
    """While it is entered, these system calls of the service on these paths (none: on any) fail with that errno."""
    filters = [word for path in paths for word in ("-P", str(path))]
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}", *filters,
               "-p", str(service.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            said = tracer.stderr.readline()  # "Process N attached with M threads", once it is
            if "attached" not in said:
                raise AssertionError(f"strace: {said}")
            yield
        finally:
            tracer.send_signal(signal.SIGINT)  # detaches; the calls work again
            tracer.communicate(timeout=20)


class SmallDisk:
    """A file system of that many bytes at `path`, until it grows."""

    def __init__(self, path, size):
        self.path = pathlib.Path(path)
        self.path.mkdir(mode=0o700)
        self.mount_(f"size={size},mode=0700")

    def mount_(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path], check=True)

    def grow(self, size):
        self.mount_(f"remount,size={size}")

    def close(self):
        subprocess.run(["umount", "--lazy", self.path], check=True)
