// mcp_client.mjs NODE_MODULES URL VERSION: lists and calls the tools with the official client; prints what came as JSON.

import { pathToFileURL } from "node:url";

const [modules, url, version] = process.argv.slice(2);
const library = pathToFileURL(`${modules}/@modelcontextprotocol/client/dist/index.mjs`).href;
const { Client, StreamableHTTPClientTransport } = await import(library);

const mode = version === "2026-07-28" ? { pin: version } : "legacy";
const client = new Client({ name: "openclaw-music-test", version: "1.0.0" }, { versionNegotiation: { mode } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

const call = async (name, args) => client.callTool({ name, arguments: args }); // checks the structured content against the schema
const order = { theme: "rainy night", duration_seconds: 20, idempotency_key: `song-of-${version}` };
const { tools } = await client.listTools();
const refused = await call("generate_music", { theme: "<" });
const first = (await call("generate_music", order)).structuredContent;
const again = (await call("generate_music", order)).structuredContent;
let done = first;
while (!done.done) done = (await call("get_music_job", { job_id: first.job_id, wait_seconds: 25 })).structuredContent;
await client.close();

console.log(JSON.stringify({ version: client.getNegotiatedProtocolVersion() ?? version, tools: tools.map((tool) => tool.name), refused, first, again, done }));
