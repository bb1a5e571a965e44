use super::parse;
use crate::source::{FileId, View};

fn files(text: &str) -> Vec<(String, String)> {
    let view = View::slice(FileId(0), text, 0);
    parse(&view).files.into_iter().map(|f| (f.path, f.view.text.into_owned())).collect()
}

#[test]
fn files_that_scripts_write_are_found() {
    for (script, expected) in [
        ("cat > /etc/a.conf <<EOF\nx = 1\ny\nEOF\necho done\n", vec![("/etc/a.conf", "x = 1\ny\n")]),
        ("cat <<'EOF' >/etc/a.conf\nx = $A \\$\nEOF\n", vec![("/etc/a.conf", "x = $A \\$\n")]),
        (
            "cat <<EOF | sudo tee -a /etc/a.conf >/dev/null\nx = \\$A\nEOF\n",
            vec![("/etc/a.conf", "x = $A\n")],
        ),
        ("if true; then\n\tcat <<-EOF > f\n\t\tx\n\tEOF\nfi\n", vec![("f", "x\n")]),
        ("echo 'a = 1' > f && echo \"b = \\\"2\\\"\" >> f", vec![("f", "a = 1\nb = \"2\"\n")]),
        ("{ echo 'a'; echo b; } > f", vec![("f", "a\nb\n")]),
        ("printf 'a = %%\\nb\\n' > f", vec![("f", "a = %\nb\n")]),
        ("printf '%s\\n' 'a b' c > f", vec![("f", "a b\nc\n")]),
        ("echo -e \"a\\nb\" | tee f", vec![("f", "a\nb\n")]),
        ("echo 'a\\nb' > f", vec![("f", "a\nb\n")]),
        ("echo -E 'a\\nb' > f", vec![("f", "a\\nb\n")]),
        ("echo x > /dev/null; echo y 2> err; echo z >&2", vec![]),
        ("# cat > f <<EOF\necho it\\'s", vec![]),
        ("sed s/a/b/ <<EOF > f\na\nEOF", vec![]),
    ] {
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        assert_eq!(files(script), expected, "{script}");
    }
}

#[test]
fn texts_of_written_files_point_into_the_script() {
    let text = "echo 'port = 5672' >> f\necho \"pass = \\\"x\\\"\" >> f\n";
    let view = View::slice(FileId(0), text, 0);
    let script = parse(&view);
    let file = &script.files[0].view;
    for word in ["5672", "pass"] {
        let at = file.text.find(word).unwrap();
        assert_eq!(&text[file.span(at..at + word.len()).range()], word);
    }
}

#[test]
fn words_are_split_as_a_shell_does() {
    let text = "export A=\"b c\" D='e'f \\\n  g\\ h ${X:-y z} $(a b) # no\n\necho a;b|c";
    let view = View::slice(FileId(0), text, 0);
    let words: Vec<Vec<String>> =
        parse(&view).commands.into_iter().map(|c| c.words.into_iter().map(|w| w.text).collect()).collect();
    let expected: Vec<Vec<&str>> = vec![
        vec!["export", "A=b c", "D=ef", "g h", "${X:-y z}", "$(a b)"],
        vec!["echo", "a"],
        vec!["b"],
        vec!["c"],
    ];
    assert_eq!(words, expected);
}

#[test]
fn hostile_scripts_are_read_without_harm() {
    for text in [
        "<<",
        "<<EOF",
        "<<EOF\n",
        "'",
        "\"\\",
        "${",
        "$(",
        "`",
        "((((",
        "))))",
        "}}}}",
        "{ { {",
        ">",
        "2>",
        "&>",
        "a <<A <<B\n1\nA\n2\nB\n",
        "echo \"é\\é\" > ü",
        "\\",
        "<(",
        "<<-\t\n",
        "|||&&&;;;",
        "<<'' x\n\n",
    ] {
        let view = View::slice(FileId(0), text, 0);
        parse(&view);
    }
    let many = "'\"`".repeat(20_000);
    parse(&View::slice(FileId(0), &many, 0));
}
