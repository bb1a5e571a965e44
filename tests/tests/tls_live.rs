//! Faults of certificates and settings on real connections: clients refuse what we find, and take what is mended.
//! Skipped where `openssl` is not installed; curl and Python join in where they are.
#![expect(clippy::print_stdout, reason = "the outcome is read by the person who runs it")]

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connlint_core::source::{Source, Sources};
use connlint_core::{Outcomes, RuleSet, Settings, lint};
use connlint_tests::authority::{AUTHORITY, Authority, Made, Place, SERVER, present};
use connlint_tests::certificates::{judge_for, serves};

/// Who is asked for.
const HOST: &str = "mq.example.com";

/// What shows the fault.
enum Proof {
    /// A rule, in the file that the server shows with its authority behind it.
    File(&'static str),
    /// A rule, in what `openssl s_client` printed.
    Session(&'static str),
    /// The names of the file.
    Names,
}

/// One side of a pair.
struct Side {
    made: Vec<Made>,
    /// What the server sends, its own first.
    sent: &'static [&'static str],
    server: &'static [&'static str],
    client: &'static [&'static str],
    host: &'static str,
}

struct Pair {
    what: &'static str,
    faulty: Side,
    /// Absent where the usual chain mends it, which is proved once.
    mended: Option<Side>,
    proof: Proof,
}

fn lasting(made: Made) -> Made {
    made.times("20200101000000Z", "20490101000000Z")
}

fn leaf() -> Made {
    lasting(Made::new("l", "i", SERVER))
}

fn side(leaf: Made) -> Side {
    let (root, between) = (Made::new("r", "r", AUTHORITY), Made::new("i", "r", AUTHORITY));
    let made = vec![lasting(root), lasting(between), leaf];
    Side { made, sent: &["l", "i"], server: &[], client: &[], host: HOST }
}

fn good() -> Side {
    side(leaf())
}

fn between(change: impl Fn(Made) -> Made) -> Side {
    let mut side = good();
    side.made[1] = change(side.made[1].clone());
    side
}

fn pairs() -> Vec<Pair> {
    let pair = |what, faulty, proof| Pair { what, faulty, mended: None, proof };
    let over = |made: Made| made.times("20200101000000Z", "20210101000000Z");
    let alone = Made { issuer: "l", ..leaf() };
    let by_address = |leaf| Side { host: "127.0.0.1", ..side(leaf) };
    let weak = Side { server: &["-cipher", "DEFAULT@SECLEVEL=0"], ..side(leaf().key("rsa:1024")) };
    let hashed =
        Side { server: &["-cipher", "DEFAULT@SECLEVEL=0"], ..side(Made { digest: "sha1", ..leaf() }) };
    let old = Side { server: &["-tls1", "-cipher", "ALL@SECLEVEL=0"], ..good() };
    let asked = || Side { server: &["-Verify", "1", "-verify_return_error", "-CAfile", "r.pem"], ..good() };
    let client = lasting(Made::new("c", "r", SERVER)).swap("serverAuth", "clientAuth");
    let mut given = Side { client: &["-cert", "c.pem", "-key", "c.key"], ..asked() };
    given.made.push(client);
    vec![
        pair("expired", side(over(leaf())), Proof::File("tls/certificate-expired")),
        pair(
            "not yet valid",
            side(leaf().times("20480101000000Z", "20490101000000Z")),
            Proof::File("tls/certificate-not-yet-valid"),
        ),
        pair(
            "no intermediate",
            Side { sent: &["l"], ..good() },
            Proof::Session("tls/session-verification-failed"),
        ),
        pair("intermediate over", between(over), Proof::File("tls/issuer-expired")),
        pair("wrong host", side(leaf().swap("DNS:mq.example.com", "DNS:mq.example.org")), Proof::Names),
        Pair {
            what: "wrong address",
            faulty: by_address(leaf()),
            mended: Some(by_address(leaf().swap("IP:10.0.0.5", "IP:127.0.0.1"))),
            proof: Proof::Names,
        },
        pair("self-signed", Side { sent: &["l"], ..side(alone) }, Proof::File("tls/self-signed-server")),
        pair(
            "for clients only",
            side(leaf().swap("serverAuth", "clientAuth")),
            Proof::Session("tls/session-server-usage-missing"),
        ),
        pair(
            "intermediate is no CA",
            between(|i| i.swap("CA:TRUE", "CA:FALSE")),
            Proof::File("tls/issuer-not-authority"),
        ),
        pair(
            "outside of the constraints",
            between(|i| i.with("nameConstraints=critical,permitted;DNS:example.org\n")),
            Proof::File("tls/name-constraint-violated"),
        ),
        pair("RSA of 1024 bits", weak, Proof::File("tls/rsa-key-too-small")),
        pair("SHA-1", hashed, Proof::File("tls/weak-signature")),
        Pair {
            what: "1.3 only, client of 1.2",
            faulty: Side { server: &["-tls1_3"], client: &["-tls1_2"], ..good() },
            mended: Some(Side { client: &["-tls1_2"], ..good() }),
            proof: Proof::Session("tls/session-alert"),
        },
        pair("1.0 only", old, Proof::Session("tls/session-no-common-protocol")),
        Pair {
            what: "client certificate asked, none given",
            faulty: asked(),
            mended: Some(given),
            proof: Proof::Session("tls/session-alert"),
        },
    ]
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server on a free port of its own and waits until it listens.
fn serve(place: &Path, options: &[&str]) -> (Server, u16) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port is free").port();
    let accept = format!("127.0.0.1:{port}");
    let child = Command::new("openssl")
        .args(["s_server", "-accept", &accept, "-www", "-cert", "shown.pem", "-cert_chain", "shown.pem"])
        .args(["-key", "l.key"])
        .args(options)
        .current_dir(place)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let server = Server(child);
    for _ in 0..200 {
        if TcpStream::connect(&accept).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (server, port)
}

/// True if the page came, and what `openssl s_client` printed.
fn s_client(place: &Path, port: u16, side: &Side) -> (bool, String) {
    let connect = format!("127.0.0.1:{port}");
    let check = if side.host == HOST { "-verify_hostname" } else { "-verify_ip" };
    let mut child = Command::new("timeout")
        .args(["10", "openssl", "s_client", "-connect", &connect, "-servername", HOST, "-CAfile", "r.pem"])
        .args(["-no-CApath", "-no-CAstore", "-showcerts", "-ign_eof", "-verify_return_error"])
        .args([check, side.host])
        .args(side.client)
        .current_dir(place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the client starts");
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(b"GET / HTTP/1.0\r\n\r\n");
    }
    let output = child.wait_with_output().expect("the client ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text.contains("HTTP/1.0 200"), format!("{}{text}", String::from_utf8_lossy(&output.stderr)))
}

/// The other clients that are here and what they say; `None` in place of those that are not.
fn others(place: &Path, port: u16, host: &str) -> Vec<(&'static str, bool)> {
    const PYTHON: &str = "import socket, ssl, sys\n\
        c = ssl.create_default_context(cafile='r.pem')\n\
        s = c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10), server_hostname=sys.argv[2])\n\
        s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\n\
        sys.exit(0 if b'200' in s.recv(100) else 1)\n";
    let number = port.to_string();
    let (url, resolve) = (format!("https://{host}:{port}/"), format!("{host}:{port}:127.0.0.1"));
    let run = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).current_dir(place).stdin(Stdio::null()).output();
        done.is_ok_and(|o| o.status.success())
    };
    let mut said = Vec::new();
    if present("curl", "--version") {
        let page = ["-sS", "--noproxy", "*", "-m", "10", "--cacert", "r.pem", "--resolve", &resolve, &url];
        said.push(("curl", run("curl", &page)));
    }
    if present("python3", "--version") {
        said.push(("python", run("python3", &["-c", PYTHON, &number, host])));
    }
    said
}

