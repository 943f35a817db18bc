//! Response rate limiting: how many answers of one kind a network may get a
//! second over UDP, so that nobody is flooded with answers to questions that
//! others asked in his name.
//!
//! Pure: the time comes from the caller, and what becomes of an answer that is
//! over the limit is the caller's to decide. Each thread has a limiter of its
//! own with its share of the rate; nothing is shared, locked or allocated for a
//! question.
//!
//! A bucket belongs to a network (24 bits of IPv4, 56 of IPv6) and a kind of
//! answer. It holds the answers of one second: resolvers ask in bursts when a
//! campaign of mail comes in, which a smaller bucket would cut short though the
//! second as a whole is within the rate; a larger one would let an attacker send
//! more than the rate to each network that he turns to.
//!
//! The table has room for a fixed number of buckets. Those whose keyed hashes
//! agree share four places; a network without one takes the place of the bucket
//! that lacks least, and begins with a full one. So whoever fills the table makes
//! the limit looser for others and never stricter, and the buckets of those that
//! are over their limits stay longest.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::addr::{AddressSet, IP4_MAPPED, Prefix};

/// Buckets of a table that suit most: 512 KiB.
pub const BUCKETS: usize = 1 << 15;

/// Buckets at most: 256 MiB.
const MOST_BUCKETS: usize = 1 << 24;
/// No server gives more answers a second: a higher rate is no limit.
const MOST_PER_SECOND: u32 = 1 << 24;
/// How long a bucket takes to fill, in milliseconds.
const FILLING: u64 = 1000;
/// What an answer costs. A bucket gains as much as the rate in a millisecond.
const COST: u64 = 1000;
/// Buckets whose hashes agree: one line of the processor's cache.
const WAYS: usize = 4;

/// The kinds of answers that are counted apart, so that a flood of one does not
/// keep the others from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerKind {
    /// A name that holds what was asked for.
    Hit,
    /// A name that does not, or does not exist.
    Miss,
    /// A question that is refused or makes no sense.
    Error,
}

/// How many answers each network got of late.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// Answers a second; 0 for no limit.
    per_second: u64,
    unlimited: AddressSet,
    key: [u64; 2],
    sets: Box<[Set]>,
    /// The time that the caller told last.
    latest_ms: u64,
    /// The time of buckets, in the units of [`COST`].
    clock: u64,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Set([Bucket; WAYS]);

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// The network and the kind.
    tag: u64,
    /// When the bucket is full again, in the limiter's own time.
    full_at: u64,
}

impl Limiter {
    /// A limiter of `per_second` answers, 0 for no limit, with about so many
    /// buckets. Addresses in `allow`, networks with their prefix lengths, are
    /// never limited nor counted. The key of the table is drawn.
    pub fn new(per_second: u32, buckets: usize, allow: &[(IpAddr, u8)]) -> Limiter {
        let drawn = || RandomState::new().hash_one(per_second);
        Limiter::with_key(per_second, buckets, allow, [drawn(), drawn()])
    }

    /// As [`Limiter::new`], with the key of the table, which has to be secret.
    pub fn with_key(
        per_second: u32,
        buckets: usize,
        allow: &[(IpAddr, u8)],
        key: [u64; 2],
    ) -> Limiter {
        let per_second = if per_second > MOST_PER_SECOND { 0 } else { per_second.into() };
        let sets = buckets.clamp(WAYS, MOST_BUCKETS).div_ceil(WAYS).next_power_of_two();
        let sets = if per_second == 0 { 0 } else { sets };
        Limiter {
            per_second,
            unlimited: addresses(allow),
            key,
            sets: vec![Set::default(); sets].into(),
            latest_ms: 0,
            clock: 0,
        }
    }

