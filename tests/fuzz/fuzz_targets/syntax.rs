//! Each reader of a syntax by itself; the first byte says which.
#![no_main]

use connlint_core::source::{FileId, Source, View};
use connlint_core::syntax::code::{self, Language};
use connlint_core::syntax::{
    Node, Notice, erlang, haproxy, hcl, json, keyvalue, keyvalue::dialects, nats, nginx, pem, promql, shell,
    toml, uri, yaml,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let source = Source::new("a", text);
    let view = View::whole(FileId(0), &source);
    let text = source.text.as_str();
    match which % 14 {
        0 => trees(text, yaml::parse(&view)),
        1 => one(text, json::parse(&view)),
        2 => one(text, toml::parse(&view)),
        3 => trees(text, erlang::parse(&view)),
        4 => notices(text, &nginx::parse(&view).1),
        5 => notices(text, &haproxy::parse(&view).1),
        6 => drop(shell::parse(&view)),
        7 => drop(pem::blocks(text)),
        8 => notices(text, &nats::parse(&view).1),
        9 => notices(text, &hcl::parse(&view).1),
        10 => drop(promql::parse(text)),
        11 => calls(text, &view, Language::Kotlin),
        12 => calls(text, &view, Language::Python),
        _ => drop(uri::read(&view)),
    }
    for dialect in [&dialects::DOTENV, &dialects::PROPERTIES, &dialects::INI] {
        notices(text, &keyvalue::parse(&view, dialect).1);
    }
});

fn calls(text: &str, view: &View<'_>, language: Language) {
    let (program, said) = code::read(view, language);
    for call in &program.calls {
        assert!(text.get(call.at.clone()).is_some() && text.get(call.range.clone()).is_some());
    }
    notices(text, &said);
}

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
