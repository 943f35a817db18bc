//! SPF002: names of mechanisms that there are none of, and what is meant.

use crate::lint::finding::FixKind;
use crate::syntax::SyntaxErrorKind;

use super::mistake::{Class, Repair, mended};
use super::written::{NAMES, one_meant, pieces, qualified, separator, shown};

/// What people write instead of a name, with what they may mean.
const ALIASES: &[(&str, &[&str])] = &[
    ("ip", &["ip4", "ip6"]),
    ("ips", &["ip4", "ip6"]),
    ("ipv", &["ip4", "ip6"]),
    ("ipv4", &["ip4", "ip6"]),
    ("ipv6", &["ip6", "ip4"]),
    ("v4", &["ip4"]),
    ("v6", &["ip6"]),
    ("i4", &["ip4"]),
    ("i6", &["ip6"]),
    ("4", &["ip4"]),
    ("6", &["ip6"]),
    ("ip5", &["ip4", "ip6"]),
    ("ip-4", &["ip4"]),
    ("ip-6", &["ip6"]),
    ("ip_4", &["ip4"]),
    ("ip_6", &["ip6"]),
    ("ip-v4", &["ip4"]),
    ("ip-v6", &["ip6"]),
    ("ip_v4", &["ip4"]),
    ("ip_v6", &["ip6"]),
    ("ipaddr", &["ip4", "ip6"]),
    ("ipaddress", &["ip4", "ip6"]),
    ("ip-address", &["ip4", "ip6"]),
    ("address", &["ip4", "ip6"]),
    ("network", &["ip4", "ip6"]),
    ("cidr", &["ip4", "ip6"]),
    ("inc", &["include"]),
    ("incl", &["include"]),
    ("included", &["include"]),
    ("includes", &["include"]),
    ("including", &["include"]),
    ("includ", &["include"]),
    ("spf", &["include"]),
    ("aaaa", &["a"]),
    ("host", &["a"]),
    ("hostname", &["a"]),
    ("exist", &["exists"]),
    ("redir", &["redirect"]),
    ("redirects", &["redirect"]),
    ("redirected", &["redirect"]),
    ("explain", &["exp"]),
    ("explanation", &["exp"]),
];

/// A known name with a sign behind it that is not the one for it, or none.
pub(super) fn wrong_separator(term: &str) -> Option<Repair> {
    let (qualifier, body) = qualified(term);
    NAMES.iter().filter(|(known, _)| *known != "all").find_map(|(known, sign)| {
        let begin = body.get(..known.len())?;
        let rest = &body[known.len()..];
        let next = rest.chars().next().filter(|_| begin.eq_ignore_ascii_case(known))?;
        let network = known.starts_with("ip");
        let odd = next.is_ascii_alphanumeric() || matches!(next, '-' | '_' | '.');
        let long = matches!(*known, "include" | "exists" | "redirect");
        if next == *sign && (*sign != '=' || qualifier.is_empty())
            || odd && !network && (!long || body.contains([':', '=', '/']))
        {
            return None;
        }
        let argument = rest.trim_start_matches([';', '.', ',', '/', '\\', '-', '=', '|', '>', ':']);
        let modifier = *sign == '=';
        let kind = match (odd && !network, modifier, qualifier) {
            (true, ..) | (_, true, "-" | "~" | "?") => FixKind::Offered,
            _ => FixKind::Declared,
        };
        let kept = if modifier { "" } else { qualifier };
        let text = format!("{kept}{known}{sign}{argument}");
        let (text, kind) = match one_meant(&text) {
            true => (text, kind),
            // Another mistake may stand behind this one.
            false if !odd && (long || network) => {
                let (text, other) = mended(&text).filter(|(text, _)| !text.is_empty())?;
                (text, if other == FixKind::Offered { other } else { kind })
            }
            false => return None,
        };
        if argument.is_empty() {
            return None;
        }
        let signs = rest.len() - argument.len();
        let message = match signs {
            _ if modifier && next == '=' => {
                format!("'{known}=' is a modifier and takes no qualifier")
            }
            0 => format!("no '{sign}' behind '{known}'"),
            _ => format!("{} where only '{sign}' may be", shown(&rest[..signs])),
        };
        let from = if modifier && next == '=' { 0 } else { qualifier.len() };
        let to = qualifier.len() + known.len() + signs;
        Some(Repair::new(Class::Mechanism, message).at(from, to).text(kind, text))
    })
}

