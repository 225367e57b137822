#!/usr/bin/env python3
"""A disk that fails or is full costs time and nothing else: faults_test.py PROGRAM BOUNDARY sqlite"""

import unittest

import faults
import world
from checks import Order, check_outcome

# A call that fails, how, and the files whose calls fail (in DATA_DIR).
STORE_FAULTS = [
    ("fdatasync", "EIO", ("jobs.db", "jobs.db-wal")),
    ("fdatasync", "ENOSPC", ("jobs.db", "jobs.db-wal")),
    ("pwrite64", "EIO", ("jobs.db", "jobs.db-wal")),
    ("pwrite64", "ENOSPC", ("jobs.db", "jobs.db-wal")),
]
AUDIO_FAULTS = [("fsync", "EIO"), ("fsync", "ENOSPC"), ("renameat", "EIO"), ("renameat", "ENOSPC")]
DISK_BYTES = 2 * 1024 * 1024
ENOUGH_BYTES = 1024 * 1024 * 1024
LONG_SONG = 400  # frames: a dozen of them fill the small disk
MOST_ORDERS = 2000  # the small disk is full long before


class FaultsTest(unittest.TestCase):
    def assert_unavailable(self, service, order):
        """POST says that it cannot, readyz tells, and what is known is still told."""
        answer = service.request("POST", "/generate", order.request, Idempotency_Key=f"key-{order.mark}")
        self.assertEqual((answer.status, answer.json().get("error_type")), (503, "store_unavailable"), answer.body)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        ready = service.get("/readyz")
        self.assertEqual((ready.status, ready.json()["error_type"]), (503, "store_unavailable"), ready.body)
        self.assertEqual(service.get("/livez").status, 200)

    def assert_running(self, service, order):
        job = service.job(order.id)
        self.assertFalse(job["done"], job)

    def generating(self, stage, service, count):
        """Orders whose songs are being made and do not get ready."""
        stage.upstream.hold_songs()
        orders = [Order(f"case{number}") for number in range(count)]
        for order in orders:
            order.place(service)
        for order in orders:
            service.wait_until(order.id, lambda job: job["stage"] == "generating")
        return orders

    def test_a_database_that_fails_is_told_and_jobs_wait_for_it(self):
        for calls, error, names in STORE_FAULTS:
            with self.subTest(f"{calls} fails with {error}"), world.World(world.store_class(), SUNO_RETRY_DELAY=1) as stage:
                service = stage.start()
                orders = self.generating(stage, service, 2)
                late = Order("case9")
                data = stage.store.folder / "data-0"
                with faults.failing(service, calls, error, [data / name for name in names]):
                    self.assert_unavailable(service, late)
                    stage.upstream.hold_songs(False)
                    stage.upstream.ledger.wait_for("complete", 2)  # the upstream has said so; nobody may hear it yet
                    self.assert_unavailable(service, late)
                    for order in orders:
                        self.assert_running(service, order)
                    self.assertEqual(stage.upstream.ledger.find("download"), [])
                for order in orders:
                    order.finish(service, world.PATIENCE)
                    self.assertEqual(order.ended["status"], "success", order.ended)
                self.assertEqual(service.get("/readyz").status, 200)
                late.place(service)
                late.finish(service, world.PATIENCE)
                self.assertEqual(late.ended["status"], "success", late.ended)
                world.settle(stage, [*orders, late], service)

    def test_a_song_that_cannot_be_written_is_fetched_again_until_it_can(self):
        for calls, error in AUDIO_FAULTS:
            with self.subTest(f"{calls} fails with {error}"), world.World(world.store_class(), SUNO_RETRY_DELAY=1) as stage:
                service = stage.start()
                orders = self.generating(stage, service, 2)
                with faults.failing(service, calls, error):
                    stage.upstream.hold_songs(False)
                    stage.upstream.ledger.wait_for("download", 6)  # more than the four tries that an upstream's failure gets
                    for order in orders:
                        self.assert_running(service, order)
                for order in orders:
                    order.finish(service, world.PATIENCE)
                    self.assertEqual(order.ended["status"], "success", order.ended)
                world.settle(stage, orders, service)

    def fill(self, service):
        """Orders until the disk is full."""
        orders = []
        for number in range(MOST_ORDERS):
            order = Order(f"case{number}")
            orders.append(order)
            answer = service.request("POST", "/generate", order.request, Idempotency_Key=f"key-{order.mark}")
            if answer.status == 503:
                self.assertEqual(answer.json()["error_type"], "store_unavailable")
                self.assertGreater(int(answer.headers["Retry-After"]), 0)
                return orders
            self.assertEqual(answer.status, 202, answer.body)
            order.id = answer.json()["id"]
        self.fail(f"{MOST_ORDERS} orders fitted on the small disk")

    def test_a_full_disk_refuses_new_jobs_and_loses_none(self):
        for killed in (False, True):
            with self.subTest(killed=killed), world.World(world.store_class()) as stage:
                stage.upstream.frames = LONG_SONG
                disk = faults.SmallDisk(stage.folder / "data-0", DISK_BYTES)
                stage.callback(disk.close)
                service = stage.start()
                orders = self.fill(service)
                durable = {}
                if killed:
                    service.kill()
                    durable = stage.store.records()
                disk.grow(ENOUGH_BYTES)
                if killed:
                    service = stage.start()
                world.settle(stage, orders, service)
                for order in orders:
                    check_outcome(order, durable.get(order.id), stage.upstream.ledger)


if __name__ == "__main__":
    faults.need("strace", "setpriv")
    faults.enter_mounts_of_its_own()
    world.main()
