//! `directive` and the mechanisms (RFC 7208 sections 4.6.1 and 5).

use super::{Fault, Scope, network};
use crate::outcome::Qualifier;
use crate::syntax::{Directive, DomainSpec, Mechanism, SyntaxErrorKind};

impl<'a> Scope<'a> {
    /// `directive = [ qualifier ] mechanism`
    pub(super) fn directive(&mut self, term: &'a [u8]) -> Result<Directive, Fault<'a>> {
        let (qualifier, body) = match term.split_first() {
            Some((&octet, body)) => match Qualifier::from_octet(octet) {
                Some(qualifier) => (qualifier, body),
                None => (Qualifier::Pass, term),
            },
            None => (Qualifier::Pass, term),
        };
        let mechanism = self.mechanism(term, body)?;
        Ok(Directive { qualifier, mechanism })
    }

    /// `mechanism = all / include / a / mx / ptr / ip4 / ip6 / exists`; the
    /// name ends at a colon, a slash or the end of the term.
    fn mechanism(&mut self, term: &'a [u8], body: &'a [u8]) -> Result<Mechanism, Fault<'a>> {
        let end = body.iter().position(|octet| matches!(octet, b':' | b'/'));
        let (name, argument) = body.split_at(end.unwrap_or(body.len()));
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match name.len() {
            1 if is("a") => self.address_mechanism(argument, Mechanism::A),
            2 if is("mx") => self.address_mechanism(argument, Mechanism::Mx),
            3 if is("ip4") => self.ip4(argument),
            3 if is("ip6") => self.ip6(argument),
            3 if is("all") => all(argument),
            3 if is("ptr") => self.ptr(argument),
            6 if is("exists") => self.domain_argument(name, argument).map(Mechanism::Exists),
            7 if is("include") => self.domain_argument(name, argument).map(Mechanism::Include),
            _ => Err(Fault::new(term, SyntaxErrorKind::UnknownMechanism)),
        }
    }

    /// `include = "include" ":" domain-spec` and `exists = "exists" ":" domain-spec`
    fn domain_argument(
        &mut self,
        name: &'a [u8],
        argument: &'a [u8],
    ) -> Result<DomainSpec, Fault<'a>> {
        match argument {
            [b':', domain @ ..] => self.domain_spec(domain),
            [] => Err(Fault::new(name, SyntaxErrorKind::MissingDomain)),
            _ => Err(Fault::new(argument, SyntaxErrorKind::MissingDomain)),
        }
    }

    /// `ptr = "ptr" [ ":" domain-spec ]`
    fn ptr(&mut self, argument: &'a [u8]) -> Result<Mechanism, Fault<'a>> {
        match argument {
            [] => Ok(Mechanism::Ptr(None)),
            [b':', domain @ ..] => Ok(Mechanism::Ptr(Some(self.domain_spec(domain)?))),
            _ => Err(Fault::new(argument, SyntaxErrorKind::UnexpectedArgument)),
        }
    }

    /// `a = "a" [ ":" domain-spec ] [ dual-cidr-length ]`, and `mx` alike
    fn address_mechanism(
        &mut self,
        argument: &'a [u8],
        build: fn(Option<DomainSpec>, crate::syntax::DualCidrLength) -> Mechanism,
    ) -> Result<Mechanism, Fault<'a>> {
        let (domain, lengths) = network::split_dual_cidr(argument);
        let domain = match domain {
            [] => None,
            [b':', domain @ ..] => Some(self.domain_spec(domain)?),
            _ => return Err(Fault::new(domain, SyntaxErrorKind::UnexpectedArgument)),
        };
        let lengths = self.dual_cidr_length(lengths)?;
        Ok(build(domain, lengths))
    }
}

/// `all = "all"`
fn all(argument: &[u8]) -> Result<Mechanism, Fault<'_>> {
    match argument {
        [] => Ok(Mechanism::All),
        _ => Err(Fault::new(argument, SyntaxErrorKind::UnexpectedArgument)),
    }
}
