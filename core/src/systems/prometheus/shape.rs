//! What an expression's value is: its unit, its bounds, and where it comes from.

use crate::facts::KeyDef;
use crate::facts::tables::METRICS;
use crate::syntax::promql::{Expr, Node};
use crate::systems::keyed::forms;

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// `bytes`, `seconds`, `ms`, `timestamp`, `timestamp_ms`, `ratio`, `percent`, `messages`, ….
    pub(super) unit: Option<&'static str>,
    /// It is never more, never less.
    pub(super) most: Option<f64>,
    pub(super) least: Option<f64>,
    /// A counter as it stands.
    pub(super) counter: bool,
    /// A number each second.
    pub(super) per_second: bool,
    /// A number of series.
    pub(super) counts: bool,
    /// The metrics in it.
    pub(super) metrics: Vec<String>,
    /// A share of a whole that is used (true) or free (false).
    pub(super) used: Option<bool>,
    /// The number, if it is one.
    pub(super) number: Option<f64>,
    /// The unit before it was multiplied, and by how much that was.
    multiplied: Option<(Option<&'static str>, f64)>,
}

/// The metric of a name; histograms' parts are the metric's own.
pub(super) fn metric(name: &str) -> Option<&'static KeyDef> {
    // Per-object pages of RabbitMQ, and those of chosen families.
    let plain = name.strip_prefix("rabbitmq_detailed_").map(|rest| format!("rabbitmq_{rest}"));
    METRICS.find(plain.as_deref().unwrap_or(name)).and_then(|at| METRICS.keys().get(at))
}

/// Units that names end in; `_total` is taken off first (the naming rules of Prometheus).
const SUFFIXES: &[(&str, &str)] = &[
    ("_timestamp_seconds", "timestamp"),
    ("_milliseconds", "ms"),
    ("_seconds", "seconds"),
    ("_ms", "ms"),
    ("_bytes", "bytes"),
    ("_ratio", "ratio"),
];

/// The unit of a metric.
pub(super) fn unit(name: &str) -> Option<&'static str> {
    if let Some(known) = metric(name) {
        return forms::note(known, "unit");
    }
    let plain = ["_total", "_sum", "_bucket"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
    SUFFIXES.iter().find(|(suffix, _)| plain.ends_with(suffix)).map(|(_, unit)| *unit)
}

/// Endings of what is counted one by one, and never taken away.
const COUNTED: &[&str] = &[
    "requests_total",
    "errors_total",
    "failures_total",
    "retries_total",
    "restarts_total",
    "_seconds_total",
];

/// True for a counter: one that is known as such, or bears the ending that counters have.
pub(super) fn is_counter(name: &str) -> bool {
    match metric(name) {
        Some(known) => known.form == "counter",
        // Other names in `_total` are as often gauges: the total of something that is there.
        None => COUNTED.iter().any(|ending| name.ends_with(ending)),
    }
}

/// Parts of a whole: the part, the whole, and whether the part is what is used.
#[rustfmt::skip]
const PARTS: &[(&str, &str, bool)] = &[
    ("node_filesystem_avail_bytes", "node_filesystem_size_bytes", false),
    ("node_filesystem_free_bytes", "node_filesystem_size_bytes", false),
    ("node_filesystem_files_free", "node_filesystem_files", false),
    ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", false),
    ("node_memory_MemFree_bytes", "node_memory_MemTotal_bytes", false),
    ("kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes", false),
    ("kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes", true),
    ("kubelet_volume_stats_inodes_free", "kubelet_volume_stats_inodes", false),
    ("node_filefd_allocated", "node_filefd_maximum", true),
    ("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit", true),
    ("process_open_fds", "process_max_fds", true),
    ("rabbitmq_process_open_fds", "rabbitmq_process_max_fds", true),
    ("rabbitmq_process_open_tcp_sockets", "rabbitmq_process_max_tcp_sockets", true),
    ("rabbitmq_erlang_processes_used", "rabbitmq_erlang_processes_limit", true),
    ("redis_connected_clients", "redis_config_maxclients", true),
];

/// More metrics of one value are not kept: only one, or a part and its whole, say something.
const MAX_METRICS: usize = 4;

const PERCENT: f64 = 100.0;
const MILLI: f64 = 1_000.0;

