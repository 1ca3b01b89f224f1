//! The action as callers see it, pixel by pixel.

use wicketgate_action::{
    serde_json::{Value, json},
    testing::{Reply, Tester},
};

use super::Map;

const NOTHING: [u8; 4] = [0, 0, 0, 0];
const RED: [u8; 4] = [255, 0, 0, 255];

/// A picture, decoded.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn of(reply: &Reply) -> Self {
        assert_eq!((reply.status, reply.content_type.as_str()), (200, "image/png"), "{reply:?}");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&reply.body)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
        Self { width: info.width as usize, height: info.height as usize, pixels }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 4] {
        let start = 4 * (y * self.width + x);
        self.pixels[start..start + 4].try_into().unwrap()
    }

    fn is_empty(&self) -> bool {
        self.pixels.iter().all(|value| *value == 0)
    }
}

fn demo() -> Tester<Map> {
    Tester::new(json!({})).unwrap()
}

fn with(features: Value) -> Tester<Map> {
    Tester::new(json!({"layers": [{"uid": "l", "title": "L", "color": "red", "features": features}]})).unwrap()
}

fn get(map: &Tester<Map>, layer: &str, bbox: &str, size: Option<(&str, &str)>) -> Reply {
    let (width, height) = size.unwrap_or_default();
    let all = [("layerUid", layer), ("bbox", bbox), ("width", width), ("height", height)];
    map.get("mapHttpGetBox", if size.is_some() { &all } else { &all[..2] })
}

/// What is drawn of a feature in a box of 100 × 100 pixels.
fn drawn(feature: Value, bbox: &str) -> Picture {
    Picture::of(&get(&with(json!([feature])), "l", bbox, Some(("100", "100"))))
}

#[test]
fn a_picture_has_the_size_that_was_asked_for() {
    let map = demo();
    for (size, expected) in [
        (None, (256, 256)),
        (Some(("1", "1")), (1, 1)),
        (Some(("300", "20")), (300, 20)),
        (Some(("1", "4096")), (1, 4096)),
    ] {
        let picture = Picture::of(&get(&map, "test.one", "11,22,33,44", size));
        assert_eq!((picture.width, picture.height), expected);
    }
    for (width, height) in [("0", "1"), ("4097", "1"), ("1", "0"), ("1", "4097"), ("-1", "1"), ("1.5", "1"), ("x", "1")]
    {
        assert_eq!(get(&map, "test.one", "11,22,33,44", Some((width, height))).status, 400, "{width} x {height}");
    }
}

#[test]
fn different_boxes_give_different_pictures_and_the_same_box_the_same() {
    let map = demo();
    let boxes = [
        "11,22,33,44",
        "12,22,34,44",
        "61,22,83,44",
        "11,72,33,94",
        "-180,-90,180,90",
        "0,0,1e-9,1e-9",
        "-1e9,-1e9,1e9,1e9",
    ];
    let pictures = boxes.map(|bbox| get(&map, "test.one", bbox, None).body);
    for (i, picture) in pictures.iter().enumerate() {
        assert!(!pictures[..i].contains(picture), "{}", boxes[i]);
        assert_eq!(*picture, get(&map, "test.one", boxes[i], None).body, "{}", boxes[i]);
    }
}

#[test]
fn features_are_where_their_coordinates_say() {
    // 0..10 on 100 pixels, with y upwards.
    let square = json!({"type": "polygon", "points": [[1, 1], [3, 1], [3, 2], [1, 2]]});
    let picture = drawn(square.clone(), "0,0,10,10");
    for (x, y, color) in
        [(10, 80, RED), (29, 89, RED), (9, 85, NOTHING), (30, 85, NOTHING), (20, 79, NOTHING), (20, 90, NOTHING)]
    {
        assert_eq!(picture.at(x, y), color, "{x}, {y}");
    }
    // The box is stretched.
    let picture = drawn(square, "0,0,4,100");
    assert_eq!([picture.at(50, 98), picture.at(50, 96), picture.at(80, 98)], [RED, NOTHING, NOTHING]);

    let picture = drawn(json!({"type": "circle", "center": [5, 5], "radius": 2}), "0,0,10,10");
    assert_eq!([picture.at(50, 50), picture.at(50, 31), picture.at(68, 50)], [RED; 3]);
    assert_eq!([picture.at(50, 29), picture.at(71, 50), picture.at(34, 34)], [NOTHING; 3]);

    let picture = drawn(json!({"type": "line", "points": [[0, 5], [5, 5], [5, 10]]}), "0,0,10,10");
    assert_eq!([picture.at(0, 50), picture.at(25, 50), picture.at(50, 25), picture.at(50, 0)], [RED; 4]);
    assert_eq!([picture.at(55, 50), picture.at(50, 55), picture.at(25, 53)], [NOTHING; 3]);
}

