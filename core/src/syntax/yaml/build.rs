//! Builds nodes from the scanner's events: anchors, aliases, merge keys, bounds.

use super::mask::Mask;
use super::scalar;
use crate::source::View;
use crate::syntax::{Data, Entry, MAX_DEPTH, MAX_NODES, Node, Notice, Scalar, Style};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Mark, StrInput};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What aliases may add to the tree, in nodes; a file that repeats more than this repeats to exhaust its reader.
const MAX_ALIAS_WEIGHT: usize = 100_000;

/// Text that a node owns counts as a node each time this many bytes are full.
const BYTES_PER_NODE: usize = 64;

/// Why reading stopped.
pub(super) enum Stop {
    End,
    /// At this offset of the text.
    Error(usize),
    /// At this offset, because something between brackets or quotes is less indented than the scanner demands.
    Indentation(usize),
}

/// A finished node with what copying it costs.
struct Built<'v> {
    node: Node<'v>,
    weight: usize,
    height: usize,
    /// Where it is written in the view; for an alias, where the alias is.
    range: Range<usize>,
}

enum Kind<'v> {
    Map { entries: Vec<Entry<'v>>, key: Option<Scalar<'v>> },
    Seq(Vec<Node<'v>>),
}

/// A map or sequence that is still open.
struct Frame<'v> {
    kind: Kind<'v>,
    start: usize,
    end: usize,
    /// Column of its first key or dash, for the block scalars in it; `None` in a flow collection.
    column: Option<usize>,
    anchor: usize,
    weight: usize,
    height: usize,
}

pub(super) struct Builder<'v, 'm, 't> {
    view: &'v View<'t>,
    mask: &'m Mask,
    documents: Vec<Node<'v>>,
    stack: Vec<Frame<'v>>,
    anchors: BTreeMap<usize, Built<'v>>,
    nodes: usize,
    alias_weight: usize,
    alias_notice: bool,
    notices: Vec<Notice>,
}

impl<'v, 'm, 't> Builder<'v, 'm, 't> {
    pub(super) fn new(view: &'v View<'t>, mask: &'m Mask) -> Self {
        Self {
            view,
            mask,
            documents: Vec::new(),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            alias_weight: 0,
            alias_notice: false,
            notices: Vec::new(),
        }
    }

    /// Takes events until the text ends, does not parse, or exceeds a bound.
    pub(super) fn run(&mut self, parser: &mut Parser<'_, StrInput<'_>>) -> Stop {
        loop {
            let (event, mark) = match parser.next_event() {
                None => return Stop::End,
                Some(Ok(next)) => next,
                Some(Err(error)) => {
                    let at = self.mask.bom() + error.marker().index();
                    if error.info().contains("indentation") && !error.info().contains("tab") {
                        return Stop::Indentation(at);
                    }
                    let tab = error.info().contains("tab").then(|| self.mask.tab_indent(at)).flatten();
                    return Stop::Error(tab.unwrap_or(at));
                }
            };
            let range = self.behind_properties(self.range(mark));
            match event {
                Event::StreamEnd => return Stop::End,
                Event::Scalar(_, style, anchor, _) => {
                    let built = self.scalar(style, range);
                    self.add(built, anchor);
                }
                Event::Alias(id) => {
                    let built = self.alias(id, range);
                    self.add(built, 0);
                }
                Event::MappingStart(anchor, _) | Event::SequenceStart(anchor, _) => {
                    let kind = match event {
                        Event::MappingStart(..) => Kind::Map { entries: Vec::new(), key: None },
                        _ => Kind::Seq(Vec::new()),
                    };
                    if self.stack.len() >= MAX_DEPTH {
                        self.bound(range, "nested too deeply; the text is read up to here");
                        return Stop::End;
                    }
                    let text = self.mask.text();
                    let mut start = range.start;
                    let is_flow = text.get(start..).is_some_and(|t| t.starts_with(['{', '[']));
                    let line = self.mask.line_around(start).start;
                    let before = text.get(line..start).unwrap_or_default().trim_end();
                    if matches!(kind, Kind::Seq(_)) && !is_flow && before.ends_with('-') {
                        // The scanner puts the start of some sequences behind their first dash.
                        start = line + before.len() - 1;
                    }
                    self.stack.push(Frame {
                        kind,
                        start,
                        end: range.end.max(start),
                        column: (!is_flow).then_some(start - line),
                        anchor,
                        weight: 1,
                        height: 1,
                    });
                }
                Event::MappingEnd | Event::SequenceEnd => self.close(Some(range)),
                Event::DocumentEnd => self.anchors.clear(),
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            }
            if self.nodes > MAX_NODES {
                let end = self.view.text.len();
                self.bound(end..end, "too many values; the text is read up to here");
                return Stop::End;
            }
        }
    }

