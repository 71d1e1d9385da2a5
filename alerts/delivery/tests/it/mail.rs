//! Mails, and a server that takes them.

use headroom_delivery::smtp::{self, Security, Server};
use headroom_delivery::{Message, Notification, Target, Verdict};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::sample;

fn mail(target: &Target, n: &Notification) -> lettre::Message {
    match sample::messages(target, n).remove(0) {
        Message::Mail(mail) => *mail,
        Message::Http(_) => panic!("a mail"),
    }
}

fn formatted(n: &Notification) -> String {
    String::from_utf8(mail(&sample::mail(), n).formatted()).expect("a mail is ASCII")
}

#[test]
fn a_mail_in_text_and_html() {
    insta::assert_snapshot!("mail_firing", formatted(&sample::firing()).replace('\r', ""));
}

#[test]
fn the_same_bytes_on_every_attempt() {
    assert_eq!(formatted(&sample::firing()), formatted(&sample::firing()));
}

#[test]
fn nothing_becomes_a_header() {
    let mut n = sample::firing();
    n.title = "x\r\nBcc: all@example.com\r\n\r\nhello <script>alert(1)</script>".to_owned();
    n.group_key = "k\r\nBcc: all@example.com".to_owned();
    let mail = formatted(&n);
    let (head, body) = mail.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.lines().all(|line| !line.to_ascii_lowercase().starts_with("bcc")), "{head}");
    assert!(head.contains("Subject: Firing (critical): x Bcc: all@example.com hello"), "{head}");
    let html = body.split_once("text/html").expect("a part in HTML").1;
    assert!(!html.contains("<script>"), "{html}");
}

#[test]
fn an_address_that_is_none_is_told() {
    let bad = sample::target(
        r#"{"kind": "email", "server": {"host": "mail.example.com"}, "from": "alerts@example.com\r\nBcc: x@example.com", "to": []}"#,
    );
    let attempt = headroom_delivery::Attempt { id: "msg", at: sample::at("2026-03-02T03:06:01Z") };
    let error = bad.messages(&sample::firing(), attempt).expect_err("no address");
    assert!(error.to_string().contains("is no mail address"), "{error}");
}

/// A server that says `answer` to the mail's data, and gives back what it was told.
async fn server(answer: &'static str) -> (Server, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await.expect("written");
        let (mut told, mut data) = (String::new(), false);
        while let Ok(Some(line)) = lines.next_line().await {
            told.push_str(&line);
            told.push('\n');
            let reply = match (data, line.as_str()) {
                (true, ".") => {
                    data = false;
                    answer
                }
                (true, _) => continue,
                (false, "DATA") => {
                    data = true;
                    "354 go on"
                }
                (false, "QUIT") => break,
                _ => "250 fine",
            };
            write.write_all(format!("{reply}\r\n").as_bytes()).await.expect("written");
        }
        told
    });
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        security: Security::None,
        user: None,
        password: None,
    };
    (server, told)
}

#[tokio::test]
async fn it_is_sent() {
    let (server, told) = server("250 taken").await;
    assert_eq!(smtp::send(&server, mail(&sample::mail(), &sample::firing())).await, Verdict::Delivered);
    let told = told.await.expect("a server");
    for line in
        ["MAIL FROM:<alerts@example.com>", "RCPT TO:<oncall@example.com>", "RCPT TO:<lead@example.com>"]
    {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.contains("Subject: Firing (critical): Order placement burns"), "{told}");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let sent = async |answer| {
        let (server, _told) = server(answer).await;
        smtp::send(&server, mail(&sample::mail(), &sample::firing())).await
    };
    assert!(matches!(sent("451 later").await, Verdict::Again { throttled: true, .. }));
    assert!(matches!(sent("554 never").await, Verdict::Dead { .. }));
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        security: Security::None,
        user: None,
        password: None,
    };
    let verdict = smtp::send(&server, mail(&sample::mail(), &sample::firing())).await;
    assert!(matches!(verdict, Verdict::Again { throttled: false, .. }), "{verdict:?}");
}

/// A server without TLS gets no mail if TLS is asked for.
#[tokio::test]
async fn nothing_is_sent_in_the_open() {
    for security in [Security::Tls, Security::StartTls] {
        let (server, told) = server("250 taken").await;
        let verdict =
            smtp::send(&Server { security, ..server }, mail(&sample::mail(), &sample::firing())).await;
        assert!(!matches!(verdict, Verdict::Delivered), "{verdict:?}");
        let told = told.await.expect("a server");
        assert!(!told.contains("MAIL FROM") && !told.contains("Subject"), "{told}");
    }
}
