//! Values of Helm charts.

use crate::facts::kinds::container::image;
use crate::facts::{Fact, Value};
use crate::source::{Source, View};
use crate::syntax::{Data, Node, yaml};
use crate::systems::carriers::tree::{self, TreeContext};
use crate::systems::containers::images::Image;
use crate::systems::containers::nodes;
use crate::systems::rabbitmq::releases;
use crate::systems::{FileKind, Match, Reading, carriers};

/// `values.yaml`.
pub static VALUES: FileKind = FileKind {
    name: "helm-values",
    doc: "Values of Helm charts: images, and all that YAML carries",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let named =
        carriers::has_ending(name, &["yml", "yaml"]) && name.split(['.', '-', '_']).any(|w| w == "values");
    if named { Match::Likely } else { Match::No }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    for root in &documents {
        images(root, out);
        let context = TreeContext { expands: Some(false), carrier: None, skip_environment: false };
        tree::scan(root, &context, out);
    }
}

/// `image: {registry, repository, tag, digest}` anywhere.
fn images(node: &Node<'_>, out: &mut Reading) {
    match &node.data {
        Data::Map(entries) => {
            if let Some(repository) = node.get("repository").filter(|_| node.get("tag").is_some()) {
                let fact = reference(node, repository);
                let text = fact.text(image::text).unwrap_or_default();
                let tag = fact.get(image::tag).and_then(|t| t.span());
                let release = tag.and_then(|at| releases::from_image(text, at));
                out.facts.add(fact);
                if let Some(release) = release {
                    out.facts.add(release);
                }
            }
            entries.iter().for_each(|e| images(&e.value, out));
        }
        Data::Seq(items) => items.iter().for_each(|i| images(i, out)),
        _ => {}
    }
}

fn reference(node: &Node<'_>, repository: &Node<'_>) -> Fact {
    let part = |key: &str| node.get(key).and_then(nodes::text).filter(|t| !t.is_empty());
    let registry = part("registry").map(|r| format!("{r}/")).unwrap_or_default();
    let tag = part("tag").map(|t| format!(":{t}")).unwrap_or_default();
    let text = format!("{registry}{}{tag}", nodes::text(repository).unwrap_or_default());
    let parsed = Image::parse(&text);
    let span = nodes::span(repository);
    let mut fact = Fact::new(&image::KIND, span);
    fact.derive(image::text, Value::text(&text));
    nodes::put_text(&mut fact, image::registry, node.get("registry").filter(|_| part("registry").is_some()));
    nodes::put_text(&mut fact, image::tag, node.get("tag").filter(|_| part("tag").is_some()));
    nodes::put_text(&mut fact, image::digest, node.get("digest").filter(|_| part("digest").is_some()));
    if let Some(repository) = &parsed.repository {
        fact.write(image::repository, Value::text(repository), span);
    }
    if let Some(name) = parsed.name() {
        fact.write(image::name, Value::text(name), span);
    }
    if let Some(version) = parsed.version {
        fact.write(image::version, Value::Version(version), node.get("tag").map_or(span, nodes::span));
    }
    if let Some((program, role)) = parsed.program {
        fact.derive(image::software, Value::text(program));
        fact.derive(image::role, Value::text(role));
    }
    // A chart whose tag is empty takes its own version (`appVersion`).
    if part("tag").is_some()
        && let Some(floating) = parsed.floating()
    {
        fact.derive(image::floating, Value::Bool(floating && part("digest").is_none()));
    }
    fact
}
