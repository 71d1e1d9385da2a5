//! The text of the sample: a scalability assessment for a board.

use headroom_reports::number::fixed;
use headroom_reports::{
    Block, Callout, Column, Document, Figure, KeyFigure, Origin, Range, Rich, Section, Severity, Table,
};

use crate::charts::{curve, day, demand, heat, roadmap, walls};

fn origin(what: &str, query: &str) -> Origin {
    Origin { what: what.into(), query: query.into(), from: day("2026-10-27"), to: day("2026-11-25") }
}

pub(crate) fn document() -> Document {
    Document {
        title: "Scalability assessment".into(),
        subtitle: "The platform carries today's peaks, but order-service runs out of room at 1.4 times today's \
                   demand: in January 2027 at the present growth, two months before its replacement is planned."
            .into(),
        made_at: day("2026-11-25"),
        range: Range { from: day("2026-10-27"), to: day("2026-11-25") },
        tenant: "Northwind Invest".into(),
        sections: vec![summary(), growth(), wall_section(), plan(), money(), method()],
    }
}

fn key(label: &str, value: &str, note: &str) -> KeyFigure {
    KeyFigure { label: label.into(), value: value.into(), note: note.into() }
}

fn summary() -> Section {
    Section::new("Summary", vec![
        Block::KeyFigures(vec![
            key("First wall", "1.4x", "order-service, Jan 2027"),
            key("Peak today", "2,240/s", "orders, 19 Nov 14:00 UTC"),
            key("Growth", "+4.1 %", "a month, median of 12"),
            key("Cost per order", "€ 0.0031", "−6 % against October"),
        ]),
        Block::Callout(Callout {
            severity: Severity::Critical,
            title: "Order intake stops growing in January".into(),
            text: Rich::new()
                .plain("At the growth of the last twelve months ")
                .code("order-service")
                .plain(" saturates on 20 January 2027 (between 4 January and 9 February). The split of matching from booking moves its wall to ")
                .bold("3.2x")
                .plain(" and takes eleven weeks, so it has to begin by 1 December."),
        }),
        Block::Paragraph(
            "Five services carry an order from the customer's tap to the booked position. For each of them this report \
             says at which growth it hits its limit, when that is, what moves the limit and what that costs. Growth of \
             2x, 5x and 10x is looked at in turn."
                .into(),
        ),
        Block::List {
            ordered: false,
            items: vec![
                Rich::new().bold("2x").plain(": order-service fails. All others hold, payments-ledger with 30 % to spare."),
                Rich::new().bold("5x").plain(": payments-ledger and portfolio-valuation fail too; both need more than machines."),
                Rich::new().bold("10x").plain(": nothing holds as it is built today."),
            ],
        },
    ])
}

fn growth() -> Section {
    Section::new("Demand", vec![
        Block::Paragraph(
            Rich::new()
                .plain("Demand follows the sessions of New York, London and Mumbai. The highest peaks come with releases: the US consumer prices on 19 November brought 1.3 times a usual day. The forecast knows the ")
                .link("calendar of events", "https://headroom.example.com/forecast?range=30d")
                .plain(" and is explained there."),
        ),
        Block::Figure(Figure {
            caption: "The peaks expected next week stay below the limit of order-service, but not far below".into(),
            chart: demand(),
            origin: origin(
                "Orders received per second, mean of each hour, and the forecast of the promoted model with its quantiles.",
                "SELECT toStartOfHour(minute) AS hour, sum(requests) / 3600 AS rate\nFROM service_minutes\nWHERE service = 'order-service' AND operation = 'POST /orders'\nGROUP BY hour ORDER BY hour",
            ),
        }),
        Block::Figure(Figure {
            caption: "The open and the close of New York drive all services alike; there is no quiet one to borrow from".into(),
            chart: heat(),
            origin: origin(
                "For each service and hour of the day the highest use of CPU, memory, connections or disk, median of the days.",
                "GET /v1/capacity/use?by=hour&of=tightest&from=2026-10-27&to=2026-11-25",
            ),
        }),
    ])
}

