//! What watches: Prometheus's alerts, wherever they are written, and the servers that evaluate them.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An alert, or a series that is computed beforehand.
    rule "alert.rule" {
        /// Its name.
        name: Text,
        /// It computes a series and alerts nobody.
        recording: Bool,
        /// `prometheus`, `operator` or `grafana`.
        form: Text,
        /// The group it belongs to.
        group: Text,
        /// The expression.
        expression: Text,
        /// How long it must hold before anybody is told.
        wait: Duration,
        /// How often its group is evaluated, where the group says it.
        interval: Duration,
        /// The label `severity`.
        severity: Text,
        /// Its name and annotations speak of milliseconds.
        says_milliseconds: Bool,
        /// They speak of seconds.
        says_seconds: Bool,
        /// They speak of a number each minute.
        says_per_minute: Bool,
        /// The whole expression is `absent(…)`, or has one beside it.
        minds_absence: Bool,
        /// Why Prometheus refuses it.
        reason: Text,
        /// What was probably meant.
        nearest: Text,
    }

    /// Time series that an expression names.
    series "alert.series" {
        /// The alert or computed series.
        rule: Record("alert.rule"),
        /// The metric.
        metric: Text,
        /// `counter` or `gauge`, where the metric is known.
        form: Text,
        /// The exporter that has it.
        exporter: Text,
        /// The metric that has taken its place, or has it in the exporter of today.
        replaced_by: Text,
        /// Its name went with a release of the exporter.
        old: Bool,
        /// It exists only while Kafka keeps its metadata in ZooKeeper.
        zookeeper: Bool,
        /// The metric that a mistyped one most likely means.
        nearest: Text,
        /// The innermost function around it that works over a range: `rate`, `increase`, `max_over_time`, ….
        function: Text,
        /// The range it is looked at over.
        range: Duration,
        /// It is an average of sums: `rate(sum(…))`.
        rate_of_sum: Bool,
        /// A label that the metric has not.
        unknown_label: Text,
        /// The label that is probably meant.
        known_label: Text,
        /// A label of queues or connections, which a metric of RabbitMQ has only on per-object pages.
        object_label: Text,
        /// A value between quotes after `=` that is a pattern.
        pattern: Text,
        /// A computed or compared counter as it stands.
        raw_counter: Bool,
        /// The limit that it is divided by, which is 0 where none is set.
        divided_by: Text,
    }

    /// A comparison with a number.
    comparison "alert.comparison" {
        /// The alert.
        rule: Record("alert.rule"),
        /// `>`, `>=`, `<`, `<=`, `==` or `!=`, the number on its right.
        operator: Text,
        /// The number.
        threshold: Float,
        /// The only metric on the other side.
        metric: Text,
        /// The other side's unit: `bytes`, `seconds`, `ms`, `ratio`, `percent`, `messages`, ….
        unit: Text,
        /// The other side is a number each second.
        per_second: Bool,
        /// The other side counts series.
        counts_series: Bool,
        /// How much of something is used, in percent, at which it holds.
        used_percent: Float,
        /// Nothing in the deployment tells it earlier.
        earliest: Bool,
        /// Why it never holds.
        never: Text,
        /// Why it always holds.
        always: Text,
        /// What it compares with what: `percent with a ratio`.
        mixed: Text,
    }

    /// Something that nothing watches, while other things of the same system are watched.
    gap "alert.gap" {
        /// `rabbitmq`, `kafka`, `redis`, `postgresql`, `mysql` or `tls`.
        system: Text,
        /// What is not watched: `memory`, `disk`, `lag`, ….
        missing: Text,
        /// How many alerts watch the system.
        alerts: Int,
    }

    /// A Prometheus server, as its configuration describes it.
    server "prometheus.server" {
        /// How often targets are asked.
        scrape_interval: Duration,
        /// How long a target may take to answer.
        scrape_timeout: Duration,
        /// How often alerts are evaluated.
        evaluation_interval: Duration,
        /// Files with alerts.
        rule_files: List(&Text),
        /// It tells some Alertmanager.
        tells: Bool,
    }

    /// A group of targets that Prometheus asks.
    job "prometheus.job" {
        /// Its name.
        name: Text,
        /// How often they are asked.
        interval: Duration,
        /// How long they may take.
        timeout: Duration,
        /// Path of their metrics.
        path: Text,
        /// `http` or `https`.
        scheme: Text,
        /// The targets, `host:port` each.
        targets: List(&Text),
        /// A job of the same name stands above.
        duplicate: Bool,
        /// The check of certificates is off.
        unverified: Bool,
    }
}
