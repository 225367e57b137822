"""The stores under test: what the service is told to use, and what is durable in them after a crash."""

import contextlib
import json
import shutil
import sqlite3
import tempfile


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
