use super::*;
use crate::source::Source;

fn with(language: Language, text: &str, check: impl FnOnce(&Program)) {
    let source = Source::new("x", text);
    let (program, notices) = read(&View::whole(crate::FileId(0), &source), language);
    assert!(notices.is_empty());
    check(&program);
}

#[test]
fn the_same_call_is_read_in_every_language() {
    let table = [
        (Language::Python, "def f():\n  while True:\n    c = lib.dial('a', beat=30)\n", "lib.dial", "c"),
        (
            Language::Go,
            "package p\nfunc f() {\n for {\n  c, err := lib.Dial(\"a\", 30)\n }\n}\n",
            "lib.Dial",
            "c",
        ),
        (
            Language::Java,
            "class A { void f() { while (true) { C c = lib.dial(\"a\", 30); } } }",
            "lib.dial",
            "c",
        ),
        (
            Language::Kotlin,
            "class A { suspend fun f() { while (true) { val c: C = lib.dial(\"a\", 30) } } }",
            "lib.dial",
            "c",
        ),
        (
            Language::JavaScript,
            "async function f() { for (;;) { const c = await lib.dial('a', 30) } }",
            "lib.dial",
            "c",
        ),
        (
            Language::TypeScript,
            "const f = async (): Promise<void> => { while (1) { const c: C = await lib.dial(`a`, 30) } }",
            "lib.dial",
            "c",
        ),
    ];
    for (language, text, callee, target) in table {
        with(language, text, |program| {
            let call = program.calls.iter().find(|c| c.callee == callee).expect("the call");
            assert!(call.in_loop, "{language:?}");
            assert_eq!(call.targets.first().map(String::as_str), Some(target), "{language:?}");
            assert_eq!(program.scopes[call.scope].name, "f", "{language:?}");
            let constants = Constants::new(program);
            assert_eq!(constants.known(&call.arguments[0].value), Some(Known::Text("a".into())));
            assert_eq!(constants.known(&call.arguments[1].value), Some(Known::Int(30)));
        });
    }
}

#[test]
fn values_are_followed_as_far_as_the_file_goes() {
    let table = [
        ("x = 60 * 5\n", Some(Known::Int(300))),
        ("a = 2\nx = a + 1\n", Some(Known::Int(3))),
        ("x = os.getenv('A', 'b')\n", Some(Known::Text("b".into()))),
        ("x = os.environ.get('A') or 'b'\n", Some(Known::Text("b".into()))),
        ("x = env('A', default=5)\n", Some(Known::Int(5))),
        ("x = timedelta(minutes=2, seconds=1)\n", Some(Known::Int(121))),
        ("h = 'mq'\nx = f'amqp://{h}/v'\n", Some(Known::Text("amqp://mq/v".into()))),
        ("x = f'amqp://{h}/v'\n", None),
        ("x = 1\nx = 2\n", None),
        ("x = 'a' 'b'\n", Some(Known::Text("ab".into()))),
        ("x = x\n", None),
        ("x = -1\n", Some(Known::Int(-1))),
    ];
    for (text, value) in table {
        with(Language::Python, text, |program| {
            let name = Expr { range: 0..0, form: Form::Name("x".into()) };
            assert_eq!(Constants::new(program).known(&name), value, "{text}");
        });
    }
}

#[test]
fn hostile_code_is_read_in_bounds() {
    for text in ["(".repeat(50_000), "f(".repeat(20_000), "x = ".repeat(5_000), "[{".repeat(10_000)] {
        let all = [Language::Python, Language::Go, Language::Java, Language::JavaScript, Language::Kotlin];
        for language in all {
            with(language, &text, |_| {});
        }
    }
    let kotlin = [
        "{".repeat(50_000),
        "\"${".repeat(20_000),
        "x.apply { ".repeat(20_000),
        "if (a) b else ".repeat(20_000),
        "a + ".repeat(20_000),
        "f().also { it.x = ".repeat(10_000),
        "a to mapOf(".repeat(10_000),
        "a<b<".repeat(20_000),
        "a.b().".repeat(20_000),
        "!".repeat(50_000),
        "a[".repeat(20_000),
        "@A ".repeat(20_000),
        "fun f(): ".repeat(20_000),
        "/* ".repeat(20_000),
        "}".repeat(50_000),
        "\"\"\"$".repeat(10_000),
        "val x = fun(".repeat(10_000),
        "when { a -> ".repeat(10_000),
    ];
    for text in kotlin {
        with(Language::Kotlin, &text, |_| {});
    }
}

