//! The whole way from texts to a report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cel::{self, Expr, OverBudget, Scope};
use crate::facts::kinds::container::embedded;
use crate::facts::kinds::run::settings as run;
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::findings::{Edit, Finding, Fingerprint, Fix, Label, Report};
use crate::link::{self, Links, Places, Role};
use crate::rows::{Index, Row, index, rows};
use crate::rules::{Condition, InDev, Rule, RuleSet, Telling, selects};
use crate::settings::{Override, Settings};
use crate::severity::Severity;
use crate::source::{FileId, Sources, Span};
use crate::syntax::Notice;
use crate::systems::{self, Beside, FileKind, Filled, Reading};
use crate::{secrets, suppress};

/// A rule reports at most this many findings in one file; one more line says how many were left out.
pub const MAX_FINDINGS_PER_RULE_AND_FILE: usize = 100;

/// Beyond this many findings of a rule in one file the rest are counted, not made: ten times what is reported, so that
/// findings which comments allow or which are told once do not use up the room of the others.
const MAX_FINDINGS_MADE: usize = 10 * MAX_FINDINGS_PER_RULE_AND_FILE;

/// Parts of parts of parts; deeper ones are told apart from their whole.
const MAX_PARTS: usize = 8;

/// Findings that were counted only, by file and rule.
type CountedOnly<'r> = BTreeMap<(FileId, &'r str), usize>;

/// What is known of a source before it is read.
#[derive(Clone)]
pub struct Known {
    /// What kind of file it is taken for.
    pub kind: Option<&'static FileKind>,
    /// The files that it is read together with.
    pub beside: Beside,
}

/// A source that was read.
pub struct ReadFile {
    /// Which one it is.
    pub file: FileId,
    /// What kind of file it was taken for.
    pub kind: Option<&'static FileKind>,
    /// What it says.
    pub reading: Reading,
    allows: Vec<suppress::Allow>,
}

/// Everything a run worked out.
pub struct Outcomes {
    /// The findings and notices.
    pub report: Report,
    /// What was understood.
    pub facts: Facts,
    /// Who is who.
    pub links: Links,
    /// What each source was taken for.
    pub kinds: Vec<Option<&'static FileKind>>,
    /// Passwords, tokens and keys in all sources, sorted; renderers mask them.
    pub secrets: Vec<Span>,
    /// The firewalls of all sources.
    pub rulesets: Vec<crate::firewall::Ruleset>,
}

impl ReadFile {
    /// A source that could not be read, with the reason.
    pub fn unread(file: FileId, why: &str) -> ReadFile {
        let mut reading = Reading::default();
        reading.notice(Span::new(file, 0, 0), why);
        ReadFile { file, kind: None, reading, allows: Vec::new() }
    }
}

/// Looks at one source, to see what kind of file it is and which others belong to it.
pub fn look(sources: &Sources, file: FileId, settings: &Settings) -> Known {
    let kind = systems::detect(sources.get(file), settings);
    Known { kind, beside: kind.map(|kind| Beside::of(kind, file, sources)).unwrap_or_default() }
}

/// Reads one source. Sources can be read in any order or at once; only [`judge`] needs all of them.
pub fn read(sources: &Sources, file: FileId, settings: &Settings) -> ReadFile {
    read_as(look(sources, file, settings), sources, file)
}

/// Like [`read`], for a source that was looked at.
pub fn read_as(known: Known, sources: &Sources, file: FileId) -> ReadFile {
    let source = sources.get(file);
    let Known { kind, beside } = known;
    let mut reading = Reading::default();
    if let Some(kind) = kind {
        let view = crate::source::View::whole(file, source);
        reading.beside = beside;
        (kind.read)(&view, &mut reading);
    }
    reading.secrets.extend(secrets::scan(file, &source.text));
    let allows = suppress::scan(file, source, &mut reading.notices);
    ReadFile { file, kind, reading, allows }
}

