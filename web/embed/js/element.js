// <connlint-editor>: texts that are linted as they are written. See the README for its attributes.
import { look } from "./element-look.js";
import { words } from "./element-words.js";
import { connect } from "./remote.js";
import { span } from "./span.js";

/** Typing pauses this long before it is linted. */
const PAUSE_MS = 120;
const RANK = { info: 0, warning: 1, error: 2 };

const remote = connect(() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
let here;
/** Asks the engine: in a worker, or in the page where a policy or another origin allows none. */
const ask = async (job, ...inputs) => {
  if (!here) {
    try {
      return await remote(job, ...inputs);
    } catch (fault) {
      const refused = fault instanceof DOMException || fault instanceof TypeError || fault.message === "the engine could not be started";
      if (!refused) throw fault;
      here = Promise.all([import("./index.js"), import("./signatures.js")]);
    }
  }
  const [engine, { thorough }] = await here;
  await engine.init();
  return thorough(engine[job])(...inputs);
};

const element = (name, properties = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

/** Words with what stands in backticks as code. */
const marked = (words) => words.split("`").map((part, n) => (n % 2 === 1 ? element("code", {}, part) : part));

/** A text as it is meant between tags: without the lines and the indentation that belong to the HTML. */
const unindented = (text) => {
  const lines = text.replace(/^[ \t]*\r?\n/, "").trimEnd().split(/\r?\n/);
  const depths = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)[0].length);
  const depth = Math.min(...depths, Infinity);
  return `${lines.map((line) => line.slice(depth)).join("\n")}\n`;
};
const baseName = (address) => decodeURIComponent(new URL(address, document.baseURI).pathname.split("/").at(-1));
const list = (value) => (value ?? "").split(/\s+/).filter(Boolean);