#[test]
fn each_name_of_a_declaration_has_its_value() {
    let text = "package p\nfunc f() {\n var a, b = 1, true\n x += 2\n use(a, b, x)\n}\n";
    with(Language::Go, text, |program| {
        let constants = Constants::new(program);
        let call = program.calls.last().expect("a call");
        let known = |i: usize| constants.known(&call.arguments[i].value);
        assert_eq!((known(0), known(1), known(2)), (Some(Known::Int(1)), Some(Known::Bool(true)), None));
    });
}

#[test]
fn loops_tries_and_handlers_are_told() {
    let table = [
        (Language::Python, "def f():\n  while True:\n    try:\n      a()\n    except E:\n      b()\n", 3),
        (Language::Go, "package p\nfunc f() { for { if err != nil { a() } } }\n", 2),
        (Language::Go, "package p\nfunc f() { for { if err == nil { a() } else { b() } } }\n", 2),
        (Language::Java, "class A { void f() { for (;;) { try { a(); } catch (E e) { b(); } } } }", 3),
        (Language::Kotlin, "fun f() { while (true) { try { a() } catch (e: E) { b() } } }", 3),
        (Language::JavaScript, "function f() { while (1) { try { a() } catch (e) { b() } } }", 3),
    ];
    for (language, text, blocks) in table {
        with(language, text, |program| {
            assert_eq!(program.blocks.len(), blocks, "{text}");
            assert!(program.blocks.iter().any(|b| b.kind == BlockKind::Endless), "{text}");
            assert!(program.blocks.iter().any(|b| b.kind == BlockKind::Handler), "{text}");
        });
    }
}

#[test]
fn decorators_and_annotations_are_calls() {
    let table = [
        (Language::Python, "@lib.retry(stop=3)\ndef f():\n  pass\n", "lib.retry", 1),
        (Language::Python, "@retry\ndef f():\n  pass\n", "retry", 0),
        (Language::Java, "class A { @Retryable(max = 3) void f() {} }", "Retryable", 1),
        (
            Language::Kotlin,
            "class A { @Retryable(max = 3)\n fun f(a: Int = 5): String? = g() }",
            "Retryable",
            1,
        ),
    ];
    for (language, text, callee, arguments) in table {
        with(language, text, |program| {
            let call = program.calls.iter().find(|c| c.callee == callee).expect("a call");
            assert_eq!(call.decorates.as_deref(), Some("f"), "{text}");
            assert_eq!(call.arguments.len(), arguments, "{text}");
        });
    }
}

#[test]
fn kotlin_values_are_followed() {
    let table = [
        ("const val A = 60\nval x = A * 5\n", Some(Known::Int(300))),
        ("val x = System.getenv(\"A\") ?: \"b\"\n", Some(Known::Text("b".into()))),
        ("val x = System.getenv(\"A\")?.toInt()\n    ?: 5\n", Some(Known::Int(5))),
        ("val h = \"mq\"\nval x = \"amqp://$h/${h}\"\n", Some(Known::Text("amqp://mq/mq".into()))),
        ("val x = \"amqp://$h/v\"\n", None),
        ("val x = \"\"\"a\"b\"\"\".trimIndent()\n", Some(Known::Text("a\"b".into()))),
        ("val x by lazy { 3 }\n", Some(Known::Int(3))),
        ("val x = 30.seconds.inWholeMilliseconds\n", Some(Known::Int(30_000))),
        ("val x = Duration.ofMinutes(2).toMillis()\n", Some(Known::Int(120_000))),
        ("val x = TimeUnit.SECONDS.toMillis(7)\n", Some(Known::Int(7_000))),
        ("val x = -1_000L\n", Some(Known::Int(-1_000))),
        ("var x = 1\nfun f() { x = 2 }\n", None),
        ("fun f(x: Int) {}\nval x = 2\n", None),
        ("val x = if (a) 1 else 2\n", None),
        ("val x = list[0]\n", None),
        ("val x = x\n", None),
    ];
    for (text, value) in table {
        with(Language::Kotlin, text, |program| {
            let name = Expr { range: 0..0, form: Form::Name("x".into()) };
            assert_eq!(Constants::new(program).known(&name), value, "{text}");
        });
    }
}

