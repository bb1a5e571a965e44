use super::super::KUBERNETES;
use crate::facts::kinds::kubernetes::{network_policy, policy_rule};
use crate::firewall::{Admission, Label, Labels, Missing, Pod, PodPort, Transport, Way, admits};
use crate::source::{FileId, Source, View};
use crate::systems::Reading;
use std::sync::Arc;

fn read(text: &str) -> Reading {
    let source = Source::new("k.yaml", text);
    let mut out = Reading::default();
    (KUBERNETES.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

fn list(text: &str) -> Vec<Label> {
    let pairs = text.split_whitespace().filter_map(|t| t.split_once('='));
    pairs.map(|(k, v)| (Arc::from(k), Arc::from(v))).collect()
}

/// The answer to whether `client` (labels) of a namespace gets to `app=mq` of namespace `mq`, in one word.
fn ask(policies: &str, (space, client): (&str, &str), number: u16, way: Way) -> String {
    let documents: String = policies
        .split('|')
        .map(|spec| {
            format!(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: mq}}\nspec: {spec}\n---\n"
            )
        })
        .collect();
    let out = read(&documents);
    let (mq, client) = (list("app=mq"), list(client));
    let labels = |list| Labels { list, complete: true };
    let spaces = [list("team=mq"), list(&format!("team={space}"))];
    let server = Pod { namespace: Some("mq"), space: labels(&spaces[0]), labels: labels(&mq) };
    let client = Pod { namespace: Some(space), space: labels(&spaces[1]), labels: labels(&client) };
    let named = [(Arc::from("amqp"), 5672)];
    let port = PodPort { number, transport: Transport::Tcp, named: Some(&named) };
    let policies: Vec<_> = out.policies.iter().collect();
    let (pod, peer) = if way == Way::Ingress { (&server, &client) } else { (&client, &server) };
    match admits(&policies, pod, way, peer, &port) {
        Admission::Open => "open",
        Admission::Yes(_) => "yes",
        Admission::No(_, Missing::Port(_)) => "no: port",
        Admission::No(_, Missing::Peer(_)) => "no: peer",
        Admission::No(_, Missing::Both) => "no",
        Admission::Unknown => "unknown",
    }
    .to_owned()
}

#[test]
fn policies_let_in_what_kubernetes_would() {
    let shop = ("shop", "app=web tier=front");
    let here = ("mq", "app=web");
    for (policies, client, expected) in [
        // A pod is open until a policy selects it.
        ("{podSelector: {matchLabels: {app: other}}, ingress: []}", shop, "open"),
        ("{podSelector: {matchLabels: {app: mq}}}", shop, "no"),
        ("{podSelector: {}, ingress: []}", shop, "no"),
        ("{podSelector: {}, ingress: [{}]}", shop, "yes"),
        ("{podSelector: {}, ingress: [{from: []}]}", shop, "yes"),
        // A policy of egress alone leaves ingress open, and one without types speaks of ingress.
        ("{podSelector: {}, policyTypes: [Egress]}", shop, "open"),
        ("{podSelector: {}, egress: [{}]}", shop, "no"),
        // Policies add up; none takes away.
        (
            "{podSelector: {}}|{podSelector: {matchLabels: {app: mq}}, ingress: [{ports: [{port: 5672}]}]}",
            shop,
            "yes",
        ),
        ("{podSelector: {}, ingress: [{}]}|{podSelector: {}, ingress: []}", shop, "yes"),
        // Peers: namespaces and pods in one entry are AND, in two they are OR.
        ("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}", here, "yes"),
        (
            "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
            shop,
            "no: peer",
        ),
        ("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", here, "yes"),
        ("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", shop, "no: peer"),
        ("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}", shop, "yes"),
        (
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: web}}}]}]}",
            shop,
            "yes",
        ),
        (
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: job}}}]}]}",
            shop,
            "no: peer",
        ),
        (
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: job}}}]}]}",
            shop,
            "yes",
        ),
        // Expressions.
        ("{podSelector: {matchExpressions: [{key: app, operator: In, values: [mq, db]}]}}", shop, "no"),
        ("{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [mq]}]}}", shop, "open"),
        ("{podSelector: {matchExpressions: [{key: gone, operator: NotIn, values: [mq]}]}}", shop, "no"),
        ("{podSelector: {matchExpressions: [{key: gone, operator: DoesNotExist}]}}", shop, "no"),
        ("{podSelector: {matchExpressions: [{key: gone, operator: Exists}]}}", shop, "open"),
        ("{podSelector: {matchExpressions: [{key: app, operator: Like, values: [m]}]}}", shop, "unknown"),
        // Ports are the pod's; TCP where no protocol is written; a missing list is all of them.
        ("{podSelector: {}, ingress: [{ports: [{port: 5672}]}]}", shop, "yes"),
        ("{podSelector: {}, ingress: [{ports: [{port: 5671}]}]}", shop, "no: port"),
        ("{podSelector: {}, ingress: [{ports: [{port: 5672, protocol: UDP}]}]}", shop, "no: port"),
        ("{podSelector: {}, ingress: [{ports: [{port: 5000, endPort: 6000}]}]}", shop, "yes"),
        ("{podSelector: {}, ingress: [{ports: [{port: amqp}]}]}", shop, "yes"),
        ("{podSelector: {}, ingress: [{ports: [{port: amqps}]}]}", shop, "no: port"),
        ("{podSelector: {}, ingress: [{ports: [{protocol: TCP}]}]}", shop, "yes"),
        // Which addresses pods bear is not written.
        (
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}",
            shop,
            "unknown",
        ),
        (
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1}]}]}",
            shop,
            "no",
        ),
        // What a template adds is not known.
        ("{podSelector: {matchLabels: {app: '{{ x }}'}}}", shop, "unknown"),
    ] {
        assert_eq!(ask(policies, client, 5672, Way::Ingress), expected, "{policies} for {client:?}");
    }
}

