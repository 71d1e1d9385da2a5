#![allow(clippy::unwrap_used)]

use super::*;
use crate::walls::tests::{laws_of, sharing};
use crate::walls::{CapacityConfig, Wall, WhatIf};

const ID: &str = "report/database/orders";

fn wall(platform: &Platform, change: &WhatIf) -> Wall {
    let walls = laws_of(platform, 10.0).walls(platform, change);
    assert!(walls.ignored.is_empty(), "{:?}", walls.ignored);
    walls.walls.into_iter().find(|wall| wall.id == ID).unwrap()
}

fn work(service: &str, times: f64) -> WhatIf {
    WhatIf { work: [(service.to_owned(), times)].into(), ..WhatIf::default() }
}

#[test]
fn under_a_change_the_sentence_tells_the_parts_as_they_are_then() {
    let platform = sharing();
    let told = |change: &WhatIf| {
        let sentence = wall(&platform, change).sentence;
        sentence.split_once("; shared by ").unwrap().1.to_owned()
    };
    // Connections held at the fullest time: 0.05 x 10.5 by order, and 0.1 x 39.25 by report.
    assert_eq!(told(&WhatIf::default()), "report 88 %, order 12 %");
    assert_eq!(told(&work("report", 0.5)), "report 79 %, order 21 %");
    assert_eq!(told(&work("order", 20.0)), "order 73 %, report 27 %");
    let market = WhatIf { new_market: 1.0, ..WhatIf::default() };
    assert_eq!(told(&market), "report 88 %, order 12 %", "all of them grow alike");
}

#[test]
fn its_limit_is_changed_by_the_name_of_the_database_as_by_the_id_of_the_wall() {
    let platform = sharing();
    let today = wall(&platform, &WhatIf::default());
    for key in ["orders", ID] {
        let then = wall(&platform, &WhatIf { limit: [(key.to_owned(), 30.0)].into(), ..WhatIf::default() });
        assert_eq!((then.today.used, then.today.capacity), (today.today.used, 30.0), "{key}");
        assert!((then.limit.factor - 3.0 * today.limit.factor).abs() < 1e-9, "{key}: {then:?}");
    }
}

#[test]
fn two_pools_of_a_service_are_one_part_of_it() {
    let one = sharing();
    let mut two = one.clone();
    let mut second = two.resources.iter().find(|s| s.resource.service == "report").unwrap().clone();
    second.resource.name = "second".to_owned();
    two.resources.push(second);
    let (one, two) = (wall(&one, &WhatIf::default()), wall(&two, &WhatIf::default()));
    assert!((two.peak.per_second - one.peak.per_second).abs() < 1e-9, "requests are counted once: {two:?}");
    assert!(two.sentence.ends_with("; shared by report 94 %, order 6.3 %"), "{}", two.sentence);
    let report = 0.1 * (600.0 + 15.0 * 117.0) / 60.0;
    assert!((two.today.used - one.today.used - report).abs() < 1e-6, "report's part twice: {two:?}");
}

#[test]
fn a_database_has_one_limit() {
    let limit = |name: &str| format!("[[limits]]\nkind = 'database'\nname = '{name}'\nmost = 5\n");
    let check = |toml: String| toml::from_str::<CapacityConfig>(&toml).unwrap().validate();
    assert_eq!(check(limit("orders") + &limit("users")), Ok(()));
    let (setting, wrong) = check(limit("users") + &limit("orders") + &limit("orders")).unwrap_err();
    assert_eq!(
        (setting.as_str(), wrong.as_str()),
        ("limits[2].name", "a limit of database orders stands above already; give each database one")
    );
}
