//! Uniformly random ranges, the worst case for a zone: no two of them stand
//! together. The same that `bench/responder/gen.py` of the shared folder makes,
//! number for number, so that zones can be compared with what others make of
//! them: Python's generator (the Mersenne Twister MT19937 of Matsumoto and
//! Nishimura) and its ways to choose.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

const WORDS: usize = 624;
const MIDDLE: usize = 397;

/// MT19937.
struct Twister {
    state: [u32; WORDS],
    next: usize,
}

impl Twister {
    fn of_word(seed: u32) -> Twister {
        let mut state = [seed; WORDS];
        for index in 1..WORDS {
            let before = state[index - 1];
            let mixed = 1_812_433_253_u32.wrapping_mul(before ^ before >> 30);
            state[index] = mixed.wrapping_add(index as u32);
        }
        Twister { state, next: WORDS }
    }

    /// Python's seed by an integer of one word.
    fn new(seed: u32) -> Twister {
        let mut twister = Twister::of_word(19_650_218);
        let state = &mut twister.state;
        let mut place = 1;
        for round in 0..2 * WORDS - 1 {
            let before = state[place - 1];
            let mixed = before ^ before >> 30;
            state[place] = match round < WORDS {
                true => (state[place] ^ mixed.wrapping_mul(1_664_525)).wrapping_add(seed),
                false => {
                    (state[place] ^ mixed.wrapping_mul(1_566_083_941)).wrapping_sub(place as u32)
                }
            };
            place += 1;
            if place == WORDS {
                state[0] = state[WORDS - 1];
                place = 1;
            }
        }
        state[0] = 0x8000_0000;
        twister
    }

    fn word(&mut self) -> u32 {
        if self.next == WORDS {
            for index in 0..WORDS {
                let high = self.state[index] & 0x8000_0000;
                let both = high | self.state[(index + 1) % WORDS] & 0x7fff_ffff;
                let twisted = both >> 1 ^ if both & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[index] = self.state[(index + MIDDLE) % WORDS] ^ twisted;
            }
            self.next = 0;
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^ word >> 18
    }

    /// A number from 0 up to 1, of 53 bits.
    fn fraction(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A number below `end`.
    fn below(&mut self, end: u128) -> u128 {
        let bits = u128::BITS - end.leading_zeros();
        loop {
            let mut number = 0;
            for shift in (0..bits).step_by(32) {
                let word = self.word() >> 32_u32.saturating_sub(bits - shift).min(31);
                number |= u128::from(word) << shift;
            }
            if number < end {
                return number;
            }
        }
    }
}

/// Prefix lengths with their weights.
const IP4_LENGTHS: [(u8, f64); 17] = [
    (16, 0.05),
    (17, 0.1),
    (18, 0.2),
    (19, 0.3),
    (20, 0.5),
    (21, 0.8),
    (22, 1.2),
    (23, 2.0),
    (24, 20.0),
    (25, 3.5),
    (26, 3.5),
    (27, 3.5),
    (28, 3.5),
    (29, 3.5),
    (30, 3.5),
    (31, 3.5),
    (32, 50.0),
];
const IP6_LENGTHS: [(u8, f64); 11] = [
    (32, 5.0),
    (36, 5.0),
    (40, 5.0),
    (44, 5.0),
    (48, 25.0),
    (52, 3.0),
    (56, 7.0),
    (64, 25.0),
    (96, 2.0),
    (126, 3.0),
    (128, 15.0),
];

/// Terms of `count` distinct IPv4 ranges and a twentieth as many of IPv6.
pub(crate) fn terms(count: usize) -> Vec<String> {
    let mut random = Twister::new(7208 + count as u32);
    let ip4 = ranges(&mut random, count, &IP4_LENGTHS, 32, 1 << 24, 223 << 24);
    let count6 = (count / 20).max(20);
    let ip6 = ranges(&mut random, count6, &IP6_LENGTHS, 128, 0x2000 << 112, 1 << 125);
    let ip4 = ip4.into_iter().map(|(bits, length)| match length {
        32 => format!("ip4:{}", Ipv4Addr::from_bits(bits as u32)),
        _ => format!("ip4:{}/{length}", Ipv4Addr::from_bits(bits as u32)),
    });
    let ip6 = ip6.into_iter().map(|(bits, length)| match length {
        128 => format!("ip6:{}", Ipv6Addr::from_bits(bits)),
        _ => format!("ip6:{}/{length}", Ipv6Addr::from_bits(bits)),
    });
    ip4.chain(ip6).collect()
}

fn ranges(
    random: &mut Twister,
    count: usize,
    lengths: &[(u8, f64)],
    bits: u8,
    base: u128,
    span: u128,
) -> BTreeSet<(u128, u8)> {
    let sums: Vec<f64> = lengths
        .iter()
        .scan(0.0, |sum, (_, weight)| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let total = sums.last().copied().unwrap_or(0.0);
    let mut seen = BTreeSet::new();
    while seen.len() < count {
        let length = |random: &mut Twister| {
            let at = random.fraction() * total;
            let place = sums[..sums.len() - 1].partition_point(|sum| *sum <= at);
            lengths[place].0
        };
        let drawn: Vec<u8> = (seen.len()..count).map(|_| length(random)).collect();
        for length in drawn {
            let host = u32::from(bits - length);
            let address = base + random.below(span);
            let start = address.checked_shr(host).and_then(|net| net.checked_shl(host));
            seen.insert((start.unwrap_or(0), length));
        }
    }
    seen
}
