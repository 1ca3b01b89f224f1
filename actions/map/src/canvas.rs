//! A picture of a box of coordinates.

use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};
use wicketgate_action::{Error, Result};

use crate::clip;

/// A pair of coordinates, x and y.
pub(crate) type Point = [f64; 2];

/// How wide lines are, in pixels.
const LINE: f32 = 2.0;

/// The least side of a box: what is smaller can't be told from empty by floating-point numbers.
const LEAST: f64 = 1e-9;

/// A picture that is drawn on.
pub(crate) struct Canvas {
    pixels: Pixmap,
    bbox: [f64; 4],
    /// Pixels for one unit of x and y.
    scale: Point,
}

impl Canvas {
    /// An empty picture of that box: least x, least y, greatest x, greatest y.
    pub(crate) fn new(bbox: [f64; 4], width: u32, height: u32) -> Result<Self> {
        let sides = [bbox[2] - bbox[0], bbox[3] - bbox[1]];
        // So written, it refuses what is no number as well.
        if !sides.iter().all(|side| *side >= LEAST && side.is_finite()) {
            return Err(Error::bad_request("bbox: expected least x, least y, greatest x, greatest y of a box"));
        }
        let pixels =
            Pixmap::new(width, height).ok_or_else(|| Error::bad_request("width and height: expected a picture"))?;
        Ok(Self { pixels, bbox, scale: [f64::from(width) / sides[0], f64::from(height) / sides[1]] })
    }

    /// The box that is shown.
    pub(crate) fn bbox(&self) -> [f64; 4] {
        self.bbox
    }

    /// Fills a polygon.
    pub(crate) fn fill(&mut self, corners: &[Point], color: Color) {
        let ring = corners.iter().map(|corner| self.pixel(*corner)).collect();
        let mut path = PathBuilder::new();
        self.trace(&mut path, ring);
        self.paint(path, color, |pixels, path, paint| {
            pixels.fill_path(path, paint, FillRule::EvenOdd, Transform::identity(), None);
        });
    }

    /// Draws a line from point to point.
    pub(crate) fn stroke(&mut self, points: &[Point], color: Color) {
        let mut path = PathBuilder::new();
        for ends in points.windows(2) {
            // There and back again: what a polygon can be clipped by will do for a line.
            self.trace(&mut path, ends.iter().map(|end| self.pixel(*end)).collect());
        }
        let (line_cap, line_join) = (LineCap::Round, LineJoin::Round);
        let stroke = Stroke { width: LINE, line_cap, line_join, ..Stroke::default() };
        self.paint(path, color, |pixels, path, paint| {
            pixels.stroke_path(path, paint, &stroke, Transform::identity(), None);
        });
    }

    /// The picture in the format PNG.
    pub(crate) fn into_png(self) -> Result<Vec<u8>> {
        Ok(self.pixels.encode_png()?)
    }

    /// Where a point is in the picture, in whose coordinates y goes down.
    fn pixel(&self, [x, y]: Point) -> Point {
        // Further away than any picture reaches, but still a number to calculate with.
        const FAR: f64 = 1e12;
        let [left, _, _, top] = self.bbox;
        [(x - left) * self.scale[0], (top - y) * self.scale[1]].map(|pixel| pixel.clamp(-FAR, FAR))
    }

    /// Adds what can be seen of a ring to a path.
    fn trace(&self, path: &mut PathBuilder, ring: Vec<Point>) {
        let size = [f64::from(self.pixels.width()), f64::from(self.pixels.height())];
        let ring = clip::to_picture(ring, size, f64::from(LINE));
        for (i, [x, y]) in ring.iter().map(|point| point.map(|value| value as f32)).enumerate() {
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
    }

    fn paint(&mut self, path: PathBuilder, color: Color, with: impl FnOnce(&mut Pixmap, &Path, &Paint<'_>)) {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(color);
        // There is none if nothing of it can be seen.
        if let Some(path) = path.finish() {
            with(&mut self.pixels, &path, &paint);
        }
    }
}
