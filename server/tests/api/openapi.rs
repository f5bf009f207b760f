//! The OpenAPI document: complete, closed, and the one that the dashboard's types are generated from.

use crate::service;
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::BTreeSet;

/// All references in a document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                found.insert(target.to_owned());
            }
            members.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn the_committed_document_is_fresh() {
    let committed: Value = serde_json::from_str(include_str!("../../../web/src/api/openapi.json")).unwrap();
    let now = server::api::document().unwrap();
    assert!(committed == now, "run `nascent openapi > web/src/api/openapi.json`, then `npm run api` in web/");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = server::api::document().unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for target in found {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} leads nowhere");
    }
}

#[test]
fn the_protocol_of_workers_is_typed() {
    let document = server::api::document().unwrap();
    for (path, request, answer) in [
        ("/v1/work/lease", "LeaseRequest", "Lease"),
        ("/v1/work/{id}/report", "Report", "ReportAnswer"),
        ("/v1/work/{id}/outcome", "OutcomeBody", "OutcomeAnswer"),
    ] {
        let operation = &document["paths"][path]["post"];
        let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(body, &format!("#/components/schemas/{request}"), "{path}");
        let ok = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(ok, &format!("#/components/schemas/{answer}"), "{path}");
    }
    let state = &document["components"]["schemas"]["Outcome"]["oneOf"];
    assert_eq!(state.as_array().unwrap().len(), 5);
}

#[test]
fn operations_have_names_of_their_own() {
    let document = server::api::document().unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let names: Vec<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_with_a_page_that_loads_nothing_from_elsewhere() {
    let app = service!();
    let served = app.get("/openapi.json").await.expect(StatusCode::OK);
    assert_eq!(served, server::api::document().unwrap());
    let page = app.get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("swagger-ui"));
    for part in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
        assert!(!page.text().contains(part), "{part}");
    }
    assert_eq!(app.get("/docs/swagger-ui-bundle.js").await.status, StatusCode::OK);
}

#[test]
fn parameters_stand_where_they_are_read() {
    let document = server::api::document().unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        let operations = item.as_object().unwrap().values();
        for parameter in operations.filter_map(|operation| operation["parameters"].as_array()).flatten() {
            let name = parameter["name"].as_str().unwrap();
            let in_path = path.contains(&format!("{{{name}}}"));
            assert_eq!(parameter["in"] == "path", in_path, "`{name}` of {path}: {}", parameter["in"]);
        }
    }
}