#[test]
fn what_is_outside_of_the_box_is_not_seen_however_far_it_reaches() {
    let far = json!({"type": "circle", "center": [50, 50], "radius": 2});
    assert!(drawn(far, "0,0,10,10").is_empty());
    // The box is within it, but for its corner.
    let half = json!({"type": "polygon", "points": [[-1e300, -1e300], [1e300, -1e300], [1e300, 5], [-1e300, 5]]});
    let picture = drawn(half, "0,0,10,10");
    assert_eq!(
        [picture.at(0, 49), picture.at(99, 49), picture.at(0, 50), picture.at(99, 99)],
        [NOTHING, NOTHING, RED, RED]
    );
    let line = json!({"type": "line", "points": [[-1e6, -1e6], [1e6, 1e6]]});
    let picture = drawn(line, "0,0,10,10");
    assert_eq!(
        [picture.at(0, 99), picture.at(50, 49), picture.at(99, 0), picture.at(20, 20)],
        [RED, RED, RED, NOTHING]
    );
    let disk = json!({"type": "circle", "center": [0, 0], "radius": 1e6});
    assert_eq!(drawn(disk, "0,0,1e-6,1e-6").at(50, 50), RED);
}

#[test]
fn what_overlaps_is_drawn_in_order_and_layers_do_not_mix() {
    let square = json!({"type": "polygon", "points": [[0, 0], [10, 0], [10, 10], [0, 10]]});
    let config = json!({"layers": [
        {"uid": "a", "color": "#00f8", "features": [square]},
        {"uid": "b", "features": []},
    ]});
    let map = Tester::<Map>::new(config).unwrap();
    assert_eq!(Picture::of(&get(&map, "a", "0,0,10,10", None)).at(5, 5), [0, 0, 255, 136]);
    assert!(Picture::of(&get(&map, "b", "0,0,10,10", None)).is_empty());
    for missing in ["", "A", "test.one", "a.b"] {
        assert_eq!(get(&map, missing, "0,0,10,10", None).status, 404, "{missing}");
    }
    let layers = json!([{"uid": "a", "title": ""}, {"uid": "b", "title": ""}]);
    assert_eq!(map.call("mapLayers", json!({})).value()["layers"], layers);
}

#[test]
fn a_box_that_is_none_is_refused_by_its_name() {
    let map = demo();
    for bbox in [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,x,4",
        "1,2,,4",
        "0,0,0,1",
        "0,0,1,0",
        "0,0,0,0",
        "3,2,1,4",
        "1,4,3,2",
        "nan,0,1,1",
        "0,0,inf,1",
        "-inf,0,1,1",
        "0,0,1e-10,1",
        "0,0,1e10,1",
        "-1e999,0,1,1",
        "1 2 3 4",
    ] {
        let reply = get(&map, "test.one", bbox, None);
        assert_eq!(reply.status, 400, "{bbox}");
        assert!(reply.info.contains("bbox"), "{bbox}: {}", reply.info);
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let layer = |more: Value| {
        let mut layer = json!({"uid": "a", "features": []});
        layer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        layer
    };
    for (layers, expected) in [
        (json!([layer(json!({})), layer(json!({}))]), "layers: there are two layers `a`"),
        (json!([layer(json!({"uid": ""}))]), "layers[0].uid: expected"),
        (json!([layer(json!({"color": "reddish"}))]), "layers[0].color: expected a CSS color"),
        (json!([layer(json!({"features": [{"type": "blob"}]}))]), "layers[0].features[0].type: expected"),
        (
            json!([layer(json!({"features": [{"type": "line", "points": [[1, 2]]}]}))]),
            "layers[0].features[0].points: expected",
        ),
        (
            json!([layer(json!({"features": [{"type": "circle", "center": [1], "radius": 1}]}))]),
            "layers[0].features[0].center: expected",
        ),
        (
            json!([layer(json!({"features": [{"type": "circle", "center": [1, 2], "radius": -1}]}))]),
            "layers[0].features[0].radius: expected",
        ),
    ] {
        let told = Tester::<Map>::new(json!({ "layers": layers })).map(drop).unwrap_err();
        assert!(told.starts_with(expected), "{told}\ninstead of {expected}");
    }
}