/// A term that begins with no known name.
pub(super) fn unknown(term: &str, kind: SyntaxErrorKind) -> Option<Repair> {
    if !matches!(kind, SyntaxErrorKind::UnknownMechanism | SyntaxErrorKind::ModifierName) {
        return None;
    }
    qualifiers(term).or_else(|| all(term)).or_else(|| other_version(term)).or_else(|| name(term))
}

/// Several qualifiers, one behind its mechanism, or a sign that is none.
fn qualifiers(term: &str) -> Option<Repair> {
    const SIGNS: [char; 4] = ['+', '-', '~', '?'];
    const ODD: [char; 12] = ['=', '_', '*', '!', '.', ':', '/', '#', '\\', '^', '<', '$'];
    let body = term.trim_start_matches(SIGNS);
    let signs = &term[..term.len() - body.len()];
    let tail = body.trim_end_matches(SIGNS);
    let (before, behind) = (signs.chars().next(), body[tail.len()..].chars().next());
    let repair = |message: String| Repair::new(Class::Mechanism, message);
    if signs.len() > 1 && one_meant(tail) {
        let same = signs.chars().chain(body[tail.len()..].chars()).all(|sign| Some(sign) == before);
        let strictest = ['-', '~', '?', '+'].into_iter().find(|sign| signs.contains(*sign))?;
        let kind = if same { FixKind::Declared } else { FixKind::Offered };
        let message = format!("{} before a mechanism that takes one qualifier", shown(signs));
        return Some(repair(message).at(0, signs.len()).text(kind, format!("{strictest}{tail}")));
    }
    if let Some(sign) = behind.filter(|_| one_meant(tail)) {
        let message = format!("{} behind the mechanism, not before it", shown(&body[tail.len()..]));
        let (sign, kind) = match before {
            Some(before) if before != sign => (before, FixKind::Offered),
            _ => (sign, FixKind::Declared),
        };
        let at = signs.len() + tail.len();
        return Some(repair(message).at(at, term.len()).text(kind, format!("{sign}{tail}")));
    }
    let known = body.trim_start_matches(ODD);
    (known.len() < body.len() && one_meant(known)).then(|| {
        let odd = &body[..body.len() - known.len()];
        let from = signs.len();
        let repair = repair(format!("{} is no qualifier", shown(odd)))
            .at(from, from + odd.len())
            .help("a qualifier is one of '+', '-', '~' and '?'");
        match (signs, odd) {
            // The key beside the one for '-', on many keyboards.
            ("", "_" | "=") => repair.text(FixKind::Offered, format!("-{known}")),
            // `\~all`: escaped for something that is not DNS.
            ("", _) if !qualified(known).0.is_empty() => {
                repair.text(FixKind::Declared, known.to_owned())
            }
            ("", _) => repair,
            _ => repair.text(FixKind::Declared, format!("{signs}{known}")),
        }
    })
}

/// `all` with something behind it, or misspelt.
fn all(term: &str) -> Option<Repair> {
    let (qualifier, body) = qualified(term);
    let lower = body.to_ascii_lowercase();
    let rest = lower.strip_prefix("all");
    let misspelt = || lower.len() <= 5 && distance(&lower, "all") == 1 && lower.len() > 1;
    if rest.is_none_or(|rest| rest.contains([':', '='])) && !misspelt() {
        return None;
    }
    let message = format!("unknown mechanism {}, 'all' may be meant", shown(body));
    let repair = Repair::new(Class::Mechanism, message).at(qualifier.len(), term.len());
    Some(repair.text(FixKind::Declared, format!("{qualifier}all")))
}

