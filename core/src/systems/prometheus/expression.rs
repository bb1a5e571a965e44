//! The facts of one expression: the series it names and the comparisons it makes.

use crate::facts::kinds::alerts::{comparison, rule, series};
use crate::facts::tables::METRICS;
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::{Span, View};
use crate::syntax::promql::{self, Expr, Fault, Node, Selector};
use crate::systems::Reading;
use crate::systems::keyed::forms;

use super::shape::{self, Shape, shape};

/// Reads the expression of a rule, notes on the rule why it is refused, and adds what it says.
pub(super) fn read(view: &View<'_>, id: FactId, judged: bool, out: &mut Reading) {
    if is_filled_in(&view.text) {
        return;
    }
    let node = match promql::parse(&view.text) {
        Ok(node) => node,
        Err(Fault::Open) => return,
        Err(Fault::Refused { reason, at, nearest }) => {
            let fact = out.facts.get_mut(id);
            fact.set(rule::reason, Said::derived(Value::text(reason), Some(view.span(at))));
            if let Some(nearest) = nearest {
                fact.derive(rule::nearest, Value::text(nearest));
            }
            return;
        }
    };
    let mut absent = false;
    promql::walk(&node, &mut |n| {
        absent |=
            matches!(&n.expr, Expr::Call { name, .. } if name.starts_with("absent") || name == "vector");
    });
    out.facts.get_mut(id).derive(rule::minds_absence, Value::Bool(absent));
    let mut mixed = false;
    // Only such metrics count milliseconds; the look at all parts of all parts is spared where there are none.
    if view.text.contains("_ms") {
        promql::walk(&node, &mut |n| mixed |= shape::mixes_times(n));
    }
    let reader = Reader { view, id, mixed };
    reader.series(&node, &Around::default(), out);
    if judged {
        let mut left = MAX_COMPARISONS;
        promql::walk(&node, &mut |n| {
            let compares = matches!(&n.expr, Expr::Binary { op, .. } if promql::compares(op));
            if compares && left > 0 {
                left -= 1;
                reader.comparison(n, out);
            }
        });
    }
}

/// True if a template fills in more than the content of texts between quotes.
fn is_filled_in(text: &str) -> bool {
    let mut rest = text;
    let mut quote = None;
    while let Some(at) = rest.find(['"', '\'', '`', '{', '\\']) {
        let found = rest.get(at..).unwrap_or_default();
        if let Some(inner) = found.strip_prefix("{{") {
            let filled = inner.find("}}").and_then(|end| Some((inner.get(..end)?, inner.get(end + 2..)?)));
            match filled {
                Some((filled, after)) if quote.is_some() && !filled.contains(['"', '\'', '`']) => {
                    rest = after
                }
                _ => return true,
            }
            continue;
        }
        if found.starts_with('\\') {
            let escaped = found.chars().nth(1).map_or(0, char::len_utf8);
            rest = found.get(1 + escaped..).unwrap_or_default();
            continue;
        }
        let sign = found.chars().next().filter(|c| *c != '{');
        match (quote, sign) {
            (None, Some(_)) => quote = sign,
            (Some(open), Some(sign)) if open == sign => quote = None,
            _ => {}
        }
        rest = found.get(1..).unwrap_or_default();
    }
    false
}

/// More comparisons of one expression are not looked at; each looks at all that it compares.
const MAX_COMPARISONS: usize = 16;

/// Names are compared with all known ones only while a run's file has few facts.
const FACTS_WITH_GUESSES: usize = 2_000;

/// What stands around a selector.
#[derive(Clone, Copy, Default)]
struct Around<'n> {
    function: Option<&'n str>,
    sums: bool,
    /// The labels that a sum keeps.
    by: Option<&'n [(String, std::ops::Range<usize>)]>,
    compared: bool,
    divisor: bool,
    /// A range follows what it stands in.
    ranged: bool,
}

struct Reader<'r> {
    view: &'r View<'r>,
    id: FactId,
    /// Seconds and milliseconds are subtracted from each other somewhere in it.
    mixed: bool,
}

/// Functions for which it does not matter what a counter stands at.
const COUNTERS_AS_THEY_ARE: &[&str] =
    &["absent", "absent_over_time", "timestamp", "present_over_time", "count", "group"];

/// Limits that exporters give as 0 where none is set.
const LIMITS: &[&str] =
    &["redis_memory_max_bytes", "redis_config_maxmemory", "container_spec_memory_limit_bytes"];

