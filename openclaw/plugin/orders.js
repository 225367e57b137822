// One order, one song: however often the platform asks again, the service is sent the same Idempotency-Key until the song was
// handed over.

import { createHash } from "node:crypto";
import { hostname } from "node:os";

const extensions = { "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg", "audio/flac": "flac", "audio/mp4": "m4a" };

function fingerprint(order, agentDir) {
  return createHash("sha256").update(JSON.stringify([hostname(), agentDir ?? "", order.path, order.body])).digest("hex").slice(0, 40);
}

function fileName(track) {
  const title = track.title.normalize("NFKD").replace(/[^A-Za-z0-9]+/gu, "-").replace(/^-|-$/gu, "").slice(0, 60);
  return `${title || "song"}-${track.index + 1}.${extensions[track.content_type] ?? "bin"}`;
}

function explain(job) {
  const { step1_prompt_generation: prompt, step2_music_generation: music } = job.workflow;
  const cause = music.message ?? prompt.message;
  const cost = { maybe: " It may have been charged; nothing was ordered again.", yes: " It was charged; nothing was ordered again." }[job.charged] ?? "";
  return `${job.message}${cause ? ` ${cause}` : ""}${cost} (job ${job.id})`;
}

/**
 * Counts, for each order, the songs that were handed over. The count is part of the key: asking again after a failure or a lost
 * answer finds the same job, asking again after success makes another song. It lives in memory: after a restart of the platform
 * the first equal order within the service's retention gives the song that is there, which costs nothing.
 */
export class Orders {
  #delivered = new Map();

  #key(order) {
    return `music-generate-${order}-${this.#delivered.get(order) ?? 0}`;
  }

  #close(order) {
    this.#delivered.set(order, (this.#delivered.get(order) ?? 0) + 1);
  }

  async fulfil(service, wanted, agentDir, deadline) {
    const order = fingerprint(wanted, agentDir);
    let { job, replayed } = await service.submit(wanted, this.#key(order), deadline);
    if (replayed && job.done && job.status !== "success") job = await this.#revive(service, wanted, order, job, deadline);
    job = await service.follow(job, deadline);
    if (!job.done) throw new Error(`The song is not ready yet; the service goes on with it. Ask again with the same words to get it. (job ${job.id})`);
    if (job.status !== "success") throw new Error(explain(job));
    const tracks = await Promise.all(
      job.tracks.map(async (track) => ({
        buffer: await service.fetchTrack(job, track, deadline),
        mimeType: track.content_type,
        fileName: fileName(track),
        metadata: { title: track.title, durationSeconds: track.duration, songId: track.song_id },
      })),
    );
    this.#close(order);
    return { job, tracks };
  }

  /** A job that failed in an earlier attempt goes on where it can; one that cost nothing is made anew. */
  async #revive(service, wanted, order, job, deadline) {
    const again = job.retryable ? await service.retry(job, deadline) : null;
    if (again) return again;
    if (job.charged !== "no") throw new Error(explain(job));
    this.#close(order);
    return (await service.submit(wanted, this.#key(order), deadline)).job;
  }
}
