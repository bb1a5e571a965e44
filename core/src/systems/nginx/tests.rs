use super::*;
use crate::facts::kinds::nginx::server as server_kind;
use crate::facts::kinds::proxy::{path, tls};
use crate::facts::{Facts, Field, Kind};
use crate::source::FileId;

fn facts(text: &str) -> Facts {
    let source = Source::new("nginx.conf", text);
    let mut out = Reading::default();
    read(&View::whole(FileId(0), &source), &mut out);
    out.facts
}

fn shown(text: &str, kind: &'static Kind, field: Field) -> Vec<String> {
    facts(text).of(kind).map(|(_, f)| f.get(field).map_or("-".into(), Said::shown)).collect()
}

#[test]
fn the_nearest_timeout_counts_and_else_the_default() {
    for (text, idle) in [
        ("stream { server { listen 1; proxy_pass mq:5672; } }", "10 min"),
        ("stream { proxy_timeout 30s; server { listen 1; proxy_pass mq:5672; } }", "30 s"),
        ("stream { proxy_timeout 30s; server { proxy_timeout 1h; listen 1; proxy_pass mq:5672; } }", "1 h"),
        ("server { listen 5672; proxy_pass mq:5672; }", "10 min"),
        ("http { server { location / { proxy_pass http://a; } } }", "60 s"),
        ("http { proxy_read_timeout 5m; server { location / { proxy_pass http://a; } } }", "5 min"),
        ("location /ws { proxy_pass http://a; proxy_read_timeout 1h30m; }", "90 min"),
        ("stream { proxy_timeout 10min; server { listen 1; proxy_pass mq:5672; } }", "-"),
    ] {
        assert_eq!(shown(text, &path::KIND, path::idle_timeout), [idle], "{text}");
    }
}

#[test]
fn a_path_knows_its_listener_and_its_servers() {
    let text = "stream {\n upstream mq { server mq1:5672; server 10.0.0.2:5672 backup; }\n server {\n  \
        listen 10.0.0.9:5671 ssl proxy_protocol so_keepalive=on;\n  proxy_pass mq;\n  proxy_ssl on;\n  proxy_protocol on;\n }\n}";
    let see = |f| shown(text, &path::KIND, f).concat();
    assert_eq!(see(path::upstreams), "mq1:5672, 10.0.0.2:5672");
    assert_eq!((see(path::listen_host), see(path::listen_port)), ("10.0.0.9".into(), "5671".into()));
    assert_eq!((see(path::service), see(path::mode)), ("amqp".into(), "tcp".into()));
    for field in
        [path::listen_tls, path::accept_proxy, path::client_keepalive, path::upstream_tls, path::send_proxy]
    {
        assert_eq!(see(field), "true");
    }
    assert_eq!((see(path::upstream_verify), see(path::resolved_once)), ("false".into(), "true".into()));
}

#[test]
fn the_main_context_is_summed_up() {
    let text = "worker_processes 4; worker_rlimit_nofile 512; events { worker_connections 1024; }";
    for (field, expected) in [
        (main::worker_sessions, "507"),
        (main::max_sessions, "2028"),
        (main::needed_nofile, "2048"),
        (main::worker_rlimit_nofile, "512"),
    ] {
        assert_eq!(shown(text, &main::KIND, field), [expected]);
    }
    assert_eq!(shown("events {}", &main::KIND, main::max_sessions), ["251"]);
    assert!(shown("server { listen 80; }", &main::KIND, main::max_sessions).is_empty());
}

#[test]
fn misplaced_and_removed_directives_are_named() {
    for (text, problems) in [
        ("stream { proxy_read_timeout 5m; }", &["misplaced"][..]),
        ("http { proxy_timeout 5m; }", &["misplaced"]),
        ("stream { server { listen 1; proxy_pass http://mq:5672; } }", &["scheme"]),
        ("http { server { ssl on; } }", &["removed"]),
        ("server { listen 80; location / { proxy_pass http://a; } }", &[]),
        ("http { server { listen 443 ssl; } }", &[]),
    ] {
        assert_eq!(shown(text, &directive::KIND, directive::problem), problems, "{text}");
    }
}

#[test]
fn tls_and_servers() {
    let text = "http { ssl_protocols TLSv1 TLSv1.2; server { listen 443 ssl; server_name a b; listen [::]:8443 ssl; } }";
    assert_eq!(shown(text, &tls::KIND, tls::min_version), ["1.0"]);
    assert_eq!(shown(text, &server_kind::KIND, server_kind::ports), ["443, 8443"]);
    assert_eq!(shown(text, &server_kind::KIND, server_kind::certificate_missing), ["true"]);
}

#[test]
fn hostile_files_are_read_to_their_end() {
    for text in [
        "server {",
        "location / { proxy_pass http://a; }",
        "upstream a { server b; }",
        "proxy_pass a;",
        "listen 1;",
    ] {
        let _ = facts(&format!("http {{ server {{ {} }} }}", text.repeat(2000)));
    }
}
