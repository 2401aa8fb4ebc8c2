//! Sockets of live events, behind API Gateway.

use functions::live::Sockets;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::websocket(Sockets::load, Sockets::connect, Sockets::hear, Sockets::disconnect).await
}
