//! What ufw keeps and prints: the tuples of `user.rules`, and `ufw status`.

use super::rule::APPLICATIONS;
use super::*;

/// Reads the tuples of `user.rules`: `### tuple ### allow tcp 22 0.0.0.0/0 any 10.0.0.0/8 in`.
pub(super) fn read_tuples(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    let mut ufw = Ufw::new(view.span(0..0));
    let mut says = Families { v4: false, v6: false };
    let v6_file = view.text.contains("ufw6-user");
    let mut offset = 0;
    for line in view.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some(rest) = line.trim_start().strip_prefix("### tuple ###") else { continue };
        let indent = line.len() - line.trim_start().len();
        let span = view.span(start + indent..start + line.trim_end().len());
        let fields: Vec<&str> = rest.split_whitespace().filter(|f| !f.starts_with("comment=")).collect();
        let (Some(head), true) = (fields.first(), fields.len() >= 7) else {
            reading.notice(span, "this tuple has too few fields: it is not used");
            continue;
        };
        let (routed, head) = match head.strip_prefix("route:") {
            Some(rest) => (true, rest),
            None => (false, *head),
        };
        let Some(act) = action(head.split('_').next().unwrap_or_default()) else {
            reading.notice(span, "this tuple has an unknown action: it is not used");
            continue;
        };
        let mut rule = Rule::new(span, Verdict::Continue);
        rule.matches.protocols = Protocols::of(fields[1]);
        rule.matches.ports = tuple_ports(fields[2]);
        rule.matches.source_ports = tuple_ports(fields[4]);
        if (rule.matches.ports.is_some() || rule.matches.source_ports.is_some()) && fields[1] == "any" {
            rule.matches.protocols = Protocols::TCP_UDP;
        }
        let address = |text: &str| Block::parse(text).filter(|b| !b.is_all()).map(|b| Addresses::of(vec![b]));
        rule.matches.destination = address(fields[3]);
        rule.matches.source = address(fields[5]);
        let family = match v6_file || [fields[3], fields[5]].iter().any(|a| a.contains(':')) {
            true => Family::V6,
            false => Family::V4,
        };
        rule.matches.families = Families::only(family);
        says = Families { v4: says.v4 || family == Family::V4, v6: says.v6 || family == Family::V6 };
        let way = fields.last().copied().unwrap_or_default();
        let (direction, interface) = way.split_once('_').map_or((way, None), |(d, i)| (d, Some(i)));
        let named = interface
            .map(|i| Interface { names: vec![i.split('!').next().unwrap_or(i).into()], negated: false });
        let direction = match (routed, direction) {
            (true, _) => Way::Routed,
            (_, "out") => Way::Out,
            _ => Way::In,
        };
        match direction {
            Way::Out => rule.matches.out_interface = named,
            _ => rule.matches.interface = named,
        }
        ufw.add(direction, None, act, rule);
    }
    if says == (Families { v4: false, v6: false }) {
        says = if v6_file { Families::V6 } else { Families::V4 };
    }
    for chain in &mut ufw.chains {
        chain.families = says;
    }
    ufw.finish(says)
}

fn tuple_ports(text: &str) -> Option<Ports> {
    let ranges: Vec<PortRange> = text
        .split(',')
        .filter_map(|p| {
            let (a, b) = p.split_once(':').unwrap_or((p, p));
            Some(PortRange { first: a.parse().ok()?, last: b.parse().ok()? })
        })
        .collect();
    (!ranges.is_empty()).then(|| Ports::of(ranges))
}

