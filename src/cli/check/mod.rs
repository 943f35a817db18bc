//! `spfc check`: one message, or a batch of them, through `check_host()`.

mod batch;
mod human;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::usage::{UsageError, read_domain};
use crate::compile::SourceOptions;
use crate::dns::Lookup;
use crate::documents::CheckDocument;
use crate::eval::{Evaluation, Message, Options, RecordStore, check_host};
use crate::outcome::SpfResult;
use crate::refresh::{Clock, SystemClock};

const COMMAND: &str = "check";

/// Say what a receiver decides for one message (RFC 7208 check_host())
#[derive(Debug, Args)]
#[command(after_help = "Any verdict exits 0 unless --expect says otherwise.")]
pub(super) struct CheckArgs {
    /// The domain whose policy is checked [default: the sender's, else the HELO name]
    domain: Option<String>,
    /// The address of the client
    #[arg(long, value_name = "IP", required_unless_present = "batch")]
    ip: Option<IpAddr>,
    /// The reverse-path of the message; '' checks the HELO identity [default: postmaster@DOMAIN]
    #[arg(long, value_name = "ADDR", allow_hyphen_values = true)]
    sender: Option<OsString>,
    /// The name that the client gave in HELO or EHLO [default: DOMAIN]
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    helo: Option<OsString>,
    /// Exit with 1 unless this is the result
    #[arg(long, value_name = "RESULT", value_parser = read_result)]
    expect: Option<SpfResult>,
    /// The name of the receiving host
    #[arg(long, value_name = "NAME")]
    receiver: Option<OsString>,
    /// Read one message a line, {"ip":…,"sender":…,"helo":…,"domain":…}, and write one result a line
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["domain", "ip", "sender", "helo"])]
    batch: Option<PathBuf>,
}

fn read_result(text: &str) -> Result<SpfResult, String> {
    SpfResult::from_word(text).ok_or_else(|| {
        "expected one of none, neutral, pass, fail, softfail, temperror, permerror".to_owned()
    })
}

/// Runs `spfc check`.
///
/// # Errors
///
/// Bad arguments and files; a verdict is never an error.
pub(super) fn run(args: &CheckArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    if args.batch.is_some() {
        return batch::run(args, session, format);
    }
    let identities = Identities {
        domain: args.domain.as_deref(),
        sender: args.sender.as_ref().map(|text| text.as_encoded_bytes()),
        helo: args.helo.as_ref().map(|text| text.as_encoded_bytes()),
    };
    let message = message(args.ip.ok_or(UsageError::NoAddress)?, &identities, args)?;
    let reading = reading(session, &message)?;
    let mut dns = Dns::open(session)?;
    let evaluation = evaluate(&mut dns, &mut RecordStore::default(), &message, reading.as_ref())?;
    match format {
        Format::Json => session.json(&CheckDocument::new(&message, &evaluation))?,
        _ => session.print(&human::text(&message, &evaluation, session.global.verbose))?,
    }
    Ok(met(args.expect, evaluation.result))
}

fn met(expected: Option<SpfResult>, result: SpfResult) -> Exit {
    if expected.is_none_or(|expected| expected == result) { Exit::Done } else { Exit::No }
}

/// The identities of a message as the caller gives them.
struct Identities<'a> {
    domain: Option<&'a str>,
    sender: Option<&'a [u8]>,
    helo: Option<&'a [u8]>,
}

/// The message that is checked, with what was not given derived from the rest.
fn message(ip: IpAddr, given: &Identities<'_>, args: &CheckArgs) -> Result<Message, UsageError> {
    let domain = given.domain.map(read_domain).transpose()?;
    let message = Message::of_parts(ip, domain.as_ref(), given.sender, given.helo);
    let mut message = message.ok_or(UsageError::NothingToCheck)?;
    if let Some(receiver) = &args.receiver {
        message = message.with_receiver(receiver.as_encoded_bytes());
    }
    let now = SystemClock.unix_seconds();
    Ok(message.with_time(now.cast_unsigned()))
}

/// How the policy of the message's domain is read; `None` as it is published.
fn reading(session: &Session, message: &Message) -> Result<Option<SourceOptions>, CliError> {
    let global = &session.global;
    match message.domain() {
        Some(domain) if global.record.is_some() || global.source.is_some() => {
            Ok(Some(global.source_options(domain.clone())?))
        }
        _ => Ok(None),
    }
}

fn evaluate(
    dns: &mut Dns,
    records: &mut RecordStore,
    message: &Message,
    reading: Option<&SourceOptions>,
) -> Result<Evaluation, CliError> {
    let options = Options { trace: true, ..Options::default() };
    dns.run(|lookup| match reading {
        None => check_host(lookup, records, message, &options),
        Some(reading) => {
            let view: Box<dyn Lookup + '_> = reading.view(lookup);
            check_host(&*view, records, message, &options)
        }
    })
}
