//! The open folders: files on disk, with what is open in the editor in their place, judged together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connlint_core::findings::Finding;
use connlint_core::render::{Mask, rule_url};
use connlint_core::source::{FileId, Source};
use connlint_core::{Outcomes, Severity};
use serde_json::{Value, json};

use super::places::{Encoding, path_of, uri_of};
use crate::args::{ConfigArgs, InputArgs};
use crate::collect::Collected;
use crate::failure::Failure;
use crate::paths::{absolute, shown};
use crate::run::{self, Run};

/// A document that is open in the editor.
struct Open {
    text: String,
    version: Value,
}

/// What was worked out last.
pub(super) struct Judged {
    pub(super) run: Run,
    pub(super) collected: Collected,
    pub(super) outcomes: Outcomes,
    pub(super) mask: Mask,
}

pub(super) struct Workspace {
    config: ConfigArgs,
    roots: Vec<PathBuf>,
    open: BTreeMap<String, Open>,
    judged: Option<Judged>,
}

impl Workspace {
    pub(super) fn new(config: ConfigArgs, roots: Vec<PathBuf>) -> Workspace {
        Workspace { config, roots, open: BTreeMap::new(), judged: None }
    }

    pub(super) fn open(&mut self, uri: &str, text: Option<&str>, version: &Value) {
        if let Some(text) = text {
            self.open.insert(uri.to_owned(), Open { text: text.to_owned(), version: version.clone() });
        }
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.open.remove(uri);
    }

    /// The version of an open document.
    pub(super) fn version(&self, uri: &str) -> Option<&Value> {
        self.open.get(uri).map(|open| &open.version).filter(|version| !version.is_null())
    }

    pub(super) fn judged(&self) -> Option<&Judged> {
        self.judged.as_ref()
    }

    /// Reads and judges everything.
    pub(super) fn lint(&mut self) -> Result<(), Vec<Failure>> {
        let here = absolute(std::path::Path::new("."));
        // The current directory is the first folder.
        let mut paths: Vec<PathBuf> = self
            .roots
            .iter()
            .map(|root| if *root == here { PathBuf::from(".") } else { root.clone() })
            .collect();
        if paths.is_empty() {
            // Single files without a folder.
            paths.extend(self.open.keys().filter_map(|uri| path_of(uri)).filter(|path| path.is_file()));
        }
        let input = InputArgs::of(paths, self.config.clone());
        let mut run = run::prepare(&input)?;
        run.set_now(None);
        let mut collected = run.collect(&input)?;
        for (uri, open) in &self.open {
            let name = match path_of(uri) {
                Some(path) => shown(&path).replace('\\', "/"),
                None => uri.clone(),
            };
            let known = collected.sources.iter().find(|(_, s)| s.name == name).map(|(id, _)| id);
            match known {
                Some(id) => {
                    collected.sources.set_text(id, open.text.as_str());
                    collected.notices.retain(|notice| notice.span.file != id);
                }
                // A file that is left out on disk stays left out; one that is not saved yet is read.
                None if path_of(uri).is_none_or(|path| !path.exists()) => {
                    collected.sources.add(Source::new(name, open.text.as_str()));
                }
                None => {}
            }
        }
        let mut outcomes = run.judge(&collected);
        if let Some(path) = crate::baseline::path(None, &run.config) {
            let known = crate::baseline::read(path).map_err(|f| vec![f])?;
            known.apply(&mut outcomes.report, &collected.sources);
        }
        if let Some(min) = run.config.project.min_severity {
            outcomes.report.findings.retain(|f| f.severity >= min);
        }
        let mask = Mask::new(outcomes.secrets.iter().copied());
        self.judged = Some(Judged { run, collected, outcomes, mask });
        Ok(())
    }

    /// The URI that the editor knows a file by.
    pub(super) fn uri(&self, judged: &Judged, file: FileId) -> String {
        let name = &judged.collected.sources.get(file).name;
        let path = absolute(std::path::Path::new(name));
        let open = self.open.keys().find(|uri| *uri == name || path_of(uri).is_some_and(|p| p == path));
        open.cloned().unwrap_or_else(|| uri_of(&path))
    }

    /// The file of a URI.
    pub(super) fn file<'j>(&self, judged: &'j Judged, uri: &str) -> Option<(FileId, &'j Source)> {
        let path = path_of(uri);
        let name = path.as_ref().map_or_else(|| uri.to_owned(), |p| shown(p).replace('\\', "/"));
        judged.collected.sources.iter().find(|(_, source)| source.name == name)
    }

    /// Diagnostics by document.
    pub(super) fn diagnostics(&self, encoding: Encoding) -> BTreeMap<String, Vec<Value>> {
        let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let Some(judged) = &self.judged else { return all };
        for finding in &judged.outcomes.report.findings {
            let uri = self.uri(judged, finding.span.file);
            all.entry(uri).or_default().push(self.diagnostic(judged, encoding, finding));
        }
        for notice in &judged.outcomes.report.notices {
            let source = judged.collected.sources.get(notice.span.file);
            all.entry(self.uri(judged, notice.span.file)).or_default().push(json!({
                "range": encoding.range(source, notice.span.range()),
                "severity": HINT,
                "source": "connlint",
                "message": notice.message,
            }));
        }
        all
    }

    pub(super) fn diagnostic(&self, judged: &Judged, encoding: Encoding, finding: &Finding) -> Value {
        let sources = &judged.collected.sources;
        let related: Vec<Value> = finding
            .related
            .iter()
            .map(|label| {
                let range = encoding.range(sources.get(label.span.file), label.span.range());
                json!({
                    "location": {"uri": self.uri(judged, label.span.file), "range": range},
                    "message": label.message,
                })
            })
            .collect();
        let mut message = finding.message.clone();
        for part in [finding.why.trim(), finding.help.trim()].into_iter().filter(|p| !p.is_empty()) {
            message.push_str("\n\n");
            message.push_str(part);
        }
        let mut value = json!({
            "range": encoding.range(sources.get(finding.span.file), finding.span.range()),
            "severity": match finding.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
                Severity::Info => 3,
            },
            "code": finding.rule,
            "source": "connlint",
            "message": message,
            "relatedInformation": related,
        });
        if judged.run.rules.get(&finding.rule).is_some_and(|rule| rule.is_built_in()) {
            value["codeDescription"] = json!({"href": rule_url(&finding.rule)});
        }
        value
    }
}

/// The severity that editors show least.
const HINT: u8 = 4;
