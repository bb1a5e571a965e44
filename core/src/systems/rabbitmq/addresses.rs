//! Addresses of listeners.

use super::values::between;

/// Where a listener listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The IP address, absent for all.
    pub ip: Option<std::net::IpAddr>,
    /// The port.
    pub port: i64,
}

/// Why RabbitMQ refuses a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFault {
    /// The reason, as a clause.
    pub reason: String,
    /// How it should be written.
    pub suggestion: Option<String>,
}

/// The highest port.
const MAX_PORT: i64 = 65_535;

/// Reads a listener: a port, or an IP address and a port with a colon between, an IPv6 address without brackets.
pub fn address(value: &str) -> Result<Address, AddressFault> {
    let fault = |reason: &str, suggestion: Option<String>| AddressFault { reason: reason.into(), suggestion };
    let port_of = |text: &str| text.parse::<i64>().ok();
    let (host, port) = match value.rsplit_once(':') {
        None => (None, value),
        Some((host, port)) => (Some(host), port),
    };
    let Some(port) = port_of(port) else {
        return Err(match value.parse::<std::net::IpAddr>() {
            Ok(_) => fault("the port is missing", None),
            Err(_) => fault("the port is no number", None),
        });
    };
    if !(0..=MAX_PORT).contains(&port) {
        return Err(fault("ports end at 65535", None));
    }
    let Some(host) = host else { return Ok(Address { ip: None, port }) };
    if let Ok(ip) = host.parse() {
        return Ok(Address { ip: Some(ip), port });
    }
    if let Some(inner) = between(host, '[', ']') {
        return Err(fault("an IPv6 address stands without brackets here", Some(format!("{inner}:{port}"))));
    }
    Err(match host {
        "" | "*" => fault("the address is missing", Some(port.to_string())),
        "localhost" => {
            fault("host names are not looked up, only IP addresses", Some(format!("127.0.0.1:{port}")))
        }
        _ => fault("host names are not looked up, only IP addresses", None),
    })
}
