//! What calls of libraries mean, as data: `core/calls/*.yaml`, made into constants by the build.

use crate::facts::kinds::{code, http, kafka, pool, redis, retry, sql};
use crate::facts::{Field, Kind};
use crate::syntax::code::Language;

/// A library.
pub(super) struct Library {
    /// Its name, as facts say it.
    pub(super) name: &'static str,
    /// The languages that it is for.
    pub(super) languages: &'static [Language],
    /// Its modules, and the name that Go gives the package; none for what a language brings along.
    pub(super) imports: &'static [(&'static str, &'static str)],
    /// A file without any of these words has nothing of it.
    pub(super) words: &'static [&'static str],
    /// Texts in a file that make its defaults uncertain.
    pub(super) elsewhere: &'static [&'static str],
    /// What is made with it.
    pub(super) objects: &'static [Object],
}

/// Something that a call or a literal makes.
pub(super) struct Object {
    /// The kind of fact that it becomes.
    pub(super) kind: &'static Kind,
    /// What is called, without the module: `get`, `Client{}` for a literal, `Session().get` for a method of what
    /// another call made, `.SetNX` for a method of anything.
    pub(super) made: &'static [&'static str],
    /// The position of the argument that holds the options.
    pub(super) at: Option<usize>,
    /// Fields that are always so.
    pub(super) always: &'static [(Field, Fixed)],
    /// The options by the path that leads to them: names, keys and positions of arguments with dots between; `*` for
    /// any position.
    pub(super) options: &'static [(&'static str, Option<Field>, Unit)],
    /// What holds when nothing is said.
    pub(super) defaults: &'static [(Field, Fixed)],
    /// Nothing bounds the wait when all of these are zero.
    pub(super) unbounded: &'static [Field],
    /// Like [`Library::elsewhere`].
    pub(super) elsewhere: &'static [&'static str],
    /// Defaults count only in a file with one of these texts.
    pub(super) needs: &'static [&'static str],
    /// How options become Kafka's keys: `verbatim`, `underscore` or `named`.
    pub(super) keys: &'static str,
    /// Values of Kafka's keys when nothing is said.
    pub(super) silent: &'static [(&'static str, &'static str)],
    /// The last word of what is called is the method of a request.
    pub(super) verb: bool,
}

/// A value that the table gives.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "the table need not use each")]
pub(super) enum Fixed {
    Bool(bool),
    /// In the base unit of the field.
    Number(i64),
    Float(f64),
    Text(&'static str),
}

/// How the value of an option is read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "the table need not use each")]
pub(super) enum Unit {
    Seconds,
    Millis,
    Minutes,
    /// Go's `time.Duration`.
    Go,
    /// `Duration.ofSeconds(5)`, `5, TimeUnit.SECONDS`, or milliseconds.
    Java,
    Count,
    /// So many attempts after the first.
    Retries,
    Bytes,
    Float,
    Flag,
    /// The opposite of a flag.
    Not,
    Text,
    Secret,
    /// The last part of a name, or a text.
    Last,
    /// True for anything but nothing and false.
    Set,
    /// True where it is written at all.
    Present,
    /// Its own options say the field; where they cannot be seen it is not known.
    Inside,
    /// It decides about the field in a way that is not followed.
    Unknown,
    /// True for a list of methods with `POST` or `PATCH` in it, and for no list.
    UnsafeMethods,
    /// The scheme of a URI, without what follows `+`.
    Scheme,
    /// One of Kafka's keys, how its value is written (`text`, `go`), and words with what they mean.
    Key(&'static [&'static str]),
    /// A URI that this client reads.
    Uri(&'static str),
    /// One of these values turns the check of certificates off.
    Off(&'static [&'static str]),
    /// Whatever it is, the field is this.
    Fixed(Fixed),
}

include!(concat!(env!("OUT_DIR"), "/calls.rs"));
