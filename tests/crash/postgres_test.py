#!/usr/bin/env python3
"""Two instances on a PostgreSQL that comes and goes, and one instance that goes for good: postgres_test.py PROGRAM BOUNDARY postgres"""

import concurrent.futures
import threading
import unittest

import world
from checks import Order

JOBS = 500
CLIENTS = 8
RESTARTS = 6
SECONDS_UP = 3
POLLS_OF_A_SONG = 8  # one a second, so that a job lives through some restarts
TAKEN_OVER_WITHIN = 45  # seconds, by the issue: a lease and its renewal


class PostgresTest(unittest.TestCase):
    def place(self, order, services, up):
        """Asks any instance until it gets its 202, as a client would."""
        for attempt in range(1000):
            service = services[attempt % len(services)]
            answer = service.request("POST", "/generate", order.request, Idempotency_Key=f"key-{order.mark}")
            if answer.status == 202:
                order.id = answer.json()["id"]
                return
            self.assertEqual((answer.status, answer.json()["error_type"]), (503, "store_unavailable"), answer.body)
            self.assertTrue(up.wait(world.PATIENCE))
        self.fail("a thousand refusals")

    def test_a_database_that_is_restarted_every_few_seconds_costs_no_job(self):
        with world.World(world.store_class(), SUNO_RETRY_DELAY=1) as stage, concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
            stage.upstream.polls_needed = POLLS_OF_A_SONG
            services = [stage.start(instance) for instance in range(stage.store.instances)]
            orders = [Order(f"case{number}") for number in range(JOBS)]
            up = threading.Event()
            up.set()
            placing = [clients.submit(self.place, order, services[number % 2:] + services[:number % 2], up) for number, order in enumerate(orders)]
            placed = threading.Event()
            for _ in range(RESTARTS):
                placed.wait(SECONDS_UP)  # never set: the database works for that long
                up.clear()
                stage.store.server.kill()
                stage.store.server.start()
                up.set()
            for each in placing:
                each.result()
            for number, order in enumerate(orders):
                order.finish(services[number % 2], world.PATIENCE)
                self.assertEqual(order.ended["status"], "success", order.ended)
            stage.stop(services[0])
            world.settle(stage, orders, services[1])

    def test_the_jobs_of_an_instance_that_dies_are_taken_over_and_none_is_submitted_twice(self):
        with world.World(world.store_class(), SUNO_RETRY_DELAY=1) as stage:
            stage.upstream.hold_songs()
            doomed, survivor = (stage.start(instance) for instance in range(stage.store.instances))
            orders = [Order(f"case{number}") for number in range(40)]
            for number, order in enumerate(orders):
                order.place((doomed, survivor)[number % 2])
            stage.upstream.ledger.wait_for("submit", len(orders))
            for order in orders:
                survivor.wait_until(order.id, lambda job: job["stage"] == "generating")
            doomed.kill()
            stage.upstream.hold_songs(False)
            for order in orders:
                order.finish(survivor, TAKEN_OVER_WITHIN)
                self.assertEqual(order.ended["status"], "success", order.ended)
            world.settle(stage, orders, survivor)


if __name__ == "__main__":
    world.main()
