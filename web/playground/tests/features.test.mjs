// What the page shows beside findings: rules, the deployment, timelines, settings, downloads, what is kept.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { opened, shots, type } from "./browser.mjs";

const pane = (page, name) => page.getByRole("tab", { name, exact: true }).click();
const found = (page) => page.locator(".finding .actions .link").allTextContents();

test("rules can be searched and read", async () => {
  const { page, complaints } = await opened({ viewport: { width: 1280, height: 800 } });
  await pane(page, "Rules");
  await page.getByRole("searchbox", { name: "Search rules" }).fill("heartbeat proxy");
  await page.getByRole("button", { name: /heartbeat-slower-than-proxy/ }).click();
  const rule = page.getByRole("complementary", { name: "Rule" });
  for (const heading of ["Why", "What to do", "Finds", "Accepts", "Sources"]) await rule.getByRole("heading", { name: heading, exact: true }).waitFor();
  assert.ok((await rule.locator("pre").count()) >= 2);
  assert.doesNotMatch(await rule.locator("p").allTextContents().then((all) => all.join("\n")), /[{}]/);
  assert.ok((await rule.locator(".hole", { hasText: "proxy idle timeout" }).count()) > 0);
  await page.screenshot({ path: `${shots}rule.png` });
  await rule.getByRole("combobox").selectOption("off");
  await pane(page, "Findings");
  await page.waitForFunction(() => !document.body.textContent.includes("sends a frame every 60 s"));
  assert.deepEqual(complaints, []);
});

test("a rule of one's own is tried on its examples and on the open files as it is written", async () => {
  const { page, complaints } = await opened({ viewport: { width: 1280, height: 800 } });
  await page.getByRole("button", { name: "New rule" }).click();
  await page.locator(".check .holds", { hasText: "good 1" }).waitFor();
  await page.locator(".finding", { hasText: "own/rule-1" }).first().waitFor();
  await page.screenshot({ path: `${shots}own-rule.png` });
  const text = (await page.locator(".cm-line").allTextContents()).join("\n");
  const replace = async (next) => {
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    // Pasted, since text that is typed over several lines makes the browser itself write inline styles.
    await page.locator(".cm-content").evaluate((content, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, next);
  };
  await replace(text.replace("heartbeat=20", "heartbeat=40"));
  await page.locator(".check .fails", { hasText: "good 1: this is found" }).waitFor();
  await replace(text.replace("uri.heartbeat > duration", "uri.hartbeat > duration"));
  await page.locator(".check .fails", { hasText: "hartbeat" }).waitFor();
  await page.locator(".finding", { hasText: "own/rule-1" }).first().waitFor({ state: "detached" });
  await page.locator(".cm-lintRange-error").first().waitFor();
  assert.deepEqual(complaints, []);
});

test("the deployment is drawn, its failing hop red and reached by keyboard", async () => {
  const { page, complaints } = await opened({ viewport: { width: 1600, height: 900 } });
  await pane(page, "Deployment");
  const hop = page.locator(".hop.error").first();
  await hop.waitFor();
  assert.ok((await page.locator(".plate").count()) >= 5);
  await page.screenshot({ path: `${shots}deployment.png` });
  // Nothing is cut off, no name leaves its box, and no line runs behind a box that it does not touch.
  const faults = await page.evaluate(() => {
    const faults = [];
    const svg = document.querySelector(".picture svg");
    const whole = svg.getBoundingClientRect();
    const plates = [...document.querySelectorAll(".plate rect")].map((rect) => rect.getBoundingClientRect());
    for (const text of document.querySelectorAll(".plate text")) {
      const [box, words] = [text.parentElement.querySelector("rect").getBoundingClientRect(), text.getBoundingClientRect()];
      if (words.right > box.right) faults.push(`${text.textContent} is wider than its box`);
    }
    for (const path of document.querySelectorAll(".hop path")) {
      const length = path.getTotalLength();
      const name = path.parentElement.querySelector("text").textContent;
      for (let at = 6; at < length - 6; at += 4) {
        const { x, y } = path.getPointAtLength(at);
        const [px, py] = [whole.left + x, whole.top + y];
        if (x < 0 || y < 0 || x > whole.width || y > whole.height) faults.push(`${name} leaves the picture`);
        if (plates.some((p) => px > p.left + 2 && px < p.right - 2 && py > p.top + 2 && py < p.bottom - 2)) faults.push(`${name} runs behind a box`);
      }
    }
    return [...new Set(faults)];
  });
  assert.deepEqual(faults, []);
  await hop.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".editor").shadowRoot.activeElement !== null);
  const broken = page.locator(".plate.error").first();
  const file = (await broken.locator(".place").textContent()).replace(/^…/, "").split(":")[0];
  await broken.click();
  assert.ok((await page.getByRole("tab", { selected: true }).first().textContent()).includes(file));
  assert.deepEqual(complaints, []);
});

