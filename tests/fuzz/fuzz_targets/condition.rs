//! A condition over a few kinds of facts: read and checked.
#![no_main]

use connlint_core::cel::{Env, condition};
use connlint_core::facts::kinds;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let env = Env::new([("uri", &kinds::amqp::uri::KIND), ("queue", &kinds::definitions::queue::KIND)]);
    let _ = condition(text, &env);
});
