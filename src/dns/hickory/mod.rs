//! The network: questions to name servers over UDP, and TCP where an answer is
//! truncated. Only the files of this module name hickory.
//!
//! It stands on hickory's pool of connections, below its resolver: no hosts
//! file, no search list, no name that is answered without being asked, and no
//! cache but that of one run. Aliases are followed by the program itself, and
//! answers are validated by it where that is wanted (`validation`).

mod anchors;
mod delegation;
mod dname;
mod key_lookups;
mod message;
mod relevant;
mod validation;
mod verdict;
mod wildcard;

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::xfer::{DnsHandle, FirstAnswer};
use hickory_net::{DnsError, NetError};
use hickory_proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, ResponseCode};
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverOpts, ServerOrderingStrategy,
};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig, system_conf};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::alias::AliasChain;
use super::{Answer, Ask, DNS_PORT, Failure, Question, QuorumError, Reply};
pub use anchors::{TrustAnchors, TrustAnchorsError};
pub use delegation::{Delegation, DelegationError};
use message::{Next, Response};
pub use validation::DnssecMode;
use validation::Validation;

/// The UDP payload that questions allow, in octets (RFC 9715).
pub const UDP_PAYLOAD_OCTETS: u16 = 1232;
/// Questions that wait for an answer at once. Each takes a socket, and up to
/// three where it is sent again; systems grant some 1,000.
pub const QUESTIONS_AT_ONCE: usize = 256;

type Pool = NameServerPool<TokioRuntimeProvider>;
type Asked = Shared<BoxFuture<'static, Result<Arc<Response>, Failure>>>;

/// Asks name servers, in the given order: the next one where one does not
/// answer or refuses.
///
/// One value serves one run. It keeps what the servers said, so that the
/// target of two aliases is asked once; [`Hickory::for_next_run`] forgets it,
/// and [`Hickory::forgetting`] keeps nothing to begin with.
#[derive(Clone)]
pub struct Hickory {
    servers: Arc<Servers>,
    asked: AskedQuestions,
    forgets: bool,
    validation: Option<Validation>,
}

type AskedQuestions = Arc<Mutex<HashMap<Question, Asked>>>;

/// Forgets a question when whoever asked it has the answer or goes away.
struct Forget(AskedQuestions, Question);

struct Servers {
    pools: Vec<Pool>,
    timeout: Duration,
    permits: Semaphore,
}

/// Why no server can be asked. The fault lies with the configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServersError {
    /// An empty list of servers.
    #[error("there is no name server to ask")]
    NoServer,
    /// The configuration of the system cannot be read.
    #[error("cannot read the system's name servers: {0}")]
    System(#[source] Box<dyn Error + Send + Sync>),
    /// The DNS client cannot be set up.
    #[error("cannot set up the DNS client: {0}")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// The servers make no quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
}

impl Hickory {
    /// Asks these servers. `timeout` bounds the time for one question to all of
    /// them together, once its turn has come; each alias that has to be asked
    /// for counts anew.
    ///
    /// # Errors
    ///
    /// [`ServersError`] for an empty list.
    pub fn new(servers: &[SocketAddr], timeout: Duration) -> Result<Hickory, ServersError> {
        Hickory::of_servers(servers.iter().map(configured).collect(), timeout)
    }

    /// Asks each of these servers alone, by their addresses; one that is named twice is
    /// one.
    ///
    /// # Errors
    ///
    /// [`ServersError`] for an empty list.
    pub fn each(
        servers: &[SocketAddr],
        timeout: Duration,
    ) -> Result<Vec<(SocketAddr, Hickory)>, ServersError> {
        Hickory::of_each(servers.iter().map(configured).collect(), timeout)
    }

    /// Asks the servers of the system's configuration.
    ///
    /// # Errors
    ///
    /// [`ServersError`] when that cannot be read or names none.
    pub fn system(timeout: Duration) -> Result<Hickory, ServersError> {
        Hickory::of_servers(system_servers()?, timeout)
    }

    /// Asks each of the servers of the system's configuration alone, by their addresses.
    ///
    /// # Errors
    ///
    /// [`ServersError`] when that cannot be read or names none.
    pub fn system_each(timeout: Duration) -> Result<Vec<(SocketAddr, Hickory)>, ServersError> {
        Hickory::of_each(system_servers()?, timeout)
    }

    /// The same servers, with nothing asked yet.
    pub fn for_next_run(&self) -> Hickory {
        let validation = self.validation.as_ref().map(Validation::for_next_run);
        Hickory { asked: Arc::default(), validation, ..self.clone() }
    }

    /// The same servers, their answers validated by this program. What they say
    /// of an alias's target is asked for by itself, so that each name on the way
    /// is proven: an answer behind aliases is as good as the worst of them. Keys
    /// that were looked for stay some minutes; signatures are verified for each
    /// answer anew. With all keys above it, one answer may take four times the
    /// time for a question.
    pub fn validating(self, mode: DnssecMode, anchors: &TrustAnchors) -> Hickory {
        let validation = Validation::new(mode, anchors.clone());
        Hickory { asked: Arc::default(), validation, ..self }
    }

    /// The same servers, for a run that may ask more than there is room for: what
    /// is being asked is asked once, what was answered is forgotten. The target
    /// of an alias is asked again for another alias, where the servers do not
    /// send it along.
    pub fn forgetting(self) -> Hickory {
        Hickory { asked: Arc::default(), forgets: true, ..self }
    }

