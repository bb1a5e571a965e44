//! What may be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use connlint_core::Severity;
use connlint_core::facts::parse_time;
use connlint_core::firewall::{Block, Sender};
use connlint_core::rules::{Category, Stage};
use connlint_core::settings::file::FailOn;

const EXIT_STATUS: &str = "\
Exit status:
  0  nothing found at or above the threshold (--fail-on)
  1  findings at or above the threshold
  2  the job could not be done: wrong arguments, a mistake in connlint.toml,
     a rule that is not valid, a named path that cannot be read";

const REACH_STATUS: &str = "\
Exit status:
  0  yes: every firewall lets the connection in, perhaps up to a rate (limited)
  1  no: a firewall drops or rejects it
  2  the job could not be done
  3  unknown: the files do not tell, or hold no firewall for this IP version";

/// Will this connection stay up, and is it safe? Reads connection configuration, joins it across files and judges it.
#[derive(Debug, Parser)]
#[command(name = "connlint", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read files and report what will fail or is unsafe
    #[command(after_help = EXIT_STATUS)]
    Check(CheckArgs),
    /// Show as JSON what was understood of files; secrets are shown as ***
    Facts(FactsArgs),
    /// Draw who talks to whom, for Mermaid or Graphviz
    Graph(GraphArgs),
    /// Ask the firewalls whether a connection gets through, and which line decides
    #[command(after_help = REACH_STATUS)]
    Reach(ReachArgs),
    /// Collect what this host shows of itself (limits, kernel settings, sockets, firewall, broker), and judge it
    #[command(after_help = EXIT_STATUS)]
    Doctor(DoctorArgs),
    /// Explain a rule: why it exists, what to do, with examples
    Explain(ExplainArgs),
    /// Note the findings of today, so that only new ones count
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Write a connlint.toml to start from
    Init(InputArgs),
    /// Show the settings in force
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List or check rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Serve an editor over standard input and output (Language Server Protocol)
    Lsp(ConfigArgs),
    /// Write a script that completes this command's arguments
    Completions {
        /// The shell it is for
        shell: clap_complete::Shell,
    },
    /// Write the manual page, or with --directory those of all commands
    Man {
        /// Directory to write connlint.1, connlint-check.1 and the others to
        #[arg(long, value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// List the clients that targets.clients may name, and what their TLS does by default
    Targets,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Note everything that is found; the file must not exist yet
    Create(BaselineArgs),
    /// Note everything that is found now, and forget what is not
    Update(BaselineArgs),
    /// Forget what is found no more, and note nothing new
    Prune(BaselineArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// The baseline's file [default: the setting `baseline`, else connlint-baseline.json beside connlint.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Time of evaluation, for rules about expiry and end of support [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) now: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting with the place that says it
    Show(ConfigShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    /// File or directory whose settings are shown [default: the current directory]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List all rules
    List(ListArgs),
    /// Write a page of each rule, and an index with a search, for a web server or a browser
    Pages {
        /// Directory to write them to; it must be empty or not be there yet
        directory: PathBuf,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Check the rules of a directory: their form, their conditions and their examples
    Check {
        /// Directory with rules, `<system>/<name>.yaml`
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// When to use colours; also NO_COLOR, CLICOLOR and CLICOLOR_FORCE
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorWhen,
    /// Write findings only: no notices, no summary, no warnings about files
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error which settings are in force and what each file was taken for
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Default, Args)]
pub(crate) struct InputArgs {
    /// Files, directories, or - for standard input
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name of what comes on standard input; it tells the kind of file and is shown in findings
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
    /// Kind of file on standard input, when its name does not tell
    #[arg(long, value_name = "NAME")]
    pub(crate) kind: Option<String>,
    /// Leave out paths that match this pattern (as in .gitignore); repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Leave out matching paths even if they are named on the command line
    #[arg(long)]
    pub(crate) force_exclude: bool,
    /// Read files that .gitignore leaves out
    #[arg(long)]
    pub(crate) no_respect_gitignore: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

impl InputArgs {
    /// These paths, and nothing else said.
    pub(crate) fn of(paths: Vec<PathBuf>, config: ConfigArgs) -> InputArgs {
        InputArgs { paths, config, ..InputArgs::default() }
    }
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConfigArgs {
    /// Settings file to use instead of the connlint.toml found upwards
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Use no settings file
    #[arg(long, alias = "isolated")]
    pub(crate) no_config: bool,
    /// Directory with further rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// How findings are written: text, concise, json, json-lines, sarif, github, gitlab, junit, checkstyle, markdown;
    /// repeatable, commas allowed, each with a file of its own: sarif=report.sarif,github
    #[arg(long, value_name = "FORMAT[=FILE]", value_delimiter = ',', value_parser = report, default_value = "text")]
    pub(crate) format: Vec<ReportTo>,
    /// Write to this file what would go to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// Count only findings that this file does not know [default: the setting `baseline`]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(crate) baseline: Option<PathBuf>,
    /// Count all findings
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Judge everything, but report only what has a place in files with staged changes
    #[arg(long, conflicts_with = "since")]
    pub(crate) staged: bool,
    /// Judge everything, but report only what has a place in files that changed since this git revision
    #[arg(long, value_name = "REVISION")]
    pub(crate) since: Option<String>,
    /// Show how often each rule found something, instead of the findings
    #[arg(long, conflicts_with_all = ["format", "fix", "diff"])]
    pub(crate) statistics: bool,
    /// Stay, and check again whenever a file changes; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    pub(crate) watch: bool,
    /// Make the fixes that change nothing but the fault
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix or --diff: also those that change how the system behaves
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Show as a diff what --fix would change, and change nothing; exits with 1 if there is anything
    #[arg(long, conflicts_with = "fix")]
    pub(crate) diff: bool,
    /// Time of evaluation, for rules about expiry and end of support [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) now: Option<i64>,
    /// Use only these rules or groups of rules; repeatable, commas allowed
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Leave out these rules or groups of rules; repeatable, commas allowed
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Use only rules that are shown true against the real programs
    #[arg(long)]
    pub(crate) proved_only: bool,
    /// Show only findings of this severity and above
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 on findings of this severity and above: error, warning, info or never [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub(crate) fail_on: Option<FailOn>,
}

/// A new format is one line here and one in `output::render`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With source excerpts and explanations
    Text,
    /// One line a finding
    Concise,
    /// One JSON document
    Json,
    /// One JSON object a line and finding
    JsonLines,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit's XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// A summary with a table
    Markdown,
}

/// A format and where it goes: standard output without a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTo {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Show which files belong together, and which facts are paired, instead of the facts
    #[arg(long)]
    pub(crate) deployment: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// How the graph is written
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub(crate) format: GraphFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GraphFormat {
    Mermaid,
    Dot,
}

#[derive(Debug, Args)]
pub(crate) struct ReachArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Who connects: an address, a network, `any` for an arbitrary host on the internet, `loopback` for this host itself
    #[arg(long, value_name = "ADDRESS", value_parser = peer)]
    pub(crate) from: Sender,
    /// The port that it connects to
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) to_port: u16,
    /// The address of this host that it connects to; tells the IP version where --from is `any` or `loopback`
    #[arg(long, value_name = "ADDRESS", value_parser = block)]
    pub(crate) to: Option<Block>,
    /// The transport
    #[arg(long, value_name = "NAME", default_value = "tcp")]
    pub(crate) proto: ReachProto,
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReachFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Files and directories that belong to this host, judged together with what it shows
    pub(crate) paths: Vec<PathBuf>,
    /// Limits of this process; repeatable [default: those of servers that are known, else one's own]
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Vec<u32>,
    /// Limits of processes of this name, as in /proc/PID/comm; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) process: Vec<String>,
    /// Look at the certificates that this endpoint shows; repeatable. This opens a connection to it
    #[arg(long, value_name = "HOST:PORT", value_parser = endpoint)]
    pub(crate) endpoint: Vec<String>,
    /// Keep what was collected, without secrets: in one file, or one by one in a new directory if the name ends in `/`.
    /// `connlint check` and the page read both
    #[arg(long, value_name = "FILE|DIR/")]
    pub(crate) save: Option<PathBuf>,
    /// With --save: take out addresses and users' names too; the same one becomes the same word everywhere
    #[arg(long, requires = "save")]
    pub(crate) anonymous: bool,
    /// How long to wait for each program that is asked, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// Where the kernel shows processes and settings, such as a host's /proc mounted in a container
    #[arg(long, value_name = "DIR", default_value = "/proc")]
    pub(crate) proc: PathBuf,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// How findings are written, as for `check`
    #[arg(long, value_name = "FORMAT[=FILE]", value_delimiter = ',', value_parser = report, default_value = "text")]
    pub(crate) format: Vec<ReportTo>,
    /// Time of evaluation, for rules about expiry and end of support [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) now: Option<i64>,
    /// Exit with 1 on findings of this severity and above: error, warning, info or never [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub(crate) fail_on: Option<FailOn>,
}

fn endpoint(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    // It becomes an argument of another program.
    match parts {
        Some((host, _)) if !host.starts_with('-') => Ok(text.to_owned()),
        _ => Err("a host and a port are expected, such as mq.example.org:5671".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReachProto {
    Tcp,
    Udp,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReachFormat {
    Text,
    Json,
}

fn block(text: &str) -> Result<Block, String> {
    Block::parse(text)
        .ok_or_else(|| "an address or network is expected, such as 10.0.0.7 or fd00::/8".to_owned())
}

fn peer(text: &str) -> Result<Sender, String> {
    match text {
        "any" => Ok(Sender::Anyone),
        "loopback" => Ok(Sender::Loopback),
        _ => block(text).map(Sender::Block),
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's name, such as amqp/heartbeat-disabled
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only these rules or groups of rules
    pub(crate) select: Vec<String>,
    /// Only rules of this category; repeatable, commas allowed
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',', value_parser = by_word::<Category>)]
    pub(crate) category: Vec<Category>,
    /// Only rules of this severity; repeatable, commas allowed
    #[arg(long, value_name = "SEVERITY", value_delimiter = ',', value_parser = severity)]
    pub(crate) severity: Vec<Severity>,
    /// Only rules of this stage: preview, stable or deprecated
    #[arg(long, value_name = "STAGE", value_parser = by_word::<Stage>)]
    pub(crate) stage: Option<Stage>,
    /// Only rules with a fix
    #[arg(long)]
    pub(crate) fixable: bool,
    /// Only rules that are shown true against the real programs
    #[arg(long)]
    pub(crate) proved: bool,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

fn report(text: &str) -> Result<ReportTo, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(n, f)| (n, Some(f)));
    let formats = Format::value_variants();
    let names = || formats.iter().filter_map(ValueEnum::to_possible_value).map(|v| v.get_name().to_owned());
    let Some(format) = formats.iter().zip(names()).find(|(_, n)| n == name).map(|(f, _)| *f) else {
        let names: Vec<String> = names().collect();
        let near = connlint_core::nearest::nearest(name, names.iter().map(String::as_str));
        return Err(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("possible values: {}", names.join(", ")),
        });
    };
    match file {
        Some("") => Err(format!("write the file behind it: {name}=report.{name}")),
        file => Ok(ReportTo { format, file: file.map(PathBuf::from) }),
    }
}

fn time(text: &str) -> Result<i64, String> {
    parse_time(text).ok_or_else(|| "write a date or a moment: 2026-01-31, 2026-01-31T12:00:00Z".to_owned())
}

/// A value by the word that rule files use for it.
fn by_word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| {
        let error = error.to_string();
        // The library's message ends in a list of the words that are known.
        error
            .split_once("expected one of ")
            .map_or(error.clone(), |(_, words)| format!("possible values: {words}"))
    })
}

fn severity(text: &str) -> Result<Severity, String> {
    choose(text, &connlint_core::settings::file::SEVERITIES)
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    choose(text, &connlint_core::settings::file::FAIL_ON)
}

fn choose<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
    found.ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        format!("possible values: {}", names.join(", "))
    })
}
