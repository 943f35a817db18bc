//! `spfc serve`: the responder as a service.
//!
//! Sockets, user, log, signals and threads are put together here; what is
//! answered is the matter of `responder`, and what zones hold that of their
//! sources.

mod check;
mod desk;
mod error;
mod faults;
mod http;
mod known;
mod life;
mod loader;
mod log;
mod notify;
mod orders;
mod parents;
mod places;
mod plan;
mod reading;
mod run;
mod sockets;
mod threads;
mod trial;
mod upkeep;
mod user;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

pub(super) use error::ServeError;
pub(super) use plan::offline;
pub(super) use run::run;

use crate::dns::read_server_address;

/// Answer as the authoritative name server of the zones of macro records
#[derive(Debug, Args)]
#[command(
    after_help = "SIGHUP reads zones and their sources again; a zone whose new data cannot be read goes \
                  on with the old. SIGTERM answers what has been asked, and ends. SIGUSR1 writes the \
                  counters to the log."
)]
pub(super) struct ServeArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = crate::config::CONFIG_FILE)]
    config: PathBuf,
    /// Listen at this address instead of those of the configuration (repeatable)
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = read_listen)]
    listen: Vec<SocketAddr>,
    /// Serve image files alone: nothing is compiled and nobody is asked
    #[arg(long)]
    image_only: bool,
    /// Say what would be served and how the zones above delegate it, and end
    #[arg(long)]
    check: bool,
    /// Threads that answer over UDP [default: as configured, else one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// An address to listen at; port 0 is one that is free.
fn read_listen(text: &str) -> Result<SocketAddr, String> {
    match text.parse::<SocketAddr>() {
        Ok(address) => Ok(address),
        Err(_) => read_server_address(text).map_err(|_| {
            format!("'{text}' is no address: expected one as 192.0.2.53, 192.0.2.53:53 or [2001:db8::53]:53")
        }),
    }
}
