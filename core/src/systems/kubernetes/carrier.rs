//! Config maps and secrets: files in objects.

use crate::facts::kinds::container::variable;
use crate::facts::kinds::kubernetes::config;
use crate::facts::{Fact, FactId, Value};
use crate::source::View;
use crate::syntax::{Node, Scalar, Style};
use crate::systems::Reading;
use crate::systems::containers::{nodes, variables};
use crate::systems::uris::{self, UriContext};

/// Reads every key as the file it becomes, or as a variable.
pub(super) fn read(object: &Node<'_>, secret: bool, name: Option<&str>, out: &mut Reading) {
    let mut fact = Fact::new(&config::KIND, object.get("kind").map_or(object.span, nodes::span));
    nodes::put_text(&mut fact, config::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, config::namespace, object.at(&["metadata", "namespace"]));
    fact.derive(config::secret, Value::Bool(secret));
    let id = out.facts.add(fact);
    for section in ["data", "stringData", "binaryData"] {
        let encoded = section == "binaryData" || (secret && section == "data");
        let Some(node) = object.get(section) else { continue };
        for (key, value) in node.pairs() {
            let Some(scalar) = value.scalar() else { continue };
            if !encoded {
                entry(key, scalar, secret, (name, id), out);
                continue;
            }
            if !crate::secrets::is_placeholder(&scalar.view.text) {
                out.secrets.push(scalar.view.full_span());
            }
            if let Some(view) = decoded(&scalar.view) {
                let scalar = Scalar { view, style: Style::Quoted };
                entry(key, &scalar, secret, (name, id), out);
            }
        }
    }
}

fn entry(
    key: &Scalar<'_>,
    scalar: &Scalar<'_>,
    secret: bool,
    (name, id): (Option<&str>, FactId),
    out: &mut Reading,
) {
    let view = &scalar.view;
    let file = scalar.style == Style::Block || view.text.contains('\n') || key.view.text.contains('.');
    if file && out.embed(&key.view.text, name, view) {
        return;
    }
    if view.text.contains('\n') {
        uris::scan(view, &UriContext { comment: Some("#"), ..UriContext::default() }, out);
        return;
    }
    if secret && !crate::secrets::is_placeholder(&view.text) {
        out.secrets.push(view.full_span());
    }
    // Many workloads take all keys of a map as variables (`envFrom`).
    variables::add(&key.view, Some(view), false, Some((variable::config, id)), out);
}

/// A value in base64, decoded, if it is a text. Each byte leads back to the sign that holds its first bits.
fn decoded<'v>(view: &'v View<'_>) -> Option<View<'v>> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut map: Vec<(u32, u32)> = Vec::new();
    let (mut bits, mut count, mut first) = (0u32, 0u32, 0usize);
    for (at, sign) in view.text.bytes().enumerate() {
        let six = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b' ' | b'\n' | b'\r' => continue,
            _ => return None,
        };
        if count == 0 {
            first = at;
        }
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            map.push((bytes.len() as u32, first as u32));
            bytes.push((bits >> count & 0xff) as u8);
            bits &= (1 << count) - 1;
            first = at;
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    map.push((text.len() as u32, view.text.len() as u32));
    (!text.is_empty()).then(|| view.derived(text, &map))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn base64_is_decoded_in_place() {
        let view = View::slice(FileId(0), "aG9zdD1tcQ==", 0);
        let text = decoded(&view).unwrap();
        assert_eq!(text.text, "host=mq");
        assert_eq!(text.full_span().range(), 0..12);
        for bad in ["no base64!", "", "/////w=="] {
            assert!(decoded(&View::slice(FileId(0), bad, 0)).is_none(), "{bad}");
        }
    }
}
