//! Enjaz: what comes of portals of cases.

mod portal;
