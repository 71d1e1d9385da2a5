#![allow(clippy::unwrap_used)]

use utoipa::OpenApi;

use super::{AttributionRules, CostReport, PriceTable, Usage, commitment, incident, rightsize};

#[derive(OpenApi)]
#[openapi(components(schemas(
    CostReport,
    Usage,
    AttributionRules,
    PriceTable,
    rightsize::UtilisationSeries,
    rightsize::RightsizeSettings,
    rightsize::Rightsizing,
    commitment::HourlyUse,
    commitment::CommitmentOffer,
    commitment::CommitmentAdvice,
    incident::IncidentInput,
    incident::IncidentComparison,
)))]
struct Bodies;

#[test]
fn every_body_has_a_schema_that_is_whole() {
    let document = serde_json::to_value(Bodies::openapi()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    let named: Vec<&str> = text
        .split("#/components/schemas/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|name| !schemas.contains_key(*name))
        .collect();
    assert!(named.is_empty(), "{named:?} are referred to, but not described");
    let money = &schemas["Money"]["properties"]["amount"]["type"];
    assert_eq!(money, "string", "amounts are texts, which lose no digit on the way");
}
