// What the plugin sends, how often, and what it makes of the answers.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { createProvider } from "../../openclaw/plugin/index.js";
import { shorten, toOrder } from "../../openclaw/plugin/request.js";

const song = Buffer.from("ID3 not really a song");

function job(changes = {}) {
  return {
    id: "job_1", status: "success", done: true, version: 3, charged: "no", retryable: false, warnings: [],
    tracks: [{ index: 0, title: "Rainy / Night", duration: 20, song_id: "s1", content_type: "audio/mpeg", size_bytes: song.length }],
    workflow: { step1_prompt_generation: { status: "complete" }, step2_music_generation: { status: "complete", provider: "suno" } },
    ...changes,
  };
}

const failed = (changes) => job({ status: "error", message: "The music could not be made.", tracks: [], ...changes });

/** A service that answers as `script` says: (method, path, body, headers) -> [status, json, headers]. Keeps what it was asked. */
async function scripted(t, script) {
  const asked = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const call = { method: request.method, path: request.url, body: body && JSON.parse(body), headers: request.headers };
      asked.push(call);
      if (call.path.endsWith("/audio")) return response.writeHead(200, { "Content-Type": "audio/mpeg" }).end(song);
      const [status, json, headers] = script(call, asked);
      if (status === 0) return request.socket.destroy();
      response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(json));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const provider = createProvider({ pluginConfig: { baseUrl, apiKey: "test-key" } });
  const keys = () => asked.filter(({ method, headers }) => method === "POST" && headers["idempotency-key"]).map(({ headers }) => headers["idempotency-key"]);
  return { provider, asked, keys };
}

const replayed = { "Idempotent-Replayed": "true" };

test("a short prompt is a theme, a long or a structured one is a music prompt", () => {
  assert.deepEqual(toOrder({ prompt: " rainy night " }), { path: "/generate", body: { theme: "rainy night" } });
  const long = toOrder({ prompt: "Soft rain falls. ".repeat(200) });
  assert.equal(long.path, "/skills/suno-music-generator");
  assert.ok(long.body.prompt.length <= 2000 && long.body.prompt.endsWith("falls."));
  assert.ok([...long.body.theme].length <= 100);
  assert.deepEqual(toOrder({ prompt: "[Verse] slow\npiano" }).body, { prompt: "[Verse] slow\npiano", theme: "slow piano" });
  assert.equal(toOrder({ prompt: "a <b> c" }).body.theme, "a  b  c");
  assert.equal(toOrder({ prompt: "rain\u0000y\u202e night" }).body.theme, "rainy night");
});

test("lyrics, vocals, length, format and provider are passed through within what the service takes", () => {
  const { body } = toOrder({ prompt: "rain", lyrics: "la\r\nla", instrumental: false, durationSeconds: 5, format: "wav", model: "suno" });
  assert.deepEqual(body, { theme: "rain", lyrics: "la\nla", instrumental: false, duration_seconds: 20, format: "wav", provider: "suno" });
  assert.equal(toOrder({ prompt: "rain", durationSeconds: 900, model: "auto" }).body.duration_seconds, 300);
  assert.equal(toOrder({ prompt: "rain", model: "auto" }).body.provider, undefined);
});

test("nothing is cut inside a character", () => {
  assert.equal(shorten("🎵".repeat(30), 20), "🎵".repeat(20));
  assert.equal(shorten("one two three", 9), "one two");
});

test("every track comes as bytes with a safe name", async (t) => {
  const { provider, asked } = await scripted(t, () => [202, job()]);
  const { tracks, model } = await provider.generateMusic({ prompt: "rainy night" });
  assert.equal(model, "suno");
  assert.equal(tracks.length, 1);
  assert.deepEqual(tracks[0].buffer, song);
  assert.equal(tracks[0].mimeType, "audio/mpeg");
  assert.equal(tracks[0].fileName, "Rainy-Night-1.mp3");
  assert.ok(asked.every(({ headers }) => headers.authorization === "Bearer test-key"));
});

test("a lost answer is asked for again with the same key, another song gets another one", async (t) => {
  const { provider, keys } = await scripted(t, (_, asked) => (asked.length === 1 ? [0] : [202, job()]));
  await provider.generateMusic({ prompt: "rainy night" });
  await provider.generateMusic({ prompt: "rainy night" });
  await provider.generateMusic({ prompt: "sunny day" });
  const [lost, found, second, other] = keys();
  assert.equal(lost, found);
  assert.equal(new Set([found, second, other]).size, 3);
});

test("a song that is not ready in time is found again by the next call", async (t) => {
  let ready = false;
  const { provider, keys } = await scripted(t, () => [200, job(ready ? {} : { done: false, status: "running" })]);
  await assert.rejects(provider.generateMusic({ prompt: "rainy night", timeoutMs: 1500 }), /not ready yet/u);
  ready = true;
  await provider.generateMusic({ prompt: "rainy night" });
  assert.equal(keys()[0], keys()[1]);
});

test("a failed job goes on where it can, and is never bought again", async (t) => {
  let failing = true;
  const { provider, asked, keys } = await scripted(t, ({ path }) => {
    if (path.endsWith("/retry")) return [202, job()];
    return failing ? [202, failed({ charged: "yes", retryable: true })] : [202, failed({ charged: "yes", retryable: true }), replayed];
  });
  await assert.rejects(provider.generateMusic({ prompt: "rainy night" }), /charged; nothing was ordered again/u);
  failing = false;
  await provider.generateMusic({ prompt: "rainy night" });
  assert.equal(new Set(keys()).size, 1);
  assert.equal(asked.filter(({ path }) => path === "/jobs/job_1/retry").length, 1);
});

test("an unknown submission is told and left alone, a failure that cost nothing is made anew", async (t) => {
  let charged = "maybe";
  const { provider, keys } = await scripted(t, ({ path, headers }, asked) => {
    if (path.endsWith("/retry")) return [409, { error_type: "job_not_retryable", message: "no" }];
    const fresh = asked.filter((call) => call.headers["idempotency-key"] === headers["idempotency-key"]).length === 1;
    return fresh && keys().length > 1 ? [202, job()] : [202, failed({ charged, retryable: true }), replayed];
  });
  await assert.rejects(provider.generateMusic({ prompt: "rainy night" }), /may have been charged/u);
  assert.equal(new Set(keys()).size, 1);
  charged = "no";
  await provider.generateMusic({ prompt: "rainy night" });
  assert.equal(new Set(keys()).size, 2);
});

test("errors become sentences for the user", async (t) => {
  const problem = (status, error_type, errors) => [status, { status: "error", error_type, message: "m", errors }];
  const answers = [problem(401, "unauthorized"), problem(422, "validation_error", [{ field: "theme", message: "must have 3 to 500 characters" }])];
  const { provider } = await scripted(t, () => answers.shift());
  await assert.rejects(provider.generateMusic({ prompt: "rainy night" }), /check plugins\.entries\.openclaw-music\.config\.apiKey/u);
  await assert.rejects(provider.generateMusic({ prompt: "ab" }), /theme must have 3 to 500 characters/u);
  await assert.rejects(createProvider({}).generateMusic({ prompt: "x" }), /baseUrl/u);
});