/// Which files are parts of others.
struct Wholes {
    /// The file that a part is read as a part of.
    of: BTreeMap<FileId, FileId>,
    /// Those whose facts another file says.
    taken: BTreeSet<FileId>,
}

fn wholes(places: &Places, files: &[ReadFile]) -> Wholes {
    let mut of: BTreeMap<FileId, FileId> =
        files.iter().filter_map(|f| Some((f.file, places.project(f.file)?))).collect();
    let takes: BTreeSet<(FileId, FileId)> =
        files.iter().flat_map(|f| f.reading.taken.iter().map(|part| (f.file, *part))).collect();
    let mut taken = BTreeSet::new();
    for &(whole, part) in &takes {
        // Of files that take each other the first one counts.
        if part < whole && takes.contains(&(part, whole)) {
            continue;
        }
        taken.insert(part);
        of.insert(part, whole);
    }
    // A part of a part is one of the whole.
    let parts: Vec<FileId> = of.keys().copied().collect();
    for part in parts {
        let mut whole = part;
        for _ in 0..MAX_PARTS {
            whole = of.get(&whole).copied().unwrap_or(whole);
        }
        of.insert(part, whole);
    }
    Wholes { of, taken }
}

/// The files whose tasks others run. Of two that run each other the first one is told apart from the second.
fn followed(files: &[ReadFile]) -> BTreeSet<FileId> {
    let pairs: BTreeSet<(FileId, FileId)> =
        files.iter().flat_map(|f| f.reading.followed.iter().map(|of| (f.file, *of))).collect();
    let counts = |(by, of): &&(FileId, FileId)| *by != *of && !(of < by && pairs.contains(&(*of, *by)));
    pairs.iter().filter(counts).map(|(_, of)| *of).collect()
}

/// What a rule finds in a run.
#[derive(Default)]
pub struct Judged {
    findings: Vec<Finding>,
    /// How often it holds in each file.
    found: BTreeMap<FileId, usize>,
    /// Where a condition of it took too many steps, once for each file.
    undecided: BTreeMap<FileId, Span>,
}

/// Applies a function to every rule; the results are in the order of the rules. The engine has no threads of its own,
/// so a caller that has some lends them this way.
pub type EachRule<'e> = &'e dyn Fn(&[&Rule], &(dyn Fn(&Rule) -> Judged + Sync)) -> Vec<Judged>;

/// Joins and judges what was read; `files` in the order of the sources.
pub fn judge(sources: &Sources, files: Vec<ReadFile>, settings: &Settings, rules: &RuleSet) -> Outcomes {
    let kinds: Vec<_> = files.iter().map(|file| file.kind).collect();
    let places = Arc::new(Places::new(sources, &kinds, settings));
    judge_by(sources, places, files, settings, rules, &one_after_the_other)
}

/// Judges rules in their order.
pub fn one_after_the_other(rules: &[&Rule], judge: &(dyn Fn(&Rule) -> Judged + Sync)) -> Vec<Judged> {
    rules.iter().map(|rule| judge(rule)).collect()
}

