//! From tree-sitter's nodes to statements and scopes. The grammars name their nodes differently enough that one
//! table of names serves all of them.

use std::ops::Range;

use tree_sitter::Node;

use super::expressions::number;
use super::{Argument, Assignment, Block, BlockKind, Call, Exit, ExitKind, Expr, Form, Program, Scope};

/// Nesting deeper than this is not followed; generated code and hostile files go on, people stop before 60.
const MAX_DEPTH: usize = 200;

/// What is known of the place of a node.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) scope: usize,
    pub(super) in_loop: bool,
    pub(super) in_branch: bool,
    pub(super) discarded: bool,
    pub(super) targets: Vec<String>,
    pub(super) decorators: String,
    pub(super) decorates: Option<String>,
    pub(super) passed_to: Option<String>,
    pub(super) depth: usize,
}

impl Context {
    /// The same place, one level deeper, with nothing known of the use of the value.
    pub(super) fn inside(&self) -> Context {
        Context {
            scope: self.scope,
            in_loop: self.in_loop,
            in_branch: self.in_branch,
            depth: self.depth + 1,
            ..Context::default()
        }
    }
}

pub(super) struct Lower<'t> {
    pub(super) text: &'t str,
    pub(super) program: Program,
}

pub(super) fn program(text: &str, root: Node<'_>) -> Program {
    let file = Scope { range: 0..text.len(), ..Scope::default() };
    let mut lower = Lower { text, program: Program { scopes: vec![file], ..Program::default() } };
    lower.node(root, Context::default());
    lower.program
}

pub(super) fn children<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !n.is_extra()).collect()
}

