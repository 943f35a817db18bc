//! DNS messages in the terms of this program.
//!
//! What a message says of each name on the way is kept; following it is done
//! by the chain of aliases. Records that answer nothing are left out.

use hickory_net::{DnsError, NetError};
use hickory_proto::dnssec::Proof;
use hickory_proto::op::{DnsResponse, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType as WireType};

use crate::dns::alias::AliasChain;
use crate::dns::{Failure, MailExchange, Question, RecordType, Records, Reply, Txt};
use crate::name::DomainName;

/// The obsolete type SPF, which the library does not know (RFC 7208 section 14.1).
const SPF_TYPE: u16 = 99;
/// The longest TTL; what is longer counts as none (RFC 2181 section 8).
const LONGEST_TTL: u32 = i32::MAX as u32;

/// An answer of a server, aliases not yet followed.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    no_name: bool,
    records: Vec<(DomainName, u32, Datum)>,
    authority: Option<Authority>,
}

/// The start of authority that comes with a negative answer (RFC 2308).
#[derive(Clone, Debug)]
struct Authority {
    apex: DomainName,
    negative_ttl: u32,
}

#[derive(Clone, Debug)]
enum Datum {
    Alias(DomainName),
    Record(Records),
}

/// What to do behind a response.
#[derive(Clone, Debug)]
pub(super) enum Next {
    /// This is the answer, with its TTL.
    Answer(Reply, Option<u32>),
    /// The chain left what the server told: ask for its owner.
    AskOwner,
}

impl Response {
    /// Follows the aliases of the response from the owner of `chain`.
    ///
    /// # Errors
    ///
    /// [`Failure::Aliases`] where they are a loop or too many.
    pub(super) fn follow(
        &self,
        chain: &mut AliasChain,
        record_type: RecordType,
    ) -> Result<Next, Failure> {
        let mut moved = false;
        loop {
            if let Some((records, ttl)) = self.records_of(chain.owner(), record_type) {
                return Ok(Next::Answer(Reply::Records(records), Some(ttl)));
            }
            let Some((target, ttl)) = self.alias_of(chain.owner()) else {
                return Ok(self.end(chain.owner(), moved));
            };
            chain.follow(target.clone(), Some(ttl))?;
            moved = true;
        }
    }

    /// What a validated message says of one name and nothing else. The start of
    /// authority is one that was not found to be bogus.
    pub(super) fn of_name(name: &Name, response: &DnsResponse) -> Response {
        let own = response.answers.iter().filter(|record| record.name == *name);
        let records: Vec<_> = own.filter_map(read_record).collect();
        let proven = |record: &&Record| matches!(record.proof, Proof::Secure | Proof::Insecure);
        let authority = response.authorities.iter().filter(proven).find_map(read_authority);
        // With an alias there, the code is that of its last target.
        let no_name = records.is_empty() && response.response_code == ResponseCode::NXDomain;
        let authority = authority.filter(|_| records.is_empty());
        Response { no_name, records, authority }
    }

    /// What one alias says.
    pub(super) fn of_alias(record: &Record) -> Response {
        Response { records: read_record(record).into_iter().collect(), ..Response::default() }
    }

    /// Whether it holds a record or an alias.
    pub(super) fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// The negative answer for `owner`, unless it is the target of an alias
    /// that the server said nothing about. The response code is that of the
    /// last name of a chain (RFC 6604 section 3).
    fn end(&self, owner: &DomainName, moved: bool) -> Next {
        let authority = self.authority.as_ref().filter(|soa| owner.is_at_or_below(&soa.apex));
        let ttl = authority.map(|soa| soa.negative_ttl);
        if self.no_name {
            Next::Answer(Reply::NoName, ttl)
        } else if moved && authority.is_none() {
            Next::AskOwner
        } else {
            Next::Answer(Reply::NoData, ttl)
        }
    }

    fn records_of(&self, owner: &DomainName, record_type: RecordType) -> Option<(Records, u32)> {
        let mut found: Option<(Records, u32)> = None;
        for (name, ttl, datum) in &self.records {
            let Datum::Record(record) = datum else { continue };
            if record.record_type() != record_type || name != owner {
                continue;
            }
            match &mut found {
                Some((records, shortest)) => {
                    records.append(record.clone());
                    *shortest = (*shortest).min(*ttl);
                }
                None => found = Some((record.clone(), *ttl)),
            }
        }
        found
    }

    fn alias_of(&self, owner: &DomainName) -> Option<(&DomainName, u32)> {
        self.records.iter().find_map(|(name, ttl, datum)| match datum {
            Datum::Alias(target) if name == owner => Some((target, *ttl)),
            _ => None,
        })
    }
}

