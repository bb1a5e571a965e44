//! PromQL, as alerts use it: a small reader of expressions with exact places and the checks that Prometheus makes of
//! their types. Nothing is evaluated.

mod functions;
mod lexer;

use std::ops::Range;

pub use lexer::duration;
use lexer::{Kind, Token};

/// The most tokens of one expression; the longest of real alerts have a few hundred.
const MAX_TOKENS: usize = 1_500;
/// How deep parentheses and calls may nest.
const MAX_DEPTH: usize = 60;

/// An expression and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub expr: Expr,
    /// Its bytes.
    pub at: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Time series by name and labels.
    Selector(Selector),
    /// A function's value.
    Call {
        /// The function.
        name: String,
        /// Its arguments.
        args: Vec<Node>,
    },
    /// Series summed up over labels.
    Aggregate {
        /// `sum`, `max`, ….
        op: String,
        /// The labels that stay (`by`); absent without `by`.
        by: Option<Labels>,
        /// The arguments, the series last.
        args: Vec<Node>,
    },
    /// Two operands.
    Binary {
        /// The operator.
        op: String,
        /// `bool` stands behind it, so that nothing is filtered.
        bool: bool,
        /// Left of it.
        left: Box<Node>,
        /// Right of it.
        right: Box<Node>,
    },
    /// A sign in front of an expression; true for minus.
    Sign(bool, Box<Node>),
    /// An expression over a range (`expr[1h:5m]`).
    Subquery {
        /// The expression.
        of: Box<Node>,
        /// The range in milliseconds; absent if a variable gives it.
        range: Option<i64>,
    },
}

/// Labels and their places.
pub type Labels = Vec<(String, Range<usize>)>;

/// Time series by name and labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selector {
    /// The metric.
    pub name: Option<String>,
    /// Where its name stands.
    pub name_at: Range<usize>,
    /// What labels must be.
    pub matchers: Vec<Matcher>,
    /// The range behind it: absent without brackets, `Some(None)` if a variable gives it.
    pub range: Option<Option<i64>>,
    /// Where the range stands.
    pub range_at: Range<usize>,
}

/// What a label must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// `=`, `!=`, `=~` or `!~`.
    pub op: String,
    /// The value.
    pub value: String,
    /// The label's place.
    pub label_at: Range<usize>,
    /// The operator's place.
    pub op_at: Range<usize>,
    /// The value's place, with its quotes.
    pub value_at: Range<usize>,
}

/// Why an expression was not read.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Another program fills in some of it first, or it is longer or deeper than is read.
    Open,
    /// Prometheus refuses it.
    Refused {
        /// Why.
        reason: String,
        /// Where.
        at: Range<usize>,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
}

fn refused<T>(at: Range<usize>, reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Refused { reason: reason.into(), at, nearest: None })
}

/// The type of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Scalar,
    Text,
    Vector,
    Range,
}

impl Type {
    fn words(self) -> &'static str {
        match self {
            Type::Scalar => "a number",
            Type::Text => "a text",
            Type::Vector => "series without a range",
            Type::Range => "series with a range",
        }
    }
}

/// Reads an expression.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let tokens = lexer::tokens(text, MAX_TOKENS)?;
    let mut parser = Parser { tokens, at: 0, depth: 0, end: text.len() };
    let node = parser.binary(0)?;
    if let Some(token) = parser.peek() {
        let (at, shown) = (token.at.clone(), token.text.clone());
        return refused(at, format!("nothing can go on with `{shown}` here"));
    }
    match check(&node)? {
        Type::Range => refused(node.at, "series with a range are no value that could be compared"),
        _ => Ok(node),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    end: usize,
}

const AGGREGATES: &[&str] = &[
    "sum",
    "min",
    "max",
    "avg",
    "group",
    "stddev",
    "stdvar",
    "count",
    "count_values",
    "bottomk",
    "topk",
    "quantile",
    "limitk",
    "limit_ratio",
];

/// Binding powers of the operators, weakest first.
fn power(op: &str) -> Option<(u8, bool)> {
    Some(match op {
        "or" => (1, false),
        "and" | "unless" => (2, false),
        "==" | "!=" | "<=" | "<" | ">=" | ">" => (3, false),
        "+" | "-" => (4, false),
        "*" | "/" | "%" | "atan2" => (5, false),
        "^" => (6, true),
        _ => return None,
    })
}

