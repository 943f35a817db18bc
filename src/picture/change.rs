//! The picture of a change: what passes now and did not, what passed and does
//! not, and who brought or lost it.

use super::canvas::{Canvas, clipped, shown, shows_special};
use super::cells::{Cells, Part};
use super::legend::{Row, Sign, dynamic, elsewhere, errors, grid};
use super::marks::{MARKER, stripes};
use super::scene::{Fill, Scene};
use super::view::{Rectangle, View};
use super::{Style, provider};
use crate::counts::{counted, counted_all};
use crate::policy::Passed;

/// Providers that the legend names for what is gained, and for what is lost.
const PROVIDERS: usize = 5;
/// The side of markers of what did not change, in points: they stand back.
const KEPT_MARKER: u32 = 8;
const GAINED: usize = 0;
const LOST: usize = 1;

/// Two readings of a policy, as far as they differ.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What passes now and did not.
    pub gained: Passed,
    /// What passed and does not now.
    pub lost: Passed,
    /// What passes as it did, whoever passes it now.
    pub kept: Passed,
    before: Passed,
    after: Passed,
}

impl Changed {
    /// Compares what passed before with what passes now.
    pub fn new(before: Passed, after: Passed) -> Changed {
        let gained = after.beyond(&before);
        let kept = after.beyond(&gained);
        Changed { lost: before.beyond(&after), kept, gained, before, after }
    }

    /// What passed before.
    pub fn before(&self) -> &Passed {
        &self.before
    }
}

/// Draws what a change gains and loses. `domain` is what the picture calls the
/// policy, and `before` the one that it is compared with.
pub fn change(changed: &Changed, domain: &str, before: &str, style: &Style) -> Scene {
    let view = style.view;
    let title = format!("Changed IPv4 senders of {domain}");
    let subtitle = format!("compared with {before}, in {}", shown(&view));
    let mut canvas = Canvas::new(style, &title, &subtitle);
    let kept = Cells::new(&view, &parts(&changed.kept, &view, 0), KEPT_MARKER);
    let areas = kept.areas.iter().map(|(_, area)| *area);
    let areas: Vec<Rectangle> = areas
        .chain(kept.markers.iter().map(|marker| marker.rectangle))
        .map(|area| canvas.placed(area))
        .collect();
    canvas.scene.fill(Fill::Solid(canvas.palette.kept), areas.iter().copied());
    let mut parts = parts(&changed.gained, &view, GAINED)
        .into_iter()
        .chain(parts(&changed.lost, &view, LOST))
        .collect::<Vec<Part>>();
    parts.sort_by_key(|part| part.range.first);
    let cells = Cells::new(&view, &parts, MARKER);
    let of = |class: usize, canvas: &Canvas| -> Vec<Rectangle> {
        let areas = cells.areas.iter().filter(|(found, _)| *found == class);
        areas.map(|(_, area)| canvas.placed(*area)).collect()
    };
    let (gained, lost) = (of(GAINED, &canvas), of(LOST, &canvas));
    canvas.gained_areas(&gained);
    canvas.lost_areas(&lost);
    canvas.grid();
    for marker in &cells.markers {
        let place = canvas.placed(marker.rectangle);
        for (stripe, class) in stripes(place, marker.classes.len()).zip(&marker.classes) {
            match *class {
                GAINED => canvas.gained_marker(stripe),
                _ => canvas.lost_marker(stripe),
            }
        }
    }
    let markers = cells.markers.iter().map(|marker| canvas.placed(marker.rectangle));
    let markers: Vec<Rectangle> = markers.collect();
    // What changed may lie over what did not, and covers it.
    canvas.numbers(&[areas, gained, lost].concat(), &markers);
    canvas.legend(&rows(changed, &view), &remarks(changed, &view, !cells.markers.is_empty()));
    canvas.scene
}

fn parts(passed: &Passed, view: &View, class: usize) -> Vec<Part> {
    let shown = passed.ip4.iter().filter_map(|part| clipped(part.range, view));
    shown.map(|range| Part { range, class }).collect()
}

fn rows(changed: &Changed, view: &View) -> Vec<Row> {
    let mut rows = Vec::new();
    for (sign, name, passed) in
        [(Sign::Gained, "gained", &changed.gained), (Sign::Lost, "lost", &changed.lost)]
    {
        let shares = shares(passed, view);
        let all = shares.iter().map(|(_, count)| count).sum();
        rows.push(Row::new(sign, name, counted_all(all, "address")));
        let (named, rest) = shares.split_at(shares.len().min(PROVIDERS));
        rows.extend(named.iter().map(|(name, count)| Row::part(name.clone(), *count)));
        if !rest.is_empty() {
            let sum = rest.iter().map(|(_, count)| count).sum();
            rows.push(Row::part(counted(rest.len(), "other"), sum));
        }
    }
    let kept = shares(&changed.kept, view).iter().map(|(_, count)| count).sum();
    rows.push(Row::new(Sign::Kept, "passes before and now", counted_all(kept, "address")));
    if shows_special(view) {
        rows.push(Row::new(Sign::Special, "kept for a special use", ""));
    }
    rows
}

/// The providers of what is shown with their addresses, most first.
fn shares(passed: &Passed, view: &View) -> Vec<(String, u128)> {
    let mut shares: Vec<(String, u128)> =
        passed.branches.iter().map(|branch| (provider(branch), 0)).collect();
    for part in &passed.ip4 {
        if let (Some(range), Some((_, count))) =
            (clipped(part.range, view), shares.get_mut(part.branch))
        {
            *count += range.addresses();
        }
    }
    shares.retain(|(_, count)| *count > 0);
    shares.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    shares
}

fn remarks(changed: &Changed, view: &View, markers: bool) -> Vec<String> {
    let Changed { gained, lost, before, after, .. } = changed;
    let tile = 32 - view.bits_of(MARKER);
    let in_view = |passed: &Passed| shares(passed, view).iter().map(|(_, count)| count).sum();
    let outside = |passed: &Passed| {
        let shown: u128 = in_view(passed);
        passed.addresses_ip4().saturating_sub(shown)
    };
    let [gained_ip6, lost_ip6] = [gained, lost].map(|passed| passed.prefixes_ip6());
    let mut remarks = vec![
        grid(view),
        markers
            .then(|| format!("+ and − stand for less than half of a /{tile}; lines are to scale.")),
        elsewhere(view, outside(gained) + outside(lost)),
        Some(match (gained_ip6, lost_ip6) {
            (0, 0) => "IPv6 is not drawn; nothing of it changed.".to_owned(),
            (gained, lost) => {
                let gained = counted(gained, "prefix");
                format!("IPv6 is not drawn: {gained} gained, {lost} lost.")
            }
        }),
    ];
    if before.dynamic == after.dynamic {
        remarks.push(dynamic(&after.dynamic, ""));
    } else {
        remarks.push(dynamic(&before.dynamic, " before"));
        remarks.push(dynamic(&after.dynamic, " now"));
    }
    remarks.extend([errors(before, " before"), errors(after, " now")]);
    remarks.into_iter().flatten().collect()
}
