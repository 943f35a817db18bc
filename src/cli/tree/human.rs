//! The include tree for people: lookups numbered on the left, addresses on the
//! right.

use std::fmt::Write;

use crate::cli::branches::guides;
use crate::cli::describe::{addresses, counted, lookups};
use crate::cli::style::{BAD, DIM, STRONG, WARN, paint};
use crate::escape;
use crate::limits::LOOKUP_TERMS;
use crate::outcome::Qualifier;
use crate::policy::{Graph, GraphTerm, Meaning, NodeState, count_lookups};

use crate::documents::{Cut, Reach, TreeLine, lines};

/// So many address terms in a row are one line.
const SHOWN_IN_A_ROW: usize = 3;
/// Lines at most.
const MOST_LINES: usize = 1_000;
/// Columns of the tree itself at most, before what stands on the right.
const MOST_COLUMNS: usize = 76;
/// Characters of a record that are shown at most.
const MOST_RECORD: usize = 2_048;

/// One printed line.
struct Row {
    depth: usize,
    /// The numbers of the lookups, `4` or `4-9`.
    numbers: String,
    style: anstyle::Style,
    text: String,
    notes: Vec<String>,
}

/// The whole text.
pub(super) fn text(graph: &Graph, verbose: bool) -> String {
    let mut reach = Reach::new(graph);
    let counts = count_lookups(graph);
    let count = counts.get(&Graph::ROOT).copied().unwrap_or_default();
    let root = graph.root();
    let mut out = format!("{}: {}\n", paint(STRONG, &root.domain), lookups(&count));
    let text = match &root.state {
        NodeState::Found(found) => Some(&found.record),
        NodeState::Broken { record, .. } => record.as_ref(),
    };
    if let Some(text) = text {
        let _ = writeln!(out, "{}", record(text.text()));
    }
    let rows = rows(graph, &mut reach, verbose);
    let brought = reach.node(Graph::ROOT).map(addresses).unwrap_or_default();
    out.push('\n');
    print(&rows, &root.domain.to_string(), &brought, verbose, &mut out);
    out
}

fn record(text: &[u8]) -> String {
    let shown = escape::octets(&text[..text.len().min(MOST_RECORD)]);
    match text.len().saturating_sub(MOST_RECORD) {
        0 => shown,
        rest => format!("{shown} {}", paint(DIM, format!("… {} more", counted(rest, "octet")))),
    }
}

