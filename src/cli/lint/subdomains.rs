//! The file of `--subdomains`: names, each of which is looked at below the
//! linted domain that it lies under.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::super::error::{CliError, shown};
use super::super::output::Session;
use super::super::usage::{UsageError, read_domain};
use crate::escape;
use crate::lint::Subject;
use crate::name::DomainName;

/// Names below one domain that are looked at: each costs up to four questions.
const MOST_NAMES: usize = 2_000;
/// Names that a message shows at most.
const MOST_SHOWN: usize = 5;

/// The names of a file.
pub(super) struct Subdomains {
    path: String,
    /// Names with a final dot.
    absolute: Vec<DomainName>,
    /// Names without one.
    others: Vec<DomainName>,
}

impl Subdomains {
    /// Reads names, one a line; `#` begins a comment.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, a line that is no name.
    pub(super) fn read(path: &Path) -> Result<Subdomains, CliError> {
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        Ok(Subdomains::of(shown(path), &String::from_utf8_lossy(&text))?)
    }

    fn of(path: String, text: &str) -> Result<Subdomains, UsageError> {
        let mut names = Subdomains { path, absolute: Vec::new(), others: Vec::new() };
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let list = if line.ends_with('.') { &mut names.absolute } else { &mut names.others };
            list.push(read_domain(line)?);
        }
        Ok(names)
    }

    /// Gives a subject the names that lie below its domain. `linted` are the
    /// domains of all subjects.
    ///
    /// # Errors
    ///
    /// More names than are looked at for one domain.
    pub(super) fn attach(
        &self,
        subject: &mut Subject,
        linted: &HashSet<DomainName>,
    ) -> Result<(), UsageError> {
        let Some(domain) = &subject.domain else { return Ok(()) };
        let mut names: Vec<DomainName> = self.absolute.to_vec();
        for name in &self.others {
            match is_under(name, linted) {
                true => names.push(name.clone()),
                false => names.extend(domain.prefixed(name).ok()),
            }
        }
        // A name with a policy of its own to be linted is no other's.
        names.retain(|name| nearest(name, linted).as_ref() == Some(domain) && name != domain);
        names.sort();
        names.dedup();
        if names.len() > MOST_NAMES {
            let (file, domain) = (self.path.clone(), domain.clone());
            let (count, most) = (names.len(), MOST_NAMES);
            return Err(UsageError::ManySubdomains { file, count, domain, most });
        }
        subject.subdomains = Arc::from(names);
        Ok(())
    }

    fn are(&self, count: usize) -> String {
        match count {
            1 => format!("1 name of {} is", self.path),
            _ => format!("{count} names of {} are", self.path),
        }
    }

    /// Tells of names that no linted domain is above, and of those that are
    /// only guessed to be relative.
    pub(super) fn tell(&self, linted: &HashSet<DomainName>, session: &Session) {
        let outside = self.absolute.iter().filter(|name| !is_under(name, linted));
        let outside: Vec<&DomainName> = outside.collect();
        if !outside.is_empty() {
            session.warn(format!(
                "{} under no linted domain and not looked at: {}",
                self.are(outside.len()),
                listed(&outside)
            ));
        }
        let relative = |name: &&DomainName| name.label_count() > 1 && !is_under(name, linted);
        let guessed: Vec<&DomainName> = self.others.iter().filter(relative).collect();
        if !guessed.is_empty() {
            session.note(format!(
                "{} taken to be relative to the linted domain, for want of a final dot: {}",
                self.are(guessed.len()),
                listed(&guessed)
            ));
        }
    }
}

/// Whether one of the linted domains is the name or above it.
fn is_under(name: &DomainName, linted: &HashSet<DomainName>) -> bool {
    nearest(name, linted).is_some()
}

/// The nearest linted domain that is the name or above it.
fn nearest(name: &DomainName, linted: &HashSet<DomainName>) -> Option<DomainName> {
    std::iter::successors(Some(name.clone()), DomainName::parent).find(|at| linted.contains(at))
}

fn listed(names: &[&DomainName]) -> String {
    let more = names.len().saturating_sub(MOST_SHOWN);
    let shown = names.iter().take(MOST_SHOWN).map(|name| escape::text(&name.to_string()));
    let mut list = shown.collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn names(texts: &[&str]) -> HashSet<DomainName> {
        texts.iter().map(|text| name(text)).collect()
    }

    fn below(text: &str, domain: &str, linted: &[&str]) -> Vec<String> {
        let file = Subdomains::of("names".to_owned(), text).unwrap();
        let mut subject = Subject::domain(name(domain));
        file.attach(&mut subject, &names(linted)).unwrap();
        subject.subdomains.iter().map(DomainName::to_string).collect()
    }

    #[test]
    fn names_are_relative_or_absolute() {
        let text = "www\n# all\n mail.a.test # in use\na.test\nx.y\nwww.a.test.\nwww.b.test.\n";
        let found = below(text, "a.test", &["a.test"]);
        assert_eq!(found, ["mail.a.test", "www.a.test", "x.y.a.test"]);
        assert_eq!(below("www.b.test.", "a.test", &["a.test", "b.test"]), [""; 0]);
        assert_eq!(below("www", "b.test", &["a.test", "b.test"]), ["www.b.test"]);
    }

    #[test]
    fn a_name_belongs_to_the_nearest_linted_domain() {
        let linted = ["a.test", "sub.a.test"];
        assert_eq!(below("x.sub.a.test\nsub.a.test", "a.test", &linted), [""; 0]);
        assert_eq!(below("x.sub.a.test\nsub.a.test", "sub.a.test", &linted), ["x.sub.a.test"]);
    }

    #[test]
    fn too_many_names_are_refused() {
        let text: String = (0..=MOST_NAMES).map(|number| format!("h{number}\n")).collect();
        let file = Subdomains::of("names".to_owned(), &text).unwrap();
        let mut subject = Subject::domain(name("a.test"));
        assert!(file.attach(&mut subject, &names(&["a.test"])).is_err());
        assert!(Subdomains::of("names".to_owned(), "a..b").is_err());
    }
}
