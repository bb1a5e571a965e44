//! What `check` and `facts` have in common: from arguments to what the engine worked out.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use connlint_core::engine::{EachRule, Known, ReadFile, judge_by, look, one_after_the_other, read_as};
use connlint_core::link::Places;
use connlint_core::source::{FileId, Sources, Span};
use connlint_core::systems::FileKind;
use connlint_core::{Outcomes, Report, RuleSet, Settings, glob};

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

    /// Judges what was read, all of it together.
    pub(crate) fn judge(&self, collected: &Collected) -> Outcomes {
        self.judge_whole(collected, &self.looked(collected))
    }

    /// Like [`Run::judge`], for those who need no more than the report. Files that say nothing about each other are worked
    /// through a few at a time: their facts, which take many times the room of their texts, are forgotten once they are
    /// judged.
    pub(crate) fn report(&self, collected: &Collected) -> Found {
        let (sources, settings) = (&collected.sources, self.settings());
        let looked = self.looked(collected);
        let reads = |id: FileId| looked.get(id).map_or_else(Vec::new, |known| known.beside.all().collect());
        let batches = batches(looked.places.groups(sources, &looked.kinds, reads));
        // A group that is most of it is better shared out than left to one thread.
        let most = batches.iter().any(|batch| batch.len() * 2 > sources.len());
        if most || sources.len() < threads::MIN_ITEMS {
            let Outcomes { report, secrets, kinds, .. } = self.judge_whole(collected, &looked);
            return Found { report, secrets, kinds };
        }
        let progress = Progress::of_files(sources.len(), self.progress);
        let parts = threads::spread(&batches, |batch| {
            let read = |id: &FileId| {
                let read = read_or_say(sources, *id, &looked);
                progress.step();
                read
            };
            let files = batch.iter().map(read).collect();
            let places = Arc::clone(&looked.places);
            let outcomes = judge_by(sources, places, files, settings, &self.rules, &one_after_the_other);
            (outcomes.report, outcomes.secrets)
        });
        drop(progress);
        let mut found = Found { report: Report::default(), secrets: Vec::new(), kinds: looked.kinds };
        for (report, secrets) in parts {
            found.report.append(report);
            found.secrets.extend(secrets);
        }
        found.report.sort();
        add_notices(&mut found.report, collected);
        found.secrets.sort_unstable();
        found
    }

    fn looked(&self, collected: &Collected) -> Looked {
        let (sources, settings) = (&collected.sources, self.settings());
        let ids: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
        let known: Vec<Option<Known>> =
            threads::map(&ids, |id| std::panic::catch_unwind(|| look(sources, *id, settings)).ok());
        let kinds: Vec<_> = known.iter().map(|known| known.as_ref().and_then(|known| known.kind)).collect();
        let places = Arc::new(Places::new(sources, &kinds, settings));
        Looked { known, kinds, places }
    }

    fn judge_whole(&self, collected: &Collected, looked: &Looked) -> Outcomes {
        let (sources, settings) = (&collected.sources, self.settings());
        let ids: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
        let progress = Progress::of_files(ids.len(), self.progress);
        let files = threads::map(&ids, |id| {
            let read = read_or_say(sources, *id, looked);
            progress.step();
            read
        });
        let many: EachRule<'_> = &|rules, judge| threads::spread(rules, |rule| judge(rule));
        let each = if ids.len() < threads::MIN_ITEMS { &one_after_the_other } else { many };
        let places = Arc::clone(&looked.places);
        let mut outcomes = judge_by(sources, places, files, settings, &self.rules, each);
        drop(progress);
        add_notices(&mut outcomes.report, collected);
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

/// What a run found.
pub(crate) struct Found {
    pub(crate) report: Report,
    /// Passwords, tokens and keys in all sources, sorted.
    pub(crate) secrets: Vec<Span>,
    /// What each source was taken for.
    pub(crate) kinds: Vec<Option<&'static FileKind>>,
}

/// What is known of all sources before they are read.
struct Looked {
    /// Nothing for one on which recognising failed.
    known: Vec<Option<Known>>,
    kinds: Vec<Option<&'static FileKind>>,
    places: Arc<Places>,
}

impl Looked {
    fn get(&self, file: FileId) -> Option<&Known> {
        self.known.get(file.0 as usize)?.as_ref()
    }
}

/// Files that are judged at once: enough to make up for what each time costs, few enough for little memory.
const BATCH: usize = 64;

/// Puts whole groups together.
fn batches(groups: Vec<Vec<FileId>>) -> Vec<Vec<FileId>> {
    let mut batches: Vec<Vec<FileId>> = Vec::new();
    for group in groups {
        match batches.last_mut() {
            Some(last) if last.len() + group.len() <= BATCH => last.extend(group),
            _ => batches.push(group),
        }
    }
    batches.iter_mut().for_each(|batch| batch.sort_unstable());
    batches
}

/// Adds what was noted when files were collected.
fn add_notices(report: &mut Report, collected: &Collected) {
    report.notices.extend(collected.notices.iter().cloned());
    report.notices.sort_by_key(|n| n.span);
}

/// A mistake of ours in one file's reader must not cost the others: the file is left out, and that is told.
fn read_or_say(sources: &Sources, file: FileId, looked: &Looked) -> ReadFile {
    let known = looked.get(file).cloned();
    let read = std::panic::catch_unwind(|| known.map(|known| read_as(known, sources, file)));
    read.ok().flatten().unwrap_or_else(|| {
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
