//! Writes the examples of all rules as the fuzzer's first inputs: `fuzz-seeds FOLDER`.

use std::error::Error;
use std::fs;
use std::path::Path;

use connlint_core::RuleSet;
use connlint_core::syntax::pem;

/// Readers that the first byte of an input of `syntax` can name; each example is tried with all.
const SYNTAXES: u8 = 9;

/// An input of `tests/fuzz`: files with a NUL between them, each behind a line that is its name.
fn written<'f>(files: impl IntoIterator<Item = (&'f String, &'f String)>) -> Vec<u8> {
    let files: Vec<String> = files.into_iter().map(|(name, text)| format!("{name}\n{text}")).collect();
    files.join("\0").into_bytes()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: seeds FOLDER")?;
    let folder = Path::new(&folder);
    let save = |target: &str, name: &str, input: &[u8]| -> std::io::Result<()> {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), input)
    };
    for rule in RuleSet::built_in().iter() {
        let (Some(document), Some(examples)) = (rule.document(), rule.examples()) else { continue };
        let id = rule.id().replace('/', "-");
        save("condition", &id, document.when.as_bytes())?;
        for (i, example) in examples.bad.iter().chain(&examples.good).enumerate() {
            let name = format!("{id}-{i}");
            let input = written(&example.files);
            save("lint", &name, &input)?;
            if document.fix.is_some() {
                save("fix", &name, &input)?;
            }
            save("settings", &name, example.settings.clone().unwrap_or_default().as_bytes())?;
            for (n, (file, text)) in example.files.iter().enumerate() {
                let name = format!("{name}-{n}");
                save("read", &name, &written([(file, text)]))?;
                let which = (i + n) as u8 % SYNTAXES;
                save("syntax", &name, &[&[which], text.as_bytes()].concat())?;
                for (target, mark) in [
                    ("pem", "-----BEGIN "),
                    ("session", "CONNECTED("),
                    ("dump", "Subject Public Key Info"),
                    ("secret", "kind: Secret"),
                ] {
                    if text.contains(mark) {
                        save(target, &name, text.as_bytes())?;
                    }
                }
                if text.starts_with("-----BEGIN CERTIFICATE") {
                    save("secret", &name, text.as_bytes())?;
                }
                for (b, block) in pem::blocks(text).iter().enumerate() {
                    save("certificate", &format!("{name}-{b}"), &block.bytes)?;
                }
            }
        }
    }
    Ok(())
}
