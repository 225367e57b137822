#!/usr/bin/env python3
"""Two hundred equal requests at once under one key are one job: race_test.py PROGRAM BOUNDARY STORE"""

import threading
import unittest

import world
from checks import Order

RACERS = 200


class RaceTest(unittest.TestCase):
    def race(self, services, order):
        """All of them at the same moment, over the instances in turn; their answers."""
        start = threading.Barrier(RACERS)
        answers = [None] * RACERS

        def run(number):
            start.wait(world.PATIENCE)
            answers[number] = services[number % len(services)].request("POST", "/generate", order.request, Idempotency_Key=f"key-{order.mark}")

        racers = [threading.Thread(target=run, args=(number,)) for number in range(RACERS)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        return answers

    def test_equal_requests_under_one_key_are_one_job(self):
        with world.World(world.store_class()) as stage:
            services = [stage.start(instance) for instance in range(stage.store.instances)]
            order = Order("case0")
            answers = self.race(services, order)
            self.assertEqual({answer.status for answer in answers}, {202})
            self.assertEqual(len({answer.json()["id"] for answer in answers}), 1)
            self.assertEqual(sum(answer.headers["Idempotent-Replayed"] is None for answer in answers), 1)
            order.id = answers[0].json()["id"]
            for service in services:
                order.finish(service, world.PATIENCE)
                self.assertEqual([job["id"] for job in service.get("/jobs").json()["data"]], [order.id])
            self.assertEqual(order.ended["status"], "success", order.ended)
            counts = {kind: len(stage.upstream.ledger.find(kind)) for kind in ("prompt", "submit", "download")}
            self.assertEqual(counts, {"prompt": 1, "submit": 1, "download": 1})
            for service in services:
                stage.stop(service)


if __name__ == "__main__":
    world.main()
