//! What the table of libraries gives, by example.

use super::*;
use crate::facts::Kind;
use crate::facts::kinds::{http, kafka, pool, redis, retry, sql, store};

fn read_as(kind: &FileKind, name: &str, text: &str) -> Reading {
    let source = Source::new(name, text);
    assert_eq!((kind.recognise)(&source), Match::Likely, "{name}: {text}");
    let mut reading = Reading::default();
    (kind.read)(&View::whole(crate::FileId(0), &source), &mut reading);
    assert!(reading.notices.is_empty(), "{text}");
    reading
}

/// The value of a field or key of the first fact of a kind, as people read it; `None` where it is not known.
fn shown(reading: &Reading, kind: &'static Kind, field: &str) -> Option<String> {
    let (_, fact) = reading.facts.of(kind).next()?;
    let said = match kind.field(field) {
        Some(index) => fact.by_index(index),
        None => fact.setting(field),
    };
    said.map(Said::shown)
}

/// A kind of file, a name and a text; a kind of fact, one of its fields and the value that it must have.
type Case<'c> = (&'c FileKind, &'c str, String, &'static Kind, &'c str, Option<&'c str>);

#[test]
fn options_are_read_wherever_they_are_written() {
    const GO: &str = "package p\nimport (\n\"net/http\"\n\"database/sql\"\n\"github.com/redis/go-redis/v9\"\n\"github.com/segmentio/kafka-go\"\n\"github.com/avast/retry-go/v4\"\n)\n";
    let go = |body: &str| format!("{GO}const limit = 10 * time.Second\nfunc f() {{\n{body}\n}}\n");
    let table: &[Case<'_>] = &[
        // A literal, a named constant, a nested literal, a field that is set afterwards, a branch.
        (&super::GO, "a.go", go("c := &http.Client{Timeout: limit}"), &http::client::KIND, "timeout", Some("10 s")),
        (&super::GO, "a.go", go("c := http.Client{}\nc.Timeout = 2 * limit"), &http::client::KIND, "timeout", None),
        (&super::GO, "a.go", go("c := http.Client{}\nc.Timeout = limit"), &http::client::KIND, "timeout", Some("10 s")),
        (&super::GO, "a.go", go("c := http.Client{}\nif x { c.Timeout = limit }"), &http::client::KIND, "timeout", None),
        (
            &super::GO,
            "a.go",
            go("c := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: limit}}"),
            &http::client::KIND,
            "read_timeout",
            Some("10 s"),
        ),
        (&super::GO, "a.go", go("c := &http.Client{Transport: wrap(t)}\nc.Get(u)"), &http::client::KIND, "unbounded", None),
        (&super::GO, "a.go", go("db, err := sql.Open(\"mysql\", dsn)\ndb.SetMaxOpenConns(7)"), &sql::pool::KIND, "max_open", Some("7")),
        (&super::GO, "a.go", go("r := redis.NewClient(&redis.Options{PoolSize: 5})"), &redis::client::KIND, "max_open", Some("5")),
        (&super::GO, "a.go", go("w := kafka.Writer{RequiredAcks: kafka.RequireAll}"), &kafka::client::KIND, "acks", Some("all")),
        (&super::GO, "a.go", go("w := kafka.Writer{}"), &kafka::client::KIND, "acks", Some("0")),
        (&super::GO, "a.go", go("retry.Do(call, retry.Attempts(4))"), &retry::policy::KIND, "attempts", Some("4")),
        // Arguments by name and position, tuples, dictionaries, defaults of the environment, infinity.
        (&PYTHON, "a.py", "import requests\nrequests.get(u, timeout=(2, 7))\n".into(), &http::client::KIND, "read_timeout", Some("7 s")),
        (&PYTHON, "a.py", "import requests\nrequests.get(u, timeout=int(os.getenv('T', 7)))\n".into(), &http::client::KIND, "read_timeout", Some("7 s")),
        (&PYTHON, "a.py", "import requests\nrequests.get(u, timeout=t)\n".into(), &http::client::KIND, "read_timeout", None),
        (&PYTHON, "a.py", "import requests\nO = given or {}\nrequests.get(u, **O)\n".into(), &http::client::KIND, "unbounded", None),
        (&JAVASCRIPT, "a.js", "const axios = require('axios')\naxios.get(u, given || {})\n".into(), &http::client::KIND, "unbounded", None),
        (&PYTHON, "a.py", "import requests as r\nO = {'timeout': 7}\nr.get(u, **O)\n".into(), &http::client::KIND, "read_timeout", Some("7 s")),
        (
            &PYTHON,
            "a.py",
            "import os\nfrom sqlalchemy import create_engine\nHOST = 'db'\ne = create_engine(f'mysql+pymysql://app@{HOST}/x', pool_size=3)\n".into(),
            &sql::pool::KIND,
            "driver",
            Some("mysql"),
        ),
        (
            &PYTHON,
            "a.py",
            "from sqlalchemy import create_engine\ne = create_engine(u, pool_size=3, max_overflow=2)\n".into(),
            &sql::pool::KIND,
            "max_open",
            Some("5"),
        ),
        (
            &PYTHON,
            "a.py",
            "import redis\nr = redis.from_url(os.getenv('R', 'redis://cache:6379/0'))\n".into(),
            &store::uri::KIND,
            "client",
            Some("redis-py"),
        ),
        (
            &PYTHON,
            "a.py",
            "from tenacity import retry, stop_after_attempt as stop_n, stop_after_delay\n@retry(stop=stop_after_delay(9) | other())\ndef f(): pass\n".into(),
            &retry::policy::KIND,
            "total",
            Some("9 s"),
        ),
        (
            &PYTHON,
            "a.py",
            "from kafka import KafkaProducer\np = KafkaProducer(bootstrap_servers=['a:1', 'b:2'], linger_ms=5)\n".into(),
            &kafka::client::KIND,
            "bootstrap.servers",
            Some("a:1,b:2"),
        ),
        // Builders, setters, annotations, constants of Kafka's classes.
        (
            &JAVA,
            "A.java",
            "import okhttp3.*;\nclass A { Object c = new OkHttpClient.Builder().readTimeout(3, TimeUnit.MINUTES).build(); }".into(),
            &http::client::KIND,
            "read_timeout",
            Some("3 min"),
        ),
        (
            &JAVA,
            "A.java",
            "import com.zaxxer.hikari.HikariConfig;\nclass A { void f() { HikariConfig c = new HikariConfig(); c.setMaxLifetime(1_000L); } }".into(),
            &pool::hikari::KIND,
            "max_lifetime",
            Some("1 s"),
        ),
        (
            &JAVA,
            "A.java",
            "import org.springframework.retry.annotation.*;\nclass A { @Retryable(maxAttempts = 4, backoff = @Backoff(delay = 200, multiplier = 2)) void f() {} }".into(),
            &retry::policy::KIND,
            "waits_last",
            Some("1.4 s"),
        ),
        (
            &JAVA,
            "A.java",
            "import org.apache.kafka.clients.producer.*;\nclass A { void f() { p.put(ProducerConfig.LINGER_MS_CONFIG, 5); } }".into(),
            &kafka::client::KIND,
            "linger.ms",
            Some("5 ms"),
        ),
        // Properties are setters, blocks are about what they are given to.
        (
            &KOTLIN,
            "A.kt",
            "import com.zaxxer.hikari.HikariConfig\nval ds = HikariDataSource(HikariConfig().apply { maxLifetime = 2 * 60_000 })\n".into(),
            &pool::hikari::KIND,
            "max_lifetime",
            Some("2 min"),
        ),
        (
            &KOTLIN,
            "A.kt",
            "import okhttp3.OkHttpClient\nval c by lazy { OkHttpClient.Builder().apply { readTimeout(3, TimeUnit.MINUTES) }.build() }\n".into(),
            &http::client::KIND,
            "read_timeout",
            Some("3 min"),
        ),
        (
            &KOTLIN,
            "A.kt",
            "import okhttp3.OkHttpClient as Http\nval c = Http.Builder().readTimeout(90.seconds.toJavaDuration()).build()\n".into(),
            &http::client::KIND,
            "read_timeout",
            Some("90 s"),
        ),
        (
            &KOTLIN,
            "A.kt",
            "import okhttp3.OkHttpClient\nfun f(slow: Boolean) = OkHttpClient.Builder().apply { if (slow) readTimeout(9, TimeUnit.MINUTES) }.build()\n".into(),
            &http::client::KIND,
            "read_timeout",
            None,
        ),
        (
            &KOTLIN,
            "A.kt",
            "import org.springframework.retry.annotation.*\nclass A { @Retryable(maxAttempts = 4, backoff = Backoff(delay = 200, multiplier = 2.0))\n fun f() {} }".into(),
            &retry::policy::KIND,
            "waits_last",
            Some("1.4 s"),
        ),
        (
            &KOTLIN,
            "A.kt",
            "import org.apache.kafka.clients.producer.ProducerConfig\nval p = mapOf(ProducerConfig.LINGER_MS_CONFIG to 5)\n".into(),
            &kafka::client::KIND,
            "linger.ms",
            Some("5 ms"),
        ),
        (
            &KOTLIN,
            "A.kt",
            "import org.apache.kafka.clients.producer.ProducerConfig\nval p = Properties().apply { this[ProducerConfig.LINGER_MS_CONFIG] = 5 }\n".into(),
            &kafka::client::KIND,
            "linger.ms",
            Some("5 ms"),
        ),
        // Objects at a position, spreads, modules under other names.
        (
            &JAVASCRIPT,
            "a.js",
            "const { Pool: P } = require('pg')\nconst p = new P({ max: 3, connectionTimeoutMillis: 2 * 1000 })\n".into(),
            &sql::pool::KIND,
            "wait_timeout",
            Some("2 s"),
        ),
        (&JAVASCRIPT, "a.js", "const { Pool } = require('pg')\nconst p = new Pool({ ...base })\n".into(), &sql::pool::KIND, "wait_timeout", None),
        (
            &TYPESCRIPT,
            "a.ts",
            "import http from 'axios'\nconst T = 4_000\nexport const f = () => http.post(u, body, { timeout: T })\n".into(),
            &http::client::KIND,
            "timeout",
            Some("4 s"),
        ),
        (
            &TYPESCRIPT,
            "a.ts",
            "import Redis from 'ioredis'\nconst r = new Redis({ host: 'cache', maxRetriesPerRequest: null })\n".into(),
            &redis::client::KIND,
            "retries",
            Some("0"),
        ),
    ];
    for (kind, name, text, fact, field, expected) in table {
        let reading = read_as(kind, name, text);
        assert_eq!(shown(&reading, fact, field).as_deref(), *expected, "{} {field}: {text}", fact.name);
    }
}

