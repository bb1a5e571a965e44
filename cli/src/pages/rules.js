// Narrows the list. What is looked for stands in the address, so that a search can be sent to somebody.
const form = document.querySelector("form");
const items = Array.from(document.querySelectorAll("ul.rules > li"), (item) => ({
  item, text: item.textContent.toLowerCase(), group: item.closest("section").dataset.group,
}));
const narrow = () => {
  const wanted = new FormData(form);
  const words = wanted.get("words").toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { item, text, group } of items) {
    const has = item.dataset.has.split(" ");
    const fits =
      words.every((word) => text.includes(word)) &&
      (!wanted.get("group") || wanted.get("group") === group) &&
      (!wanted.get("severity") || wanted.get("severity") === item.dataset.severity) &&
      ["fix", "proof"].every((sign) => !wanted.has(sign) || has.includes(sign));
    item.hidden = !fits;
    count += fits;
  }
  for (const section of document.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
  form.elements.count.textContent = `${count} ${count === 1 ? "rule" : "rules"}`;
};
const keep = () => {
  const wanted = new URLSearchParams(Array.from(new FormData(form)).filter(([, value]) => value));
  history.replaceState(null, "", `${wanted.size ? `?${wanted}` : location.pathname}${location.hash}`);
};
for (const [name, value] of new URLSearchParams(location.search)) {
  const field = form.elements.namedItem(name);
  if (field?.type === "checkbox") field.checked = true;
  else if (field) field.value = value;
}
form.addEventListener("input", () => (narrow(), keep()));
form.addEventListener("submit", (event) => event.preventDefault());
narrow();
