//! The arguments of `spfc lint` together with what `spfc.toml` says.
//!
//! A flag wins over the key of its name. Words on rules are all kept: the
//! configuration's first, so that of equally long ones the command line's counts.

use std::path::{Path, PathBuf};

use super::super::error::{CliError, shown};
use super::super::output::Session;
use super::{FailOn, LintArgs, ProfileChoice, SendingChoice};
use crate::config::{CONFIG_FILE, Config, LintConfig};
use crate::lint::{Profile, Sending, Severity};

/// What holds the root of a repository.
const REPOSITORY: &str = ".git";

/// The arguments with what the configuration says where they are silent.
///
/// # Errors
///
/// A configuration that cannot be read.
pub(super) fn configured(args: &LintArgs, session: &Session) -> Result<LintArgs, CliError> {
    let path = match &args.config {
        Some(path) => Some(path.clone()),
        None if args.no_config => None,
        None => std::env::current_dir().ok().and_then(|folder| find(&folder)),
    };
    let Some(path) = path else { return Ok(args.clone()) };
    let text = std::fs::read(&path).map_err(|error| CliError::read(&path, error))?;
    let config =
        Config::read(&text).map_err(|error| CliError::Config { path: shown(&path), error })?;
    if session.global.verbose {
        session.note(format!("{} is the configuration", shown(&path)));
    }
    Ok(merged(args.clone(), config.lint))
}

/// The configuration of a folder: its own or, in a repository, that of the
/// nearest folder above it. Outside of a repository nobody knows whose the
/// folders above are.
fn find(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|above| above.join(REPOSITORY).exists()).unwrap_or(folder);
    let within = folder.ancestors().take_while(|above| above.starts_with(root));
    within.map(|folder| folder.join(CONFIG_FILE)).find(|file| file.is_file())
}

fn merged(args: LintArgs, config: LintConfig) -> LintArgs {
    LintArgs {
        offline: args.offline || config.offline.unwrap_or(false),
        allow_include: args.allow_include || config.allow_include.unwrap_or(false),
        max_shrink: args.max_shrink.or(config.max_shrink),
        sending: args.sending.or(config.sending.map(|sending| match sending {
            Sending::Auto => SendingChoice::Auto,
            Sending::Yes => SendingChoice::Yes,
            Sending::No => SendingChoice::No,
        })),
        profile: args.profile.or(config.profile.map(|profile| match profile {
            Profile::Dmarc => ProfileChoice::Dmarc,
            Profile::Scuba => ProfileChoice::Scuba,
        })),
        fail_on: args.fail_on.or(config.fail_on.map(|severity| match severity {
            Severity::Error => FailOn::Error,
            Severity::Warning => FailOn::Warning,
            Severity::Note => FailOn::Note,
        })),
        configured: config.levels(),
        ..args
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_file_of_the_repository_counts() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("repository");
        let deep = root.join("zones/deep");
        fs::create_dir_all(&deep).unwrap();
        fs::write(outside.path().join(CONFIG_FILE), "").unwrap();
        // Without a repository, only the folder itself is asked.
        assert_eq!(find(&deep), None);
        fs::create_dir(root.join(REPOSITORY)).unwrap();
        assert_eq!(find(&deep), None);
        fs::write(root.join(CONFIG_FILE), "").unwrap();
        assert_eq!(find(&deep), Some(root.join(CONFIG_FILE)));
        fs::write(deep.join(CONFIG_FILE), "").unwrap();
        assert_eq!(find(&deep), Some(deep.join(CONFIG_FILE)));
        assert_eq!(find(&root.join("zones")), Some(root.join(CONFIG_FILE)));
        assert_eq!(find(outside.path()), Some(outside.path().join(CONFIG_FILE)));
    }
}
