//! What secrets look like.
//!
//! Only shapes that nothing else has: a finding about a harmless text teaches people to silence the lint.

pub mod words;
mod webhook;

/// Tokens by their prefix: what they are, and how many characters of the token's alphabet must follow at least.
const TOKENS: [(&str, usize, &str); 22] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xoxa-", 20, "a Slack token"),
    ("xoxr-", 20, "a Slack token"),
    ("xoxs-", 20, "a Slack token"),
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("AIza", 35, "a Google key"),
    ("npm_", 36, "an npm token"),
    ("pypi-AgEI", 40, "a PyPI token"),
    ("dop_v1_", 64, "a DigitalOcean token"),
    // <https://developer.hashicorp.com/vault/docs/concepts/tokens>
    ("hvs.", 20, "a Vault token"),
    ("sk-proj-", 20, "an API key"),
];

/// Words that stand before a secret.
const NAMES: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api-key",
    "api_key",
    "apikey",
    "private-key",
    "access-key",
];

/// How many bytes of what is assigned to a name are looked at.
const GLANCE: usize = 256;

/// The length of the shortest token, and of the beginning of a private key.
const SHORTEST: (usize, usize) = (20, 10);

/// What a text holds that should not be written down, in words.
#[must_use]
pub fn in_text(text: &str) -> Option<&'static str> {
    // Nearly every text is short words: one pass over it tells what is worth looking for.
    let (longest, assigns) = glance(text);
    if longest >= SHORTEST.1 && text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if longest >= SHORTEST.0
        && let Some((_, _, what)) = TOKENS.iter().find(|(prefix, length, _)| has_token(text, prefix, *length))
    {
        return Some(what);
    }
    if longest >= SHORTEST.1
        && text.split(|letter: char| !is_token_letter(letter) && letter != '.').any(is_web_token)
    {
        return Some("a JSON web token");
    }
    if !assigns {
        return None;
    }
    if has_login(text) {
        return Some("a login in an address");
    }
    if webhook::in_text(text) {
        return Some("an address that lets in whoever knows it");
    }
    (has_assignment(text) || has_password(text)).then_some("a password or token")
}

/// The length of the longest run of letters of tokens, and whether there is a colon or an equals sign.
fn glance(text: &str) -> (usize, bool) {
    let (mut longest, mut run, mut assigns) = (0, 0, false);
    // A byte of a letter outside ASCII is never one of those that are looked for.
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            run += 1;
            longest = run.max(longest);
        } else {
            run = 0;
            assigns |= matches!(byte, b':' | b'=');
        }
    }
    (longest, assigns)
}

/// Whether a value under this key is a secret, whatever it looks like.
#[must_use]
pub fn in_value(key: &str, value: &str) -> Option<&'static str> {
    let named = NAMES.iter().any(|name| {
        key.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(['-', '_']))
    });
    (named && !is_placeholder(value)).then_some("a password or token")
}

fn is_token_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn has_token(text: &str, prefix: &str, length: usize) -> bool {
    text.match_indices(prefix).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + prefix.len()..).unwrap_or_default();
        let exact_case =
            !prefix.ends_with("IA") || after.chars().take(length).all(|letter| !letter.is_ascii_lowercase());
        !before.is_some_and(|letter| letter.is_ascii_alphanumeric())
            && exact_case
            && after.chars().take(length).filter(|letter| is_token_letter(*letter)).count() >= length
    })
}

/// Three parts of Base64, the first two JSON objects: `eyJ` is how `{"` begins.
fn is_web_token(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    match parts.as_slice() {
        [header, claims, signature] => {
            header.starts_with("eyJ")
                && claims.starts_with("eyJ")
                && header.len() > 10
                && signature.len() > 10
        }
        _ => false,
    }
}

/// `https://user:password@host`.
fn has_login(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        login.is_some_and(|(_, password)| !is_placeholder(password))
    })
}

/// `password = hunter22` in a text. Prose such as "token: see below" is not meant, so the value must look made up.
fn has_assignment(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = text.get(at + name.len()..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
            let Some(rest) = rest.strip_prefix(['=', ':']) else { return false };
            let rest = rest.trim_start_matches(['=', ' ', '"', '\'']);
            // Its beginning tells whether a value looks made up; all of each would be read anew for each name.
            let value: &str = rest
                .get(..rest.floor_char_boundary(GLANCE))
                .unwrap_or_default()
                .split(|letter: char| letter.is_whitespace() || "\"',;".contains(letter))
                .next()
                .unwrap_or_default();
            let made_up = value.chars().any(|letter| letter.is_ascii_digit())
                && value.chars().any(char::is_alphabetic)
                && value.chars().count() >= 8;
            made_up && !value.contains("://") && !is_placeholder(value)
        })
    })
}

