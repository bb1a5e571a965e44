//! Makes what surrounds a wasm module in JavaScript.
//!
//! `connlint-bindgen MODULE NAME DIRECTORY [SCHEMA...]` writes `NAME.js` and `NAME.wasm`, and for each JSON Schema
//! `x.v1.schema.json` the TypeScript types `x.d.ts`. With schemas, `rules.json` too: the pages of all rules, which the
//! engine itself does without. `CONNLINT_WASM_NAMES` keeps the names of functions, to see what takes room.
//!
//! `connlint-bindgen trace MODULE TRACED` marks which functions are called, and `connlint-bindgen split LINKED MODULE
//! WANTED FIRST REST` cuts a module that has its names in two: the functions whose numbers `WANTED` lists with the data
//! that they reach, and the rest. `LINKED` is what the module was made of.

mod reach;
mod split;
mod types;

use std::path::Path;
use std::{env, fs};

use connlint_core::RuleSet;
use connlint_core::rules::Rule;
use serde_json::{Value, json};
use wasm_bindgen_cli_support::Bindgen;

type Fault = Box<dyn std::error::Error>;

/// The page of each rule, by name.
fn pages() -> Value {
    let rules = RuleSet::built_in();
    let page = |rule: &Rule| {
        let page = json!({"rule": rule.id(), "document": rule.document()?, "examples": rule.examples()});
        Some((rule.id().to_owned(), page))
    };
    rules.iter().filter_map(page).collect()
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["trace", module, traced] => Ok(fs::write(traced, split::trace(&fs::read(module)?)?)?),
        ["split", linked, module, wanted, first, rest] => {
            let wanted = fs::read_to_string(wanted)?.lines().map(str::parse).collect::<Result<_, _>>()?;
            let (one, other) = split::split(&fs::read(module)?, &fs::read(linked)?, &wanted)?;
            fs::write(first, one)?;
            Ok(fs::write(rest, other)?)
        }
        [module, name, directory, schemas @ ..] => package(module, name, Path::new(directory), schemas),
        _ => Err("usage: connlint-bindgen MODULE NAME DIRECTORY [SCHEMA...] | trace ... | split ...".into()),
    }
}

fn package(module: &str, name: &str, directory: &Path, schemas: &[&str]) -> Result<(), Fault> {
    fs::create_dir_all(directory)?;
    // Names of functions are a seventh of the module, and no error shows them.
    let names = env::var_os("CONNLINT_WASM_NAMES").is_some();
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)
        .and_then(|b| {
            b.typescript(false)
                .demangle(false)
                .omit_default_module_path(true)
                .reset_state_function(true)
                .remove_name_section(!names)
                .remove_producers_section(true)
                .generate(directory)
        })
        .map_err(|e| format!("{e:#}"))?;
    let (made, wasm) = (directory.join(format!("{name}_bg.wasm")), directory.join(format!("{name}.wasm")));
    if names {
        fs::rename(made, wasm)?;
    } else {
        fs::write(wasm, split::bare(&fs::read(&made)?)?)?;
        fs::remove_file(made)?;
    }
    // The instance of the moment, which a second part joins.
    let glue = directory.join(format!("{name}.js"));
    let text = fs::read_to_string(&glue)?;
    fs::write(glue, format!("{text}export const exports = () => wasm;\n"))?;
    if !schemas.is_empty() {
        fs::write(directory.join("rules.json"), pages().to_string())?;
    }
    for schema in schemas {
        let text = fs::read_to_string(schema)?;
        let file =
            Path::new(schema).file_name().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let types = types::declarations(stem, &serde_json::from_str(&text)?)
            .map_err(|fault| format!("{schema}: {fault}"))?;
        fs::write(directory.join(format!("{stem}.d.ts")), types)?;
    }
    Ok(())
}
