//! A mail server, of which it knows what sending takes: EHLO, AUTH PLAIN, MAIL, RCPT,
//! DATA, RSET, NOOP and QUIT, in their order, with line ends of CRLF.
//! Source: RFC 5321 (SMTP), RFC 4954 (AUTH).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The largest mail that it takes, and the longest line, in bytes.
const LARGEST: usize = 1024 * 1024;
const LINE: usize = 1000;

/// A running mail server; dropping it frees the port.
pub struct Smtp {
    address: SocketAddr,
    state: Arc<Mutex<Known>>,
    task: JoinHandle<()>,
}

/// A mail that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body, as sent, without the dots that transparency adds.
    pub data: String,
}

#[derive(Default)]
struct Known {
    mails: Vec<Delivered>,
    login: Option<(String, String)>,
    faults: VecDeque<(&'static str, &'static str)>,
}

/// What a client has said so far.
#[derive(Default)]
struct Session {
    greeted: bool,
    signed_in: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl Smtp {
    /// Starts one on any free port that takes everything.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, state) = (listener.local_addr()?, Arc::<Mutex<Known>>::default());
        let known = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let known = known.clone();
                tokio::spawn(async move {
                    // A client that breaks off is no concern of a server.
                    let _ = serve(stream, &known).await;
                });
            }
        });
        Ok(Self { address, state, task })
    }

    /// Where it listens: `smtp://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// From now on it takes mail only of whoever signs in so.
    pub fn login(&self, user: &str, password: &str) -> String {
        locked(&self.state).login = Some((user.to_owned(), password.to_owned()));
        format!("smtp://{user}:{password}@{}", self.address)
    }

    /// Answers the next command that begins so with this line; `DATA.` is the end of a
    /// mail. An empty line cuts the connection.
    pub fn answer(&self, command: &'static str, line: &'static str) {
        locked(&self.state).faults.push_back((command, line));
    }

    /// The mails that it took.
    pub fn mails(&self) -> Vec<Delivered> {
        locked(&self.state).mails.clone()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, known: &Mutex<Known>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut session = Session::default();
    stream.write_all(b"220 simulator ESMTP\r\n").await?;
    while let Some(line) = line(&mut stream).await? {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match fault(known, &verb) {
            Some("") => return Ok(()),
            Some(answer) => answer.to_owned(),
            None if verb == "DATA" && !session.to.is_empty() => {
                stream.write_all(b"354 End data with <CR><LF>.<CR><LF>\r\n").await?;
                let Some(data) = data(&mut stream).await? else { return Ok(()) };
                match fault(known, "DATA.") {
                    Some("") => return Ok(()),
                    Some(answer) => answer.to_owned(),
                    None => session.deliver(known, data),
                }
            }
            None => session.answer(known, &verb, &line),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if verb == "QUIT" {
            return Ok(());
        }
    }
    Ok(())
}

/// The fault that is planned for a command.
fn fault(known: &Mutex<Known>, verb: &str) -> Option<&'static str> {
    let mut known = locked(known);
    let at = known.faults.iter().position(|(command, _)| *command == verb)?;
    known.faults.remove(at).map(|(_, line)| line)
}

/// A line without its end; none when there is no more, or it is none.
async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    let line = line.strip_suffix(b"\r\n").filter(|line| line.len() <= LINE);
    Ok(line.and_then(|line| String::from_utf8(line.to_vec()).ok()))
}

/// A mail up to the line that is a dot; none when it breaks off or is too large.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut data = String::new();
    while let Some(line) = line(stream).await? {
        if line == "." {
            return Ok(Some(data));
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push_str("\r\n");
        if data.len() > LARGEST {
            return Ok(None);
        }
    }
    Ok(None)
}

impl Session {
    fn answer(&mut self, known: &Mutex<Known>, verb: &str, line: &str) -> String {
        let login = locked(known).login.clone();
        let answer = match verb {
            "EHLO" | "HELO" => {
                self.greeted = true;
                if login.is_some() { "250-simulator\r\n250 AUTH PLAIN" } else { "250 simulator" }
            }
            "NOOP" => "250 OK",
            "QUIT" => "221 Bye",
            "RSET" => {
                (self.from, self.to) = (None, Vec::new());
                "250 OK"
            }
            _ if !self.greeted => "503 Greet first",
            "AUTH" => {
                self.signed_in = login.is_some_and(|login| is_plain(line, &login));
                if self.signed_in { "235 Welcome" } else { "535 Authentication failed" }
            }
            "MAIL" if login.is_some() && !self.signed_in => "530 Authentication required",
            "MAIL" => match (path(line, "MAIL FROM:"), &self.from) {
                (Some(from), None) => {
                    self.from = Some(from);
                    "250 OK"
                }
                (Some(_), Some(_)) => "503 One mail at a time",
                (None, _) => "501 Syntax",
            },
            "RCPT" if self.from.is_none() => "503 MAIL first",
            "RCPT" => match path(line, "RCPT TO:").filter(|to| to.contains('@')) {
                Some(to) => {
                    self.to.push(to);
                    "250 OK"
                }
                None => "501 Syntax",
            },
            "DATA" => "503 RCPT first",
            _ => "500 No such command",
        };
        answer.to_owned()
    }

    fn deliver(&mut self, known: &Mutex<Known>, data: String) -> String {
        let from = self.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.to);
        let mut known = locked(known);
        known.mails.push(Delivered { from, to, data });
        format!("250 Queued as {}", known.mails.len())
    }
}

/// What stands between the angle brackets of a command.
fn path(line: &str, command: &str) -> Option<String> {
    let rest = line.get(command.len()..)?;
    let known = line.get(..command.len())?.eq_ignore_ascii_case(command);
    let (path, _) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    known.then(|| path.to_owned())
}

/// Whether these are the credentials (RFC 4616).
fn is_plain(line: &str, (user, password): &(String, String)) -> bool {
    let given =
        line.strip_prefix("AUTH PLAIN ").and_then(|given| BASE64_STANDARD.decode(given).ok());
    given.is_some_and(|given| given == format!("\0{user}\0{password}").into_bytes())
}
