//! The rules as pages for a browser: static files, the same with and without a server, one page a rule.

mod index;
mod markup;
mod rule;

use connlint_core::rules::{Rule, RuleSet};

/// What pages look like, in light and dark.
const STYLE: &str = include_str!("rules.css");
/// The search of the index.
const SCRIPT: &str = include_str!("rules.js");

/// Names below the directory, and texts.
pub(crate) fn all(rules: &RuleSet) -> Vec<(String, String)> {
    let listed: Vec<&Rule> = rules.iter().filter(|r| r.document().is_some()).collect();
    let mut pages = vec![
        ("rules.css".to_owned(), STYLE.to_owned()),
        ("rules.js".to_owned(), SCRIPT.to_owned()),
        ("index.html".to_owned(), index::page(&listed)),
    ];
    pages.extend(listed.iter().map(|rule| (file(rule.id()), rule::page(rule, &listed))));
    pages
}

/// The file of a rule. Servers of static files find it under the address without `.html`, which findings name.
fn file(id: &str) -> String {
    format!("{id}.html")
}

/// The group of a rule: what stands before the last `/`.
fn group(id: &str) -> &str {
    id.rsplit_once('/').map_or("", |(group, _)| group)
}

/// A whole document; `up` leads from it to the index's directory.
fn document(title: &str, up: &str, body: &str) -> String {
    let title = markup::escape(title);
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; script-src 'self'\"/>\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"{up}rules.css\"/>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}
