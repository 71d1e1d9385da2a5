//! All routes in one list, grouped by who calls them; the OpenAPI document is made from it.

use crate::cached::unless_known;
use crate::{api, error::ApiError, ops, pages, state::AppState};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::{Span, field::Empty};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body any route takes: a long SQL statement.
const MAX_BODY: usize = 1 << 20;

#[derive(OpenApi)]
#[openapi(
    info(title = "Headroom", description = "Observability and capacity planning for investment platforms"),
    security(("token" = []), ("session" = [])),
    modifiers(&Schemes)
)]
struct Document;

struct Schemes;

impl utoipa::Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::COOKIE))),
        );
    }
}

/// The document with an id for each operation that is its own: method and path. Handlers of
/// many routes are called `list` or `show`, which generators of clients cannot tell apart.
fn with_operation_ids(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<_> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for (method, operation) in [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ] {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            }
        }
    }
    document
}

/// Every route, and the document that is made from them.
fn routes() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (routes, document) = OpenApiRouter::with_openapi(Document::openapi())
        // Operators and their probes.
        .routes(routes!(ops::healthz))
        .routes(routes!(ops::readyz))
        .routes(routes!(ops::metrics))
        // Signing in and out.
        .routes(routes!(api::session::show, api::session::create, api::session::end))
        .routes(routes!(api::sign_in::methods))
        .routes(routes!(api::sign_in::begin))
        .routes(routes!(api::sign_in::finish))
        // Every page.
        .routes(routes!(api::live::follow))
        // Support agents.
        .routes(routes!(api::lookup::find))
        .routes(routes!(api::lookup::reveal))
        .routes(routes!(api::shared::share))
        .routes(routes!(api::shared::open))
        .routes(routes!(api::traces::search))
        .routes(routes!(api::traces::show))
        .routes(routes!(api::logs::search))
        .routes(routes!(api::logs::follow))
        .routes(routes!(api::portfolios::list))
        .routes(routes!(api::portfolios::show))
        .routes(routes!(api::portfolios::positions))
        .routes(routes!(api::portfolios::performance))
        .routes(routes!(api::portfolios::of_client))
        .routes(routes!(api::portfolios::client_performance))
        .routes(routes!(api::portfolios::of_adviser))
        .routes(routes!(api::portfolios::adviser_performance))
        .routes(routes!(api::portfolios::assets))
        // Site reliability engineers.
        .routes(routes!(api::overview::show))
        .routes(routes!(api::services::list))
        .routes(routes!(api::services::operations))
        .routes(routes!(api::services::errors))
        .routes(routes!(api::services::series))
        .routes(routes!(api::compare::show))
        .routes(routes!(api::red::show))
        .routes(routes!(api::service_map::show))
        .routes(routes!(api::latency::percentiles))
        .routes(routes!(api::latency::heatmap))
        .routes(routes!(api::latency::exemplars))
        .routes(routes!(api::bubbleup::show))
        .routes(routes!(api::metrics::list))
        .routes(routes!(api::metrics::show))
        .routes(routes!(api::metrics::series))
        .routes(routes!(api::slos::list))
        .routes(routes!(api::slos::show))
        .routes(routes!(api::slos::backtest))
        .routes(routes!(api::probes::list))
        .routes(routes!(api::gate::gate))
        .routes(routes!(api::alerts::list))
        .routes(routes!(api::alerts::acknowledge))
        .routes(routes!(api::charts::alert))
        .routes(routes!(api::silences::list, api::silences::create))
        .routes(routes!(api::silences::end))
        .routes(routes!(api::deliveries::list))
        .routes(routes!(api::deliveries::replay))
        .routes(routes!(api::alertmanager::webhook))
        .routes(routes!(api::actions::list))
        .routes(routes!(api::actions::enable))
        .routes(routes!(api::actions::disable))
        .routes(routes!(api::ingest::show))
        .routes(routes!(api::replay::run))
        .routes(routes!(api::deployments::tell))
        // Platform leads.
        .routes(routes!(api::deployments::delivery))
        .routes(routes!(api::forecasts::show))
        .routes(routes!(api::forecasts::subjects))
        .routes(routes!(api::anomalies::list))
        .routes(routes!(api::plan::show))
        .routes(routes!(api::calendar::show))
        .routes(routes!(api::calendar::post))
        .routes(routes!(api::calendar::remove))
        .routes(routes!(api::capacity::walls))
        .routes(routes!(api::capacity::what_if))
        .routes(routes!(api::capacity::roadmap))
        .routes(routes!(api::capacity::curve))
        .routes(routes!(api::capacity::costs))
        .routes(routes!(api::capacity::incident))
        .routes(routes!(api::capacity::assessment))
        .routes(routes!(api::capacity::load_tests::list, api::capacity::load_tests::import))
        .routes(routes!(api::capacity::load_tests::mark))
        .routes(routes!(api::capacity::load_tests::show))
        .routes(routes!(api::capacity::load_tests::compare))
        // Analysts and auditors.
        .routes(routes!(api::sql::run))
        .routes(routes!(api::audit::list))
        .routes(routes!(api::reports::uptime))
        .routes(routes!(api::reports::slo))
        .routes(routes!(api::reports::audit))
        .routes(routes!(api::reports::soc2))
        // Administrators.
        .routes(routes!(api::administration::accounts::list, api::administration::accounts::create))
        .routes(routes!(api::administration::accounts::change_role))
        .routes(routes!(api::administration::accounts::give_password))
        .routes(routes!(api::administration::accounts::disable))
        .routes(routes!(api::administration::accounts::enable))
        .routes(routes!(api::administration::accounts::end_sessions))
        .routes(routes!(api::administration::tokens::list, api::administration::tokens::create))
        .routes(routes!(api::administration::tokens::revoke))
        .routes(routes!(api::administration::sessions::list))
        .routes(routes!(api::administration::sessions::end))
        .routes(routes!(api::administration::node::show))
        .split_for_parts();
    (routes, with_operation_ids(document))
}