/// Like [`judge`], with rules judged as the caller likes. `files` may be some of the sources only, in their order, if
/// they are whole groups of [`Places::groups`]: nothing that is found in one group depends on another.
pub fn judge_by(
    sources: &Sources,
    places: Arc<Places>,
    files: Vec<ReadFile>,
    settings: &Settings,
    rules: &RuleSet,
    each: EachRule<'_>,
) -> Outcomes {
    let mut facts = Facts::new();
    let mut report = Report::default();
    let mut secrets = Vec::new();
    let mut rulesets = Vec::new();
    let mut filled: Vec<Filled> = Vec::new();
    let mut policies = Vec::new();
    let mut allows = Vec::new();
    let (mut kinds, mut ids) = (Vec::new(), Vec::new());
    let whole = wholes(&places, &files);
    let followed = followed(&files);
    for mut file in files {
        ids.push(file.file);
        if let Some(alone) = file.reading.alone.take().filter(|_| !followed.contains(&file.file)) {
            file.reading.facts.append(alone.facts);
            file.reading.rulesets.extend(alone.rulesets);
        }
        report.notices.extend(file.reading.notices);
        secrets.extend(file.reading.secrets);
        allows.extend(file.allows);
        kinds.push(file.kind);
        if whole.taken.contains(&file.file) {
            continue;
        }
        facts.append(file.reading.facts);
        rulesets.extend(file.reading.rulesets);
        filled.extend(file.reading.filled);
        policies.extend(file.reading.policies);
    }
    let links = link::link(
        sources,
        link::Linked { places, files: ids, whole: whole.of },
        &link::Walls { rulesets: &rulesets, policies: &policies },
        &mut facts,
        settings,
    );
    let run = add_run_facts(&mut facts, settings);
    let index = index(&facts, &links);
    let mut findings = Vec::new();
    let mut counted_only = CountedOnly::new();
    let wanted: Vec<&Rule> =
        rules.looking_at(|kind| index.contains_key(kind)).filter(|rule| enabled(rule, settings)).collect();
    let judge_one = |rule: &Rule| {
        let mut judged = Judged::default();
        if let Some(condition) = rule.condition() {
            let judge = Judge { rule, condition, sources, facts: &facts, links: &links, settings, run };
            judge.run(&index, &mut judged);
        }
        judged
    };
    for (rule, judged) in wanted.iter().zip(each(&wanted, &judge_one)) {
        for (file, found) in judged.found {
            if found > MAX_FINDINGS_MADE {
                counted_only.insert((file, rule.id()), found - MAX_FINDINGS_MADE);
            }
        }
        report.notices.extend(judged.undecided.into_values().map(|at| Notice::new(at, undecided(rule))));
        findings.extend(judged.findings.into_iter().filter_map(|finding| {
            let name = &sources.get(finding.span.file).name;
            overridden(finding, settings.overrides.iter().filter(|o| o.covers(name)))
        }));
    }
    findings.sort_by(Finding::order);
    for finding in &mut findings {
        // A fix that writes what is there already would be made for ever.
        let idle = |fix: &Fix| fix.edits.iter().all(|e| sources.slice(e.span) == e.text);
        let fits = |fix: &Fix| fix.edits.iter().all(|e| crate::fix::fits_code(sources.get(e.span.file), e));
        finding.fix = finding.fix.take().filter(|fix| !idle(fix) && fits(fix));
    }
    filled.sort_by_key(|f| f.at);
    findings.iter_mut().for_each(|finding| tell_filled(finding, &filled));
    findings.dedup_by(|a, b| a.rule == b.rule && a.span == b.span && a.message == b.message);
    tell_apart(&mut findings);
    let (stand, allowed) =
        suppress::apply(findings, &mut allows, |s| sources.get(s.file).line_of(s.start as usize));
    report.findings = cap(stand, &counted_only);
    report.suppressed = allowed;
    report.notices.extend(suppress::unused(&allows, |name| {
        rules.iter().any(|rule| selects(name, rule.id()) && enabled(rule, settings))
    }));
    report.sort_notices();
    secrets.sort();
    secrets.dedup();
    Outcomes { report, facts, links, kinds, secrets, rulesets }
}

/// Reads, joins and judges all sources, one after the other.
pub fn lint(sources: &Sources, settings: &Settings, rules: &RuleSet) -> Outcomes {
    let files = sources.iter().map(|(id, _)| read(sources, id, settings)).collect();
    judge(sources, files, settings, rules)
}

fn enabled(rule: &Rule, settings: &Settings) -> bool {
    let named = settings.select.iter().any(|s| s == rule.id());
    if !settings.select.is_empty() && !settings.select.iter().any(|s| selects(s, rule.id())) {
        return false;
    }
    if settings.ignore.iter().any(|s| selects(s, rule.id())) {
        return false;
    }
    named || !rule.is_preview()
}

