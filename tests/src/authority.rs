//! Certificates made on the spot by the `openssl` command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder below the system's place for such files; it is removed at the end.
pub struct Place(pub PathBuf);

impl Place {
    /// An empty folder that no other test has.
    ///
    /// # Panics
    ///
    /// Where there is no place for files.
    pub fn new(word: &str) -> Place {
        let path = std::env::temp_dir().join(format!("connlint-{word}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("there is a place for files");
        Place(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// True if the command is there.
pub fn present(program: &str, argument: &str) -> bool {
    let quiet = Command::new(program).arg(argument).stdin(Stdio::null()).output();
    quiet.is_ok_and(|o| o.status.success())
}

/// Extensions of an authority.
pub const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
                             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// Extensions of a server's certificate.
pub const SERVER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
                          extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
                          subjectAltName=DNS:mq.example.com,DNS:*.w.example.com,IP:10.0.0.5\n";

/// A certificate to be made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its file is `NAME.pem`.
    pub name: &'static str,
    /// Its subject: `/CN=…`.
    pub subject: String,
    /// The name of its issuer; its own for a self-signed one.
    pub issuer: &'static str,
    /// Lines of extensions, as in a configuration of OpenSSL.
    pub extensions: String,
    /// First and last moment: `20260101000000Z`.
    pub times: (String, String),
    /// `ec`, `ed25519`, `rsa:BITS`, `ec:CURVE`.
    pub key: &'static str,
    /// The name whose key it has; its own as a rule.
    pub key_of: &'static str,
    /// Hash of its signature.
    pub digest: &'static str,
}

impl Made {
    /// A certificate by an elliptic key of its own, valid in the first half of 2026.
    pub fn new(name: &'static str, issuer: &'static str, extensions: &str) -> Made {
        Made {
            name,
            subject: format!("/CN=Generated {name}"),
            issuer,
            extensions: extensions.to_owned(),
            times: ("20260101000000Z".into(), "20260701000000Z".into()),
            key: "ec",
            key_of: name,
            digest: "sha256",
        }
    }

    /// With one part of its extensions replaced.
    ///
    /// # Panics
    ///
    /// If the part is not there: the case would be another than it says.
    #[must_use]
    pub fn swap(mut self, from: &str, to: &str) -> Made {
        assert!(self.extensions.contains(from), "{from}");
        self.extensions = self.extensions.replace(from, to);
        self
    }

    /// With further extensions.
    #[must_use]
    pub fn with(mut self, more: &str) -> Made {
        self.extensions.push_str(more);
        self
    }

    /// With other moments of begin and end.
    #[must_use]
    pub fn times(mut self, from: &str, to: &str) -> Made {
        self.times = (from.to_owned(), to.to_owned());
        self
    }

    /// With another kind of key.
    #[must_use]
    pub fn key(mut self, key: &'static str) -> Made {
        self.key = key;
        self
    }
}

/// Makes certificates in one folder and keeps the keys for the next, since they take most of the time.
pub struct Authority<'p> {
    place: &'p Path,
    keys: BTreeMap<String, String>,
}

impl<'p> Authority<'p> {
    /// Works in this folder.
    pub fn new(place: &'p Path) -> Authority<'p> {
        Authority { place, keys: BTreeMap::new() }
    }

    /// What `openssl` says to these arguments.
    pub fn openssl(&self, arguments: &[&str]) -> Option<Output> {
        Command::new("openssl").args(arguments).current_dir(self.place).stdin(Stdio::null()).output().ok()
    }

    /// True if `openssl` ends well with these arguments.
    pub fn accepts(&self, arguments: &[&str]) -> bool {
        self.openssl(arguments).is_some_and(|o| o.status.success())
    }

    fn must(&self, arguments: &[&str], what: &str) {
        let output = self.openssl(arguments);
        let said = output.as_ref().map(|o| String::from_utf8_lossy(&o.stderr).into_owned());
        assert!(output.is_some_and(|o| o.status.success()), "{what}: {}", said.unwrap_or_default());
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.place.join(name)).unwrap_or_default()
    }

    /// Writes a file.
    ///
    /// # Panics
    ///
    /// If the folder cannot be written to.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.place.join(name), text).expect("the folder can be written to");
    }

    /// The file of the key of a name, made when first asked for.
    pub fn key(&mut self, name: &str, kind: &str) -> String {
        if let Some(file) = self.keys.get(&format!("{name} {kind}")) {
            return file.clone();
        }
        let file = format!("key{}.pem", self.keys.len());
        let option = match kind.split_once(':') {
            Some(("rsa", bits)) => ["rsa".to_owned(), format!("rsa_keygen_bits:{bits}")],
            Some((_, curve)) => ["ec".to_owned(), format!("ec_paramgen_curve:{curve}")],
            None if kind == "ec" => ["ec".to_owned(), "ec_paramgen_curve:P-256".to_owned()],
            None => [kind.to_owned(), String::new()],
        };
        let mut arguments = vec!["genpkey", "-algorithm", &option[0], "-out", &file];
        if !option[1].is_empty() {
            arguments.extend(["-pkeyopt", &option[1]]);
        }
        self.must(&arguments, kind);
        self.keys.insert(format!("{name} {kind}"), file.clone());
        file
    }

    /// Makes certificates, issuers first: `NAME.pem`, and `NAME.key`.
    ///
    /// # Panics
    ///
    /// If `openssl` does not make one.
    pub fn make(&mut self, all: &[Made]) {
        for it in all {
            let key = self.key(it.key_of, it.key);
            let (config, request, out) =
                (format!("{}.cnf", it.name), format!("{}.csr", it.name), format!("{}.pem", it.name));
            let digest = if it.key == "ed25519" { "sha256" } else { it.digest };
            self.write(
                &config,
                &format!(
                    "[req]\ndistinguished_name=n\n[n]\n[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\n\
                     serial=serial\ndefault_md={digest}\npolicy=p\nunique_subject=no\nx509_extensions=e\n\
                     preserve=yes\n[p]\ncommonName=optional\n[e]\n{}",
                    it.extensions
                ),
            );
            self.write("index.txt", "");
            self.write(&format!("{}.key", it.name), &self.read(&key));
            let new = [
                "req",
                "-new",
                "-utf8",
                "-config",
                &config,
                "-key",
                &key,
                "-subj",
                &it.subject,
                "-out",
                &request,
            ];
            self.must(&new, it.name);
            let issuer = all.iter().find(|o| o.name == it.issuer);
            let issuer_key = issuer.map_or(key.clone(), |i| self.key(i.key_of, i.key));
            let issuer_file = format!("{}.pem", it.issuer);
            let common = ["ca", "-batch", "-notext", "-config", &config, "-in", &request, "-out", &out];
            let times =
                ["-startdate", &it.times.0, "-enddate", &it.times.1, "-rand_serial", "-keyfile", &issuer_key];
            let signer: &[&str] =
                if it.name == it.issuer { &["-selfsign"] } else { &["-cert", &issuer_file] };
            self.must(&[&common[..], &times[..], signer].concat(), it.name);
        }
    }

    /// Several files, one after the other.
    pub fn join(&self, names: &[&str]) -> String {
        names.iter().map(|n| self.read(&format!("{n}.pem"))).collect()
    }
}