/// The calls of a text with their first argument, in the order of their ends.
fn kotlin_calls(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    with(Language::Kotlin, text, |program| {
        let constants = Constants::new(program);
        all = program
            .calls
            .iter()
            .map(|c| match c.arguments.first().and_then(|a| constants.known(&a.value)) {
                Some(Known::Int(n)) => format!("{}({n})", c.callee),
                Some(Known::Text(text)) => format!("{}({text})", c.callee),
                Some(Known::Bool(b)) => format!("{}({b})", c.callee),
                _ => format!("{}()", c.callee),
            })
            .collect();
    });
    all
}

#[test]
fn kotlin_properties_are_setters_of_what_a_block_is_about() {
    let table: &[(&str, &[&str])] = &[
        ("val f = C()\nf.host = \"a\"\n", &["C()", "f.setHost(a)"]),
        ("val f = C()\nf.isOpen = true\n", &["C()", "f.setOpen(true)"]),
        ("val f = C().apply { port = 5; setHost(\"a\") }\n", &["C()", "f.setPort(5)", "f.setHost(a)"]),
        (
            "val f = C().apply {\n  this.port = 5\n}.also { it.host = \"a\" }\n",
            &["C()", "f.setPort(5)", "f.setHost(a)"],
        ),
        ("val f = C().also { c -> c.port = 5 }\n", &["C()", "f.setPort(5)"]),
        ("val f: C by lazy { C().apply { port = 5 } }\n", &["C()", "f.setPort(5)"]),
        ("fun f() = C().apply { port = 5 }\n", &["C()", "c.setPort(5)"]),
        ("val k = C().apply { port = 5 }.open()\n", &["C()", "c.setPort(5)", "c.open()"]),
        ("class A { private val f = C()\n init { f.port = 5 } }\n", &["C()", "f.setPort(5)"]),
        ("class A { lateinit var f: C\n fun g() { this.f = C(); f.port = 5 } }\n", &["C()", "f.setPort(5)"]),
        ("fun g(f: C) { with(f) { port = 5 } }\n", &["f.setPort(5)"]),
        ("fun g(f: C) { f.run { open() } }\n", &["f.open()"]),
        ("fun g() { C().open().use { k -> k.send(1) } }\n", &["C()", "C().open()", "k.send(1)", "k.close()"]),
        // A variable of the function, and functions of the file, are not the block's.
        ("fun g() { var port = 1\n val f = C().apply { port = 5 } }\n", &["C()"]),
        ("fun open() {}\nfun g() { C().apply { open() } }\n", &["C()", "open()"]),
        ("fun g(f: C) { f.apply { thread { port = 5 } } }\n", &["thread()"]),
        (
            "val p = Properties().apply { put(\"a\", 1); this[\"b\"] = 2 }\n",
            &["Properties()", "p.put(a)", "p.put(b)"],
        ),
        ("val p = mapOf(\"a\" to 1, K.B to \"c\")\n", &["mapOf()", "p.put(a)", "p.put()"]),
        ("val p = hashMapOf<String, Any>()\np[\"a\"] = 1\n", &["mapOf()", "p.put(a)"]),
        ("f(timeout = 5.seconds)\n", &["Duration.ofSeconds(5)", "f()"]),
        ("when (x) { is A -> a(); in b() -> c(); else -> d() }\n", &["a()", "b()", "c()", "d()"]),
        ("try { a() } catch (e: E) { b() } finally { c() }\n", &["a()", "b()", "c()"]),
        ("for (x in xs()) a(x)\n", &["xs()", "a()"]),
        ("val x = a(\"${b(\"}\")}\")\nc()\n", &["b(})", "a()", "c()"]),
        ("val x = object : A(1) { override fun f() { b() } }\n", &["A(1)", "b()"]),
        ("val x get() = a()\nval y: Int\n  get() { return b() }\nc()\n", &["a()", "b()", "c()"]),
        ("if (a < b && c > (d)) e() else if (f()) g() else h()\n", &["e()", "f()", "g()", "h()"]),
        ("/* a() /* b() */ */ c() // d()\n", &["c()"]),
        ("enum class A(val n: Int) { X(1), Y(2); fun f() = g() }\nh()\n", &["X(1)", "Y(2)", "g()", "h()"]),
        ("a(b) { c -> d(c) }\n", &["d()", "a()"]),
        ("val x: Map<String, List<Int>> = a<B<C>>(1)\n", &["a(1)"]),
        ("a\n  .b()\n  ?.c()\n", &["a.b()", "a.b().c()"]),
        ("fun <T> A<T>.f(x: (Int) -> Unit, y: Int = g()): B? where T : C { h() }\n", &["g()", "h()"]),
        (
            "typealias A = (Int) -> Unit\n@file:B(\"c\")\ndata class D(val a: Int = e()) : F(a), G by h\ni()\n",
            &["e()", "i()"],
        ),
    ];
    for (text, calls) in table {
        assert_eq!(kotlin_calls(text), *calls, "{text}");
    }
}

