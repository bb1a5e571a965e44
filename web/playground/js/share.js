// The state of the page in its address, behind the #, which browsers send to nobody.
const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
const PREFIX = "#v1=";
export const shareLink = async (state) => {
  const bytes = await through(new TextEncoder().encode(state), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, (b) => String.fromCharCode(b)).join("");
  const encoded = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  history.replaceState(null, "", PREFIX + encoded);
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  return location.href.length;
};
/** A link of this page holds texts, at most this long: more is no share link but an attack on memory. */
const MOST_SHARED = 4 * 1024 * 1024;
export const shared = async () => {
  if (!location.hash.startsWith(PREFIX)) return "";
  try {
    const letters = atob(location.hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = await through(Uint8Array.from(letters, (c) => c.charCodeAt(0)), new DecompressionStream("deflate-raw"));
    return bytes.length > MOST_SHARED ? "" : new TextDecoder().decode(bytes);
  } catch {
    return "";
  }
};
