"""A PostgreSQL server of our own in a temporary directory, run by an unprivileged user."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
UNPRIVILEGED = "postgres"
SKIPPED = 77  # what CTest takes for "skipped"


def need_server():
    if not (PROGRAMS / "initdb").exists() or shutil.which("psql") is None:
        print("skipped: PostgreSQL 15 is not installed (apt package postgresql-15)", file=sys.stderr)
        sys.exit(SKIPPED)


class Server:
    """Answers on a socket in its directory. A context manager."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="openclaw-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self.directory, UNPRIVILEGED)
        self.run_(PROGRAMS / "initdb", "--pgdata", self.directory / "data", "--username", "music", "--auth", "trust", "--no-sync",
                  "--encoding", "UTF8", "--no-locale")
        # What is killed here is processes: what they gave to the kernel stays. Hence no fsync.
        with open(self.directory / "data" / "postgresql.conf", "a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.directory}'\nfsync = off\n"
                           "max_connections = 400\nshared_buffers = 32MB\n")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def run_(*words):
        as_user = ["runuser", "-u", UNPRIVILEGED, "--"] if os.getuid() == 0 else []
        done = subprocess.run([*as_user, *map(str, words)], capture_output=True, text=True, timeout=120, cwd="/", stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(f"{words[0]}: {done.stdout}{done.stderr}")

    def control_(self, action, *flags):
        # Its output goes to a file: the server would keep a pipe open.
        self.run_("sh", "-c", 'exec "$@" >>"$0" 2>&1', self.directory / "control.log", PROGRAMS / "pg_ctl", action, "--pgdata",
                  self.directory / "data", "--wait", "--silent", *flags)

    def start(self):
        self.control_("start", "--log", self.directory / "server.log")

    def kill(self):
        """As a crash does: no checkpoint, every session cut off."""
        self.control_("stop", "--mode=immediate")

    def url(self, database):
        return f"postgresql://music@/{database}?host={self.directory}"

    def ask(self, database, statement):
        """The rows of the answer, each as its columns."""
        done = subprocess.run(["psql", "--no-psqlrc", "-AtqX", "-F", "\t", "-c", statement, self.url(database)], capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(f"psql: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]
