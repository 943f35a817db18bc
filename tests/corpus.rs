//! Real, published policies: each compiles, proven, or is refused with domain,
//! term and reason.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "support/corpus.rs"]
mod published;
#[path = "support/shared.rs"]
mod shared;

use std::time::{Duration, Instant};

use spfc::compile::{CompileError, Halt, MacroStyle, SourceOptions, compile_macro, flatten};
use spfc::dns::ZoneMap;
use spfc::image::Order;

use published::{corpus, exists_static, flat, macros, shard};

/// What one domain may take. The corpus says one second of an optimised build;
/// this is not one, and the machine may be busy.
const LONGEST: Duration = Duration::from_secs(5);

/// How many of the corpus' policies are sound, and how many are not.
const SOUND: usize = 699;
const BROKEN: usize = 220;

/// Compiles every domain; each that is refused is refused for its own policy.
/// `void` sound policies have so many void lookups of their own that a macro's
/// would be one too many.
fn every_domain(void: usize, compile: impl Fn(&ZoneMap, SourceOptions) -> Result<(), Halt>) {
    let Some(corpus) = corpus() else { return };
    let (mut sound, mut broken, mut too_void) = (0, 0, 0);
    for domain in &corpus.domains {
        let began = Instant::now();
        match compile(&corpus.zones, SourceOptions::new(domain.clone())) {
            Ok(()) => sound += 1,
            Err(Halt::Refuse(error)) => {
                let errors = match *error {
                    CompileError::Policy(errors) => errors,
                    CompileError::TooManyVoidLookups { .. } => {
                        too_void += 1;
                        continue;
                    }
                    other => panic!("{domain}: {other}"),
                };
                assert!(!errors.is_empty(), "{domain}");
                for error in errors {
                    let words = error.to_string();
                    assert!(words.starts_with(&error.domain.to_string()), "{words}");
                    assert!(error.term.is_some() || error.domain == *domain, "{words}");
                }
                broken += 1;
            }
            Err(Halt::Need(questions)) => panic!("{domain} needs {}", questions[0]),
        }
        assert!(began.elapsed() < LONGEST, "{domain} took {:?}", began.elapsed());
    }
    eprintln!("{sound} compile, proven; {broken} are refused, {too_void} for void lookups");
    assert_eq!((sound, broken, too_void), (SOUND - void, BROKEN, void));
}

#[test]
fn flatten_compiles_or_refuses_each() {
    every_domain(0, |zones, source| {
        flatten(zones, &flat(source)).map(|flat| {
            assert!(flat.compiled.lookups.terms <= 10 && flat.compiled.lookups.void() <= 2);
            let fits =
                flat.compiled.records.iter().filter(|record| record.message_octets <= 512).count();
            // Only a domain that other texts fill is over, and the run says so.
            assert!(
                fits == flat.compiled.records.len()
                    || fits + 1 == flat.compiled.records.len() && !flat.compiled.notes.is_empty()
            );
        })
    });
}

#[test]
fn macro_compiles_or_refuses_each() {
    // An include has an answer for every client, so it is never void.
    for (void, style) in [
        (1, MacroStyle::Exists { order: Order::Reversed, version: true }),
        (0, MacroStyle::Include { order: Order::Reversed, version: true }),
        (1, exists_static()),
        (0, shard()),
    ] {
        every_domain(void, |zones, source| {
            compile_macro(zones, &macros(source, style.clone())).map(|_| ())
        });
    }
}
