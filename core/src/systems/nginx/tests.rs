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

/// The values of a field in a run of several files, with the file that says each.
fn of_run(files: &[(&str, &str)], kind: &'static Kind, field: Field) -> Vec<String> {
    let mut sources = crate::source::Sources::new();
    for (name, text) in files {
        sources.add(Source::new(*name, *text));
    }
    let outcomes =
        crate::engine::lint(&sources, &crate::settings::Settings::default(), &crate::rules::RuleSet::empty());
    let shown = |f: &Fact| {
        let name = &sources.get(f.span.file).name;
        format!("{name}: {}", f.get(field).map_or("-".into(), Said::shown))
    };
    outcomes.facts.of(kind).map(|(_, f)| shown(f)).collect()
}

#[test]
fn an_include_brings_in_what_its_file_says_where_it_stands() {
    let app = "server { listen 5672; proxy_pass mq:5672; }";
    let web = "server { location / { proxy_pass http://a; } }";
    type Files<'f> = &'f [(&'f str, &'f str)];
    let cases: &[(Files<'_>, &[&str])] = &[
        (
            &[
                ("n/nginx.conf", "stream { proxy_timeout 1h; include stream.d/*.conf; }"),
                ("n/stream.d/a.conf", app),
            ],
            &["n/stream.d/a.conf: 1 h"],
        ),
        (
            &[
                ("n/nginx.conf", "http { include /etc/nginx/conf.d/*.conf; proxy_read_timeout 5m; }"),
                ("n/conf.d/a.conf", web),
            ],
            &["n/conf.d/a.conf: 5 min"],
        ),
        (
            &[
                ("/etc/nginx/nginx.conf", "http { include /etc/nginx/sites-enabled/*; }"),
                ("/etc/nginx/sites-enabled/a", web),
            ],
            &["/etc/nginx/sites-enabled/a: 60 s"],
        ),
        // Another configuration's directory, a hidden file, and a missing one.
        (
            &[
                ("nginx/n/nginx.conf", "http { include conf.d/*.conf; }"),
                ("nginx/o/conf.d/a.conf", web),
                ("nginx/n/conf.d/.b.conf", web),
            ],
            &["nginx/o/conf.d/a.conf: 60 s", "nginx/n/conf.d/.b.conf: 60 s"],
        ),
        (
            &[("nginx.conf", "http { include x.conf; server { location / { proxy_pass http://a; } } }")],
            &["nginx.conf: -"],
        ),
        (
            &[("nginx.conf", "http { include mime.types; server { location / { proxy_pass http://a; } } }")],
            &["nginx.conf: 60 s"],
        ),
        // Parts of parts, relative to the main file's directory.
        (
            &[
                ("n/nginx.conf", "http { include conf.d/*.conf; }"),
                (
                    "n/conf.d/a.conf",
                    "server { location / { include snippets/p.conf; proxy_pass http://a; } }",
                ),
                ("n/snippets/p.conf", "proxy_read_timeout 7s; server_name nginx;"),
            ],
            &["n/conf.d/a.conf: 7 s"],
        ),
        // Without the main file the part knows where its snippets are.
        (
            &[
                (
                    "nginx/conf.d/a.conf",
                    "server { location / { include /etc/nginx/snippets/p.conf; proxy_pass http://a; } }",
                ),
                ("nginx/snippets/p.conf", "proxy_read_timeout 7s; server_name nginx;"),
            ],
            &["nginx/conf.d/a.conf: 7 s"],
        ),
        // A circle.
        (
            &[
                ("nginx.conf", "http { include a.conf; }"),
                ("a.conf", "include nginx.conf; server { location / { proxy_pass http://a; } }"),
            ],
            &["a.conf: 60 s"],
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(of_run(files, &path::KIND, path::idle_timeout), *expected, "{files:?}");
    }
}

#[test]
fn the_port_that_clients_dial_tells_what_a_stream_carries() {
    for (text, service) in [
        ("stream { server { listen 5672; proxy_pass mq:35672; } }", "amqp"),
        ("stream { server { listen 35672; proxy_pass mq:5672; } }", "amqp"),
        ("stream { server { listen 5672; proxy_pass $backend; } }", "amqp"),
        ("http { server { listen 5672; location / { proxy_pass http://mq:35672; } } }", "-"),
    ] {
        assert_eq!(shown(text, &path::KIND, path::service), [service], "{text}");
    }
}

#[test]
fn includes_of_includes_end() {
    let mut files: Vec<(String, String)> = (0..60)
        .map(|i| (format!("conf.d/{i}.conf"), "include conf.d/*.conf; server { listen 1; }".to_owned()))
        .collect();
    files.push(("nginx.conf".to_owned(), "http { include conf.d/*.conf; }".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let servers = of_run(&files, &server_kind::KIND, server_kind::ports);
    assert!(!servers.is_empty() && servers.len() <= 100_000);
}
