//! Names of folders. A tenant's name may be any text; its folder's is made of small letters, digits, `-` and `_`
//! only, so that no name reaches another tenant's folder, whatever the place thinks of `..`, `/`, `%` or capitals.

use chrono::NaiveDate;
use object_store::path::Path;

/// The layout that this version writes and reads.
const LAYOUT: &str = "v1";
/// Longest name that is spelled out: file systems end at 255 bytes.
const LONGEST: usize = 200;

/// A tenant's name as part of a folder's. Different names give different folders.
pub(crate) fn encoded(tenant: &str) -> String {
    let mut name = String::with_capacity(tenant.len());
    for byte in tenant.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push('_');
            name.push_str(&hex::encode([byte]));
        }
    }
    match name.len() {
        // Two underlines, or one alone, are in no spelled name: a digit follows each.
        0 => "_".to_owned(),
        1..=LONGEST => name,
        _ => format!("__{}", blake3::hash(tenant.as_bytes()).to_hex()),
    }
}

/// The folder of all tenants of a view.
pub(crate) fn view(view: &str) -> Path {
    Path::from_iter([LAYOUT, view])
}

/// The folder of a tenant's days of a view.
pub(crate) fn shelf(view: &str, tenant: &str) -> Path {
    Path::from_iter([LAYOUT, view, &format!("tenant={}", encoded(tenant))])
}

/// The folder of the lists of days.
pub(crate) fn lists(shelf: &Path) -> Path {
    shelf.clone().join("days")
}

/// A list of days, by its number; names are in the order of numbers.
pub(crate) fn list(shelf: &Path, number: u64) -> Path {
    lists(shelf).join(format!("{number:020}.json"))
}

/// The number in such a name.
pub(crate) fn number(list: &Path) -> Option<u64> {
    list.filename()?.strip_suffix(".json")?.parse().ok()
}

/// A day's file below a shelf, `day=2026-11-01/<version>.parquet`.
pub(crate) fn file(day: NaiveDate, version: &str) -> String {
    format!("day={day}/{version}.parquet")
}

/// Where a file named below a shelf lies.
pub(crate) fn below(shelf: &Path, file: &str) -> Path {
    file.split('/').fold(shelf.clone(), Path::join)
}

/// The file of checksums beside a file of rows.
pub(crate) fn sums(file: &str) -> String {
    format!("{file}.sums")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_names_are_themselves() {
        assert_eq!(encoded("acme-2"), "acme-2");
        assert_eq!(encoded("Acme"), "_41cme");
        assert_eq!(encoded("a/../b"), "a_2f_2e_2e_2fb");
        assert_eq!(encoded(""), "_");
        assert_eq!(encoded("_"), "_5f");
        assert_eq!(
            list(&shelf("spans", "a"), 7).to_string(),
            "v1/spans/tenant=a/days/00000000000000000007.json"
        );
        assert_eq!(number(&list(&shelf("spans", "a"), 7)), Some(7));
    }

    /// Names that resemble each other, and any others.
    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[aA_%./5f=-]{0,6}", ".{0,40}", "[é🦀_]{60,90}"]
    }

    proptest! {
        #[test]
        fn no_two_tenants_share_a_folder(names in proptest::collection::btree_set(name(), 2..8)) {
            let folders: BTreeSet<String> = names.iter().map(|name| encoded(name)).collect();
            prop_assert_eq!(folders.len(), names.len());
        }

        #[test]
        fn a_name_stays_in_its_folder(name in name()) {
            let folder = encoded(&name);
            prop_assert!((1..=LONGEST).contains(&folder.len()));
            prop_assert!(folder.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b)));
            prop_assert_eq!(shelf("spans", &name).parts().count(), 3);
        }
    }
}
