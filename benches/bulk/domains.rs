//! Domains for the bench and what DNS says of them: the shapes that published
//! policies have, with a dozen providers that thousands of them include.
//!
//! Always the same domains, in every run.

use super::server::{Answers, wire_name};

const A: u16 = 1;
const MX: u16 = 15;
const TXT: u16 = 16;
const AAAA: u16 = 28;

/// Providers that domains include, the first ones more often than the others.
const PROVIDERS: u64 = 12;

/// Numbers that look random (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn provider(&mut self) -> u64 {
        let first = self.below(PROVIDERS);
        first.min(self.below(PROVIDERS))
    }

    fn ip4(&mut self) -> [u8; 4] {
        [203, self.below(250) as u8, self.below(256) as u8, self.below(256) as u8]
    }
}

/// The names of `count` domains, with all that is known of them.
pub(crate) fn domains(count: usize) -> (Vec<String>, Answers) {
    let mut numbers = Numbers(7208);
    let mut answers = Answers::default();
    for provider in 0..PROVIDERS {
        add_provider(provider, &mut numbers, &mut answers);
    }
    let names: Vec<String> = (0..count).map(|index| format!("domain{index}.example")).collect();
    for name in &names {
        add_domain(name, &mut numbers, &mut answers);
    }
    (names, answers)
}

/// A provider: its record alone, or with up to four others behind it.
fn add_provider(provider: u64, numbers: &mut Numbers, answers: &mut Answers) {
    let name = format!("_spf.provider{provider}.test");
    let mut record = String::from("v=spf1");
    for block in 0..[4, 0, 2, 0, 0, 3][provider as usize % 6] {
        let block_name = format!("_block{block}.provider{provider}.test");
        record.push_str(&format!(" include:{block_name}"));
        txt(answers, &block_name, &format!("v=spf1{} ~all", prefixes(numbers, 12)));
    }
    record.push_str(&prefixes(numbers, 2 + provider % 7));
    record.push_str(" ~all");
    txt(answers, &name, &record);
    for host in 0..2 {
        let host = format!("mx{host}.provider{provider}.test");
        address(answers, numbers, &host);
    }
}

fn add_domain(name: &str, numbers: &mut Numbers, answers: &mut Answers) {
    let provider = numbers.provider();
    for (preference, host) in [(10u8, 0), (20, 1)] {
        let mut rdata = vec![0, preference];
        rdata.extend(wire_name(&match numbers.percent(60) {
            true => format!("mx{host}.provider{provider}.test"),
            false => format!("mail{host}.{name}"),
        }));
        answers.add(name, MX, &rdata);
        address(answers, numbers, &format!("mail{host}.{name}"));
    }
    address(answers, numbers, name);
    for token in 0..numbers.below(3) {
        txt(answers, name, &format!("verification-{token}={:016x}", numbers.below(u64::MAX)));
    }
    let record = match numbers.below(100) {
        0..=17 => "v=spf1 -all".to_owned(),
        18 => format!("v=spf1 redirect=_spf.provider{provider}.test"),
        19 => format!("v=spf1 include:_spf.provider{provider}.tset ~all"),
        20 => format!("v=spf1 ipv4:203.0.113.7 include:_spf.provider{provider}.test ~all"),
        21 => return,
        _ => record(name, provider, numbers),
    };
    txt(answers, name, &record);
    if numbers.percent(50) {
        let policy = ["none", "quarantine", "reject"][numbers.below(3) as usize];
        txt(answers, &format!("_dmarc.{name}"), &format!("v=DMARC1; p={policy}"));
    }
}

/// A record with what most records have.
fn record(name: &str, provider: u64, numbers: &mut Numbers) -> String {
    let mut record = String::from("v=spf1");
    if numbers.percent(20) {
        record.push_str(" a");
    }
    if numbers.percent(30) {
        record.push_str(" mx");
    }
    if numbers.percent(10) {
        record.push_str(&format!(" a:mail0.{name}"));
    }
    let prefixes_count = numbers.below(4);
    record.push_str(&prefixes(numbers, prefixes_count));
    if numbers.percent(85) {
        record.push_str(&format!(" include:_spf.provider{provider}.test"));
    }
    while numbers.percent(20) {
        record.push_str(&format!(" include:_spf.provider{}.test", numbers.provider()));
    }
    record.push_str(
        [" ~all", " ~all", " ~all", " -all", " -all", " ?all"][numbers.below(6) as usize],
    );
    record
}

fn prefixes(numbers: &mut Numbers, count: u64) -> String {
    let mut terms = String::new();
    for _ in 0..count {
        if numbers.percent(15) {
            let (left, right) = (numbers.below(65_536), numbers.below(65_536));
            terms.push_str(&format!(" ip6:2001:db8:{left:x}:{right:x}::/64"));
        } else {
            let [a, b, c, d] = numbers.ip4();
            match numbers.percent(50) {
                true => terms.push_str(&format!(" ip4:{a}.{b}.{c}.{d}")),
                false => terms.push_str(&format!(" ip4:{a}.{b}.{c}.0/24")),
            }
        }
    }
    terms
}

fn address(answers: &mut Answers, numbers: &mut Numbers, name: &str) {
    answers.add(name, A, &numbers.ip4());
    if numbers.percent(30) {
        let mut address = [0; 16];
        address[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        address[12..].copy_from_slice(&numbers.ip4());
        answers.add(name, AAAA, &address);
    }
}

fn txt(answers: &mut Answers, name: &str, text: &str) {
    let mut rdata = Vec::new();
    for string in text.as_bytes().chunks(255) {
        rdata.push(string.len() as u8);
        rdata.extend(string);
    }
    answers.add(name, TXT, &rdata);
}