fn print(rows: &[Row], domain: &str, brought: &str, verbose: bool, out: &mut String) {
    let most = if verbose { usize::MAX } else { MOST_LINES };
    let left_out = rows.len().saturating_sub(most);
    let rows = &rows[..rows.len() - left_out];
    let depths: Vec<usize> = rows.iter().map(|row| row.depth).collect();
    let guides = guides(&depths);
    let columns = |(guide, row): (&String, &Row)| guide.chars().count() + row.text.chars().count();
    let widest = guides.iter().zip(rows).map(columns).chain([domain.len()]);
    let widest = widest.max().unwrap_or(0).min(MOST_COLUMNS);
    let number = rows.iter().map(|row| row.numbers.len()).chain(["lookup".len()]).max();
    let number = number.unwrap_or(0);
    let pad = widest.saturating_sub(domain.len());
    let _ = writeln!(
        out,
        "{}",
        paint(DIM, format!("{:>number$}  {:widest$}  addresses", "lookup", "term"))
    );
    let root = format!("{:>number$}  {}{:pad$}  {brought}", "", paint(STRONG, domain), "");
    let _ = writeln!(out, "{}", root.trim_end());
    for (guide, row) in guides.iter().zip(rows) {
        let pad = widest.saturating_sub(columns((guide, row)));
        let numbers = format!("{:>number$}", row.numbers);
        let line = format!(
            "{}  {}{}{:pad$}  {}",
            paint(row.style, numbers),
            paint(DIM, guide),
            row.text,
            "",
            row.notes.join("  ")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if left_out > 0 {
        let more = format!("… {} (-v shows all)", counted(left_out, "more line"));
        let _ = writeln!(out, "{}", paint(DIM, more));
    }
}

fn rows(graph: &Graph, reach: &mut Reach<'_>, verbose: bool) -> Vec<Row> {
    let lines = lines(graph);
    let mut rows = Vec::with_capacity(lines.len());
    let mut rest = lines.as_slice();
    while let Some((line, behind)) = rest.split_first() {
        let row = rest.iter().take_while(|other| in_a_row(line, other)).count();
        if row > SHOWN_IN_A_ROW && !verbose {
            rows.push(together(&rest[..row]));
            rest = &rest[row..];
            continue;
        }
        rows.push(single(line, graph, reach));
        rest = behind;
    }
    rows
}

/// Whether a term of addresses continues a row of such terms.
fn in_a_row(first: &TreeLine<'_>, other: &TreeLine<'_>) -> bool {
    other.depth == first.depth
        && other.term.qualifier == first.term.qualifier
        && matches!(other.term.meaning, Meaning::Ip4(_) | Meaning::Ip6(_))
}

fn together(row: &[TreeLine<'_>]) -> Row {
    let terms: Vec<&GraphTerm> = row.iter().map(|line| line.term).collect();
    let ip4 = terms.iter().filter(|term| matches!(term.meaning, Meaning::Ip4(_))).count();
    let qualifier = row.first().map_or(Qualifier::Pass, |line| line.term.qualifier);
    let sort = |count: usize, name: &str| {
        (count > 0).then(|| counted(count, &format!("{}{name} term", qualifier.prefix())))
    };
    let names: Vec<String> =
        [sort(ip4, "ip4"), sort(row.len() - ip4, "ip6")].into_iter().flatten().collect();
    Row {
        depth: row.first().map_or(0, |line| line.depth),
        numbers: String::new(),
        style: DIM,
        text: names.join(" and "),
        notes: Reach::terms(&terms)
            .map(|brought| qualified(addresses(brought), qualifier))
            .into_iter()
            .collect(),
    }
}

/// The addresses, and what they get if that is not a pass.
fn qualified(addresses: String, qualifier: Qualifier) -> String {
    match qualifier {
        Qualifier::Pass => addresses,
        other => format!("{addresses} {}", paint(WARN, format!("({other})"))),
    }
}

fn single(line: &TreeLine<'_>, graph: &Graph, reach: &mut Reach<'_>) -> Row {
    let mut notes = Vec::new();
    let brought = match (line.target, line.cut) {
        (Some(_), Some(Cut::Loop | Cut::Broken)) => None,
        (Some(id), _) => reach.node(id),
        (None, _) => Reach::terms(&[line.term]),
    };
    let brought = brought.map(addresses).filter(|text| !text.is_empty());
    notes.extend(brought.map(|text| qualified(text, line.term.qualifier)));
    if line.cut == Some(Cut::Repeated) {
        notes.push(paint(DIM, "(shown above)"));
    }
    notes.extend(remark(line).map(|remark| paint(DIM, remark)));
    notes.extend(line.problem(graph).map(|text| paint(BAD, escape::message(&text))));
    let (numbers, style, limit) = numbers(line);
    notes.extend(limit);
    let (depth, text) = (line.depth, escape::text(&line.text()));
    Row { depth, numbers, style, text, notes }
}

/// What the term's meaning leaves to say.
fn remark(line: &TreeLine<'_>) -> Option<String> {
    match &line.term.meaning {
        Meaning::Unreached => Some("never reached".to_owned()),
        Meaning::Dynamic(_) => Some("decided by each message".to_owned()),
        Meaning::Exists(Ok(true)) => Some("always matches".to_owned()),
        Meaning::Exists(Ok(false)) => Some("never matches; a void lookup".to_owned()),
        Meaning::Addresses(found) => match (found.void_ip4, found.void_ip6) {
            (0, 0) => None,
            (ip4, 0) => Some(format!("{} for IPv4 clients", counted(ip4 as usize, "void lookup"))),
            (0, ip6) => Some(format!("{} for IPv6 clients", counted(ip6 as usize, "void lookup"))),
            (ip4, ip6) => Some(counted(ip4.max(ip6) as usize, "void lookup")),
        },
        _ => None,
    }
}

/// The numbers of a line's lookups among those of the policy, and what there
/// is to say about the limit.
fn numbers(line: &TreeLine<'_>) -> (String, anstyle::Style, Option<String>) {
    if line.lookups == 0 {
        return (String::new(), DIM, None);
    }
    let first = line.before.saturating_add(1);
    // The lookups of a target whose terms follow are numbered there.
    let follows = line.target.is_some() && matches!(line.cut, None | Some(Cut::Loop));
    let last = if follows { first } else { line.cumulative() };
    let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
    let style = if last > LOOKUP_TERMS { BAD } else { anstyle::Style::new() };
    let limit = if (first..=last).contains(&LOOKUP_TERMS) {
        Some(paint(WARN, format!("← lookup {LOOKUP_TERMS}, the last that receivers make")))
    } else {
        None
    };
    (numbers, style, limit)
}
