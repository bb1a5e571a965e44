//! Each reader of a syntax by itself; the first byte says which.
#![no_main]

use connlint_core::source::{FileId, Source, View};
use connlint_core::syntax::{
    Node, Notice, erlang, haproxy, json, keyvalue, keyvalue::dialects, nginx, pem, shell, toml, uri, yaml,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let source = Source::new("a", text);
    let view = View::whole(FileId(0), &source);
    let text = source.text.as_str();
    match which % 9 {
        0 => trees(text, yaml::parse(&view)),
        1 => one(text, json::parse(&view)),
        2 => one(text, toml::parse(&view)),
        3 => trees(text, erlang::parse(&view)),
        4 => notices(text, &nginx::parse(&view).1),
        5 => notices(text, &haproxy::parse(&view).1),
        6 => drop(shell::parse(&view)),
        7 => drop(pem::blocks(text)),
        _ => drop(uri::read(&view)),
    }
    for dialect in [&dialects::DOTENV, &dialects::PROPERTIES, &dialects::INI] {
        notices(text, &keyvalue::parse(&view, dialect).1);
    }
});

fn one(text: &str, (root, said): (Option<Node<'_>>, Vec<Notice>)) {
    trees(text, (root.into_iter().collect(), said));
}

fn trees(text: &str, (roots, said): (Vec<Node<'_>>, Vec<Notice>)) {
    for root in roots {
        root.walk(&mut |_, leaf| {
            assert!(text.get(leaf.view.full_span().range()).is_some());
        });
    }
    notices(text, &said);
}

fn notices(text: &str, notices: &[Notice]) {
    for notice in notices {
        assert!(text.get(notice.span.range()).is_some());
    }
}
