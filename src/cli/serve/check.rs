//! `spfc serve --check`: what a server would do with a configuration, and whether
//! the zones above say the same of its zones.

use std::fmt::Write;
use std::net::SocketAddr;

use crate::cli::describe::{counted, heading};
use crate::cli::error::{CliError, shown};
use crate::cli::exit::Exit;
use crate::cli::output::Session;
use crate::cli::style::{BAD, paint};
use crate::cli::zones::{listed, read_zone_image};
use crate::config::{ServeConfig, ZoneConfig};
use crate::dns::DnssecMode;
use crate::image::ZoneImage;
use crate::responder::Zone;

use super::parents::Parents;
use super::trial::{Trial, named};

/// Says what a server would do with a configuration, whose paths are resolved, at
/// these addresses, and asks DNS how its zones are delegated; with `image_only`,
/// or answers from a file, that is not asked.
///
/// All sources and zones are told that are not as they should be. Gives the worst of
/// how runs end that have one of them to tell: [`Exit::No`] where something waits for
/// a person, or a zone is delegated in another way.
///
/// # Errors
///
/// No name server to ask, and standard output that is closed.
pub(super) fn check(
    config: &ServeConfig,
    listen: &[SocketAddr],
    image_only: bool,
    session: &Session,
) -> Result<Exit, CliError> {
    session.print(&server(config, listen, image_only))?;
    let parents = match image_only || session.global.dns_file.is_some() {
        true => None,
        false => Some(Parents::open(config, session)?),
    };
    let trial = match image_only {
        true => None,
        false => Some(Trial::run(config, session)?),
    };
    let mut text = String::new();
    let mut worst = trial.as_ref().map_or(Exit::Done, |trial| trial.write_sources(&mut text));
    session.print(&text)?;
    let mut missing = 0;
    for zone in &config.zones {
        let mut text = format!("{}\n", heading(zone.terms.zone()));
        let (served, exit) = holds(&mut text, zone, trial.as_ref());
        missing += usize::from(!served);
        worst = worst.worse(exit);
        match &parents {
            Some(parents) if parents.compare(&mut text, zone) => {}
            Some(_) => worst = worst.worse(Exit::No),
            None => text.push_str("  the zone above was not asked how it delegates this one\n"),
        }
        session.print(&text)?;
    }
    let sources = trial.as_ref().map_or(0, Trial::unserved);
    if missing + sources > 0 {
        session.print(&format!(
            "\n{} {missing} of {}, {sources} of {}\n",
            paint(BAD, "not served:"),
            counted(config.zones.len(), "zone"),
            counted(config.sources.len(), "source")
        ))?;
    }
    Ok(worst)
}

fn server(config: &ServeConfig, listen: &[SocketAddr], image_only: bool) -> String {
    let listen: Vec<String> = listen.iter().map(ToString::to_string).collect();
    let mut text = match listen.is_empty() {
        true => {
            "listens at no address of the configuration: --listen or sockets of systemd give one\n"
                .to_owned()
        }
        false => format!("listens at {}\n", listen.join(", ")),
    };
    let _ = writeln!(
        text,
        "{}, {}",
        counted(config.zones.len(), "zone"),
        counted(config.sources.len(), "source")
    );
    match image_only {
        true => text.push_str("reads images alone: no source is followed\n"),
        false => text.push_str(&refresh(config)),
    }
    text.push('\n');
    text
}

/// How sources are kept up to date.
fn refresh(config: &ServeConfig) -> String {
    let (options, trust) = (&config.refresh, &config.trust);
    let mut text = format!(
        "reads sources again when their answers end, after {} to {} s; holds back what loses more than \
         {} %\n",
        options.least.as_secs(),
        options.most.as_secs(),
        options.max_shrink
    );
    let asked = match config.resolvers.as_slice() {
        [] => "the system's resolvers".to_owned(),
        some => counted(some.len(), "resolver"),
    };
    let believed = match trust.quorum {
        Some(needed) => format!("{needed} of which have to agree"),
        None => "one after the other".to_owned(),
    };
    let validated = match trust.dnssec {
        DnssecMode::Off => "without validation",
        DnssecMode::Prefer => "and refuses forged answers (DNSSEC)",
        DnssecMode::Require => "and refuses forged and unsigned answers (DNSSEC)",
    };
    let _ = writeln!(text, "asks {asked}, {believed}, {validated}");
    if let Some(http) = &config.http {
        let listen: Vec<String> = http.listen.iter().map(ToString::to_string).collect();
        let who = match (&config.http_token_file, http.reads_are_open()) {
            (None, _) => "everybody there may read, and nobody changes anything",
            (Some(_), true) => {
                "everybody there may read, and who has the token may change something"
            }
            (Some(_), false) => "who has the token may read, and change something",
        };
        let _ = writeln!(text, "speaks HTTP at {}: {who}", listen.join(", "));
    }
    let _ = match &config.state {
        Some(path) => writeln!(text, "keeps its state in {}", shown(path)),
        None => writeln!(text, "keeps no state: a start without DNS would serve nothing"),
    };
    text
}