fn add_run_facts(facts: &mut Facts, settings: &Settings) -> FactId {
    let nowhere = Span::new(FileId(0), 0, 0);
    let mut fact = Fact::new(&run::KIND, nowhere);
    fact.derive(run::network, Value::text(settings.network.as_str()));
    fact.derive(run::profile, Value::text(settings.profile.as_str()));
    if let Some(now) = settings.now {
        fact.derive(run::now, Value::Time(now));
    }
    fact.derive(run::watch_lag, Value::Duration(settings.watch.lag));
    fact.derive(run::watch_disk_percent, Value::Int(settings.watch.disk_percent));
    fact.derive(run::watch_leader_changes, Value::Int(settings.watch.leader_changes_per_minute));
    if let Some(days) = settings.certificate_expiry_days {
        const DAY: i64 = 86_400_000;
        fact.derive(run::certificate_expiry_warning, Value::Duration(i64::from(days) * DAY));
    }
    facts.add(fact)
}

/// What is told of a rule that cannot be decided.
fn undecided(rule: &Rule) -> String {
    let (rule, most) = (rule.id(), cel::MAX_STEPS);
    format!("the rule `{rule}` is not decided here, since a condition of it takes more than {most} steps")
}

/// What overrides make of a finding; nothing when it does not count there.
fn overridden<'o>(mut finding: Finding, overrides: impl Iterator<Item = &'o Override>) -> Option<Finding> {
    for one in overrides {
        let named = |list: &[String]| list.iter().any(|s| selects(s, &finding.rule));
        if !one.select.is_empty() && !named(&one.select) || named(&one.ignore) {
            return None;
        }
        if let Some(severity) = most_exact(&one.severity, &finding.rule) {
            finding.severity = severity;
        }
    }
    Some(finding)
}

/// The severity that settings give a rule; the longest selector is the most exact one.
fn most_exact(severity: &BTreeMap<String, Severity>, rule: &str) -> Option<Severity> {
    let set = severity.iter().filter(|(name, _)| selects(name, rule));
    set.max_by_key(|(name, _)| name.len()).map(|(_, severity)| *severity)
}

/// Shows where the variables are set that a finding's place refers to. What another file fills in is not mended here.
fn tell_filled(finding: &mut Finding, filled: &[Filled]) {
    let overlaps = |span: Span| {
        let first = filled.partition_point(|f| (f.at.file, f.at.end) <= (span.file, span.start));
        let rest = filled.iter().skip(first);
        rest.take_while(move |f| f.at.file == span.file && f.at.start < span.end)
    };
    if let Some(fix) = &finding.fix
        && fix.edits.iter().any(|e| overlaps(e.span).next().is_some())
    {
        finding.fix = None;
    }
    for one in overlaps(finding.span) {
        let message = format!("`{}` is set here", one.name);
        if finding.related.iter().all(|r| r.span != one.from) {
            finding.related.push(Label { span: one.from, message });
        }
    }
}

/// Counts findings of one file that are the same in all but their place, so that no two have one fingerprint.
fn tell_apart(findings: &mut [Finding]) {
    let mut seen: BTreeMap<(FileId, Fingerprint), usize> = BTreeMap::new();
    for finding in findings {
        let nth = seen.entry((finding.span.file, finding.fingerprint)).or_default();
        if *nth > 0 {
            finding.fingerprint = finding.fingerprint.and(&nth.to_string());
        }
        *nth += 1;
    }
}

