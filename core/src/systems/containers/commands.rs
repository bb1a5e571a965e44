//! What the command of a health check or probe asks, and with which tool.

/// Command line tools that health checks run. A check that runs one of them through a shell is known by it.
#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "rabbitmq-diagnostics", "rabbitmqctl", "rabbitmq-upgrade", "curl", "wget", "nc", "ncat", "redis-cli", "valkey-cli", "pg_isready",
    "psql", "mysqladmin", "mariadb-admin", "mysql", "healthcheck.sh", "mongosh", "mongo", "kafka-topics", "kafka-topics.sh",
    "kafka-broker-api-versions", "kafka-broker-api-versions.sh", "cub", "pgrep", "grpc_health_probe",
];

/// The known tool that a command runs, else its first word without directories.
pub fn tool(command: &str) -> Option<&str> {
    let words = || {
        command
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '"' | '\'' | '`'))
            .map(|w| w.trim_start_matches('$').rsplit('/').next().unwrap_or(w))
            .filter(|w| !w.is_empty())
    };
    let known = words().find(|w| TOOLS.contains(w));
    known.or_else(|| {
        words().find(|w| !matches!(*w, "sh" | "bash" | "-c" | "-ec" | "exec" | "timeout" | "test"))
    })
}

/// The port of this machine that a command asks: behind `localhost:` and the like, or as the word behind it.
pub fn local_port(command: &str) -> Option<u16> {
    for host in ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "::1", "$HOSTNAME", "$(hostname)"] {
        let mut from = 0;
        while let Some(found) = command.get(from..).and_then(|c| c.find(host)) {
            let after = &command[from + found + host.len()..];
            from += found + host.len();
            let digits = after.strip_prefix([':', '/', ' ']).unwrap_or_default().trim_start();
            let length = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let whole = !digits[length..].starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_');
            if let Ok(port) = digits[..length].parse()
                && port > 0
                && whole
            {
                return Some(port);
            }
        }
    }
    None
}

/// How long a command sleeps, in milliseconds: the sum of its `sleep N` with a bare number or one unit; `None` if it
/// does not sleep, or for a time that is not written.
pub fn sleep(command: &str) -> Option<i64> {
    let mut total: Option<i64> = None;
    let mut words =
        command.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '"' | '\''));
    while let Some(word) = words.next() {
        if word.rsplit('/').next() != Some("sleep") {
            continue;
        }
        let amount = words.find(|w| !w.is_empty())?;
        let digits = amount.trim_end_matches(['s', 'm', 'h']);
        let scale = match amount.get(digits.len()..)? {
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        let more = digits.parse::<i64>().ok()?.checked_mul(scale)?;
        total = total.unwrap_or_default().checked_add(more);
    }
    total
}

/// How long `rabbitmq-upgrade` may wait, in milliseconds: the longest time behind `-t` of a command that runs it.
pub fn broker_wait(command: &str) -> Option<i64> {
    let separators = |c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '"' | '\'');
    let mut words = command.split(separators).filter(|w| !w.is_empty());
    words.find(|w| w.rsplit('/').next() == Some("rabbitmq-upgrade"))?;
    let mut longest = None;
    while let Some(word) = words.next() {
        let seconds = match word.strip_prefix("--timeout=") {
            Some(time) => Some(time),
            None if matches!(word, "-t" | "--timeout") => words.next(),
            None => continue,
        };
        let ms = seconds.and_then(|s| s.parse::<i64>().ok()).and_then(|s| s.checked_mul(1_000));
        longest = longest.max(ms);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_are_counted() {
        for (command, ms) in [
            ("sleep 5", Some(5_000)),
            ("/bin/sh -c sleep 10; nginx -s quit", Some(10_000)),
            ("sh -c '/bin/sleep 1m && sleep 5s'", Some(65_000)),
            ("sleep $DELAY", None),
            ("sleep", None),
            ("nginx -s quit", None),
        ] {
            assert_eq!(sleep(command), ms, "{command}");
        }
    }

    #[test]
    fn the_longest_wait_of_a_broker_counts() {
        for (command, ms) in [
            (
                "rabbitmq-upgrade await_online_quorum_plus_one -t 600 && rabbitmq-upgrade drain -t 60",
                Some(600_000),
            ),
            ("bash -c '/opt/rabbitmq/sbin/rabbitmq-upgrade drain --timeout=30'", Some(30_000)),
            ("rabbitmq-upgrade drain", None),
            ("rabbitmq-upgrade drain -t $T", None),
            ("curl -t 5", None),
        ] {
            assert_eq!(broker_wait(command), ms, "{command}");
        }
    }

    #[test]
    fn tools_and_ports_are_found_in_commands() {
        for (command, tool_name, port) in [
            ("rabbitmq-diagnostics -q ping", "rabbitmq-diagnostics", None),
            ("sh -c 'rabbitmq-diagnostics ping || exit 1'", "rabbitmq-diagnostics", None),
            ("curl -f http://localhost:8006/health", "curl", Some(8006)),
            ("nc -z localhost 5672", "nc", Some(5672)),
            ("bash -c '</dev/tcp/127.0.0.1/5672'", "5672", Some(5672)),
            ("/usr/bin/redis-cli ping", "redis-cli", None),
            ("wget http://web:80/ && nc localhost 80a", "wget", None),
            ("timeout 5 check", "5", None),
        ] {
            assert_eq!(tool(command), Some(tool_name), "{command}");
            assert_eq!(local_port(command), port, "{command}");
        }
        assert_eq!(tool(""), None);
    }
}
