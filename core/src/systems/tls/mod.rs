//! TLS: certificates, chains, keys, and what `openssl` says of a connection.

pub mod certificate;
mod chain;
mod constraints;
mod der;
mod facts;
mod fermat;
pub mod names;
mod oids;
mod pem;
mod verify;

pub use pem::{PEM, der_to_pem, read_pem};
