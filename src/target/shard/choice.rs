//! Which parts of a network stay in its own record: a knapsack, solved exactly.
//!
//! Numbers only; what the parts are is for the caller to know.

/// A part of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Octets that it needs in the network's own record.
    pub(super) octets: usize,
    /// Records that it needs when it does not stay there.
    pub(super) records: usize,
}

/// Which parts stay in `room` octets, so that the others need the fewest
/// records; of several such choices one with the fewest octets.
pub(super) fn choose(parts: &[Part], room: usize) -> Vec<bool> {
    let width = room + 1;
    // The most records that are saved in so many octets, and for each part and
    // room whether it stays in the best choice among it and those before it.
    let mut saved = vec![0usize; width];
    let mut stays = vec![false; width * parts.len()];
    for (part, stays) in parts.iter().zip(stays.chunks_mut(width)) {
        for octets in (part.octets..width).rev() {
            let with = saved[octets - part.octets] + part.records;
            if with > saved[octets] {
                saved[octets] = with;
                stays[octets] = true;
            }
        }
    }
    // `saved` never falls, so its best stands first where it costs least.
    let best = saved.last().copied().unwrap_or(0);
    let mut octets = saved.partition_point(|records| *records < best);
    let mut chosen = vec![false; parts.len()];
    for (index, part) in parts.iter().enumerate().rev() {
        if stays[index * width + octets] {
            chosen[index] = true;
            octets -= part.octets;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn many_light_parts_stay_before_a_heavy_one() {
        let part = |octets, records| Part { octets, records };
        let parts = [part(9, 1), part(4, 1), part(5, 1), part(1, 1)];
        assert_eq!(choose(&parts, 10), [false, true, true, true]);
        assert_eq!(choose(&[part(9, 3), part(4, 1), part(5, 1)], 10), [true, false, false]);
        assert_eq!(choose(&parts, 0), [false; 4]);
        assert_eq!(choose(&[], 5), [false; 0]);
    }

    proptest! {
        #[test]
        fn no_choice_saves_more(
            parts in proptest::collection::vec((1usize..12, 1usize..4), 0..9),
            room in 0usize..30,
        ) {
            let parts: Vec<Part> =
                parts.into_iter().map(|(octets, records)| Part { octets, records }).collect();
            let total = |stays: &dyn Fn(usize) -> bool| {
                let staying = parts.iter().enumerate().filter(|(index, _)| stays(*index));
                staying.fold((0, 0), |(octets, records), (_, part)| {
                    (octets + part.octets, records + part.records)
                })
            };
            let chosen = choose(&parts, room);
            let (octets, records) = total(&|index| chosen[index]);
            prop_assert!(octets <= room);
            for mask in 0..1u32 << parts.len() {
                let (other_octets, other_records) = total(&|index| mask >> index & 1 == 1);
                prop_assert!(other_octets > room || other_records <= records);
                prop_assert!(other_octets >= octets || other_records < records || other_octets > room);
            }
        }
    }
}