fn wall_section() -> Section {
    let row = |cells: [&str; 6]| cells.into_iter().map(Rich::from).collect::<Vec<_>>();
    let mut rows = vec![
        row(["order-service", "Threads waiting for the book lock", "2,240", "3,136", "1.4", "20 Jan 2027"]),
        row([
            "payments-ledger",
            "Postgres: writes per second on one primary",
            "1,310",
            "3,406",
            "2.6",
            "28 Mar 2027",
        ]),
        row([
            "portfolio-valuation",
            "CPU; each price revalues every position",
            "410",
            "1,599",
            "3.9",
            "25 Jul 2027",
        ]),
        row(["wallet-service", "Connections to the core bank", "620", "3,348", "5.4", "11 Dec 2027"]),
        row(["market-data-fanout", "Network, 10 Gbit/s a node", "18,400", "143,520", "7.8", "after 2028"]),
    ];
    for row in &mut rows {
        row[0] = Rich::new().code(row[0].text());
    }
    Section::new("Walls", vec![
        Block::Paragraph(
            Rich::new()
                .plain("A wall is the load at which the 99th percentile of latency leaves its objective for good. It is read from the curve that the ")
                .bold("universal scalability law")
                .plain(" gives when fitted to production minutes, and checked by a load test wherever there is one."),
        ),
        Block::Figure(Figure {
            caption: "One service fails before demand doubles, two more before it grows fivefold".into(),
            chart: walls(),
            origin: origin(
                "Load at the wall over the highest load of the range. Whiskers: 95 % interval by the bootstrap, 1,000 draws.",
                "GET /v1/capacity/walls?confidence=0.95&from=2026-10-27&to=2026-11-25",
            ),
        }),
        Block::Table(Table {
            caption: "What limits each service".into(),
            columns: vec![
                Column::text("Service"),
                Column::text("What gives way"),
                Column::number("Peak, per s"),
                Column::number("Wall, per s"),
                Column::number("Growth, x"),
                Column::text("Reached"),
            ],
            rows,
            origin: origin(
                "The nearest limit of each service on the road of an order, with the growth of the last twelve months continued.",
                "GET /v1/capacity/walls?from=2026-10-27&to=2026-11-25",
            ),
        }),
        Block::Figure(Figure {
            caption: "order-service: latency leaves its objective at 3,100 requests per second".into(),
            chart: curve(),
            origin: origin(
                "99th percentile of latency for each production minute by its load, and the fitted curve with its 95 % interval.",
                "SELECT requests / 60 AS load, quantile_ms(0.99, buckets) AS p99\nFROM service_minutes\nWHERE service = 'order-service'",
            ),
        }),
        Block::Callout(Callout {
            severity: Severity::Warning,
            title: "The curve ends at 3,000 requests per second".into(),
            text: "No test has gone further, so the wall itself is extrapolated by 3 %. A test at 3,300 would settle it and costs about € 40.".into(),
        }),
    ])
}

fn plan() -> Section {
    Section::new("Plan", vec![
        Block::Figure(Figure {
            caption: "Only the first step is urgent; the others fit before their walls".into(),
            chart: roadmap(),
            origin: origin(
                "Steps of the plan as entered by the teams, walls as computed above.",
                "GET /v1/capacity/plan",
            ),
        }),
        Block::List {
            ordered: true,
            items: vec![
                "Split matching from booking in order-service, begin on 1 December: moves the wall to 3.2x.".into(),
                "Give payments-ledger read replicas, then partition its journal by month: 2.6x becomes 6x.".into(),
                "Value portfolios by what changed instead of as a whole: 3.9x becomes more than 10x.".into(),
            ],
        },
        Block::Callout(Callout {
            severity: Severity::Good,
            title: "Market data needs nothing until 2028".into(),
            text: Rich::new(),
        }),
    ])
}

fn money() -> Section {
    let services = [
        "order-service",
        "payments-ledger",
        "portfolio-valuation",
        "wallet-service",
        "market-data-fanout",
        "kyc-gateway",
        "notification-hub",
        "statement-writer",
        "Ωmega-risk (Athens)",
    ];
    let rows = (0..54u32)
        .map(|n| {
            let service = services[n as usize % services.len()];
            let month = ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"][n as usize / services.len()];
            let orders = 41_200_000.0 + f64::from(n) * 615_000.0;
            let cost = 8_400.0 + f64::from(n % 9) * 3_310.75 + f64::from(n / 9) * 412.5;
            vec![
                Rich::new().code(service),
                format!("{month} 2026").into(),
                fixed(orders, 0).into(),
                fixed(cost, 2).into(),
                fixed(cost / orders * 1_000.0, 4).into(),
            ]
        })
        .collect();
    Section::new("Cost", vec![
        Block::Paragraph(
            "Cost per thousand orders fell in five of six months. The rise in September is the second region of \
             payments-ledger, which is paid for and not yet used."
                .into(),
        ),
        Block::Table(Table {
            caption: "Cost by service and month".into(),
            columns: vec![
                Column::text("Service"),
                Column::text("Month"),
                Column::number("Orders"),
                Column::number("Cost, €"),
                Column::number("Per 1,000 orders, €"),
            ],
            rows,
            origin: origin(
                "The bill, attributed to services by their share of CPU, memory and storage.",
                "SELECT service, month, orders, cost, cost / orders * 1000 AS per_thousand\nFROM cost_by_service\nORDER BY month, service",
            ),
        }),
    ])
}

fn method() -> Section {
    Section::new("Method and limits", vec![
        Block::Paragraph(
            Rich::new()
                .plain("Loads and latencies come from the traces and metrics that the services send, without sampling of errors. What cannot be computed is said so and never shown as zero; ")
                .code("kyc-provider")
                .plain(" has no wall because it never used more than 12 % of its quota."),
        ),
        Block::Callout(Callout {
            severity: Severity::Info,
            title: "Growth is taken to go on".into(),
            text: "Dates assume the growth of the last twelve months. With the launch in India on 15 September 2027 they come earlier; the forecast does not know that launch's size.".into(),
        }),
        Block::Source {
            query: "GET /v1/capacity/assumptions".into(),
            range: "12 months to 2026-11-25".into(),
        },
    ])
}