/// Keeps the first findings of each rule in each file and says how many more there are.
fn cap(findings: Vec<Finding>, counted_only: &CountedOnly<'_>) -> Vec<Finding> {
    let mut counts: BTreeMap<(FileId, String), usize> =
        counted_only.iter().map(|((file, rule), n)| ((*file, (*rule).to_owned()), *n)).collect();
    for finding in &findings {
        *counts.entry((finding.span.file, finding.rule.clone())).or_default() += 1;
    }
    if counts.values().all(|&n| n <= MAX_FINDINGS_PER_RULE_AND_FILE) {
        return findings;
    }
    let mut seen: BTreeMap<(FileId, String), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for mut finding in findings {
        let key = (finding.span.file, finding.rule.clone());
        let total = counts.get(&key).copied().unwrap_or_default();
        let nth = seen.entry(key).or_default();
        *nth += 1;
        if *nth == MAX_FINDINGS_PER_RULE_AND_FILE && total > *nth {
            finding.message.push_str(&format!(" (and {} more places in this file)", total - *nth));
        }
        if *nth <= MAX_FINDINGS_PER_RULE_AND_FILE {
            kept.push(finding);
        }
    }
    kept
}

/// Tries one rule on all combinations of facts.
struct Judge<'j> {
    rule: &'j Rule,
    condition: &'j Condition,
    sources: &'j Sources,
    facts: &'j Facts,
    links: &'j Links,
    settings: &'j Settings,
    run: FactId,
}