    /// Closes what is open and hands everything over.
    pub(super) fn finish(mut self) -> (Vec<Node<'v>>, Vec<Notice>) {
        while !self.stack.is_empty() {
            self.close(None);
        }
        (self.documents, self.notices)
    }

    fn range(&self, mark: Mark) -> Range<usize> {
        let len = self.view.text.len();
        let start = (mark.start.index() + self.mask.bom()).min(len);
        start..(mark.end.index() + self.mask.bom()).clamp(start, len)
    }

    /// Leaves out tags and anchors, which the scanner counts to the node.
    fn behind_properties(&self, range: Range<usize>) -> Range<usize> {
        let text = self.mask.text();
        let mut start = range.start;
        while let Some(rest) = text.get(start..range.end).filter(|r| r.starts_with(['!', '&'])) {
            let name = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let gap = rest.get(name..).map_or(0, |r| r.len() - r.trim_start().len());
            start += name + gap;
        }
        start..range.end
    }

    fn bound(&mut self, range: Range<usize>, message: &str) {
        self.notices.push(Notice::new(self.view.span(range), message));
    }

    fn scalar(&mut self, style: ScalarStyle, range: Range<usize>) -> Built<'v> {
        let (view, style, range) = match style {
            ScalarStyle::Plain => {
                let range = if range.is_empty() { self.nothing(range.start) } else { self.trim(range) };
                (scalar::flow(self.view, self.mask, range.clone(), None), Style::Plain, range)
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let quote = if style == ScalarStyle::SingleQuoted { '\'' } else { '"' };
                // Blanks behind the closing quote are part of the scanner's range.
                let masked = self.mask.text().get(range.clone()).unwrap_or_default();
                let end = masked.rfind(quote).map_or(range.end, |at| range.start + at);
                let inner = range.start + 1..end.max(range.start + 1);
                let outer = range.start..(end + 1).min(self.view.text.len());
                (scalar::flow(self.view, self.mask, inner, Some(quote)), Style::Quoted, outer)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let parent = self.stack.iter().rev().find_map(|f| f.column);
                let start = self.header(range.start);
                let (view, end) = scalar::block(self.view, self.mask, start, parent);
                (view, Style::Block, start..end.max(start))
            }
        };
        let owned = match &view.text {
            std::borrow::Cow::Owned(text) => text.len() / BYTES_PER_NODE,
            std::borrow::Cow::Borrowed(_) => 0,
        };
        let span = self.view.span(range.clone());
        Built {
            node: Node { data: Data::Scalar(Scalar { view, style }), span },
            weight: 1 + owned,
            height: 0,
            range,
        }
    }

    /// Where the header of a block scalar stands: the scanner gives the place of its first line of text, and that of
    /// the header only if no text follows.
    fn header(&self, at: usize) -> usize {
        let text = self.mask.text();
        let line = self.mask.line_around(at);
        let before = text.get(..line.start).unwrap_or_default().trim_end();
        let previous = self.mask.line_around(before.len().saturating_sub(1));
        let indented = text.get(line.start..at).is_some_and(|t| t.trim().is_empty());
        let own = || header_in(text, line.clone());
        let above = || header_in(text, previous.clone());
        if indented { above().or_else(own) } else { own().or_else(above) }.unwrap_or(at)
    }

    /// Where nothing stands: right behind the key, if a value is missing.
    fn nothing(&self, at: usize) -> Range<usize> {
        let Some(Frame { kind: Kind::Map { key: Some(_), .. }, end, .. }) = self.stack.last() else {
            return at..at;
        };
        let rest = self.mask.text().get(*end..).unwrap_or_default();
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let at = if rest.get(gap..).is_some_and(|r| r.starts_with(':')) { end + gap + 1 } else { *end };
        at..at
    }

    fn trim(&self, range: Range<usize>) -> Range<usize> {
        let masked = self.mask.text().get(range.clone()).unwrap_or_default();
        range.start..range.start + masked.trim_end().len()
    }

    /// A copy of what an anchor names; nothing if that would exceed the bounds.
    fn alias(&mut self, id: usize, range: Range<usize>) -> Built<'v> {
        if let Some(found) = self.anchors.get(&id) {
            let fits = self.alias_weight + found.weight <= MAX_ALIAS_WEIGHT
                && self.stack.len() + found.height <= MAX_DEPTH;
            if fits {
                self.alias_weight += found.weight;
                return Built { node: found.node.clone(), weight: found.weight, height: found.height, range };
            }
        }
        if !self.alias_notice {
            self.alias_notice = true;
            self.bound(
                range.clone(),
                "aliases repeat too much or refer to themselves; from here on they are left empty",
            );
        }
        let at = range.start;
        let data = Data::Scalar(Scalar { view: self.view.sub(at..at), style: Style::Plain });
        Built { node: Node { data, span: self.view.span(range.clone()) }, weight: 1, height: 0, range }
    }

    fn add(&mut self, built: Built<'v>, anchor: usize) {
        self.nodes += built.weight;
        let Built { node, weight, height, range } = built;
        if anchor > 0 {
            // Keeping a copy costs as much as using it.
            self.alias_weight += weight;
            if self.alias_weight <= MAX_ALIAS_WEIGHT {
                self.anchors
                    .insert(anchor, Built { node: node.clone(), weight, height, range: range.clone() });
            }
        }
        let Some(frame) = self.stack.last_mut() else {
            self.documents.push(node);
            return;
        };
        frame.weight += weight;
        frame.height = frame.height.max(height + 1);
        frame.end = frame.end.max(range.end);
        match &mut frame.kind {
            Kind::Seq(items) => items.push(node),
            Kind::Map { entries, key } => match key.take() {
                Some(key) => entries.push(Entry { key, value: node }),
                None => *key = Some(as_key(node, range, self.view)),
            },
        }
    }

    fn close(&mut self, end: Option<Range<usize>>) {
        let Some(frame) = self.stack.pop() else { return };
        let stop = match end {
            // A flow collection ends with its bracket, a block collection where its last item ends.
            Some(range) if frame.column.is_none() => range.end,
            _ => frame.end,
        };
        let range = frame.start..stop.max(frame.start);
        let span = self.view.span(range.clone());
        let data = match frame.kind {
            Kind::Seq(items) => Data::Seq(items),
            Kind::Map { mut entries, key } => {
                if let Some(key) = key {
                    let view = self.view.sub(frame.end..frame.end);
                    let span = view.full_span();
                    let value = Node { data: Data::Scalar(Scalar { view, style: Style::Plain }), span };
                    entries.push(Entry { key, value });
                }
                Data::Map(merge(entries))
            }
        };
        let built = Built { node: Node { data, span }, weight: frame.weight, height: frame.height, range };
        // Its parts were counted already.
        self.nodes = self.nodes.saturating_sub(built.weight.saturating_sub(1));
        self.add(built, frame.anchor);
    }
}

