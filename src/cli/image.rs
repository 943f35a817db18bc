//! `spfc image`: the zones of a configuration, compiled and written to the files
//! that a responder without a resolver reads.

use std::path::{Path, PathBuf};

use clap::Args;

use super::describe::{counted, number};
use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::style::{GOOD, paint};
use super::usage::{UsageError, read_domain};
use super::zones::{CompiledZone, Zones, ZonesError, chosen, listed, read_config};
use crate::config::{CONFIG_FILE, ServeConfig, ZoneConfig};
use crate::documents::{ImageShape, ImagesDocument};
use crate::image::encode;
use crate::whole_file;

const COMMAND: &str = "image";

/// Compile the zones of a configuration and write their image files
#[derive(Debug, Args)]
#[command(
    after_help = "Each [[zone]] with sources is compiled, and written to the file of its key 'image', or \
                  to FILE. 'spfc serve --image-only' answers from such files without asking DNS. All zones \
                  are compiled before the first file is written, and each is written whole or not at all."
)]
pub(super) struct ImageArgs {
    /// The one zone that is written [default: all that have sources and an 'image']
    #[arg(value_name = "ZONE")]
    zone: Option<String>,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = CONFIG_FILE)]
    config: PathBuf,
    /// The file to write, in place of that in the configuration
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs `spfc image`.
///
/// # Errors
///
/// A configuration, a source or a file in the way; where a zone cannot be
/// compiled nothing is written.
pub(super) fn run(args: &ImageArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    let config = read_config(&args.config)?;
    let wanted = wanted(args, &config)?;
    let mut zones = Zones::new(&config, session);
    let mut compiled = Vec::new();
    for (zone, path) in wanted {
        compiled.push((zones.compile(zone)?, path));
    }
    let mut images = Vec::new();
    for (zone, path) in compiled {
        let name = zone.file.zone.layout().zone();
        zone.remarks.iter().for_each(|remark| session.warn(format!("{name}: {remark}")));
        let octets = encode(&zone.file);
        whole_file::write(path, &octets).map_err(|error| CliError::write(path, error))?;
        let image = shape(&zone, path, octets.len());
        if format == Format::Human {
            session.print(&text(&image))?;
        }
        images.push(image);
    }
    if format == Format::Json {
        session.json(&ImagesDocument::new(images))?;
    }
    Ok(Exit::Done)
}

/// The zones that are written, with their files.
fn wanted<'a>(
    args: &'a ImageArgs,
    config: &'a ServeConfig,
) -> Result<Vec<(&'a ZoneConfig, &'a Path)>, CliError> {
    let name = args.zone.as_deref().map(read_domain).transpose()?;
    let zones = chosen(config, name.as_ref(), &args.config)?;
    if let Some(path) = args.output.as_deref() {
        if path.as_os_str() == "-" {
            return Err(UsageError::Excluded("--output -", "images, which are no text").into());
        }
        let zones: Vec<&ZoneConfig> = match name {
            Some(_) => zones,
            None => zones.into_iter().filter(|zone| zone.has_sources()).collect(),
        };
        return match zones.as_slice() {
            [zone] => Ok(vec![(zone, path)]),
            several => {
                let names = several.iter().map(|zone| zone.terms.zone().to_string());
                let zones = names.collect::<Vec<_>>().join(", ");
                Err(ZonesError::WhichZone { flag: "with --output, ZONE", zones }.into())
            }
        };
    }
    let mut list = Vec::new();
    for zone in zones.into_iter().filter(|zone| zone.has_sources()) {
        match &zone.image {
            Some(path) => list.push((zone, path.as_path())),
            None if name.is_some() => {
                return Err(ZonesError::NoImagePath(zone.terms.zone().clone()).into());
            }
            None => {}
        }
    }
    match list.is_empty() {
        true => Err(ZonesError::NothingToWrite(shown(&args.config)).into()),
        false => Ok(list),
    }
}

fn shape(zone: &CompiledZone, path: &Path, octets: usize) -> ImageShape {
    let image = &zone.file.zone;
    let (ip4, ip6) = image
        .sets()
        .iter()
        .map(|set| set.range_counts())
        .fold((0, 0), |(ip4, ip6), (own_ip4, own_ip6)| (ip4 + own_ip4, ip6 + own_ip6));
    ImageShape {
        zone: image.layout().zone().to_string(),
        path: path.to_string_lossy().into_owned(),
        octets,
        trees: image.trees().len(),
        sets: image.sets().len(),
        ip4_ranges: ip4,
        ip6_ranges: ip6,
        sources: zone.sources.clone(),
        remarks: zone.remarks.clone(),
    }
}

fn text(image: &ImageShape) -> String {
    let trees = match image.trees {
        0 | 1 => String::new(),
        trees => format!("{} of {}, ", counted(trees, "name"), counted(image.sets, "set")),
    };
    format!(
        "{} {} in {}: {trees}{}, {}, {} octets, from {}\n",
        paint(GOOD, "wrote"),
        image.zone,
        shown(Path::new(&image.path)),
        counted(image.ip4_ranges, "IPv4 range"),
        counted(image.ip6_ranges, "IPv6 range"),
        number(image.octets as u128),
        listed(&image.sources),
    )
}