#[test]
fn policies_let_out_what_kubernetes_would() {
    let here = ("mq", "app=web");
    for (policies, expected) in [
        ("{podSelector: {}}", "open"),
        ("{podSelector: {}, policyTypes: [Ingress], egress: []}", "open"),
        ("{podSelector: {}, egress: []}", "no"),
        ("{podSelector: {}, policyTypes: [Egress]}", "no"),
        (
            "{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: 53, protocol: UDP}]}]}",
            "no: port",
        ),
        (
            "{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {app: mq}}}], ports: [{port: 5672}]}]}",
            "yes",
        ),
        (
            "{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5672}]}]}",
            "no: peer",
        ),
    ] {
        assert_eq!(ask(policies, here, 5672, Way::Egress), expected, "{policies}");
    }
    // A policy of one namespace says nothing of pods in another.
    assert_eq!(ask("{podSelector: {}, egress: []}", ("shop", "app=web"), 5672, Way::Egress), "open");
}

#[test]
fn a_label_that_is_not_known_decides_nothing() {
    let out = read(
        "apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {matchLabels: {app: mq}}}\n",
    );
    let policies: Vec<_> = out.policies.iter().collect();
    let none = Labels { list: &[], complete: false };
    let pod = Pod { namespace: None, space: none, labels: none };
    let port = PodPort { number: 1, transport: Transport::Tcp, named: None };
    assert_eq!(admits(&policies, &pod, Way::Ingress, &pod, &port), Admission::Unknown);
    let elsewhere = Pod { namespace: Some("x"), ..pod };
    assert_eq!(admits(&policies, &elsewhere, Way::Ingress, &pod, &port), Admission::Unknown);
}

#[test]
fn policies_are_facts() {
    let out = read(
        "apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n  ingress:\n  - from:\n    - namespaceSelector: {matchLabels: {team: a}}\n    - podSelector: {matchLabels: {app: b}}\n    - ipBlock: {cidr: 0.0.0.0/0}\n    ports: [{port: 5672}]\n  egress: [{ports: [{port: dns}]}]\n",
    );
    let (_, policy) = out.facts.of(&network_policy::KIND).next().unwrap();
    for (field, expected) in [
        (network_policy::selects_all, true),
        (network_policy::isolates_ingress, true),
        (network_policy::isolates_egress, true),
        (network_policy::egress_dns, true),
    ] {
        assert_eq!(policy.bool(field), Some(expected));
    }
    let (_, rule) = out.facts.of(&policy_rule::KIND).next().unwrap();
    let shown = |field| rule.get(field).map(|s| s.value.to_string());
    assert_eq!(shown(policy_rule::world).as_deref(), Some("0.0.0.0/0"));
    assert_eq!(shown(policy_rule::ports).as_deref(), Some("5672"));
    assert_eq!(shown(policy_rule::namespace_alone).as_deref(), Some("team=a"));
    assert_eq!(shown(policy_rule::pod_alone).as_deref(), Some("app=b"));
}

#[test]
fn hostile_policies_are_read_without_harm() {
    for spec in [
        "[]",
        "{podSelector: x, ingress: y, policyTypes: 1}",
        "{ingress: [x, {from: y, ports: z}, {from: [1], ports: [2]}]}",
        "{egress: [{to: [{ipBlock: x}], ports: [{port: 99999, endPort: -1}]}]}",
        "{podSelector: {matchExpressions: [x, {key: []}]}}",
    ] {
        read(&format!("apiVersion: v1\nkind: NetworkPolicy\nspec: {spec}\n"));
    }
}
