//! From schema errors to findings that point at the token and say what to write.

mod context;
mod heading;
mod unknown;

use std::{cell::RefCell, cmp::Ordering, sync::OnceLock};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    codes, document,
    guess::{Guess, Wants},
    json::{Toml, TomlNode},
    slips,
    suggest::nearest,
    text::{MAX_MISTAKES, too_many_mistakes},
    tree::{self, Located, unescape},
    words::{alternatives, expected_types, list},
};
use crate::{
    diag::{Diagnostic, FileId, Safety, Span},
    model::{Kind, id::SOMETHING, schema},
};

/// A schema that is ready to check the tree.
pub struct Checker {
    schema: Value,
    validator: Validator<Toml>,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Checker").finish_non_exhaustive()
    }
}

/// The checker of objects of a kind, built at the first use.
pub fn checker(kind: Kind) -> &'static Checker {
    static CHECKERS: [OnceLock<Checker>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    static SPARE: OnceLock<Checker> = OnceLock::new();
    // `kind as usize` is always in range: the array has a place for each kind.
    CHECKERS.get(kind as usize).unwrap_or(&SPARE).get_or_init(|| Checker::new(schema::object(kind)))
}

/// The checker of `gitsm.toml`.
pub fn settings_checker() -> &'static Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    CHECKER.get_or_init(|| Checker::new(schema::settings()))
}

/// The checker of import maps.
pub fn import_map_checker() -> &'static Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    CHECKER.get_or_init(|| Checker::new(schema::import_map()))
}

/// The checker of replay maps.
pub fn replay_map_checker() -> &'static Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    CHECKER.get_or_init(|| Checker::new(schema::replay_map()))
}

impl Checker {
    #[allow(
        clippy::expect_used,
        reason = "the schemas are made by this program and a test builds each of them"
    )]
    fn new(schema: Value) -> Self {
        let validator = jsonschema::options_for::<Toml>()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .offline()
            .build(&schema)
            .expect("a schema of our own is valid");
        Self { schema, validator }
    }

    /// Whether objects have a key of this name.
    #[must_use]
    pub fn has_key(&self, name: &str) -> bool {
        self.schema.get("properties").is_some_and(|keys| keys.get(name).is_some())
    }

    /// Checks an object that stands at `pointer` below `root`. True when it has the right shape. What may name
    /// something in another way than it should is added to `guesses`.
    pub fn check(
        &self,
        file: FileId,
        root: &DeTable<'_>,
        pointer: &str,
        object: &Spanned<DeValue<'_>>,
        found: &mut Vec<Diagnostic>,
        guesses: &mut Vec<Guess>,
    ) -> bool {
        self.run(file, root, pointer, TomlNode::Value(object.get_ref()), found, guesses)
    }

    /// Checks a whole file as one object.
    pub fn check_file(&self, file: FileId, root: &DeTable<'_>, found: &mut Vec<Diagnostic>) -> bool {
        self.run(file, root, "", TomlNode::Table(root), found, &mut Vec::new())
    }

    fn run(
        &self,
        file: FileId,
        root: &DeTable<'_>,
        pointer: &str,
        node: TomlNode<'_>,
        found: &mut Vec<Diagnostic>,
        guesses: &mut Vec<Guess>,
    ) -> bool {
        if self.validator.is_valid(node) {
            return true;
        }
        let explainer = Explainer { schema: &self.schema, file, root, pointer, guesses: RefCell::default() };
        let errors: Vec<ValidationError<'_>> = self.validator.iter_errors(node).collect();
        explainer.explain_all(&errors, found);
        guesses.append(&mut explainer.guesses.into_inner());
        false
    }
}

struct Explainer<'a> {
    schema: &'a Value,
    file: FileId,
    root: &'a DeTable<'a>,
    pointer: &'a str,
    guesses: RefCell<Vec<Guess>>,
}

