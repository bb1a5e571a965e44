// The package in a real browser: in a page, in workers of both kinds, out of a bundler, and as an element.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launch, newPage, violations } from "../../browser.mjs";
import { serve } from "../../playground/serve.mjs";
import { lint } from "../pkg/node.js";

const pkg = fileURLToPath(new URL("../pkg", import.meta.url));
const shots = fileURLToPath(new URL("../../playground/screenshots/", import.meta.url));
const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const conf = { name: "rabbitmq.conf", text: "handshake_timeout = 10s\n" };
// No inline style or script, no other origin.
const STRICT = "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; base-uri 'none'";

let browser, root, server, address;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "connlint-embed-"));
  await cp(pkg, join(root, "connlint"), { recursive: true });
  server = await serve(0, "/", root);
  address = `http://127.0.0.1:${server.address().port}/`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
  await rm(root, { recursive: true });
});

/** A page of this body under this policy. */
const shown = async (name, body, { policy = STRICT, ...options } = {}) => {
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${name}</title><link rel="icon" href="data:,">`;
  await writeFile(join(root, `${name}.html`), `<!doctype html><html lang="${options.lang ?? "en"}"><head>${head}</head><body><main><h1>${name}</h1>${body}</main></body></html>`);
  const seen = await newPage(browser, options);
  await seen.page.goto(`${address}${name}.html`);
  return seen;
};
const found = (page, many) => page.locator("connlint-editor [role=status]", { hasText: many ?? /found|finding/ }).first().waitFor({ timeout: 60_000 });

test("a page of modules", async () => {
  await writeFile(join(root, "plain.js"), `
    import { init, lint } from "./connlint/index.js";
    await init();
    document.title = JSON.stringify(lint([${JSON.stringify(conf)}]));
  `);
  const { page, complaints } = await shown("modules", '<script type="module" src="plain.js"></script>');
  await page.waitForFunction(() => document.title.startsWith("{"), null, { timeout: 60_000 });
  assert.deepEqual(JSON.parse(await page.title()), lint([conf]));
  assert.deepEqual(complaints, []);
});

for (const [kind, type] of [["plain", "classic"], ["module", "module"]]) {
  test(`a ${kind} worker, whose engine stops once and answers again`, async () => {
    // All memory that the instance may ever have is taken, so that the next large input cannot be held.
    await writeFile(join(root, `${type}.js`), `
      (async () => {
        const { default: start } = await import("./connlint/engine.js");
        const { ConnlintError, init, lint } = await import("./connlint/index.js");
        const { memory } = await start({ module_or_path: new URL("connlint/engine.wasm", self.location.href) });
        await init();
        const [pageBytes, mostPages] = [65536, 65536];
        memory.grow(mostPages - memory.buffer.byteLength / pageBytes);
        let refused;
        try { lint([{ name: "rabbitmq.conf", text: "heartbeat = 60\\n".repeat(600_000) }]); } catch (fault) { refused = fault instanceof ConnlintError; }
        self.postMessage({ refused, report: lint([${JSON.stringify(conf)}]) });
      })().catch((fault) => self.postMessage({ fault: String(fault) }));
    `);
    const { page } = await shown(`worker-${type}`, "");
    const answer = await page.evaluate((type) => new Promise((resolve) => {
      new Worker(`${type}.js`, { type }).onmessage = ({ data }) => resolve(data);
    }), type);
    assert.deepEqual(answer, { refused: true, report: lint([conf]) });
  });
}

test("a bundler's output, with the engine where the bundler puts it", async () => {
  const work = await mkdtemp(join(tmpdir(), "connlint-bundle-"));
  await mkdir(join(work, "node_modules"));
  await symlink(pkg, join(work, "node_modules/connlint"));
  await writeFile(join(work, "main.js"), `
    import { explain, init, lint } from "connlint";
    import engine from "connlint/engine.wasm";
    import pages from "connlint/rules.json";
    await init(new URL(engine, import.meta.url));
    const report = lint([${JSON.stringify(conf)}]);
    const page = await explain(report.findings[0].rule, new URL(pages, import.meta.url));
    document.title = JSON.stringify([report, page.rule]);
  `);
  await build({
    entryPoints: [join(work, "main.js")], bundle: true, minify: true, format: "esm", target: "es2022", outdir: join(root, "bundle"),
    loader: { ".wasm": "file", ".json": "file" }, logLevel: "error",
  });
  const { page, complaints } = await shown("bundle", '<script type="module" src="bundle/main.js"></script>');
  await page.waitForFunction(() => document.title.startsWith("["), null, { timeout: 60_000 });
  const report = lint([conf]);
  assert.deepEqual(JSON.parse(await page.title()), [report, report.findings[0].rule]);
  assert.deepEqual(complaints, []);
  await rm(work, { recursive: true });
});

const SCRIPT = '<script type="module" src="connlint/element.js"></script>';
const SNIPPET = `
  <connlint-editor name="rabbitmq.conf">
    heartbeat = 60
    handshake_timeout = 10s
    Channel_Max = 2047
  </connlint-editor>${SCRIPT}`;

test("two lines make a snippet that is linted, mended and undone, under a strict policy", async () => {
  const { page, requests, complaints } = await shown("element", SNIPPET);
  await found(page);
  const text = page.getByRole("textbox", { name: "Text of rabbitmq.conf" });
  const written = "heartbeat = 60\nhandshake_timeout = 10s\nChannel_Max = 2047\n";
  assert.equal(await text.inputValue(), written);
  const report = lint([{ name: "rabbitmq.conf", text: written }]);
  const messages = await page.locator("connlint-editor .message").allTextContents();
  assert.deepEqual(messages, report.findings.map((f) => f.message.replaceAll("`", "")));
  assert.ok((await page.locator("connlint-editor mark").allTextContents()).includes("10s"));

  const asked = requests.length;
  await page.getByRole("button", { name: /handshake_timeout.*10s/ }).first().click();
  const chosen = await text.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.equal(chosen, "10s");
  await page.locator("connlint-editor li.here").first().waitFor();
  await page.locator("connlint-editor .fix").first().click();
  await page.waitForFunction((written) => document.querySelector("connlint-editor").value !== written, written);
  await page.keyboard.press("Control+z");
  assert.equal(await text.inputValue(), written);

  await text.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("tcp_listen_options.backlogg = 3\n");
  await page.locator("connlint-editor .message", { hasText: "backlogg" }).first().waitFor();
  await page.keyboard.press("F8");
  const first = await text.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.ok(first.length > 0);
  assert.deepEqual(requests.slice(asked), []);
  assert.deepEqual(complaints, []);
});

