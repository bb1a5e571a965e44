use super::*;
use crate::facts::kinds::celery::{setting, settings};
use crate::facts::kinds::code::connection;

fn read_text(text: &str) -> Reading {
    let source = Source::new("celeryconfig.py", text);
    assert_eq!((PYTHON.recognise)(&source), Match::Likely, "{text}");
    let mut reading = Reading::default();
    (PYTHON.read)(&View::whole(crate::FileId(0), &source), &mut reading);
    assert!(reading.notices.is_empty(), "{text}");
    reading
}

#[test]
fn celery_is_read_in_every_form() {
    let texts = [
        "broker_url = 'amqp://app:x@mq.internal/v'\nbroker_heartbeat = 20\n",
        "BROKER_URL = 'amqp://app:x@mq.internal/v'\nBROKER_HEARTBEAT = 20\n",
        "CELERY_BROKER_URL = os.getenv('BROKER', 'amqp://app:x@mq.internal/v')\nCELERY_BROKER_HEARTBEAT = 2 * 10\n",
        "app = Celery('x', broker='amqp://app:x@mq.internal/v')\napp.conf.broker_heartbeat = 20\n",
        "app.conf.update(broker_url='amqp://app:x@mq.internal/v', broker_heartbeat=timedelta(seconds=20))\n",
        "app.conf.update({'broker_url': 'amqp://app:x@mq.internal/v', 'broker_heartbeat': 20})\n",
        "URL = 'amqp://app:x@mq.internal/v'\nCELERY = dict(broker_url=URL, broker_heartbeat=20)\n",
        "class Config:\n  CELERY_BROKER_URL = env('U', default='amqp://app:x@mq.internal/v')\n  CELERY_BROKER_HEARTBEAT = env.int('H', default=20)\n",
        "app.config['CELERY_BROKER_URL'] = 'amqp://app:x@mq.internal/v'\napp.config['CELERY_BROKER_HEARTBEAT'] = 20\n",
    ];
    for text in texts {
        let reading = read_text(text);
        let clients: Vec<_> = reading.facts.of(&client::KIND).map(|(_, f)| f).collect();
        assert_eq!(clients.len(), 1, "{text}");
        assert_eq!(clients[0].text(client::library), Some("celery"), "{text}");
        assert_eq!(clients[0].int(client::heartbeat), Some(20_000), "{text}");
        assert_eq!(clients[0].int(client::effective_heartbeat), Some(20_000), "{text}");
        let (_, whole) = reading.facts.of(&settings::KIND).next().expect("settings");
        assert_eq!(whole.text(settings::transport), Some("amqp"), "{text}");
        assert!(reading.secrets.iter().any(|s| &text[s.range()] == "x"), "{text}");
    }
}

#[test]
fn what_is_not_certain_is_not_said() {
    let text =
        "if A:\n  broker_url = 'redis://a'\nelse:\n  broker_url = 'amqp://b'\nbroker_heartbeat = load()\n";
    let reading = read_text(text);
    let (_, whole) = reading.facts.of(&settings::KIND).next().expect("settings");
    assert_eq!(whole.get(settings::transport), None);
    assert_eq!(whole.setting("broker_heartbeat"), None);
    for text in ["rabbit = 1\ntimezone = 'UTC'\n", "amqp = 1\nresult_backend = 'x'\n", "# celery\n"] {
        assert!(read_text(text).facts.of(&settings::KIND).next().is_none(), "{text}");
    }
}

#[test]
fn derived_facts_of_celery() {
    let reading = read_text(
        "CELERY_BROKER_URL = f'{REDIS_URL}/0'\nREDIS_URL = os.environ.get('R', 'rediss://r:6379')\n\
         CELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 60 * 5}\n\
         CELERY_BROKER_USE_SSL = {'ssl_cert_reqs': ssl.CERT_NONE}\n\
         CELERY_ACCEPT_CONTENT = ['json', 'pickle']\nCELERY_TASK_ACKS_LATE = os.getenv('L', 'False')\n\
         CELERY_WORKER_PREFETCH_MULTIPLER = 1\nCELERY_BROKER_POOL_LIMIT = None\n",
    );
    let (_, whole) = reading.facts.of(&settings::KIND).next().expect("settings");
    assert_eq!(whole.text(settings::transport), Some("redis"));
    assert_eq!(whole.int(settings::visibility_timeout), Some(300_000));
    assert_eq!(whole.bool(settings::tls_unverified), Some(true));
    assert_eq!(whole.bool(settings::pickle), Some(true));
    assert_eq!(whole.bool(settings::pool), Some(false));
    assert_eq!(whole.setting("task_acks_late"), None);
    let all: Vec<_> = reading.facts.of(&setting::KIND).map(|(_, f)| f).collect();
    assert!(all.iter().any(|f| f.bool(setting::text_for_switch) == Some(true)));
    let near: Vec<_> = all.iter().filter_map(|f| f.text(setting::nearest)).collect();
    assert_eq!(near, ["CELERY_WORKER_PREFETCH_MULTIPLIER"]);
}

