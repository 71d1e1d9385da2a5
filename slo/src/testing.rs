//! Objectives for tests.

use crate::counting::Counting;
use crate::spec::{Indicator, Method, Slo, Span};
use crate::window::Window;

/// A ratio of events with a rolling window such as `30d`.
pub(crate) fn slo(target: f64, window: &str, method: Method) -> Slo {
    let indicator = Indicator::Events {
        service: None,
        total: vec!["e".to_owned()],
        part: vec!["e".to_owned()],
        inverted: false,
    };
    Slo {
        id: "s".to_owned(),
        objective_index: 0,
        display_name: String::new(),
        description: String::new(),
        service: "order".to_owned(),
        target,
        window: Window::new(window, Span::parse(window).expect("a duration"), None),
        method,
        indicator: Ok(indicator),
        counting: Counting::default(),
        policies: Vec::new(),
        runbook: None,
        generation: String::new(),
        definition: String::new(),
    }
}
