//! Mistakes of a configuration. The fault lies with who wrote the file.

use std::fmt;

use thiserror::Error;

use crate::lint::{File, UnknownRule};

/// A mistake of a configuration, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub fault: ConfigFault,
}

/// What is wrong with a configuration. May hold text of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigFault {
    /// Not UTF-8, as TOML has to be.
    #[error("the file is no UTF-8")]
    NoUtf8,
    /// Not TOML.
    #[error("{}", .0.trim())]
    Syntax(String),
    /// A table that there is not.
    #[error("there is no table '{name}'{}, only {}", Meant(nearest), Listed(known))]
    UnknownTable {
        /// Its name.
        name: String,
        /// The table that may be meant.
        nearest: Option<String>,
        /// All tables.
        known: &'static [&'static str],
    },
    /// A key of some table outside of it.
    #[error("'{name}' belongs into the table [{table}]")]
    NoTable {
        /// The key.
        name: String,
        /// Its table.
        table: &'static str,
    },
    /// A key outside of all tables.
    #[error("'{name}' is {found}, where a table belongs")]
    UnknownTop {
        /// The key.
        name: String,
        /// What it is.
        found: &'static str,
    },
    /// A key that a table does not have.
    #[error("[{table}] has no key '{key}'{}, only {}", Meant(nearest), Listed(known))]
    UnknownKey {
        /// The table.
        table: &'static str,
        /// The key.
        key: String,
        /// The key that may be meant.
        nearest: Option<String>,
        /// All keys of the table.
        known: &'static [&'static str],
    },
    /// A value of another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What belongs there.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A number out of bounds.
    #[error("{found} is not from {least} to {most}")]
    Number {
        /// What was written.
        found: String,
        /// The least that may be.
        least: u32,
        /// The most that may be.
        most: u32,
    },
    /// A rule that there is not.
    #[error("{rule}{}", Meant(nearest))]
    Rule {
        /// What was written.
        rule: UnknownRule,
        /// The rule that may be meant.
        nearest: Option<String>,
    },
    /// A word that is none of those that are known.
    #[error("'{word}' is none of {}{}", Listed(known), Meant(nearest))]
    Word {
        /// What was written.
        word: String,
        /// The word that may be meant.
        nearest: Option<String>,
        /// All words.
        known: &'static [&'static str],
    },
    /// A mistake about zones, their sources or their server.
    #[cfg(feature = "refresh")]
    #[error(transparent)]
    Serve(#[from] super::ServeFault),
}

impl ConfigError {
    /// A mistake at an octet of the file.
    pub(super) fn new(text: &[u8], offset: usize, fault: ConfigFault) -> ConfigError {
        let place = File::new("", text, Vec::new()).range_place(offset..offset).start;
        ConfigError { line: place.line, column: place.column, fault }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for ConfigError {}

/// The word that may be meant, in brackets.
pub(super) struct Meant<'a>(pub(super) &'a Option<String>);

impl fmt::Display for Meant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, " (is '{nearest}' meant?)"),
            None => Ok(()),
        }
    }
}

struct Listed<'a>(&'a [&'static str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}'{name}'")?;
        }
        Ok(())
    }
}
