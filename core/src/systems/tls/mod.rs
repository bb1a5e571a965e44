//! TLS: certificates, chains, keys, and what `openssl` says of a connection.

pub mod certificate;
mod chain;
pub(crate) mod compatibility;
mod constraints;
mod der;
mod dump;
mod facts;
mod fermat;
pub mod names;
mod oids;
mod pem;
pub mod session;
mod verify;

pub use dump::X509_TEXT;
pub use pem::{PEM, der_to_pem, is_binary, read_pem};
pub use session::S_CLIENT;
pub use verify::{Check, Signed, check_signatures_by};