impl Judge<'_> {
    fn run(&self, index: &Index, judged: &mut Judged) {
        if self.condition.joins.is_empty() {
            let kind = self.condition.names.first().map(|(_, kind)| kind.name);
            for &id in kind.and_then(|k| index.get(k)).into_iter().flat_map(|k| k.values().flatten()) {
                self.try_on(&[id], &[], judged);
            }
            return;
        }
        for Row { facts, assumed } in rows(self.condition, self.facts, self.links, self.run, index) {
            self.try_on(&facts, &assumed, judged);
        }
    }

    fn try_on(&self, row: &[FactId], assumed: &[String], judged: &mut Judged) {
        let scope = Scope::new(self.facts, row).with_settings(self.run);
        if !self.holds(&self.condition.when, &scope, judged) {
            return;
        }
        let Some(telling) = self.rule.telling() else { return };
        let Some(place) = cel::place(&telling.at, &scope) else { return };
        let span = place.span.unwrap_or_else(|| self.facts.get(place.fact).span);
        let Some(severity) = self.severity(telling, &scope, span.file, assumed, judged) else { return };
        let found = judged.found.entry(span.file).or_default();
        *found += 1;
        if *found <= MAX_FINDINGS_MADE {
            let finding = self.finding(telling, &scope, &place, span, severity, assumed);
            judged.findings.push(finding);
        }
    }

    /// Whether a condition is true; one that takes too many steps is not, and that is noted.
    fn holds(&self, condition: &Expr, scope: &Scope<'_>, judged: &mut Judged) -> bool {
        cel::holds(condition, scope).unwrap_or_else(|OverBudget| {
            if let Some(first) = scope.bound.first() {
                let span = self.facts.get(*first).span;
                judged.undecided.entry(span.file).or_insert(span);
            }
            false
        })
    }

    /// How severe a finding in a file is; nothing when it does not count there.
    fn severity(
        &self,
        telling: &Telling,
        scope: &Scope<'_>,
        file: FileId,
        assumed: &[String],
        judged: &mut Judged,
    ) -> Option<Severity> {
        let document = self.rule.document()?;
        let mut severity = document.severity;
        if let Some((_, other)) = telling.adjust.iter().find(|(when, _)| self.holds(when, scope, judged)) {
            severity = *other;
        }
        if !assumed.is_empty() {
            severity = severity.lower();
        }
        if self.links.role(file) == Role::Development {
            match document.in_dev.unwrap_or_else(|| document.category.in_dev()) {
                InDev::Same => {}
                InDev::Lower => severity = severity.lower(),
                InDev::Skip => return None,
            }
        }
        if let Some(set) = most_exact(&self.settings.severity, self.rule.id()) {
            severity = set;
        }
        Some(severity)
    }

    fn finding(
        &self,
        telling: &Telling,
        scope: &Scope<'_>,
        place: &cel::Place,
        span: Span,
        severity: Severity,
        assumed: &[String],
    ) -> Finding {
        let mut label = telling.label.render(scope);
        if label.is_empty() && place.span.is_none() {
            label = missing(&place.name, place.said.as_ref());
        }
        let mut fingerprint =
            Fingerprint::of_rule(self.rule.id()).and(self.facts.get(place.fact).kind.name).and(&place.name);
        for value in telling.message.values(scope) {
            fingerprint = fingerprint.and(&value);
        }
        let mut related = Vec::new();
        for (at, text) in &telling.labels {
            let Some(place) = cel::place(at, scope) else { continue };
            fingerprint = fingerprint.and(self.facts.get(place.fact).kind.name).and(&place.name);
            let other = place.span.unwrap_or_else(|| self.facts.get(place.fact).span);
            if other != span {
                related.push(Label { span: other, message: text.render(scope) });
            }
        }
        Finding {
            rule: self.rule.id().into(),
            severity,
            message: telling.message.render(scope),
            why: telling.why.render(scope),
            help: telling.help.render(scope),
            span,
            label,
            related,
            fix: self.fix(telling, scope),
            assumed: assumed.to_vec(),
            fingerprint,
        }
    }

    fn fix(&self, telling: &Telling, scope: &Scope<'_>) -> Option<Fix> {
        let fix = telling.fix.as_ref()?;
        let mut edits = Vec::new();
        for (at, text) in &fix.set {
            let place = cel::place(at, scope)?;
            // Only what is written can be replaced, and a secret is never touched.
            if place.said.as_ref().is_none_or(|s| s.secret) {
                return None;
            }
            edits.push(Edit { span: place.span?, text: text.fill(scope)? });
        }
        for at in &fix.remove {
            let place = cel::place(at, scope)?;
            let span = place.span.unwrap_or_else(|| self.facts.get(place.fact).span);
            // What a command sets shares its line with the rest of the command.
            let mut commands = self.facts.of(&embedded::KIND).filter(|(_, e)| is_command(e));
            if commands.any(|(_, command)| command.span.contains(span)) {
                return None;
            }
            edits.push(Edit { span: whole_lines(self.sources, span), text: String::new() });
        }
        edits.sort_by_key(|e| e.span);
        let overlap =
            edits.windows(2).any(|w| w[0].span.file == w[1].span.file && w[0].span.end > w[1].span.start);
        (!edits.is_empty() && !overlap).then(|| Fix {
            title: fix.title.render(scope),
            safety: fix.safety,
            verbatim: fix.verbatim,
            edits,
        })
    }
}

/// True for settings that stand in the command of a service or container.
fn is_command(fact: &Fact) -> bool {
    fact.get(embedded::service).is_some() || fact.get(embedded::container).is_some()
}

/// The lines that a span stands on, with the end of the last one.
fn whole_lines(sources: &Sources, span: Span) -> Span {
    let source = sources.get(span.file);
    let first = source.line_range(source.line_of(span.start as usize)).start;
    let last = source.line_of((span.end as usize).saturating_sub(1).max(span.start as usize));
    let end =
        if last + 1 < source.line_count() { source.line_range(last + 1).start } else { source.text.len() };
    Span::new(span.file, first, end)
}

/// What a place says that has no value written: the name of what is missing, and what holds instead.
fn missing(name: &str, said: Option<&Said>) -> String {
    match said {
        Some(said) => match &said.origin {
            crate::facts::Origin::Default(whose) => {
                format!("no `{name}` here: {whose} uses {}", said.shown())
            }
            _ => String::new(),
        },
        None => String::new(),
    }
}

/// The severity that a report reaches.
pub fn worst(report: &Report) -> Option<Severity> {
    report.findings.iter().map(|f| f.severity).max()
}
