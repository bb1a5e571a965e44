//! Reads the text of a `connlint.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Deployment, Network, Override, Profile, Settings};
use crate::Severity;
use crate::nearest::nearest;

/// The name of the file.
pub const FILE_NAME: &str = "connlint.toml";

/// The form of such a file, as a JSON Schema.
pub const SCHEMA: &str = include_str!("../../schemas/connlint.v1.schema.json");

/// From which findings on a run counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this severity on.
    At(Severity),
    /// Whatever is found.
    Never,
}

/// What a project's `connlint.toml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// For the engine.
    pub settings: Settings,
    /// From which findings on a run fails.
    pub fail_on: Option<FailOn>,
    /// Findings below are not shown.
    pub min_severity: Option<Severity>,
    /// Glob patterns of paths that are not read, relative to the file's directory.
    pub exclude: Vec<String>,
    /// Directories with rules of the project's own, relative to the file's directory.
    pub rules: Vec<String>,
    /// The file of known findings, relative to the file's directory.
    pub baseline: Option<String>,
    /// Settings files that this one builds on, relative to the file's directory, and where it names them.
    pub extends: Vec<(String, Range<usize>)>,
    /// What the text sets, `severity.amqp` for an entry of a table, and where.
    pub said: Vec<(String, Range<usize>)>,
    /// Names that only the caller can check, since it knows the rules and kinds of files.
    pub mentions: Vec<Mention>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A rule or a group of rules.
    Rule,
    /// A kind of file.
    Kind,
}

/// A name, and where the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// What it should name.
    pub named: Named,
    /// Where, in bytes.
    pub span: Range<usize>,
}

/// A mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was probably meant, or what may stand there.
    pub help: String,
}

/// Reads a whole file; all mistakes are told at once, in the order of their places.
pub fn parse(text: &str) -> Result<Project, Vec<Mistake>> {
    parse_onto(Project::default(), text)
}

/// Reads a whole file on top of what the files say that it extends: a value replaces theirs, an entry of a table
/// theirs of the same name, and what is ignored or overridden is added. `extends`, `said` and `mentions` are the
/// text's own.
pub fn parse_onto(base: Project, text: &str) -> Result<Project, Vec<Mistake>> {
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join(": ");
            let span = error.span().unwrap_or(0..0);
            return Err(vec![Mistake { span, message, help: "the file must be valid TOML".into() }]);
        }
    };
    let project = Project { extends: Vec::new(), said: Vec::new(), mentions: Vec::new(), ..base };
    let mut reader = Reader { project, mistakes: Vec::new() };
    reader.table(table.get_ref());
    reader.mistakes.sort_by_key(|m| (m.span.start, m.span.end));
    if reader.mistakes.is_empty() { Ok(reader.project) } else { Err(reader.mistakes) }
}