/// Everything: operations, API and pages.
pub fn router(state: AppState) -> Router {
    let (routes, document) = routes();
    let document = Json(document);
    routes
        .route("/openapi.json", get(move || async move { document.clone() }))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .fallback(get(pages::serve))
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .layer(middleware::from_fn(never_cache_the_api))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(CompressionLayer::new())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_failure(())
                .on_response(answered),
        )
        .layer(CatchPanicLayer::custom(|cause: Box<dyn std::any::Any + Send>| {
            let cause = cause.downcast_ref::<&str>().map_or("a handler panicked", |text| text).to_owned();
            axum::response::IntoResponse::into_response(ApiError::internal(&cause))
        }))
        .with_state(state)
}

/// Only what operators look for: a node without the web role.
pub fn operations(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .with_state(state)
}

/// One span for each request, by OpenTelemetry's conventions; its name is the route and never the path, which
/// may name a customer.
fn span(request: &Request) -> Span {
    let method = request.method().as_str();
    let route = request.extensions().get::<MatchedPath>().map_or("pages", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    )
}

fn answered(response: &Response, _: Duration, span: &Span) {
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

async fn unknown(request: Request) -> ApiError {
    ApiError::not_found(format!("there is no {}", request.uri().path()), "/openapi.json lists the paths")
}

/// Answers of the API are somebody's data: no cache may keep them but those that say how long and for whom.
async fn never_cache_the_api(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = unless_known(known.as_ref(), next.run(request).await);
    if api {
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-store"));
    }
    response
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests {
    /// The pages hold their types against this snapshot (dashboards/ui/src/api/held.test.ts).
    #[test]
    fn the_document_is_the_one_that_the_pages_know() {
        let (_, mut document) = super::routes();
        document.info.version.clear();
        insta::assert_json_snapshot!("openapi", document);
    }
}