/// The version of another record, or a second one.
fn other_version(term: &str) -> Option<Repair> {
    let lower = term.to_ascii_lowercase();
    let sender_id = lower.starts_with("spf2.0");
    if !sender_id && !["spf1", "v:spf1", "v-spf1", "vspf1"].contains(&lower.as_str()) {
        return None;
    }
    let message = match sender_id {
        true => format!("{} begins a Sender ID record, not a term", shown(term)),
        false => format!("{} is a version, which stands once at the start", shown(term)),
    };
    Some(Repair::new(Class::Mechanism, message).text(FixKind::Offered, ""))
}

/// A name that is like a known one.
fn name(term: &str) -> Option<Repair> {
    let pieces = pieces(term);
    let (qualifier, argument) = (pieces.qualifier, pieces.argument);
    let end = pieces.name.find([';', ',', '|', '\\']).unwrap_or(pieces.name.len());
    let name = &pieces.name[..end];
    let argument = if end < pieces.name.len() { &pieces.name[end + 1..] } else { argument };
    let at = (qualifier.len(), qualifier.len() + name.len());
    let repair = |message: String| {
        let repair = Repair::new(Class::Mechanism, message);
        if name.is_empty() { repair.at(0, term.len()) } else { repair.at(at.0, at.1) }
    };
    let suggestions = suggestions(name);
    let Some((first, _)) = suggestions.first() else {
        let message =
            format!("unknown mechanism {}", shown(if name.is_empty() { term } else { name }));
        return Some(repair(message).help(
            "mechanisms are all, include:, a, mx, ptr, ip4:, ip6: and exists:, modifiers \
             redirect= and exp=",
        ));
    };
    let mended = suggestions.iter().find_map(|(known, kind)| {
        let sign = separator(known)?;
        let text = match argument {
            "" => format!("{qualifier}{known}{}", pieces.sign),
            _ if pieces.sign == "/" => format!("{qualifier}{known}/{argument}"),
            _ => format!("{qualifier}{known}{sign}{argument}"),
        };
        if one_meant(&text) {
            return Some((*known, text, *kind));
        }
        // Another mistake may stand behind this one.
        let (text, other) = mended(&text).filter(|(text, _)| !text.is_empty())?;
        Some((*known, text, if other == FixKind::Offered { other } else { *kind }))
    });
    let known = mended.as_ref().map_or(*first, |(known, ..)| *known);
    let found = repair(format!("unknown mechanism {}, '{known}' may be meant", shown(name)));
    Some(match mended {
        Some((_, text, kind)) => found.text(kind, text),
        None => found.help(format!(
            "write '{known}' and what belongs to it: until then all mail gets permerror"
        )),
    })
}

/// Known names that may be meant, the likeliest first, and how sure that is.
pub(super) fn suggestions(name: &str) -> Vec<(&'static str, FixKind)> {
    const LONGEST: usize = 16;
    let name = name.to_ascii_lowercase();
    if name.is_empty() || name.len() > LONGEST {
        return Vec::new();
    }
    let mut found: Vec<(&str, FixKind)> = Vec::new();
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        let kind = |known: &str| match known {
            "a" | "exp" => FixKind::Offered,
            _ => FixKind::Declared,
        };
        found.extend(meant.iter().map(|known| (*known, kind(known))));
    }
    for (near, kind) in [(1, FixKind::Declared), (2, FixKind::Offered)] {
        for (known, _) in NAMES {
            let long = known.len() > 4;
            let short = known.len() < 3 || known == "ptr" || known == "exp";
            let alike = distance(&name, known) == near && (long || near == 1 && name.len() > 1);
            if alike && !found.iter().any(|(other, _)| *other == known) {
                found.push((known, if short { FixKind::Offered } else { kind }));
            }
        }
    }
    found
}

/// The number of letters added, left out, changed, or changed over with the
/// next one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = rows[i][j] + usize::from(x != y);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
