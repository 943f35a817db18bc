//! Aliases of whole trees of names (DNAME, RFC 6672). Servers send the alias of the
//! one name along, which nobody has signed: so it is made here, from the record
//! that is signed.

use hickory_proto::dnssec::Proof;
use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::op::{DnsResponse, Query};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

/// The alias of the name that was asked which a secure DNAME record above it makes.
/// A record that a wildcard has made counts for nothing.
pub(super) fn secure_alias(query: &Query, response: &DnsResponse) -> Option<Record> {
    response.answers.iter().find_map(|record| match &record.data {
        RData::Unknown { code: RecordType::DNAME, rdata }
            if record.proof == Proof::Secure && !by_wildcard(&record.name, response) =>
        {
            let target = Name::from_bytes(&rdata.anything).ok()?;
            let alias = moved(query.name(), &record.name, &target)?;
            let data = RData::CNAME(CNAME(alias));
            Some(Record::from_rdata(query.name().clone(), record.ttl, data))
        }
        _ => None,
    })
}

fn by_wildcard(owner: &Name, response: &DnsResponse) -> bool {
    response.answers.iter().any(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => {
            let input = signature.input();
            record.name == *owner
                && input.type_covered == RecordType::DNAME
                && input.num_labels < owner.num_labels()
        }
        _ => false,
    })
}

/// `name` with `target` in place of `above`; `None` where it is not below, or would
/// get too long.
fn moved(name: &Name, above: &Name, target: &Name) -> Option<Name> {
    let kept = name.iter().count().checked_sub(above.iter().count()).filter(|kept| *kept > 0)?;
    if !above.zone_of(name) {
        return None;
    }
    let mut moved = Name::from_labels(name.iter().take(kept).chain(target.iter())).ok()?;
    moved.set_fqdn(true);
    Some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_move_and_no_others() {
        let name = |text: &str| Name::from_ascii(text).unwrap();
        let moves = |from: &str, above: &str| moved(&name(from), &name(above), &name("b.z."));
        assert_eq!(moves("x.y.a.z.", "A.z."), Some(name("x.y.b.z.")));
        assert_eq!(moves("x.", "."), Some(name("x.b.z.")));
        for other in ["a.z.", "z.", "xa.z.", "x.c.z."] {
            assert_eq!(moves(other, "a.z."), None, "{other}");
        }
        let label = "x".repeat(63);
        let long = name(&format!("{label}.{label}.{label}.{}.", "x".repeat(57)));
        assert!(moved(&long, &Name::root(), &name("a.")).is_some());
        assert_eq!(moved(&long, &Name::root(), &name("aaaaaa.")), None);
    }
}
