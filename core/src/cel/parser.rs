//! From text to syntax tree, in one pass without a list of tokens.

use super::ast::{Ast, At, Form, Op, Tree};
use super::lexer::{Lexer, Sign, Token};
use super::{Fault, MAX_DEPTH, MAX_TEXT};

/// Parses a condition.
pub fn parse(text: &str) -> Result<Ast<'_>, Fault> {
    if text.len() > MAX_TEXT {
        let message = format!("a condition is at most {MAX_TEXT} bytes long, this one has {}", text.len());
        return Err(Fault { range: 0..text.len(), message });
    }
    let mut parser =
        Parser { lexer: Lexer::new(text), token: Token::End, at: At::new(0, 0), last: 0, nesting: 0 };
    parser.step()?;
    if parser.token == Token::End {
        return Err(Fault { range: 0..text.len(), message: "the condition is empty".into() });
    }
    let root = parser.expression()?;
    if parser.token != Token::End {
        return Err(parser.unexpected("an operator or the end"));
    }
    Ok(Ast { root })
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token<'t>,
    at: At,
    /// End of the last token taken.
    last: usize,
    nesting: u32,
}

impl<'t> Parser<'t> {
    fn step(&mut self) -> Result<Token<'t>, Fault> {
        self.last = self.at.end as usize;
        let (token, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn is(&self, sign: Sign) -> bool {
        self.token == Token::Sign(sign)
    }

    fn take(&mut self, sign: Sign) -> Result<bool, Fault> {
        let found = self.is(sign);
        if found {
            self.step()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: Sign, what: &str) -> Result<(), Fault> {
        if self.take(sign)? { Ok(()) } else { Err(self.unexpected(what)) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.token {
            Token::End => "the condition ends here",
            Token::Name(_) => "a name stands here",
            Token::Int(_) | Token::Float(_) => "a number stands here",
            Token::Text(_) => "a text stands here",
            Token::Sign(_) => "a sign stands here",
        };
        Fault::new(self.at, format!("{found}, where {wanted} was expected"))
    }

    fn tree(&self, at: At, below: u32, form: Form<'t>) -> Result<Tree<'t>, Fault> {
        if below >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        Ok(Tree { at, depth: below + 1, form })
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.nesting += 1;
        if self.nesting > MAX_DEPTH { Err(too_deep(self.at)) } else { Ok(()) }
    }

    fn expression(&mut self) -> Result<Tree<'t>, Fault> {
        self.enter()?;
        let when = self.any()?;
        let tree = if self.take(Sign::Question)? {
            let yes = self.expression()?;
            self.expect(Sign::Colon, "`:`")?;
            let no = self.expression()?;
            let below = when.depth.max(yes.depth).max(no.depth);
            let at = when.at.to(no.at);
            self.tree(at, below, Form::Choose(Box::new([when, yes, no])))?
        } else {
            when
        };
        self.nesting -= 1;
        Ok(tree)
    }

    fn any(&mut self) -> Result<Tree<'t>, Fault> {
        let first = self.every()?;
        if !self.is(Sign::Or) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take(Sign::Or)? {
            items.push(self.every()?);
        }
        let (at, below) = extent(&items);
        self.tree(at, below, Form::Or(items))
    }

    fn every(&mut self) -> Result<Tree<'t>, Fault> {
        let first = self.relation()?;
        if !self.is(Sign::And) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take(Sign::And)? {
            items.push(self.relation()?);
        }
        let (at, below) = extent(&items);
        self.tree(at, below, Form::And(items))
    }

    fn binary(&mut self, op: Op, left: Tree<'t>, right: Tree<'t>, op_at: At) -> Result<Tree<'t>, Fault> {
        let (at, below) = (left.at.to(right.at), left.depth.max(right.depth));
        self.tree(at, below, Form::Binary { op, op_at, sides: Box::new([left, right]) })
    }

