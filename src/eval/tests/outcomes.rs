//! What an evaluation says about itself.

use super::*;

#[test]
fn counts_what_it_cost() {
    let dns = cache(
        &[("example.com", "v=spf1 include:b.example mx ~all"), ("b.example", "v=spf1 a:h.example")],
        &[
            ("h.example", RecordType::A, Reply::NoName),
            ("example.com", RecordType::Mx, mx(&["h.example", "m.example"])),
            ("m.example", RecordType::A, a(&["192.0.2.2"])),
        ],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Softfail);
    assert_eq!(
        evaluation.lookups,
        Lookups { terms: 3, void: 2, void_ip4: 2, void_ip6: 0, queries: 5 }
    );
}

#[test]
fn says_which_term_matched_and_how_it_got_there() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 ip4:192.0.2.9 redirect=r.example"),
            ("r.example", "v=spf1 -include:b.example +all"),
            ("b.example", "v=spf1 ?ip4:192.0.2.8 IP4:192.0.2.0/24 -all"),
        ],
        &[],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Fail);
    let path: Vec<String> = evaluation
        .path
        .iter()
        .map(|matched| format!("{} {}", matched.domain(), matched.term()))
        .collect();
    assert_eq!(path, ["r.example -include:b.example", "b.example IP4:192.0.2.0/24"]);
    assert_eq!(evaluation.directive().unwrap().mechanism(), "include");
    assert_eq!(evaluation.matched().unwrap().mechanism(), "ip4");
    let trace: Vec<String> = evaluation
        .trace
        .iter()
        .map(|entry| format!("{} {} {}", entry.depth, entry.term, entry.outcome.as_str()))
        .collect();
    assert_eq!(
        trace,
        [
            "0 ip4:192.0.2.9 no-match",
            "0 redirect=r.example followed",
            "1 -include:b.example match",
            "2 ?ip4:192.0.2.8 no-match",
            "2 IP4:192.0.2.0/24 match",
        ]
    );
}

#[test]
fn an_error_is_the_last_thing_in_the_trace() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 include:b.example -all"),
            ("b.example", "v=spf1 a:h.example ?all"),
        ],
        &[("h.example", RecordType::A, Reply::Failure(Failure::ServerFailure))],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Temperror);
    assert!(evaluation.trace.iter().all(|entry| entry.outcome == TermOutcome::Error));
    let problem = evaluation.problem.unwrap();
    assert_eq!(
        problem.to_string(),
        "b.example: a:h.example: h.example A: the server failed (SERVFAIL)"
    );
    assert_eq!(
        (problem.domain(), problem.term().as_deref()),
        (&name("b.example"), Some("a:h.example"))
    );
}

#[test]
fn a_syntax_problem_keeps_all_errors() {
    let dns = cache(&[("example.com", "v=spf1 ip4:192.0.2.1 foo a:%x.example all:y")], &[]);
    let problem = done(run(&dns, "192.0.2.1", Limits::RFC7208)).problem.unwrap();
    assert_eq!(problem.syntax_errors().len(), 3);
    assert_eq!(problem.result(), SpfResult::Permerror);
    assert_eq!(problem.term().as_deref(), Some("foo"));
}
