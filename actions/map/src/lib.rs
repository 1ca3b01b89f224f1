//! The map action: draws the part of a layer that lies in a box of its coordinates, as a picture.
//!
//! Coordinates are the operator's own, with x to the right and y upwards: degrees, metres, or anything else. The box is
//! stretched to the size of the picture.

mod canvas;
mod clip;
mod grid;
mod layer;

use wicketgate_action::prelude::*;

use canvas::Canvas;
use layer::{Layer, LayerConfig};

/// Configuration for the Map action
#[config]
pub struct Config {
    /// what can be drawn; without any there is `test.one`, a grid to try things out with
    #[serde(default)]
    layers: Vec<LayerConfig>,
}

/// Parameters of `box`
#[params]
pub struct BoxParams {
    /// the layer
    #[schemars(example = &"test.one")]
    layer_uid: String,
    /// what to show: least x, least y, greatest x, greatest y
    #[schemars(inner(range(min = -1e9, max = 1e9)), example = [11.0, 22.0, 33.0, 44.0])]
    bbox: [f64; 4],
    /// width of the picture in pixels
    #[serde(default = "tile")]
    #[schemars(range(min = 1, max = 4096))]
    width: u32,
    /// height of the picture in pixels
    #[serde(default = "tile")]
    #[schemars(range(min = 1, max = 4096))]
    height: u32,
}
fn tile() -> u32 {
    256
}

/// What there is to draw.
#[response]
pub struct LayersResponse {
    /// all layers
    layers: Vec<LayerInfo>,
}

/// A layer.
#[response]
pub struct LayerInfo {
    /// name to ask for it by
    uid: String,
    /// name to show to people: text, not HTML
    title: String,
}

/// The configured action.
pub struct Map {
    layers: Vec<Layer>,
}

/// Map action: draws layers.
#[action(name = "map")]
impl Map {
    fn configure(config: Config, _host: &Host) -> Result<Self> {
        let mut layers = config.layers.into_iter().map(Layer::new).collect::<Result<Vec<_>>>()?;
        if layers.is_empty() {
            layers.push(Layer::demo());
        }
        for (i, layer) in layers.iter().enumerate() {
            if layers[..i].iter().any(|other| other.uid == layer.uid) {
                return Err(Error::internal(format!("layers: there are two layers `{}`", layer.uid)));
            }
        }
        Ok(Self { layers })
    }

    /// Draw what lies in a box, as a PNG that is transparent where nothing is. 404 if there is no such layer.
    fn http_get_box(&self, _req: &Request, p: BoxParams) -> Result<Content> {
        let layer = self.layers.iter().find(|layer| layer.uid == p.layer_uid).ok_or_else(Error::not_found)?;
        let mut canvas = Canvas::new(p.bbox, p.width, p.height)?;
        layer.draw(&mut canvas);
        Ok(Content::new("image/png", canvas.into_png()?))
    }

    /// Tell which layers there are.
    async fn api_layers(&self, _req: &Request, _p: Empty) -> Result<LayersResponse> {
        let info = |layer: &Layer| LayerInfo { uid: layer.uid.clone(), title: layer.title.clone() };
        Ok(LayersResponse { layers: self.layers.iter().map(info).collect() })
    }
}

#[cfg(test)]
mod tests;
