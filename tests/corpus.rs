//! Real, published policies: each compiles, proven, or is refused with domain,
//! term and reason.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "support/corpus.rs"]
mod published;
#[path = "support/shared.rs"]
mod shared;

use std::time::{Duration, Instant};

use spfc::compile::{
    CompileError, CoverChoice, Halt, MacroStyle, SourceOptions, compile_macro, flatten,
    just_enough, read_source,
};
use spfc::dns::ZoneMap;
use spfc::image::Order;
use spfc::policy::Decisions;

use published::{corpus, exists_static, flat, macros, shard};

/// What one domain may take. The corpus says one second of an optimised build;
/// this is not one, and the machine may be busy.
const LONGEST: Duration = Duration::from_secs(5);

/// How many of the corpus' policies are sound, and how many are not.
const SOUND: usize = 699;
const BROKEN: usize = 220;
/// How many of the sound ones just enough mends, and for how many of them it is
/// known that nothing smaller would do: with ten lookups, and with four.
const MENDED: (usize, usize) = (15, 15);
const MENDED_TO_FOUR: (usize, usize) = (31, 31);

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
    for cover in [CoverChoice::Disjoint, CoverChoice::Ordered] {
        every_domain(0, |zones, source| flattened(zones, source, cover));
    }
}

fn flattened(zones: &ZoneMap, source: SourceOptions, cover: CoverChoice) -> Result<(), Halt> {
    flatten(zones, &flat(source, cover)).map(|flat| {
        assert!(flat.compiled.lookups.terms <= 10 && flat.compiled.lookups.void() <= 2);
        let fits =
            flat.compiled.records.iter().filter(|record| record.message_octets <= 512).count();
        // Only a domain that other texts fill is over, and the run says so.
        assert!(
            fits == flat.compiled.records.len()
                || fits + 1 == flat.compiled.records.len() && !flat.compiled.notes.is_empty()
        );
    })
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

/// Every sound policy over its limits is brought within them where flattening
/// all of it does that: over those of receivers, and over four lookups.
#[test]
fn just_enough_mends_each_that_is_over_the_limits() {
    let Some(corpus) = corpus() else { return };
    for (max_lookups, expected) in [(10, MENDED), (4, MENDED_TO_FOUR)] {
        let (mut mended, mut inlined, mut live, mut least) = (0, 0, 0, 0);
        let begun = Instant::now();
        for domain in &corpus.domains {
            let source = SourceOptions::new(domain.clone());
            let read = read_source(&corpus.zones, &source, &mut Decisions::default());
            let Ok(policy) = read else { continue };
            if policy.lookups.terms <= max_lookups && policy.lookups.void() <= 2 {
                continue;
            }
            let mut options = flat(source, CoverChoice::Disjoint);
            options.records.max_lookups = max_lookups;
            let began = Instant::now();
            let enough = match just_enough(&corpus.zones, &options) {
                Ok(enough) => enough,
                Err(Halt::Refuse(error)) => {
                    assert!(flatten(&corpus.zones, &options).is_err(), "{domain}: {error}");
                    continue;
                }
                Err(Halt::Need(questions)) => panic!("{domain} needs {}", questions[0]),
            };
            assert!(began.elapsed() < LONGEST, "{domain} took {:?}", began.elapsed());
            let compiled = &enough.flattened.compiled;
            assert!(compiled.lookups.terms <= max_lookups, "{domain}");
            assert!(compiled.lookups.void() <= 2, "{domain}");
            assert!(!enough.inlined.is_empty(), "{domain}");
            mended += 1;
            inlined += enough.inlined.len();
            live += compiled.source.kept.len();
            least += usize::from(enough.least);
        }
        let took = begun.elapsed();
        eprintln!(
            "{mended} policies brought within {max_lookups} lookups in {took:?}: {inlined} terms inlined, \
             {live} live; the least choice for {least}"
        );
        assert_eq!((mended, least), expected);
    }
}
