//! Servers that take their settings on the command line of a container: the words are read as the lines of the
//! configuration file that they stand for.
//!
//! Redis and Valkey take directives with `--` before the name and read no other file unless one is named
//! (redis/redis src/server.c, `main`). PostgreSQL's `-c name=value` and `--name=value` and MySQL's `--name=value` go
//! before what their files say, which are not at hand.

use crate::source::View;
use crate::syntax::keyvalue;
use crate::syntax::{Data, Node};
use crate::systems::{FileKind, mysql, postgres, redis};

use super::nodes;

/// The settings of a command: the kind of file they stand for, its name, and the text.
pub struct Settings {
    /// What it is read as.
    pub kind: &'static FileKind,
    /// The program that takes them.
    pub program: &'static str,
    /// The lines, each with its place in the command.
    pub view: View<'static>,
}

enum Form {
    Redis,
    Postgres,
    Mysql,
}

/// Longer commands are scripts.
const MAX_WORDS: usize = 256;

/// What a container's command (its list or text, and the list behind it) sets, by the program in its image or the one
/// that it names. `None` for commands that set nothing, and for scripts.
pub fn settings(image: Option<&str>, parts: &[&Node<'_>]) -> Option<Settings> {
    let words = words(parts)?;
    let base = |word: &View<'_>| word.text.rsplit('/').next().unwrap_or_default().to_owned();
    let named = |word: &View<'_>| match base(word).as_str() {
        "redis-server" => Some((Form::Redis, "redis-server")),
        "valkey-server" => Some((Form::Redis, "valkey-server")),
        "postgres" => Some((Form::Postgres, "postgres")),
        "mysqld" => Some((Form::Mysql, "mysqld")),
        "mariadbd" => Some((Form::Mysql, "mariadbd")),
        _ => None,
    };
    let first = words.iter().position(|w| base(w) != "exec" && base(w) != "docker-entrypoint.sh")?;
    let (form, program, at) = match named(words.get(first)?) {
        Some((form, program)) => (form, program, first + 1),
        // The images' entry points put their server before options.
        None if words.get(first)?.text.starts_with('-') => match image? {
            "redis" => (Form::Redis, "redis-server", first),
            "postgresql" => (Form::Postgres, "postgres", first),
            "mysql" => (Form::Mysql, "mysqld", first),
            "mariadb" => (Form::Mysql, "mariadbd", first),
            _ => return None,
        },
        None => return None,
    };
    let rest = words.get(at..).filter(|r| !r.is_empty())?;
    let start = rest.first()?;
    let mut lines = Lines { at: start.outer(0) as u32, ..Lines::default() };
    let kind = match form {
        Form::Redis => {
            redis_lines(rest, &mut lines)?;
            &redis::CONF
        }
        Form::Postgres => {
            postgres_lines(rest, &mut lines);
            &postgres::CONF
        }
        Form::Mysql => {
            mysql_lines(rest, program == "mariadbd", &mut lines);
            &mysql::CNF
        }
    };
    lines.pieces.push((lines.text.len() as u32, lines.at));
    let view = View::mapped(start.file, lines.text, lines.pieces);
    (lines.written > 0).then_some(Settings { kind, program, view })
}

/// The words of a command; those behind `sh -c` for a shell. `None` where a shell does more than run one program.
fn words<'n>(parts: &[&'n Node<'_>]) -> Option<Vec<View<'n>>> {
    let mut words: Vec<View<'n>> = Vec::new();
    for part in parts {
        match &part.data {
            Data::Scalar(_) => words.extend(keyvalue::words(nodes::view(part)?).into_iter().map(|w| w.view)),
            Data::Seq(items) => words.extend(items.iter().filter_map(nodes::view).cloned()),
            _ => return None,
        }
    }
    let shell =
        words.first().is_some_and(|w| matches!(w.text.rsplit('/').next(), Some("sh" | "bash" | "ash")));
    if shell {
        let script = words.iter().position(|w| w.text.starts_with('-') && w.text.ends_with('c'))?;
        let script = words.get(script + 1)?;
        words = keyvalue::words(script).into_iter().map(|w| w.view.sub_owned(0..w.view.text.len())).collect();
    }
    let plain = |w: &View<'_>| {
        !w.text.contains(['\n', ';', '|', '>', '`']) && w.text != "&&" && !w.text.contains("$(")
    };
    (words.len() <= MAX_WORDS && words.iter().all(plain)).then_some(words)
}

/// The text that is put together.
#[derive(Default)]
struct Lines {
    text: String,
    pieces: Vec<(u32, u32)>,
    /// Where the command goes on.
    at: u32,
    written: usize,
}

impl Lines {
    /// Adds text that stands in the command.
    fn take(&mut self, view: &View<'_>, range: std::ops::Range<usize>) {
        let mut expected = None;
        for (at, char) in view.text.get(range.clone()).unwrap_or_default().char_indices() {
            let outer = view.outer(range.start + at);
            if expected != Some(outer) {
                self.pieces.push((self.text.len() as u32, outer as u32));
            }
            expected = Some(outer + char.len_utf8());
            self.text.push(char);
        }
        self.at = view.outer(range.end) as u32;
    }

    /// Adds text that does not; all of it lies where the command goes on.
    fn say(&mut self, text: &str) {
        for char in text.chars() {
            self.pieces.push((self.text.len() as u32, self.at));
            self.text.push(char);
        }
    }
}

