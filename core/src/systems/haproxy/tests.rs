use super::*;
use crate::facts::kinds::haproxy::{keyword, server, timeout};
use crate::facts::kinds::proxy::{path, tls};
use crate::facts::{Facts, Field, Kind};
use crate::source::FileId;

fn facts(text: &str) -> Facts {
    let source = Source::new("haproxy.cfg", text);
    let mut out = Reading::default();
    read(&View::whole(FileId(0), &source), &mut out);
    out.facts
}

/// A field of every fact of a kind, as people see it.
fn shown(text: &str, kind: &'static Kind, field: Field) -> Vec<String> {
    facts(text).of(kind).map(|(_, f)| f.get(field).map_or("-".into(), Said::shown)).collect()
}

#[test]
fn the_shorter_of_the_timeouts_that_count_is_the_idle_timeout() {
    let listen = "listen a\n bind :5672\n server s 10.0.0.1:5672\n";
    for (defaults, own, idle) in [
        ("timeout client 1m\n timeout server 30s", "", "30 s"),
        ("timeout client 1m\n timeout server 30s", " timeout server 3h\n", "60 s"),
        ("timeout client 1m\n timeout server 1m\n timeout tunnel 2h", "", "2 h"),
        ("mode http\n timeout client 1m\n timeout server 1m\n timeout tunnel 2h", "", "60 s"),
        ("timeout client 0\n timeout server 30s", "", "30 s"),
        ("timeout client 30", " timeout client 5s\n", "5 s"),
        ("log global", "", "-"),
    ] {
        let text = format!("global\n maxconn 5\ndefaults\n {defaults}\n{listen}{own}");
        assert_eq!(shown(&text, &path::KIND, path::idle_timeout), [idle], "{defaults} / {own}");
    }
}

#[test]
fn frontends_lead_to_their_backends_and_named_defaults_are_found() {
    let text = "defaults one\n timeout client 1h\n timeout server 1h\ndefaults two\n timeout client 5s\n timeout server 9s\n\
        frontend f from one\n bind 10.0.0.9:5672,:5671 ssl crt x accept-proxy\n use_backend b if x\n default_backend c\n\
        backend b from one\n option srvtcpka\n server s mq:5672 check send-proxy-v2\n\
        backend c\n server s pg:5432\n";
    let all = facts(text);
    let paths: Vec<_> = all.of(&path::KIND).map(|(_, f)| f).collect();
    let see = |i: usize, field| paths[i].get(field).map_or("-".into(), Said::shown);
    assert_eq!(paths.len(), 2);
    assert_eq!(
        [see(0, path::upstream), see(0, path::idle_timeout), see(0, path::service)],
        ["b", "1 h", "amqp"]
    );
    assert_eq!(
        [see(1, path::upstream), see(1, path::idle_timeout), see(1, path::service)],
        ["c", "9 s", "postgresql"]
    );
    assert_eq!([see(0, path::listen_ports), see(0, path::listen_host)], ["5672, 5671", "10.0.0.9"]);
    for field in [path::listen_tls, path::accept_proxy, path::send_proxy, path::server_keepalive] {
        assert_eq!(paths[0].bool(field), Some(true));
    }
}

#[test]
fn missing_timeouts_are_those_haproxy_warns_about() {
    for (text, missing) in [
        ("defaults\n mode tcp\nlisten a\n bind :1\n server s h:1\n", "client, connect, server"),
        ("defaults\n timeout tunnel 1h\nlisten a\n bind :1\n server s h:1\n", "client, connect"),
        ("defaults\n mode http\n timeout tunnel 1h\nbackend a\n server s h:1\n", "connect, server"),
        ("defaults\n mode http\nbackend a\n http-request deny\n", ""),
        ("defaults\n timeout client 0\nfrontend a\n bind :1\n", "client"),
        // Another file may have the defaults.
        ("frontend a\n bind :1\n", "-"),
    ] {
        assert_eq!(shown(text, &section::KIND, section::missing_timeouts).last().unwrap(), missing, "{text}");
    }
}

#[test]
fn keywords_that_do_nothing_are_named() {
    for (text, name, problem) in [
        ("defaults\n clitimeout 5000\n", "clitimeout", "removed"),
        ("global\n nbproc 4\n", "nbproc", "removed"),
        ("defaults\n timout client 5s\n", "timout", "unknown"),
        ("defaults\n timeout cilent 5s\n", "timeout cilent", "unknown"),
        ("listen a\n mode tcp\n option httplog\n", "option httplog", "ignored"),
        ("listen a 10.0.0.1:80\n mode http\n", "listen", "misplaced"),
    ] {
        assert_eq!(shown(text, &keyword::KIND, keyword::name), [name], "{text}");
        assert_eq!(shown(text, &keyword::KIND, keyword::problem), [problem], "{text}");
    }
    for text in [
        "defaults\n mode tcp\n option httplog\nlisten a\n mode http\n",
        "listen a\n mode http\n option httplog\n",
    ] {
        assert!(shown(text, &keyword::KIND, keyword::name).is_empty(), "{text}");
    }
}

#[test]
fn servers_take_over_what_default_server_says() {
    let text = "defaults\n default-server check inter 5s ssl verify none\nlisten a\n option httpchk\n \
        server s [::1]:5671\n server t h:5671 no-check no-ssl\n server u h:5671 port 8008\n";
    let see = |field| shown(text, &server::KIND, field);
    assert_eq!(see(server::check), ["true", "false", "true"]);
    assert_eq!(see(server::check_port), ["5671", "-", "8008"]);
    assert_eq!(see(server::check_kind), ["http", "none", "http"]);
    assert_eq!(see(server::verify), ["false", "-", "false"]);
    assert_eq!(see(server::host), ["::1", "h", "h"]);
}

#[test]
fn tls_versions_follow_from_the_words() {
    for (words, protocols) in [
        ("ssl-min-ver TLSv1.0", "TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3"),
        ("ssl-min-ver TLSv1.2", "TLSv1.2, TLSv1.3"),
        ("no-sslv3", "TLSv1.2, TLSv1.3"),
        ("no-tlsv10 no-tlsv11", "TLSv1.2, TLSv1.3"),
        ("force-tlsv11", "TLSv1.1"),
        ("ssl-max-ver TLSv1.2", "TLSv1.2"),
    ] {
        let text = format!("global\n ssl-default-bind-options {words}\n");
        assert_eq!(shown(&text, &tls::KIND, tls::protocols), [protocols], "{words}");
    }
}

#[test]
fn a_later_timeout_of_a_section_replaces_an_earlier_one() {
    let text =
        "listen a\n timeout client 1s\n timeout client 3s\n timeout server 1s\n timeout server 1000ms\n";
    assert_eq!(shown(text, &timeout::KIND, timeout::replaced_by), ["3 s", "-", "-", "-"]);
}

#[test]
fn passwords_of_statistics_are_secrets() {
    let text = "listen a\n stats auth admin:hunter2\n";
    let source = Source::new("haproxy.cfg", text);
    let mut out = Reading::default();
    read(&View::whole(FileId(0), &source), &mut out);
    assert_eq!(out.secrets.iter().map(|s| &text[s.range()]).collect::<Vec<_>>(), ["hunter2"]);
}

#[test]
fn hostile_files_are_read_to_their_end() {
    for text in [
        "listen",
        "listen a",
        "bind",
        "server",
        "server a",
        "timeout",
        "option",
        "stats auth",
        "default_backend a",
    ] {
        let _ = facts(&format!("defaults\n{}", format!("{text}\n").repeat(2000)));
    }
}
