// OpenClaw's music_generate tool, answered by an openclaw-music service.

import { Service } from "./service.js";
import { Orders } from "./orders.js";
import { toOrder } from "./request.js";

const id = "openclaw-music";
const defaultTimeoutMs = 300_000; // the platform's own default

function capabilities() {
  return {
    generate: {
      maxTracks: 4,
      maxDurationSeconds: 300,
      supportsLyrics: true,
      supportsInstrumental: true,
      supportsDuration: true,
      supportsFormat: true,
      supportedFormats: ["mp3", "wav"],
    },
    edit: { enabled: false },
  };
}

/** What the platform configured for this plugin: as it is now if the request tells, else as it was at registration. */
function settingsOf(api, cfg) {
  return cfg?.plugins?.entries?.[id]?.config ?? api.pluginConfig ?? {};
}

export function createProvider(api) {
  const orders = new Orders();
  return {
    id,
    label: "OpenClaw Music",
    defaultModel: "auto",
    models: ["auto"],
    capabilities: capabilities(),
    isConfigured: ({ cfg } = {}) => Boolean(settingsOf(api, cfg).baseUrl),
    async generateMusic(request) {
      const { baseUrl, apiKey } = settingsOf(api, request.cfg);
      if (!baseUrl) throw new Error(`${id}: set plugins.entries.${id}.config.baseUrl to the address of the service`);
      const service = new Service(baseUrl, apiKey);
      const deadline = Date.now() + (request.timeoutMs ?? defaultTimeoutMs);
      const { job, tracks } = await orders.fulfil(service, toOrder(request), request.agentDir, deadline);
      return {
        tracks,
        model: job.workflow.step2_music_generation.provider,
        metadata: { jobId: job.id, charged: job.charged, warnings: job.warnings },
      };
    },
  };
}

export default {
  id,
  name: "OpenClaw Music",
  description: "Songs from an openclaw-music service",
  register(api) {
    api.registerMusicGenerationProvider(createProvider(api));
  },
};
