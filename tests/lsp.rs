//! A real conversation with `connlint lsp` over standard input and output.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Editor {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
    folder: PathBuf,
}

impl Editor {
    /// Starts the server on a folder with these files.
    fn start(name: &str, files: &[(&str, &str)]) -> Editor {
        let folder = std::env::temp_dir().join(format!("connlint-lsp-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_connlint"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut editor = Editor { child, to, from, next: 0, folder };
        let params = json!({
            "processId": null,
            "capabilities": {},
            "workspaceFolders": [{"uri": editor.uri(""), "name": "x"}],
        });
        let answer = editor.ask("initialize", params);
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, file: &str) -> String {
        let path = if file.is_empty() { self.folder.clone() } else { self.folder.join(file) };
        format!("file://{}", path.display())
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        let to = self.to.as_mut().expect("the conversation goes on");
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
        to.flush().expect("the server listens");
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).expect("a line");
            assert!(!line.is_empty(), "the server has gone");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(n) => length = n.parse().expect("a number"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a message");
        let text = String::from_utf8(body).expect("UTF-8");
        assert!(!text.contains("GEHEIM"), "a secret: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.hear();
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, file: &str) -> Value {
        let uri = self.uri(file);
        loop {
            let message = self.hear();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == *uri {
                return message["params"].clone();
            }
        }
    }

    fn open(&mut self, file: &str, text: &str) {
        let document = json!({"uri": self.uri(file), "languageId": "x", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, file: &str, version: u32, text: &str) {
        let document = json!({"uri": self.uri(file), "version": version});
        self.tell(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [{"text": text}]}),
        );
    }

    fn actions(&mut self, file: &str, line: u32, only: &[&str]) -> Vec<Value> {
        let mut context = json!({"diagnostics": []});
        if !only.is_empty() {
            context["only"] = json!(only);
        }
        let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 99}});
        let document = json!({"uri": self.uri(file)});
        let params = json!({"textDocument": document, "range": range, "context": context});
        self.ask("textDocument/codeAction", params).as_array().cloned().expect("a list")
    }

    fn hover(&mut self, file: &str, line: u32, character: u32) -> Value {
        let document = json!({"uri": self.uri(file)});
        let params = json!({"textDocument": document, "position": {"line": line, "character": character}});
        self.ask("textDocument/hover", params)
    }

    /// What an editor asks of a place in a file.
    fn at(&mut self, method: &str, file: &str, line: u32, character: u32) -> Value {
        let document = json!({"uri": self.uri(file)});
        let position = json!({"line": line, "character": character});
        self.ask(
            &format!("textDocument/{method}"),
            json!({"textDocument": document, "position": position, "context": {"includeDeclaration": false}}),
        )
    }

    fn end(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.to.take());
        assert!(self.child.wait().expect("it ends").success());
        fs::remove_dir_all(&self.folder).expect("the folder can go");
    }
}

fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics["diagnostics"].as_array().into_iter().flatten().filter_map(|d| d["code"].as_str()).collect()
}

/// The text after the edits that an action makes in a file.
fn edited(action: &Value, uri: &str, text: &str) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().expect("a character") as usize
    };
    let mut edits: Vec<&Value> = action["edit"]["changes"][uri].as_array().expect("edits").iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse(offset(&e["range"]["start"])));
    let mut text = text.to_owned();
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().expect("a text"));
    }
    text
}

