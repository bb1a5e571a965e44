// The page in a real browser: typing, fixing, sharing. Screenshots go to `screenshots/`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage } from "../../browser.mjs";
import { address, browser, opened, shots, type } from "./browser.mjs";

test("typing is linted, marked and mended, and nothing is requested", async () => {
  const { page, requests, complaints } = await opened({ viewport: { width: 1280, height: 800 } });
  await page.screenshot({ path: `${shots}light.png` });
  // The service worker is fetching its copies still; what it asks for is the page's own.
  await page.evaluate(() => navigator.serviceWorker.ready);
  const loaded = requests.length;
  page.once("dialog", (dialog) => dialog.accept("conf/rabbitmq.conf"));
  await type(page, "Handshake_Timeout = 10000\n");
  await page.getByRole("tab", { name: "file-1.conf" }).dblclick();
  await page.getByRole("tab", { name: /conf\/rabbitmq.conf/ }).waitFor();
  const finding = page.locator(".finding", { hasText: "conf/rabbitmq.conf:1" }).filter({ hasText: "handshake_timeout" }).first();
  await finding.waitFor();
  await page.locator(".cm-lintRange").first().waitFor();
  await finding.locator(".actions button").first().click();
  await page.locator(".cm-line", { hasText: "handshake_timeout = 10000" }).waitFor();
  await finding.waitFor({ state: "detached" });
  await page.locator(".cm-content").press("Control+z");
  await finding.waitFor();
  assert.deepEqual(requests.slice(loaded), []);
  assert.deepEqual(complaints, []);
});

test("the engine's first part is enough for the first findings, and the rest comes when it is needed", async () => {
  const { page, requests, complaints } = await newPage(browser, { serviceWorkers: "block" });
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route("**/rest.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(address);
  await page.locator(".finding").first().waitFor({ timeout: 60_000 });
  // A kind of file that few have.
  await type(page, "max_payload: 70000000\nwrite_deadline: \"10ms\"\nauthorization { user: a, password: a }\nport: 4222\n");
  page.once("dialog", (dialog) => dialog.accept("nats.conf"));
  await page.getByRole("tab", { name: "file-1.conf" }).dblclick();
  const finding = page.locator(".finding", { hasText: "nats.conf" }).first();
  await page.waitForTimeout(1000);
  assert.equal(await finding.count(), 0);
  release();
  await finding.waitFor();
  assert.equal(requests.filter((address) => address.endsWith("/rest.wasm")).length, 1);
  assert.ok(!requests.some((address) => address.endsWith("/engine.wasm")));
  assert.deepEqual(complaints, []);
});

test("a finding leads to its place in another file", async () => {
  const { page, complaints } = await opened();
  await type(page, "x = 1\n");
  const first = page.locator(".finding .jump").first();
  const file = (await first.locator(".at").textContent()).split(":")[0];
  await first.click();
  assert.match(await page.locator('.tabs [aria-selected="true"]').textContent(), new RegExp(`^${file.replaceAll(".", "\\.")}`));
  assert.deepEqual(complaints, []);
});

test("a link holds the files; it warns of secrets first", async () => {
  const { page } = await opened();
  await type(page, "amqp://shop:hunter2@mq/shop\n");
  await page.getByRole("button", { name: "Share link" }).click();
  assert.equal(new URL(page.url()).hash, "");
  await page.getByRole("button", { name: "Share all the same" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#v1="));
  const { page: other } = await opened({}, new URL(page.url()).hash);
  await other.getByRole("tab", { name: /file-1.conf/ }).click();
  await other.locator(".cm-line", { hasText: "hunter2" }).waitFor();
});

test("settings are a tab, and a mistake in them is told", async () => {
  const { page } = await opened();
  const number = await page.locator(".finding").count();
  assert.ok(number > 0);
  await page.getByRole("button", { name: "connlint.toml", exact: true }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('ignore = ["ALL"]\n');
  await page.waitForFunction(() => document.querySelectorAll(".finding").length === 0);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("= =\n");
  await page.getByRole("alert").waitFor();
});

test("a text of any size and kind leaves the page alive", async () => {
  const { page, complaints } = await opened();
  await type(page, "[".repeat(20_000));
  await page.getByRole("button", { name: "New file" }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.insertText("amqp://guest:guest@mq.example.com:5671\n");
  await page.locator(".finding", { hasText: "file-2.conf" }).first().waitFor();
  assert.deepEqual(complaints, []);
});

test("dark, and narrow: nothing is wider than the screen", async () => {
  const { page } = await opened({ colorScheme: "dark", viewport: { width: 1280, height: 800 } });
  await page.screenshot({ path: `${shots}dark.png` });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: `${shots}phone.png` });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  // The tab of the file that one is led to is in sight, however many there are.
  await page.locator(".finding .jump").last().click();
  await page.waitForFunction(() => {
    const { left, right } = document.querySelector('.tabs [aria-selected="true"]').getBoundingClientRect();
    return left >= 0 && right <= 360;
  });
});
