//! Tests of the rate limit: who is limited, and that clocks and floods are no matter.

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
fn threads_that_share_have_the_rate_together() {
    let mut limiter = limiter(100, 4096);
    limiter.share(4);
    assert_eq!(burst(&mut limiter, 0, "192.0.2.1", AnswerKind::Hit), 25);
    // Alone, it gives what is left, and later all of it.
    limiter.share(1);
    assert_eq!(burst(&mut limiter, 0, "192.0.2.1", AnswerKind::Hit), 75);
    assert_eq!(burst(&mut limiter, 1000, "192.0.2.1", AnswerKind::Hit), 100);
    // What was given counts on when the share gets smaller.
    limiter.share(2);
    assert_eq!(burst(&mut limiter, 1000, "192.0.2.1", AnswerKind::Hit), 0);
    // No limit has no parts.
    limiter.share(0);
    let mut none = self::limiter(0, 4);
    none.share(3);
    assert_eq!(burst(&mut none, 0, "192.0.2.1", AnswerKind::Hit), 500);
}

#[test]
fn who_is_allowed_is_not_counted() {
    let allow = [(ip("192.0.2.0"), 28), (ip("2001:db8::"), 32), (ip("::ffff:198.51.100.0"), 120)];
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
    let mut counting = limiter(1, 100);
    assert!(counting.sets.is_empty(), "nobody was counted yet");
    burst(&mut counting, 0, "192.0.2.1", AnswerKind::Hit);
    assert_eq!(counting.sets.len(), 32);
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
            IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8 << 96 | network << 72 | u128::from(host)))
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