type Read = fn(&mut Reader, &Spanned<DeValue<'_>>);

/// The keys, and how each is read.
const KEYS: &[(&str, Read)] = &[
    ("network", |r, v| {
        let all = [Network::Lan, Network::Wan, Network::Mobile];
        if let Some(network) = r.one_of(v, all.map(|n| (n.as_str(), n))) {
            r.project.settings.network = network;
        }
    }),
    ("profile", |r, v| {
        let all = [Profile::Internal, Profile::External, Profile::Batch];
        if let Some(profile) = r.one_of(v, all.map(|p| (p.as_str(), p))) {
            r.project.settings.profile = profile;
        }
    }),
    ("select", |r, v| r.project.settings.select = r.names(v)),
    ("ignore", |r, v| {
        let names = r.names(v);
        r.project.settings.ignore.extend(names);
    }),
    ("fail-on", |r, v| r.project.fail_on = r.one_of(v, FAIL_ON)),
    ("min-severity", |r, v| r.project.min_severity = r.one_of(v, SEVERITIES)),
    ("exclude", |r, v| r.project.exclude = r.texts(v).into_iter().map(|(t, _)| t).collect()),
    ("rules", |r, v| r.project.rules = r.texts(v).into_iter().map(|(t, _)| t).collect()),
    ("severity", |r, v| {
        let (severity, off) = r.severities(v);
        r.project.settings.ignore.retain(|name| !severity.contains_key(name));
        r.project.settings.severity.extend(severity);
        r.project.settings.ignore.extend(off);
    }),
    ("baseline", |r, v| r.project.baseline = r.text(v)),
    ("extends", |r, v| r.project.extends = r.texts(v)),
    ("overrides", |r, v| {
        for table in r.tables(v) {
            let one = r.one_override(table);
            r.project.settings.overrides.push(one);
        }
    }),
    ("deployments", |r, v| {
        for table in r.tables(v) {
            let one = r.one_deployment(table);
            r.project.settings.deployments.push(one);
        }
    }),
    ("targets", |r, v| {
        for (name, value, _) in r.entries(v) {
            if name == "clients" {
                for (text, span) in r.texts(value) {
                    match crate::targets::Query::parse(&text) {
                        Ok(query) => r.project.settings.clients.push(query),
                        Err(message) => {
                            let help =
                                "write it like \"android >= 7\"; `connlint targets` lists what is known";
                            r.mistake(span, message, help.to_owned());
                        }
                    }
                }
                continue;
            }
            let Some(version) = r.text(value) else { continue };
            if crate::facts::Version::parse(&version).is_none() {
                let example = format!("write it like {name} = \"4.1\"");
                r.mistake(value.span(), format!("`{version}` is no version"), example);
            }
            r.project.settings.targets.insert(name, version);
        }
    }),
    ("certificate-expiry-days", |r, v| {
        let days = v.get_ref().as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        if days.is_none() {
            r.wrong_type(v, "a whole number of days: 30");
        }
        r.project.settings.certificate_expiry_days = days;
    }),
    ("watch", |r, v| {
        for (name, value, span) in r.entries(v) {
            let whole = value.get_ref().as_integer();
            let whole = whole.and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
            match name.as_str() {
                "lag" => {
                    let Some(text) = r.text(value) else { continue };
                    match crate::syntax::promql::duration(&text) {
                        Some(ms) => r.project.settings.watch.lag = ms,
                        None => r.wrong_type(value, "a time such as \"30s\""),
                    }
                }
                "disk-percent" | "leader-changes-per-minute" => match (whole, name.as_str()) {
                    (Some(n), "disk-percent") => r.project.settings.watch.disk_percent = n,
                    (Some(n), _) => r.project.settings.watch.leader_changes_per_minute = n,
                    (None, _) => r.wrong_type(value, "a whole number"),
                },
                other => {
                    let known = ["lag", "disk-percent", "leader-changes-per-minute"];
                    let help = crate::nearest::nearest(other, known).map_or_else(
                        || format!("known are {}", known.join(", ")),
                        |n| format!("did you mean `{n}`?"),
                    );
                    r.mistake(span, format!("`watch` has no `{other}`"), help);
                }
            }
        }
    }),
    ("files", |r, v| {
        for (pattern, value, _) in r.entries(v) {
            let Some(kind) = r.text(value) else { continue };
            r.mention(&kind, Named::Kind, value.span());
            r.project.settings.kinds.push((pattern, kind));
        }
    }),
];

/// The severities, by name.
pub const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

/// The thresholds, by name.
pub const FAIL_ON: [(&str, FailOn); 4] = [
    ("error", FailOn::At(Severity::Error)),
    ("warning", FailOn::At(Severity::Warning)),
    ("info", FailOn::At(Severity::Info)),
    ("never", FailOn::Never),
];

struct Reader {
    project: Project,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, span: Range<usize>, message: String, help: String) {
        self.mistakes.push(Mistake { span, message, help });
    }

    fn mention(&mut self, name: &str, named: Named, span: Range<usize>) {
        self.project.mentions.push(Mention { name: name.to_owned(), named, span });
    }

    fn table(&mut self, table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            match KEYS.iter().find(|(k, _)| *k == name) {
                Some((_, read)) => {
                    self.project.said.push((name.to_owned(), key.span()));
                    let inner = value.get_ref().as_table().into_iter().flat_map(|t| t.iter());
                    let inner = inner.map(|(inner, _)| (format!("{name}.{}", inner.get_ref()), inner.span()));
                    self.project.said.extend(inner);
                    read(self, value);
                }
                None => {
                    let known = || KEYS.iter().map(|(k, _)| *k);
                    let message = format!("there is no setting `{}`", name.escape_debug());
                    self.mistake(key.span(), message, suggest(name, known()));
                }
            }
        }
    }

    /// Severities by rule, and the rules that are off.
    fn severities(&mut self, value: &Spanned<DeValue<'_>>) -> (BTreeMap<String, Severity>, Vec<String>) {
        let mut severities = BTreeMap::new();
        let mut off = Vec::new();
        for (name, value, span) in self.entries(value) {
            let mut choices: Vec<_> = SEVERITIES.iter().map(|(n, s)| (*n, Some(*s))).collect();
            choices.push(("off", None));
            self.mention(&name, Named::Rule, span);
            match self.one_of(value, choices) {
                Some(Some(severity)) => {
                    severities.insert(name, severity);
                }
                Some(None) => off.push(name),
                None => {}
            }
        }
        (severities, off)
    }

    /// The tables of a list of tables.
    fn tables<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>) -> Vec<&'v Spanned<DeValue<'i>>> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, "a list of tables, each under its name in [[ ]]");
            return Vec::new();
        };
        items.iter().collect()
    }

    fn one_override(&mut self, value: &Spanned<DeValue<'_>>) -> Override {
        let mut one = Override::default();
        for (name, inner, span) in self.entries(value) {
            match name.as_str() {
                "paths" => one.paths = self.texts(inner).into_iter().map(|(t, _)| t).collect(),
                "select" => one.select = self.names(inner),
                "ignore" => one.ignore.extend(self.names(inner)),
                "severity" => {
                    let (severity, off) = self.severities(inner);
                    one.severity = severity;
                    one.ignore.extend(off);
                }
                _ => {
                    let message = format!("an override has no `{}`", name.escape_debug());
                    self.mistake(span, message, suggest(&name, OVERRIDE_KEYS.into_iter()));
                }
            }
        }
        if one.paths.is_empty() {
            let help = "add paths = [\"tests/**\"]".to_owned();
            self.mistake(value.span(), "this override is for no paths".into(), help);
        }
        one
    }

    fn one_deployment(&mut self, value: &Spanned<DeValue<'_>>) -> Deployment {
        let mut one = Deployment::default();
        for (name, inner, span) in self.entries(value) {
            match name.as_str() {
                "name" => one.name = self.text(inner).unwrap_or_default(),
                "files" => one.files = self.texts(inner).into_iter().map(|(t, _)| t).collect(),
                "from" => {
                    one.from = self.text(inner);
                    if let Some(text) = &one.from
                        && crate::firewall::Block::parse(text).is_none()
                    {
                        let message = format!("`{}` is no block of addresses", text.escape_debug());
                        self.mistake(inner.span(), message, "write it like from = \"10.0.0.0/8\"".into());
                    }
                }
                _ => {
                    let message = format!("a deployment has no `{}`", name.escape_debug());
                    self.mistake(span, message, suggest(&name, DEPLOYMENT_KEYS.into_iter()));
                }
            }
        }
        if one.files.is_empty() {
            let help = "add files = [\"deploy/shop/**\"]".to_owned();
            self.mistake(value.span(), "this deployment has no files".into(), help);
        }
        one
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(value, "a string in quotes");
        }
        text
    }

    /// Strings with their places.
    fn texts(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, "a list of strings: [\"one\", \"two\"]");
            return Vec::new();
        };
        items.iter().filter_map(|item| Some((self.text(item)?, item.span()))).collect()
    }

    /// Names of rules or groups.
    fn names(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let mut names = Vec::new();
        for (name, span) in self.texts(value) {
            self.mention(&name, Named::Rule, span);
            names.push(name);
        }
        names
    }

    /// The entries of a table in the order they are written.
    fn entries<'v, 'i>(
        &mut self,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Vec<(String, &'v Spanned<DeValue<'i>>, Range<usize>)> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table");
            return Vec::new();
        };
        let mut entries: Vec<_> =
            table.iter().map(|(k, v)| (k.get_ref().clone().into_owned(), v, k.span())).collect();
        entries.sort_by_key(|(_, _, span)| span.start);
        entries
    }

    fn one_of<T>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        choices: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Option<T> {
        let text = self.text(value)?;
        let mut names = Vec::new();
        for (name, choice) in choices {
            if name == text {
                return Some(choice);
            }
            names.push(name);
        }
        let message = format!("`{}` may not stand here", text.escape_debug());
        self.mistake(value.span(), message, suggest(&text, names.iter().copied()));
        None
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("this is of type {}", value.get_ref().type_str());
        self.mistake(value.span(), message, format!("write {wanted}"));
    }
}

