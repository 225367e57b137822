"""A PostgreSQL of the test's own: in a temporary directory, run by an unprivileged user, reachable over a socket there."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
USER = "postgres"  # who runs it where the tests are root: PostgreSQL refuses to be


def need_server():
    """Ends the test with what CTest takes for "skipped" where PostgreSQL is not installed."""
    if not (PROGRAMS / "initdb").exists():
        print("skipped: PostgreSQL 15 is not installed (apt package postgresql-15)", file=sys.stderr)
        sys.exit(77)


class Server:
    """A context manager. Only processes are killed here, never the machine: hence no fsync."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openclaw-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)
        self.run_("initdb", "--username", "music", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--no-locale")
        with open(self.folder / "data" / "postgresql.conf", "a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = off\n")
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_(self, name, *flags):
        words = [PROGRAMS / name, "--pgdata", self.folder / "data", *flags]
        if os.getuid() == 0:
            words = ["runuser", "-u", USER, "--", *words]
        with open(self.folder / "programs.log", "ab") as log:  # a pipe would stay open as long as the server runs
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", timeout=120)
        if done.returncode != 0:
            raise AssertionError((self.folder / "programs.log").read_text())

    def start(self):
        self.run_("pg_ctl", "--wait", "--silent", "--log", self.folder / "server.log", "start")

    def kill(self):
        """As a crash: no session is asked to finish."""
        self.run_("pg_ctl", "--wait", "--silent", "--mode=immediate", "stop")

    def url(self):
        return f"postgresql://music@/postgres?host={self.folder}"
