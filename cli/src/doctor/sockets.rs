//! Sockets that listen: from `ss`, else from `/proc/net` in the form that `ss` has.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::kernel::Process;
use super::programs::ask;
use super::{Bundle, Host};
use crate::failure::reason;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// Only its own processes' sockets are shown to whoever is not root, and a server has thousands: enough of them are
/// looked at to find those that listen, which are opened first.
const MOST_DESCRIPTORS: usize = 4_096;

pub(super) fn listening(host: &Host, processes: &[Process], bundle: &mut Bundle) {
    // `ss` asks the kernel that it runs on, wherever else one looks.
    let here = host.proc == Path::new("/proc");
    if here && let Ok(text) = ask(host, "ss", &["-t", "-l", "-n", "-p"]) {
        bundle.add("sockets.txt", "ss -tlnp", text);
        return;
    }
    let mut rows = Vec::new();
    let mut read = 0;
    for table in ["net/tcp", "net/tcp6"] {
        let path = host.proc.join(table);
        match fs::read_to_string(&path) {
            Ok(text) => {
                read += 1;
                rows.extend(text.lines().skip(1).filter_map(row));
            }
            Err(error) => bundle.miss(path.display().to_string(), reason(&error)),
        }
    }
    if read == 0 {
        return;
    }
    let owners = owners(host, processes, &rows);
    let mut text = String::from("State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n");
    for Row { local, inode } in &rows {
        let peer = if local.is_ipv4() { "0.0.0.0:*" } else { "[::]:*" };
        let process = owners
            .get(inode)
            .map_or_else(String::new, |p| format!(" users:((\"{}\",pid={}))", p.name, p.pid));
        text.push_str(&format!("LISTEN 0      0      {local} {peer}{process}\n"));
    }
    bundle.add("sockets.txt", host.proc.join("net/tcp{,6}").display().to_string(), text);
}

struct Row {
    local: SocketAddr,
    inode: u64,
}

/// A line of `/proc/net/tcp`, if its socket listens.
fn row(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = words.get(1)?.split_once(':')?;
    if *words.get(3)? != LISTEN {
        return None;
    }
    let local = SocketAddr::new(address_of(address)?, u16::from_str_radix(port, 16).ok()?);
    Some(Row { local, inode: words.get(9)?.parse().ok()? })
}

/// The kernel prints each four bytes of an address as a number in its own byte order.
fn address_of(hex: &str) -> Option<IpAddr> {
    let words: Vec<[u8; 4]> = (0..hex.len() / 8)
        .map(|i| Some(u32::from_str_radix(hex.get(8 * i..8 * i + 8)?, 16).ok()?.to_ne_bytes()))
        .collect::<Option<_>>()?;
    match words.as_slice() {
        [word] => Some(Ipv4Addr::from(*word).into()),
        [..] => Some(Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into()),
    }
}

/// Which process holds a socket, as far as that can be seen.
fn owners<'p>(host: &Host, processes: &'p [Process], rows: &[Row]) -> BTreeMap<u64, &'p Process> {
    let mut owners = BTreeMap::new();
    for process in processes {
        let Ok(descriptors) = fs::read_dir(host.proc.join(process.pid.to_string()).join("fd")) else {
            continue;
        };
        for descriptor in descriptors.flatten().take(MOST_DESCRIPTORS) {
            let Ok(target) = fs::read_link(descriptor.path()) else { continue };
            let inode = target
                .to_str()
                .and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok());
            if let Some(row) = rows.iter().find(|r| Some(r.inode) == inode) {
                owners.entry(row.inode).or_insert(process);
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn rows_of_the_kernel_are_read() {
        let line = |address: &str, state: &str| {
            format!(
                "   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 1592 1"
            )
        };
        for (address, expected) in [
            ("00000000:1628", Some("0.0.0.0:5672")),
            ("0100007F:18EB", Some("127.0.0.1:6379")),
            ("00000000000000000000000000000000:6448", Some("[::]:25672")),
            ("00000000000000000000000001000000:0050", Some("[::1]:80")),
            ("B80D0120000000000000000007000000:0050", Some("[2001:db8::7]:80")),
            ("0000:0050", None),
            ("é000000:0050", None),
            ("00000000", None),
        ] {
            let found = row(&line(address, LISTEN)).map(|r| r.local.to_string());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
        assert!(row(&line("0100007F:18EB", "01")).is_none());
        assert!(row("").is_none());
    }
}
