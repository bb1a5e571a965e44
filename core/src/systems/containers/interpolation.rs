//! Values that a template fills in: what is known of them without it.

use crate::syntax::uri::placeholder_length;

/// Defaults within defaults go no deeper in real files; the bound keeps the recursion small.
const MAX_NESTING: usize = 8;

/// A longer value is not looked into: values with variables are short, and the time to fill one grows with the square of
/// its length when braces do not close.
const LONGEST: usize = 4096;

/// A value after its templates were filled in as far as that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The value, with defaults in place of variables; `None` if a variable without default is part of it.
    pub text: Option<String>,
    /// True if a template fills in some of it.
    pub placeholder: bool,
    /// The default, if the whole value is one variable that has one.
    pub default: Option<String>,
}

/// Fills `$NAME`, `${NAME}`, `${NAME:-default}` and the like as a shell or Compose would with no variable set;
/// `$$` is a dollar sign. Other templates (`{{ … }}`) are never known.
pub fn fill(text: &str) -> Filled {
    if text.len() > LONGEST {
        let plain = !text.contains(['$', '{', '<', '%']);
        return Filled { text: plain.then(|| text.to_string()), placeholder: !plain, default: None };
    }
    let mut nesting = MAX_NESTING;
    go(text, &mut nesting)
}

fn go(text: &str, nesting: &mut usize) -> Filled {
    let mut out = String::new();
    let mut filled = Filled { text: None, placeholder: false, default: None };
    let mut known = true;
    let mut rest = text;
    while let Some(at) = rest.find(['$', '{', '<', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let variable = if rest.starts_with('$') { variable(rest) } else { None };
        if let Some(variable) = variable {
            let length = variable.length;
            filled.placeholder = true;
            let value = variable.default().filter(|_| *nesting > 0).and_then(|default| {
                *nesting -= 1;
                go(default, nesting).text
            });
            if length == text.len() {
                filled.default.clone_from(&value);
            }
            match value {
                Some(value) => out.push_str(&value),
                None => known = false,
            }
            rest = &rest[length..];
            continue;
        }
        if let Some(length) = placeholder_length(rest, 0).filter(|&n| n > 0 && rest.is_char_boundary(n)) {
            filled.placeholder = true;
            known = false;
            rest = &rest[length..];
            continue;
        }
        out.push_str(&rest[..1]);
        rest = &rest[1..];
    }
    out.push_str(rest);
    filled.text = known.then_some(out);
    filled
}

/// A reference to a variable.
pub struct Variable<'t> {
    /// How many bytes it is written with.
    pub length: usize,
    /// The variable's name.
    pub name: &'t str,
    /// What stands between the name and the closing brace: `:-default`, `?message` or nothing.
    pub operation: &'t str,
}

impl<'t> Variable<'t> {
    /// What it stands for while the variable is not set.
    fn default(&self) -> Option<&'t str> {
        let operation = self.operation;
        let default = operation.strip_prefix(":-").or_else(|| operation.strip_prefix('-'));
        // `${NAME:+value}` is empty as long as nothing is set.
        let unset = operation.strip_prefix(":+").or_else(|| operation.strip_prefix('+')).map(|_| "");
        // Spring writes `${NAME:default}`.
        let spring = operation.strip_prefix(':').filter(|d| !d.starts_with(['-', '+', '?', '=']));
        default.or(unset).or(spring)
    }
}

/// The reference to a variable that a text starts with.
pub fn variable(rest: &str) -> Option<Variable<'_>> {
    let name = |text: &str| {
        text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len()
    };
    let bare = rest.strip_prefix('$')?;
    let Some(inside) = bare.strip_prefix('{') else {
        let length = name(bare);
        let starts_well = bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        return (length > 0 && starts_well).then_some(Variable {
            length: 1 + length,
            name: bare.get(..length)?,
            operation: "",
        });
    };
    let length = name(inside);
    if length == 0 {
        return None;
    }
    let after = inside.get(length..)?;
    let end = closing(after)?;
    Some(Variable { length: 2 + length + end + 1, name: inside.get(..length)?, operation: after.get(..end)? })
}

/// Where the brace closes that was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_not_looked_into() {
        let plain = "a".repeat(LONGEST + 1);
        assert_eq!(fill(&plain).text.as_deref(), Some(plain.as_str()));
        let open = "${A:-".repeat(LONGEST);
        assert_eq!(fill(&open), Filled { text: None, placeholder: true, default: None });
    }

    #[test]
    fn defaults_stand_in_for_variables() {
        for (text, value, placeholder, default) in [
            ("plain", Some("plain"), false, None),
            ("a$$b", Some("a$b"), false, None),
            ("${V}", None, true, None),
            ("$V", None, true, None),
            ("${V:-x}", Some("x"), true, Some("x")),
            ("${V-x}", Some("x"), true, Some("x")),
            ("${V:?must be set}", None, true, None),
            ("${V:+x}", Some(""), true, Some("")),
            ("${V:x}", Some("x"), true, Some("x")),
            ("${A:-${B:-y}}", Some("y"), true, Some("y")),
            ("rabbitmq:${TAG:-4.1}-alpine", Some("rabbitmq:4.1-alpine"), true, None),
            ("{{ .Values.tag }}", None, true, None),
            ("costs 5$ or less", Some("costs 5$ or less"), false, None),
            ("${V", Some("${V"), false, None),
        ] {
            let filled = fill(text);
            let got = (filled.text.as_deref(), filled.placeholder, filled.default.as_deref());
            assert_eq!(got, (value, placeholder, default), "{text}");
        }
    }
}
