//! Scripts, styles and the icon, compiled into the program: nothing comes from outside.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const ASSETS: &[Asset] = &[
    Asset { name: "page.css", kind: STYLE, bytes: include_bytes!("../../assets/page.css") },
    Asset { name: "page.js", kind: SCRIPT, bytes: include_bytes!("../../assets/page.js") },
    Asset { name: "ages.js", kind: SCRIPT, bytes: include_bytes!("../../assets/ages.js") },
    Asset { name: "live.js", kind: SCRIPT, bytes: include_bytes!("../../assets/live.js") },
    Asset { name: "panel.js", kind: SCRIPT, bytes: include_bytes!("../../assets/panel.js") },
    Asset { name: "chart.js", kind: SCRIPT, bytes: include_bytes!("../../assets/chart.js") },
    Asset {
        name: "icon.svg",
        kind: "image/svg+xml",
        bytes: include_bytes!("../../assets/icon.svg"),
    },
    Asset {
        name: "uplot.js",
        kind: SCRIPT,
        bytes: include_bytes!("../../assets/uplot/uPlot.iife.min.js"),
    },
    Asset {
        name: "uplot.css",
        kind: STYLE,
        bytes: include_bytes!("../../assets/uplot/uPlot.min.css"),
    },
];

/// The address of an asset.
pub(crate) fn asset_path(name: &str) -> String {
    format!("/assets/{name}")
}

/// The asset of that name.
pub(super) fn asset(name: &str) -> Response {
    let mut response = Response::new(Body::empty());
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    *response.body_mut() = Body::from(asset.bytes);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