/// True for an operator that compares.
pub fn compares(op: &str) -> bool {
    matches!(op, "==" | "!=" | "<=" | "<" | ">=" | ">")
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, text: &str) -> bool {
        self.peek().is_some_and(|t| t.kind != Kind::Text && t.text == text)
    }

    fn eat(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn end(&self) -> Range<usize> {
        self.end..self.end
    }

    fn expect(&mut self, text: &str) -> Result<Range<usize>, Fault> {
        match self.next() {
            Some(token) if token.kind != Kind::Text && token.text == text => Ok(token.at),
            Some(token) => refused(token.at, format!("`{text}` is missing before `{}`", token.text)),
            None => refused(self.end(), format!("`{text}` is missing at the end")),
        }
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::Open) } else { Ok(()) }
    }

    fn binary(&mut self, least: u8) -> Result<Node, Fault> {
        self.deeper()?;
        let mut left = self.unary()?;
        while let Some(token) = self.peek() {
            let op = token.text.clone();
            let Some((power, from_right)) =
                power(&op).filter(|(p, _)| token.kind != Kind::Text && *p >= least)
            else {
                break;
            };
            self.at += 1;
            let bool = self.eat("bool");
            self.matching()?;
            let right = self.binary(if from_right { power } else { power + 1 })?;
            let at = left.at.start..right.at.end;
            left = Node { expr: Expr::Binary { op, bool, left: Box::new(left), right: Box::new(right) }, at };
        }
        self.depth -= 1;
        Ok(left)
    }

    /// `on (…)`, `ignoring (…)`, `group_left (…)`.
    fn matching(&mut self) -> Result<(), Fault> {
        if self.eat("on") || self.eat("ignoring") {
            self.labels()?;
            if (self.eat("group_left") || self.eat("group_right")) && self.is("(") {
                self.labels()?;
            }
        }
        Ok(())
    }

    fn labels(&mut self) -> Result<Labels, Fault> {
        self.expect("(")?;
        let mut names = Vec::new();
        while !self.eat(")") {
            match self.next() {
                Some(Token { kind: Kind::Name | Kind::Text, text, at }) => names.push((text, at)),
                Some(token) => return refused(token.at, format!("`{}` is no label", token.text)),
                None => return refused(self.end(), "`)` is missing at the end"),
            }
            if !self.eat(",") && !self.is(")") {
                let at = self.peek().map_or(self.end(), |t| t.at.clone());
                return refused(at, "labels are separated by commas");
            }
        }
        Ok(names)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let Some(token) = self.peek() else {
            return refused(self.end(), "an expression is missing at the end");
        };
        if matches!(token.text.as_str(), "-" | "+") && token.kind == Kind::Sign {
            let (start, minus) = (token.at.start, token.text == "-");
            self.at += 1;
            self.deeper()?;
            // A sign binds weaker than a power, and stronger than everything else.
            let of = self.binary(6)?;
            self.depth -= 1;
            let at = start..of.at.end;
            return Ok(Node { expr: Expr::Sign(minus, Box::new(of)), at });
        }
        let node = self.primary()?;
        self.postfix(node)
    }

    fn postfix(&mut self, mut node: Node) -> Result<Node, Fault> {
        loop {
            if self.is("[") {
                let start = self.expect("[")?.start;
                let range = self.span()?;
                if self.eat(":") {
                    if !self.is("]") {
                        self.span()?;
                    }
                    let end = self.expect("]")?.end;
                    let at = node.at.start..end;
                    node = Node { expr: Expr::Subquery { of: Box::new(node), range }, at };
                    continue;
                }
                let end = self.expect("]")?.end;
                match &mut node.expr {
                    Expr::Selector(selector) if selector.range.is_none() => {
                        selector.range = Some(range);
                        selector.range_at = start..end;
                    }
                    _ => {
                        return refused(
                            start..end,
                            "a range can only follow a selector; elsewhere it is `[range:step]`",
                        );
                    }
                }
                node.at.end = end;
            } else if self.eat("offset") {
                self.eat("-");
                self.span()?;
            } else if self.eat("@") {
                self.next();
                if self.eat("(") {
                    self.expect(")")?;
                }
            } else {
                return Ok(node);
            }
        }
    }

    /// A duration in milliseconds; `None` if a variable gives it.
    fn span(&mut self) -> Result<Option<i64>, Fault> {
        match self.next() {
            Some(Token { kind: Kind::Duration, text, .. }) => Ok(duration(&text)),
            Some(Token { kind: Kind::Variable, .. }) => Ok(None),
            // Since 2.54 a bare number counts seconds.
            Some(Token { kind: Kind::Number, .. }) => Ok(None),
            Some(token) => refused(token.at, format!("`{}` is no duration such as `5m`", token.text)),
            None => refused(self.end(), "a duration such as `5m` is missing"),
        }
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let Some(token) = self.next() else {
            return refused(self.end(), "an expression is missing at the end");
        };
        let at = token.at.clone();
        match token.kind {
            Kind::Number | Kind::Duration => {
                let number =
                    token.text.parse().ok().or_else(|| duration(&token.text).map(|ms| ms as f64 / 1_000.0));
                Ok(Node { expr: Expr::Number(number.unwrap_or(f64::NAN)), at })
            }
            Kind::Text => Ok(Node { expr: Expr::Text(token.text), at }),
            Kind::Variable => Err(Fault::Open),
            Kind::Name => self.named(token),
            Kind::Sign if token.text == "(" => {
                let inner = self.binary(0)?;
                let end = self.expect(")")?.end;
                Ok(Node { expr: inner.expr, at: at.start..end })
            }
            Kind::Sign if token.text == "{" => {
                self.at -= 1;
                self.selector(None, at)
            }
            Kind::Sign => refused(at, format!("an expression is missing before `{}`", token.text)),
        }
    }

    fn named(&mut self, token: Token) -> Result<Node, Fault> {
        let name = token.text;
        let lower = name.to_ascii_lowercase();
        if AGGREGATES.contains(&lower.as_str()) && (self.is("(") || self.is("by") || self.is("without")) {
            return self.aggregate(lower, token.at);
        }
        if self.is("(") {
            let (args, end) = self.args()?;
            return Ok(Node { expr: Expr::Call { name, args }, at: token.at.start..end });
        }
        if matches!(lower.as_str(), "inf" | "nan") && !self.is("{") {
            let number = if lower == "inf" { f64::INFINITY } else { f64::NAN };
            return Ok(Node { expr: Expr::Number(number), at: token.at });
        }
        self.selector(Some(name), token.at)
    }

    fn args(&mut self) -> Result<(Vec<Node>, usize), Fault> {
        self.expect("(")?;
        let mut args = Vec::new();
        if self.is(")") {
            return Ok((args, self.expect(")")?.end));
        }
        loop {
            args.push(self.binary(0)?);
            if !self.eat(",") {
                return Ok((args, self.expect(")")?.end));
            }
        }
    }

    fn aggregate(&mut self, op: String, at: Range<usize>) -> Result<Node, Fault> {
        let mut by = self.grouping()?;
        let (args, mut end) = self.args()?;
        if self.is("by") || self.is("without") {
            by = self.grouping()?;
            end = self.tokens.get(self.at - 1).map_or(end, |t| t.at.end);
        }
        let by = by.filter(|(keeps, _)| *keeps).map(|(_, labels)| labels);
        Ok(Node { expr: Expr::Aggregate { op, by, args }, at: at.start..end })
    }

    fn grouping(&mut self) -> Result<Option<(bool, Labels)>, Fault> {
        let keeps = self.eat("by");
        match keeps || self.eat("without") {
            true => Ok(Some((keeps, self.labels()?))),
            false => Ok(None),
        }
    }

    fn selector(&mut self, name: Option<String>, at: Range<usize>) -> Result<Node, Fault> {
        let mut selector = Selector { name, name_at: at.clone(), ..Selector::default() };
        let mut end = at.end;
        if self.eat("{") {
            while !self.is("}") {
                let Some(label) = self.next() else {
                    return refused(self.end(), "`}` is missing at the end");
                };
                if label.kind == Kind::Text && selector.name.is_none() && (self.is(",") || self.is("}")) {
                    // `{"name"}` since 3.0.
                    selector.name = Some(label.text);
                    selector.name_at = label.at;
                } else {
                    self.matcher(label, &mut selector)?;
                }
                if !self.eat(",") && !self.is("}") {
                    let at = self.peek().map_or(self.end(), |t| t.at.clone());
                    return refused(at, "conditions on labels are separated by commas");
                }
            }
            end = self.expect("}")?.end;
        }
        let node = Node { expr: Expr::Selector(selector), at: at.start..end };
        Ok(node)
    }

    fn matcher(&mut self, label: Token, selector: &mut Selector) -> Result<(), Fault> {
        if !matches!(label.kind, Kind::Name | Kind::Text) {
            return refused(label.at, format!("`{}` is no label", label.text));
        }
        let op = match self.next() {
            Some(op) if matches!(op.text.as_str(), "=" | "!=" | "=~" | "!~") && op.kind == Kind::Sign => op,
            Some(op) => {
                let reason =
                    format!("a label is compared with `=`, `!=`, `=~` or `!~`, not with `{}`", op.text);
                return refused(op.at, reason);
            }
            None => return refused(self.end(), "`}` is missing at the end"),
        };
        match self.next() {
            Some(value) if value.kind == Kind::Text => {
                if label.text == "__name__" && op.text == "=" {
                    selector.name = Some(value.text.clone());
                    selector.name_at = value.at.clone();
                }
                selector.matchers.push(Matcher {
                    label: label.text,
                    op: op.text,
                    value: value.text,
                    label_at: label.at,
                    op_at: op.at,
                    value_at: value.at,
                });
                Ok(())
            }
            Some(value) => refused(value.at, "a label's value stands in quotes"),
            None => refused(self.end(), "`}` is missing at the end"),
        }
    }
}