/// The `|` or `>` with its signs that ends a line but for a comment.
fn header_in(text: &str, line: Range<usize>) -> Option<usize> {
    let part = text.get(line.clone())?;
    let mut blank = true;
    for (at, c) in part.char_indices() {
        if blank && matches!(c, '|' | '>') {
            let rest = part
                .get(at + 1..)?
                .trim_start_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
            let tail = rest.trim_start();
            if tail.is_empty() || (tail.starts_with('#') && tail.len() < rest.len()) {
                return Some(line.start + at);
            }
        }
        blank = matches!(c, ' ' | '\t');
    }
    None
}

/// A key that is not a leaf is taken as it is written.
fn as_key<'v>(node: Node<'v>, range: Range<usize>, view: &'v View<'_>) -> Scalar<'v> {
    match node.data {
        Data::Scalar(scalar) => scalar,
        _ => Scalar { view: view.sub(range), style: Style::Plain },
    }
}

/// Puts the entries of merge keys behind the map's own; own keys win, earlier merges win over later ones.
fn merge(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let is_merge = |e: &Entry<'_>| {
        e.key.style == Style::Plain
            && e.key.view.text == "<<"
            && matches!(e.value.data, Data::Map(_) | Data::Seq(_))
    };
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_merge);
    let mut known: BTreeSet<String> = own.iter().map(|e| e.key.view.text.to_string()).collect();
    for entry in merges {
        let maps = match entry.value.data {
            Data::Seq(items) => items,
            _ => vec![entry.value],
        };
        for map in maps {
            let Data::Map(entries) = map.data else { continue };
            let fresh: Vec<_> =
                entries.into_iter().filter(|e| !known.contains(e.key.view.text.as_ref())).collect();
            known.extend(fresh.iter().map(|e| e.key.view.text.to_string()));
            own.extend(fresh);
        }
    }
    own
}