impl Reader<'_> {
    fn series<'n>(&self, node: &'n Node, around: &Around<'n>, out: &mut Reading) {
        match &node.expr {
            Expr::Selector(selector) => self.selector(node, selector, around, out),
            Expr::Call { name, args } => {
                let inner = Around { function: Some(name), ..*around };
                args.iter().for_each(|a| self.series(a, &inner, out));
            }
            Expr::Aggregate { op, by, args } => {
                let counted = op == "count" || op == "group";
                let function = if counted { Some(op.as_str()) } else { around.function };
                let by = by.as_deref().or(around.by);
                let inner = Around { function, by, sums: around.sums || op == "sum", ..*around };
                args.iter().for_each(|a| self.series(a, &inner, out));
            }
            Expr::Binary { op, left, right, .. } => {
                let compared = around.compared || promql::compares(op);
                let inner = Around { compared, divisor: false, ..*around };
                self.series(left, &inner, out);
                self.series(right, &Around { divisor: op == "/", ..inner }, out);
            }
            Expr::Sign(_, of) => self.series(of, around, out),
            Expr::Subquery { of, .. } => {
                let rate = matches!(around.function, Some("rate" | "increase" | "irate"));
                let sums = matches!(&of.expr, Expr::Aggregate { op, .. } if op == "sum");
                let function = if rate && sums { Some("rate of a sum") } else { around.function };
                self.series(of, &Around { function, ranged: true, ..*around }, out);
            }
            Expr::Number(_) | Expr::Text(_) => {}
        }
    }

    fn selector(&self, node: &Node, selector: &Selector, around: &Around<'_>, out: &mut Reading) {
        let Some(name) = &selector.name else { return };
        let at = self.view.span(selector.name_at.clone());
        let mut fact = Fact::new(&series::KIND, at);
        fact.derive(series::rule, Value::Record(self.id));
        fact.write(series::metric, Value::text(name), at);
        let known = shape::metric(name);
        match known {
            Some(known) => {
                fact.derive(series::form, Value::text(known.form));
                if let Some(exporter) = forms::note(known, "exporter") {
                    fact.derive(series::exporter, Value::text(exporter));
                }
                if !known.alias_of.is_empty() {
                    fact.derive(series::replaced_by, Value::text(known.alias_of));
                }
                fact.derive(series::old, Value::Bool(forms::noted(known, "old")));
                fact.derive(series::zookeeper, Value::Bool(forms::noted(known, "zookeeper")));
                self.labels(known, selector, around, &mut fact);
            }
            None => {
                // Rules of one's own make series whose names have colons.
                if FAMILIES.iter().any(|f| name.starts_with(f))
                    && !name.contains(':')
                    && out.facts.len() < FACTS_WITH_GUESSES
                    && let Some(near) = METRICS.nearest(name)
                {
                    fact.derive(series::nearest, Value::text(near));
                }
                if name.ends_with("_total") {
                    fact.derive(series::form, Value::text("counter"));
                }
            }
        }
        if let Some(function) = around.function {
            fact.derive(series::function, Value::text(function));
            fact.derive(series::rate_of_sum, Value::Bool(function == "rate of a sum"));
        }
        if let Some(Some(range)) = selector.range {
            fact.write(series::range, Value::Duration(range), self.view.span(selector.range_at.clone()));
        }
        let as_it_is = around.function.is_none_or(|f| !COUNTERS_AS_THEY_ARE.contains(&f))
            && selector.range.is_none()
            && !around.ranged;
        if shape::is_counter(name) && as_it_is && around.compared && around.function != Some("rate of a sum")
        {
            fact.set(
                series::raw_counter,
                Said::derived(Value::Bool(true), Some(self.view.span(node.at.clone()))),
            );
        }
        if around.divisor && LIMITS.contains(&name.as_str()) {
            fact.write(series::divided_by, Value::text(name), at);
        }
        // `=` takes a pattern as it stands.
        let pattern = selector.matchers.iter().find(|m| {
            m.op == "="
                && !m.value.contains("{{")
                && (m.value.contains(".*") || m.value.contains(".+") || m.value.contains('|'))
        });
        if let Some(matcher) = pattern {
            fact.write(
                series::pattern,
                Value::text(&matcher.value),
                self.view.span(matcher.value_at.clone()),
            );
        }
        out.facts.add(fact);
    }

    fn labels(
        &self,
        known: &'static crate::facts::KeyDef,
        selector: &Selector,
        around: &Around<'_>,
        fact: &mut Fact,
    ) {
        let matched = selector.matchers.iter().map(|m| (m.label.as_str(), &m.label_at));
        let kept = around.by.into_iter().flatten().map(|(label, at)| (label.as_str(), at));
        let used: Vec<(&str, &std::ops::Range<usize>)> = matched.chain(kept).collect();
        if forms::noted(known, "perobject")
            && !selector.name.as_deref().is_some_and(|n| n.contains("_detailed_"))
        {
            let own = ["queue", "vhost", "channel", "connection"];
            if let Some((label, at)) = used.iter().find(|(label, _)| own.contains(label)) {
                fact.write(series::object_label, Value::text(label), self.view.span((*at).clone()));
            }
        }
        let Some(labels) = forms::note(known, "labels") else { return };
        let labels: Vec<&str> = labels.split(',').collect();
        for (wrong, right) in CONFUSED {
            let here = used.iter().find(|(label, _)| label == wrong);
            if let Some((label, at)) = here.filter(|_| labels.contains(right) && !labels.contains(wrong)) {
                fact.write(series::unknown_label, Value::text(label), self.view.span((*at).clone()));
                fact.derive(series::known_label, Value::text(right));
            }
        }
    }

    fn comparison(&self, node: &Node, out: &mut Reading) {
        let Expr::Binary { op, left, right, bool: false } = &node.expr else { return };
        if !promql::compares(op) {
            return;
        }
        let (l, r) = (shape(left), shape(right));
        let (of, op, threshold, number_at) = match (l.number, r.number) {
            (None, Some(number)) => (l, op.as_str(), number, right),
            (Some(number), None) => (r, flipped(op), number, left),
            _ => return,
        };
        let (whole, at) = (self.view.span(node.at.clone()), self.view.span(number_at.at.clone()));
        let mut fact = compared(&of, op, threshold, (whole, at), self.id);
        if self.mixed {
            fact.derive(comparison::mixed, Value::text("seconds with milliseconds"));
        }
        out.facts.add(fact);
    }
}

