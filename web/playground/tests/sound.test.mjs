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
import { latency, lined, stack } from "../usable.mjs";
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
  const cases = { ...Object.fromEntries([100, 1000, 10_000].map((lines) => [`${lines} lines`, lined(lines)])), "20 files": await stack(page, 20) };
  for (const [what, files] of Object.entries(cases)) {
    const { median, late } = await latency(page, files);
    t.diagnostic(`${what}: ${median.toFixed(1)} ms, 95 of 100 within ${late.toFixed(1)} ms`);
    // Far above what an idle laptop needs, so that only a change of order fails.
    assert.ok(median < 5000);
  }
});
