//! What the methods of a port answer.

use std::future::Future;
use std::pin::Pin;

/// A boxed future.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
