//! Makes admin keys; invoked by name by an operator.

use functions::access::Setup;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::call(Setup::load, Setup::run).await
}