    fn of_each(
        servers: Vec<NameServerConfig>,
        timeout: Duration,
    ) -> Result<Vec<(SocketAddr, Hickory)>, ServersError> {
        if servers.is_empty() {
            return Err(ServersError::NoServer);
        }
        let mut seen = HashSet::new();
        let address = |server: &NameServerConfig| {
            let port = server.connections.first().map_or(DNS_PORT, |it| it.port);
            SocketAddr::new(server.ip, port)
        };
        let named = servers.into_iter().map(|server| (address(&server), server));
        let different = named.filter(|(address, _)| seen.insert(*address));
        different
            .map(|(address, server)| Ok((address, Hickory::of_servers(vec![server], timeout)?)))
            .collect()
    }

    fn of_servers(
        servers: Vec<NameServerConfig>,
        timeout: Duration,
    ) -> Result<Hickory, ServersError> {
        let count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return Err(ServersError::NoServer);
        }
        // A pool of several servers stops at the first that does not answer:
        // its time is that of the whole question. So each has a pool of its own.
        let options = options(timeout / count);
        let pools: Result<Vec<Pool>, ServersError> = servers
            .into_iter()
            .map(|server| {
                let tls = TlsConfig::new().map_err(|error| ServersError::Client(error.into()))?;
                let context = Arc::new(PoolContext::new(options.clone(), tls));
                Ok(Pool::from_config([server], context, TokioRuntimeProvider::default()))
            })
            .collect();
        let permits = Semaphore::new(QUESTIONS_AT_ONCE);
        let servers = Arc::new(Servers { pools: pools?, timeout, permits });
        Ok(Hickory { servers, asked: Arc::default(), forgets: false, validation: None })
    }

    /// What the servers say to a question, asked at most once.
    fn response(&self, question: Question) -> Asked {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .entry(question)
            .or_insert_with_key(|question| {
                let (servers, question) = (self.servers.clone(), question.clone());
                let validation = self.validation.clone();
                async move {
                    let response = match validation {
                        Some(validation) => validation.ask(servers, &question).await,
                        None => servers.ask(&question).await,
                    };
                    response.map(Arc::new)
                }
                .boxed()
                .shared()
            })
            .clone()
    }

    /// Asks, and follows the aliases of the answer.
    async fn answer(self, question: Question) -> Answer {
        // Held out here: what is abandoned with this future frees its place.
        let _permit = self.servers.permits.acquire().await.ok();
        let mut chain = AliasChain::new(question.name);
        loop {
            let asked = Question::new(chain.owner().clone(), question.record_type);
            let forget = self.forgets.then(|| Forget(self.asked.clone(), asked.clone()));
            let response = self.response(asked).await;
            drop(forget);
            let next = match response {
                Ok(response) => response.follow(&mut chain, question.record_type),
                Err(failure) => Err(failure),
            };
            match next {
                Ok(Next::Answer(reply, ttl)) => return chain.end(reply, ttl),
                Ok(Next::AskOwner) => {}
                Err(failure) => return chain.end(Reply::Failure(failure), None),
            }
        }
    }
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Ask for Hickory {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        self.clone().answer(question).boxed()
    }
}

impl Servers {
    async fn ask(&self, question: &Question) -> Result<Response, Failure> {
        tokio::time::timeout(self.timeout, self.ask_in_turn(question))
            .await
            .unwrap_or(Err(Failure::Timeout))
    }

    async fn ask_in_turn(&self, question: &Question) -> Result<Response, Failure> {
        let query = message::query(question)?;
        message::read(self.exchange(&DnsRequest::from_query(query, request_options())).await)
    }

    /// Sends a request to one server after the other, until one answers it.
    async fn exchange(&self, request: &DnsRequest) -> Result<DnsResponse, NetError> {
        let mut first_failure = None;
        for pool in &self.pools {
            let outcome = pool.send(request.clone()).first_answer().await;
            if !asks_on(&outcome) {
                return outcome;
            }
            first_failure.get_or_insert(outcome);
        }
        first_failure.unwrap_or(Err(NetError::NoConnections))
    }
}

/// Whether the next server is asked where one gave this.
fn asks_on(outcome: &Result<DnsResponse, NetError>) -> bool {
    match outcome {
        Ok(response) => response.response_code == ResponseCode::Refused,
        Err(NetError::Dns(DnsError::NoRecordsFound(_))) => false,
        Err(error) => matches!(
            message::failure(error),
            Failure::Timeout | Failure::Unreachable | Failure::Refused
        ),
    }
}

fn configured(server: &SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    NameServerConfig::new(server.ip(), true, connections)
}

fn system_servers() -> Result<Vec<NameServerConfig>, ServersError> {
    let (config, _) =
        system_conf::read_system_conf().map_err(|error| ServersError::System(error.into()))?;
    Ok(config.name_servers().to_vec())
}

fn options(timeout: Duration) -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = timeout;
    options.num_concurrent_reqs = 1;
    options.max_active_requests = 2 * QUESTIONS_AT_ONCE;
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    options
}

fn request_options() -> DnsRequestOptions {
    let mut options = DnsRequestOptions::default();
    options.use_edns = true;
    options.edns_payload_len = UDP_PAYLOAD_OCTETS;
    options.recursion_desired = true;
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordType;
    use crate::name::DomainName;
    use std::net::{Ipv4Addr, UdpSocket};

    /// As the slower ones of a quorum are.
    #[test]
    fn a_question_that_is_dropped_leaves_nothing_behind() {
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let servers = [silent.local_addr().unwrap()];
        let hickory = Hickory::new(&servers, Duration::from_secs(60)).unwrap().forgetting();
        let question = Question::new(DomainName::root(), RecordType::Txt);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let asked = hickory.ask(question);
            let known = async {
                while hickory.asked.lock().unwrap().is_empty() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! { _ = asked => panic!("there is nobody"), () = known => {} }
        });
        assert!(hickory.asked.lock().unwrap().is_empty());
    }
}
