//! ClickHouse's error numbers: which of them may pass by themselves.

/// Numbers after which the same statement may succeed later (src/Common/ErrorCodes.cpp).
const TRANSIENT: &[u32] = &[
    74,  // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,  // CANNOT_WRITE_TO_FILE_DESCRIPTOR
    159, // TIMEOUT_EXCEEDED
    160, // TOO_SLOW
    198, // DNS_ERROR
    201, // QUOTA_EXCEEDED
    202, // TOO_MANY_SIMULTANEOUS_QUERIES
    203, // NO_FREE_CONNECTION
    209, // SOCKET_TIMEOUT
    210, // NETWORK_ERROR
    225, // NO_ZOOKEEPER
    236, // ABORTED
    241, // MEMORY_LIMIT_EXCEEDED
    242, // TABLE_IS_READ_ONLY
    243, // NOT_ENOUGH_SPACE
    252, // TOO_MANY_PARTS
    254, // NO_ACTIVE_REPLICAS
    279, // ALL_CONNECTION_TRIES_FAILED
    285, // TOO_FEW_LIVE_REPLICAS
    286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    319, // UNKNOWN_STATUS_OF_INSERT
    369, // ALL_REPLICAS_ARE_STALE
    394, // QUERY_WAS_CANCELLED
    415, // ALL_REPLICAS_LOST
    425, // SYSTEM_ERROR
    439, // CANNOT_SCHEDULE_TASK
    473, // DEADLOCK_AVOIDED
    499, // S3_ERROR
    517, // CANNOT_ASSIGN_ALTER
    571, // DATABASE_REPLICATION_FAILED
    667, // NOT_INITIALIZED
    692, // TOO_MANY_MUTATIONS
    700, // USER_SESSION_LIMIT_EXCEEDED
    733, // TABLE_IS_BEING_RESTARTED
    999, // KEEPER_EXCEPTION
];

/// The number in `Code: 60. DB::Exception: ...`, 0 when there is none.
pub(crate) fn of_message(message: &str) -> u32 {
    let Some(at) = message.find("Code: ") else { return 0 };
    let digits: String = message[at + 6..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Whether an answer is worth another try. Without a number (a proxy answered) the HTTP
/// status decides: 408, 429 and the 5xx pass, the rest does not.
pub(crate) fn is_transient(code: u32, message: &str) -> bool {
    if code != 0 {
        return TRANSIENT.contains(&code);
    }
    let status: u32 =
        message.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    matches!(status, 408 | 429 | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_the_text() {
        assert_eq!(of_message("Code: 60. DB::Exception: no table"), 60);
        assert_eq!(of_message("502 Bad Gateway"), 0);
    }

    #[test]
    fn overload_passes_and_mistakes_do_not() {
        assert!(is_transient(252, "too many parts"));
        assert!(!is_transient(60, "unknown table"));
        assert!(is_transient(0, "503 Service Unavailable"));
        assert!(!is_transient(0, "400 Bad Request"));
    }

    #[test]
    fn the_list_is_sorted_and_has_no_repeats() {
        assert!(TRANSIENT.is_sorted_by(|a, b| a < b));
    }
}
