use super::*;

fn set_to(name: &str, value: &str) -> Option<Local> {
    Some(Local::Set { name: name.to_owned(), value: value.to_owned() })
}

#[test]
fn what_drivers_send_on_connecting_is_understood() {
    assert_eq!(parse("SET extra_float_digits = 3"), set_to("extra_float_digits", "3"));
    assert_eq!(
        parse("SET application_name = 'PostgreSQL JDBC Driver'"),
        set_to("application_name", "PostgreSQL JDBC Driver")
    );
    assert_eq!(parse("set session DateStyle to ISO, MDY;"), set_to("datestyle", "iso, mdy"));
    assert_eq!(parse("SET TIME ZONE 'UTC'"), set_to("timezone", "UTC"));
    assert_eq!(
        parse("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"),
        Some(Local::Nothing { tag: "SET" })
    );
    assert_eq!(
        parse("SET statement_timeout TO DEFAULT"),
        Some(Local::Reset { name: "statement_timeout".to_owned() })
    );
    assert_eq!(
        parse("SET datafusion.execution.batch_size = 1"),
        set_to("datafusion.execution.batch_size", "1")
    );
    assert_eq!(parse("BEGIN ISOLATION LEVEL REPEATABLE READ"), Some(Local::Begin));
    assert_eq!(parse("START TRANSACTION READ ONLY"), Some(Local::Begin));
    assert_eq!(parse("ROLLBACK"), Some(Local::Rollback));
    assert_eq!(parse("DISCARD ALL"), Some(Local::ResetAll { tag: "DISCARD ALL" }));
    assert_eq!(
        parse("SHOW TRANSACTION ISOLATION LEVEL"),
        Some(Local::Show { name: "transaction_isolation".to_owned() })
    );
    assert_eq!(parse("show Server_Version"), Some(Local::Show { name: "server_version".to_owned() }));
}

#[test]
fn questions_and_several_statements_are_left_alone() {
    for sql in [
        "SELECT 1",
        "SHOW TABLES",
        "SHOW COLUMNS FROM spans",
        "BEGIN; SELECT 1",
        "SET a = 1; DROP TABLE x",
        "",
        "SET a",
    ] {
        assert_eq!(parse(sql), None, "{sql}");
    }
}

#[test]
fn a_connection_may_shorten_its_deadline_only() {
    let most = Duration::from_secs(30);
    let mut settings = Settings::default();
    assert_eq!(settings.deadline(most), most);
    for (value, expected) in [("100", 100), ("5s", 5_000), ("10min", 30_000), ("0", 30_000), ("250 ms", 250)]
    {
        settings.set("statement_timeout".to_owned(), value.to_owned()).expect(value);
        assert_eq!(settings.deadline(most), Duration::from_millis(expected), "{value}");
    }
    assert!(settings.set("statement_timeout".to_owned(), "soon".to_owned()).is_err());
    settings.reset_all();
    assert_eq!(settings.get("statement_timeout"), Some("0"));
    assert_eq!(settings.get("unheard_of"), None);
}

#[test]
fn settings_are_bounded() {
    let mut settings = Settings::default();
    for n in 0..MOST_SETTINGS {
        settings.set(format!("s{n}"), String::new()).expect("room");
    }
    assert!(settings.set("one_more".to_owned(), String::new()).is_err());
    assert!(settings.set("s1".to_owned(), "x".repeat(LONGEST_VALUE + 1)).is_err());
}
