//! "Did you mean": the known name closest to a mistyped one.

/// The candidate that `name` most likely means, if one is close enough to be worth saying: at most a third of its
/// letters differ. Case, `-` and `_` count for little, a swap of neighbours for one. The first of equals wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer names are not mistyped, they are something else; the bound keeps the cost of one comparison small.
    const MAX_LENGTH: usize = 96;
    if name.len() > MAX_LENGTH {
        return None;
    }
    let wanted = fold(name);
    let allowed = (wanted.len() / 3).clamp(1, 5);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(name.len()) > allowed || candidate.len() > MAX_LENGTH || candidate == name
        {
            continue;
        }
        // Only what is closer than the best so far is of use.
        let most = best.map_or(allowed, |(distance, _)| distance.saturating_sub(1));
        if let Some(distance) = distance(&wanted, &fold(candidate), most) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> Vec<u8> {
    name.bytes().map(|b| if b == b'-' { b'_' } else { b.to_ascii_lowercase() }).collect()
}

/// Optimal string alignment distance (insert, delete, replace, swap of neighbours), if it is no more than `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
        // No later row is better than the best of two that follow each other.
        if last.iter().chain(&before).all(|d| *d > most) {
            return None;
        }
    }
    last.last().copied().filter(|d| *d <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_offered_and_far_ones_are_not() {
        let known = ["heartbeat", "frame_max", "channel_max", "vm_memory_high_watermark.relative"];
        assert_eq!(nearest("hearbeat", known), Some("heartbeat"));
        assert_eq!(nearest("Heartbeat", known), Some("heartbeat"));
        assert_eq!(nearest("channel-max", known), Some("channel_max"));
        assert_eq!(nearest("cluster_name", known), None);
    }
}
