//! How sources do, for people.

use std::fmt::Write;

use crate::cli::describe::{counted, counted_all, provider_change};
use crate::cli::style::{BAD, DIM, GOOD, STRONG, WARN, paint};
use crate::escape;
use crate::refresh::{Health, SourceStatus, Status, WhyServed, ZoneStatus, rfc3339};

/// The whole text: what is not well first.
pub(super) fn text(status: &Status) -> String {
    let mut out = String::new();
    if !status.running {
        let _ = writeln!(out, "{}; this is what one left\n", paint(WARN, "no server runs"));
    }
    if let Some(problem) = &status.problem {
        let problem = escape::message(problem);
        let _ = writeln!(out, "{} the state cannot be written: {problem}\n", paint(BAD, "error:"));
    }
    let mut sources: Vec<&SourceStatus> = status.sources.iter().collect();
    sources.sort_by_key(|source| (std::cmp::Reverse(source.health), source.source.clone()));
    sources.iter().for_each(|source| write_source(source, status.time, &mut out));
    if !status.zones.is_empty() {
        out.push('\n');
        status.zones.iter().for_each(|zone| write_zone(zone, &mut out));
    }
    let _ = writeln!(out, "\n{}", summary(status));
    out
}

fn write_source(source: &SourceStatus, now: i64, out: &mut String) {
    let (style, word) = match source.health {
        Health::Fine => (GOOD, "fine"),
        Health::Failing => (WARN, "DNS fails"),
        Health::Unpublished => (WARN, "record to publish"),
        Health::Held => (WARN, "waits"),
        Health::Broken => (BAD, "in error"),
        Health::Unready => (BAD, "not served"),
    };
    let identity = &source.identity;
    let what = match (&identity.domain, &identity.file) {
        (Some(domain), _) => {
            let read_at =
                identity.read_at.as_ref().map(|name| format!(", read at {}", escape::text(name)));
            format!("the policy of {}{}", escape::text(domain), read_at.unwrap_or_default())
        }
        (None, Some(file)) => escape::text(file),
        (None, None) => "what is known of it cannot be read".to_owned(),
    };
    let name = paint(STRONG, escape::text(&source.source));
    let _ = writeln!(out, "{name}  {}  {what}", paint(style, word));
    let mut lines = Vec::new();
    if let (Some(version), Some(since)) = (source.version, source.since) {
        let why =
            source.why.as_ref().map_or_else(String::new, |why| words(why, identity.file.is_some()));
        let mut line = format!("version {version} since {} ({why})", rfc3339(since));
        if let (Some(ip4), Some(ip6)) = (&source.ip4_addresses, &source.ip6_networks) {
            // The server writes nothing but digits.
            let [ip4, ip6] = [ip4, ip6].map(|digits| digits.parse().unwrap_or(u128::MAX));
            let (ip4, ip6) = (counted_all(ip4, "IPv4 address"), counted_all(ip6, "IPv6 network"));
            let _ = write!(line, ", passes {ip4}, {ip6}");
        }
        lines.push(line);
    }
    lines.extend(waiting(source));
    if let Some(record) = &source.publish {
        lines.push(format!("publish, and configure: {}", escape::message(record)));
    }
    if let Some(failing) = &source.failing {
        let since = rfc3339(failing.since);
        lines.push(format!("since {since}: {}", escape::message(&failing.reason)));
    }
    if let Some(next) = source.next {
        let read = match source.checked {
            Some(checked) => format!("read {} ago", seconds(now.saturating_sub(checked))),
            None => "not read since the start of the server".to_owned(),
        };
        let next = i64::try_from(next).unwrap_or(i64::MAX);
        lines.push(paint(DIM, format!("{read}, again in {}", seconds(next))));
    }
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

/// What waits for a person, and what that person can do.
fn waiting(source: &SourceStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(held) = &source.held {
        let since = rfc3339(held.since);
        lines.push(format!("since {since} a change waits: {}", escape::message(&held.reason)));
        lines.extend(held.providers.iter().map(|it| format!("  {}", provider_change(it))));
        let name = escape::text(&source.source);
        lines.push(format!("'spfc accept {name} --since {since}' serves it"));
        if let (Some(version), None) = (source.version, &source.identity.file) {
            lines.push(format!("'spfc history {name} --diff {version} held' lists the ranges"));
        }
    } else if source.pinned {
        lines.push(format!("'spfc accept {}' lets DNS decide again", escape::text(&source.source)));
    }
    lines
}

fn write_zone(zone: &ZoneStatus, out: &mut String) {
    let name = paint(STRONG, escape::text(&zone.zone));
    let since = zone.since.map_or(0, |since| i64::try_from(since).unwrap_or(i64::MAX));
    let said = match (zone.served, zone.unready) {
        (false, _) => paint(BAD, "not served"),
        (true, 0) => format!("{} since {}", counted(zone.names, "name"), rfc3339(since)),
        (true, unready) => format!(
            "{} since {}, {}",
            counted(zone.names, "name"),
            rfc3339(since),
            paint(BAD, format!("nothing known of {} yet", counted(unready, "domain")))
        ),
    };
    let _ = writeln!(out, "{name}  {said}");
}

/// Why a version is served.
fn words(why: &WhyServed, file: bool) -> String {
    match (why.kind.as_str(), why.to) {
        ("first", _) => "the first".to_owned(),
        ("changed", _) if file => "the file said so".to_owned(),
        ("changed", _) => "DNS said so".to_owned(),
        ("configured", _) => "configured so".to_owned(),
        ("accepted", _) => "accepted by a person".to_owned(),
        (_, Some(to)) => format!("a person went back to version {to}"),
        (other, None) => escape::text(other),
    }
}

/// `3 sources: 2 fine, 1 waiting for a person`
fn summary(status: &Status) -> String {
    let count = |health| status.sources.iter().filter(|it| it.health == health).count();
    let kinds = [
        (Health::Fine, "fine"),
        (Health::Held, "waiting for a person"),
        (Health::Unpublished, "with a record to publish"),
        (Health::Failing, "without DNS for now"),
        (Health::Broken, "in error"),
        (Health::Unready, "not served"),
    ];
    let said = kinds.into_iter().map(|(health, word)| (count(health), word));
    let said: Vec<String> = said
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match said.is_empty() {
        true => "nothing is known of any source".to_owned(),
        false => format!("{}: {}", counted(status.sources.len(), "source"), said.join(", ")),
    }
}

/// `40 s`, `3 min`, `2 h`, `5 days`
fn seconds(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}
