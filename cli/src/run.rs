//! What `check` and `facts` have in common: from arguments to what the engine worked out.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use connlint_core::engine::{EachRule, ReadFile, judge_by};
use connlint_core::source::{FileId, Sources};
use connlint_core::{Outcomes, RuleSet, Settings, glob, read};

use crate::args::InputArgs;
use crate::collect::{Collected, STDIN_NAME, collect};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::paths::absolute;
use crate::progress::Progress;
use crate::{rule_files, threads};

/// A run that is ready to start.
pub(crate) struct Run {
    pub(crate) config: Config,
    pub(crate) rules: RuleSet,
    /// Whether a long run says on the terminal how far it is.
    pub(crate) progress: bool,
}

/// Reads settings and rules.
pub(crate) fn prepare(input: &InputArgs) -> Result<Run, Vec<Failure>> {
    let stdin = Path::new(input.stdin_filename.as_deref().unwrap_or(STDIN_NAME));
    let paths = input.paths.iter().map(|p| if p.as_os_str() == "-" { stdin } else { p.as_path() });
    let mut config = config::load(&input.config, paths)?;
    let rules = rule_files::rule_set(&config, &input.config.rules)?;
    if let Some(kind) = &input.kind {
        if let Some(failure) = rule_files::check_kind(kind) {
            return Err(vec![failure]);
        }
        let name = stdin.to_string_lossy().replace('\\', "/");
        config.project.settings.kinds.push((name, kind.clone()));
    }
    Ok(Run { config, rules, progress: false })
}

impl Run {
    /// Reads all files.
    pub(crate) fn collect(&mut self, input: &InputArgs) -> Result<Collected, Vec<Failure>> {
        self.collect_again(input, None)
    }

    /// Reads those files that have changed since `before`.
    pub(crate) fn collect_again(
        &mut self,
        input: &InputArgs,
        before: Option<&Collected>,
    ) -> Result<Collected, Vec<Failure>> {
        let collected = collect(input, &self.config, before).map_err(|f| vec![f])?;
        paths_from(&self.config.root, &collected.sources, &mut self.config.project.settings);
        Ok(collected)
    }

    /// Judges what was read.
    pub(crate) fn judge(&self, collected: &Collected) -> Outcomes {
        let settings = self.settings();
        let ids: Vec<FileId> = collected.sources.iter().map(|(id, _)| id).collect();
        let progress = Progress::of_files(ids.len(), self.progress);
        let files = threads::map(&ids, |id| {
            let read = read_or_say(&collected.sources, *id, settings);
            progress.step();
            read
        });
        let each: EachRule<'_> = &|rules, judge| match ids.len() < threads::MIN_ITEMS {
            true => rules.iter().map(|rule| judge(rule)).collect(),
            false => threads::spread(rules, |rule| judge(rule)),
        };
        let mut outcomes = judge_by(&collected.sources, files, settings, &self.rules, each);
        drop(progress);
        outcomes.report.notices.extend(collected.notices.iter().cloned());
        outcomes.report.notices.sort_by_key(|n| n.span);
        outcomes
    }

    /// Sets the time of evaluation; without one it is now.
    pub(crate) fn set_now(&mut self, now: Option<i64>) {
        self.config.project.settings.now = now.or_else(system_time);
    }

    /// What the engine is told.
    pub(crate) fn settings(&self) -> &Settings {
        &self.config.project.settings
    }
}

/// Patterns of the settings are relative to their file, names of sources to the current directory. Where the two
/// differ, patterns with a directory in them become the names that they match.
fn paths_from(root: &Path, sources: &Sources, settings: &mut Settings) {
    let in_kinds = settings.kinds.iter().map(|(p, _)| p);
    let in_deployments = settings.deployments.iter().flat_map(|d| &d.files);
    let mut patterns = in_kinds.chain(settings.overrides.iter().flat_map(|o| &o.paths)).chain(in_deployments);
    if root == absolute(Path::new(".")) || !patterns.any(|p| p.contains('/')) {
        return;
    }
    let names: Vec<(&str, String)> = sources
        .iter()
        .map(|(_, source)| {
            let full = absolute(Path::new(&source.name));
            let below = full.strip_prefix(root).unwrap_or(&full).to_string_lossy().replace('\\', "/");
            (source.name.as_str(), below)
        })
        .collect();
    let meant = |pattern: &str| -> Vec<String> {
        let matching =
            names.iter().filter(|(_, below)| pattern.contains('/') && glob::matches(pattern, below));
        std::iter::once(pattern).chain(matching.map(|(name, _)| *name)).map(str::to_owned).collect()
    };
    let kinds = settings.kinds.iter().flat_map(|(p, kind)| meant(p).into_iter().map(|p| (p, kind.clone())));
    settings.kinds = kinds.collect();
    for one in &mut settings.overrides {
        one.paths = one.paths.iter().flat_map(|p| meant(p)).collect();
    }
    for one in &mut settings.deployments {
        one.files = one.files.iter().flat_map(|p| meant(p)).collect();
    }
}

/// A mistake of ours in one file's reader must not cost the others: the file is left out, and that is told.
fn read_or_say(sources: &Sources, file: FileId, settings: &Settings) -> ReadFile {
    std::panic::catch_unwind(|| read(sources, file, settings)).unwrap_or_else(|_| {
        let why = "connlint failed on this file, which is left out; please report it with the file's kind";
        let mut unread = ReadFile::unread(file, why);
        // What no reader understood must be masked all the same.
        let text = &sources.get(file).text;
        unread.reading.secrets = connlint_core::secrets::scan(file, text);
        unread
    })
}

/// Seconds since 1970; `None` for a clock set before then.
fn system_time() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
