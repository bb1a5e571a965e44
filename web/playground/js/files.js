// Files from and to the disk of whoever sits here. They are read in the page and go nowhere.

/** Larger files are no configuration; more files are no deployment. */
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_FILES = 300;
/** Directories that hold other people's files. */
const SKIPPED = new Set([".git", "node_modules", "target", "vendor", ".venv", "__pycache__"]);

const isText = (bytes) => !bytes.subarray(0, 8000).includes(0);
const readAll = async (found) => {
  const files = [];
  for (const { name, file } of found) {
    if (files.length >= MOST_FILES) break;
    if (file.size > MOST_BYTES || name.split("/").some((part) => SKIPPED.has(part))) continue;
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isText(bytes)) files.push({ name, text: new TextDecoder().decode(bytes) });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** The files below a dropped entry, with their paths. */
const below = async (entry, prefix = "") => {
  const name = prefix + entry.name;
  if (entry.isFile) return [{ name, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  if (SKIPPED.has(entry.name)) return [];
  const reader = entry.createReader();
  const found = [];
  // A reader gives its entries in portions; an empty one is the last.
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0 || found.length > MOST_FILES) return found;
    for (const inner of portion) found.push(...(await below(inner, `${name}/`)));
  }
};

let hand = () => {};
const take = async (found) => hand(JSON.stringify(await readAll(found)));

/** Hands over files that are dropped anywhere on the page, folders included, and files that are opened. */
export const onFiles = (taken) => {
  hand = taken;
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    const { items, files } = event.dataTransfer ?? {};
    if (!files?.length) return;
    event.preventDefault();
    const plain = Array.from(files, (file) => ({ name: file.name, file }));
    // Entries are gone once this turn of the event loop is over.
    const entries = Array.from(items ?? [], (item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const walked = entries.map((entry) => below(entry));
    await take(entries.length > 0 ? (await Promise.all(walked)).flat() : plain);
  });
};

export const openFiles = (folder) => {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.webkitdirectory = folder;
  input.addEventListener("change", () =>
    take(Array.from(input.files ?? [], (file) => ({ name: file.webkitRelativePath || file.name, file }))),
  );
  input.click();
};

export const download = (name, text) => {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.click();
  // The download has its own hold on the bytes after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href));
};
