//! `spfc query`: what a responder answers for an address, and why.

mod answer;
mod human;
mod why;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::usage::read_domain;
use super::zones::{Zones, ZonesError, chosen, read_config, read_image, tenants};
use crate::config::{CONFIG_FILE, ServeConfig, ZoneConfig};
use crate::documents::QueryDocument;
use crate::image::ImageFile;
use crate::name::DomainName;
use crate::refresh::AddressSource;

const COMMAND: &str = "query";

/// Say what the responder answers for an address, and why
#[derive(Debug, Args)]
#[command(
    after_help = "The zones are compiled from the sources of the configuration as they are now; with \
                  --image, what the image was compiled from is read again, without asking DNS. The server \
                  itself is not asked: 'dig' does that."
)]
pub(super) struct QueryArgs {
    /// The client's address
    #[arg(value_name = "ADDRESS")]
    address: IpAddr,
    /// The domain, for zones that answer for many or where there are several zones
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = CONFIG_FILE)]
    config: PathBuf,
    /// An image file, in place of a configuration
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    image: Option<PathBuf>,
    /// The zone, where there are several
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

/// Runs `spfc query`.
///
/// # Errors
///
/// A file or a source that cannot be read, and a zone or domain that there is
/// not; no answer is an error.
pub(super) fn run(args: &QueryArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    let domain = args.domain.as_deref().map(read_domain).transpose()?;
    let zone = args.zone.as_deref().map(read_domain).transpose()?;
    let client = args.address.to_canonical();
    let (file, address) = match &args.image {
        Some(path) => (image(path, zone.as_ref())?, None),
        None => {
            let config = read_config(&args.config)?;
            let zone = configured(&config, zone.as_ref(), domain.as_ref(), args)?;
            let narrowed = narrowed(&config, zone, domain.as_ref())?;
            let compiled = Zones::new(&config, session).compile(&narrowed)?;
            let name = zone.terms.zone();
            compiled.remarks.iter().for_each(|remark| session.warn(format!("{name}: {remark}")));
            (compiled.file, Some(zone.options.address))
        }
    };
    let by_domain = !file.zone.trees().iter().any(|tree| tree.name.is_root());
    // A zone of one policy has no domains to choose from.
    let asked = domain.as_ref().filter(|_| by_domain);
    let answers = answer::answers(&file, client, asked, address)?;
    let zone = file.zone.layout().zone().to_string();
    let document =
        QueryDocument::new(client.to_string(), zone, asked.map(ToString::to_string), answers);
    match format {
        Format::Json => session.json(&document)?,
        _ => session.print(&human::text(&document))?,
    }
    Ok(Exit::Done)
}

fn image(path: &std::path::Path, zone: Option<&DomainName>) -> Result<ImageFile, CliError> {
    let file = read_image(path)?;
    match zone {
        Some(zone) if zone != file.zone.layout().zone() => {
            let reason = format!("is the image of {}", file.zone.layout().zone());
            Err(ZonesError::OtherImage { path: shown(path), reason }.into())
        }
        _ => Ok(file),
    }
}

/// The one zone of the configuration that is meant.
fn configured<'a>(
    config: &'a ServeConfig,
    zone: Option<&DomainName>,
    domain: Option<&DomainName>,
    args: &QueryArgs,
) -> Result<&'a ZoneConfig, CliError> {
    let zones = chosen(config, zone, &args.config)?;
    if let [one] = zones.as_slice() {
        return Ok(one);
    }
    let fits: Vec<&ZoneConfig> = match domain {
        Some(domain) => zones.iter().copied().filter(|zone| holds(config, zone, domain)).collect(),
        None => zones,
    };
    match (fits.as_slice(), domain) {
        ([one], _) => Ok(one),
        ([], Some(domain)) => Err(ZonesError::NoDomain(domain.clone()).into()),
        (several, _) => {
            let names = several.iter().map(|zone| zone.terms.zone().to_string());
            let zones = names.collect::<Vec<_>>().join(", ");
            Err(ZonesError::WhichZone { flag: "--zone", zones }.into())
        }
    }
}

/// The zone with the one domain that is asked about, whose source alone is
/// compiled then.
fn narrowed<'a>(
    config: &ServeConfig,
    zone: &'a ZoneConfig,
    domain: Option<&DomainName>,
) -> Result<Cow<'a, ZoneConfig>, CliError> {
    if !zone.terms.by_domain || !zone.has_sources() {
        return Ok(Cow::Borrowed(zone));
    }
    let Some(domain) = domain else {
        return Err(ZonesError::WhichDomain(zone.terms.zone().clone()).into());
    };
    let mut tenants = tenants(config, zone)?;
    match tenants.remove(domain) {
        Some(source) => Ok(Cow::Owned(ZoneConfig {
            tenants: BTreeMap::from([(domain.clone(), source)]),
            tenants_file: None,
            ..zone.clone()
        })),
        None => Err(ZonesError::NoDomain(domain.clone()).into()),
    }
}

/// Whether a zone may answer for a domain.
fn holds(config: &ServeConfig, zone: &ZoneConfig, domain: &DomainName) -> bool {
    if zone.terms.by_domain {
        return tenants(config, zone).is_ok_and(|tenants| tenants.contains_key(domain));
    }
    match zone.source.as_ref().and_then(|source| config.sources.get(source)) {
        Some(AddressSource::Policy(policy)) => policy.domain == *domain,
        _ => false,
    }
}
