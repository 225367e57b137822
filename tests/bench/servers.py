"""The servers under measurement: started on loopback, pinned to a core, asked what they used, stopped."""

import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.request

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
LOAD_CORE = CORES[-1]
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 20
STOP_SECONDS = 10


class server:
    """A process that says on its first line of output where it listens, or is told a port. Use it in a `with`."""

    def __init__(self, name, command, work, core=SERVER_CORE, environment=None, port=None):
        self.name = name
        self.log = pathlib.Path(work) / f"{name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(core), *map(str, command)], cwd=work, stderr=log, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if port is None else log, env={"PATH": os.environ["PATH"], **(environment or {})})
        self.port = port or self._announced_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def _announced_port(self):
        line = self.process.stdout.readline().decode()
        found = re.search(r":(\d+)\s*$", line)
        if not found:
            raise RuntimeError(f"{self.name} did not start: see {self.log}")
        return int(found.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _processes(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu_seconds(self):
        """User and system time of all threads, and of worker processes."""
        total = 0
        for process in self._processes():
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def resident_bytes(self):
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def ask(self, path, body=None, headers=None):
        """GET, or POST of a JSON value; gives the JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json", **(headers or {})})
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)

    def answer_bytes(self, request):
        """The bytes of an answer as they come, header included."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            received = b""
            while True:
                head, blank, body = received.partition(b"\r\n\r\n")
                if blank and len(body) >= int(re.search(rb"Content-Length: (\d+)", head).group(1)):
                    return received
                piece = connection.recv(65536)
                if not piece:
                    raise RuntimeError(f"{self.name} closed the connection")
                received += piece


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def start_service(binaries, work, **settings):
    """The real binary on one shard, nothing on disk."""
    environment = {"HOST": "127.0.0.1", "PORT": "0", "JOB_STORE": "memory", "SHARDS": "1", **settings}
    return server("service", [binaries / "openclaw-music", "serve"], work, environment=environment)


def upstream_settings(upstream, jobs):
    """OpenAI and classic Suno played by bench_upstream."""
    return {
        "ALLOW_INSECURE_UPSTREAMS": "1", "PROMPT_WRITER": "openai", "MUSIC_PROVIDERS": "suno",
        "OPENAI_API_KEY": "test-key", "OPENAI_BASE_URL": upstream.address + "/v1", "OPENAI_TIMEOUT": "1h",
        "SUNO_API_KEY": "test-key", "SUNO_API_BASE_URL": upstream.address, "SUNO_MAX_RETRIES": "100000",
        "JOB_DEADLINE": "24h", "MAX_ACTIVE_JOBS": str(jobs),
    }


def start_upstream(binaries, work, delay_ms=0, mute=False):
    command = [binaries / "bench_upstream", 0, delay_ms, *(["mute"] if mute else [])]
    return server("upstream", command, work, core=LOAD_CORE)


def start_floor(binaries, work, got, posted):
    for name, answer in (("get.http", got), ("post.http", posted)):
        (work / name).write_bytes(answer)
    return server("floor", [binaries / "bench_epoll_floor", 0, "get.http", "post.http"], work)


def start_nginx(work, job, accepted):
    """One worker with Debian's defaults, but no access log and no limit of requests for a connection."""
    port = free_port()
    (work / "job.json").write_bytes(job)
    quoted = accepted.decode().replace("\\", "\\\\").replace("'", "\\'")
    user = "user root;" if os.getuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {work}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (work / "nginx.conf").write_text(f"""daemon off; worker_processes 1; {user} pid {work}/nginx.pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600; sendfile on; tcp_nopush on; default_type application/json;
  {temporary}
  server {{
    listen 127.0.0.1:{port};
    location = /job.json {{ root {work}; }}
    location = /generate {{ return 202 '{quoted}'; }}
  }}
}}
""")
    started = server("nginx", ["nginx", "-e", "stderr", "-p", work, "-c", work / "nginx.conf"], work, port=port)
    wait_for_port(port)
    return started


def wait_for_port(port):
    for _ in range(START_SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("nginx did not start")
