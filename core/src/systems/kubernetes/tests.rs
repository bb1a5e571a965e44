use super::KUBERNETES;
use crate::facts::kinds::amqp;
use crate::facts::kinds::container::{embedded, image, variable};
use crate::facts::kinds::kubernetes::{container, hpa, probe, service, service_port, workload};
use crate::facts::{Field, Kind};
use crate::source::{FileId, Source, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("k.yaml", text);
    let mut out = Reading::default();
    (KUBERNETES.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

fn column(out: &Reading, kind: &'static Kind, field: Field) -> Vec<String> {
    out.facts.of(kind).map(|(_, f)| f.get(field).map_or("-".into(), |s| s.value.to_string())).collect()
}

#[test]
fn contents_tell_manifests() {
    for (name, text, expected) in [
        ("a.yaml", "apiVersion: v1\nkind: Service\n", Match::Sure),
        ("a.yaml", "{{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n", Match::Sure),
        ("a.json", "{\n \"apiVersion\": \"v1\",\n \"kind\": \"Pod\"\n}", Match::Sure),
        ("Chart.yaml", "apiVersion: v2\nname: x\n", Match::No),
        ("a.go", "apiVersion: v1\nkind: Service\n", Match::No),
    ] {
        assert_eq!((KUBERNETES.recognise)(&Source::new(name, text)), expected, "{name}");
    }
}

const BROKER: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mq, namespace: prod}
spec:
  template:
    metadata: {labels: {app: mq}}
    spec:
      securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '60'}]}
      containers:
      - name: rabbitmq
        image: rabbitmq:4.1
        ports: [{name: amqp, containerPort: 5672}]
        env:
        - {name: URL, valueFrom: {secretKeyRef: {name: s, key: url}}}
        - {name: PEER, value: 'amqp://u:p@other'}
        livenessProbe: {exec: {command: [rabbitmq-diagnostics, ping]}, periodSeconds: 60}
        readinessProbe: {tcpSocket: {port: amqp}, timeoutSeconds: 5}
        startupProbe: {httpGet: {port: 15672, path: /}}
        resources: {limits: {memory: 512Mi, cpu: 500m}}
        lifecycle: {preStop: {exec: {command: [sh, -c, sleep 5]}}}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: mq
    annotations: {service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout: '4'}
  spec: {type: LoadBalancer, selector: {app: mq}, ports: [{port: 5672, targetPort: amqp, nodePort: 30672}, {port: 1}]}
- apiVersion: v1
  kind: Service
  metadata: {name: head}
  spec: {clusterIP: None, ports: [{port: 5672}]}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: h}
  spec: {scaleTargetRef: {kind: StatefulSet, name: mq}, maxReplicas: 5}
";

#[test]
fn workloads_containers_and_probes_are_read() {
    let out = read(BROKER);
    let k = |kind, field| column(&out, kind, field).join("|");
    let w = |field| k(&workload::KIND, field);
    assert_eq!(
        [w(workload::kind), w(workload::name), w(workload::namespace), w(workload::replicas)],
        ["StatefulSet", "mq", "prod", "1"]
    );
    assert_eq!(w(workload::sysctls), "net.ipv4.tcp_keepalive_time=60");
    assert_eq!(w(workload::termination_grace_period), "30 s");
    assert_eq!(w(workload::software), "rabbitmq");
    let c = |field| k(&container::KIND, field);
    assert_eq!([c(container::memory_limit), c(container::cpu_limit)], ["512 MiB", "500"]);
    assert_eq!([c(container::ports), c(container::image_version)], ["5672", "4.1"]);
    assert_eq!(c(container::pre_stop), "sh -c sleep 5");
    let p = |field| k(&probe::KIND, field);
    assert_eq!(p(probe::sort), "readiness|liveness|startup");
    assert_eq!(p(probe::way), "tcp|exec|http");
    assert_eq!(p(probe::port), "5672|-|15672");
    assert_eq!(p(probe::port_declared), "true|-|false");
    assert_eq!(p(probe::timeout), "5 s|1 s|1 s");
    assert_eq!(p(probe::tool), "-|rabbitmq-diagnostics|-");
    assert_eq!(k(&variable::KIND, variable::from), "secret|-");
    assert_eq!(k(&image::KIND, image::tag), "4.1");
    assert_eq!(column(&out, &amqp::uri::KIND, amqp::uri::host), ["other"], "variables are read once");
}

