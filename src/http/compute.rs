//! Work that is done for who asks: programs over DNS, few at once, and each for a short
//! time.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::dns::{Ask, Cache, Lookup, Step, gather};

use super::problem::Problem;

/// Programs that run at once: beside DNS, which is answered by other threads.
const AT_ONCE: usize = 2;
/// Programs that run or wait for their turn.
const WAITING: usize = 32;
/// How long the answers of DNS are waited for, all of them together.
const DNS_TIME: Duration = Duration::from_secs(10);
/// How long a request waits in all.
const TIME: Duration = Duration::from_secs(20);

/// Runs programs.
pub(super) struct Compute {
    asker: Arc<dyn Ask + Send + Sync>,
    seats: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Compute {
    /// Asks this one.
    pub(super) fn new(asker: Arc<dyn Ask + Send + Sync>) -> Compute {
        let (seats, queue) = (Semaphore::new(AT_ONCE), Semaphore::new(WAITING));
        Compute { asker, seats: Arc::new(seats), queue: Arc::new(queue) }
    }

    /// Runs a program to its end. A program that nobody waits for any more goes on, and
    /// keeps its seat.
    ///
    /// # Errors
    ///
    /// Too many of them, too much time, and DNS that does not answer.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        mut program: impl FnMut(&dyn Lookup) -> Step<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let asker = Arc::clone(&self.asker);
        self.blocking(move |handle| {
            let mut cache = Cache::default();
            let run = gather(&*asker, &mut cache, |lookup| program(lookup));
            match handle.block_on(timeout(DNS_TIME, run)) {
                Err(_) => Err(Problem::late()),
                Ok(Ok(done)) => Ok(done),
                Ok(Err(question)) => {
                    Err(Problem::internal(format!("{question} is asked for ever")))
                }
            }
        })
        .await
    }

    /// Does something that takes time or waits for a disk.
    ///
    /// # Errors
    ///
    /// Too much of that, and too much time.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Handle) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(place) = Arc::clone(&self.queue).try_acquire_owned() else {
            return Err(Problem::busy());
        };
        let seats = Arc::clone(&self.seats);
        let done = async move {
            // Nobody closes it.
            let seat = seats.acquire_owned().await.map_err(|_| Problem::busy())?;
            let work = tokio::task::spawn_blocking(move || {
                let _held = (place, seat);
                work(&Handle::current())
            });
            work.await.map_err(|_| Problem::internal("a mistake of this program"))?
        };
        timeout(TIME, done).await.unwrap_or_else(|_| Err(Problem::late()))
    }
}
