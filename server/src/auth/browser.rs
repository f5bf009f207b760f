//! Keeps web pages from elsewhere away from a service that asks for no tokens.
//!
//! Any page that its user visits can send requests to loopback. Some need no permission of the browser (a `POST` without a
//! body cancels a study), and a page whose name was made to point to loopback can even read the answers. Both show in the
//! headers: the page's origin, and the name under which the service was called.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use std::net::IpAddr;

/// Whether a request comes from this machine's own programs and pages.
pub fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).or(uri.authority().map(Authority::as_str));
    let origin = text(header::ORIGIN).map(|origin| origin.split_once("://").map_or("", |(_, authority)| authority));
    [host, origin].into_iter().flatten().all(is_loopback)
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        is_local(&Uri::from_static("/v1/studies"), &headers)
    }

    #[test]
    fn programs_and_pages_of_this_machine_are_local() {
        assert!(local("127.0.0.1:8080", None));
        assert!(local("[::1]:8080", Some("http://localhost:5173")));
        assert!(local("localhost", Some("http://127.0.0.1:8080")));
        assert!(is_local(&Uri::from_static("/"), &HeaderMap::new()));
    }

    #[test]
    fn pages_from_elsewhere_are_not() {
        assert!(!local("127.0.0.1:8080", Some("https://evil.example")));
        assert!(!local("127.0.0.1:8080", Some("null")));
        assert!(!local("evil.example:8080", None));
        assert!(!local("127.0.0.1.evil.example", None));
        assert!(!local("user@evil.example", None));
    }
}
