//! Did you mean.

/// The candidate that is most like what was written, when one is like enough.
///
/// Names that differ only in case or separators are meant, whatever their length; otherwise the
/// Jaro-Winkler similarity must reach 0.8, below which suggestions are noise.
#[must_use]
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        if candidate == written {
            continue;
        }
        let likeness = if letters(candidate).eq(letters(written)) {
            1.0
        } else {
            strsim::jaro_winkler(written, candidate)
        };
        // Ties go to the first in order, so that the answer does not depend on the machine.
        if likeness >= 0.8 && best.is_none_or(|(highest, _)| likeness > highest) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The zone whose city is written nearly as this one: but for capitals and signs, or for one letter in four.
#[must_use]
pub fn nearest_zone<'a>(written: &str, zones: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let city = |zone: &str| letters(zone.rsplit('/').next().unwrap_or(zone)).collect::<String>();
    let wanted = city(written);
    let most = wanted.chars().count() / 4;
    let near = zones.into_iter().map(|zone| (strsim::damerau_levenshtein(&wanted, &city(zone)), zone));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, zone)| zone)
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// The code that differs from what was written in one character. Codes are numbers: one that is merely similar
/// has nothing to do with what was meant.
#[must_use]
pub fn nearest_code<'a>(written: &str, codes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    codes.into_iter().find(|code| strsim::levenshtein(written, code) == 1)
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_zone};

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let keys = ["owner", "tier", "support-team", "rule"];
        assert_eq!(nearest("ownr", keys), Some("owner"));
        assert_eq!(nearest("support_team", keys), Some("support-team"));
        assert_eq!(nearest("SupportTeam", keys), Some("support-team"));
        assert_eq!(nearest("rules", keys), Some("rule"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("owner", ["owner"]), None);
    }

    #[test]
    fn a_zone_is_suggested_by_its_city() {
        let zones = ["Europe/Berlin", "Europe/Jersey", "Asia/Tokyo"];
        assert_eq!(nearest_zone("Europe/Berln", zones), Some("Europe/Berlin"));
        assert_eq!(nearest_zone("berlin", zones), Some("Europe/Berlin"));
        assert_eq!(nearest_zone("Europe/Tokyo", zones), Some("Asia/Tokyo"));
        assert_eq!(nearest_zone("Europe/Nowhere", zones), None);
    }
}
