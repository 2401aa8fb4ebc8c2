//! The business. One module a domain, with the same file roles in each: the
//! model, `api` (routes and handlers), one file a use case, `client` (the outside
//! system). One binary a Lambda function, in `bin/`.

pub mod access;
pub mod audit;
mod bulk;
mod compressed;
pub mod documentation;
pub mod enjaz;
mod fill;
pub mod integrations;
pub mod live;
pub mod messages;
pub mod monitoring;
mod newest;
pub mod notifications;
mod outlets;
mod pages;
pub mod pega;
pub mod processes;
mod rule_book;
pub mod support;
pub mod upkeep;
mod zone;