/// The query of a question.
///
/// # Errors
///
/// [`Failure::Malformed`] where the name does not fit a message, which no
/// [`DomainName`] is known to do.
pub(super) fn query(question: &Question) -> Result<Query, Failure> {
    let name = Name::from_labels(question.name.labels()).map_err(|_| Failure::Malformed)?;
    let record_type = match question.record_type {
        RecordType::A => WireType::A,
        RecordType::Aaaa => WireType::AAAA,
        RecordType::Mx => WireType::MX,
        RecordType::Txt => WireType::TXT,
        RecordType::Ptr => WireType::PTR,
        RecordType::Spf => WireType::Unknown(SPF_TYPE),
    };
    Ok(Query::query(name, record_type))
}

/// What came of asking.
///
/// # Errors
///
/// The failure, where it is no answer.
pub(super) fn read(outcome: Result<DnsResponse, NetError>) -> Result<Response, Failure> {
    match outcome {
        Ok(response) => read_response(&response),
        // A server that sends whoever asks elsewhere does not say that there is nothing
        // (RFC 2308 section 2.2).
        Err(NetError::Dns(DnsError::NoRecordsFound(negative)))
            if negative.response_code == ResponseCode::NoError
                && negative.soa.is_none()
                && negative.ns.is_some() =>
        {
            Err(Failure::Malformed)
        }
        Err(NetError::Dns(DnsError::NoRecordsFound(negative))) => Ok(Response {
            no_name: negative.response_code == ResponseCode::NXDomain,
            records: Vec::new(),
            authority: negative.soa.and_then(|soa| read_authority(&soa.into_record_of_rdata())),
        }),
        Err(error) => Err(failure(&error)),
    }
}

fn read_response(response: &DnsResponse) -> Result<Response, Failure> {
    let no_name = match response.response_code {
        ResponseCode::NoError => false,
        ResponseCode::NXDomain => true,
        code => return Err(code_failure(code)),
    };
    let authority = response.authorities.iter().find_map(read_authority);
    let records = response.answers.iter().filter_map(read_record).collect();
    Ok(Response { no_name, records, authority })
}

fn read_record(record: &Record) -> Option<(DomainName, u32, Datum)> {
    let datum = match &record.data {
        RData::A(address) => Datum::Record(Records::A(vec![address.0])),
        RData::AAAA(address) => Datum::Record(Records::Aaaa(vec![address.0])),
        RData::MX(mx) => {
            let exchange = domain_name(&mx.exchange)?;
            let preference = mx.preference;
            Datum::Record(Records::Mx(vec![MailExchange { preference, exchange }]))
        }
        RData::TXT(text) => Datum::Record(Records::Txt(vec![Txt::new(text.txt_data.iter())])),
        RData::PTR(name) => Datum::Record(Records::Ptr(vec![domain_name(&name.0)?])),
        RData::Unknown { code: WireType::Unknown(SPF_TYPE), rdata } => {
            Datum::Record(Records::Spf(vec![Txt::from_rdata(&rdata.anything)?]))
        }
        RData::CNAME(name) => Datum::Alias(domain_name(&name.0)?),
        _ => return None,
    };
    Some((domain_name(&record.name)?, ttl(record.ttl), datum))
}

fn read_authority(record: &Record) -> Option<Authority> {
    let RData::SOA(soa) = &record.data else { return None };
    let negative_ttl = ttl(record.ttl.min(soa.minimum));
    Some(Authority { apex: domain_name(&record.name)?, negative_ttl })
}

fn ttl(seconds: u32) -> u32 {
    if seconds > LONGEST_TTL { 0 } else { seconds }
}

/// The name in the terms of this program.
pub(super) fn domain_name(name: &Name) -> Option<DomainName> {
    DomainName::from_labels(name.iter()).ok()
}

/// Why asking gave no answer.
pub(super) fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => code_failure(*code),
        NetError::Timeout => Failure::Timeout,
        NetError::Proto(_) | NetError::QueryCaseMismatch | NetError::ForeignClassRecord { .. } => {
            Failure::Malformed
        }
        // A truncated answer is left when the connection for the whole one failed.
        _ => Failure::Unreachable,
    }
}

/// Why a response code is no answer.
pub(super) fn code_failure(code: ResponseCode) -> Failure {
    match code {
        ResponseCode::ServFail => Failure::ServerFailure,
        ResponseCode::Refused => Failure::Refused,
        code => Failure::ResponseCode(code.into()),
    }
}