/// `password: hunter2` in prose, or `user: admin, password: letmein`. What stands there is a password when it looks made up,
/// or when it is one word that ends a login; "password: required" and "password: see below" are not.
fn has_password(text: &str) -> bool {
    const WORDS: [&str; 3] = ["password", "passwd", "passphrase"];
    const LOGINS: [&str; 5] = ["user", "username", "login", "account", "user name"];
    let lower = text.to_ascii_lowercase();
    let has_user = || LOGINS.iter().any(|name| assigned(text, &lower, name).next().is_some());
    WORDS.iter().flat_map(|name| assigned(text, &lower, name)).any(|rest| {
        let rest = rest.get(..rest.floor_char_boundary(GLANCE)).unwrap_or_default();
        let end = rest.find(|letter: char| letter.is_whitespace() || "\"'`,;".contains(letter));
        let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
        let value = word.trim_end_matches(['.', ')', '?', ':']);
        if is_placeholder(value) || value.contains("://") {
            return false;
        }
        let made_up = value.chars().any(char::is_alphabetic)
            && value.chars().any(|letter| letter.is_ascii_digit() || "!@#$%^&*+=~?".contains(letter))
            && value.chars().count() >= 6;
        // The word ends the sentence or the line, so that it is no beginning of a remark about passwords.
        let is_last = word.len() > value.len()
            || after.trim_start_matches(['"', '\'', '`']).trim_start_matches(' ').is_empty()
            || after.starts_with(['\n', ';', ',']);
        let is_prose = PROSE.contains(&value.to_ascii_lowercase().as_str());
        made_up || (value.chars().count() >= 4 && is_last && !is_prose && has_user())
    })
}

/// What is assigned to a name in a text, to its end. `lower` is the text in lower case.
fn assigned<'a>(text: &'a str, lower: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    lower.match_indices(name).filter_map(move |(at, _)| {
        let rest = text.get(at + name.len()..)?.trim_start_matches(['"', '\'', '`', ' ']);
        Some(rest.strip_prefix([':', '='])?.trim_start_matches([' ', '"', '\'', '`']))
    })
}

/// What is said of passwords instead of writing them.
const PROSE: [&str; 16] = [
    "required",
    "optional",
    "none",
    "unknown",
    "forgotten",
    "expired",
    "changed",
    "reset",
    "missing",
    "wrong",
    "same",
    "personal",
    "secret",
    "hidden",
    "removed",
    "text",
];

/// Something that stands for a secret which is kept elsewhere.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || value.starts_with(['$', '<', '{', '%'])
        || value.starts_with("env:")
        || value.starts_with("vault:")
        || value.chars().all(|letter| matches!(letter, '*' | 'x' | 'X' | '.' | '…'))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn one_glance_sees_what_a_careful_look_does(text in "[a-c:=_ äß–-]{0,40}") {
            let longest = text.split(|letter: char| !is_token_letter(letter)).map(str::len).max();
            let expected = (longest.unwrap_or_default(), text.contains([':', '=']));
            proptest::prop_assert_eq!(glance(&text), expected);
        }
    }

    #[test]
    fn secrets_are_seen() {
        let letters = "a1B2".repeat(10);
        for (text, what) in [
            ("-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"),
            ("key AKIAIOSFODNN7EXAMPLE here", "an AWS access key"),
            (&format!("ghp_{letters}"), "a GitHub token"),
            (&format!("xoxb-{letters}"), "a Slack token"),
            (&format!("in hvs.{letters} it is"), "a Vault token"),
            (&format!("sk-proj-{letters}"), "an API key"),
            (&format!("Bearer eyJhbGciOiJI.eyJzdWIiOiIx.{letters}"), "a JSON web token"),
            ("https://admin:summer@example.com/", "a login in an address"),
            ("log in with password: Summer2026!", "a password or token"),
            ("api_key=\"abcd1234\"", "a password or token"),
            ("The password: hunter2.", "a password or token"),
            ("password=pa$$word", "a password or token"),
            ("user: admin, password: letmein", "a password or token"),
            ("Login: desk\nPassword: Winterreise\nThen wait", "a password or token"),
        ] {
            assert_eq!(in_text(text), Some(what), "{text}");
        }
        assert!(in_value("client-secret", "letmein").is_some());
        assert!(in_value("password", "letmein").is_some());
    }

    #[test]
    fn their_harmless_neighbours_are_not() {
        for text in [
            "-----BEGIN CERTIFICATE-----",
            "AKIA",
            "AKIAiosfodnn7example",
            "MAKIAIOSFODNN7EXAMPLE",
            "ghp_short",
            "hvs.example.com",
            "task-proj-migration-of-the-mailboxes",
            "eyJhbGciOiJI.nothing.else",
            "https://example.com/a:b@c",
            "https://admin@example.com/",
            "https://admin:$PASSWORD@example.com/",
            "password: required, 12 characters or more",
            "Password: see the article on passwords",
            "Password: required.",
            "user: your name, password: required",
            "user: your name, password: the one that you chose",
            "user: admin, password: $PASSWORD",
            "Password: Winterreise is a song",
            "password: xxxxxxxx",
            "token = ${TOKEN_1234}",
            "reset your password",
            "secret: https://vault.example.com/v1/secret2",
        ] {
            assert_eq!(in_text(text), None, "{text}");
        }
        assert!(in_value("token-variable", "GITSM_TOKEN").is_none());
        assert!(in_value("password", "${PASSWORD}").is_none());
        assert!(in_value("password", "").is_none());
    }
}
