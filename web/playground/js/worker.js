// The engine, away from the page: a large paste must not stop the typing.
import { checkRule, explain, fix, inspect, kinds, mask, render, rules } from "connlint";
import { complete, startWithFirst } from "connlint/parts";
import { serve } from "connlint/remote";
import { thorough } from "connlint/signatures";

/** Findings of files under built-in rules and those of the user's own that hold; what is wrong with the others. */
const judge = (files, options, rules, withFacts) => {
  const begun = performance.now();
  const checks = Object.fromEntries(rules.map(({ name, text }) => [name, checkRule(name, text)]));
  const sound = rules.filter(({ name }) => checks[name].mistakes.length === 0);
  const inspected = inspect(files, { ...options, rules: sound }, withFacts);
  return { inspected, checks, took: performance.now() - begun };
};
const beside = (name) => new URL(name, self.location.href);
const each = (jobs, changed) => Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, changed(job)]));
const jobs = {
  ...each({ judge, fix, render }, (job) => thorough(job, beside("verify.wasm"), beside("rest.wasm"))),
  ...each({ rules, mask, checkRule }, (job) => complete(job, beside("rest.wasm"))),
  kinds,
  explain: (rule) => explain(rule, beside("rules.json")),
};
serve(jobs, startWithFirst(beside("first.wasm")));
