//! Levels by code and by path, and allowances that silence nothing.

use globset::{GlobBuilder, GlobMatcher};

use super::lints;
use crate::{
    diag::{Code, Diagnostic, Level, Span, code},
    load::{self, Loaded, suggest::nearest_code, tree},
    model::settings::Lints,
};

/// An allowance that silences nothing.
pub static UNUSED_ALLOWANCE: Code =
    code!("GS1310", "unused-allowance", Warning, "an allowance in gitsm.toml silences nothing");
/// A level for a code that cannot have one.
pub static UNKNOWN_LEVEL: Code = code!("GS1311", "unknown-level", fixed Error, "gitsm.toml sets the level of a code that does not exist or is fixed");

/// Applies the levels of the settings to what was found. `whole` tells whether every lint ran, so that an
/// allowance that silenced nothing is really of no use.
pub(super) fn apply(loaded: &Loaded, found: &mut Vec<Diagnostic>, whole: bool) {
    let (mut rules, mut about) = Rules::new(loaded);
    for diagnostic in found.iter_mut() {
        rules.apply(loaded, diagnostic);
    }
    if whole {
        // Allowances for the finding about allowances itself come last: only now is there something to allow.
        about.extend(rules.idle(|code| code != UNUSED_ALLOWANCE.id).map(|index| unused(loaded, index)));
        for diagnostic in &mut about {
            rules.apply(loaded, diagnostic);
        }
        about.extend(rules.idle(|code| code == UNUSED_ALLOWANCE.id).map(|index| unused(loaded, index)));
    }
    found.append(&mut about);
    found.retain(|diagnostic| diagnostic.level != Level::Off);
}

/// Whether no finding with this code would be shown anywhere, so that nobody need look for any.
pub(super) fn is_off(lints: &Lints, code: &Code) -> bool {
    // An allowance may raise the level for its paths, and one of no use is itself a finding.
    let allowed = lints.allow.iter().any(|allowance| allowance.code == code.id);
    !code.fixed && !allowed && *lints.levels.get(code.id).unwrap_or(&code.level) == Level::Off
}

/// The levels of the settings, and which of the allowances were of use.
struct Rules<'a> {
    lints: &'a Lints,
    allowances: Vec<(Option<GlobMatcher>, bool)>,
}

impl<'a> Rules<'a> {
    /// The rules, and what is wrong with them.
    fn new(loaded: &'a Loaded) -> (Self, Vec<Diagnostic>) {
        let lints = &loaded.rulebook.settings.lints;
        let mut about = Vec::new();
        for code in lints.levels.keys() {
            if let Some(problem) = problem(code) {
                about.push(problem.at(loaded, &format!("/lints/levels/{code}"), true));
            }
        }
        let mut allowances = Vec::new();
        for (index, allowance) in lints.allow.iter().enumerate() {
            if let Some(problem) = problem(&allowance.code) {
                about.push(problem.at(loaded, &format!("/lints/allow/{index}/code"), false));
            }
            let glob = GlobBuilder::new(&allowance.path).literal_separator(true).build();
            if let Err(error) = &glob {
                let problem = Problem {
                    message: format!("`{}` is not a path pattern: {}", allowance.path, error.kind()),
                    help: "write for example `catalog/legacy/**`".to_owned(),
                };
                about.push(problem.at(loaded, &format!("/lints/allow/{index}/path"), false));
            }
            allowances.push((glob.ok().map(|glob| glob.compile_matcher()), false));
        }
        (Self { lints, allowances }, about)
    }

    fn apply(&mut self, loaded: &Loaded, diagnostic: &mut Diagnostic) {
        if diagnostic.code.fixed {
            return;
        }
        if let Some(level) = self.lints.levels.get(diagnostic.code.id) {
            diagnostic.level = *level;
        }
        let path = loaded.sources.path(diagnostic.primary.file);
        for (allowance, (matcher, used)) in self.lints.allow.iter().zip(&mut self.allowances) {
            let here = matcher.as_ref().is_some_and(|matcher| matcher.is_match(path));
            // One that changes nothing silences nothing: the code is off, or another allowance says the same.
            if allowance.code == diagnostic.code.id && here && diagnostic.level != allowance.level {
                *used = true;
                diagnostic.level = allowance.level;
            }
        }
    }

    /// The allowances for these codes that were of no use.
    fn idle(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        let allowances = self.lints.allow.iter().zip(&self.allowances).enumerate();
        let idle = allowances.filter(|(_, (allowance, (_, used)))| !used && wanted(&allowance.code));
        idle.map(|(index, _)| index).collect::<Vec<_>>().into_iter()
    }
}

struct Problem {
    message: String,
    help: String,
}

impl Problem {
    fn at(self, loaded: &Loaded, pointer: &str, key: bool) -> Diagnostic {
        let span = span(loaded, pointer, key);
        Diagnostic::new(&UNKNOWN_LEVEL, loaded.settings_file, span, self.message)
            .label("here")
            .help(self.help)
    }
}

/// Why a code cannot be given a level.
fn problem(id: &str) -> Option<Problem> {
    let configurable = || lints().map(|lint| lint.code).chain([&UNUSED_ALLOWANCE]);
    if let Some(code) = configurable().chain(load::codes::ALL.iter().copied()).find(|code| code.id == id) {
        return code.fixed.then(|| Problem {
            message: format!("the level of {id} cannot be changed"),
            help: "what it finds could make a decision wrong: mend it instead".to_owned(),
        });
    }
    // Whoever knows a finding by its name writes that.
    let named = configurable().find(|code| code.name == id).map(|code| code.id);
    let near = named.or_else(|| nearest_code(id, configurable().map(|code| code.id)));
    Some(Problem {
        message: format!("there is no finding {id}"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`gitsm explain` lists the codes".to_owned(),
        },
    })
}

fn unused(loaded: &Loaded, index: usize) -> Diagnostic {
    let lints = &loaded.rulebook.settings.lints;
    let allowance = lints.allow.get(index);
    let code = allowance.map_or("", |allowance| allowance.code.as_str());
    let same = lints.allow.iter().take(index).position(|earlier| {
        allowance.is_some_and(|one| {
            (&one.code, &one.path, one.level) == (&earlier.code, &earlier.path, earlier.level)
        })
    });
    let is_off = lints.levels.get(code) == Some(&Level::Off);
    let diagnostic = Diagnostic::new(
        &UNUSED_ALLOWANCE,
        loaded.settings_file,
        span(loaded, &format!("/lints/allow/{index}"), false),
        format!("this allowance for {code} silences nothing"),
    )
    .help("remove it: the next finding of this sort should be seen");
    match same {
        Some(same) => {
            let earlier = span(loaded, &format!("/lints/allow/{same}"), false);
            let diagnostic = diagnostic.label("says the same as another one");
            diagnostic.related(loaded.settings_file, earlier, "the other one").help("keep one of them")
        }
        None if is_off => {
            let at = span(loaded, &format!("/lints/levels/{code}"), true);
            let diagnostic = diagnostic.label("the code is off everywhere");
            diagnostic.related(loaded.settings_file, at, "switched off").help("keep one of them")
        }
        None => diagnostic.label("no finding matches"),
    }
}

fn span(loaded: &Loaded, pointer: &str, key: bool) -> Span {
    let Some(file) = loaded.sources.get(loaded.settings_file) else { return Span::default() };
    let (root, _) = toml::de::DeTable::parse_recoverable(&file.text);
    let located = tree::locate(root.get_ref(), pointer);
    if key { located.key.unwrap_or(located.value) } else { located.value }
}