#[test]
fn kotlin_scopes_are_functions_and_lambdas_that_are_kept() {
    let text = "fun f(a: Int) {\n  x.let { a1() }\n  xs.forEach { b1() }\n  launch { c1() }\n}\n";
    with(Language::Kotlin, text, |program| {
        let place = |name: &str| {
            let call = program.calls.iter().find(|c| c.callee == name).expect("a call");
            (
                program.scopes[call.scope].name.as_str(),
                program.scopes[call.scope].passed_to.as_deref(),
                call.in_loop,
            )
        };
        assert_eq!(place("a1"), ("f", None, false));
        assert_eq!(place("b1"), ("f", None, true));
        assert_eq!(place("c1"), ("", Some("launch"), false));
        assert_eq!(program.scopes[1].parameters, "(a: Int)");
    });
}

#[test]
fn broken_kotlin_leaves_every_place_in_the_text() {
    let whole = "package ü\nimport a.B as C\n@A(x = [1, 'é']) class D<T : E>(val f: Int = 3) : G(f), H by i {\n  val j by \
                 lazy { K().apply { l = \"ä${m(\"ö\")}$n\"; o[\"ß\"] = 1 }.use { p -> p.q() } }\n  fun <R> S.t(u: (V) -> W): X? \
                 = when (y) { is Z -> mapOf(\"é\" to 1, \"ü\" + 2 to 3.seconds); !in aa -> \"\"\"ä$bb\"\"\"; else -> try { cc() } \
                 catch (e: É) { throw e } finally { dd++ } }\n}\n";
    let check = |text: &str| {
        with(Language::Kotlin, text, |program| {
            let inside =
                |r: &std::ops::Range<usize>| assert!(text.get(r.clone()).is_some(), "{r:?} of {text:?}");
            for call in &program.calls {
                inside(&call.at);
                inside(&call.range);
                for argument in &call.arguments {
                    inside(&argument.at);
                    inside(&argument.value.range);
                    if let Form::Text { content, .. } = &argument.value.form {
                        inside(content);
                    }
                }
            }
            for assignment in &program.assignments {
                inside(&assignment.at);
                inside(&assignment.value.range);
                if let Form::Text { content, .. } = &assignment.value.form {
                    inside(content);
                }
            }
            program.scopes.iter().for_each(|s| inside(&s.range));
            program.blocks.iter().for_each(|b| inside(&b.range));
        });
    };
    let characters: Vec<(usize, char)> = whole.char_indices().collect();
    for (at, c) in &characters {
        check(&whole[..*at]);
        check(&whole[*at..]);
        check(&format!("{}{}", &whole[..*at], &whole[at + c.len_utf8()..]));
        for other in ["\"", "'", "{", "}", "(", ")", "$", "\\", "<", "é"] {
            check(&format!("{}{other}{}", &whole[..*at], &whole[*at..]));
        }
    }
}
