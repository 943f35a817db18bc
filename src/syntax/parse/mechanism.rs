//! `directive` and the mechanisms (RFC 7208 sections 4.6.1 and 5).

use super::{Fault, Scope, network};
use crate::outcome::Qualifier;
use crate::syntax::{
    Directive, DomainSpec, DualCidrLength, Mechanism, SyntaxErrorKind, Term, TermKind,
};

/// What `a` and `mx` take.
type AddressArgument = (Option<DomainSpec>, DualCidrLength);

impl<'a> Scope<'a> {
    /// A term, already split into its qualifier, name and argument. It is put
    /// into the record where its kind is known: handed up instead, it would be
    /// copied in pieces, which took a tenth of the time of parsing.
    ///
    /// `directive = [ qualifier ] mechanism`
    #[inline]
    pub(super) fn directive(
        &mut self,
        term: &'a [u8],
        qualifier: Option<Qualifier>,
        name: &'a [u8],
        argument: &'a [u8],
    ) -> Result<(), Fault<'a>> {
        let qualifier = qualifier.unwrap_or(Qualifier::Pass);
        let span = self.span(term);
        let unknown = Err(Fault::new(term, SyntaxErrorKind::UnknownMechanism));
        match argument {
            [] | [b':' | b'/', ..] => self.mechanism(name, argument, unknown, |mechanism| Term {
                span,
                kind: TermKind::Directive(Directive { qualifier, mechanism }),
            }),
            _ => unknown,
        }
    }

    /// The name decides; most frequent names first.
    ///
    /// `mechanism = ( all / include / a / mx / ptr / ip4 / ip6 / exists )`
    #[inline]
    fn mechanism(
        &mut self,
        name: &'a [u8],
        argument: &'a [u8],
        unknown: Result<(), Fault<'a>>,
        term: impl Fn(Mechanism) -> Term,
    ) -> Result<(), Fault<'a>> {
        if is(name, b"ip4") {
            let network = self.ip4(argument)?;
            self.terms.push(term(Mechanism::Ip4(network)));
        } else if is(name, b"include") {
            let domain = self.include(name, argument)?;
            self.terms.push(term(Mechanism::Include(domain)));
        } else if is(name, b"all") {
            all(argument)?;
            self.terms.push(term(Mechanism::All));
        } else if is(name, b"ip6") {
            let network = self.ip6(argument)?;
            self.terms.push(term(Mechanism::Ip6(network)));
        } else if is(name, b"a") {
            let (domain, lengths) = self.a(argument)?;
            self.terms.push(term(Mechanism::A(domain, lengths)));
        } else if is(name, b"mx") {
            let (domain, lengths) = self.mx(argument)?;
            self.terms.push(term(Mechanism::Mx(domain, lengths)));
        } else if is(name, b"ptr") {
            let domain = self.ptr(argument)?;
            self.terms.push(term(Mechanism::Ptr(domain)));
        } else if is(name, b"exists") {
            let domain = self.exists(name, argument)?;
            self.terms.push(term(Mechanism::Exists(domain)));
        } else {
            return unknown;
        }
        Ok(())
    }

    /// `include = "include" ":" domain-spec`
    fn include(&mut self, name: &'a [u8], argument: &'a [u8]) -> Result<DomainSpec, Fault<'a>> {
        self.domain_argument(name, argument)
    }

    /// `exists = "exists" ":" domain-spec`
    fn exists(&mut self, name: &'a [u8], argument: &'a [u8]) -> Result<DomainSpec, Fault<'a>> {
        self.domain_argument(name, argument)
    }

    /// `ptr = "ptr" [ ":" domain-spec ]`
    fn ptr(&mut self, argument: &'a [u8]) -> Result<Option<DomainSpec>, Fault<'a>> {
        match argument {
            [] => Ok(None),
            [b':', domain @ ..] => self.domain_spec(domain).map(Some),
            _ => Err(Fault::new(argument, SyntaxErrorKind::UnexpectedArgument)),
        }
    }

    /// `a = "a" [ ":" domain-spec ] [ dual-cidr-length ]`
    fn a(&mut self, argument: &'a [u8]) -> Result<AddressArgument, Fault<'a>> {
        self.address_argument(argument)
    }

    /// `mx = "mx" [ ":" domain-spec ] [ dual-cidr-length ]`
    fn mx(&mut self, argument: &'a [u8]) -> Result<AddressArgument, Fault<'a>> {
        self.address_argument(argument)
    }

    /// `":" domain-spec`
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

    /// `[ ":" domain-spec ] [ dual-cidr-length ]`
    fn address_argument(&mut self, argument: &'a [u8]) -> Result<AddressArgument, Fault<'a>> {
        let (domain, lengths) = network::split_dual_cidr(argument);
        let domain = match domain {
            [] => None,
            [b':', domain @ ..] => Some(self.domain_spec(domain)?),
            _ => return Err(Fault::new(domain, SyntaxErrorKind::UnexpectedArgument)),
        };
        Ok((domain, self.dual_cidr_length(lengths)?))
    }
}

/// The qualifier of a term, when it has one, and what is behind it.
///
/// `qualifier = "+" / "-" / "?" / "~"`
#[inline]
pub(super) fn qualifier(term: &[u8]) -> (&[u8], Option<Qualifier>) {
    match term {
        [octet, body @ ..] => match Qualifier::from_octet(*octet) {
            Some(qualifier) => (body, Some(qualifier)),
            None => (term, None),
        },
        [] => (term, None),
    }
}

/// `all = "all"`
#[inline]
fn all(argument: &[u8]) -> Result<(), Fault<'_>> {
    match argument {
        [] => Ok(()),
        _ => Err(Fault::new(argument, SyntaxErrorKind::UnexpectedArgument)),
    }
}

/// Whether a name is the known one, in any case. The length is part of the
/// type so that no loop is left of the comparison.
#[inline]
fn is<const LENGTH: usize>(name: &[u8], known: &[u8; LENGTH]) -> bool {
    <[u8; LENGTH]>::try_from(name).is_ok_and(|name| name.map(|o| o.to_ascii_lowercase()) == *known)
}
