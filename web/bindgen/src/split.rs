//! Cuts a module in two: what most texts need, and the rest.
//!
//! A call from one part into the other goes through the table of functions. Until the rest has joined, its places there
//! are empty and such a call is a trap; the rest, once instantiated, fills them. It needs nothing but the first part's
//! memory, globals and table, so that neither part asks the host for more than the whole did.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, Module,
    RawSection, Section, StartSection, TableSection, TypeSection, ValType,
};
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody, KnownCustom, Name, Operator, Parser,
    Payload, TableType, TypeRef,
};

use crate::reach::unreached;

type Fault = Box<dyn std::error::Error>;
type Encoding<T> = Result<T, wasm_encoder::reencode::Error<Infallible>>;

/// The module that a rest imports from.
const FIRST: &str = "first";
/// A gap in data costs about as many bytes as this.
const WORTH_A_GAP: u32 = 24;
/// What `trace` calls the mark of a function, before its number.
const MARK: &str = "called ";

/// A module, as far as it is taken apart.
#[derive(Default)]
struct Whole<'a> {
    types: Option<wasmparser::TypeSectionReader<'a>>,
    imports: Vec<wasmparser::Import<'a>>,
    /// The types of imported and own functions.
    functions: Vec<u32>,
    imported: u32,
    tables: Vec<TableType>,
    memories: Option<wasmparser::MemorySectionReader<'a>>,
    memory: Option<wasmparser::MemoryType>,
    globals: Vec<wasmparser::Global<'a>>,
    exports: Vec<wasmparser::Export<'a>>,
    start: Option<u32>,
    /// The table of functions: its places, and what stands there.
    places: BTreeMap<u32, u32>,
    bodies: Vec<FunctionBody<'a>>,
    data: Vec<(u32, &'a [u8])>,
    names: BTreeMap<u32, &'a str>,
}

fn place(offset: &wasmparser::ConstExpr<'_>) -> Result<u32, Fault> {
    match offset.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => Err(format!("a segment begins at a number, not at {other:?}").into()),
    }
}

