//! The index: every rule by its group, and a search over them.

use connlint_core::rules::Rule;

use super::markup::{escape, sentence};
use super::{document, file, group};
use crate::rule_files::word;

pub(super) fn page(rules: &[&Rule]) -> String {
    let mut groups: Vec<&str> = rules.iter().map(|r| group(r.id())).collect();
    groups.dedup();
    let options: String =
        groups.iter().map(|g| format!("<option value=\"{0}\">{0}</option>\n", escape(g))).collect();
    let body = format!(
        "<header>\n<h1>Rules of connlint</h1>\n<p class=\"name\">Version {}</p>\n</header>\n<main>\n\
         <form role=\"search\">\n\
         <label>Search <input type=\"search\" name=\"words\" placeholder=\"heartbeat proxy\"/></label>\n\
         <label>Group <select name=\"group\"><option value=\"\">all</option>\n{options}</select></label>\n\
         <label>Severity <select name=\"severity\"><option value=\"\">all</option>\
         <option>error</option><option>warning</option><option>info</option></select></label>\n\
         <label><input type=\"checkbox\" name=\"fix\"/> with a fix</label>\n\
         <label><input type=\"checkbox\" name=\"proof\"/> proved</label>\n\
         <output name=\"count\">{} rules</output>\n</form>\n{}</main>\n<script src=\"rules.js\"></script>\n",
        env!("CARGO_PKG_VERSION"),
        rules.len(),
        groups.iter().map(|g| section(g, rules)).collect::<String>(),
    );
    document("Rules of connlint", "", &body)
}

fn section(name: &str, rules: &[&Rule]) -> String {
    let items: String = rules.iter().filter(|r| group(r.id()) == name).map(|r| item(r)).collect();
    format!(
        "<section id=\"{0}\" data-group=\"{0}\">\n<h2><a href=\"#{0}\">{0}</a></h2>\n<ul class=\"rules\">\n{items}</ul>\n</section>\n",
        escape(name)
    )
}

fn item(rule: &Rule) -> String {
    let Some(document) = rule.document() else { return String::new() };
    let mut signs = Vec::new();
    if document.fix.is_some() {
        signs.push("fix");
    }
    if document.proof.is_some() {
        signs.push("proof");
    }
    let severity = word(&document.severity);
    format!(
        "<li class=\"{severity}\" data-severity=\"{severity}\" data-has=\"{}\"><span class=\"word\">{severity}</span> \
         <a href=\"{}\">{}</a> <span class=\"name\">{}</span></li>\n",
        signs.join(" "),
        escape(&file(rule.id())),
        sentence(rule.title()),
        escape(rule.id()),
    )
}
