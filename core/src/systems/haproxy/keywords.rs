//! Which keywords HAProxy knows, which it has dropped, and where they count.

/// A keyword that HAProxy no longer takes.
pub(super) struct Removed {
    /// The keyword.
    pub(super) name: &'static str,
    /// The first version that refuses it.
    pub(super) since: &'static str,
    /// What to write instead.
    pub(super) instead: &'static str,
}

const fn removed(name: &'static str, since: &'static str, instead: &'static str) -> Removed {
    Removed { name, since, instead }
}

/// Keywords that HAProxy refuses, after the messages of its own parser.
pub(super) static REMOVED: &[Removed] = &[
    removed("appsession", "1.6", "stick-table and stick on"),
    removed("block", "2.1", "http-request deny"),
    removed("clitimeout", "2.1", "timeout client"),
    removed("contimeout", "2.1", "timeout connect"),
    removed("nbproc", "2.5", "nbthread"),
    removed("redisp", "2.1", "option redispatch"),
    removed("redispatch", "2.1", "option redispatch"),
    removed("reqadd", "2.1", "http-request add-header"),
    removed("reqallow", "2.1", "http-request allow"),
    removed("reqdel", "2.1", "http-request del-header"),
    removed("reqdeny", "2.1", "http-request deny"),
    removed("reqiallow", "2.1", "http-request allow"),
    removed("reqidel", "2.1", "http-request del-header"),
    removed("reqideny", "2.1", "http-request deny"),
    removed("reqipass", "2.1", "http-request allow"),
    removed("reqirep", "2.1", "http-request replace-header"),
    removed("reqisetbe", "2.1", "use_backend"),
    removed("reqitarpit", "2.1", "http-request tarpit"),
    removed("reqpass", "2.1", "http-request allow"),
    removed("reqrep", "2.1", "http-request replace-header"),
    removed("reqsetbe", "2.1", "use_backend"),
    removed("reqtarpit", "2.1", "http-request tarpit"),
    removed("rspadd", "2.1", "http-response add-header"),
    removed("rspdel", "2.1", "http-response del-header"),
    removed("rspdeny", "2.1", "http-response deny"),
    removed("rspidel", "2.1", "http-response del-header"),
    removed("rspideny", "2.1", "http-response deny"),
    removed("rspirep", "2.1", "http-response replace-header"),
    removed("rsprep", "2.1", "http-response replace-header"),
    removed("srvtimeout", "2.1", "timeout server"),
];

/// Keywords of the proxy sections (`configuration.txt`, "Proxy keywords matrix").
#[rustfmt::skip]
pub(super) static PROXY: &[&str] = &[
    "acl", "backlog", "balance", "bind", "capture", "clitcpka-cnt", "clitcpka-idle", "clitcpka-intvl",
    "compression", "cookie", "declare", "default-server", "default_backend", "description", "disabled", "dispatch",
    "email-alert", "enabled", "error-log-format", "errorfile", "errorfiles", "errorloc", "errorloc302",
    "errorloc303", "external-check", "filter", "force-be-switch", "force-persist", "fullconn", "guid", "hash-balance-factor",
    "hash-type", "hash-preserve-affinity", "http-after-response", "http-check", "http-error", "http-request", "http-response", "http-reuse",
    "http-send-name-header", "id", "ignore-persist", "load-server-state-from-file", "log", "log-format",
    "log-format-sd", "log-steps", "log-tag", "max-keep-alive-queue", "max-session-srv-conns", "maxconn", "mode", "monitor",
    "monitor-uri", "monitor-net", "no", "option", "persist", "quic-initial", "rate-limit", "redirect", "retries", "retry-on",
    "server", "server-state-file-name", "server-template", "source", "srvtcpka-cnt", "srvtcpka-idle",
    "srvtcpka-intvl", "stats", "stick", "stick-table", "tcp-check", "tcp-request", "tcp-response", "timeout",
    "transparent", "unique-id-format", "unique-id-header", "use-fcgi-app", "use-server", "use_backend",
    "bind-process", "grace", "default",
];

/// The names that `timeout` takes.
#[rustfmt::skip]
pub static TIMEOUTS: &[&str] = &[
    "check", "client", "client-fin", "client-hs", "connect", "http-keep-alive", "http-request", "queue", "server",
    "server-fin", "tarpit", "tunnel",
];

/// The options of the proxy sections.
#[rustfmt::skip]
pub(super) static OPTIONS: &[&str] = &[
    "abortonclose", "accept-unsafe-violations-in-http-request", "accept-unsafe-violations-in-http-response",
    "accept-invalid-http-request", "accept-invalid-http-response", "allbackups", "checkcache", "clitcpka",
    "contstats", "disable-h2-upgrade", "dontlog-normal", "dontlognull", "external-check", "forwarded", "forwardfor",
    "h1-case-adjust-bogus-client", "h1-case-adjust-bogus-server", "http-buffer-request", "http-drop-request-trailers",
    "http-drop-response-trailers", "http-ignore-probes", "http-keep-alive", "http-no-delay", "http-pretend-keepalive",
    "http-restrict-req-hdr-names", "http-server-close", "http-tunnel", "http-use-htx", "http-use-proxy-header", "httpchk", "httpclose", "forceclose",
    "httplog", "httpslog", "idle-close-on-response", "independent-streams", "independant-streams", "ldap-check", "log-health-checks",
    "log-separate-errors", "logasap", "mysql-check", "nolinger", "originalto", "persist", "pgsql-check",
    "prefer-last-server", "redis-check", "redispatch", "smtpchk", "socket-stats", "splice-auto",
    "splice-request", "splice-response", "spop-check", "srvtcpka", "ssl-hello-chk", "tcp-check",
    "tcp-smart-accept", "tcp-smart-connect", "tcpka", "tcplog", "transparent", "use-small-buffers",
];

/// Options that HAProxy ignores, with a warning, in a proxy in TCP mode.
pub(super) static HTTP_OPTIONS: &[&str] = &["forwardfor", "httplog", "httpslog", "originalto"];

/// True if a section of this sort uses a timeout.
pub(super) fn timeout_counts(name: &str, section: &str) -> bool {
    let frontend =
        matches!(name, "client" | "client-fin" | "client-hs" | "http-request" | "http-keep-alive" | "tarpit");
    let backend =
        matches!(name, "check" | "connect" | "queue" | "server" | "server-fin" | "tunnel" | "tarpit");
    // A backend takes these two over from its frontend's defaults.
    let both = matches!(name, "http-request" | "http-keep-alive");
    match section {
        "frontend" => frontend,
        "backend" => backend || both,
        _ => true,
    }
}
