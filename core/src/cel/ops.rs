//! Operators on values.

use std::cmp::Ordering;

use crate::facts::{Said, Type, Value};

use super::ast::Op;

/// True if both are numbers without unit.
pub(super) fn numbers(a: Type, b: Type) -> bool {
    matches!((a, b), (Type::Int | Type::Float, Type::Int | Type::Float))
}

/// The type of `a op b` for arithmetic, `None` where there is none.
pub(super) fn result(op: Op, a: Type, b: Type) -> Option<Type> {
    use Type::*;
    Some(match (op, a, b) {
        (_, Int, Int) => Int,
        (Op::Add | Op::Sub | Op::Mul | Op::Div, Int | Float, Int | Float) => Float,
        (Op::Add, Text, Text) => Text,
        (Op::Add | Op::Sub | Op::Rem, Duration, Duration) => Duration,
        (Op::Add | Op::Sub | Op::Rem, Size, Size) => Size,
        (Op::Mul | Op::Div, Duration | Size, Int | Float) => a,
        (Op::Mul, Int | Float, Duration | Size) => b,
        (Op::Div, Duration, Duration) | (Op::Div, Size, Size) => Float,
        (Op::Sub, Time, Time) => Duration,
        (Op::Add | Op::Sub, Time, Duration) | (Op::Add, Duration, Time) => Time,
        _ => return None,
    })
}

/// `a op b` for an operator that compares; `None` for values that cannot be compared.
pub(super) fn compare(op: Op, a: &Value, b: &Value) -> Option<bool> {
    match op {
        Op::Eq => same(a, b),
        Op::Ne => same(a, b).map(|same| !same),
        Op::Lt => order(a, b).map(Ordering::is_lt),
        Op::Le => order(a, b).map(Ordering::is_le),
        Op::Gt => order(a, b).map(Ordering::is_gt),
        Op::Ge => order(a, b).map(Ordering::is_ge),
        Op::In => {
            let Value::List(items) = b else { return None };
            Some(items.iter().any(|item| same(a, &item.value) == Some(true)))
        }
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem => None,
    }
}

/// `a op b` for arithmetic; `None` for overflow and division by zero.
pub(super) fn apply(op: Op, a: &Value, b: &Value) -> Option<Value> {
    use Value::{Duration, Float, Int, Size, Text, Time};
    Some(match (a, b) {
        (Int(a), Int(b)) => Int(ints(op, *a, *b)?),
        (Int(a), Float(b)) => Float(floats(op, *a as f64, *b)?),
        (Float(a), Int(b)) => Float(floats(op, *a, *b as f64)?),
        (Float(a), Float(b)) => Float(floats(op, *a, *b)?),
        (Text(a), Text(b)) => Value::text([&**a, &**b].concat()),
        (Duration(a), Duration(b)) if op == Op::Div => Float(floats(op, *a as f64, *b as f64)?),
        (Duration(a), Duration(b)) => Duration(ints(op, *a, *b)?),
        (Size(a), Size(b)) if op == Op::Div => Float(floats(op, *a as f64, *b as f64)?),
        (Size(a), Size(b)) => Size(ints(op, *a, *b)?),
        (Duration(a), Int(b)) | (Int(b), Duration(a)) => Duration(ints(op, *a, *b)?),
        (Size(a), Int(b)) | (Int(b), Size(a)) => Size(ints(op, *a, *b)?),
        (Duration(a), Float(b)) | (Float(b), Duration(a)) => Duration(whole(floats(op, *a as f64, *b)?)?),
        (Size(a), Float(b)) | (Float(b), Size(a)) => Size(whole(floats(op, *a as f64, *b)?)?),
        (Time(a), Time(b)) => Duration(a.checked_sub(*b)?.checked_mul(1_000)?),
        (Time(t), Duration(ms)) | (Duration(ms), Time(t)) => Time(ints(op, *t, ms.div_euclid(1_000))?),
        _ => return None,
    })
}

fn ints(op: Op, a: i64, b: i64) -> Option<i64> {
    match op {
        Op::Add => a.checked_add(b),
        Op::Sub => a.checked_sub(b),
        Op::Mul => a.checked_mul(b),
        Op::Div => a.checked_div(b),
        _ => a.checked_rem(b),
    }
}

fn floats(op: Op, a: f64, b: f64) -> Option<f64> {
    let result = match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        _ => return None,
    };
    result.is_finite().then_some(result)
}

/// The whole part of a float, if 64 bits hold it.
pub(super) fn whole(n: f64) -> Option<i64> {
    // 2^63 is the first float beyond the range, -2^63 the last within.
    const END: f64 = 9_223_372_036_854_775_808.0;
    (-END..END).contains(&n).then_some(n as i64)
}

/// `-a`.
pub(super) fn negate(a: &Value) -> Option<Value> {
    Some(match a {
        Value::Int(n) => Value::Int(n.checked_neg()?),
        Value::Float(n) => Value::Float(-n),
        Value::Duration(n) => Value::Duration(n.checked_neg()?),
        Value::Size(n) => Value::Size(n.checked_neg()?),
        _ => return None,
    })
}

/// True if two values are the same, wherever they come from.
fn same(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Record(a), Value::Record(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            a.iter()
                .zip(b)
                .map(|(a, b)| same(&a.value, &b.value))
                .try_fold(true, |all, one| Some(all && one?))
        }
        _ => order(a, b).map(Ordering::is_eq),
    }
}

pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Int(b))
        | (Value::Duration(a), Value::Duration(b))
        | (Value::Size(a), Value::Size(b))
        | (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The sum of a list, whose elements are of type `ty`.
pub(super) fn sum(items: &[Said], ty: Type) -> Option<Value> {
    let zero = match ty {
        Type::Float => Value::Float(0.0),
        Type::Duration => Value::Duration(0),
        Type::Size => Value::Size(0),
        _ => Value::Int(0),
    };
    items.iter().try_fold(zero, |total, item| apply(Op::Add, &total, &item.value))
}

/// True if a text matches a pattern of `*` (any text) and `?` (any one character). Goes back to the last `*` only,
/// so it takes at most the product of both lengths; the caller accounts for that.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.chars(), text.chars());
    let mut star = None;
    loop {
        let (before_p, before_t) = (p.clone(), t.clone());
        match (p.next(), t.next()) {
            (Some('*'), _) => {
                t = before_t;
                star = Some((p.clone(), t.clone()));
            }
            (Some(wanted), Some(c)) if wanted == '?' || wanted == c => {}
            (None, None) => return true,
            (_, None) => return before_p.clone().all(|c| c == '*'),
            _ => {
                let Some((after, mut from)) = star.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                p = after.clone();
                t = from.clone();
                star = Some((after, from));
            }
        }
    }
}
