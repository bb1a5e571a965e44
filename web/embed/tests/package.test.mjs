// The package as a program that uses it sees it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ConnlintError, checkRule, explain, facts, fix, init, inspect, kinds, lint, lintText, mask, redact, render, rules, span } from "../pkg/node.js";
import { initSync } from "../pkg/engine.js";

const conf = { name: "rabbitmq.conf", text: "heartbeat = 60\nhandshake_timeout = 10s\n" };
const found = (files, options) => lint(files, options).findings.map((f) => f.rule);

test("findings, with places that JavaScript can use", () => {
  const [finding] = lint([conf]).findings;
  assert.equal(finding.rule, "rabbitmq/integer-with-unit");
  const { from, to } = span(conf.text, finding);
  assert.equal(conf.text.slice(from, to), "10s");
});

test("places beyond the basic plane and after CRLF", () => {
  const text = "# 🐇🐇\r\nx = 🐇 ab\r\n";
  const { from, to } = span(text, { line: 2, column: 7, end_line: 2, end_column: 9 });
  assert.equal(text.slice(from, to), "ab");
});

test("files are judged together", () => {
  const files = [
    { name: "app.env", text: "AMQP_URL=amqps://shop:Geheim-7@mq/shop\n" },
    { name: "rabbitmq.conf", text: "listeners.tcp.default = 5672\n" },
  ];
  assert.equal(lint(files).summary.files, 2);
  assert.equal(facts(files).files[1].kind, "rabbitmq.conf");
  assert.ok(!JSON.stringify(facts(files)).includes("Geheim"));
});

test("settings count", () => {
  assert.deepEqual(found([conf], { settings: 'ignore = ["rabbitmq"]\n' }), []);
});

test("rules of the caller's own", () => {
  const text = `title: "Heartbeat of sixty"
since: 0.1.0
severity: info
category: reliability
applies: {broker: rabbitmq.server}
when: broker.heartbeat == duration("60s")
at: broker.heartbeat
message: "sixty"
why: "A test."
help: "None."
sources: ["here"]
examples:
  bad:
    - files: {rabbitmq.conf: "heartbeat = 60\\n"}
  good:
    - files: {rabbitmq.conf: "heartbeat = 30\\n"}
`;
  assert.ok(found([conf], { rules: [{ name: "own/sixty", text }] }).includes("own/sixty"));
  const broken = { rules: [{ name: "own/sixty", text: text.replace('broker.heartbeat == duration("60s")', "broker.nothing ==") }] };
  assert.throws(() => lint([conf], broken), ConnlintError);
  assert.deepEqual(checkRule("own/sixty", text), {
    mistakes: [],
    examples: [{ group: "bad", index: 0, fault: null }, { group: "good", index: 0, fault: null }],
  });
  const [mistake] = checkRule("own/sixty", broken.rules[0].text).mistakes;
  assert.equal(mistake.line, 6);
  assert.match(checkRule("own/sixty", text.replace("heartbeat = 30", "heartbeat = 60")).examples[1].fault, /sixty/);
  assert.match(checkRule("Own", text).mistakes[0].message, /no name for a rule/);
});

test("fixes are made, and only safe ones unless asked", () => {
  const files = [{ name: "rabbitmq.conf", text: "heartbeat = 60\nHandshake_Timeout = 10s\n" }];
  const safe = fix(files);
  assert.equal(safe.files[0].text, "heartbeat = 60\nhandshake_timeout = 10s\n");
  const every = fix(files, { unsafe: true });
  assert.equal(every.files[0].text, "heartbeat = 60\nhandshake_timeout = 10000\n");
  assert.ok(every.made > safe.made);
});