fn redis_lines(words: &[View<'_>], lines: &mut Lines) -> Option<()> {
    let mut words = words.iter().peekable();
    if let Some(file) = words.next_if(|w| !w.text.starts_with('-')) {
        lines.say("include ");
        lines.take(file, 0..file.text.len());
        lines.say("\n");
    }
    while let Some(word) = words.next() {
        let Some(name) = word.text.strip_prefix("--") else {
            // `-` reads standard input.
            return None;
        };
        if name == "sentinel" || name.is_empty() {
            return None;
        }
        lines.take(word, 2..word.text.len());
        while let Some(value) = words.next_if(|w| !w.text.starts_with("--")) {
            if value.text.contains(['"', '\\']) {
                return None;
            }
            let quote =
                if value.text.is_empty() || value.text.contains([' ', '\t', '\'']) { "\"" } else { "" };
            lines.say(" ");
            lines.say(quote);
            lines.take(value, 0..value.text.len());
            lines.say(quote);
        }
        lines.say("\n");
        lines.written += 1;
    }
    Some(())
}

fn postgres_lines(words: &[View<'_>], lines: &mut Lines) {
    lines.say("include 'postgresql.conf'\n");
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (word, from) = match word.text.as_ref() {
            "-c" => match words.next() {
                Some(next) => (next, 0),
                None => return,
            },
            text if text.starts_with("--") || text.starts_with("-c") => (word, 2),
            _ => continue,
        };
        let Some(equals) = word.text.get(from..).and_then(|t| t.find('=')) else { continue };
        let equals = from + equals;
        if word.text.contains(['\'', '\\']) {
            continue;
        }
        // Dashes in a name count as underscores (src/backend/utils/misc/guc.c, ParseLongOption).
        let mut at = from;
        for part in word.text.get(from..equals).unwrap_or_default().split('-') {
            lines.say(if at > from { "_" } else { "" });
            lines.take(word, at..at + part.len());
            at += part.len() + 1;
        }
        lines.say(" = '");
        lines.take(word, equals + 1..word.text.len());
        lines.say("'\n");
        lines.written += 1;
    }
}

fn mysql_lines(words: &[View<'_>], mariadb: bool, lines: &mut Lines) {
    lines.say(if mariadb { "# MariaDB\n" } else { "" });
    lines.say("[mysqld]\n!includedir /etc/mysql/conf.d\n");
    for word in words {
        let plain =
            word.text.starts_with("--") && word.text.len() > 2 && !word.text.contains(['\'', '"', '#']);
        if plain && !word.text.starts_with("--defaults") {
            lines.take(word, 2..word.text.len());
            lines.say("\n");
            lines.written += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};
    use crate::syntax::yaml;

    #[test]
    fn commands_become_the_lines_they_stand_for() {
        let include = "include 'postgresql.conf'\n";
        let group = "[mysqld]\n!includedir /etc/mysql/conf.d\n";
        let cases: [(&str, &str, Option<String>); 16] = [
            ("redis", "redis-server --maxmemory 100mb", Some("maxmemory 100mb\n".into())),
            ("redis", "--maxmemory 100mb --save ''", Some("maxmemory 100mb\nsave \"\"\n".into())),
            (
                "redis",
                "[redis-server, /r.conf, --save, '60 1']",
                Some("include /r.conf\nsave \"60 1\"\n".into()),
            ),
            ("redis", "sh -c 'exec valkey-server --port 7'", Some("port 7\n".into())),
            ("redis", "sh -c 'echo vm && redis-server --port 7'", None),
            ("redis", "redis-server /etc/redis.conf", None),
            ("redis", "redis-server - --port 7", None),
            ("redis", "redis-server /s.conf --sentinel", None),
            ("redis", "/start.sh --port 7", None),
            ("nginx", "--port 7", None),
            (
                "postgresql",
                "postgres -c a=1 -cb=2 --c-d=x",
                Some(format!("{include}a = '1'\nb = '2'\nc_d = 'x'\n")),
            ),
            ("postgresql", "[-c, 'work_mem=4MB']", Some(format!("{include}work_mem = '4MB'\n"))),
            ("postgresql", "postgres -D /data", None),
            (
                "mysql",
                "--wait_timeout=60 --skip-name-resolve",
                Some(format!("{group}wait_timeout=60\nskip-name-resolve\n")),
            ),
            ("mariadb", "mariadbd --port=7", Some(format!("# MariaDB\n{group}port=7\n"))),
            ("mysql", "[mysqld, --defaults-file=/my.cnf]", None),
        ];
        for (image, command, expected) in cases {
            let text = format!("command: {command}\n");
            let source = Source::new("compose.yaml", text.as_str());
            let view = View::whole(FileId(0), &source);
            let (documents, _) = yaml::parse(&view);
            let node = documents[0].get("command").unwrap();
            let settings = settings(Some(image), &[node]);
            assert_eq!(settings.as_ref().map(|s| s.view.text.to_string()), expected, "{command}");
            let Some(settings) = settings else { continue };
            let words = settings.view.text.split_whitespace();
            for word in words.filter(|w| text.contains(w) && w.contains(char::is_alphanumeric)) {
                let at = settings.view.text.find(word).unwrap();
                assert_eq!(&text[settings.view.span(at..at + word.len()).range()], word, "{command}");
            }
        }
    }
}
