//! A client that costs next to nothing, so that the server is what is measured:
//! one kept connection, requests as bytes, answers read to their declared length.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Somebody with a key.
#[derive(Clone)]
pub struct Caller {
    address: String,
    key: String,
}

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    key: String,
    buffer: Vec<u8>,
}

impl Caller {
    pub fn new(url: &str, key: &str) -> Self {
        Self { address: url.trim_start_matches("http://").to_owned(), key: key.to_owned() }
    }

    pub async fn connect(&self) -> Result<Connection> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, key: self.key.clone(), buffer: Vec::new() })
    }
}

impl Connection {
    pub async fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n\r\n", self.key);
        self.exchange(request.as_bytes()).await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Result<Vec<u8>> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        self.exchange(request.as_bytes()).await
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection closed");
        };
        let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
        ensure!(text.starts_with("http/1.1 20"), "{}", String::from_utf8_lossy(&self.buffer));
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.context("a declared length")?.trim().parse()?;
        while self.buffer.len() < head + length {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection closed");
        }
        Ok(self.buffer[head..head + length].to_vec())
    }
}
