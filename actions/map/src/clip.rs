//! Cuts off what can't be seen: the renderer's numbers are too short for what is far outside.

use crate::canvas::Point;

/// The part of a ring of points that lies in a picture of that size, or so close to it. Edge after edge, what is beyond it is
/// replaced by points on it (Sutherland and Hodgman, "Reentrant polygon clipping", 1974).
pub(crate) fn to_picture(ring: Vec<Point>, [width, height]: Point, margin: f64) -> Vec<Point> {
    let ring = beyond(&ring, |[x, _]| x + margin);
    let ring = beyond(&ring, |[x, _]| width + margin - x);
    let ring = beyond(&ring, |[_, y]| y + margin);
    beyond(&ring, |[_, y]| height + margin - y)
}

/// The part of a ring that lies on the good side of an edge, which is so far away.
fn beyond(ring: &[Point], distance: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut kept = Vec::with_capacity(ring.len() + 2);
    let Some(mut from) = ring.last().copied() else { return kept };
    for &to in ring {
        let (before, after) = (distance(from), distance(to));
        if (before < 0.0) != (after < 0.0) {
            let part = before / (before - after);
            kept.push([from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]);
        }
        if after >= 0.0 {
            kept.push(to);
        }
        from = to;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_cut_at_the_edges_of_the_picture() {
        for (ring, expected) in [
            // All of it, none of it, the picture within it.
            (vec![[1.0, 1.0], [9.0, 1.0], [5.0, 9.0]], vec![[1.0, 1.0], [9.0, 1.0], [5.0, 9.0]]),
            (vec![[11.0, 1.0], [19.0, 1.0], [15.0, 9.0]], vec![]),
            (
                vec![[-50.0, -50.0], [50.0, -50.0], [50.0, 50.0], [-50.0, 50.0]],
                vec![[10.0, 10.0], [0.0, 10.0], [0.0, 0.0], [10.0, 0.0]],
            ),
            // A line, there and back again.
            (vec![[5.0, 5.0], [25.0, 5.0]], vec![[10.0, 5.0], [5.0, 5.0], [10.0, 5.0]]),
            (vec![], vec![]),
        ] {
            let mut got = to_picture(ring.clone(), [10.0, 10.0], 0.0);
            let start = got.iter().position(|point| Some(point) == expected.first()).unwrap_or(0);
            got.rotate_left(start);
            assert_eq!(got, expected, "{ring:?}");
        }
    }
}
