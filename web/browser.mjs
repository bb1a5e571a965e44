// The system's browser, for tests.
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const program = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({ executablePath: program, args: quiet });

/** A page, and what it asked of the network and complained of. */
export const newPage = async (browser, options = {}) => {
  const page = await browser.newPage(options);
  const requests = [];
  const complaints = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (fault) => complaints.push(String(fault)));
  return { page, requests, complaints };
};

/** What axe finds wrong with a page; the page's own policy would not let axe in. */
export const violations = async (page) => {
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 4).join(" | ")}`);
};