impl<'a> Whole<'a> {
    fn read(module: &'a [u8]) -> Result<Whole<'a>, Fault> {
        let mut whole = Whole::default();
        let mut table = None;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => whole.types = Some(types),
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(ty) => whole.functions.push(ty),
                            other => {
                                return Err(format!("{other:?} is imported; only functions may be").into());
                            }
                        }
                        whole.imports.push(import);
                    }
                    whole.imported = u32::try_from(whole.functions.len())?;
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        whole.functions.push(ty?);
                    }
                }
                Payload::TableSection(tables) => {
                    for ty in tables {
                        let ty = ty?.ty;
                        if ty.element_type.is_func_ref() {
                            table = table.or(Some(u32::try_from(whole.tables.len())?));
                        }
                        whole.tables.push(ty);
                    }
                }
                Payload::MemorySection(memories) => {
                    whole.memory = memories.clone().into_iter().next().transpose()?;
                    whole.memories = Some(memories);
                }
                Payload::GlobalSection(globals) => {
                    whole.globals = globals.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::ExportSection(exports) => {
                    whole.exports = exports.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::StartSection { func, .. } => whole.start = Some(func),
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let element = element?;
                        let (
                            ElementKind::Active { table_index, offset_expr },
                            ElementItems::Functions(items),
                        ) = (element.kind, element.items)
                        else {
                            return Err("a segment of the table is active and lists functions".into());
                        };
                        if table_index.unwrap_or(0) != 0 || table != Some(0) {
                            return Err("the table of functions is the first".into());
                        }
                        for (at, function) in (place(&offset_expr)?..).zip(items) {
                            whole.places.insert(at, function?);
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => whole.bodies.push(body),
                Payload::DataSection(data) => {
                    for segment in data {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = segment.kind else {
                            return Err("a segment of data has its place".into());
                        };
                        whole.data.push((place(&offset_expr)?, segment.data));
                    }
                }
                Payload::CustomSection(custom) => {
                    let KnownCustom::Name(names) = custom.as_known() else { continue };
                    for name in names {
                        let Name::Function(names) = name? else { continue };
                        for naming in names {
                            let naming = naming?;
                            whole.names.insert(naming.index, naming.name);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(whole)
    }

    fn type_of(&self, function: u32) -> Result<u32, Fault> {
        Ok(*self.functions.get(function as usize).ok_or("no such function")?)
    }

    /// Own functions with their numbers.
    fn own(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    fn types(&self) -> Encoding<TypeSection> {
        let mut types = TypeSection::new();
        if let Some(section) = self.types.clone() {
            utils::parse_type_section(&mut AsIs, &mut types, section)?;
        }
        Ok(types)
    }

    fn imports(&self) -> Encoding<ImportSection> {
        let mut imports = ImportSection::new();
        for import in &self.imports {
            imports.import(import.module, import.name, AsIs.entity_type(import.ty)?);
        }
        Ok(imports)
    }

    fn memories(&self) -> Encoding<MemorySection> {
        let mut memories = MemorySection::new();
        if let Some(section) = self.memories.clone() {
            utils::parse_memory_section(&mut AsIs, &mut memories, section)?;
        }
        Ok(memories)
    }

    fn globals(&self) -> Encoding<GlobalSection> {
        let mut globals = GlobalSection::new();
        for global in &self.globals {
            utils::parse_global(&mut AsIs, &mut globals, global.clone())?;
        }
        Ok(globals)
    }

    /// The data within these addresses.
    fn data(&self, within: &[Range<u32>]) -> Result<DataSection, Fault> {
        let mut section = DataSection::new();
        for (start, bytes) in &self.data {
            let end = start + u32::try_from(bytes.len())?;
            for range in within {
                let (from, to) = (range.start.max(*start), range.end.min(end));
                if from < to {
                    let piece = bytes.get((from - start) as usize..(to - start) as usize).unwrap_or_default();
                    section.active(0, &ConstExpr::i32_const(from.cast_signed()), piece.iter().copied());
                }
            }
        }
        Ok(section)
    }
}

/// Everything keeps its number.
struct AsIs;

impl Reencode for AsIs {
    type Error = Infallible;
}

/// Functions of one part keep to themselves; the others are called by their places in the table.
struct Part<'w> {
    numbers: BTreeMap<u32, u32>,
    places: &'w BTreeMap<u32, u32>,
    functions: &'w [u32],
}

impl Reencode for Part<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Encoding<u32> {
        Ok(self.numbers.get(&function).copied().unwrap_or(u32::MAX))
    }
}

impl Part<'_> {
    fn body(&mut self, body: &FunctionBody<'_>) -> Result<Function, Fault> {
        let mut function = self.new_function_with_parsed_locals(body)?;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            match reader.read()? {
                Operator::Call { function_index } if !self.numbers.contains_key(&function_index) => {
                    self.call(&mut function, function_index)?;
                }
                op @ (Operator::RefFunc { .. } | Operator::ReturnCall { .. }) => {
                    return Err(format!("{op:?} is not expected of this compiler").into());
                }
                op => {
                    function.instruction(&self.instruction(op)?);
                }
            }
        }
        Ok(function)
    }

    fn call(&self, from: &mut Function, function: u32) -> Result<(), Fault> {
        let place = self.places.get(&function).ok_or("a function of the other part has no place")?;
        let type_index = *self.functions.get(function as usize).ok_or("no such function")?;
        from.instruction(&Instruction::I32Const(place.cast_signed()));
        from.instruction(&Instruction::CallIndirect { type_index, table_index: 0 });
        Ok(())
    }
}

/// The places of these functions, as few segments as there are gaps.
fn segments(places: &BTreeMap<u32, u32>, numbers: &BTreeMap<u32, u32>) -> ElementSection {
    let mut section = ElementSection::new();
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (at, function) in places {
        let Some(number) = numbers.get(function) else { continue };
        match runs.last_mut() {
            Some((start, run)) if *start as usize + run.len() == *at as usize => run.push(*number),
            _ => runs.push((*at, vec![*number])),
        }
    }
    for (at, run) in runs {
        section.active(None, &ConstExpr::i32_const(at.cast_signed()), Elements::Functions(Cow::Owned(run)));
    }
    section
}

/// The module without sections that only tools read.
pub(crate) fn bare(module: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = module.get(..8).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        if let Some((id, range)) = payload?.as_section()
            && id != 0
        {
            let bytes = module.get(range).unwrap_or_default();
            RawSection { id, data: bytes }.append_to(&mut out);
        }
    }
    Ok(out)
}

