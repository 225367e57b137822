// HTTP to the service: what may be tried again is, everything else becomes a message that a user understands.

const callTimeoutMs = 60_000;
const pollSeconds = 25;
const mostTries = 4;

/** An answer of the service that is an error. `type` is its error_type. */
export class ServiceError extends Error {
  constructor(status, problem) {
    super(sentence(status, problem));
    this.name = "ServiceError";
    this.status = status;
    this.type = problem?.error_type;
  }
}

function sentence(status, problem) {
  const fields = (problem?.errors ?? []).map(({ field, message }) => `${field} ${message}`).join("; ");
  switch (problem?.error_type) {
    case "unauthorized":
      return "The music service does not accept the API key: check plugins.entries.openclaw-music.config.apiKey.";
    case "validation_error":
    case "missing_parameter":
      return `The music service cannot take this request: ${fields || problem.message}.`;
    case "queue_full":
    case "rate_limit":
      return "The music service has too many songs in work; try again in a moment.";
    case "draining":
    case "store_unavailable":
      return "The music service is not available right now; try again soon.";
    default:
      return problem?.message ? `Music service: ${problem.message}` : `The music service answered ${status}.`;
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export class Service {
  constructor(baseUrl, apiKey) {
    this.baseUrl = baseUrl.replace(/\/+$/u, "");
    this.headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
  }

  /** The answer with its parsed JSON. Throws `ServiceError`, or an Error when the service cannot be reached. */
  async ask(method, path, { body, headers, deadline }) {
    for (let tries = 1; ; ++tries) {
      const left = deadline - Date.now();
      try {
        const answer = await fetch(this.baseUrl + path, {
          method,
          headers: { ...this.headers, ...(body && { "Content-Type": "application/json" }), ...headers },
          body: body && JSON.stringify(body),
          redirect: "error",
          signal: AbortSignal.timeout(Math.max(1, Math.min(left, callTimeoutMs))),
        });
        const parsed = answer.status === 304 || answer.status === 204 ? undefined : await answer.json();
        if (answer.status < 400) return { status: answer.status, headers: answer.headers, json: parsed };
        const again = (answer.status === 429 || answer.status === 503) && tries < mostTries;
        const wait = 1000 * (Number(answer.headers.get("Retry-After")) || 1);
        if (!again || Date.now() + wait >= deadline) throw new ServiceError(answer.status, parsed);
        await pause(wait);
      } catch (failure) {
        if (failure instanceof ServiceError) throw failure;
        const wait = 500 * 2 ** tries;
        if (tries >= mostTries || Date.now() + wait >= deadline) throw new Error(`The music service at ${this.baseUrl} cannot be reached.`, { cause: failure });
        await pause(wait);
      }
    }
  }

  /** Stores the job, or finds the one that the key already names; repeating it is safe. */
  async submit({ path, body }, key, deadline) {
    const { json, headers } = await this.ask("POST", path, { body, headers: { "Idempotency-Key": key }, deadline });
    return { job: json, replayed: headers.get("Idempotent-Replayed") === "true" };
  }

  /** Lets a failed job go on from where it is; null if it cannot. Nothing is bought a second time. */
  async retry(job, deadline) {
    try {
      return (await this.ask("POST", `/jobs/${job.id}/retry`, { deadline })).json;
    } catch (failure) {
      if (failure.status === 409) return null;
      throw failure;
    }
  }

  /** Long-polls until the job has ended, or as it is at the deadline. */
  async follow(job, deadline) {
    while (!job.done && Date.now() < deadline) {
      const seconds = Math.max(1, Math.min(pollSeconds, Math.floor((deadline - Date.now()) / 1000)));
      const headers = { Prefer: `wait=${seconds}`, "If-None-Match": `"${job.version}"` };
      const answer = await this.ask("GET", `/jobs/${job.id}`, { headers, deadline: deadline + callTimeoutMs });
      job = answer.json ?? job;
    }
    return job;
  }

  /** The bytes of a track, checked against the length that the job tells. */
  async fetchTrack(job, track, deadline) {
    const path = `/jobs/${job.id}/tracks/${track.index}/audio`;
    for (let tries = 1; ; ++tries) {
      try {
        const signal = AbortSignal.timeout(Math.max(callTimeoutMs, deadline - Date.now()));
        const answer = await fetch(this.baseUrl + path, { headers: this.headers, redirect: "error", signal });
        if (!answer.ok) throw new ServiceError(answer.status, await answer.json());
        const buffer = Buffer.from(await answer.arrayBuffer());
        if (buffer.length !== track.size_bytes) throw new Error("The audio came incomplete.");
        return buffer;
      } catch (failure) {
        if (failure instanceof ServiceError || tries >= mostTries) throw failure;
        await pause(500 * 2 ** tries);
      }
    }
  }
}
