//! A server on this machine that hands out answers in turn.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is answered to one request.
pub(super) enum Answer {
    /// A status, further headers, and a body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A body that says it has so many bytes more than it has.
    CutOff(Vec<u8>, usize),
    /// A body of zeros of this length, sent as far as anybody reads.
    Zeros(u64),
    /// Bytes that are no HTTP.
    Raw(Vec<u8>),
    /// Nothing for a while, and then the end.
    Silence(Duration),
}

impl Answer {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Answer::Whole(200, Vec::new(), body.into())
    }

    pub fn status(status: u16, body: &str) -> Self {
        Answer::Whole(status, Vec::new(), body.into())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Answer::Whole(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

type Answers = Box<dyn FnMut(&str) -> Answer + Send>;

/// The server; it runs as long as the test.
pub(super) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Hands out these answers, one a request; then it is out of order.
    pub fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: VecDeque<Answer> = answers.into_iter().collect();
        Self::by(move |_| answers.pop_front().unwrap_or_else(|| Answer::status(503, "no more answers")))
    }

    /// Answers each path by a function.
    pub fn by(answers: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let mut answers: Answers = Box::new(answers);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(path) = request(&stream) else { continue };
                log.lock().unwrap().push(path.clone());
                // Whoever does not read to the end is none of the server's business.
                let _ = send(stream, answers(&path));
            }
        });
        Self { port, asked }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The path of a request.
fn request(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    lines.find(String::is_empty)?;
    first.split(' ').nth(1).map(str::to_owned)
}

fn send(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    let head = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    match answer {
        Answer::Whole(status, headers, body) => {
            let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} Told\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
            stream.write_all(&body)
        }
        Answer::CutOff(body, missing) => {
            stream.write_all(head((body.len() + missing) as u64).as_bytes())?;
            stream.write_all(&body)
        }
        Answer::Zeros(length) => {
            stream.write_all(head(length).as_bytes())?;
            (0..length >> 16).try_for_each(|_| stream.write_all(&[b'0'; 1 << 16]))
        }
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Silence(wait) => {
            thread::sleep(wait);
            Ok(())
        }
    }
}