/// What the zone holds: whether it would be served, and how a run ends that has nothing
/// else to tell.
fn holds(text: &mut String, zone: &ZoneConfig, trial: Option<&Trial>) -> (bool, Exit) {
    let names: Vec<String> =
        zone.options.servers.iter().map(|server| server.name.to_string()).collect();
    let (mechanism, spec) = (zone.terms.mechanism.as_str(), zone.terms.layout.domain_spec());
    let domain = if zone.terms.by_domain { ", for many domains" } else { "" };
    let _ = writeln!(text, "  answers {mechanism}:{spec}{domain}");
    let _ = writeln!(text, "  servers {}", names.join(", "));
    match trial.filter(|_| zone.has_sources()) {
        Some(trial) => from_sources(text, zone, trial),
        None => from_image(text, zone),
    }
}

fn from_image(text: &mut String, zone: &ZoneConfig) -> (bool, Exit) {
    match read_zone_image(zone) {
        Ok(file) => describe(text, zone, &file.zone, "its image"),
        Err(error) => {
            refuse(text, &error.messages());
            (false, error.exit())
        }
    }
}

fn from_sources(text: &mut String, zone: &ZoneConfig, trial: &Trial) -> (bool, Exit) {
    let name = zone.terms.zone();
    let mut exit = Exit::No;
    if let Some(error) = trial.unplanned.get(name) {
        refuse(text, &error.messages());
        exit = exit.worse(error.exit());
    } else if let Some((output, sources)) = trial.output(name) {
        let sources: Vec<String> = sources.into_iter().cloned().collect();
        let Some(image) = &output.image else {
            refuse(text, &[format!("its sources give nothing: {}", listed(&sources))]);
            return stand_in(text, zone, exit);
        };
        let (served, exit) = describe(text, zone, image, &listed(&sources));
        if served && !output.unready.is_empty() {
            let (count, domains) = (output.unready.len(), named(&output.unready));
            refuse(text, &[format!("{} not served: {domains}", counted(count, "domain"))]);
            return (true, exit.worse(Exit::No));
        }
        return (served, exit);
    } else {
        refuse(text, &["its sources make no zone".to_owned()]);
    }
    stand_in(text, zone, exit)
}

/// An answer of another day is better than none.
fn stand_in(text: &mut String, zone: &ZoneConfig, exit: Exit) -> (bool, Exit) {
    match read_zone_image(zone) {
        Ok(file) => {
            let (served, own) = describe(text, zone, &file.zone, "its image in their place");
            (served, exit.worse(own))
        }
        Err(_) => (false, exit),
    }
}

fn refuse(text: &mut String, messages: &[String]) {
    for message in messages {
        let _ = writeln!(text, "  {} {message}", paint(BAD, "error:"));
    }
}

fn describe(text: &mut String, zone: &ZoneConfig, image: &ZoneImage, from: &str) -> (bool, Exit) {
    if let Err(error) = Zone::new(image, &zone.options) {
        refuse(text, &[error.to_string()]);
        return (false, Exit::Usage);
    }
    let (ip4, ip6) = image
        .sets()
        .iter()
        .map(|set| set.range_counts())
        .fold((0, 0), |(ip4, ip6), (own_ip4, own_ip6)| (ip4 + own_ip4, ip6 + own_ip6));
    let _ = writeln!(
        text,
        "  holds {} of {}: {}, {}, from {from}",
        counted(image.trees().len(), "name"),
        counted(image.sets().len(), "set"),
        counted(ip4, "IPv4 range"),
        counted(ip6, "IPv6 range"),
    );
    (true, Exit::Done)
}
