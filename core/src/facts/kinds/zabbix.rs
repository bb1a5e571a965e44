//! Zabbix: templates and hosts as they are exported.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An item, or the prototype of one.
    item "zabbix.item" {
        /// Its key.
        key: Text,
        /// The template or host that it belongs to.
        template: Text,
        /// How often it is asked, where that is known.
        interval: Duration,
        /// Some trigger of the file looks at it.
        watched: Bool,
        /// Some trigger of the file looks at RabbitMQ's alarms in another way.
        alarms_watched: Bool,
    }

    /// A trigger, or the prototype of one.
    trigger "zabbix.trigger" {
        /// Its name.
        name: Text,
        /// Its expression.
        expression: Text,
        /// `information`, `warning`, `average`, `high` or `disaster`.
        priority: Text,
    }

    /// A function of an item in a trigger's expression.
    condition "zabbix.condition" {
        /// The trigger.
        trigger: Record("zabbix.trigger"),
        /// The function: `last`, `min`, `nodata`, ….
        function: Text,
        /// The template or host that it names.
        template: Text,
        /// The key of the item.
        key: Text,
        /// The template is in the file in full, and the item is not in it.
        missing: Bool,
        /// The item of the template that is probably meant.
        nearest: Text,
        /// How far back it looks.
        period: Duration,
        /// How often the item is asked.
        interval: Duration,
        /// Values that do not change are thrown away; after so long one is kept all the same, zero for never.
        heartbeat: Duration,
        /// What it is compared with, where that is a number: `>`, `<`, `=`, ….
        operator: Text,
        /// The number.
        threshold: Float,
        /// It is a share of a disk, in percent.
        share: Bool,
        /// How much of the disk is used, in percent, from which on it holds.
        used_percent: Float,
        /// Nothing in the file tells it earlier.
        earliest: Bool,
    }
}
