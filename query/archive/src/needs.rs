//! What a place needs beside its address, looked at without asking it: `headroom check` is run before a node starts.

use crate::error::{ArchiveError, Result};
use crate::place::{Address, environment};

/// Refuses an address that cannot be opened with what is in the environment. Gives what may be right and should be known.
///
/// # Errors
/// [`ArchiveError::Url`] with what is missing, and what to do.
pub fn check(url: &str) -> Result<Vec<String>> {
    check_with(url, &environment())
}

/// The same with variables instead of the environment's.
fn check_with(url: &str, vars: &[(String, String)]) -> Result<Vec<String>> {
    let wrong = |reason: String| ArchiveError::Url { url: url.to_owned(), reason };
    let scheme = url.split("://").next().unwrap_or_default();
    let needs = NEEDS.iter().find(|needs| needs.schemes.contains(&scheme));
    // First, for it knows the words for what is missing.
    let warnings = needs.map(|needs| needs.check(vars)).transpose().map_err(wrong)?;
    if let Address::Folder(folder) = Address::read(url, vars)? {
        // The nearest part of it that is there: the rest is made when a node starts.
        let there = folder.ancestors().find_map(|part| Some((part, std::fs::metadata(part).ok()?)));
        return match there {
            Some((_, about)) if about.is_dir() && !about.permissions().readonly() => Ok(Vec::new()),
            Some((part, about)) if about.is_dir() => Err(wrong(format!(
                "{} may not be written to: give the node's user the right",
                part.display()
            ))),
            Some((part, _)) => Err(wrong(format!("{} is no folder: name another", part.display()))),
            None => Err(wrong("nothing of it is there: write the folder from its root on".to_owned())),
        };
    }
    Ok(warnings.unwrap_or_default())
}

/// What a kind of bucket needs.
struct Needs {
    schemes: &'static [&'static str],
    /// Variables of which none works without the others.
    together: &'static [&'static str],
    /// Each says who the node is; without any, the machine has to.
    credentials: &'static [&'static str],
}

const NEEDS: [Needs; 3] = [
    Needs {
        schemes: &["s3", "s3a"],
        together: &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        credentials: &[
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ],
    },
    Needs {
        schemes: &["gs"],
        together: &[],
        credentials: &[
            "GOOGLE_SERVICE_ACCOUNT",
            "GOOGLE_SERVICE_ACCOUNT_PATH",
            "GOOGLE_SERVICE_ACCOUNT_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
        ],
    },
    Needs {
        schemes: &["az", "adl", "azure", "abfs", "abfss"],
        together: &[],
        credentials: &[
            "AZURE_STORAGE_ACCOUNT_KEY",
            "AZURE_STORAGE_ACCESS_KEY",
            "AZURE_STORAGE_SAS_TOKEN",
            "AZURE_STORAGE_SAS_KEY",
            "AZURE_STORAGE_CLIENT_SECRET",
            "AZURE_CLIENT_SECRET",
            "AZURE_FEDERATED_TOKEN_FILE",
        ],
    },
];

impl Needs {
    fn check(&self, vars: &[(String, String)]) -> std::result::Result<Vec<String>, String> {
        let value = |name: &str| {
            vars.iter().find(|(key, text)| key == name && !text.is_empty()).map(|(_, text)| text)
        };
        let (set, missing): (Vec<&str>, Vec<&str>) =
            self.together.iter().partition(|name| value(name).is_some());
        if let (Some(set), Some(missing)) = (set.first(), missing.first()) {
            return Err(format!("{set} is in the environment and {missing} is not: set both, or neither"));
        }
        let endpoint =
            value("AWS_ENDPOINT").or_else(|| value("AWS_ENDPOINT_URL")).filter(|_| self.schemes[0] == "s3");
        let plain = endpoint.is_some_and(|url| url.starts_with("http://"));
        if plain && !value("AWS_ALLOW_HTTP").is_some_and(|text| ["true", "1"].contains(&text.as_str())) {
            return Err("AWS_ENDPOINT is reached in plain text: set AWS_ALLOW_HTTP=true, or write https://"
                .to_owned());
        }
        let known = self.credentials.iter().any(|name| value(name).is_some());
        if !known && endpoint.is_some() {
            return Err(
                "AWS_ENDPOINT is set and there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            );
        }
        let mut warnings = Vec::new();
        if !known {
            warnings.push(format!(
                "archive.url needs credentials, and none are in this environment ({}): the machine's role has to have them",
                self.credentials.join(", ")
            ));
        }
        if self.schemes[0] == "s3"
            && endpoint.is_none()
            && value("AWS_REGION").is_none()
            && value("AWS_DEFAULT_REGION").is_none()
        {
            warnings.push("archive.url is in S3 and AWS_REGION is not set: us-east-1 is taken".to_owned());
        }
        Ok(warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn refused(url: &str, list: &[(&str, &str)]) -> String {
        check_with(url, &vars(list)).expect_err(url).to_string()
    }

    #[test]
    fn a_bucket_needs_all_of_its_credentials() {
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
        assert_eq!(check_with("s3://bucket/x", &vars(&keys)).unwrap(), Vec::<String>::new());
        let half = refused("s3://bucket/x", &keys[..1]);
        assert!(half.contains("AWS_SECRET_ACCESS_KEY is not: set both"), "{half}");
        assert!(refused("s3://bucket/x", &keys[1..]).contains("AWS_ACCESS_KEY_ID is not"));
        let minio = [keys.as_slice(), &[("AWS_ENDPOINT", "http://minio:9000")]].concat();
        assert!(refused("s3://bucket/x", &minio).contains("AWS_ALLOW_HTTP=true"));
        let allowed = [minio.as_slice(), &[("AWS_ALLOW_HTTP", "true")]].concat();
        assert_eq!(check_with("s3://bucket/x", &vars(&allowed)).unwrap(), Vec::<String>::new());
        let nobody = [("AWS_ENDPOINT", "https://minio"), ("AWS_ACCESS_KEY_ID", "")];
        assert!(refused("s3://bucket/x", &nobody).contains("no credentials"));
        let role = check_with("s3://bucket/x", &[]).unwrap();
        assert!(
            role.len() == 2 && role[0].contains("machine's role") && role[1].contains("us-east-1"),
            "{role:?}"
        );
    }

    #[test]
    fn an_account_and_a_readable_key_file_are_needed() {
        assert!(refused("az://container/x", &[]).to_lowercase().contains("account"));
        let account = [("AZURE_STORAGE_ACCOUNT_NAME", "acme")];
        assert!(check_with("az://container/x", &vars(&account)).unwrap()[0].contains("machine's role"));
        let missing = refused("gs://bucket/x", &[("GOOGLE_SERVICE_ACCOUNT", "/nonexistent/key.json")]);
        assert!(missing.contains("/nonexistent/key.json") || missing.contains("No such file"), "{missing}");
        assert!(refused("ftp://host/x", &[]).contains("s3://, gs:// or az://"));
    }

    #[test]
    fn a_folder_must_be_one_that_can_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        assert_eq!(check_with(inner.to_str().unwrap(), &[]).unwrap(), Vec::<String>::new());
        assert!(!inner.exists(), "looking makes nothing");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(refused(file.join("x").to_str().unwrap(), &[]).contains("is no folder"));
    }
}
