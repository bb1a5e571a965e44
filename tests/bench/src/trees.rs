//! Folders of made-up configuration, the same for the same size: about as large as real files of their kind, a third of
//! them with something to find.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// A sort of tree: its name, and what its n-th folder holds.
pub(crate) type Kind = (&'static str, fn(usize) -> Vec<(String, String)>);

/// All sorts, by the format that peers read.
pub(crate) const KINDS: [Kind; 12] = [
    ("compose", |n| one("docker-compose.yml", compose(n))),
    ("kubernetes", |n| one("deployment.yaml", kubernetes(n))),
    ("dotenv", |n| one(".env", dotenv(n))),
    ("nginx", |n| one("nginx.conf", nginx(n))),
    ("haproxy", |n| one("haproxy.cfg", haproxy(n))),
    ("rabbitmq", |n| one("rabbitmq.conf", rabbitmq(n))),
    ("kafka", |n| one("server.properties", kafka(n))),
    ("systemd", |n| one("rabbitmq-server.service", systemd(n))),
    ("nftables", |n| one("nftables.conf", nftables(n))),
    ("python", |n| one("worker.py", python(n))),
    ("certificates", |_| one("server.pem", include_str!("../../fixtures/bench/server.pem").to_owned())),
    ("stacks", stack),
];

/// Writes a tree of `count` folders and says how many bytes it has.
pub(crate) fn write(folder: &Path, (_, files): Kind, count: usize) -> io::Result<usize> {
    let mut bytes = 0;
    for n in 0..count {
        let place = folder.join(format!("project-{n:06}"));
        fs::create_dir_all(&place)?;
        for (name, text) in files(n) {
            bytes += text.len();
            fs::write(place.join(name), text)?;
        }
    }
    Ok(bytes)
}

fn one(name: &str, text: String) -> Vec<(String, String)> {
    vec![(name.to_owned(), text)]
}

/// True for every third of them.
fn faulty(n: usize) -> bool {
    n.is_multiple_of(3)
}

fn lines(text: &mut String, count: usize, line: impl Fn(usize) -> String) {
    for i in 0..count {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(i));
    }
}

fn compose(n: usize) -> String {
    let mut text = String::from("services:\n");
    let heartbeat = if faulty(n) { 0 } else { 30 };
    for i in 0..4 {
        let _ = write!(
            text,
            "  worker-{i}:\n    image: registry.example.net/worker:{n}\n    restart: unless-stopped\n    environment:\n      \
             AMQP_URL: amqp://app{n}:${{AMQP_PASSWORD}}@broker:5672/shop?heartbeat={heartbeat}\n      \
             REDIS_URL: redis://cache:6379/{i}\n    depends_on:\n      broker:\n        condition: service_healthy\n"
        );
    }
    text.push_str(
        "  broker:\n    image: rabbitmq:4.1-management\n    restart: unless-stopped\n    healthcheck:\n      \
         test: [CMD, rabbitmq-diagnostics, ping]\n      interval: 10s\n    ulimits:\n      nofile: 65536\n  cache:\n    \
         image: redis:7.4\n    restart: unless-stopped\n",
    );
    text
}

fn kubernetes(n: usize) -> String {
    let grace = if faulty(n) { 5 } else { 60 };
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders-{n}\nspec:\n  selector: {{app: orders-{n}}}\n  ports:\n    \
         - {{name: http, port: 80, targetPort: http}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  \
         name: orders-{n}\nspec:\n  replicas: 3\n  selector: {{matchLabels: {{app: orders-{n}}}}}\n  template:\n    \
         metadata: {{labels: {{app: orders-{n}}}}}\n    spec:\n      terminationGracePeriodSeconds: {grace}\n      \
         containers:\n        - name: orders\n          image: registry.example.net/orders:{n}\n          ports:\n            \
         - {{name: http, containerPort: 8080}}\n          env:\n            - name: AMQP_URL\n              \
         value: amqp://broker.messaging:5672/shop\n          readinessProbe:\n            \
         httpGet: {{path: /ready, port: http}}\n          resources: {{limits: {{memory: 512Mi}}}}\n"
    )
}

fn dotenv(n: usize) -> String {
    let mut text = format!("AMQP_URL=amqp://app:${{PASSWORD}}@mq{n}.internal:5672/shop?heartbeat=30\n");
    lines(&mut text, 8, |i| format!("SETTING_{i}=value-{n}-{i}"));
    if faulty(n) {
        text.push_str("CELERY_BROKER_URL=amqp://mail@mq.internal/shop?heartbeat=0\n");
    }
    text
}

