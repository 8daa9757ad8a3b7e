//! For people at a terminal.

use annotate_snippets::{
    AnnotationKind, Group, Level as Title, Origin, Patch, Renderer, Snippet, renderer::DecorStyle,
};

use super::{
    RenderError, Report, Style,
    excerpt::{Excerpt, LONG, LONG_CHANGE},
    plain,
};
use crate::diag::{Diagnostic, Edit, FileId, Fix, Label, Level, Safety, SourceFile, Span};

/// Places of a file that are fewer lines apart than this are shown together.
const TOGETHER: u32 = 40;
/// What stands before the words of a note, in columns: the number of a line and `= note: `.
const MARGIN: usize = 14;

/// Writes the findings with the lines that they are about.
///
/// # Errors
/// Never.
pub fn render(report: &Report<'_>, style: Style) -> Result<String, RenderError> {
    let mut text = String::new();
    for one in &report.shown {
        text.push_str(&diagnostic(one, report, style));
        text.push_str("\n\n");
    }
    Ok(text)
}

/// Writes one finding.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic, report: &Report<'_>, style: Style) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width);
    let title = match diagnostic.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note | Level::Off => Title::NOTE,
    };
    let clusters = clusters(diagnostic, report);
    let mut group =
        Group::with_title(title.primary_title(plain::short(&diagnostic.message)).id(diagnostic.code.id));
    for cluster in &clusters {
        let path = report.path(cluster.file);
        group = match &cluster.excerpt {
            Some(excerpt) => group.element(annotated(excerpt, &cluster.labels).path(path)),
            None => group.element(Origin::path(path)),
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Title::NOTE.message(wrap(&plain::short(note), style.width)));
    }
    let mut groups = Vec::new();
    let patches =
        diagnostic.fix.as_ref().map(|fix| patches(fix, diagnostic.primary.file, report)).unwrap_or_default();
    match advice(diagnostic, style.width) {
        Some(advice) if patches.is_empty() => {
            groups.push(group.element(Title::HELP.message(advice)));
        }
        Some(advice) => {
            groups.push(group);
            groups.push(Group::with_title(Title::HELP.secondary_title(advice)).elements(patches));
        }
        None => groups.push(group),
    }
    headers(&renderer.render(&groups), &clusters, report)
}

/// Writes the true places into the lines that name them. The renderer counts columns in the excerpt, where
/// escapes are longer than the characters they stand for, and lines may be cut.
fn headers(text: &str, clusters: &[Cluster<'_>], report: &Report<'_>) -> String {
    let mut waiting = clusters.iter().peekable();
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let header = waiting.peek().and_then(|cluster| {
            let path = report.path(cluster.file);
            let (before, _) = line.split_once(path.as_str())?;
            let is_header = before.contains("--> ") || before.contains("::: ");
            (is_header && !before.contains('|')).then(|| {
                let place = cluster.origin;
                format!("{before}{path}:{}:{}", place.line, place.column)
            })
        });
        if header.is_some() {
            waiting.next();
        }
        lines.push(header.unwrap_or_else(|| line.to_owned()));
    }
    lines.join("\n")
}

/// Breaks a text at spaces so that it fits beside the margin.
fn wrap(text: &str, width: usize) -> String {
    plain::wrap(text, width.saturating_sub(MARGIN).max(20))
}

/// What to write instead, and whether `--fix` does it.
fn advice(diagnostic: &Diagnostic, width: usize) -> Option<String> {
    let fix = diagnostic.fix.as_ref();
    let advice = diagnostic.help.as_deref().or(fix.map(|fix| fix.title.as_str()))?;
    let mark = if fix.is_some_and(|fix| fix.safety == Safety::Safe) { " (`--fix` does it)" } else { "" };
    Some(wrap(&format!("{}{mark}", plain::short(advice)), width))
}

/// Places of one file that are shown together.
struct Cluster<'a> {
    file: FileId,
    labels: Vec<(&'a Label, AnnotationKind)>,
    lines: Vec<u32>,
    origin: crate::diag::LineColumn,
    excerpt: Option<Excerpt>,
}

fn clusters<'a>(diagnostic: &'a Diagnostic, report: &Report<'_>) -> Vec<Cluster<'a>> {
    let mut clusters: Vec<Cluster<'a>> = Vec::new();
    let primary = std::iter::once((&diagnostic.primary, AnnotationKind::Primary));
    let related = diagnostic.related.iter().map(|label| (label, AnnotationKind::Context));
    for (label, kind) in primary.chain(related) {
        let origin = report.position(label.file, label.span).start;
        let near = clusters.iter_mut().find(|cluster| {
            cluster.file == label.file
                && cluster.lines.iter().any(|line| line.abs_diff(origin.line) < TOGETHER)
        });
        if let Some(cluster) = near {
            cluster.labels.push((label, kind));
            cluster.lines.push(origin.line);
        } else {
            clusters.push(Cluster {
                file: label.file,
                labels: vec![(label, kind)],
                lines: vec![origin.line],
                origin,
                excerpt: None,
            });
        }
    }
    for cluster in &mut clusters {
        let places: Vec<Span> = cluster.labels.iter().map(|(label, _)| label.span).collect();
        let source = report.sources.get(cluster.file).filter(|source| worth_showing(source, cluster));
        cluster.excerpt =
            source.map(|source| Excerpt::around(source, &places, LONG, report.concealed(cluster.file)));
    }
    clusters
}

/// A finding about a whole file needs no line of it.
fn worth_showing(source: &SourceFile, cluster: &Cluster<'_>) -> bool {
    let whole_file =
        |(label, _): &(&Label, AnnotationKind)| label.span == Span::default() && label.text.is_empty();
    !source.text.is_empty() && !cluster.labels.iter().all(whole_file)
}

fn annotated<'a>(
    excerpt: &'a Excerpt,
    labels: &[(&Label, AnnotationKind)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line as usize);
    snippet.annotations(labels.iter().map(|(label, kind)| {
        let text = (!label.text.is_empty()).then(|| plain::short(&label.text).into_owned());
        kind.span(excerpt.range(label.span)).label(text)
    }))
}

fn patches(fix: &Fix, primary: FileId, report: &Report<'_>) -> Vec<Snippet<'static, Patch<'static>>> {
    let mut files: Vec<FileId> = Vec::new();
    for edit in &fix.edits {
        if !files.contains(&edit.file) {
            files.push(edit.file);
        }
    }
    files
        .into_iter()
        .filter_map(|file| {
            let edits: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.file == file).collect();
            let places: Vec<Span> = edits.iter().map(|edit| edit.span).collect();
            let excerpt =
                Excerpt::around(report.sources.get(file)?, &places, LONG_CHANGE, report.concealed(file));
            let patches: Vec<Patch<'static>> = edits
                .iter()
                .map(|edit| {
                    let lines: Vec<_> = edit.text.split('\n').map(plain::short).collect();
                    Patch::new(excerpt.range(edit.span), lines.join("\n"))
                })
                .collect();
            let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line as usize);
            let path = (file != primary).then(|| report.path(file));
            Some(snippet.path(path).patches(patches))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_never_broken() {
        assert_eq!(wrap("a short one", 80), "a short one");
        let text = "the keys here are `title`, `summary`, `owner` and more";
        let wrapped = wrap(text, 40);
        assert_eq!(wrapped.replace('\n', " "), text);
        assert!(wrapped.lines().all(|line| line.len() <= 40 - MARGIN), "{wrapped}");
        assert_eq!(wrap(&"x".repeat(99), 40), "x".repeat(99));
    }
}