#[test]
fn an_editor_is_told_what_is_found_while_it_types() {
    let on_disk = "heartbeat = 60\ndefault_pass = GEHEIM\n";
    let mut editor = Editor::start("typing", &[("conf/rabbitmq.conf", on_disk), ("other.txt", "x\n")]);
    let file = "conf/rabbitmq.conf";
    let text = "# ü\nHeartbeat = 60\nheartbeat = 0\ndefault_pass = GEHEIM\n";
    editor.open(file, text);
    let told = editor.diagnostics(file);
    assert_eq!(told["version"], 1);
    let codes_now = codes(&told);
    assert!(
        codes_now.contains(&"rabbitmq/key-case") && codes_now.contains(&"rabbitmq/heartbeat-disabled"),
        "{told}"
    );
    let list = told["diagnostics"].as_array().expect("a list");
    let zero = list.iter().find(|d| d["code"] == "rabbitmq/heartbeat-disabled").expect("it is there");
    assert_eq!(
        zero["range"],
        json!({"start": {"line": 2, "character": 12}, "end": {"line": 2, "character": 13}})
    );
    assert_eq!(zero["severity"], 2);
    assert!(
        zero["codeDescription"]["href"].as_str().is_some_and(|u| u.ends_with("rabbitmq/heartbeat-disabled"))
    );

    let actions = editor.actions(file, 2, &["quickfix"]);
    let titles: Vec<&str> = actions.iter().filter_map(|a| a["title"].as_str()).collect();
    assert!(titles.contains(&"Set the heartbeat to 60"), "{titles:?}");
    let uri = editor.uri(file);
    let allow = actions
        .iter()
        .find(|a| a["title"] == "Allow rabbitmq/heartbeat-disabled here, with a reason")
        .expect("it is offered");
    let allowed = edited(allow, &uri, text);
    assert!(
        allowed.contains("# connlint: allow rabbitmq/heartbeat-disabled -- \nheartbeat = 0\n"),
        "{allowed}"
    );

    let all = editor.actions(file, 0, &["source.fixAll"]);
    assert_eq!(all.len(), 1, "only safe fixes of the whole file: {all:?}");
    assert!(edited(&all[0], &uri, text).contains("\nheartbeat = 60\nheartbeat = 0\n"));

    let hover = editor.hover(file, 2, 12);
    let shown = hover["contents"]["value"].as_str().expect("a text");
    assert!(shown.contains("heartbeat") && shown.contains("rabbitmq.server"), "{shown}");
    assert!(editor.hover(file, 3, 17)["contents"]["value"].as_str().is_none_or(|t| !t.contains("GEHEIM")));
    assert_eq!(editor.hover("other.txt", 0, 0), Value::Null);

    editor.change(file, 2, "heartbeat = 60\n");
    let told = editor.diagnostics(file);
    assert!(!codes(&told).contains(&"rabbitmq/heartbeat-disabled"), "{told}");
    editor.change(file, 3, &allowed.replace("-- \n", "-- a lab\n"));
    let told = editor.diagnostics(file);
    assert!(!codes(&told).contains(&"rabbitmq/heartbeat-disabled"), "{told}");
    assert!(codes(&told).contains(&"rabbitmq/key-case"), "{told}");
    editor.end();
}

/// A finding that needs two files: one is open, the other lies on disk.
#[test]
fn files_are_joined_and_both_places_are_shown() {
    let rule = "\
title: t
since: 0.1.0
severity: warning
category: correctness
applies: {uri: amqp.uri, server: rabbitmq.server}
join: [uri with server]
when: uri.heartbeat > server.heartbeat
at: uri.heartbeat
labels: {server.heartbeat: asked for here}
message: 'a heartbeat of {uri.heartbeat}, not {server.heartbeat}'
why: w
help: h
sources: [s]
examples: {bad: [], good: []}
";
    let files = [
        ("lint/own/joined.yaml", rule),
        ("connlint.toml", "rules = [\"lint\"]\nselect = [\"own\"]\n"),
        ("rabbitmq.conf", "heartbeat = 20\n"),
        ("app.uri", "x\n"),
    ];
    let mut editor = Editor::start("joined", &files);
    editor.open("app.uri", "amqp://u:GEHEIM@mq.internal/v?heartbeat=30\n");
    let told = editor.diagnostics("app.uri");
    assert_eq!(codes(&told), ["own/joined"]);
    let related = &told["diagnostics"][0]["relatedInformation"][0];
    assert_eq!(related["location"]["uri"], *editor.uri("rabbitmq.conf"));
    assert_eq!(related["message"], "asked for here");
    editor.open("rabbitmq.conf", "heartbeat = 30\n");
    let told = editor.diagnostics("app.uri");
    assert_eq!(codes(&told), Vec::<&str>::new(), "what is open counts, not what is on disk");
    editor.end();
}

#[test]
fn a_mistake_in_the_settings_is_shown_and_does_not_end_the_server() {
    let mut editor = Editor::start("mistake", &[("connlint.toml", "netwrok = 1\n"), ("rabbitmq.conf", "")]);
    let message = editor.hear();
    assert_eq!(message["method"], "window/showMessage");
    assert!(message["params"]["message"].as_str().is_some_and(|m| m.contains("did you mean `network`?")));
    fs::write(editor.folder.join("connlint.toml"), "").expect("a file");
    editor.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    editor.open("rabbitmq.conf", "hartbeat = 1\n");
    assert!(!codes(&editor.diagnostics("rabbitmq.conf")).is_empty());
    assert_eq!(editor.ask("workspace/unknown", json!({})), Value::Null);
    editor.end();
}

