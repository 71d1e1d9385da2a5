//! Judging runs for every event: an event that is right must cost no allocation.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use headroom_contracts::{Registry, Value, Verdict};

use crate::PLACED;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything on to the system's allocator; the counter is a plain thread-local
// that needs neither initialisation nor memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_right_event_costs_no_allocation() {
    let registry = Registry::built_in();
    let registered = [
        ("event.id", Value::Text("evt_2")),
        ("customer.id", Value::Text("cus_1")),
        ("customer.country", Value::Text("US")),
    ];
    let judge = || {
        let placed = registry.judge("order.placed", PLACED.iter().copied());
        assert_eq!(placed, Verdict::Valid { version: 1, canonical: None });
        let alias = registry.judge("OrderPlaced", PLACED.iter().copied());
        assert_eq!(alias, Verdict::Valid { version: 1, canonical: Some("order.placed") });
        // This one has a pattern.
        let registered = registry.judge("customer.registered", registered.iter().copied());
        assert_eq!(registered, Verdict::Valid { version: 1, canonical: None });
        assert_eq!(registry.judge("cart.emptied", PLACED.iter().copied()), Verdict::NoContract);
    };
    // A pattern makes its tables the first time a thread uses it.
    judge();
    let before = COUNT.with(Cell::get);
    for _ in 0..100 {
        judge();
    }
    assert_eq!(COUNT.with(Cell::get) - before, 0);
}