#[test]
fn a_module_of_another_name_is_nothing_of_ours() {
    let table = [
        (&PYTHON, "a.py", "import requests\nfrom mine import get\nget(u)\n"),
        (&PYTHON, "a.py", "import requests\nclass A:\n  def f(self): self.requests_left.get(u)\n"),
        (
            &KOTLIN,
            "A.kt",
            "import okhttp3.Request\nimport mine.OkHttpClient\nval c = OkHttpClient.Builder().build()\n",
        ),
        (&JAVASCRIPT, "a.js", "const axios = require('axios')\nmodel.fetch(process.env.A)\nother.get(u)\n"),
        (
            &super::GO,
            "a.go",
            "package p\nimport http \"example.org/mine\"\nimport \"net/http\"\nfunc f() { mine.Get(u) }\n",
        ),
    ];
    for (kind, name, text) in table {
        let reading = read_as(kind, name, text);
        assert_eq!(reading.facts.of(&http::client::KIND).count(), 0, "{text}");
    }
}

#[test]
fn amqp_uris_and_ports_are_those_of_the_client() {
    let reading = read_as(&PYTHON, "a.py", "import pika\nURL = 'amqp://app@mq.internal/v'\nuse(URL)\n");
    assert_eq!(shown(&reading, &client::KIND, "library").as_deref(), Some("pika"));
    let reading =
        read_as(&PYTHON, "a.py", "import os, pika as mq\nURL = 'amqp://app@mq.internal/v'\nuse(URL)\n");
    assert_eq!(shown(&reading, &client::KIND, "library").as_deref(), Some("pika"));
    let text = "import pika\nc = pika.BlockingConnection(pika.ConnectionParameters('mq.internal'))\n";
    assert_eq!(shown(&read_as(&PYTHON, "a.py", text), &client::KIND, "port").as_deref(), Some("5672"));
}
