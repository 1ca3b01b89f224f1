//! Parameters, read by the command's spec.

use wicketgate_spec::read::{Limits, Target as Reading};

use super::{WebError, decode::Params, plan::Target, project};

/// Parameters that every command takes and no handler sees.
const COMMON: [&str; 2] = [project::NAME, "localeUid"];

/// Reads the parameters: strictly from bodies, softly from URLs. What comes out is canonical MsgPack.
pub(super) fn read(target: &Target<'_>, params: &Params<'_>, limits: Limits) -> Result<Vec<u8>, WebError> {
    let ty = target.command().params;
    let graph = &target.action.graph;
    let reading = Reading { common: &COMMON, limits, ..Reading::new(graph, ty, "params") };
    let checked = match params {
        Params::Json(text) => reading.json_text(text),
        Params::MsgPack(bytes) => reading.msgpack(bytes),
        Params::Soft(values) => reading.soft(values),
    };
    checked.map(|checked| checked.value).map_err(WebError::rejected)
}
