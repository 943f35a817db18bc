//! What ends when no limit does.

use std::sync::Arc;

use super::*;

/// Answers each TXT question with the same record, and no other question.
struct Everywhere(&'static str);

impl Lookup for Everywhere {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(Answer::new(match question.record_type {
            RecordType::Txt => txt(self.0),
            _ => Reply::NoName,
        })))
    }
}

fn ceiling_of(evaluation: &Evaluation) -> Ceiling {
    assert_eq!(evaluation.result, SpfResult::Permerror);
    match &evaluation.problem {
        Some(Problem::Ceiling { ceiling, .. }) => *ceiling,
        other => panic!("{other:?}"),
    }
}

#[test]
fn loops_end_at_the_level_ceiling_without_limits() {
    for record in
        ["v=spf1 include:%{d} -all", "v=spf1 redirect=%{d}", "v=spf1 include:x.%{d2} -all"]
    {
        let evaluation = done(run(&Everywhere(record), "192.0.2.1", Limits::UNLIMITED));
        assert_eq!(ceiling_of(&evaluation), Ceiling::Levels(64), "{record}");
        assert_eq!(evaluation.trace.len(), 64);
    }
    let limited = done(run(&Everywhere("v=spf1 include:%{d} -all"), "192.0.2.1", Limits::RFC7208));
    assert!(matches!(limited.problem, Some(Problem::LookupTerms { limit: 10, .. })));
}

#[test]
fn distinct_names_end_at_the_question_ceiling() {
    let limits =
        Limits { ceilings: Ceilings { levels: 10, ..Ceilings::DEFAULT }, ..Limits::UNLIMITED };
    // Each record includes two others of names that never come again, until
    // they are cut to 253 octets; the tenth level alone has a thousand.
    let record = "v=spf1 include:a.%{d} include:b.%{d} a:%{d} -all";
    struct Tree(&'static str);
    impl Lookup for Tree {
        fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
            Ok(Arc::new(Answer::new(match question.record_type {
                RecordType::Txt if question.name.label_count() > 10 => txt("v=spf1 -all"),
                RecordType::Txt => txt(self.0),
                _ => Reply::NoName,
            })))
        }
    }
    assert_eq!(
        ceiling_of(&done(run(&Tree(record), "192.0.2.1", limits))),
        Ceiling::Questions(1_000)
    );
}

#[test]
fn large_answers_and_many_prefixes_meet_their_ceilings() {
    let small = Ceilings { octets: 100, prefixes: 3, ..Ceilings::DEFAULT };
    let limits = Limits { ceilings: small, ..Limits::UNLIMITED };
    let octets = "v=spf1 include:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.%{d} ~all";
    let evaluation = done(run(&Everywhere(octets), "192.0.2.1", limits));
    assert_eq!(ceiling_of(&evaluation), Ceiling::Octets(100));
    let prefixes = "v=spf1 ip4:192.0.2.2 ip6:::1 ip4:192.0.2.3 ip4:192.0.2.4 -all";
    let evaluation = done(run(&Everywhere(prefixes), "192.0.2.1", limits));
    assert_eq!(ceiling_of(&evaluation), Ceiling::Prefixes(3));
}

#[test]
fn records_included_again_and_again_are_evaluated_once() {
    // Ten includes deep ten times: 10^10 evaluations if each were repeated.
    let mut dns = Cache::default();
    for level in 0..10 {
        let owner = if level == 0 { "example.com".to_owned() } else { format!("l{level}.example") };
        let include = format!(" include:l{}.example", level + 1);
        let record = format!("v=spf1{} ?all", include.repeat(10));
        dns.insert(question(&owner, RecordType::Txt), Answer::new(txt(&record)));
    }
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::UNLIMITED)), ["l10.example TXT"]);
    let last = Answer::new(txt("v=spf1 exists:no.example -all"));
    dns.insert(question("l10.example", RecordType::Txt), last);
    dns.insert(question("no.example", RecordType::A), Answer::new(Reply::NoName));
    let evaluation = done(run(&dns, "192.0.2.1", Limits::UNLIMITED));
    assert_eq!(evaluation.result, SpfResult::Neutral);
    assert_eq!(evaluation.lookups.queries, 12);
    // 10 + 100 + … + 10^10 includes and 10^10 exists: more than the counter holds.
    assert_eq!((evaluation.lookups.terms, evaluation.lookups.void), (u32::MAX, u32::MAX));
}