/// What an expression's value is.
pub(super) fn shape(node: &Node) -> Shape {
    match &node.expr {
        Expr::Number(number) => Shape { number: Some(*number), ..Shape::default() },
        Expr::Text(_) => Shape::default(),
        Expr::Selector(selector) => match &selector.name {
            Some(name) => of_metric(name, selector.range.is_some()),
            None => Shape::default(),
        },
        Expr::Sign(minus, of) => {
            let inner = shape(of);
            match (minus, inner.number) {
                (true, Some(n)) => Shape { number: Some(-n), ..Shape::default() },
                (true, None) => Shape { most: None, least: None, used: None, ..inner },
                (false, _) => inner,
            }
        }
        Expr::Subquery { of, .. } => shape(of),
        Expr::Call { name, args } => call(name, args),
        Expr::Aggregate { op, args, .. } => aggregate(op, args),
        Expr::Binary { op, left, right, bool } => binary(op, *bool, shape(left), shape(right)),
    }
}

fn of_metric(name: &str, range: bool) -> Shape {
    let unit = unit(name);
    Shape {
        unit,
        most: (unit == Some("ratio") && metric(name).is_some()).then_some(1.0),
        least: metric(name).filter(|m| !forms::noted(m, "signed")).map(|_| 0.0),
        counter: !range && is_counter(name),
        metrics: vec![name.to_owned()],
        ..Shape::default()
    }
}

fn call(name: &str, args: &[Node]) -> Shape {
    let inner = |at: usize| args.get(at).map(shape).unwrap_or_default();
    match name {
        "rate" | "irate" => {
            let of = inner(0);
            let unit = if of.unit == Some("seconds") { Some("ratio") } else { of.unit };
            Shape { unit, per_second: true, most: None, counter: false, ..of }
        }
        "increase" | "delta" | "idelta" | "changes" | "resets" => {
            let of = inner(0);
            let unit = if matches!(name, "changes" | "resets") { None } else { of.unit };
            Shape { unit, most: None, least: (!name.contains("delta")).then_some(0.0), counter: false, ..of }
        }
        "deriv" => Shape { per_second: true, most: None, least: None, counter: false, ..inner(0) },
        "predict_linear" => Shape { most: None, least: None, used: None, counter: false, ..inner(0) },
        "histogram_quantile" => Shape { counter: false, per_second: false, most: None, ..bucket(inner(1)) },
        "quantile_over_time" => Shape { counter: false, ..inner(1) },
        "avg_over_time" | "max_over_time" | "min_over_time" | "last_over_time" | "abs" | "ceil" | "floor"
        | "round" | "sort" | "sort_desc" | "label_replace" | "label_join" | "clamp_min" | "clamp_max"
        | "clamp" | "scalar" => inner(0),
        "time" => Shape { unit: Some("timestamp"), ..Shape::default() },
        "vector" => Shape { number: inner(0).number, ..Shape::default() },
        _ => Shape { metrics: inner(0).metrics, ..Shape::default() },
    }
}

/// The rate of a histogram's buckets has the unit of what falls into them.
fn bucket(of: Shape) -> Shape {
    let unit = of.metrics.first().and_then(|name| unit(name));
    Shape { unit, ..of }
}

fn aggregate(op: &str, args: &[Node]) -> Shape {
    let of = args.last().map(shape).unwrap_or_default();
    match op {
        "min" | "max" | "avg" | "topk" | "bottomk" | "quantile" | "limitk" => of,
        // A sum of shares may be any number.
        "sum" => Shape { most: None, used: None, ..of },
        "count" => Shape { counts: true, least: Some(1.0), metrics: of.metrics, ..Shape::default() },
        _ => Shape { metrics: of.metrics, ..Shape::default() },
    }
}

fn binary(op: &str, bool: bool, left: Shape, right: Shape) -> Shape {
    if let (Some(a), Some(b)) = (left.number, right.number) {
        return Shape { number: calculate(op, a, b), ..Shape::default() };
    }
    let mut metrics = left.metrics.clone();
    metrics.extend(right.metrics.iter().filter(|m| !left.metrics.contains(m)).cloned());
    metrics.truncate(MAX_METRICS);
    let none = Shape { metrics: metrics.clone(), ..Shape::default() };
    match op {
        // A filter leaves the values as they are.
        _ if crate::syntax::promql::compares(op) && !bool => {
            if left.number.is_some() {
                right
            } else {
                left
            }
        }
        "and" | "or" | "unless" => left,
        "*" => match (left.number, right.number) {
            (Some(by), None) => scaled(right, by),
            (None, Some(by)) => scaled(left, by),
            _ => none,
        },
        "/" => match right.number {
            Some(by) if by != 0.0 => scaled(left, 1.0 / by),
            // `100 * part / whole` multiplies first.
            _ => match left.multiplied {
                Some((unit, by)) => {
                    let plain = Shape { unit, multiplied: None, ..left };
                    scaled(Shape { metrics, ..share(&plain, &right) }, by)
                }
                None => Shape { metrics, ..share(&left, &right) },
            },
        },
        "-" => minus(left, right, none),
        "+" if left.unit == right.unit && left.unit.is_some() => {
            Shape { unit: left.unit, least: left.least.and(right.least).map(|_| 0.0), ..none }
        }
        _ => none,
    }
}