/// The module with a mark for each of its functions, an exported global that becomes 1 when the function is called.
pub(crate) fn trace(module: &[u8]) -> Result<Vec<u8>, Fault> {
    let whole = Whole::read(module)?;
    let marks = u32::try_from(whole.globals.len())?;
    let mut functions = FunctionSection::new();
    let mut tables = TableSection::new();
    let mut globals = whole.globals()?;
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    for ty in &whole.tables {
        tables.table(AsIs.table_type(*ty)?);
    }
    for export in &whole.exports {
        utils::parse_export(&mut AsIs, &mut exports, *export)?;
    }
    for (number, body) in whole.own() {
        functions.function(whole.type_of(number)?);
        let mark = marks + number - whole.imported;
        globals.global(
            GlobalType { val_type: ValType::I32, mutable: true, shared: false },
            &ConstExpr::i32_const(0),
        );
        exports.export(&format!("{MARK}{number}"), ExportKind::Global, mark);
        let mut function = AsIs.new_function_with_parsed_locals(body)?;
        function.instruction(&Instruction::I32Const(1)).instruction(&Instruction::GlobalSet(mark));
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&AsIs.instruction(reader.read()?)?);
        }
        code.function(&function);
    }
    let same = whole.functions.iter().enumerate().map(|(i, _)| u32::try_from(i).map(|i| (i, i)));
    let same: BTreeMap<u32, u32> = same.collect::<Result<_, _>>()?;
    let mut out = Module::new();
    out.section(&whole.types()?).section(&whole.imports()?).section(&functions).section(&tables);
    out.section(&whole.memories()?).section(&globals).section(&exports);
    if let Some(function_index) = whole.start {
        out.section(&StartSection { function_index });
    }
    out.section(&segments(&whole.places, &same))
        .section(&code)
        .section(&whole.data(std::slice::from_ref(&(0..u32::MAX)))?);
    Ok(out.finish())
}

/// The first part, which has the functions of these numbers, and the rest. `linked` is the same module as the linker
/// made it: it tells which data goes with which functions.
pub(crate) fn split(
    module: &[u8],
    linked: &[u8],
    wanted: &BTreeSet<u32>,
) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let whole = Whole::read(module)?;
    let mut first: BTreeSet<u32> =
        (0..whole.imported).chain(wanted.iter().copied()).chain(whole.start).collect();
    // Other tables than that of functions stay where they are.
    let mut called: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (number, body) in whole.own() {
        let calls = called.entry(number).or_default();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            match reader.read()? {
                Operator::Call { function_index } => {
                    calls.insert(function_index);
                }
                Operator::TableGet { .. }
                | Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableSize { .. }
                | Operator::TableFill { .. } => {
                    first.insert(number);
                }
                _ => {}
            }
        }
    }
    let exported = whole.exports.iter().filter(|e| e.kind == ExternalKind::Func).map(|e| e.index);
    let exported: BTreeSet<u32> = exported.filter(|f| !first.contains(f)).collect();

    // A place for each function that the other part calls.
    let mut places = whole.places.clone();
    let mut place_of: BTreeMap<u32, u32> = places.iter().map(|(at, function)| (*function, *at)).collect();
    let table = *whole.tables.first().ok_or("no table")?;
    let mut next = u32::try_from(table.initial)?;
    let across = called.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let across = across.filter(|(from, to)| first.contains(from) != first.contains(to)).map(|(_, to)| *to);
    let across: BTreeSet<(bool, u32)> =
        across.chain(exported.iter().copied()).map(|f| (first.contains(&f), f)).collect();
    for (_, function) in across {
        if let std::collections::btree_map::Entry::Vacant(free) = place_of.entry(function) {
            free.insert(next);
            places.insert(next, function);
            next += 1;
        }
    }
    // What goes by a name that is also one of the first part's stays.
    let (kept, mut gone): (Vec<_>, Vec<_>) = whole.names.iter().partition(|(n, _)| first.contains(n));
    let kept: BTreeSet<&str> = kept.into_iter().map(|(_, name)| *name).collect();
    gone.retain(|(_, name)| !kept.contains(*name));
    let gone: BTreeSet<&str> = gone.into_iter().map(|(_, name)| *name).collect();
    let mut later = unreached(linked, &|name| gone.contains(name))?;
    later.retain(|range| range.end - range.start > WORTH_A_GAP);
    let mut now = Vec::new();
    let mut at = 0;
    for range in &later {
        now.push(at..range.start);
        at = range.end;
    }
    now.push(at..u32::MAX);
    let layout = Layout { first: &first, places: &places, place_of: &place_of, size: u64::from(next) };
    let one = first_part(&whole, &layout, &exported, &now)?;
    let rest = rest_part(&whole, &layout, &later)?;
    Ok((one, rest))
}

/// What both parts agree on.
struct Layout<'w> {
    /// The functions of the first part.
    first: &'w BTreeSet<u32>,
    /// The table of functions, and where in it each stands.
    places: &'w BTreeMap<u32, u32>,
    place_of: &'w BTreeMap<u32, u32>,
    size: u64,
}

