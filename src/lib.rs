//! A compiler for SPF policies (RFC 7208) that proves its output.
//!
//! The library reads the policy of a domain as a receiver would. It parses
//! records, decides for a message, finds what is wrong, compiles a policy to
//! records that cost fewer DNS lookups, and compares two policies over every
//! IPv4 and IPv6 address. The program `spfc` is a thin caller of it.
//!
//! ```
//! use spfc::dns::{Source, ZoneMap};
//! use spfc::eval::{Message, Options, RecordStore, check_host};
//!
//! // A small closed world in place of DNS.
//! let zones = ZoneMap::read(br#"{"example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}}"#)?;
//! let mut dns = Source::closed(zones);
//!
//! let mut records = RecordStore::new();
//! let message =
//!     Message::mail_from("192.0.2.25".parse()?, "mx.example.com", "alice@example.com");
//! let options = Options::default();
//! let evaluation = dns.run(|lookup| check_host(lookup, &mut records, &message, &options))?;
//! assert_eq!(evaluation.result.as_str(), "pass");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Entry points
//!
//! | call | what it does | example to run |
//! |---|---|---|
//! | [`syntax::parse_record`] | reads a record: its terms, and every mistake with its octets | `parse` |
//! | [`eval::check_host()`] | decides for one message as a receiver does, and says which term did | `check_host` |
//! | [`lint::lint()`] | finds what is wrong, risky or useless in a policy, with ways out | `lint` |
//! | [`compile::flatten()`], [`compile::compile_macro`] | compiles a policy to flat records or to a macro record, proven to mean the same | `compile` |
//! | [`compile::verify()`] | proves two policies equal, or shows the ranges where they differ | `verify` |
//!
//! Each has an example in its documentation, and one in the folder `examples`:
//! `cargo run --example lint`. The other modules are what these are made of, and
//! stand open for tools that need a part: the include tree with its lookups
//! ([`policy`]), changes of DNS for DNS hosts ([`publish`]), the zones that answer
//! macro records ([`image`]) and their server (`responder`). Modules build on each
//! other in one direction; ARCHITECTURE.md has the map.
//!
//! # How DNS is given
//!
//! Whatever needs DNS is a pure function over [`dns::Lookup`], which has the
//! answer to a question or names the one to ask first. Such a function gives its
//! result or the questions that it still needs, and is run again when they are
//! answered. Nothing in it waits, and nothing is asked behind the caller's back.
//!
//! - [`dns::Source`] runs a function to its end. [`dns::Source::closed`] takes the
//!   answers of a file: a [`dns::ZoneMap`], in which what is not there does not
//!   exist, or a [`dns::Recording`], the lock file of `spfc lock`, in which it is
//!   not known; [`dns::DnsFile`] reads either. [`dns::Source::network`] asks
//!   resolvers and blocks until they have answered.
//! - [`dns::gather()`] does the same inside an asynchronous program, on
//!   [tokio](https://docs.rs/tokio) where [`dns::Hickory`] asks.
//! - Any other type that implements [`dns::Lookup`], or [`dns::Ask`] for a resolver
//!   of one's own.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use spfc::compile::{FlattenOptions, Halt, flatten};
//! use spfc::dns::{Cache, Hickory, gather};
//! use spfc::name::DomainName;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let resolvers = Hickory::system(Duration::from_secs(5))?;
//! let options = FlattenOptions::new(DomainName::parse("example.com")?);
//! let mut answers = Cache::default();
//! let flat = gather(&resolvers, &mut answers, |lookup| Halt::step(flatten(lookup, &options)))
//!     .await
//!     .map_err(|question| format!("the answer to {question} was not taken"))??;
//! for record in &flat.compiled.records {
//!     println!("{} TXT {:?}", record.name, record.strings());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Answers, names and records are hostile: no input makes the library panic, and
//! work is bounded by [`limits::Ceilings`]. Text that came from outside stays as it
//! is in results; [`escape`] makes it fit to be shown.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `cli` (default) | the program `spfc` and the module `cli`; takes the features below along |
//! | `refresh` | the module `refresh`: the sources of a server kept up to date |
//! | `history` | the module `history`: every version of every source in an SQLite file |
//! | `responder` | the module `responder`: the authoritative DNS server of macro records. For Unix systems |
//!
//! A library that only parses, evaluates, lints, compiles and compares takes
//! `spfc = { version = "0.1", default-features = false }`.
//!
//! # Versions
//!
//! The crate builds with Rust 1.89 and later, and every change is built with
//! it. A release that raises only the third number of the version never asks for a
//! later Rust.
//!
//! Versions follow [Semantic Versioning](https://semver.org): until 1.0 a change
//! that breaks a caller raises the second number, and anything else the third.
//! To what is `#[non_exhaustive]`, fields and variants may be added at any time.
//! Options are best made by `new` or `default` and then changed field by field: what
//! is written so goes on to build when a field is added. The words of messages and
//! what `Debug` prints may change in any release, and so may the module `cli`, which
//! is the program's own.

pub mod addr;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod compile;
pub mod config;
pub mod counts;
pub mod dns;
#[cfg(feature = "http")]
// Some of it is said by commands alone.
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]
mod documents;
pub mod escape;
pub mod eval;
#[cfg(feature = "history")]
pub mod history;
#[cfg(feature = "http")]
pub mod http;
pub mod image;
pub mod limits;
pub mod lint;
pub mod message;
pub mod metrics;
pub mod name;
pub mod optimize;
pub mod outcome;
#[cfg(feature = "picture")]
pub mod picture;
pub mod policy;
pub mod proof;
pub mod publish;
#[cfg(feature = "refresh")]
pub mod refresh;
#[cfg(feature = "responder")]
pub mod responder;
pub mod syntax;
pub mod target;
pub mod update;
pub mod whole_file;

/// The examples of README.md, compiled and run with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