/// The type of an expression, or why Prometheus refuses it.
fn check(node: &Node) -> Result<Type, Fault> {
    Ok(match &node.expr {
        Expr::Number(_) => Type::Scalar,
        Expr::Text(_) => Type::Text,
        Expr::Selector(selector) => {
            let empty = |m: &Matcher| m.op == "=" && m.value.is_empty() || m.op == "=~" && m.value == ".*";
            if selector.name.is_none() && selector.matchers.iter().all(empty) {
                return refused(
                    node.at.clone(),
                    "a selector without a name needs a condition that is not always true",
                );
            }
            if selector.range.is_some() { Type::Range } else { Type::Vector }
        }
        Expr::Sign(_, of) => match check(of)? {
            ty @ (Type::Scalar | Type::Vector) => ty,
            ty => return refused(node.at.clone(), format!("a sign cannot stand before {}", ty.words())),
        },
        Expr::Subquery { of, .. } => match check(of)? {
            Type::Vector | Type::Scalar => Type::Range,
            ty => return refused(of.at.clone(), format!("`[range:step]` cannot follow {}", ty.words())),
        },
        Expr::Aggregate { op, args, .. } => {
            let wanted = if matches!(
                op.as_str(),
                "topk" | "bottomk" | "quantile" | "count_values" | "limitk" | "limit_ratio"
            ) {
                2
            } else {
                1
            };
            if args.len() != wanted {
                return refused(
                    node.at.clone(),
                    format!("`{op}` takes {wanted} argument(s), not {}", args.len()),
                );
            }
            for (i, arg) in args.iter().enumerate() {
                let ty = check(arg)?;
                if i + 1 == args.len() && ty != Type::Vector {
                    return refused(
                        arg.at.clone(),
                        format!("`{op}` takes series without a range, not {}", ty.words()),
                    );
                }
            }
            Type::Vector
        }
        Expr::Call { name, args } => return functions::check(name, args, &node.at),
        Expr::Binary { op, bool, left, right } => {
            let (l, r) = (check(left)?, check(right)?);
            for (ty, side) in [(l, left), (r, right)] {
                if !matches!(ty, Type::Scalar | Type::Vector) {
                    return refused(side.at.clone(), format!("`{op}` cannot have {} beside it", ty.words()));
                }
            }
            let both = l == Type::Scalar && r == Type::Scalar;
            if matches!(op.as_str(), "and" | "or" | "unless") && (l != Type::Vector || r != Type::Vector) {
                return refused(
                    node.at.clone(),
                    format!("`{op}` stands between series, not between numbers"),
                );
            }
            if both && compares(op) && !bool {
                return refused(
                    node.at.clone(),
                    "two numbers are only compared with `bool` behind the operator",
                );
            }
            if both { Type::Scalar } else { Type::Vector }
        }
    })
}

/// Calls `visit` for an expression and everything in it, outer ones first.
pub fn walk<'n>(node: &'n Node, visit: &mut dyn FnMut(&'n Node)) {
    visit(node);
    match &node.expr {
        Expr::Call { args, .. } | Expr::Aggregate { args, .. } => args.iter().for_each(|a| walk(a, visit)),
        Expr::Binary { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        Expr::Sign(_, of) | Expr::Subquery { of, .. } => walk(of, visit),
        Expr::Number(_) | Expr::Text(_) | Expr::Selector(_) => {}
    }
}

#[cfg(test)]
mod tests;
