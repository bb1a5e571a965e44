//! What can be called, for messages and documentation.

/// A function or method of conditions.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types it is a method of, e.g. `text`; empty for a function.
    pub of: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// What it gives, one sentence.
    pub doc: &'static str,
}

const fn function(name: &'static str, of: &'static str, form: &'static str, doc: &'static str) -> Function {
    Function { name, of, form, doc }
}

/// Everything that conditions can call.
pub static FUNCTIONS: &[Function] = &[
    function("has", "", "has(x)", "True if the field is written or follows from what is written."),
    function("said", "", "said(x)", "True if the field is known, be it only as a program's default."),
    function("duration", "", "duration(\"30s\")", "A duration in ms, s, m, h or d, or several of them."),
    function("size", "", "size(\"64KiB\")", "An amount of data in B, kB, MB, GB, TB, KiB, MiB, GiB or TiB."),
    function("version", "", "version(\"4.1\")", "A version of one to three numbers."),
    function(
        "time",
        "",
        "time(\"2026-01-01\")",
        "A moment: a date, or a date and time as RFC 3339 has them.",
    ),
    function(
        "loopback",
        "",
        "loopback(host)",
        "True for localhost and names below it (RFC 6761), 127.0.0.0/8 and ::1.",
    ),
    function(
        "private",
        "",
        "private(host)",
        "True for hosts that the public internet does not reach: loopback, 10.0.0.0/8, 172.16.0.0/12 and \
         192.168.0.0/16 (RFC 1918), 100.64.0.0/10 (RFC 6598), fc00::/7 (RFC 4193), link-local addresses, names \
         without a dot, and names below local (RFC 6762), home.arpa, internal, svc, lan, home and corp.",
    ),
    function("ip", "", "ip(host)", "True if the text is an IPv4 or IPv6 address."),
    function(
        "int",
        "",
        "int(x)",
        "The whole number of a number or text, the milliseconds, bytes or seconds of a unit.",
    ),
    function("float", "", "float(x)", "The same with its fraction."),
    function("text", "", "text(x)", "The value as it is shown to people."),
    function("or", "any type", "x.or(y)", "`x`, or `y` where `x` is absent."),
    function("startsWith", "text", "x.startsWith(\"a\")", "True if the text starts so."),
    function("endsWith", "text", "x.endsWith(\"a\")", "True if the text ends so."),
    function("contains", "text", "x.contains(\"a\")", "True if the text holds it."),
    function("lower", "text", "x.lower()", "The text in lower case."),
    function(
        "glob",
        "text",
        "x.glob(\"*.internal\")",
        "True if the text matches: `*` is any text, `?` one character.",
    ),
    function("size", "text and list", "x.size()", "Number of characters or elements."),
    function("exists", "list", "list.exists(x, condition)", "True if it holds for an element."),
    function("all", "list", "list.all(x, condition)", "True if it holds for every element."),
    function("filter", "list", "list.filter(x, condition)", "The elements it holds for."),
    function("map", "list", "list.map(x, value)", "A value for every element."),
    function("min", "list", "list.min()", "The least element, absent for none."),
    function("max", "list", "list.max()", "The greatest element, absent for none."),
    function("sum", "list", "list.sum()", "The sum of all elements."),
];

/// How a function or method is written, by name.
pub(super) fn form(name: &str, method: bool) -> &'static str {
    FUNCTIONS.iter().find(|f| f.name == name && f.of.is_empty() != method).map_or("", |f| f.form)
}

pub(super) fn named(name: &str, method: bool) -> bool {
    FUNCTIONS.iter().any(|f| f.name == name && f.of.is_empty() != method)
}