/// What the clients and we say of one side.
struct Outcome {
    /// Each client, and whether it took the connection.
    clients: Vec<(&'static str, bool)>,
    file: Vec<String>,
    session: Vec<String>,
    serves: bool,
    transcript: String,
}

impl Outcome {
    fn of(side: &Side, authority: &mut Authority<'_>, place: &Path, judges: &(Settings, RuleSet)) -> Outcome {
        authority.make(&side.made);
        authority.write("shown.pem", &authority.join(side.sent));
        let (_server, port) = serve(place, side.server);
        let (taken, transcript) = s_client(place, port, side);
        let mut clients = vec![("openssl", taken)];
        // The options of one client are not the others'.
        if side.client.is_empty() && !side.server.contains(&"-Verify") {
            clients.extend(others(place, port, side.host));
        }
        let file = judge_for(&authority.join(&[side.sent, &["r"]].concat()), &judges.0, &judges.1);
        let mut sources = Sources::new();
        sources.add(Source::new("s_client.txt", transcript.as_str()));
        let session = lint(&sources, &judges.0, &judges.1);
        let rules = |o: &Outcomes| o.report.findings.iter().map(|f| f.rule.clone()).collect();
        Outcome {
            clients,
            file: rules(&file),
            session: rules(&session),
            serves: serves(&file, side.host),
            transcript,
        }
    }

    fn finds(&self, proof: &Proof) -> bool {
        match proof {
            Proof::File(rule) => self.file.iter().any(|r| r == rule),
            Proof::Session(rule) => self.session.iter().any(|r| r == rule),
            Proof::Names => !self.serves,
        }
    }
}

#[test]
fn clients_refuse_what_is_found_and_take_what_is_mended() {
    if !present("openssl", "version") || !present("timeout", "--version") {
        return;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let settings = Settings { now: i64::try_from(now).ok(), ..Settings::default() };
    let judges = (settings, RuleSet::built_in());
    let place = Place::new("live");
    let mut authority = Authority::new(&place.0);
    let usual = Outcome::of(&good(), &mut authority, &place.0, &judges);
    let mut wrong = Vec::new();
    let all = pairs();
    for pair in &all {
        let faulty = Outcome::of(&pair.faulty, &mut authority, &place.0, &judges);
        let own = pair.mended.as_ref().map(|m| Outcome::of(m, &mut authority, &place.0, &judges));
        for (outcome, mended) in [(&faulty, false), (own.as_ref().unwrap_or(&usual), true)] {
            let found = outcome.finds(&pair.proof);
            println!("{}, mended {mended}: {:?}, found {found}", pair.what, outcome.clients);
            if outcome.clients.iter().any(|(_, taken)| *taken != mended) || found == mended {
                wrong.push(format!("{}, mended {mended}, found {found}\n{}", pair.what, outcome.transcript));
            }
        }
    }
    assert!(all.len() >= 10);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
