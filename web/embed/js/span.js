// Places count lines and characters; JavaScript counts UTF-16 units.
const offset = (text, line, column) => {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  for (let n = 1; n < column && at < text.length; n += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
};

export const span = (text, place) => ({
  from: offset(text, place.line, place.column),
  to: offset(text, place.end_line, place.end_column),
});
