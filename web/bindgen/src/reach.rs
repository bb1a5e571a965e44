//! Which data the functions of the first part cannot reach, told by the relocations that the linker left in the module.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{
    CustomSectionReader, DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

type Fault = Box<dyn std::error::Error>;

/// Data from one address to another, or something else.
enum Symbol {
    Data(Range<u32>),
    Other,
}

/// A linked module with its relocations.
#[derive(Default)]
struct Linked<'a> {
    names: BTreeMap<u32, &'a str>,
    symbols: Vec<Symbol>,
    /// Where bodies of functions stand in the file, in order.
    bodies: Vec<(Range<usize>, u32)>,
    /// Where data stands in the file, and its address.
    segments: Vec<(Range<usize>, u32)>,
    code_at: usize,
    data_at: usize,
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

impl<'a> Linked<'a> {
    fn read(module: &'a [u8]) -> Result<Linked<'a>, Fault> {
        let mut linked = Linked::default();
        let mut imported = 0;
        let (mut sections, mut code, mut data) = (0, 0, 0);
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        imported += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => (linked.code_at, code) = (range.start, sections),
                Payload::CodeSectionEntry(body) => {
                    let number = imported + u32::try_from(linked.bodies.len())?;
                    linked.bodies.push((body.range(), number));
                    continue;
                }
                Payload::DataSection(section) => {
                    (linked.data_at, data) = (section.range().start, sections);
                    for segment in section.clone() {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = segment.kind else {
                            return Err("a segment of data has its place".into());
                        };
                        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                            return Err("data begins at a number".into());
                        };
                        let end = segment.range.end;
                        linked.segments.push((end - segment.data.len()..end, value.cast_unsigned()));
                    }
                }
                Payload::CustomSection(custom) => linked.custom(custom, code, data)?,
                _ => {}
            }
            sections += u32::from(payload.as_section().is_some());
        }
        Ok(linked)
    }

    fn custom(&mut self, custom: &CustomSectionReader<'a>, code: u32, data: u32) -> Result<(), Fault> {
        match custom.as_known() {
            KnownCustom::Name(names) => {
                for name in names {
                    if let Name::Function(names) = name? {
                        for naming in names {
                            let naming = naming?;
                            self.names.insert(naming.index, naming.name);
                        }
                    }
                }
            }
            KnownCustom::Linking(linking) => {
                for part in linking.subsections() {
                    if let Linking::SymbolTable(symbols) = part? {
                        for symbol in symbols {
                            self.symbols.push(self.symbol(&symbol?)?);
                        }
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                let entries = relocations.entries().into_iter().collect::<Result<Vec<_>, _>>()?;
                match relocations.section_index() {
                    section if section == code => self.in_code = entries,
                    section if section == data => self.in_data = entries,
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn symbol(&self, symbol: &SymbolInfo<'_>) -> Result<Symbol, Fault> {
        Ok(match symbol {
            SymbolInfo::Data { symbol: Some(at), .. } => {
                let (_, start) =
                    self.segments.get(at.index as usize).ok_or("a symbol without its segment")?;
                let start = start + at.offset;
                Symbol::Data(start..start + at.size)
            }
            _ => Symbol::Other,
        })
    }

    /// The data that an entry refers to.
    fn data(&self, entry: &RelocationEntry) -> Option<&Range<u32>> {
        use RelocationType as T;
        match entry.ty {
            T::MemoryAddrLeb | T::MemoryAddrSleb | T::MemoryAddrI32 => {
                match self.symbols.get(entry.index as usize)? {
                    Symbol::Data(range) => Some(range),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Addresses of data that nothing reaches from these functions; `linked` is the module as the linker made it, with
/// relocations.
pub(crate) fn unreached(linked: &[u8], is_rest: &dyn Fn(&str) -> bool) -> Result<Vec<Range<u32>>, Fault> {
    let linked = Linked::read(linked)?;
    if linked.in_code.is_empty() || linked.in_data.is_empty() {
        return Err("the module has no relocations: it is linked with --emit-relocs".into());
    }
    let rest: BTreeSet<u32> =
        linked.names.iter().filter(|(_, name)| is_rest(name)).map(|(n, _)| *n).collect();
    let mut open: Vec<&Range<u32>> = Vec::new();
    let all: BTreeSet<(u32, u32)> = linked
        .symbols
        .iter()
        .filter_map(|s| match s {
            Symbol::Data(range) => Some((range.start, range.end)),
            _ => None,
        })
        .collect();
    let mut bodies = linked.bodies.iter().peekable();
    for entry in &linked.in_code {
        let at = linked.code_at + entry.offset as usize;
        while bodies.next_if(|(range, _)| range.end <= at).is_some() {}
        let inside = bodies.peek().filter(|(range, _)| range.contains(&at)).map(|(_, function)| *function);
        if inside.is_none_or(|function| !rest.contains(&function))
            && let Some(range) = linked.data(entry)
        {
            open.push(range);
        }
    }
    // What data refers to, by the address of the reference.
    let mut refers: BTreeMap<u32, &Range<u32>> = BTreeMap::new();
    for entry in &linked.in_data {
        let at = linked.data_at + entry.offset as usize;
        let (file, start) = linked
            .segments
            .iter()
            .find(|(file, _)| file.contains(&at))
            .ok_or("a reference outside of all data")?;
        let address = start + u32::try_from(at - file.start)?;
        if let Some(range) = linked.data(entry) {
            refers.insert(address, range);
        }
    }
    let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
    while let Some(range) = open.pop() {
        if seen.insert((range.start, range.end)) {
            open.extend(refers.range(range.clone()).map(|(_, to)| *to));
        }
    }
    Ok(without(&all, &seen))
}

/// The ranges of some, without every address of the others.
fn without(all: &BTreeSet<(u32, u32)>, kept: &BTreeSet<(u32, u32)>) -> Vec<Range<u32>> {
    let mut out: Vec<Range<u32>> = Vec::new();
    let mut kept_end = 0;
    let mut keeps = kept.iter().peekable();
    for &(start, end) in all.difference(kept) {
        while let Some((_, to)) = keeps.next_if(|(from, _)| *from < end) {
            kept_end = kept_end.max(*to);
        }
        let overlaps = kept_end > start;
        if overlaps || start >= end {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => out.push(start..end),
        }
    }
    out
}
