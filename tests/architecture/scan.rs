//! Reading Rust source as far as imports need it: comments and literals are
//! taken out, tests are told from the product, and paths are found.
//!
//! No parser: what macros make of their arguments is not seen.

use std::ops::Range;

/// A source file, scanned.
pub(crate) struct Scanned {
    /// The text with comments and the contents of literals blanked; as long as
    /// the text, with the same lines.
    pub(crate) code: String,
    /// For each line whether a comment stands in it.
    pub(crate) commented: Vec<bool>,
    /// The ranges of `code` that only tests compile.
    pub(crate) tests: Vec<Range<usize>>,
    /// The modules in files of their own that only tests compile.
    pub(crate) test_modules: Vec<String>,
}

impl Scanned {
    pub(crate) fn new(text: &str) -> Scanned {
        let (code, commented) = blank(text);
        let (tests, test_modules) = tests(&code);
        Scanned { code, commented, tests, test_modules }
    }

    /// The line of an offset, the first being 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }

    pub(crate) fn is_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    /// Where the words stand in the product's code.
    pub(crate) fn find<'a>(&'a self, words: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(words).map(|(at, _)| at).filter(|at| !self.is_test(*at))
    }

    /// The modules of the crate that the product's code names, with the offset
    /// of each; `path` is the file's own module.
    pub(crate) fn imports(&self, path: &[String]) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for at in self.starts("crate") {
            let Some(rest) = self.code[at + "crate".len()..].strip_prefix("::") else { continue };
            found.extend(heads(rest).map(|head| (at, head)));
        }
        for at in self.starts("super") {
            // Each `super` of a chain stands on its own; the first one counts them.
            if self.code[..at].ends_with("super::") {
                continue;
            }
            let mut rest = &self.code[at..];
            let mut up = 0;
            while let Some(behind) = rest.strip_prefix("super::") {
                (rest, up) = (behind, up + 1);
            }
            if up == path.len() {
                found.extend(heads(rest).map(|head| (at, head)));
            }
        }
        found
    }

    /// Where a crate of this beginning is named, as the first part of a path.
    pub(crate) fn crates<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.find(beginning).filter(move |at| {
            let word = self.code[at + beginning.len()..].trim_start_matches(is_ident);
            let whole =
                beginning.ends_with('_') || word.len() == self.code.len() - at - beginning.len();
            begins_word(&self.code, *at) && whole && word.starts_with("::")
        })
    }

    /// Where a word begins in the product's code.
    fn starts<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.find(word).filter(|at| begins_word(&self.code, *at))
    }
}

fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether no name and no path goes on at `at`; `$crate` begins one, too.
fn begins_word(code: &str, at: usize) -> bool {
    let before = &code[..at];
    !before.ends_with(is_ident) && (!before.ends_with("::") || before.ends_with("super::"))
}

/// The first names of what stands behind `crate::`: one, or those of a group.
fn heads(rest: &str) -> impl Iterator<Item = String> + '_ {
    let group = rest.strip_prefix('{').map(|inside| {
        let mut depth = 0;
        let end = inside.find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth < 0
        });
        &inside[..end.unwrap_or(inside.len())]
    });
    let mut depth = 0;
    let parts = group.unwrap_or(rest).split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let parts = parts.take(if group.is_some() { usize::MAX } else { 1 });
    parts.filter_map(|part| {
        let part = part.trim_start();
        let end = part.find(|c| !is_ident(c)).unwrap_or(part.len());
        (end > 0).then(|| part[..end].to_owned())
    })
}

/// Blanks comments and the contents of literals; tells which lines hold comments.
fn blank(text: &str) -> (String, Vec<bool>) {
    let mut code = String::with_capacity(text.len());
    let mut commented = vec![false; text.lines().count() + 1];
    let mut line = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let after_name = code.ends_with(is_ident);
        let (length, kept, comment) = match rest.as_bytes() {
            [b'/', b'/', ..] => (rest.find('\n').unwrap_or(rest.len()), 0, true),
            [b'/', b'*', ..] => (block_comment(rest), 0, true),
            [b'"', ..] => (string(rest), 1, false),
            [b'r', b'"' | b'#', ..] if !after_name => match raw_string(rest) {
                Some(length) => (length, 1, false),
                None => (1, 1, false),
            },
            [b'b', b'r', ..] if !after_name => match raw_string(&rest[1..]) {
                Some(length) => (1 + length, 1, false),
                None => (1, 1, false),
            },
            [b'\'', ..] => (character(rest), 1, false),
            _ => (rest.chars().next().map_or(1, char::len_utf8), usize::MAX, false),
        };
        for (index, c) in rest[..length].char_indices() {
            if comment {
                commented[line] = true;
            }
            line += usize::from(c == '\n');
            match c == '\n' || index < kept {
                true => code.push(c),
                false => code.extend(std::iter::repeat_n(' ', c.len_utf8())),
            }
        }
        at += length;
    }
    (code, commented)
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The octets of `r"…"` or `r#"…"#`, if the text begins with one.
fn raw_string(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('r')?.trim_start_matches('#');
    let hashes = text.len() - 1 - inside.len();
    let inside = inside.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close)?;
    Some(text.len() - inside.len() + end + close.len())
}

/// The octets of a character literal; 1 for a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text[1..].chars();
    match inside.next() {
        Some('\\') => {
            let escaped = inside.next().map_or(0, char::len_utf8);
            text[2 + escaped..].find('\'').map_or(1, |end| 3 + escaped + end)
        }
        Some(c) if inside.next() == Some('\'') => 2 + c.len_utf8(),
        _ => 1,
    }
}

/// What stands behind `#[cfg(test)]`: ranges of this text, and modules elsewhere.
fn tests(code: &str) -> (Vec<Range<usize>>, Vec<String>) {
    let (mut ranges, mut modules) = (Vec::new(), Vec::new());
    for (start, attribute) in code.match_indices("#[cfg(test)]") {
        let item = &code[start + attribute.len()..];
        let first = item.find(['{', ';']).unwrap_or(item.len());
        let mut length = first + 1;
        if item[first..].starts_with('{') {
            let mut depth = 0;
            let close = item[first..].find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth == 0
            });
            length = close.map_or(item.len(), |close| first + close + 1);
        } else if let Some((_, name)) = item[..first].rsplit_once("mod ") {
            modules.push(name.trim().to_owned());
        }
        let end = (start + attribute.len() + length).min(code.len());
        ranges.push(start..end);
    }
    (ranges, modules)
}
