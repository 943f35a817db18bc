//! The table `[lint]`. Each key has the name of the flag that says the same on
//! the command line.
//!
//! A new key is a field, a line of `LINT_KEYS`, an arm of `set`, and a paragraph
//! of `examples/spfc.toml`.

use toml::de::DeTable;

use super::value::{Value, boolean, number, selectors, word};
use super::{Misplaced, in_order, unknown_key};
use crate::lint::{Level, Levels, Profile, Selector, Sending, Severity};

/// The keys of the table.
pub const LINT_KEYS: &[&str] = &[
    "allow",
    "warn",
    "deny",
    "fail-on",
    "profile",
    "sending",
    "offline",
    "allow-include",
    "max-shrink",
];

/// What `[lint]` says; `None` where it is silent.
#[derive(Clone, Debug, Default)]
pub struct LintConfig {
    /// Rules whose findings are left out.
    pub allow: Vec<Selector>,
    /// Rules whose findings are warnings.
    pub warn: Vec<Selector>,
    /// Rules whose findings are errors.
    pub deny: Vec<Selector>,
    /// The least severity that fails a run.
    pub fail_on: Option<Severity>,
    /// Which opinion on `-all` is held.
    pub profile: Option<Profile>,
    /// Whether the domains send mail.
    pub sending: Option<Sending>,
    /// Whether the text alone is linted.
    pub offline: Option<bool>,
    /// Whether the files that zone files include are read.
    pub allow_include: Option<bool>,
    /// How much of what passed may be lost before that is an error of its own, in
    /// percent.
    pub max_shrink: Option<u32>,
}

impl LintConfig {
    /// The words on rules. Of equally long selectors the stricter word counts.
    pub fn levels(&self) -> Levels {
        let mut levels = Levels::default();
        for (selectors, level) in
            [(&self.allow, Level::Allow), (&self.warn, Level::Warn), (&self.deny, Level::Deny)]
        {
            selectors.iter().for_each(|selector| levels.set(selector.clone(), level));
        }
        levels
    }

    pub(super) fn read(&mut self, table: &DeTable<'_>) -> Result<(), Misplaced> {
        for (key, value) in in_order(table) {
            if !self.set(key.get_ref(), value)? {
                return Err(unknown_key("lint", key, LINT_KEYS));
            }
        }
        Ok(())
    }

    /// Takes the value of a key; `false` for a key that there is not.
    fn set(&mut self, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
        match key {
            "allow" => self.allow = selectors(value)?,
            "warn" => self.warn = selectors(value)?,
            "deny" => self.deny = selectors(value)?,
            "fail-on" => {
                let known = &["error", "warning", "note"];
                let meanings = [Severity::Error, Severity::Warning, Severity::Note];
                self.fail_on = Some(word(value, known, &meanings)?);
            }
            "profile" => {
                let meanings = [Profile::Dmarc, Profile::Scuba];
                self.profile = Some(word(value, &["dmarc", "scuba"], &meanings)?);
            }
            "sending" => {
                let meanings = [Sending::Auto, Sending::Yes, Sending::No];
                self.sending = Some(word(value, &["auto", "yes", "no"], &meanings)?);
            }
            "offline" => self.offline = Some(boolean(value)?),
            "allow-include" => self.allow_include = Some(boolean(value)?),
            "max-shrink" => self.max_shrink = Some(number(value, 0, 100)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}