/// The fact of a comparison that stands at the first place, with a number at the second.
fn compared(of: &Shape, op: &str, threshold: f64, (whole, at): (Span, Span), id: FactId) -> Fact {
    let mut fact = Fact::new(&comparison::KIND, whole);
    fact.derive(comparison::rule, Value::Record(id));
    fact.derive(comparison::operator, Value::text(op));
    fact.write(comparison::threshold, Value::Float(threshold), at);
    if let [metric] = of.metrics.as_slice() {
        fact.derive(comparison::metric, Value::text(metric));
    }
    if let Some(unit) = of.unit {
        fact.derive(comparison::unit, Value::text(unit));
    }
    fact.derive(comparison::per_second, Value::Bool(of.per_second));
    fact.derive(comparison::counts_series, Value::Bool(of.counts));
    judge(of, op, threshold, &mut fact);
    fact
}

/// Adds the comparison of an expression with a number that stands apart from it.
pub(super) fn against(node: &Node, op: &str, threshold: f64, at: Span, id: FactId, out: &mut Reading) {
    out.facts.add(compared(&shape(node), op, threshold, (at, at), id));
}

/// Families of metrics whose names are known well enough to tell a mistyped one.
const FAMILIES: &[&str] = &[
    "rabbitmq_",
    "kafka_consumergroup_",
    "kafka_topic_",
    "redis_memory_",
    "node_filesystem_",
    "kubelet_volume_",
];

/// Labels that one exporter has where another has the other one.
const CONFUSED: &[(&str, &str)] = &[
    ("group", "consumergroup"),
    ("consumer_group", "consumergroup"),
    ("consumergroup", "group"),
    ("group_id", "consumergroup"),
];

fn flipped(op: &str) -> &str {
    match op {
        ">" => "<",
        ">=" => "<=",
        "<" => ">",
        "<=" => ">=",
        same => same,
    }
}

/// Says what is wrong with the number that a value is compared with.
fn judge(of: &Shape, op: &str, threshold: f64, fact: &mut Fact) {
    let never = match op {
        ">" => of.most.filter(|m| threshold >= *m).map(|m| format!("it is never more than {m}")),
        ">=" => of.most.filter(|m| threshold > *m).map(|m| format!("it is never more than {m}")),
        "<" => of.least.filter(|l| threshold <= *l).map(|l| format!("it is never less than {l}")),
        "<=" => of.least.filter(|l| threshold < *l).map(|l| format!("it is never less than {l}")),
        "==" => match (of.least, of.most) {
            (Some(l), _) if threshold < l => Some(format!("it is never less than {l}")),
            (_, Some(m)) if threshold > m => Some(format!("it is never more than {m}")),
            _ => None,
        },
        _ => None,
    };
    // No series is no value: a count is never 0.
    let never = match never {
        Some(_) if of.counts => Some("where nothing is counted there is no value, not 0".to_owned()),
        other => other,
    };
    if let Some(reason) = never {
        fact.derive(comparison::never, Value::text(reason));
    }
    let always = match op {
        "<" | "<=" => of.most.filter(|m| threshold > *m).map(|m| format!("it is never more than {m}")),
        ">" | ">=" => of.least.filter(|l| threshold < *l).map(|l| format!("it is never less than {l}")),
        _ => None,
    };
    if let Some(reason) = always {
        fact.derive(comparison::always, Value::text(reason));
    }
    let small = threshold > 0.0 && threshold < 1.0;
    let mixed = match of.unit {
        Some("percent") if of.most.is_some() && small => Some("percent with a share of one"),
        _ => None,
    };
    if let Some(mixed) = mixed {
        fact.derive(comparison::mixed, Value::text(mixed));
    }
    let percent = match of.unit {
        Some("percent") => Some(threshold),
        Some("ratio") => Some(threshold * 100.0),
        _ => None,
    };
    if let (Some(percent), Some(used)) = (percent, of.used) {
        let over = matches!(op, ">" | ">=");
        if over == used && (0.0..=100.0).contains(&percent) {
            let used = if used { percent } else { 100.0 - percent };
            fact.derive(comparison::used_percent, Value::Float(used));
        }
    }
}
