//! Orders of a person, handed to the thread that keeps the zones.

use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::cli::control::{Controlled, Order, Reply};
use crate::refresh::Status;

use super::upkeep::{Task, Told};

/// How long the thread may be busy: with sources whose DNS does not answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// Hands orders on.
#[derive(Debug)]
pub(super) struct Orders {
    tasks: UnboundedSender<Task>,
    told: Told,
}

impl Orders {
    pub(super) fn new(tasks: UnboundedSender<Task>, told: Told) -> Orders {
        Orders { tasks, told }
    }

    /// How sources do, as was told last; none before that.
    pub(super) fn status(&self) -> Option<Status> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        told.map(|(status, at)| status.later(at.elapsed().as_secs()))
    }
}

impl Controlled for Orders {
    fn follow(&self, order: Order) -> Reply {
        // What was told last is there at once, however busy the thread is.
        if let Some(status) = self.status().filter(|_| order == Order::Status) {
            return Reply::Status(Box::new(status));
        }
        let (sender, reply) = channel();
        let refused = |reason: &str| Reply::Refused { reason: reason.to_owned() };
        if self.tasks.send(Task::Follow(order, sender)).is_err() {
            return refused("the server ends");
        }
        reply.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            refused("the server still reads its sources: the order waits, and 'spfc status' tells what became of it")
        })
    }
}
