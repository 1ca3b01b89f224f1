//! Layers, and what is on them.

use tiny_skia::Color;
use wicketgate_action::{Error, Result, prelude::config};

use crate::{
    canvas::{Canvas, Point},
    grid,
};

/// A layer
#[config]
pub(crate) struct LayerConfig {
    /// the name that callers ask for
    #[schemars(length(min = 1))]
    uid: String,
    /// the name to show to people
    #[serde(default)]
    title: String,
    /// the colour of its features
    #[serde(default = "blue")]
    #[schemars(extend("format" = "color"))]
    color: String,
    /// what is on it; later ones are drawn over earlier ones
    features: Vec<Feature>,
}
fn blue() -> String {
    "#3366cc".into()
}

/// Something on a layer
#[config]
#[serde(tag = "type")]
pub(crate) enum Feature {
    /// all that is so close to a point
    Circle {
        /// x and y
        center: Point,
        /// distance
        #[schemars(range(min = 0))]
        radius: f64,
    },
    /// a line from point to point
    Line {
        /// x and y of each
        #[schemars(length(min = 2))]
        points: Vec<Point>,
    },
    /// an area; where it overlaps itself there is a hole
    Polygon {
        /// x and y of each corner
        #[schemars(length(min = 3))]
        points: Vec<Point>,
    },
}

/// A layer that can be drawn.
pub(crate) struct Layer {
    /// The name that callers ask for.
    pub(crate) uid: String,
    /// The name to show to people.
    pub(crate) title: String,
    drawing: Drawing,
}

enum Drawing {
    Features(Vec<Feature>, Color),
    Grid,
}

impl Layer {
    /// The layer that an operator has described.
    pub(crate) fn new(config: LayerConfig) -> Result<Self> {
        let LayerConfig { uid, title, color, features } = config;
        let color = css_color(&color).ok_or_else(|| Error::internal(format!("layers: `{color}` is no colour")))?;
        Ok(Self { uid, title, drawing: Drawing::Features(features, color) })
    }

    /// What there is if no operator has described any.
    pub(crate) fn demo() -> Self {
        Self { uid: "test.one".into(), title: "A grid".into(), drawing: Drawing::Grid }
    }

    /// Draws what is on it.
    pub(crate) fn draw(&self, canvas: &mut Canvas) {
        match &self.drawing {
            Drawing::Features(features, color) => features.iter().for_each(|feature| feature.draw(canvas, *color)),
            Drawing::Grid => grid::draw(canvas),
        }
    }
}

impl Feature {
    fn draw(&self, canvas: &mut Canvas, color: Color) {
        match self {
            Self::Circle { center, radius } => canvas.fill(&circle(*center, *radius), color),
            Self::Line { points } => canvas.stroke(points, color),
            Self::Polygon { points } => canvas.fill(points, color),
        }
    }
}

/// A polygon that looks like a circle.
fn circle([x, y]: Point, radius: f64) -> Vec<Point> {
    const CORNERS: u32 = 256;
    let corner = |i| (f64::from(i) / f64::from(CORNERS) * std::f64::consts::TAU).sin_cos();
    (0..CORNERS).map(corner).map(|(sin, cos)| [x + radius * cos, y + radius * sin]).collect()
}

fn css_color(text: &str) -> Option<Color> {
    let color = csscolorparser::parse(text).ok()?.clamp();
    Color::from_rgba(color.r, color.g, color.b, color.a)
}