fn nginx(n: usize) -> String {
    let idle = if faulty(n) { "10s" } else { "10m" };
    let mut text = String::from("worker_processes auto;\nevents { worker_connections 1024; }\nhttp {\n");
    lines(&mut text, 8, |i| {
        format!(
            "  upstream app{i} {{\n    server 10.{n}.0.{i}:8080 max_fails=3;\n    keepalive 16;\n  }}\n  server {{\n    \
             listen 443 ssl;\n    server_name s{i}.example.net;\n    location / {{\n      proxy_pass http://app{i};\n      \
             proxy_read_timeout 60s;\n    }}\n  }}",
            n = n % 250
        )
    });
    let _ = write!(
        text,
        "}}\nstream {{\n  server {{\n    listen 5672;\n    proxy_pass 10.0.0.7:5672;\n    proxy_timeout {idle};\n  }}\n}}\n"
    );
    text
}

fn haproxy(n: usize) -> String {
    let idle = if faulty(n) { "30s" } else { "3h" };
    let mut text = format!(
        "global\n  maxconn 4096\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client {idle}\n  \
         timeout server {idle}\nfrontend amqp\n  bind :5672\n  default_backend brokers\nbackend brokers\n"
    );
    lines(&mut text, 12, |i| format!("  server mq{i} 10.0.{}.{i}:5672 check inter 5s", n % 250));
    text
}

fn rabbitmq(n: usize) -> String {
    let memory = if faulty(n) { "0.95" } else { "0.6" };
    let mut text = format!(
        "listeners.tcp.default = 5672\nheartbeat = 60\nvm_memory_high_watermark.relative = {memory}\n\
         disk_free_limit.absolute = 2GB\ncluster_formation.peer_discovery_backend = classic_config\n"
    );
    lines(&mut text, 5, |i| format!("cluster_formation.classic_config.nodes.{} = rabbit@mq{n}-{i}", i + 1));
    text
}

fn kafka(n: usize) -> String {
    let minimum = if faulty(n) { 3 } else { 2 };
    format!(
        "broker.id={n}\nlisteners=PLAINTEXT://10.0.0.{}:9092\nlog.dirs=/var/lib/kafka\nnum.partitions=6\n\
         default.replication.factor=3\nmin.insync.replicas={minimum}\nunclean.leader.election.enable=false\n\
         zookeeper.connect=zk1:2181,zk2:2181,zk3:2181\nlog.retention.hours=168\n",
        n % 250
    )
}

fn systemd(n: usize) -> String {
    let files = if faulty(n) { 1024 } else { 65_536 };
    format!(
        "[Unit]\nDescription=Broker {n}\nAfter=network-online.target\n[Service]\nType=notify\nUser=rabbitmq\n\
         ExecStart=/usr/sbin/rabbitmq-server\nLimitNOFILE={files}\nRestart=on-failure\nTimeoutStartSec=600\n\
         [Install]\nWantedBy=multi-user.target\n"
    )
}

fn nftables(n: usize) -> String {
    let port = if faulty(n) { 5671 } else { 5672 };
    format!(
        "table inet filter {{\n  chain input {{\n    type filter hook input priority 0; policy drop;\n    \
         ct state established,related accept\n    iif lo accept\n    ip saddr 10.{}.0.0/16 tcp dport {{ 22, {port} }} accept\n    \
         tcp dport 15672 drop\n  }}\n}}\n",
        n % 250
    )
}

fn python(n: usize) -> String {
    let acknowledge = if faulty(n) { "True" } else { "False" };
    let mut text = format!(
        "import os\nimport pika\n\nURL = os.getenv('AMQP_URL', 'amqp://app@mq{n}.internal:5672/shop?heartbeat=30')\n\n\n\
         def main():\n    connection = pika.BlockingConnection(pika.URLParameters(URL))\n    channel = connection.channel()\n    \
         channel.queue_declare('orders', durable=True)\n    channel.basic_qos(prefetch_count=50)\n    \
         channel.basic_consume('orders', handle, auto_ack={acknowledge})\n    channel.start_consuming()\n\n\n"
    );
    lines(&mut text, 20, |i| format!("def step_{i}(value):\n    return value + {n} * {i}\n"));
    text
}

/// A small deployment whose files belong together.
fn stack(n: usize) -> Vec<(String, String)> {
    type Make = fn(usize) -> String;
    let files: [(&str, Make); 8] = [
        ("docker-compose.yml", compose),
        (".env", dotenv),
        ("haproxy.cfg", haproxy),
        ("rabbitmq.conf", rabbitmq),
        ("nginx.conf", nginx),
        ("rabbitmq-server.service", systemd),
        ("nftables.conf", nftables),
        ("worker.py", python),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text(n))).collect()
}
