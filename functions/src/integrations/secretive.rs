//! Names that say that what they name is a credential, which belongs into the vault.

/// Words in such names.
const WORDS: [&str; 8] =
    ["authorization", "cookie", "token", "secret", "password", "api-key", "api_key", "apikey"];

/// Whether something of this name is a credential.
pub fn is_secretive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}
