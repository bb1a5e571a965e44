// A browser, a server below a base path, and pages whose findings have come.
import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { serve } from "../serve.mjs";

export const base = "/some/where/";
export const shots = fileURLToPath(new URL("../screenshots/", import.meta.url));
const program = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
let server;
export let browser;
export let address;

before(async () => {
  server = await serve(0, base);
  address = `http://127.0.0.1:${server.address().port}${base}`;
  const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: program, args: quiet });
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A page whose findings have come, and what it asked of the network and complained of. */
export const opened = async (options = {}, hash = "") => {
  const page = await browser.newPage(options);
  const requests = [];
  const complaints = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (fault) => complaints.push(String(fault)));
  await page.goto(address + hash);
  await page.waitForFunction(() => /found|findings/.test(document.querySelector(".summary")?.textContent ?? ""), null, { timeout: 60_000 }).catch((fault) => {
    throw new Error(`${fault.message}\n${complaints.join("\n")}`);
  });
  return { page, requests, complaints };
};
export const type = async (page, text) => {
  await page.getByRole("button", { name: "New file" }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.insertText(text);
};
