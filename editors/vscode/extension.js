// Starts `connlint lsp` and hands it every file: settings stand in files of many kinds.
"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = workspace.getConfiguration("connlint").get("path") || "connlint";
  client = new LanguageClient(
    "connlint",
    "connlint",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
      // The server reads files from disk; these notices tell it when to look again.
      synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*") },
    },
  );
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(`connlint does not start (${command}): ${error.message}`);
  }
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("connlint.restart", async () => {
      await client?.stop();
      await start();
    }),
  );
  await start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
