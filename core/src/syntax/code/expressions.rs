//! Forms of expressions: literals, names, calls and what is put together from them.

use tree_sitter::Node;

use super::lower::{Context, Lower, children};
use super::{Argument, Call, Entry, Expr, Form, Literal, Part};

impl Lower<'_> {
    /// The last child carries the value: `await x`, `(x)`, `&x`, `(int) x`, but `x as T`.
    pub(super) fn wrapper(&mut self, node: Node<'_>, context: Context) -> Expr {
        let inner = Context { depth: context.depth + 1, ..context };
        let first = matches!(node.kind(), "as_expression" | "satisfies_expression" | "non_null_expression");
        let all = children(node);
        let child = if first { all.first() } else { all.last() };
        let negated = node.kind() == "unary_expression" && self.of(node).starts_with(['!', '~', '*']);
        let minus = node.kind() == "unary_expression" && self.of(node).starts_with('-');
        match child {
            Some(&child) => {
                let mut expr = self.node(child, inner);
                match expr.form {
                    Form::Int(n) if minus => expr.form = Form::Int(-n),
                    Form::Bool(_) if negated => expr.form = Form::Unknown,
                    _ => {}
                }
                expr
            }
            None => Expr::unknown(node.byte_range()),
        }
    }

    pub(super) fn literal(&mut self, node: Node<'_>, context: Context) -> Form {
        let of = self.field(node, "type");
        let at = node.child_by_field_name("type").map_or(node.byte_range(), |n| n.byte_range());
        let entries = node.child_by_field_name("body").map(|body| self.entries(body, &context));
        let entries = entries.unwrap_or_default();
        self.program.literals.push(Literal {
            of: of.clone(),
            at,
            range: node.byte_range(),
            entries: entries.clone(),
            scope: context.scope,
            in_loop: context.in_loop,
            in_branch: context.in_branch,
            targets: context.targets,
        });
        Form::Map { of, entries }
    }

    /// `a.b`, and `a["b"]` as `a.b`.
    pub(super) fn target(&mut self, node: Node<'_>) -> String {
        match self.path(node, &Context::default()) {
            Form::Name(name) => name,
            _ => self.of(node).to_owned(),
        }
    }

    pub(super) fn call(&mut self, node: Node<'_>, context: Context) -> Form {
        let function = ["function", "constructor", "type", "name"]
            .iter()
            .find_map(|field| node.child_by_field_name(field));
        let Some(function) = function else { return Form::Unknown };
        let mut callee = String::new();
        let mut at = function.byte_range();
        let mut format_of = None;
        // Java names receiver and method apart.
        let object =
            if node.kind() == "method_invocation" { node.child_by_field_name("object") } else { None };
        if let Some(object) = object {
            callee = self.receiver(object, &context);
            callee.push('.');
            callee.push_str(self.of(function));
        } else {
            let parts = match function.kind() {
                "attribute" => ("object", "attribute"),
                "selector_expression" => ("operand", "field"),
                "member_expression" => ("object", "property"),
                _ => ("", ""),
            };
            match (function.child_by_field_name(parts.0), function.child_by_field_name(parts.1)) {
                (Some(object), Some(last)) => {
                    let receiver = self.node(object, context.inside());
                    if matches!(receiver.form, Form::Text { .. }) {
                        format_of = Some(receiver.clone());
                    }
                    callee = self.named(&receiver);
                    callee.push('.');
                    callee.push_str(self.of(last));
                    at = last.byte_range();
                }
                _ if matches!(function.kind(), "identifier" | "type_identifier") => {
                    callee.push_str(self.of(function));
                }
                // A function that is called where it is written has a body to be read.
                _ => {
                    let called = self.node(function, context.inside());
                    callee = match called.form {
                        Form::Unknown => self.of(function).lines().next().unwrap_or_default().to_owned(),
                        _ => self.named(&called),
                    };
                }
            }
        }
        if node.kind() == "new_expression" || node.kind() == "object_creation_expression" {
            callee = callee.split('<').next().unwrap_or_default().to_owned();
        }
        let arguments = node.child_by_field_name("arguments");
        let arguments = arguments.map_or(Vec::new(), |list| self.arguments(list, &callee, &context));
        if let (Some(text), true) = (format_of, callee.ends_with(".format")) {
            return text.form;
        }
        self.program.calls.push(Call {
            callee,
            at,
            range: node.byte_range(),
            arguments,
            scope: context.scope,
            in_loop: context.in_loop,
            in_branch: context.in_branch,
            targets: context.targets,
            discarded: context.discarded,
            decorates: context.decorates,
        });
        Form::Call(self.program.calls.len() - 1)
    }

    fn receiver(&mut self, node: Node<'_>, context: &Context) -> String {
        let expr = self.node(node, context.inside());
        self.named(&expr)
    }

    /// How a receiver is written in a callee.
    fn named(&self, expr: &Expr) -> String {
        match &expr.form {
            Form::Name(name) => name.clone(),
            Form::Call(index) => {
                self.program.calls.get(*index).map_or(String::new(), |c| format!("{}()", c.callee))
            }
            _ => String::from("?"),
        }
    }

    fn arguments(&mut self, list: Node<'_>, callee: &str, context: &Context) -> Vec<Argument> {
        let mut out = Vec::new();
        for node in children(list) {
            let inner = Context { passed_to: Some(callee.to_owned()), ..context.inside() };
            let (name, at, value) = if node.kind() == "keyword_argument" {
                let name = node.child_by_field_name("name");
                let at = name.map_or(node.byte_range(), |n| n.byte_range());
                let value = node.child_by_field_name("value");
                (Some(self.field(node, "name")), at, value.map(|v| self.node(v, inner)))
            } else if matches!(node.kind(), "dictionary_splat" | "list_splat" | "spread_element") {
                let value = self.node(children(node).first().copied().unwrap_or(node), inner);
                // `**options` may hold anything.
                (Some(String::from("**")), node.byte_range(), Some(value))
            } else {
                (None, node.byte_range(), Some(self.node(node, inner)))
            };
            let value = value.unwrap_or_else(|| Expr::unknown(node.byte_range()));
            out.push(Argument { name, at, value });
        }
        out
    }

    pub(super) fn entries(&mut self, node: Node<'_>, context: &Context) -> Vec<Entry> {
        let mut out = Vec::new();
        for pair in children(node) {
            let (key, value) = match pair.kind() {
                "pair" => (pair.child_by_field_name("key"), pair.child_by_field_name("value")),
                "keyed_element" => {
                    let parts = children(pair);
                    (parts.first().copied(), parts.get(1).copied())
                }
                "shorthand_property_identifier" => {
                    let name = self.of(pair).to_owned();
                    let value = Expr { range: pair.byte_range(), form: Form::Name(name.clone()) };
                    out.push(Entry { key: name, at: pair.byte_range(), value });
                    continue;
                }
                _ => {
                    // `**base`, `...base`: the keys of another one.
                    let spread = matches!(pair.kind(), "dictionary_splat" | "spread_element");
                    let inner = if spread { children(pair).first().copied() } else { None };
                    let value = self.node(inner.unwrap_or(pair), context.inside());
                    out.push(Entry { key: String::from("**"), at: pair.byte_range(), value });
                    continue;
                }
            };
            let (Some(key), Some(value)) = (key, value) else { continue };
            let at = key.byte_range();
            let key = self.of(key).trim_matches(['"', '\'', '`']).to_owned();
            let value = self.node(value, Context { targets: vec![key.clone()], ..context.inside() });
            out.push(Entry { key, at, value });
        }
        out
    }

    pub(super) fn path(&mut self, node: Node<'_>, context: &Context) -> Form {
        let (object, last) = match node.kind() {
            "attribute" => ("object", "attribute"),
            "selector_expression" => ("operand", "field"),
            "member_expression" => ("object", "property"),
            "field_access" => ("object", "field"),
            "scoped_identifier" => ("scope", "name"),
            "subscript" => ("value", "subscript"),
            "subscript_expression" => ("object", "index"),
            _ => return Form::Name(self.of(node).to_owned()),
        };
        let Some(object) = node.child_by_field_name(object) else { return Form::Unknown };
        let object = self.node(object, context.inside());
        let last = self.field(node, last);
        match object.form {
            Form::Name(name) => Form::Name(format!("{name}.{}", last.trim_matches(['"', '\'', '`']))),
            Form::Call(_) => Form::Name(format!("{}.{last}", self.named(&object))),
            // `(&net.Dialer{…}).DialContext` says what the literal says.
            Form::Map { of, entries } if !of.is_empty() => Form::Map { of, entries },
            _ => Form::Unknown,
        }
    }

    pub(super) fn string(&mut self, node: Node<'_>, context: &Context) -> Form {
        let whole = node.byte_range();
        let text = self.of(node).to_owned();
        let opening = text.find(['"', '\'', '`']).unwrap_or(0);
        let quotes = if text.get(opening..).is_some_and(|t| t.starts_with("\"\"\"") || t.starts_with("'''")) {
            3
        } else {
            1
        };
        let start = (whole.start + opening + quotes).min(whole.end);
        let end = whole.end.saturating_sub(quotes).max(start);
        let mut parts = Vec::new();
        let mut at = start;
        for child in children(node) {
            if !matches!(child.kind(), "interpolation" | "template_substitution") {
                continue;
            }
            let inner = child.byte_range();
            parts.push(Part::Literal(self.text.get(at..inner.start).unwrap_or_default().to_owned()));
            let value = children(child).first().map(|&n| self.node(n, context.inside()));
            parts.push(Part::Value(value.unwrap_or_else(|| Expr::unknown(inner.clone()))));
            at = inner.end;
        }
        parts.push(Part::Literal(self.text.get(at..end).unwrap_or_default().to_owned()));
        Form::Text { parts, content: start..end, whole: true }
    }

    pub(super) fn concatenated(&mut self, node: Node<'_>, context: &Context) -> Form {
        let mut all = Vec::new();
        for expr in self.all(node, &context.inside()) {
            match expr.form {
                Form::Text { parts, .. } => all.extend(parts),
                _ => return Form::Unknown,
            }
        }
        Form::Text { parts: all, content: node.byte_range(), whole: false }
    }

    pub(super) fn binary(&mut self, node: Node<'_>, context: &Context) -> Form {
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        else {
            return Form::Unknown;
        };
        let operator = self.field(node, "operator");
        let left = self.node(left, context.inside());
        let right = self.node(right, context.inside());
        match operator.as_str() {
            "or" | "||" | "??" => Form::Either(Box::new([left, right])),
            // `"amqp://%s" % host` stays a text with holes.
            "%" if matches!(left.form, Form::Text { .. }) => left.form,
            "+" | "-" | "*" | "/" | "%" | "|" => {
                let sign = operator.chars().next().unwrap_or('+');
                Form::Binary(sign, Box::new([left, right]))
            }
            "//" => Form::Binary('/', Box::new([left, right])),
            _ => Form::Unknown,
        }
    }
}

/// A number as it is written.
pub(super) fn number(text: &str) -> Form {
    let plain = text.replace('_', "");
    let plain = plain.trim_end_matches(['l', 'L', 'n']);
    if let Some(hex) = plain.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).map_or(Form::Unknown, Form::Int);
    }
    match plain.parse() {
        Ok(n) => Form::Int(n),
        Err(_) => plain.trim_end_matches(['f', 'F', 'd', 'D']).parse().map_or(Form::Unknown, Form::Float),
    }
}
