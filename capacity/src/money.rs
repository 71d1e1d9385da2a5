//! What capacity costs: bills, prices, cost per transaction and advice.
