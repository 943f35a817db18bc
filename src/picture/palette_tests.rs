//! Colours as they are seen by people who lack one kind of cones.

use super::*;

/// What becomes of linear red, green and blue: nothing, and where cones for long,
/// middle and short waves are missing (Machado, Oliveira and Fernandes, 2009).
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ],
];

/// From linear red, green and blue to X, Y and Z, white being 1.
const TRISTIMULUS: [[f64; 3]; 3] =
    [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]];

fn times(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(one, other)| one * other).sum())
}

/// A colour as an eye sees it, in CIELAB: a distance of 2 or 3 is just seen.
fn seen(colour: Colour, eye: &[[f64; 3]; 3]) -> [f64; 3] {
    let linear = [colour.0, colour.1, colour.2].map(|octet| {
        let share = f64::from(octet) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    let perceived = times(eye, linear).map(|share| share.clamp(0.0, 1.0));
    let [x, y, z] = times(&TRISTIMULUS, perceived)
        .map(|share| if share > 0.008_856 { share.cbrt() } else { 7.787 * share + 16.0 / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// How far apart two colours are for the eye that tells them apart the least.
fn distance(one: Colour, other: Colour) -> f64 {
    let apart = EYES.iter().map(|eye| {
        let (one, other) = (seen(one, eye), seen(other, eye));
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
    });
    apart.fold(f64::INFINITY, f64::min)
}

#[test]
fn any_eye_tells_the_colours_apart() {
    for palette in [LIGHT, DARK] {
        let mut providers = palette.providers.to_vec();
        providers.push(palette.others);
        for (index, one) in providers.iter().enumerate() {
            assert!(distance(*one, palette.ground) > 18.0, "{one:?} on the ground");
            for other in &providers[index + 1..] {
                let apart = distance(*one, *other);
                assert!(apart > 18.0, "{one:?} and {other:?} are {apart} apart");
            }
        }
        for (one, other) in [
            (palette.gained, palette.lost),
            (palette.gained, palette.kept),
            (palette.lost, palette.ground),
            (palette.kept, palette.ground),
            (palette.ink, palette.background),
            (palette.quiet, palette.background),
        ] {
            assert!(distance(one, other) > 25.0, "{one:?} and {other:?}");
        }
    }
}
