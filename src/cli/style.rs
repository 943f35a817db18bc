//! Colours: what they mean, in one place. The stream takes them away where
//! they are not wanted.

use anstyle::{AnsiColor, Style};

use crate::outcome::SpfResult;

/// What is well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is wrong.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What deserves a look.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// What is only said.
pub(super) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// What stands back.
pub(super) const DIM: Style = Style::new().dimmed();
/// What stands out.
pub(super) const STRONG: Style = Style::new().bold();

/// `text` in a style.
pub(super) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The style of a result.
pub(super) fn of_result(result: SpfResult) -> Style {
    match result {
        SpfResult::Pass => GOOD,
        SpfResult::Fail | SpfResult::Permerror => BAD,
        SpfResult::Softfail | SpfResult::Temperror => WARN,
        SpfResult::Neutral | SpfResult::None => NOTE,
    }
}
