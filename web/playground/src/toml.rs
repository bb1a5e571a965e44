//! Small edits to the text of a `connlint.toml`, so that a form and a person can write the same file. Lines that the
//! form does not know stay as they are.

/// What a key holds: of the table, or of the top when the table is empty. Quotes are taken off.
pub(crate) fn get(text: &str, table: &str, key: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = line_of(&lines, table, key)?;
    let value = lines.get(at)?.split_once('=')?.1.trim();
    Some(value.trim_matches('"').to_owned())
}

/// The text with a key set to a string, or without it when there is none to set.
pub(crate) fn set(text: &str, table: &str, key: &str, value: Option<&str>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (known, head) = (line_of(&borrowed, table, key), head_of(&borrowed, table));
    let line = value.map(|v| format!("{} = {}", name(key), quoted(v)));
    match (known, line) {
        (Some(at), Some(line)) => lines[at] = line,
        (Some(at), None) => {
            lines.remove(at);
        }
        (None, None) => {}
        (None, Some(line)) if table.is_empty() => lines.insert(0, line),
        (None, Some(line)) => match head {
            Some(at) => lines.insert(at + 1, line),
            None => {
                if lines.last().is_some_and(|l| !l.is_empty()) {
                    lines.push(String::new());
                }
                lines.extend([format!("[{table}]"), line]);
            }
        },
    }
    let mut out = lines.join("\n");
    out.push('\n');
    out
}

fn head_of(lines: &[&str], table: &str) -> Option<usize> {
    lines.iter().position(|line| line.trim() == format!("[{table}]"))
}

fn line_of(lines: &[&str], table: &str, key: &str) -> Option<usize> {
    let from = if table.is_empty() { 0 } else { head_of(lines, table)? + 1 };
    let inside = lines.iter().enumerate().skip(from).take_while(|(_, line)| !line.trim().starts_with('['));
    inside
        .filter_map(|(at, line)| Some((at, line.split_once('=')?.0.trim().trim_matches('"'))))
        .find(|(_, known)| *known == key)
        .map(|(at, _)| at)
}

fn name(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { key.to_owned() } else { quoted(key) }
}

/// JSON's strings are TOML's basic strings.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
