//! From the configuration to a server that answers.
//!
//! The order is that of rights: what root alone may do comes first, then it becomes
//! an ordinary user, and only then is anything read that others have written.

use std::path::Path;
use std::sync::Arc;

use crate::cli::control::listen;
use crate::cli::describe::counted;
use crate::cli::error::{CliError, shown};
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::output::Session;
use crate::cli::zones::{chosen, read_config};
use crate::config::{ServeConfig, read_cookie_secret};
use crate::refresh::{DirectoryError, Engine, StateDirectory, SystemClock};
use crate::responder::{ServerOptions, Service};

use super::check::check;
use super::desk::Desk;
use super::faults::Faults;
use super::http::{self, Http};
use super::known::Known;
use super::life::Life;
use super::places::places;
use super::plan::answers;
use super::reading::Reading;
use super::sockets::{Sockets, bound, handed_over};
use super::threads::Threads;
use super::upkeep::Upkeep;
use super::{ServeArgs, ServeError, log, notify, user};

const COMMAND: &str = "serve";

/// Runs `spfc serve` until it is told to end.
///
/// # Errors
///
/// Why it does not start, or cannot go on.
pub(in crate::cli) fn run(args: &ServeArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.format_of(COMMAND, &[Format::Human])?;
    session.global.published_only(COMMAND)?;
    let config = read_config(&args.config)?;
    chosen(&config, None, &args.config)?;
    let mut options = options(args, &config)?;
    if args.check {
        return check(&config, &options.listen, args.image_only, session);
    }
    let _log = log::start(config.log_format, session.global.verbose, session.global.quiet);
    let sockets = match handed_over(&options.udp).map_err(ServeError::from)? {
        Some(sockets) => {
            tracing::info!("takes the sockets of systemd, and binds no others");
            make_room(&mut options, sockets.len());
            sockets
        }
        None => {
            let places = places(&options.listen).map_err(ServeError::from)?;
            // Many addresses and threads want more sockets than there may be.
            let sockets = places.sockets(&options.udp);
            make_room(&mut options, sockets);
            bound(places, &options.udp).map_err(ServeError::from)?
        }
    };
    let http = http::bound(&config)?;
    sockets.remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
    let remark = user::become_user(config.user.as_deref()).map_err(ServeError::from)?;
    remark.iter().for_each(|remark| tracing::warn!("{remark}"));
    serve(Bound { sockets, http }, &options, config, args, session)
}

/// What was bound while that was allowed.
struct Bound {
    sockets: Sockets,
    http: Option<Http>,
}

/// What the server is told: the configuration, and what the command line says
/// instead of it.
fn options(args: &ServeArgs, config: &ServeConfig) -> Result<ServerOptions, CliError> {
    let mut options = config.server.clone();
    if !args.listen.is_empty() {
        options.listen = args.listen.clone();
    }
    if let Some(threads) = args.threads {
        options.udp.threads = threads.into();
    }
    if let Some(path) = &config.cookie_secret_file {
        options.cookie_secret = Some(read_secret(path)?);
    }
    Ok(options)
}

fn read_secret(path: &Path) -> Result<[u8; 16], CliError> {
    let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
    let secret = read_cookie_secret(&text);
    secret.ok_or_else(|| ServeError::CookieSecret(shown(path)).into())
}

/// Makes room for the descriptors of connections beside those of so many sockets,
/// or does with fewer.
fn make_room(options: &mut ServerOptions, sockets: usize) {
    let room = user::room_for(options.tcp.connections, sockets);
    if room < options.tcp.connections {
        tracing::warn!(
            "the system gives descriptors for {room} TCP connections, not for {}: LimitNOFILE of the \
             service, or 'ulimit -n', raises that",
            options.tcp.connections
        );
        options.tcp.connections = room;
    }
}

fn serve(
    Bound { sockets, http }: Bound,
    options: &ServerOptions,
    config: ServeConfig,
    args: &ServeArgs,
    session: &Session,
) -> Result<Exit, CliError> {
    // Signals that come while zones are read wait for their turn, or end it.
    let mut life = Life::begin().map_err(ServeError::system("no signals"))?;
    let faults = Arc::new(Faults::default());
    let engine = match args.image_only {
        true => None,
        false => Some(engine(&config, session, &life)?),
    };
    let known = Known::new(life.orders(), life.tasks(), &config, args.image_only);
    let known = Arc::new(known);
    // It says that nothing is ready while nothing is.
    let http = http.map(|http| http.start(&config, &session.global, Arc::clone(&known)));
    let http = http.transpose()?;
    let reading = Reading::new(args, &session.global);
    let desk = Desk::new(reading, config, Arc::clone(&faults));
    let upkeep = Upkeep::new(desk, engine, life.sender(), life.told());
    let Some(loaded) = life.first(upkeep)? else { return Ok(Exit::Done) };
    let addresses: Vec<String> = sockets
        .tcp
        .iter()
        .filter_map(|listener| Some(listener.local_addr().ok()?.to_string()))
        .collect();
    let counted = (counted(loaded.served(), "zone"), addresses.join(", "));
    let (log, questions) =
        log::questions(options.log_one_in).map_err(ServeError::system("no query log"))?;
    let service = Service::new(loaded.zones, options, log);
    let service = Arc::new(service.map_err(ServeError::system("no random octets"))?);
    let threads = Threads::start(sockets, &service, options.tcp, &faults)
        .map_err(ServeError::system("no threads"))?;
    known.serves(&service);
    let status = format!("answers for {} at {}", counted.0, counted.1);
    tracing::info!("{status}");
    notify::ready(&status);
    life.go_on(&service, &threads)?;
    notify::tell(&[sd_notify::NotifyState::Stopping]);
    drop(http);
    let drained = threads.drain();
    drop(service);
    questions.end();
    match drained {
        true => tracing::info!("has answered what was asked, and ends"),
        false => tracing::warn!("ends, though not all that was asked is answered"),
    }
    Ok(Exit::Done)
}

/// Who keeps the sources up to date, and takes orders of a person where there is a
/// directory for that.
fn engine(config: &ServeConfig, session: &Session, life: &Life) -> Result<Engine, CliError> {
    let answers = answers(config, &session.global)?;
    let directory = match config.state.clone().map(|path| StateDirectory::at(path).own()) {
        Some(Ok(directory)) => {
            let control = directory.directory().control();
            // Who cannot be given orders serves all the same.
            if let Err(error) = listen(control.clone(), Arc::new(life.orders())) {
                tracing::error!("takes no orders at {}: {error}", control.display());
            }
            Some(directory)
        }
        Some(Err(error @ DirectoryError::InUse(_))) => return Err(ServeError::from(error).into()),
        Some(Err(error)) => {
            tracing::error!("serves without its state, and keeps none: {error}");
            None
        }
        None => None,
    };
    Ok(Engine::new(config.refresh.clone(), Arc::new(SystemClock), answers, directory))
}