impl Explainer<'_> {
    /// Explains the errors of a value. A key that is missing because it is misspelt is one mistake, not two.
    fn explain_all(&self, errors: &[ValidationError<'_>], found: &mut Vec<Diagnostic>) {
        let mut misspelt: Vec<(&str, String)> = Vec::new();
        for error in errors {
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                let allowed = self.allowed_keys(error);
                let meant = unexpected.iter().filter_map(|key| {
                    let near = nearest(key, allowed.iter().map(String::as_str)).map(str::to_owned);
                    near.or_else(|| self.key_around(error, key))
                });
                misspelt.extend(meant.map(|key| (error.instance_path().as_str(), key)));
            }
        }
        for error in errors {
            let here = error.instance_path().as_str();
            let follows = match error.kind() {
                ValidationErrorKind::Required { property } => {
                    misspelt.iter().any(|(at, key)| *at == here && property == key.as_str())
                }
                // That a number is none of some words is not worth saying after that it is no text.
                ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
                    let is_type =
                        |kind: &ValidationErrorKind| matches!(kind, ValidationErrorKind::Type { .. });
                    errors.iter().any(|other| is_type(other.kind()) && other.instance_path().as_str() == here)
                }
                _ => false,
            };
            if !follows && found.len() <= MAX_MISTAKES {
                self.explain(error, found);
            }
        }
    }

    fn explain(&self, error: &ValidationError<'_>, found: &mut Vec<Diagnostic>) {
        match error.kind() {
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.branches(error, context, found);
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let allowed = self.allowed_keys(error);
                for key in unexpected {
                    let diagnostic = self.unknown_key(error, key, &allowed);
                    match found.len().cmp(&MAX_MISTAKES) {
                        Ordering::Less => found.push(diagnostic),
                        Ordering::Equal => {
                            return found.push(too_many_mistakes(self.file, diagnostic.primary.span));
                        }
                        Ordering::Greater => return,
                    }
                }
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                found.push(self.wrong_key(error, inner));
            }
            _ => found.push(self.single(error)),
        }
    }

    /// None of several forms fits: speaks about the one that was most likely meant.
    fn branches(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        found: &mut Vec<Diagnostic>,
    ) {
        let here = error.instance_path().as_str();
        let of_another_type = |branch: &&Vec<ValidationError<'static>>| {
            branch.iter().any(|inner| {
                inner.instance_path().as_str() == here
                    && matches!(inner.kind(), ValidationErrorKind::Type { .. })
            })
        };
        let fitting: Vec<_> = context.iter().filter(|branch| !of_another_type(branch)).collect();
        let Some(first) = fitting.first() else {
            found.push(self.wrong_type_of_all(error, context));
            return;
        };
        let mut words: Vec<&str> = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        let mut unexpected: Option<&str> = None;
        let (mut all_words, mut all_keys) = (true, true);
        for branch in &fitting {
            let mut is_word = false;
            let mut is_key = false;
            for inner in branch.iter().filter(|inner| inner.instance_path().as_str() == here) {
                match inner.kind() {
                    ValidationErrorKind::Constant { expected_value } => {
                        is_word = true;
                        words.extend(expected_value.as_str());
                    }
                    ValidationErrorKind::Enum { options } => {
                        is_word = true;
                        words.extend(options.as_array().into_iter().flatten().filter_map(Value::as_str));
                    }
                    ValidationErrorKind::AdditionalProperties { unexpected: names } => {
                        is_key = true;
                        unexpected = unexpected.or(names.first().map(String::as_str));
                        keys.extend(self.allowed_keys(inner));
                    }
                    _ => {}
                }
            }
            all_words &= is_word;
            all_keys &= is_key;
        }
        let number = context.iter().flatten().filter(|inner| inner.instance_path().as_str() == here);
        let number =
            number.filter(|_| error.instance().is_string()).find_map(|inner| self.another_type(inner));
        if let (Some(number), false) = (number.filter(|text| !text.starts_with('[')), all_words) {
            let (name, at) = (Self::name(error), self.located(error).value);
            let message = format!("{name} must be a number without quotes here");
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, self.file, at, message);
            found.push(offer(diagnostic.label("in quotes"), &number));
        } else if all_words {
            found.push(self.not_a_choice(error, &words));
        } else if let (true, true, Some(several)) =
            (all_keys, fitting.len() > 1, context::several_of(error, &keys))
        {
            let (name, at) = (Self::name(error), self.located(error).value);
            let several = list(several.iter().map(String::as_str));
            let message = format!("{name} can have only one of {several}");
            found.push(
                Diagnostic::new(&codes::UNUSABLE, self.file, at, message)
                    .label("has more than one")
                    .help("keep one of them"),
            );
        } else if let (true, true, Some(key)) = (all_keys, fitting.len() > 1, unexpected) {
            found.push(self.unknown_key(error, key, &keys));
        } else {
            let fewest = fitting.iter().min_by_key(|branch| branch.len()).unwrap_or(first);
            self.explain_all(fewest, found);
        }
    }

    fn single(&self, error: &ValidationError<'_>) -> Diagnostic {
        let name = Self::name(error);
        let at = self.located(error);
        let new = |code, message: String| Diagnostic::new(code, self.file, at.value, message);
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let help = self.description(error, &format!("properties/{property}")).map_or_else(
                    || format!("write `{property} = …`"),
                    |text| format!("`{property}`: {text}"),
                );
                new(&codes::MISSING_KEY, format!("the key `{property}` is missing"))
                    .label("in this table")
                    .help(help)
            }
            ValidationErrorKind::Type { kind } => {
                let is_date = self.parent(error).is_some_and(slips::is_date);
                let expected = if is_date { "a date".to_owned() } else { expected_types(kind) };
                let found = Self::found_type(error);
                let diagnostic = new(&codes::WRONG_TYPE, format!("{name} must be {expected}, not {found}"))
                    .label(format!("expected {expected}"));
                if let Some(heading) = self.other_heading(error) {
                    return heading.offer(diagnostic);
                }
                match (self.another_type(error), self.words(error).or_else(|| self.examples(error))) {
                    (Some(meant), _) => offer(diagnostic, &meant),
                    (None, Some(examples)) => diagnostic.help(format!("for example {examples}")),
                    (None, None) => diagnostic,
                }
            }
            ValidationErrorKind::Enum { options } => {
                let words: Vec<&str> =
                    options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                self.not_a_choice(error, &words)
            }
            ValidationErrorKind::Constant { expected_value } => {
                self.not_a_choice(error, &expected_value.as_str().into_iter().collect::<Vec<_>>())
            }
            ValidationErrorKind::Pattern { pattern } if pattern == SOMETHING => {
                new(&codes::OUT_OF_RANGE, format!("{name} is empty")).label("write something here")
            }
            ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
                let written = Self::written(error).unwrap_or_default();
                let diagnostic =
                    new(&codes::WRONG_FORMAT, format!("{name} is not written as it should be: `{written}`"))
                        .label(slips::why_not(&written));
                self.guess(error, at, &written);
                let meant = self.parent(error).and_then(|schema| slips::instead_of_text(schema, &written));
                match (meant, self.how_to_write_text(error)) {
                    (Some(meant), _) => offer(diagnostic, &meant),
                    (None, Some(help)) => diagnostic.help(help),
                    (None, None) => diagnostic,
                }
            }
            ValidationErrorKind::Minimum { limit } => {
                new(&codes::OUT_OF_RANGE, format!("{name} is too small: it must be at least {limit}"))
                    .label(format!("must be at least {limit}"))
            }
            ValidationErrorKind::Maximum { limit } => {
                new(&codes::OUT_OF_RANGE, format!("{name} is too large: it may be at most {limit}"))
                    .label(format!("must be at most {limit}"))
            }
            ValidationErrorKind::MinLength { .. } => {
                new(&codes::OUT_OF_RANGE, format!("{name} is empty")).label("write something here")
            }
            ValidationErrorKind::MaxLength { limit } => new(
                &codes::OUT_OF_RANGE,
                format!("{name} is too long: it may have at most {limit} characters"),
            )
            .label(format!("at most {limit} characters")),
            ValidationErrorKind::MinItems { limit } | ValidationErrorKind::MinProperties { limit } => {
                new(&codes::OUT_OF_RANGE, format!("{name} has too few entries: it needs at least {limit}"))
                    .label(format!("needs at least {limit}"))
            }
            ValidationErrorKind::MaxItems { limit } | ValidationErrorKind::MaxProperties { limit } => {
                new(&codes::OUT_OF_RANGE, format!("{name} has too many entries: it may have at most {limit}"))
                    .label(format!("may have at most {limit}"))
            }
            _ => new(&codes::UNUSABLE, format!("{name} cannot be used here: {}", error.masked())),
        }
    }

    fn wrong_key(&self, error: &ValidationError<'_>, inner: &ValidationError<'_>) -> Diagnostic {
        let key = inner.instance().as_str().unwrap_or_default().to_owned();
        let table = error.instance_path().as_str();
        let at = self.locate(&format!("{table}/{}", tree::escape(&key)));
        let at = at.key.unwrap_or(at.value);
        if let Some(diagnostic) = document::look_alike(self.file, &key, at) {
            return diagnostic;
        }
        let message = format!("the key `{key}` is not written as it should be");
        let diagnostic =
            Diagnostic::new(&codes::WRONG_FORMAT, self.file, at, message).label("not understood");
        match self.how_to_write(inner).or_else(|| self.how_to_write(error)) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn not_a_choice(&self, error: &ValidationError<'_>, words: &[&str]) -> Diagnostic {
        let at = self.located(error);
        let written = Self::written(error);
        let name = Self::name(error);
        let message = match &written {
            Some(written) => format!("{name} cannot be `{written}`"),
            None => format!("{name} cannot be this"),
        };
        let diagnostic = Diagnostic::new(&codes::NOT_A_CHOICE, self.file, at.value, message)
            .label(format!("expected {}", alternatives(words)));
        let Some(written) = written else { return diagnostic };
        let keys = self.keys_of_tables(error);
        let name = name.trim_matches('`');
        if let Some((operator, value)) = slips::comparison(&written)
            && keys.contains(&operator)
        {
            return diagnostic.help(format!("to compare, write `{name}.{operator} = \"{value}\"`"));
        }
        if keys.contains(&written.as_str()) {
            return diagnostic.help(format!("`{written}` needs a value: write `{name}.{written} = …`"));
        }
        if let ([key], Some(under)) = (keys.as_slice(), at.key) {
            let (key, under) = ((*key).to_owned(), (name.to_owned(), under.end));
            let wants = Wants::Keyed { under: under.0, end: under.1, key };
            self.guesses.borrow_mut().push(Guess { span: at.value, text: written.clone(), wants });
        }
        match (nearest(&written, words.iter().copied()), keys.as_slice()) {
            (Some(near), _) => offer(diagnostic, &slips::quoted(near)),
            (None, [key]) => diagnostic.help(format!("or write `{name}.{key} = …`")),
            (None, _) => diagnostic,
        }
    }

    fn wrong_type_of_all(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
    ) -> Diagnostic {
        let mut expected: Vec<String> = Vec::new();
        for inner in context.iter().flatten() {
            if let ValidationErrorKind::Type { kind } = inner.kind() {
                let text = expected_types(kind);
                if inner.instance_path().as_str() == error.instance_path().as_str()
                    && !expected.contains(&text)
                {
                    expected.push(text);
                }
            }
        }
        let expected = expected.join(" or ");
        let (name, found) = (Self::name(error), Self::found_type(error));
        Diagnostic::new(
            &codes::WRONG_TYPE,
            self.file,
            self.located(error).value,
            format!("{name} must be {expected}, not {found}"),
        )
        .label(format!("expected {expected}"))
    }

    /// What a person calls the place: the key, or the entry of a list.
    fn name(error: &ValidationError<'_>) -> String {
        let pointer = error.instance_path().as_str();
        let mut parts = pointer.rsplit('/').take_while(|part| !part.is_empty()).map(unescape);
        match parts.next() {
            None => "the object".to_owned(),
            Some(last) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
                parts.next().map_or_else(|| "the entry".to_owned(), |list| format!("an entry of `{list}`"))
            }
            Some(last) => format!("`{last}`"),
        }
    }

    fn locate(&self, below: &str) -> Located {
        tree::locate(self.root, &format!("{}{below}", self.pointer))
    }

    fn located(&self, error: &ValidationError<'_>) -> Located {
        let mut at = self.locate(error.instance_path().as_str());
        // An empty table made by a dotted key has no header; its key stands for it.
        if at.value == Span::default() {
            at.value = at.key.unwrap_or_default();
        }
        at
    }

    fn found_type(error: &ValidationError<'_>) -> &'static str {
        match error.instance().as_ref() {
            Value::String(_) => "a string",
            Value::Number(number) if number.is_f64() => "a number that is not whole",
            Value::Number(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Array(_) => "a list",
            Value::Object(_) => "a table",
            Value::Null => "nothing",
        }
    }
}

/// Says what was most likely meant, which is TOML.
fn offer(diagnostic: Diagnostic, meant: &str) -> Diagnostic {
    let text = meant.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let help = match text {
        Some(text) => format!("did you mean `{text}`?"),
        None if meant.starts_with('[') => format!("did you mean `{meant}`?"),
        None => format!("did you mean `{meant}` without quotes?"),
    };
    diagnostic.help(help).replace_with(
        format!("write `{}`", text.unwrap_or(meant)),
        meant,
        Safety::Suggestion,
    )
}