test("several files are judged together, and reached by arrow keys", async () => {
  const body = `
    <connlint-editor only="rabbitmq amqp">
      <pre data-name="app.env">AMQP_URL=amqps://shop:secret@mq/shop</pre>
      <pre data-name="rabbitmq.conf">
listeners.tcp.default = 5672
handshake_timeout = 10s</pre>
    </connlint-editor>${SCRIPT}`;
  const { page } = await shown("several", body);
  await found(page);
  await page.getByRole("tab", { name: "app.env" }).focus();
  await page.keyboard.press("ArrowRight");
  const second = page.getByRole("tab", { name: "rabbitmq.conf" });
  assert.equal(await second.getAttribute("aria-selected"), "true");
  assert.ok(await second.evaluate((tab) => tab.getRootNode().activeElement === tab));
  assert.match(await page.getByRole("textbox").inputValue(), /^listeners/);
  const rules = await page.locator("connlint-editor .rule").allTextContents();
  assert.ok(rules.length > 0 && rules.every((rule) => /^(rabbitmq|amqp)\//.test(rule)), rules.join());
});

test("attributes: kind, src, rules, readonly", async () => {
  await writeFile(join(root, "sample.txt"), "handshake_timeout = 10s\n");
  const own = `title: Sixty
since: 0.1.0
severity: info
category: reliability
applies: {broker: rabbitmq.server}
when: broker.handshake_timeout == duration("10s") || broker.heartbeat == duration("60s")
at: broker.heartbeat
message: "sixty it is"
why: A test.
help: None.
sources: [here]
examples: {bad: [{files: {rabbitmq.conf: "heartbeat = 60\\n"}}], good: [{files: {rabbitmq.conf: "heartbeat = 30\\n"}}]}
`;
  await writeFile(join(root, "sixty.yaml"), own);
  const body = `
    <connlint-editor id="a" src="sample.txt" kind="rabbitmq.conf" readonly></connlint-editor>
    <connlint-editor id="b" name="rabbitmq.conf" rules="sixty.yaml" only="own">heartbeat = 60</connlint-editor>${SCRIPT}`;
  const { page } = await shown("attributes", body);
  const of = (id, inner) => page.locator(`#${id} ${inner}`);
  await of("a", ".message").first().waitFor({ timeout: 60_000 });
  assert.equal(await of("a", ".kind").textContent(), "rabbitmq.conf");
  assert.ok(await of("a", "textarea").evaluate((area) => area.readOnly));
  assert.equal(await of("a", ".fix").count(), 0);
  await of("b", ".message").first().waitFor();
  assert.deepEqual(await of("b", ".message").allTextContents(), ["sixty it is"]);
  await page.evaluate(() => document.querySelector("#b").removeAttribute("only"));
  await page.evaluate(() => { document.querySelector("#b").value = "handshake_timeout = 10s\n"; });
  await of("b", ".message", { hasText: "10s" }).first().waitFor();
});

for (const [what, policy] of [
  ["where workers are forbidden", STRICT.replace("worker-src 'self'", "worker-src 'none'")],
  ["where scripts must be trusted", `${STRICT}; require-trusted-types-for 'script'`],
]) {
  test(`the engine runs in the page ${what}`, async () => {
    const { page } = await shown("refused", SNIPPET, { policy });
    await page.locator("connlint-editor .message").first().waitFor({ timeout: 60_000 });
  });
}

for (const scheme of ["light", "dark"]) {
  for (const width of [800, 360]) {
    test(`without fault for axe: ${scheme}, ${width} px`, async () => {
      const { page } = await shown("axe", SNIPPET, { colorScheme: scheme, viewport: { width, height: 700 }, bypassCSP: true });
      await page.locator("connlint-editor .message").first().waitFor({ timeout: 60_000 });
      await page.screenshot({ path: `${shots}element-${scheme}-${width}.png` });
      await page.evaluate(axe);
      assert.deepEqual(await violations(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    });
  }
}

test("the element speaks the language of its place", async () => {
  const { page } = await shown("chinese", SNIPPET, { lang: "zh-CN" });
  await page.locator("connlint-editor [role=status]", { hasText: "个结果" }).waitFor({ timeout: 60_000 });
  await page.getByRole("textbox", { name: "rabbitmq.conf 的文本" }).waitFor();
});
