"""A receiver of webhooks on a loopback port, with a ledger of the exact bytes and a script of what it answers."""

import dataclasses
import http.server
import json
import threading
import time


@dataclasses.dataclass
class Received:
    """One delivery as it arrived; header names in lower case."""

    at: float
    path: str
    headers: dict
    raw: bytes

    def json(self):
        return json.loads(self.raw)


class Receiver:
    """Answers with `answer(received) -> status`, or (status, headers). A context manager."""

    def __init__(self, answer=lambda received: 204):
        self.answer = answer
        self.changed_ = threading.Condition()
        self.received_ = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 60

            def do_POST(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received = Received(time.monotonic(), self.path, {name.lower(): value for name, value in self.headers.items()}, raw)
                with receiver.changed_:
                    receiver.received_.append(received)
                    receiver.changed_.notify_all()
                answer = receiver.answer(received)
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a sender that went away; what it missed shows in the test
                pass

        self.server_ = Server(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.server_.server_address[1]}"
        self.address = f"http://{self.authority}"
        self.thread_ = threading.Thread(target=self.server_.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread_.start()
        return self

    def __exit__(self, *_):
        self.server_.shutdown()
        self.server_.server_close()
        self.thread_.join(10)

    def received(self):
        with self.changed_:
            return list(self.received_)

    def wait_for(self, count, patience=60):
        """What arrived, once that much has."""
        with self.changed_:
            if not self.changed_.wait_for(lambda: len(self.received_) >= count, patience):
                raise AssertionError(f"{len(self.received_)} of {count} deliveries came in {patience} s")
            return list(self.received_)
