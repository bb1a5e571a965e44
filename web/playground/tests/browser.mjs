// A browser, a server below a base path, and pages whose findings have come.
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, newPage } from "../../browser.mjs";
import { serve } from "../serve.mjs";

export const base = "/some/where/";
export const shots = fileURLToPath(new URL("../screenshots/", import.meta.url));
let server;
export let browser;
export let address;

before(async () => {
  server = await serve(0, base);
  address = `http://127.0.0.1:${server.address().port}${base}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A page whose findings have come, and what it asked of the network and complained of. */
export const opened = async (options = {}, hash = "") => {
  const { page, requests, complaints } = await newPage(browser, options);
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