fn calculate(op: &str, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "^" => a.powf(b),
        "%" => a % b,
        _ => return None,
    })
}

fn scaled(of: Shape, by: f64) -> Shape {
    let close = |to: f64| (by / to - 1.0).abs() < 1e-9;
    let unit = match of.unit {
        _ if close(1.0) => of.unit,
        Some("ratio") if close(PERCENT) => Some("percent"),
        Some("percent") if close(1.0 / PERCENT) => Some("ratio"),
        Some("seconds") if close(MILLI) => Some("ms"),
        Some("ms") if close(1.0 / MILLI) => Some("seconds"),
        Some("timestamp_ms") if close(1.0 / MILLI) => Some("timestamp"),
        Some("timestamp") if close(MILLI) => Some("timestamp_ms"),
        _ => None,
    };
    let positive = by > 0.0;
    let (base, times) = of.multiplied.unwrap_or((of.unit, 1.0));
    Shape {
        unit,
        multiplied: Some((base, times * by)),
        most: of.most.filter(|_| positive).map(|m| m * by),
        least: of.least.filter(|_| positive).map(|l| l * by),
        counter: of.counter,
        per_second: of.per_second && close(1.0),
        counts: false,
        used: of.used,
        number: None,
        metrics: of.metrics,
    }
}

/// A quotient of series: a share of a whole, or a mean.
fn share(left: &Shape, right: &Shape) -> Shape {
    let pair = |part: &str, whole: &str| PARTS.iter().find(|(p, w, _)| *p == part && *w == whole);
    if let ([part], [whole]) = (left.metrics.as_slice(), right.metrics.as_slice())
        && let Some((_, _, used)) = pair(part, whole)
        && left.unit == right.unit
    {
        return Shape {
            unit: Some("ratio"),
            most: Some(1.0),
            least: Some(0.0),
            used: Some(*used),
            ..Shape::default()
        };
    }
    // What is left of the whole, over the whole.
    if let ([whole, part], [over]) = (left.metrics.as_slice(), right.metrics.as_slice())
        && whole == over
        && let Some((_, _, used)) = pair(part, whole)
        && left.used.is_some()
    {
        return Shape {
            unit: Some("ratio"),
            most: Some(1.0),
            least: Some(0.0),
            used: Some(!used),
            ..Shape::default()
        };
    }
    let unit = match (left.unit, right.unit) {
        (Some(a), Some(b)) if a == b => Some("ratio"),
        // The sum of a histogram over its count.
        (Some("ratio"), None) if left.per_second && right.per_second => {
            left.metrics.first().filter(|m| m.ends_with("_sum")).and_then(|m| self::unit(m))
        }
        (unit, None) if right.metrics.first().is_some_and(|m| m.ends_with("_count")) => unit,
        _ => None,
    };
    Shape { unit, ..Shape::default() }
}

fn minus(left: Shape, right: Shape, none: Shape) -> Shape {
    match (left.number, right.number, left.unit, right.unit) {
        // `1 - free` is what is used.
        (Some(whole), None, _, Some("ratio")) if whole == 1.0 && right.most == Some(1.0) => {
            Shape { used: right.used.map(|u| !u), counter: false, ..right }
        }
        (Some(whole), None, _, Some("percent")) if whole == PERCENT && right.most == Some(PERCENT) => {
            Shape { used: right.used.map(|u| !u), counter: false, ..right }
        }
        (None, None, Some("timestamp"), Some("timestamp")) => Shape { unit: Some("seconds"), ..none },
        (None, None, Some("timestamp_ms"), Some("timestamp_ms")) => Shape { unit: Some("ms"), ..none },
        (None, None, Some(a), Some(b)) if a == b => {
            let rest = match (left.metrics.as_slice(), right.metrics.as_slice()) {
                ([whole], [part]) => PARTS.iter().find(|(p, w, _)| p == part && w == whole).map(|p| !p.2),
                _ => None,
            };
            Shape { unit: Some(a), used: rest, ..none }
        }
        _ => none,
    }
}

/// True if an expression subtracts a time in seconds from one in milliseconds, or the other way round.
pub(super) fn mixes_times(node: &Node) -> bool {
    let Expr::Binary { op, left, right, .. } = &node.expr else { return false };
    op == "-"
        && matches!(
            (shape(left).unit, shape(right).unit),
            (Some("timestamp"), Some("timestamp_ms")) | (Some("timestamp_ms"), Some("timestamp"))
        )
}
