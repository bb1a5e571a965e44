// The engine, away from the page: a large paste must not stop the typing.
import { checkRule, explain, fix, init, inspect, kinds, mask, render, rules } from "connlint";
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
const signatures = new URL("verify.wasm", self.location.href);
const whole = Object.fromEntries(Object.entries({ judge, fix, render }).map(([name, job]) => [name, thorough(job, signatures)]));
const jobs = {
  ...whole, rules, kinds, mask, checkRule,
  explain: (rule) => explain(rule, new URL("rules.json", self.location.href)),
};
serve(jobs, init(new URL("engine.wasm", self.location.href)));