#[test]
fn keys_and_words_are_completed_as_the_program_knows_them() {
    let mut editor = Editor::start("completion", &[("readme.txt", "x\n")]);
    let cases: &[(&str, &str, &[&str], &str)] = &[
        ("rabbitmq.conf", "  handshake_t", &["handshake_timeout"], "handshake_timeout = "),
        ("rabbitmq.conf", "heartbeat = 60\nlisteners.tcp.", &["listeners.tcp.$name"], "listeners.tcp."),
        ("rabbitmq.conf", "cluster_partition_handling = pause_m", &["pause_minority"], "pause_minority"),
        ("redis.conf", "tcp-keep", &["tcp-keepalive"], "tcp-keepalive "),
        ("redis.conf", "appendfsync e", &["everysec"], "everysec"),
        (
            "postgresql.conf",
            "tcp_keepalives_i",
            &["tcp_keepalives_idle", "tcp_keepalives_interval"],
            "tcp_keepalives_idle = ",
        ),
        (
            "consumer.properties",
            "bootstrap.servers=mq:9092\ngroup.id=a\nmax.poll.int",
            &["max.poll.interval.ms"],
            "max.poll.interval.ms=",
        ),
        (
            "sysctl.conf",
            "net.ipv4.tcp_keepalive_t",
            &["net.ipv4.tcp_keepalive_time"],
            "net.ipv4.tcp_keepalive_time = ",
        ),
        ("haproxy.cfg", "defaults\n  timeout cl", &["client", "client-fin", "client-hs"], "client "),
        ("connlint.toml", "fail", &["fail-on"], "fail-on = "),
    ];
    for (version, (file, text, labels, insert)) in (2..).zip(cases) {
        editor.open(file, "");
        editor.change(file, version, text);
        let line = text.lines().count() as u32 - 1;
        let character = text.lines().last().expect("a line").len() as u32;
        let answer = editor.at("completion", file, line, character);
        let items = answer["items"].as_array().unwrap_or_else(|| panic!("{file}: {text}: {answer}"));
        let shown: Vec<&str> = items.iter().filter_map(|i| i["label"].as_str()).collect();
        assert_eq!(shown, *labels, "{file}: {text}");
        assert_eq!(items[0]["textEdit"]["newText"], *insert, "{file}: {text}");
        assert_eq!(items[0]["textEdit"]["range"]["end"], json!({"line": line, "character": character}));
        assert!(items[0]["documentation"]["value"].as_str().is_some_and(|d| !d.is_empty()), "{answer}");
    }
    let idle = editor.at("completion", "redis.conf", 0, 0);
    assert_eq!(idle["isIncomplete"], true, "a list that is too long says so");
    editor.change("redis.conf", 90, "tcp-keep");
    let keepalive = editor.at("completion", "redis.conf", 0, 8)["items"][0].clone();
    assert!(
        keepalive["detail"].as_str().is_some_and(|d| d.contains("300") && d.contains('s')),
        "{keepalive}"
    );
    for (version, text) in [(91, "# tcp-keep"), (92, "tcp-keepalive 30 x")] {
        editor.change("redis.conf", version, text);
        assert_eq!(editor.at("completion", "redis.conf", 0, text.len() as u32), Value::Null, "{text}");
    }
    assert_eq!(editor.at("completion", "readme.txt", 0, 0), Value::Null);
    editor.end();
}

#[test]
fn an_editor_goes_to_the_other_end_of_a_join() {
    let files = [
        (".env", "# the shop\nAMQP_URL=amqp://shop:GEHEIM@broker:5672/shop?heartbeat=60\n"),
        (
            "docker-compose.yml",
            "services:\n  broker:\n    image: \"rabbitmq:3.13\"\n    volumes: [\"./rabbitmq.conf:/etc/rabbitmq/rabbitmq.conf\"]\n  app:\n    image: \"shop:1\"\n    env_file: [.env]\n",
        ),
        ("rabbitmq.conf", "heartbeat = 60\n"),
    ];
    let mut editor = Editor::start("ends", &files);
    let uris = |answer: &Value| -> Vec<String> {
        let list = answer.as_array().unwrap_or_else(|| panic!("{answer}"));
        let mut uris: Vec<String> =
            list.iter().filter_map(|l| l["uri"].as_str()).map(str::to_owned).collect();
        uris.dedup();
        uris
    };
    let ends = uris(&editor.at("definition", ".env", 1, 40));
    assert!(ends.contains(&editor.uri("rabbitmq.conf")), "{ends:?}");
    let clients = uris(&editor.at("references", "rabbitmq.conf", 0, 3));
    assert!(clients.contains(&editor.uri(".env")), "{clients:?}");
    assert_eq!(editor.at("definition", ".env", 0, 3), json!([]));
    editor.end();
}
