//! Which known word is meant by one that is not known.

/// The known word that is nearest, where one is near enough to be a slip of the
/// same word: a third of its letters may differ, and `_` is as good as `-`.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let written = word.to_lowercase().replace('_', "-");
    let distance = |known: &&str| strsim::osa_distance(&written, &known.to_lowercase());
    let near = known.into_iter().map(|known| (distance(&known), known));
    let (distance, known) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= (known.len() / 3).max(1)).then(|| known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slips_are_near() {
        let known = ["allow", "warn", "fail-on"];
        for (word, meant) in
            [("alow", "allow"), ("fail_on", "fail-on"), ("Warn", "warn"), ("failon", "fail-on")]
        {
            assert_eq!(nearest(word, known).as_deref(), Some(meant));
        }
        assert_eq!(nearest("select", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("allow", []), None);
    }
}