    /// Whether the client may have one more answer of this kind, which is then
    /// counted. `now_ms` is the time in milliseconds since whenever.
    ///
    /// A clock that stands still lets everybody have what is in their buckets.
    /// One that jumps, forward or back, goes on from where it jumped to.
    #[inline]
    pub fn allows(&mut self, now_ms: u64, client: IpAddr, kind: AnswerKind) -> bool {
        if self.per_second == 0 {
            return true;
        }
        let (network, unlimited) = match client.to_canonical() {
            IpAddr::V4(ip) => (ip4_network(ip), self.unlimited.ip4.contains(ip.to_bits())),
            IpAddr::V6(ip) => (ip6_network(ip), self.unlimited.ip6.contains(ip.to_bits())),
        };
        if unlimited {
            return true;
        }
        self.advance(now_ms);
        let tag = network | kind.bits();
        let (clock, at) = (self.clock, self.place(tag));
        let Some(Set(buckets)) = self.sets.get_mut(at) else { return true };
        let own = buckets.iter().position(|bucket| bucket.tag == tag);
        let taken = own.unwrap_or_else(|| least_lacking(buckets));
        let Some(bucket) = buckets.get_mut(taken) else { return true };
        let from = if own.is_some() { bucket.full_at.max(clock) } else { clock };
        let lacking = from + COST - clock;
        let allowed = lacking <= self.per_second * FILLING;
        if allowed {
            *bucket = Bucket { tag, full_at: from + COST };
        }
        allowed
    }

    /// Moves the limiter's own time, which never goes back. A bucket is full
    /// after [`FILLING`], so that a longer step is worth no more.
    fn advance(&mut self, now_ms: u64) {
        match now_ms.checked_sub(self.latest_ms) {
            Some(step) => self.clock += step.min(FILLING) * self.per_second,
            // A little back is what threads and batches make of a sound clock;
            // taking it up again would count the same time twice.
            None if self.latest_ms - now_ms <= FILLING => return,
            None => {}
        }
        self.latest_ms = now_ms;
    }

    /// Where the buckets of a tag are: a multiplication with the key, the upper
    /// half folded onto the lower. Nobody can tell from outside which networks
    /// share a place, and it costs no more than a few cycles.
    fn place(&self, tag: u64) -> usize {
        let [add, multiply] = self.key;
        let product = u128::from(tag ^ add) * u128::from(multiply | 1);
        let folded = (product >> 64) as u64 ^ product as u64;
        // The number of sets is a power of two.
        folded as usize & self.sets.len().wrapping_sub(1)
    }
}

impl AnswerKind {
    /// The kind in the bits of a tag that no network has.
    fn bits(self) -> u64 {
        match self {
            AnswerKind::Hit => 0,
            AnswerKind::Miss => 1 << 56,
            AnswerKind::Error => 2 << 56,
        }
    }
}

fn ip4_network(ip: Ipv4Addr) -> u64 {
    u64::from(ip.to_bits() >> 8)
}

/// The highest bit tells the family.
fn ip6_network(ip: Ipv6Addr) -> u64 {
    1 << 63 | (ip.to_bits() >> 72) as u64
}

/// Which bucket is full first, or has long been.
fn least_lacking(buckets: &[Bucket; WAYS]) -> usize {
    let full_at = buckets.iter().map(|bucket| bucket.full_at);
    full_at.enumerate().min_by_key(|(_, full_at)| *full_at).map_or(0, |(at, _)| at)
}

