//! `connlint config show` and `connlint init`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use connlint_core::Severity;
use connlint_core::settings::file::{FAIL_ON, FILE_NAME, FailOn, SEVERITIES};

use super::Done;
use crate::args::{ConfigShowArgs, InputArgs, OutputArgs};
use crate::config::{self, Config};
use crate::failure::{CLEAN, Failure};
use crate::paths::shown;
use crate::{output, rule_files, run};

/// Origins stand in this column where the settings leave room.
const ORIGIN_COLUMN: usize = 40;

pub(super) fn show(args: &ConfigShowArgs) -> Done {
    let config = config::load(&args.config, args.path.iter().map(|p| p.as_path()))?;
    rule_files::rule_set(&config, &args.config.rules)?;
    output::write(&effective(&config)).map_err(|f| vec![f])?;
    Ok(CLEAN)
}

/// The settings in force as a `connlint.toml`, each with the place that says it.
fn effective(config: &Config) -> String {
    let project = &config.project;
    let settings = &project.settings;
    let mut text = match &config.path {
        Some(path) => format!("# {}\n", shown(path)),
        None => format!("# no {FILE_NAME}: these are the defaults\n"),
    };
    let mut line = |key: &str, origin: &str, value: String| {
        let origin = config.origins.get(origin).map_or("default", String::as_str);
        let setting = format!("{key} = {value}");
        let _ = writeln!(text, "{setting:ORIGIN_COLUMN$} # {origin}");
    };
    line("network", "network", quoted(settings.network.as_str()));
    line("profile", "profile", quoted(settings.profile.as_str()));
    line("select", "select", list(&settings.select));
    line("ignore", "ignore", list(&settings.ignore));
    let fail_on = project.fail_on.unwrap_or(FailOn::At(Severity::Warning));
    let fail_on = FAIL_ON.iter().find(|(_, f)| *f == fail_on).map_or("", |(name, _)| name);
    line("fail-on", "fail-on", quoted(fail_on));
    let min = project.min_severity.unwrap_or(Severity::Info);
    let min = SEVERITIES.iter().find(|(_, s)| *s == min).map_or("", |(name, _)| name);
    line("min-severity", "min-severity", quoted(min));
    line("exclude", "exclude", list(&project.exclude));
    line("rules", "rules", list(&project.rules));
    if let Some(baseline) = &project.baseline {
        line("baseline", "baseline", quoted(baseline));
    }
    if let Some(days) = settings.certificate_expiry_days {
        line("certificate-expiry-days", "certificate-expiry-days", days.to_string());
    }
    let watch = settings.watch.clone();
    let seconds = quoted(&format!("{}ms", watch.lag));
    let watch: BTreeMap<&str, String> = [
        ("lag", seconds),
        ("disk-percent", watch.disk_percent.to_string()),
        ("leader-changes-per-minute", watch.leader_changes_per_minute.to_string()),
    ]
    .into_iter()
    .filter(|(name, _)| config.origins.contains_key(&format!("watch.{name}")))
    .collect();
    let severity: BTreeMap<&str, String> =
        settings.severity.iter().map(|(rule, s)| (rule.as_str(), quoted(s.as_str()))).collect();
    let pairs = settings.targets.iter().map(|(k, v)| (k.as_str(), quoted(v)));
    let clients: Vec<String> = settings.clients.iter().map(|query| query.text.clone()).collect();
    let clients = (!clients.is_empty()).then(|| ("clients", list(&clients)));
    let targets = pairs.chain(clients).collect();
    let files = settings.kinds.iter().map(|(k, v)| (k.as_str(), quoted(v))).collect();
    for (name, table) in [("severity", severity), ("targets", targets), ("watch", watch), ("files", files)] {
        if table.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n[{name}]");
        for (key, value) in table {
            let origin = config.origins.get(&format!("{name}.{key}")).map_or("default", String::as_str);
            let setting = format!("{} = {value}", quoted(key));
            let _ = writeln!(text, "{setting:ORIGIN_COLUMN$} # {origin}");
        }
    }
    for one in &settings.overrides {
        let _ = write!(text, "\n[[overrides]]\npaths = {}\n", list(&one.paths));
        if !one.select.is_empty() {
            let _ = writeln!(text, "select = {}", list(&one.select));
        }
        if !one.ignore.is_empty() {
            let _ = writeln!(text, "ignore = {}", list(&one.ignore));
        }
        if !one.severity.is_empty() {
            let set: Vec<String> =
                one.severity.iter().map(|(k, v)| format!("{} = {}", quoted(k), quoted(v.as_str()))).collect();
            let _ = writeln!(text, "severity = {{{}}}", set.join(", "));
        }
    }
    for one in &settings.deployments {
        let name = quoted(&one.name);
        let _ = write!(text, "\n[[deployments]]\nname = {name}\nfiles = {}\n", list(&one.files));
        if let Some(from) = &one.from {
            let _ = writeln!(text, "from = {}", quoted(from));
        }
    }
    text
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|i| quoted(i)).collect::<Vec<_>>().join(", "))
}

/// So many files of a kind are named in the comment.
const MAX_NAMES: usize = 3;