/** Places with a finding, in order and without overlaps; where several meet, the worst counts. */
const stretches = (text, findings) => {
  const places = findings.map((finding) => {
    const { from, to } = span(text, finding);
    return { from, to: Math.max(to, Math.min(from + 1, text.length)), severity: finding.severity };
  });
  const cuts = [...new Set(places.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  return cuts.slice(0, -1).flatMap((from, n) => {
    const to = cuts[n + 1];
    const over = places.filter((p) => p.from <= from && p.to >= to).map((p) => p.severity);
    const severity = over.sort((a, b) => RANK[b] - RANK[a])[0];
    return severity === undefined ? [] : [{ from, to, severity }];
  });
};

export class ConnlintEditor extends HTMLElement {
  static observedAttributes = ["name", "kind", "src", "rules", "only", "now", "readonly"];

  #files = [];
  #open = 0;
  #report;
  #judged = [];
  #kinds = [];
  #own = [];
  #words;
  #seen = false;
  #ready = false;
  #timer;
  #busy = false;
  #again = false;
  #watch;
  #settings = "";
  #parts;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [look];
    const text = element("textarea", { spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-describedby": "status" });
    const parts = {
      text,
      head: element("div", { className: "head", part: "head" }),
      lines: element("pre", { className: "lines", "aria-hidden": "true" }),
      marks: element("pre", { className: "marks", "aria-hidden": "true" }),
      status: element("p", { className: "status", id: "status", role: "status", part: "status" }),
      findings: element("ul", { className: "findings", part: "findings" }),
    };
    const sheet = element("div", { className: "sheet" }, parts.marks, text);
    root.append(parts.head, element("div", { className: "text", part: "text" }, parts.lines, sheet), parts.status, parts.findings);
    text.addEventListener("input", () => this.#typed());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "F8" || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    });
    for (const moved of ["keyup", "pointerup"]) text.addEventListener(moved, () => this.#showHere());
    this.#parts = parts;
  }

  /** The text of the open file. */
  get value() {
    return this.#files[this.#open]?.text ?? "";
  }
  set value(text) {
    this.files = this.#files.map((file, n) => (n === this.#open ? { ...file, text: String(text) } : file));
  }

  /** All files, judged together. */
  get files() {
    return this.#files.map((file) => ({ ...file }));
  }
  set files(files) {
    this.#ready = true;
    this.#files = files.map(({ name, text }) => ({ name: String(name), text: String(text).replaceAll("\r\n", "\n") }));
    this.#open = Math.min(this.#open, Math.max(files.length - 1, 0));
    this.#show();
    this.#lint();
  }

  /** The text of a `connlint.toml`; `only` and `kind` are added to it. */
  get settings() {
    return this.#settings;
  }
  set settings(text) {
    this.#settings = String(text);
    this.#lint();
  }

  /** What was found last. */
  get report() {
    return this.#report;
  }

  connectedCallback() {
    this.#words = words(this);
    this.#parts.findings.setAttribute("aria-label", this.#words.findings);
    this.#parts.status.textContent = this.#words.say("Loading the engine…");
    // The engine is loaded for what somebody sees.
    this.#watch = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.#watch.disconnect();
      this.#seen = true;
      this.#lint();
    }, { rootMargin: "200px" });
    this.#watch.observe(this);
    if (this.#ready) this.#show();
    // An element that comes while its page is read has no content yet.
    else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.#load(), { once: true });
    else this.#load();
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    clearTimeout(this.#timer);
  }

  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now || !this.#ready) return;
    if (name === "src" || name === "rules") this.#load();
    else if (name === "readonly") this.#parts.text.readOnly = now !== null;
    else if (name === "name" && this.#files.length === 1) this.files = [{ name: now || "rabbitmq.conf", text: this.value }];
    else this.#lint();
  }

  async #load() {
    const address = this.getAttribute("src");
    const name = this.getAttribute("name");
    const fetched = async (url) => {
      const answer = await fetch(new URL(url, document.baseURI));
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      return answer.text();
    };
    try {
      const rules = list(this.getAttribute("rules"));
      this.#own = await Promise.all(rules.map(async (url) => ({ name: `own/${baseName(url).replace(/\.ya?ml$/, "")}`, text: await fetched(url) })));
      const several = [...this.querySelectorAll("[data-name]")];
      if (address) this.files = [{ name: name || baseName(address), text: await fetched(address) }];
      else if (several.length > 0) this.files = several.map((one) => ({ name: one.dataset.name, text: unindented(one.textContent) }));
      else this.files = [{ name: name || "rabbitmq.conf", text: unindented(this.textContent) }];
    } catch (fault) {
      this.#tell(`${this.#words.say("The text could not be loaded.")} ${fault.message}`);
    }
  }

  #tell(text) {
    this.#parts.status.textContent = text;
  }

  #show() {
    const { text } = this.#parts;
    const file = this.#files[this.#open];
    if (!file || !this.isConnected) return;
    text.readOnly = this.hasAttribute("readonly");
    text.setAttribute("aria-label", this.#words.textOf(file.name));
    if (text.value !== file.text) text.value = file.text;
    this.#showHead();
    this.#draw();
  }

  #showHead() {
    const known = this.#kinds[this.#open] ?? this.#words.say("not recognised");
    const kind = this.#kinds.length > 0 && known !== this.#files[this.#open].name ? element("span", { className: "kind" }, known) : "";
    if (this.#files.length === 1) {
      this.#parts.head.replaceChildren(element("span", {}, this.#files[0].name), kind);
      return;
    }
    const focused = this.shadowRoot.activeElement?.getAttribute("role") === "tab";
    const tabs = this.#files.map((file, n) =>
      element("button", { role: "tab", "aria-selected": String(n === this.#open), tabIndex: n === this.#open ? 0 : -1, onclick: () => this.#turn(n) }, file.name),
    );
    const strip = element("div", { role: "tablist", "aria-label": this.#words.files }, ...tabs);
    strip.addEventListener("keydown", ({ key }) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (by) this.#turn((this.#open + by + this.#files.length) % this.#files.length);
    });
    this.#parts.head.replaceChildren(strip, kind);
    if (focused) tabs[this.#open].focus();
  }

  #turn(n) {
    this.#open = n;
    this.#show();
  }

  /** Whether the open text is the one that was judged: places in another one would be wrong. */
  #isJudged() {
    return this.#judged[this.#open] === this.value;
  }

  #mine() {
    const name = this.#files[this.#open]?.name;
    return (this.#report?.findings ?? []).filter((finding) => finding.file === name);
  }

  /** Draws the text with its marks. */
  #draw() {
    const { lines, marks } = this.#parts;
    const text = this.value;
    const pieces = [];
    let at = 0;
    for (const { from, to, severity } of this.#isJudged() ? stretches(text, this.#mine()) : []) {
      pieces.push(text.slice(at, from), element("mark", { className: severity, "data-from": from }, text.slice(from, to)));
      at = to;
    }
    // The last line has its height even when it is empty.
    marks.replaceChildren(...pieces, `${text.slice(at)}\u200b`);
    lines.textContent = Array.from({ length: text.split("\n").length }, (_, n) => n + 1).join("\n");
  }

  #typed() {
    this.#files[this.#open].text = this.#parts.text.value;
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lint(), PAUSE_MS);
  }

  #options() {
    const only = list(this.getAttribute("only"));
    const kind = this.getAttribute("kind");
    const select = only.length > 0 ? `select = ${JSON.stringify(only)}\n` : "";
    const kinds = kind && this.#files[0] ? `\n[files]\n${JSON.stringify(this.#files[0].name)} = ${JSON.stringify(kind)}\n` : "";
    return { settings: select + this.#settings + kinds, now: this.getAttribute("now") ?? new Date().toISOString(), rules: this.#own };
  }

  /** One question at a time; of those that come meanwhile the newest is asked. */
  async #lint() {
    if (!this.#seen || !this.#ready) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    const files = this.files;
    try {
      const { report, kinds } = await ask("inspect", files, this.#options());
      this.#report = report;
      this.#judged = files.map((file) => file.text);
      this.#kinds = kinds;
      const found = report.findings.length;
      this.#tell(found === 0 ? this.#words.say("Nothing found.") : this.#words.count(found));
      this.#showHead();
      this.#draw();
      this.#list();
      this.dispatchEvent(new CustomEvent("connlint", { detail: report, bubbles: true }));
    } catch (fault) {
      this.#tell(fault.message);
    }
    this.#busy = false;
    if (this.#again) {
      this.#again = false;
      this.#lint();
    }
  }

  #list() {
    const { findings } = this.#parts;
    // Whoever stands on a finding keeps that place when the list is made anew.
    const stood = [...findings.children].findIndex((entry) => entry.contains(this.shadowRoot.activeElement));
    const entries = this.#report.findings.map((finding) => {
      const place = `${finding.file}:${finding.line}`;
      const jump = element(
        "button", { className: "go", onclick: () => this.#reveal(finding) },
        element("span", { className: "word" }, this.#words.say(finding.severity)), element("span", { className: "message" }, ...marked(finding.message)),
        element("span", { className: "place" }, place),
      );
      const why = element("details", {}, element("summary", {}, this.#words.say("Why")), element("p", {}, ...marked(finding.why)), element("code", { className: "rule" }, finding.rule));
      const entry = element("li", { className: finding.severity }, jump, element("p", {}, ...marked(finding.help)));
      if (finding.fix && !this.hasAttribute("readonly")) entry.append(element("button", { className: "fix", onclick: () => this.#fix(finding) }, ...marked(finding.fix.title)));
      entry.append(why);
      return entry;
    });
    findings.replaceChildren(...entries);
    if (stood >= 0) (entries[Math.min(stood, entries.length - 1)]?.querySelector(".go") ?? this.#parts.text).focus();
    this.#showHere();
  }

  /** Shows which findings stand where the caret is. */
  #showHere() {
    const { text, findings } = this.#parts;
    const open = this.#files[this.#open]?.name;
    (this.#report?.findings ?? []).forEach((finding, n) => {
      const { from, to } = span(this.value, finding);
      findings.children[n]?.classList.toggle("here", finding.file === open && text.selectionStart <= to && text.selectionEnd >= from);
    });
  }

  #reveal(finding) {
    const n = this.#files.findIndex((file) => file.name === finding.file);
    if (n < 0) return;
    if (n !== this.#open) this.#turn(n);
    const { from, to } = span(this.value, finding);
    this.#parts.text.focus();
    this.#parts.text.setSelectionRange(from, to);
    this.#showHere();
    // The text is as high as all its lines; what scrolls is around it.
    this.#parts.marks.querySelector(`[data-from="${from}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #step(by) {
    const findings = this.#report?.findings ?? [];
    if (findings.length === 0) return;
    const marked = [...this.#parts.findings.children].findIndex((entry) => entry.classList.contains("here"));
    const next = marked < 0 ? (by > 0 ? 0 : findings.length - 1) : (marked + by + findings.length) % findings.length;
    this.#reveal(findings[next]);
  }

  /** Makes a fix. In the open file it is an edit like one that is typed, so that it can be undone. */
  #fix(finding) {
    const { text } = this.#parts;
    for (const name of new Set(finding.fix.edits.map((edit) => edit.file))) {
      const n = this.#files.findIndex((file) => file.name === name);
      if (n < 0) continue;
      this.#turn(n);
      // What was found in an earlier text is judged again in a moment.
      if (!this.#isJudged()) return;
      const edits = finding.fix.edits
        .filter((edit) => edit.file === name)
        .map((edit) => ({ ...span(this.value, edit), insert: edit.text }))
        .sort((a, b) => a.from - b.from);
      const [from, to] = [edits[0].from, Math.max(...edits.map((edit) => edit.to))];
      let [at, inserted] = [from, ""];
      for (const edit of edits) {
        inserted += this.value.slice(at, edit.from) + edit.insert;
        at = edit.to;
      }
      text.focus();
      text.setSelectionRange(from, to);
      if (!document.execCommand("insertText", false, inserted)) {
        text.setRangeText(inserted, from, to, "end");
        this.#typed();
      }
    }
    clearTimeout(this.#timer);
    this.#lint();
  }
}

if (!customElements.get("connlint-editor")) customElements.define("connlint-editor", ConnlintEditor);
