//! Real configurations with what the host of the tests lacks put right, so that a program which only checks can say
//! something of the rest: files, users, modules, names that resolve nowhere. Nothing that our readers judge is changed.

use std::collections::BTreeSet;
use std::path::Path;

/// Parameters that name certificates, which the host of the tests does not have.
const CERTIFICATES: &[&str] = &[
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_trusted_certificate",
    "ssl_client_certificate",
    "proxy_ssl_certificate",
    "proxy_ssl_certificate_key",
    "proxy_ssl_trusted_certificate",
];

/// A line of nginx's configuration with what the host of the tests lacks put right: files, users, modules, names that
/// resolve nowhere. Nothing that our reader judges is changed. `None` for a line that is left out.
fn nginx_line(line: &str, groups: &[&str], ground: &Path) -> Option<String> {
    let mut words = line.split_whitespace();
    let (name, argument) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let argument = argument.trim_end_matches(';');
    let whole_line = line.trim_end().ends_with(';');
    let in_host = |host: &str| line.replacen(host, "127.0.0.1", 1);
    let host_of = |address: &str| address.split(['/', ':']).next().unwrap_or_default().to_owned();
    let is_name = |host: &str| {
        host.contains(|c: char| c.is_ascii_alphabetic())
            && !host.contains(['$', '{'])
            && !matches!(host, "unix" | "localhost")
            && !groups.contains(&host)
    };
    Some(match name {
        "pid" | "user" | "load_module" | "ssl_dhparam" | "error_log" if whole_line => return None,
        _ if whole_line && name.ends_with("_temp_path") => return None,
        // Red Hat's name for the ciphers of the system's policy.
        "ssl_ciphers" if argument == "PROFILE=SYSTEM" => "ssl_ciphers DEFAULT;".to_owned(),
        "resolver" if whole_line && is_name(&host_of(argument)) => in_host(&host_of(argument)),
        "access_log" if whole_line => "access_log off;".to_owned(),
        "include" if whole_line => {
            let base = argument.rsplit('/').next().unwrap_or_default();
            let packaged = Path::new("/etc/nginx").join(base);
            if !packaged.is_file() {
                return None;
            }
            format!("include {};", packaged.display())
        }
        _ if whole_line && CERTIFICATES.contains(&name) => {
            let file = if name.ends_with("_key") { "c.key" } else { "c.pem" };
            format!("{name} {};", ground.join(file).display())
        }
        "server" if whole_line && is_name(&host_of(argument)) => in_host(&host_of(argument)),
        _ if whole_line && name.ends_with("_pass") => {
            let address = argument.split_once("://").map_or(argument, |(_, rest)| rest);
            let host = host_of(address);
            if is_name(&host) { in_host(&host) } else { line.to_owned() }
        }
        _ => line.to_owned(),
    })
}

/// Where Debian keeps the module for TCP.
const STREAM_MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// Zones of `limit_req` and `limit_conn` that a part of a configuration takes from the rest.
fn missing_zones(text: &str) -> String {
    let named = |directive: &str| -> BTreeSet<&str> {
        let lines = text.lines().map(str::trim).filter_map(|l| l.strip_prefix(directive));
        lines.filter_map(|l| l.split("zone=").nth(1)?.split([' ', ';', ':']).next()).collect()
    };
    let (used, made) = (named("limit_req "), named("limit_req_zone "));
    let zone = |name: &&str| format!("limit_req_zone $binary_remote_addr zone={name}:1m rate=1r/s;\n");
    used.difference(&made).map(zone).collect()
}

/// nginx takes whole configurations only: parts get what they lack, and the files of the host are left alone.
pub fn nginx(text: &str, ground: &Path) -> String {
    let named = text.lines().filter_map(|l| l.trim().strip_prefix("upstream "));
    let groups: Vec<&str> = named.filter_map(|l| l.split([' ', '{']).next()).collect();
    let kept: String =
        text.lines().filter_map(|l| nginx_line(l, &groups, ground)).map(|l| format!("{l}\n")).collect();
    let begins = |word: &str| kept.lines().any(|l| l.split([' ', '{']).next() == Some(word));
    let stream = begins("stream") && Path::new(STREAM_MODULE).is_file();
    let load = if stream { format!("load_module {STREAM_MODULE};\n") } else { String::new() };
    let zones = missing_zones(&kept);
    match (text.contains("events"), begins("location") && !begins("server")) {
        (true, _) => format!("{load}pid p;\n{kept}"),
        (false, true) => format!("pid p;\nevents {{}}\nhttp {{\n{zones}server {{\n{kept}}}\n}}\n"),
        (false, false) => format!("pid p;\nevents {{}}\nhttp {{\n{zones}{kept}}}\n"),
    }
}

/// Keywords of HAProxy about files, users and scripts of the host.
const OF_THE_HOST: &[&str] = &[
    "chroot",
    "user",
    "group",
    "pidfile",
    "lua-load",
    "lua-load-per-thread",
    "errorfile",
    "errorfiles",
    "ca-base",
    "crt-base",
    "ssl-dh-param-file",
    "server-state-file",
    "server-state-base",
    "load-server-state-from-file",
];

/// A line of HAProxy's configuration, likewise. `None` for a line that is left out.
fn haproxy_line(line: &str, ground: &Path) -> Option<String> {
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let first = line.split_whitespace().next().unwrap_or_default();
    if OF_THE_HOST.contains(&first) || line.contains("use-service lua.") {
        return None;
    }
    let place = match first {
        "server" | "peer" | "nameserver" => 2,
        "server-template" => 3,
        "log" => 1,
        "stats" if words.get(1).is_some_and(|w| w == "socket") => {
            return Some(format!("stats socket {}", ground.join("s").display()));
        }
        _ => 0,
    };
    if let Some(address) = words.get_mut(place).filter(|_| place > 0) {
        let (host, port) = address.split_once(':').map_or((address.as_str(), None), |(h, p)| (h, Some(p)));
        let name = host.contains(|c: char| c.is_ascii_alphabetic())
            && !host.contains(['$', '/', '@', '%'])
            && !matches!(host, "global" | "stdout" | "stderr" | "localhost");
        if name {
            *address = port.map_or("127.0.0.1".to_owned(), |port| format!("127.0.0.1:{port}"));
        }
    }
    let named = matches!(first, "bind" | "server" | "default-server");
    for at in (1..words.len()).filter(|_| named) {
        if words.get(at - 1).is_some_and(|w| matches!(w.as_str(), "crt" | "ca-file" | "crl-file"))
            && let Some(file) = words.get_mut(at)
        {
            *file = ground.join("both.pem").display().to_string();
        }
    }
    let indent = line.len() - line.trim_start().len();
    Some(format!("{}{}", line.get(..indent).unwrap_or_default(), words.join(" ")))
}

/// HAProxy's configuration. The end of the text stays as it is, since HAProxy judges it.
pub fn haproxy(text: &str, ground: &Path) -> String {
    let lines: Vec<String> = text.lines().filter_map(|l| haproxy_line(l, ground)).collect();
    let end = if text.ends_with('\n') { "\n" } else { "" };
    format!("{}{end}", lines.join("\n"))
}