fn suggest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// What may stand in an override.
const DEPLOYMENT_KEYS: [&str; 3] = ["name", "files", "from"];
const OVERRIDE_KEYS: [&str; 4] = ["paths", "select", "ignore", "severity"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read() {
        let project = parse(
            r#"
network = "wan"
profile = "batch"
certificate-expiry-days = 14
select = ["amqp", "rabbitmq/tls*"]
ignore = ["amqp/plain-text"]
fail-on = "never"
min-severity = "warning"
exclude = ["old/**"]
rules = ["lint"]
[severity]
"amqp/heartbeat-disabled" = "info"
"amqp/no-vhost" = "off"
[targets]
rabbitmq = "4.1"
clients = ["android >= 7", "java 8u202"]
[files]
"z/*.txt" = "dotenv"
"a/*.txt" = "rabbitmq.conf"
"#,
        )
        .unwrap();
        let settings = &project.settings;
        assert_eq!((settings.network, settings.profile), (Network::Wan, Profile::Batch));
        assert_eq!(settings.certificate_expiry_days, Some(14));
        assert_eq!(settings.select, ["amqp", "rabbitmq/tls*"]);
        assert_eq!(settings.ignore, ["amqp/plain-text", "amqp/no-vhost"]);
        assert_eq!(settings.severity["amqp/heartbeat-disabled"], Severity::Info);
        assert_eq!(settings.targets["rabbitmq"], "4.1");
        assert_eq!(
            settings.clients.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(),
            ["android >= 7", "java 8u202"]
        );
        let kinds = [("z/*.txt", "dotenv"), ("a/*.txt", "rabbitmq.conf")];
        assert_eq!(settings.kinds, kinds.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(project.fail_on, Some(FailOn::Never));
        assert_eq!(project.min_severity, Some(Severity::Warning));
        assert_eq!((project.exclude, project.rules), (vec!["old/**".to_owned()], vec!["lint".to_owned()]));
        assert_eq!(project.mentions.len(), 7);
    }

    #[test]
    fn a_file_stands_on_those_it_extends() {
        let base = parse(
            "network = \"wan\"\nselect = [\"amqp\"]\nignore = [\"amqp/a\"]\n[severity]\n\"amqp/x\" = \"off\"\n\"amqp/y\" = \"info\"\n\
             [[overrides]]\npaths = [\"a\"]\nselect = [\"amqp\"]\nseverity = {\"amqp/z\" = \"off\", amqp = \"error\"}\n",
        )
        .unwrap();
        let text = "extends = [\"base.toml\"]\nselect = [\"rabbitmq\"]\nignore = [\"amqp/b\"]\n[severity]\n\"amqp/x\" = \"error\"\n";
        let project = parse_onto(base, text).unwrap();
        let settings = &project.settings;
        assert_eq!(
            (settings.network, settings.select.as_slice()),
            (Network::Wan, &["rabbitmq".to_owned()][..])
        );
        assert_eq!(settings.ignore, ["amqp/a", "amqp/b"]);
        assert_eq!(settings.severity["amqp/x"], Severity::Error);
        assert_eq!(settings.severity["amqp/y"], Severity::Info);
        let one = &settings.overrides[0];
        assert_eq!(
            (one.ignore.as_slice(), one.severity["amqp"]),
            (&["amqp/z".to_owned()][..], Severity::Error)
        );
        let said: Vec<&str> = project.said.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(said, ["extends", "select", "ignore", "severity", "severity.amqp/x"]);
        assert_eq!(&text[project.extends[0].1.clone()], "\"base.toml\"");
    }

    #[test]
    fn mistakes_name_their_place_and_what_was_meant() {
        let cases = [
            ("netwrok = \"lan\"", "netwrok", "did you mean `network`?"),
            ("network = \"wann\"", "\"wann\"", "did you mean `wan`?"),
            ("network = 3", "3", "write a string in quotes"),
            ("select = \"amqp\"", "\"amqp\"", "write a list of strings: [\"one\", \"two\"]"),
            ("select = [\"a\", 1]", "1", "write a string in quotes"),
            ("[severity]\na = \"fatal\"", "\"fatal\"", "known are error, warning, info, off"),
            ("[targets]\nrabbitmq = \"new\"", "\"new\"", "write it like rabbitmq = \"4.1\""),
            ("files = 1", "1", "write a table"),
            (
                "colour = 1",
                "colour",
                "known are network, profile, select, ignore, fail-on, min-severity, exclude, rules, severity, \
                 baseline, extends, overrides, deployments, targets, certificate-expiry-days, watch, files",
            ),
            ("overrides = 1", "1", "write a list of tables, each under its name in [[ ]]"),
            ("deployments = [{name = \"a\"}]", "{name = \"a\"}", "add files = [\"deploy/shop/**\"]"),
            ("deployments = [{files = [\"a\"], form = \"::/0\"}]", "form", "did you mean `from`?"),
            (
                "deployments = [{files = [\"a\"], from = \"10/8/8\"}]",
                "\"10/8/8\"",
                "write it like from = \"10.0.0.0/8\"",
            ),
            ("overrides = [{paths = [\"a\"], path = 1}]", "path", "did you mean `paths`?"),
            ("overrides = [{ignore = []}]", "{ignore = []}", "add paths = [\"tests/**\"]"),
        ];
        for (text, place, help) in cases {
            let mistakes = parse(text).unwrap_err();
            assert_eq!(mistakes.len(), 1, "{text}");
            assert_eq!((&text[mistakes[0].span.clone()], mistakes[0].help.as_str()), (place, help), "{text}");
        }
    }

    #[test]
    fn broken_toml_is_one_mistake_and_several_mistakes_come_in_order() {
        assert_eq!(parse("a = ").unwrap_err().len(), 1);
        let several = parse("zz = 1\nnetwork = 1\naa = 1").unwrap_err();
        let starts: Vec<usize> = several.iter().map(|m| m.span.start).collect();
        assert_eq!(starts, [0, 17, 19]);
    }
}
