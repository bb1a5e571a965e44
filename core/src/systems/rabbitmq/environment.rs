//! rabbitmq-env.conf: variables that RabbitMQ's scripts read.

use super::{conf, password};
use crate::facts::kinds::rabbitmq::environment;
use crate::facts::{Fact, Said, Value};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::systems::{FileKind, Match, Reading};

/// The shell file that RabbitMQ's scripts read.
pub static ENVIRONMENT: FileKind = FileKind {
    name: "rabbitmq-env.conf",
    doc: "RabbitMQ's rabbitmq-env.conf, assignments of shell variables.",
    recognise: |source: &Source| {
        if conf::plain_name(source) == "rabbitmq-env.conf" { Match::Sure } else { Match::No }
    },
    read,
};

/// Variables of RabbitMQ's scripts (<https://www.rabbitmq.com/docs/configure#supported-environment-variables>) and of
/// the official image.
const KNOWN: [&str; 52] = [
    "RABBITMQ_ADVANCED_CONFIG_FILE",
    "RABBITMQ_BASE",
    "RABBITMQ_CONFIG_FILE",
    "RABBITMQ_CONFIG_FILES",
    "RABBITMQ_CONFIG_FILENAME",
    "RABBITMQ_CONF_ENV_FILE",
    "RABBITMQ_CONSOLE_LOG",
    "RABBITMQ_CTL_DIST_PORT_MAX",
    "RABBITMQ_CTL_DIST_PORT_MIN",
    "RABBITMQ_CTL_ERL_ARGS",
    "RABBITMQ_DATA_DIR",
    "RABBITMQ_DEFAULT_PASS",
    "RABBITMQ_DEFAULT_USER",
    "RABBITMQ_DEFAULT_VHOST",
    "RABBITMQ_DIST_PORT",
    "RABBITMQ_ENABLED_PLUGINS",
    "RABBITMQ_ENABLED_PLUGINS_FILE",
    "RABBITMQ_ERLANG_COOKIE",
    "RABBITMQ_FEATURE_FLAGS",
    "RABBITMQ_FEATURE_FLAGS_FILE",
    "RABBITMQ_GENERATED_CONFIG_DIR",
    "RABBITMQ_HOME",
    "RABBITMQ_IO_THREAD_POOL_SIZE",
    "RABBITMQ_KEEP_PID_FILE_ON_EXIT",
    "RABBITMQ_LOGS",
    "RABBITMQ_LOG_BASE",
    "RABBITMQ_LOG_FF_REGISTRY",
    "RABBITMQ_MAX_NUMBER_OF_ATOMS",
    "RABBITMQ_MAX_NUMBER_OF_PROCESSES",
    "RABBITMQ_MAX_OPEN_FILES",
    "RABBITMQ_MNESIA_BASE",
    "RABBITMQ_MNESIA_DIR",
    "RABBITMQ_MOTD_FILE",
    "RABBITMQ_NODENAME",
    "RABBITMQ_NODE_IP_ADDRESS",
    "RABBITMQ_NODE_PORT",
    "RABBITMQ_NODE_TYPE",
    "RABBITMQ_PID_FILE",
    "RABBITMQ_PLUGINS_DIR",
    "RABBITMQ_PLUGINS_EXPAND_DIR",
    "RABBITMQ_PRODUCT_NAME",
    "RABBITMQ_PRODUCT_VERSION",
    "RABBITMQ_QUORUM_DIR",
    "RABBITMQ_SCHEMA_DIR",
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
    "RABBITMQ_SERVER_ERL_ARGS",
    "RABBITMQ_SERVER_START_ARGS",
    "RABBITMQ_SERVICENAME",
    "RABBITMQ_STREAM_DIR",
    "RABBITMQ_UPGRADE_LOG",
    "RABBITMQ_USE_LONGNAME",
    "RABBITMQ_VERSION",
];

fn read(view: &View<'_>, reading: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::SHELL);
    reading.notices.extend(notices);
    for pair in &pairs {
        let written = pair.key.text.as_ref();
        let name = match written.starts_with("RABBITMQ_") {
            true => written.to_owned(),
            false => format!("RABBITMQ_{written}"),
        };
        // Other programs' variables stand here too; only RabbitMQ's own are facts.
        if !written.starts_with("RABBITMQ_") && !KNOWN.contains(&name.as_str()) {
            continue;
        }
        variable(&name, &pair.value.text, pair.key.full_span(), pair.value.full_span(), reading);
    }
}

fn variable(name: &str, value: &str, key: Span, place: Span, reading: &mut Reading) {
    let mut fact = Fact::new(&environment::KIND, key);
    fact.write(environment::name, Value::text(name), key);
    let secret = ["PASS", "COOKIE", "PASSWORD"].iter().any(|word| name.ends_with(word));
    let said = Said::written(Value::text(value), place);
    fact.set(environment::value, if secret { said.secret() } else { said });
    if secret && !value.is_empty() {
        reading.secrets.push(place);
    }
    let known = KNOWN.contains(&name);
    fact.derive(environment::known, Value::Bool(known));
    if !known && let Some(near) = nearest(name, KNOWN) {
        fact.derive(environment::nearest, Value::text(near));
    }
    let well_known = secret && password::is_well_known(value, "");
    fact.set(environment::well_known_password, Said::derived(Value::Bool(well_known), Some(place)));
    reading.facts.add(fact);
}
