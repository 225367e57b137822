"""The stores under test: what the service is told to use, and what is durable in them after a crash."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
import threading

MOST_LOOKS = 1000  # each takes some milliseconds


class Memory:
    """Nothing is durable: for what holds between two restarts."""

    name = "memory"
    instances = 1

    def __init__(self, folder):
        self.folder = folder

    def settings(self, _instance):
        return {"JOB_STORE": "memory"}

    def close(self):
        pass


class Sqlite:
    """A database file in DATA_DIR; one instance at a time."""

    name = "sqlite"
    instances = 1

    def __init__(self, folder):
        self.folder = folder

    def settings(self, instance):
        return {"JOB_STORE": "sqlite", "DATA_DIR": self.folder / f"data-{instance}"}

    def records(self):
        """Every job's record by its id, read from a copy: opening the original would recover it."""
        source = self.folder / "data-0"
        with tempfile.TemporaryDirectory(dir=self.folder) as copy:
            for name in ("jobs.db", "jobs.db-wal"):
                if (source / name).exists():
                    shutil.copy(source / name, copy)
            with contextlib.closing(sqlite3.connect(f"{copy}/jobs.db")) as database:
                if not database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'jobs'").fetchone()[0]:
                    return {}
                rows = database.execute("SELECT id, record FROM jobs").fetchall()
        return {job: json.loads(record) for job, record in rows}

    def audio_files(self):
        """What lies in the audio folder: finished files, unfinished ones."""
        audio = self.folder / "data-0" / "audio"
        return sorted(audio.glob("??/*")), sorted(audio.glob("incoming/*"))

    def close(self):
        pass


class Postgres:
    """A database of its own on one server; two instances share it."""

    name = "postgres"
    instances = 2
    server = None  # one for the process: `serve`
    count_ = 0
    lock_ = threading.Lock()

    def __init__(self, folder):
        self.folder = folder
        with Postgres.lock_:
            Postgres.count_ += 1
            self.database = f"crash{Postgres.count_}"
        self.server.ask("postgres", f"CREATE DATABASE {self.database}")

    def settings(self, instance):
        return {"JOB_STORE": self.server.url(self.database), "DATA_DIR": self.folder / f"data-{instance}"}

    def records(self):
        """Read when the last session has ended: the server still carries out what a dead process sent it."""
        for _ in range(MOST_LOOKS):
            others = self.server.ask(self.database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                                    "pid <> pg_backend_pid() AND backend_type = 'client backend'")
            if others == [["0"]]:
                break
        else:
            raise AssertionError("sessions of a dead process do not end")
        rows = self.server.ask(self.database, "SELECT id, record FROM music_jobs")
        return {job: json.loads(record) for job, record in rows}

    def audio_files(self):
        finished = self.server.ask(self.database, "SELECT key FROM music_audio WHERE key IS NOT NULL")
        return finished, self.server.ask(self.database, "SELECT id FROM music_audio WHERE key IS NULL")

    def close(self):
        self.server.ask("postgres", f"DROP DATABASE {self.database} WITH (FORCE)")
