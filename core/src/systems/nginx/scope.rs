//! What holds in a block: its own directives, and those of the blocks around it.

use std::collections::BTreeMap;

use crate::syntax::nginx::Directive;

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Main,
    Events,
    Http,
    Stream,
    Mail,
    /// In a part of a configuration that belongs into `http`, as far as can be seen.
    LooseHttp,
    /// In a part of a configuration that belongs into `stream`.
    LooseStream,
}

impl Context {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Context::Main => "main",
            Context::Events => "events",
            Context::Http | Context::LooseHttp => "http",
            Context::Stream | Context::LooseStream => "stream",
            Context::Mail => "mail",
        }
    }

    pub(super) fn is_http(self) -> bool {
        matches!(self, Context::Http | Context::LooseHttp)
    }

    pub(super) fn is_stream(self) -> bool {
        matches!(self, Context::Stream | Context::LooseStream)
    }
}

/// A block's directives by name, and the block around it.
pub(super) struct Scope<'s, 'd, 'a> {
    outer: Option<&'s Scope<'s, 'd, 'a>>,
    own: BTreeMap<&'d str, &'d Directive<'a>>,
    all: &'d [Directive<'a>],
    pub(super) context: Context,
}

impl<'s, 'd, 'a> Scope<'s, 'd, 'a> {
    pub(super) fn new(
        outer: Option<&'s Scope<'s, 'd, 'a>>,
        all: &'d [Directive<'a>],
        context: Context,
    ) -> Self {
        let own = all.iter().map(|d| (d.name.text(), d)).collect();
        Scope { outer, own, all, context }
    }

    /// A directive of the block itself; the last one if it is repeated.
    pub(super) fn own(&self, name: &str) -> Option<&'d Directive<'a>> {
        self.own.get(name).copied()
    }

    /// A directive that holds here: the block's own, else that of the nearest block around it.
    pub(super) fn find(&self, name: &str) -> Option<&'d Directive<'a>> {
        self.own(name).or_else(|| self.outer?.find(name))
    }

    /// True if the directive that holds here may stand in an `include` that is not at hand.
    pub(super) fn unsure(&self, name: &str) -> bool {
        !self.own.contains_key(name)
            && (self.own.contains_key("include") || self.outer.is_some_and(|o| o.unsure(name)))
    }

    /// True if a directive of that name with that first argument holds here; a block's own ones replace all outer ones.
    pub(super) fn any(&self, name: &str, first: &str) -> bool {
        if self.own.contains_key(name) {
            return self.all.iter().any(|d| d.name.text() == name && d.arg(0).eq_ignore_ascii_case(first));
        }
        self.outer.is_some_and(|o| o.any(name, first))
    }

    /// True if more directives of that name may hold here, from an `include` that is not at hand.
    pub(super) fn unsure_any(&self, name: &str) -> bool {
        self.own.contains_key("include")
            || (!self.own.contains_key(name) && self.outer.is_some_and(|o| o.unsure_any(name)))
    }

    /// The directives of the nearest block that has a `listen`: the server's.
    pub(super) fn listens(&self) -> Vec<&'d Directive<'a>> {
        if self.own.contains_key("listen") {
            return self.all.iter().filter(|d| d.name.text() == "listen").collect();
        }
        self.outer.map_or_else(Vec::new, Scope::listens)
    }
}

/// The `upstream` blocks of a file.
pub(super) struct Upstreams<'d, 'a> {
    pub(super) blocks: BTreeMap<&'d str, &'d [Directive<'a>]>,
    /// True if anything is passed on.
    pub(super) proxies: bool,
}

impl<'d, 'a> Upstreams<'d, 'a> {
    pub(super) fn collect(directives: &'d [Directive<'a>]) -> Self {
        let mut found = Upstreams { blocks: BTreeMap::new(), proxies: false };
        found.add(directives);
        found
    }

    fn add(&mut self, directives: &'d [Directive<'a>]) {
        for item in directives {
            match item.name.text() {
                "upstream" => {
                    if let Some(name) = item.args.first() {
                        self.blocks.insert(name.text(), item.inner());
                    }
                }
                name if name.ends_with("_pass") => self.proxies = true,
                _ => self.add(item.inner()),
            }
        }
    }
}
