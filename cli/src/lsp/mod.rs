//! `connlint lsp`: the language server. Editors start it and speak the Language Server Protocol over standard input
//! and output, <https://microsoft.github.io/language-server-protocol/>.

mod actions;
mod completion;
mod ends;
mod hover;
mod places;
mod workspace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lsp_server::{Connection, ErrorCode, Message, Notification, ProtocolError, Request, Response};
use serde_json::{Value, json};

use crate::args::ConfigArgs;
use crate::collect::SKIPPED_DIRECTORIES;
use ends::Wanted;
use places::{Encoding, path_of};
use workspace::Workspace;

/// So long at least nothing may come in before all files are judged anew: shorter than a reader's patience, longer
/// than the pause between two strokes of a key. Where judging takes longer, so does the wait.
const QUIET: Duration = Duration::from_millis(120);

/// Serves one editor until it says goodbye or goes away.
pub(crate) fn serve(config: ConfigArgs) -> Result<(), ProtocolError> {
    let (connection, threads) = Connection::stdio();
    let (id, params) = connection.initialize_start()?;
    let encoding = Encoding::choose(&params);
    connection.initialize_finish(id, capabilities(encoding))?;
    let roots = roots(&params);
    // Files are named as the command names them, from the first folder on.
    if let Some(first) = roots.first() {
        let _ = std::env::set_current_dir(first);
    }
    let mut server = Server {
        connection,
        encoding,
        workspace: Workspace::new(config, roots),
        took: QUIET,
        told: BTreeSet::new(),
    };
    server.refresh();
    server.run()?;
    drop(server);
    // The writer ends when the last sender has gone; what is left to say then has no reader.
    let _ = threads.join();
    Ok(())
}

fn capabilities(encoding: Encoding) -> Value {
    json!({
        "capabilities": {
            "positionEncoding": encoding.name(),
            // Whole texts: configuration files are small, and nothing is judged by parts.
            "textDocumentSync": {"openClose": true, "change": 1, "save": true},
            "codeActionProvider": {"codeActionKinds": ["quickfix", actions::FIX_ALL]},
            "hoverProvider": true,
            "completionProvider": {"triggerCharacters": ["."]},
            "definitionProvider": true,
            "referencesProvider": true,
        },
        "serverInfo": {"name": "connlint", "version": env!("CARGO_PKG_VERSION")},
    })
}

/// The folders that are open.
fn roots(params: &Value) -> Vec<PathBuf> {
    let folders = params["workspaceFolders"].as_array().into_iter().flatten();
    let mut roots: Vec<PathBuf> = folders.filter_map(|folder| path_of(folder["uri"].as_str()?)).collect();
    if roots.is_empty() {
        roots.extend(params["rootUri"].as_str().and_then(path_of));
    }
    if roots.is_empty() {
        roots.extend(params["rootPath"].as_str().map(|path| Path::new(path).to_owned()));
    }
    roots
}

fn in_skipped_directory(uri: &str) -> bool {
    uri.split('/').any(|part| SKIPPED_DIRECTORIES.contains(&part))
}

struct Server {
    connection: Connection,
    encoding: Encoding,
    workspace: Workspace,
    /// How long judging took last.
    took: Duration,
    /// Documents that have diagnostics in the editor.
    told: BTreeSet<String>,
}

impl Server {
    fn run(&mut self) -> Result<(), ProtocolError> {
        let mut stale = false;
        loop {
            let message = if stale {
                match self.connection.receiver.recv_timeout(self.took.max(QUIET)) {
                    Ok(message) => message,
                    Err(error) if error.is_timeout() => {
                        self.refresh();
                        stale = false;
                        continue;
                    }
                    Err(_) => return Ok(()),
                }
            } else {
                match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Ok(()),
                }
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    if stale {
                        self.refresh();
                        stale = false;
                    }
                    let response = self.answer(request);
                    self.send(Message::Response(response));
                }
                Message::Notification(note) => stale |= self.hear(&note),
                Message::Response(_) => {}
            }
        }
    }

    fn send(&self, message: Message) {
        // An editor that has gone away is noticed where messages come in.
        let _ = self.connection.sender.send(message);
    }

    /// Takes in what the editor tells; true if files must be judged anew.
    fn hear(&mut self, note: &Notification) -> bool {
        let document = &note.params["textDocument"];
        let Some(uri) = document["uri"].as_str() else {
            // Files or settings changed on disk; what happens in directories that are not read is of no interest.
            let changes = note.params["changes"].as_array();
            let skipped = |change: &Value| change["uri"].as_str().is_some_and(in_skipped_directory);
            let only_skipped = changes.is_some_and(|c| !c.is_empty() && c.iter().all(skipped));
            return note.method.starts_with("workspace/did") && !only_skipped;
        };
        match note.method.as_str() {
            "textDocument/didOpen" => {
                self.workspace.open(uri, document["text"].as_str(), &document["version"])
            }
            "textDocument/didChange" => {
                let changes = note.params["contentChanges"].as_array();
                let text = changes.and_then(|c| c.last()).and_then(|c| c["text"].as_str());
                self.workspace.open(uri, text, &document["version"])
            }
            "textDocument/didClose" => self.workspace.close(uri),
            "textDocument/didSave" => {}
            _ => return false,
        }
        true
    }

    fn answer(&mut self, request: Request) -> Response {
        let result = match request.method.as_str() {
            "textDocument/codeAction" => actions::answer(&self.workspace, self.encoding, &request.params),
            "textDocument/hover" => hover::answer(&self.workspace, self.encoding, &request.params),
            "textDocument/completion" => completion::answer(&self.workspace, self.encoding, &request.params),
            "textDocument/definition" => {
                ends::answer(&self.workspace, self.encoding, &request.params, Wanted::Definition)
            }
            "textDocument/references" => {
                ends::answer(&self.workspace, self.encoding, &request.params, Wanted::References)
            }
            other => {
                let message = format!("connlint does not know `{other}`");
                return Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message);
            }
        };
        Response::new_ok(request.id, result.unwrap_or(Value::Null))
    }

    /// Judges all files anew and tells what is found in each, and for each where something was found before.
    fn refresh(&mut self) {
        let start = Instant::now();
        let linted = self.workspace.lint();
        self.took = start.elapsed();
        if let Err(failures) = linted {
            let text: Vec<String> = failures.iter().map(ToString::to_string).collect();
            let params = json!({"type": 1, "message": text.join("\n")});
            self.send(Message::Notification(Notification::new("window/showMessage".into(), params)));
            return;
        }
        let diagnostics = self.workspace.diagnostics(self.encoding);
        let now: BTreeSet<String> = diagnostics.keys().cloned().collect();
        for uri in self.told.difference(&now) {
            let params = json!({"uri": uri, "diagnostics": []});
            self.send(Message::Notification(Notification::new(PUBLISH.into(), params)));
        }
        for (uri, list) in diagnostics {
            let mut params = json!({"uri": uri, "diagnostics": list});
            if let Some(version) = self.workspace.version(&uri) {
                params["version"] = version.clone();
            }
            self.send(Message::Notification(Notification::new(PUBLISH.into(), params)));
        }
        self.told = now;
    }
}

const PUBLISH: &str = "textDocument/publishDiagnostics";
