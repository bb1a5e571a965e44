//! Ends of TLS connections as settings describe them.

use crate::facts::declare_kinds;

declare_kinds! {
    /// One end of TLS connections, as a program's settings describe it: what it listens with, or what it dials with.
    end "tls.end" {
        /// The program: `RabbitMQ`, `nginx`, `PostgreSQL`, ….
        program: Text,
        /// The settings that describe it: `management.ssl`, `bind *:5671`, `server a.example.com`.
        part: Text,
        /// `listen`, `connect`, or `peer` for links between servers of one kind, which do both with one certificate.
        side: Text,
        /// What is asked of the other side's certificate: `none`; of a client `optional` or `required`; of a server `chain`
        /// (its name is not looked at), `name` (nothing else is) or `full`. Absent where it is not known.
        verify: Text,
        /// The names that it serves.
        names: List(&Text),
        /// The ports that it listens on.
        ports: List(&Int),
        /// The hosts that it dials.
        hosts: List(&Text),
        /// What it dials, `host:port` each, where both are known.
        dials: List(&Text),
        /// The client of a broker whose settings describe it.
        client: Record("amqp.client"),
        /// The name that it expects in the other side's certificate, where that is not the host.
        server_name: Text,
        /// The name of the host is sent, so that a server of several names knows which one is meant.
        sends_name: Bool,
        /// The file of its certificate.
        certificate_file: Text,
        /// The Kubernetes secret with its certificate and key.
        secret: Text,
        /// The file of its private key, where that is another one.
        key_file: Text,
        /// The file of the authorities that it trusts.
        ca_file: Text,
        /// Authorities, or a place of them, are named in some way.
        ca_named: Bool,
        /// The key's password is given, or a program that tells it.
        password: Bool,
        /// Most intermediate authorities in the other side's chain.
        depth: Int,
        /// The protocol versions as written.
        protocols: List(&Text),
        /// The protocol versions that it speaks: `1.2`, `1.3`; absent where nothing is said.
        offered: List(&Text),
        /// The broken ones among them.
        old_protocols: List(&Text),
        /// A version that the program does not know.
        unknown_protocol: Text,
        /// The version that it most likely means, as the program writes it.
        meant_protocol: Text,
        /// The list of cipher suites; for TLS 1.2 and older, if there is a list of its own for TLS 1.3.
        ciphers: Text,
        /// The list of cipher suites for TLS 1.3.
        suites: Text,
        /// The first suite of the list that is broken.
        weak_cipher: Text,
        /// Why it is.
        weakness: Text,
        /// A suite that encrypts or authenticates nothing.
        no_security: Bool,
        /// A suite of TLS 1.3 in the list for older versions.
        newer_suite: Text,
        /// The list for older versions has nothing but suites of TLS 1.3.
        only_newer_suites: Bool,
        /// A suite of an older version in the list for TLS 1.3.
        older_suite: Text,
        /// The one type of key that all suites need, `rsa` or `ecdsa`; absent where they differ.
        suites_need: Text,
        /// The certificate that it shows, where its file is among those read.
        certificate: Record("tls.certificate"),
        /// Its private key, where that is among the files read.
        key: Record("tls.private_key"),
        /// The first name that it serves and its certificate is not for.
        unserved_name: Text,
        /// The names in its certificate.
        certificate_names: List(&Text),
        /// It shows no certificate of its own, whoever asks; absent where it might.
        shows_none: Bool,
    }

    /// A file that an end names, where it is among those read.
    named_file "tls.named_file" {
        /// What the settings take it for: `certificate`, `key` or `authorities`.
        role: Text,
        /// What it holds instead: `private_key`, `certificate` or `request`.
        holds: Text,
        /// The private key in it, where the end takes its key from there.
        key: Record("tls.private_key"),
        /// It holds certificates and none of an authority.
        without_authority: Bool,
        /// The issuer of the end's own certificate, where these authorities do not have it.
        own_issuer_missing: Text,
    }

    /// A client's end of TLS connections, held against the end that answers it.
    meeting "tls.meeting" {
        /// The end that answers.
        server: Record("tls.end"),
        /// The certificate that it shows, where its file is among those read.
        certificate: Record("tls.certificate"),
        /// The name that the client expects in it; absent where it looks at no name.
        host: Text,
        /// The names in it.
        names: List(&Text),
        /// True if one of them is the host's for every client; absent if only some clients take it.
        serves: Bool,
        /// The clients that do not take it, where some do.
        refused_by: Text,
        /// The issuer at which the server's chain ends, where the authorities that the client trusts do not have it.
        unknown_issuer: Text,
        /// The same of the client's chain and the authorities that the server trusts.
        unknown_client_issuer: Text,
        /// Intermediate authorities between the server's certificate and the root that the client trusts.
        intermediates: Int,
        /// The same between the client's certificate and the root that the server trusts.
        client_intermediates: Int,
        /// The server demands a certificate of the client, and the client has none.
        client_certificate_missing: Bool,
        /// The TLS versions of the client: `1.0 and 1.1`, where the server offers none of them.
        client_versions: Text,
        /// The TLS versions of the server, in the same case.
        server_versions: Text,
    }
}