fn read_as(kind: &FileKind, name: &str, text: &str) -> Reading {
    let source = Source::new(name, text);
    assert_eq!((kind.recognise)(&source), Match::Likely, "{name}");
    let mut reading = Reading::default();
    (kind.read)(&View::whole(crate::FileId(0), &source), &mut reading);
    reading
}

const GO_HEAD: &str = "package p\nimport amqp \"github.com/rabbitmq/amqp091-go\"\n";

#[test]
fn connections_and_their_options_are_read_in_every_language() {
    let go = format!(
        "{GO_HEAD}func f() {{ c, err := amqp.DialConfig(\"amqp://app:x@mq.internal/v\", \
         amqp.Config{{Heartbeat: 15 * time.Second}}) }}\n"
    );
    let table = [
        (&GO, "a.go", "go", go.as_str()),
        (
            &PYTHON,
            "a.py",
            "pika",
            "import pika\np = pika.ConnectionParameters('mq.internal', heartbeat=15)\nc = pika.BlockingConnection(p)\n",
        ),
        (
            &PYTHON,
            "a.py",
            "pika",
            "import pika\ndef f():\n  p = pika.URLParameters('amqp://app:x@mq.internal/v')\n  p.heartbeat = 15\n  \
             return pika.BlockingConnection(p)\n",
        ),
        (
            &PYTHON,
            "a.py",
            "aio-pika",
            "import aio_pika\nasync def f():\n  c = await aio_pika.connect_robust(host='mq.internal', heartbeat=15)\n",
        ),
        (
            &JAVA,
            "A.java",
            "java",
            "import com.rabbitmq.client.*;\nclass A { void f() { ConnectionFactory f = new ConnectionFactory(); \
             f.setHost(\"mq.internal\"); f.setRequestedHeartbeat(15); Connection c = f.newConnection(); } }",
        ),
        (
            &KOTLIN,
            "A.kt",
            "java",
            "import com.rabbitmq.client.ConnectionFactory\nclass A { private val f = ConnectionFactory().apply { host = \
             \"mq.internal\"; requestedHeartbeat = 15 }\n fun g() { val c = f.newConnection() } }\n",
        ),
        (
            &KOTLIN,
            "A.kts",
            "java",
            "import com.rabbitmq.client.*\nval c = ConnectionFactory().also { it.host = \"mq.internal\"\n \
             it.setRequestedHeartbeat(15) }.newConnection()\n",
        ),
        (
            &TYPESCRIPT,
            "a.ts",
            "amqplib",
            "import * as amqp from 'amqplib'\nconst f = async () => { const c = await amqp.connect({ hostname: \
             'mq.internal', heartbeat: 15 }) }\n",
        ),
    ];
    for (kind, name, library, text) in table {
        let reading = read_as(kind, name, text);
        let all: Vec<_> = reading.facts.of(&client::KIND).map(|(_, f)| f).collect();
        assert_eq!(all.len(), 1, "{text}");
        assert_eq!(all[0].text(client::library), Some(library), "{text}");
        assert_eq!(all[0].text(client::host), Some("mq.internal"), "{text}");
        assert_eq!(all[0].int(client::heartbeat), Some(15_000), "{text}");
        assert_eq!(reading.facts.of(&connection::KIND).count(), 1, "{text}");
    }
}

#[test]
fn a_close_handler_counts_wherever_it_stands() {
    for inside in [
        "go func() { <-c.NotifyClose(make(chan *amqp.Error)) }()",
        "func() { select { case e := <-c.NotifyClose(ch): use(e) } }()",
        "for { c, err = amqp.Dial(url) }",
    ] {
        let text = format!("{GO_HEAD}func f() {{\n c, err := amqp.Dial(url)\n {inside}\n}}\n");
        let reading = read_as(&GO, "a.go", &text);
        let (_, fact) = reading.facts.of(&connection::KIND).next().expect("a connection");
        assert_eq!(fact.bool(connection::has_close_handler), Some(true), "{inside}");
    }
}
