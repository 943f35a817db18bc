//! Following aliases (CNAME), in one way wherever answers come from.
//!
//! A chain that comes back to one of its names, or that is longer than
//! [`ALIASES`], is a failure of its own. Nothing here asks anything.

use super::{Answer, Failure, Question, Reply};
use crate::limits::ALIASES;
use crate::name::DomainName;

/// The names that one question led through so far.
#[derive(Clone, Debug)]
pub(super) struct AliasChain {
    asked: DomainName,
    aliases: Vec<DomainName>,
    ttl: Option<u32>,
}

impl AliasChain {
    /// A chain that has not left `asked` yet.
    pub(super) fn new(asked: DomainName) -> AliasChain {
        AliasChain { asked, aliases: Vec::new(), ttl: None }
    }

    /// The name that the chain leads to.
    pub(super) fn owner(&self) -> &DomainName {
        self.aliases.last().unwrap_or(&self.asked)
    }

    /// Goes on to the target of an alias at [`AliasChain::owner`].
    ///
    /// # Errors
    ///
    /// [`Failure::Aliases`] when the chain is a loop or too long.
    pub(super) fn follow(&mut self, target: DomainName, ttl: Option<u32>) -> Result<(), Failure> {
        let seen = self.asked == target || self.aliases.contains(&target);
        if seen || self.aliases.len() >= ALIASES {
            return Err(Failure::Aliases);
        }
        self.ttl = shorter(self.ttl, ttl);
        self.aliases.push(target);
        Ok(())
    }

    /// The answer that the last name of the chain gives, with the shortest TTL
    /// of all; a failure has none.
    pub(super) fn end(self, reply: Reply, ttl: Option<u32>) -> Answer {
        let ttl = match reply {
            Reply::Failure(_) => None,
            _ => shorter(self.ttl, ttl),
        };
        Answer { ttl, aliases: self.aliases, ..Answer::new(reply) }
    }
}

/// What is known at one name.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// An answer, with its TTL.
    Reply(Reply, Option<u32>),
    /// An alias of another name, with its TTL.
    Alias(DomainName, Option<u32>),
}

/// Answers `question` from what `find` says of each name on the way.
pub(super) fn follow(question: &Question, find: impl Fn(&DomainName) -> Found) -> Answer {
    let mut chain = AliasChain::new(question.name.clone());
    loop {
        match find(chain.owner()) {
            Found::Reply(reply, ttl) => return chain.end(reply, ttl),
            Found::Alias(target, ttl) => {
                if let Err(failure) = chain.follow(target, ttl) {
                    return chain.end(Reply::Failure(failure), None);
                }
            }
        }
    }
}

/// The shorter of two TTLs, where an unknown one says nothing.
pub(super) fn shorter(left: Option<u32>, right: Option<u32>) -> Option<u32> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{RecordType, Records};
    use std::net::Ipv4Addr;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn question(text: &str) -> Question {
        Question::new(name(text), RecordType::A)
    }

    /// `n0` is an alias of `n1`, and so on up to `n<last>`, which has an address.
    fn staircase(last: usize) -> Answer {
        follow(&question("n0"), |owner| {
            let step: usize = owner.to_string()[1..].parse().unwrap();
            if step == last {
                let records = Records::A(vec![Ipv4Addr::LOCALHOST]);
                Found::Reply(Reply::Records(records), Some(100))
            } else {
                Found::Alias(name(&format!("n{}", step + 1)), Some(50 + step as u32))
            }
        })
    }

    #[test]
    fn keeps_the_chain_and_the_shortest_ttl() {
        let answer = staircase(2);
        assert_eq!(answer.aliases, [name("n1"), name("n2")]);
        assert_eq!(answer.ttl, Some(50));
        assert_eq!(staircase(0).ttl, Some(100));
        assert_eq!(staircase(0).aliases, []);
    }

    #[test]
    fn follows_ten_aliases_and_no_more() {
        assert_eq!(staircase(ALIASES).failure(), None);
        assert_eq!(staircase(ALIASES + 1).failure(), Some(Failure::Aliases));
    }

    #[test]
    fn sees_loops_in_any_case() {
        let answer = follow(&question("a.test"), |owner| {
            let target = if *owner == name("a.test") { "b.test" } else { "A.TEST" };
            Found::Alias(name(target), None)
        });
        assert_eq!(answer.failure(), Some(Failure::Aliases));
        assert_eq!(answer.aliases, [name("b.test")]);
        let own = follow(&question("a.test"), |owner| Found::Alias(owner.clone(), Some(1)));
        assert_eq!((own.failure(), own.ttl), (Some(Failure::Aliases), None));
    }
}