    fn relation(&mut self) -> Result<Tree<'t>, Fault> {
        let mut left = self.sum()?;
        loop {
            let op = match self.token {
                Token::Sign(Sign::Eq) => Op::Eq,
                Token::Sign(Sign::Ne) => Op::Ne,
                Token::Sign(Sign::Lt) => Op::Lt,
                Token::Sign(Sign::Le) => Op::Le,
                Token::Sign(Sign::Gt) => Op::Gt,
                Token::Sign(Sign::Ge) => Op::Ge,
                Token::Name("in") => Op::In,
                _ => return Ok(left),
            };
            let op_at = self.at;
            self.step()?;
            let right = self.sum()?;
            left = self.binary(op, left, right, op_at)?;
        }
    }

    fn sum(&mut self) -> Result<Tree<'t>, Fault> {
        let mut left = self.product()?;
        loop {
            let op = match self.token {
                Token::Sign(Sign::Plus) => Op::Add,
                Token::Sign(Sign::Minus) => Op::Sub,
                _ => return Ok(left),
            };
            let op_at = self.at;
            self.step()?;
            let right = self.product()?;
            left = self.binary(op, left, right, op_at)?;
        }
    }

    fn product(&mut self) -> Result<Tree<'t>, Fault> {
        let mut left = self.unary()?;
        loop {
            let op = match self.token {
                Token::Sign(Sign::Star) => Op::Mul,
                Token::Sign(Sign::Slash) => Op::Div,
                Token::Sign(Sign::Percent) => Op::Rem,
                _ => return Ok(left),
            };
            let op_at = self.at;
            self.step()?;
            let right = self.unary()?;
            left = self.binary(op, left, right, op_at)?;
        }
    }

    fn unary(&mut self) -> Result<Tree<'t>, Fault> {
        let start = self.at;
        let not = self.is(Sign::Not);
        if !not && !self.is(Sign::Minus) {
            return self.postfix();
        }
        self.enter()?;
        self.step()?;
        let tree = if let (false, Token::Int(n)) = (not, &self.token) {
            let n = 0i64.checked_sub_unsigned(*n).ok_or_else(|| too_large(start.to(self.at)))?;
            let at = start.to(self.at);
            self.step()?;
            let literal = self.tree(at, 0, Form::Int(n))?;
            self.members(literal)?
        } else {
            let of = self.unary()?;
            let (at, below) = (start.to(of.at), of.depth);
            let of = Box::new(of);
            self.tree(at, below, if not { Form::Not(of) } else { Form::Neg(of) })?
        };
        self.nesting -= 1;
        Ok(tree)
    }

    fn postfix(&mut self) -> Result<Tree<'t>, Fault> {
        let primary = self.primary()?;
        self.members(primary)
    }

    fn members(&mut self, mut tree: Tree<'t>) -> Result<Tree<'t>, Fault> {
        loop {
            if self.take(Sign::Dot)? {
                let Token::Name(name) = self.token else {
                    return Err(self.unexpected("a field or method"));
                };
                let name_at = self.at;
                self.step()?;
                let (start, below) = (tree.at, tree.depth);
                let of = Box::new(tree);
                tree = if self.take(Sign::Open)? {
                    let args = self.list(Sign::Close, "`,` or `)`")?;
                    let below = below.max(extent(&args).1);
                    let at = At { start: start.start, end: self.last as u32 };
                    self.tree(at, below, Form::Call { of: Some(of), name, name_at, args })?
                } else {
                    self.tree(start.to(name_at), below, Form::Member { of, name, name_at })?
                };
            } else if self.take(Sign::OpenList)? {
                let index = self.expression()?;
                self.expect(Sign::CloseList, "`]`")?;
                let at = At { start: tree.at.start, end: self.last as u32 };
                let below = tree.depth.max(index.depth);
                tree = self.tree(at, below, Form::Index { of: Box::new(tree), index: Box::new(index) })?;
            } else {
                return Ok(tree);
            }
        }
    }

    /// Expressions up to a closing sign, which is taken too.
    fn list(&mut self, close: Sign, wanted: &str) -> Result<Vec<Tree<'t>>, Fault> {
        let mut items = Vec::new();
        while !self.take(close)? {
            items.push(self.expression()?);
            if !self.take(Sign::Comma)? {
                self.expect(close, wanted)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Result<Tree<'t>, Fault> {
        let at = self.at;
        if !matches!(
            self.token,
            Token::Name(_)
                | Token::Int(_)
                | Token::Float(_)
                | Token::Text(_)
                | Token::Sign(Sign::Open | Sign::OpenList)
        ) {
            return Err(self.unexpected("a value"));
        }
        let form = match self.step()? {
            Token::Name("true") => Form::Bool(true),
            Token::Name("false") => Form::Bool(false),
            Token::Name("null") => {
                return Err(Fault::new(
                    at,
                    "`null` is not supported; ask `has(...)` whether something is set",
                ));
            }
            Token::Name("in") => return Err(Fault::new(at, "`in` needs a value before it")),
            Token::Name(name) => {
                if self.take(Sign::Open)? {
                    let args = self.list(Sign::Close, "`,` or `)`")?;
                    let below = extent(&args).1;
                    let whole = At { start: at.start, end: self.last as u32 };
                    return self.tree(whole, below, Form::Call { of: None, name, name_at: at, args });
                }
                Form::Name(name)
            }
            Token::Int(n) => Form::Int(i64::try_from(n).map_err(|_| too_large(at))?),
            Token::Float(n) => Form::Float(n),
            Token::Text(text) => Form::Text(text),
            Token::Sign(Sign::OpenList) => {
                let items = self.list(Sign::CloseList, "`,` or `]`")?;
                let below = extent(&items).1;
                let whole = At { start: at.start, end: self.last as u32 };
                return self.tree(whole, below, Form::List(items));
            }
            _ => {
                let inner = self.expression()?;
                self.expect(Sign::Close, "`)`")?;
                return Ok(Tree { at: At { start: at.start, end: self.last as u32 }, ..inner });
            }
        };
        self.tree(at, 0, form)
    }
}

/// Range and greatest depth of several trees.
fn extent(items: &[Tree<'_>]) -> (At, u32) {
    let at = match (items.first(), items.last()) {
        (Some(first), Some(last)) => first.at.to(last.at),
        _ => At::new(0, 0),
    };
    (at, items.iter().map(|t| t.depth).max().unwrap_or(0))
}

fn too_deep(at: At) -> Fault {
    Fault::new(at, format!("the condition is nested deeper than {MAX_DEPTH} levels"))
}

fn too_large(at: At) -> Fault {
    Fault::new(at, "this number does not fit 64 bits")
}
