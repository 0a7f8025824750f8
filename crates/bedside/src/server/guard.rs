//! What every request must be, and what every answer carries.
//!
//! A page of another site can send requests to this server through the person's browser. It
//! cannot choose their `Host` and `Origin`: a foreign `Origin` is refused, and so is a `Host` that
//! is no address and no name of ours (that is how a name is re-bound to a local address).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A request is whole and answered within this time, the device's patience included. Updates may follow
/// for as long as somebody reads them.
const ANSWERED: Duration = Duration::from_secs(15);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Sent with every answer. The referrer stays within this server: with `no-referrer` browsers
/// would send `Origin: null` from our own forms.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Lets through what comes from our own page, and dresses the answer.
pub(super) async fn guard(
    State(names): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let refused = refuse(request.method(), request.uri().path(), request.headers(), &names);
    let mut response = match refused {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => within(ANSWERED, next.run(request)).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The answer, or that it did not come in time: a body that is never sent keeps no seat.
async fn within(time: Duration, answer: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(time, answer).await;
    answered
        .unwrap_or_else(|_| (StatusCode::REQUEST_TIMEOUT, "This took too long.").into_response())
}

/// Why a request is refused, if it is.
fn refuse(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    names: &[String],
) -> Option<&'static str> {
    let host = text(headers, &header::HOST);
    if !host.is_some_and(|host| ours(host, names)) {
        return Some("This name is not one of the device's. Use its address.");
    }
    if *method == Method::GET || *method == Method::HEAD {
        return None;
    }
    let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin") {
        return Some("This request comes from another site.");
    }
    if !headers.contains_key(header::ORIGIN) {
        // Not a browser of our days. Nothing but Stop is worth the doubt (ACT-10).
        return (path != "/stop").then_some("This request does not say where it comes from.");
    }
    let origin = text(headers, &header::ORIGIN).and_then(|origin| {
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
    });
    (origin != host).then_some("This request comes from another site.")
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// An address, `localhost`, or a name that was given at the start.
fn ours(host: &str, names: &[String]) -> bool {
    if host.parse::<SocketAddr>().is_ok() || host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if bracketed.is_some_and(|address| address.parse::<IpAddr>().is_ok()) {
        return true;
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{refuse, within};
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
    use axum::response::IntoResponse;
    use std::future::{pending, ready};
    use std::time::Duration;

    fn refused(method: &Method, path: &str, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        refuse(method, path, &headers, &["bed4.example".to_owned()]).is_some()
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8080");

    #[test]
    fn a_name_that_is_not_ours_is_refused_even_for_looking() {
        for host in
            ["127.0.0.1:8080", "127.0.0.1", "[::1]:8080", "[::1]", "localhost:1", "LOCALHOST"]
        {
            assert!(!refused(&Method::GET, "/", &[("host", host)]), "{host}");
        }
        assert!(!refused(&Method::GET, "/", &[("host", "Bed4.example:80")]));
        for host in
            ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "localhost.x"]
        {
            assert!(refused(&Method::GET, "/", &[("host", host)]), "{host}");
        }
        assert!(refused(&Method::GET, "/", &[]));
    }

    #[test]
    fn an_action_must_come_from_our_own_page() {
        let own = ("origin", "http://127.0.0.1:8080");
        assert!(!refused(&Method::POST, "/do/confirm", &[HOST, own]));
        let same = ("sec-fetch-site", "same-origin");
        assert!(!refused(&Method::POST, "/do/confirm", &[HOST, own, same]));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:8081", "127.0.0.1:8080"] {
            for path in ["/do/confirm", "/stop"] {
                assert!(refused(&Method::POST, path, &[HOST, ("origin", origin)]), "{origin}");
            }
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(refused(&Method::POST, "/stop", &[HOST, own, ("sec-fetch-site", site)]));
        }
    }

    #[test]
    fn act_10_stop_alone_may_come_without_an_origin() {
        assert!(!refused(&Method::POST, "/stop", &[HOST]));
        assert!(refused(&Method::POST, "/do/acknowledge", &[HOST]));
        assert!(refused(&Method::DELETE, "/do/acknowledge", &[HOST]));
    }

    #[test]
    fn what_does_not_become_whole_is_given_up() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let never = runtime.block_on(within(Duration::ZERO, pending()));
        assert_eq!(never.status(), StatusCode::REQUEST_TIMEOUT);
        let ready = ready(StatusCode::OK.into_response());
        assert_eq!(runtime.block_on(within(Duration::ZERO, ready)).status(), StatusCode::OK);
    }
}
