//! Enjaz: cases that people have with a portal that nothing but a browser was made for.

pub mod portal;
