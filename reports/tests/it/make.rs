//! Documents for the tests.

use chrono::{DateTime, Utc};
use headroom_reports::chart::{Axis, LineChart, Scale, Series};
use headroom_reports::{Block, Chart, Column, Document, Figure, Origin, Range, Rich, Section, Table};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn origin() -> Origin {
    Origin {
        what: "Requests a minute.".into(),
        query: "SELECT minute, requests\nFROM service_minutes".into(),
        from: at("2026-11-01T00:00:00Z"),
        to: at("2026-11-02T00:00:00Z"),
    }
}

pub(crate) fn document(title: &str, blocks: Vec<Block>) -> Document {
    Document {
        title: title.into(),
        subtitle: "All is well.".into(),
        made_at: at("2026-11-02T06:30:00Z"),
        range: Range { from: at("2026-11-01T00:00:00Z"), to: at("2026-11-02T00:00:00Z") },
        tenant: "Northwind".into(),
        sections: vec![Section::new("Only section", blocks)],
    }
}

pub(crate) fn table(columns: Vec<Column>, rows: Vec<Vec<Rich>>) -> Block {
    Block::Table(Table { caption: "Services".into(), columns, rows, origin: origin() })
}

pub(crate) fn line(points: Vec<(f64, f64)>, y: Scale) -> LineChart {
    LineChart {
        title: "Requests".into(),
        x: Axis::time(),
        y: Axis::new("Requests", "per second", y),
        series: vec![Series::new("orders", points)],
        bands: vec![],
        marks: vec![],
        limits: vec![],
    }
}

pub(crate) fn figure(chart: Chart) -> Block {
    Block::Figure(Figure { caption: "Requests rise".into(), chart, origin: origin() })
}
