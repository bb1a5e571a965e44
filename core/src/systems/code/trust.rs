//! Checks of certificates that a program turns off in ways that belong to no one call.

use std::ops::Range;

use super::File;
use super::calls;
use crate::syntax::code::{Form, Known, Language};
use crate::systems::Reading;

/// Adds them.
pub(super) fn extract(file: &File<'_>, language: Language, reading: &mut Reading) {
    match language {
        Language::Python => python(file, reading),
        Language::Go => assigned(file, ".InsecureSkipVerify", "true", "crypto/tls", reading),
        Language::Java | Language::Kotlin => java(file, reading),
        Language::JavaScript | Language::TypeScript => {
            assigned(file, "env.NODE_TLS_REJECT_UNAUTHORIZED", "0", "Node.js", reading);
        }
    }
}

/// Assignments of a value to a name that ends so, wherever they are made without condition.
fn assigned(file: &File<'_>, ending: &str, value: &str, library: &str, reading: &mut Reading) {
    for assignment in file.program.assignments.iter().filter(|a| !a.in_branch && a.target.ends_with(ending)) {
        let known = match file.constants.known(&assignment.value) {
            Some(Known::Bool(b)) => b.to_string(),
            Some(Known::Int(n)) => n.to_string(),
            Some(Known::Text(text)) => text,
            _ => continue,
        };
        if known == value {
            let range = assignment.at.start..assignment.value.range.end;
            let what = written(file, &range, ending.trim_start_matches('.'));
            calls::unverified(file, &range, library, &what, reading);
        }
    }
}

/// The text of a range, if it is short and on one line.
fn written(file: &File<'_>, range: &Range<usize>, otherwise: &str) -> String {
    let text = file.view.text.get(range.clone()).filter(|t| t.len() < 80 && !t.contains('\n'));
    text.unwrap_or(otherwise).to_owned()
}

/// `context.verify_mode = ssl.CERT_NONE`, `ssl._create_unverified_context`.
fn python(file: &File<'_>, reading: &mut Reading) {
    if !file.program.imports("ssl") {
        // pika and others hand the module on; the name tells enough.
        if !file.view.text.contains("ssl.") {
            return;
        }
    }
    for assignment in file.program.assignments.iter().filter(|a| !a.in_branch) {
        let Form::Name(name) = &assignment.value.form else { continue };
        // A context that sets itself up so is checked by what makes it.
        let none = assignment.target.ends_with(".verify_mode")
            && assignment.target != "self.verify_mode"
            && name.ends_with("CERT_NONE");
        let context = assignment.target.ends_with("_create_default_https_context")
            && name.ends_with("_create_unverified_context");
        if none || context {
            let range = assignment.at.start..assignment.value.range.end;
            let what = if none { "verify_mode = ssl.CERT_NONE" } else { "ssl._create_unverified_context" };
            calls::unverified(file, &range, "ssl", what, reading);
        }
    }
    for call in file.program.calls.iter().filter(|c| c.name() == "_create_unverified_context") {
        calls::unverified(file, &call.at, "ssl", "ssl._create_unverified_context", reading);
    }
}

/// Trust managers and host name verifiers that take everything.
fn java(file: &File<'_>, reading: &mut Reading) {
    for scope in file.program.scopes.iter().filter(|s| s.name == "checkServerTrusted") {
        let Some(text) = file.view.text.get(scope.range.clone()) else { continue };
        let Some((_, body)) = text.split_once('{') else { continue };
        if body.trim_end_matches('}').trim().is_empty() {
            let start = scope.range.start + text.find(scope.name.as_str()).unwrap_or(0);
            let range = start..start + scope.name.len();
            calls::unverified(file, &range, "JSSE", "checkServerTrusted", reading);
        }
    }
    const SETTERS: &[&str] =
        &["setHostnameVerifier", "hostnameVerifier", "setSSLHostnameVerifier", "setDefaultHostnameVerifier"];
    for call in file.program.calls.iter().filter(|c| SETTERS.contains(&c.name())) {
        let Some(argument) = call.arguments.first() else { continue };
        let Some(text) = file.view.text.get(argument.value.range.clone()) else { continue };
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        // Kotlin's lambda stands in braces.
        let all = plain.trim_end_matches('}').ends_with("->true")
            || plain.ends_with("NoopHostnameVerifier.INSTANCE")
            || plain.ends_with("ALLOW_ALL_HOSTNAME_VERIFIER");
        if all && !call.in_branch {
            calls::unverified(file, &call.at, "JSSE", call.name(), reading);
        }
    }
}
