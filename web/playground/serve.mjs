// Serves a directory on loopback, below a base path: `node serve.mjs [PORT]`.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };
const root = fileURLToPath(new URL("dist", import.meta.url));

export const serve = (port, base = "/", directory = root) =>
  new Promise((resolve) => {
    const server = createServer(async ({ url }, response) => {
      const path = new URL(url, "http://localhost").pathname;
      const name = normalize(path.slice(base.length)) === "." ? "index.html" : normalize(path.slice(base.length));
      try {
        if (!path.startsWith(base) || name.startsWith("..")) throw new Error("outside");
        const body = await readFile(join(directory, name));
        response.writeHead(200, { "content-type": types[extname(name)] ?? "text/plain", "x-content-type-options": "nosniff" });
        response.end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await serve(Number(process.argv[2] ?? 8080));
  console.log(`http://127.0.0.1:${server.address().port}/`);
}
