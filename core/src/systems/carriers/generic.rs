//! Common formats that no system claims.

use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, Dialect, dialects};
use crate::syntax::{json, toml, yaml};
use crate::systems::containers::interpolation::fill;
use crate::systems::tls;
use crate::systems::uris::{self, Place, UriContext};
use crate::systems::{FileKind, Match, Reading};

use super::tree::{self, TreeContext};

/// Any YAML.
pub static YAML: FileKind = FileKind {
    name: "yaml",
    doc: "Any YAML file; connection URIs and embedded configurations in it are read",
    recognise: |source| possible(source, &["yml", "yaml"]),
    read: |view, out| {
        let (documents, notices) = yaml::parse(view);
        out.notices.extend(notices);
        documents.iter().for_each(|d| tree::scan(d, &UNKNOWN, out));
    },
};

/// Any JSON.
pub static JSON: FileKind = FileKind {
    name: "json",
    doc: "Any JSON file; connection URIs and embedded configurations in it are read",
    recognise: |source| possible(source, &["json", "json5", "jsonc"]),
    read: |view, out| {
        let (document, notices) = json::parse(view);
        out.notices.extend(notices);
        document.iter().for_each(|d| tree::scan(d, &UNKNOWN, out));
    },
};

/// Any TOML.
pub static TOML: FileKind = FileKind {
    name: "toml",
    doc: "Any TOML file; connection URIs and embedded configurations in it are read",
    recognise: |source| possible(source, &["toml"]),
    read: |view, out| {
        let (document, notices) = toml::parse(view);
        out.notices.extend(notices);
        document.iter().for_each(|d| tree::scan(d, &UNKNOWN, out));
    },
};

/// Any Java properties.
pub static PROPERTIES: FileKind = FileKind {
    name: "properties",
    doc: "Any Java properties file; connection URIs in it are read",
    recognise: |source| possible(source, &["properties"]),
    read: |view, out| lines(view, &dialects::PROPERTIES, out),
};

/// Any INI.
pub static INI: FileKind = FileKind {
    name: "ini",
    doc: "Any INI or conf file of keys and values; connection URIs in it are read",
    recognise: |source| possible(source, &["ini", "cfg", "conf", "cnf"]),
    read: |view, out| lines(view, &dialects::INI, out),
};

/// Any text for people.
pub static PROSE: FileKind = FileKind {
    name: "prose",
    doc: "Text for people and logs; connection URIs in it are read, but nobody dials them",
    recognise: |source| {
        possible(source, &["md", "markdown", "rst", "adoc", "txt", "log", "html", "htm", "tex"])
    },
    read: |view, out| {
        uris::scan(view, &UriContext { place: Place::Prose, ..UriContext::default() }, out);
    },
};

/// Any text.
pub static TEXT: FileKind = FileKind {
    name: "text",
    doc: "Any other text, such as a pasted fragment; connection URIs and certificates in it are read",
    recognise: |source| if source.text.contains('\0') { Match::No } else { Match::Possible },
    read: |view, out| {
        uris::scan(view, &UriContext { comment: Some("#"), ..UriContext::default() }, out);
        tls::read_pem(view, out);
    },
};

/// True for a kind that any text is of.
pub(in crate::systems) fn is_fallback(kind: &FileKind) -> bool {
    kind.name == PROSE.name || kind.name == TEXT.name
}

const UNKNOWN: TreeContext<'static> = TreeContext { expands: None, carrier: None, skip_environment: false };

fn possible(source: &Source, endings: &[&str]) -> Match {
    let name = source.base_name();
    // A template of a file is read as that file.
    let name = [".j2", ".tpl", ".template", ".example", ".dist", ".sample", ".tmpl", ".erb"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    if super::has_ending(name, endings) && !source.text.contains('\0') { Match::Possible } else { Match::No }
}

fn lines(view: &View<'_>, dialect: &Dialect, out: &mut Reading) {
    // Lines of another shape are no mistake here: nobody knows what the file is.
    let (pairs, _) = keyvalue::pairs(view, dialect);
    for pair in pairs {
        let text = &pair.value.text;
        if crate::secrets::is_secret_name(&pair.key.text) && !text.is_empty() && !fill(text).placeholder {
            out.secrets.push(pair.value.full_span());
        }
        let context = UriContext { key: Some(&pair.key.text), place: Place::Value, ..UriContext::default() };
        uris::scan(&pair.value, &context, out);
    }
}
