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
        /// (its name is not looked at) or `full`. Absent where it is not known.
        verify: Text,
        /// The names that it serves.
        names: List(&Text),
        /// The ports that it listens on.
        ports: List(&Int),
        /// The hosts that it dials.
        hosts: List(&Text),
        /// The name that it expects in the other side's certificate, where that is not the host.
        server_name: Text,
        /// The name of the host is sent, so that a server of several names knows which one is meant.
        sends_name: Bool,
        /// The file of its certificate.
        certificate_file: Text,
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
        /// What the certificate's file holds instead of one: `private_key` or `request`.
        certificate_file_holds: Text,
        /// What the key's file holds instead of one: `certificate` or `request`.
        key_file_holds: Text,
        /// The first name that it serves and its certificate is not for.
        unserved_name: Text,
        /// The names in its certificate.
        certificate_names: List(&Text),
        /// The issuer of its own certificate, where the authorities that it trusts do not have it.
        own_issuer_untrusted: Text,
        /// The file of authorities holds certificates and none of an authority.
        ca_file_without_authority: Bool,
    }
}
