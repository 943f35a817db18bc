//! `spfc accept`, and what `spfc history --rollback` does: orders of a person, to the
//! running server or, where none runs, to what it left.

use std::str::FromStr;

use clap::Args;

use super::control::{Order, Reply};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::serve::offline;
use super::state::{StateArgs, StateError};
use crate::documents::OrderDocument;
use crate::refresh::{Engine, OrderError};

const COMMAND: &str = "accept";

/// Serve what waits for a person: a change that a source's server held back
#[derive(Debug, Args)]
#[command(
    after_help = "'spfc status' tells what waits and why, 'spfc history --rollback' goes back. Of a source \
                  that was rolled back, and of which nothing waits, DNS decides again. Where no server runs, \
                  the next one serves it."
)]
pub(super) struct AcceptArgs {
    /// The source, or the domain whose policy it is
    #[arg(value_name = "SOURCE|DOMAIN")]
    name: String,
    /// Only the change that waits since then, as 'spfc status' has it: no other one that
    /// came meanwhile
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    since: Option<i64>,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `spfc accept`.
///
/// # Errors
///
/// Nothing waits, or it cannot be served.
pub(super) fn run(args: &AcceptArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    let order = Order::Accept { source: args.name.clone(), since: args.since };
    let offline_order = |engine: &mut Engine| engine.accept(&args.name, args.since);
    follow(&args.state, &order, offline_order, format, session)
}

/// Seconds since 1970 of a time as RFC 3339 has it.
fn read_time(text: &str) -> Result<i64, String> {
    let time = jiff::Timestamp::from_str(text);
    time.map(jiff::Timestamp::as_second)
        .map_err(|_| format!("'{text}' is no time: expected one as 2026-11-29T07:33:26Z"))
}

/// Has an order followed, and says what was done.
///
/// # Errors
///
/// It is not followed.
pub(super) fn follow(
    state: &StateArgs,
    order: &Order,
    offline_order: impl FnOnce(&mut Engine) -> Result<String, OrderError>,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    let said = match state.order(order)? {
        Some(Reply::Done { said }) => said,
        Some(_) => {
            return Err(StateError::Refused("the server says something else".to_owned()).into());
        }
        None => {
            let mut engine = offline(state, session)?;
            let said = offline_order(&mut engine).map_err(StateError::from)?;
            engine.take_zones();
            engine.write();
            if let Some(problem) = engine.problem() {
                return Err(StateError::Refused(problem.to_owned()).into());
            }
            format!("from the next start on, {said}")
        }
    };
    match format {
        Format::Json => session.json(&OrderDocument::new(said))?,
        _ => session.print(&format!("{}\n", crate::escape::message(&said)))?,
    }
    Ok(Exit::Done)
}
