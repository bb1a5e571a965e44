//! The line formats, as data.

use super::{Continuation, Dialect, OddLine, Quotes, Trailing};

/// What most of them have in common: `key = value`, `#` comment lines, nothing else.
const PLAIN: Dialect = Dialect {
    comments: &['#'],
    separators: &['='],
    sections: false,
    continuation: Continuation::None,
    quotes: Quotes::None,
    trailing: Trailing::None,
    prefixes: &[],
    directives: &[],
    bare_keys: false,
    empty_values: true,
    key_signs: None,
    escapes: false,
    odd: OddLine::Notice,
};

/// `rabbitmq.conf`, as the broker's cuttlefish reads it: a `#` outside single quotes cuts the value off, a line of
/// another shape stops the broker. `\` may stand before a dot in a key.
pub const RABBITMQ: Dialect = Dialect {
    quotes: Quotes::Single,
    trailing: Trailing::Anywhere,
    directives: &["include "],
    empty_values: false,
    key_signs: Some(&['.', '_', '-', '\\']),
    odd: OddLine::Malformed,
    ..PLAIN
};

/// Java `.properties`, which Kafka and Spring read.
pub const PROPERTIES: Dialect = Dialect {
    comments: &['#', '!'],
    separators: &['=', ':', ' '],
    continuation: Continuation::Joined,
    bare_keys: true,
    escapes: true,
    ..PLAIN
};

/// `.env` files of Compose and the dotenv libraries.
pub const DOTENV: Dialect = Dialect {
    quotes: Quotes::Dotenv,
    trailing: Trailing::AfterBlank,
    prefixes: &["export"],
    bare_keys: true,
    key_signs: Some(&['_', '.', '-', '[', ']']),
    ..PLAIN
};

/// `sysctl.conf` and `sysctl.d`; a leading `-` means that a failure to set the key is ignored.
pub const SYSCTL: Dialect = Dialect { comments: &['#', ';'], prefixes: &["-"], ..PLAIN };

/// systemd units and their drop-ins.
pub const SYSTEMD: Dialect =
    Dialect { comments: &['#', ';'], sections: true, continuation: Continuation::Blank, ..PLAIN };

/// MySQL's and MariaDB's option files (`my.cnf`).
pub const MY_CNF: Dialect = Dialect {
    comments: &['#', ';'],
    sections: true,
    quotes: Quotes::Wrapped,
    trailing: Trailing::Anywhere,
    directives: &["!"],
    bare_keys: true,
    ..PLAIN
};

/// `pgbouncer.ini`.
pub const PGBOUNCER: Dialect = Dialect { comments: &[';', '#'], sections: true, directives: &["%"], ..PLAIN };

/// Any other INI file: sections, `#` and `;` comment lines, values as they stand.
pub const INI: Dialect =
    Dialect { comments: &['#', ';'], separators: &['=', ':'], sections: true, bare_keys: true, ..PLAIN };

/// `redis.conf`: a directive and its arguments; [`super::words`] splits them.
pub const REDIS: Dialect = Dialect { separators: &[' '], quotes: Quotes::Words, bare_keys: true, ..PLAIN };

/// `mosquitto.conf`: a key and the rest of its line, which nothing quotes and no comment ends.
pub const MOSQUITTO: Dialect = Dialect { separators: &[' '], bare_keys: true, ..PLAIN };

/// `postgresql.conf`: `key = 'value'`, with or without the `=`. A line of another shape stops the server.
pub const POSTGRES: Dialect = Dialect {
    separators: &['=', ' '],
    quotes: Quotes::Sql,
    trailing: Trailing::Anywhere,
    key_signs: Some(&['_', '.', '$']),
    odd: OddLine::Malformed,
    ..PLAIN
};

/// The assignments of a shell fragment such as `rabbitmq-env.conf` or `/etc/default/*`; its commands are passed over.
pub const SHELL: Dialect = Dialect {
    quotes: Quotes::Shell,
    trailing: Trailing::AfterBlank,
    prefixes: &["export", "readonly", "local"],
    key_signs: Some(&['_']),
    odd: OddLine::Skip,
    ..PLAIN
};
