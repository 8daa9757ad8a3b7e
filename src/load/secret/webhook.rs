//! Addresses that let in whoever knows them: a part of the path, or of what is asked for, is a key.

/// Hosts that are nothing else, by the end of their names, and what their paths begin with.
const HOOKS: [(&str, &str); 8] = [
    ("hooks.slack.com", "/"),
    ("discord.com", "/api/webhooks/"),
    ("discordapp.com", "/api/webhooks/"),
    (".webhook.office.com", "/"),
    ("outlook.office.com", "/webhook"),
    ("hooks.zapier.com", "/"),
    ("events.pagerduty.com", "/integration/"),
    ("api.telegram.org", "/bot"),
];

/// What a part of a name or a path is called that leads to such an address on any host.
const NAMES: [&str; 5] = ["hook", "hooks", "webhook", "webhooks", "webhookb2"];

/// What is asked for with a key.
const KEYS: [&str; 6] = ["sig", "signature", "key", "code", "access_token", "auth"];

/// The fewest characters of a key where the host is known to have them, and elsewhere.
const SHORT: usize = 6;
const LONG: usize = 12;

/// Whether a text holds such an address.
pub(super) fn in_text(text: &str) -> bool {
    text.match_indices("://").any(|(at, found)| {
        let rest = text.get(at + found.len()..).unwrap_or_default();
        let end = rest.find(|letter: char| letter.is_whitespace() || "\"'<>`)".contains(letter));
        is_key(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default())
    })
}

/// Whether an address without its scheme holds a key.
fn is_key(address: &str) -> bool {
    let (host, rest) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
    let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let (path, asked) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.split('#').next().unwrap_or_default();
    let known = HOOKS.iter().any(|(name, begins)| {
        let whole = name.strip_prefix('.').unwrap_or(name);
        (host == whole || host.ends_with(name) || host.ends_with(&format!(".{whole}")))
            && path.starts_with(begins)
    });
    let is_name = |part: &str| NAMES.contains(&part.to_ascii_lowercase().as_str());
    let named = host.split('.').next().is_some_and(is_name);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // Behind the part that says what it is; on a host that is nothing else, anywhere.
    let behind = if known || named {
        parts.as_slice()
    } else {
        let at = parts.iter().position(|part| is_name(part)).map_or(parts.len(), |at| at + 1);
        parts.get(at..).unwrap_or_default()
    };
    let shortest = if known { SHORT } else { LONG };
    behind.iter().any(|part| is_made_up(part, shortest)) || asked.split('&').any(has_key)
}

fn has_key(field: &str) -> bool {
    let Some((name, value)) = field.split_once('=') else { return false };
    KEYS.contains(&name.to_ascii_lowercase().as_str()) && is_made_up(value, LONG)
}

/// Whether no person would choose this as a word: letters and digits together, and not the same one again and again.
fn is_made_up(part: &str, shortest: usize) -> bool {
    let part = part.strip_prefix("bot").unwrap_or(part);
    // Words between signs are words: `getting-started-2`, `v2.example`.
    part.split(['-', '.', '~']).any(|word| {
        let letters = || word.chars().filter(char::is_ascii_alphanumeric);
        let first = letters().next();
        word.len() >= shortest
            && letters().any(|letter| letter.is_ascii_digit())
            && letters().any(|letter| letter.is_ascii_alphabetic())
            && letters().any(|letter| Some(letter) != first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_seen_in_addresses_of_every_known_sort() {
        let key = "a1B2c3D4e5F6g7H8";
        for address in [
            format!("https://hooks.slack.com/services/T0AB12CD3/B0EF45GH6/{key}"),
            format!("HTTPS://HOOKS.SLACK.COM/workflows/T0AB12CD3/{key}"),
            format!("post to <https://discord.com/api/webhooks/123456789012345678/{key}>."),
            format!("https://ptb.discord.com/api/webhooks/123456789012345678/{key}"),
            format!("https://example.webhook.office.com/webhookb2/{key}@{key}/IncomingWebhook/{key}"),
            format!("https://outlook.office.com/webhook/{key}/IncomingWebhook"),
            format!("https://prod-1.logic.azure.com/workflows/x/triggers/y?api-version=1&sig={key}"),
            format!("https://chat.googleapis.com/v1/spaces/AAAA/messages?key={key}"),
            format!("https://api.telegram.org/bot123456:{key}/sendMessage"),
            format!("https://hooks.example.com/in/{key}"),
            format!("https://chat.example.com/hooks/{key}"),
            "https://hooks.zapier.com/hooks/catch/123456/bq3v7k2/".to_owned(),
        ] {
            assert!(in_text(&address), "{address}");
        }
    }

    #[test]
    fn addresses_without_a_key_are_not_meant() {
        for address in [
            "https://hooks.slack.com/services/XXXXXXXXX/XXXXXXXXX/XXXXXXXXXXXXXXXXXXXXXXXX",
            "https://hooks.example.com/",
            "https://hooks.example.com/docs/getting-started-2",
            "https://example.com/webhooks",
            "https://example.com/webhooks/payments",
            "https://discord.com/channels/123456789012345678/876543210987654321",
            "https://example.slack.com/archives/C0AB12CD3EFGH",
            "https://example.com/articles/a1B2c3D4e5F6g7H8",
            "https://example.com/find?key=printer&code=42",
        ] {
            assert!(!in_text(address), "{address}");
        }
    }
}
