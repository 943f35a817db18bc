//! What stands beside a policy in DNS: questions that no receiver asks to
//! evaluate it, but whose answers its findings depend on.

use std::net::IpAddr;
use std::sync::Arc;

use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Reply};
use crate::lint::dmarc::{self, Dmarc};
use crate::lint::options::{LintOptions, Subject};
use crate::name::DomainName;
use crate::syntax::is_spf_record;

use super::Drifted;

/// Mail exchanges of a domain whose addresses are asked for at most.
const MOST_EXCHANGES: usize = 20;

/// A mail exchange that the domain names, at the domain or below it.
#[derive(Clone, Debug)]
pub(in crate::lint) struct OwnExchange {
    /// The host.
    pub(in crate::lint) host: DomainName,
    /// Its addresses, as far as DNS says.
    pub(in crate::lint) addresses: Vec<IpAddr>,
}

/// A name below the domain that is in use and has no SPF record.
#[derive(Clone, Debug)]
pub(in crate::lint) struct BareSubdomain {
    /// The name.
    pub(in crate::lint) name: DomainName,
    /// What it has: addresses or mail exchanges.
    pub(in crate::lint) held: RecordType,
}

/// What is looked at only where the user asked for it.
#[derive(Debug, Default)]
pub(in crate::lint) struct OnRequest {
    /// The domain's mail exchanges among its own hosts, for the rule that is off.
    pub(in crate::lint) own_exchanges: Vec<OwnExchange>,
    /// The names of the subject that are in use without an SPF record.
    pub(in crate::lint) bare_subdomains: Vec<BareSubdomain>,
    /// What changed since the policy was recorded; `None` where it was not.
    pub(in crate::lint) drifted: Option<Drifted>,
}

/// Asks for what stands beside the policy.
pub(super) struct Beside<'a> {
    lookup: &'a dyn Lookup,
    /// A recording answers, and what it lacks is not known.
    recorded: bool,
    /// Questions that have to be asked first.
    pub(super) missing: Vec<Question>,
    /// Questions that DNS failed to answer.
    pub(super) failures: Vec<(Question, Failure)>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(lookup: &'a dyn Lookup, recorded: bool) -> Self {
        Beside { lookup, recorded, missing: Vec::new(), failures: Vec::new() }
    }

    /// The answer; none where it has to be asked for first, which is noted, or
    /// where a recording lacks it, which nobody can mend.
    pub(super) fn ask(
        &mut self,
        name: &DomainName,
        record_type: RecordType,
    ) -> Option<Arc<Answer>> {
        let question = Question::new(name.clone(), record_type);
        match self.lookup.lookup(&question) {
            Ok(answer) => {
                self.failures.extend(answer.failure().map(|failure| (question, failure)));
                Some(answer)
            }
            Err(missing) => {
                if !self.recorded {
                    self.missing.push(missing);
                }
                None
            }
        }
    }

    /// The answer to a question that no receiver asks, and that a server may fail
    /// on for good: where it fails, nothing is known and nothing is said.
    pub(super) fn ask_aside(
        &mut self,
        name: &DomainName,
        record_type: RecordType,
    ) -> Option<Arc<Answer>> {
        let failures = self.failures.len();
        let answer = self.ask(name, record_type);
        self.failures.truncate(failures);
        answer.filter(|answer| answer.failure().is_none())
    }

    /// The DMARC record that counts: the nearest, at the domain or above it.
    pub(super) fn dmarc(&mut self, domain: &DomainName) -> Dmarc {
        let names = dmarc::record_names(domain);
        let answers: Vec<_> = names.iter().map(|name| self.ask(name, RecordType::Txt)).collect();
        for (index, (name, answer)) in names.into_iter().zip(answers).enumerate() {
            let Some(answer) = answer.filter(|answer| answer.failure().is_none()) else {
                return Dmarc::Unknown;
            };
            let texts: Vec<Vec<u8>> =
                answer.texts().iter().map(|text| text.joined().into_owned()).collect();
            if let Some(enforcing) = dmarc::enforcing(&texts, index > 0) {
                return Dmarc::Found { name, enforcing };
            }
        }
        Dmarc::Missing
    }

    /// Asks for what the user wants looked at.
    pub(super) fn on_request(
        &mut self,
        subject: &Subject,
        options: &LintOptions,
        domain: &DomainName,
    ) -> OnRequest {
        let mut found = OnRequest::default();
        if options.offline || subject.domain.is_none() {
            return found;
        }
        if options.beyond_policy && options.levels.wants("SPF608") {
            found.own_exchanges = self.own_exchanges(domain);
        }
        if options.beyond_policy && options.levels.wants("SPF609") {
            found.bare_subdomains = self.bare_subdomains(&subject.subdomains);
        }
        if let Some(baseline) = &subject.baseline {
            match Drifted::find(self.lookup, domain, baseline) {
                Ok(drifted) => found.drifted = Some(drifted),
                Err(questions) => self.missing.extend(questions),
            }
        }
        found
    }

    /// The domain's mail exchanges that are its own hosts.
    fn own_exchanges(&mut self, domain: &DomainName) -> Vec<OwnExchange> {
        let Some(answer) = self.ask(domain, RecordType::Mx) else { return Vec::new() };
        let own = |host: &DomainName| host.is_at_or_below(domain);
        let mut hosts: Vec<DomainName> =
            answer.mail_exchanges().iter().map(|exchange| exchange.exchange.clone()).collect();
        hosts.retain(own);
        hosts.sort();
        hosts.dedup();
        hosts.truncate(MOST_EXCHANGES);
        let with_addresses = |host: DomainName| {
            let ip4 = self.ask(&host, RecordType::A);
            let ip6 = self.ask(&host, RecordType::Aaaa);
            let ip4 = ip4.iter().flat_map(|answer| answer.ip4_addresses()).map(|ip| (*ip).into());
            let ip6 = ip6.iter().flat_map(|answer| answer.ip6_addresses()).map(|ip| (*ip).into());
            let addresses = ip4.chain(ip6).collect();
            OwnExchange { host, addresses }
        };
        hosts.into_iter().map(with_addresses).collect()
    }

    /// Those of `names` that are in use without an SPF record.
    fn bare_subdomains(&mut self, names: &[DomainName]) -> Vec<BareSubdomain> {
        let mut bare = Vec::new();
        for name in names {
            let Some(answer) = self.ask(name, RecordType::Txt) else { continue };
            let has_record = answer.texts().iter().any(|text| is_spf_record(&text.joined()));
            if has_record || answer.failure().is_some() {
                continue;
            }
            let types = [RecordType::A, RecordType::Aaaa, RecordType::Mx];
            let answers = types.map(|record_type| (record_type, self.ask(name, record_type)));
            let holds = |answer: &Answer| match answer.mail_exchanges() {
                // A null MX says that the name takes no mail (RFC 7505).
                [only] => !only.exchange.is_root(),
                _ => matches!(answer.reply, Reply::Records(_)),
            };
            let held = answers.into_iter().find(|(_, answer)| answer.as_deref().is_some_and(holds));
            bare.extend(held.map(|(held, _)| BareSubdomain { name: name.clone(), held }));
        }
        bare
    }
}
