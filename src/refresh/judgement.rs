//! Whether what was found takes the place of what is served. Nothing is done here.
//!
//! What is served never gets smaller by accident: a failure of DNS, an error of the
//! policy and a loss of much of what passed leave it as it is, and a person decides.

use crate::history::Why;
use crate::policy::Passing;

use super::{FaultKind, SourceState};

/// What is to become of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is served from now on.
    Serve(Why),
    /// It waits for a person, for this reason.
    Hold(String),
}

/// Judges what was found of a source that can be read: `passing` is what of IPv4 and
/// IPv6 would still pass, none where that cannot be said. `redefined` says that it is
/// not the source that the version was found for; `max_shrink` is how much of what
/// passed may be lost, in percent.
pub fn judge(
    state: &SourceState,
    passing: Option<[Passing; 2]>,
    redefined: bool,
    max_shrink: u32,
) -> Decision {
    let Some(good) = &state.good else { return Decision::Serve(Why::First) };
    if redefined {
        // Who changes the configuration is the person that is to be asked.
        return Decision::Serve(Why::Configured);
    }
    let number = good.number;
    let pinned = state.pinned.then(|| {
        format!("a person went back to what version {number} has, and now it says something else")
    });
    let lost = match passing {
        None => vec!["it cannot be compared with what is served".to_owned()],
        Some([ip4, ip6]) => {
            losses([(ip4, "IPv4 addresses"), (ip6, "IPv6 networks (/64)")], max_shrink)
        }
    };
    let reasons: Vec<String> = pinned.into_iter().chain(lost).collect();
    match reasons.is_empty() {
        true => Decision::Serve(Why::Changed),
        false => Decision::Hold(reasons.join("; ")),
    }
}

/// The families of which more would be lost than may be, in words.
fn losses(families: [(Passing, &str); 2], max_shrink: u32) -> Vec<String> {
    let lost = families.into_iter().filter(|(passing, _)| passing.lost_more_than(max_shrink));
    let words = lost.map(|(passing, what)| {
        let Passing { before, kept, .. } = passing;
        format!(
            "{} % of the {what} that pass would be lost, {} of {before}, and at most {max_shrink} % \
             may be",
            passing.lost_percent(),
            before.saturating_sub(kept)
        )
    });
    words.collect()
}

/// What is said of a source that cannot be read.
pub fn failure_word(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Dns => "DNS fails",
        FaultKind::Policy => "the policy is in error",
        FaultKind::File => "the file cannot be used",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Recording;
    use crate::refresh::Version;
    use proptest::prelude::*;

    fn served(pinned: bool) -> SourceState {
        let answers = Recording::new("", [], []).into();
        let good = Some(Version { number: 3, since: 0, why: Why::Changed, answers: Some(answers) });
        SourceState { good, pinned, ..SourceState::default() }
    }

    fn passing(before: u128, kept: u128) -> Passing {
        Passing { before, kept, after: kept }
    }

    #[test]
    fn a_loss_waits_for_a_person() {
        let judged = |ip4, ip6| judge(&served(false), Some([ip4, ip6]), false, 30);
        let none = passing(0, 0);
        assert_eq!(judged(passing(10, 7), none), Decision::Serve(Why::Changed));
        assert_eq!(judged(none, none), Decision::Serve(Why::Changed));
        let Decision::Hold(reason) = judged(passing(1000, 699), none) else { panic!() };
        assert_eq!(
            reason,
            "30 % of the IPv4 addresses that pass would be lost, 301 of 1000, and at most 30 % may be"
        );
        let Decision::Hold(reason) = judged(passing(10, 10), passing(10, 0)) else { panic!() };
        assert!(reason.starts_with("100 % of the IPv6 networks (/64)"), "{reason}");
    }

    #[test]
    fn what_a_person_chose_stays() {
        let all = Some([passing(10, 10), passing(10, 10)]);
        assert!(matches!(judge(&served(true), all, false, 30), Decision::Hold(_)));
        // But for another choice.
        assert_eq!(judge(&served(true), all, true, 30), Decision::Serve(Why::Configured));
        assert!(matches!(judge(&served(false), None, false, 30), Decision::Hold(_)));
        let nothing = SourceState::default();
        assert_eq!(judge(&nothing, all, false, 30), Decision::Serve(Why::First));
    }

    proptest! {
        #[test]
        fn nothing_shrinks_by_more_than_it_may(
            ip4 in any::<(u64, u64)>(),
            ip6 in any::<(u64, u64)>(),
            max_shrink in 0u32..100,
        ) {
            let of = |(one, two): (u64, u64)| passing(one.max(two).into(), one.min(two).into());
            let families = [of(ip4), of(ip6)];
            if judge(&served(false), Some(families), false, max_shrink) == Decision::Serve(Why::Changed) {
                for Passing { before, kept, .. } in families {
                    prop_assert!((before - kept) * 100 <= before * u128::from(max_shrink));
                }
            }
        }
    }
}
