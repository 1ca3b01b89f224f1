//! Parameters, read by the command's spec.

use wicketgate_spec::read::Target as Reading;

use super::{WebError, commands::Target, decode::Params};

/// Parameters that every command takes and no handler sees.
const COMMON: [&str; 2] = ["projectUid", "localeUid"];

/// Reads the parameters: strictly from bodies, softly from URLs. What comes out is canonical MsgPack.
pub(super) fn read(target: &Target<'_>, params: &Params<'_>) -> Result<Vec<u8>, WebError> {
    let ty = target.command().params;
    let reading = Reading { graph: &target.action.graph, ty, root: "params", common: &COMMON };
    let checked = match params {
        Params::Json(bytes) => reading.json(bytes),
        Params::MsgPack(bytes) => reading.msgpack(bytes),
        Params::Soft(values) => reading.soft(values),
    };
    let checked = checked.map_err(WebError::rejected)?;
    // There are no projects yet, so that every one of them is unknown; "" means none.
    match checked.common.iter().find(|(name, uid)| name == "projectUid" && !uid.is_empty()) {
        Some(_) => Err(WebError::not_found("there is no such project")),
        None => Ok(checked.value),
    }
}
