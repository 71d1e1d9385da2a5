//! The platform that the load pretends to come from: eight services with five operations each, and
//! the calls of one request.

use super::wire::Message;

/// An operation: span name, HTTP method, path.
pub(super) type Operation = (&'static str, &'static str, &'static str);

pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) host: &'static str,
    pub(super) operations: [Operation; 5],
}

const fn service(name: &'static str, host: &'static str, operations: [Operation; 5]) -> Service {
    Service { name, host, operations }
}

pub(super) static SERVICES: [Service; 8] = [
    service(
        "gateway",
        "api.example.com",
        [
            ("POST /api/v1/orders", "POST", "/api/v1/orders"),
            ("GET /api/v1/orders/{id}", "GET", "/api/v1/orders/81f3"),
            ("GET /api/v1/portfolio", "GET", "/api/v1/portfolio"),
            ("GET /api/v1/quotes", "GET", "/api/v1/quotes"),
            ("POST /api/v1/deposits", "POST", "/api/v1/deposits"),
        ],
    ),
    service(
        "auth",
        "auth.internal",
        [
            ("POST /token/verify", "POST", "/token/verify"),
            ("POST /session", "POST", "/session"),
            ("GET /session/{id}", "GET", "/session/current"),
            ("POST /session/refresh", "POST", "/session/refresh"),
            ("GET /permissions", "GET", "/permissions/customer"),
        ],
    ),
    service(
        "orders",
        "orders.internal",
        [
            ("POST /orders", "POST", "/orders"),
            ("GET /orders/{id}", "GET", "/orders/81f3"),
            ("DELETE /orders/{id}", "DELETE", "/orders/81f3"),
            ("validate order", "POST", "/orders/validate"),
            ("route order", "POST", "/orders/route"),
        ],
    ),
    service(
        "risk",
        "risk.internal",
        [
            ("POST /checks/buying-power", "POST", "/checks/buying-power"),
            ("POST /checks/concentration", "POST", "/checks/concentration"),
            ("POST /checks/restricted", "POST", "/checks/restricted"),
            ("GET /limits/{id}", "GET", "/limits/customer"),
            ("POST /checks/day-trades", "POST", "/checks/day-trades"),
        ],
    ),
    service(
        "pricing",
        "pricing.internal",
        [
            ("GET /quotes/{symbol}", "GET", "/quotes/AAPL"),
            ("GET /candles/{symbol}", "GET", "/candles/MSFT/1m"),
            ("POST /quotes/batch", "POST", "/quotes/batch"),
            ("GET /fx/{pair}", "GET", "/fx/EURUSD"),
            ("GET /book/{symbol}", "GET", "/book/NVDA/depth"),
        ],
    ),
    service(
        "portfolio",
        "portfolio.internal",
        [
            ("GET /portfolios/{id}", "GET", "/portfolios/pf-77"),
            ("GET /positions", "GET", "/positions"),
            ("POST /positions/apply", "POST", "/positions/apply"),
            ("GET /performance", "GET", "/performance/ytd"),
            ("POST /rebalance", "POST", "/rebalance/preview"),
        ],
    ),
    service(
        "payments",
        "payments.internal",
        [
            ("POST /deposits", "POST", "/deposits"),
            ("POST /withdrawals", "POST", "/withdrawals"),
            ("GET /methods", "GET", "/methods"),
            ("POST /holds", "POST", "/holds"),
            ("POST /holds/{id}/release", "POST", "/holds/9c2e/release"),
        ],
    ),
    service(
        "ledger",
        "ledger.internal",
        [
            ("POST /entries", "POST", "/entries"),
            ("GET /balances/{id}", "GET", "/balances/acc-77"),
            ("POST /entries/batch", "POST", "/entries/batch"),
            ("commit journal", "POST", "/journal/commit"),
            ("POST /reserve", "POST", "/reserve"),
        ],
    ),
];

/// A span of a trace: the number of its parent in the trace, its service, its `SpanKind`.
pub(super) struct Call {
    pub(super) parent: Option<usize>,
    pub(super) service: usize,
    pub(super) kind: u64,
}

pub(super) const INTERNAL: u64 = 1;
const SERVER: u64 = 2;
const CLIENT: u64 = 3;

const fn call(parent: usize, service: usize, kind: u64) -> Call {
    Call { parent: Some(parent), service, kind }
}

/// One request: ten spans through all eight services. A parent comes before its children.
pub(super) static CALLS: [Call; 10] = [
    Call { parent: None, service: 0, kind: SERVER },
    call(0, 1, SERVER),
    call(0, 2, SERVER),
    call(2, 2, CLIENT),
    call(3, 3, SERVER),
    call(4, 4, SERVER),
    call(2, 5, SERVER),
    call(2, 6, SERVER),
    call(7, 7, SERVER),
    call(8, 7, INTERNAL),
];

/// The `Resource` of a service.
pub(super) fn resource(service: usize) -> Message {
    let name = SERVICES[service].name;
    let mut resource = Message::default();
    for (key, value) in [
        ("service.name", name),
        ("service.version", "2026.11.3"),
        ("service.instance.id", &format!("{name}-6d8f9c7b54-x2k{service}p")),
        ("deployment.environment.name", "production"),
        ("cloud.region", "eu-central-1"),
        ("telemetry.sdk.language", "java"),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.version", "1.55.0"),
    ] {
        resource.text_attribute(1, key, value);
    }
    resource
}

/// The `InstrumentationScope` of everything.
pub(super) fn scope() -> Message {
    let mut scope = Message::default();
    scope.text(1, "io.headroom.load");
    scope.text(2, "1");
    scope
}

/// Groups `records` under the resource of their service: resource and scope, as every signal has
/// them. Services without records are left out.
pub(super) fn by_service(
    records: &[Vec<Message>; SERVICES.len()],
    mut change: impl FnMut(&mut Message),
) -> Message {
    let mut request = Message::default();
    for (service, records) in records.iter().enumerate().filter(|(_, records)| !records.is_empty()) {
        let mut in_scope = Message::default();
        in_scope.message(1, &scope());
        for record in records {
            in_scope.message(2, record);
        }
        let mut resource = resource(service);
        change(&mut resource);
        let mut of_service = Message::default();
        of_service.message(1, &resource);
        of_service.message(2, &in_scope);
        request.message(1, &of_service);
    }
    request
}
