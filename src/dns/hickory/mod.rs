//! The network: questions to name servers over UDP, and TCP where an answer is
//! truncated. Only the files of this module name hickory.
//!
//! It stands on hickory's pool of connections, below its resolver: no hosts
//! file, no search list, no name that is answered without being asked, and no
//! cache but that of one run. Aliases are followed by the program itself.

mod delegation;
mod message;

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::xfer::{DnsHandle, FirstAnswer};
use hickory_proto::op::DnsRequestOptions;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverOpts, ServerOrderingStrategy,
};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig, system_conf};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::alias::AliasChain;
use super::{Answer, Ask, Failure, Question, Reply};
pub use delegation::{Delegation, DelegationError};
use message::{Next, Response};

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
    asked: Arc<Mutex<HashMap<Question, Asked>>>,
    forgets: bool,
}

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
        let servers = servers.iter().map(|server| {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for connection in &mut connections {
                connection.port = server.port();
            }
            NameServerConfig::new(server.ip(), true, connections)
        });
        Hickory::of_servers(servers.collect(), timeout)
    }

    /// Asks the servers of the system's configuration.
    ///
    /// # Errors
    ///
    /// [`ServersError`] when that cannot be read or names none.
    pub fn system(timeout: Duration) -> Result<Hickory, ServersError> {
        let (config, _) =
            system_conf::read_system_conf().map_err(|error| ServersError::System(error.into()))?;
        Hickory::of_servers(config.name_servers().to_vec(), timeout)
    }

    /// The same servers, with nothing asked yet.
    pub fn for_next_run(&self) -> Hickory {
        Hickory { asked: Arc::default(), ..self.clone() }
    }

    /// The same servers, for a run that may ask more than there is room for: what
    /// is being asked is asked once, what was answered is forgotten. The target
    /// of an alias is asked again for another alias, where the servers do not
    /// send it along.
    pub fn forgetting(self) -> Hickory {
        Hickory { asked: Arc::default(), forgets: true, ..self }
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
        Ok(Hickory { servers, asked: Arc::default(), forgets: false })
    }

    /// What the servers say to a question, asked at most once.
    fn response(&self, question: Question) -> Asked {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .entry(question)
            .or_insert_with_key(|question| {
                let (servers, question) = (self.servers.clone(), question.clone());
                async move { servers.ask(&question).await.map(Arc::new) }.boxed().shared()
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
            let response = self.response(asked.clone()).await;
            if self.forgets {
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(&asked);
            }
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
        let mut first_failure = None;
        for pool in &self.pools {
            let outcome = pool.lookup(query.clone(), request_options()).first_answer().await;
            match message::read(outcome) {
                Err(failure @ (Failure::Timeout | Failure::Unreachable | Failure::Refused)) => {
                    first_failure.get_or_insert(failure);
                }
                answered => return answered,
            }
        }
        Err(first_failure.unwrap_or(Failure::Unreachable))
    }
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
