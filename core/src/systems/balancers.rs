//! Balancers of clouds: how long they keep a silent connection, and what they take for silence.

/// A balancer with the time it allows when nothing is set.
pub(crate) struct Balancer {
    /// Its name, as `proxy.path` has it.
    pub(crate) name: &'static str,
    /// The silence after which a TCP connection is closed or forgotten, in milliseconds.
    pub(crate) idle_ms: i64,
    /// True if it passes packets on, so that the probes of TCP keepalive count; false if it ends connections and makes
    /// its own, so that data only counts.
    pub(crate) passes_packets: bool,
}

/// Every balancer that is known.
pub(crate) static BALANCERS: [Balancer; 11] =
    [NLB, CLB, AZURE, GOOGLE, GOOGLE_PROXY, OCTAVIA, INGRESS_NGINX, SWARM, AWS_NAT, GOOGLE_NAT, AZURE_NAT];

/// AWS's network balancer; the time can be set for TCP and is fixed for TLS.
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html>.
pub(crate) const NLB: Balancer = Balancer { name: "AWS NLB", idle_ms: 350_000, passes_packets: true };

/// AWS's classic balancer.
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-idle-timeout.html>.
pub(crate) const CLB: Balancer = Balancer { name: "AWS CLB", idle_ms: 60_000, passes_packets: false };

/// Azure's balancer.
/// Source: <https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout>.
pub(crate) const AZURE: Balancer =
    Balancer { name: "Azure Load Balancer", idle_ms: 240_000, passes_packets: true };

/// Google Cloud's balancer that passes packets: what ends a silent connection is the tracking of the network behind it.
/// Source: <https://cloud.google.com/compute/docs/troubleshooting/general-tips#communicatewithinternet>.
pub(crate) const GOOGLE: Balancer =
    Balancer { name: "Google Cloud's network balancer", idle_ms: 600_000, passes_packets: true };

/// Google Cloud's TCP and TLS proxies (`timeout_sec` of a backend service).
/// Source: <https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting>.
pub(crate) const GOOGLE_PROXY: Balancer =
    Balancer { name: "Google Cloud's TCP proxy", idle_ms: 30_000, passes_packets: false };

/// OpenStack's balancer (`timeout_client_data`), which is an HAProxy.
/// Source: <https://docs.openstack.org/octavia/latest/configuration/configref.html>.
pub(crate) const OCTAVIA: Balancer =
    Balancer { name: "OpenStack Octavia", idle_ms: 50_000, passes_packets: false };

/// The TCP ports of ingress-nginx (`proxy-stream-timeout`).
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/>.
pub(crate) const INGRESS_NGINX: Balancer =
    Balancer { name: "ingress-nginx", idle_ms: 600_000, passes_packets: false };

/// The virtual address of a service in Docker Swarm: the kernel's IPVS forgets a silent connection.
/// Source: <https://github.com/torvalds/linux/blob/master/net/netfilter/ipvs/ip_vs_proto_tcp.c> (`IP_VS_TCP_S_ESTABLISHED`).
pub(crate) const SWARM: Balancer =
    Balancer { name: "Docker Swarm VIP", idle_ms: 900_000, passes_packets: true };

/// AWS's NAT gateway, whose limit is fixed.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>.
pub(crate) const AWS_NAT: Balancer =
    Balancer { name: "AWS NAT gateway", idle_ms: 350_000, passes_packets: true };

/// Google Cloud's NAT (`tcp_established_idle_timeout_sec`).
/// Source: <https://cloud.google.com/nat/docs/tune-nat-configuration>.
pub(crate) const GOOGLE_NAT: Balancer =
    Balancer { name: "Google Cloud NAT", idle_ms: 1_200_000, passes_packets: true };

/// Azure's NAT gateway (`idle_timeout_in_minutes`).
/// Source: <https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource>.
pub(crate) const AZURE_NAT: Balancer =
    Balancer { name: "Azure NAT gateway", idle_ms: 240_000, passes_packets: true };

/// Ways that change nothing of what is dialled: whoever goes through them still dials what is behind.
pub(crate) fn is_transparent(program: &str) -> bool {
    is_nat(program) || program == SWARM.name
}

/// Ways out of a network that serve whatever leaves it.
pub(crate) fn is_nat(program: &str) -> bool {
    [AWS_NAT.name, GOOGLE_NAT.name, AZURE_NAT.name].contains(&program)
}

/// True if the probes of TCP keepalive keep a connection through this program alive.
pub(crate) fn keepalive_counts(program: &str) -> bool {
    BALANCERS.iter().any(|b| b.name == program && b.passes_packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_and_connections_differ() {
        for (program, counts) in
            [("AWS NLB", true), ("AWS CLB", false), ("ingress-nginx", false), ("haproxy", false)]
        {
            assert_eq!(keepalive_counts(program), counts, "{program}");
        }
    }
}