impl Lower<'_> {
    pub(super) fn of(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn field(&self, node: Node<'_>, name: &str) -> String {
        node.child_by_field_name(name).map_or(String::new(), |n| self.of(n).to_owned())
    }

    pub(super) fn node(&mut self, node: Node<'_>, context: Context) -> Expr {
        let range = node.byte_range();
        if context.depth > MAX_DEPTH {
            return Expr::unknown(range);
        }
        let form = match node.kind() {
            "function_definition"
            | "function_declaration"
            | "generator_function_declaration"
            | "method_declaration"
            | "method_definition"
            | "constructor_declaration"
            | "func_literal"
            | "lambda"
            | "arrow_function"
            | "function_expression"
            | "generator_function"
            | "lambda_expression" => {
                self.function(node, context);
                Form::Unknown
            }
            "decorated_definition" => {
                let decorators = children(node).into_iter().filter(|n| n.kind() == "decorator");
                let decorators: Vec<Node<'_>> = decorators.collect();
                let definition = node.child_by_field_name("definition");
                let name = definition.map_or(String::new(), |d| self.field(d, "name"));
                for decorator in &decorators {
                    self.decorator(*decorator, &name, &context);
                }
                let decorators: Vec<String> = decorators.into_iter().map(|n| self.of(n).to_owned()).collect();
                let inner = Context { decorators: decorators.join("\n"), ..context.inside() };
                if let Some(definition) = node.child_by_field_name("definition") {
                    self.node(definition, inner);
                }
                Form::Unknown
            }
            "for_statement"
            | "while_statement"
            | "do_statement"
            | "for_in_statement"
            | "enhanced_for_statement"
            | "list_comprehension" => {
                let kind = if self.is_endless(node) { BlockKind::Endless } else { BlockKind::Loop };
                self.block(kind, node, &context);
                self.all(node, &Context { in_loop: true, ..context.inside() });
                Form::Unknown
            }
            "if_statement"
            | "else_clause"
            | "elif_clause"
            | "except_clause"
            | "catch_clause"
            | "match_statement"
            | "switch_statement"
            | "expression_switch_statement" => {
                self.handler(node, &context);
                self.all(node, &Context { in_branch: true, ..context.inside() });
                Form::Unknown
            }
            "try_statement" | "try_with_resources_statement" => {
                if let Some(body) = node.child_by_field_name("body") {
                    self.block(BlockKind::Try, body, &context);
                }
                self.all(node, &context.inside());
                Form::Unknown
            }
            "with_statement" => {
                self.block(BlockKind::Held, node, &context);
                self.all(node, &context.inside());
                Form::Unknown
            }
            "break_statement" | "return_statement" | "raise_statement" | "throw_statement"
            | "continue_statement" => {
                let kind = match node.kind() {
                    "break_statement" => ExitKind::Break,
                    "return_statement" => ExitKind::Return,
                    "continue_statement" => ExitKind::Continue,
                    _ => ExitKind::Throw,
                };
                self.program.exits.push(Exit { kind, at: range.start, scope: context.scope });
                self.all(node, &context.inside());
                Form::Unknown
            }
            "as_pattern" => return self.named_value(node, &context),
            "expression_statement" => {
                if let [only] = children(node).as_slice()
                    && only.kind() == "string"
                {
                    self.program.documentation.push(only.byte_range());
                }
                self.all(node, &Context { discarded: true, ..context.inside() });
                Form::Unknown
            }
            "import_statement" | "import_from_statement" | "import_spec" | "import_declaration" => {
                self.program.imports.push(self.of(node).to_owned());
                if node.kind() != "import_spec" && node.kind() != "import_statement" {
                    self.all(node, &context.inside());
                }
                Form::Unknown
            }
            "assignment"
            | "assignment_expression"
            | "short_var_declaration"
            | "assignment_statement"
            | "const_spec"
            | "var_spec"
            | "variable_declarator"
            | "augmented_assignment"
            | "augmented_assignment_expression"
            | "public_field_definition"
            | "field_definition"
            | "resource" => return self.assignment(node, context),
            "call"
            | "call_expression"
            | "method_invocation"
            | "object_creation_expression"
            | "new_expression" => self.call(node, context),
            "await"
            | "await_expression"
            | "parenthesized_expression"
            | "unary_expression"
            | "type_cast"
            | "cast_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "literal_element"
            | "argument" => return self.wrapper(node, context),
            "unary_operator" => match children(node).first() {
                Some(&operand) if self.of(node).starts_with('-') => {
                    match self.node(operand, context.inside()).form {
                        Form::Int(n) => Form::Int(-n),
                        Form::Float(n) => Form::Float(-n),
                        _ => Form::Unknown,
                    }
                }
                _ => Form::Unknown,
            },
            "string"
            | "string_literal"
            | "interpreted_string_literal"
            | "raw_string_literal"
            | "template_string"
            | "text_block" => self.string(node, &context),
            "concatenated_string" => self.concatenated(node, &context),
            "integer"
            | "int_literal"
            | "decimal_integer_literal"
            | "number"
            | "float"
            | "float_literal"
            | "decimal_floating_point_literal"
            | "hex_integer_literal" => number(self.of(node)),
            "true" => Form::Bool(true),
            "false" => Form::Bool(false),
            "none" | "null" | "nil" | "null_literal" | "undefined" => Form::Null,
            "identifier" | "field_identifier" | "property_identifier" | "type_identifier" | "this" => {
                match self.of(node) {
                    "undefined" => Form::Null,
                    name => Form::Name(name.to_owned()),
                }
            }
            "attribute"
            | "selector_expression"
            | "member_expression"
            | "field_access"
            | "scoped_identifier"
            | "subscript"
            | "subscript_expression" => self.path(node, &context),
            "list" | "tuple" | "array" | "array_initializer" | "set" | "expression_list" => {
                Form::List(self.all(node, &context.inside()))
            }
            "dictionary" | "object" | "literal_value" => {
                let entries = self.entries(node, &context);
                Form::Map { of: String::new(), entries }
            }
            "composite_literal" => self.literal(node, context),
            "binary_operator" | "binary_expression" | "boolean_operator" => self.binary(node, &context),
            _ => {
                self.all(node, &context.inside());
                Form::Unknown
            }
        };
        Expr { range, form }
    }

    pub(super) fn all(&mut self, node: Node<'_>, context: &Context) -> Vec<Expr> {
        children(node).into_iter().map(|child| self.node(child, context.clone())).collect()
    }

    fn block(&mut self, kind: BlockKind, node: Node<'_>, context: &Context) {
        self.program.blocks.push(Block { kind, range: node.byte_range(), scope: context.scope });
    }

    /// `while True`, `for (;;)`, Go's `for {`.
    fn is_endless(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "while_statement" | "do_statement" => {
                let condition = self.field(node, "condition");
                matches!(condition.trim_matches(['(', ')', ' ']), "True" | "true" | "1")
            }
            "for_statement" => {
                let head = node.child_by_field_name("body").map_or(node.end_byte(), |b| b.start_byte());
                let head = self.text.get(node.start_byte()..head).unwrap_or_default();
                let head: String = head.chars().filter(|c| !c.is_whitespace()).collect();
                matches!(head.as_str(), "for" | "for(;;)" | "for;;")
            }
            _ => false,
        }
    }

    /// A branch that is taken on failure.
    fn handler(&mut self, node: Node<'_>, context: &Context) {
        let body = match node.kind() {
            "except_clause" | "catch_clause" => Some(node),
            "if_statement" => {
                let condition = self.field(node, "condition");
                match condition.trim() {
                    failed if failed.ends_with("err != nil") => node.child_by_field_name("consequence"),
                    worked if worked.ends_with("err == nil") => node.child_by_field_name("alternative"),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(body) = body {
            self.block(BlockKind::Handler, body, context);
        }
    }

    /// `value as name`.
    fn named_value(&mut self, node: Node<'_>, context: &Context) -> Expr {
        let alias = node.child_by_field_name("alias");
        let Some(value) = children(node).first().copied() else { return Expr::unknown(node.byte_range()) };
        let target = alias.map_or(String::new(), |a| self.of(a).to_owned());
        let expr = self.node(value, Context { targets: vec![target.clone()], ..context.inside() });
        if let Some(alias) = alias {
            self.program.assignments.push(Assignment {
                target,
                at: alias.byte_range(),
                value: expr.clone(),
                scope: context.scope,
                in_branch: context.in_branch || context.in_loop,
            });
        }
        expr
    }

    /// A decorator or annotation is a call that gets the function; without arguments only its name is written.
    fn decorator(&mut self, node: Node<'_>, function: &str, context: &Context) {
        let inner = Context { decorates: Some(function.to_owned()), ..context.inside() };
        let plain = |callee: &str, at: Range<usize>, arguments| Call {
            callee: callee.to_owned(),
            at,
            range: node.byte_range(),
            arguments,
            scope: context.scope,
            in_loop: false,
            in_branch: false,
            targets: Vec::new(),
            discarded: true,
            decorates: Some(function.to_owned()),
        };
        match node.kind() {
            "decorator" => {
                let Some(&child) = children(node).first() else { return };
                if let Form::Name(name) = self.node(child, inner).form {
                    let call = plain(&name, child.byte_range(), Vec::new());
                    self.program.calls.push(call);
                }
            }
            _ => {
                let Some(name) = node.child_by_field_name("name") else { return };
                let (callee, at) = (self.of(name).to_owned(), name.byte_range());
                let mut arguments = Vec::new();
                for pair in node.child_by_field_name("arguments").map_or(Vec::new(), children) {
                    let (key, value) = (pair.child_by_field_name("key"), pair.child_by_field_name("value"));
                    let (name, value) = match (key, value) {
                        (Some(key), Some(value)) => (Some(self.of(key).to_owned()), value),
                        _ => (None, pair),
                    };
                    let at = key.unwrap_or(value).byte_range();
                    let value = self.annotation_value(value, context);
                    arguments.push(Argument { name, at, value });
                }
                let call = plain(&callee, at, arguments);
                self.program.calls.push(call);
            }
        }
    }

    fn annotation_value(&mut self, node: Node<'_>, context: &Context) -> Expr {
        if !matches!(node.kind(), "annotation" | "marker_annotation") || context.depth > MAX_DEPTH {
            return self.node(node, context.inside());
        }
        self.decorator(node, "", &context.inside());
        match self.program.calls.len().checked_sub(1) {
            Some(index) => Expr { range: node.byte_range(), form: Form::Call(index) },
            None => Expr::unknown(node.byte_range()),
        }
    }

    fn function(&mut self, node: Node<'_>, context: Context) {
        let mut name = self.field(node, "name");
        if name.is_empty() {
            name = context.targets.first().cloned().unwrap_or_default();
        }
        let mut decorators = context.decorators.clone();
        for child in children(node) {
            if child.kind() == "modifiers" {
                decorators.push_str(self.of(child));
                for annotation in children(child) {
                    if matches!(annotation.kind(), "annotation" | "marker_annotation") {
                        self.decorator(annotation, &name, &context);
                    }
                }
            }
        }
        let mut parameters = self.field(node, "parameters");
        if parameters.is_empty() {
            parameters = self.field(node, "parameter");
        }
        self.program.scopes.push(Scope {
            name,
            parameters,
            decorators,
            parent: Some(context.scope),
            passed_to: context.passed_to.clone(),
            range: node.byte_range(),
        });
        let scope = self.program.scopes.len() - 1;
        let inner = Context { scope, depth: context.depth + 1, ..Context::default() };
        if let Some(body) = node.child_by_field_name("body") {
            self.node(body, inner);
        }
    }

    fn assignment(&mut self, node: Node<'_>, context: Context) -> Expr {
        let left = ["left", "name", "property"].iter().find_map(|f| node.child_by_field_name(f));
        let right = ["right", "value"].iter().find_map(|f| node.child_by_field_name(f));
        let Some(left) = left else { return Expr::unknown(node.byte_range()) };
        let targets: Vec<(String, Range<usize>)> = match left.kind() {
            "expression_list" | "pattern_list" | "tuple_pattern" | "array_pattern" => {
                children(left).into_iter().map(|n| (self.of(n).to_owned(), n.byte_range())).collect()
            }
            // `var a, b = 1, 2` names each apart.
            _ if matches!(node.kind(), "var_spec" | "const_spec") => {
                let mut cursor = node.walk();
                let names = node.children_by_field_name("name", &mut cursor).filter(Node::is_named);
                names.map(|n| (self.of(n).to_owned(), n.byte_range())).collect()
            }
            _ => vec![(self.target(left), left.byte_range())],
        };
        let names: Vec<String> = targets.iter().map(|t| t.0.clone()).collect();
        let Some(right) = right else { return Expr::unknown(node.byte_range()) };
        let operator = self.field(node, "operator");
        let inner = Context { targets: names, ..context.inside() };
        // In Go the right side is a list even of one.
        let values: Vec<Expr> = match right.kind() {
            "expression_list" => children(right).into_iter().map(|n| self.node(n, inner.clone())).collect(),
            _ => vec![self.node(right, inner)],
        };
        for (i, (target, at)) in targets.into_iter().enumerate() {
            // `x += 1` gives a value that depends on the one before.
            let plain = matches!(operator.as_str(), "" | "=" | ":=");
            let value = match values.get(i) {
                Some(value) if plain && (i == 0 || values.len() > 1) => value.clone(),
                _ => Expr::unknown(at.clone()),
            };
            let (scope, in_branch) = (context.scope, context.in_branch || context.in_loop);
            self.program.assignments.push(Assignment { target, at, value, scope, in_branch });
        }
        values.into_iter().next().unwrap_or_else(|| Expr::unknown(node.byte_range()))
    }
}