pub(super) fn init(input: &InputArgs, output: &OutputArgs) -> Done {
    let path = Path::new(FILE_NAME);
    if path.exists() {
        return Err(vec![Failure::Exists { path: path.to_owned(), instead: "connlint config show" }]);
    }
    let mut run = run::prepare(input)?;
    let collected = run.collect(input)?;
    let outcomes = run.judge(&collected);
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((file, source), kind) in collected.sources.iter().zip(&outcomes.kinds) {
        // Any text is of some kind; those that say something are worth a line.
        if let Some(kind) = kind.filter(|_| outcomes.facts.in_file(file).next().is_some()) {
            kinds.entry(kind.name).or_default().push(&source.name);
        }
    }
    let text = initial(&kinds);
    std::fs::write(path, &text).map_err(|error| vec![Failure::File { path: path.to_owned(), error }])?;
    if !output.quiet {
        let found = outcomes.report.findings.len();
        output::say(&format!("wrote {FILE_NAME}; `connlint check` finds {found} here"));
        if found > 0 {
            output::say("`connlint baseline create` notes what is known, so that only new findings count");
        }
    }
    Ok(CLEAN)
}

/// A settings file that changes nothing yet and says what could be.
fn initial(kinds: &BTreeMap<&str, Vec<&str>>) -> String {
    let mut text = String::from("# Settings of connlint; `connlint config show` says which are in force.\n");
    if !kinds.is_empty() {
        text.push_str("#\n# What it reads here:\n");
    }
    for (kind, files) in kinds {
        let mut names = files.iter().take(MAX_NAMES).copied().collect::<Vec<_>>().join(", ");
        if files.len() > MAX_NAMES {
            let _ = write!(names, " and {} more", files.len() - MAX_NAMES);
        }
        let plain: String = names.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        let _ = writeln!(text, "#   {kind}: {plain}");
    }
    text.push_str(INITIAL);
    text
}

const INITIAL: &str = r#"
# Between clients and brokers: "lan", "wan" or "mobile". Decides which heartbeats are reasonable.
network = "lan"

# How calls are made: "internal", "external" or "batch". Decides which timeouts and retries are reasonable.
profile = "internal"

# From which severity on a run fails: "error", "warning", "info" or "never".
fail-on = "warning"

# Paths that are not read, as in .gitignore.
# exclude = ["examples/**"]

# Rules or groups of rules that are left out; `connlint rules list` shows all.
# ignore = ["amqp/uri-weak-password"]

# Known findings that do not count; `connlint baseline create` writes the file.
# baseline = "connlint-baseline.json"

# Directories with rules of your own, <system>/<name>.yaml.
# rules = ["lint"]

# Other severities: "error", "warning", "info" or "off".
# [severity]
# "rabbitmq/heartbeat-disabled" = "error"

# Versions that no file says.
# [targets]
# rabbitmq = "4.1"

# Kinds of files that their names do not tell.
# [files]
# "deploy/broker.txt" = "rabbitmq.conf"

# Other settings for some paths.
# [[overrides]]
# paths = ["tests/**"]
# ignore = ["amqp"]

# Files that belong together and to nothing else, and where their clients sit.
# [[deployments]]
# name = "shop"
# files = ["deploy/shop/**"]
# from = "10.0.0.0/8"
"#;

#[cfg(test)]
mod tests {
    use connlint_core::settings::file::parse;

    use super::*;

    /// Every setting that it shows as a comment is one.
    #[test]
    fn the_first_settings_file_is_valid_with_and_without_its_comments() {
        let kinds = BTreeMap::from([("rabbitmq.conf", vec!["a\n[network", "b", "c", "d"])]);
        let text = initial(&kinds);
        assert_eq!(parse(&text).map(|p| p.said.len()), Ok(3));
        let bare: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with(['[', '"']) || rest.contains(" = ") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let said: Vec<String> = parse(&bare).unwrap().said.into_iter().map(|(key, _)| key).collect();
        for key in [
            "exclude",
            "ignore",
            "baseline",
            "rules",
            "severity",
            "targets",
            "files",
            "overrides",
            "deployments",
        ] {
            assert!(said.iter().any(|s| s == key), "{key}");
        }
    }

    #[test]
    fn what_is_shown_is_a_settings_file_that_says_the_same() {
        let text = "network = \"wan\"\ncertificate-expiry-days = 9\nselect = [\"a\\\"b\"]\nexclude = [\"x/**\"]\nfail-on = \"never\"\n\
            [severity]\n\"amqp/x\" = \"info\"\n[targets]\nrabbitmq = \"4.1\"\nclients = [\"android >= 7\"]\n[files]\n\"a b\" = \"dotenv\"\n\
            [[overrides]]\npaths = [\"t\"]\nignore = [\"amqp\"]\nseverity = {\"amqp/y\" = \"error\"}\n\
            [[deployments]]\nname = \"s\"\nfiles = [\"d/**\"]\nfrom = \"10.0.0.0/8\"\n";
        let config = Config { project: parse(text).unwrap(), ..Config::default() };
        let shown = parse(&effective(&config)).unwrap();
        assert_eq!(shown.settings, config.project.settings);
        assert_eq!((shown.fail_on, shown.exclude), (config.project.fail_on, config.project.exclude));
    }
}
