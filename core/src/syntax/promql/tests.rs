//! Expressions that Prometheus takes and refuses, and how they are understood.

use super::{Expr, Fault, duration, parse};

#[test]
fn expressions_are_taken() {
    for text in [
        "up == 0",
        "sum by (queue) (rate(rabbitmq_queue_messages_published_total{vhost=\"/\"}[5m])) > 1e3",
        "sum(rate(x_total[5m])) by (job) / on(job) group_left(instance) sum(y) by (job)",
        "100 * (1 - node_filesystem_avail_bytes{fstype!~\"tmpfs|overlay\"} / node_filesystem_size_bytes) > 85",
        "absent(up{job='kafka'}) or up{job='kafka'} == 0",
        "histogram_quantile(0.99, sum(rate(h_bucket[10m])) by (le)) > .5",
        "max_over_time(deriv(lag[1h:1m])[30m:]) > 0",
        "x offset 1d > bool 3 and -y ^ 2 < +4",
        "rate(x[$__rate_interval]) > 0",
        "predict_linear(node_filesystem_avail_bytes[6h], 24 * 3600) < 0",
        "topk(3, count_values(\"v\", x)) # most\n",
        "job:lag:max5m > 30",
        "label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\") > 1",
        "time() - x > 3600",
        "{__name__=~\"rabbitmq_.*\"} > 1",
        "x @ end() > 0x1f",
        "sum without (instance) (x) unless ignoring (job) y",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn expressions_are_refused_as_prometheus_refuses_them() {
    for (text, at, reason) in [
        ("rate(x) > 1", "x", "series with a range"),
        ("x[5m] > 1", "x[5m]", "cannot have series with a range"),
        ("sum(x) by job", "job", "`(` is missing"),
        ("x > 1 and 3", "x > 1 and 3", "stands between series"),
        ("increse(x[5m])", "increse", "no function"),
        ("x{job=kafka}", "kafka", "in quotes"),
        ("x{job==\"a\"}", "==", "not with `==`"),
        ("x > ", "", "missing at the end"),
        ("(x > 1", "", "`)` is missing"),
        ("sum(rate(x[5m])", "", "`)` is missing"),
        ("x = 1", "=", "nothing can go on"),
        ("rate(x[5])", "", ""),
        ("rate(x[abc])", "abc", "no duration"),
        ("rate(sum(x)[5m])", "[5m]", "only follow a selector"),
        ("1 > 2", "1 > 2", "with `bool`"),
        ("{job=~\".*\"}", "{job=~\".*\"}", "not always true"),
        ("x > 5 %", "", "missing at the end"),
        ("x && y", "&", "means nothing"),
    ] {
        match parse(text) {
            Err(Fault::Refused { reason: why, at: place, .. }) => {
                assert_eq!((&text[place], why.contains(reason)), (at, true), "{text}: {why}");
            }
            // Since 2.54 a number counts seconds.
            other => assert!(reason.is_empty() && other.is_ok(), "{text}: {other:?}"),
        }
    }
    assert!(matches!(parse("increse(x[5m])"), Err(Fault::Refused { nearest: Some("increase"), .. })));
}

#[test]
fn hostile_expressions_end() {
    for text in
        ["(".repeat(10_000), "-".repeat(10_000), "x[5m:".repeat(2_000), "x+".repeat(100_000), "\"".to_owned()]
    {
        assert!(parse(&text).is_err());
    }
}

#[test]
fn durations_and_precedence_are_those_of_the_manual() {
    for (text, ms) in
        [("5m", 300_000), ("1h30m", 5_400_000), ("100ms", 100), ("1d12h", 129_600_000), ("0", 0)]
    {
        assert_eq!(duration(text), Some(ms), "{text}");
    }
    for bad in ["5", "1.5m", "30m1h", "m", "", "5 m", "99999999999999y"] {
        assert_eq!(duration(bad), None, "{bad}");
    }
    let Ok(node) = parse("a + b * c > d or e") else { panic!("it is well formed") };
    assert!(matches!(&node.expr, Expr::Binary { op, .. } if op == "or"));
    assert_eq!(node.at, 0..18);
}