fn first_part(
    whole: &Whole<'_>,
    layout: &Layout<'_>,
    exported: &BTreeSet<u32>,
    data: &[Range<u32>],
) -> Result<Vec<u8>, Fault> {
    let Layout { first, places, place_of, size } = *layout;
    let numbers: BTreeMap<u32, u32> = first.iter().copied().zip(0..).collect();
    let mut part = Part { numbers, places: place_of, functions: &whole.functions };
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (number, body) in whole.own().filter(|(number, _)| first.contains(number)) {
        functions.function(whole.type_of(number)?);
        code.function(&part.body(body)?);
    }
    // What is exported and not here is called where it is.
    let mut bridges = BTreeMap::new();
    for (function, own) in exported.iter().zip(u32::try_from(first.len())?..) {
        let ty = whole.type_of(*function)?;
        functions.function(ty);
        let mut bridge = Function::new([]);
        for parameter in 0..parameters(whole, ty)? {
            bridge.instruction(&Instruction::LocalGet(parameter));
        }
        part.call(&mut bridge, *function)?;
        code.function(bridge.instruction(&Instruction::End));
        bridges.insert(*function, own);
    }
    let mut tables = TableSection::new();
    for (i, ty) in whole.tables.iter().enumerate() {
        let mut ty = AsIs.table_type(*ty)?;
        if i == 0 {
            ty.minimum = size;
            ty.maximum = ty.maximum.map(|most| most.max(size));
        }
        tables.table(ty);
    }
    let mut exports = ExportSection::new();
    for export in &whole.exports {
        let index = match export.kind {
            ExternalKind::Func => match bridges.get(&export.index) {
                Some(bridge) => *bridge,
                None => part.function_index(export.index)?,
            },
            _ => export.index,
        };
        exports.export(export.name, AsIs.export_kind(export.kind)?, index);
    }
    exports.export("t", ExportKind::Table, 0).export("m", ExportKind::Memory, 0);
    for (i, _) in whole.globals.iter().enumerate() {
        exports.export(&format!("g{i}"), ExportKind::Global, u32::try_from(i)?);
    }
    let mut out = Module::new();
    out.section(&whole.types()?).section(&whole.imports()?).section(&functions).section(&tables);
    out.section(&whole.memories()?).section(&whole.globals()?).section(&exports);
    if let Some(start) = whole.start {
        out.section(&StartSection { function_index: part.function_index(start)? });
    }
    out.section(&segments(places, &part.numbers)).section(&code).section(&whole.data(data)?);
    Ok(out.finish())
}

fn rest_part(whole: &Whole<'_>, layout: &Layout<'_>, data: &[Range<u32>]) -> Result<Vec<u8>, Fault> {
    let Layout { first, places, place_of, size } = *layout;
    let numbers: BTreeMap<u32, u32> =
        whole.own().map(|(n, _)| n).filter(|n| !first.contains(n)).zip(0..).collect();
    let mut part = Part { numbers, places: place_of, functions: &whole.functions };
    let mut imports = ImportSection::new();
    let mut table = AsIs.table_type(*whole.tables.first().ok_or("no table")?)?;
    table.minimum = size;
    table.maximum = table.maximum.map(|most| most.max(size));
    imports.import(FIRST, "t", EntityType::Table(table));
    imports.import(FIRST, "m", EntityType::Memory(AsIs.memory_type(whole.memory.ok_or("no memory")?)?));
    for (i, global) in whole.globals.iter().enumerate() {
        imports.import(FIRST, &format!("g{i}"), EntityType::Global(AsIs.global_type(global.ty)?));
    }
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (number, body) in whole.own().filter(|(number, _)| !first.contains(number)) {
        functions.function(whole.type_of(number)?);
        code.function(&part.body(body)?);
    }
    let mut out = Module::new();
    out.section(&whole.types()?).section(&imports).section(&functions);
    out.section(&segments(places, &part.numbers)).section(&code).section(&whole.data(data)?);
    Ok(out.finish())
}

/// How many parameters a type of functions has.
fn parameters(whole: &Whole<'_>, ty: u32) -> Result<u32, Fault> {
    let types = whole.types.clone().into_iter().flatten();
    let mut at = 0;
    for group in types {
        for sub in group?.into_types() {
            if at == ty {
                return Ok(u32::try_from(sub.unwrap_func().params().len())?);
            }
            at += 1;
        }
    }
    Err("no such type".into())
}
