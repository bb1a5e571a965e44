//! Celery's configuration.

use crate::facts::declare_kinds;

declare_kinds! {
    /// Celery's settings in one file of Python; every setting is a field, under its name since Celery 4.
    settings "celery.settings" settings crate::facts::tables::CELERY {
        /// How the broker is reached, by the scheme of its URL: `amqp`, `redis`, `sqs`, ….
        transport: Text,
        /// How results are kept, by the scheme of the backend's URL.
        result_transport: Text,
        /// How long Redis and SQS wait before they deliver an unacknowledged task again (`broker_transport_options`).
        visibility_timeout: Duration,
        /// Names before and since Celery 4 stand side by side.
        mixes_names: Bool,
        /// TLS to the broker is set up.
        tls: Bool,
        /// The broker's certificate is not checked.
        tls_unverified: Bool,
        /// Tasks or results of Python's pickle are accepted or sent.
        pickle: Bool,
        /// Connections for publishing are kept; false if each message opens one.
        pool: Bool,
    }

    /// One of Celery's settings as it is written.
    setting "celery.setting" {
        /// Its name since Celery 4.
        key: Text,
        /// As written.
        written: Text,
        /// Its value, where it is plain; a secret when it is one.
        value: Text,
        /// Celery knows it.
        known: Bool,
        /// The known setting that a mistyped one most likely means, spelled like it.
        nearest: Text,
        /// The value is of a type that Celery can use.
        well_typed: Bool,
        /// What Celery expects, in words.
        expected: Text,
        /// The value is a text, which is true whatever it says.
        text_for_switch: Bool,
    }
}