#[test]
fn services_say_who_may_dial_them() {
    let out = read(BROKER);
    let k = |kind, field| column(&out, kind, field).join("|");
    assert_eq!(k(&service::KIND, service::sort), "LoadBalancer|ClusterIP");
    assert_eq!(k(&service::KIND, service::headless), "-|true");
    assert_eq!(k(&service::KIND, service::idle_timeout), "4 min|-");
    assert_eq!(k(&service::KIND, service::selector), "app=mq|-");
    assert_eq!(k(&service_port::KIND, service_port::port), "5672|1|5672");
    assert_eq!(k(&service_port::KIND, service_port::target), "-|1|5672");
    assert_eq!(k(&service_port::KIND, service_port::target_name), "amqp|-|-");
    assert_eq!(k(&service_port::KIND, service_port::to_world), "true|true|false");
    assert_eq!(k(&hpa::KIND, hpa::min_replicas) + &k(&hpa::KIND, hpa::max_replicas), "15");
}

#[test]
fn config_maps_secrets_and_clusters_carry_configurations() {
    for (text, place) in [
        ("kind: ConfigMap\ndata:\n  rabbitmq.conf: |\n    heartbeat = 10\n", "10"),
        ("kind: ConfigMap\ndata:\n  rabbitmq.conf: \"heartbeat = 10\\n\"\n", "10"),
        ("kind: Secret\nstringData:\n  rabbitmq.conf: |-\n    heartbeat = 10\n", "10"),
        ("kind: Secret\ndata:\n  rabbitmq.conf: aGVhcnRiZWF0ID0gMTAK\n", "MTAK"),
        ("kind: RabbitmqCluster\nspec:\n  rabbitmq:\n    additionalConfig: |\n      heartbeat = 10\n", "10"),
        (
            "kind: ConfigMap\ndata:\n  init.sh: |\n    cat > /etc/rabbitmq/rabbitmq.conf <<EOF\n    heartbeat = 10\n    EOF\n",
            "10",
        ),
    ] {
        let text = format!("apiVersion: v1\n{text}");
        let out = read(&text);
        let kinds = column(&out, &embedded::KIND, embedded::kind);
        assert_eq!(kinds.last().map(String::as_str), Some("rabbitmq.conf"), "{text}");
        let server = &crate::facts::kinds::rabbitmq::server::KIND;
        let (_, fact) = out.facts.of(server).next().unwrap();
        let span = fact.setting("heartbeat").and_then(|s| s.span()).unwrap();
        let found = text.get(span.range()).unwrap();
        assert!(place.contains(found) && !found.is_empty(), "{text}: {found}");
    }
}

#[test]
fn embedding_is_bounded() {
    let mut text = "x = 1\n".to_string();
    for depth in 0..12 {
        text = format!("cat > f{depth}.sh <<E{depth}\n{text}E{depth}\n");
    }
    let text =
        format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  a.sh: |\n    {}\n", text.replace('\n', "\n    "));
    assert_eq!(read(&text).facts.of(&embedded::KIND).count(), crate::systems::MAX_EMBEDDING);
}

#[test]
fn hostile_manifests_are_read_without_harm() {
    for text in [
        "kind: Pod\nspec: []\n",
        "kind: Deployment\nspec: {template: {spec: {containers: x}}}\n",
        "kind: Pod\nspec: {containers: [{image: [], env: [a], ports: {}, livenessProbe: 1, resources: 7}]}\n",
        "kind: List\nitems: {a: b}\n",
        "kind: Service\nspec: {ports: [x, {port: y}], clusterIP: [], loadBalancerSourceRanges: 1}\n",
        "kind: Secret\ndata: {a: '====', b: [], c: 'é'}\n",
        "kind: []\n",
    ] {
        read(text);
    }
}

#[test]
fn ports_that_templates_make_are_not_missed() {
    let pod = |ports: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    ports: {ports}\n    livenessProbe: {{tcpSocket: {{port: amqp}}}}\n"
        );
        column(&read(&text), &probe::KIND, probe::port_declared).join("")
    };
    assert_eq!(pod("[{name: amqp, containerPort: 5672}]"), "true");
    assert_eq!(pod("[{name: amqp, containerPort: '{{ .Values.port }}'}]"), "true");
    assert_eq!(pod("[{name: '{{ .Values.name }}', containerPort: 5672}]"), "true");
    assert_eq!(pod("[{name: http, containerPort: 80}]"), "false");
    assert_eq!(pod("[]"), "false");
}
