use super::COMPOSE;
use crate::facts::kinds::compose::{dependency, healthcheck, mount, port, service};
use crate::facts::kinds::container::{embedded, variable};
use crate::facts::{Fact, Field, Kind};
use crate::source::{FileId, Source, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("compose.yaml", text);
    let mut out = Reading::default();
    (COMPOSE.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

fn all<'r>(out: &'r Reading, kind: &'static Kind) -> Vec<&'r Fact> {
    out.facts.of(kind).map(|(_, f)| f).collect()
}

/// What a field shows; `-` if nothing was said.
fn shown(fact: &Fact, field: Field) -> String {
    fact.get(field).map_or("-".into(), |s| s.value.to_string())
}

#[test]
fn names_and_contents_tell_compose_files() {
    for (name, text, expected) in [
        ("docker-compose.yml", "services:\n  a:\n    image: b\n", Match::Sure),
        ("compose.prod.yaml", "services:\n  a:\n    image: b\n", Match::Sure),
        ("stack.yml", "version: '3'\nservices:\n  a:\n    build: .\n", Match::Likely),
        ("docker-compose.override.yml", "x: 1\n", Match::Likely),
        (".gitlab-ci.yml", "image: x\nservices:\n  - name: postgres\n    alias: db\n", Match::No),
        ("workflow.yml", "jobs:\n  a:\n    services:\n      b:\n        image: c\n", Match::No),
        ("symfony.yaml", "services:\n  _defaults:\n    autowire: true\n", Match::No),
        ("compose.go", "package compose", Match::No),
    ] {
        assert_eq!((COMPOSE.recognise)(&Source::new(name, text)), expected, "{name}");
    }
}

#[test]
fn ports_are_read_in_every_form() {
    // as written, address, published, target, protocol, to the world
    for (text, ip, published, target, protocol, world) in [
        ("'5672:5672'", "-", "5672", "5672", "tcp", "true"),
        ("5672", "-", "-", "5672", "tcp", "true"),
        ("'127.0.0.1:15672:15672'", "127.0.0.1", "15672", "15672", "tcp", "false"),
        ("'[::1]:1:2/udp'", "::1", "1", "2", "udp", "false"),
        ("'0.0.0.0:1:2'", "0.0.0.0", "1", "2", "tcp", "true"),
        ("'${P:-5673}:5672'", "-", "5673", "5672", "tcp", "true"),
        ("'${PORT}:5672'", "-", "-", "5672", "tcp", "-"),
        ("'${P}:5672'", "-", "-", "5672", "tcp", "-"),
        ("'${HTTP:-127.0.0.1:80}:80'", "127.0.0.1", "80", "80", "tcp", "false"),
        ("'${ADDR}:1:2'", "-", "1", "2", "tcp", "-"),
        ("'${M:-7:8}'", "-", "7", "8", "tcp", "true"),
        ("'8000-8005:9000-9005'", "-", "8000", "9000", "tcp", "true"),
        (
            "{target: 5, published: '6', host_ip: 10.0.0.1, protocol: udp}",
            "10.0.0.1",
            "6",
            "5",
            "udp",
            "false",
        ),
        ("'127.0.0.1::80'", "127.0.0.1", "-", "80", "tcp", "false"),
    ] {
        let out = read(&format!("services:\n  mq:\n    image: rabbitmq:4.1\n    ports:\n      - {text}\n"));
        let facts = all(&out, &port::KIND);
        let [fact] = facts.as_slice() else { panic!("{text}: {} facts", facts.len()) };
        let fields = [port::host_ip, port::published, port::target, port::protocol, port::to_world];
        assert_eq!(fields.map(|f| shown(fact, f)), [ip, published, target, protocol, world], "{text}");
        assert_eq!(shown(fact, port::software), "rabbitmq");
    }
}

const WHOLE: &str = "\
x-app: &app
  restart: always
  environment: {LOG: info}
services:
  mq:
    image: rabbitmq:3.13-management
    healthcheck: {test: [CMD, rabbitmq-diagnostics, ping], interval: 1s, timeout: 3s, retries: 5}
    ulimits: {nofile: {soft: 1024, hard: 65536}}
    mem_limit: 512m
    volumes: ['./rabbitmq.conf:/etc/rabbitmq/rabbitmq.conf:ro', 'data:/var/lib/rabbitmq']
    configs: [{source: conf, target: /etc/rabbitmq/rabbitmq.conf}]
  app:
    <<: *app
    build: .
    depends_on: {mq: {condition: service_healthy}, cache: {condition: service_started}}
    networks: {back: {aliases: [api]}}
    stop_grace_period: 1m30s
    environment: ['AMQP_URL=amqp://a:b@mq', 'PASSWORD=${PW:-changeme}', TOKEN]
  cache:
    extends: {service: base}
    healthcheck: {disable: true}
  base:
    image: redis
    depends_on: [mq]
configs:
  conf:
    content: |
      heartbeat = 10
";

#[test]
fn services_are_read_with_what_they_take_over() {
    let out = read(WHOLE);
    let services = all(&out, &service::KIND);
    let names: Vec<String> = services.iter().map(|s| shown(s, service::name)).collect();
    assert_eq!(names, ["mq", "app", "cache", "base"]);
    for (at, field, expected) in [
        (0, service::image_version, "3.13"),
        (0, service::software, "rabbitmq"),
        (0, service::role, "broker"),
        (0, service::nofile_soft, "1024"),
        (0, service::nofile_hard, "65536"),
        (0, service::memory_limit, "512 MiB"),
        (0, service::has_healthcheck, "true"),
        (0, service::image_floating, "false"),
        (1, service::restart, "always"),
        (1, service::networks, "back"),
        (1, service::aliases, "api"),
        (1, service::stop_grace_period, "90 s"),
        (1, service::has_healthcheck, "-"),
        (2, service::image, "redis"),
        (2, service::image_floating, "true"),
        (2, service::has_healthcheck, "false"),
        (2, service::partial, "false"),
    ] {
        assert_eq!(
            shown(services[at], field),
            expected,
            "{} {}",
            names[at],
            field.kind.fields[field.index].name
        );
    }
}

#[test]
fn dependencies_checks_and_mounts_know_their_service() {
    let out = read(WHOLE);
    let waits: Vec<[String; 5]> = all(&out, &dependency::KIND)
        .iter()
        .map(|f| {
            let fields = [
                dependency::from_name,
                dependency::on,
                dependency::software,
                dependency::condition,
                dependency::target_has_healthcheck,
            ];
            fields.map(|field| shown(f, field))
        })
        .collect();
    assert_eq!(
        waits,
        [
            ["app", "mq", "rabbitmq", "service_healthy", "true"],
            ["app", "cache", "redis", "service_started", "false"],
            ["cache", "mq", "rabbitmq", "service_started", "true"],
            ["base", "mq", "rabbitmq", "service_started", "true"],
        ]
    );
    let check = all(&out, &healthcheck::KIND)[0];
    let fields = [healthcheck::tool, healthcheck::interval, healthcheck::timeout, healthcheck::retries];
    assert_eq!(fields.map(|f| shown(check, f)), ["rabbitmq-diagnostics", "1 s", "3 s", "5"]);
    let mounts: Vec<[String; 4]> = all(&out, &mount::KIND)
        .iter()
        .map(|f| [mount::source, mount::target, mount::sort, mount::read_only].map(|field| shown(f, field)))
        .collect();
    assert_eq!(
        mounts,
        [
            ["./rabbitmq.conf", "/etc/rabbitmq/rabbitmq.conf", "bind", "true"],
            ["data", "/var/lib/rabbitmq", "volume", "-"],
            ["conf", "/etc/rabbitmq/rabbitmq.conf", "config", "true"],
        ]
    );
}

#[test]
fn variables_and_embedded_configurations_point_into_the_file() {
    let out = read(WHOLE);
    let variables: Vec<[String; 4]> = all(&out, &variable::KIND)
        .iter()
        .map(|f| {
            [variable::name, variable::value, variable::default, variable::from].map(|field| {
                f.get(field)
                    .map_or("-".into(), |s| if s.secret { "secret".into() } else { s.value.to_string() })
            })
        })
        .collect();
    assert_eq!(
        variables,
        [
            ["AMQP_URL", "amqp://a:b@mq", "-", "-"],
            ["PASSWORD", "secret", "secret", "-"],
            ["TOKEN", "-", "-", "shell"],
        ]
    );
    let carried = all(&out, &embedded::KIND)[0];
    assert_eq!(shown(carried, embedded::kind), "rabbitmq.conf");
    assert_eq!(WHOLE.get(carried.span.range()), Some("heartbeat = 10\n"));
    let uris = all(&out, &crate::facts::kinds::amqp::uri::KIND);
    assert_eq!(uris.len(), 1);
    assert_eq!(WHOLE.get(uris[0].span.range()), Some("amqp://a:b@mq"));
}

#[test]
fn hostile_files_are_read_without_harm() {
    for text in [
        "services:\n  a: {extends: a}\n  b: {extends: {service: c}}\n  c: {extends: b, image: x}\n",
        "services: []\n",
        "services:\n  a:\n    image: []\n    ports: {a: b}\n    volumes: x\n    depends_on: 5\n    healthcheck: []\n",
        "services:\n  a:\n    image: ':@/'\n    ports: [':', '::::', '/', '-', '']\n    volumes: ['', ':']\n",
        "services:\n  a:\n    image: x\n    environment: ['=', '=a', '']\n    ulimits: {nofile: x}\n    restart: ~\n",
        "a: {image: x}\n",
        "- services\n",
    ] {
        read(text);
    }
}

/// Reads a project's file together with others of its directory; the facts and what was filled in.
fn read_beside(text: &str, others: &[(&str, &str)]) -> Reading {
    let source = Source::new("docker-compose.yml", text);
    let mut out = Reading::default();
    out.beside.name = "docker-compose.yml".into();
    out.beside.files = (1..)
        .zip(others)
        .map(|(id, (name, text))| (FileId(id), std::sync::Arc::new(Source::new(*name, *text))))
        .collect();
    (COMPOSE.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

#[test]
fn an_override_is_laid_over_the_project_as_compose_does() {
    let base = "services:\n  mq:\n    image: rabbitmq:4.1\n    command: [a, b]\n    expose: ['1']\n    restart: always\n    \
        networks: [one]\n    volumes: ['./old:/data', './kept:/kept']\n    environment: [A=1, B=2]\n    ports: ['1:1']\n";
    let over = "services:\n  mq:\n    image: rabbitmq:4.2\n    command: [c]\n    expose: ['2']\n    restart: !reset null\n    \
        networks: {two: {}}\n    volumes: ['./new:/data']\n    environment: {B: '3'}\n    ports: !override ['2:2']\n  \
        app: {image: shop}\n";
    let out = read_beside(base, &[("docker-compose.override.yml", over)]);
    let services = all(&out, &service::KIND);
    let [mq, app] = services.as_slice() else { panic!("{} services", services.len()) };
    assert_eq!(shown(app, service::name), "app");
    for (field, expected) in [
        (service::image_version, "4.2"),
        (service::command, "c"),
        (service::exposed, "1, 2"),
        (service::restart, "-"),
        (service::networks, "one, two"),
        (service::targets, "2"),
    ] {
        assert_eq!(shown(mq, field), expected, "{}", field.kind.fields[field.index].name);
    }
    assert_eq!(mq.span.file, FileId(0));
    assert_eq!(mq.get(service::command).and_then(|s| s.span()).map(|s| s.file), Some(FileId(1)));
    let values: Vec<[String; 2]> = all(&out, &variable::KIND)
        .iter()
        .map(|f| [variable::name, variable::value].map(|field| shown(f, field)))
        .collect();
    assert_eq!(values, [["A", "1"], ["B", "3"]]);
    let mounts: Vec<String> = all(&out, &mount::KIND).iter().map(|f| shown(f, mount::source)).collect();
    assert_eq!(mounts, ["./kept", "./new"]);
}

#[test]
fn variables_are_filled_in_from_the_project_s_env_file() {
    let env = "HOST=mq.internal\nPORT=5673\nEMPTY=\nDB_PASSWORD=x\nURL=amqp://a@b\nP=hidden\n";
    for (written, expected) in [
        ("${HOST}", "mq.internal"),
        ("$HOST:$PORT", "mq.internal:5673"),
        ("${HOST:-localhost}", "mq.internal"),
        ("${HOST-localhost}", "mq.internal"),
        ("${HOST:?must be set}", "mq.internal"),
        ("${EMPTY:-default}", "default"),
        ("${OTHER:-default}", "default"),
        ("$$HOST", "$HOST"),
        ("${OTHER}", "-"),
        ("${DB_PASSWORD}", "-"),
        ("${URL}", "-"),
        ("amqp://u:${P}@${HOST}", "-"),
    ] {
        let text = format!("services:\n  app:\n    image: shop\n    environment:\n      V: {written}\n");
        let out = read_beside(&text, &[(".env", env)]);
        let fact = all(&out, &variable::KIND)[0];
        assert_eq!(shown(fact, variable::value), expected, "{written}");
        for one in &out.filled {
            let reference = text.get(one.at.range()).unwrap_or_default();
            assert!(reference.starts_with('$') && reference.contains(&one.name), "{written}: {reference}");
            assert!(env.get(one.from.range()).is_some_and(|v| expected.contains(v) || expected == "-"));
        }
    }
    let text =
        "services:\n  app:\n    image: shop\n    environment: ['U=amqp://mq-${PORT}.local:${PORT}/v']\n";
    let out = read_beside(text, &[(".env", env)]);
    let uri = all(&out, &crate::facts::kinds::amqp::uri::KIND)[0];
    let port = uri.get(crate::facts::kinds::amqp::uri::port).unwrap();
    assert_eq!(port.value.to_string(), "5673");
    assert_eq!(port.span().and_then(|s| text.get(s.range())), Some("${PORT}"));
}

/// The facts of a project's file in a run of several files.
fn of_run(files: &[(&str, &str)]) -> (crate::source::Sources, crate::facts::Facts) {
    let mut sources = crate::source::Sources::new();
    for (name, text) in files {
        sources.add(Source::new(*name, *text));
    }
    let settings = crate::settings::Settings::default();
    let outcomes = crate::engine::lint(&sources, &settings, &crate::rules::RuleSet::empty());
    (sources, outcomes.facts)
}

#[test]
fn services_are_taken_from_other_files_as_compose_does() {
    let base = "services:\n  base:\n    image: shop:1\n    restart: always\n    environment: {A: '1', B: '2'}\n    \
        env_file: [one.env]\n    ports: ['1:1']\n    command: [a]\n  worker:\n    extends: base\n    command: [w]\n";
    let own = "services:\n  app:\n    extends: {file: common/base.yml, service: worker}\n    environment: [B=3]\n    \
        ports: ['2:2']\n    env_file: two.env\n";
    let (sources, facts) = of_run(&[("d/compose.yml", own), ("d/common/base.yml", base)]);
    let of_app = |f: &Fact| f.text(service::name) == Some("app");
    let (_, app) = facts.of(&service::KIND).find(|(_, f)| of_app(f)).unwrap();
    for (field, expected) in [
        (service::image_tag, "1"),
        (service::restart, "always"),
        (service::command, "w"),
        (service::targets, "1, 2"),
        (service::variables, "A, B"),
        (service::env_files, "common/one.env, two.env"),
        (service::partial, "false"),
    ] {
        let shown = shown(app, field);
        assert_eq!(shown, expected, "{}", field.kind.fields[field.index].name);
    }
    assert_eq!(sources.get(app.span.file).name, "d/compose.yml");
    let place = app.get(service::restart).and_then(|s| s.span()).unwrap();
    assert_eq!(
        (sources.get(place.file).name.as_str(), sources.slice(place)),
        ("d/common/base.yml", "always")
    );
}

#[test]
fn what_is_not_at_hand_leaves_a_service_in_part() {
    for (extends, partial) in [
        ("{file: gone.yml, service: a}", "true"),
        ("{file: other.yml, service: gone}", "true"),
        ("{file: \"${DIR}/other.yml\", service: a}", "true"),
        ("{file: other.yml, service: a}", "false"),
        ("{file: ./other.yml, service: circle}", "true"),
        ("{file: /d/other.yml, service: a}", "true"),
        ("{file: other.yml, service: further}", "true"),
        ("{service: b}", "false"),
        ("b", "false"),
        ("app", "true"),
    ] {
        let own = format!("services:\n  app:\n    extends: {extends}\n    image: x\n  b: {{image: y}}\n");
        let other = "services:\n  a: {image: z}\n  circle:\n    extends: {file: compose.yml, service: app}\n  \
            further:\n    extends: {file: gone.yml, service: a}\n";
        let (_, facts) = of_run(&[("d/compose.yml", &own), ("d/other.yml", other)]);
        let (_, app) = facts.of(&service::KIND).find(|(_, f)| f.text(service::name) == Some("app")).unwrap();
        assert_eq!(shown(app, service::partial), partial, "{extends}");
        assert_eq!(shown(app, service::image), "x", "{extends}");
    }
}

#[test]
fn an_include_adds_a_project_of_its_own() {
    let db = "services:\n  db: {image: postgres:16}\nnetworks: {back: {}}\n";
    let mq = "include: [../db.yml]\nservices:\n  mq: {image: rabbitmq:4.1}\n";
    let over = "services:\n  mq: {image: rabbitmq:4.2}\n";
    let files = [("d/db.yml", db), ("d/mq/compose.yml", mq), ("d/mq/more.yml", over)];
    for (include, services) in [
        ("[db.yml]", "app,db"),
        ("[{path: db.yml}]", "app,db"),
        ("[{path: [mq/compose.yml, mq/more.yml], project_directory: .}]", "app,mq,db"),
        ("[db.yml, mq/compose.yml]", "app,db,mq"),
        ("[gone.yml]", "app"),
        ("[compose.yml]", "app"),
    ] {
        let own = format!("include: {include}\nservices:\n  app: {{image: shop:1, depends_on: [mq, db]}}\n");
        let mut run = vec![("d/compose.yml", own.as_str())];
        run.extend(files.iter().filter(|(name, _)| include.contains("mq/") || name.ends_with("db.yml")));
        let (_, facts) = of_run(&run);
        let mut names: Vec<String> = facts.of(&service::KIND).map(|(_, f)| shown(f, service::name)).collect();
        names.retain(|name| name != "db" || include.contains("db.yml") || include.contains("mq/"));
        assert_eq!(names.join(","), services, "{include}");
        let nowhere = facts.of(&dependency::KIND).any(|(_, f)| f.bool(dependency::nowhere) == Some(true));
        assert!(!nowhere || include == "[db.yml]" || include == "[{path: db.yml}]", "{include}");
    }
}

#[test]
fn an_included_project_has_variables_of_its_own() {
    let own = "include: [mq/compose.yml]\nservices:\n  app: {image: 'shop:${TAG}'}\n";
    let mq = "services:\n  mq: {image: 'rabbitmq:${TAG}', ports: ['${PORT}:5672']}\n";
    let base = [("d/compose.yml", own), ("d/mq/compose.yml", mq), ("d/mq/.env", "TAG=4.1\nPORT=5673\n")];
    let of = |files: &[(&str, &str)]| {
        let (_, facts) = of_run(files);
        let images = facts.of(&service::KIND).map(|(_, f)| shown(f, service::image));
        let ports = facts.of(&port::KIND).map(|(_, f)| shown(f, port::published));
        images.chain(ports).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(&base), "shop:${TAG} rabbitmq:4.1 5673");
    // What the project itself sets goes first.
    let both: Vec<_> = base.iter().copied().chain([("d/.env", "TAG=7\n")]).collect();
    assert_eq!(of(&both), "shop:7 rabbitmq:7 5673");
}
