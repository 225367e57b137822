"""GET of a finished job and POST in memory: our service, nginx and the floor by turns, wrk on another core."""

import json
import os
import pathlib
import statistics
import subprocess
import time

import servers

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS = (64, 512)
THEME = {"theme": "rainy night in Tokyo", "tags": "lofi, calm"}
FIGURES = ("requests_per_second", "cpu_us", "busy", "p50_us", "p99_us")


def wrk(target, path, connections, seconds, body=None):
    """One run against one server."""
    command = ["taskset", "-c", servers.LOAD_CORE, "wrk", "-t", 1, "-c", connections, "-d", f"{seconds}s", "--timeout", "10s",
               "-s", HERE / "wrk.lua", target.address + path]
    environment = {"PATH": os.environ["PATH"], **({"BODY": json.dumps(body)} if body else {})}
    cpu = target.cpu_seconds()
    run = subprocess.run([str(word) for word in command], env=environment, check=True, capture_output=True, text=True)
    cpu = target.cpu_seconds() - cpu
    figures = json.loads(run.stdout.strip().splitlines()[-1])
    return {
        "server": target.name, "connections": connections,
        "requests_per_second": figures["requests"] / figures["seconds"], "cpu_us": cpu * 1e6 / figures["requests"],
        "busy": cpu / figures["seconds"], "p50_us": figures["p50_us"], "p99_us": figures["p99_us"],
        "bad_answers": figures["bad_status"] + figures["failed"],
    }


def summary(runs, order):
    """Medians over the rounds, each with its ratio to the floor and to nginx."""
    rows = []
    for connections in CONNECTIONS:
        group = {}
        for name in order:
            same = [run for run in runs if run["server"] == name and run["connections"] == connections]
            group[name] = {"server": name, "connections": connections,
                           **{figure: round(statistics.median(run[figure] for run in same), 3) for figure in FIGURES},
                           "bad_answers": sum(run["bad_answers"] for run in same)}
        for row in group.values():
            row["cpu_to_floor"] = round(row["cpu_us"] / group["floor"]["cpu_us"], 3)
            row["cpu_to_nginx"] = round(row["cpu_us"] / group["nginx"]["cpu_us"], 3)
            rows.append(row)
    return rows


def finished_job(service):
    """The path of a job that has ended: the shortest song that the embedded provider makes."""
    job = service.ask("/generate", {**THEME, "duration_seconds": 20}, {"Prefer": "wait=60"})
    until = time.monotonic() + 120
    while not job["done"] and time.monotonic() < until:
        job = service.ask(f"/jobs/{job['id']}", headers={"Prefer": "wait=60"})
    if job["status"] != "success":
        raise RuntimeError(f"the job to be asked for ended as {job['status']}")
    return f"/jobs/{job['id']}"


def sample_answers(binaries, work):
    """What our service says, byte by byte, for the others to say too."""
    body = json.dumps(THEME).encode()
    head = b"POST /generate HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with servers.start_upstream(binaries, work, mute=True) as upstream:
        with servers.start_service(binaries, work, **servers.upstream_settings(upstream, 10)) as service:
            return service.answer_bytes(head + body)


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


def measure_get(binaries, work, plan):
    accepted = sample_answers(binaries, work)
    with servers.start_service(binaries, work, PROMPT_WRITER="template", MUSIC_PROVIDERS="local") as service:
        path = finished_job(service)
        answer = service.answer_bytes(b"GET %s HTTP/1.1\r\nHost: bench\r\n\r\n" % path.encode())
        with servers.start_nginx(work, body_of(answer), body_of(accepted)) as nginx, \
             servers.start_floor(binaries, work, answer, accepted) as floor:
            targets = [(service, path), (nginx, "/job.json"), (floor, path)]
            runs = [wrk(target, where, connections, plan.seconds)
                    for _ in range(plan.rounds) for connections in CONNECTIONS for target, where in targets]
    return {
        "what": "GET of a finished job over keep-alive connections; nginx: a static file of the same size; floor: the same bytes",
        "answer_bytes": len(answer), "body_bytes": len(body_of(answer)), "rounds": plan.rounds, "seconds_each": plan.seconds,
        "rows": summary(runs, ("service", "nginx", "floor")),
    }


def measure_post(binaries, work, plan):
    accepted = sample_answers(binaries, work)
    runs = []
    with servers.start_nginx(work, body_of(accepted), body_of(accepted)) as nginx, \
         servers.start_floor(binaries, work, accepted, accepted) as floor:
        for _ in range(plan.rounds):
            for connections in CONNECTIONS:
                runs.append(post_to_service(binaries, work, connections, plan.seconds))
                runs += [wrk(target, "/generate", connections, plan.seconds, THEME) for target in (nginx, floor)]
    return {
        "what": "POST /generate, memory store: the request is checked, the job is stored and started, and waits for its prompt "
                "from an upstream that never answers; a fresh process each time. nginx: return 202 with a body of the same "
                "size; floor: the same bytes",
        "answer_bytes": len(accepted), "body_bytes": len(body_of(accepted)), "rounds": plan.rounds, "seconds_each": plan.seconds,
        "bytes_per_job": round(statistics.median(run["bytes_per_job"] for run in runs if "bytes_per_job" in run)),
        "rows": summary(runs, ("service", "nginx", "floor")),
    }


def post_to_service(binaries, work, connections, seconds):
    """A process of its own, because every run leaves hundreds of thousands of jobs behind."""
    with servers.start_upstream(binaries, work, mute=True) as upstream:
        service = servers.start_service(binaries, work, **servers.upstream_settings(upstream, 10_000_000))
        try:
            empty = service.resident_bytes()
            run = wrk(service, "/generate", connections, seconds, THEME)
            jobs = run["requests_per_second"] * seconds
            return {**run, "bytes_per_job": (service.resident_bytes() - empty) / jobs}
        finally:
            service.process.kill()  # nothing to drain: the jobs wait for ever
            service.process.wait()
