#!/usr/bin/env python3
"""Asked to end, the service ends in order, soon, and goes on where it stopped: drain_test.py PROGRAM BOUNDARY STORE"""

import signal
import time
import unittest

import checks
import world
from checks import Order

LONGEST_DRAIN = 10  # seconds, by the contract; Docker kills then
AFTER_SECOND_SIGNAL = 130


class DrainTest(unittest.TestCase):
    def in_flight(self, stage, service, kind):
        """An order whose request of that kind was taken and is not answered."""
        stage.upstream.hold(kind)
        order = Order(f"case{kind}")
        order.place(service)
        stage.upstream.ledger.wait_for(kind, 1)
        return order

    def ask_to_end(self, service):
        """SIGTERM; returns once the service says that it drains, with the time until which it may take."""
        until = time.monotonic() + LONGEST_DRAIN
        service.process.send_signal(signal.SIGTERM)
        while True:
            ready = service.get("/readyz")
            if ready.status == 503:
                self.assertEqual(ready.json()["error_type"], "draining")
                self.assertGreater(int(ready.headers["Retry-After"]), 0)
                return until
            self.assertLess(time.monotonic(), until, "the service does not say that it drains")

    def assert_refuses(self, service):
        answer = service.request("POST", "/generate", {"theme": "rainy night"})
        self.assertEqual((answer.status, answer.json()["error_type"]), (503, "draining"), answer.body)

    def go_on(self, stage, order, status):
        """The next start; the job must end like that."""
        stage.upstream.hold("submit", False)
        stage.upstream.hold("prompt", False)
        service = stage.start()
        order.finish(service, world.PATIENCE)
        self.assertEqual(order.ended["status"], status, order.ended)
        world.settle(stage, [order], service)

    def test_a_submission_in_flight_is_finished_and_its_song_is_had_after_the_next_start(self):
        with world.World(world.store_class()) as stage:
            service = stage.start()
            order = self.in_flight(stage, service, "submit")
            until = self.ask_to_end(service)
            self.assert_refuses(service)
            self.assertEqual(service.job(order.id)["stage"], "submitting")  # what is known is still told
            stage.upstream.hold("submit", False)
            self.assertEqual(service.wait(max(1, until - time.monotonic())), 0)
            self.assertEqual(stage.store.records()[order.id]["music"]["submission"], "accepted")
            self.go_on(stage, order, "success")

    def test_a_submission_that_is_never_answered_holds_nobody_up(self):
        with world.World(world.store_class()) as stage:
            service = stage.start()
            order = self.in_flight(stage, service, "submit")
            until = self.ask_to_end(service)
            self.assertEqual(service.wait(until - time.monotonic()), 0)
            self.go_on(stage, order, "error")
            self.assertEqual(order.ended["charged"], "maybe")

    def test_what_costs_nothing_to_repeat_is_dropped_at_once_and_repeated(self):
        with world.World(world.store_class()) as stage:
            service = stage.start()
            order = self.in_flight(stage, service, "prompt")
            self.assertEqual(service.stop(LONGEST_DRAIN), 0)
            self.assertEqual(stage.store.records()[order.id]["stage"], "prompting")
            self.go_on(stage, order, "success")

    def test_a_second_signal_ends_at_once_what_waits(self):
        with world.World(world.store_class()) as stage:
            service = stage.start()
            order = self.in_flight(stage, service, "submit")
            self.ask_to_end(service)
            service.process.send_signal(signal.SIGINT)
            self.assertEqual(service.wait(5), AFTER_SECOND_SIGNAL)
            self.go_on(stage, order, "error")
            checks.check_costs(order, stage.upstream.ledger)


if __name__ == "__main__":
    world.main()
