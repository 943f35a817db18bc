//! DNSSEC validation in this program itself (RFC 4035 section 5): the servers
//! that are asked are trusted with nothing.
//!
//! Signatures, chains and denials are verified by the DNS library; `verdict`
//! says what that proves of a question. The library's cache of verdicts is not
//! used: it holds on to signatures past their end, for as long as the TTL on the
//! wire says. What it asks for itself is kept by `key_lookups`.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{self, Stream};
use hickory_net::dnssec::DnssecDnsHandle;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::xfer::{DnsHandle, FirstAnswer};
use hickory_net::{DnsError, NetError};
use hickory_proto::op::{DnsRequest, Query};
use hickory_proto::rr::RecordType as WireType;

use super::anchors::TrustAnchors;
use super::key_lookups::{KeyLookups, Outcome};
use super::message::{self, Response, failure};
use super::relevant::only_relevant;
use super::verdict::{Verdict, judge};
use super::{Servers, request_options};
use crate::dns::{Failure, Question};

/// How long one answer may take with all keys above it, as a multiple of the time
/// for one question.
const CHAIN_TIMES: u32 = 4;

/// What is asked of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DnssecMode {
    /// Nothing: answers are taken as they come.
    #[default]
    Off,
    /// Answers of signed zones have to be valid: others are [`Failure::Bogus`].
    /// Those of zones that are proven to be unsigned are taken, and so are those of
    /// zones signed with nothing but algorithms that this program does not know
    /// (RFC 4035 section 5.2).
    Prefer,
    /// In addition, answers of such zones are [`Failure::Unsigned`]. That a name
    /// is denied counts as signed also where unsigned zones may stand in between
    /// (opt-out, RFC 5155 section 6).
    Require,
}

/// Validates the answers of one run.
#[derive(Clone)]
pub(super) struct Validation {
    mode: DnssecMode,
    anchors: TrustAnchors,
    lookups: Arc<KeyLookups>,
}

impl Validation {
    /// Validates from these anchors; `None` where nothing is to be validated.
    pub(super) fn new(mode: DnssecMode, anchors: TrustAnchors) -> Option<Validation> {
        let validates = mode != DnssecMode::Off;
        validates.then(|| Validation { mode, anchors, lookups: Arc::default() })
    }

    /// The same, with nothing asked yet.
    pub(super) fn for_next_run(&self) -> Validation {
        Validation { lookups: Arc::default(), ..self.clone() }
    }

    /// What servers say to a question, where it is proven: the records or the
    /// alias at the name that is asked, and nothing of what lies behind an alias.
    ///
    /// # Errors
    ///
    /// [`Failure::Bogus`] and [`Failure::Unsigned`] as [`DnssecMode`] says; a
    /// failure of the servers, also where it is one in looking for keys.
    pub(super) async fn ask(
        &self,
        servers: Arc<Servers>,
        question: &Question,
    ) -> Result<Response, Failure> {
        let query = message::query(question)?;
        let link = Link { servers, lookups: self.lookups.clone(), failed: Arc::default() };
        let time = link.servers.timeout * CHAIN_TIMES;
        let verdict = tokio::time::timeout(time, self.verdict(query, &link)).await;
        match verdict.map_err(|_| Failure::Timeout)? {
            Verdict::Secure(response) => Ok(response),
            Verdict::Insecure(_) if self.mode == DnssecMode::Require => Err(Failure::Unsigned),
            Verdict::Insecure(response) => Ok(response),
            Verdict::Failed(failure) => Err(failure),
            Verdict::Bogus | Verdict::AskAlias => {
                self.lookups.forget();
                Err(link.failure().unwrap_or(Failure::Bogus))
            }
        }
    }

    async fn verdict(&self, query: Query, link: &Link) -> Verdict {
        let keys = self.anchors.keys.clone();
        let handle =
            DnssecDnsHandle::with_trust_anchor(link.clone(), keys).validation_cache_size(0);
        let ask = async |query: &Query| {
            let asked = handle.lookup(query.clone(), request_options());
            judge(query, asked.first_answer().await)
        };
        match ask(&query).await {
            Verdict::AskAlias => {}
            verdict => return verdict,
        }
        let alias = Query::query(query.name().clone(), WireType::CNAME);
        match ask(&alias).await {
            // Without the alias this is no answer to what was asked.
            Verdict::Secure(response) | Verdict::Insecure(response) if !response.has_records() => {
                Verdict::Bogus
            }
            verdict => verdict,
        }
    }
}

/// The servers as the validator of one question sees them.
#[derive(Clone)]
struct Link {
    servers: Arc<Servers>,
    lookups: Arc<KeyLookups>,
    /// The first failure in looking for keys: the validator does not tell it
    /// from a broken chain.
    failed: Arc<Mutex<Option<Failure>>>,
}

impl Link {
    fn failure(&self) -> Option<Failure> {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(self, request: DnsRequest) -> Outcome {
        let time = self.servers.timeout;
        let Some(query) = request.queries.first().cloned() else {
            return Err(NetError::Message("a request without a question"));
        };
        let servers = self.servers.clone();
        let asked = async move {
            let outcome = tokio::time::timeout(time, servers.exchange(&request)).await;
            outcome.unwrap_or(Err(NetError::Timeout))
        };
        if !KeyLookups::concerns(&query) {
            return only_relevant(&query, asked.await);
        }
        let outcome = self.lookups.answer(query, time, asked).await;
        match &outcome {
            Ok(_) | Err(NetError::Dns(DnsError::NoRecordsFound(_))) => {}
            Err(error) => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(failure(error));
            }
        }
        outcome
    }
}

impl DnsHandle for Link {
    type Response = Pin<Box<dyn Stream<Item = Outcome> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, mut request: DnsRequest) -> Self::Response {
        // Else a server that validates keeps back what is to be judged here (RFC
        // 6840 section 5.9).
        request.metadata.checking_disabled = true;
        Box::pin(stream::once(self.clone().exchange(request)))
    }
}
