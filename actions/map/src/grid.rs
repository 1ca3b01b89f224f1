//! The layer that needs no configuration: a grid whose lines stand at round coordinates.

use tiny_skia::Color;

use crate::canvas::Canvas;

/// Draws the grid. A line's colour tells where it stands, so that no two places look alike.
pub(crate) fn draw(canvas: &mut Canvas) {
    let [left, bottom, right, top] = canvas.bbox();
    for x in round_values(left, right) {
        canvas.stroke(&[[x, bottom], [x, top]], hue(x));
    }
    for y in round_values(bottom, top) {
        canvas.stroke(&[[left, y], [right, y]], hue(y + 180.0));
    }
}

/// Four to eleven multiples of a round number, from one value to another.
fn round_values(from: f64, to: f64) -> impl Iterator<Item = f64> {
    let power = 10_f64.powf(((to - from) / 4.0).log10().floor());
    let steps = [5.0, 2.0, 1.0].map(|factor| factor * power);
    let step = steps.into_iter().find(|step| (to - from) / step >= 4.0).unwrap_or(power);
    let first = (from / step).ceil();
    // Counted, not added up: next to a large number a small step may change nothing.
    (0..12_u32).map(move |i| (first + f64::from(i)) * step).take_while(move |value| *value <= to)
}

/// A colour of the rainbow, which is 360 wide.
fn hue(value: f64) -> Color {
    let color = csscolorparser::Color::from_hsva(value.rem_euclid(360.0) as f32, 0.8, 0.8, 1.0);
    Color::from_rgba(color.r, color.g, color.b, 1.0).unwrap_or(Color::BLACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_at_round_coordinates() {
        for (from, to, expected) in [
            (11.0, 33.0, vec![15.0, 20.0, 25.0, 30.0]),
            (-1.0, 1.0, vec![-1.0, -0.5, 0.0, 0.5, 1.0]),
            (0.0, 39.0, vec![0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]),
            (0.0, 1000.0, vec![0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]),
        ] {
            assert_eq!(round_values(from, to).collect::<Vec<_>>(), expected, "{from} to {to}");
        }
        for (from, to) in [(-1e9, 1e9), (0.0, 1e-9), (1e9 - 1e-6, 1e9), (-180.0, 180.0), (0.0, 40.0), (0.0, 79.9)] {
            let count = round_values(from, to).count();
            assert!((3..=12).contains(&count), "{from} to {to}: {count}");
        }
    }
}
