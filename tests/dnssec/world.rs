//! A root with zones below it: signed in either way of denial, unsigned, and
//! spoiled in all ways that a validator has to see.

use std::net::SocketAddr;
use std::path::Path;

use spfc::dns::TrustAnchors;

use crate::nsd::nsd;
use crate::programs::programs;
use crate::resolver::strict_resolver;
use crate::running::Running;
use crate::signing::Signer;

/// The time to live of all records but negative answers.
pub(crate) const TTL: u32 = 300;
/// That of negative answers.
pub(crate) const NEGATIVE_TTL: u32 = 60;
/// The policy that `spf` has in every zone.
pub(crate) const POLICY: &str = "v=spf1 ip4:192.0.2.0/24 -all";

/// Every zone but the root, with its records beside those of all.
const ZONES: [(&str, &str); 10] = [
    (
        "signed.",
        "www IN CNAME spf\nfar IN CNAME spf.hashed.\ngone IN CNAME none\nempty IN CNAME \
                 ptr\nmixed IN CNAME spf.plain.\n*.alias IN CNAME spf\nto-bogus IN CNAME \
                 spf.changed.\ntree IN DNAME hashed.\nround IN CNAME trip\ntrip IN CNAME round\n",
    ),
    ("hashed.", "www IN CNAME spf\ngone IN CNAME none\nsub IN NS ns\n"),
    ("plain.", "www IN CNAME spf\nback IN CNAME spf.signed.\ndeep IN NS ns\n"),
    ("changed.", ""),
    ("expired.", ""),
    ("stripped.", ""),
    ("soon.", ""),
    ("strange.", ""),
    ("sub.hashed.", ""),
    ("deep.plain.", ""),
];

/// Records of all zones.
fn zone_text(zone: &str, records: &str) -> String {
    format!(
        "$ORIGIN {zone}\n$TTL {TTL}\n\
         @ IN SOA ns hostmaster 1 3600 600 86400 {NEGATIVE_TTL}\n@ IN NS ns\nns IN A 127.0.0.1\n\
         spf IN TXT \"{POLICY}\"\nspf IN TYPE99 \\# 8 07763d7370663120\n\
         mail IN MX 10 mx\nmail IN A 192.0.2.1\nmail IN AAAA 2001:db8::1\nptr IN PTR mail\n\
         *.wild IN TXT \"{POLICY}\"\nexact.wild IN TXT \"x\"\nbelow.between IN TXT \"x\"\n{records}"
    )
}

/// A zone as it is served, and what the root says of it.
fn zone_and_delegation(signer: &Signer, zone: &str, records: &str, soon: u32) -> (String, String) {
    let text = zone_text(zone, records);
    // What stands below another zone is delegated there.
    let mut delegation = match zone.matches('.').count() {
        1 => format!("{zone} IN NS ns.{zone}\nns.{zone} IN A 127.0.0.1\n"),
        _ => String::new(),
    };
    if ["plain.", "sub.hashed.", "deep.plain."].contains(&zone) {
        return (text, delegation);
    }
    let soon = format!("now+{soon}");
    let options: &[&str] = match zone {
        "expired." => &["-s", "now-172800", "-e", "now-3600"],
        "soon." => &["-e", &soon],
        // Opt-out: unsigned zones below are passed over.
        "hashed." => &["-3", "abcd", "-H", "0", "-A"],
        _ => &[],
    };
    let algorithm = match zone {
        "hashed." => "ED25519",
        // One that the program does not know.
        "strange." => "ED448",
        _ => "ECDSAP256SHA256",
    };
    let signed = signer.sign(zone, &text, algorithm, options);
    delegation.push_str(&signed.ds);
    let text = match zone {
        "stripped." => text,
        "changed." => {
            let changed = signed.text.replace("192.0.2.0/24", "192.0.0.0/16");
            assert_ne!(changed, signed.text);
            changed
        }
        _ => signed.text,
    };
    (text, delegation)
}

/// The servers, as long as a test runs.
pub(crate) struct World {
    authority: Running,
    resolver: Running,
    pub(crate) anchors: TrustAnchors,
    /// Keys of a root that is not this one.
    pub(crate) others: TrustAnchors,
}

impl World {
    /// The root with these zones, or all for none; `soon` is for how many seconds
    /// the signatures of one of them last. `None`, and a word on stderr, where a
    /// program is missing.
    pub(crate) fn start(folder: &Path, wanted: &[&str], soon: u32) -> Option<World> {
        let signer = Signer::installed(folder)?;
        let [server, resolver] = programs(["nsd", "unbound"])?;
        let mut root = String::new();
        let mut served: Vec<(&str, String)> = Vec::new();
        for (zone, records) in ZONES {
            if wanted.is_empty() || wanted.contains(&zone) {
                let (text, delegation) = zone_and_delegation(&signer, zone, records, soon);
                root.push_str(&delegation);
                served.push((zone, text));
            }
        }
        let root = format!(
            "$TTL {TTL}\n. IN SOA ns.signed. hostmaster.signed. 1 3600 600 86400 {NEGATIVE_TTL}\n\
             . IN NS ns.signed.\n{root}"
        );
        let signed = signer.sign(".", &root, "RSASHA256", &[]);
        let others = signer.sign(".", &root, "ECDSAP256SHA256", &[]);
        served.push((".", signed.text));
        let zones: Vec<(&str, &str)> =
            served.iter().map(|(zone, text)| (*zone, text.as_str())).collect();
        let authority = nsd(&server, &subfolder(folder, "nsd"), &zones);
        let names: Vec<&str> = zones.iter().map(|(zone, _)| *zone).collect();
        let resolver =
            strict_resolver(&resolver, &subfolder(folder, "unbound"), authority.address, &names);
        let anchors = |key: &str| TrustAnchors::read(key).unwrap();
        let (anchors, others) = (anchors(&signed.key), anchors(&others.key));
        Some(World { authority, resolver, anchors, others })
    }

    /// The server of the zones, and a resolver in front of it that does not
    /// validate.
    pub(crate) fn servers(&self) -> [SocketAddr; 2] {
        [self.authority.address, self.resolver.address]
    }
}

fn subfolder(folder: &Path, name: &str) -> std::path::PathBuf {
    let folder = folder.join(name);
    std::fs::create_dir(&folder).unwrap();
    folder
}
