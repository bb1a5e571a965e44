// What holds on the whole page: reachable for everybody, at work without a network, quick.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { violations } from "../../browser.mjs";
import { serve } from "../serve.mjs";
import { base, browser, opened, type } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const dist = fileURLToPath(new URL("../dist", import.meta.url));

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`nobody is kept out: ${colorScheme}, ${width} wide`, async () => {
      const { page } = await opened({ colorScheme, reducedMotion: "reduce", viewport: { width, height: 800 } });
      await page.evaluate(axe);
      for (const pane of ["Findings", "Deployment", "Rules", "Settings"]) {
        await page.getByRole("tab", { name: pane, exact: true }).click();
        if (pane === "Rules") {
          await page.locator(".rules .jump").first().click();
          await page.getByRole("complementary", { name: "Rule" }).waitFor();
        }
        if (pane === "Deployment") await page.locator(".plate").first().waitFor();
        assert.deepEqual(await violations(page), [], pane);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${pane} is wider than the screen`);
      }
    });
  }
}

/** A copy of the page on a server that can be stopped. */
const copy = async () => {
  const root = await mkdtemp(join(tmpdir(), "connlint-offline-"));
  await cp(dist, root, { recursive: true });
  const server = await serve(0, base, root);
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { root, close, address: `http://127.0.0.1:${server.address().port}${base}` };
};
const ready = (page) => page.locator(".finding").first().waitFor({ timeout: 60_000 });

test("once loaded, the page works without a network, rule pages too", async () => {
  const { root, close, address } = await copy();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  await ready(page);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
  await close();
  await page.reload();
  await ready(page);
  await type(page, "amqp://guest:guest@mq.example.com:5671\n");
  await page.locator(".finding", { hasText: "file-1.conf" }).first().waitFor();
  await page.locator(".finding .actions .link").first().click();
  await page.getByRole("complementary", { name: "Rule" }).waitFor();
  await context.close();
  await rm(root, { recursive: true });
});

test("a newer version is offered, and replaces all of the old one", async () => {
  const { root, close, address } = await copy();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  await ready(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const worker = await readFile(join(root, "offline.js"), "utf8");
  await writeFile(join(root, "offline.js"), worker.replace(/"VERSION":"[0-9a-f]+"/, '"VERSION":"newer"'));
  const html = await readFile(join(root, "index.html"), "utf8");
  await writeFile(join(root, "index.html"), html.replace("<title>", "<title>newer "));
  await page.reload();
  await ready(page);
  assert.ok(!(await page.title()).startsWith("newer"), "versions are never mixed");
  await page.getByRole("button", { name: "Load it" }).click();
  await page.waitForFunction(() => document.title.startsWith("newer"));
  await ready(page);
  assert.deepEqual((await page.evaluate(() => caches.keys())).map((name) => name.split(" ").at(-1)), ["newer"]);
  await context.close();
  await close();
  await rm(root, { recursive: true });
});

test("findings come soon after a key is pressed", async (t) => {
  const { page } = await opened();
  const settings = ["heartbeat = 60", "handshake_timeout = 10000", "# a comment", "channel_max = 2047", "log.file.level = info"];
  for (const lines of [100, 1000, 10_000]) {
    const text = Array.from({ length: lines }, (_, n) => (n < settings.length ? settings[n] : `# line ${n}`)).join("\n");
    const taken = await page.evaluate(async (text) => {
      const worker = new Worker(new URL("worker.js", location.href), { type: "module" });
      const ask = (id) => new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage({ id, job: "judge", inputs: [[{ name: "rabbitmq.conf", text }], {}, [], true] });
      });
      await ask(0);
      const all = [];
      for (let n = 1; n <= 7; n += 1) {
        const begun = performance.now();
        await ask(n);
        all.push(performance.now() - begun);
      }
      worker.terminate();
      return all.sort((a, b) => a - b)[3];
    }, text);
    t.diagnostic(`${lines} lines: ${taken.toFixed(1)} ms`);
    console.log(`latency, ${lines} lines: ${taken.toFixed(1)} ms`);
    // Ten times what an idle laptop needs, so that only a change of order fails.
    assert.ok(taken < 5000);
  }
});