test("frames are drawn against the limit that cuts them off", async () => {
  const { page } = await opened({ viewport: { width: 1280, height: 800 } });
  const finding = page.locator(".finding", { hasText: "heartbeat-slower-than-proxy" });
  const drawn = finding.getByRole("img");
  await drawn.waitFor();
  assert.equal(await drawn.getAttribute("aria-label"), "a frame every 60 s, but silence is borne for 60 s only: dropped there");
  assert.equal(await drawn.locator(".drop").count(), 1);
  await finding.scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${shots}timeline.png` });
});

test("the form writes connlint.toml, and it counts", async () => {
  const { page } = await opened({ viewport: { width: 1280, height: 800 } });
  await pane(page, "Settings");
  await page.getByRole("combobox", { name: "Network" }).selectOption("mobile");
  await page.getByRole("textbox", { name: "rabbitmq" }).fill("3.13");
  await page.getByRole("textbox", { name: "rabbitmq" }).blur();
  await page.locator(".settings pre", { hasText: 'rabbitmq = "3.13"' }).waitFor();
  await page.screenshot({ path: `${shots}settings.png` });
  await page.getByRole("tab", { name: "connlint.toml" }).click();
  assert.equal((await page.locator(".cm-line").allTextContents()).join("\n"), 'network = "mobile"\n\n[targets]\nrabbitmq = "3.13"\n');
  await page.getByRole("textbox", { name: "Evaluated at" }).fill("soon");
  await page.getByRole("textbox", { name: "Evaluated at" }).blur();
  await page.getByRole("alert").waitFor();
});

test("a file's kind can be put right", async () => {
  const { page } = await opened();
  await type(page, "heartbeat = 60\nhandshake_timeout = 10s\n");
  await page.getByRole("combobox", { name: "Kind of this file" }).selectOption("rabbitmq.conf");
  await page.locator(".finding", { hasText: "file-1.conf" }).filter({ hasText: "rabbitmq/" }).first().waitFor();
});

test("F8 goes from finding to finding, across files", async () => {
  const { page } = await opened();
  const seen = new Set();
  for (let n = 0; n < 4; n += 1) {
    await page.keyboard.press("F8");
    seen.add(await page.locator(".finding.here .at").textContent());
  }
  const last = await page.locator(".finding.here .message").textContent();
  await page.keyboard.press("F8");
  await page.keyboard.press("Shift+F8");
  assert.equal(await page.locator(".finding.here .message").textContent(), last);
  assert.ok(seen.size > 1);
});

test("all safe fixes are made, and taken back with one press", async () => {
  const { page } = await opened();
  await type(page, "amqp_heartbeat = 1\n");
  page.once("dialog", (dialog) => dialog.accept("rabbitmq/rabbitmq.conf"));
  await page.getByRole("tab", { name: /file-1.conf/ }).dblclick();
  await page.getByRole("tab", { name: /rabbitmq\/rabbitmq.conf/ }).waitFor();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("Handshake_Timeout = 10000\n");
  await page.locator(".finding", { hasText: "rabbitmq/rabbitmq.conf:1" }).first().waitFor();
  await page.getByRole("button", { name: "Fix all safe" }).click();
  await page.locator(".cm-line", { hasText: "handshake_timeout = 10000" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".cm-line", { hasText: "Handshake_Timeout = 10000" }).waitFor();
});

for (const [name, file, holds] of [
  ["JSON", "connlint.json", '"findings"'],
  ["SARIF", "connlint.sarif", '"2.1.0"'],
  ["Markdown", "connlint.md", "## connlint"],
]) {
  test(`the report as ${name}`, async () => {
    const { page } = await opened();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
    assert.equal(download.suggestedFilename(), file);
    assert.ok((await readFile(await download.path(), "utf8")).includes(holds));
  });
}

test("nothing of the files is kept unless asked, and all of it can be cleared", async () => {
  const { page } = await opened();
  const files = () => page.evaluate(() => localStorage.getItem("connlint.files"));
  await type(page, "x = 1\n");
  assert.equal(await files(), null);
  await pane(page, "Settings");
  await page.getByRole("checkbox").check();
  assert.ok((await files()).includes("x = 1"));
  await page.reload();
  await page.getByRole("tab", { name: /file-1.conf/ }).waitFor();
  await pane(page, "Settings");
  await page.getByRole("button", { name: "Clear what is kept" }).click();
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test("a link is made without its secrets when that is chosen", async () => {
  const { page } = await opened();
  await type(page, "amqp://shop:hunter2@mq/shop\n");
  await page.getByRole("button", { name: "Share link" }).click();
  await page.getByRole("button", { name: "Share with *** for each secret" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#v1="));
  const { page: other } = await opened({}, new URL(page.url()).hash);
  await other.getByRole("tab", { name: /file-1.conf/ }).click();
  const text = await other.locator(".cm-content").innerText();
  assert.ok(text.includes("amqp://shop:***@mq/shop") && !text.includes("hunter2"), text);
});

test("a folder is opened with its paths, and a dropped file joins it", async () => {
  const place = await mkdtemp(join(tmpdir(), "connlint-page-"));
  await mkdir(join(place, "shop/conf"), { recursive: true });
  await mkdir(join(place, "shop/node_modules"), { recursive: true });
  await writeFile(join(place, "shop/conf/rabbitmq.conf"), "heartbeat = 60\n");
  await writeFile(join(place, "shop/node_modules/left.conf"), "x\n");
  await writeFile(join(place, "shop/logo.png"), Buffer.from([137, 80, 0, 0]));
  const { page } = await opened();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Open folder" }).click()]);
  await chooser.setFiles(join(place, "shop"));
  await page.getByRole("tab", { name: /shop\/conf\/rabbitmq.conf/ }).waitFor();
  const tabs = () => page.locator('.tabs [role="tab"]').allTextContents();
  assert.equal((await tabs()).length, 1);
  await page.evaluate(() => {
    const dragged = new DataTransfer();
    dragged.items.add(new File(["AMQP_URL=amqp://a:b@mq/v\n"], "app.env"));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: dragged, bubbles: true, cancelable: true }));
  });
  await page.getByRole("tab", { name: /app.env/ }).waitFor();
  assert.equal((await tabs()).length, 2);
  await rm(place, { recursive: true });
});

test("a folder is dropped with all that is in it", async () => {
  const place = await mkdtemp(join(tmpdir(), "connlint-drop-"));
  await mkdir(join(place, "shop/conf/deep"), { recursive: true });
  await mkdir(join(place, "shop/.git"), { recursive: true });
  await writeFile(join(place, "shop/conf/rabbitmq.conf"), "handshake_timeout = 10s\n");
  await writeFile(join(place, "shop/conf/deep/app.env"), "AMQP_URL=amqp://a:b@mq/v\n");
  await writeFile(join(place, "shop/.git/config"), "[core]\n");
  const { page } = await opened();
  const wire = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(place, "shop")], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await wire.send("Input.dispatchDragEvent", { type, x: 200, y: 300, data });
  await page.getByRole("tab", { name: /shop\/conf\/rabbitmq.conf/ }).waitFor();
  const names = (await page.locator('.tabs [role="tab"]').allTextContents()).map((name) => name.replace(/\d+$/, "").trim());
  assert.deepEqual(names.sort(), ["shop/conf/deep/app.env", "shop/conf/rabbitmq.conf"]);
  await page.locator(".finding", { hasText: "shop/conf/rabbitmq.conf:1" }).first().waitFor();
  await rm(place, { recursive: true });
});

test("twelve examples and more, the one of joined files first", async () => {
  const { page } = await opened();
  const names = await page.getByRole("combobox", { name: "Example" }).locator("option").allTextContents();
  assert.equal(names[1], "weakest plank");
  assert.ok(names.length > 12);
  await page.getByRole("combobox", { name: "Example" }).selectOption(names[3]);
  await page.waitForFunction(() => document.querySelectorAll(".finding").length > 0);
  assert.ok((await found(page)).length > 0);
});

test("the page speaks Chinese, and remembers it", async () => {
  const { page } = await opened({ viewport: { width: 1280, height: 800 } });
  await page.getByRole("combobox", { name: "Language" }).selectOption("zh-CN");
  await page.getByRole("button", { name: "分享链接" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  await page.reload();
  await page.getByRole("button", { name: "分享链接" }).waitFor();
  const finding = page.locator(".finding", { hasText: "heartbeat-slower-than-proxy" });
  await finding.locator(".message", { hasText: "会关闭静默 60 s 的连接" }).waitFor();
  await page.screenshot({ path: `${shots}chinese.png` });
  await finding.locator(".actions .link").click();
  await page.getByRole("complementary", { name: "规则" }).getByRole("heading", { name: "心跳慢于代理的空闲超时" }).waitFor();
});
