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
    /// Answers a second of all threads together.
    of_all: u64,
    /// Answers a second; 0 for no limit.
    per_second: u64,
    unlimited: AddressSet,
    key: [u64; 2],
    /// How many sets there are, none without a limit.
    count: usize,
    /// The sets, once somebody was counted: of many threads most may never answer.
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
        Limiter {
            of_all: per_second,
            per_second,
            unlimited: addresses(allow),
            key,
            count: if per_second == 0 { 0 } else { sets },
            sets: Box::default(),
            latest_ms: 0,
            clock: 0,
        }
    }

    /// Takes so small a part of the rate that as many limiters as these `threads` have
    /// it together.
    #[inline]
    pub fn share(&mut self, threads: u32) {
        self.per_second = self.of_all.div_ceil(threads.max(1).into());
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
        if self.sets.is_empty() {
            self.make_sets();
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

    #[cold]
    fn make_sets(&mut self) {
        self.sets = vec![Set::default(); self.count].into();
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
#[path = "limit_tests.rs"]
mod tests;
