//! Silences after which well-known devices close or forget a connection.

/// Seconds and whose they are, the more usual one of two first. The values are those of the vendors' documentation:
/// nginx `proxy_read_timeout` and AWS Application Load Balancer 60 s, Azure Load Balancer and NAT gateway 4 min, AWS
/// Network Load Balancer and NAT gateway 350 s, Google's VPC and nginx `proxy_timeout` 10 min, IPVS 900 s, Google
/// Cloud NAT 20 min, Envoy `idle_timeout` 1 h.
const KNOWN: [(i64, &str); 8] = [
    (60, "nginx in front of HTTP, AWS application load balancers and many an HAProxy"),
    (240, "Azure's load balancers and NAT gateways"),
    (300, "many firewalls and load balancers"),
    (350, "AWS network load balancers and NAT gateways"),
    (600, "Google Cloud's VPC and nginx in front of TCP"),
    (900, "IPVS, which carries Docker Swarm's virtual addresses and kube-proxy's"),
    (1_200, "Google Cloud NAT"),
    (3_600, "Envoy and Istio"),
];

/// What is known for closing connections after this many milliseconds of silence.
pub(super) fn known(millis: i64) -> Option<&'static str> {
    /// The silence begins a little after the connection: its opening is not silent.
    const LATE: i64 = 2;
    let seconds = millis / 1_000;
    KNOWN.iter().find(|(idle, _)| (*idle..=*idle + LATE).contains(&seconds)).map(|(_, whose)| *whose)
}
