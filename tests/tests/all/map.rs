//! The action `map`: the seed's example of a command by GET, and what is no box.

use serde_json::json;
use wicketgate_tests::{Gateway, Reply, Setup};

/// Width and height of a PNG, after checking that the reply is one.
fn size(reply: &Reply) -> (u32, u32) {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/png")), "{:?}", reply.headers);
    assert!(reply.body.starts_with(b"\x89PNG\r\n\x1a\n") && reply.body[12..16] == *b"IHDR");
    let number = |at: usize| u32::from_be_bytes(reply.body[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

fn get(gateway: &Gateway, query: &str) -> Reply {
    gateway.get(&format!("/_/cmd/mapHttpGetBox?layerUid=test.one&{query}"))
}

#[test]
fn the_box_of_a_layer_is_a_picture() {
    let gateway = Setup::bundled().start();
    let reply = gateway.get("/_/cmd/mapHttpGetBox/layerUid/test.one?bbox=11,22,33,44");
    assert_eq!(size(&reply), (256, 256));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    for target in [
        "/_?cmd=mapHttpGetBox&layerUid=test.one&bbox=11,22,33,44",
        "/_/cmd/mapHttpGetBox/layerUid/test.one/bbox/11,22,33,44",
        "/_/cmd/mapHttpGetBox/LAYERUID/test.one?bbox=11.0,%2022,33,%2044e0",
        "/_/cmd/mapHttpGetBox?layerUid=test.one&bbox=11&bbox=22&bbox=33&bbox=44",
    ] {
        assert!(gateway.get(target).body == reply.body, "{target}");
    }
    assert!(get(&gateway, "bbox=11,22,33,45").body != reply.body);
    for (query, expected) in [
        ("width=1&height=1", (1, 1)),
        ("width=4096&height=2", (4096, 2)),
        ("height=100", (256, 100)),
        ("unknown=1", (256, 256)),
    ] {
        assert_eq!(size(&get(&gateway, &format!("bbox=11,22,33,44&{query}"))), expected, "{query}");
    }
}

#[test]
fn what_is_no_box_is_refused_by_its_name() {
    let gateway = Setup::bundled().start();
    for query in [
        "",
        "bbox=",
        "bbox=1",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=1,,3,4",
        "bbox=a,b,c,d",
        "bbox=0,0,0,1",
        "bbox=0,0,1,0",
        "bbox=3,2,1,4",
        "bbox=1,4,3,2",
        "bbox=nan,0,1,1",
        "bbox=0,0,inf,1",
        "bbox=0,0,1e999,1",
        "bbox=0,0,1e-300,1",
        "bbox=-1e300,0,1e300,1",
    ] {
        let reply = get(&gateway, query);
        assert_eq!(reply.status, 400, "{query}");
        assert!(reply.error().to_string().contains("bbox"), "{query}: {}", reply.text());
    }
    for query in ["width=0", "width=4097", "height=0", "height=4097", "width=-1", "width=1.5", "width=x"] {
        let reply = get(&gateway, &format!("bbox=1,2,3,4&{query}"));
        let path = format!("params.{}", query.split('=').next().unwrap());
        assert_eq!((reply.status, reply.error()["details"][0]["path"].as_str()), (400, Some(path.as_str())), "{query}");
    }
    let reply = get(&gateway, "bbox=1,2,x,4");
    assert_eq!(reply.error()["details"][0], json!({"path": "params.bbox[2]", "problem": "expected float, got \"x\""}));
    assert_eq!(gateway.json("mapHttpGetBox", &json!({"layerUid": "test.one", "bbox": [1, 2, 3, 4]})).status, 404);
    gateway.assert_well();
}

#[test]
fn layers_are_those_of_the_operator() {
    const LAYERS: &str = r##"
[[sites]]
[[actions]]
type = "map"
[[actions.layers]]
uid = "lakes"
title = "Lakes"
color = "#0000ff"
features = [
    { type = "circle", center = [5, 5], radius = 1.5 },
    { type = "polygon", points = [[1, 1], [2, 1], [2, 2]] },
    { type = "line", points = [[0, 0], [10, 10.5]] },
]
[[actions.layers]]
uid = "nothing"
features = []
[[projects]]
uid = "p"
[[projects.actions]]
type = "map"
"##;
    let gateway = Setup::bundled().sites_and_actions(LAYERS).start();
    let get =
        |layer: &str, more: &str| gateway.get(&format!("/_/cmd/mapHttpGetBox/layerUid/{layer}?bbox=0,0,10,10{more}"));
    let (lakes, nothing) = (get("lakes", ""), get("nothing", ""));
    assert_eq!((size(&lakes), size(&nothing)), ((256, 256), (256, 256)));
    assert!(lakes.body.len() > nothing.body.len());
    for (layer, more) in [("test.one", ""), ("Lakes", ""), ("lakes.", ""), ("lakes", "&projectUid=p")] {
        assert_eq!(get(layer, more).status, 404, "{layer}{more}");
    }
    assert_eq!(size(&get("test.one", "&projectUid=p")), (256, 256));
    let layers = json!({"layers": [{"uid": "lakes", "title": "Lakes"}, {"uid": "nothing", "title": ""}]});
    for reply in [gateway.json("mapLayers", &json!({})), gateway.msgpack("mapLayers", &json!({}))] {
        assert_eq!((reply.status, reply.value()), (200, layers.clone()));
    }
}

#[test]
fn mistakes_in_layers_have_their_place() {
    let said = |layer: &str| {
        let toml = format!("[[sites]]\n[[actions]]\ntype = \"map\"\n[[actions.layers]]\nuid = \"a\"\n{layer}\n");
        Setup::bundled().sites_and_actions(&toml).refused()
    };
    for (layer, expected) in [
        ("", "actions[0].layers[0].features: required property is missing"),
        ("color = \"reddish\"\nfeatures = []", "actions[0].layers[0].color: expected a CSS color"),
        ("features = [{ type = \"circle\", center = [1, 2] }]", "actions[0].layers[0].features[0].radius: required"),
        ("features = [{ type = \"line\", points = [[1, 2]] }]", "actions[0].layers[0].features[0].points: expected"),
        ("features = []\n[[actions.layers]]\nuid = \"a\"\nfeatures = []", "layers: there are two layers `a`"),
    ] {
        let said = said(layer);
        assert!(said.contains(expected), "{layer}: {said}");
    }
}