/// The addresses of prefixes. IPv4-mapped ones are those of IPv4.
fn addresses(prefixes: &[(IpAddr, u8)]) -> AddressSet {
    let (mut ip4, mut ip6) = (Vec::new(), Vec::new());
    for (address, length) in prefixes {
        match address {
            IpAddr::V4(ip) => ip4.push(Prefix::new(ip.to_bits(), *length).range()),
            IpAddr::V6(ip) if *length >= 96 && IP4_MAPPED.contains(ip.to_bits()) => {
                ip4.push(Prefix::new(ip.to_bits() as u32, length - 96).range());
            }
            IpAddr::V6(ip) => ip6.push(Prefix::new(ip.to_bits(), *length).range()),
        }
    }
    AddressSet { ip4: ip4.into_iter().collect(), ip6: ip6.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    const KEY: [u64; 2] = [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210];
    const KINDS: [AnswerKind; 3] = [AnswerKind::Hit, AnswerKind::Miss, AnswerKind::Error];

    fn limiter(per_second: u32, buckets: usize) -> Limiter {
        Limiter::with_key(per_second, buckets, &[], KEY)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn network(client: IpAddr) -> u64 {
        match client {
            IpAddr::V4(ip) => ip4_network(ip),
            IpAddr::V6(ip) => ip6_network(ip),
        }
    }

    /// How many of many answers at once are allowed.
    fn burst(limiter: &mut Limiter, now_ms: u64, client: &str, kind: AnswerKind) -> usize {
        (0..500).filter(|_| limiter.allows(now_ms, ip(client), kind)).count()
    }

    #[test]
    fn networks_and_kinds_are_counted_apart() {
        let mut limiter = limiter(100, 4096);
        assert_eq!(burst(&mut limiter, 5, "192.0.2.1", AnswerKind::Hit), 100);
        assert_eq!(burst(&mut limiter, 5, "192.0.2.255", AnswerKind::Hit), 0);
        assert_eq!(burst(&mut limiter, 5, "::ffff:192.0.2.7", AnswerKind::Hit), 0);
        assert_eq!(burst(&mut limiter, 5, "192.0.2.1", AnswerKind::Miss), 100);
        assert_eq!(burst(&mut limiter, 5, "192.0.2.1", AnswerKind::Error), 100);
        assert_eq!(burst(&mut limiter, 5, "192.0.3.1", AnswerKind::Hit), 100);
        assert_eq!(burst(&mut limiter, 5, "2001:db8:0:1::", AnswerKind::Hit), 100);
        assert_eq!(burst(&mut limiter, 5, "2001:db8:0:ff::9", AnswerKind::Hit), 0);
        assert_eq!(burst(&mut limiter, 5, "2001:db8:0:100::", AnswerKind::Hit), 100);
        // Half a second later half of it is there again, and never more than all.
        assert_eq!(burst(&mut limiter, 505, "192.0.2.1", AnswerKind::Hit), 50);
        assert_eq!(burst(&mut limiter, 99_505, "192.0.2.1", AnswerKind::Hit), 100);
    }

    #[test]
    fn who_is_allowed_is_not_counted() {
        let allow =
            [(ip("192.0.2.0"), 28), (ip("2001:db8::"), 32), (ip("::ffff:198.51.100.0"), 120)];
        let mut limiter = Limiter::new(1, BUCKETS, &allow);
        for client in ["192.0.2.15", "::ffff:192.0.2.15", "2001:db8::1", "198.51.100.9"] {
            assert_eq!(burst(&mut limiter, 0, client, AnswerKind::Hit), 500, "{client}");
        }
        assert_eq!(burst(&mut limiter, 0, "192.0.2.16", AnswerKind::Hit), 1);
    }

    #[test]
    fn no_rate_and_every_rate_are_no_limit() {
        for rate in [0, MOST_PER_SECOND + 1, u32::MAX] {
            assert_eq!(burst(&mut limiter(rate, 4), 0, "192.0.2.1", AnswerKind::Hit), 500);
        }
        assert_eq!(burst(&mut limiter(1, 0), 0, "192.0.2.1", AnswerKind::Hit), 1);
        assert_eq!(limiter(1, 100).sets.len(), 32);
        assert_eq!(std::mem::size_of::<Set>(), 64);
    }

    #[test]
    fn a_clock_that_jumps_locks_nobody_out() {
        let mut limiter = limiter(100, 4096);
        let hit = AnswerKind::Hit;
        let hour = 3_600_000;
        assert_eq!(burst(&mut limiter, hour, "192.0.2.1", hit), 100);
        // Back by an hour: time goes on from there.
        assert_eq!(burst(&mut limiter, 0, "192.0.2.1", hit), 0);
        assert_eq!(burst(&mut limiter, 250, "192.0.2.1", hit), 25);
        assert_eq!(burst(&mut limiter, 0, "192.0.3.1", hit), 100);
        // To the end of time, and to its beginning.
        assert_eq!(burst(&mut limiter, u64::MAX, "192.0.2.1", hit), 100);
        assert_eq!(burst(&mut limiter, 0, "192.0.2.1", hit), 0);
        assert_eq!(burst(&mut limiter, 1000, "192.0.2.1", hit), 100);
        // A clock that trembles gives no more than one that does not.
        let mut given = 0;
        for _ in 0..1000 {
            given += usize::from(limiter.allows(1000, ip("192.0.2.1"), hit));
            given += usize::from(limiter.allows(990, ip("192.0.2.1"), hit));
        }
        assert_eq!(given, 0);
        assert_eq!(burst(&mut limiter, 1500, "192.0.2.1", hit), 50);
    }

    /// Eight years of the highest rate are far from the end of numbers.
    #[test]
    fn time_does_not_run_out() {
        let most = u64::from(MOST_PER_SECOND);
        assert!(u64::MAX / most / 1000 > 8 * 366 * 86_400);
    }

    fn client() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (0..4_u32, any::<u8>()).prop_map(|(network, host)| {
                IpAddr::V4(Ipv4Addr::from_bits(0xc000_0200 + (network << 8) + u32::from(host)))
            }),
            (0..4_u128, any::<u64>()).prop_map(|(network, host)| {
                IpAddr::V6(Ipv6Addr::from_bits(
                    0x2001_0db8 << 96 | network << 72 | u128::from(host),
                ))
            }),
        ]
    }

    proptest! {
        #[test]
        fn no_network_gets_more_than_the_rate_and_a_burst(
            rate in 1..50_u32,
            questions in proptest::collection::vec((0..40_u64, client(), 0..3_usize, 1..20_u8), 1..200),
        ) {
            let mut limiter = limiter(rate, 1 << 12);
            let mut given: HashMap<u64, u64> = HashMap::new();
            let mut now = 0;
            for (step, client, kind, times) in questions {
                now += step;
                for _ in 0..times {
                    let allowed = limiter.allows(now, client, KINDS[kind]);
                    let given = given.entry(network(client) | KINDS[kind].bits()).or_default();
                    // As much is given as there is, and not one more.
                    let least = *given < u64::from(rate);
                    *given += u64::from(allowed);
                    prop_assert!(allowed || !least);
                    prop_assert!(*given * 1000 <= u64::from(rate) * (1000 + now));
                }
            }
        }

        #[test]
        fn whoever_keeps_to_the_rate_is_never_limited(
            rate in 1..200_u32,
            buckets in 4..64_usize,
            flood in proptest::collection::vec((any::<u32>(), 1..300_u16), 0..60),
        ) {
            // The table is far too small for the networks of the flood.
            let mut limiter = limiter(rate, buckets);
            let (mut now, step) = (0, u64::from(1000_u32.div_ceil(rate)));
            for (flooder, times) in flood {
                let flooder = IpAddr::V4(Ipv4Addr::from_bits(flooder | 0x8000_0000));
                for _ in 0..times {
                    limiter.allows(now, flooder, AnswerKind::Hit);
                }
                now += step;
                prop_assert!(limiter.allows(now, ip("10.0.0.1"), AnswerKind::Hit));
            }
        }

        #[test]
        fn any_times_at_all_are_no_matter(
            questions in proptest::collection::vec((any::<u64>(), client()), 1..50),
        ) {
            let mut limiter = limiter(10, 64);
            for (now, client) in questions {
                limiter.allows(now, client, AnswerKind::Miss);
            }
            let now = limiter.latest_ms;
            let later = now.checked_add(1000).unwrap_or(0);
            limiter.allows(later, ip("203.0.113.1"), AnswerKind::Hit);
            prop_assert!(limiter.allows(later + 1000, ip("192.0.2.1"), AnswerKind::Miss));
        }
    }
}
