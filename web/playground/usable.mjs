// How soon the page is usable on a slow line and a slow machine, and how soon findings follow a key:
// `node web/playground/usable.mjs`. The line is 10 Mbit/s with 40 ms of delay, the processor four times slower than this.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

import { launch } from "../browser.mjs";

const MBIT = 1_000_000 / 8;
const LINE = { offline: false, latency: 40, downloadThroughput: 10 * MBIT, uploadThroughput: 10 * MBIT };
const SLOWER = 4;
const RUNS = 3;

/** Serves the page as a server does that compresses: each file as Brotli, made once. */
const compressed = () => {
  const root = fileURLToPath(new URL("dist", import.meta.url));
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };
  const made = new Map();
  const server = createServer(async ({ url }, response) => {
    const name = new URL(url, "http://localhost").pathname.slice(1) || "index.html";
    try {
      if (!made.has(name)) made.set(name, brotliCompressSync(await readFile(join(root, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
      response.writeHead(200, { "content-type": types[extname(name)], "content-encoding": "br" }).end(made.get(name));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
};
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds from the call of the page until it is there, until one can write, and until the findings have come. */
export const usable = async () => {
  const server = await compressed();
  const browser = await launch();
  const address = `http://127.0.0.1:${server.address().port}/`;
  const seen = { text: [], editor: [], findings: [] };
  // The first visit only compresses the files.
  for (let run = 0; run <= RUNS; run += 1) {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    if (run > 0) {
      await wire.send("Network.enable");
      await wire.send("Network.emulateNetworkConditions", LINE);
      await wire.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    }
    await page.addInitScript(() => {
      globalThis.seen = {};
      const look = () => {
        const now = performance.now();
        const editor = document.querySelector(".editor");
        if (document.querySelector("header")) globalThis.seen.text ??= now;
        if (editor?.shadowRoot?.querySelector(".cm-line")) globalThis.seen.editor ??= now;
        if (document.querySelector(".finding")) globalThis.seen.findings ??= now;
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(address);
    await page.locator(".finding").first().waitFor({ timeout: 60_000 });
    const times = await page.evaluate(() => globalThis.seen);
    if (run > 0) for (const [what, all] of Object.entries(seen)) all.push(times[what]);
    await context.close();
  }
  const page = await browser.newPage();
  await page.goto(address);
  const cases = { "100 lines": lined(100), "1,000 lines": lined(1000), "10,000 lines": lined(10_000), "20 files": await stack(page, 20) };
  const keys = [];
  for (const [what, files] of Object.entries(cases)) keys.push([what, await latency(page, files)]);
  await browser.close();
  server.close();
  return { ...Object.fromEntries(Object.entries(seen).map(([what, all]) => [what, middle(all)])), keys };
};

/** A configuration of so many lines. */
export const lined = (lines) => {
  const settings = ["heartbeat = 60", "handshake_timeout = 10000", "# a comment", "channel_max = 2047", "log.file.level = info"];
  const text = Array.from({ length: lines }, (_, n) => (n < settings.length ? settings[n] : `# line ${n}`)).join("\n");
  return [{ name: "rabbitmq.conf", text }];
};

/** So many files of the page's examples, each set in a directory of its own. */
export const stack = (page, count) =>
  page.evaluate(async (count) => {
    const sets = await (await fetch("examples.json")).json();
    return sets.flatMap(([, files], n) => files.map(({ name, text }) => ({ name: `${n}/${name}`, text }))).slice(0, count);
  }, count);

/** Milliseconds from a question to its findings, as the page asks it when a key was pressed in the first file. */
export const latency = (page, files, runs = 40) =>
  page.evaluate(async ([files, runs]) => {
    const worker = new Worker(new URL("worker.js", location.href), { type: "module" });
    const ask = (id, files) => new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ id, job: "judge", inputs: [files, {}, [], false] });
    });
    const typed = (n) => files.map((file, at) => (at === 0 ? { ...file, text: `${file.text}# ${n}` } : file));
    const all = [];
    for (let n = 0; n <= runs; n += 1) {
      const asked = typed(n);
      const begun = performance.now();
      await ask(n, asked);
      if (n > 0) all.push(performance.now() - begun);
    }
    worker.terminate();
    all.sort((a, b) => a - b);
    return { median: all[Math.floor(runs / 2)], late: all[Math.ceil(runs * 0.95) - 1] };
  }, [files, runs]);

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { text, editor, findings, keys } = await usable();
  console.log(`10 Mbit/s, processor ${SLOWER} times slower: the page ${text.toFixed(0)} ms, the editor ${editor.toFixed(0)} ms, findings ${findings.toFixed(0)} ms`);
  for (const [what, { median, late }] of keys) console.log(`from key to findings, ${what}: ${median.toFixed(1)} ms, 95 of 100 within ${late.toFixed(1)} ms`);
}
