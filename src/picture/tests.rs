//! Whole pictures of small policies.

use super::scene::Shape;
use super::*;
use crate::addr::Range;
use crate::escape;
use crate::policy::{Passed, PassedRange};

fn branch(include: Option<&str>) -> Branch {
    let domain = crate::name::DomainName::parse("a.test").unwrap();
    Branch { domain, include: include.map(str::to_owned) }
}

fn range(text: &str, branch: usize) -> PassedRange<u32> {
    let (address, length) = text.split_once('/').unwrap();
    let address: std::net::Ipv4Addr = address.parse().unwrap();
    let prefix = Prefix::new(address.to_bits(), length.parse().unwrap());
    PassedRange { range: prefix.range(), branch }
}

fn policy(branches: &[Option<&str>], ip4: &[(&str, usize)]) -> Passed {
    Passed {
        branches: branches.iter().map(|include| branch(*include)).collect(),
        ip4: ip4.iter().map(|(text, branch)| range(text, *branch)).collect(),
        ..Passed::default()
    }
}

fn texts(scene: &Scene) -> Vec<&str> {
    let texts = scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Text(text) => Some(text.content.as_str()),
        Shape::Area { .. } => None,
    });
    texts.collect()
}

fn says(scene: &Scene, said: &str) -> bool {
    texts(scene).join(" ").contains(said)
}

fn small() -> Passed {
    let ip6 = Range { first: 0x2001_0db8 << 96, last: (0x2001_0db9 << 96) - 1 };
    Passed {
        ip6: vec![PassedRange { range: ip6, branch: 1 }],
        dynamic: vec!["exists:%{i}.<list>.test".to_owned()],
        ..policy(
            &[None, Some("include:b.test")],
            &[("13.0.0.0/9", 1), ("192.0.2.1/32", 0), ("192.0.2.16/28", 1)],
        )
    }
}

#[test]
fn a_small_policy_is_drawn_as_ever() {
    insta::assert_snapshot!(
        "small_policy",
        passing(&small(), "a.test", &Style::default()).to_svg()
    );
    let after = Passed {
        dynamic: Vec::new(),
        ..policy(&[Some("include:b.test")], &[("13.0.0.0/10", 0), ("198.51.100.0/24", 0)])
    };
    let changed = Changed::new(small(), after);
    let view = View::new(Prefix::new(0, 0));
    let style = Style { view, theme: Theme::Dark };
    insta::assert_snapshot!(
        "small_change",
        change(&changed, "a.test", "spf.lock", &style).to_svg()
    );
}

#[test]
fn the_file_is_as_large_as_the_picture_says() {
    let style = Style { view: View::new(Prefix::new(0xc000_0200, 25)), ..Style::default() };
    let scene = passing(&small(), "a.test", &style);
    let file = scene.to_png().unwrap();
    let reader = ::png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    assert_eq!(reader.info().size(), (scene.width(), scene.height()));
}

#[test]
fn the_legend_says_what_is_not_drawn() {
    let scene = passing(&small(), "a.test", &Style::default());
    assert!(says(&scene, "IPv6 is not drawn: 1 prefix passes."));
    assert!(says(&scene, "Decided by the message and not drawn: exists:%{i}.<list>.test."));
    assert!(says(&scene, "belongs to the first in the record"));
    let view = View::new(Prefix::new(0xc000_0000, 8));
    let zoomed = passing(&small(), "a.test", &Style { view, ..Style::default() });
    assert!(says(&zoomed, "17 addresses pass in 192.0.0.0/8"));
    assert!(says(&zoomed, "Outside of 192.0.0.0/8: 8,388,608 more addresses."));
}

#[test]
fn providers_beyond_the_palette_are_others() {
    let names: Vec<String> = (0..9).map(|index| format!("include:p{index}.test")).collect();
    let names: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    let ranges: Vec<String> =
        (0..9).map(|index| format!("{}.0.0.0/{}", 20 + index, 8 + index)).collect();
    let ranges: Vec<(&str, usize)> =
        ranges.iter().enumerate().map(|(index, text)| (text.as_str(), index)).collect();
    let scene = passing(&policy(&names, &ranges), "a.test", &Style::default());
    assert!(says(&scene, "include:p6.test") && !says(&scene, "include:p7.test"));
    assert!(says(&scene, "2 others 196,608 addresses"));
}

#[test]
fn a_provider_keeps_its_colour_in_every_view() {
    let passed = policy(
        &[Some("include:b.test"), Some("include:c.test")],
        &[("10.0.0.0/8", 0), ("192.0.2.0/28", 0), ("192.0.2.16/28", 1), ("192.0.2.32/28", 1)],
    );
    let colour = |view| {
        let scene = passing(&passed, "a.test", &Style { view, ..Style::default() });
        let own = scene.shapes.iter().find_map(|shape| match shape {
            Shape::Area { fill, label: Some(label), .. } if label == "include:b.test" => {
                Some(*fill)
            }
            _ => None,
        });
        own.unwrap()
    };
    // There it passes less than the other one.
    let near = View::new(Prefix::new(0xc000_0200, 24));
    assert_eq!(colour(near), colour(View::new(Prefix::new(0, 0))));
}

#[test]
fn what_is_gained_and_lost_is_counted_by_provider() {
    let before = policy(&[Some("include:b.test")], &[("192.0.2.0/24", 0)]);
    let after = policy(&[Some("include:c.test")], &[("192.0.2.128/25", 0), ("198.51.100.0/24", 0)]);
    let scene = change(&Changed::new(before, after), "a.test", "spf.lock", &Style::default());
    assert!(says(&scene, "gained 256 addresses include:c.test 256 addresses"));
    assert!(says(&scene, "lost 128 addresses include:b.test 128 addresses"));
    assert!(says(&scene, "passes before and now 128 addresses"));
    assert!(says(&scene, "compared with spf.lock"));
}

#[test]
fn hostile_names_stay_text() {
    let name = "include:</text><script>\u{1b}[2J\u{202e}&";
    let scene =
        passing(&policy(&[Some(name)], &[("192.0.2.0/24", 0)]), "a.test", &Style::default());
    let svg = scene.to_svg();
    assert!(!svg.contains("<script") && !svg.replace('\n', "").chars().any(escape::is_hostile));
    assert!(svg.contains("&lt;script&gt;"));
}

#[test]
fn everything_and_nothing_can_be_drawn() {
    let (all, nothing) = (policy(&[None], &[("0.0.0.0/0", 0)]), Passed::default());
    for length in 0..=32 {
        let style = Style { view: View::new(Prefix::new(0x0a00_0007, length)), theme: Theme::Dark };
        let scene = passing(&all, "a.test", &style);
        assert!(says(&scene, "a.test itself") && !scene.to_svg().is_empty());
        let changed = Changed::new(nothing.clone(), all.clone());
        assert!(says(&change(&changed, "a.test", "", &style), "lost 0 addresses"));
        assert!(says(&passing(&nothing, "a.test", &style), "0 addresses pass"));
    }
}
