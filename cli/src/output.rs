//! Writes to the terminal: each stream once, at the end.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use connlint_core::render::text::{self, DEFAULT_WIDTH, Look};
use connlint_core::render::{Shown, checkstyle, github, gitlab, json, junit, markdown, sarif};

use crate::args::{ColorWhen, Format, OutputArgs, ReportTo};
use crate::failure::Failure;

/// Wider lines are hard to read, however wide the terminal.
const MAX_WIDTH: usize = 120;

/// The text of a report in a format.
pub(crate) fn render(shown: &Shown<'_>, format: Format, look: Look) -> String {
    match format {
        Format::Text => text::full(shown, look),
        Format::Concise => text::concise(shown, look),
        Format::Json => json::render(shown),
        Format::JsonLines => json::lines(shown),
        Format::Sarif => sarif::render(shown),
        Format::Github => github::render(shown),
        Format::Gitlab => gitlab::render(shown),
        Format::Junit => junit::render(shown),
        Format::Checkstyle => checkstyle::render(shown),
        Format::Markdown => markdown::render(shown),
    }
}

/// Writes a report in every format that was asked for.
pub(crate) fn report(
    shown: &Shown<'_>,
    reports: &[ReportTo],
    default: Option<&Path>,
    args: &OutputArgs,
) -> Result<(), Failure> {
    for ReportTo { format, file } in reports {
        match file.as_deref().or(default) {
            None => write(&render(shown, *format, look(args)))?,
            Some(path) => {
                let plain = Look { brief: args.quiet, ..Look::default() };
                to(Some(path), &render(shown, *format, plain))?;
            }
        }
    }
    Ok(())
}

/// Writes a text to a file, or to standard output.
pub(crate) fn to(file: Option<&Path>, text: &str) -> Result<(), Failure> {
    match file {
        None => write(text),
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::File { path: path.to_owned(), error })
        }
    }
}

/// Refuses what would mix two formats in one stream.
pub(crate) fn check_reports(reports: &[ReportTo]) -> Result<(), Failure> {
    let mut streams = reports.iter().filter(|r| r.file.is_none());
    match (streams.next(), streams.next()) {
        (Some(_), Some(_)) => Err(Failure::Streams),
        _ => Ok(()),
    }
}

/// Refuses a place where something is already.
pub(crate) fn check_free(path: &Path) -> Result<(), Failure> {
    let taken = match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.symlink_metadata().is_ok(),
    };
    match taken {
        true => Err(Failure::Exists { path: path.to_owned(), instead: "a new name" }),
        false => Ok(()),
    }
}

/// How text looks on standard output.
pub(crate) fn look(args: &OutputArgs) -> Look {
    let terminal = io::stdout().is_terminal();
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    let width = if terminal { terminal_size::terminal_size().map(|(w, _)| w.0 as usize) } else { None };
    Look {
        color: colored(args.color, terminal && !dumb),
        links: terminal && !dumb,
        width: width.map_or(DEFAULT_WIDTH, |w| w.min(MAX_WIDTH)),
        brief: args.quiet,
    }
}

/// NO_COLOR (no-color.org) and CLICOLOR, CLICOLOR_FORCE (bixense.com/clicolors); the option is above them.
fn colored(color: ColorWhen, capable: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    match color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto if set("NO_COLOR").is_some() => false,
        ColorWhen::Auto if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
        ColorWhen::Auto => capable && set("CLICOLOR").is_none_or(|v| v != "0"),
    }
}

/// Writes to standard output. A reader that has gone away, such as `head`, is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            GONE.store(true, Ordering::Relaxed);
            Ok(())
        }
        Err(error) => Err(Failure::Output { error }),
        Ok(()) => Ok(()),
    }
}

/// Whether the reader of standard output has gone away.
static GONE: AtomicBool = AtomicBool::new(false);

/// True if nobody reads standard output any more.
pub(crate) fn is_gone() -> bool {
    GONE.load(Ordering::Relaxed)
}

/// Clears the terminal and what scrolled out of it; anything else than a terminal is left as it is.
pub(crate) fn clear() -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        return Ok(());
    }
    write("\u{1b}[2J\u{1b}[3J\u{1b}[H")
}

/// Says something on standard error.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(format!("connlint: {text}\n").as_bytes());
}

/// Writes a line to standard error; when that is closed there is nobody left to tell.
pub(crate) fn tell_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes to standard error; when that is closed there is nobody left to tell.
pub(crate) fn tell(failures: &[Failure]) {
    let text: String = failures.iter().map(|f| format!("{f}\n")).collect();
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
