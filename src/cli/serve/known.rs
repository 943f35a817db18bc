//! What the HTTP side is told of the server.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::cli::control::{Controlled, Order, Reply};
use crate::config::ServeConfig;
use crate::http::{Overseer, ServedPolicy};
use crate::refresh::{StateDirectory, Status};
use crate::responder::Service;

use super::orders::Orders;
use super::upkeep::Task;

/// How long the thread that keeps the zones may take to say what a source serves.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the server, for the HTTP side.
pub(super) struct Known {
    orders: Orders,
    tasks: UnboundedSender<Task>,
    /// There from when zones are served.
    service: OnceLock<Arc<Service>>,
    history: Option<PathBuf>,
    /// Whether only images are served.
    image_only: bool,
    /// Policies as they were last asked for.
    policies: Mutex<HashMap<String, ServedPolicy>>,
}

impl Known {
    /// Nothing is served yet.
    pub(super) fn new(
        orders: Orders,
        tasks: UnboundedSender<Task>,
        config: &ServeConfig,
        image_only: bool,
    ) -> Known {
        let state = config.state.clone().filter(|_| !image_only);
        Known {
            orders,
            tasks,
            service: OnceLock::new(),
            history: state.map(|path| StateDirectory::at(path).history()),
            image_only,
            policies: Mutex::default(),
        }
    }

    /// Zones are served from now on.
    pub(super) fn serves(&self, service: &Arc<Service>) {
        // It is told once.
        let _ = self.service.set(Arc::clone(service));
    }

    fn order(&self, order: Order) -> Result<String, String> {
        match self.orders.follow(order) {
            Reply::Done { said } => Ok(said),
            Reply::Refused { reason } => Err(reason),
            Reply::Status(_) => Err("the server says something else".to_owned()),
        }
    }
}

impl Overseer for Known {
    fn status(&self) -> Option<Status> {
        // Before sources were read for the first time, nobody is kept waiting for it.
        self.orders.status().filter(|_| !self.image_only)
    }

    fn is_ready(&self) -> bool {
        self.service.get().is_some()
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.service.get().map(|service| service.counts().iter().collect()).unwrap_or_default()
    }

    fn policy(&self, source: &str) -> Option<ServedPolicy> {
        let status = self.status()?;
        let status = status.sources.into_iter().find(|it| it.source == source)?;
        let known = |policies: &HashMap<String, ServedPolicy>| {
            let found = policies.get(source).filter(|it| Some(it.version) == status.version);
            found.cloned()
        };
        let policies = || self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = known(&policies()) {
            return Some(policy);
        }
        let (sender, reply) = channel();
        self.tasks.send(Task::Policy(source.to_owned(), sender)).ok()?;
        let policy = reply.recv_timeout(PATIENCE).ok()??;
        policies().insert(source.to_owned(), policy.clone());
        Some(policy)
    }

    fn history(&self) -> Option<PathBuf> {
        self.history.clone()
    }

    fn accept(&self, source: &str, since: Option<i64>) -> Result<String, String> {
        self.order(Order::Accept { source: source.to_owned(), since })
    }

    fn roll_back(&self, source: &str, version: u64) -> Result<String, String> {
        self.order(Order::RollBack { source: source.to_owned(), version })
    }
}
