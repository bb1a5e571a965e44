// The package finds, byte for byte, what the command finds: on all examples of all rules and on the showcase.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { explain, lintText, rules } from "../pkg/node.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const command = process.env.CONNLINT ?? join(root, process.env.CARGO_TARGET_DIR ?? "target", "debug", "connlint");
// Grammars of programming languages are C and not in the package.
const isCode = (name) => /\.(go|java|kts?|js|mjs|cjs|jsx|ts|tsx|py)$/.test(name);
const NOW = "2026-01-01T00:00:00Z";

const native = (directory, { now, settings }) =>
  new Promise((resolve, reject) => {
    const places = settings ? ["--config", join("..", "settings.toml")] : ["--isolated"];
    const call = ["check", ...places, "--format", "json", "--no-respect-gitignore", "--now", now, "."];
    execFile(command, call, { cwd: directory, maxBuffer: 1 << 28 }, (fault, stdout, stderr) =>
      fault && fault.code !== 1 ? reject(new Error(stderr)) : resolve(stdout),
    );
  });

const filesBelow = async (directory, prefix = "") => {
  const out = [];
  for (const entry of await readdir(join(directory, prefix), { withFileTypes: true })) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) out.push(...(await filesBelow(directory, name)));
    else out.push({ name, text: await readFile(join(directory, name), "utf8") });
  }
  return out;
};

const ground = await mkdtemp(join(tmpdir(), "connlint-same-"));
test.after(() => rm(ground, { recursive: true }));

/** Writes an example's files, lints them both ways and compares. */
const same = async (number, files, { now = NOW, settings } = {}) => {
  const place = join(ground, String(number));
  const directory = join(place, "files");
  for (const { name, text } of files) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  if (settings) await writeFile(join(place, "settings.toml"), settings);
  const expected = await native(directory, { now, settings });
  // The command reads a directory in its own order.
  const read = (await filesBelow(directory)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [lintText(read, { now, settings }), expected];
};

const cases = [];
for (const { rule } of rules()) {
  const { examples } = await explain(rule);
  for (const [kind, list] of Object.entries(examples)) {
    list.forEach(({ files, now, settings }, i) => {
      const texts = Object.entries(files).map(([name, text]) => ({ name, text }));
      cases.push({ what: `${rule} ${kind} ${i + 1}`, files: texts, options: { now, settings } });
    });
  }
}
const showcase = join(root, "cli/showcase");
for (const name of await readdir(showcase)) {
  cases.push({ what: `showcase ${name}`, files: await filesBelow(join(showcase, name)), options: {} });
}
const comparable = cases.filter(({ files }) => !files.some(({ name }) => isCode(name)));

test(`${comparable.length} sets of files, ${cases.length - comparable.length} with programs left out`, async () => {
  assert.ok(comparable.length > 1000);
  const different = [];
  let next = 0;
  const worker = async () => {
    while (next < comparable.length) {
      const number = next;
      next += 1;
      const { what, files, options } = comparable[number];
      const [actual, expected] = await same(number, files, options);
      if (actual !== expected) different.push({ what, actual, expected });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const [first] = different;
  assert.equal(first?.actual, first?.expected, `${different.length} differ: ${different.slice(0, 20).map((d) => d.what).join(", ")}`);
});
