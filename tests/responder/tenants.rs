//! A zone of a hundred thousand tenants that share the sets of fifty providers: what
//! it takes, and that each tenant is answered from its own provider's set.

use std::fmt::Write;
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use tempfile::tempdir;

use crate::policies::serve_within;
use crate::running::{Running, ask};

const ZONE: &str = "_spf.example.net";
const TENANTS: usize = 100_000;
const PROVIDERS: usize = 50;
/// IPv4 prefixes of a provider.
const PREFIXES: usize = 1_000;
/// Kibioctets that the server may have: 100 MB.
const MOST_MEMORY: u64 = 100_000_000 / 1_024;
/// How long the start may take in a build without optimisation, on a busy machine.
const START: Duration = Duration::from_secs(40);

fn tenant(number: usize) -> String {
    format!("customer-{number}.shop.example.org")
}

/// The provider of a tenant.
fn provider(tenant: usize) -> usize {
    tenant * 7 % PROVIDERS
}

/// The addresses of a provider: its own, and none of another's.
fn addresses(provider: usize) -> String {
    let mut text = format!("2001:db8:{provider}::/48\n");
    for number in 0..PREFIXES {
        let (third, fourth) = (number / 64 * 2, number % 64 * 4);
        writeln!(text, "10.{provider}.{third}.{fourth}/31").unwrap();
    }
    text
}

/// Kibioctets of memory of the server: its part of what it shares, and all.
fn memory(server: &Running) -> (u64, u64) {
    let id = server.inner_id();
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
    let read = |word: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(word)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    (read("Pss:"), read("Rss:"))
}

#[test]
fn a_hundred_thousand_tenants_of_fifty_providers_take_little() {
    let folder = tempdir().unwrap();
    let mut config = String::from(
        "[[zone]]\nrecord = 'v=spf1 exists:%{ir}.%{v}.%{d}._spf.example.net -all'\n\
         ns = ['ns1.example.org']\ntenants-file = 'tenants.txt'\n",
    );
    for provider in 0..PROVIDERS {
        std::fs::write(folder.path().join(format!("{provider}.txt")), addresses(provider)).unwrap();
        writeln!(config, "[source.provider{provider}]\ncidrs = '{provider}.txt'").unwrap();
    }
    let tenants: String = (0..TENANTS)
        .map(|number| format!("{} provider{}\n", tenant(number), provider(number)))
        .collect();
    std::fs::write(folder.path().join("tenants.txt"), tenants).unwrap();
    let begun = Instant::now();
    let server = serve_within(START, folder.path(), &config, ZONE);
    let start = begun.elapsed();
    let (pss, rss) = memory(&server);
    println!("{TENANTS} tenants: started in {start:?}, PSS {pss} KiB, RSS {rss} KiB");
    assert!(pss <= rss && rss < MOST_MEMORY, "PSS {pss} KiB, RSS {rss} KiB");
    for number in (0..TENANTS).step_by(997) {
        let (own, other) = (provider(number), (provider(number) + 1) % PROVIDERS);
        let questions = [
            // The last two octets are 6.4 and 6.5, 6.8 and 6.9 and so on.
            (format!("5.6.{own}.10.in-addr"), 0, 1),
            (format!("6.6.{own}.10.in-addr"), 3, 0),
            (format!("0.0.{other}.10.in-addr"), 3, 0),
            (format!("6.{own}.10.in-addr"), 0, 0),
            (String::from("in-addr"), 0, 0),
        ];
        for (name, code, answers) in questions {
            let owner = format!("{name}.{}.{ZONE}", tenant(number));
            let answer = ask(server.address, &owner, RecordType::A);
            let got = (u16::from(answer.metadata.response_code), answer.answers.len());
            assert_eq!(got, (code, answers), "{owner}");
        }
    }
    for name in ["0.0.0.10.in-addr.customer-100000.shop.example.org", "customer-x.example.org"] {
        let answer = ask(server.address, &format!("{name}.{ZONE}"), RecordType::A);
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain, "{name}");
    }
    let above = ask(server.address, &format!("shop.example.org.{ZONE}"), RecordType::A);
    assert_eq!(above.metadata.response_code, ResponseCode::NoError);
}
