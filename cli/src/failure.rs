//! What can keep the command from doing its job.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::paths::shown;

/// Exit status when everything could be done and nothing is at or above the threshold.
pub(crate) const CLEAN: u8 = 0;
/// Exit status when there are findings at or above the threshold.
pub(crate) const FOUND: u8 = 1;
/// Exit status when the job could not be done.
pub(crate) const FAILED: u8 = 2;

/// Exit status of `connlint reach` when a firewall refuses.
pub(crate) const REFUSED: u8 = 1;
/// Exit status of `connlint reach` when the files do not tell.
pub(crate) const UNTOLD: u8 = 3;

/// One reason. Every one of them means exit status 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A named path that cannot be read.
    Unreadable { path: PathBuf, error: io::Error },
    /// A named path that is neither file nor directory.
    Binary { path: PathBuf },
    /// A question about addresses of both IP versions.
    Families,
    /// A file above the size limit.
    TooLarge { path: PathBuf },
    /// A glob pattern that is none.
    Pattern { pattern: String, error: String },
    /// A mistake in a settings file, at `line:column` of it.
    Settings { place: String, message: String, help: String },
    /// A name of a rule, group, or kind of file that is not known.
    Unknown { what: &'static str, name: String, place: Option<String>, near: Option<String> },
    /// A rule that is not valid.
    Rule { place: String, message: String, help: Option<String> },
    /// There is no baseline yet.
    NoBaseline { path: PathBuf },
    /// A baseline that is none.
    Baseline { path: PathBuf, message: String },
    /// A file that is there already.
    Exists { path: PathBuf, instead: &'static str },
    /// A file that cannot be written.
    File { path: PathBuf, error: io::Error },
    /// What git could not do.
    Git { message: String },
    /// The editor does not speak the protocol.
    Editor { message: String },
    /// Two formats for one stream.
    Streams,
    /// The output could not be written.
    Output { error: io::Error },
}

impl Failure {
    /// What went wrong, in one line.
    pub(crate) fn title(&self) -> String {
        match self {
            Failure::Unreadable { path, error } => format!("{}: {}", path.display(), reason(error)),
            Failure::Binary { path } => format!("{}: this is not a text file", path.display()),
            Failure::Families => "--from and --to are addresses of different IP versions".into(),
            Failure::TooLarge { path } => {
                let limit = connlint_core::source::MAX_FILE_BYTES / (1024 * 1024);
                format!("{}: larger than {limit} MiB", path.display())
            }
            Failure::Pattern { pattern, error } => format!("`{pattern}` is not a pattern: {error}"),
            Failure::Settings { place, message, .. } | Failure::Rule { place, message, .. } => {
                format!("{place}: {message}")
            }
            Failure::Unknown { what, name, place, .. } => match place {
                Some(place) => format!("{place}: there is no {what} `{name}`"),
                None => format!("there is no {what} `{name}`"),
            },
            Failure::NoBaseline { path } => format!("{}: there is no baseline here", shown(path)),
            Failure::Baseline { path, message } => format!("{}: not a baseline: {message}", shown(path)),
            Failure::Exists { path, .. } => format!("{}: is there already", shown(path)),
            Failure::File { path, error } => {
                format!("{}: cannot be written: {}", path.display(), reason(error))
            }
            Failure::Git { message } => format!("git: {message}"),
            Failure::Editor { message } => format!("the editor does not keep to the protocol: {message}"),
            Failure::Streams => "two formats would go to the same place".into(),
            Failure::Output { error } => format!("the output could not be written: {}", reason(error)),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Failure::Unreadable { error, .. } if error.kind() == io::ErrorKind::NotFound => {
                Some("check the path; it is taken from the current directory".into())
            }
            Failure::NoBaseline { .. } => Some("`connlint baseline create` writes one".into()),
            Failure::Exists { instead, .. } => Some(format!("`{instead}` may be what you want")),
            Failure::Streams => Some("give all but one a file: --format sarif=report.sarif,github".into()),
            Failure::TooLarge { .. } => Some("cut a log to the hours in question".into()),
            Failure::Settings { help, .. } => Some(help.clone()),
            Failure::Rule { help, .. } => help.clone(),
            Failure::Unknown { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Failure::Unknown { what: "rule or group", .. } => Some("`connlint rules list` shows all".into()),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connlint: {}", self.title())?;
        match self.help() {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// The system's words for an error differ between systems and carry a number; the usual ones are said plainly.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}
