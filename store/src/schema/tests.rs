use super::*;

/// All statements of a form, for the snapshot.
fn ddl(form: Form) -> String {
    // The servers of the tests are older.
    let form_has_text = form == Form::Embedded;
    let renderer = Renderer { form, database: "headroom".to_owned(), retention: Retention::default() };
    let mut out = vec![renderer.create_database()];
    for table in tables() {
        out.push(renderer.create_table(&table));
        out.extend(renderer.create_distributed(&table));
        out.extend(renderer.add_words(&table, form_has_text));
    }
    out.join(";\n\n") + ";\n"
}

#[test]
fn embedded() {
    insta::assert_snapshot!("embedded", ddl(Form::Embedded));
}

#[test]
fn server() {
    insta::assert_snapshot!("server", ddl(Form::Server));
}

#[test]
fn cluster() {
    insta::assert_snapshot!("cluster", ddl(Form::Cluster("main".to_owned())));
}

#[test]
fn every_table_begins_with_the_tenant_and_every_rollup_has_both_ends() {
    let tables = tables();
    for table in &tables {
        if table.name != INGEST_LEDGER {
            assert_eq!(table.columns[0].0, "tenant", "{}", table.name);
        }
    }
    for rollup in super::rollups() {
        for name in [rollup.source, rollup.table] {
            assert!(tables.iter().any(|table| table.name == name), "{name} of {}", rollup.select);
        }
    }
}

#[test]
fn buckets_are_closed_above() {
    assert_eq!(bucket(0), -1);
    assert_eq!(bucket(1), -1);
    assert_eq!(bucket(2), 15);
    assert_eq!(bucket(1024), 159);
    assert_eq!(bucket(1025), 160);
    assert_eq!(bucket(1 << 40), 639);
}