test("one run tells findings, kinds, deployments and facts", () => {
  const files = [
    { name: "compose.yml", text: "services:\n  mq: {image: \"rabbitmq:4.1\"}\n" },
    { name: "app.env", text: "AMQP_URL=amqp://shop:Geheim-7@mq/shop\n" },
  ];
  const seen = inspect(files, undefined, true);
  assert.deepEqual(seen.report, lint(files));
  assert.deepEqual(seen.facts, facts(files));
  assert.deepEqual(seen.kinds, ["compose", "env"]);
  assert.ok(seen.deployments.deployments[0].relations.length > 0);
  assert.equal(inspect(files).facts, null);
  assert.equal(seen.secrets, 1);
  assert.ok(kinds().includes("env"));
  assert.equal(mask(files)[1].text, "AMQP_URL=amqp://shop:***@mq/shop\n");
});

test("files for strangers", () => {
  const files = [
    { name: "app.env", text: "AMQP_URL=amqp://shop:Geheim-7@10.0.3.7/v\n" },
    { name: "broker.log", text: "refused 10.0.3.7\n" },
  ];
  const [env, log] = redact(files);
  assert.equal(env.text, "AMQP_URL=amqp://user-1:***@address-1/v\n");
  assert.equal(log.text, "refused address-1\n");
});

test("reports for other programs", () => {
  assert.equal(render([conf], undefined, "json"), lintText([conf]));
  assert.equal(JSON.parse(render([conf], undefined, "sarif")).version, "2.1.0");
  assert.match(render([conf], undefined, "markdown"), /^## connlint/);
  assert.throws(() => render([conf], undefined, "pdf"), ConnlintError);
});

test("every rule has its page", async () => {
  const list = rules();
  assert.ok(list.length > 400);
  const page = await explain(list[0].rule);
  assert.equal(page.rule, list[0].rule);
  assert.ok(page.document.why.length > 0 && page.examples.bad.length > 0);
  assert.ok(page.document.sources.length > 0);
  for (const { rule } of list) assert.equal((await explain(rule))?.rule, rule);
  assert.equal(await explain("no/such-rule"), undefined);
  assert.equal(await explain("constructor"), undefined);
});

// The engine refuses these in words; afterwards it works as before.
const refused = [
  ["no list", "files", undefined],
  ["a file without text", [{ name: "a" }], undefined],
  ["an unknown option", [conf], { colour: true }],
  ["settings that are no TOML", [conf], { settings: "= =" }],
  ["a time that is none", [conf], { now: "yesterday" }],
  ["a rule that is none", [conf], { rules: [{ name: "own/x", text: "{" }] }],
];
for (const [what, files, options] of refused) {
  test(`refused: ${what}`, () => {
    const before = lintText([conf]);
    assert.throws(() => lint(files, options), ConnlintError);
    assert.equal(lintText([conf]), before);
  });
}

const hostile = {
  "deep JSON": ["definitions.json", "[".repeat(200_000)],
  "deep YAML": ["application.yml", "- ".repeat(100_000)],
  "long line": ["rabbitmq.conf", `${"a".repeat(1_000_000)} = 1`],
  "controls": ["rabbitmq.conf", "\u0000\u0001\ufeff\ud800 = \udfff\n"],
  "open quote": ["haproxy.cfg", `global\n  log "${"\\".repeat(10_000)}`],
};
for (const [what, [name, text]] of Object.entries(hostile)) {
  test(`survived: ${what}`, () => {
    const before = lintText([conf]);
    lint([{ name, text }]);
    assert.equal(lintText([conf]), before);
  });
}

test("an engine that traps is replaced", async () => {
  const before = lintText([conf]);
  // All memory that the instance may ever have is taken, so that the next large input cannot be held.
  const instance = initSync({ module: await readFile(new URL("../pkg/engine.wasm", import.meta.url)) });
  const pageBytes = 65_536;
  const mostPages = 65_536;
  instance.memory.grow(mostPages - instance.memory.buffer.byteLength / pageBytes);
  const large = { name: "rabbitmq.conf", text: "heartbeat = 60\n".repeat(600_000) };
  assert.throws(() => lint([large]), ConnlintError);
  assert.equal(lintText([conf]), before);
  await init();
});

test("nothing is left in the global object", () => {
  assert.deepEqual(Object.keys(globalThis).filter((name) => /wasm|wbg|connlint/i.test(name)), []);
});
