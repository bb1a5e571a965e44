//! Certificates, chains, keys, and what a TLS handshake showed.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A certificate (X.509).
    certificate "tls.certificate" {
        /// Subject, as `CN=x, O=y`.
        subject: Text,
        /// Issuer, in the same form.
        issuer: Text,
        /// Common name of the subject.
        common_name: Text,
        /// Organisation of the issuer.
        issuer_organization: Text,
        /// What findings call it: its common name, else its first name, else its subject.
        name: Text,
        /// Every subject alternative name: DNS names, addresses, `email:…`, `uri:…`.
        names: List(&Text),
        /// DNS names among them.
        dns_names: List(&Text),
        /// IP addresses among them.
        addresses: List(&Text),
        /// True if there is a subject alternative name extension.
        has_san: Bool,
        /// True if the common name has the form of a host name or address and is not among the alternative names.
        common_name_not_in_san: Bool,
        /// True if the common name has the form of a host name or address.
        common_name_is_host: Bool,
        /// True if every name is `localhost` or a loopback address.
        loopback_only: Bool,
        /// True if a name could be one of the public Internet's.
        public_name: Bool,
        /// A name or address that the public Internet cannot have, if there is one.
        internal_name: Text,
        /// First moment of validity.
        not_before: Time,
        /// Last moment of validity.
        not_after: Time,
        /// How long it is valid, both ends counted.
        lifetime: Duration,
        /// Longest lifetime that the CA/Browser Forum allows a public server certificate issued then.
        lifetime_limit: Duration,
        /// How long before its end it should be renewed: a third of its lifetime, 30 days at most.
        renewal_margin: Duration,
        /// True if it ends in 9999, which means that it has no end (RFC 5280 section 4.1.2.5).
        endless: Bool,
        /// Serial number in hex, `-` in front of a negative one.
        serial: Text,
        /// Bytes of the serial number.
        serial_length: Int,
        /// Sign of the serial number: -1, 0 or 1.
        serial_sign: Int,
        /// Version: 1, 2 or 3.
        version: Int,
        /// Signature algorithm, as OpenSSL names it.
        signature_algorithm: Text,
        /// Hash of the signature: `sha256`; empty for schemes that have their own.
        signature_hash: Text,
        /// `rsa`, `rsa-pss`, `ec`, `ed25519`, `ed448`, `dsa`, `ml-dsa`, or an object identifier.
        key_type: Text,
        /// Size of the key in bits.
        key_bits: Int,
        /// Public exponent of an RSA key.
        rsa_exponent: Int,
        /// True if the two primes of the RSA key lie so close that Fermat's method finds them at once.
        rsa_factored: Bool,
        /// Curve of an EC key: `P-256`; `explicit` for one described by parameters.
        curve: Text,
        /// True if it may sign certificates, by its basic constraints.
        is_ca: Bool,
        /// True if it has basic constraints.
        has_basic_constraints: Bool,
        /// Most CAs below it.
        path_length: Int,
        /// Key usages: `digitalSignature`, `keyEncipherment`, `keyCertSign`, ….
        key_usage: List(&Text),
        /// Extended key usages: `serverAuth`, `clientAuth`, `anyExtendedKeyUsage`, ….
        extended_key_usage: List(&Text),
        /// True if issuer and subject are the same name.
        self_issued: Bool,
        /// True if it is signed by its own key: the signature says so where it was checked, else names and key identifiers.
        self_signed: Bool,
        /// Subject key identifier in hex.
        subject_key_id: Text,
        /// Authority key identifier in hex.
        authority_key_id: Text,
        /// What it seems to be for: `root`, `intermediate`, `server`, `client`, `server_and_client`, `signing` for SAML's
        /// messages, `other` or `unknown`.
        role: Text,
        /// True if a publicly trusted authority issued it, by its policy or its certificate transparency timestamps.
        publicly_issued: Bool,
        /// True for a precertificate, which no client accepts.
        precertificate: Bool,
        /// True if it names a CRL or OCSP responder.
        has_revocation: Bool,
        /// True if it constrains names below it.
        has_name_constraints: Bool,
        /// SHA-256 of the whole in hex.
        fingerprint: Text,
        /// SHA-256 of the public key in hex.
        public_key: Text,
        /// How many certificates stand before it in the file.
        position: Int,
        /// True if the file is a store of many roots, where age and weakness are expected.
        in_store: Bool,
        /// True if the same certificate stands earlier in the file.
        duplicate: Bool,
        /// True if the file has a server or client certificate that this one does not help to verify.
        unrelated: Bool,
        /// The private key in the same file that belongs to it.
        private_key: Record("tls.private_key"),
        /// When a server showed it, for one in the output of `openssl s_client` that tells; its age is judged by that moment.
        seen: Time,
    }

    /// Something odd about the form or the names of a certificate.
    certificate_fault "tls.certificate_fault" {
        /// The certificate.
        certificate: Record("tls.certificate"),
        /// What findings call the certificate.
        name: Text,
        /// `extension_unreadable`, `extension_duplicate`, `critical_unknown`, `critical_forbidden`, `not_critical`, `usage_critical`,
        /// `extensions_in_old_version`, `time_encoding`, `signature_algorithm_mismatch`, `san_not_critical`, `san_empty`, `name_unreadable`,
        /// `address_length`, `path_length_without_ca`, `path_length_without_signing`, `usage_empty`, `issuer_empty`, `authority_subject_empty`,
        /// `constraints_empty`, `constraints_in_leaf`, `constraint_form`, `trailing_data`, or of a DNS name:
        /// `name_empty`, `name_syntax`, `name_non_ascii`, `name_is_address`, `name_is_url`, `name_trailing_dot`, `name_underscore`,
        /// `wildcard_partial`, `wildcard_inner`, `wildcard_broad`.
        fault: Text,
        /// The name, extension or other part at fault.
        found: Text,
        /// True if the certificate is a CA.
        is_ca: Bool,
        /// True if it stands in a store of many roots.
        in_store: Bool,
    }

    /// The certificates of one file, taken together.
    chain "tls.chain" {
        /// How many certificates it has, duplicates included.
        length: Int,
        /// The server or client certificate that the rest should verify.
        leaf: Record("tls.certificate"),
        /// How many certificates are no CA.
        leaf_count: Int,
        /// True if it is a store of many roots.
        store: Bool,
        /// True if each certificate is followed by its issuer.
        order_ok: Bool,
        /// True if the first certificate is the leaf.
        first_is_leaf: Bool,
        /// The first certificate that is followed by one that did not issue it, though the right one is there.
        misplaced: Record("tls.certificate"),
        /// True if the leaf comes alone though its issuer is an intermediate for certain.
        missing_intermediate: Bool,
        /// Issuer of the last certificate of the path; absent when that signed itself.
        missing_issuer: Text,
        /// The self-signed CA at the end of the leaf's path, if it is there.
        root: Record("tls.certificate"),
        /// True if a self-signed CA comes along with the leaf.
        root_included: Bool,
        /// True if every signature of the leaf's path was checked and holds; absent where none was checked.
        signature_ok: Bool,
        /// Certificates on the leaf's path, itself included.
        path_length: Int,
        /// The certificate of the leaf's path that expires first.
        first_to_expire: Record("tls.certificate"),
        /// True if an issuer on the leaf's path expires before the leaf.
        intermediate_expires_before_leaf: Bool,
        /// True if the certificates came with the output of `openssl s_client`, so that they are what the server sent.
        sent: Bool,
    }

    /// Two certificates of one file: one, and the one that issued it.
    link "tls.link" {
        /// The certificate that was issued.
        certificate: Record("tls.certificate"),
        /// The certificate whose subject is its issuer.
        issuer: Record("tls.certificate"),
        /// True if the signature was checked and holds, false if it does not; absent where it was not checked.
        signature_ok: Bool,
        /// True if both name a key and it is not the same.
        key_id_mismatch: Bool,
        /// CAs between the issuer and the leaf that count towards its path length.
        cas_below: Int,
        /// True if those are more than the issuer's path length.
        path_length_exceeded: Bool,
        /// A name of the certificate that the issuer's name constraints do not allow.
        forbidden_name: Text,
        /// An extended key usage that the certificate needs and the issuer does not have.
        missing_usage: Text,
        /// True if the certificate is the file's leaf.
        of_leaf: Bool,
        /// True if another certificate of the file could also be the issuer.
        ambiguous: Bool,
    }

    /// A PEM block that other readers stumble over, or that holds no certificate.
    pem_block "tls.pem_block" {
        /// Its label: `CERTIFICATE`.
        label: Text,
        /// `truncated`, `label_mismatch`, `glued`, `prefixed`, `one_line`, `not_base64`, `dashes` or `unreadable`; absent for none.
        fault: Text,
        /// What it holds: `certificate`, `request`, `crl`, `pkcs7`, `pkcs12`, `jks`, `dh_parameters`, `ec_parameters`, `public_key`, `private_key`, `trusted_certificate` or `other`.
        content: Text,
        /// Command that turns it into something that can be read.
        conversion: Text,
        /// True if the file has certificates besides it.
        with_certificates: Bool,
    }

    /// A private key; what it says is never kept.
    private_key "tls.private_key" {
        /// `pkcs8`, `pkcs1`, `sec1`, `openssh` or `dsa`.
        format: Text,
        /// True if it is encrypted.
        encrypted: Bool,
        /// `rsa`, `ec`, `ed25519`, …; absent where that cannot be seen.
        key_type: Text,
        /// Size in bits.
        key_bits: Int,
        /// SHA-256 of the public key in hex, where the file tells it.
        public_key: Text,
        /// The first certificate of the file that belongs to it.
        certificate: Record("tls.certificate"),
        /// The file's leaf.
        leaf: Record("tls.certificate"),
        /// True if the file's leaf belongs to it; absent where there is none or that cannot be seen.
        matches_leaf: Bool,
        /// True if its path is one of the machine that uses it: `/etc/…`, `/var/lib/…`.
        in_place: Bool,
    }

    /// A connection as `openssl s_client` showed it.
    session "tls.session" {
        /// The verification's outcome.
        verify_code: Int,
        /// The same in words, as printed.
        verify_text: Text,
        /// The usual cause.
        verify_cause: Text,
        /// What mends it.
        verify_mend: Text,
        /// Depth of the certificate at fault; 0 is the server's own.
        verify_depth: Int,
        /// Subject of the certificate at fault.
        verify_subject: Text,
        /// Whether the output claims that verification went well.
        claims_ok: Bool,
        /// True if the handshake came to an end.
        handshake: Bool,
        /// True if TCP connected.
        connected: Bool,
        /// True if the server showed a certificate.
        certificate_shown: Bool,
        /// Protocol that was agreed on, `TLSv1.3`; of a failed handshake the one that was tried.
        protocol: Text,
        /// Cipher suite that was agreed on.
        cipher: Text,
        /// Certificates that the server sent.
        chain_length: Int,
        /// TLS alert that was received.
        alert: Int,
        /// The same in words.
        alert_text: Text,
        /// What the alert usually means.
        alert_cause: Text,
        /// Error that OpenSSL printed, in its words.
        error: Text,
        /// True if the host name was checked (`-verify_hostname`, `-verify_ip`).
        name_checked: Bool,
        /// False if no server name was sent, so that another certificate may have come back.
        server_name_sent: Bool,
        /// True if the server asked for a client certificate.
        client_certificate_asked: Bool,
        /// Bits of the server's key.
        server_key_bits: Int,
        /// Bits or name of the ephemeral key.
        temporary_key: Text,
        /// Hash of the handshake's signature.
        signing_digest: Text,
        /// True if it shows secrets of the session: master key, resumption key or ticket.
        shows_secrets: Bool,
        /// The server's certificate.
        certificate: Record("tls.certificate"),
        /// The host that the command line names.
        host: Text,
        /// When the session began (`Start Time`).
        time: Time,
    }

    /// A line `verify error` of `openssl s_client`, which goes on after it unless told otherwise.
    verify_error "tls.verify_error" {
        /// The connection.
        session: Record("tls.session"),
        /// The code.
        code: Int,
        /// The same in words, as printed.
        text: Text,
        /// The usual cause.
        cause: Text,
        /// What mends it.
        mend: Text,
        /// Depth of the certificate at fault; 0 is the server's own.
        depth: Int,
        /// Subject of that certificate.
        subject: Text,
        /// The outcome of the whole verification is this error, or one with the same cause; absent where no outcome is printed.
        decides: Bool,
    }

    /// A client of the targets that a certificate or server does not serve.
    compatibility "tls.compatibility" {
        /// The certificate.
        certificate: Record("tls.certificate"),
        /// What findings call the certificate.
        name: Text,
        /// The client, as the settings name it.
        client: Text,
        /// Why not: `tls_version`, `key_type`, `key_size`, `curve`, `signature_hash`, `no_san`, `lifetime`, `no_usage`, `leaf_is_ca`, `self_signed`, `strict`, `root`.
        reason: Text,
        /// The same in words, with values.
        detail: Text,
        /// Where that is written down.
        source: Text,
    }

    /// A client of the targets that has no TLS version in common with a server's settings.
    version_gap "tls.version_gap" {
        /// The program that offers the versions.
        server: Text,
        /// The versions that it offers: `1.2 and 1.3`.
        offered: Text,
        /// The client, as the settings name it.
        client: Text,
        /// The versions that the client speaks by default: `1.0 to 1.2`.
        speaks: Text,
        /// Where that is written down.
        source: Text,
    }

    /// A client of the targets that has none of the cipher suites of a server's list.
    suite_gap "tls.suite_gap" {
        /// The program that takes them.
        server: Text,
        /// The settings that describe it.
        part: Text,
        /// The client, as the settings name it.
        client: Text,
        /// What the client lacks of all of them: `AES-GCM, ChaCha20`.
        lacks: Text,
        /// Where that is written down.
        source: Text,
    }

    /// Certificate and private key that a server names in two files.
    key_pair "tls.key_pair" {
        /// The certificate that the server shows.
        certificate: Record("tls.certificate"),
        /// The private key.
        key: Record("tls.private_key"),
        /// The certificate's file, as the server names it.
        certificate_file: Text,
        /// The key's file, as the server names it.
        key_file: Text,
        /// True if they belong together.
        matches: Bool,
    }
}