/// Reads what `ufw status` prints, in any of its three forms.
pub(super) fn read_status(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    const ACTIONS: &[(&str, Action)] = &[
        ("ALLOW", Action::Allow),
        ("DENY", Action::Deny),
        ("REJECT", Action::Reject),
        ("LIMIT", Action::Limit),
    ];
    let mut ufw = Ufw::new(view.span(0..0));
    let mut table = false;
    let mut offset = 0;
    for line in view.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        let span = view.span(start + indent..start + indent + content.len());
        if let Some(state) = content.strip_prefix("Status:") {
            ufw.enabled = Some(state.trim() == "active");
            ufw.span = span;
        } else if let Some(defaults) = content.strip_prefix("Default:") {
            for part in defaults.split(',') {
                let policy = match part.split_whitespace().next() {
                    Some("allow") => Policy::Accept,
                    Some("reject") => Policy::Reject,
                    _ => Policy::Drop,
                };
                let way = [("(incoming)", Way::In), ("(outgoing)", Way::Out), ("(routed)", Way::Routed)];
                if let Some((_, way)) = way.iter().find(|(w, _)| part.contains(w)) {
                    ufw.set_default(policy, *way, span);
                }
            }
        } else if content.starts_with("--") {
            table = true;
        } else if table && !content.is_empty() {
            let (body, comment) = content.split_once(" # ").map_or((content, None), |(b, c)| (b, Some(c)));
            let body =
                body.trim().strip_prefix('[').and_then(|b| b.split_once(']')).map_or(body, |(_, b)| b).trim();
            let found = ACTIONS.iter().find_map(|(word, act)| {
                let at = body.find(&format!(" {word}"))?;
                Some((at, at + 1 + word.len(), *act))
            });
            let Some((to, after, act)) = found else {
                reading.notice(span, "this line has no action of ufw: it is not used");
                continue;
            };
            let rest = body[after..].trim_start();
            let (way, from) = match rest.split_once(char::is_whitespace) {
                Some(("IN", from)) => (Way::In, from),
                Some(("OUT", from)) => (Way::Out, from),
                Some(("FWD", from)) => (Way::Routed, from),
                _ => (Way::In, rest),
            };
            let mut rule = Rule::new(span, Verdict::Continue);
            rule.comment = comment.map(Into::into);
            status_cell(&mut rule, &body[..to], true, way);
            status_cell(&mut rule, from, false, way);
            ufw.add(way, None, act, rule);
        }
    }
    ufw.finish(Families::BOTH)
}

fn status_cell(rule: &mut Rule, cell: &str, to: bool, way: Way) {
    let m = &mut rule.matches;
    let v6 = cell.contains("(v6)");
    let cell = cell.replace("(v6)", "").replace("(log)", "").replace("(out)", "");
    let mut words = cell.split_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "Anywhere" => {}
            "on" => {
                let interface = words.next().map(|i| Interface { names: vec![i.into()], negated: false });
                match way {
                    Way::Out => m.out_interface = interface,
                    _ => m.interface = interface,
                }
            }
            _ => {
                let (ports, protocol) = word.split_once('/').unwrap_or((word, ""));
                let address =
                    Block::parse(word).filter(|_| word.contains(['.', ':']) && tuple_ports(ports).is_none());
                if let Some(block) = address {
                    m.families = Families::only(block.family);
                    let addresses = Some(Addresses::of(vec![block]));
                    if to { m.destination = addresses } else { m.source = addresses }
                } else if let Some(ports) = tuple_ports(ports) {
                    m.protocols = match protocol {
                        "" => Protocols::TCP_UDP,
                        p => Protocols::of(p),
                    };
                    if to { m.ports = Some(ports) } else { m.source_ports = Some(ports) }
                } else if let Some(application) = APPLICATIONS.iter().find(|a| cell.trim() == a.0) {
                    m.ports = Some(Ports::of(application.1.iter().map(|p| PortRange::one(*p)).collect()));
                    m.protocols = Protocols::TCP;
                } else if !word.starts_with('(') {
                    m.unknown.push("the ports of this application profile are not in this file".into());
                }
            }
        }
    }
    if v6 {
        m.families = Families::V6;
    } else if to && m.families == Families::BOTH && m.destination.is_none() {
        // Every rule for both versions is printed twice; the row without a mark is the one for IPv4.
        m.families = Families::V4;
    }
}
