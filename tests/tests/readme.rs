//! Numbers in the README are counted, not typed. `SNAPSHOTS=overwrite cargo test -p connlint-tests --test readme`
//! counts anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use connlint_core::RuleSet;

const BEGIN: &str = "<!-- counted -->";
const END: &str = "<!-- /counted -->";

/// Rules come with every change, and the README need not follow each: what it says is no more than there is, and no
/// less than this part of it.
const STALE_BELOW_PERCENT: usize = 90;

#[test]
fn what_the_readme_counts_is_there() {
    let rules = RuleSet::built_in();
    let groups: BTreeSet<&str> = rules.iter().filter_map(|r| r.id().split('/').next()).collect();
    let logs = rules.iter().filter(|r| r.id().starts_with("logs/")).count();
    let proved = rules.iter().filter(|r| r.proof().is_some()).count();
    let counts = [rules.len(), groups.len(), logs, proved];
    let [all, groups, logs, proved] = counts;
    let sentence = format!(
        "{all} rules in {groups} groups; {logs} of them read logs, and {proved} are shown true against the real programs."
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).expect("there is a README");
    let (before, rest) = readme.split_once(BEGIN).expect("it counts");
    let (said, after) = rest.split_once(END).expect("it counts");
    if std::env::var_os("SNAPSHOTS").is_some_and(|v| v == "overwrite") {
        fs::write(&path, format!("{before}{BEGIN}{sentence}{END}{after}")).expect("it can be written");
        return;
    }
    let words = |text: &str| text.split(|c: char| c.is_ascii_digit()).collect::<String>();
    assert_eq!(words(said), words(&sentence), "only the numbers change");
    let numbers = said.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<usize>().ok());
    for (said, count) in numbers.zip(counts) {
        let true_now = said <= count && said * 100 >= count * STALE_BELOW_PERCENT;
        assert!(
            true_now,
            "the README says {said} where there are {count}; count anew with SNAPSHOTS=overwrite"
        );
    }
}
