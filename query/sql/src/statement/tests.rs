use super::*;

fn verdict(sql: &str) -> String {
    match parse(sql).and_then(|statement| allow(&statement)) {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn questions_are_let_in() {
    for sql in [
        "SELECT 1",
        "select * from spans;",
        "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2",
        "VALUES (1), (2)",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "SHOW TABLES",
        "SHOW COLUMNS FROM spans",
        "DESCRIBE spans",
        "SELECT ';', $$a;b$$",
    ] {
        assert_eq!(verdict(sql), "ok", "{sql}");
    }
}

#[test]
fn everything_else_is_kept_out() {
    for (sql, expected) in [
        ("", "there is no statement in the request"),
        (" ; ;", "there is no statement in the request"),
        ("SELECT 1; SELECT 2", "several statements in one request; send them one by one"),
        ("INSERT INTO spans VALUES (1)", "INSERT INTO is not allowed: this door only reads"),
        ("CREATE TABLE x (a int)", "CREATE TABLE is not allowed: this door only reads"),
        ("CREATE TABLE x AS SELECT 1", "CREATE TABLE is not allowed: this door only reads"),
        (
            "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
            "CREATE EXTERNAL TABLE is not allowed: this door only reads",
        ),
        ("COPY (SELECT 1) TO '/tmp/x.csv'", "COPY is not allowed: this door only reads"),
        ("COPY spans FROM '/etc/passwd'", "COPY is not allowed: this door only reads"),
        ("EXPLAIN INSERT INTO spans VALUES (1)", "INSERT INTO is not allowed: this door only reads"),
        ("SET datafusion.execution.batch_size = 1", "SET is not allowed: this door only reads"),
        ("RESET datafusion.execution.batch_size", "RESET is not allowed: this door only reads"),
        ("SELECT 1 INTO x", "SELECT INTO is not allowed: this door only reads"),
        ("SELECT * FROM spans FOR UPDATE", "FOR UPDATE is not allowed: this door only reads"),
        ("DROP TABLE spans", "DROP TABLE is not allowed: this door only reads"),
        ("BEGIN", "BEGIN is not allowed: this door only reads"),
        ("PREPARE p AS SELECT 1", "PREPARE is not allowed: this door only reads"),
        ("EXECUTE p", "EXECUTE is not allowed: this door only reads"),
        ("DELETE FROM spans", "DELETE FROM is not allowed: this door only reads"),
    ] {
        assert_eq!(verdict(sql), expected, "{sql}");
    }
}

#[test]
fn endless_expressions_are_kept_out() {
    let sum = format!("SELECT 1{}", "+1".repeat(100_000));
    assert_eq!(verdict(&sum), "the statement has more than 256 operators; split it up");
    let nested = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(verdict(&nested).contains("recursion"), "{}", verdict(&nested));
    let calls = format!("SELECT {}1{}", "abs(".repeat(13), ")".repeat(13));
    assert_eq!(
        verdict(&calls),
        "the statement has more than 12 function calls inside one another; split it up"
    );
    let calls = format!("SELECT {}", "abs(1), ".repeat(513) + "1");
    assert_eq!(verdict(&calls), "the statement has more than 512 function calls; split it up");
    let brackets = format!("SELECT 1 WHERE {}(1){}", "1 IN (SELECT 1 WHERE ".repeat(15), ")".repeat(15));
    assert_eq!(verdict(&brackets), "ok");
    let list = format!("SELECT 1 IN ({}1)", "1,".repeat(5_000));
    assert_eq!(verdict(&list), "ok");
    let long = format!("SELECT '{}'", "x".repeat(300_000));
    assert!(verdict(&long).contains("bytes"));
}
