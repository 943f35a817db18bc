//! What a validated message proves of the one name and type that was asked.
//!
//! The validator marks each record by itself, and checks denials where there are
//! some. What it lets pass is not yet an answer to the question: records of other
//! zones in the authority section prove nothing, and a wildcard's records are
//! proven only together with the denial of the name itself (RFC 4035 section
//! 5.3.4). That is checked here. Nothing is asked.

use hickory_net::{DnsError, NetError};
use hickory_proto::dnssec::Proof;
use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::op::{DnsResponse, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType as WireType};

use super::message::{Response, code_failure, failure};
use super::{dname, wildcard};
use crate::dns::Failure;

/// What came of asking and validating.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Signed, by a chain from a trust anchor.
    Secure(Response),
    /// Proven to be unsigned.
    Insecure(Response),
    /// Neither.
    Bogus,
    /// Neither, but the name is an alias of another, which may be all that can be
    /// proven at once: denials for its target stand in the same message.
    AskAlias,
    /// No answer.
    Failed(Failure),
}

/// Reads what a validator gave for a question. Of an answer only what stands at
/// the name itself is taken: records, or an alias.
pub(super) fn judge(query: &Query, outcome: Result<DnsResponse, NetError>) -> Verdict {
    match outcome {
        Ok(response) => match response.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => judge_answer(query, &response),
            code => Verdict::Failed(code_failure(code)),
        },
        Err(NetError::Dns(DnsError::Nsec { response, proof, .. })) => {
            let alias = |record: &&Record| record.record_type() == WireType::CNAME;
            if wildcard::answers(query, own(query, &response), &response) {
                Verdict::Secure(Response::of_name(query.name(), &response))
            } else if query.query_type != WireType::CNAME
                && own(query, &response).any(|it| alias(&it))
            {
                Verdict::AskAlias
            } else if proof == Proof::Insecure && costly_denial(query, &response) {
                Verdict::Insecure(Response::of_name(query.name(), &response))
            } else {
                Verdict::Bogus
            }
        }
        Err(NetError::Dns(DnsError::DnssecBogus)) => Verdict::Bogus,
        Err(error) => Verdict::Failed(failure(&error)),
    }
}

fn judge_answer(query: &Query, response: &DnsResponse) -> Verdict {
    let denied = response.authorities.iter().any(|record| {
        let denial = matches!(record.record_type(), WireType::NSEC | WireType::NSEC3);
        denial && record.proof == Proof::Secure
    });
    let proof = match own(query, response).map(|record| record.proof).min() {
        Some(Proof::Secure) => match signed_labels(query, response).as_slice() {
            [labels] if *labels < query.name().num_labels() && !denied => Proof::Bogus,
            [_] => Proof::Secure,
            // The denial was checked for a wildcard that one of them chose.
            _ => Proof::Bogus,
        },
        Some(proof) => proof,
        None => denial_proof(query, response, denied),
    };
    match proof {
        Proof::Secure => Verdict::Secure(Response::of_name(query.name(), response)),
        Proof::Insecure => Verdict::Insecure(Response::of_name(query.name(), response)),
        Proof::Bogus | Proof::Indeterminate => match dname::secure_alias(query, response) {
            Some(alias) => Verdict::Secure(Response::of_alias(&alias)),
            None => Verdict::Bogus,
        },
    }
}

/// What stands at the name that was asked, of the type or an alias.
fn own<'r>(query: &Query, response: &'r DnsResponse) -> impl Iterator<Item = &'r Record> {
    response.answers.iter().filter(|record| {
        let wanted = [query.query_type, WireType::CNAME].contains(&record.record_type());
        wanted && record.name == *query.name()
    })
}

/// Of how many labels the names were that the signatures at the name were made for,
/// each once: fewer than the name has are those of a wildcard's parent (RFC 4034
/// section 3.1.3).
fn signed_labels(query: &Query, response: &DnsResponse) -> Vec<u8> {
    let own = response.answers.iter().filter(|record| record.name == *query.name());
    let mut labels: Vec<u8> = own
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature)) => Some(signature.input().num_labels),
            _ => None,
        })
        .collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The proof of an answer without records at the name. Denials were checked by
/// the validator where it found one to be secure.
fn denial_proof(query: &Query, response: &DnsResponse, denied: bool) -> Proof {
    let other = |record: &Record| record.record_type() != WireType::RRSIG;
    if response.answers.iter().any(other) {
        // The denial may be that of what stands there instead.
        return Proof::Bogus;
    }
    let unsigned_above =
        |record: &Record| record.proof == Proof::Insecure && record.name.zone_of(query.name());
    // Without any authority the validator has looked for the zone itself.
    let unsigned =
        response.authorities.is_empty() || response.authorities.iter().any(unsigned_above);
    match (denied, unsigned) {
        (true, _) => Proof::Secure,
        (false, true) => Proof::Insecure,
        (false, false) => Proof::Bogus,
    }
}

/// Whether the name's own zones deny with more rounds of hashing than anybody
/// should count: such a zone is as good as unsigned (RFC 9276 section 3.2).
fn costly_denial(query: &Query, response: &DnsResponse) -> bool {
    let zones: Vec<Name> = response
        .authorities
        .iter()
        .filter(|record| record.record_type() == WireType::NSEC3 && record.proof == Proof::Secure)
        .map(|record| record.name.base_name())
        .collect();
    let marked = |record: &Record| matches!(record.proof, Proof::Secure | Proof::Insecure);
    !zones.is_empty()
        && zones.iter().all(|zone| zone.zone_of(query.name()))
        && own(query, response).all(marked)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
