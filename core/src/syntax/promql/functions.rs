//! The functions of PromQL and what they take (promql/parser/functions.go of Prometheus 2.x and 3.x).

use std::ops::Range;

use super::{Fault, Node, Type, check as type_of, refused};
use crate::nearest::nearest;

/// A function: its name, what it takes (`v` series, `r` series with a range, `s` a number, `t` a text), and how many of
/// the last may be left out; `*` for any number more of it.
#[rustfmt::skip]
const FUNCTIONS: &[(&str, &str, usize)] = &[
    ("abs", "v", 0), ("absent", "v", 0), ("absent_over_time", "r", 0), ("acos", "v", 0), ("acosh", "v", 0),
    ("asin", "v", 0), ("asinh", "v", 0), ("atan", "v", 0), ("atanh", "v", 0), ("avg_over_time", "r", 0),
    ("ceil", "v", 0), ("changes", "r", 0), ("clamp", "vss", 0), ("clamp_max", "vs", 0), ("clamp_min", "vs", 0),
    ("cos", "v", 0), ("cosh", "v", 0), ("count_over_time", "r", 0), ("day_of_month", "v", 1),
    ("day_of_week", "v", 1), ("day_of_year", "v", 1), ("days_in_month", "v", 1), ("deg", "v", 0), ("delta", "r", 0),
    ("deriv", "r", 0), ("double_exponential_smoothing", "rss", 0), ("exp", "v", 0), ("first_over_time", "r", 0),
    ("floor", "v", 0), ("histogram_avg", "v", 0), ("histogram_count", "v", 0), ("histogram_fraction", "ssv", 0),
    ("histogram_quantile", "sv", 0), ("histogram_stddev", "v", 0), ("histogram_stdvar", "v", 0),
    ("histogram_sum", "v", 0), ("holt_winters", "rss", 0), ("hour", "v", 1), ("idelta", "r", 0),
    ("increase", "r", 0), ("info", "vv", 1), ("irate", "r", 0), ("label_join", "vttt*", 0), ("label_replace", "vtttt", 0),
    ("last_over_time", "r", 0), ("ln", "v", 0), ("log10", "v", 0), ("log2", "v", 0), ("mad_over_time", "r", 0),
    ("max_over_time", "r", 0), ("min_over_time", "r", 0), ("minute", "v", 1), ("month", "v", 1), ("pi", "", 0),
    ("predict_linear", "rs", 0), ("present_over_time", "r", 0), ("quantile_over_time", "sr", 0), ("rad", "v", 0),
    ("rate", "r", 0), ("resets", "r", 0), ("round", "vs", 1), ("scalar", "v", 0), ("sgn", "v", 0), ("sin", "v", 0),
    ("sinh", "v", 0), ("sort", "v", 0), ("sort_by_label", "vt*", 0), ("sort_by_label_desc", "vt*", 0),
    ("sort_desc", "v", 0), ("sqrt", "v", 0), ("stddev_over_time", "r", 0), ("stdvar_over_time", "r", 0),
    ("sum_over_time", "r", 0), ("tan", "v", 0), ("tanh", "v", 0), ("time", "", 0), ("timestamp", "v", 0),
    ("ts_of_first_over_time", "r", 0), ("ts_of_last_over_time", "r", 0), ("ts_of_max_over_time", "r", 0),
    ("ts_of_min_over_time", "r", 0), ("vector", "s", 0), ("year", "v", 1),
];

fn wanted(letter: u8) -> Type {
    match letter {
        b'r' => Type::Range,
        b's' => Type::Scalar,
        b't' => Type::Text,
        _ => Type::Vector,
    }
}

/// The type of a call's value, or why Prometheus refuses it.
pub(super) fn check(name: &str, args: &[Node], at: &Range<usize>) -> Result<Type, Fault> {
    let Some((_, takes, spare)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
        return Err(Fault::Refused {
            reason: format!("there is no function `{name}`"),
            at: at.start..at.start + name.len(),
            nearest: nearest(name, FUNCTIONS.iter().map(|f| f.0).chain(super::AGGREGATES.iter().copied())),
        });
    };
    let many = takes.ends_with('*');
    let takes = takes.trim_end_matches('*').as_bytes();
    let enough = args.len() + spare >= takes.len();
    if !enough || !many && args.len() > takes.len() {
        return refused(
            at.clone(),
            format!("`{name}` takes {} argument(s), not {}", takes.len(), args.len()),
        );
    }
    for (i, arg) in args.iter().enumerate() {
        let wanted = wanted(takes.get(i).or(takes.last()).copied().unwrap_or_default());
        let is = type_of(arg)?;
        if is != wanted {
            return refused(arg.at.clone(), format!("`{name}` takes {}, not {}", wanted.words(), is.words()));
        }
    }
    Ok(if matches!(name, "time" | "pi" | "scalar") { Type::Scalar } else { Type::Vector })
}
