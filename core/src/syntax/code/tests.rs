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
        for language in [Language::Python, Language::Go, Language::Java, Language::JavaScript] {
            with(language, &text, |_| {});
        }
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
    ];
    for (language, text, callee, arguments) in table {
        with(language, text, |program| {
            let call = program.calls.iter().find(|c| c.callee == callee).expect("a call");
            assert_eq!(call.decorates.as_deref(), Some("f"), "{text}");
            assert_eq!(call.arguments.len(), arguments, "{text}");
        });
    }
}
